//! Public-holiday files: TOML, one a year.

use crate::domain::calendar::{Calendar, CalendarYear};
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

/// Reads one year's file. The error tells line and column, or which date lies outside the year.
pub fn read_year(text: &str) -> Result<(i32, CalendarYear), String> {
    let file: YearFile = toml::from_str(text).map_err(|error| error.to_string())?;
    let mut days = CalendarYear::default();
    for holiday in &file.holidays {
        let (first, last) = (day(&holiday.first, file.year)?, day(&holiday.last, file.year)?);
        if last < first {
            return Err(format!("a holiday ends ({last}) before it starts ({first})"));
        }
        days.holidays.extend(first.iter_days().take_while(|day| *day <= last));
    }
    for workday in &file.workdays {
        days.workdays.insert(day(workday, file.year)?);
    }
    Ok((file.year, days))
}

fn day(datetime: &toml::value::Datetime, year: i32) -> Result<NaiveDate, String> {
    let date = datetime.date.filter(|_| datetime.time.is_none() && datetime.offset.is_none());
    let date = date.ok_or_else(|| format!("{datetime} is not a plain day"))?;
    let day = NaiveDate::from_ymd_opt(date.year.into(), date.month.into(), date.day.into());
    let day = day.ok_or_else(|| format!("{datetime} does not exist"))?;
    if i32::from(date.year) != year {
        return Err(format!("{day} is not in {year}"));
    }
    Ok(day)
}
