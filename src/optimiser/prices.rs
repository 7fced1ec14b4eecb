//! Prices and the bound.
//!
//! With a price π_c ≥ 0 for a person-minute of each cell c and a pay μ_t in [0, shortfall cost]
//! for each one of a target t, the coupling rows move into the objective, and
//!
//! L(π, ρ, μ) = Σ_e v_e(π, ρ, μ) − Σ_c credit_c(π, ρ) + Σ_t μ_t·need_t
//!              + penalties of impossible requests
//!
//! is at most the cost of any plan, where v_e is the least charge of enterprise e (or a bound of
//! it) and credit_c what the charges of a cell can come to at most (`cells`). Everything is summed
//! in scaled integers, so the bound suffers no rounding: each term is credited exactly where it is
//! charged.
//!
//! Prices ascent by an incremental subgradient (Nedić & Bertsekas 2001): the enterprises are
//! swept in batches of random composition, and the prices move after each batch, so that those
//! who come later see what the earlier ones took. Many days look alike at first, and enterprises
//! asked all at once would all choose the same one. The bound is taken at the average of a
//! sweep's prices, by one exact pass over all enterprises.

#[cfg(feature = "highs")]
use super::blocks::Block;
use super::cells::{CellPrice, Credit, ROUNDED, in_row};
use super::column::{Effort, Solved};
use super::instance::{EnterpriseModel, Instance, PoolUse};
use super::kernel::Kernel;
use super::oracle::Oracle;
use super::{SCALE, random};
use crate::domain::problem::Cost;
use rand::seq::SliceRandom;
use rand_pcg::Pcg64Mcg;
use rayon::prelude::*;
use std::sync::Arc;

/// Highest price of a person-minute, scaled: a full day of any cell stays far inside `i64`.
fn minute_max(instance: &Instance, cell: usize) -> i64 {
    ((1 << 50) / instance.cells.most(cell).max(1)).min(1 << 31)
}
/// Highest price of a rounded row, scaled.
const EXTRA_MAX: i64 = 1 << 48;

/// Prices of cells and pays of targets, scaled.
#[derive(Clone, Debug)]
pub struct Prices {
    pub cell: Vec<CellPrice>,
    pub target: Vec<i64>,
    /// What draws are charged besides.
    pub curves: Curves,
    /// Minutes of each cell, overtime included.
    most: Arc<[i64]>,
}

/// Charges of any shape for the draws from each cell, none for most problems.
#[derive(Clone, Debug, Default)]
pub struct Curves {
    /// Where the charges of each cell begin, if it has any; empty when none has.
    start: Arc<[usize]>,
    /// Step of each cell's draws.
    step: Arc<[i64]>,
    /// By number of steps, scaled; they never fall within a cell.
    charges: Vec<i64>,
}

impl Curves {
    #[cfg(any(feature = "highs", test))]
    /// Room for a charge of each draw from these cells, nothing charged yet.
    pub fn zero(instance: &Instance, of: &[usize]) -> Self {
        let cells = &instance.cells;
        let mut start = vec![0; cells.len() + 1];
        for cell in of {
            start[cell + 1] = (cells.most(*cell) / cells.step(*cell)) as usize + 1;
        }
        for cell in 0..cells.len() {
            start[cell + 1] += start[cell];
        }
        let charges = vec![0; start[cells.len()]];
        let step = (0..cells.len()).map(|cell| cells.step(cell)).collect();
        Self { start: start.into(), step, charges }
    }

    /// The charges of a cell by number of steps; empty when there are none.
    pub fn of(&self, cell: usize) -> &[i64] {
        if self.start.is_empty() {
            &[]
        } else {
            &self.charges[self.start[cell]..self.start[cell + 1]]
        }
    }

    #[cfg(any(feature = "highs", test))]
    /// The same, to be set.
    pub fn of_mut(&mut self, cell: usize) -> &mut [i64] {
        &mut self.charges[self.start[cell]..self.start[cell + 1]]
    }

    #[inline]
    fn charge(&self, cell: usize, minutes: i64) -> i64 {
        if self.start.is_empty() {
            return 0;
        }
        let charges = &self.charges[self.start[cell]..self.start[cell + 1]];
        if charges.is_empty() { 0 } else { charges[(minutes / self.step[cell]) as usize] }
    }

    fn towards(&self, other: &Curves, mix: impl Fn(i64, i64) -> i64) -> Curves {
        if self.start.is_empty() && other.start.is_empty() {
            return Curves::default();
        }
        let some = if self.start.is_empty() { other } else { self };
        let at = |curves: &Curves, i: usize| curves.charges.get(i).copied().unwrap_or(0);
        let charges = (0..some.charges.len()).map(|i| mix(at(self, i), at(other, i))).collect();
        Curves { start: some.start.clone(), step: some.step.clone(), charges }
    }
}

impl Oracle for Prices {
    fn cell(&self, cell: usize, minutes: i64) -> i64 {
        self.cell[cell].charge(minutes, self.most[cell]) + self.curves.charge(cell, minutes)
    }
    fn linear_cell(&self, cell: usize, minutes: i64) -> i64 {
        self.cell[cell].minute * minutes
    }
    fn target(&self, target: u32) -> i64 {
        self.target[target as usize]
    }
}

/// What all enterprises do under given prices.
pub struct Response {
    /// Scaled value of L.
    pub bound: i128,
    /// Least charge of each enterprise.
    pub values: Vec<i64>,
}

/// Sums over some enterprises.
struct Tally {
    kernel: Kernel,
    loads: Vec<i64>,
    /// Number in each cell's rounded rows.
    rounded: Vec<[i64; 3]>,
    gains: Vec<i64>,
}

impl Tally {
    fn new(prices: &Prices) -> Self {
        Self {
            kernel: Kernel::default(),
            loads: vec![0; prices.cell.len()],
            rounded: vec![[0; 3]; prices.cell.len()],
            gains: vec![0; prices.target.len()],
        }
    }

    /// Solves one enterprise and adds it up.
    fn solve(&mut self, instance: &Instance, model: &EnterpriseModel, prices: &Prices) {
        let column = self.kernel.column(instance, model, prices, Effort::Quick);
        for (cell, minutes) in &column.loads {
            let cell = *cell as usize;
            self.loads[cell] += minutes;
            let most = instance.cells.most(cell);
            for (count, k) in self.rounded[cell].iter_mut().zip(ROUNDED) {
                *count += in_row(k, *minutes, most);
            }
        }
        for (target, n) in &column.gains {
            self.gains[*target as usize] += n;
        }
    }

    fn merge(mut self, other: Tally) -> Self {
        self.loads.iter_mut().zip(&other.loads).for_each(|(x, y)| *x += y);
        for (x, y) in self.rounded.iter_mut().zip(&other.rounded) {
            x.iter_mut().zip(y).for_each(|(x, y)| *x += y);
        }
        self.gains.iter_mut().zip(&other.gains).for_each(|(x, y)| *x += y);
        self
    }
}

impl Prices {
    /// All nothing.
    pub fn zero(instance: &Instance) -> Self {
        let cells = instance.cells.len();
        Self {
            cell: vec![CellPrice::default(); cells],
            target: vec![0; instance.targets.len()],
            curves: Curves::default(),
            most: (0..cells).map(|cell| instance.cells.most(cell)).collect(),
        }
    }

    /// Brings every price into its range; only a solver's may be outside.
    #[cfg(feature = "highs")]
    pub fn clamp(&mut self, instance: &Instance) {
        for (cell, price) in self.cell.iter_mut().enumerate() {
            price.minute = price.minute.clamp(0, minute_max(instance, cell));
            for extra in &mut price.extra {
                *extra =
                    if instance.cells.is_listed(cell) { (*extra).clamp(0, EXTRA_MAX) } else { 0 };
            }
        }
        for (pay, row) in self.target.iter_mut().zip(&instance.targets) {
            *pay = (*pay).clamp(0, row.shortfall_cost * SCALE);
        }
    }

    /// All that draws from a cell are charged.
    #[cfg(feature = "highs")]
    pub fn charges(&self, cell: usize) -> (CellPrice, Box<[i64]>) {
        (self.cell[cell], self.curves.of(cell).into())
    }

    /// The same, set; where there is a curve, there is room for it.
    #[cfg(feature = "highs")]
    pub fn set_charges(&mut self, cell: usize, (price, curve): (CellPrice, Box<[i64]>)) {
        self.cell[cell] = price;
        if !curve.is_empty() {
            self.curves.of_mut(cell).copy_from_slice(&curve);
        }
    }

    /// The prices `share` of the way (0 to 1) from these to others.
    pub fn towards(&self, other: &Prices, share: f64) -> Prices {
        let mix = |a: i64, b: i64| a + ((b - a) as f64 * share).round() as i64;
        let cell = |(a, b): (&CellPrice, &CellPrice)| CellPrice {
            minute: mix(a.minute, b.minute),
            extra: std::array::from_fn(|i| mix(a.extra[i], b.extra[i])),
        };
        Prices {
            cell: self.cell.iter().zip(&other.cell).map(cell).collect(),
            target: self.target.iter().zip(&other.target).map(|(a, b)| mix(*a, *b)).collect(),
            curves: self.curves.towards(&other.curves, mix),
            most: self.most.clone(),
        }
    }

    /// Solves every enterprise at these prices; hands each solution to `keep`. `None` when time is up
    /// before the last.
    pub fn respond(&self, instance: &Instance, keep: &Keep, is_over: &IsOver) -> Option<Response> {
        const CHUNK: usize = 64;
        let mut values = vec![0i64; instance.models.len()];
        let chunks = instance.models.par_chunks(CHUNK).zip(values.par_chunks_mut(CHUNK));
        let solve = |kernel: &mut Kernel,
                     (chunk, (models, values)): (usize, (&[_], &mut [i64]))| {
            if is_over() {
                return None;
            }
            for (i, model) in models.iter().enumerate() {
                let solved = kernel.solve(instance, model, self, Effort::Bound);
                values[i] = solved.bound;
                keep(chunk * CHUNK + i, model, &solved);
            }
            Some(())
        };
        chunks.enumerate().map_init(Kernel::default, solve).collect::<Option<()>>()?;
        let bound = values.iter().map(|value| i128::from(*value)).sum::<i128>();
        Some(Response { bound: bound + self.constant(instance), values })
    }

    /// What the enterprises of one batch take and give.
    fn tally(&self, instance: &Instance, batch: &[u32]) -> Tally {
        // few parts: each sums over all cells
        const LEAST: usize = 64;
        const PARTS: usize = 8;
        let solve = |mut tally: Tally, enterprise: &u32| {
            tally.solve(instance, &instance.models[*enterprise as usize], self);
            tally
        };
        if batch.len() < LEAST {
            return batch.iter().fold(Tally::new(self), solve);
        }
        let parts = batch.par_chunks(batch.len().div_ceil(PARTS).max(LEAST / 2));
        let parts = parts.map(|part| part.iter().fold(Tally::new(self), solve));
        parts.reduce(|| Tally::new(self), Tally::merge)
    }

    /// The share of a block in L, scaled: what its enterprises and its cells add. Each solution is
    /// handed to `keep`. `None` when time is up before the last.
    #[cfg(feature = "highs")]
    pub fn respond_in(
        &self,
        instance: &Instance,
        block: &Block,
        keep: &mut dyn FnMut(usize, &EnterpriseModel, &Solved),
        is_over: &dyn Fn() -> bool,
    ) -> Option<i128> {
        let mut kernel = Kernel::default();
        let mut bound = 0;
        for enterprise in &block.enterprises {
            if is_over() {
                return None;
            }
            let model = &instance.models[*enterprise];
            let solved = kernel.solve(instance, model, self, Effort::Bound);
            bound += i128::from(solved.bound);
            keep(*enterprise, model, &solved);
        }
        for cell in &block.cells {
            let credit = instance.cells.credit(*cell, &self.cell[*cell], self.curves.of(*cell));
            bound -= i128::from(credit.value);
        }
        Some(bound)
    }

    /// The terms of L that no enterprise decides.
    fn constant(&self, instance: &Instance) -> i128 {
        let mut sum = i128::from(instance.impossible_cost) * i128::from(SCALE);
        sum -= self
            .cell
            .par_iter()
            .enumerate()
            .filter(|(cell, price)| !price.is_zero() || !self.curves.of(*cell).is_empty())
            .map(|(cell, price)| {
                i128::from(instance.cells.credit(cell, price, self.curves.of(cell)).value)
            })
            .sum::<i128>();
        for (row, pay) in instance.targets.iter().zip(&self.target) {
            sum += i128::from(*pay) * i128::from(row.need);
        }
        sum
    }
}

/// A scaled bound as a cost: any plan costs a whole number, so the bound is rounded up.
pub fn whole(bound: i128) -> Cost {
    let scale = i128::from(SCALE);
    i64::try_from(-(-bound).div_euclid(scale)).expect("bounds are costs")
}

/// The ascent towards the best prices.
pub struct DualAscent {
    /// Prices with the best bound so far.
    pub best: Prices,
    /// What the enterprises do at the best prices.
    pub response: Response,
    /// The rows whose price can matter, with the prices that the ascent has reached.
    rows: Vec<Row>,
    /// Enterprises, in the order of the last sweep.
    order: Vec<u32>,
    random: Pcg64Mcg,
    step: f64,
    /// Scaled value of L after the last sweep.
    last: i128,
    is_started: bool,
}

/// Takes what the kernel found for an enterprise.
pub type Keep<'a> = dyn Fn(usize, &EnterpriseModel, &Solved) + Sync + 'a;
/// Whether the caller's time is up.
pub type IsOver<'a> = dyn Fn() -> bool + Sync + 'a;

/// A coupling row as the ascent sees it.
struct Row {
    kind: Kind,
    /// Price moved by a sweep at full step whose load is twice the room.
    scale: f64,
    /// Highest price.
    limit: f64,
    price: f64,
}

/// What a coupling row limits or asks for.
#[derive(Clone, Copy)]
enum Kind {
    /// Minutes of a cell.
    Minutes(usize),
    /// A rounded row of a cell.
    Rounded(usize, usize),
    Target(usize),
}

const STEP_FIRST: f64 = 0.1;
const STEP_LAST: f64 = 0.00005;
/// The same where the masters over packings go on from there.
const STEP_REFINED: f64 = 0.0005;
/// Shrinks the step after a sweep that brings nothing better.
const STEP_SHRINK: f64 = 0.85;
/// Batches of a sweep, where there are enterprises enough.
const BATCHES: usize = 64;

impl DualAscent {
    /// Starts without prices, knowing nothing but the penalties that nobody can avoid.
    pub fn new(instance: &Instance, seed: u64) -> Self {
        let best = Prices::zero(instance);
        let bound = i128::from(instance.impossible_cost) * i128::from(SCALE);
        let response = Response { bound, values: vec![0; instance.models.len()] };
        let cells = instance.cells.len();
        let mut is_active = vec![false; cells];
        let (mut penalties, mut minutes) = (0i128, 0i128);
        for unit in instance.models.iter().flat_map(|model| &model.units) {
            penalties += i128::from(unit.penalty);
            minutes += unit.uses.iter().map(|used| i128::from(used.minutes)).sum::<i128>();
            for on in &unit.days {
                for PoolUse { pool, .. } in &unit.uses {
                    is_active[instance.cell(*pool, on.day())] = true;
                }
            }
        }
        // what a person-minute is worth on average gives the size of prices
        let level = penalties as f64 / minutes.max(1) as f64 * SCALE as f64;
        let mut rows = Vec::new();
        for cell in (0..cells).filter(|cell| is_active[*cell]) {
            let minutes = instance.regular[cell].max(1) as f64;
            let limit = minute_max(instance, cell) as f64;
            rows.push(Row { kind: Kind::Minutes(cell), scale: level / minutes, limit, price: 0.0 });
            if instance.cells.is_listed(cell) {
                for (i, k) in ROUNDED.iter().enumerate() {
                    let most = instance.cells.most(cell) as f64;
                    let k = *k as f64;
                    let scale = level * most / (k * (k - 1.0));
                    let limit = EXTRA_MAX as f64;
                    rows.push(Row { kind: Kind::Rounded(cell, i), scale, limit, price: 0.0 });
                }
            }
        }
        for (t, row) in instance.targets.iter().enumerate() {
            let limit = (row.shortfall_cost * SCALE) as f64;
            let scale = limit / row.need as f64;
            rows.push(Row { kind: Kind::Target(t), scale, limit, price: 0.0 });
        }
        Self {
            best,
            response,
            rows,
            order: (0..instance.models.len() as u32).collect(),
            random: random(seed),
            step: STEP_FIRST,
            last: i128::MIN,
            is_started: false,
        }
    }

    /// Whether further steps are too short to matter, at all or to prices that will be refined.
    pub fn is_done(&self, is_refined: bool) -> bool {
        self.step < if is_refined { STEP_REFINED } else { STEP_LAST } || self.rows.is_empty()
    }

    /// The best bound.
    pub fn bound(&self) -> Cost {
        whole(self.response.bound)
    }

    /// Targets out of reach are best paid in full, those within easy reach not at all.
    fn start(&mut self, instance: &Instance, keep: &Keep, is_over: &IsOver) {
        let zero = Prices::zero(instance);
        let pays = instance.targets.iter().map(|row| row.shortfall_cost * SCALE);
        let full = Prices { target: pays.collect(), ..zero.clone() };
        self.offer(instance, zero, keep, is_over);
        if !instance.targets.is_empty() {
            self.offer(instance, full, keep, is_over);
        }
        for row in &mut self.rows {
            if let Kind::Target(target) = row.kind {
                row.price = self.best.target[target] as f64;
            }
        }
        self.is_started = true;
    }

    /// One sweep, and the bound at its average; nothing when time is up before its end.
    pub fn sweep(&mut self, instance: &Instance, keep: &Keep, is_over: &IsOver) {
        if !self.is_started {
            self.start(instance, keep, is_over);
        }
        self.order.shuffle(&mut self.random);
        let enterprises = self.order.len();
        let size = enterprises.div_ceil(BATCHES).max(1);
        let mut average = vec![0.0; self.rows.len()];
        let credits = self.credits(instance);
        for batch in self.order.chunks(size) {
            if is_over() {
                return;
            }
            let share = batch.len() as f64 / enterprises as f64;
            let point = self.rows.iter().map(|row| row.price);
            let tally = self.prices_at(instance, point).tally(instance, batch);
            for (row, average) in self.rows.iter_mut().zip(&mut average) {
                let slope = slope(instance, row.kind, &credits, &tally, share);
                row.price = (row.price + self.step * row.scale * slope).clamp(0.0, row.limit);
                *average += share * row.price;
            }
        }
        let prices = self.prices_at(instance, average.into_iter());
        let before = self.response.bound;
        let Some(value) = self.offer(instance, prices, keep, is_over) else { return };
        // the way up from prices far too high is long: while no prices at all are still the best, a
        // sweep better than the one before is progress
        let is_flat = self.best.cell.iter().all(CellPrice::is_zero);
        let is_better = if is_flat { value > self.last } else { self.response.bound > before };
        if !is_better {
            self.step *= STEP_SHRINK;
        }
        self.last = value;
    }

    /// Takes prices that give a better bound. The value of L there, scaled; `None` when time is up.
    pub fn offer(
        &mut self,
        instance: &Instance,
        prices: Prices,
        keep: &Keep,
        is_over: &IsOver,
    ) -> Option<i128> {
        let found = prices.respond(instance, keep, is_over)?;
        let value = found.bound;
        if value > self.response.bound {
            self.response = found;
            self.best = prices;
        }
        Some(value)
    }

    /// Takes a master's prices, or those half-way to them, where they give a better bound: a master's
    /// prices swing (Wentges 1997).
    pub fn offer_halfway(
        &mut self,
        instance: &Instance,
        prices: Prices,
        keep: &Keep,
        is_over: &IsOver,
    ) {
        let half = self.best.towards(&prices, 0.5);
        self.offer(instance, half, keep, is_over);
        self.offer(instance, prices, keep, is_over);
    }

    fn prices_at(&self, instance: &Instance, point: impl Iterator<Item = f64>) -> Prices {
        let mut prices = Prices::zero(instance);
        for (row, value) in self.rows.iter().zip(point) {
            let value = value.round() as i64;
            match row.kind {
                Kind::Minutes(cell) => prices.cell[cell].minute = value,
                Kind::Rounded(cell, i) => prices.cell[cell].extra[i] = value,
                Kind::Target(target) => prices.target[target] = value,
            }
        }
        prices
    }

    /// The best use of each cell at the prices that the ascent has reached.
    fn credits(&self, instance: &Instance) -> Vec<Credit> {
        let point = self.rows.iter().map(|row| row.price);
        let prices = self.prices_at(instance, point);
        let credit = |(cell, price): (usize, &CellPrice)| instance.cells.search(cell, price, &[]);
        prices.cell.par_iter().enumerate().map(credit).collect()
    }
}

/// Slope of a batch's share of L along one row: load over room, or need over reach.
fn slope(instance: &Instance, kind: Kind, credits: &[Credit], tally: &Tally, share: f64) -> f64 {
    match kind {
        Kind::Minutes(cell) => tally.loads[cell] as f64 - share * credits[cell].minutes as f64,
        Kind::Rounded(cell, i) => {
            tally.rounded[cell][i] as f64 - share * credits[cell].rows[i] as f64
        }
        Kind::Target(target) => {
            share * instance.targets[target].need as f64 - tally.gains[target] as f64
        }
    }
}
