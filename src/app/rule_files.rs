//! Files of rule packs that users bring.

use super::files::FileError;
use crate::domain::Defect;
use crate::domain::rules::{Document, Pack};
use crate::wire::rule_pack;
use std::path::Path;

/// Largest file of a rule pack.
const BYTES_MAX: u64 = 1_000_000;

/// Reads a file of a rule pack with all that it extends, which `lookup` finds; tells every defect.
pub fn read(path: &Path, lookup: &dyn Fn(&str) -> Option<Document>) -> Result<Pack, FileError> {
    let unreadable = |cause| FileError::Unreadable { path: path.to_owned(), cause };
    let defective = |defects| FileError::Defective {
        path: path.to_owned(),
        defects,
        listed_by: format!("onevisit rules check {}", path.display()),
    };
    let size = std::fs::metadata(path).map_err(unreadable)?.len();
    if size > BYTES_MAX {
        let message = format!("The file has {size} bytes; a rule pack has at most {BYTES_MAX}.");
        return Err(defective(vec![Defect::new("too-large", "", message)]));
    }
    let text = std::fs::read_to_string(path).map_err(unreadable)?;
    let document = rule_pack::read(&text).map_err(defective)?;
    rule_pack::resolve(document, lookup).map_err(defective)
}
