//! Excel workbooks: the first sheet in; files and templates out.

use super::columns::Form;
use super::{COLUMNS_MAX, Column, FileForm, Gatherer, Lang, ROWS_MAX, Table, UNPACKED_BYTES_MAX};
use crate::domain::Defect;
use calamine::{Data, DataRef, Reader, Xlsx};
use rust_xlsxwriter::{
    DataValidation, DataValidationErrorStyle, Format, Note, Workbook, Worksheet, XlsxError,
};
use std::io::{Cursor, Read, Write};

fn damaged(error: impl std::fmt::Display) -> Defect {
    let message =
        format!("The workbook cannot be read ({error}); open it in Excel and save it anew.");
    Defect::new("not-a-workbook", "", message)
}

pub(super) fn read(bytes: &[u8]) -> Result<Table, Defect> {
    measure(bytes)?;
    // the library falls over some damaged workbooks, as one whose sheet says that it ends before it
    // begins; it holds nothing that outlives the fall
    let fallen = |_| damaged("its parts contradict each other");
    std::panic::catch_unwind(|| cells(bytes)).map_err(fallen)?
}

fn cells(bytes: &[u8]) -> Result<Table, Defect> {
    let mut workbook: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(damaged)?;
    let Some(name) = workbook.sheet_names().first().cloned() else {
        return Err(damaged("it has no sheet"));
    };
    let mut reader = workbook.worksheet_cells_reader(&name).map_err(damaged)?;
    let mut gatherer = Gatherer::new(FileForm::Xlsx);
    let (mut line, mut cells): (u32, Vec<String>) = (0, Vec::new());
    while let Some(cell) = reader.next_cell().map_err(damaged)? {
        let text = text(cell.get_value());
        // cells that are only formatted stand anywhere
        if text.is_empty() {
            continue;
        }
        let (row, column) = cell.get_position();
        if row < line {
            return Err(damaged("its rows are out of order"));
        }
        if row != line {
            gatherer.add(line as usize + 1, std::mem::take(&mut cells))?;
            line = row;
        }
        let column = column as usize;
        if column >= COLUMNS_MAX {
            let message = format!("Line {} has more than {COLUMNS_MAX} columns.", row + 1);
            return Err(Defect::new("too-many-columns", "", message));
        }
        if cells.len() <= column {
            cells.resize(column + 1, String::new());
        }
        cells[column] = text;
    }
    gatherer.add(line as usize + 1, cells)?;
    gatherer.table()
}

/// Unpacks every part once and throws it away: what a part says of its own size may be a lie, and a
/// small file may hold gigabytes.
fn measure(bytes: &[u8]) -> Result<(), Defect> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(damaged)?;
    let mut left = UNPACKED_BYTES_MAX;
    for part in 0..archive.len() {
        let part = archive.by_index(part).map_err(damaged)?;
        let unpacked = std::io::copy(&mut part.take(left + 1), &mut std::io::sink());
        let unpacked = unpacked.map_err(damaged)?;
        left = left.checked_sub(unpacked).ok_or_else(|| {
            let message = format!(
                "The workbook unpacks to more than {} MiB; split it, or save it as CSV.",
                UNPACKED_BYTES_MAX >> 20
            );
            Defect::new("unpacks-too-large", "", message)
        })?;
    }
    Ok(())
}

fn text(value: &DataRef<'_>) -> String {
    match Data::from(value.clone()) {
        Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => {
            text.trim().to_owned()
        }
        Data::Int(whole) => whole.to_string(),
        // a code typed without its text format is a whole number to Excel
        Data::Float(number) if number.fract() == 0.0 && number.abs() < 1e15 => {
            format!("{number:.0}")
        }
        Data::Float(number) => number.to_string(),
        Data::Bool(truth) => truth.to_string(),
        Data::DateTime(instant) => {
            let day = instant.as_datetime().map(|instant| instant.date().to_string());
            day.unwrap_or_else(|| instant.as_f64().to_string())
        }
        Data::Error(error) => format!("{error:?}"),
        Data::Empty => String::new(),
    }
}

fn as_io(error: XlsxError) -> std::io::Error {
    match error {
        XlsxError::IoError(error) => error,
        other => std::io::Error::other(other),
    }
}

fn heading() -> Format {
    Format::new().set_bold().set_text_wrap().set_background_color("#E8EEF7")
}

/// Texts stay texts: a cell never becomes a formula, a code never a number.
fn as_text() -> Format {
    Format::new().set_num_format("@")
}

fn write_header(sheet: &mut Worksheet, header: &[String]) -> Result<(), XlsxError> {
    sheet.set_freeze_panes(1, 0)?;
    for (column, title) in (0_u16..).zip(header) {
        sheet.set_column_width(column, 18)?;
        sheet.write_string_with_format(0, column, title, &heading())?;
    }
    Ok(())
}

pub(super) fn write(
    header: &[String],
    rows: impl Iterator<Item = Vec<String>>,
    out: &mut dyn Write,
) -> std::io::Result<()> {
    let mut workbook = Workbook::new();
    // rows go to a temporary file one by one, so that a large register does not stand in memory
    let sheet = workbook.add_worksheet_with_constant_memory().map_err(as_io)?;
    write_header(sheet, header).map_err(as_io)?;
    let format = as_text();
    for (line, row) in (1_u32..).zip(rows) {
        for (column, cell) in (0_u16..).zip(row) {
            if !cell.is_empty() {
                sheet.write_string_with_format(line, column, cell, &format).map_err(as_io)?;
            }
        }
    }
    finish(workbook, out)
}

fn finish(mut workbook: Workbook, out: &mut dyn Write) -> std::io::Result<()> {
    let bytes = workbook.save_to_buffer().map_err(as_io)?;
    out.write_all(&bytes)
}

pub(super) fn write_template(
    columns: &[Column],
    lang: Lang,
    out: &mut dyn Write,
) -> std::io::Result<()> {
    let mut workbook = Workbook::new();
    fill_template(workbook.add_worksheet(), columns, lang).map_err(as_io)?;
    finish(workbook, out)
}

fn fill_template(sheet: &mut Worksheet, columns: &[Column], lang: Lang) -> Result<(), XlsxError> {
    let header: Vec<String> = columns.iter().map(|column| column.title(lang)).collect();
    write_header(sheet, &header)?;
    let last = ROWS_MAX as u32;
    for (place, column) in (0_u16..).zip(columns) {
        sheet.set_column_format(place, &as_text())?;
        let note = Note::new(column.comment(lang)).set_author("onevisit").add_author_prefix(false);
        sheet.insert_note(0, place, &note)?;
        let labels: Vec<&str> = match column.form {
            Form::Choice(labels) => labels.iter().map(|label| label.text(lang)).collect(),
            Form::Truth => columns_truth(lang).to_vec(),
            _ => continue,
        };
        let (title, message) = match lang {
            Lang::Zh => ("请从列表中选择", "该列只接受下拉列表中的值。"),
            Lang::En => ("Choose from the list", "This column takes the values of its list only."),
        };
        let list = DataValidation::new()
            .allow_list_strings(&labels)?
            .set_error_title(title)?
            .set_error_message(message)?
            .set_error_style(DataValidationErrorStyle::Stop);
        sheet.add_data_validation(1, place, last, place, &list)?;
    }
    Ok(())
}

fn columns_truth(lang: Lang) -> [&'static str; 2] {
    match lang {
        Lang::Zh => ["是", "否"],
        Lang::En => ["yes", "no"],
    }
}
