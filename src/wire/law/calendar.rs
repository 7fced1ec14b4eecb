//! Public-holiday files: TOML, one a year.

use crate::domain::Message;
use crate::domain::calendar::{Calendar, CalendarYear};
use crate::message;
use chrono::NaiveDate;
use serde::Deserialize;

/// The shipped years.
const SHIPPED: [&str; 1] = [include_str!("calendars/cn-2026.toml")];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct YearFile {
    year: i32,
    /// Where the dates come from; required, because a holiday without a source is a rumour.
    #[serde(rename = "source")]
    _source: String,
    holidays: Vec<HolidayEntry>,
    workdays: Vec<toml::value::Datetime>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct HolidayEntry {
    #[serde(rename = "name")]
    _name: String,
    first: toml::value::Datetime,
    last: toml::value::Datetime,
}

/// Chinese public holidays and make-up workdays of the shipped years.
pub fn shipped() -> Calendar {
    let mut calendar = Calendar::default();
    for text in SHIPPED {
        let (year, days) = read_year(text).expect("shipped calendars are well formed");
        calendar.insert(year, days);
    }
    calendar
}

/// Reads one year's file. The error names the line, or the date that cannot be.
pub fn read_year(text: &str) -> Result<(i32, CalendarYear), Message> {
    let file: YearFile = toml::from_str(text).map_err(|error| {
        let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        message!("bad-calendar", error = error.message(), line = line)
    })?;
    let mut days = CalendarYear::default();
    for holiday in &file.holidays {
        let (first, last) = (day(&holiday.first, file.year)?, day(&holiday.last, file.year)?);
        if last < first {
            return Err(message!("bad-calendar_reversed", first = first, last = last));
        }
        days.holidays.extend(first.iter_days().take_while(|day| *day <= last));
    }
    for workday in &file.workdays {
        days.workdays.insert(day(workday, file.year)?);
    }
    Ok((file.year, days))
}

fn day(datetime: &toml::value::Datetime, year: i32) -> Result<NaiveDate, Message> {
    let date = datetime.date.filter(|_| datetime.time.is_none() && datetime.offset.is_none());
    let found = || datetime.to_string();
    let date = date.ok_or_else(|| message!("bad-calendar_not-a-day", found = found()))?;
    let day = NaiveDate::from_ymd_opt(date.year.into(), date.month.into(), date.day.into());
    let day = day.ok_or_else(|| message!("bad-calendar_no-such-day", found = found()))?;
    if i32::from(date.year) != year {
        return Err(message!("bad-calendar_other-year", day = day, year = year.to_string()));
    }
    Ok(day)
}
