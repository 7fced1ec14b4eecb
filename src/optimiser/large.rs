//! Enterprises with too many units to enumerate: a greedy plan, and a valid bound from below.
//!
//! **Bound** (linear prices only). Give each unit i a credit u_i so that no visit earns more than
//! it costs: for every day d, with r_id what unit i itself costs on d (days, priced use, less pay)
//! and A_kd what department k's presence costs at least,
//! Σ_k max(0, Σ_{i∈k} max(0, u_i − r_id) − A_kd) ≤ visit cost. Then any visit costs at least the
//! credits of its units, and with u_i ≤ penalty_i any plan costs at least Σ u_i (weak duality of
//! the covering LP; credits are raised greedily, in rounds, as far as every day allows). Limits on
//! departments, people, minutes, caps and gaps are left aside, which only lowers the bound.
//!
//! **Plan.** Visits are added one by one, always the one that saves most; each is built department
//! by department on its day.

use super::SCALE;
use super::column::{Column, Stop};
use super::instance::{ALONE, Footprint, Home, Instance, Unit};
use super::kernel::{FORBIDDEN, Oracle, Solved};
use std::collections::{BTreeMap, BTreeSet};

/// Solves a large enterprise: `value` is that of the plan found, `bound` is valid for linear
/// oracles and computed only when needed.
pub fn solve(
    instance: &Instance,
    home: &Home,
    oracle: &impl Oracle,
    needs_bound: bool,
) -> Solved {
    let table = Table::new(instance, home, oracle);
    let stops = greedy(instance, home, oracle, &table);
    let value = Column::new(instance, home, stops.clone()).value(oracle);
    let bound = if needs_bound { bound(instance, home, oracle, &table).min(value) } else { value };
    Solved { stops, value, bound }
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
                let uses = unit.uses.iter().map(|(p, m)| oracle.cell(instance.cell(*p, *day), *m));
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

/// See the head of the file.
fn bound(instance: &Instance, home: &Home, oracle: &impl Oracle, table: &Table) -> i64 {
    let pools = &instance.problem.facts().pools;
    let mut members: BTreeMap<u32, Vec<&Unit>> = BTreeMap::new();
    for unit in &home.units {
        members.entry(unit.department).or_default().push(unit);
    }
    // a pool's attendance is charged once a visit: shared out among the departments that may draw
    // on it, and left aside where a department may come without drawing on it
    let mut sharers: BTreeMap<u32, i64> = BTreeMap::new();
    for units in members.values() {
        let drawn: BTreeSet<u32> = units.iter().flat_map(|u| u.uses.iter().map(|x| x.0)).collect();
        for pool in drawn {
            *sharers.entry(pool).or_default() += 1;
        }
    }
    let presence = |department: u32, day: u16| {
        let units = &members[&department];
        let always = |pool: &u32| units.iter().all(|u| u.uses.iter().any(|x| x.0 == *pool));
        let pools_drawn = units[0].uses.iter().map(|x| x.0).filter(always);
        let once = pools_drawn.map(|pool| {
            let minutes = pools[pool as usize].attendance_minutes;
            oracle.cell(instance.cell(pool, day), minutes) / sharers[&pool]
        });
        home.attendance_cost * SCALE + once.sum::<i64>()
    };
    let departments: BTreeMap<u32, usize> =
        members.keys().enumerate().map(|(place, department)| (*department, place)).collect();
    let days = instance.days.len();
    let visit = home.visit_cost * SCALE;
    let mut presences = vec![0; departments.len() * days];
    for (department, place) in &departments {
        for day in 0..days {
            presences[place * days + day] = presence(*department, day as u16);
        }
    }
    // credit above charge, summed over a department's units on a day
    let mut excess = vec![0i64; departments.len() * days];
    // what the departments take of the visit's cost on a day
    let mut taken = vec![0i64; days];
    // a unit that pays for coming starts so low that no day's excess is above nothing
    let lowest = |days: &Vec<(u16, i64)>| days.iter().map(|d| d.1).min().unwrap_or(0).min(0);
    let mut credits: Vec<i64> = table.charges.iter().map(lowest).collect();
    let mut order: Vec<usize> = (0..home.units.len()).collect();
    order.sort_by_key(|u| (table.charges[*u].len(), *u));
    const ROUNDS: i64 = 8;
    for round in 1..=ROUNDS {
        for u in &order {
            let unit = &home.units[*u];
            let place = departments[&unit.department];
            let mut limit = match table.skips[*u] {
                FORBIDDEN => FORBIDDEN,
                skip => skip * round / ROUNDS,
            };
            for (day, charge) in &table.charges[*u] {
                let at = place * days + usize::from(*day);
                let own = (credits[*u] - charge).max(0);
                let others = taken[usize::from(*day)] - (excess[at] - presences[at]).max(0);
                let room = presences[at] + visit - others - (excess[at] - own);
                limit = limit.min(charge + room.max(0));
            }
            if limit <= credits[*u] {
                continue;
            }
            for (day, charge) in &table.charges[*u] {
                let at = place * days + usize::from(*day);
                let before = (excess[at] - presences[at]).max(0);
                excess[at] += (limit - charge).max(0) - (credits[*u] - charge).max(0);
                taken[usize::from(*day)] += (excess[at] - presences[at]).max(0) - before;
            }
            credits[*u] = limit;
        }
    }
    let visited: i64 = home.visited.iter().map(|(target, _)| oracle.target(*target).max(0)).sum();
    credits.iter().sum::<i64>() - visited
}

/// A visit in the making.
struct Draft {
    stop: Stop,
    footprint: Footprint,
    /// What it saves against leaving its units out.
    saving: i64,
}

fn greedy(instance: &Instance, home: &Home, oracle: &impl Oracle, table: &Table) -> Vec<Stop> {
    let mut drafts: Vec<Draft> = Vec::new();
    let mut left: BTreeSet<u16> = (0..home.units.len() as u16).collect();
    // fixed visits first, all of them, then widened
    for stop in Column::standing(instance, home).stops {
        let draft = finish(instance, home, oracle, table, stop.units.to_vec(), stop.day, stop.scenario);
        drafts.push(draft.expect("fixed visits fit"));
    }
    for draft in &drafts {
        left.retain(|u| !draft.stop.units.contains(u));
    }
    for place in 0..drafts.len() {
        let (day, base) = (drafts[place].stop.day, drafts[place].stop.units.to_vec());
        let others: Vec<Footprint> =
            drafts.iter().enumerate().filter(|(i, _)| *i != place).map(|(_, d)| d.footprint).collect();
        let wider = best_on(instance, home, oracle, table, &left, day, &base, &others);
        if let Some(wider) = wider.filter(|wider| wider.saving > drafts[place].saving) {
            left.retain(|u| !wider.stop.units.contains(u));
            drafts[place] = wider;
        }
    }
    loop {
        let chosen: Vec<Footprint> = drafts.iter().map(|draft| draft.footprint).collect();
        let open: BTreeSet<u16> =
            left.iter().flat_map(|u| table.charges[usize::from(*u)].iter().map(|d| d.0)).collect();
        let mut best: Option<Draft> = None;
        for day in open {
            if chosen.iter().any(|footprint| footprint.day == day) {
                continue;
            }
            let draft = best_on(instance, home, oracle, table, &left, day, &[], &chosen);
            if let Some(draft) = draft.filter(|d| d.saving > 0) {
                if best.as_ref().is_none_or(|b| draft.saving > b.saving) {
                    best = Some(draft);
                }
            }
        }
        let Some(best) = best else { break };
        left.retain(|u| !best.stop.units.contains(u));
        drafts.push(best);
    }
    drafts.into_iter().map(|draft| draft.stop).collect()
}

/// The visit on `day` that saves most, built around `base`, beside the visits `chosen`.
#[allow(clippy::too_many_arguments)]
fn best_on(
    instance: &Instance,
    home: &Home,
    oracle: &impl Oracle,
    table: &Table,
    left: &BTreeSet<u16>,
    day: u16,
    base: &[u16],
    chosen: &[Footprint],
) -> Option<Draft> {
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
        if let Some(draft) = draft {
            if home.rules.allow(chosen, &draft.footprint)
                && best.as_ref().is_none_or(|b| draft.saving > b.saving)
            {
                best = Some(draft);
            }
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
            for (_, u) in by_department[&department].iter().filter(|(_, u)| shares(scenario, *u)) {
                units.push(*u);
                if !may_share(instance, home, &units, scenario) {
                    units.pop();
                }
            }
            if scenario == ALONE {
                // one department at a time; a solo unit stands alone in its own label
                keep(finish(instance, home, oracle, table, units.clone(), day, ALONE));
                units.truncate(base.len());
                continue;
            }
            // the department comes only if that pays
            let with = finish(instance, home, oracle, table, units.clone(), day, scenario);
            let without =
                finish(instance, home, oracle, table, units[..before].to_vec(), day, scenario);
            let is_worse = match (&with, &without) {
                (None, _) => before > 0,
                (Some(with), Some(without)) => with.saving <= without.saving,
                (Some(_), None) => false,
            };
            if is_worse {
                units.truncate(before);
            }
            keep(finish(instance, home, oracle, table, units.clone(), day, scenario));
        }
    }
    if base.is_empty() {
        for u in left.iter().filter(|u| home.units[usize::from(**u)].solo) {
            if table.charge(*u, day).is_some() {
                keep(finish(instance, home, oracle, table, vec![*u], day, ALONE));
            }
        }
    }
    best
}

/// Whether units may be in one visit while it grows: a lone department under a scenario is judged
/// as if others came.
fn may_share(instance: &Instance, home: &Home, units: &[u16], scenario: u32) -> bool {
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
fn finish(
    instance: &Instance,
    home: &Home,
    oracle: &impl Oracle,
    table: &Table,
    mut units: Vec<u16>,
    day: u16,
    scenario: u32,
) -> Option<Draft> {
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
    let footprint = Footprint {
        day,
        counts: made.counts,
        departments: made.departments,
        scenario,
    };
    Some(Draft { stop: Stop { day, scenario, units: units.into() }, footprint, saving })
}
