//! What an import tells.

use crate::wire::json::text_enum;
use serde::Serialize;
use utoipa::ToSchema;

text_enum! {
    /// What became of a file.
    pub enum Outcome {
        /// All of it was taken.
        Taken = "taken",
        /// Its good rows were taken, as asked for.
        GoodRowsTaken = "good_rows_taken",
        /// Nothing was taken, for it has defects.
        Refused = "refused",
    }
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
    /// Rows that changed what stood there.
    pub updated: usize,
    /// Rows that were as what stood there.
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
