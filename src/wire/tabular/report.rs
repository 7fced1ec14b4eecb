//! What is reported of an import.

use super::rows::{CellDefect, Rows};
use super::{FileForm, Row, Table, write};
use crate::message;
use crate::text::{say, say_in};
use serde::Serialize;
use utoipa::ToSchema;

/// Most defects of a report; the file to mend has all.
const DEFECTS_MAX: usize = 10_000;

/// What became of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// All of it was taken.
    Taken,
    /// Its good rows were taken, as asked for.
    GoodRowsTaken,
    /// Nothing was taken, for it has defects.
    Refused,
}

/// One defect of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct RowDefect {
    /// Line in the file, counted from 1 with the header.
    pub line: usize,
    /// Title of the column; absent: the row as a whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// Stable code.
    pub code: String,
    /// What is wrong and what to do.
    pub remedy: String,
}

/// What became of a file, row by row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ImportReport {
    /// What the file holds.
    pub kind: String,
    /// What became of it.
    pub outcome: Outcome,
    /// Rows of the file.
    pub rows: usize,
    /// Rows that were new; with `refused`: would have been.
    pub added: usize,
    /// Rows that changed an existing record.
    pub updated: usize,
    /// Rows that were equal to the existing record.
    pub unchanged: usize,
    /// Rows with defects.
    pub defective: usize,
    /// Their defects by line, at most 10,000.
    pub defects: Vec<RowDefect>,
    /// Number of defects beyond those.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub more_defects: Option<usize>,
    /// The defective rows, all of them, as a CSV file with a column of their defects: mend them and
    /// send the file again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mend: Option<String>,
}

impl ImportReport {
    /// What the defects of a file's rows, ordered by row, come to. How many rows were new or changed is
    /// left at 0.
    pub fn about(
        kind: &str,
        table: &Table,
        reader: &Rows,
        defects: &[(usize, CellDefect)],
        accept_good: bool,
    ) -> Self {
        let by_row: Vec<&[(usize, CellDefect)]> = defects.chunk_by(|a, b| a.0 == b.0).collect();
        let defective = by_row.len();
        let outcome = match (defective, accept_good) {
            (0, _) => Outcome::Taken,
            (_, true) => Outcome::GoodRowsTaken,
            (_, false) => Outcome::Refused,
        };
        let reported = defects.iter().take(DEFECTS_MAX).map(|(place, defect)| RowDefect {
            line: table.rows[*place].line,
            column: reader.title(defect).map(str::to_owned),
            code: defect.code.clone(),
            remedy: say(&defect.remedy),
        });
        let language = table.language();
        let words = |defect: &CellDefect| {
            let (what, code) = (defect.remedy.clone(), &defect.code);
            let message = match reader.title(defect) {
                Some(column) => message!("mend", column = column, what = what, code = code),
                None => message!("mend_row", what = what, code = code),
            };
            say_in(language, &message)
        };
        let mend = (defective > 0).then(|| {
            let rows = by_row.iter().map(|defects| {
                let all: Vec<String> = defects.iter().map(|(_, defect)| words(defect)).collect();
                (&table.rows[defects[0].0], all.join(" | "))
            });
            to_mend(table, rows)
        });
        Self {
            kind: kind.into(),
            outcome,
            rows: table.rows.len(),
            added: 0,
            updated: 0,
            unchanged: 0,
            defective,
            defects: reported.collect(),
            more_defects: defects.len().checked_sub(DEFECTS_MAX).filter(|more| *more > 0),
            mend,
        }
    }
}

/// The defective rows as they were in the file, with a column of their defects, as CSV.
fn to_mend<'r>(table: &Table, rows: impl Iterator<Item = (&'r Row, String)>) -> String {
    let marks = Rows::DEFECTS[table.language() as usize];
    // a file that was mended once has the column already
    let place = table.header.iter().position(|title| Rows::DEFECTS.contains(&title.as_str()));
    let place = place.unwrap_or(table.header.len());
    let with_defects = |cells: &[String], words: String| {
        let mut cells = cells.to_vec();
        cells.resize(cells.len().max(table.header.len()), String::new());
        if place < table.header.len() {
            cells[place] = words;
        } else {
            // cells beyond the header stay, after the new column
            cells.insert(place, words);
        }
        cells
    };
    let header = with_defects(&table.header, marks.to_owned());
    let rows = rows.map(|(row, words)| with_defects(&row.cells, words));
    let mut out = Vec::new();
    // nothing fails that is written to memory
    let _ = write(FileForm::Csv, &header, rows, &mut out);
    String::from_utf8(out).unwrap_or_default()
}
