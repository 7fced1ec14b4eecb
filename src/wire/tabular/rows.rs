//! Rows and records.

use super::cells;
use super::columns::{Column, Lang};
use crate::domain::Defect;
use crate::wire::json::Node;
use crate::wire::register::{Kind, Record};
use serde_json::Value;
use std::borrow::Cow;

/// What is wrong with a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CellDefect {
    /// Place of the column among the kind's; `None`: the row as a whole.
    pub column: Option<usize>,
    /// Stable code.
    pub code: &'static str,
    /// What is wrong and what to do.
    pub remedy: String,
}

/// How the rows of a file are read: its columns in the file's order.
pub struct Rows {
    columns: Vec<Column>,
    /// Where each of the kind's columns stands in the file.
    places: Vec<Option<usize>>,
    /// Number of columns of the header.
    width: usize,
}

impl Rows {
    /// Headers, in Chinese and English, of the column that is added to rows to mend; it is read over.
    pub const DEFECTS: [&'static str; 2] = ["缺陷", "Defects"];

    /// Understands the header of a file of these columns, telling everything wrong with it. `what` is
    /// what the file holds.
    pub fn new(what: &str, columns: Vec<Column>, header: &[String]) -> Result<Self, Vec<Defect>> {
        let mut places = vec![None; columns.len()];
        let mut defects = Vec::new();
        for (place, title) in header.iter().enumerate() {
            if title.is_empty() || Self::DEFECTS.contains(&title.as_str()) {
                continue;
            }
            let Some(column) = columns.iter().position(|column| column.is_called(title)) else {
                let known: Vec<&str> = columns.iter().map(|column| column.zh).collect();
                let message = format!(
                    "No column of \"{what}\" is called \"{title}\"; remove or rename it. There are: {}.",
                    known.join("、")
                );
                defects.push(Defect::new("unknown-column", "", message));
                continue;
            };
            if places[column].replace(place).is_some() {
                let message = format!("The column \"{title}\" stands in the file twice; keep one.");
                defects.push(Defect::new("duplicate-column", "", message));
            }
        }
        for (column, _) in columns.iter().zip(&places).filter(|(c, p)| c.is_required && p.is_none())
        {
            let message =
                format!("The column \"{}\" ({}) is missing; add it.", column.zh, column.en);
            defects.push(Defect::new("missing-column", "", message));
        }
        if defects.is_empty() {
            Ok(Self { columns, places, width: header.len() })
        } else {
            Err(defects)
        }
    }

    /// The kind's columns.
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// Whether some of the kind's columns are not in the file: what they say stays as it stands.
    pub fn is_partial(&self) -> bool {
        self.places.contains(&None)
    }

    /// Reads a row as a record. What a column that is not in the file would say is taken from
    /// `standing`, the record of the same key that stands in the register.
    pub fn record(
        &self,
        kind: Kind,
        row: &[String],
        standing: Option<&Record>,
    ) -> Result<Record, Vec<CellDefect>> {
        let standing = standing.map(|record| cells_of(record, &self.columns, Lang::En));
        self.read(row, standing.as_deref(), |node, defects| kind.read(node, defects))
    }

    /// Reads a row as whatever `read` makes of it; cells of columns that are not in the file are taken
    /// from `standing`.
    pub fn read<T>(
        &self,
        row: &[String],
        standing: Option<&[String]>,
        read: impl FnOnce(Node<'_>, &mut Vec<Defect>) -> Option<T>,
    ) -> Result<T, Vec<CellDefect>> {
        let mut fields: Vec<(Cow<'_, str>, Node<'_>)> = Vec::with_capacity(self.columns.len());
        let mut previous = "";
        for (i, column) in self.columns.iter().enumerate() {
            let cell = match (self.places[i], standing) {
                (Some(place), _) => row.get(place).map_or("", String::as_str),
                (None, Some(standing)) => &standing[i],
                (None, None) => "",
            };
            // people who write one language only need not write a name twice
            let cell = if cell.is_empty() && column.is_english_name() { previous } else { cell };
            previous = cell;
            if !cell.is_empty() {
                put(&mut fields, column.pointer, cells::value(cell, column.form));
            } else if column.is_mark_beside(&fields) {
                put(&mut fields, column.pointer, Node::Bool(false));
            }
        }
        let mut defects = Vec::new();
        if row.len() > self.width {
            let message = "The row has more cells than the header; a comma may stand in a text \
                           without quotes.";
            defects.push(Defect::new("too-many-cells", "", message));
        }
        match read(Node::Object(fields), &mut defects) {
            Some(record) if defects.is_empty() => Ok(record),
            _ => Err(defects.into_iter().map(|defect| self.cell_defect(defect)).collect()),
        }
    }

    /// A defect of a field as one of the column that tells it.
    pub fn cell_defect(&self, defect: Defect) -> CellDefect {
        let Defect { code, pointer, message } = defect;
        let is_in = |outer: &str, inner: &str| {
            inner.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let column = self.columns.iter().position(|column| {
            !pointer.is_empty()
                && (is_in(column.pointer, &pointer) || is_in(&pointer, column.pointer))
        });
        CellDefect { column, code, remedy: message }
    }
}

/// Puts a value at a pointer of one or two steps.
fn put<'c>(fields: &mut Vec<(Cow<'c, str>, Node<'c>)>, pointer: &'c str, node: Node<'c>) {
    let path = &pointer[1..];
    let Some((outer, inner)) = path.split_once('/') else {
        fields.push((path.into(), node));
        return;
    };
    let place = fields.iter().position(|(name, _)| name == outer).unwrap_or_else(|| {
        fields.push((outer.into(), Node::Object(Vec::new())));
        fields.len() - 1
    });
    if let Node::Object(inside) = &mut fields[place].1 {
        inside.push((inner.into(), node));
    }
}

/// The cells of a record, one for each of its kind's columns.
pub fn cells_of(record: &Record, columns: &[Column], lang: Lang) -> Vec<String> {
    let value = serde_json::to_value(record).unwrap_or(Value::Null);
    columns
        .iter()
        .map(|column| cells::cell(value.pointer(column.pointer), column.form, lang))
        .collect()
}
