//! The register as tables: CSV and Excel files that departments have, with headers in Chinese or
//! English.
//!
//! A file is read in two steps: bytes to cells ([`read`], which knows encodings and limits), and a
//! row of cells to a record ([`Rows`]), through the same reader that JSON goes through, so that a
//! rule stands in one place. Cells are texts; [`columns()`] says what each column holds.

mod cells;
mod columns;
mod report;
mod request_columns;
mod rows;
mod sheet_csv;
mod sheet_xlsx;

pub use columns::{Column, Form, Label, Lang, columns};
pub use report::{ImportReport, Outcome, RowDefect};
pub use request_columns::request_columns;
pub use rows::{CellDefect, Rows, cells_of};

use crate::domain::Defect;
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

/// Reads a file; its first bytes tell its form.
pub fn read(bytes: &[u8]) -> Result<Table, Vec<Defect>> {
    if bytes.len() > FILE_BYTES_MAX {
        let message = format!("The file is larger than {} MiB; split it.", FILE_BYTES_MAX >> 20);
        return Err(vec![Defect::new("file-too-large", "", message)]);
    }
    let table = if bytes.starts_with(b"PK\x03\x04") {
        sheet_xlsx::read(bytes)
    } else if bytes.starts_with(&[0xd0, 0xcf, 0x11, 0xe0]) {
        let message = "This is a workbook of the old form (.xls), or one with a password; save it \
                       as .xlsx without a password.";
        Err(Defect::new("old-workbook", "", message))
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
            let message = format!("Line {line} has more than {COLUMNS_MAX} columns.");
            return Err(Defect::new("too-many-columns", "", message));
        }
        if let Some(cell) = cells.iter().position(|cell| cell.len() > CELL_BYTES_MAX) {
            let message = format!(
                "Line {line}, column {}: the cell is longer than {CELL_BYTES_MAX} bytes; shorten it. \
                 In a CSV file a quote may be open.",
                cell + 1
            );
            return Err(Defect::new("cell-too-long", "", message));
        }
        self.cells += cells.len();
        self.bytes += cells.iter().map(String::len).sum::<usize>();
        if self.cells > CELLS_MAX || self.bytes > TEXT_BYTES_MAX {
            let message = format!(
                "Up to line {line} the file has more than {CELLS_MAX} cells, or more than {} MiB of text; \
                 split it.",
                TEXT_BYTES_MAX >> 20
            );
            return Err(Defect::new("table-too-large", "", message));
        }
        cells.shrink_to_fit();
        if self.header.is_none() {
            self.header = Some(cells);
            return Ok(());
        }
        if self.rows.len() == ROWS_MAX {
            let message = format!("The file has more than {ROWS_MAX} rows; split it.");
            return Err(Defect::new("too-many-rows", "", message));
        }
        self.rows.push(Row { line, cells });
        Ok(())
    }

    fn table(self) -> Result<Table, Defect> {
        let Some(header) = self.header else {
            let message = "The file is empty; start from a template.";
            return Err(Defect::new("empty-file", "", message));
        };
        Ok(Table { form: self.form, header, rows: self.rows })
    }
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
    lang: Lang,
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
