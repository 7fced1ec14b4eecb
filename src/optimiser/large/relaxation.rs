//! A valid bound for an enterprise with too many units to enumerate (linear prices only).
//!
//! Give each unit i a credit u_i ≤ what leaving it out costs, and let every day d hold the visit
//! that is best when it earns the credits of its units, whoever else covers them:
//!
//! L(u) = Σ_i u_i + Σ_d min(0, min over visits S on d of (charge(S, d) − Σ_{i ∈ S} u_i))
//!
//! is at most the charge of any plan (the rows "each unit at most once" moved into the objective).
//! Visits with a unit that counts are held on at most `visit_cap` days that keep their gap, the
//! best such days (a small dynamic programme); on the others only exempt units come. A day's best
//! visit falls apart by department (`contingent`), put together by a dynamic programme over
//! departments and people; it is exact where no two departments draw on one pool. Left aside, which
//! only lowers L: caps other than the visit cap, fixed visits' units being together, and part of
//! what a shared pool charges. Credits ascent by subgradient steps; any credits give a valid bound.

use super::super::SCALE;
use super::super::instance::{EnterpriseModel, Instance, PoolUse, Unit};
use super::super::oracle::Oracle;
use super::contingent::{Choice, Contingent, LABELS_MAX, PoolDay};
use super::greedy::Site;
use std::collections::{BTreeMap, BTreeSet};

/// Most steps of the credits' ascent.
const CREDIT_STEPS: usize = 150;
/// How much of each step's direction the next one keeps.
const MOMENTUM: f64 = 0.5;
/// The ascent ends when it hopes for no more than this share of the plan's value.
const HOPED_LAST: f64 = 0.001;

/// Where the credits' ascent ended.
pub struct Climbed {
    pub bound: i64,
    /// The days' best visits there, the one that earns most first.
    pub picks: Vec<(u16, Vec<u16>)>,
    /// The credit of each unit.
    pub credits: Vec<i64>,
}

/// What may be held on one day.
struct Day {
    day: u16,
    /// Units that may be held by themselves however long, with what that costs, presence included.
    singles: Vec<(u16, i64)>,
    contingents: Vec<Contingent>,
    /// Places of the contingents of visits by one department.
    alone: Vec<usize>,
    joint: Vec<Joint>,
}

/// Visits of two or more departments under one scenario.
struct Joint {
    departments_max: usize,
    people_max: i64,
    /// Places of the departments' contingents.
    contingents: Vec<usize>,
}

/// The relaxation of the head of the file.
pub struct Relaxation<'a, O> {
    model: &'a EnterpriseModel,
    oracle: &'a O,
    skips: &'a [i64],
    days: Vec<Day>,
    has_exempt: bool,
    /// All that `visited` targets could pay.
    visited_pay: i64,
}

impl<'a, O: Oracle> Relaxation<'a, O> {
    pub fn new(site: &'a Site<'_, O>) -> Self {
        let (model, oracle) = (site.model, site.oracle);
        let mut by_day: BTreeMap<u16, Vec<u16>> = BTreeMap::new();
        for (u, days) in site.table.charges.iter().enumerate() {
            for (day, _) in days {
                by_day.entry(*day).or_default().push(u as u16);
            }
        }
        let day =
            |(day, units): (u16, Vec<u16>)| Day::new(site.instance, model, oracle, day, &units);
        Self {
            model,
            oracle,
            skips: &site.table.skips,
            days: by_day.into_iter().map(day).collect(),
            has_exempt: model.units.iter().any(|unit| !unit.counts),
            visited_pay: model
                .visited
                .iter()
                .map(|reached| oracle.target(reached.target).max(0))
                .sum(),
        }
    }

    /// Climbs towards the best credits, given the value of a plan: from the highest on, each step in
    /// the direction of the slopes and of the step before, as long as would lift L to a target
    /// between the best bound and that value (Polyak 1969). The target sinks towards the best bound
    /// while nothing better comes.
    pub fn ascent(&self, value: i64) -> Climbed {
        let mut credits: Vec<i64> = self.skips.iter().map(|skip| (*skip).min(value)).collect();
        let mut best = Climbed { bound: i64::MIN, picks: Vec::new(), credits: credits.clone() };
        let mut direction = vec![0.0; credits.len()];
        let (mut step, mut misses) = (1.0, 0);
        for _ in 0..CREDIT_STEPS {
            let (bound, picks) = self.evaluate(&credits);
            direction.iter_mut().for_each(|slope| *slope = *slope * MOMENTUM + 1.0);
            for u in picks.iter().flat_map(|(_, units)| units) {
                direction[usize::from(*u)] -= 1.0;
            }
            if bound > best.bound {
                best = Climbed { bound, picks, credits: credits.clone() };
                misses = 0;
            } else {
                misses += 1;
                if misses == 3 {
                    (step, misses) = (step * 0.6, 0);
                }
            }
            // a credit at its limit that would rise does not move, and does not count
            for u in 0..credits.len() {
                if credits[u] >= self.skips[u] {
                    direction[u] = direction[u].min(0.0);
                }
            }
            let norm: f64 = direction.iter().map(|slope| slope * slope).sum();
            // aims a share of the way from the best bound to the plan's value
            let hoped = step * (value - best.bound) as f64;
            if norm == 0.0 || hoped <= value.abs() as f64 * HOPED_LAST {
                break;
            }
            let length = ((best.bound - bound) as f64 + hoped) / norm;
            for u in 0..credits.len() {
                let moved = credits[u] + (length * direction[u]) as i64;
                credits[u] = moved.min(self.skips[u]);
            }
        }
        best
    }

    /// L at these credits, and the visits that attain it.
    pub fn evaluate(&self, credits: &[i64]) -> (i64, Vec<(u16, Vec<u16>)>) {
        let visit_cost = self.model.visit_cost * SCALE;
        // each day's best visit of exempt units, and what a counted one saves besides
        let mut exempt: Vec<(i64, u16, Vec<u16>)> = Vec::new();
        let mut counted: Vec<(i64, u16, Vec<u16>)> = Vec::new();
        for site in &self.days {
            let day = site.day;
            let mut free = 0;
            if self.has_exempt {
                let (earned, picked) = self.best_on(site, credits, false);
                free = (visit_cost - earned).min(0);
                if free < 0 {
                    exempt.push((free, day, picked));
                }
            }
            let (earned, picked) = self.best_on(site, credits, true);
            let saved = free - (visit_cost - earned).min(0);
            if saved > 0 {
                counted.push((saved, day, picked));
            }
        }
        let days: Vec<(i64, i64)> = counted
            .iter()
            .map(|(saved, day, _)| (self.model.rules.ordinals[usize::from(*day)], *saved))
            .collect();
        let rules = &self.model.rules;
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
        let bound = credits.iter().sum::<i64>() + visits.iter().map(|v| v.0).sum::<i64>()
            - self.visited_pay;
        (bound, visits.into_iter().map(|(_, day, units)| (day, units)).collect())
    }

    /// The most a visit on this day can earn above its charge, the visit's own cost apart.
    fn best_on(&self, day: &Day, credits: &[i64], with_counted: bool) -> (i64, Vec<u16>) {
        let mut best = (0, Vec::new());
        for (u, cost) in &day.singles {
            let value = credits[usize::from(*u)] - cost;
            if value > best.0 && (with_counted || !self.model.units[usize::from(*u)].counts) {
                best = (value, vec![*u]);
            }
        }
        let presence = self.model.attendance_cost * SCALE;
        let choices = |contingent: &Contingent| {
            contingent.choices(self.oracle, presence, credits, with_counted, LABELS_MAX)
        };
        let choices: Vec<Vec<Choice>> = day.contingents.iter().map(choices).collect();
        for choice in day.alone.iter().filter_map(|contingent| choices[*contingent].last()) {
            if choice.value > best.0 {
                best = (choice.value, choice.units.clone());
            }
        }
        for joint in &day.joint {
            if let Some((value, picked)) = joint.best(&choices)
                && value > best.0
            {
                let units = picked.iter().flat_map(|choice| choice.units.iter().copied());
                best = (value, units.collect());
            }
        }
        best
    }
}

impl Day {
    fn new(
        instance: &Instance,
        model: &EnterpriseModel,
        oracle: &impl Oracle,
        day: u16,
        open: &[u16],
    ) -> Self {
        let facts = instance.problem.facts();
        let pool_day = |pool: u32, sharers: i64| {
            let cell = instance.cell(pool, day);
            PoolDay {
                pool,
                cell,
                attendance: facts.pools[pool as usize].attendance_minutes,
                most: instance.cells.most(cell),
                sharers,
            }
        };
        // what a unit costs on the day, less what targets pay for it
        let cost = |unit: &Unit, is_joint: bool| {
            let joint = if is_joint { &unit.joint[..] } else { &[] };
            let gains = unit.scheduled.iter().chain(joint);
            let pay = gains.map(|gain| oracle.target(gain.target) * gain.requests);
            unit.cost_on(day).expect("the day is open to it") * SCALE - pay.sum::<i64>()
        };
        let mut made = Self {
            day,
            singles: Vec::new(),
            contingents: Vec::new(),
            alone: Vec::new(),
            joint: vec![],
        };
        let units = || open.iter().map(|u| (*u, &model.units[usize::from(*u)]));
        for (u, unit) in units() {
            let is_long = unit.solo || unit.minutes > model.max_visit_minutes;
            if !is_long || unit.requests.len() > 1 {
                continue;
            }
            let part = |used: &PoolUse| pool_day(used.pool, 1).part(oracle, used.minutes);
            let parts = unit.uses.iter().map(part);
            if let Some(charge) = parts.sum::<Option<i64>>() {
                let presence = model.attendance_cost * SCALE;
                made.singles.push((u, cost(unit, false) + charge + presence));
            }
        }
        let departments: BTreeSet<u32> = units().map(|(_, unit)| unit.department).collect();
        for department in &departments {
            let units = units().filter(|(_, unit)| !unit.solo && unit.department == *department);
            let units = units.map(|(u, unit)| (u, unit, cost(unit, false)));
            let contingent =
                Contingent::new(units, |pool| pool_day(pool, 1), model.max_visit_minutes);
            if let Some(contingent) = contingent {
                let place = made.add(contingent);
                made.alone.push(place);
            }
        }
        let scenarios: BTreeSet<u32> =
            units().flat_map(|(_, unit)| unit.scenarios.iter().copied()).collect();
        for scenario in scenarios {
            let limits = &facts.scenarios[scenario as usize];
            let units =
                || units().filter(|(_, unit)| !unit.solo && unit.scenarios.contains(&scenario));
            let sharers = |pool: u32| {
                let drawing = units().filter(|(_, unit)| unit.draw(pool).is_some());
                let sharers = drawing.map(|(_, unit)| unit.department).collect::<BTreeSet<_>>();
                (sharers.len() as i64).min(limits.max_departments)
            };
            let contingents = departments.iter().filter_map(|department| {
                let units = units().filter(|(_, unit)| unit.department == *department);
                let units = units.map(|(u, unit)| (u, unit, cost(unit, true)));
                let contingent = |pool| pool_day(pool, sharers(pool));
                Contingent::new(units, contingent, limits.max_minutes)
            });
            let contingents: Vec<usize> =
                contingents.map(|contingent| made.add(contingent)).collect();
            if contingents.len() > 1 {
                made.joint.push(Joint {
                    departments_max: limits.max_departments as usize,
                    people_max: limits.max_inspectors,
                    contingents,
                });
            }
        }
        made
    }

    /// The place of a contingent; equal ones are kept once.
    fn add(&mut self, contingent: Contingent) -> usize {
        let known = self.contingents.iter().position(|known| *known == contingent);
        known.unwrap_or_else(|| {
            self.contingents.push(contingent);
            self.contingents.len() - 1
        })
    }
}

/// Departments put together so far: people, what they earn, the last choice (contingent, place) with the
/// place of the one before.
type Party = (i64, i64, Option<usize>);

/// Most parties of one number of departments; beyond it neighbours are merged into one at least as
/// good as both.
const PARTIES_MAX: usize = 1_024;

impl Joint {
    /// The most that choices of two or more departments earn together, and those choices.
    fn best<'c>(&self, choices: &'c [Vec<Choice>]) -> Option<(i64, Vec<&'c Choice>)> {
        let mut trail: Vec<(&Choice, Option<usize>)> = Vec::new();
        // by number of departments; people and values ascend
        let most = self.departments_max.min(self.contingents.len());
        let mut parties: Vec<Vec<Party>> = vec![Vec::new(); most + 1];
        parties[0].push((0, 0, None));
        for contingent in &self.contingents {
            for count in (0..most).rev() {
                let (from, to) = parties.split_at_mut(count + 1);
                let before = to[0].len();
                for (people, value, end) in &from[count] {
                    for choice in &choices[*contingent] {
                        if people + choice.crew > self.people_max {
                            break;
                        }
                        trail.push((choice, *end));
                        let end = Some(trail.len() - 1);
                        to[0].push((people + choice.crew, value + choice.value, end));
                    }
                }
                if to[0].len() > before {
                    prune(&mut to[0]);
                }
            }
        }
        let ends = parties.iter().skip(2).filter_map(|parties| parties.last());
        let (_, value, end) = ends.max_by_key(|party| party.1)?;
        let mut picked = Vec::new();
        let mut end = *end;
        while let Some((choice, before)) = end.map(|end| trail[end]) {
            picked.push(choice);
            end = before;
        }
        Some((*value, picked))
    }
}

/// Keeps those that no other beats in both people and value.
fn prune(parties: &mut Vec<Party>) {
    parties.sort_unstable_by_key(|party| (party.0, -party.1));
    let mut top = i64::MIN;
    parties.retain(|party| {
        let is_better = party.1 > top;
        top = top.max(party.1);
        is_better
    });
    while parties.len() > PARTIES_MAX {
        let merge = |two: &[Party]| (two[0].0, two[two.len() - 1].1, two[two.len() - 1].2);
        *parties = parties.chunks(2).map(merge).collect();
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
