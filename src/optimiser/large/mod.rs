//! Enterprises with too many units to enumerate: a good plan (`greedy`), and a valid bound from
//! below (`relaxation`, whose days are made up of `contingent`s).
//!
//! A plan is built once from nothing and once from the visits that the relaxation likes best.

pub mod contingent;
mod greedy;
mod relaxation;

use super::column::{Column, VisitChoice};
use super::column::{Effort, Solved};
use super::instance::{ALONE, EXACT_UNITS_MAX, EnterpriseModel, Instance};
use super::oracle::Oracle;
use super::rules::Footprint;
use greedy::{Draft, Site};
use relaxation::{Climbed, Relaxation};

/// Solves a large enterprise: `value` is that of the plan found, `bound` is valid with
/// [`Effort::Bound`] and a linear oracle.
pub fn solve(
    instance: &Instance,
    model: &EnterpriseModel,
    oracle: &impl Oracle,
    effort: Effort,
) -> Solved {
    let site = Site::new(instance, model, oracle);
    let mut plan = site.greedy(site.fixed_visits());
    let mut value = site.value(&plan);
    let mut bound = value;
    if effort != Effort::Quick {
        let Climbed { bound: least, picks, .. } = Relaxation::new(&site).ascent(value);
        if effort == Effort::Bound {
            bound = least;
        }
        let mut drafts = site.fixed_visits();
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
    let choices = plan.into_iter().map(|draft| draft.choice).collect();
    Solved { choices, value, bound: bound.min(value), is_exact: false }
}

/// The credits that give the bound of [`solve`] at linear prices.
pub fn credits(instance: &Instance, model: &EnterpriseModel, oracle: &impl Oracle) -> Vec<i64> {
    let site = Site::new(instance, model, oracle);
    let value = site.value(&site.greedy(site.fixed_visits()));
    Relaxation::new(&site).ascent(value).credits
}

/// The bound that credits of the units give at linear prices.
#[cfg(test)]
pub fn bound_at(
    instance: &Instance,
    model: &EnterpriseModel,
    oracle: &impl Oracle,
    credits: &[i64],
) -> i64 {
    Relaxation::new(&Site::new(instance, model, oracle)).evaluate(credits).0
}

/// The best column that differs from `held` by one more unit: in a visit of its own or in one that
/// exists; `None` where no unit finds a place.
pub fn inserted(
    instance: &Instance,
    model: &EnterpriseModel,
    oracle: &impl Oracle,
    held: &Column,
) -> Option<Column> {
    if model.units.len() <= EXACT_UNITS_MAX {
        // the kernel has tried everything
        return None;
    }
    let site = Site::new(instance, model, oracle);
    let draft =
        |choice: &VisitChoice| site.finish(choice.units.to_vec(), choice.day, choice.scenario);
    let drafts: Vec<Draft> = held.choices.iter().filter_map(draft).collect();
    let left = site.left(&drafts);
    let mut best: Option<(i64, Column)> = None;
    for u in left {
        for (day, _) in &site.table.charges[usize::from(u)] {
            let base = drafts.iter().position(|draft| draft.choice.day == *day);
            let others = drafts.iter().enumerate().filter(|(i, _)| Some(*i) != base);
            let others: Vec<&Draft> = others.map(|(_, draft)| draft).collect();
            let chosen: Vec<Footprint> = others.iter().map(|draft| draft.footprint).collect();
            let mut units = base.map_or(Vec::new(), |i| drafts[i].choice.units.to_vec());
            units.push(u);
            let labels = model.units[usize::from(u)].scenarios.iter().copied().chain([ALONE]);
            let lists = |s: &u32| {
                let of = |u: &u16| model.units[usize::from(*u)].scenarios.contains(s);
                *s == ALONE || units.iter().all(of)
            };
            for label in labels.filter(lists) {
                let Some(draft) = site.finish(units.clone(), *day, label) else { continue };
                if !model.rules.allow(&chosen, &draft.footprint) {
                    continue;
                }
                let choices = others.iter().map(|other| other.choice.clone()).chain([draft.choice]);
                let column = Column::new(instance, model, choices.collect());
                let value = column.value(oracle);
                if best.as_ref().is_none_or(|best| value < best.0) {
                    best = Some((value, column));
                }
            }
        }
    }
    best.map(|(_, column)| column)
}
