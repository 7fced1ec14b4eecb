//! Scenario files: the shipped ones and those that users bring, through one reader.

use crate::app::files::{FileError, read_text};
use crate::domain::Defect;
use crate::wire::json::from_toml;
use crate::wire::register::scenario::Scenario;
use include_dir::{Dir, include_dir};
use std::path::{Path, PathBuf};

static SHIPPED: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/scenarios");

/// The published scenarios that come with the program, by file name.
pub fn shipped() -> Vec<Scenario> {
    let files = SHIPPED.files().filter(|file| file.path().extension().is_some_and(|e| e == "toml"));
    let mut files: Vec<_> = files.collect();
    files.sort_by_key(|file| file.path());
    files
        .into_iter()
        .map(|file| {
            let text = file.contents_utf8().unwrap_or_default();
            from_toml(text).unwrap_or_else(|defects: Vec<Defect>| {
                panic!("shipped {}: {}", file.path().display(), defects[0])
            })
        })
        .collect()
}

/// The files that a path means: itself or, for a folder, the TOML files in it, by name.
pub fn files_of(path: &Path) -> Result<Vec<PathBuf>, FileError> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let unreadable = |cause| FileError::Unreadable { path: path.to_owned(), cause };
    let mut files = Vec::new();
    for entry in std::fs::read_dir(path).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if path.extension().is_some_and(|end| end == "toml") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// Reads a scenario file, with every defect of it.
pub fn read(path: &Path) -> Result<Scenario, FileError> {
    read_text(path, "onevisit scenarios check", from_toml)
}
