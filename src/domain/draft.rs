//! A problem as people write it: plain data, field by field, in which anything may be wrong.
//! [`Problem::build`](super::Problem::build) judges it.

use super::register::grade::Grade;
use super::words::Worded;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use strum::{EnumString, IntoStaticStr, VariantArray, VariantNames};
use utoipa::ToSchema;

/// A burden, in the problem's one unit.
pub type Cost = i64;

/// Both days included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// First day.
    pub first: NaiveDate,
    /// Last day.
    pub last: NaiveDate,
}

impl Span {
    /// Whether `day` lies in it.
    pub fn contains(&self, day: NaiveDate) -> bool {
        self.first <= day && day <= self.last
    }
}

/// Person-minutes that departments may spend each day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pool {
    /// Unique id.
    pub id: String,
    /// The department whose inspectors these are.
    pub department: String,
    /// Person-minutes of an ordinary day.
    pub minutes: i64,
    /// Person-minutes charged once for each visit that draws on the pool: the way there and back.
    pub attendance_minutes: i64,
    /// Person-minutes of particular days, instead of `minutes`.
    pub exceptions: BTreeMap<NaiveDate, i64>,
    /// More person-minutes that a day with any minutes may use.
    pub overtime_minutes: i64,
    /// Cost of each of them.
    pub overtime_cost: Cost,
}

impl Pool {
    /// Regular and overtime person-minutes on `day`.
    pub fn minutes_on(&self, day: NaiveDate) -> (i64, i64) {
        let minutes = *self.exceptions.get(&day).unwrap_or(&self.minutes);
        (minutes, if minutes > 0 { self.overtime_minutes } else { 0 })
    }
}

/// A published inspect-once scenario: who may go together, and how large a visit may get.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scenario {
    /// Unique id.
    pub id: String,
    /// Most departments at one visit.
    pub max_departments: i64,
    /// Most people on site at once.
    pub max_inspectors: i64,
    /// Longest on-site time, departments side by side.
    pub max_minutes: i64,
}

/// At most `at_most` counted visits within the span.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cap {
    /// The days it speaks of.
    pub span: Span,
    /// Only visits in which this department takes part with a request that is not exempt.
    pub department: Option<String>,
    /// Only visits under this scenario.
    pub scenario: Option<String>,
    /// The limit.
    pub at_most: i64,
}

/// Who is inspected, as a problem has it: the burden of a visit, caps and closed days of one horizon. What
/// rules see of it is an [`EnterpriseCase`](crate::domain::rules::case::EnterpriseCase).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProblemEnterprise {
    /// Unique id.
    pub id: String,
    /// Area, for targets.
    pub area: String,
    /// Industry, for people.
    pub industry: String,
    /// Risk level, for targets.
    pub risk: Grade,
    /// Burden of one visit.
    pub visit_cost: Cost,
    /// Counted visits left in the horizon.
    pub visit_cap: i64,
    /// Least days between consecutive counted visits.
    pub min_gap_days: i64,
    /// Day of the last counted visit before the horizon.
    pub last_counted: Option<NaiveDate>,
    /// Nobody visits.
    pub closed: Vec<Span>,
    /// Quiet-exempt requests only.
    pub quiet: Vec<Span>,
    /// Counted visits left for a department.
    pub department_caps: BTreeMap<String, i64>,
    /// Caps over spans of days.
    pub caps: Vec<Cap>,
}

impl ProblemEnterprise {
    /// Whether nobody may come on `day`.
    pub fn is_closed(&self, day: NaiveDate) -> bool {
        self.closed.iter().any(|span| span.contains(day))
    }

    /// Whether only quiet-exempt requests may be held on `day`.
    pub fn is_quiet(&self, day: NaiveDate) -> bool {
        self.quiet.iter().any(|span| span.contains(day))
    }
}

/// What a request draws from one pool: `inspectors × minutes` person-minutes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Use {
    /// Id of the pool, which may belong to any department.
    pub pool: String,
    /// People needed from it.
    pub inspectors: i64,
}

/// The day a request is wanted by, and what each later day costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    /// Last day without cost.
    pub date: NaiveDate,
    /// Cost of each calendar day after it.
    pub late_cost: Cost,
}

/// The day a request was promised for, and what moving it costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keep {
    /// The day.
    pub date: NaiveDate,
    /// Cost if the visit is on another day.
    pub cost: Cost,
}

/// Inspect this enterprise, on site, within these days.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Unique id.
    pub id: String,
    /// Id of the enterprise.
    pub enterprise: String,
    /// The department that files it.
    pub department: String,
    /// First allowed day.
    pub earliest: NaiveDate,
    /// Last allowed day.
    pub latest: NaiveDate,
    /// Minutes on site.
    pub minutes: i64,
    /// Who must come.
    pub uses: Vec<Use>,
    /// Ids of the scenarios under which it may be combined; empty: never with another department.
    pub scenarios: Vec<String>,
    /// Cost if unscheduled.
    pub penalty: Cost,
    /// Does not count towards caps and gaps.
    pub exempt: bool,
    /// May be held on quiet days; absent: as `exempt`.
    pub quiet_exempt: Option<bool>,
    /// Group within one enterprise and department whose requests share a visit or stay out.
    pub together: Option<String>,
    /// The window goes on after the horizon: left out, it is deferred; no target counts it.
    pub deferrable: bool,
    /// Never shares a visit.
    pub solo: bool,
    /// Wanted by.
    pub due: Option<Due>,
    /// Promised for.
    pub keep: Option<Keep>,
}

impl Request {
    /// Whether it may be held on quiet days.
    pub fn is_quiet_exempt(&self) -> bool {
        self.quiet_exempt.unwrap_or(self.exempt)
    }

    /// Its crew: the people it needs on site.
    pub fn crew(&self) -> i64 {
        self.uses.iter().map(|u| u.inspectors).sum()
    }

    /// What holding it on `day` costs: days late and the move from its kept day.
    pub fn day_cost(&self, day: NaiveDate) -> Cost {
        self.late_cost_on(day) + self.keep_cost_on(day)
    }

    /// What the days after `due` cost when held on `day`.
    pub fn late_cost_on(&self, day: NaiveDate) -> Cost {
        let days = |due: Due| (day - due.date).num_days().max(0);
        self.due.map_or(0, |due| due.late_cost.saturating_mul(days(due)))
    }

    /// What moving it from its kept day to `day` costs.
    pub fn keep_cost_on(&self, day: NaiveDate) -> Cost {
        self.keep.map_or(0, |keep| if keep.date == day { 0 } else { keep.cost })
    }
}

/// What a target counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[derive(EnumString, IntoStaticStr, VariantArray, VariantNames)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum TargetMeasure {
    /// Requests in scope that are scheduled.
    Scheduled,
    /// Requests in scope in a visit of two or more departments.
    Joint,
    /// Enterprises with a request in scope that is scheduled.
    Visited,
}

impl Worded for TargetMeasure {}

/// A share with at most four decimals, exact: 9,800 is 0.98.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Share(pub i64);

impl Share {
    /// One whole.
    pub const ONE: Share = Share(10_000);

    /// The least whole number that is at least this share of `n`.
    pub fn ceil_of(self, n: i64) -> i64 {
        (self.0 * n + Share::ONE.0 - 1).div_euclid(Share::ONE.0)
    }
}

/// Done before the horizon.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Already {
    /// Reached.
    pub reached: i64,
    /// Out of.
    pub of: i64,
}

/// A coverage target with a price for each one short. All filters given must match.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// Unique id.
    pub id: String,
    /// What is counted.
    pub measure: TargetMeasure,
    /// Filter: the request's department.
    pub department: Option<String>,
    /// Filter: a scenario that the request lists.
    pub scenario: Option<String>,
    /// Filter: the enterprise's area.
    pub area: Option<String>,
    /// Filter: the enterprise's risk.
    pub risk: Option<Grade>,
    /// The share asked for.
    pub at_least: Share,
    /// Cost for each one short.
    pub shortfall_cost: Cost,
    /// Done before the horizon.
    pub already: Already,
}

/// A visit that is scheduled already: the plan must hold it on that day, with at least these
/// requests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fixed {
    /// Id of the enterprise.
    pub enterprise: String,
    /// The day.
    pub date: NaiveDate,
    /// Ids of the requests.
    pub requests: Vec<String>,
}

/// A problem as people write it: anything may be wrong with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// A free name.
    pub name: String,
    /// First day of the horizon.
    pub start: NaiveDate,
    /// Last day of the horizon.
    pub end: NaiveDate,
    /// Days on which nobody visits anyone.
    pub closed_days: BTreeSet<NaiveDate>,
    /// Cost of each department's presence at each visit.
    pub attendance_cost: Cost,
    /// Longest on-site time of a visit by one department that covers two or more requests.
    pub max_visit_minutes: i64,
    /// Person-minutes.
    pub pools: Vec<Pool>,
    /// Who may go together.
    pub scenarios: Vec<Scenario>,
    /// Who is inspected, as a problem has it: the burden of a visit, caps and closed days of one horizon. What
    /// rules see of it is an [`EnterpriseCase`](crate::domain::rules::case::EnterpriseCase).
    pub enterprises: Vec<ProblemEnterprise>,
    /// What is asked for.
    pub requests: Vec<Request>,
    /// What managers want.
    pub targets: Vec<Target>,
    /// What is scheduled already.
    pub fixed: Vec<Fixed>,
}
