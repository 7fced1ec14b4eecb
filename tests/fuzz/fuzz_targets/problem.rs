//! Problem files, plain and packed.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let _ = onevisit::wire::planning::problem::read(bytes);
});
