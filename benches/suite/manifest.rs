//! The best figures that are known of the instances, from the set's manifest.

use serde::{Deserialize, Serialize};
use std::sync::LazyLock;

/// The best cost of a plan and the best bound.
#[derive(Clone, Copy, Serialize)]
pub struct BestKnown {
    pub cost: i64,
    pub bound: i64,
}

#[derive(Deserialize)]
struct Manifest {
    instance: Vec<Entry>,
    file: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    name: String,
    best_cost: Option<i64>,
    best_bound: Option<i64>,
}

static MANIFEST: LazyLock<Manifest> = LazyLock::new(|| {
    toml::from_str(include_str!("../set/manifest.toml")).expect("the manifest is sound")
});

/// What is entered for an instance.
pub fn best_known(name: &str) -> Option<BestKnown> {
    let mut entries = MANIFEST.instance.iter().chain(&MANIFEST.file);
    let entry = entries.find(|entry| entry.name == name)?;
    Some(BestKnown { cost: entry.best_cost?, bound: entry.best_bound? })
}
