//! What a cell can be worth at most: the draws that visits may take from it, and its credit.
//!
//! A visit that draws m minutes from a cell of T minutes, overtime included, is charged
//!
//! φ(m) = minute·m + Σ_k extra_k·⌊k·m / (T + 1)⌋,   k = 2, 3, 4
//!
//! The second part prices the rows Σ ⌊k·m / (T + 1)⌋ ≤ k − 1 that follow from the capacity by
//! rounding (Chvátal & Gomory): a visit of more than half a day excludes another such one.
//!
//! The credit is what the charges of one cell can come to in any plan, less its overtime:
//!
//! max Σ_e φ(m_e) − overtime cost·max(0, Σ m_e − regular),  one draw m_e or none of each
//! enterprise, Σ m_e ≤ T
//!
//! a multiple-choice knapsack over the sums that can be reached, solved exactly (`Cells::credit`).
//! So minutes that no set of visits can fill are never credited: a day of 500 minutes whose visits
//! take 180 each is credited 360. Enterprises that can draw the same amounts are interchangeable;
//! once one more of them changes nothing, the rest are not looked at.

use super::SCALE;
use super::enterprise_model::{EnterpriseModel, PoolUse};
use crate::domain::problem::Cost;
use crate::domain::problem::Draft;
use rayon::prelude::*;
#[cfg(feature = "highs")]
use std::collections::BTreeSet;
use std::collections::HashMap;

/// The k of the rounded rows.
pub const ROUNDED: [i64; 3] = [2, 3, 4];
/// Most reachable sums of a cell whose draws are listed; the others are credited by their minutes.
const SUMS_MAX: i64 = 400;

/// Price of one cell, scaled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CellPrice {
    /// Of a person-minute.
    pub minute: i64,
    /// Of one in each of the rounded rows.
    pub extra: [i64; 3],
}

impl CellPrice {
    /// Whether nothing is charged.
    pub fn is_zero(&self) -> bool {
        *self == Self::default()
    }

    /// What a visit that draws `minutes` of `most` is charged.
    #[inline]
    pub fn charge(&self, minutes: i64, most: i64) -> i64 {
        let linear = self.minute * minutes;
        if self.extra == [0; 3] { linear } else { linear + self.rounded(minutes, most) }
    }

    fn rounded(&self, minutes: i64, most: i64) -> i64 {
        ROUNDED.iter().zip(self.extra).map(|(k, price)| price * in_row(*k, minutes, most)).sum()
    }
}

/// How often a draw counts in the rounded row of `k`.
#[inline]
pub fn in_row(k: i64, minutes: i64, most: i64) -> i64 {
    (1..k).map(|i| i64::from(k * minutes >= i * (most + 1))).sum()
}

/// The best use of a cell at a price.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Credit {
    /// Its worth, scaled.
    pub value: i64,
    /// Its minutes.
    pub minutes: i64,
    /// Its number in each rounded row.
    pub rows: [i64; 3],
}

/// The draws of all cells.
#[derive(Default)]
pub struct Cells {
    days: usize,
    regular: Vec<i64>,
    most: Vec<i64>,
    overtime_cost: Vec<Cost>,
    /// For each pool, of what all its draws are multiples.
    grid: Vec<i64>,
    /// Distinct sets of draws, in steps of the grid.
    sets: Vec<Box<[u16]>>,
    /// For each cell the place of its groups; empty where draws are not listed.
    start: Vec<u32>,
    /// Set, and the number of enterprises that draw from it.
    groups: Vec<(u32, u32)>,
    /// For each cell the reachable sums that linear prices may prefer: the largest within the
    /// regular minutes, the smallest beyond, and the largest.
    reach: Vec<[i64; 3]>,
}

/// Enterprises whose draws are collected together.
const PART_ENTERPRISES: usize = 4_096;

/// The draws of some enterprises.
#[derive(Default)]
struct Part {
    numbers: HashMap<Box<[u16]>, u32>,
    /// Distinct sets of draws, by number.
    sets: Vec<Box<[u16]>>,
    /// Cell and set of each enterprise that draws from it.
    pairs: Vec<(u32, u32)>,
}

impl Part {
    /// The number of a set.
    fn number(&mut self, set: Box<[u16]>) -> u32 {
        if let Some(number) = self.numbers.get(&set) {
            return *number;
        }
        let number = self.sets.len() as u32;
        self.sets.push(set.clone());
        self.numbers.insert(set, number);
        number
    }
}

impl Cells {
    /// Collects the draws of the enterprises, on so many open days; `regular` and `overtime` are the
    /// minutes of each cell.
    pub fn new(
        facts: &Draft,
        models: &[EnterpriseModel],
        regular: &[i64],
        overtime: &[i64],
        days: usize,
    ) -> Self {
        let most: Vec<i64> = regular.iter().zip(overtime).map(|(r, o)| r + o).collect();
        let mut grid: Vec<i64> = facts.pools.iter().map(|pool| pool.attendance_minutes).collect();
        for PoolUse { pool, minutes } in
            models.iter().flat_map(|model| &model.units).flat_map(|unit| &unit.uses)
        {
            grid[*pool as usize] = gcd(grid[*pool as usize], *minutes);
        }
        let is_listed = |pool: usize| {
            let largest = most[pool * days..(pool + 1) * days].iter().max();
            grid[pool] > 0 && largest.is_some_and(|most| most / grid[pool] <= SUMS_MAX)
        };
        let listed: Vec<bool> = (0..facts.pools.len()).map(is_listed).collect();
        let each = |part: &mut Part, model: &EnterpriseModel| {
            // neighbouring days mostly let the same units come
            let mut last: (u32, i64, Vec<i64>, u32) = (0, -1, Vec::new(), 0);
            draws(model, days, |pool, day, units| {
                if !listed[pool as usize] {
                    return;
                }
                let cell = pool as usize * days + usize::from(day);
                let step = grid[pool as usize];
                let once = facts.pools[pool as usize].attendance_minutes / step;
                let room = most[cell] / step;
                if (last.0, last.1) != (pool, room) || last.2 != units {
                    let number = part.number(sums(units, step, once, room));
                    last = (pool, room, units.to_vec(), number);
                }
                part.pairs.push((cell as u32, last.3));
            });
        };
        let parts = models.par_chunks(PART_ENTERPRISES).map(|models| {
            let mut part = Part::default();
            models.iter().for_each(|model| each(&mut part, model));
            part
        });
        // joined in order, so that the numbers do not depend on who was first
        let mut all = Part::default();
        for part in parts.collect::<Vec<_>>() {
            let sets = part.sets.into_iter();
            let numbers: Vec<u32> = sets.map(|set| all.number(set)).collect();
            all.pairs.extend(part.pairs.iter().map(|(cell, set)| (*cell, numbers[*set as usize])));
        }
        let Part { mut pairs, sets, .. } = all;
        pairs.par_sort_unstable();
        let mut start = vec![0u32; most.len() + 1];
        let mut groups: Vec<(u32, u32)> = Vec::new();
        for same in pairs.chunk_by(|a, b| a == b) {
            let (cell, set) = same[0];
            start[cell as usize + 1] += 1;
            groups.push((set, same.len() as u32));
        }
        for cell in 0..most.len() {
            start[cell + 1] += start[cell];
        }
        let overtime_cost = facts.pools.iter().map(|pool| pool.overtime_cost).collect();
        let regular = regular.to_vec();
        let mut cells =
            Self { days, regular, most, overtime_cost, grid, sets, start, groups, reach: vec![] };
        cells.reach =
            (0..cells.most.len()).into_par_iter().map(|cell| cells.reachable(cell)).collect();
        cells
    }

    /// Number of cells.
    pub fn len(&self) -> usize {
        self.most.len()
    }

    /// Minutes of a cell, overtime included.
    pub fn most(&self, cell: usize) -> i64 {
        self.most[cell]
    }

    /// The most minutes that visits can fill within the regular ones, and in all.
    pub fn fillable(&self, cell: usize) -> (i64, i64) {
        (self.reach[cell][0], self.reach[cell][2])
    }

    /// Whether the rounded rows may be priced.
    pub fn is_listed(&self, cell: usize) -> bool {
        self.start[cell] < self.start[cell + 1]
    }

    /// The best use of a cell.
    pub fn credit(&self, cell: usize, price: &CellPrice, curve: &[i64]) -> Credit {
        if price.extra == [0; 3] && curve.is_empty() {
            self.linear_credit(cell, price)
        } else {
            self.search(cell, price, curve)
        }
    }

    /// The same where only minutes are priced: one of three sums is best.
    fn linear_credit(&self, cell: usize, price: &CellPrice) -> Credit {
        let worth = |minutes: i64| Credit {
            value: price.minute * minutes - self.overtime(cell, minutes) * SCALE,
            minutes,
            rows: [0; 3],
        };
        let best = self.reach[cell].map(worth).into_iter().max_by_key(|c| (c.value, c.minutes));
        best.expect("three")
    }

    /// The exact knapsack; of equally good uses the one with most in the rounded rows, which is
    /// the one that shows whether raising their price helps.
    pub fn search(&self, cell: usize, price: &CellPrice, curve: &[i64]) -> Credit {
        if !self.is_listed(cell) {
            // nothing known of the draws: what the rows allow
            let mut credit = self.linear_credit(cell, price);
            for (row, (k, extra)) in ROUNDED.iter().zip(price.extra).enumerate() {
                credit.value += extra * (k - 1);
                credit.rows[row] = k - 1;
            }
            return credit;
        }
        let step = self.grid[cell / self.days];
        let size = (self.most[cell] / step) as usize + 1;
        // with the counts of the rounded rows, eight bits each
        let charges: Vec<(i64, u32)> = (0..size as i64)
            .map(|steps| {
                let minutes = steps * step;
                let rows = ROUNDED.iter().enumerate();
                let rows =
                    rows.map(|(i, k)| (in_row(*k, minutes, self.most[cell]) as u32) << (8 * i));
                let besides = curve.get(steps as usize).copied().unwrap_or(0);
                (price.charge(minutes, self.most[cell]) + besides, rows.sum())
            })
            .collect();
        let (value, packing) = self.packing(cell, &charges);
        let draws = || packing.iter().map(|draw| usize::from(*draw));
        let rows: u32 = draws().map(|draw| charges[draw].1).sum();
        Credit {
            value,
            minutes: draws().sum::<usize>() as i64 * step,
            rows: [0, 8, 16].map(|bits| i64::from(rows >> bits & 255)),
        }
    }

    #[cfg(any(feature = "highs", test))]
    /// The set of draws that is worth most at these charges (by number of steps), its overtime
    /// deducted, and that worth.
    pub fn best_packing(&self, cell: usize, charges: &[i64]) -> (i64, Vec<u16>) {
        let size = (self.most[cell] / self.grid[cell / self.days]) as usize + 1;
        let charges: Vec<(i64, u32)> = charges[..size].iter().map(|charge| (*charge, 0)).collect();
        self.packing(cell, &charges)
    }

    /// The same where of equally good sets the one with most of a second kind is wanted.
    fn packing(&self, cell: usize, charges: &[(i64, u32)]) -> (i64, Vec<u16>) {
        self.free_packing(cell, charges).unwrap_or_else(|| self.exact_packing(cell, charges))
    }

    /// The exact knapsack, enterprise by enterprise.
    fn exact_packing(&self, cell: usize, charges: &[(i64, u32)]) -> (i64, Vec<u16>) {
        let mut sums = Sums::new(charges);
        for (set, count) in self.groups_of(cell) {
            let set = &self.sets[*set as usize];
            let Some(largest) = set.last() else { continue };
            for _ in 0..*count {
                sums.grow(usize::from(*largest));
                let mut has_changed = false;
                for sum in (usize::from(set[0])..=sums.top).rev() {
                    for draw in set.iter().take_while(|draw| usize::from(**draw) <= sum) {
                        has_changed |= sums.take(sum, usize::from(*draw), 1);
                    }
                }
                if !has_changed {
                    break;
                }
            }
        }
        self.best_of(cell, &sums)
    }

    /// The same as if an enterprise could make every draw it can make at once; `None` where that is
    /// more than they can. Where many draw on a cell it seldom is, and then no choice among the
    /// enterprises need be searched.
    fn free_packing(&self, cell: usize, charges: &[(i64, u32)]) -> Option<(i64, Vec<u16>)> {
        let size = charges.len();
        let mut makers = vec![0u32; size];
        for (set, count) in self.groups_of(cell) {
            for draw in &self.sets[*set as usize] {
                makers[usize::from(*draw)] += count;
            }
        }
        let mut sums = Sums::new(charges);
        for draw in (1..size).filter(|draw| makers[*draw] > 0) {
            // in powers of two, so that few steps reach every number of times
            let mut left = (makers[draw] as usize).min((size - 1) / draw);
            let mut times = 1;
            while left > 0 {
                times = left.min(times);
                left -= times;
                sums.grow(draw * times);
                for sum in (draw * times..=sums.top).rev() {
                    sums.take(sum, draw, times);
                }
                times *= 2;
            }
        }
        let (worth, mut packing) = self.best_of(cell, &sums);
        // the draws that fewest can make choose first
        packing.sort_unstable_by_key(|draw| makers[usize::from(*draw)]);
        self.can_be_made(cell, &packing).then_some((worth, packing))
    }

    /// The draws of the sum that is worth most, its overtime deducted, and that worth.
    fn best_of(&self, cell: usize, sums: &Sums) -> (i64, Vec<u16>) {
        let step = self.grid[cell / self.days];
        let worth = |sum: usize| {
            let ((charged, rows), _) = sums.best[sum];
            (charged - self.overtime(cell, sum as i64 * step) * SCALE, rows, sum)
        };
        let reached = (0..sums.best.len()).filter(|sum| sums.best[*sum].0.0 >= 0);
        let (worth, _, sum) = reached.map(worth).max().expect("nothing is a packing");
        (worth, sums.draws(sum))
    }

    /// Whether the enterprises can make these draws, one each at most: a matching by augmenting paths
    /// (Kuhn 1955).
    fn can_be_made(&self, cell: usize, packing: &[u16]) -> bool {
        let groups = self.groups_of(cell);
        let mut matching = Matching {
            makes: &|group: usize, draw| {
                self.sets[groups[group].0 as usize].binary_search(&draw).is_ok()
            },
            left: groups.iter().map(|(_, count)| *count).collect(),
            made_by: Vec::with_capacity(packing.len()),
            packing,
            is_seen: Vec::new(),
        };
        (0..packing.len()).all(|place| matching.extend(place))
    }

    /// Cost of so many minutes, those beyond the regular ones.
    pub fn overtime(&self, cell: usize, minutes: i64) -> Cost {
        self.overtime_cost[cell / self.days] * (minutes - self.regular[cell]).max(0)
    }

    /// Of what all draws from the cell are multiples.
    pub fn step(&self, cell: usize) -> i64 {
        self.grid[cell / self.days].max(1)
    }

    #[cfg(feature = "highs")]
    /// The draws that some enterprise can make, in steps, ascending.
    pub fn draws(&self, cell: usize) -> Vec<u16> {
        let sets = self.groups_of(cell).iter().map(|(set, _)| &self.sets[*set as usize]);
        let draws: BTreeSet<u16> = sets.flat_map(|set| set.iter().copied()).collect();
        draws.into_iter().collect()
    }

    fn groups_of(&self, cell: usize) -> &[(u32, u32)] {
        &self.groups[self.start[cell] as usize..self.start[cell + 1] as usize]
    }

    /// The sums of `reach`.
    fn reachable(&self, cell: usize) -> [i64; 3] {
        let (regular, most) = (self.regular[cell], self.most[cell]);
        if !self.is_listed(cell) {
            return [regular, regular, most];
        }
        let step = self.grid[cell / self.days];
        let size = (most / step) as usize + 1;
        let mut is_reached = vec![false; size];
        is_reached[0] = true;
        for (set, count) in self.groups_of(cell) {
            for _ in 0..*count {
                let mut has_changed = false;
                for sum in (1..size).rev().filter(|sum| !is_reached[*sum]).collect::<Vec<_>>() {
                    let mut draws = self.sets[*set as usize].iter().map(|draw| usize::from(*draw));
                    if draws.any(|draw| draw <= sum && is_reached[sum - draw]) {
                        is_reached[sum] = true;
                        has_changed = true;
                    }
                }
                if !has_changed {
                    break;
                }
            }
        }
        let sums = || (0..size).filter(|sum| is_reached[*sum]).map(|sum| sum as i64 * step);
        let within = sums().filter(|sum| *sum <= regular).max().unwrap_or(0);
        let largest = sums().max().unwrap_or(0);
        let beyond = sums().find(|sum| *sum > regular).unwrap_or(within);
        [within, beyond, largest]
    }
}

/// The sums that draws can make, in steps.
struct Sums<'a> {
    /// What each draw is charged, and what it counts of a second kind.
    charges: &'a [(i64, u32)],
    /// For each sum the most charged (below 0: it is not made), and the last of a chain of draws that
    /// make it.
    best: Vec<((i64, u32), u32)>,
    /// Draw, how often it is made, and the one before.
    chain: Vec<(u16, u16, u32)>,
    /// No sum above is made.
    top: usize,
}

impl<'a> Sums<'a> {
    /// Nothing drawn yet.
    fn new(charges: &'a [(i64, u32)]) -> Self {
        let mut best = vec![((i64::MIN / 2, 0), 0); charges.len()];
        best[0] = ((0, 0), 0);
        Self { charges, best, chain: vec![(0, 0, 0)], top: 0 }
    }

    /// Lets sums be larger by so much.
    fn grow(&mut self, steps: usize) {
        self.top = (self.top + steps).min(self.best.len() - 1);
    }

    /// Makes a sum by so many of a draw more, where that is charged more. Whether it is.
    fn take(&mut self, sum: usize, draw: usize, times: usize) -> bool {
        let (from, link) = self.best[sum - draw * times];
        let (charge, rows) = self.charges[draw];
        let with = (from.0 + charge * times as i64, from.1 + rows * times as u32);
        let is_better = from.0 >= 0 && with > self.best[sum].0;
        if is_better {
            self.best[sum] = (with, self.chain.len() as u32);
            self.chain.push((draw as u16, times as u16, link));
        }
        is_better
    }

    /// The draws that make a sum.
    fn draws(&self, sum: usize) -> Vec<u16> {
        let mut draws = Vec::new();
        let mut link = self.best[sum].1;
        while link != 0 {
            let (draw, times, before) = self.chain[link as usize];
            draws.extend(std::iter::repeat_n(draw, times.into()));
            link = before;
        }
        draws
    }
}

/// Who makes which draw of a packing.
struct Matching<'a> {
    /// Whether an enterprise of the group can make a draw.
    makes: &'a dyn Fn(usize, u16) -> bool,
    /// Enterprises of each group that make none yet.
    left: Vec<u32>,
    packing: &'a [u16],
    /// The group that makes each draw.
    made_by: Vec<usize>,
    is_seen: Vec<bool>,
}

impl Matching<'_> {
    /// Finds a maker of the next draw, one of those before may change its own.
    fn extend(&mut self, place: usize) -> bool {
        self.is_seen = vec![false; self.left.len()];
        self.made_by.push(usize::MAX);
        self.find(place)
    }

    fn find(&mut self, place: usize) -> bool {
        for group in 0..self.left.len() {
            if self.is_seen[group] || !(self.makes)(group, self.packing[place]) {
                continue;
            }
            self.is_seen[group] = true;
            let others = 0..self.made_by.len();
            if self.left[group] > 0 {
                self.left[group] -= 1;
            } else if !others.into_iter().any(|o| self.made_by[o] == group && self.find(o)) {
                continue;
            }
            self.made_by[place] = group;
            return true;
        }
        false
    }
}

/// Calls `each` with every pool and day of an enterprise, and the person-minutes of the units that may
/// come, attendance apart.
fn draws(model: &EnterpriseModel, days: usize, mut each: impl FnMut(u32, u16, &[i64])) {
    let mut pools: Vec<u32> =
        model.units.iter().flat_map(|unit| &unit.uses).map(|used| used.pool).collect();
    pools.sort_unstable();
    pools.dedup();
    for pool in pools {
        let mut by_day: Vec<Vec<i64>> = vec![Vec::new(); days];
        for unit in &model.units {
            let Some(minutes) = unit.draw(pool) else { continue };
            for on in &unit.days {
                by_day[usize::from(on.day())].push(minutes);
            }
        }
        for (day, units) in by_day.iter().enumerate().filter(|(_, units)| !units.is_empty()) {
            each(pool, day as u16, units);
        }
    }
}

/// The sums of the nonempty subsets of `units`, `once` added, in steps, up to `most`.
fn sums(units: &[i64], step: i64, once: i64, most: i64) -> Box<[u16]> {
    let room = (most - once).max(0) as usize;
    let mut is_reached = vec![false; room + 1];
    is_reached[0] = true;
    for minutes in units {
        let steps = (minutes / step) as usize;
        for sum in (steps..=room).rev() {
            is_reached[sum] |= is_reached[sum - steps];
        }
    }
    let fits = |sum: &usize| most >= once && is_reached[*sum];
    (1..=room).filter(fits).map(|sum| (sum as i64 + once) as u16).collect()
}

fn gcd(a: i64, b: i64) -> i64 {
    if b == 0 { a } else { gcd(b, a % b) }
}
