//! Enterprises with too many units to enumerate: a good plan, and a valid bound from below.
//!
//! **Bound** (linear prices only). Give each unit i a credit u_i ≤ what leaving it out costs, and
//! let every day d hold the visit that is best when it earns the credits of its units, whoever
//! else covers them:
//!
//! L(u) = Σ_i u_i + Σ_d min(0, min over visits S on d of (charge(S, d) − Σ_{i ∈ S} u_i))
//!
//! is at most the charge of any plan (the rows "each unit at most once" moved into the objective).
//! Visits with a unit that counts are held on at most `visit_cap` days that keep their gap, the best
//! such days (a small dynamic programme); on the others only exempt units come. A day's best visit
//! falls apart by department, each a knapsack of its minutes on site. Left aside, which only
//! lowers L: limits on people, caps other than the visit cap, shared attendance of a pool, the
//! rounded part of the cells' prices.
//! Credits climb by subgradient steps; any credits give a valid bound.
//!
//! **Plan.** Visits are added one by one, the one that saves most first, each built department by
//! department on its day; once from nothing and once from the days' best visits under the credits;
//! then each visit in turn is taken back and what is left is planned anew, as long as that helps.

use super::SCALE;
use super::column::{Column, Stop};
use super::instance::{ALONE, EXACT_UNITS_MAX, Home, Instance, Unit};
use super::kernel::{Effort, FORBIDDEN, Oracle, Solved};
use super::rules::Footprint;
use std::collections::{BTreeMap, BTreeSet};

/// Solves a large enterprise: `value` is that of the plan found, `bound` is valid with
/// [`Effort::Bound`] and a linear oracle.
pub fn solve(instance: &Instance, home: &Home, oracle: &impl Oracle, effort: Effort) -> Solved {
    let table = Table::new(instance, home, oracle);
    let site = Site { instance, home, oracle, table };
    let mut plan = site.greedy(site.standing());
    let mut value = site.value(&plan);
    let mut bound = value;
    if effort != Effort::Quick {
        let Climbed { bound: least, picks, .. } = Relaxation::new(&site).climb(value);
        if effort == Effort::Bound {
            bound = least - site.visited_pay();
        }
        let mut drafts = site.standing();
        for (day, units) in picks {
            site.adopt(&mut drafts, day, units);
        }
        let mut guided = site.greedy(drafts);
        if effort == Effort::Plan {
            guided = site.polish(guided);
            plan = site.polish(plan);
            value = site.value(&plan);
        }
        let guided_value = site.value(&guided);
        if guided_value < value {
            (plan, value) = (guided, guided_value);
        }
    }
    let stops = plan.into_iter().map(|draft| draft.stop).collect();
    Solved { stops, value, bound: bound.min(value), is_exact: false }
}

/// The credits that give the bound of [`solve`] at linear prices.
pub fn credits(instance: &Instance, home: &Home, oracle: &impl Oracle) -> Vec<i64> {
    let site = Site { instance, home, oracle, table: Table::new(instance, home, oracle) };
    let value = site.value(&site.greedy(site.standing()));
    Relaxation::new(&site).climb(value).credits
}

/// The best column that differs from `held` by one more unit: in a visit of its own or in one that
/// stands; `None` where no unit finds a place.
pub fn inserted(
    instance: &Instance,
    home: &Home,
    oracle: &impl Oracle,
    held: &Column,
) -> Option<Column> {
    if home.units.len() <= EXACT_UNITS_MAX {
        // the kernel has tried everything
        return None;
    }
    let site = Site { instance, home, oracle, table: Table::new(instance, home, oracle) };
    let stop = |stop: &Stop| site.finish(stop.units.to_vec(), stop.day, stop.scenario);
    let drafts: Vec<Draft> = held.stops.iter().filter_map(stop).collect();
    let left = site.left(&drafts);
    let mut best: Option<(i64, Column)> = None;
    for u in left {
        for (day, _) in &site.table.charges[usize::from(u)] {
            let base = drafts.iter().position(|draft| draft.stop.day == *day);
            let others = drafts.iter().enumerate().filter(|(i, _)| Some(*i) != base);
            let others: Vec<&Draft> = others.map(|(_, draft)| draft).collect();
            let chosen: Vec<Footprint> = others.iter().map(|draft| draft.footprint).collect();
            let mut units = base.map_or(Vec::new(), |i| drafts[i].stop.units.to_vec());
            units.push(u);
            let labels = home.units[usize::from(u)].scenarios.iter().copied().chain([ALONE]);
            let lists = |s: &u32| {
                let of = |u: &u16| home.units[usize::from(*u)].scenarios.contains(s);
                *s == ALONE || units.iter().all(of)
            };
            for label in labels.filter(lists) {
                let Some(draft) = site.finish(units.clone(), *day, label) else { continue };
                if !home.rules.allow(&chosen, &draft.footprint) {
                    continue;
                }
                let stops = others.iter().map(|other| other.stop.clone()).chain([draft.stop]);
                let column = Column::new(instance, home, stops.collect());
                let value = column.value(oracle);
                if best.as_ref().is_none_or(|best| value < best.0) {
                    best = Some((value, column));
                }
            }
        }
    }
    best.map(|(_, column)| column)
}

/// What each unit charges by itself on each of its days, pay deducted; attendance apart.
struct Table {
    /// For each unit its days with charge; fixed units have their fixed day only.
    charges: Vec<Vec<(u16, i64)>>,
    /// Charge for leaving each unit out.
    skips: Vec<i64>,
}

impl Table {
    fn new(instance: &Instance, home: &Home, oracle: &impl Oracle) -> Self {
        let mut charges = Vec::with_capacity(home.units.len());
        let mut skips = Vec::with_capacity(home.units.len());
        for (u, unit) in home.units.iter().enumerate() {
            let fixed = home.fixed.iter().find(|(_, units)| units.contains(&(u as u16)));
            let pay = |list: &[(u32, i64)]| -> i64 {
                list.iter().map(|(target, n)| oracle.target(*target) * n).sum()
            };
            let pay = pay(&unit.scheduled) + pay(&unit.joint);
            let charge = |(day, cost): &(u16, i64)| {
                let uses =
                    unit.uses.iter().map(|(p, m)| oracle.linear_cell(instance.cell(*p, *day), *m));
                let charge = uses.fold(cost * SCALE - pay, |sum, c| (sum + c).min(FORBIDDEN));
                (*day, charge)
            };
            let days = unit.days.iter().filter(|(day, _)| fixed.is_none_or(|f| f.0 == *day));
            charges.push(days.map(charge).filter(|(_, c)| *c < FORBIDDEN / 2).collect());
            skips.push(if fixed.is_some() { FORBIDDEN } else { unit.penalty * SCALE });
        }
        Self { charges, skips }
    }

    fn charge(&self, unit: u16, day: u16) -> Option<i64> {
        let days = &self.charges[usize::from(unit)];
        days.binary_search_by_key(&day, |d| d.0).ok().map(|place| days[place].1)
    }
}

/// What a department's presence costs at least, for each department of the enterprise and day.
struct Presences {
    /// Place of each department.
    places: BTreeMap<u32, usize>,
    days: usize,
    charges: Vec<i64>,
}

impl Presences {
    fn new(instance: &Instance, home: &Home, oracle: &impl Oracle) -> Self {
        let pools = &instance.problem.facts().pools;
        let mut members: BTreeMap<u32, Vec<&Unit>> = BTreeMap::new();
        for unit in &home.units {
            members.entry(unit.department).or_default().push(unit);
        }
        // a pool's attendance is charged once a visit: shared out among the departments that may
        // draw on it, and left aside where a department may come without drawing on it
        let mut sharers: BTreeMap<u32, i64> = BTreeMap::new();
        for units in members.values() {
            let drawn: BTreeSet<u32> =
                units.iter().flat_map(|u| u.uses.iter().map(|x| x.0)).collect();
            for pool in drawn {
                *sharers.entry(pool).or_default() += 1;
            }
        }
        let days = instance.days.len();
        let mut charges = Vec::with_capacity(members.len() * days);
        for units in members.values() {
            let always = |pool: &u32| units.iter().all(|u| u.uses.iter().any(|x| x.0 == *pool));
            let drawn: Vec<u32> = units[0].uses.iter().map(|x| x.0).filter(always).collect();
            for day in 0..days as u16 {
                let once = drawn.iter().map(|pool| {
                    let minutes = pools[*pool as usize].attendance_minutes;
                    let charge = oracle.linear_cell(instance.cell(*pool, day), minutes);
                    // a full cell forbids its units by their own charges
                    if charge >= FORBIDDEN { 0 } else { charge.max(0) / sharers[pool] }
                });
                charges.push(home.attendance_cost * SCALE + once.sum::<i64>());
            }
        }
        let places = members.keys().enumerate().map(|(place, key)| (*key, place)).collect();
        Self { places, days, charges }
    }

    fn at(&self, department: u32, day: u16) -> i64 {
        self.charges[self.places[&department] * self.days + usize::from(day)]
    }
}

/// Units above this number in one department's knapsack: bounded by its fractional form.
const KNAPSACK_MAX: usize = 12;
/// Steps of the credits' climb.
const CREDIT_STEPS: usize = 60;

/// A unit in a knapsack: unit, charge or profit, minutes on site.
type Item = (u16, i64, i64);
/// The units that may come on one day, by department, with their charges.
type DayUnits = Vec<(u32, Vec<Item>)>;

/// Where the credits' climb ended.
struct Climbed {
    bound: i64,
    /// The days' best visits there, the one that earns most first.
    picks: Vec<(u16, Vec<u16>)>,
    /// The credit of each unit.
    credits: Vec<i64>,
}

/// The relaxation of the head of the file.
struct Relaxation<'a> {
    home: &'a Home,
    skips: &'a [i64],
    presences: Presences,
    days: Vec<(u16, DayUnits)>,
    /// Scenarios that some unit lists, with their limits on departments and minutes.
    scenarios: Vec<(u32, usize, i64)>,
    has_exempt: bool,
}

impl<'a> Relaxation<'a> {
    fn new<O: Oracle>(site: &'a Site<'_, O>) -> Self {
        let (instance, home, table) = (site.instance, site.home, &site.table);
        let mut by_day: BTreeMap<u16, BTreeMap<u32, Vec<Item>>> = BTreeMap::new();
        for (u, unit) in home.units.iter().enumerate() {
            for (day, charge) in &table.charges[u] {
                let units = by_day.entry(*day).or_default().entry(unit.department).or_default();
                units.push((u as u16, *charge, unit.minutes));
            }
        }
        let listed: BTreeSet<u32> =
            home.units.iter().flat_map(|unit| unit.scenarios.iter().copied()).collect();
        let limits = |s: u32| {
            let scenario = &instance.problem.facts().scenarios[s as usize];
            (s, scenario.max_departments as usize, scenario.max_minutes)
        };
        Self {
            home,
            skips: &table.skips,
            presences: Presences::new(instance, home, site.oracle),
            days: by_day.into_iter().map(|(d, units)| (d, units.into_iter().collect())).collect(),
            scenarios: listed.into_iter().map(limits).collect(),
            has_exempt: home.units.iter().any(|unit| !unit.counts),
        }
    }

    /// Climbs towards the best credits, given the value of a plan.
    fn climb(&self, value: i64) -> Climbed {
        let mut credits: Vec<i64> = self.skips.iter().map(|skip| (*skip).min(value) / 2).collect();
        let mut best = Climbed { bound: i64::MIN, picks: Vec::new(), credits: credits.clone() };
        let mut step = 1.0;
        let mut misses = 0;
        for _ in 0..CREDIT_STEPS {
            let (bound, picks) = self.evaluate(&credits);
            let mut slopes = vec![1i64; credits.len()];
            for u in picks.iter().flat_map(|(_, units)| units) {
                slopes[usize::from(*u)] -= 1;
            }
            if bound > best.bound {
                best = Climbed { bound, picks, credits: credits.clone() };
                misses = 0;
            } else {
                misses += 1;
                if misses == 4 {
                    (step, misses) = (step * 0.6, 0);
                }
            }
            // a credit at its limit that would rise does not move, and does not count
            let moves = |u: usize| slopes[u] < 0 || credits[u] < self.skips[u];
            let norm: i64 =
                (0..slopes.len()).filter(|u| moves(*u)).map(|u| slopes[u] * slopes[u]).sum();
            if norm == 0 || best.bound >= value {
                break;
            }
            let length = step * (value - bound).max(1) as f64 / norm as f64;
            for u in 0..credits.len() {
                let moved = credits[u] + (length * slopes[u] as f64) as i64;
                credits[u] = moved.min(self.skips[u]);
            }
        }
        best
    }

    /// L at these credits, and the visits that attain it.
    fn evaluate(&self, credits: &[i64]) -> (i64, Vec<(u16, Vec<u16>)>) {
        let visit_cost = self.home.visit_cost * SCALE;
        // each day's best visit of exempt units, and what a counted one saves besides
        let mut exempt: Vec<(i64, u16, Vec<u16>)> = Vec::new();
        let mut counted: Vec<(i64, u16, Vec<u16>)> = Vec::new();
        for (day, units) in &self.days {
            let mut free = 0;
            if self.has_exempt {
                let (earned, picked) = self.best_on(*day, units, credits, false);
                free = (visit_cost - earned).min(0);
                if free < 0 {
                    exempt.push((free, *day, picked));
                }
            }
            let (earned, picked) = self.best_on(*day, units, credits, true);
            let saved = free - (visit_cost - earned).min(0);
            if saved > 0 {
                counted.push((saved, *day, picked));
            }
        }
        let days: Vec<(i64, i64)> = counted
            .iter()
            .map(|(saved, day, _)| (self.home.rules.ordinals[usize::from(*day)], *saved))
            .collect();
        let rules = &self.home.rules;
        let chosen = most_apart(&days, rules.visit_cap as usize, rules.min_gap_days);
        let mut visits: Vec<(i64, u16, Vec<u16>)> = Vec::new();
        for place in chosen {
            let (saved, day, picked) = &counted[place];
            let free = exempt.iter().position(|visit| visit.1 == *day);
            let free = free.map_or(0, |place| exempt.swap_remove(place).0);
            visits.push((free - saved, *day, picked.clone()));
        }
        visits.extend(exempt);
        visits.sort_unstable();
        let bound = credits.iter().sum::<i64>() + visits.iter().map(|v| v.0).sum::<i64>();
        (bound, visits.into_iter().map(|(_, day, units)| (day, units)).collect())
    }

    /// The most a visit on this day can earn above its charge, the visit's own cost apart.
    fn best_on(
        &self,
        day: u16,
        units: &DayUnits,
        credits: &[i64],
        with_counted: bool,
    ) -> (i64, Vec<u16>) {
        let may_come = |u: u16| with_counted || !self.home.units[usize::from(u)].counts;
        let mut best = (0, Vec::new());
        let earns = |list: &[Item], scenario: Option<u32>| -> Vec<Item> {
            let earning = list.iter().filter(|(u, _, _)| {
                let unit = &self.home.units[usize::from(*u)];
                may_come(*u) && !unit.solo && scenario.is_none_or(|s| unit.scenarios.contains(&s))
            });
            let profit = earning.map(|(u, charge, m)| (*u, credits[usize::from(*u)] - charge, *m));
            profit.filter(|(_, profit, _)| *profit > 0).collect()
        };
        for (department, list) in units {
            let presence = self.presences.at(*department, day);
            let (profit, picked) = knapsack(&earns(list, None), self.home.max_visit_minutes);
            if profit - presence > best.0 {
                best = (profit - presence, picked);
            }
            // a unit alone, however long
            for (u, charge, _) in list.iter().filter(|(u, _, _)| may_come(*u)) {
                let profit = credits[usize::from(*u)] - charge - presence;
                if profit > best.0 {
                    best = (profit, vec![*u]);
                }
            }
        }
        for (scenario, departments_max, minutes_max) in &self.scenarios {
            let part = |(department, list): &(u32, Vec<_>)| {
                let (profit, picked) = knapsack(&earns(list, Some(*scenario)), *minutes_max);
                (profit - self.presences.at(*department, day), picked)
            };
            let mut parts: Vec<(i64, Vec<u16>)> =
                units.iter().map(part).filter(|(profit, _)| *profit > 0).collect();
            parts.sort_unstable_by(|a, b| b.cmp(a));
            parts.truncate(*departments_max);
            let profit: i64 = parts.iter().map(|part| part.0).sum();
            if profit > best.0 {
                best = (profit, parts.into_iter().flat_map(|part| part.1).collect());
            }
        }
        best
    }
}

/// Places of at most `most` days, each `gap` from the next, that save most together; days (calendar
/// number, saving) ascend.
fn most_apart(days: &[(i64, i64)], most: usize, gap: i64) -> Vec<usize> {
    let n = days.len();
    let most = most.min(n);
    // days before each that are far enough from it
    let apart: Vec<usize> = days
        .iter()
        .map(|(day, _)| days.partition_point(|other| other.0 + gap.max(1) <= *day))
        .collect();
    // number chosen × days looked at
    let mut best = vec![vec![0i64; n + 1]; most + 1];
    for chosen in 1..=most {
        for i in 0..n {
            best[chosen][i + 1] = best[chosen][i].max(best[chosen - 1][apart[i]] + days[i].1);
        }
    }
    let (mut chosen, mut i, mut places) = (most, n, Vec::new());
    while chosen > 0 && i > 0 {
        if best[chosen][i] == best[chosen][i - 1] {
            i -= 1;
        } else {
            places.push(i - 1);
            i = apart[i - 1];
            chosen -= 1;
        }
    }
    places
}

/// The most profit of units (unit, profit, minutes) within `limit` minutes, and units that attain
/// it; for long lists a bound of the profit, and units that come near it. Branch and bound on the fractional form, densest units first (Dantzig 1957).
pub(super) fn knapsack(units: &[Item], limit: i64) -> (i64, Vec<u16>) {
    if units.iter().map(|unit| unit.2).sum::<i64>() <= limit {
        return (units.iter().map(|unit| unit.1).sum(), units.iter().map(|unit| unit.0).collect());
    }
    let mut order: Vec<&Item> = units.iter().filter(|unit| unit.2 <= limit).collect();
    let dense = |a: &Item, b: &Item| i128::from(a.1) * i128::from(b.2);
    order.sort_by(|a, b| dense(b, a).cmp(&dense(a, b)).then(a.0.cmp(&b.0)));
    if order.len() > KNAPSACK_MAX {
        let (mut left, mut picked) = (limit, Vec::new());
        for (u, _, minutes) in &order {
            if *minutes <= left {
                left -= minutes;
                picked.push(*u);
            }
        }
        return (fraction(&order, limit), picked);
    }
    let mut search = Search { order: &order, best: 0, picked: 0 };
    search.branch(0, limit, 0, 0);
    let chosen = (0..order.len()).filter(|i| search.picked & (1 << i) != 0);
    let picked = chosen.map(|i| order[i].0).collect();
    (search.best, picked)
}

/// The most profit when a unit may come in part: no set within the limit has more.
fn fraction(order: &[&Item], limit: i64) -> i64 {
    let (mut left, mut profit) = (limit, 0);
    for (_, gain, minutes) in order {
        if *minutes > left {
            let part = i128::from(*gain) * i128::from(left) / i128::from(*minutes);
            return profit + i64::try_from(part).expect("a part is less than the whole");
        }
        left -= minutes;
        profit += gain;
    }
    profit
}

/// The search of a knapsack; `picked` holds places in `order`.
struct Search<'o> {
    order: &'o [&'o Item],
    best: i64,
    picked: u32,
}

impl Search<'_> {
    /// Decides the units from place `i` on, with `left` minutes and what is picked so far.
    fn branch(&mut self, i: usize, left: i64, profit: i64, picked: u32) {
        if profit > self.best {
            (self.best, self.picked) = (profit, picked);
        }
        // places that are left; when none is, the fraction is 0
        if profit + fraction(&self.order[i..], left) <= self.best {
            return;
        }
        let (_, gain, minutes) = *self.order[i];
        if minutes <= left {
            self.branch(i + 1, left - minutes, profit + gain, picked | 1 << i);
        }
        self.branch(i + 1, left, profit, picked);
    }
}

/// A visit in the making.
#[derive(Clone)]
struct Draft {
    stop: Stop,
    footprint: Footprint,
    /// What it saves against leaving its units out.
    saving: i64,
}

/// One enterprise under one oracle.
struct Site<'a, O> {
    instance: &'a Instance<'a>,
    home: &'a Home,
    oracle: &'a O,
    table: Table,
}

impl<O: Oracle> Site<'_, O> {
    /// All that `visited` targets could pay.
    fn visited_pay(&self) -> i64 {
        self.home.visited.iter().map(|(target, _)| self.oracle.target(*target).max(0)).sum()
    }

    fn value(&self, drafts: &[Draft]) -> i64 {
        let stops = drafts.iter().map(|draft| draft.stop.clone()).collect();
        Column::new(self.instance, self.home, stops).value(self.oracle)
    }

    /// The fixed visits.
    fn standing(&self) -> Vec<Draft> {
        let stops = Column::standing(self.instance, self.home).stops;
        let draft = |stop: &Stop| self.finish(stop.units.to_vec(), stop.day, stop.scenario);
        stops.iter().map(|stop| draft(stop).expect("fixed visits fit")).collect()
    }

    fn left(&self, drafts: &[Draft]) -> BTreeSet<u16> {
        let covered = |u: &u16| drafts.iter().any(|draft| draft.stop.units.contains(u));
        (0..self.home.units.len() as u16).filter(|u| !covered(u)).collect()
    }

    /// Adds the visit of those of `units` that nobody covers yet, if the rules let it stand and it
    /// saves something.
    fn adopt(&self, drafts: &mut Vec<Draft>, day: u16, mut units: Vec<u16>) {
        units.retain(|u| !drafts.iter().any(|draft| draft.stop.units.contains(u)));
        let Some(first) = units.first() else { return };
        let all =
            |s: &&u32| units.iter().all(|u| self.home.units[usize::from(*u)].scenarios.contains(s));
        let scenarios = self.home.units[usize::from(*first)].scenarios.iter().filter(all);
        let chosen: Vec<Footprint> = drafts.iter().map(|draft| draft.footprint).collect();
        let draft = scenarios
            .chain([&ALONE])
            .filter_map(|scenario| self.finish(units.clone(), day, *scenario))
            .find(|draft| draft.saving > 0 && self.home.rules.allow(&chosen, &draft.footprint));
        drafts.extend(draft);
    }

    /// Widens the visits at hand, then adds the one that saves most until none saves anything.
    fn greedy(&self, mut drafts: Vec<Draft>) -> Vec<Draft> {
        let mut left = self.left(&drafts);
        for place in 0..drafts.len() {
            let base = drafts[place].stop.clone();
            let others = drafts.iter().enumerate().filter(|(i, _)| *i != place);
            let others: Vec<Footprint> = others.map(|(_, draft)| draft.footprint).collect();
            let wider = self.best_on(&left, base.day, &base.units, &others);
            if let Some(wider) = wider.filter(|wider| wider.saving > drafts[place].saving) {
                left.retain(|u| !wider.stop.units.contains(u));
                drafts[place] = wider;
            }
        }
        loop {
            let chosen: Vec<Footprint> = drafts.iter().map(|draft| draft.footprint).collect();
            let charges = left.iter().flat_map(|u| &self.table.charges[usize::from(*u)]);
            let open: BTreeSet<u16> = charges.map(|day| day.0).collect();
            let mut best: Option<Draft> = None;
            for day in open {
                if chosen.iter().any(|footprint| footprint.day == day) {
                    continue;
                }
                if let Some(draft) = self.best_on(&left, day, &[], &chosen)
                    && draft.saving > best.as_ref().map_or(0, |best| best.saving)
                {
                    best = Some(draft);
                }
            }
            let Some(best) = best else { return drafts };
            left.retain(|u| !best.stop.units.contains(u));
            drafts.push(best);
        }
    }

    /// Takes each visit back in turn and plans what is left anew, as long as that helps.
    fn polish(&self, mut plan: Vec<Draft>) -> Vec<Draft> {
        let mut value = self.value(&plan);
        let fixed = self.home.fixed.len();
        let mut place = fixed;
        while place < plan.len() {
            let mut rest = plan.clone();
            rest.remove(place);
            let other = self.greedy(rest);
            let other_value = self.value(&other);
            if other_value < value {
                (plan, value, place) = (other, other_value, fixed);
            } else {
                place += 1;
            }
        }
        plan
    }

    /// The visit on `day` that saves most, built around `base`, beside the visits `chosen`.
    fn best_on(
        &self,
        left: &BTreeSet<u16>,
        day: u16,
        base: &[u16],
        chosen: &[Footprint],
    ) -> Option<Draft> {
        let Self { home, table, .. } = self;
        // units that gain by coming, most first, by department
        let mut by_department: BTreeMap<u32, Vec<(i64, u16)>> = BTreeMap::new();
        for u in left {
            let Some(charge) = table.charge(*u, day) else { continue };
            let saving = table.skips[usize::from(*u)] - charge;
            if saving > 0 {
                let unit = &home.units[usize::from(*u)];
                by_department.entry(unit.department).or_default().push((-saving, *u));
            }
        }
        for list in by_department.values_mut() {
            list.sort_unstable();
        }
        let bases = base.iter().map(|u| &home.units[usize::from(*u)]);
        let shares = |scenario: u32, u: u16| {
            scenario == ALONE || home.units[usize::from(u)].scenarios.contains(&scenario)
        };
        let mut labels: BTreeSet<u32> = left
            .iter()
            .chain(base)
            .flat_map(|u| home.units[usize::from(*u)].scenarios.iter().copied())
            .filter(|s| bases.clone().all(|unit| unit.scenarios.contains(s)))
            .collect();
        labels.insert(ALONE);
        let mut best: Option<Draft> = None;
        let mut keep = |draft: Option<Draft>| {
            if let Some(draft) = draft
                && home.rules.allow(chosen, &draft.footprint)
                && best.as_ref().is_none_or(|b| draft.saving > b.saving)
            {
                best = Some(draft);
            }
        };
        for scenario in labels {
            let mut units = base.to_vec();
            let mut lists: Vec<(i64, u32)> = by_department
                .iter()
                .map(|(d, list)| {
                    let in_scenario = list.iter().filter(|(_, u)| shares(scenario, *u));
                    (in_scenario.map(|(saving, _)| saving).sum(), *d)
                })
                .collect();
            lists.sort_unstable();
            for (_, department) in lists {
                let before = units.len();
                for (_, u) in
                    by_department[&department].iter().filter(|(_, u)| shares(scenario, *u))
                {
                    units.push(*u);
                    if !self.may_share(&units, scenario) {
                        units.pop();
                    }
                }
                if scenario == ALONE {
                    // one department at a time; a solo unit stands alone in its own label
                    keep(self.finish(units.clone(), day, ALONE));
                    units.truncate(base.len());
                    continue;
                }
                // the department comes only if that pays
                let with = self.finish(units.clone(), day, scenario);
                let without = self.finish(units[..before].to_vec(), day, scenario);
                let is_worse = match (&with, &without) {
                    (None, _) => before > 0,
                    (Some(with), Some(without)) => with.saving <= without.saving,
                    (Some(_), None) => false,
                };
                if is_worse {
                    units.truncate(before);
                }
                keep(self.finish(units.clone(), day, scenario));
            }
        }
        if base.is_empty() {
            for u in left.iter().filter(|u| home.units[usize::from(**u)].solo) {
                if table.charge(*u, day).is_some() {
                    keep(self.finish(vec![*u], day, ALONE));
                }
            }
        }
        best
    }

    /// Whether units may be in one visit while it grows: a lone department under a scenario is judged
    /// as if others came.
    fn may_share(&self, units: &[u16], scenario: u32) -> bool {
        let (instance, home) = (self.instance, self.home);
        let members = units.iter().map(|u| &home.units[usize::from(*u)]);
        let first = members.clone().next().map(|unit| unit.department);
        if scenario == ALONE || members.clone().any(|unit| Some(unit.department) != first) {
            return instance.compose(home, members, scenario).is_some();
        }
        let limits = &instance.problem.facts().scenarios[scenario as usize];
        !members.clone().any(|unit| unit.solo)
            && members.clone().map(|unit| unit.minutes).sum::<i64>() <= limits.max_minutes
            && members.map(|unit| unit.crew).max().unwrap_or(0) <= limits.max_inspectors
    }

    /// The visit of exactly these units, or `None` where a rule or a cell forbids it. A scenario is
    /// dropped when one department is left.
    fn finish(&self, mut units: Vec<u16>, day: u16, scenario: u32) -> Option<Draft> {
        let Self { instance, home, oracle, table } = self;
        units.sort_unstable();
        let members = units.iter().map(|u| &home.units[usize::from(*u)]);
        let department = members.clone().next()?.department;
        let is_joint = members.clone().any(|unit| unit.department != department);
        let scenario = if is_joint { scenario } else { ALONE };
        let made = instance.compose(home, members.clone(), scenario)?;
        let mut charge = (home.visit_cost + home.attendance_cost * made.departments_count) * SCALE;
        for (pool, minutes) in &made.uses {
            if !instance.fits_alone(*pool, day, *minutes) {
                return None;
            }
            charge += oracle.cell(instance.cell(*pool, day), *minutes);
            if charge >= FORBIDDEN / 2 {
                return None;
            }
        }
        let mut saving = -charge;
        for (u, unit) in units.iter().zip(members) {
            let place = unit.days.binary_search_by_key(&day, |d| d.0).ok()?;
            let joint = if is_joint { &unit.joint[..] } else { &[] };
            let pay = unit.scheduled.iter().chain(joint).map(|(t, n)| oracle.target(*t) * n);
            // a fixed unit cannot be left out: what it saves is no reason for or against anything
            let skip = match table.skips[usize::from(*u)] {
                FORBIDDEN => 0,
                skip => skip,
            };
            saving += skip - unit.days[place].1 * SCALE + pay.sum::<i64>();
        }
        let footprint =
            Footprint { day, counts: made.counts, departments: made.departments, scenario };
        Some(Draft { stop: Stop { day, scenario, units: units.into() }, footprint, saving })
    }
}
