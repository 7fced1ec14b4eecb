//! Licences, duplicates and sources of dependencies, over `cargo metadata`; their features, over
//! `cargo tree`.

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

const LICENCES: [&str; 6] = ["MIT", "Apache-2.0", "BSD-3-Clause", "ISC", "Zlib", "Unicode-3.0"];
/// Crates that may be in the tree in two versions, because well-kept crates of ours have not
/// all moved on: while building only (shlex, syn, itertools), for the database's pool (parking_lot
/// and what it needs), for random bytes (getrandom and what it needs), for migrations (toml and what
/// it needs), for tokens and pages (base64), for limits by address (hashbrown).
const TWICE: [&str; 15] = [
    "base64",
    "getrandom",
    "hashbrown",
    "itertools",
    "lock_api",
    "parking_lot",
    "parking_lot_core",
    "r-efi",
    "rand_core",
    "redox_syscall",
    "shlex",
    "syn",
    "toml",
    "toml_datetime",
    "winnow",
];

/// Whether a licence expression can be met with the allowed licences. Handles OR, AND, the old `/`
/// and parentheses; `WITH` exceptions only widen a licence.
fn is_allowed(expression: &str) -> bool {
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let tokens: Vec<&str> = spaced.split_whitespace().collect();
    let (value, used) = any(&tokens);
    assert_eq!(used, tokens.len(), "cannot read the licence {expression}");
    value
}

fn any(tokens: &[&str]) -> (bool, usize) {
    let (mut value, mut used) = all(tokens);
    while tokens.get(used) == Some(&"OR") {
        let (other, more) = all(&tokens[used + 1..]);
        (value, used) = (value | other, used + 1 + more);
    }
    (value, used)
}

fn all(tokens: &[&str]) -> (bool, usize) {
    let (mut value, mut used) = one(tokens);
    while tokens.get(used) == Some(&"AND") {
        let (other, more) = one(&tokens[used + 1..]);
        (value, used) = (value & other, used + 1 + more);
    }
    (value, used)
}

fn one(tokens: &[&str]) -> (bool, usize) {
    match tokens.first() {
        Some(&"(") => {
            let (value, used) = any(&tokens[1..]);
            assert_eq!(tokens.get(used + 1), Some(&")"));
            (value, used + 2)
        }
        Some(name) => {
            let with = if tokens.get(1) == Some(&"WITH") { 3 } else { 1 };
            (LICENCES.contains(name), with)
        }
        None => (false, 0),
    }
}

#[test]
fn supply_of_dependencies_is_sound() {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--locked"])
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("metadata");
    let packages = metadata["packages"].as_array().expect("packages");
    assert!(packages.len() > 50);
    let mut versions: BTreeMap<&str, u32> = BTreeMap::new();
    for package in packages {
        let name = package["name"].as_str().expect("a name");
        *versions.entry(name).or_default() += 1;
        let licence = package["license"].as_str().unwrap_or("");
        assert!(is_allowed(licence), "{name}: licence {licence}");
        if name != "onevisit" {
            let source = package["source"].as_str().unwrap_or("");
            assert!(source.starts_with("registry+"), "{name} comes from {source}");
        }
    }
    let twice: Vec<&str> =
        versions.into_iter().filter(|(_, n)| *n > 1).map(|(name, _)| name).collect();
    let surprising: Vec<&&str> = twice.iter().filter(|name| !TWICE.contains(name)).collect();
    assert!(surprising.is_empty(), "in two versions: {surprising:?}");
}

/// Every crate that `edges` lead to, with its version and its features.
fn features(edges: &str) -> BTreeSet<String> {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--locked", "--prefix", "none", "--format", "{p} {f}", "--edges", edges])
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).expect("names");
    text.lines().map(|line| line.trim_end_matches(" (*)").trim_end().to_owned()).collect()
}

/// A feature that only a dev-dependency asks for has a crate built once more for the tests, with all
/// that uses it: most of the tree.
#[test]
fn supply_has_the_same_features_with_the_tests_as_without() {
    let program = features("normal,build");
    assert!(program.len() > 50);
    let others: Vec<String> = program.difference(&features("all")).cloned().collect();
    assert!(others.is_empty(), "the tests give other features to {others:#?}");
}

#[test]
fn supply_licence_expressions_are_read() {
    for sound in ["MIT", "MIT OR GPL-3.0", "GPL-3.0/MIT", "(MIT OR GPL-3.0) AND Unicode-3.0"] {
        assert!(is_allowed(sound), "{sound}");
    }
    for bad in ["GPL-3.0", "MIT AND GPL-3.0", "", "(GPL-3.0 OR LGPL-3.0) AND MIT"] {
        assert!(!is_allowed(bad), "{bad}");
    }
}
