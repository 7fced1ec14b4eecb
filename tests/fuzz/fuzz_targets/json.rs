//! Bodies of the interface.
#![no_main]

use onevisit::wire::json::from_json;
use onevisit::wire::planning::{policy, run};
use onevisit::wire::register;
use onevisit::wire::requests::request;
use onevisit::wire::register::scenario;
use onevisit::wire::access::user;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let _ = from_json::<request::NewRequest>(bytes);
    let _ = from_json::<register::Enterprise>(bytes);
    let _ = from_json::<register::Pool>(bytes);
    let _ = from_json::<policy::NewPolicy>(bytes);
    let _ = from_json::<run::NewRun>(bytes);
    let _ = from_json::<user::NewUser>(bytes);
    let _ = from_json::<scenario::Scenario>(bytes);
});
