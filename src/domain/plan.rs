//! A plan: plain data that people and programs edit, so it may break rules. [`check`](super::check())
//! reports whether it does.

use chrono::NaiveDate;

/// One appearance at one enterprise on one day, covering one or more requests.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Visit {
    /// Id of the enterprise.
    pub enterprise: String,
    /// The day; a date, never an instant.
    pub date: NaiveDate,
    /// Ids of the requests covered.
    pub requests: Vec<String>,
    /// Id of the scenario: exactly when two or more departments take part.
    pub scenario: Option<String>,
}

/// Which requests share a visit, and on which day each visit is held. A request in no visit is
/// unscheduled.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// Name of the problem it answers.
    pub problem: String,
    /// The visits, in any order.
    pub visits: Vec<Visit>,
}
