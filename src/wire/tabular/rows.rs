//! Rows and records.

use super::columns::{Column, Form};
use super::{cells, language_of};
use crate::domain::{Argument, Defect, Language, Message};
use crate::message;
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
    pub code: String,
    /// What is wrong and what to do.
    pub remedy: Message,
}

/// How the rows of a file are read: its columns in the file's order.
pub struct Rows {
    columns: Vec<Column>,
    /// Where each of the kind's columns is in the file.
    places: Vec<Option<usize>>,
    /// What each of the kind's columns is called: as in the file, else in its language.
    titles: Vec<String>,
    /// The language of the header.
    language: Language,
    /// Number of columns of the header.
    width: usize,
}

impl Rows {
    /// Headers, in Chinese and English, of the column that is added to rows to mend; it is read over.
    pub const DEFECTS: [&'static str; 2] = ["缺陷", "Defects"];

    /// Understands the header of a file of these columns, and reports everything wrong with it. `what`
    /// is what the file holds.
    pub fn new(what: &str, columns: Vec<Column>, header: &[String]) -> Result<Self, Vec<Defect>> {
        let mut places = vec![None; columns.len()];
        let language = language_of(header);
        let mut titles: Vec<String> = columns.iter().map(|column| column.title(language)).collect();
        let mut defects = Vec::new();
        for (place, title) in header.iter().enumerate() {
            if title.is_empty() || Self::DEFECTS.contains(&title.as_str()) {
                continue;
            }
            let Some(column) = columns.iter().position(|column| column.is_called(title)) else {
                let known: Argument = columns.iter().map(|column| column.title(language)).collect();
                let message = message!("unknown-column", what = what, found = title, known = known);
                defects.push(Defect::at("", message));
                continue;
            };
            titles[column].clone_from(title);
            if places[column].replace(place).is_some() {
                defects.push(Defect::at("", message!("duplicate-column", found = title)));
            }
        }
        for (column, _) in columns.iter().zip(&places).filter(|(c, p)| c.is_required && p.is_none())
        {
            let message = message!("missing-column", zh = column.zh, en = column.en);
            defects.push(Defect::at("", message));
        }
        if defects.is_empty() {
            Ok(Self { columns, places, titles, language, width: header.len() })
        } else {
            Err(defects)
        }
    }

    /// What the column of a defect is called in the file; `None`: it is of the row as a whole.
    pub fn title(&self, defect: &CellDefect) -> Option<&str> {
        Some(&self.titles[defect.column?])
    }

    /// Whether some of the kind's columns are not in the file: what they say stays as it is.
    pub fn is_partial(&self) -> bool {
        self.places.contains(&None)
    }

    /// Reads a row as a record. What a column that is not in the file would say is taken from
    /// `existing`, the record of the same key that is in the register.
    pub fn record(
        &self,
        kind: Kind,
        row: &[String],
        existing: Option<&Record>,
    ) -> Result<Record, Vec<CellDefect>> {
        let existing = existing.map(|record| cells_of(record, &self.columns, Language::En));
        self.read(row, existing.as_deref(), |node, defects| kind.read(node, defects))
    }

    /// Reads a row as whatever `read` makes of it; cells of columns that are not in the file are taken
    /// from `existing`.
    pub fn read<T>(
        &self,
        row: &[String],
        existing: Option<&[String]>,
        read: impl FnOnce(Node<'_>, &mut Vec<Defect>) -> Option<T>,
    ) -> Result<T, Vec<CellDefect>> {
        let mut fields: Vec<(Cow<'_, str>, Node<'_>)> = Vec::with_capacity(self.columns.len());
        let mut previous = "";
        for (i, column) in self.columns.iter().enumerate() {
            let cell = match (self.places[i], existing) {
                (Some(place), _) => row.get(place).map_or("", String::as_str),
                (None, Some(existing)) => &existing[i],
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
            let message = message!("too-many-cells", count = row.len(), columns = self.width);
            defects.push(Defect::at("", message));
        }
        match read(Node::Object(fields), &mut defects) {
            Some(record) if defects.is_empty() => Ok(record),
            _ => Err(defects.into_iter().map(|defect| self.cell_defect(defect)).collect()),
        }
    }

    /// A defect of a field as one of the column that fills it, in the words of the table.
    pub fn cell_defect(&self, defect: Defect) -> CellDefect {
        let Defect { pointer, message } = defect;
        let is_in = |outer: &str, inner: &str| {
            inner.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let column = self.columns.iter().position(|column| {
            !pointer.is_empty()
                && (is_in(column.pointer, &pointer) || is_in(&pointer, column.pointer))
        });
        let code = message.code().to_owned();
        let remedy = match column {
            Some(place) => self.in_its_words(place, message),
            None => message,
        };
        CellDefect { column, code, remedy }
    }

    /// What is said of a field, said of its column: titles for the names of fields, and for what a value
    /// should be what people write into cells.
    fn in_its_words(&self, place: usize, message: Message) -> Message {
        let column = &self.columns[place];
        let words = || -> Option<Argument> {
            Some(column.labels()?.iter().map(|label| label.text(self.language)).collect())
        };
        let titled = |field: &str| {
            let place = self.columns.iter().position(|other| &other.pointer[1..] == field);
            place.map(|place| self.titles[place].as_str())
        };
        let code = message.code();
        message.map(|name, value| match (name, value) {
            ("field", _) => self.titles[place].as_str().into(),
            ("other", Argument::Text(field)) if code == "missing-field" => {
                titled(&field).unwrap_or(&field).into()
            }
            ("known", value) if code == "unknown-value" => words().unwrap_or(value),
            ("wanted", value) if code == "wrong-type" => match column.form {
                Form::Truth => {
                    words().map_or(value, |known| message!("value_one-of", known = known).into())
                }
                Form::Degrees => message!("value_degrees").into(),
                _ => value,
            },
            (_, Argument::Whole(millionths)) if matches!(column.form, Form::Degrees) => {
                cells::in_degrees(millionths).into()
            }
            (_, value) => value,
        })
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
pub fn cells_of(record: &Record, columns: &[Column], lang: Language) -> Vec<String> {
    let value = serde_json::to_value(record).unwrap_or(Value::Null);
    columns
        .iter()
        .map(|column| cells::cell(value.pointer(column.pointer), column.form, lang))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::words::Worded;
    use crate::text::say_in;
    use crate::wire::tabular::columns;

    /// What is said in both languages of a row that is not read, by the titles of the columns.
    fn said(kind: Kind, header: &str, row: &str) -> Vec<(String, [String; 2])> {
        let cells = |text: &str| text.split(',').map(str::to_owned).collect::<Vec<String>>();
        let rows = Rows::new(kind.as_str(), columns(kind), &cells(header)).expect("a header");
        let defects = rows.record(kind, &cells(row), None).expect_err("it has defects");
        let both = |defect: &CellDefect| {
            let title = rows.title(defect).unwrap_or_default().to_owned();
            (title, Language::ALL.map(|language| say_in(language, &defect.remedy)))
        };
        defects.iter().map(both).collect()
    }

    fn of<'s>(said: &'s [(String, [String; 2])], title: &str) -> [&'s str; 2] {
        let (_, both) = said.iter().find(|(of, _)| of == title).expect("it has a defect");
        both.each_ref().map(String::as_str)
    }

    #[test]
    fn a_value_that_is_none_of_the_drop_down_is_held_against_its_words() {
        let found = said(Kind::Areas, "编号,名称,层级*", "a,甲,省");
        let words = "市、县（区）、乡镇（街道）、村（社区）";
        assert_eq!(of(&found, "层级*")[0], format!("“省”不在可填的值之中；可填：{words}。"));
        // whoever reads the report in English has the same words to choose from
        let words = words.replace('、', ", ");
        assert_eq!(of(&found, "层级*")[1], format!("\"省\" is none of: {words}."));
        let found = said(Kind::Areas, "Id,Name,Level", "a,A,省");
        assert_eq!(of(&found, "Level")[1], "\"省\" is none of: city, county, town, village.");
    }

    #[test]
    fn a_defect_speaks_of_columns_and_of_what_people_write() {
        let header =
            "统一社会信用代码,名称,区域编号,行业代码,风险等级,信用等级,经度,纬度,不参加联合检查";
        let row = "91350100M000100Y43,甲,a,6210,A,,181.5,,也许";
        let found = said(Kind::Enterprises, header, row);
        assert_eq!(of(&found, "信用等级")[0], "“信用等级”为必填项。");
        assert_eq!(of(&found, "经度")[0], "“经度”是 181.500000；应为 0.000000 至 180.000000。");
        assert_eq!(of(&found, "纬度")[0], "填写“经度”时，须同时填写“纬度”。");
        assert_eq!(
            of(&found, "不参加联合检查"),
            [
                "“不参加联合检查”应为下列之一：是、否，而不是“也许”。",
                "\"不参加联合检查\" should be one of 是, 否, not \"也许\"."
            ]
        );
        // of a column that is not in the file the title is in the language of the others
        let found = said(
            Kind::QuietPeriods,
            "Id,Area id,From,To,First day of the month",
            "q,a,2026-01-01,2026-02-01,3",
        );
        let beside = "\"First day of the month\" needs \"Last day of the month\" beside it.";
        assert_eq!(of(&found, "Last day of the month")[1], beside);
    }

    #[test]
    fn a_header_is_held_against_the_titles_of_its_language() {
        let said = |header: &str, language| {
            let cells: Vec<String> = header.split(',').map(str::to_owned).collect();
            let found = Rows::new("areas", columns(Kind::Areas), &cells).err().unwrap_or_default();
            found.iter().map(|defect| say_in(language, &defect.message)).collect::<Vec<String>>()
        };
        assert_eq!(
            said("编号,颜色", Language::Zh),
            [
                "没有名为“颜色”的列；请删除或改名。可用的列：编号、名称、英文名称、层级、上级区域编号。",
                "缺少列“名称”（Name），请补上。"
            ]
        );
        assert_eq!(
            said("Id,Name,Colour", Language::En),
            [
                "No column of \"areas\" is called \"Colour\"; remove or rename it. There are: Id, Name, \
              English name, Level, Parent area id."
            ]
        );
    }
}
