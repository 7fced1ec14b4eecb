//! Refining the ascent's prices by column generation: a relaxed master over what is known proposes
//! prices, the enterprises answer with new columns.

use super::StoppedBy;
use super::column::Solved;
use super::instance::EnterpriseModel;
use super::search::{OnProgress, Search};
#[cfg(feature = "highs")]
use super::{
    SCALE,
    annealing::{Annealing, Length},
    blocks::{Block, blocks},
    cells::CellPrice,
    column::Column,
    dive::Diver,
    incumbent::Incumbent,
    instance::Instance,
    packing::{Grouping, PackingMaster, Proposal},
    prices::{Curves, Prices},
};
#[cfg(feature = "highs")]
use std::sync::{
    Arc, Mutex,
    atomic::{AtomicBool, AtomicUsize, Ordering},
    mpsc,
};
#[cfg(feature = "highs")]
use std::time::Duration;

/// Most calls of the master over columns, and how many in a row may bring next to nothing.
const REFINE_STEPS: u32 = 60;
const REFINE_MISSES: u32 = 4;
/// The groups of each master over packings after the first, in which a group has all days of a pool:
/// most cells in one, and whether those are together that follow each other. Charges of days that
/// look alike group best at first; then what one week needs and another does not comes out.
#[cfg(feature = "highs")]
const GROUPINGS: [(usize, bool); 6] =
    [(20, false), (10, true), (5, true), (5, false), (2, true), (1, true)];
/// Share of what is left of a run that the annealing takes which begins beside refining, and share of
/// the run before which it is given up again.
#[cfg(feature = "highs")]
const BESIDE_SHARE: f64 = 0.95;
#[cfg(feature = "highs")]
const BEGUN_SHARE: f64 = 0.25;
/// Share of a run after which prices are refined no more.
#[cfg(feature = "highs")]
const REFINED_SHARE: f64 = 0.5;
/// Share of a run after which prices of blocks are refined no more, and the seconds that a block must
/// have at least.
#[cfg(feature = "highs")]
const BLOCKS_SHARE: f64 = 0.4;
#[cfg(feature = "highs")]
const BLOCK_SECONDS_MIN: f64 = 0.3;
/// Share of the distance between a block's master and its bound that a call has to close.
#[cfg(feature = "highs")]
const BLOCK_PROGRESS: f64 = 0.1;
/// How often the caller hears of the progress meanwhile.
#[cfg(feature = "highs")]
const PROGRESS_EVERY: Duration = Duration::from_millis(100);
/// Calls of the master over packings that may bring next to nothing, and the difference between its value
/// and the bound, in units of cost, that ends them.
#[cfg(feature = "highs")]
const PACKING_MISSES: u32 = 3;
#[cfg(feature = "highs")]
const CLOSE: f64 = 0.25;
/// Share of the difference between them by which the value has to fall, where the bound does not rise.
#[cfg(feature = "highs")]
const FALLING: f64 = 0.03;

/// Refines by the master over the columns seen. `None` when its proposals bring next to nothing any
/// more, or the solver has none: the run goes on.
pub fn by_columns(search: &mut Search, progress: &mut OnProgress) -> Option<StoppedBy> {
    let params = search.params;
    let is_over = || params.is_over();
    let mut misses = 0;
    for _ in 0..REFINE_STEPS {
        let (instance, ascent) = (search.instance, &mut search.ascent);
        let proposal = search.column_pool.prices(
            instance,
            &search.best,
            &ascent.best,
            params.solver_seconds(),
        )?;
        let before = ascent.response.bound;
        let column_pool = &search.column_pool;
        search.threads.install(|| {
            let keep = |enterprise: usize, model: &EnterpriseModel, solved: &Solved| {
                column_pool.keep(instance, enterprise, model, solved);
            };
            ascent.offer_halfway(instance, proposal, &keep, &is_over);
        });
        search.work += 2 * search.pass_work + search.column_pool.len() as u64;
        search.descend();
        let stopped = search.should_stop(progress);
        if stopped.is_some() {
            return stopped;
        }
        let gain = search.ascent.response.bound - before;
        let left = search.scaled_cost() - before;
        misses = if gain * 500 > left { 0 } else { misses + 1 };
        if misses >= REFINE_MISSES {
            break;
        }
    }
    None
}

/// The groups of the first master over packings, all days of a pool, and of each finer one.
#[cfg(feature = "highs")]
fn groupings(instance: &Instance) -> (Grouping, impl Iterator<Item = Grouping> + use<>) {
    let days = instance.days.len();
    let grouping = |(size_max, is_by_day)| Grouping { size_max, is_by_day };
    let finer = GROUPINGS.into_iter().filter(move |(size, _)| *size < days).map(grouping);
    (Grouping { size_max: days, is_by_day: true }, finer)
}

/// Refines by masters over packings, the next one finer than the last, until one would be too large
/// or the bound has had its share of the run; ends with a dive from the last mixture. The diver holds
/// the last master. `None` as with [`by_columns`], and where there are too many draws for any.
#[cfg(feature = "highs")]
pub fn by_packings<'i>(
    search: &mut Search<'i, '_>,
    diver: &mut Option<Diver<'i>>,
    annealing: &mut Option<Annealing<'i>>,
    progress: &mut OnProgress,
) -> Option<StoppedBy> {
    let (instance, params) = (search.instance, search.params);
    let (coarsest, finer) = groupings(instance);
    let whole = Arc::new(Block::whole(instance));
    let mut master = PackingMaster::new(instance, &whole, coarsest, &search.ascent.best)?;
    // the solver has one thread: without a clock nobody can say what another does meanwhile
    if search.walkers > 1 && search.seconds_left_at(0.0) > 0.0 {
        let length = Length::Share(BESIDE_SHARE * (1.0 - search.spent()));
        *annealing = Some(Annealing::new(search, length));
    }
    master.begin(&search.best);
    for (enterprise, column) in search.column_pool.columns() {
        master.add(enterprise, column);
    }
    master.add_fixed_only();
    let mut stopped = converge(search, &mut master, annealing, progress);
    for grouping in finer {
        if stopped.is_some() || search.spent() >= REFINED_SHARE {
            break;
        }
        let finer = master.refined(grouping, &search.best, &search.ascent.best);
        // too large
        let Some(finer) = finer else { break };
        master = finer;
        stopped = converge(search, &mut master, annealing, progress);
    }
    if search.spent() < BEGUN_SHARE {
        // hardly begun: short cycles with dives between them are better
        *annealing = None;
    }
    let diver = diver.insert(Diver::new(master, params.seed));
    if stopped.is_none() {
        diver.dive(search, 1.0);
        stopped = search.should_stop(progress);
    }
    stopped
}

/// Refines by a master over packings for each block of up to so many enterprises, several side by
/// side, each for the same share of the time or work that is left to the bound: their gains add up.
/// `None` as with [`by_columns`], and where there are no blocks, or so many that no master would come
/// to anything.
#[cfg(feature = "highs")]
pub fn by_blocks(
    search: &mut Search,
    enterprises_max: usize,
    progress: &mut OnProgress,
) -> Option<StoppedBy> {
    let (instance, params) = (search.instance, search.params);
    let blocks: Vec<Arc<Block>> =
        blocks(instance, enterprises_max).into_iter().map(Arc::new).collect();
    let threads = params.threads.max(1);
    let each = threads as f64 / blocks.len().max(1) as f64;
    let kept = search.seconds_left_at(BLOCKS_SHARE);
    let seconds = (params.seconds_left() - kept) * each;
    let work = params.work.map(|limit| {
        let left = (BLOCKS_SHARE * limit as f64) as u64;
        left.saturating_sub(search.work) / blocks.len().max(1) as u64
    });
    if blocks.is_empty() || seconds < BLOCK_SECONDS_MIN || work.is_some_and(|work| work == 0) {
        return None;
    }
    let (next, is_stopped) = (AtomicUsize::new(0), AtomicBool::new(false));
    let (base, best) = (&search.ascent.best, &search.best);
    let refine = |sender: mpsc::Sender<(usize, Refined)>| {
        while let Some(place) = Some(next.fetch_add(1, Ordering::Relaxed))
            && let Some(block) = blocks.get(place)
        {
            let ends = params.seconds_left() - seconds;
            let seconds_left = || {
                let is_stopped = is_stopped.load(Ordering::Relaxed);
                if is_stopped { 0.0 } else { params.seconds_left() - ends.max(kept) }
            };
            let limits = Limits { seconds_left: &seconds_left, work: work.unwrap_or(u64::MAX) };
            let mut block = InBlock {
                instance,
                block,
                limits: &limits,
                best: base.clone(),
                bound: i128::MIN,
                found: Vec::new(),
                work: 0,
            };
            // what it has when its time is up is as good
            let _ = block.refine(best);
            let InBlock { block, best, work, .. } = block;
            let charges = block.cells.iter().map(|cell| best.charges(*cell)).collect();
            let refined = Refined { charges, work };
            // nobody may be left to take it
            let _ = sender.send((place, refined));
        }
    };
    let mut stopped = None;
    let mut refined = std::thread::scope(|scope| {
        let (sender, receiver) = mpsc::channel();
        for _ in 0..threads {
            let sender = sender.clone();
            scope.spawn(|| refine(sender));
        }
        drop(sender);
        let mut refined = Vec::new();
        loop {
            match receiver.recv_timeout(PROGRESS_EVERY) {
                Ok(one) => refined.push(one),
                Err(mpsc::RecvTimeoutError::Timeout) => {}
                Err(mpsc::RecvTimeoutError::Disconnected) => return refined,
            }
            stopped = stopped.or_else(|| search.should_stop(progress));
            is_stopped.store(stopped.is_some(), Ordering::Relaxed);
        }
    });
    refined.sort_unstable_by_key(|(place, _)| *place);
    let mut prices = search.ascent.best.clone();
    let own: Vec<usize> = blocks.iter().flat_map(|block| block.cells.iter().copied()).collect();
    prices.curves = Curves::zero(instance, &own);
    for (place, refined) in refined {
        search.work += refined.work;
        for (cell, charges) in blocks[place].cells.iter().zip(refined.charges) {
            prices.set_charges(*cell, charges);
        }
    }
    let is_over = || params.is_over();
    let ascent = &mut search.ascent;
    search.threads.install(|| ascent.offer(instance, prices, &|_, _, _| {}, &is_over));
    search.work += search.pass_work;
    stopped.or_else(|| search.should_stop(progress))
}

/// What a block may use up.
#[cfg(feature = "highs")]
struct Limits<'a> {
    seconds_left: &'a dyn Fn() -> f64,
    /// Subproblems.
    work: u64,
}

/// What refining a block found.
#[cfg(feature = "highs")]
struct Refined {
    /// What draws are charged, for each cell of the block.
    charges: Vec<(CellPrice, Box<[i64]>)>,
    /// Subproblems solved.
    work: u64,
}

/// A block whose prices are refined, on one thread alone.
#[cfg(feature = "highs")]
struct InBlock<'a, 'i> {
    instance: &'i Instance<'i>,
    block: &'a Arc<Block>,
    limits: &'a Limits<'a>,
    /// The prices of the best bound, and the block's share of that.
    best: Prices,
    bound: i128,
    /// Columns that the master does not know yet.
    found: Vec<(usize, Arc<Column>)>,
    /// Subproblems solved.
    work: u64,
}

#[cfg(feature = "highs")]
impl<'i> InBlock<'_, 'i> {
    /// Goes from master to finer master until the limits end it. `None` when time is up.
    fn refine(&mut self, plan: &Incumbent) -> Option<()> {
        let (coarsest, finer) = groupings(self.instance);
        self.offer(self.best.clone())?;
        let mut master = PackingMaster::new(self.instance, self.block, coarsest, &self.best)?;
        master.begin(plan);
        master.add_fixed_only();
        self.teach(&mut master);
        self.converge(&mut master)?;
        for grouping in finer {
            master = master.refined(grouping, plan, &self.best)?;
            self.converge(&mut master)?;
        }
        Some(())
    }

    /// Generates columns and packings until the master's prices bring next to nothing any more.
    fn converge(&mut self, master: &mut PackingMaster<'i>) -> Option<()> {
        let mut misses = 0;
        while misses < PACKING_MISSES {
            let known = master.len();
            let Proposal { prices, value } = master.solve(None, self.limits.seconds_left)?;
            self.work += master.take_work();
            let before = self.bound;
            self.offer(self.best.towards(&prices, 0.5))?;
            self.offer(prices)?;
            self.teach(master);
            let left = value - self.bound as f64 / SCALE as f64;
            if master.len() == known || left < CLOSE {
                break;
            }
            let gain = (self.bound - before) as f64 / SCALE as f64;
            misses = if gain > BLOCK_PROGRESS * left { 0 } else { misses + 1 };
        }
        Some(())
    }

    /// Gives a master the columns that it does not know yet.
    fn teach(&mut self, master: &mut PackingMaster<'i>) {
        for (enterprise, column) in self.found.drain(..) {
            master.add(enterprise, &column);
        }
    }

    /// Takes prices that give the block a better bound, and notes its enterprises' answers. `None` when
    /// time is up.
    fn offer(&mut self, prices: Prices) -> Option<()> {
        let (instance, found) = (self.instance, &mut self.found);
        let mut keep = |enterprise: usize, model: &EnterpriseModel, solved: &Solved| {
            let column = Column::new(instance, model, solved.choices.clone());
            found.push((enterprise, Arc::new(column)));
        };
        let is_over = || (self.limits.seconds_left)() <= 0.0;
        let value = prices.respond_in(instance, self.block, &mut keep, &is_over)?;
        let models = self.block.enterprises.iter().map(|e| &instance.models[*e]);
        self.work += models.map(|model| model.work()).sum::<u64>();
        if value > self.bound {
            (self.bound, self.best) = (value, prices);
        }
        (self.work < self.limits.work).then_some(())
    }
}

/// Generates columns and packings until the master's prices bring next to nothing any more.
#[cfg(feature = "highs")]
fn converge<'i>(
    search: &mut Search<'i, '_>,
    master: &mut PackingMaster<'i>,
    annealing: &mut Option<Annealing<'i>>,
    progress: &mut OnProgress,
) -> Option<StoppedBy> {
    let (instance, params) = (search.instance, search.params);
    let is_over = || params.is_over();
    let mut misses = 0;
    let mut last = f64::INFINITY;
    while misses < PACKING_MISSES && search.spent() < REFINED_SHARE {
        let before = search.ascent.response.bound;
        // the plan is to have its share of the time
        let kept = search.seconds_left_at(REFINED_SHARE);
        let threads = search.threads;
        let mut solve = || master.solve(Some(threads), &|| params.seconds_left() - kept);
        let solved = match annealing {
            Some(annealing) => annealing.beside(search, solve),
            None => solve(),
        };
        search.work += master.take_work();
        let Proposal { prices, value } = solved?;
        let ascent = &mut search.ascent;
        let found = Mutex::new(Vec::new());
        search.threads.install(|| {
            let keep = |enterprise: usize, model: &EnterpriseModel, solved: &Solved| {
                let column = Column::new(instance, model, solved.choices.clone());
                found.lock().expect("no panics").push((enterprise, Arc::new(column)));
            };
            ascent.offer_halfway(instance, prices, &keep, &is_over);
        });
        // threads end in any order
        let mut found = found.into_inner().expect("no panics");
        found.sort_by(|a, b| (a.0, &a.1.choices).cmp(&(b.0, &b.1.choices)));
        let known = master.len();
        for (enterprise, column) in found {
            master.add(enterprise, &column);
            search.column_pool.add(enterprise, &column);
        }
        search.work += 2 * search.pass_work;
        if annealing.is_none() {
            search.descend();
        }
        let stopped = search.should_stop(progress);
        if stopped.is_some() {
            return stopped;
        }
        let bound = search.ascent.response.bound;
        // the master knows nothing of requests that no day can take
        let value = value + instance.impossible_cost as f64;
        if master.len() == known || value - bound as f64 / (SCALE as f64) < CLOSE {
            break;
        }
        let left = search.scaled_cost() - bound;
        // while the mixture grows cheaper, its prices only swing: the bound will follow
        let is_falling = last - value > FALLING * (value - bound as f64 / SCALE as f64);
        last = value;
        misses = if is_falling || (bound - before) * 1_000 > left { 0 } else { misses + 1 };
    }
    None
}
