//! Excel workbooks: the first sheet in; files and templates out.

use super::{
    COLUMNS_MAX, Column, FileForm, Gatherer, Language, PART_BYTES_MAX, PARTS_MAX, ROWS_MAX,
    SHARED_TEXTS_MAX, TAGS_MAX, Table, UNPACKED_BYTES_MAX, UNPACKED_FREE_BYTES, UNPACKED_RATIO_MAX,
    too_many_columns,
};
use crate::domain::{Defect, Message};
use crate::message;
use crate::text::say_in;
use calamine::{Data, DataRef, Reader, Xlsx};
use rust_xlsxwriter::{
    DataValidation, DataValidationErrorStyle, Format, Note, Workbook, Worksheet, XlsxError,
};
use std::io::{Cursor, Read, Write};

/// The defect of a workbook that one of the libraries cannot read.
fn damaged(error: impl std::fmt::Display) -> Defect {
    because(message!("not-a-workbook", error = error.to_string()))
}

fn because(message: Message) -> Defect {
    Defect::at("", message)
}

pub(super) fn read(bytes: &[u8]) -> Result<Table, Defect> {
    measure(bytes)?;
    // the library falls over some damaged workbooks, as one whose sheet says that it ends before it
    // begins; it holds nothing that outlives the fall
    let fallen = |_| because(message!("not-a-workbook_contradictory"));
    std::panic::catch_unwind(|| cells(bytes)).map_err(fallen)?
}

fn cells(bytes: &[u8]) -> Result<Table, Defect> {
    let mut workbook: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(damaged)?;
    let Some(name) = workbook.sheet_names().first().cloned() else {
        return Err(because(message!("not-a-workbook_no-sheet")));
    };
    let mut reader = workbook.worksheet_cells_reader(&name).map_err(damaged)?;
    let mut gatherer = Gatherer::new(FileForm::Xlsx);
    let (mut line, mut cells): (u32, Vec<String>) = (0, Vec::new());
    while let Some(cell) = reader.next_cell().map_err(damaged)? {
        let text = text(cell.get_value());
        // cells that are only formatted can be anywhere
        if text.is_empty() {
            continue;
        }
        let (row, column) = cell.get_position();
        if row < line {
            return Err(because(message!("not-a-workbook_out-of-order")));
        }
        if row != line {
            gatherer.add(line as usize + 1, std::mem::take(&mut cells))?;
            line = row;
        }
        let column = column as usize;
        if column >= COLUMNS_MAX {
            return Err(too_many_columns(row as usize + 1));
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
    // counted before the library makes a list of them
    let marks = bytes.windows(4).filter(|window| window == b"PK\x01\x02").take(PARTS_MAX + 1);
    if marks.count() > PARTS_MAX {
        return Err(because(message!("too-many-parts", most = PARTS_MAX)));
    }
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(damaged)?;
    let by_ratio = UNPACKED_FREE_BYTES + UNPACKED_RATIO_MAX * bytes.len() as u64;
    let mut left = UNPACKED_BYTES_MAX.min(by_ratio);
    let mut tags = 0;
    for part in 0..archive.len() {
        let part = archive.by_index(part).map_err(damaged)?;
        let name = part.name().map_err(damaged)?.to_lowercase();
        let most = if name.contains("worksheets") { left } else { left.min(PART_BYTES_MAX) };
        let mut texts = name.ends_with("sharedstrings.xml").then(SharedTexts::default);
        let mut part = part.take(most + 1);
        let mut unpacked = 0;
        let mut buffer = [0; 1 << 14];
        loop {
            let count = part.read(&mut buffer).map_err(damaged)?;
            if count == 0 {
                break;
            }
            unpacked += count as u64;
            tags += buffer[..count].iter().filter(|byte| **byte == b'<').count();
            if tags > TAGS_MAX {
                return Err(because(message!("table-too-large_empty-cells")));
            }
            if let Some(texts) = &mut texts {
                texts.look_at(&buffer[..count])?;
            }
        }
        if unpacked > most {
            let message = message!(
                "unpacks-too-large",
                most = UNPACKED_BYTES_MAX >> 20,
                part_most = PART_BYTES_MAX >> 20
            );
            return Err(because(message));
        }
        if let Some(texts) = texts {
            texts.end()?;
        }
        left -= unpacked;
    }
    Ok(())
}

/// Looks through the texts of a workbook as they are unpacked. The library takes the number of them that
/// is written there for true, and asks for the memory at once.
#[derive(Default)]
struct SharedTexts {
    /// What was looked at last, where a word may have begun.
    seen: Vec<u8>,
    is_begun: bool,
    is_strange: bool,
    tags: usize,
}

impl SharedTexts {
    const COUNT: &[u8] = b"uniqueCount";
    /// How far after it the number must be.
    const REACH: usize = 64;

    fn look_at(&mut self, piece: &[u8]) -> Result<(), Defect> {
        if !self.is_begun {
            self.is_begun = true;
            self.is_strange = !is_utf8(piece);
        }
        // a text has two tags at least, and four as programs write it
        self.tags += piece.iter().filter(|byte| **byte == b'<').count();
        if self.tags > 4 * SHARED_TEXTS_MAX {
            return Err(too_many_texts());
        }
        self.seen.extend_from_slice(piece);
        let words = self.seen.windows(Self::COUNT.len()).enumerate();
        for (at, _) in words.filter(|(_, word)| *word == Self::COUNT) {
            let rest = &self.seen[at + Self::COUNT.len()..];
            // otherwise it is looked at again, with the next piece or at the end
            if rest.len() >= Self::REACH && !is_bearable(&rest[..Self::REACH]) {
                return Err(too_many_texts());
            }
        }
        let keep = self.seen.len().min(Self::COUNT.len() + Self::REACH);
        self.seen.drain(..self.seen.len() - keep);
        Ok(())
    }

    /// Judges what is at the end.
    fn end(self) -> Result<(), Defect> {
        if self.is_strange {
            return Err(because(message!("not-a-workbook_not-utf-8")));
        }
        let mut words = self.seen.windows(Self::COUNT.len()).enumerate();
        let is_much = words.any(|(at, word)| {
            word == Self::COUNT && !is_bearable(&self.seen[at + Self::COUNT.len()..])
        });
        if is_much { Err(too_many_texts()) } else { Ok(()) }
    }
}

/// Whether the number that begins here, if any, is one that texts may have.
fn is_bearable(text: &[u8]) -> bool {
    let blank = text.iter().take_while(|byte| b" =\"'\t\r\n".contains(byte)).count();
    let digits = text[blank..].iter().take_while(|byte| byte.is_ascii_digit());
    let number: String = digits.map(|byte| char::from(*byte)).collect();
    match number.parse::<usize>() {
        Ok(number) => number <= SHARED_TEXTS_MAX,
        // some other word, unless it only lies further off
        Err(_) => number.is_empty() && blank < text.len(),
    }
}

fn too_many_texts() -> Defect {
    because(message!("too-many-texts", most = SHARED_TEXTS_MAX))
}

/// Whether a part is written in UTF-8, as every program writes it. In another what is looked for would not
/// be found.
fn is_utf8(begin: &[u8]) -> bool {
    let head = begin.strip_prefix(b"\xef\xbb\xbf").unwrap_or(begin);
    let head = String::from_utf8_lossy(&head[..head.len().min(200)]).to_lowercase();
    match head.strip_prefix("<?xml") {
        // without a declaration it is UTF-8, or recognised by its first bytes
        None => head.starts_with('<') && !head.contains('\0'),
        Some(rest) => rest.split_once("?>").is_some_and(|(declared, _)| {
            declared.split_once("encoding").is_none_or(|(_, name)| {
                name.trim_start_matches(|c: char| c.is_ascii_whitespace() || "=\"'".contains(c))
                    .starts_with("utf-8")
            })
        }),
    }
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
    // rows go to a temporary file one by one, so that a large register is not held in memory
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
    lang: Language,
    out: &mut dyn Write,
) -> std::io::Result<()> {
    let mut workbook = Workbook::new();
    fill_template(workbook.add_worksheet(), columns, lang).map_err(as_io)?;
    finish(workbook, out)
}

fn fill_template(
    sheet: &mut Worksheet,
    columns: &[Column],
    lang: Language,
) -> Result<(), XlsxError> {
    let header: Vec<String> = columns.iter().map(|column| column.title(lang)).collect();
    write_header(sheet, &header)?;
    let last = ROWS_MAX as u32;
    for (place, column) in (0_u16..).zip(columns) {
        sheet.set_column_format(place, &as_text())?;
        let note = Note::new(column.comment(lang)).set_author("onevisit").add_author_prefix(false);
        sheet.insert_note(0, place, &note)?;
        let Some(labels) = column.labels() else { continue };
        let labels: Vec<&str> = labels.iter().map(|label| label.text(lang)).collect();
        let list = DataValidation::new()
            .allow_list_strings(&labels)?
            .set_error_title(say_in(lang, &message!("drop-down")))?
            .set_error_message(say_in(lang, &message!("drop-down_only")))?
            .set_error_style(DataValidationErrorStyle::Stop);
        sheet.add_data_validation(1, place, last, place, &list)?;
    }
    Ok(())
}
