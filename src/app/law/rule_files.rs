//! Files of rule packs that users bring.

use crate::app::files::{FileError, read_text};
use crate::domain::rules::{Document, Pack};
use crate::wire::law::rule_pack;
use std::path::Path;

/// Reads a file of a rule pack with all that it extends, which `lookup` finds; reports every defect.
pub fn read(path: &Path, lookup: &dyn Fn(&str) -> Option<Document>) -> Result<Pack, FileError> {
    read_text(path, "onevisit rules check", |text| {
        rule_pack::resolve(rule_pack::read(text)?, lookup)
    })
}
