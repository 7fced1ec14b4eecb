//! Scenario and calendar files.
#![no_main]

use onevisit::wire::{calendar, json::from_toml, scenario::Scenario};

libfuzzer_sys::fuzz_target!(|text: &str| {
    let _ = from_toml::<Scenario>(text);
    let _ = calendar::read_year(text);
});
