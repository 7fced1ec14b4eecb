//! Plans of an enterprise with too many units to enumerate, visit by visit.
//!
//! Visits are added one by one, the one that saves most first, each built department by department
//! on its day; then each visit in turn is taken back and what is left is planned anew, as long as
//! that helps.

use super::super::SCALE;
use super::super::column::{Column, VisitChoice};
use super::super::instance::{ALONE, DayCost, EnterpriseModel, Instance, PoolUse, TargetGain};
use super::super::oracle::{FORBIDDEN, Oracle};
use super::super::rules::Footprint;
use std::collections::{BTreeMap, BTreeSet};

/// What each unit charges by itself on each of its days, pay deducted; attendance apart.
pub struct Table {
    /// For each unit its days with charge; fixed units have their fixed day only.
    pub charges: Vec<Vec<(u16, i64)>>,
    /// Charge for leaving each unit out.
    pub skips: Vec<i64>,
}

impl Table {
    fn new(instance: &Instance, model: &EnterpriseModel, oracle: &impl Oracle) -> Self {
        let mut charges = Vec::with_capacity(model.units.len());
        let mut skips = Vec::with_capacity(model.units.len());
        for (u, unit) in model.units.iter().enumerate() {
            let fixed = model.fixed.iter().find(|fixed| fixed.units.contains(&(u as u16)));
            let pay = |list: &[TargetGain]| -> i64 {
                list.iter().map(|gain| oracle.target(gain.target) * gain.requests).sum()
            };
            let pay = pay(&unit.scheduled) + pay(&unit.joint);
            let charge = |on: &DayCost| {
                let draw = |used: &PoolUse| {
                    oracle.linear_cell(instance.cell(used.pool, on.day()), used.minutes)
                };
                let uses = unit.uses.iter().map(draw);
                let charge = uses.fold(on.cost() * SCALE - pay, |sum, c| (sum + c).min(FORBIDDEN));
                (on.day(), charge)
            };
            let days = unit.days.iter().filter(|d| fixed.is_none_or(|fixed| fixed.day == d.day()));
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

/// A visit in the making.
#[derive(Clone)]
pub struct Draft {
    pub choice: VisitChoice,
    pub footprint: Footprint,
    /// What it saves against leaving its units out.
    saving: i64,
}

/// One enterprise under one oracle.
pub struct Site<'a, O> {
    pub instance: &'a Instance<'a>,
    pub model: &'a EnterpriseModel,
    pub oracle: &'a O,
    pub table: Table,
}

impl<'a, O: Oracle> Site<'a, O> {
    pub fn new(instance: &'a Instance<'a>, model: &'a EnterpriseModel, oracle: &'a O) -> Self {
        Self { instance, model, oracle, table: Table::new(instance, model, oracle) }
    }

    pub fn value(&self, drafts: &[Draft]) -> i64 {
        let choices = drafts.iter().map(|draft| draft.choice.clone()).collect();
        Column::new(self.instance, self.model, choices).value(self.oracle)
    }

    /// The fixed visits.
    pub fn fixed_visits(&self) -> Vec<Draft> {
        let choices = Column::fixed_only(self.instance, self.model).choices;
        let draft =
            |choice: &VisitChoice| self.finish(choice.units.to_vec(), choice.day, choice.scenario);
        choices.iter().map(|choice| draft(choice).expect("fixed visits fit")).collect()
    }

    pub fn left(&self, drafts: &[Draft]) -> BTreeSet<u16> {
        let covered = |u: &u16| drafts.iter().any(|draft| draft.choice.units.contains(u));
        (0..self.model.units.len() as u16).filter(|u| !covered(u)).collect()
    }

    /// Adds the visit of those of `units` that nobody covers yet, if the rules allow it and it saves
    /// something.
    pub fn adopt(&self, drafts: &mut Vec<Draft>, day: u16, mut units: Vec<u16>) {
        units.retain(|u| !drafts.iter().any(|draft| draft.choice.units.contains(u)));
        let Some(first) = units.first() else { return };
        let all = |s: &&u32| {
            units.iter().all(|u| self.model.units[usize::from(*u)].scenarios.contains(s))
        };
        let scenarios = self.model.units[usize::from(*first)].scenarios.iter().filter(all);
        let chosen: Vec<Footprint> = drafts.iter().map(|draft| draft.footprint).collect();
        let draft = scenarios
            .chain([&ALONE])
            .filter_map(|scenario| self.finish(units.clone(), day, *scenario))
            .find(|draft| draft.saving > 0 && self.model.rules.allow(&chosen, &draft.footprint));
        drafts.extend(draft);
    }

    /// Widens the visits at hand, then adds the one that saves most until none saves anything.
    pub fn greedy(&self, mut drafts: Vec<Draft>) -> Vec<Draft> {
        let mut left = self.left(&drafts);
        for place in 0..drafts.len() {
            let base = drafts[place].choice.clone();
            let others = drafts.iter().enumerate().filter(|(i, _)| *i != place);
            let others: Vec<Footprint> = others.map(|(_, draft)| draft.footprint).collect();
            let wider = self.best_on(&left, base.day, &base.units, &others);
            if let Some(wider) = wider.filter(|wider| wider.saving > drafts[place].saving) {
                left.retain(|u| !wider.choice.units.contains(u));
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
            left.retain(|u| !best.choice.units.contains(u));
            drafts.push(best);
        }
    }

    /// Takes each visit back in turn and plans what is left anew, as long as that helps.
    pub fn polish(&self, mut plan: Vec<Draft>) -> Vec<Draft> {
        let mut value = self.value(&plan);
        let fixed = self.model.fixed.len();
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
        let Self { model, table, .. } = self;
        // units that gain by coming, most first, by department
        let mut by_department: BTreeMap<u32, Vec<(i64, u16)>> = BTreeMap::new();
        for u in left {
            let Some(charge) = table.charge(*u, day) else { continue };
            let saving = table.skips[usize::from(*u)] - charge;
            if saving > 0 {
                let unit = &model.units[usize::from(*u)];
                by_department.entry(unit.department).or_default().push((-saving, *u));
            }
        }
        for list in by_department.values_mut() {
            list.sort_unstable();
        }
        let bases = base.iter().map(|u| &model.units[usize::from(*u)]);
        let shares = |scenario: u32, u: u16| {
            scenario == ALONE || model.units[usize::from(u)].scenarios.contains(&scenario)
        };
        let mut labels: BTreeSet<u32> = left
            .iter()
            .chain(base)
            .flat_map(|u| model.units[usize::from(*u)].scenarios.iter().copied())
            .filter(|s| bases.clone().all(|unit| unit.scenarios.contains(s)))
            .collect();
        labels.insert(ALONE);
        let mut best: Option<Draft> = None;
        let mut keep = |draft: Option<Draft>| {
            if let Some(draft) = draft
                && model.rules.allow(chosen, &draft.footprint)
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
                    // one department at a time; a solo unit is tried alone, below
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
            for u in left.iter().filter(|u| model.units[usize::from(**u)].solo) {
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
        let (instance, model) = (self.instance, self.model);
        let members = units.iter().map(|u| &model.units[usize::from(*u)]);
        let first = members.clone().next().map(|unit| unit.department);
        if scenario == ALONE || members.clone().any(|unit| Some(unit.department) != first) {
            return instance.compose(model, members, scenario).is_some();
        }
        let limits = &instance.problem.facts().scenarios[scenario as usize];
        !members.clone().any(|unit| unit.solo)
            && members.clone().map(|unit| unit.minutes).sum::<i64>() <= limits.max_minutes
            && members.map(|unit| unit.crew).max().unwrap_or(0) <= limits.max_inspectors
    }

    /// The visit of exactly these units, or `None` where a rule or a cell forbids it. A scenario is
    /// dropped when one department is left.
    pub fn finish(&self, mut units: Vec<u16>, day: u16, scenario: u32) -> Option<Draft> {
        let Self { instance, model, oracle, table } = self;
        units.sort_unstable();
        let members = units.iter().map(|u| &model.units[usize::from(*u)]);
        let department = members.clone().next()?.department;
        let is_joint = members.clone().any(|unit| unit.department != department);
        let scenario = if is_joint { scenario } else { ALONE };
        let made = instance.compose(model, members.clone(), scenario)?;
        let mut charge =
            (model.visit_cost + model.attendance_cost * made.departments_count) * SCALE;
        for used in &made.uses {
            if !instance.fits_alone(*used, day) {
                return None;
            }
            charge += oracle.cell(instance.cell(used.pool, day), used.minutes);
            if charge >= FORBIDDEN / 2 {
                return None;
            }
        }
        let mut saving = -charge;
        for (u, unit) in units.iter().zip(members) {
            let cost = unit.cost_on(day)?;
            let joint = if is_joint { &unit.joint[..] } else { &[] };
            let gains = unit.scheduled.iter().chain(joint);
            let pay = gains.map(|gain| oracle.target(gain.target) * gain.requests);
            // a fixed unit cannot be left out: what it saves is no reason for or against anything
            let skip = match table.skips[usize::from(*u)] {
                FORBIDDEN => 0,
                skip => skip,
            };
            saving += skip - cost * SCALE + pay.sum::<i64>();
        }
        let footprint =
            Footprint { day, counts: made.counts, departments: made.departments, scenario };
        Some(Draft {
            choice: VisitChoice { day, scenario, units: units.into() },
            footprint,
            saving,
        })
    }
}
