//! The main job: optimise a problem, check what came out, and report it.

use crate::domain::certificate::Certificate;
use crate::domain::problem::Cost;
use crate::domain::{Plan, Problem, check};
use crate::optimiser::{self, Certainty, Outcome, Params, SecondsLeft, StoppedBy};
use crate::wire::planning::report::{LeftOut, Report};
use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

pub use crate::optimiser::{Progress, gap, least_bytes};

/// How long and how hard to search.
#[derive(Clone, Debug)]
pub struct Options {
    /// When the caller's clock began: before it read the problem, where people wait for that too.
    pub started: Instant,
    /// Stop after so long; `None`: no limit of time.
    pub time: Option<Duration>,
    /// Stop after so many subproblems. Without `time` the outcome repeats to the byte.
    pub work: Option<u64>,
    /// Stop when the gap, impossible requests apart, is at most this.
    pub gap: f64,
    /// Seed of the random numbers.
    pub seed: u64,
    /// Threads, at least 1.
    pub threads: usize,
    /// Whether to write what proves the bound.
    pub certificate: bool,
    /// Ceiling of the memory held; `None`: as much as is of use.
    pub memory_bytes: Option<u64>,
}

/// A plan that passed the checker, and its report.
pub struct Solved {
    /// The plan.
    pub plan: Plan,
    /// What proves the bound, if asked for.
    pub certificate: Option<Certificate>,
    /// What to report about it.
    pub report: Report,
    /// How cost and bound got there.
    pub curve: Vec<CurvePoint>,
}

/// Cost and bound at one moment of a run.
#[derive(Clone, Copy, Debug)]
pub struct CurvePoint {
    /// Time since the start.
    pub elapsed: Duration,
    /// Cost of the best plan.
    pub cost: Cost,
    /// Best bound.
    pub bound: Cost,
}

/// Seconds, to the millisecond.
pub fn seconds(elapsed: Duration) -> f64 {
    (elapsed.as_secs_f64() * 1000.0).round() / 1000.0
}

/// Our own bug: the optimiser's plan breaks a rule or its figures do not hold.
#[derive(Debug, thiserror::Error)]
#[error(
    "the optimiser made a plan that does not hold ({0}); please report this with the problem file"
)]
pub struct OwnBug(pub String);

/// Time kept back for what comes after the search, against what it took to read and to make the
/// first plan, or against the time so far where the first plan is not made yet.
const KEPT_BACK: f64 = 0.6;

/// Optimises `problem`. `observe` sees the progress with the time since the start, and may stop the
/// run by breaking; the best plan is kept.
pub fn solve(
    problem: &Problem,
    options: &Options,
    observe: &mut dyn FnMut(&Progress, Duration) -> ControlFlow<()>,
) -> Result<Solved, OwnBug> {
    let start = options.started;
    let kept_back: Arc<OnceLock<Duration>> = Arc::default();
    let clock = options.time.map(|time| {
        let kept_back = kept_back.clone();
        SecondsLeft(Arc::new(move || {
            let elapsed = start.elapsed();
            let back = kept_back.get().copied().unwrap_or_else(|| elapsed.mul_f64(KEPT_BACK));
            time.saturating_sub(elapsed + back).as_secs_f64()
        }))
    });
    let params = Params {
        seed: options.seed,
        work: options.work,
        gap: options.gap,
        threads: options.threads,
        certificate: options.certificate,
        memory_bytes: options.memory_bytes,
        seconds_left: clock,
    };
    let mut is_out_of_time = false;
    let mut curve: Vec<CurvePoint> = Vec::new();
    let outcome = optimiser::optimise(problem, &params, &mut |progress| {
        let elapsed = start.elapsed();
        let point = CurvePoint { elapsed, cost: progress.cost, bound: progress.bound };
        if curve.last().is_none_or(|last| (last.cost, last.bound) != (point.cost, point.bound)) {
            curve.push(point);
        }
        let back = *kept_back.get_or_init(|| elapsed.mul_f64(KEPT_BACK));
        is_out_of_time = options.time.is_some_and(|time| elapsed + back >= time);
        if is_out_of_time {
            return ControlFlow::Break(());
        }
        observe(progress, elapsed)
    });
    verify(problem, &outcome)?;
    let report = report(problem, options, &outcome, &curve, is_out_of_time);
    Ok(Solved { plan: outcome.plan, certificate: outcome.certificate, report, curve })
}

/// Holds an outcome against the checker and the cost, which share nothing with the optimiser.
fn verify(problem: &Problem, outcome: &Outcome) -> Result<(), OwnBug> {
    if let Some(violation) = check(problem, &outcome.plan).first() {
        return Err(OwnBug(violation.to_string()));
    }
    // `outcome.cost` is the domain's own account
    let (cost, search) = (outcome.cost.total(), outcome.search_cost);
    if cost != search {
        return Err(OwnBug(format!("cost {cost}, but the search believes {search}")));
    }
    if outcome.bound > cost {
        return Err(OwnBug(format!("bound {} above cost {cost}", outcome.bound)));
    }
    Ok(())
}

fn report(
    problem: &Problem,
    options: &Options,
    outcome: &Outcome,
    curve: &[CurvePoint],
    is_out_of_time: bool,
) -> Report {
    let elapsed = options.started.elapsed();
    let facts = problem.facts();
    let mut groups: BTreeSet<(&str, &str)> = BTreeSet::new();
    let (mut scheduled, mut separate, mut joint_requests) = (0, 0, 0);
    for visit in &outcome.plan.visits {
        scheduled += visit.requests.len();
        joint_requests += if visit.scenario.is_some() { visit.requests.len() } else { 0 };
        for id in &visit.requests {
            let request = &facts.requests[problem.request(id).expect("a checked plan")];
            separate += match &request.together {
                None => 1,
                Some(group) => usize::from(groups.insert((&request.enterprise, group))),
            };
        }
    }
    let total = outcome.cost.total();
    let certainty = |certainty: Certainty| match certainty {
        Certainty::Impossible => "impossible",
        Certainty::NoRoom => "no-room",
        Certainty::TooDear => "too-dear",
        Certainty::NotFound => "not-found",
    };
    let left_out = outcome.left_out.iter().map(|reason| LeftOut {
        request: facts.requests[reason.request].id.clone(),
        certainty: certainty(reason.certainty),
        code: reason.code,
        pool: reason.pool.map(|pool| facts.pools[pool].id.clone()),
        penalty: facts.requests[reason.request].penalty,
        extra_cost: reason.extra_cost,
    });
    Report {
        problem: facts.name.clone(),
        cost: total,
        parts: outcome.cost.into(),
        bound: outcome.bound,
        bound_unproven: outcome.bound_unproven,
        gap: optimiser::gap(total, outcome.bound),
        controllable_gap: optimiser::gap(
            total - outcome.impossible_cost,
            outcome.bound - outcome.impossible_cost,
        ),
        impossible: outcome.impossible.len(),
        impossible_cost: outcome.impossible_cost,
        visits: outcome.plan.visits.len(),
        separate_visits: separate,
        joint_visits: outcome.plan.visits.iter().filter(|v| v.scenario.is_some()).count(),
        joint_requests,
        scheduled,
        requests: facts.requests.len(),
        seconds: seconds(elapsed),
        first_plan_seconds: seconds(curve.first().map_or(elapsed, |point| point.elapsed)),
        stopped_by: match outcome.stopped_by {
            StoppedBy::Optimal => "optimal",
            StoppedBy::Gap => "gap",
            StoppedBy::Work => "work",
            StoppedBy::Caller if is_out_of_time => "time",
            StoppedBy::Caller => "interrupt",
        },
        seed: options.seed,
        work: outcome.work,
        threads: options.threads,
        left_out: left_out.collect(),
    }
}
