//! The register as tables: CSV and Excel files that departments have, with headers in Chinese or
//! English.
//!
//! A file is read in two steps: bytes to cells ([`read`], which knows encodings and limits), and a
//! row of cells to a record ([`Rows`]), through the same reader that JSON goes through, so that a
//! rule is written in one place. Cells are texts; [`columns()`] says what each column holds.

mod cells;
mod columns;
mod report;
mod request_columns;
mod rows;
mod sheet_csv;
mod sheet_xlsx;

pub use columns::{Column, Form, Label, columns};
pub use report::{ImportReport, Outcome, RowDefect};
pub use request_columns::request_columns;
pub use rows::{CellDefect, Rows, cells_of};

use crate::domain::{Defect, Language};
use crate::message;
use std::io::Write;

/// Largest file, in bytes.
pub const FILE_BYTES_MAX: usize = 64 << 20;
/// Most bytes that a workbook may unpack to.
pub const UNPACKED_BYTES_MAX: u64 = 256 << 20;
/// Most bytes that a part of a workbook other than a sheet may unpack to: its texts, its formats.
pub const PART_BYTES_MAX: u64 = 64 << 20;
/// Most bytes that a workbook may unpack to for each of its own, beyond [`UNPACKED_FREE_BYTES`].
pub const UNPACKED_RATIO_MAX: u64 = 200;
/// Bytes that any workbook may unpack to.
pub const UNPACKED_FREE_BYTES: u64 = 16 << 20;
/// Most parts of a workbook.
pub const PARTS_MAX: usize = 2_000;
/// Most tags of all parts of a workbook: six for each of [`CELLS_MAX`] cells. Cells without anything in them
/// cost as much time as others.
pub const TAGS_MAX: usize = 24_000_000;
/// Most different texts of a workbook.
pub const SHARED_TEXTS_MAX: usize = 1_500_000;
/// Most rows of a file, its header not counted.
pub const ROWS_MAX: usize = 200_000;
/// Most columns of a file.
pub const COLUMNS_MAX: usize = 64;
/// Most bytes of a cell.
pub const CELL_BYTES_MAX: usize = 8_000;
/// Most cells of all rows, blank ones before the last of a row counted.
pub const CELLS_MAX: usize = 4_000_000;
/// Most bytes of all cells. A workbook may name one text very often.
pub const TEXT_BYTES_MAX: usize = 96 << 20;

/// The form of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileForm {
    /// Values separated by commas, UTF-8 with a mark that Excel understands.
    Csv,
    /// An Excel workbook.
    Xlsx,
}

/// A row of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Its line in the file, counted from 1 with the header.
    pub line: usize,
    /// Its cells, as many as the header has or fewer.
    pub cells: Vec<String>,
}

/// A file as texts. Rows without any text are not in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// Of what form the file was.
    pub form: FileForm,
    /// The first row that has any text.
    pub header: Vec<String>,
    /// The others.
    pub rows: Vec<Row>,
}

impl Table {
    /// The language of its header.
    pub fn language(&self) -> Language {
        language_of(&self.header)
    }
}

fn language_of(header: &[String]) -> Language {
    let is_english = header.iter().all(|title| title.is_ascii());
    if is_english { Language::En } else { Language::Zh }
}

/// Reads a file; its first bytes give away its form.
pub fn read(bytes: &[u8]) -> Result<Table, Vec<Defect>> {
    if bytes.len() > FILE_BYTES_MAX {
        let message = message!("file-too-large", most = FILE_BYTES_MAX >> 20);
        return Err(vec![Defect::at("", message)]);
    }
    let table = if bytes.starts_with(b"PK\x03\x04") {
        sheet_xlsx::read(bytes)
    } else if bytes.starts_with(&[0xd0, 0xcf, 0x11, 0xe0]) {
        Err(Defect::at("", message!("old-workbook")))
    } else {
        sheet_csv::read(bytes)
    };
    table.map_err(|defect| vec![defect])
}

/// Gathers rows and holds them against the limits.
struct Gatherer {
    form: FileForm,
    header: Option<Vec<String>>,
    rows: Vec<Row>,
    cells: usize,
    bytes: usize,
}

impl Gatherer {
    fn new(form: FileForm) -> Self {
        Self { form, header: None, rows: Vec::new(), cells: 0, bytes: 0 }
    }

    fn add(&mut self, line: usize, mut cells: Vec<String>) -> Result<(), Defect> {
        while cells.last().is_some_and(String::is_empty) {
            cells.pop();
        }
        if cells.is_empty() {
            return Ok(());
        }
        if cells.len() > COLUMNS_MAX {
            return Err(too_many_columns(line));
        }
        if let Some(cell) = cells.iter().position(|cell| cell.len() > CELL_BYTES_MAX) {
            let column = cell + 1;
            let message =
                message!("cell-too-long", line = line, column = column, most = CELL_BYTES_MAX);
            return Err(Defect::at("", message));
        }
        self.cells += cells.len();
        self.bytes += cells.iter().map(String::len).sum::<usize>();
        if self.cells > CELLS_MAX || self.bytes > TEXT_BYTES_MAX {
            let (cells, mebibytes) = (CELLS_MAX, TEXT_BYTES_MAX >> 20);
            let message =
                message!("table-too-large", line = line, cells = cells, mebibytes = mebibytes);
            return Err(Defect::at("", message));
        }
        cells.shrink_to_fit();
        if self.header.is_none() {
            self.header = Some(cells);
            return Ok(());
        }
        if self.rows.len() == ROWS_MAX {
            return Err(Defect::at("", message!("too-many-rows", most = ROWS_MAX)));
        }
        self.rows.push(Row { line, cells });
        Ok(())
    }

    fn table(self) -> Result<Table, Defect> {
        let Some(header) = self.header else {
            return Err(Defect::at("", message!("empty-file")));
        };
        Ok(Table { form: self.form, header, rows: self.rows })
    }
}

fn too_many_columns(line: usize) -> Defect {
    Defect::at("", message!("too-many-columns", line = line, most = COLUMNS_MAX))
}

/// Writes a file of texts.
pub fn write(
    form: FileForm,
    header: &[String],
    rows: impl Iterator<Item = Vec<String>>,
    out: &mut dyn Write,
) -> std::io::Result<()> {
    match form {
        FileForm::Csv => sheet_csv::write(header, rows, out),
        FileForm::Xlsx => sheet_xlsx::write(header, rows, out),
    }
}

/// Writes an empty file to fill in: in Excel with drop-down lists, and comments on the headers.
pub fn write_template(
    form: FileForm,
    columns: &[Column],
    lang: Language,
    out: &mut dyn Write,
) -> std::io::Result<()> {
    match form {
        FileForm::Csv => {
            let header: Vec<String> = columns.iter().map(|column| column.title(lang)).collect();
            sheet_csv::write(&header, std::iter::empty(), out)
        }
        FileForm::Xlsx => sheet_xlsx::write_template(columns, lang, out),
    }
}
