//! The JSON of problems, plans, reports and of the register: one form for files, REST and snapshots.

pub mod authority;
pub mod calendar;
pub mod certificate;
pub mod json;
pub mod plan;
pub mod policy;
pub mod problem;
mod problem_out;
pub mod register;
pub mod report;
pub mod request;
pub mod run;
pub mod scenario;
pub mod tabular;

use flate2::bufread::MultiGzDecoder;
use std::io::{BufRead, Read};

/// The bytes of a file as text, unpacked when it is gzip (told by its first two bytes, not by its
/// name).
pub fn unpacked<'a>(mut bytes: impl BufRead + 'a) -> std::io::Result<Box<dyn Read + 'a>> {
    let is_gzip = bytes.fill_buf()?.starts_with(&[0x1f, 0x8b]);
    Ok(if is_gzip { Box::new(MultiGzDecoder::new(bytes)) } else { Box::new(bytes) })
}
