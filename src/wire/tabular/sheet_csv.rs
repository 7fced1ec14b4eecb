//! CSV: encodings in, and cells out that no spreadsheet takes for formulas.

use super::{FileForm, Gatherer, Table};
use crate::domain::Defect;
use crate::message;
use encoding_rs::{Encoding, GB18030, UTF_8};
use std::borrow::Cow;
use std::io::Write;

/// What Excel takes for UTF-8.
const MARK: &[u8] = b"\xef\xbb\xbf";

pub(super) fn read(bytes: &[u8]) -> Result<Table, Defect> {
    let text = decoded(bytes)?;
    let line = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let count = |mark: char| line.matches(mark).count();
    let delimiter = [',', '\t', ';'].into_iter().max_by_key(|mark| (count(*mark), *mark == ','));
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter.unwrap_or(',') as u8)
        .from_reader(text.as_bytes());
    let mut gatherer = Gatherer::new(FileForm::Csv);
    let mut record = csv::StringRecord::new();
    loop {
        match reader.read_record(&mut record) {
            Ok(true) => {}
            Ok(false) => return gatherer.table(),
            Err(error) => {
                return Err(Defect::at("", message!("not-csv", error = error.to_string())));
            }
        }
        let line = record.position().map_or(0, |position| {
            // a record begins where the last one ended, before the blank lines between them
            let before = text.as_bytes().get(position.byte() as usize..).unwrap_or_default();
            let blank = before.iter().take_while(|byte| b"\r\n".contains(byte));
            position.line() as usize + blank.filter(|byte| **byte == b'\n').count()
        });
        gatherer.add(line, record.iter().map(|cell| plain(cell.trim()).to_owned()).collect())?;
    }
}

/// As UTF-8: what a mark says, else UTF-8, else GB18030, which Chinese spreadsheets write.
fn decoded(bytes: &[u8]) -> Result<Cow<'_, str>, Defect> {
    let unreadable = || Defect::at("", message!("bad-encoding"));
    let encoding = match Encoding::for_bom(bytes) {
        Some((encoding, _)) => encoding,
        None if std::str::from_utf8(bytes).is_ok() => UTF_8,
        None => GB18030,
    };
    let (text, _, had_errors) = encoding.decode(bytes);
    // a NUL is no text: this is some other file
    if had_errors || text.contains('\0') { Err(unreadable()) } else { Ok(text) }
}

/// Whether a spreadsheet would take a cell for a formula.
fn is_formula_like(cell: &str) -> bool {
    cell.starts_with(['=', '+', '-', '@', '\t', '\r']) && cell.parse::<f64>().is_err()
}

/// A cell that no spreadsheet takes for a formula: an apostrophe before what it could.
pub(super) fn neutral(cell: &str) -> Cow<'_, str> {
    if is_formula_like(cell) { format!("'{cell}").into() } else { cell.into() }
}

/// The cell without the apostrophe of [`neutral`].
fn plain(cell: &str) -> &str {
    cell.strip_prefix('\'').filter(|rest| is_formula_like(rest)).unwrap_or(cell)
}

pub(super) fn write(
    header: &[String],
    rows: impl Iterator<Item = Vec<String>>,
    out: &mut dyn Write,
) -> std::io::Result<()> {
    out.write_all(MARK)?;
    let mut writer =
        csv::WriterBuilder::new().flexible(true).terminator(csv::Terminator::CRLF).from_writer(out);
    let mut line =
        |cells: &[String]| writer.write_record(cells.iter().map(|cell| neutral(cell).into_owned()));
    line(header)?;
    for row in rows {
        line(&row)?;
    }
    writer.flush()
}
