//! Small changes of a plan, very many of them. A *shift* puts one visit on a day; its units leave the
//! visits that they are in, whoever is in the way makes room, and those who made room go where they
//! cost least. Simulated annealing (Kirkpatrick et al. 1983) decides what stays.
//!
//! Solving an enterprise anew (`improve`) looks at all its visits on all days; a shift looks at one,
//! in a fiftieth of the time. Where days are full the chain counts: one visit in, another one out
//! and elsewhere (ejection chains, Glover 1996).
//!
//! Threads share nothing: each has a part of the enterprises, drawn by lot each round, with the room
//! that those hold. What is free of a cell goes to one part, also by lot: halves of it would often be
//! too small for anybody.
//!
//! Enterprises with fixed visits, and those too large to list their patterns, are left as they are.

use super::column::{Column, VisitChoice};
use super::incumbent::Incumbent;
use super::instance::{
    ALONE, BOUND_UNITS_MAX, EnterpriseModel, Instance, Pattern, PoolUse, mask_of,
};
use super::prices::IsOver;
use super::random;
use super::rules::Footprint;
use crate::domain::problem::Cost;
use rand::RngExt;
use rand::seq::SliceRandom;
use rand_pcg::Pcg64Mcg;
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

/// Shifts that take the time of one subproblem of `improve`, about.
pub const SHIFTS_PER_WORK: u64 = 50;
/// Most visits that make room for one.
const EJECTED_MAX: usize = 3;
/// Times that a pattern with a given unit is drawn for.
const DRAWS: usize = 6;
/// Shifts between two looks at the clock.
const UNWATCHED: u64 = 1_000;
/// Enterprises that a thread works on before it goes on to the next: what is known of so many stays
/// near the processor.
const WINDOW: usize = 512;
/// With fewer areas for each part, the enterprises are parted without regard to them.
const AREAS_EACH: usize = 3;
/// Most visits of an enterprise: one for each unit.
const VISITS_MAX: usize = BOUND_UNITS_MAX;
/// No footprint yet.
const BLANK: Footprint = Footprint { day: 0, counts: false, departments: 0, scenario: ALONE };

/// A visit as it is held.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Held {
    /// Place in the enterprise's patterns.
    pattern: u32,
    day: u16,
    /// Cost of the visit itself on its day.
    cost: Cost,
}

/// Something done, to be undone where it does not pay.
#[derive(Clone, Copy)]
enum Done {
    Put(u32, Held),
    Taken(u32, Held),
}

/// What one thread works on.
struct Part<'i> {
    instance: &'i Instance<'i>,
    /// Enterprises that are its own.
    own: Vec<u32>,
    /// Those that are shifted now.
    window: Range<usize>,
    /// Visits of its own enterprises, by enterprise.
    held: Vec<Vec<Held>>,
    /// Units in those visits, by enterprise.
    served: Vec<u32>,
    /// Enterprises of its own that draw from each cell.
    holders: Vec<Vec<u32>>,
    /// Minutes drawn from each cell, by all enterprises.
    loads: Vec<i64>,
    /// The most that they may become.
    limits: Vec<i64>,
    /// What is reached of each target, by all enterprises.
    reached: Vec<i64>,
    /// Cost, up to a constant.
    cost: Cost,
    /// What the shift under way has done.
    log: Vec<Done>,
    random: Pcg64Mcg,
}

fn pattern(model: &EnterpriseModel, place: u32) -> &Pattern {
    &model.patterns.list[place as usize]
}

fn uses(model: &EnterpriseModel, place: u32) -> &[PoolUse] {
    model.patterns.uses_of(pattern(model, place))
}

impl<'i> Part<'i> {
    fn model(&self, enterprise: u32) -> &'i EnterpriseModel {
        &self.instance.models[enterprise as usize]
    }

    fn reach(&mut self, target: u32, n: i64) {
        let row = &self.instance.targets[target as usize];
        let reached = &mut self.reached[target as usize];
        let before = row.shortfall(*reached);
        *reached += n;
        self.cost += row.shortfall(*reached) - before;
    }

    /// Adds (sign 1) or takes away (−1) what a visit costs, draws and gives.
    fn account(&mut self, enterprise: u32, held: Held, sign: i64) {
        let model = self.model(enterprise);
        let pattern = pattern(model, held.pattern);
        self.cost += sign * held.cost;
        for PoolUse { pool, minutes } in model.patterns.uses_of(pattern) {
            let cell = self.instance.cell(*pool, held.day);
            let before = self.instance.cells.overtime(cell, self.loads[cell]);
            self.loads[cell] += sign * minutes;
            self.cost += self.instance.cells.overtime(cell, self.loads[cell]) - before;
        }
        let before = self.served[enterprise as usize];
        let after = if sign > 0 { before | pattern.mask } else { before & !pattern.mask };
        self.served[enterprise as usize] = after;
        for unit in pattern.units().map(|unit| &model.units[usize::from(unit)]) {
            self.cost -= sign * unit.penalty;
            for gain in &unit.scheduled {
                self.reach(gain.target, sign * gain.requests);
            }
            if pattern.is_joint {
                for gain in &unit.joint {
                    self.reach(gain.target, sign * gain.requests);
                }
            }
        }
        for visited in &model.visited {
            let units = mask_of(&visited.units);
            let n = i64::from(after & units != 0) - i64::from(before & units != 0);
            if n != 0 {
                self.reach(visited.target, n);
            }
        }
    }

    fn put(&mut self, enterprise: u32, held: Held) {
        self.account(enterprise, held, 1);
        for used in uses(self.model(enterprise), held.pattern) {
            let cell = self.instance.cell(used.pool, held.day);
            self.holders[cell].push(enterprise);
        }
        self.held[enterprise as usize].push(held);
        self.log.push(Done::Put(enterprise, held));
    }

    fn take(&mut self, enterprise: u32, place: usize) -> Held {
        let held = self.held[enterprise as usize].swap_remove(place);
        self.account(enterprise, held, -1);
        for used in uses(self.model(enterprise), held.pattern) {
            let cell = self.instance.cell(used.pool, held.day);
            let holders = &mut self.holders[cell];
            let place = holders.iter().position(|holder| *holder == enterprise);
            holders.swap_remove(place.expect("who draws is listed"));
        }
        self.log.push(Done::Taken(enterprise, held));
        held
    }

    fn undo(&mut self) {
        while let Some(done) = self.log.pop() {
            match done {
                Done::Put(enterprise, held) => {
                    let place = self.held[enterprise as usize].iter().rposition(|h| *h == held);
                    self.take(enterprise, place.expect("it was put"));
                    self.log.pop();
                }
                Done::Taken(enterprise, held) => {
                    self.put(enterprise, held);
                    self.log.pop();
                }
            }
        }
    }

    /// Whether a visit obeys the rules beside those held.
    fn is_allowed(&self, enterprise: u32, place: u32, day: u16) -> bool {
        let others = &self.held[enterprise as usize];
        if others.iter().any(|other| other.day == day) {
            return false;
        }
        let model = self.model(enterprise);
        let mut list = [BLANK; VISITS_MAX];
        for (print, other) in list.iter_mut().zip(others) {
            *print = pattern(model, other.pattern).footprint(other.day);
        }
        model.rules.allow(&list[..others.len()], &pattern(model, place).footprint(day))
    }

    fn fits(&self, model: &EnterpriseModel, place: u32, day: u16) -> bool {
        uses(model, place).iter().all(|used| {
            let cell = self.instance.cell(used.pool, day);
            self.loads[cell] + used.minutes <= self.limits[cell]
        })
    }

    /// The visit of a pattern on its cheapest day with room, overtime included.
    fn cheapest_day(&mut self, enterprise: u32, place: u32) -> Option<Held> {
        let model = self.model(enterprise);
        let days = model.patterns.days_of(pattern(model, place));
        let first = self.random.random_range(0..days.len());
        let mut best: Option<(Cost, Held)> = None;
        for i in 0..days.len() {
            let at = if first + i < days.len() { first + i } else { first + i - days.len() };
            let (day, cost) = (days[at].day(), days[at].cost());
            if best.is_some_and(|(least, _)| cost >= least) || !self.fits(model, place, day) {
                continue;
            }
            let mut whole = cost;
            for used in uses(model, place) {
                let cell = self.instance.cell(used.pool, day);
                let load = self.loads[cell];
                let cells = &self.instance.cells;
                whole += cells.overtime(cell, load + used.minutes) - cells.overtime(cell, load);
            }
            if best.is_none_or(|(least, _)| whole < least)
                && self.is_allowed(enterprise, place, day)
            {
                best = Some((whole, Held { pattern: place, day, cost }));
            }
        }
        best.map(|(_, held)| held)
    }

    /// Puts units where they cost least: all together, or each by itself; or leaves them out.
    fn settle(&mut self, enterprise: u32, mask: u32) {
        let model = self.model(enterprise);
        for place in model.patterns.of(mask) {
            if self.try_cheapest_day(enterprise, place as u32) {
                return;
            }
        }
        if mask.count_ones() == 1 {
            return;
        }
        let mut left = mask;
        while left != 0 {
            let unit = left & left.wrapping_neg();
            left &= left - 1;
            self.settle_unit(enterprise, unit);
        }
    }

    /// Puts a unit into a visit that is held anyway, or on the cheapest day for a visit of its own.
    fn settle_unit(&mut self, enterprise: u32, unit: u32) {
        let model = self.model(enterprise);
        for i in 0..self.held[enterprise as usize].len() {
            let other = self.held[enterprise as usize][i];
            let with = model.patterns.of(pattern(model, other.pattern).mask | unit);
            for place in with {
                let Some(held) = self.on_day(model, place as u32, other.day) else { continue };
                let taken = self.take(enterprise, i);
                if self.fits(model, place as u32, other.day)
                    && self.is_allowed(enterprise, place as u32, other.day)
                {
                    self.put(enterprise, held);
                    return;
                }
                self.put(enterprise, taken);
            }
        }
        for place in model.patterns.of(unit) {
            if self.try_cheapest_day(enterprise, place as u32) {
                return;
            }
        }
    }

    /// Holds a visit on its cheapest day, unless that costs more than to leave its units out.
    fn try_cheapest_day(&mut self, enterprise: u32, place: u32) -> bool {
        let Some(held) = self.cheapest_day(enterprise, place) else { return false };
        let before = self.cost;
        self.put(enterprise, held);
        let is_worth_it = self.cost <= before;
        if !is_worth_it {
            self.take(enterprise, self.held[enterprise as usize].len() - 1);
        }
        is_worth_it
    }

    /// The visit of a pattern on a day, where the day allows it.
    fn on_day(&self, model: &EnterpriseModel, place: u32, day: u16) -> Option<Held> {
        let days = model.patterns.days_of(pattern(model, place));
        let at = days.binary_search_by_key(&day, |allowed| allowed.day()).ok()?;
        Some(Held { pattern: place, day, cost: days[at].cost() })
    }

    /// One shift; kept or undone.
    fn shift(&mut self, temperature: f64) {
        let before = self.cost;
        self.log.clear();
        let is_done = self.attempt();
        let rise = self.cost - before;
        let is_kept = is_done
            && (rise <= 0
                || (temperature > 0.0
                    && (rise as f64) < -self.random.random::<f64>().ln() * temperature));
        if !is_kept {
            self.undo();
            debug_assert_eq!(self.cost, before);
        }
    }

    /// Whether a shift was made; if not, what it has begun is to be undone.
    fn attempt(&mut self) -> bool {
        let enterprise = self.own[self.random.random_range(self.window.clone())];
        let Some(new) = self.choose(enterprise) else { return false };
        let rests = self.clear_the_way(enterprise, &new);
        if !self.is_allowed(enterprise, new.pattern, new.day) {
            return false;
        }
        self.put(enterprise, new);
        let Some(ejected) = self.make_room(enterprise, &new) else { return false };
        for (other, mask) in ejected {
            self.settle(other, mask);
        }
        for mask in rests {
            self.settle(enterprise, mask);
        }
        true
    }

    /// A visit to hold: with a unit left out, one that is held on another day, two in one, or any.
    fn choose(&mut self, enterprise: u32) -> Option<Held> {
        let model = self.model(enterprise);
        let list = &model.patterns.list;
        let all = u32::MAX >> (32 - model.units.len());
        let left_out = all & !self.served[enterprise as usize];
        let held = &self.held[enterprise as usize];
        let random = &mut self.random;
        let lot = random.random_range(0..8u32);
        let place = if left_out != 0 && lot < 4 {
            let nth = random.random_range(0..left_out.count_ones());
            let unit = (0..nth).fold(left_out, |rest, _| rest & (rest - 1)).trailing_zeros();
            let drawn = (0..DRAWS).map(|_| random.random_range(0..list.len()));
            drawn.into_iter().find(|place| list[*place].mask >> unit & 1 == 1)?
        } else if !held.is_empty() && lot < 6 {
            held[random.random_range(0..held.len())].pattern as usize
        } else if held.len() > 1 && lot == 6 {
            let mut any = || pattern(model, held[random.random_range(0..held.len())].pattern).mask;
            let both = model.patterns.of(any() | any());
            if both.is_empty() {
                return None;
            }
            random.random_range(both)
        } else {
            random.random_range(0..list.len())
        };
        // a day with room, if one is met soon
        let days = model.patterns.days_of(&list[place]);
        let mut on = days[self.random.random_range(0..days.len())];
        for _ in 0..2 {
            if self.fits(model, place as u32, on.day()) {
                break;
            }
            on = days[self.random.random_range(0..days.len())];
        }
        let new = Held { pattern: place as u32, day: on.day(), cost: on.cost() };
        (!self.held[enterprise as usize].contains(&new)).then_some(new)
    }

    /// Takes the units of `new` out of the visits that they are in, and what else is on its day. What
    /// is left of a visit stays on its day, or is returned for another one.
    fn clear_the_way(&mut self, enterprise: u32, new: &Held) -> Vec<u32> {
        let model = self.model(enterprise);
        let wanted = pattern(model, new.pattern).mask;
        let mut rests = Vec::new();
        let mut i = 0;
        // what is put back comes last, and has none of the units any more
        while let Some(old) = self.held[enterprise as usize].get(i) {
            let mask = pattern(model, old.pattern).mask;
            if mask & wanted == 0 && old.day != new.day {
                i += 1;
                continue;
            }
            let old = self.take(enterprise, i);
            let rest = mask & !wanted;
            if rest == 0 {
                continue;
            }
            let mut same = model.patterns.of(rest).map(|place| place as u32);
            let stays = same.find_map(|place| self.on_day(model, place, old.day));
            match stays {
                Some(held)
                    if old.day != new.day
                        && self.is_allowed(enterprise, held.pattern, held.day) =>
                {
                    self.put(enterprise, held);
                }
                _ => rests.push(rest),
            }
        }
        rests
    }

    /// Takes visits of others out of the cells that a new visit overloads, drawn by lot. Who they are,
    /// with their units; `None` where they would be too many.
    fn make_room(&mut self, enterprise: u32, new: &Held) -> Option<Vec<(u32, u32)>> {
        let mut ejected = Vec::new();
        for used in uses(self.model(enterprise), new.pattern) {
            let cell = self.instance.cell(used.pool, new.day);
            while self.loads[cell] > self.limits[cell] {
                let holders = &self.holders[cell];
                if ejected.len() == EJECTED_MAX || holders.len() < 2 {
                    return None;
                }
                let other = holders[self.random.random_range(0..holders.len())];
                if other == enterprise {
                    continue;
                }
                let mut visits = self.held[other as usize].iter();
                let place = visits.position(|held| held.day == new.day);
                let held = self.take(other, place.expect("who draws has a visit"));
                ejected.push((other, pattern(self.model(other), held.pattern).mask));
            }
        }
        Some(ejected)
    }
}

/// What a round works with.
pub struct Round<'a, 'i> {
    pub instance: &'i Instance<'i>,
    /// Parts that are worked on side by side.
    pub parts: usize,
    /// Shifts of each part.
    pub shifts: u64,
    /// Mean rise of cost that is accepted; 0 accepts none.
    pub temperature: f64,
    pub seed: u64,
    /// Whether the caller's time is up.
    pub is_over: &'a IsOver<'a>,
}

impl<'i> Round<'_, 'i> {
    /// Shifts visits of `incumbent`.
    pub fn walk(&self, incumbent: &mut Incumbent<'i>) {
        let instance = self.instance;
        let mut lot = random(self.seed);
        let is_shifted = |enterprise: &u32| {
            let model = &instance.models[*enterprise as usize];
            model.fixed.is_empty() && !model.patterns.list.is_empty()
        };
        let mut all: Vec<u32> = (0..instance.models.len() as u32).filter(is_shifted).collect();
        all.shuffle(&mut lot);
        self.gather(&mut all, &mut lot);
        let size = all.len().div_ceil(self.parts.max(1)).max(1);
        let seeds: Vec<u64> = all.chunks(size).map(|_| lot.random()).collect();
        let seen: &Incumbent = incumbent;
        let drawn_by = self.drawn_by(&all, size);
        let changed: Vec<Vec<(u32, Vec<VisitChoice>)>> = all
            .par_chunks(size)
            .zip(seeds)
            .enumerate()
            .map(|(number, (own, seed))| {
                let mut part = Part::new(self, seen, own, number, &drawn_by, random(seed));
                let windows = part.own.len().div_ceil(WINDOW) as u64;
                for window in 0..windows {
                    let place = |n: u64| (n * part.own.len() as u64 / windows) as usize;
                    part.window = place(window)..place(window + 1);
                    let mut left = self.shifts / windows;
                    while left > 0 && !(self.is_over)() {
                        for _ in 0..left.min(UNWATCHED) {
                            part.shift(self.temperature);
                        }
                        left = left.saturating_sub(UNWATCHED);
                    }
                }
                part.changed(seen)
            })
            .collect();
        let changed: Vec<(u32, Vec<VisitChoice>)> = changed.into_iter().flatten().collect();
        for (enterprise, _) in &changed {
            incumbent.take(*enterprise as usize);
        }
        for (enterprise, choices) in changed {
            let model = &instance.models[enterprise as usize];
            incumbent.put(enterprise as usize, Arc::new(Column::new(instance, model, choices)));
        }
    }
}

impl Round<'_, '_> {
    /// Puts the enterprises of an area one after the other, the areas by lot, where there are many:
    /// they meet each other more than the rest.
    fn gather(&self, all: &mut [u32], lot: &mut Pcg64Mcg) {
        let area = |enterprise: &u32| self.instance.area(*enterprise as usize);
        let mut places: BTreeMap<&str, u64> = all.iter().map(|one| (area(one), 0)).collect();
        if places.len() < AREAS_EACH * self.parts {
            return;
        }
        places.values_mut().for_each(|place| *place = lot.random());
        all.sort_by_cached_key(|enterprise| places[area(enterprise)]);
    }

    /// The part that alone draws from each pool, where one does.
    fn drawn_by(&self, all: &[u32], size: usize) -> Vec<Option<usize>> {
        let pools = self.instance.problem.facts().pools.len();
        let mut first: Vec<Option<usize>> = vec![None; pools];
        let mut is_shared = vec![false; pools];
        for (number, own) in all.chunks(size).enumerate() {
            let models = own.iter().map(|enterprise| &self.instance.models[*enterprise as usize]);
            for used in models.flat_map(|model| &model.units).flat_map(|unit| &unit.uses) {
                let pool = used.pool as usize;
                is_shared[pool] |= *first[pool].get_or_insert(number) != number;
            }
        }
        first.into_iter().zip(is_shared).map(|(part, shared)| part.filter(|_| !shared)).collect()
    }
}

impl<'i> Part<'i> {
    /// Begins with the visits that `own` enterprises have in `incumbent`.
    fn new(
        round: &Round<'_, 'i>,
        incumbent: &Incumbent,
        own: &[u32],
        number: usize,
        drawn_by: &[Option<usize>],
        random: Pcg64Mcg,
    ) -> Self {
        let instance = round.instance;
        let cells = instance.cells.len();
        let days = instance.days.len();
        let count = instance.models.len();
        let is_free = |cell: usize| {
            if let Some(part) = drawn_by[cell / days] {
                return part == number;
            }
            // a hash: the same lot in every part, another one in each round
            let lot = (cell as u64 ^ round.seed).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 33;
            lot % round.parts.max(1) as u64 == number as u64
        };
        let loads = incumbent.loads().to_vec();
        let limit = |(cell, load): (usize, &i64)| {
            if is_free(cell) { instance.cells.most(cell) } else { *load }
        };
        let mut part = Self {
            instance,
            own: Vec::new(),
            window: 0..0,
            held: vec![Vec::new(); count],
            served: vec![0; count],
            holders: vec![Vec::new(); cells],
            limits: loads.iter().enumerate().map(limit).collect(),
            loads,
            reached: incumbent.reached().to_vec(),
            cost: 0,
            log: Vec::new(),
            random,
        };
        for enterprise in own {
            let column = incumbent.column(*enterprise as usize);
            // no larger than it must be: there are many
            let mut held = Vec::with_capacity(column.choices.len());
            held.extend(column.choices.iter().map_while(|c| part.held_as(*enterprise, c)));
            if held.len() < column.choices.len() {
                continue;
            }
            let model = part.model(*enterprise);
            for visit in &held {
                for used in uses(model, visit.pattern) {
                    part.holders[instance.cell(used.pool, visit.day)].push(*enterprise);
                }
                part.served[*enterprise as usize] |= pattern(model, visit.pattern).mask;
            }
            part.held[*enterprise as usize] = held;
            part.own.push(*enterprise);
        }
        part
    }

    /// A visit of a column as a pattern on its day. Columns of enterprises that are not enumerated
    /// for plans may name another scenario than the pattern of the same units, which does as well;
    /// `None` where there is none.
    fn held_as(&self, enterprise: u32, choice: &VisitChoice) -> Option<Held> {
        let model = self.model(enterprise);
        let mask = mask_of(&choice.units);
        let same = || model.patterns.of(mask).map(|place| place as u32);
        let named = same().find(|place| pattern(model, *place).scenario == choice.scenario);
        let others = same().filter(|place| Some(*place) != named);
        named.into_iter().chain(others).find_map(|place| self.on_day(model, place, choice.day))
    }

    /// The visits of the enterprises that are no longer as they were.
    fn changed(&self, incumbent: &Incumbent) -> Vec<(u32, Vec<VisitChoice>)> {
        let mut changed = Vec::new();
        for enterprise in &self.own {
            let model = self.model(*enterprise);
            let choice = |held: &Held| VisitChoice::of(pattern(model, held.pattern), held.day);
            let mut choices: Vec<VisitChoice> =
                self.held[*enterprise as usize].iter().map(choice).collect();
            choices.sort_by_key(|choice| choice.day);
            if choices[..] != incumbent.column(*enterprise as usize).choices[..] {
                changed.push((*enterprise, choices));
            }
        }
        changed
    }
}
