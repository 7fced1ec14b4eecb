//! What one department can add to a visit of one day, at given credits of its units.
//!
//! A set of its units earns the credits, less what holding each costs that day, less the
//! department's presence, less what the pools charge for the set's draw. A pool that only this
//! department may draw on charges exactly what it charges the visit: attendance and rounded rows
//! included, and nothing that exceeds the pool's day. Where n departments may draw on a pool, the
//! minutes are each department's own, and the rest of the charge that the visit would pay if no
//! other came is parted by n: departments that come together pay at least that much in all.
//!
//! The best sets are found by a dynamic programme over the units with a label for each sum of
//! minutes and draws that no other label beats.

use super::super::instance::Unit;
use super::super::oracle::{FORBIDDEN, Oracle};

/// Most labels of one programme; beyond it neighbours are merged into one at least as good as both.
pub const LABELS_MAX: usize = 4_096;

/// A unit that may come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    pub unit: u16,
    /// What holding it costs less what targets pay for it, draws apart.
    pub cost: i64,
    pub crew: i64,
    pub counts: bool,
    /// Minutes on site, then person-minutes from each of the contingent's pools.
    pub loads: Vec<i64>,
}

/// A pool on the day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PoolDay {
    pub pool: u32,
    pub cell: usize,
    pub attendance: i64,
    /// Person-minutes of the day, overtime included.
    pub most: i64,
    /// Departments that may draw on it in such a visit.
    pub sharers: i64,
}

impl PoolDay {
    /// The department's part of the charge for a draw, attendance apart; `None` where it exceeds
    /// the day.
    pub fn part(&self, oracle: &impl Oracle, draw: i64) -> Option<i64> {
        if draw == 0 {
            return Some(0);
        }
        if draw + self.attendance > self.most {
            return None;
        }
        let whole = oracle.cell(self.cell, draw + self.attendance);
        if whole >= FORBIDDEN {
            return None;
        }
        if self.sharers <= 1 {
            return Some(whole);
        }
        let own = oracle.linear_cell(self.cell, draw).min(whole);
        Some(own + (whole - own) / self.sharers)
    }
}

/// A department on one day: the units that may come to visits of one kind, and their limits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contingent {
    pub department: u32,
    /// By crew, ascending.
    pub items: Vec<Item>,
    pub pools: Vec<PoolDay>,
    /// Longest time on site.
    pub minutes_max: i64,
}

/// A set of units of one department.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// People on site.
    pub crew: i64,
    /// What the visit earns by it, presence deducted; may be negative.
    pub value: i64,
    pub units: Vec<u16>,
}

impl Contingent {
    /// The contingent of these units of one department; each with what it costs on the day.
    pub fn new<'u>(
        units: impl Iterator<Item = (u16, &'u Unit, i64)>,
        pool_day: impl Fn(u32) -> PoolDay,
        minutes_max: i64,
    ) -> Option<Self> {
        let mut units: Vec<(u16, &Unit, i64)> =
            units.filter(|(_, unit, _)| unit.minutes <= minutes_max).collect();
        units.sort_by_key(|(u, unit, _)| (unit.crew, *u));
        let department = units.first()?.1.department;
        let mut pools: Vec<u32> =
            units.iter().flat_map(|(_, unit, _)| unit.uses.iter().map(|used| used.pool)).collect();
        pools.sort_unstable();
        pools.dedup();
        let drawn = |unit: &'u Unit| move |pool: &u32| unit.draw(*pool).unwrap_or(0);
        let item = |(u, unit, cost): &(u16, &'u Unit, i64)| Item {
            unit: *u,
            cost: *cost,
            crew: unit.crew,
            counts: unit.counts,
            loads: std::iter::once(unit.minutes).chain(pools.iter().map(drawn(unit))).collect(),
        };
        Some(Self {
            department,
            items: units.iter().map(item).collect(),
            pools: pools.iter().map(|pool| pool_day(*pool)).collect(),
            minutes_max,
        })
    }

    /// The best nonempty set for each number of people that allows a better one, fewest people
    /// first: bounds where labels had to be merged, else exact. Units that count come only
    /// `with_counted`.
    pub fn choices(
        &self,
        oracle: &impl Oracle,
        presence: i64,
        credits: &[i64],
        with_counted: bool,
        labels_max: usize,
    ) -> Vec<Choice> {
        let mut choices: Vec<Choice> = Vec::new();
        let mut offer = |crew: i64, value: i64, units: &mut dyn FnMut() -> Vec<u16>| {
            if choices.last().is_none_or(|last| value > last.value) {
                if choices.last().is_some_and(|last| last.crew == crew) {
                    choices.pop();
                }
                choices.push(Choice { crew, value, units: units() });
            }
        };
        let mut labels = Labels::new(self.pools.len());
        let may_come = |item: &&Item| with_counted || !item.counts;
        let mut items = self.items.iter().filter(may_come).peekable();
        while let Some(item) = items.next() {
            let gain = credits[usize::from(item.unit)] - item.cost;
            if gain > 0 {
                labels.add(self, item, gain);
                labels.merge(labels_max);
            } else if let Some(charge) = self.charge(oracle, &item.loads[1..]) {
                // of use only where the department must come
                offer(item.crew, gain - charge - presence, &mut || vec![item.unit]);
            }
            if items.peek().is_none_or(|next| next.crew > item.crew)
                && let Some((value, label)) = labels.best(self, oracle)
            {
                offer(item.crew, value - presence, &mut || labels.units(label));
            }
        }
        choices
    }

    fn charge(&self, oracle: &impl Oracle, draws: &[i64]) -> Option<i64> {
        let parts = self.pools.iter().zip(draws).map(|(pool, draw)| pool.part(oracle, *draw));
        parts.sum()
    }
}

/// Sums of minutes and draws that sets of units come to, with the most that such a set earns.
struct Labels {
    /// Minutes and the draw from each pool, label after label; ascending as long as none were merged.
    loads: Vec<i64>,
    width: usize,
    /// What the units earn, and the end of the set's trail.
    gains: Vec<(i64, u32)>,
    /// Units in the order they were added, each with the place of the one before.
    trail: Vec<(u16, u32)>,
    /// The last generation, to be overwritten.
    old: (Vec<i64>, Vec<(i64, u32)>),
    /// One more load, to be overwritten.
    longer: Vec<i64>,
}

/// End of a trail.
const START: u32 = u32::MAX;

impl Labels {
    fn new(pools: usize) -> Self {
        let width = pools + 1;
        Self {
            loads: vec![0; width],
            width,
            gains: vec![(0, START)],
            trail: Vec::new(),
            old: Default::default(),
            longer: vec![0; width],
        }
    }

    /// Lets one more unit come.
    fn add(&mut self, contingent: &Contingent, item: &Item, gain: i64) {
        std::mem::swap(&mut self.loads, &mut self.old.0);
        std::mem::swap(&mut self.gains, &mut self.old.1);
        self.loads.clear();
        self.gains.clear();
        let width = self.width;
        let old = std::mem::take(&mut self.old);
        let load = |label: usize| &old.0[label * width..(label + 1) * width];
        let own = &item.loads[..];
        let fits = |label: usize| {
            let sum = |at: usize| load(label)[at] + own[at];
            sum(0) <= contingent.minutes_max
                && contingent.pools.iter().enumerate().all(|(at, pool)| {
                    sum(at + 1) == 0 || sum(at + 1) + pool.attendance <= pool.most
                })
        };
        let mut longer = std::mem::take(&mut self.longer);
        let mut next = 0;
        for label in 0..old.1.len() {
            if !fits(label) {
                continue;
            }
            longer.iter_mut().zip(load(label)).zip(own).for_each(|((sum, a), b)| *sum = a + b);
            while next < old.1.len() && load(next) <= &longer[..] {
                self.keep(load(next), old.1[next]);
                next += 1;
            }
            self.trail.push((item.unit, old.1[label].1));
            self.keep(&longer, (old.1[label].0 + gain, self.trail.len() as u32 - 1));
        }
        for label in next..old.1.len() {
            self.keep(load(label), old.1[label]);
        }
        (self.old, self.longer) = (old, longer);
    }

    /// Appends a label, unless the last one is as good; drops the last one if it is no better.
    fn keep(&mut self, load: &[i64], gain: (i64, u32)) {
        while let Some(last) = self.gains.last() {
            let before = &self.loads[self.loads.len() - self.width..];
            if last.0 >= gain.0 && before.iter().zip(load).all(|(a, b)| a <= b) {
                return;
            }
            if last.0 > gain.0 || before.iter().zip(load).any(|(a, b)| a < b) {
                break;
            }
            self.gains.pop();
            self.loads.truncate(self.loads.len() - self.width);
        }
        self.loads.extend_from_slice(load);
        self.gains.push(gain);
    }

    /// Merges neighbours until few enough are left. The label without units stays as it is.
    fn merge(&mut self, most: usize) {
        let width = self.width;
        while self.gains.len() > most.max(2) {
            let mut place = 1;
            for from in (1..self.gains.len()).step_by(2) {
                let to = (from + 1).min(self.gains.len() - 1);
                for at in 0..width {
                    self.loads[place * width + at] =
                        self.loads[from * width + at].min(self.loads[to * width + at]);
                }
                self.gains[place] = self.gains[from].max(self.gains[to]);
                place += 1;
            }
            self.gains.truncate(place);
            self.loads.truncate(place * width);
        }
    }

    /// The label that earns most, charges of pools deducted.
    fn best(&self, contingent: &Contingent, oracle: &impl Oracle) -> Option<(i64, usize)> {
        let worth = |label: usize| {
            let (gain, end) = self.gains[label];
            let draws = &self.loads[label * self.width + 1..(label + 1) * self.width];
            (end != START)
                .then(|| contingent.charge(oracle, draws))
                .flatten()
                .map(|charge| (gain - charge, label))
        };
        (0..self.gains.len()).filter_map(worth).max_by_key(|best| best.0)
    }

    fn units(&self, label: usize) -> Vec<u16> {
        let (mut units, mut end) = (Vec::new(), self.gains[label].1);
        while end != START {
            let (unit, before) = self.trail[end as usize];
            units.push(unit);
            end = before;
        }
        units
    }
}
