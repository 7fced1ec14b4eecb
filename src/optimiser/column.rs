//! A whole plan of one enterprise ("column"): the piece that everything else combines.

use super::instance::{EnterpriseModel, FixedVisit, Instance, Pattern, VisitedTarget};
use super::oracle::Oracle;
use super::rules::Footprint;
use crate::domain::problem::Cost;
use std::collections::BTreeMap;

/// One visit of a column.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VisitChoice {
    pub day: u16,
    pub scenario: u32,
    /// Units covered, ascending.
    pub units: Box<[u16]>,
}

impl VisitChoice {
    /// A visit of a pattern on a day.
    pub fn of(pattern: &Pattern, day: u16) -> Self {
        Self { day, scenario: pattern.scenario, units: pattern.units().collect() }
    }
}

/// A plan of one enterprise that breaks none of its rules, with what it costs by itself and what
/// it takes from and gives to the rest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    pub choices: Box<[VisitChoice]>,
    /// Visits, attendance, days, and penalties of the units left out.
    pub cost: Cost,
    /// Person-minutes drawn from each cell, ascending by cell.
    pub loads: Box<[(u32, i64)]>,
    /// What it reaches of each target, ascending by target.
    pub gains: Box<[(u32, i64)]>,
}

impl Column {
    /// The column of these visits.
    ///
    /// # Panics
    /// When a visit's units may not share a visit.
    pub fn new(
        instance: &Instance,
        model: &EnterpriseModel,
        mut choices: Vec<VisitChoice>,
    ) -> Self {
        choices.sort_by_key(|choice| choice.day);
        let mut left_out = vec![true; model.units.len()];
        let mut cost = 0;
        let mut loads: BTreeMap<u32, i64> = BTreeMap::new();
        let mut gains: BTreeMap<u32, i64> = BTreeMap::new();
        for choice in &choices {
            let members = choice.units.iter().map(|u| &model.units[usize::from(*u)]);
            let made = instance.compose(model, members.clone(), choice.scenario);
            let made = made.expect("a column's visits obey the rules");
            cost += model.visit_cost + model.attendance_cost * made.departments_count;
            for used in made.uses {
                let cell = instance.cell(used.pool, choice.day) as u32;
                *loads.entry(cell).or_default() += used.minutes;
            }
            for unit in members {
                cost += unit.cost_on(choice.day).expect("the day is open to each unit");
                let joint = if made.departments_count > 1 { &unit.joint[..] } else { &[] };
                for gain in unit.scheduled.iter().chain(joint) {
                    *gains.entry(gain.target).or_default() += gain.requests;
                }
            }
            for u in &choice.units {
                left_out[usize::from(*u)] = false;
            }
        }
        cost += model
            .units
            .iter()
            .zip(&left_out)
            .filter(|(_, out)| **out)
            .map(|(u, _)| u.penalty)
            .sum::<Cost>();
        for VisitedTarget { target, units } in &model.visited {
            if units.iter().any(|u| !left_out[usize::from(*u)]) {
                *gains.entry(*target).or_default() += 1;
            }
        }
        Self {
            choices: choices.into(),
            cost,
            loads: loads.into_iter().collect(),
            gains: gains.into_iter().collect(),
        }
    }

    /// The least an enterprise can have: its fixed visits and nothing else.
    pub fn fixed_only(instance: &Instance, model: &EnterpriseModel) -> Self {
        // the scenario must fit all fixed visits together, as the problem guarantees some do
        let mut choices: Vec<VisitChoice> = Vec::new();
        let mut footprints: Vec<Footprint> = Vec::new();
        let found = choose(instance, model, &mut choices, &mut footprints);
        assert!(found, "fixed visits obey the rules");
        Self::new(instance, model, choices)
    }

    /// Its value under an oracle, scaled: cost, priced loads, less priced gains.
    pub fn value(&self, oracle: &impl Oracle) -> i64 {
        let loads = self.loads.iter().map(|(cell, m)| oracle.cell(*cell as usize, *m));
        let gains = self.gains.iter().map(|(target, n)| oracle.target(*target) * n);
        self.cost * super::SCALE + loads.sum::<i64>() - gains.sum::<i64>()
    }
}

/// Depth-first over the scenarios of the fixed visits.
fn choose(
    instance: &Instance,
    model: &EnterpriseModel,
    choices: &mut Vec<VisitChoice>,
    footprints: &mut Vec<Footprint>,
) -> bool {
    let Some(FixedVisit { day, units }) = model.fixed.get(choices.len()) else { return true };
    let first = &model.units[usize::from(units[0])];
    let scenarios = std::iter::once(super::instance::ALONE).chain(first.scenarios.iter().copied());
    for scenario in scenarios {
        let members = units.iter().map(|u| &model.units[usize::from(*u)]);
        if scenario != super::instance::ALONE
            && !members.clone().all(|unit| unit.scenarios.contains(&scenario))
        {
            continue;
        }
        let Some(made) = instance.compose(model, members, scenario) else { continue };
        let footprint =
            Footprint { day: *day, counts: made.counts, departments: made.departments, scenario };
        if model.rules.allow(footprints, &footprint) {
            choices.push(VisitChoice { day: *day, scenario, units: units.clone().into() });
            footprints.push(footprint);
            if choose(instance, model, choices, footprints) {
                return true;
            }
            choices.pop();
            footprints.pop();
        }
    }
    false
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
    pub choices: Vec<VisitChoice>,
    /// Their value under the oracle, unscheduled units included.
    pub value: i64,
    /// No set of visits has a lower value. Equal to `value` when solved exactly.
    pub bound: i64,
    /// Whether nothing was left untried.
    pub is_exact: bool,
}
