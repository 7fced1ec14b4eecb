//! Plans: a first one built at given prices, then better ones by taking a few enterprises out and
//! putting them back, each exactly solved in the room that the others leave (ruin and recreate,
//! Schrimpf et al. 2000).
//!
//! The prices say where to look: an enterprise whose column is worth much more than its least
//! charge at the best prices is where the gap is. A walker may accept a rise of cost with the
//! probability that simulated annealing gives it (Kirkpatrick et al. 1983); at temperature 0 it
//! accepts none.

use super::column::Column;
use super::column::Effort;
use super::incumbent::{Incumbent, Room};
use super::instance::{Instance, PoolUse};
use super::kernel::Kernel;
use super::large;
use super::prices::{IsOver, Prices};
use super::random;
use crate::domain::problem::Cost;
use rand::RngExt;
use rand::seq::SliceRandom;
use rand_pcg::Pcg64Mcg;
use rayon::prelude::*;
use std::sync::Arc;

/// Full share of the prices, see [`Room::share`].
const WHOLE: i64 = 256;
/// Most enterprises taken out at once.
const RUIN_MAX: usize = 8;

/// For each cell the enterprises that may draw on it.
pub struct Neighbours {
    start: Vec<u32>,
    enterprises: Vec<u32>,
}

impl Neighbours {
    /// Collects them.
    pub fn new(instance: &Instance) -> Self {
        let mut pairs: Vec<(u32, u32)> = Vec::new();
        for (enterprise, model) in instance.models.iter().enumerate() {
            let from = pairs.len();
            for unit in &model.units {
                for on in &unit.days {
                    for PoolUse { pool, .. } in &unit.uses {
                        pairs.push((instance.cell(*pool, on.day()) as u32, enterprise as u32));
                    }
                }
            }
            pairs[from..].sort_unstable();
            let mut kept = from;
            for i in from..pairs.len() {
                if i == from || pairs[i] != pairs[i - 1] {
                    pairs[kept] = pairs[i];
                    kept += 1;
                }
            }
            pairs.truncate(kept);
        }
        pairs.par_sort_unstable();
        let mut start = vec![0u32; instance.regular.len() + 1];
        for (cell, _) in &pairs {
            start[*cell as usize + 1] += 1;
        }
        for cell in 0..instance.regular.len() {
            start[cell + 1] += start[cell];
        }
        Self { start, enterprises: pairs.into_iter().map(|(_, enterprise)| enterprise).collect() }
    }

    fn of(&self, cell: usize) -> &[u32] {
        &self.enterprises[self.start[cell] as usize..self.start[cell + 1] as usize]
    }
}

/// What enterprises are charged beside true cost while a plan is made.
struct Terms<'a> {
    prices: &'a Prices,
    share: i64,
    /// Spent on large enterprises.
    effort: Effort,
}

impl<'a> Terms<'a> {
    fn room(&'a self, incumbent: &'a Incumbent<'a>, without: Option<&'a Column>) -> Room<'a> {
        let Self { prices, share, .. } = *self;
        Room { incumbent, prices, share, without }
    }
}

/// Enterprises solved side by side, in the room left before any of them is placed. One that then
/// no longer fits is solved again by itself. The number decides the plan, so it is not the number
/// of threads.
const ABREAST: usize = 256;
/// With fewer enterprises than this they are placed one by one, which is a little better.
const ABREAST_ENTERPRISES_MIN: usize = 4_000;

/// Enterprises in the order in which to place them: whose windows end first go first (as in
/// earliest-deadline-first scheduling), of these the dearest.
fn order(instance: &Instance) -> Vec<usize> {
    let deadline = |enterprise: &usize| {
        let model = &instance.models[*enterprise];
        let last =
            model.units.iter().filter_map(|unit| unit.days.last()).map(|last| last.day()).min();
        let penalty: i64 = model.units.iter().map(|unit| unit.penalty).sum();
        (last, std::cmp::Reverse(penalty), *enterprise)
    };
    let mut order: Vec<usize> = (0..instance.models.len()).collect();
    order.sort_by_cached_key(deadline);
    order
}

/// The first plan, soon: one pass at true cost, in which large enterprises are solved the quick
/// way. `false`: time was up before its end, and those not reached have their fixed visits alone.
pub fn first<'i>(instance: &'i Instance<'i>, is_over: &IsOver) -> (Incumbent<'i>, bool) {
    let mut incumbent = Incumbent::fixed_only(instance);
    let terms = Terms { prices: &Prices::zero(instance), share: 0, effort: Effort::Quick };
    let placed = place(instance, &mut incumbent, &order(instance), &terms, is_over);
    (incumbent, placed.is_some())
}

/// Builds a plan: each enterprise at its best in the room left, at full prices; then once more at
/// true cost, which can only be cheaper. `None` when time is up before it is done.
pub fn construct<'i>(
    instance: &'i Instance<'i>,
    prices: &Prices,
    is_over: &IsOver,
) -> Option<Incumbent<'i>> {
    let mut incumbent = Incumbent::fixed_only(instance);
    let order = order(instance);
    for share in [WHOLE, 0] {
        let terms = Terms { prices, share, effort: Effort::Plan };
        place(instance, &mut incumbent, &order, &terms, is_over)?;
    }
    Some(incumbent)
}

/// Solves the enterprises of `order` anew, one after the other or many abreast. `None` when time is
/// up before the last: those not reached keep their columns.
fn place<'i>(
    instance: &'i Instance<'i>,
    incumbent: &mut Incumbent<'i>,
    order: &[usize],
    terms: &Terms,
    is_over: &IsOver,
) -> Option<()> {
    let mut kernel = Kernel::default();
    let abreast = if order.len() < ABREAST_ENTERPRISES_MIN { 1 } else { ABREAST };
    for enterprises in order.chunks(abreast) {
        if is_over() {
            return None;
        }
        if abreast == 1 {
            rebuild(instance, incumbent, enterprises[0], &mut kernel, terms);
            continue;
        }
        let seen: &Incumbent = incumbent;
        let solve = |kernel: &mut Kernel, enterprise: &usize| {
            let room = terms.room(seen, Some(seen.column(*enterprise)));
            Arc::new(kernel.column(instance, &instance.models[*enterprise], &room, terms.effort))
        };
        let columns: Vec<Arc<Column>> =
            enterprises.par_iter().map_init(Kernel::default, solve).collect();
        for (enterprise, column) in enterprises.iter().zip(columns) {
            let before = incumbent.cost();
            let old = incumbent.take(*enterprise);
            if incumbent.fits(&column) {
                incumbent.put(*enterprise, column);
                if terms.share != 0 || incumbent.cost() <= before {
                    continue;
                }
                incumbent.take(*enterprise);
            }
            incumbent.put(*enterprise, old);
            rebuild(instance, incumbent, *enterprise, &mut kernel, terms);
        }
    }
    Some(())
}

/// Re-solves every enterprise that leaves something out, at true cost, until none gets better: no
/// request is left out that has a place which would lower the cost.
pub fn settle<'i>(instance: &'i Instance<'i>, incumbent: &mut Incumbent<'i>) {
    let terms = Terms { prices: &Prices::zero(instance), share: 0, effort: Effort::Plan };
    let mut kernel = Kernel::default();
    let mut is_settled = false;
    while !is_settled {
        is_settled = true;
        let seen: &Incumbent = incumbent;
        let finds = |kernel: &mut Kernel, enterprise: usize| {
            let held = seen.column(enterprise);
            let covered = held.choices.iter().map(|choice| choice.units.len()).sum::<usize>();
            if covered == instance.models[enterprise].units.len() {
                return None;
            }
            let room = terms.room(seen, Some(held));
            better(instance, enterprise, &room, held, kernel).map(|_| enterprise)
        };
        let found: Vec<usize> = (0..instance.models.len())
            .into_par_iter()
            .map_init(Kernel::default, finds)
            .flatten_iter()
            .collect();
        for enterprise in found {
            let held = incumbent.take(enterprise);
            let column =
                better(instance, enterprise, &terms.room(incumbent, None), &held, &mut kernel);
            is_settled &= column.is_none();
            incumbent.put(enterprise, column.map_or(held, Arc::new));
        }
    }
}

/// The best of what the kernel finds and of `held` with one more unit; `None` where nothing is
/// better than `held`.
fn better(
    instance: &Instance,
    enterprise: usize,
    room: &Room,
    held: &Column,
    kernel: &mut Kernel,
) -> Option<Column> {
    let model = &instance.models[enterprise];
    let solved = kernel.column(instance, model, room, Effort::Plan);
    let columns = [Some(solved), large::inserted(instance, model, room, held)];
    let best = columns.into_iter().flatten().min_by_key(|column| column.value(room))?;
    (best.value(room) < held.value(room)).then_some(best)
}

/// Re-solves one enterprise; at share 0 an equal or better column replaces the old one.
fn rebuild<'i>(
    instance: &'i Instance<'i>,
    incumbent: &mut Incumbent<'i>,
    enterprise: usize,
    kernel: &mut Kernel,
    terms: &Terms,
) {
    let before = incumbent.cost();
    let old = incumbent.take(enterprise);
    let room = terms.room(incumbent, None);
    let column = kernel.column(instance, &instance.models[enterprise], &room, terms.effort);
    incumbent.put(enterprise, Arc::new(column));
    if terms.share == 0 && incumbent.cost() > before {
        incumbent.take(enterprise);
        incumbent.put(enterprise, old);
    }
}

/// One accepted change.
pub struct Move {
    /// The enterprises and their new columns.
    pub columns: Vec<(usize, Arc<Column>)>,
    /// What it was allowed to add to the cost.
    pub allowed: Cost,
}

/// What a round of walkers works with.
pub struct Round<'a, 'i> {
    pub instance: &'i Instance<'i>,
    pub neighbours: &'a Neighbours,
    pub prices: &'a Prices,
    /// Least charge of each enterprise at the prices.
    pub values: &'a [i64],
    /// Subproblems each walker solves.
    pub work: u64,
    /// Mean rise of cost that is accepted.
    pub temperature: f64,
    /// Whether the caller's time is up.
    pub is_over: &'a IsOver<'a>,
}

impl<'i> Round<'_, 'i> {
    /// Lets a walker for each seed change `incumbent` from the same start, then plays all their moves
    /// into it. Returns the moves played.
    pub fn walk(&self, incumbent: &mut Incumbent<'i>, seeds: &[u64]) -> Vec<Move> {
        let walks: Vec<(Incumbent<'i>, Vec<Move>)> = seeds
            .par_iter()
            .map(|seed| {
                let mut walker = Walker {
                    round: self,
                    incumbent: incumbent.clone(),
                    random: random(*seed),
                    kernel: Kernel::default(),
                    work_left: self.work,
                    moves: Vec::new(),
                };
                while walker.work_left > 0 && !(self.is_over)() {
                    walker.ruin_and_recreate();
                }
                (walker.incumbent, walker.moves)
            })
            .collect();
        let mut walks = walks.into_iter();
        let Some((first, mut played)) = walks.next() else { return Vec::new() };
        *incumbent = first;
        for (_, moves) in walks {
            for change in moves {
                if play(incumbent, &change) {
                    played.push(change);
                }
            }
        }
        played
    }
}

/// Plays a move if it fits and adds no more than it was allowed to.
pub fn play(incumbent: &mut Incumbent, change: &Move) -> bool {
    let before = incumbent.cost();
    let Move { columns: change, allowed } = change;
    let old: Vec<(usize, Arc<Column>)> =
        change.iter().map(|(enterprise, _)| (*enterprise, incumbent.take(*enterprise))).collect();
    let mut placed = 0;
    for (enterprise, column) in change {
        if !incumbent.fits(column) {
            break;
        }
        incumbent.put(*enterprise, column.clone());
        placed += 1;
    }
    if placed == change.len() && incumbent.cost() <= before + allowed {
        return true;
    }
    for (enterprise, _) in &change[..placed] {
        incumbent.take(*enterprise);
    }
    for (enterprise, column) in old {
        incumbent.put(enterprise, column);
    }
    false
}

struct Walker<'a, 'i> {
    round: &'a Round<'a, 'i>,
    incumbent: Incumbent<'i>,
    random: Pcg64Mcg,
    kernel: Kernel,
    work_left: u64,
    moves: Vec<Move>,
}

impl Walker<'_, '_> {
    fn ruin_and_recreate(&mut self) {
        let enterprises = self.choose();
        let before = self.incumbent.cost();
        let old: Vec<(usize, Arc<Column>)> = enterprises
            .iter()
            .map(|enterprise| (*enterprise, self.incumbent.ruin(*enterprise)))
            .collect();
        let share = [0, 0, WHOLE / 4, WHOLE / 2, WHOLE][self.random.random_range(0..5)];
        let effort = if self.random.random_range(0..4) == 0 { Effort::Plan } else { Effort::Quick };
        let terms = Terms { prices: self.round.prices, share, effort };
        for enterprise in &enterprises {
            self.incumbent.clear(*enterprise);
            let room = terms.room(&self.incumbent, None);
            let model = &self.round.instance.models[*enterprise];
            let column = self.kernel.column(self.round.instance, model, &room, effort);
            self.incumbent.put(*enterprise, Arc::new(column));
            self.work_left = self.work_left.saturating_sub(model.work());
        }
        let is_same =
            old.iter().all(|(enterprise, column)| self.incumbent.column(*enterprise) == column);
        let allowed = if self.round.temperature > 0.0 {
            // a rise is accepted with probability exp(−rise / temperature) (Kirkpatrick et al. 1983)
            (-self.random.random::<f64>().ln() * self.round.temperature) as Cost
        } else {
            0
        };
        if self.incumbent.cost() <= before + allowed && !is_same {
            let column =
                |enterprise: &usize| (*enterprise, self.incumbent.column(*enterprise).clone());
            self.moves.push(Move { columns: enterprises.iter().map(column).collect(), allowed });
            return;
        }
        for (enterprise, column) in old {
            self.incumbent.take(enterprise);
            self.incumbent.put(enterprise, column);
        }
    }

    /// The enterprises to take out, in the order to put them back.
    fn choose(&mut self) -> Vec<usize> {
        let count = self.round.instance.models.len();
        // of a few drawn, the one furthest from what the prices say it could have
        let regret = |enterprise: usize| {
            self.incumbent.column(enterprise).value(self.round.prices)
                - self.round.values[enterprise]
        };
        let draws: Vec<usize> = (0..3).map(|_| self.random.random_range(0..count)).collect();
        let first = draws.into_iter().max_by_key(|enterprise| regret(*enterprise)).expect("draws");
        self.work_left = self.work_left.saturating_sub(self.round.instance.models[first].work());
        let mut enterprises = vec![first];
        // rivals: those who hold the cells it wants at the prices, or holds itself
        let model = &self.round.instance.models[first];
        let wanted =
            self.kernel.column(self.round.instance, model, self.round.prices, Effort::Quick);
        let held = self.incumbent.column(first).clone();
        let cells: Vec<u32> =
            wanted.loads.iter().chain(&held.loads).map(|(cell, _)| *cell).collect();
        let size = self.random.random_range(1..=RUIN_MAX.min(count));
        for _ in 0..size * 4 {
            if enterprises.len() >= size || cells.is_empty() {
                break;
            }
            let cell = cells[self.random.random_range(0..cells.len())];
            let rivals = self.round.neighbours.of(cell as usize);
            let rival = rivals[self.random.random_range(0..rivals.len())] as usize;
            let holds =
                self.incumbent.column(rival).loads.binary_search_by_key(&cell, |l| l.0).is_ok();
            let is_curious = self.random.random_range(0..4) == 0;
            if (holds || is_curious) && !enterprises.contains(&rival) {
                enterprises.push(rival);
            }
        }
        if self.random.random_range(0..3) == 0 {
            enterprises.shuffle(&mut self.random);
        }
        enterprises
    }
}
