//! The JSON of problems, plans and reports: one form for files, REST and snapshots.

pub mod calendar;
pub mod json;
pub mod plan;
pub mod problem;
mod problem_out;
pub mod report;

use flate2::bufread::MultiGzDecoder;
use std::io::{BufRead, Read};

/// The bytes of a file as text, unpacked when it is gzip (told by its first two bytes, not by its
/// name).
pub fn unpacked<'a>(mut bytes: impl BufRead + 'a) -> std::io::Result<Box<dyn Read + 'a>> {
    let is_gzip = bytes.fill_buf()?.starts_with(&[0x1f, 0x8b]);
    Ok(if is_gzip { Box::new(MultiGzDecoder::new(bytes)) } else { Box::new(bytes) })
}
