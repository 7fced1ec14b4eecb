//! The import table, read off the sources: who may name whom, and which foreign crates.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Layer, the layers it may name, the foreign crates it may name.
const TABLE: [(&str, &[&str], &[&str]); 11] = [
    // a draw is made of hashes
    ("domain", &[], &["aws_lc_rs", "chrono", "data_encoding", "rayon", "thiserror"]),
    ("certificate", &["domain"], &["chrono", "rayon"]),
    (
        "wire",
        &["domain"],
        // the record's hashes are a matter of its form
        &[
            "aws_lc_rs",
            "calamine",
            "chrono",
            "csv",
            "data_encoding",
            "encoding_rs",
            "flate2",
            "rayon",
            "rust_xlsxwriter",
            "serde",
            "serde_json",
            "thiserror",
            "toml",
            "utoipa",
            "zip",
        ],
    ),
    ("optimiser", &["domain"], &["chrono", "good_lp", "highs", "rand", "rand_pcg", "rayon"]),
    (
        "store",
        &["domain", "wire"],
        &[
            "aws_lc_rs",
            "chrono",
            "data_encoding",
            "diesel",
            "diesel_migrations",
            "rusqlite",
            "serde",
            "serde_json",
            "tempfile",
            "thiserror",
            "uuid",
        ],
    ),
    (
        "app",
        &["domain", "wire", "optimiser", "store"],
        &[
            "argon2",
            "aws_lc_rs",
            "chrono",
            "chrono_tz",
            "data_encoding",
            "flate2",
            "include_dir",
            "jsonwebtoken",
            "quick_cache",
            "rand",
            "rayon",
            "rustix",
            "serde",
            "serde_json",
            "tempfile",
            "thiserror",
            "tracing",
            "uuid",
        ],
    ),
    (
        "samples",
        &["app", "domain", "optimiser", "wire"],
        &["chrono", "csv", "rand", "rand_pcg", "serde", "toml"],
    ),
    // the address of a database is read where flags are
    (
        "config",
        &["app", "domain", "samples", "wire"],
        &["chrono", "chrono_tz", "clap", "clap_complete"],
    ),
    (
        "http",
        &["app", "domain", "wire"],
        &[
            "actix_web",
            "actix_web_lab",
            "askama",
            "chrono",
            "governor",
            "serde",
            "serde_json",
            "tokio",
            "tracing",
            "tracing_actix_web",
            "utoipa",
            "utoipa_actix_web",
            "utoipa_swagger_ui",
        ],
    ),
    (
        "cli",
        &["app", "certificate", "config", "domain", "http", "samples", "wire"],
        &[
            "chrono",
            "clap",
            "clap_complete",
            "comfy_table",
            "ctrlc",
            "indicatif",
            "serde_json",
            "tracing",
            "tracing_subscriber",
        ],
    ),
    ("main", &["cli"], &["mimalloc"]),
];

/// Files where a hash map or set is used for look-ups only, never iterated into a result.
const HASHING: [&str; 11] = [
    "certificate/inspect.rs",
    "certificate/leaves.rs",
    "certificate/terrain.rs",
    "optimiser/cells.rs",
    "domain/problem.rs",
    "optimiser/instance.rs",
    "optimiser/master.rs",
    "optimiser/packing.rs",
    "wire/planning/problem.rs",
    "samples/generate.rs",
    "wire/json.rs",
];

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    let entries = fs::read_dir(folder).expect("a folder of sources");
    for path in entries.map(|entry| entry.expect("readable").path()) {
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|end| end == "rs") {
            found.push(path);
        }
    }
}

/// The names that follow `prefix` or stand before `::`.
fn names_after<'t>(text: &'t str, prefix: &'t str) -> impl Iterator<Item = &'t str> {
    text.match_indices(prefix).map(move |(at, _)| {
        let rest = &text[at + prefix.len()..];
        &rest[..rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len())]
    })
}

fn dependencies() -> BTreeSet<String> {
    let manifest = fs::read_to_string("Cargo.toml").expect("the manifest");
    let start = manifest.find("[dependencies]").expect("dependencies");
    let list = &manifest[start..manifest.find("[dev-dependencies]").expect("dev")];
    let names = list.lines().filter_map(|line| line.split_once(" = "));
    names.map(|(name, _)| name.replace('-', "_")).collect()
}

/// Everything `text` of `layer` names against the table.
fn breaches(layer: &str, text: &str, dependencies: &BTreeSet<String>) -> Vec<String> {
    let Some((_, layers, crates)) = TABLE.iter().find(|row| row.0 == layer) else {
        return vec![format!("no row for layer {layer}")];
    };
    let code: Vec<&str> =
        text.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
    let code = code.join("\n");
    let mut found = Vec::new();
    let root = if layer == "main" { "onevisit::" } else { "crate::" };
    for name in names_after(&code, root) {
        if name != layer && !layers.contains(&name) {
            found.push(format!("{layer} names {name}"));
        }
    }
    for name in dependencies {
        let is_named = code.match_indices(&format!("{name}::")).any(|(at, _)| {
            let before = code[..at].chars().next_back();
            !before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':')
        });
        if is_named && !crates.contains(&name.as_str()) {
            found.push(format!("{layer} names the crate {name}"));
        }
    }
    let is_async = ["async ", ".await"].iter().any(|word| code.contains(word));
    if layer != "http" && is_async {
        found.push(format!("{layer} is async"));
    }
    let may_know_the_time = ["app", "http", "cli"].contains(&layer);
    if !may_know_the_time && (code.contains("Instant") || code.contains("now()")) {
        found.push(format!("{layer} looks at the clock"));
    }
    found
}

/// The database's time is the host's on SQLite, connections grow old, and turns to write are waited for.
const CLOCK: [&str; 2] = ["store/connection.rs", "store/writer.rs"];

#[test]
fn the_import_table_holds() {
    let dependencies = dependencies();
    let mut files = Vec::new();
    sources(Path::new("src"), &mut files);
    assert!(files.len() > 20, "the sources are here");
    let mut found = Vec::new();
    for path in files {
        let inside = path.strip_prefix("src").expect("in src");
        let first = inside.components().next().expect("a name").as_os_str().to_string_lossy();
        let layer = first.trim_end_matches(".rs");
        let text = fs::read_to_string(&path).expect("readable");
        // unit tests may make their problems where they like
        if layer != "lib" && !inside.ends_with("tests.rs") {
            let at = |breach: String| format!("{}: {breach}", path.display());
            let allowed = CLOCK.map(|file| format!("src/{file}: store looks at the clock"));
            let breaches = breaches(layer, &text, &dependencies).into_iter().map(at);
            found.extend(breaches.filter(|breach| !allowed.contains(&breach.replace('\\', "/"))));
        }
        let name = inside.to_string_lossy().replace('\\', "/");
        let hashes = text.contains("HashMap") || text.contains("HashSet");
        if hashes && !HASHING.contains(&name.as_str()) {
            found.push(format!("{name}: hashes; is its order kept out of results?"));
        }
    }
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn breaches_are_seen() {
    let dependencies = dependencies();
    let found = |layer, text| breaches(layer, text, &dependencies);
    assert_eq!(found("domain", "use crate::wire::plan;"), ["domain names wire"]);
    assert_eq!(found("optimiser", "crate::app::solve()"), ["optimiser names app"]);
    assert_eq!(found("domain", "use serde::Serialize;"), ["domain names the crate serde"]);
    assert_eq!(found("optimiser", "let t = Instant::now();"), ["optimiser looks at the clock"]);
    assert_eq!(found("http", "crate::optimiser::optimise"), ["http names optimiser"]);
    assert_eq!(found("http", "crate::store::Store"), ["http names store"]);
    assert_eq!(found("app", "use diesel::prelude::*;"), ["app names the crate diesel"]);
    assert_eq!(found("app", "async fn work() {}"), ["app is async"]);
    assert_eq!(found("shop", "").len(), 1);
    assert!(found("wire", "use serde::Serialize; // crate\n// crate::cli").is_empty());
}
