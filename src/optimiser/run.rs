//! The driver of a run: it gives the searches their turns until something stops it.
//!
//! First the bound: sweeps of the ascent, between them plans built at its prices, and where there
//! are many enterprises and no limit rounds of the walkers in turn with the sweeps. When the ascent
//! is done, or has had its share of the run, its prices are refined (`refine`). Then the plan: cycles
//! of simulated annealing (`annealing`), after each of them dives (`dive`) and the best combination
//! of the columns seen (`master`).

use super::annealing::{Annealing, Length};
use super::column::Solved;
#[cfg(feature = "highs")]
use super::dive::Diver;
use super::improve;
use super::incumbent::Incumbent;
use super::instance::{EnterpriseModel, Instance};
use super::master::{self, ColumnPool};
use super::prices::Prices;
use super::refine;
use super::search::{OnProgress, Search};
#[cfg(feature = "highs")]
use super::whole::{Answer, WholeModel};
use super::{Params, StoppedBy};
use crate::domain::problem::Cost;
#[cfg(feature = "highs")]
use std::task::Poll;

/// Sweeps of the ascent after which a plan is built at its prices.
const CONSTRUCTED_AFTER: [u32; 5] = [4, 8, 16, 32, 64];
/// Dives after each annealing cycle, and the share of the enterprises that each leaves free.
#[cfg(feature = "highs")]
const DIVES: u32 = 2;
#[cfg(feature = "highs")]
const DIVE_SHARE: f64 = 0.35;
/// Times that combining the columns seen may bring nothing before it is left off.
const COMBINE_MISSES: u32 = 2;
/// Without a limit: length of the first annealing cycle in passes over all enterprises, and of each
/// against the one before.
const CYCLE_PASSES: f64 = 100.0;
const CYCLE_GROWTH: f64 = 1.5;
/// With one: share of what is left of the run that the first cycle takes, and each later one.
const CYCLE_FIRST_SHARE: f64 = 0.1;
const CYCLE_SHARE: f64 = 0.85;
/// In a run with a limit the ascent ends after so many sweeps that did not raise the bound by this
/// share of the gap, where no master goes on from there.
const STALE: u32 = 8;
const PROGRESS: f64 = 0.0003;
/// Share of the run after which the ascent ends.
const CLIMBED_SHARE: f64 = 0.3;
/// Up to so many enterprises the ascent takes a second or two, and is done first.
const CLIMBED_FIRST_MAX: usize = 4_000;
/// Most enterprises of a block whose prices are refined by itself.
#[cfg(feature = "highs")]
const BLOCK_ENTERPRISES_MAX: usize = 1_500;
/// Growth of the rate of the kind of work that waits.
const FAVOUR: f64 = 1.1;
/// Least rate of the kind that waits, against the other's: some forty turns and it is tried again.
const LEAST: f64 = 0.02;

/// What a run ends with.
pub struct Ended<'i> {
    /// The best plan.
    pub best: Incumbent<'i>,
    /// Whether the first plan was made in time; if not, nothing was searched.
    pub is_begun: bool,
    /// The best prices.
    pub prices: Prices,
    /// The bound that they give.
    pub bound: Cost,
    /// A bound by the solver's word alone, where it had the whole model.
    pub bound_unproven: Option<Cost>,
    /// Subproblems solved.
    pub work: u64,
    pub stopped_by: StoppedBy,
}

/// Searches until the gap, the work limit or the caller ends it. `progress` is called on this
/// thread; everything heavy goes to `threads`.
pub fn run<'i>(
    instance: &'i Instance<'i>,
    params: &Params,
    column_pool: ColumnPool,
    threads: &rayon::ThreadPool,
    progress: &mut OnProgress,
) -> Ended<'i> {
    let mut run = Run::new(Search::new(instance, params, column_pool, threads));
    let stopped_by = run.go(progress);
    let bound_unproven = run.bound_unproven;
    let Search { best, is_begun, ascent, work, .. } = run.search;
    let bound = ascent.bound();
    Ended { best, is_begun, prices: ascent.best, bound, bound_unproven, work, stopped_by }
}

/// How much of the gap, scaled, each kind of work has closed for each subproblem of late.
#[derive(Default)]
struct Pace {
    sweep: Option<f64>,
    walk: Option<f64>,
}

struct Run<'i, 'p> {
    search: Search<'i, 'p>,
    /// Once the ascent is done, where the problem is small enough.
    #[cfg(feature = "highs")]
    diver: Option<Diver<'i>>,
    /// Whether the ascent is over, and its prices refined.
    is_climbed: bool,
    /// Whether the masters over packings go on where the ascent ends.
    is_refined: bool,
    /// Sweeps of the ascent so far.
    sweeps: u32,
    /// Bound, scaled, after the last ones that raised it by much, and sweeps since.
    marked: i128,
    stale: u32,
    pace: Pace,
    /// Annealing cycles so far.
    cycles: u32,
    /// Length of the next one without a limit, in passes over all enterprises.
    cycle_passes: f64,
    /// A cycle begun beside refining.
    annealing: Option<Annealing<'i>>,
    /// Columns in the column pool when they were last combined.
    combined: usize,
    /// Times in a row that combining them brought nothing.
    combine_misses: u32,
    /// While the solver has it.
    #[cfg(feature = "highs")]
    whole: Option<WholeModel>,
    /// Whether the solver can add nothing more.
    #[cfg(feature = "highs")]
    is_whole_solved: bool,
    /// What the solver says no plan costs less than.
    bound_unproven: Option<Cost>,
}

impl<'i, 'p> Run<'i, 'p> {
    fn new(search: Search<'i, 'p>) -> Self {
        Self {
            is_climbed: search.ascent.is_done(false),
            is_refined: cfg!(feature = "highs")
                && search.instance.models.len() <= master::ENTERPRISES_MAX,
            search,
            #[cfg(feature = "highs")]
            diver: None,
            sweeps: 0,
            marked: 0,
            stale: 0,
            pace: Pace::default(),
            cycles: 0,
            cycle_passes: CYCLE_PASSES,
            annealing: None,
            combined: 0,
            combine_misses: 0,
            #[cfg(feature = "highs")]
            whole: None,
            #[cfg(feature = "highs")]
            is_whole_solved: false,
            bound_unproven: None,
        }
    }

    /// Narrows the gap while the ascent lasts, then anneals, until something stops it.
    fn go(&mut self, progress: &mut OnProgress) -> StoppedBy {
        let mut stopped = self.search.should_stop(progress);
        if !self.search.is_begun {
            stopped = stopped.or(Some(StoppedBy::Caller));
        }
        loop {
            if let Some(stopped_by) = stopped {
                #[cfg(feature = "highs")]
                self.hear_whole(stopped_by == StoppedBy::Caller && self.search.params.is_over());
                return stopped_by;
            }
            #[cfg(feature = "highs")]
            self.hear_whole(false);
            stopped = if self.is_climbed { self.anneal(progress) } else { self.narrow(progress) };
        }
    }

    /// While the ascent lasts: a sweep of it or, where there are many enterprises, a round of the
    /// walkers, whichever has closed more of the gap for its work of late. One that waits grows in
    /// favour, so that both are tried again.
    fn narrow(&mut self, progress: &mut OnProgress) -> Option<StoppedBy> {
        let search = &self.search;
        let (cost, bound, work) = (search.scaled_cost(), search.ascent.response.bound, search.work);
        let is_sweep = match (self.pace.sweep, self.pace.walk) {
            // a run with a limit gives the plan the rest of it
            _ if search.instance.models.len() <= CLIMBED_FIRST_MAX || search.is_limited() => true,
            (Some(sweep), Some(walk)) => sweep >= walk,
            (sweep, _) => sweep.is_none(),
        };
        let stopped = if is_sweep {
            self.sweep(progress)
        } else {
            self.search.descend();
            self.search.should_stop(progress)
        };
        let search = &self.search;
        let is_first = is_sweep && self.sweeps == 1;
        let closed = cost - search.scaled_cost() + (search.ascent.response.bound - bound);
        let rate = closed as f64 / (search.work - work).max(1) as f64;
        let Pace { sweep, walk } = &mut self.pace;
        let (done, other) = if is_sweep { (sweep, walk) } else { (walk, sweep) };
        // the first sweep starts from no bound at all, which says nothing of the next
        *done = (!is_first).then_some((done.unwrap_or(rate) + rate) / 2.0);
        *other = other.map(|waiting| (waiting * FAVOUR).max(rate * LEAST));
        if stopped.is_some() {
            return stopped;
        }
        let search = &self.search;
        let gap = search.scaled_cost() - search.ascent.response.bound;
        if (search.ascent.response.bound - self.marked) as f64 > PROGRESS * gap as f64 {
            (self.marked, self.stale) = (search.ascent.response.bound, 0);
        } else if is_sweep {
            self.stale += 1;
        }
        let is_stale = search.is_limited() && !self.is_refined && self.stale >= STALE;
        if search.ascent.is_done(self.is_refined) || is_stale || search.spent() >= CLIMBED_SHARE {
            self.is_climbed = true;
            self.construct();
            return self.refine(progress);
        }
        if is_sweep && CONSTRUCTED_AFTER.contains(&self.sweeps) {
            self.construct();
        }
        None
    }

    /// A sweep of the ascent.
    fn sweep(&mut self, progress: &mut OnProgress) -> Option<StoppedBy> {
        let search = &mut self.search;
        let (instance, params) = (search.instance, search.params);
        let is_over = || params.is_over();
        let (column_pool, ascent) = (&search.column_pool, &mut search.ascent);
        search.threads.install(|| {
            let keep = |enterprise: usize, model: &EnterpriseModel, solved: &Solved| {
                column_pool.keep(instance, enterprise, model, solved);
            };
            ascent.sweep(instance, &keep, &is_over);
        });
        self.sweeps += 1;
        search.work += 2 * search.pass_work;
        search.should_stop(progress)
    }

    /// Builds a plan anew at the best prices.
    fn construct(&mut self) {
        let search = &mut self.search;
        let (instance, params) = (search.instance, search.params);
        let prices = &search.ascent.best;
        let is_over = || params.is_over();
        let built = search.threads.install(|| improve::construct(instance, prices, &is_over));
        search.work += 2 * search.pass_work;
        if let Some(built) = built {
            search.add_columns(&built);
            search.take_better(&built);
        }
    }

    /// Refines the ascent's prices, by the strongest masters that are small enough.
    fn refine(&mut self, progress: &mut OnProgress) -> Option<StoppedBy> {
        let search = &mut self.search;
        let best = search.best.clone();
        search.add_columns(&best);
        #[cfg(feature = "highs")]
        {
            if self.is_refined {
                let stopped =
                    refine::by_packings(search, &mut self.diver, &mut self.annealing, progress);
                if stopped.is_some() || self.diver.is_some() {
                    return stopped;
                }
            }
            let stopped = refine::by_blocks(search, BLOCK_ENTERPRISES_MAX, progress);
            if stopped.is_some() {
                return stopped;
            }
        }
        refine::by_columns(search, progress)
    }

    /// One cycle of simulated annealing from the best plan, or the one begun beside refining; then
    /// dives and the best combination of the columns seen. Where the run has a limit the first cycle
    /// is short and the next takes most of what is left, because slow cooling pays; without one each
    /// is longer than the one before.
    fn anneal(&mut self, progress: &mut OnProgress) -> Option<StoppedBy> {
        let spent = self.search.spent();
        let length = if self.search.is_limited() {
            // dives come between cycles
            let is_short = self.cycles == 0 || self.dives();
            let share = if is_short { CYCLE_FIRST_SHARE } else { CYCLE_SHARE };
            Length::Share(share * (1.0 - spent))
        } else {
            Length::Work((self.cycle_passes * self.search.pass_work as f64) as u64)
        };
        #[cfg(feature = "highs")]
        self.ask_whole();
        let begun = self.annealing.take();
        let mut annealing = begun.unwrap_or_else(|| Annealing::new(&self.search, length));
        while annealing.step(&mut self.search) {
            #[cfg(feature = "highs")]
            self.hear_whole(false);
            let stopped = self.search.should_stop(progress);
            if stopped.is_some() {
                return stopped;
            }
        }
        self.cycles += 1;
        self.cycle_passes *= CYCLE_GROWTH;
        #[cfg(feature = "highs")]
        if let Some(diver) = &mut self.diver {
            for _ in 0..DIVES {
                diver.dive(&mut self.search, DIVE_SHARE);
                let stopped = self.search.should_stop(progress);
                if stopped.is_some() {
                    return stopped;
                }
            }
        }
        self.combine();
        self.search.should_stop(progress)
    }

    /// Gives the solver the whole model, unless it has it or can add nothing.
    #[cfg(feature = "highs")]
    fn ask_whole(&mut self) {
        if self.whole.is_none() && !self.is_whole_solved {
            self.whole = WholeModel::begin(&self.search);
            if self.whole.is_some() {
                self.search.walkers -= 1;
            }
        }
    }

    /// Takes the solver's answer, if there is one; one that is due is waited for.
    #[cfg(feature = "highs")]
    fn hear_whole(&mut self, is_due: bool) {
        let Some(whole) = &self.whole else { return };
        let Poll::Ready(answer) = whole.answer(is_due) else { return };
        self.whole = None;
        self.search.walkers += 1;
        let Some(Answer { columns, bound }) = answer else {
            // what it cannot do once it cannot do again
            self.is_whole_solved = true;
            return;
        };
        self.search.take_columns(columns);
        let bound = bound.min(self.search.best.cost());
        self.is_whole_solved = bound == self.search.best.cost();
        self.bound_unproven = self.bound_unproven.max(Some(bound));
    }

    /// Whether cycles of annealing are followed by dives.
    fn dives(&self) -> bool {
        #[cfg(feature = "highs")]
        return self.diver.as_ref().is_some_and(|diver| diver.is_of_use(self.search.instance));
        #[cfg(not(feature = "highs"))]
        return false;
    }

    /// Solves the master over the columns seen, where it is small enough.
    fn combine(&mut self) {
        let search = &mut self.search;
        // the same columns would only give the same answer
        if search.column_pool.len() == self.combined || self.combine_misses >= COMBINE_MISSES {
            return;
        }
        self.combined = search.column_pool.len();
        let found = search.column_pool.combine(
            search.instance,
            &search.best,
            &search.ascent.best,
            search.params.solver_seconds(),
        );
        search.work += search.column_pool.len() as u64;
        let is_better = found.is_some_and(|change| search.play(&change));
        self.combine_misses = if is_better { 0 } else { self.combine_misses + 1 };
    }
}
