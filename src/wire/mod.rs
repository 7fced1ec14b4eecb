//! The JSON of problems, plans, reports and of the register: one form for files, REST and snapshots.

pub mod access;
mod cut;
pub mod json;
pub mod law;
pub mod paging;
pub mod planning;
pub mod register;
pub mod requests;
pub mod sentence;
pub mod tabular;
pub mod visits;

use flate2::bufread::MultiGzDecoder;
use std::io::{BufRead, Read};

/// The whole text of a file, unpacked when it is gzip (recognised by its first two bytes, not by its
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
