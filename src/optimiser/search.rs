//! What the searches of a run share: the best prices, the best plan, the columns seen and the
//! account of the work. The driver (`run`) owns it and lends it to refining (`refine`) and diving
//! (`dive`); the round of the walkers, which all of them end with, is here.

#[cfg(feature = "highs")]
use super::column::Column;
use super::improve::{self, Move, Neighbours};
use super::incumbent::Incumbent;
use super::instance::Instance;
use super::master::ColumnPool;
use super::prices::DualAscent;
use super::shifts::{self, SHIFTS_PER_WORK};
use super::{Params, Progress, SCALE, StoppedBy};
use std::ops::ControlFlow;
#[cfg(feature = "highs")]
use std::sync::Arc;

/// Subproblems a walker solves before the walkers meet, at least.
const ROUND_WORK: u64 = 2_000;
/// Shifts of a thread before they meet, at least, and for each enterprise.
const ROUND_SHIFTS: u64 = 20_000;
const ROUND_SHIFTS_EACH: u64 = 8;

/// Takes note of the progress; breaks when the caller wants the run to end.
pub type OnProgress<'a> = dyn FnMut(&Progress) -> ControlFlow<()> + 'a;

/// The state that the searches share.
pub struct Search<'i, 'p> {
    pub instance: &'i Instance<'i>,
    pub params: &'p Params,
    /// Everything heavy runs on these threads.
    pub threads: &'p rayon::ThreadPool,
    /// The prices and the bound.
    pub ascent: DualAscent,
    /// The best plan.
    pub best: Incumbent<'i>,
    /// Whether the first plan was made in time.
    pub is_begun: bool,
    /// The columns seen.
    pub column_pool: ColumnPool,
    /// Subproblems solved.
    pub work: u64,
    /// Work of solving every enterprise once, in subproblems.
    pub pass_work: u64,
    /// Subproblems a walker solves before the walkers meet.
    pub round_work: u64,
    /// Threads that improve the plan: one fewer than there are while the solver has one (`whole`).
    pub walkers: usize,
    /// Rounds of the walkers and of shifts so far.
    pub rounds: u64,
    /// Made when first needed.
    neighbours: Option<Neighbours>,
    /// What the caller's clock said at the start.
    seconds: f64,
}

/// Distinct for the seed of the run, the round and the walker.
pub fn seed(run: u64, round: u64, walker: u64) -> u64 {
    run.wrapping_mul(0x9E37_79B9_7F4A_7C15)
        ^ round.wrapping_mul(0xD1B5_4A32_D192_ED03)
        ^ walker.wrapping_mul(0x2545_F491_4F6C_DD1D)
}

impl<'i, 'p> Search<'i, 'p> {
    /// Starts with no prices and a first plan.
    pub fn new(
        instance: &'i Instance<'i>,
        params: &'p Params,
        column_pool: ColumnPool,
        threads: &'p rayon::ThreadPool,
    ) -> Self {
        let pass_work = instance.models.iter().map(|model| model.work()).sum();
        let (ascent, (best, is_begun)) = threads.install(|| {
            let ascent = DualAscent::new(instance, params.seed);
            (ascent, improve::first(instance, &|| params.is_over()))
        });
        Self {
            instance,
            params,
            threads,
            ascent,
            best,
            is_begun,
            column_pool,
            work: pass_work,
            pass_work,
            round_work: ROUND_WORK.max(pass_work / 20),
            walkers: params.threads.max(1),
            rounds: 0,
            neighbours: None,
            seconds: params.seconds_left(),
        }
    }

    /// Reports the progress. Why the run has to end, if it has to.
    ///
    /// # Panics
    /// When the bound is above the cost of the best plan, which is a bug of ours.
    pub fn should_stop(&self, progress: &mut OnProgress) -> Option<StoppedBy> {
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

    /// Takes a plan that is better than the best one.
    pub fn take_better(&mut self, plan: &Incumbent<'i>) {
        if plan.cost() < self.best.cost() {
            self.best = plan.clone();
        }
    }

    /// The share of the run's time that is used up, to be asked by another thread.
    pub fn spending(&self) -> impl Fn() -> f64 + Send + use<'i, 'p> {
        let (params, seconds) = (self.params, self.seconds);
        move || if seconds.is_finite() { 1.0 - params.seconds_left() / seconds } else { 0.0 }
    }

    /// Whether the run's time or work is limited.
    pub fn is_limited(&self) -> bool {
        self.seconds.is_finite() || self.params.work.is_some()
    }

    /// The share of the run's time or work that is used up, 0 to 1; 0 where there is no limit.
    pub fn spent(&self) -> f64 {
        let time = self.spending()();
        let work = self.params.work.map_or(0.0, |limit| self.work as f64 / limit.max(1) as f64);
        time.max(work).clamp(0.0, 1.0)
    }

    /// Seconds that the caller's clock will say when such a share of the run is used up; 0 without one.
    #[cfg(feature = "highs")]
    pub fn seconds_left_at(&self, share: f64) -> f64 {
        if self.seconds.is_finite() { self.seconds * (1.0 - share) } else { 0.0 }
    }

    /// Cost of the best plan, scaled as the bound of the ascent is.
    pub fn scaled_cost(&self) -> i128 {
        i128::from(self.best.cost()) * i128::from(SCALE)
    }

    /// Adds the columns of a plan to those seen.
    pub fn add_columns(&mut self, plan: &Incumbent) {
        for (enterprise, column) in plan.columns().enumerate() {
            self.column_pool.add(enterprise, column);
        }
    }

    /// Takes the plan of these columns, one for each enterprise, where it fits and costs no more than the
    /// best one.
    #[cfg(feature = "highs")]
    pub fn take_columns(&mut self, columns: Vec<Arc<Column>>) {
        let best = &self.best;
        let is_new = |(enterprise, column): &(usize, Arc<Column>)| {
            column.choices != best.column(*enterprise).choices
        };
        let columns: Vec<_> = columns.into_iter().enumerate().filter(is_new).collect();
        for (enterprise, column) in &columns {
            self.column_pool.add(*enterprise, column);
        }
        self.play(&Move { columns, allowed: 0 });
    }

    /// Makes a move from the best plan. Whether it fits and costs no more than allowed; else the
    /// best plan remains.
    pub fn play(&mut self, change: &Move) -> bool {
        let mut plan = self.best.clone();
        let is_played = improve::play(&mut plan, change);
        if is_played {
            self.best = plan;
        }
        is_played
    }

    /// A round of shifts of `incumbent`, which it changes; `temperature` is the mean rise of cost that
    /// is accepted.
    pub fn shift(&mut self, incumbent: &mut Incumbent<'i>, temperature: f64) {
        let enterprises = self.instance.models.len() as u64;
        if enterprises == 0 {
            return;
        }
        let round = shifts::Round {
            instance: self.instance,
            parts: self.walkers,
            shifts: ROUND_SHIFTS.max(ROUND_SHIFTS_EACH * enterprises),
            temperature,
            seed: seed(self.params.seed, self.rounds, 0),
            is_over: &|| self.params.is_over(),
        };
        self.threads.install(|| round.walk(incumbent));
        self.work += round.shifts * round.parts as u64 / SHIFTS_PER_WORK;
        self.rounds += 1;
    }

    /// A round of the walkers from `incumbent`, which it changes, of so many subproblems each;
    /// `temperature` is the mean rise of cost that they accept.
    pub fn improve(&mut self, incumbent: &mut Incumbent<'i>, work: u64, temperature: f64) {
        let walkers = 0..self.walkers as u64;
        let seed = |walker| seed(self.params.seed, self.rounds, walker);
        let seeds: Vec<u64> = walkers.map(seed).collect();
        self.rounds += 1;
        self.work += work * seeds.len() as u64;
        if self.instance.models.is_empty() {
            return;
        }
        let instance = self.instance;
        let made = || self.threads.install(|| Neighbours::new(instance));
        let round = improve::Round {
            instance,
            neighbours: self.neighbours.get_or_insert_with(made),
            prices: &self.ascent.best,
            values: &self.ascent.response.values,
            work,
            temperature,
            is_over: &|| self.params.is_over(),
        };
        let moves = self.threads.install(|| round.walk(incumbent, &seeds));
        for (enterprise, column) in moves.iter().flat_map(|change| &change.columns) {
            self.column_pool.add(*enterprise, column);
        }
    }

    /// Improves the best plan by a round of shifts and one of the walkers, accepting nothing dearer.
    pub fn descend(&mut self) {
        let mut incumbent = self.best.clone();
        self.shift(&mut incumbent, 0.0);
        self.improve(&mut incumbent, self.round_work, 0.0);
        // what parts save side by side may not add up where targets are nearly reached
        self.take_better(&incumbent);
    }
}
