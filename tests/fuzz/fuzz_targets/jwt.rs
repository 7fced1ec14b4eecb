//! Tokens: none that is made up is believed.
#![no_main]

use onevisit::app::{Address, App, AppOptions, StoreOptions};
use onevisit::app::access::tokens;
use std::sync::LazyLock;

static APP: LazyLock<(App, tempfile::TempDir)> = LazyLock::new(|| {
    let folder = tempfile::tempdir().expect("a folder");
    let address = Address::Sqlite(folder.path().join("fuzz.db"));
    let opened = App::open(&address, &StoreOptions::default(), AppOptions::default());
    (opened.expect("it opens").0, folder)
});

libfuzzer_sys::fuzz_target!(|text: &str| {
    assert!(tokens::authenticate(&APP.0, text).is_err());
});
