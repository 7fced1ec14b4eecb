//! Grades with a history.

use chrono::NaiveDate;

/// The newest of dated values that has begun on `day`; of one day the last.
pub fn on_day<T: Copy>(history: &[(NaiveDate, T)], day: NaiveDate) -> Option<T> {
    let begun = history.iter().filter(|(from, _)| *from <= day);
    begun.max_by_key(|(from, _)| *from).map(|(_, value)| *value)
}
