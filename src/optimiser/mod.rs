//! How to find a good plan and prove how good it is. A value in, a value out: no file, no clock.
//!
//! # The mathematics
//!
//! **Sets.** Enterprises e; for each the set K_e of *columns*: whole plans of that enterprise that
//! obey every rule inside it (`column`). Cells c: a pool's day. Targets t.
//!
//! **Variables.** λ_k ∈ {0, 1}: enterprise e follows column k; o_c: overtime person-minutes;
//! s_t: shortfall.
//!
//! ```text
//! min  Σ cost_k λ_k + Σ overtime_cost_c o_c + Σ shortfall_cost_t s_t          price of the row
//! s.t. Σ_{k ∈ K_e} λ_k = 1                          each enterprise e         v_e
//!      Σ load_ck λ_k ≤ regular_c + o_c              each cell c               π_c ≥ 0
//!      Σ ⌊κ load_ck / (T_c + 1)⌋ λ_k ≤ κ − 1         each c, κ = 2, 3, 4       ρ_cκ ≥ 0
//!      Σ gain_tk λ_k + s_t ≥ need_t                 each target t             0 ≤ μ_t ≤ shortfall_cost_t
//!      0 ≤ o_c ≤ overtime_c,  s_t ≥ 0
//! ```
//!
//! with T_c the minutes of the cell, overtime included; the rounded rows follow from the capacity
//! (Chvátal & Gomory). Pricing the cells and targets leaves one small problem an enterprise
//! (`kernel`); their least charges, less the most that each cell's charges can come to in any plan (an
//! exact knapsack, `cells`), make the bound (`prices`; Geoffrion 1974). Up to a few thousand
//! enterprises the rows of a cell give way to mixtures of whole days, which let each draw be charged
//! by itself (`packing`); larger problems do so area by area, once the widest pools have their price
//! (`blocks`). Plans are built and improved enterprise by enterprise in the room left
//! (`improve`), by small shifts of visits (`shifts`), by solving the master over the columns seen
//! (`master`, through HiGHS), and by diving (`dive`) from the mixture of `packing`. Both masters also
//! propose prices (`refine`). Where few columns are left that a better plan could hold, the solver gets
//! all of them (`whole`). `run` gives each of these its turn; what they share is in `search`.
//!
//! **Proven:** the bound, in whole numbers, from the prices and the exact kernel alone; no
//! solver's word enters it. Every plan returned is built from columns that obey the rules and
//! never overloads a cell. **Not proven:** how close prices are to the best ones; that plans are
//! optimal, unless cost equals bound. Enterprises of more than [`EXACT_UNITS_MAX`] units (16 where
//! days are few) enter the bound with a weaker, still valid value (`large`); so would a smaller one
//! whose exact search is cut short by its limit of nodes, which no problem seen needs.
//!
//! Same problem, seed, work limit, memory limit and threads give the same outcome: parts run in
//! parallel but are combined in a fixed order, in integers.

mod annealing;
#[cfg(feature = "highs")]
mod blocks;
mod cells;
mod column;
#[cfg(feature = "highs")]
mod dive;
mod enterprise_model;
mod improve;
mod incumbent;
mod instance;
mod kernel;
mod large;
mod master;
mod memory;
mod oracle;
#[cfg(feature = "highs")]
mod packing;
mod prices;
mod proof;
mod reasons;
mod refine;
mod rules;
mod run;
mod search;
mod shifts;
#[cfg(test)]
mod tests;
#[doc(hidden)]
pub mod timing;
#[cfg(feature = "highs")]
mod whole;

pub use instance::{EXACT_UNITS_MAX, Impossible};
pub use memory::least_bytes;
pub use reasons::{Certainty, LeftOut};

use crate::domain::certificate::Certificate;
use crate::domain::problem::Cost;
use crate::domain::{CostParts, Plan, Problem, Visit, cost};
use column::Column;
use instance::Instance;
use master::ColumnPool;
use run::Ended;
use std::ops::ControlFlow;

/// Parts of a unit of cost in which prices and charges are counted.
pub const SCALE: i64 = 4096;

/// Packs the requests of `problem` into visits.
///
/// `progress` is called after each piece of work, a fraction of a second for problems of city
/// size; when it breaks, the best plan so far is returned. The first call comes after the first
/// plan. Where the clock stops that one, the enterprises not reached are left out, and for them
/// nothing more is searched.
///
/// # Panics
/// Only on a bug of ours, such as a bound above a plan's cost.
pub fn optimise(
    problem: &Problem,
    params: &Params,
    progress: &mut dyn FnMut(&Progress) -> ControlFlow<()>,
) -> Outcome {
    let threads = rayon::ThreadPoolBuilder::new().num_threads(params.threads.max(1)).build();
    let threads = threads.expect("threads can be started");
    let is_small = problem.facts().enterprises.len() <= master::ENTERPRISES_MAX;
    let room = memory::Room::under(params.memory_bytes, problem, is_small);
    let instance = threads.install(|| Instance::within(problem, room.patterns));
    let column_pool = ColumnPool::new(&instance, room.columns);
    let ended = run::run(&instance, params, column_pool, &threads, progress);
    let Ended { mut best, is_begun, prices, bound, bound_unproven, work, stopped_by } = ended;
    if is_begun {
        threads.install(|| improve::settle(&instance, &mut best));
    }
    let plan = to_plan(&instance, best.columns());
    let cost = cost(problem, &plan);
    let left_out = threads.install(|| reasons::explain(&instance, &best, is_begun));
    let certificate = params
        .certificate
        .then(|| threads.install(|| proof::certificate(&instance, &prices, bound)));
    Outcome {
        plan,
        cost,
        search_cost: best.cost(),
        bound,
        bound_unproven: bound_unproven.filter(|unproven| *unproven > bound),
        certificate,
        impossible: instance.impossible.clone(),
        impossible_cost: instance.impossible_cost,
        left_out,
        work,
        stopped_by,
    }
}

/// The requests that no day can take, whatever else is planned.
pub fn impossible(problem: &Problem) -> Vec<Impossible> {
    Instance::within(problem, 0).impossible
}

/// How to search.
#[derive(Clone, Debug)]
pub struct Params {
    /// Seed of the random numbers.
    pub seed: u64,
    /// Stop after so many subproblems of one enterprise; `None`: when the caller says so.
    pub work: Option<u64>,
    /// Stop when (cost − bound) / cost, impossible requests apart, is at most this.
    pub gap: f64,
    /// Walkers that improve the plan side by side; at least 1.
    pub threads: usize,
    /// Whether to write what proves the bound.
    pub certificate: bool,
    /// Ceiling of the memory held, the problem included; below [`least_bytes`] it is not kept. `None`:
    /// as much as is of use. It costs quality, not validity.
    pub memory_bytes: Option<u64>,
    /// The caller's clock: seconds left, asked often; at 0 the run ends with what it has. `None`, or
    /// a clock that says infinity, limits the solver by its nodes alone, which is what a repeatable
    /// run needs.
    pub seconds_left: Option<SecondsLeft>,
}

/// A caller's clock.
#[derive(Clone)]
pub struct SecondsLeft(pub std::sync::Arc<dyn Fn() -> f64 + Send + Sync>);

impl std::fmt::Debug for SecondsLeft {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SecondsLeft")
    }
}

impl Default for Params {
    fn default() -> Self {
        Self {
            seed: 1,
            work: None,
            gap: 0.0,
            threads: 1,
            certificate: false,
            memory_bytes: None,
            seconds_left: None,
        }
    }
}

/// Most seconds one call of the solver may take where there is a clock.
const SOLVER_SECONDS_MAX: f64 = 1.5;

impl Params {
    fn seconds_left(&self) -> f64 {
        self.seconds_left.as_ref().map_or(f64::INFINITY, |clock| (clock.0)())
    }

    /// Whether the caller's time is up.
    fn is_over(&self) -> bool {
        self.seconds_left() <= 0.0
    }

    fn solver_seconds(&self) -> Option<f64> {
        let left = self.seconds_left();
        left.is_finite().then_some(left.min(SOLVER_SECONDS_MAX))
    }
}

/// How far a run has come; given to the caller every fraction of a second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Subproblems solved.
    pub work: u64,
    /// Cost of the best plan.
    pub cost: Cost,
    /// Best bound.
    pub bound: Cost,
    /// The part of both that impossible requests make.
    pub impossible_cost: Cost,
}

impl Progress {
    /// The gap, impossible requests apart.
    pub fn gap(&self) -> f64 {
        gap(self.cost - self.impossible_cost, self.bound - self.impossible_cost)
    }
}

/// Why a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoppedBy {
    /// Cost equals bound: nothing better exists.
    Optimal,
    /// The gap asked for is reached.
    Gap,
    /// The work limit.
    Work,
    /// The caller.
    Caller,
}

/// What a run found.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The best plan; always valid.
    pub plan: Plan,
    /// What it costs, by the domain's own account.
    pub cost: CostParts,
    /// What the search believes it costs; the caller should find both equal.
    pub search_cost: Cost,
    /// No valid plan costs less.
    pub bound: Cost,
    /// A better bound, where the solver worked one out: its word alone, which no certificate proves.
    pub bound_unproven: Option<Cost>,
    /// What proves the bound, if asked for.
    pub certificate: Option<Certificate>,
    /// Requests that no day can take; their penalties are in cost and bound.
    pub impossible: Vec<Impossible>,
    /// Sum of those penalties.
    pub impossible_cost: Cost,
    /// Why each unscheduled request is out, in the problem's order.
    pub left_out: Vec<LeftOut>,
    /// Subproblems solved.
    pub work: u64,
    /// Why the run ended.
    pub stopped_by: StoppedBy,
}

/// (cost − bound) / cost, 0 where nothing costs anything.
pub fn gap(cost: Cost, bound: Cost) -> f64 {
    if cost <= bound { 0.0 } else { (cost - bound) as f64 / cost as f64 }
}

/// The plan of these columns, one for each enterprise in order: visits by day, then enterprise.
fn to_plan<'c>(
    instance: &Instance,
    columns: impl Iterator<Item = &'c std::sync::Arc<Column>>,
) -> Plan {
    let facts = instance.problem.facts();
    let mut visits = Vec::new();
    for (model, column) in instance.models.iter().zip(columns) {
        for choice in &column.choices {
            let units = choice.units.iter().map(|u| &model.units[usize::from(*u)]);
            let mut requests: Vec<usize> = units.flat_map(|u| u.requests.iter().copied()).collect();
            requests.sort_unstable();
            let scenario = (choice.scenario != instance::ALONE)
                .then(|| facts.scenarios[choice.scenario as usize].id.clone());
            visits.push(Visit {
                enterprise: facts.enterprises[model.position].id.clone(),
                date: instance.days[usize::from(choice.day)],
                requests: requests.into_iter().map(|r| facts.requests[r].id.clone()).collect(),
                scenario,
            });
        }
    }
    visits.sort_by(|a, b| (a.date, &a.enterprise).cmp(&(b.date, &b.enterprise)));
    Plan { problem: facts.name.clone(), visits }
}

/// Random numbers of a seed.
fn random(seed: u64) -> rand_pcg::Pcg64Mcg {
    // the generator drops the lowest bit
    rand_pcg::Pcg64Mcg::new(u128::from(seed) << 1 | 1 << 100)
}
