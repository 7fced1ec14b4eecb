//! The subproblem of one enterprise: given what each cell charges and what each target pays, the
//! cheapest set of visits.
//!
//! A visit's charge depends on its own cell only, because an enterprise has one visit a day; so
//! the same kernel serves linear prices (for the bound) and the room that other enterprises leave
//! (for plans).
//!
//! Exact method, for enterprises with enumerated patterns: a dynamic programme over sets of units
//! gives, for every set still to decide, the least cost to serve or leave out each of them when
//! visits may ignore each other (`completion`, with a level for each counted visit still allowed
//! where the cap binds). A depth-first search decides units in order, lowest first, with that
//! completion as its bound, and keeps the rules between visits (one a day, gaps, caps). Mostly the
//! first dive meets the bound and the search ends at once.

use super::SCALE;
use super::column::{Column, Stop};
use super::instance::{EXACT_UNITS_MAX, Home, Instance, Pattern};
use super::large;
use super::rules::Footprint;

/// "Does not fit"; large enough to lose, small enough to add up.
pub const FORBIDDEN: i64 = i64::MAX / 8;

/// Search nodes after which the best visits so far are returned, with the completion bound in place
/// of the optimum. Beyond any case seen; it bounds the time of a contrived one.
const NODES_MAX: u64 = 300_000;

/// What the rest of the world charges and pays, in [`SCALE`]d cost.
pub trait Oracle: Sync {
    /// Charge for `minutes` in a cell, or [`FORBIDDEN`].
    fn cell(&self, cell: usize, minutes: i64) -> i64;
    /// The part of the charge that is proportional to the minutes, which adds up over units; never
    /// above the whole.
    fn linear_cell(&self, cell: usize, minutes: i64) -> i64 {
        self.cell(cell, minutes)
    }
    /// Pay for one more of a target.
    fn target(&self, target: u32) -> i64;
}

/// How much a large enterprise is worth; small ones are always solved exactly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effort {
    /// A plan, fast; the bound is none.
    Quick,
    /// A plan and a valid bound, for linear oracles.
    Bound,
    /// A good plan; the bound is none.
    Plan,
}

/// What the kernel found.
#[derive(Debug)]
pub struct Solved {
    /// The visits; they obey every rule of the enterprise.
    pub stops: Vec<Stop>,
    /// Their value under the oracle, unscheduled units included.
    pub value: i64,
    /// No set of visits has a lower value. Equal to `value` when solved exactly.
    pub bound: i64,
    /// Whether nothing was left untried.
    pub is_exact: bool,
}

/// Scratch memory, kept between calls.
#[derive(Default)]
pub struct Kernel {
    /// Charge of each pattern's day, flat as in `Patterns::days`.
    charges: Vec<i64>,
    /// Least charge of each pattern.
    cheapest: Vec<i64>,
    /// Least charge of each set, over its patterns, for counted and uncounted visits.
    counted: Vec<i64>,
    uncounted: Vec<i64>,
    /// `level << units | set` → least cost to decide the set with `level` counted visits left.
    completion: Vec<i64>,
    /// Pay for scheduling each set, and for doing so jointly.
    pay: Vec<(i64, i64)>,
}

impl Kernel {
    /// The cheapest visits of `home`.
    pub fn solve(
        &mut self,
        instance: &Instance,
        home: &Home,
        oracle: &impl Oracle,
        effort: Effort,
    ) -> Solved {
        let is_large = home.units.len() > EXACT_UNITS_MAX && effort != Effort::Bound;
        if is_large || home.patterns.by_lowest.is_empty() {
            return large::solve(instance, home, oracle, effort);
        }
        self.charge(instance, home, oracle);
        let levels = self.complete(home);
        let visited: Vec<(i64, u32)> = home
            .visited
            .iter()
            .map(|(target, units)| {
                (oracle.target(*target), units.iter().fold(0u32, |mask, u| mask | 1 << u))
            })
            .filter(|(pay, _)| *pay > 0)
            .collect();
        let full = (1u32 << home.units.len()) - 1;
        let mut search = Search {
            home,
            kernel: self,
            visited: &visited,
            best: FORBIDDEN,
            best_picks: Vec::new(),
            picks: Vec::new(),
            footprints: Vec::new(),
            nodes: 0,
        };
        search.descend(full, levels - 1, 0, 0);
        let (value, picks, is_exact) = (search.best, search.best_picks, search.nodes < NODES_MAX);
        if value >= FORBIDDEN {
            // cut short before the first plan: the fixed visits alone always fit
            let standing = Column::standing(instance, home);
            let value = standing.value(oracle);
            let bound = self.relaxed(home, levels, &visited).min(value);
            return Solved { stops: standing.stops.into_vec(), value, bound, is_exact };
        }
        let bound = if is_exact { value } else { self.relaxed(home, levels, &visited).min(value) };
        let stop = |(pattern, day): &(u32, u16)| {
            let pattern = &home.patterns.list[*pattern as usize];
            let units = (0..home.units.len() as u16).filter(|u| pattern.mask & (1 << u) != 0);
            Stop { day: *day, scenario: pattern.scenario, units: units.collect() }
        };
        Solved { stops: picks.iter().map(stop).collect(), value, bound, is_exact }
    }

    /// The least charge when visits may ignore each other.
    fn relaxed(&self, home: &Home, levels: usize, visited: &[(i64, u32)]) -> i64 {
        let pay: i64 = visited.iter().map(|(pay, _)| pay).sum();
        self.completion[(levels << home.units.len()) - 1] - pay
    }

    /// The solution as a column.
    pub fn column(
        &mut self,
        instance: &Instance,
        home: &Home,
        oracle: &impl Oracle,
        effort: Effort,
    ) -> Column {
        Column::new(instance, home, self.solve(instance, home, oracle, effort).stops)
    }

    /// Fills the charges of patterns and sets.
    fn charge(&mut self, instance: &Instance, home: &Home, oracle: &impl Oracle) {
        let patterns = &home.patterns;
        let has_targets =
            home.units.iter().any(|unit| !unit.scheduled.is_empty() || !unit.joint.is_empty());
        if has_targets {
            self.pay.clear();
            self.pay.push((0, 0));
            for mask in 1u32..1 << home.units.len() {
                let rest = self.pay[(mask & (mask - 1)) as usize];
                let unit = &home.units[mask.trailing_zeros() as usize];
                let sum = |list: &[(u32, i64)]| -> i64 {
                    list.iter().map(|(target, n)| oracle.target(*target) * n).sum()
                };
                self.pay.push((rest.0 + sum(&unit.scheduled), rest.1 + sum(&unit.joint)));
            }
        }
        self.charges.clear();
        self.cheapest.clear();
        for list in [&mut self.counted, &mut self.uncounted] {
            list.clear();
            list.resize(1 << home.units.len(), FORBIDDEN);
        }
        for pattern in &patterns.list {
            let pay = if has_targets {
                let (scheduled, joint) = self.pay[pattern.mask as usize];
                scheduled + if pattern.is_joint { joint } else { 0 }
            } else {
                0
            };
            let uses = patterns.uses_of(pattern);
            let mut cheapest = FORBIDDEN;
            for (day, cost) in patterns.days_of(pattern) {
                let mut charge = cost * SCALE - pay;
                for (pool, minutes) in uses {
                    charge += oracle.cell(instance.cell(*pool, *day), *minutes);
                    if charge >= FORBIDDEN / 2 {
                        charge = FORBIDDEN;
                        break;
                    }
                }
                self.charges.push(charge);
                cheapest = cheapest.min(charge);
            }
            self.cheapest.push(cheapest);
            let set = if pattern.counts { &mut self.counted } else { &mut self.uncounted };
            let set = &mut set[pattern.mask as usize];
            *set = cheapest.min(*set);
        }
    }

    /// Fills `completion`; returns the number of levels (one when the cap cannot bind).
    fn complete(&mut self, home: &Home) -> usize {
        let n = home.units.len();
        let countable = home.units.iter().filter(|unit| unit.counts).count();
        let cap = most_counted_visits(home);
        let is_limited = cap < countable;
        let levels = if is_limited { cap + 1 } else { 1 };
        self.completion.clear();
        self.completion.resize(levels << n, 0);
        for level in 0..levels {
            let base = level << n;
            for mask in 1usize..1 << n {
                let lowest = mask.trailing_zeros() as usize;
                let rest = mask & (mask - 1);
                let skip = skip_charge(home, lowest);
                let mut least = skip + self.completion[base + rest];
                let patterns = &home.patterns.by_lowest[lowest];
                let mut take = |set: usize| {
                    let left = mask ^ set;
                    let free = self.uncounted[set].saturating_add(self.completion[base + left]);
                    least = least.min(free);
                    if !is_limited {
                        least = least.min(self.counted[set] + self.completion[base + left]);
                    } else if level > 0 {
                        let below = (level - 1) << n;
                        least = least.min(self.counted[set] + self.completion[below + left]);
                    }
                };
                // submasks, or the patterns themselves where those are fewer
                if patterns.len() < 1 << rest.count_ones() {
                    for pattern in patterns {
                        let set = home.patterns.list[*pattern as usize].mask as usize;
                        if set & !mask == 0 {
                            take(set);
                        }
                    }
                } else {
                    let mut others = rest;
                    loop {
                        take(others | 1 << lowest);
                        if others == 0 {
                            break;
                        }
                        others = (others - 1) & rest;
                    }
                }
                self.completion[base + mask] = least.min(FORBIDDEN);
            }
        }
        levels
    }
}

/// Most counted visits that the cap and the gaps leave room for.
fn most_counted_visits(home: &Home) -> usize {
    let counted = home.units.iter().filter(|unit| unit.counts && !unit.days.is_empty());
    let ordinal = |day: u16| home.rules.ordinals[usize::from(day)];
    let first = counted.clone().map(|unit| ordinal(unit.days[0].0)).min();
    let last = counted.map(|unit| ordinal(unit.days[unit.days.len() - 1].0)).max();
    let (Some(first), Some(last)) = (first, last) else { return 0 };
    let by_gap = (last - first) / home.rules.min_gap_days.max(1) + 1;
    home.rules.visit_cap.min(by_gap) as usize
}

/// Charge for leaving a unit out; a fixed one may not be.
fn skip_charge(home: &Home, unit: usize) -> i64 {
    if home.is_fixed(unit as u16) { FORBIDDEN } else { home.units[unit].penalty * SCALE }
}

/// Depth-first search over the units, lowest first.
struct Search<'a> {
    home: &'a Home,
    kernel: &'a Kernel,
    /// Pay for each `visited` target, and the units that earn it.
    visited: &'a [(i64, u32)],
    best: i64,
    best_picks: Vec<(u32, u16)>,
    picks: Vec<(u32, u16)>,
    footprints: Vec<Footprint>,
    nodes: u64,
}

impl Search<'_> {
    /// Decides the units of `mask`, the others being decided at `cost`, with `level` counted visits
    /// left, `served` being the units in visits.
    fn descend(&mut self, mask: u32, level: usize, cost: i64, served: u32) {
        self.nodes += 1;
        if self.nodes >= NODES_MAX {
            return;
        }
        if mask == 0 {
            let pay: i64 =
                self.visited.iter().filter(|(_, units)| units & served != 0).map(|(p, _)| p).sum();
            if cost - pay < self.best {
                self.best = cost - pay;
                self.best_picks.clone_from(&self.picks);
            }
            return;
        }
        let n = self.home.units.len();
        let is_limited = self.kernel.completion.len() > 1 << n;
        let lowest = mask.trailing_zeros();
        let rest = mask & (mask - 1);
        let bound = |level: usize, left: u32, cost: i64, served: u32| {
            let reach = left | served;
            let pay: i64 =
                self.visited.iter().filter(|(_, units)| units & reach != 0).map(|(p, _)| p).sum();
            match self.kernel.completion[level << n | left as usize] {
                FORBIDDEN => FORBIDDEN,
                completion => cost + completion - pay,
            }
        };
        const SKIP: u32 = u32::MAX;
        let mut options: Vec<(i64, u32, usize)> = Vec::new();
        let skip = skip_charge(self.home, lowest as usize);
        if skip < FORBIDDEN {
            let bound = bound(level, rest, cost + skip, served);
            if bound < self.best {
                options.push((bound, SKIP, level));
            }
        }
        for place in &self.home.patterns.by_lowest[lowest as usize] {
            let pattern = &self.home.patterns.list[*place as usize];
            let charge = self.kernel.cheapest[*place as usize];
            if pattern.mask & !mask != 0 || charge >= FORBIDDEN {
                continue;
            }
            let below = match (is_limited && pattern.counts, level) {
                (true, 0) => continue,
                (true, level) => level - 1,
                (false, level) => level,
            };
            let with = served | pattern.mask;
            let bound = bound(below, mask ^ pattern.mask, cost + charge, with);
            if bound < self.best {
                options.push((bound, *place, below));
            }
        }
        options.sort_unstable();
        for (bound, place, below) in options {
            if bound >= self.best {
                break;
            }
            if place == SKIP {
                let skip = skip_charge(self.home, lowest as usize);
                self.descend(rest, level, cost + skip, served);
                continue;
            }
            let pattern = &self.home.patterns.list[place as usize];
            let cheapest = self.kernel.cheapest[place as usize];
            for (charge, day) in self.days_by_charge(pattern, self.best - bound + cheapest) {
                if bound - cheapest + charge >= self.best {
                    break;
                }
                let footprint = Footprint {
                    day,
                    counts: pattern.counts,
                    departments: pattern.departments,
                    scenario: pattern.scenario,
                };
                if self.home.rules.allow(&self.footprints, &footprint) {
                    self.picks.push((place, day));
                    self.footprints.push(footprint);
                    self.descend(mask ^ pattern.mask, below, cost + charge, served | pattern.mask);
                    self.picks.pop();
                    self.footprints.pop();
                }
            }
        }
    }

    /// Days of a pattern charged less than `below`, cheapest first.
    fn days_by_charge(&self, pattern: &Pattern, below: i64) -> Vec<(i64, u16)> {
        let (from, to) = (pattern.days.0 as usize, pattern.days.1 as usize);
        let days = &self.home.patterns.days[from..to];
        let charges = self.kernel.charges[from..to].iter().zip(days);
        let mut list: Vec<(i64, u16)> = charges
            .map(|(charge, (day, _))| (*charge, *day))
            .filter(|(charge, _)| *charge < FORBIDDEN && *charge < below)
            .collect();
        list.sort_unstable();
        list
    }
}
