//! The JSON of problems, plans, reports and of the register: one form for files, REST and snapshots.

pub mod advice;
pub mod alarm;
pub mod authority;
pub mod calendar;
pub mod campaign;
pub mod certificate;
pub mod counters;
mod cut;
pub mod draw;
pub mod filing;
pub mod handling;
pub mod in_force;
pub mod json;
pub mod plan;
pub mod policy;
pub mod problem;
mod problem_out;
pub mod record;
pub mod register;
pub mod report;
pub mod request;
pub mod rule_pack;
pub mod run;
pub mod scenario;
pub mod tabular;
pub mod user;

use flate2::bufread::MultiGzDecoder;
use std::io::{BufRead, Read};

/// The whole text of a file, unpacked when it is gzip (told by its first two bytes, not by its
/// name).
pub fn whole_text(mut bytes: impl BufRead) -> std::io::Result<Vec<u8>> {
    let mut text = Vec::new();
    if bytes.fill_buf()?.starts_with(&[0x1f, 0x8b]) {
        MultiGzDecoder::new(bytes).read_to_end(&mut text)?;
    } else {
        bytes.read_to_end(&mut text)?;
    }
    Ok(text)
}
