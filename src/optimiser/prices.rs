//! Prices and the bound.
//!
//! With a price π_c ≥ 0 for a person-minute of each cell c and a pay μ_t in [0, shortfall cost]
//! for each one of a target t, the coupling rows move into the objective, and
//!
//! L(π, μ) = Σ_e v_e(π, μ) − Σ_c π_c·regular_c + Σ_c min(0, overtime cost − π_c)·overtime_c
//!           + Σ_t μ_t·need_t
//!
//! is at most the cost of any plan, where v_e is the least charge of enterprise e (or a bound of
//! it). Everything is summed in scaled integers, so the bound suffers no rounding: each term is
//! credited exactly where it is charged.
//!
//! Prices climb by a deflected subgradient with Polyak steps; after a few steps without a better
//! bound they return to the best prices and step shorter (Held, Wolfe & Crowder 1974; Camerini,
//! Fratta & Maffioli 1975).

use super::SCALE;
use super::column::Column;
use super::instance::{Home, Instance};
use super::kernel::{Kernel, Oracle, Solved};
use crate::domain::problem::Cost;
use rayon::prelude::*;

/// Highest price of a person-minute, scaled; keeps products inside `i64`.
const PRICE_MAX: i64 = 1 << 31;

/// Linear prices, scaled.
#[derive(Clone, Debug)]
pub struct Prices {
    pub cell: Vec<i64>,
    pub target: Vec<i64>,
}

impl Oracle for Prices {
    fn cell(&self, cell: usize, minutes: i64) -> i64 {
        self.cell[cell] * minutes
    }
    fn target(&self, target: u32) -> i64 {
        self.target[target as usize]
    }
}

/// What all enterprises do under given prices.
pub struct Response {
    /// Scaled value of L.
    pub bound: i128,
    /// Least charge of each home.
    pub values: Vec<i64>,
    /// Person-minutes drawn from each cell.
    loads: Vec<i64>,
    /// Reached of each target.
    gains: Vec<i64>,
}

/// Sums over the homes one thread has seen.
struct Tally {
    kernel: Kernel,
    bound: i128,
    loads: Vec<i64>,
    gains: Vec<i64>,
}

impl Prices {
    /// All nothing.
    pub fn zero(instance: &Instance) -> Self {
        Self { cell: vec![0; instance.regular.len()], target: vec![0; instance.targets.len()] }
    }

    /// Solves every enterprise at these prices; hands each solution to `keep`.
    pub fn respond(
        &self,
        instance: &Instance,
        keep: &(impl Fn(usize, &Home, &Solved) + Sync),
    ) -> Response {
        const CHUNK: usize = 64;
        let fresh = || Tally {
            kernel: Kernel::default(),
            bound: 0,
            loads: vec![0; self.cell.len()],
            gains: vec![0; self.target.len()],
        };
        let mut values = vec![0i64; instance.homes.len()];
        let tally = instance
            .homes
            .par_chunks(CHUNK)
            .zip(values.par_chunks_mut(CHUNK))
            .enumerate()
            .fold(fresh, |mut tally, (chunk, (homes, values))| {
                for (i, home) in homes.iter().enumerate() {
                    let solved = tally.kernel.solve(instance, home, self, true);
                    let column = Column::new(instance, home, solved.stops.clone());
                    for (cell, minutes) in &column.loads {
                        tally.loads[*cell as usize] += minutes;
                    }
                    for (target, n) in &column.gains {
                        tally.gains[*target as usize] += n;
                    }
                    tally.bound += i128::from(solved.bound);
                    values[i] = solved.bound;
                    keep(chunk * CHUNK + i, home, &solved);
                }
                tally
            })
            .reduce(fresh, |mut a, b| {
                a.bound += b.bound;
                a.loads.iter_mut().zip(&b.loads).for_each(|(x, y)| *x += y);
                a.gains.iter_mut().zip(&b.gains).for_each(|(x, y)| *x += y);
                a
            });
        let bound = tally.bound + self.constant(instance);
        Response { bound, values, loads: tally.loads, gains: tally.gains }
    }

    /// The terms of L that no enterprise decides.
    fn constant(&self, instance: &Instance) -> i128 {
        let mut sum = 0i128;
        let days = instance.days.len();
        for (cell, price) in self.cell.iter().enumerate() {
            let overtime_cost = instance.overtime_cost[cell / days] * SCALE;
            let saved = (overtime_cost - price).min(0);
            sum -= i128::from(*price) * i128::from(instance.regular[cell]);
            sum += i128::from(saved) * i128::from(instance.overtime[cell]);
        }
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

/// The climb towards the best prices.
pub struct Climb {
    /// Prices with the best bound so far.
    pub best: Prices,
    /// What the enterprises do at the best prices.
    pub response: Response,
    /// Where the climb stands, one number a row: cells, then targets.
    point: Vec<f64>,
    direction: Vec<f64>,
    /// Upper limit of each row's price.
    limit: Vec<f64>,
    /// Rows whose price can matter.
    active: Vec<bool>,
    /// What the enterprises do at the point; absent when it is the best one.
    here: Option<Response>,
    step: f64,
    misses: u32,
}

/// Share of the last direction that the next one keeps.
const DEFLECTION: f64 = 0.6;
const STEP_FIRST: f64 = 1.0;
const STEP_LAST: f64 = 0.002;
const MISSES_MAX: u32 = 6;

impl Climb {
    /// Starts at prices of nothing.
    pub fn new(instance: &Instance, keep: &(impl Fn(usize, &Home, &Solved) + Sync)) -> Self {
        let best = Prices::zero(instance);
        let response = best.respond(instance, keep);
        let cells = best.cell.len();
        let rows = cells + best.target.len();
        let mut active = vec![false; rows];
        for home in &instance.homes {
            for unit in &home.units {
                for (day, _) in &unit.days {
                    for (pool, _) in &unit.uses {
                        active[instance.cell(*pool, *day)] = true;
                    }
                }
            }
        }
        active[cells..].fill(true);
        let pays = instance.targets.iter().map(|row| (row.shortfall_cost * SCALE) as f64);
        let limit = std::iter::repeat_n(PRICE_MAX as f64, cells).chain(pays).collect();
        Self {
            best,
            response,
            point: vec![0.0; rows],
            direction: vec![0.0; rows],
            limit,
            active,
            here: None,
            step: STEP_FIRST,
            misses: 0,
        }
    }

    /// Whether further steps are too short to matter.
    pub fn is_done(&self) -> bool {
        self.step < STEP_LAST
    }

    /// Goes on with longer steps, after a better plan was found.
    pub fn restart(&mut self, step: f64) {
        self.step = self.step.max(step);
        self.misses = 0;
    }

    /// The best bound.
    pub fn bound(&self) -> Cost {
        whole(self.response.bound)
    }

    /// One step towards `cost`, the cost of the best plan. Returns whether the bound got better.
    pub fn step(
        &mut self,
        instance: &Instance,
        cost: Cost,
        keep: &(impl Fn(usize, &Home, &Solved) + Sync),
    ) -> bool {
        let distance = (i128::from(cost) * i128::from(SCALE) - self.response.bound).max(1) as f64;
        let slopes = self.slopes(instance);
        let cells = instance.regular.len();
        let mut norm = 0.0;
        for (row, slope) in slopes {
            let mut along = slope as f64 + DEFLECTION * self.direction[row];
            // a price at its end that would leave it does not move, and does not count
            let stuck = (self.point[row] <= 0.0 && along < 0.0)
                || (self.point[row] >= self.limit[row] && along > 0.0);
            if stuck {
                along = 0.0;
            }
            self.direction[row] = along;
            norm += along * along;
        }
        if norm == 0.0 {
            self.step = 0.0;
            return false;
        }
        let length = self.step * distance / norm;
        for row in 0..self.point.len() {
            let moved = self.point[row] + length * self.direction[row];
            self.point[row] = moved.clamp(0.0, self.limit[row]);
        }
        let whole = |value: &f64| value.round() as i64;
        let prices = Prices {
            cell: self.point[..cells].iter().map(whole).collect(),
            target: self.point[cells..].iter().map(whole).collect(),
        };
        let found = prices.respond(instance, keep);
        if found.bound > self.response.bound {
            // a tiny gain does not excuse a step that is too long
            let gain = (found.bound - self.response.bound) as f64;
            self.misses = if gain > 1e-3 * distance { 0 } else { self.misses + 1 };
            self.response = found;
            self.here = None;
            self.best = prices;
            return true;
        }
        self.misses += 1;
        if self.misses >= MISSES_MAX {
            self.misses = 0;
            self.step *= 0.6;
            self.direction.fill(0.0);
            let prices = self.best.cell.iter().chain(&self.best.target);
            self.point = prices.map(|price| *price as f64).collect();
            self.here = None;
        } else {
            self.here = Some(found);
        }
        false
    }

    /// The active rows with the slope of L along each at the point: load over room, need over reach.
    fn slopes(&self, instance: &Instance) -> Vec<(usize, i64)> {
        let response = self.here.as_ref().unwrap_or(&self.response);
        let (cells, days) = (instance.regular.len(), instance.days.len());
        let slope = |row: usize| {
            if row >= cells {
                return instance.targets[row - cells].need - response.gains[row - cells];
            }
            let overtime_price = (instance.overtime_cost[row / days] * SCALE) as f64;
            let extra = if self.point[row] > overtime_price { instance.overtime[row] } else { 0 };
            response.loads[row] - instance.regular[row] - extra
        };
        let active = (0..self.point.len()).filter(|row| self.active[*row]);
        active.map(|row| (row, slope(row))).collect()
    }
}
