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
//! exact knapsack, `cells`), make the bound (`prices`; Geoffrion 1974). Up to a few hundred
//! enterprises the rows of a cell give way to mixtures of whole days, which let each draw be charged
//! by itself (`packing`). Plans are built and improved enterprise by enterprise in the room left
//! (`improve`), by solving the master over the columns seen (`master`, through HiGHS), and by diving
//! from the mixture of `packing`.
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

mod cells;
mod column;
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
mod rules;
#[cfg(test)]
mod tests;
#[doc(hidden)]
pub mod timing;

pub use instance::{EXACT_UNITS_MAX, Impossible};
pub use memory::least_bytes;
pub use reasons::{Certainty, LeftOut};

use crate::domain::certificate::Certificate;
use crate::domain::problem::Cost;
use crate::domain::{CostParts, Plan, Problem, Visit, cost};
use column::Column;
use improve::Neighbours;
use incumbent::Incumbent;
use instance::Instance;
use master::ColumnPool;
#[cfg(feature = "highs")]
use packing::PackingMaster;
use prices::DualAscent;
use std::ops::ControlFlow;
#[cfg(feature = "highs")]
use std::sync::{Arc, Mutex};

/// Parts of a unit of cost in which prices and charges are counted.
pub const SCALE: i64 = 4096;

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

/// Random numbers of a seed.
fn random(seed: u64) -> rand_pcg::Pcg64Mcg {
    // the generator drops the lowest bit
    rand_pcg::Pcg64Mcg::new(u128::from(seed) << 1 | 1 << 100)
}

/// (cost − bound) / cost, 0 where nothing costs anything.
pub fn gap(cost: Cost, bound: Cost) -> f64 {
    if cost <= bound { 0.0 } else { (cost - bound) as f64 / cost as f64 }
}

/// Subproblems a walker solves before the walkers meet, at least.
const ROUND_WORK: u64 = 2_000;
/// Sweeps of the ascent after which a plan is built at its prices.
const CONSTRUCTED_AFTER: [u32; 5] = [4, 8, 16, 32, 64];
/// Most calls of the relaxed master, and how many in a row may bring next to nothing.
const REFINE_STEPS: u32 = 60;
const REFINE_MISSES: u32 = 4;
/// Calls of the master over packings that may bring next to nothing, and the difference between its value
/// and the bound, in units of cost, that ends them.
#[cfg(feature = "highs")]
const PACKING_MISSES: u32 = 5;
#[cfg(feature = "highs")]
const CLOSE: f64 = 0.25;
/// Dives after each annealing cycle, and the share of the enterprises that each leaves free.
#[cfg(feature = "highs")]
const DIVES: u32 = 2;
#[cfg(feature = "highs")]
const DIVE_SHARE: f64 = 0.35;
/// Times that combining the columns seen may bring nothing before it is left off.
const COMBINE_MISSES: u32 = 2;
/// Length of the first annealing cycle in passes over all enterprises, and of each against the one
/// before.
const CYCLE_PASSES: f64 = 100.0;
const CYCLE_GROWTH: f64 = 1.5;
/// Where an annealing cycle begins: mean rise of cost accepted, in mean penalties.
const TEMPERATURE: f64 = 0.04;

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
    let pool = rayon::ThreadPoolBuilder::new().num_threads(params.threads.max(1)).build();
    let pool = pool.expect("threads can be started");
    let is_small = problem.facts().enterprises.len() <= master::ENTERPRISES_MAX;
    let room = memory::Room::under(params.memory_bytes, problem, is_small);
    let instance = pool.install(|| Instance::within(problem, room.patterns));
    // progress stays on this thread; everything heavy goes to the pool
    let mut run = Run::new(&instance, params, ColumnPool::new(&instance, room.columns), &pool);
    let stopped_by = run.go(progress);
    let is_searched = run.is_begun;
    if is_searched {
        pool.install(|| improve::settle(&instance, &mut run.best));
    }
    let plan = to_plan(&instance, run.best.columns());
    let cost = cost(problem, &plan);
    let left_out = pool.install(|| reasons::explain(&instance, &run.best, is_searched));
    let bound = run.ascent.bound();
    let certificate = params
        .certificate
        .then(|| pool.install(|| proof::certificate(&instance, &run.ascent.best, bound)));
    Outcome {
        plan,
        cost,
        search_cost: run.best.cost(),
        bound,
        certificate,
        impossible: instance.impossible.clone(),
        impossible_cost: instance.impossible_cost,
        left_out,
        work: run.work,
        stopped_by,
    }
}

/// The requests that no day can take, whatever else is planned.
pub fn impossible(problem: &Problem) -> Vec<Impossible> {
    Instance::within(problem, 0).impossible
}

/// Up to so many enterprises the ascent takes a second or two, and is done first.
const CLIMBED_FIRST_MAX: usize = 4_000;
/// Growth of the rate of the kind of work that waits.
const FAVOUR: f64 = 1.1;

/// Least rate of the kind that waits, against the other's: some forty turns and it is tried again.
const LEAST: f64 = 0.02;

/// How much of the gap, scaled, each kind of work has closed for each subproblem of late.
#[derive(Default)]
struct Pace {
    sweep: Option<f64>,
    walk: Option<f64>,
}

struct Run<'i, 'p> {
    instance: &'i Instance<'i>,
    params: &'p Params,
    pool: &'p rayon::ThreadPool,
    ascent: DualAscent,
    best: Incumbent<'i>,
    /// Whether the first plan was made in time.
    is_begun: bool,
    /// Made when first needed.
    neighbours: Option<Neighbours>,
    column_pool: ColumnPool,
    /// The master over packings, once the ascent is done and where it is small enough.
    #[cfg(feature = "highs")]
    packings: Option<PackingMaster<'i>>,
    #[cfg(feature = "highs")]
    random: rand_pcg::Pcg64Mcg,
    work: u64,
    /// Work of solving every enterprise once.
    pass_work: u64,
    rounds: u64,
    sweeps: u32,
    pace: Pace,
    /// Subproblems a walker solves before the walkers meet.
    round_work: u64,
    /// Length of the next annealing cycle, in passes over all enterprises.
    cycle_work: f64,
    /// Mean rise of cost accepted when a cycle begins.
    temperature: f64,
    /// Columns in the column pool when they were last combined.
    combined: usize,
    /// Times in a row that combining them brought nothing.
    combine_misses: u32,
}

impl<'i, 'p> Run<'i, 'p> {
    fn new(
        instance: &'i Instance<'i>,
        params: &'p Params,
        column_pool: ColumnPool,
        pool: &'p rayon::ThreadPool,
    ) -> Self {
        let pass_work = instance.models.iter().map(|model| model.work()).sum();
        let (ascent, (best, is_begun)) = pool.install(|| {
            let ascent = DualAscent::new(instance, params.seed);
            (ascent, improve::first(instance, &|| params.is_over()))
        });
        let units = instance.models.iter().map(|model| model.units.len()).sum::<usize>();
        let penalties = instance.models.iter().flat_map(|model| &model.units);
        let penalties = penalties.map(|unit| unit.penalty as f64).sum::<f64>();
        Self {
            instance,
            params,
            pool,
            ascent,
            round_work: ROUND_WORK.max(pass_work / 20),
            cycle_work: CYCLE_PASSES,
            temperature: TEMPERATURE * penalties / units.max(1) as f64,
            best,
            is_begun,
            neighbours: None,
            column_pool,
            #[cfg(feature = "highs")]
            packings: None,
            #[cfg(feature = "highs")]
            random: random(params.seed),
            work: pass_work,
            pass_work,
            rounds: 0,
            sweeps: 0,
            pace: Pace::default(),
            combined: 0,
            combine_misses: 0,
        }
    }

    /// Climbs and anneals in turn until something stops it.
    fn go(&mut self, progress: &mut dyn FnMut(&Progress) -> ControlFlow<()>) -> StoppedBy {
        let mut stopped = self.should_stop(progress);
        if !self.is_begun {
            stopped = stopped.or(Some(StoppedBy::Caller));
        }
        while stopped.is_none() {
            stopped =
                if self.ascent.is_done() { self.anneal(progress) } else { self.narrow(progress) };
        }
        stopped.expect("the loop ends when stopped")
    }

    /// One cycle of simulated annealing from the best plan (Kirkpatrick et al. 1983), then the best
    /// combination of the columns seen. Each cycle is longer than the one before.
    fn anneal(
        &mut self,
        progress: &mut dyn FnMut(&Progress) -> ControlFlow<()>,
    ) -> Option<StoppedBy> {
        let work = (self.cycle_work * self.pass_work as f64) as u64;
        let rounds = work.div_ceil(self.round_work * self.params.threads.max(1) as u64).max(1);
        let mut current = self.best.clone();
        for round in 0..rounds {
            let warmth = 1.0 - round as f64 / rounds as f64;
            self.improve(&mut current, self.temperature * warmth * warmth);
            if current.cost() < self.best.cost() {
                self.best = current.clone();
            }
            let stopped = self.should_stop(progress);
            if stopped.is_some() {
                return stopped;
            }
        }
        self.cycle_work *= CYCLE_GROWTH;
        #[cfg(feature = "highs")]
        for _ in 0..DIVES {
            if self.packings.is_none() {
                break;
            }
            self.dive(DIVE_SHARE);
            let stopped = self.should_stop(progress);
            if stopped.is_some() {
                return stopped;
            }
        }
        self.combine();
        self.should_stop(progress)
    }

    fn should_stop(
        &self,
        progress: &mut dyn FnMut(&Progress) -> ControlFlow<()>,
    ) -> Option<StoppedBy> {
        let (cost, bound) = (self.best.cost(), self.ascent.bound());
        assert!(bound <= cost, "a bound above a plan's cost is no bound: {bound} > {cost}");
        let impossible_cost = self.instance.impossible_cost;
        let now = Progress { work: self.work, cost, bound, impossible_cost };
        let broke = progress(&now).is_break();
        if cost == bound {
            Some(StoppedBy::Optimal)
        } else if now.gap() <= self.params.gap {
            Some(StoppedBy::Gap)
        } else if self.params.work.is_some_and(|limit| self.work >= limit) {
            Some(StoppedBy::Work)
        } else {
            broke.then_some(StoppedBy::Caller)
        }
    }

    /// While the ascent lasts: a sweep of it or, where there are many enterprises, a round of the
    /// walkers, whichever has closed more of the gap for its work of late. One that waits grows in
    /// favour, so that both are tried again.
    fn narrow(
        &mut self,
        progress: &mut dyn FnMut(&Progress) -> ControlFlow<()>,
    ) -> Option<StoppedBy> {
        let (cost, bound, work) = (self.best.cost(), self.ascent.response.bound, self.work);
        let is_sweep = match (self.pace.sweep, self.pace.walk) {
            _ if self.instance.models.len() <= CLIMBED_FIRST_MAX => true,
            (Some(sweep), Some(walk)) => sweep >= walk,
            (sweep, _) => sweep.is_none(),
        };
        let stopped = if is_sweep {
            self.sweep(progress)
        } else {
            self.descend();
            self.should_stop(progress)
        };
        let is_first = is_sweep && self.sweeps == 1;
        let closed = i128::from(cost - self.best.cost()) * i128::from(SCALE)
            + (self.ascent.response.bound - bound);
        let rate = closed as f64 / (self.work - work).max(1) as f64;
        let Pace { sweep, walk } = &mut self.pace;
        let (done, other) = if is_sweep { (sweep, walk) } else { (walk, sweep) };
        // the first sweep starts from no bound at all, which says nothing of the next
        *done = (!is_first).then_some((done.unwrap_or(rate) + rate) / 2.0);
        *other = other.map(|waiting| (waiting * FAVOUR).max(rate * LEAST));
        stopped
    }

    /// A sweep of the ascent; now and then a plan built anew at the prices.
    fn sweep(
        &mut self,
        progress: &mut dyn FnMut(&Progress) -> ControlFlow<()>,
    ) -> Option<StoppedBy> {
        let (instance, column_pool, ascent) = (self.instance, &self.column_pool, &mut self.ascent);
        let is_over = || self.params.is_over();
        self.pool.install(|| {
            let keep =
                |enterprise: usize, model: &instance::EnterpriseModel, solved: &column::Solved| {
                    column_pool.keep(instance, enterprise, model, solved);
                };
            ascent.sweep(instance, &keep, &is_over);
        });
        self.sweeps += 1;
        self.work += 2 * self.pass_work;
        let stopped = self.should_stop(progress);
        if stopped.is_some() {
            return stopped;
        }
        if CONSTRUCTED_AFTER.contains(&self.sweeps) || self.ascent.is_done() {
            let (instance, prices) = (self.instance, &self.ascent.best);
            let built = self.pool.install(|| improve::construct(instance, prices, &is_over));
            self.work += 2 * self.pass_work;
            if let Some(built) = built {
                self.keep(built);
            }
        }
        if self.ascent.is_done() { self.refine(progress) } else { None }
    }

    /// Refines the ascent's prices by column generation: the relaxed master over the columns seen
    /// proposes prices, the enterprises answer with new columns. Proposals are tried half-way from
    /// the best prices first, because the master's prices swing (Wentges 1997).
    fn refine(
        &mut self,
        progress: &mut dyn FnMut(&Progress) -> ControlFlow<()>,
    ) -> Option<StoppedBy> {
        for (enterprise, column) in self.best.columns().enumerate() {
            self.column_pool.add(enterprise, column);
        }
        #[cfg(feature = "highs")]
        if let Some(master) = PackingMaster::new(self.instance) {
            self.packings = Some(master);
            return self.refine_by_packings(progress);
        }
        let mut misses = 0;
        for _ in 0..REFINE_STEPS {
            let (instance, ascent) = (self.instance, &mut self.ascent);
            let proposal = self.column_pool.prices(
                instance,
                &self.best,
                &ascent.best,
                self.params.solver_seconds(),
            );
            let proposal = proposal?;
            let before = ascent.response.bound;
            let column_pool = &self.column_pool;
            let is_over = || self.params.is_over();
            self.pool.install(|| {
                let keep = |enterprise: usize,
                            model: &instance::EnterpriseModel,
                            solved: &column::Solved| {
                    column_pool.keep(instance, enterprise, model, solved);
                };
                let half = ascent.best.towards(&proposal, 0.5);
                ascent.offer(instance, half, &keep, &is_over);
                ascent.offer(instance, proposal, &keep, &is_over);
            });
            self.work += 2 * self.pass_work + self.column_pool.len() as u64;
            self.descend();
            let stopped = self.should_stop(progress);
            if stopped.is_some() {
                return stopped;
            }
            let gain = self.ascent.response.bound - before;
            let left = i128::from(self.best.cost()) * i128::from(SCALE) - before;
            misses = if gain * 500 > left { 0 } else { misses + 1 };
            if misses >= REFINE_MISSES {
                break;
            }
        }
        None
    }

    /// The same with the master over packings, where it is small enough.
    #[cfg(feature = "highs")]
    fn refine_by_packings(
        &mut self,
        progress: &mut dyn FnMut(&Progress) -> ControlFlow<()>,
    ) -> Option<StoppedBy> {
        let (instance, params) = (self.instance, self.params);
        let is_over = || params.is_over();
        let master = self.packings.as_mut()?;
        master.begin(&self.best);
        for (enterprise, column) in self.column_pool.columns() {
            master.add(enterprise, column);
        }
        for (enterprise, model) in instance.models.iter().enumerate() {
            master.add(enterprise, &Arc::new(Column::fixed_only(instance, model)));
        }
        let mut misses = 0;
        while misses < PACKING_MISSES {
            let before = self.ascent.response.bound;
            let proposal = self.packings.as_mut()?.solve(&|| params.seconds_left())?;
            let ascent = &mut self.ascent;
            let found = Mutex::new(Vec::new());
            self.pool.install(|| {
                let keep = |enterprise: usize,
                            model: &instance::EnterpriseModel,
                            solved: &column::Solved| {
                    let column = Column::new(instance, model, solved.choices.clone());
                    found.lock().expect("no panics").push((enterprise, Arc::new(column)));
                };
                let half = ascent.best.towards(&proposal.prices, 0.5);
                ascent.offer(instance, half, &keep, &is_over);
                ascent.offer(instance, proposal.prices, &keep, &is_over);
            });
            // threads end in any order
            let mut found = found.into_inner().expect("no panics");
            found.sort_by(|a, b| (a.0, &a.1.choices).cmp(&(b.0, &b.1.choices)));
            for (enterprise, column) in found {
                self.packings.as_mut()?.add(enterprise, &column);
                self.column_pool.add(enterprise, &column);
            }
            self.work += 2 * self.pass_work;
            self.descend();
            let stopped = self.should_stop(progress);
            if stopped.is_some() {
                return stopped;
            }
            let bound = self.ascent.response.bound;
            if proposal.value - bound as f64 / (SCALE as f64) < CLOSE {
                break;
            }
            let left = i128::from(self.best.cost()) * i128::from(SCALE) - bound;
            misses = if (bound - before) * 1_000 > left { 0 } else { misses + 1 };
        }
        self.dive(1.0);
        self.should_stop(progress)
    }

    /// A dive of the master over packings that leaves this share of the enterprises free, and the
    /// others at the best plan.
    #[cfg(feature = "highs")]
    fn dive(&mut self, share: f64) {
        use rand::RngExt;
        use rayon::prelude::*;
        let Some(master) = &mut self.packings else { return };
        let (instance, params, pool) = (self.instance, self.params, self.pool);
        let prices = &self.ascent.best;
        let count = instance.models.len();
        // what charges more than it must at the best prices is what the gap is made of
        let lost = |enterprise: usize| {
            self.best.column(enterprise).value(prices) - self.ascent.response.values[enterprise]
        };
        let total: i64 = (0..count).map(lost).sum();
        let random = &mut self.random;
        let mut chance = |enterprise: usize| {
            share / 2.0
                + share / 2.0 * count as f64 * lost(enterprise) as f64 / (total.max(1) as f64)
                > random.random::<f64>()
        };
        let held: Vec<(usize, Arc<Column>)> = (0..count)
            .filter(|enterprise| share < 1.0 && !chance(*enterprise))
            .map(|enterprise| (enterprise, self.best.column(enterprise).clone()))
            .collect();
        let mut asked = 0;
        let mut ask = |prices: &prices::Prices, room: &[i64], is_free: &[bool]| {
            let within = packing::Within { prices, room };
            let free = (0..count).filter(|enterprise| is_free[*enterprise]).collect::<Vec<_>>();
            asked += free.len() as u64;
            pool.install(|| {
                let column = |kernel: &mut kernel::Kernel, enterprise: usize| {
                    let model = &instance.models[enterprise];
                    let column = kernel.column(instance, model, &within, column::Effort::Quick);
                    (enterprise, Arc::new(column))
                };
                free.into_par_iter().map_init(kernel::Kernel::default, column).collect()
            })
        };
        let found = master.dive(&held, &|| params.seconds_left(), &mut ask);
        self.work += asked + count as u64;
        let Some(found) = found else { return };
        let mut incumbent = self.best.clone();
        let columns = found.into_iter().enumerate();
        let columns = columns
            .filter(|(enterprise, column)| column.choices != incumbent.column(*enterprise).choices);
        let columns: Vec<(usize, Arc<Column>)> = columns.collect();
        for (enterprise, column) in &columns {
            self.column_pool.add(*enterprise, column);
        }
        if improve::play(&mut incumbent, &improve::Move { columns, allowed: 0 }) {
            self.best = incumbent;
        }
    }

    fn keep(&mut self, incumbent: Incumbent<'i>) {
        for (enterprise, column) in incumbent.columns().enumerate() {
            self.column_pool.add(enterprise, column);
        }
        if incumbent.cost() < self.best.cost() {
            self.best = incumbent;
        }
    }

    /// A round of the walkers from `incumbent`.
    fn improve(&mut self, incumbent: &mut Incumbent<'i>, temperature: f64) {
        let seeds: Vec<u64> = (0..self.params.threads.max(1) as u64)
            .map(|walker| {
                // distinct streams for seed, round and walker
                self.params.seed.wrapping_mul(0x9E37_79B9_7F4A_7C15)
                    ^ self.rounds.wrapping_mul(0xD1B5_4A32_D192_ED03)
                    ^ walker.wrapping_mul(0x2545_F491_4F6C_DD1D)
            })
            .collect();
        self.rounds += 1;
        self.work += self.round_work * seeds.len() as u64;
        if self.instance.models.is_empty() {
            return;
        }
        let instance = self.instance;
        let made = || self.pool.install(|| Neighbours::new(instance));
        let round = improve::Round {
            instance,
            neighbours: self.neighbours.get_or_insert_with(made),
            prices: &self.ascent.best,
            values: &self.ascent.response.values,
            work: self.round_work,
            temperature,
            is_over: &|| self.params.is_over(),
        };
        let moves = self.pool.install(|| round.walk(incumbent, &seeds));
        for (enterprise, column) in moves.iter().flat_map(|change| &change.columns) {
            self.column_pool.add(*enterprise, column);
        }
    }

    /// Improves the best plan, accepting nothing dearer.
    fn descend(&mut self) {
        let mut incumbent = self.best.clone();
        self.improve(&mut incumbent, 0.0);
        self.best = incumbent;
    }

    /// Solves the master over the columns seen, where it is small enough.
    fn combine(&mut self) {
        // the same columns would only give the same answer
        if self.column_pool.len() == self.combined || self.combine_misses >= COMBINE_MISSES {
            return;
        }
        self.combined = self.column_pool.len();
        let found = self.column_pool.combine(
            self.instance,
            &self.best,
            &self.ascent.best,
            self.params.solver_seconds(),
        );
        self.work += self.column_pool.len() as u64;
        if let Some(columns) = found {
            let mut incumbent = self.best.clone();
            if improve::play(&mut incumbent, &columns) {
                self.best = incumbent;
                self.combine_misses = 0;
                return;
            }
        }
        self.combine_misses += 1;
    }
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
