//! What one plan changes against another: for people who must be notified, and managers who compare.

use super::cost::cost;
use super::plan::Plan;
use super::problem::{Cost, Problem};
use chrono::NaiveDate;
use std::collections::BTreeMap;

/// One request whose lot differs between two plans.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Id of the request.
    pub request: String,
    /// Id of its enterprise.
    pub enterprise: String,
    /// Its day in the old plan.
    pub before: Option<NaiveDate>,
    /// Its day in the new plan.
    pub after: Option<NaiveDate>,
}

/// What the new plan changes against the old one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diff {
    /// Requests that only the new plan schedules.
    pub added: Vec<Change>,
    /// Requests that only the old plan schedules.
    pub dropped: Vec<Change>,
    /// Requests on another day.
    pub moved: Vec<Change>,
    /// Requests on the same day in other company.
    pub regrouped: Vec<Change>,
    /// Requests scheduled in both with the same day and company.
    pub unchanged: usize,
    /// Visits of the old and the new plan.
    pub visits: (usize, usize),
    /// Cost of the old and the new plan.
    pub cost: (Cost, Cost),
}

/// Compares two plans request by request, in the problem's order. Ids the problem does not know
/// are passed over; a request that a plan covers twice counts with its last visit.
pub fn diff(problem: &Problem, old: &Plan, new: &Plan) -> Diff {
    let (before, after) = (lots(old), lots(new));
    let mut diff = Diff {
        visits: (old.visits.len(), new.visits.len()),
        cost: (cost(problem, old).total(), cost(problem, new).total()),
        ..Diff::default()
    };
    for r in &problem.facts().requests {
        let (old_lot, new_lot) = (before.get(r.id.as_str()), after.get(r.id.as_str()));
        let change = Change {
            request: r.id.clone(),
            enterprise: r.enterprise.clone(),
            before: old_lot.map(|lot| lot.0),
            after: new_lot.map(|lot| lot.0),
        };
        match (old_lot, new_lot) {
            (None, None) => {}
            (None, Some(_)) => diff.added.push(change),
            (Some(_), None) => diff.dropped.push(change),
            (Some(a), Some(b)) if a.0 != b.0 => diff.moved.push(change),
            (Some(a), Some(b)) if a.1 != b.1 => diff.regrouped.push(change),
            (Some(_), Some(_)) => diff.unchanged += 1,
        }
    }
    diff
}

/// Day and company (sorted, itself included) of each request.
fn lots(plan: &Plan) -> BTreeMap<&str, (NaiveDate, Vec<&str>)> {
    let mut lots = BTreeMap::new();
    for visit in &plan.visits {
        let mut company: Vec<&str> = visit.requests.iter().map(String::as_str).collect();
        company.sort_unstable();
        for id in &visit.requests {
            lots.insert(id.as_str(), (visit.date, company.clone()));
        }
    }
    lots
}
