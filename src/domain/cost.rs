//! What a plan costs: the only definition of better.

use super::loads::pool_loads;
use super::plan::Plan;
use super::problem::{Cost, Problem, Request, Target, TargetMeasure};
use std::collections::BTreeSet;

/// The cost of a plan, term by term. Lower is better.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CostParts {
    /// `visit_cost` for each visit.
    pub visits: Cost,
    /// `attendance_cost` for each department at each visit.
    pub attendance: Cost,
    /// `penalty` for each unscheduled request.
    pub unscheduled: Cost,
    /// `late_cost` for each calendar day after `due`.
    pub late: Cost,
    /// `keep.cost` for each request moved from its kept day.
    pub keep: Cost,
    /// `overtime_cost` for each person-minute beyond a pool's minutes.
    pub overtime: Cost,
    /// `shortfall_cost` for each one short of a target.
    pub targets: Cost,
}

impl CostParts {
    /// The sum.
    pub fn total(&self) -> Cost {
        let Self { visits, attendance, unscheduled, late, keep, overtime, targets } = *self;
        let terms = [visits, attendance, unscheduled, late, keep, overtime, targets];
        terms.into_iter().fold(0, Cost::saturating_add)
    }
}

/// What `plan` costs. References that do not resolve cost nothing; a plan that passes
/// [`check`](super::check()) has none. Sums of absurd plans stop at the largest number.
pub fn cost(problem: &Problem, plan: &Plan) -> CostParts {
    let facts = problem.facts();
    let mut parts = CostParts::default();
    let mut scheduled = vec![false; facts.requests.len()];
    let mut joint = vec![false; facts.requests.len()];
    let mut rows = Vec::with_capacity(plan.visits.len());
    for visit in &plan.visits {
        let positions: Vec<usize> =
            visit.requests.iter().filter_map(|id| problem.request(id)).collect();
        let requests: Vec<&Request> = positions.iter().map(|r| &facts.requests[*r]).collect();
        let departments = requests.iter().map(|r| &r.department).collect::<BTreeSet<_>>().len();
        for r in positions {
            scheduled[r] = true;
            joint[r] |= departments > 1;
        }
        parts.visits +=
            problem.enterprise(&visit.enterprise).map_or(0, |e| facts.enterprises[e].visit_cost);
        parts.attendance += facts.attendance_cost * departments as i64;
        for r in &requests {
            parts.late = parts.late.saturating_add(r.late_cost_on(visit.date));
            parts.keep = parts.keep.saturating_add(r.keep_cost_on(visit.date));
        }
        rows.push((visit.date, requests));
    }
    let left_out = facts.requests.iter().zip(&scheduled).filter(|(_, is_in)| !**is_in);
    parts.unscheduled = left_out.map(|(r, _)| r.penalty).sum();
    for ((pool, day), used) in pool_loads(problem, rows.iter().map(|(day, rs)| (*day, &rs[..]))) {
        let pool = &facts.pools[pool];
        parts.overtime += pool.overtime_cost * (used - pool.minutes_on(day).0).max(0);
    }
    for (target, coverage) in facts.targets.iter().zip(covered(problem, &scheduled, &joint)) {
        parts.targets += target.shortfall_cost * coverage.short();
    }
    parts
}

/// How far a plan comes with a target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Coverage {
    /// Requests or enterprises in scope.
    pub of: i64,
    /// As many as the target asks for within the horizon.
    pub needed: i64,
    /// As many as the plan reaches.
    pub reached: i64,
}

impl Coverage {
    /// As many as the plan is short.
    pub fn short(&self) -> i64 {
        (self.needed - self.reached).max(0)
    }
}

/// How far `plan` comes with each target, in the problem's order. References that do not resolve
/// reach nothing.
pub fn coverage(problem: &Problem, plan: &Plan) -> Vec<Coverage> {
    let facts = problem.facts();
    let mut scheduled = vec![false; facts.requests.len()];
    let mut joint = vec![false; facts.requests.len()];
    for visit in &plan.visits {
        let positions: Vec<usize> =
            visit.requests.iter().filter_map(|id| problem.request(id)).collect();
        let departments: BTreeSet<&str> =
            positions.iter().map(|r| facts.requests[*r].department.as_str()).collect();
        for r in positions {
            scheduled[r] = true;
            joint[r] |= departments.len() > 1;
        }
    }
    covered(problem, &scheduled, &joint)
}

fn covered(problem: &Problem, scheduled: &[bool], joint: &[bool]) -> Vec<Coverage> {
    let enterprises = |requests: &mut dyn Iterator<Item = usize>| {
        requests.map(|r| problem.enterprise_of(r)).collect::<BTreeSet<_>>().len()
    };
    let one = |(t, target): (usize, &Target)| {
        let scope = problem.scope(t);
        let (of, reached) = match target.measure {
            TargetMeasure::Scheduled => {
                (scope.len(), scope.iter().filter(|r| scheduled[**r]).count())
            }
            TargetMeasure::Joint => (scope.len(), scope.iter().filter(|r| joint[**r]).count()),
            TargetMeasure::Visited => {
                let mut visited = scope.iter().copied().filter(|r| scheduled[*r]);
                (enterprises(&mut scope.iter().copied()), enterprises(&mut visited))
            }
        };
        let needed = problem.needed(t, &scope);
        Coverage { of: of as i64, needed, reached: reached as i64 }
    };
    problem.facts().targets.iter().enumerate().map(one).collect()
}
