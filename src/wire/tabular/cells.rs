//! One cell: from text to a value of JSON, and back.

use super::columns::{Form, TRUTHS, half_width};
use crate::domain::Language;
use crate::wire::json::Node;
use chrono::NaiveDate;
use serde_json::Value;
use std::borrow::Cow;

/// What separates the elements of a list.
const BETWEEN: [char; 6] = [';', '；', '、', ',', '，', '\n'];

/// The value of a cell that is not empty. What cannot be read as its form is handed on as a text, for
/// the reader to say what it should be.
pub(super) fn value<'c>(cell: &'c str, form: Form) -> Node<'c> {
    let as_text = || Node::Text(cell.into());
    match form {
        Form::Text => as_text(),
        Form::Whole => whole(cell).map_or_else(as_text, Node::Whole),
        Form::Degrees => degrees(cell).map_or_else(as_text, Node::Whole),
        Form::Day => Node::Text(day(cell).map_or(cell.into(), |day| day.to_string().into())),
        Form::Truth => {
            let label = TRUTHS.iter().find(|label| label.is_called(cell));
            label.map_or_else(as_text, |label| Node::Bool(label.value == "true"))
        }
        Form::Choice(labels) => {
            let labels = labels();
            let label = labels.iter().find(|label| label.is_called(cell));
            Node::Text(label.map_or(cell, |label| label.value).into())
        }
        Form::List => {
            let parts = cell.split(BETWEEN).map(str::trim).filter(|part| !part.is_empty());
            Node::List(parts.map(|part| Node::Text(part.into())).collect())
        }
        Form::DayMinutes => {
            let parts = cell.split(BETWEEN).map(str::trim).filter(|part| !part.is_empty());
            Node::Object(parts.map(day_minutes).collect())
        }
    }
}

fn day_minutes(part: &str) -> (Cow<'_, str>, Node<'_>) {
    let (key, minutes) = part.split_once(['=', '＝', ':', '：']).unwrap_or((part, ""));
    let (key, minutes) = (key.trim(), minutes.trim());
    let key = day(key).map_or(key.into(), |day| day.to_string().into());
    (key, whole(minutes).map_or_else(|| Node::Text(minutes.into()), Node::Whole))
}

/// A whole number, also as spreadsheets write it ("60.0").
fn whole(text: &str) -> Option<i64> {
    let text = &in_half_width(text);
    let digits = text.split_once('.').filter(|(_, rest)| rest.bytes().all(|b| b == b'0'));
    digits.map_or(text.as_ref(), |(digits, _)| digits).parse().ok()
}

/// A number or day with the digits and marks that programs write.
fn in_half_width(text: &str) -> Cow<'_, str> {
    if text.is_ascii() { text.into() } else { text.chars().map(half_width).collect() }
}

/// Degrees with at most six decimals, as millionths.
fn degrees(text: &str) -> Option<i64> {
    let text = in_half_width(text);
    let (whole, decimals) = text.split_once('.').unwrap_or((&text, ""));
    let is_digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || whole.len() > 3 || !is_digits(whole) || !is_digits(decimals) {
        return None;
    }
    // what is finer than a hand's breadth is cut off
    let decimals: String = decimals.chars().chain("000000".chars()).take(6).collect();
    Some(whole.parse::<i64>().ok()? * 1_000_000 + decimals.parse::<i64>().ok()?)
}

/// A day as people write it: 2026-03-02, 2026/3/2, 2026.3.2, 20260302 or 2026年3月2日.
fn day(text: &str) -> Option<NaiveDate> {
    let text = &in_half_width(text);
    // a spreadsheet may write midnight beside a day
    let text = text.strip_suffix("00:00:00").unwrap_or(text).trim();
    if text.len() == 8 && text.bytes().all(|b| b.is_ascii_digit()) {
        return NaiveDate::parse_from_str(text, "%Y%m%d").ok();
    }
    let text = text.strip_suffix('日').unwrap_or(text);
    let parts: Vec<&str> = text.split(['-', '/', '.', '年', '月']).collect();
    let [year, month, day] = parts[..] else { return None };
    if year.len() != 4 || month.is_empty() || day.is_empty() || month.len().max(day.len()) > 2 {
        return None;
    }
    NaiveDate::from_ymd_opt(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?)
}

/// Millionths of a degree as decimal degrees.
pub(super) fn in_degrees(millionths: i64) -> String {
    format!("{}.{:06}", millionths / 1_000_000, millionths % 1_000_000)
}

/// The cell of a value.
pub(super) fn cell(value: Option<&Value>, form: Form, lang: Language) -> String {
    let Some(value) = value else { return String::new() };
    match (form, value) {
        (Form::Degrees, Value::Number(number)) => in_degrees(number.as_i64().unwrap_or_default()),
        (Form::Choice(labels), Value::String(text)) => {
            let labels = labels();
            let label = labels.iter().find(|label| label.value == text);
            label.map_or(text.as_str(), |label| label.text(lang)).to_owned()
        }
        (_, Value::String(text)) => text.clone(),
        (_, Value::Number(number)) => number.to_string(),
        (_, Value::Bool(truth)) => {
            let label = TRUTHS.iter().find(|label| (label.value == "true") == *truth);
            label.map_or("", |label| label.text(lang)).to_owned()
        }
        (_, Value::Array(list)) => {
            let parts = list.iter().filter_map(Value::as_str);
            parts.collect::<Vec<_>>().join("; ")
        }
        (_, Value::Object(entries)) => {
            let parts = entries.iter().map(|(key, value)| format!("{key}={value}"));
            parts.collect::<Vec<_>>().join("; ")
        }
        (_, Value::Null) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_read_as_people_write_them() {
        let wanted = NaiveDate::from_ymd_opt(2026, 3, 2);
        for text in [
            "2026-03-02",
            "2026/3/2",
            "2026.3.2",
            "20260302",
            "2026年3月2日",
            "2026-03-02 00:00:00",
            "２０２６年３月２日",
            "２０２６－０３－０２",
        ] {
            assert_eq!(day(text), wanted, "{text}");
        }
        for text in ["2026-13-02", "3/2/2026", "26-3-2", "2026-3", "", "2026-3-2-1", "2026-02-30"] {
            assert_eq!(day(text), None, "{text}");
        }
    }

    #[test]
    fn what_a_cell_cannot_mean_is_handed_on_as_it_is() {
        assert_eq!(value("有", Form::Truth), Node::Bool(true));
        assert_eq!(value("Ｎ", Form::Truth), Node::Bool(false));
        assert_eq!(value("Maybe", Form::Truth), Node::Text("Maybe".into()));
        assert_eq!(value("也许", Form::Choice(|| TRUTHS.to_vec())), Node::Text("也许".into()));
        let day = (Cow::from("2026-03-20"), Node::Whole(0));
        assert_eq!(value("２０２６/３/２０＝０", Form::DayMinutes), Node::Object(vec![day]));
    }

    #[test]
    fn numbers_are_read_whole() {
        assert_eq!((whole("60"), whole("60.0"), whole("-1")), (Some(60), Some(60), Some(-1)));
        assert_eq!((whole("６０"), degrees("１１８．５")), (Some(60), Some(118_500_000)));
        assert_eq!((whole("60.5"), whole("1e3"), whole("")), (None, None, None));
        assert_eq!(degrees("118.1234567"), Some(118_123_456));
        assert_eq!((degrees("24"), degrees("24.5")), (Some(24_000_000), Some(24_500_000)));
        assert_eq!((degrees("-24"), degrees("N24"), degrees("1.2.3")), (None, None, None));
    }
}
