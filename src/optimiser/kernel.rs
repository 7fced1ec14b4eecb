//! The subproblem of one enterprise: given what each cell charges and what each target pays, the
//! cheapest set of visits.
//!
//! A visit's charge depends on its own cell only, because an enterprise has one visit a day; so
//! the same kernel serves linear prices (for the bound) and the room that other enterprises leave
//! (for plans).
//!
//! Exact method, for enterprises with enumerated patterns: a dynamic programme over sets of units
//! gives, for a set still to decide, the least cost to serve or leave out each of them when visits
//! may ignore each other (`Completion`, with a level for each counted visit still allowed where the
//! cap binds). A depth-first search decides units in order, lowest first, with that completion as
//! its bound, and keeps the rules between visits (one a day, gaps, caps). Mostly the first dive
//! meets the bound and the search ends at once.
//!
//! Units are decided lowest first, so of the 2ⁿ sets only those can come up that are left when some
//! visits have taken all lower units: one set holds the first unit, few hold the second. And a visit
//! that charges no less than leaving all its units out is in no least completion. The programme
//! runs from the top and works out what is asked, once.

use super::SCALE;
use super::column::{Column, Effort, Solved, VisitChoice};
use super::instance::{
    EXACT_UNITS_MAX, EnterpriseModel, Instance, Pattern, PoolUse, TargetGain, VisitedTarget,
    mask_of,
};
use super::large;
use super::oracle::{FORBIDDEN, Oracle};
use super::rules::Footprint;

/// Search nodes after which the best visits so far are returned, with the completion bound in place
/// of the optimum. Beyond any case seen; it bounds the time of a contrived one.
const NODES_MAX: u64 = 300_000;

/// Scratch memory, kept between calls.
#[derive(Default)]
pub struct Kernel {
    /// Charge of each pattern's day, flat as in `Patterns::days`.
    charges: Vec<i64>,
    /// Least charge of each pattern.
    cheapest: Vec<i64>,
    completion: Completion,
    /// Pay for scheduling each set, and for doing so jointly.
    pay: Vec<(i64, i64)>,
}

impl Kernel {
    /// The cheapest visits of `model`.
    pub fn solve(
        &mut self,
        instance: &Instance,
        model: &EnterpriseModel,
        oracle: &impl Oracle,
        effort: Effort,
    ) -> Solved {
        let is_large = model.units.len() > EXACT_UNITS_MAX && effort != Effort::Bound;
        if is_large || model.patterns.is_empty() {
            return large::solve(instance, model, oracle, effort);
        }
        let visited = self.prepare(instance, model, oracle);
        let mut search = Search::new(self, model, &visited, FORBIDDEN);
        search.run();
        let (value, picks, is_exact) = (search.best, search.best_picks, search.nodes < NODES_MAX);
        let full = (1u32 << model.units.len()) - 1;
        if value >= FORBIDDEN {
            // cut short before the first plan: the fixed visits alone always fit
            let fixed_only = Column::fixed_only(instance, model);
            let value = fixed_only.value(oracle);
            let bound = self.relaxed(full, &visited).min(value);
            return Solved { choices: fixed_only.choices.into_vec(), value, bound, is_exact };
        }
        let bound = if is_exact { value } else { self.relaxed(full, &visited).min(value) };
        Solved { choices: choices(model, &picks), value, bound, is_exact }
    }

    /// All sets of visits of `model` that are charged less than `limit`. `None` where they are more than
    /// `most`, or the enterprise is too large to enumerate them.
    #[cfg(feature = "highs")]
    pub fn below(
        &mut self,
        instance: &Instance,
        model: &EnterpriseModel,
        oracle: &impl Oracle,
        limit: i64,
        most: usize,
    ) -> Option<Vec<Vec<VisitChoice>>> {
        if model.units.is_empty() {
            return Some(vec![Vec::new()]);
        }
        if model.patterns.is_empty() {
            return None;
        }
        let visited = self.prepare(instance, model, oracle);
        let mut search = Search::new(self, model, &visited, limit);
        search.below = Some((most, Vec::new()));
        search.run();
        let is_whole = search.nodes < NODES_MAX;
        let (_, found) = search.below?;
        is_whole.then(|| found.iter().map(|picks| choices(model, picks)).collect())
    }

    /// Charges the visits. The `visited` targets that pay, with the units that earn it.
    fn prepare(
        &mut self,
        instance: &Instance,
        model: &EnterpriseModel,
        oracle: &impl Oracle,
    ) -> Vec<(i64, u32)> {
        self.charge(instance, model, oracle);
        self.completion.limit(model);
        model
            .visited
            .iter()
            .map(|VisitedTarget { target, units }| (oracle.target(*target), mask_of(units)))
            .filter(|(pay, _)| *pay > 0)
            .collect()
    }

    /// The least charge when visits may ignore each other.
    fn relaxed(&mut self, full: u32, visited: &[(i64, u32)]) -> i64 {
        let pay: i64 = visited.iter().map(|(pay, _)| pay).sum();
        self.completion.of(self.completion.levels - 1, full) - pay
    }

    /// The solution as a column.
    pub fn column(
        &mut self,
        instance: &Instance,
        model: &EnterpriseModel,
        oracle: &impl Oracle,
        effort: Effort,
    ) -> Column {
        Column::new(instance, model, self.solve(instance, model, oracle, effort).choices)
    }

    /// Fills the charges of patterns and sets.
    fn charge(&mut self, instance: &Instance, model: &EnterpriseModel, oracle: &impl Oracle) {
        let patterns = &model.patterns;
        let has_targets =
            model.units.iter().any(|unit| !unit.scheduled.is_empty() || !unit.joint.is_empty());
        if has_targets {
            self.pay.clear();
            self.pay.push((0, 0));
            for mask in 1u32..1 << model.units.len() {
                let rest = self.pay[(mask & (mask - 1)) as usize];
                let unit = &model.units[mask.trailing_zeros() as usize];
                let sum = |list: &[TargetGain]| -> i64 {
                    list.iter().map(|gain| oracle.target(gain.target) * gain.requests).sum()
                };
                self.pay.push((rest.0 + sum(&unit.scheduled), rest.1 + sum(&unit.joint)));
            }
        }
        self.charges.clear();
        self.cheapest.clear();
        self.completion.clear(model);
        for pattern in &patterns.list {
            let pay = if has_targets {
                let (scheduled, joint) = self.pay[pattern.mask as usize];
                scheduled + if pattern.is_joint { joint } else { 0 }
            } else {
                0
            };
            let uses = patterns.uses_of(pattern);
            let mut cheapest = FORBIDDEN;
            for on in patterns.days_of(pattern) {
                let mut charge = on.cost() * SCALE - pay;
                for PoolUse { pool, minutes } in uses {
                    charge += oracle.cell(instance.cell(*pool, on.day()), *minutes);
                    if charge >= FORBIDDEN / 2 {
                        charge = FORBIDDEN;
                        break;
                    }
                }
                self.charges.push(charge);
                cheapest = cheapest.min(charge);
            }
            self.cheapest.push(cheapest);
            self.completion.offer(pattern, cheapest);
        }
    }
}

/// The least cost to decide a set of units when visits may ignore each other.
#[derive(Default)]
struct Completion {
    units: usize,
    /// One more than the counted visits that are allowed; 1 when the cap cannot bind.
    levels: usize,
    is_limited: bool,
    /// Charge for leaving out each unit, and all units of each set.
    skips: Vec<i64>,
    skipped: Vec<i64>,
    /// Least charge of each set, over its patterns, for counted and uncounted visits.
    counted: Vec<i64>,
    uncounted: Vec<i64>,
    /// For each unit the sets in which it is the lowest and whose visit may pay.
    sets: Vec<Vec<u32>>,
    /// `level << units | set` → the least cost with `level` counted visits left, once asked.
    known: Vec<i64>,
}

/// Not asked yet.
const UNKNOWN: i64 = i64::MIN;

impl Completion {
    /// Forgets everything; begins with the units of `model`.
    fn clear(&mut self, model: &EnterpriseModel) {
        let n = model.units.len();
        self.units = n;
        self.skips.clear();
        self.skips.extend((0..n).map(|unit| skip_charge(model, unit)));
        self.skipped.clear();
        self.skipped.push(0);
        for mask in 1usize..1 << n {
            let rest = self.skipped[mask & (mask - 1)];
            let skip = self.skips[mask.trailing_zeros() as usize];
            self.skipped.push((rest + skip).min(FORBIDDEN));
        }
        for list in [&mut self.counted, &mut self.uncounted] {
            list.clear();
            list.resize(1 << n, FORBIDDEN);
        }
        self.sets.iter_mut().for_each(Vec::clear);
        self.sets.resize_with(n.max(self.sets.len()), Vec::new);
    }

    /// A visit that may be held at this charge; those of the same units one after the other.
    fn offer(&mut self, pattern: &Pattern, charge: i64) {
        let mask = pattern.mask as usize;
        if charge >= self.skipped[mask] {
            return;
        }
        let least = if pattern.counts { &mut self.counted } else { &mut self.uncounted };
        least[mask] = charge.min(least[mask]);
        let sets = &mut self.sets[mask.trailing_zeros() as usize];
        if sets.last() != Some(&pattern.mask) {
            sets.push(pattern.mask);
        }
    }

    /// Sets the levels, once every visit is offered.
    fn limit(&mut self, model: &EnterpriseModel) {
        let countable = model.units.iter().filter(|unit| unit.counts).count();
        let cap = most_counted_visits(model);
        self.is_limited = cap < countable;
        self.levels = if self.is_limited { cap + 1 } else { 1 };
        self.known.clear();
        self.known.resize(self.levels << self.units, UNKNOWN);
    }

    /// The least cost to decide `mask`; [`FORBIDDEN`] where there is no way.
    fn of(&mut self, level: usize, mask: u32) -> i64 {
        if mask == 0 {
            return 0;
        }
        let place = level << self.units | mask as usize;
        if self.known[place] != UNKNOWN {
            return self.known[place];
        }
        let lowest = mask.trailing_zeros() as usize;
        let rest = mask & (mask - 1);
        let mut least = self.skips[lowest].saturating_add(self.of(level, rest)).min(FORBIDDEN);
        // submasks, or the sets themselves where those are fewer
        if self.sets[lowest].len() < 1 << rest.count_ones() {
            for i in 0..self.sets[lowest].len() {
                let set = self.sets[lowest][i];
                if set & !mask == 0 {
                    least = least.min(self.taking(level, mask, set));
                }
            }
        } else {
            let mut others = rest;
            loop {
                least = least.min(self.taking(level, mask, others | 1 << lowest));
                if others == 0 {
                    break;
                }
                others = (others - 1) & rest;
            }
        }
        self.known[place] = least;
        least
    }

    /// The least cost to decide `mask` when `set` is visited.
    fn taking(&mut self, level: usize, mask: u32, set: u32) -> i64 {
        let (free, counted) = (self.uncounted[set as usize], self.counted[set as usize]);
        let mut least = FORBIDDEN;
        if free < FORBIDDEN {
            least = free + self.of(level, mask ^ set);
        }
        if counted < FORBIDDEN && (!self.is_limited || level > 0) {
            least = least.min(counted + self.of(level - usize::from(self.is_limited), mask ^ set));
        }
        least
    }
}

/// Most counted visits that the cap and the gaps leave room for.
fn most_counted_visits(model: &EnterpriseModel) -> usize {
    let counted = model.units.iter().filter(|unit| unit.counts && !unit.days.is_empty());
    let ordinal = |day: u16| model.rules.ordinals[usize::from(day)];
    let first = counted.clone().map(|unit| ordinal(unit.days[0].day())).min();
    let last = counted.map(|unit| ordinal(unit.days[unit.days.len() - 1].day())).max();
    let (Some(first), Some(last)) = (first, last) else { return 0 };
    let by_gap = (last - first) / model.rules.min_gap_days.max(1) + 1;
    model.rules.visit_cap.min(by_gap) as usize
}

/// Charge for leaving a unit out; a fixed one may not be.
fn skip_charge(model: &EnterpriseModel, unit: usize) -> i64 {
    if model.is_fixed(unit as u16) { FORBIDDEN } else { model.units[unit].penalty * SCALE }
}

/// The visits of these patterns and days.
fn choices(model: &EnterpriseModel, picks: &[Pick]) -> Vec<VisitChoice> {
    let patterns = &model.patterns.list;
    picks.iter().map(|(pattern, day)| VisitChoice::of(&patterns[*pattern as usize], *day)).collect()
}

/// A pattern and its day.
type Pick = (u32, u16);

/// Depth-first search over the units, lowest first.
struct Search<'a> {
    model: &'a EnterpriseModel,
    charges: &'a [i64],
    cheapest: &'a [i64],
    completion: &'a mut Completion,
    /// Pay for each `visited` target, and the units that earn it.
    visited: &'a [(i64, u32)],
    /// What is looked for is charged less: than the best so far, or where all such are looked for
    /// (`below`), than the limit.
    best: i64,
    best_picks: Vec<Pick>,
    /// How many there may be at most, and those found.
    below: Option<(usize, Vec<Vec<Pick>>)>,
    picks: Vec<Pick>,
    footprints: Vec<Footprint>,
    nodes: u64,
}

impl<'a> Search<'a> {
    fn new(
        kernel: &'a mut Kernel,
        model: &'a EnterpriseModel,
        visited: &'a [(i64, u32)],
        limit: i64,
    ) -> Self {
        Self {
            model,
            charges: &kernel.charges,
            cheapest: &kernel.cheapest,
            completion: &mut kernel.completion,
            visited,
            best: limit,
            best_picks: Vec::new(),
            below: None,
            picks: Vec::new(),
            footprints: Vec::new(),
            nodes: 0,
        }
    }

    fn run(&mut self) {
        let full = (1u32 << self.model.units.len()) - 1;
        let level = self.completion.levels - 1;
        self.descend(full, level, 0, 0);
    }

    /// Notes the visits picked, which are charged less than any before or than the limit.
    fn note(&mut self, charge: i64) {
        match &mut self.below {
            Some((most, found)) => {
                found.push(self.picks.clone());
                if found.len() > *most {
                    self.nodes = NODES_MAX;
                }
            }
            None => {
                self.best = charge;
                self.best_picks.clone_from(&self.picks);
            }
        }
    }

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
                self.note(cost - pay);
            }
            return;
        }
        let is_limited = self.completion.is_limited;
        let (visited, completion) = (self.visited, &mut *self.completion);
        let lowest = mask.trailing_zeros();
        let rest = mask & (mask - 1);
        let mut bound = |level: usize, left: u32, cost: i64, served: u32| {
            let reach = left | served;
            let pay: i64 =
                visited.iter().filter(|(_, units)| units & reach != 0).map(|(p, _)| p).sum();
            match completion.of(level, left) {
                FORBIDDEN => FORBIDDEN,
                completion => cost + completion - pay,
            }
        };
        const SKIP: u32 = u32::MAX;
        let mut options: Vec<(i64, u32, usize)> = Vec::new();
        let skip = skip_charge(self.model, lowest as usize);
        if skip < FORBIDDEN {
            let bound = bound(level, rest, cost + skip, served);
            if bound < self.best {
                options.push((bound, SKIP, level));
            }
        }
        for place in self.model.patterns.with_lowest(lowest as usize) {
            let pattern = &self.model.patterns.list[*place as usize];
            let charge = self.cheapest[*place as usize];
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
                let skip = skip_charge(self.model, lowest as usize);
                self.descend(rest, level, cost + skip, served);
                continue;
            }
            let pattern = &self.model.patterns.list[place as usize];
            let cheapest = self.cheapest[place as usize];
            for (charge, day) in self.days_by_charge(pattern, self.best - bound + cheapest) {
                if bound - cheapest + charge >= self.best {
                    break;
                }
                let footprint = pattern.footprint(day);
                if self.model.rules.allow(&self.footprints, &footprint) {
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
        let (from, to) = (pattern.days.start as usize, pattern.days.end as usize);
        let days = &self.model.patterns.days[from..to];
        let charges = self.charges[from..to].iter().zip(days);
        let mut list: Vec<(i64, u16)> = charges
            .map(|(charge, allowed)| (*charge, allowed.day()))
            .filter(|(charge, _)| *charge < FORBIDDEN && *charge < below)
            .collect();
        list.sort_unstable();
        list
    }
}
