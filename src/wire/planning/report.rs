//! What is reported about a run, as JSON.

use crate::domain::{CostParts, Message};
use crate::message;
use crate::text::say;
use serde::Serialize;
use std::collections::BTreeMap;

/// The report of a run. Costs are in the problem's one unit of burden.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct Report {
    /// Name of the problem.
    pub problem: String,
    /// Cost of the plan.
    pub cost: i64,
    /// The cost term by term.
    pub parts: Parts,
    /// No valid plan costs less.
    pub bound: i64,
    /// A better bound, where the solver worked one out on the whole model: by its word alone, which no
    /// certificate proves.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bound_unproven: Option<i64>,
    /// (cost − bound) / cost.
    pub gap: f64,
    /// The same after the penalties of impossible requests are taken from both.
    pub controllable_gap: f64,
    /// Number of requests that no day can take.
    pub impossible: usize,
    /// Sum of their penalties.
    pub impossible_cost: i64,
    /// Visits of the plan.
    pub visits: usize,
    /// Visits there would be if every scheduled request, or `together` group, were held by itself.
    pub separate_visits: usize,
    /// Visits of two or more departments.
    pub joint_visits: usize,
    /// Requests in joint visits.
    pub joint_requests: usize,
    /// Requests in visits.
    pub scheduled: usize,
    /// Requests of the problem.
    pub requests: usize,
    /// Wall clock of the run, reading the problem included.
    pub seconds: f64,
    /// Wall clock until the first plan.
    pub first_plan_seconds: f64,
    /// `optimal`, `gap`, `work`, `time` or `interrupt`.
    pub stopped_by: &'static str,
    /// Seed of the random numbers.
    pub seed: u64,
    /// Subproblems solved.
    pub work: u64,
    /// Threads used.
    pub threads: usize,
    /// Why each unscheduled request is out.
    pub left_out: Vec<LeftOut>,
}

impl Report {
    /// Requests left out by reason: each code in words, with their number.
    pub fn reasons(&self) -> Vec<(String, usize)> {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for reason in &self.left_out {
            *counts.entry(reason.code).or_default() += 1;
        }
        counts.into_iter().map(|(code, n)| (in_words(code, n), n)).collect()
    }
}

/// Cost terms, named as in the domain.
#[derive(Clone, Copy, Debug, Serialize, utoipa::ToSchema)]
pub struct Parts {
    visits: i64,
    attendance: i64,
    unscheduled: i64,
    late: i64,
    keep: i64,
    overtime: i64,
    targets: i64,
}

impl From<CostParts> for Parts {
    fn from(parts: CostParts) -> Self {
        let CostParts { visits, attendance, unscheduled, late, keep, overtime, targets } = parts;
        Self { visits, attendance, unscheduled, late, keep, overtime, targets }
    }
}

/// Why one request is out.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct LeftOut {
    /// Id of the request.
    pub request: String,
    /// `impossible` (in any plan), `no-room` (in this plan), `too-dear` (there is room, but it costs
    /// more than the penalty) or `not-found` (a large enterprise, not searched exhaustively).
    pub certainty: &'static str,
    /// Stable code.
    pub code: &'static str,
    /// The pool that is full on most of its days, where pools are the reason.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pool: Option<String>,
    /// Cost of leaving it out.
    pub penalty: i64,
    /// What taking it would add to the cost, its penalty deducted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub extra_cost: Option<i64>,
}

/// The code of a reason in words, to follow so many requests, in the reader's language; a code of another
/// version of this program is left as it is.
pub fn in_words(code: &str, requests: usize) -> String {
    reason(code, requests).map_or_else(|| code.to_owned(), |reason| say(&reason))
}

fn reason(code: &str, requests: usize) -> Option<Message> {
    Some(match code {
        "no-open-day" => message!("no-open-day_left-out", requests = requests),
        "only-quiet-days" => message!("only-quiet-days_left-out", requests = requests),
        "too-soon-after-last-visit" => {
            message!("too-soon-after-last-visit_left-out", requests = requests)
        }
        "cap-is-zero" => message!("cap-is-zero_left-out", requests = requests),
        "pool-too-small" => message!("pool-too-small_left-out", requests = requests),
        "solo-in-group" => message!("solo-in-group_left-out", requests = requests),
        "group-too-long" => message!("group-too-long_left-out", requests = requests),
        "costs-more-than-its-penalty" => {
            message!("costs-more-than-its-penalty_left-out", requests = requests)
        }
        "pools-full" => message!("pools-full_left-out", requests = requests),
        "not-searched" => message!("not-searched_left-out", requests = requests),
        "no-visit-fits" => message!("no-visit-fits_left-out", requests = requests),
        _ => return None,
    })
}
