//! What the searches of a run share: the best prices, the best plan, the columns seen and the
//! account of the work. The driver (`run`) owns it and lends it to refining (`refine`) and diving
//! (`dive`); the round of the walkers, which all of them end with, is here.

use super::improve::{self, Move, Neighbours};
use super::incumbent::Incumbent;
use super::instance::Instance;
use super::master::ColumnPool;
use super::prices::DualAscent;
use super::{Params, Progress, SCALE, StoppedBy};
use std::ops::ControlFlow;

/// Subproblems a walker solves before the walkers meet, at least.
const ROUND_WORK: u64 = 2_000;

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
    /// Rounds of the walkers so far.
    rounds: u64,
    /// Made when first needed.
    neighbours: Option<Neighbours>,
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
            rounds: 0,
            neighbours: None,
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

    /// A round of the walkers from `incumbent`, which it changes; `temperature` is the mean rise of
    /// cost that they accept.
    pub fn improve(&mut self, incumbent: &mut Incumbent<'i>, temperature: f64) {
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
        let made = || self.threads.install(|| Neighbours::new(instance));
        let round = improve::Round {
            instance,
            neighbours: self.neighbours.get_or_insert_with(made),
            prices: &self.ascent.best,
            values: &self.ascent.response.values,
            work: self.round_work,
            temperature,
            is_over: &|| self.params.is_over(),
        };
        let moves = self.threads.install(|| round.walk(incumbent, &seeds));
        for (enterprise, column) in moves.iter().flat_map(|change| &change.columns) {
            self.column_pool.add(*enterprise, column);
        }
    }

    /// Improves the best plan by a round of the walkers, accepting nothing dearer.
    pub fn descend(&mut self) {
        let mut incumbent = self.best.clone();
        self.improve(&mut incumbent, 0.0);
        self.best = incumbent;
    }
}
