//! Days that come back, as spans.

use crate::domain::problem::Span;
use chrono::{Datelike, NaiveDate};

/// The days of `within` for which `is_in` holds, as the fewest spans.
pub fn spans(within: Span, is_in: impl Fn(NaiveDate) -> bool) -> Vec<Span> {
    let mut found: Vec<Span> = Vec::new();
    for day in within.first.iter_days().take_while(|day| *day <= within.last) {
        if !is_in(day) {
            continue;
        }
        match found.last_mut() {
            Some(span) if span.last.succ_opt() == Some(day) => span.last = day,
            _ => found.push(Span { first: day, last: day }),
        }
    }
    found
}

/// The part of `span` that lies in `within`.
pub fn part(span: Span, within: Span) -> Option<Span> {
    let part = Span { first: span.first.max(within.first), last: span.last.min(within.last) };
    (part.first <= part.last).then_some(part)
}

/// Whether a day is one of the open days of the week: digits, 1 for Monday to 7.
pub fn is_open_weekday(open: &str, day: NaiveDate) -> bool {
    let digit = char::from_digit(day.weekday().number_from_monday(), 10);
    digit.is_some_and(|digit| open.contains(digit))
}

/// Whether a text lists open days of the week: 1 to 7 ascending, at least one.
pub fn is_open_weekdays(text: &str) -> bool {
    let digits = text.as_bytes();
    !digits.is_empty()
        && digits.iter().all(|digit| (b'1'..=b'7').contains(digit))
        && digits.windows(2).all(|pair| pair[0] < pair[1])
}
