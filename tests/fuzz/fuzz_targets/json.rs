//! Bodies of the interface.
#![no_main]

use onevisit::wire::json::from_json;
use onevisit::wire::{policy, register, request, run, scenario, user};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let _ = from_json::<request::NewRequest>(bytes);
    let _ = from_json::<register::Enterprise>(bytes);
    let _ = from_json::<register::Pool>(bytes);
    let _ = from_json::<policy::NewPolicy>(bytes);
    let _ = from_json::<run::NewRun>(bytes);
    let _ = from_json::<user::NewUser>(bytes);
    let _ = from_json::<scenario::Scenario>(bytes);
});
