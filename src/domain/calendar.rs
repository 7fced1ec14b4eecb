//! Which days are workdays: weekends, public holidays and make-up workdays (调休).
//!
//! Holidays are data, one file a year (read by [`crate::wire::law::calendar`]); a year without data is
//! an error, because a guess would send inspectors out on a holiday.

use chrono::{Datelike, NaiveDate, Weekday};
use std::collections::{BTreeMap, BTreeSet};

/// One year's decree: the days off and the weekend days worked in exchange.
#[derive(Clone, Debug, Default)]
pub struct CalendarYear {
    /// Public holidays, weekends within them included.
    pub holidays: BTreeSet<NaiveDate>,
    /// Saturdays and Sundays that are workdays.
    pub workdays: BTreeSet<NaiveDate>,
}

/// The known years.
#[derive(Clone, Debug, Default)]
pub struct Calendar {
    years: BTreeMap<i32, CalendarYear>,
}

/// No holiday data for this year.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("the public holidays of {0} are not known to this version")]
pub struct YearUnknown(pub i32);

impl Calendar {
    /// Adds or replaces a year.
    pub fn insert(&mut self, year: i32, days: CalendarYear) {
        self.years.insert(year, days);
    }

    /// Whether people work on `day`.
    pub fn is_workday(&self, day: NaiveDate) -> Result<bool, YearUnknown> {
        let year = self.years.get(&day.year()).ok_or(YearUnknown(day.year()))?;
        let weekend = matches!(day.weekday(), Weekday::Sat | Weekday::Sun);
        Ok(year.workdays.contains(&day) || !(weekend || year.holidays.contains(&day)))
    }

    /// The days from `first` to `last`, both included, on which nobody works: what a problem calls
    /// `closed_days`. Empty when `last` is before `first`.
    pub fn closed_days(
        &self,
        first: NaiveDate,
        last: NaiveDate,
    ) -> Result<Vec<NaiveDate>, YearUnknown> {
        let mut closed = Vec::new();
        for day in first.iter_days().take_while(|day| *day <= last) {
            if !self.is_workday(day)? {
                closed.push(day);
            }
        }
        Ok(closed)
    }
}
