//! The import table, read off the sources: who may name whom, and which foreign crates; and that no
//! two files need each other.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use syn::visit::{self, Visit};

/// Layer, the layers it may name, the foreign crates it may name.
const TABLE: [(&str, &[&str], &[&str]); 13] = [
    (
        "domain",
        &[],
        // a draw is made of hashes; of the last three only derives, so that the words of an enumeration
        // are in one place, where it is defined
        &["aws_lc_rs", "chrono", "data_encoding", "rayon", "thiserror", "serde", "strum", "utoipa"],
    ),
    ("text", &["domain"], &["fluent_bundle", "include_dir", "tokio"]),
    ("certificate", &["domain"], &["chrono", "rayon"]),
    (
        "wire",
        &["domain", "text"],
        // the audit log's hashes are a matter of its form
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
            "strum",
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
            "zxcvbn",
        ],
    ),
    (
        "samples",
        &["app", "domain", "optimiser", "text", "wire"],
        &["chrono", "csv", "rand", "rand_pcg", "serde", "toml"],
    ),
    ("manual", &["domain", "text"], &[]),
    // the address of a database is read where flags are
    (
        "config",
        &["app", "domain", "samples", "text", "wire"],
        &["chrono", "chrono_tz", "clap", "clap_complete"],
    ),
    (
        "http",
        &["app", "domain", "manual", "text", "wire"],
        &[
            "actix_web",
            "actix_web_lab",
            "askama",
            "chrono",
            "governor",
            "pulldown_cmark",
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
        &["app", "certificate", "config", "domain", "http", "manual", "samples", "text", "wire"],
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
const HASHING: [&str; 12] = [
    "certificate/inspect.rs",
    "certificate/leaves.rs",
    "certificate/terrain.rs",
    "optimiser/cells.rs",
    "domain/build.rs",
    "domain/problem.rs",
    "optimiser/instance.rs",
    "optimiser/master.rs",
    "optimiser/packing.rs",
    "wire/planning/problem.rs",
    "samples/generate.rs",
    "wire/json.rs",
];

/// Every source file in a folder and those in it.
pub fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    let entries = fs::read_dir(folder).expect("a folder of sources");
    for path in entries.map(|entry| entry.expect("readable").path()) {
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|end| end == "rs") {
            found.push(path);
        }
    }
}

/// The names that follow `prefix` or are before `::`.
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
        // the macro is made in the domain; Rust gives it the crate's own path
        let name = if name == "message" { "domain" } else { name };
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
const CLOCK: [&str; 4] =
    ["store/connection.rs", "store/database.rs", "store/tx.rs", "store/writer.rs"];

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
    assert_eq!(found("domain", "use serde_json::Value;"), ["domain names the crate serde_json"]);
    assert_eq!(found("optimiser", "let t = Instant::now();"), ["optimiser looks at the clock"]);
    assert_eq!(found("http", "crate::optimiser::optimise"), ["http names optimiser"]);
    assert_eq!(found("http", "crate::store::Store"), ["http names store"]);
    assert_eq!(found("app", "use diesel::prelude::*;"), ["app names the crate diesel"]);
    assert_eq!(found("app", "async fn work() {}"), ["app is async"]);
    assert_eq!(found("shop", "").len(), 1);
    assert!(found("wire", "use serde::Serialize; // crate\n// crate::cli").is_empty());
}

/// A module's path below the crate, as in `["app", "law", "rules"]`.
type ModulePath = Vec<String>;

/// What one file names within the crate.
struct Names<'m> {
    modules: &'m BTreeSet<ModulePath>,
    here: ModulePath,
    /// Paths that are named.
    named: Vec<Vec<String>>,
    /// What the module passes on under its own name, and where that is.
    passed_on: BTreeMap<Vec<String>, Vec<String>>,
}

impl Names<'_> {
    /// A path below the crate; `None`: outside of it, or a name of this file.
    fn resolve(&self, path: &[String]) -> Option<Vec<String>> {
        let ups = path.iter().take_while(|name| *name == "super").count();
        let (base, rest) = match path.first()?.as_str() {
            "crate" => (&[][..], &path[1..]),
            "self" => (&self.here[..], &path[1..]),
            "super" => (&self.here[..self.here.len().checked_sub(ups)?], &path[ups..]),
            first => {
                let child = [&self.here[..], &[first.to_owned()]].concat();
                self.modules.contains(&child).then_some((&self.here[..], path))?
            }
        };
        Some([base, rest].concat())
    }

    fn note_use(&mut self, before: &[String], tree: &syn::UseTree, is_public: bool) {
        let with = |name: &syn::Ident| [before, &[name.to_string()]].concat();
        let (path, name) = match tree {
            syn::UseTree::Path(part) => {
                return self.note_use(&with(&part.ident), &part.tree, is_public);
            }
            syn::UseTree::Group(group) => {
                return group.items.iter().for_each(|item| self.note_use(before, item, is_public));
            }
            syn::UseTree::Name(name) if name.ident == "self" => (before.to_vec(), None),
            syn::UseTree::Name(name) => (with(&name.ident), Some(name.ident.to_string())),
            syn::UseTree::Rename(name) => (with(&name.ident), Some(name.rename.to_string())),
            syn::UseTree::Glob(_) => (before.to_vec(), None),
        };
        if let Some(path) = self.resolve(&path) {
            if let Some(name) = name.filter(|_| is_public) {
                let own = [&self.here[..], &[name]].concat();
                self.passed_on.insert(own, path.clone());
            }
            self.named.push(path);
        }
    }
}

impl<'a> Visit<'a> for Names<'_> {
    fn visit_item_use(&mut self, item: &'a syn::ItemUse) {
        let is_public = !matches!(item.vis, syn::Visibility::Inherited);
        self.note_use(&[], &item.tree, is_public);
    }

    fn visit_path(&mut self, path: &'a syn::Path) {
        let names: Vec<String> = path.segments.iter().map(|part| part.ident.to_string()).collect();
        self.named.extend(self.resolve(&names).filter(|_| names.len() > 1));
        visit::visit_path(self, path);
    }

    fn visit_item_mod(&mut self, item: &'a syn::ItemMod) {
        // unit tests may name what they like; another module within a file counts as the file
        let is_test = |attribute: &syn::Attribute| attribute.path().is_ident("cfg");
        if item.content.is_some() && !item.attrs.iter().any(is_test) {
            self.here.push(item.ident.to_string());
            visit::visit_item_mod(self, item);
            self.here.pop();
        }
    }
}

/// The files that need each other, each group by itself; `files` are modules with their texts. A file and
/// those of the folder of its name are one thing that is read from the top: between them nothing counts.
fn circles(files: &BTreeMap<ModulePath, String>) -> Vec<Vec<String>> {
    let modules: BTreeSet<ModulePath> = files.keys().cloned().collect();
    let mut named = BTreeMap::new();
    let mut passed_on = BTreeMap::new();
    for (module, text) in files {
        let file = syn::parse_file(text).expect("a source file");
        let (here, modules) = (module.clone(), &modules);
        let mut names = Names { modules, here, named: Vec::new(), passed_on: BTreeMap::new() };
        names.visit_file(&file);
        named.insert(module.clone(), names.named);
        passed_on.append(&mut names.passed_on);
    }
    // the file that has what a path names
    let home = |path: &[String]| {
        let mut path = path.to_vec();
        for _ in 0..8 {
            let own = (1..=path.len()).rev().find(|n| modules.contains(&path[..*n]))?;
            let target = path.get(..=own).and_then(|name| passed_on.get(name));
            let Some(target) = target.filter(|target| **target != path[..=own]) else {
                return Some(path[..own].to_vec());
            };
            path = [&target[..], &path[own + 1..]].concat();
        }
        None
    };
    let needs: BTreeMap<&ModulePath, BTreeSet<ModulePath>> = named
        .iter()
        .map(|(module, paths)| {
            let others = paths.iter().filter_map(|path| home(path));
            let is_other =
                |other: &ModulePath| !other.starts_with(module) && !module.starts_with(other);
            (module, others.filter(is_other).collect())
        })
        .collect();
    let reached = |from: &ModulePath| {
        let (mut found, mut left) = (BTreeSet::new(), vec![from.clone()]);
        while let Some(module) = left.pop() {
            let new = needs[&module].iter().filter(|other| found.insert((*other).clone()));
            left.extend(new.cloned().collect::<Vec<_>>());
        }
        found
    };
    let reached: BTreeMap<&ModulePath, BTreeSet<ModulePath>> =
        files.keys().map(|module| (module, reached(module))).collect();
    let in_circle = files.keys().filter(|module| reached[module].contains(*module));
    let groups: BTreeSet<Vec<String>> = in_circle
        .map(|module| {
            let group = reached[module].iter().filter(|other| reached[other].contains(module));
            group.map(|module| module.join("::")).collect()
        })
        .collect();
    groups.into_iter().collect()
}

#[test]
fn no_two_files_need_each_other() {
    let mut paths = Vec::new();
    sources(Path::new("src"), &mut paths);
    let mut files = BTreeMap::new();
    for path in paths {
        let inside = path.strip_prefix("src").expect("in src").with_extension("");
        let mut module: ModulePath =
            inside.components().map(|part| part.as_os_str().to_string_lossy().into()).collect();
        module.pop_if(|last| last == "mod");
        let is_part = |name: &String| ["lib", "main", "tests"].contains(&name.as_str());
        if !module.iter().any(is_part) {
            files.insert(module, fs::read_to_string(&path).expect("readable"));
        }
    }
    assert!(files.len() > 200, "the sources are here");
    let found = circles(&files);
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn circles_are_seen() {
    let found = |files: &[(&str, &str)]| {
        let module = |path: &str| path.split("::").map(str::to_owned).collect::<ModulePath>();
        let files = files.iter().map(|(path, text)| (module(path), (*text).to_owned()));
        circles(&files.collect())
    };
    let b = ("b", "use crate::a::A; pub struct B;");
    assert_eq!(found(&[("a", "use crate::b::B; pub struct A;"), b]), [["a", "b"]]);
    assert_eq!(found(&[("a", "fn f() { crate::b::f(); }"), b]), [["a", "b"]]);
    assert!(found(&[("a", "pub struct A;"), b]).is_empty());
    // unit tests do not count, and neither does what a file has with those of its folder
    assert!(found(&[("a", "#[cfg(test)] mod tests { use crate::b::B; }"), b]).is_empty());
    let child = ("a::c", "use super::A;");
    assert!(found(&[("a", "mod c; use c::C; pub struct A;"), child]).is_empty());
    // siblings, and what another module passes on
    let sibling = ("a::d", "use super::c::C;");
    assert_eq!(found(&[("a::c", "use super::d::D;"), sibling]), [["a::c", "a::d"]]);
    let front = ("a", "pub use c::C; mod c; mod d;");
    assert_eq!(found(&[front, ("a::c", "use super::d;"), ("a::d", "use super::C;")]).len(), 1);
}
