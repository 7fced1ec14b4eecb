//! Scenario and calendar files.
#![no_main]

use onevisit::wire::law::calendar;
use onevisit::wire::json::from_toml;
use onevisit::wire::register::scenario::Scenario;

libfuzzer_sys::fuzz_target!(|text: &str| {
    let _ = from_toml::<Scenario>(text);
    let _ = calendar::read_year(text);
});
