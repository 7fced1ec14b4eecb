//! A cycle of simulated annealing of the plan (Kirkpatrick et al. 1983): rounds of shifts, and of
//! enterprises solved anew, that accept rises of cost, ever smaller ones.

use super::incumbent::Incumbent;
use super::search::Search;
use super::shifts::SHIFTS_PER_WORK;
#[cfg(feature = "highs")]
use super::{search::seed, shifts::Round};
#[cfg(feature = "highs")]
use std::sync::atomic::{AtomicBool, Ordering};

/// Where a cycle begins: mean rise of cost accepted, in mean penalties; and where it ends, against
/// that.
const FIRST: f64 = 0.04;
const LAST: f64 = 0.02;
/// Shifts for each enterprise that a cycle from there needs; a shorter one begins colder.
const SHIFTS_EACH: f64 = 13_000.0;
/// Work of a round of the walkers, against one that only descends.
const REBUILD_SHARE: f64 = 0.1;
/// Shifts between two looks at whether the other thread is done.
#[cfg(feature = "highs")]
const SHIFTS_BESIDE: u64 = 20_000;

/// How long a cycle is.
#[derive(Clone, Copy, Debug)]
pub enum Length {
    /// A share of the run.
    Share(f64),
    /// So many subproblems.
    Work(u64),
}

/// A cycle under way.
pub struct Annealing<'i> {
    current: Incumbent<'i>,
    length: Length,
    /// Share of the run and work when it began.
    begun: (f64, u64),
    /// Mean rise of cost that is accepted at first.
    first: f64,
}

/// Sets a flag when it goes, also where a panic ends what it stands for.
#[cfg(feature = "highs")]
struct Until<'a>(&'a AtomicBool);

#[cfg(feature = "highs")]
impl Drop for Until<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl<'i> Annealing<'i> {
    /// Begins at the best plan.
    pub fn new(search: &Search<'i, '_>, length: Length) -> Self {
        let (share, work) = (search.spent(), search.work);
        let expected = match length {
            Length::Share(length) if share > 0.0 => work as f64 / share * length,
            Length::Share(_) => f64::INFINITY,
            Length::Work(length) => length as f64,
        };
        let models = &search.instance.models;
        let each = expected * SHIFTS_PER_WORK as f64 / models.len().max(1) as f64;
        let units = models.iter().flat_map(|model| &model.units);
        let count = units.clone().count().max(1);
        let penalty = units.map(|unit| unit.penalty as f64).sum::<f64>() / count as f64;
        Self {
            current: search.best.clone(),
            length,
            begun: (share, work),
            first: FIRST * penalty * (each / SHIFTS_EACH).sqrt().min(1.0),
        }
    }

    /// How much of it is over, 0 to 1.
    fn cooled(&self, spent: f64, work: u64) -> f64 {
        let over = match self.length {
            Length::Share(length) => (spent - self.begun.0) / length,
            Length::Work(length) => (work - self.begun.1) as f64 / length as f64,
        };
        over.min(1.0)
    }

    /// A round; `false` once the cycle is over.
    pub fn step(&mut self, search: &mut Search<'i, '_>) -> bool {
        let cooled = self.cooled(search.spent(), search.work);
        if cooled >= 1.0 {
            return false;
        }
        let temperature = self.first * LAST.powf(cooled);
        search.shift(&mut self.current, temperature);
        let work = (search.round_work as f64 * REBUILD_SHARE) as u64;
        search.improve(&mut self.current, work, temperature);
        search.take_better(&self.current);
        true
    }

    /// Shifts visits on one thread for as long as `other` works on this one.
    #[cfg(feature = "highs")]
    pub fn beside<T>(&mut self, search: &mut Search<'i, '_>, other: impl FnOnce() -> T) -> T {
        let is_done = AtomicBool::new(false);
        let (instance, params, threads) = (search.instance, search.params, search.threads);
        let (work, spent) = (search.work, search.spending());
        let mut rounds = search.rounds;
        let mut best: Option<Incumbent<'i>> = None;
        let shift = || {
            let is_over = || is_done.load(Ordering::Relaxed) || params.is_over();
            while !is_over() {
                let cooled = self.cooled(spent(), work);
                let round = Round {
                    instance,
                    parts: 1,
                    shifts: SHIFTS_BESIDE,
                    temperature: self.first * LAST.powf(cooled),
                    seed: seed(params.seed, rounds, 0),
                    is_over: &is_over,
                };
                threads.install(|| round.walk(&mut self.current));
                rounds += 1;
                if best.as_ref().is_none_or(|best| self.current.cost() < best.cost()) {
                    best = Some(self.current.clone());
                }
            }
        };
        let found = std::thread::scope(|scope| {
            scope.spawn(shift);
            let _until = Until(&is_done);
            other()
        });
        search.rounds = rounds;
        if let Some(best) = best {
            search.take_better(&best);
        }
        found
    }
}
