//! The problem: what departments ask for, what the law and the inspectors' time allow.
//!
//! [`Problem::build`] makes one of a [`Draft`] and is the only way in. A [`Problem`] is therefore
//! always valid: every reference resolves, every window lies in the horizon, and the fixed visits
//! break no rule.

pub use super::draft::*;

use super::ids::Ids;
use super::message::{Message, shortened};
use chrono::NaiveDate;
use std::borrow::Cow;
use std::collections::BTreeSet;

// Limits beyond the format's own, so that no sum overflows; far above any real value.

/// Largest price a problem may name.
pub const COST_MAX: i64 = 1_000_000_000_000;
/// Most that everything together may cost: all penalties, latest days, visits, overtime and
/// shortfalls. The optimiser counts in 4,096ths of it and adds a few such totals up.
pub const TOTAL_COST_MAX: i64 = 1 << 45;
/// Largest person-minutes of a pool's day, and largest count of a target.
pub const MINUTES_MAX: i64 = 100_000_000;
/// Largest person-minutes one request may draw from one pool.
pub const REQUEST_MINUTES_MAX: i64 = 10_000_000;
/// Longest horizon in days (ten years).
pub const DAYS_MAX: i64 = 3_660;
/// Most requests at one enterprise.
pub const REQUESTS_AT_ONE_MAX: usize = 10_000;
/// Most departments filing at one enterprise that its caps may name.
pub const CAPPED_DEPARTMENTS_MAX: usize = 128;

/// One thing wrong with a problem or a plan file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Defect {
    /// JSON pointer (RFC 6901) to the place.
    pub pointer: String,
    /// What is wrong and what to do; its code is the defect's.
    pub message: Message,
}

impl Defect {
    /// A defect at `pointer`; of a long pointer the middle is left out.
    pub fn at(pointer: impl AsRef<str>, message: Message) -> Self {
        let pointer = shortened(pointer.as_ref(), 300).into_owned();
        Self { pointer, message }
    }

    /// Stable code, kebab case.
    pub fn code(&self) -> &'static str {
        self.message.code()
    }
}

/// For logs and failed tests.
impl std::fmt::Display for Defect {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.pointer, self.message)
    }
}

/// A valid problem. Positions are places in the draft's lists.
#[derive(Clone, Debug)]
pub struct Problem {
    pub(super) draft: Draft,
    pub(super) pools: Ids,
    pub(super) scenarios: Ids,
    pub(super) enterprises: Ids,
    pub(super) requests: Ids,
    pub(super) enterprise_of: Vec<usize>,
    /// Positions of the requests, those of one enterprise after those of the one before; and where
    /// each one's end.
    pub(super) requests_at: Vec<usize>,
    pub(super) requests_at_end: Vec<usize>,
    pub(super) group_sizes: Vec<usize>,
}

impl Problem {
    /// Every fact of the problem.
    pub fn facts(&self) -> &Draft {
        &self.draft
    }

    /// Gives the draft back, to be edited and built again.
    pub fn into_draft(self) -> Draft {
        self.draft
    }

    /// Position of the pool with this id.
    pub fn pool(&self, id: &str) -> Option<usize> {
        self.pools.find(id, |place| &self.draft.pools[place].id)
    }

    /// Position of the scenario with this id.
    pub fn scenario(&self, id: &str) -> Option<usize> {
        self.scenarios.find(id, |place| &self.draft.scenarios[place].id)
    }

    /// Position of the enterprise with this id.
    pub fn enterprise(&self, id: &str) -> Option<usize> {
        self.enterprises.find(id, |place| &self.draft.enterprises[place].id)
    }

    /// Position of the request with this id.
    pub fn request(&self, id: &str) -> Option<usize> {
        self.requests.find(id, |place| &self.draft.requests[place].id)
    }

    /// Position of the enterprise of the request at `request`.
    pub fn enterprise_of(&self, request: usize) -> usize {
        self.enterprise_of[request]
    }

    /// Positions of the requests at the enterprise at `enterprise`, ascending.
    pub fn requests_at(&self, enterprise: usize) -> &[usize] {
        let from = if enterprise == 0 { 0 } else { self.requests_at_end[enterprise - 1] };
        &self.requests_at[from..self.requests_at_end[enterprise]]
    }

    /// Number of requests in the `together` group of the request at `request`, itself included.
    pub fn group_size(&self, request: usize) -> usize {
        self.group_sizes[request]
    }

    /// Whether `day` is in the horizon and not closed to everybody.
    pub fn is_open(&self, day: NaiveDate) -> bool {
        self.draft.start <= day && day <= self.draft.end && !self.draft.closed_days.contains(&day)
    }

    /// Positions of the requests that the target at `target` counts, ascending.
    pub fn scope(&self, target: usize) -> Vec<usize> {
        let t = &self.draft.targets[target];
        let in_scope = |(position, request): (usize, &Request)| {
            let enterprise = &self.draft.enterprises[self.enterprise_of[position]];
            let matches = !request.deferrable
                && t.department.as_ref().is_none_or(|d| *d == request.department)
                && t.scenario.as_ref().is_none_or(|s| request.scenarios.contains(s))
                && t.area.as_ref().is_none_or(|a| *a == enterprise.area)
                && t.risk.is_none_or(|r| r == enterprise.risk);
            matches.then_some(position)
        };
        self.draft.requests.iter().enumerate().filter_map(in_scope).collect()
    }

    /// How many the target at `target` still asks for, given its scope; never negative.
    pub fn needed(&self, target: usize, scope: &[usize]) -> i64 {
        let t = &self.draft.targets[target];
        let n = match t.measure {
            TargetMeasure::Scheduled | TargetMeasure::Joint => scope.len(),
            TargetMeasure::Visited => {
                scope.iter().map(|r| self.enterprise_of[*r]).collect::<BTreeSet<_>>().len()
            }
        };
        (t.at_least.ceil_of(n as i64 + t.already.of) - t.already.reached).max(0)
    }

    /// Departments with requests at the enterprise at `enterprise` that its caps name, in order of
    /// names.
    pub fn capped_departments(&self, enterprise: usize) -> Vec<&str> {
        let facts = &self.draft.enterprises[enterprise];
        let in_spans = facts.caps.iter().filter_map(|cap| cap.department.as_deref());
        let named: BTreeSet<&str> =
            in_spans.chain(facts.department_caps.keys().map(String::as_str)).collect();
        if named.is_empty() {
            return Vec::new();
        }
        let requests = self.requests_at(enterprise).iter().map(|r| &self.draft.requests[*r]);
        let filing: BTreeSet<&str> = requests.map(|r| r.department.as_str()).collect();
        named.intersection(&filing).copied().collect()
    }
}

/// Escapes a name for use as one token of a JSON pointer (RFC 6901).
pub fn pointer_token(name: &str) -> Cow<'_, str> {
    if name.contains(['~', '/']) {
        name.replace('~', "~0").replace('/', "~1").into()
    } else {
        name.into()
    }
}
