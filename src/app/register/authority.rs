//! The authority report: items that many hold or nobody does, and what towns should have; and the
//! merged form of a visit's items.

use super::areas::{bodies, tree};
use crate::app::App;
use crate::app::access::{Action, Caller, Object};
use crate::app::error::{Error, Result};
use crate::domain::Defect;
use crate::domain::problem::Span;
use crate::domain::register::area::{AreaTree, Level};
use crate::domain::register::authority::{Entry, Matrix};
use crate::domain::register::staff::LAW_LICENCE;
use crate::domain::register::{form, uptake};
use crate::domain::words::Worded;
use crate::message;
use crate::store::Demand;
use crate::wire::register::authority::{
    AuthorityReport, CheckForm, FormQuestion, Gap, ManyHeaded, TownItem,
};
use crate::wire::register::{Authority, Body, BodyRole, Grade, Inspector, Item, Kind, Name};
use chrono::{Datelike, NaiveDate};
use std::collections::{BTreeMap, BTreeSet};

/// Most items of one form.
pub const FORM_ITEMS_MAX: usize = 200;

/// Who holds what on `day` (absent: today), over the demand of its calendar year.
pub fn report(app: &App, caller: &Caller, day: Option<NaiveDate>) -> Result<AuthorityReport> {
    // it shows how many people each town has
    caller.may(Action::ReadStaff, &Object::everywhere())?;
    let day = day.unwrap_or_else(|| app.today());
    let year = |month, date| NaiveDate::from_ymd_opt(day.year(), month, date).unwrap_or(day);
    let (from, to) = (year(1, 1), year(12, 31));
    app.store.read(|tx| {
        let tree = tree(tx)?;
        let entries: Vec<Entry> = tx.every::<Authority>()?.iter().map(Entry::from).collect();
        let items = tx.items(None, "", i64::MAX)?.into_iter().map(|row| row.value);
        let is_published = |item: &Item| {
            item.published_from.is_none_or(|from| from <= day)
                && item.published_to.is_none_or(|to| day <= to)
        };
        let county = County {
            day,
            workdays: workdays(app, Span { first: from, last: to }),
            areas: towns(&tree),
            items: items.filter(is_published).collect(),
            bodies: bodies(tx)?,
            inspectors: tx.every()?,
            demand: demand(tx.demand(from, to)?, &tree),
            tree: &tree,
        };
        let matrix = Matrix::new(&tree, &entries);
        let (many_headed, gaps) = county.heads(&matrix);
        let towns = county.town_items(&matrix);
        Ok(AuthorityReport {
            day,
            from,
            to,
            items: county.items.len(),
            areas: county.areas.len(),
            many_headed,
            gaps,
            towns,
        })
    })
}

/// Working days of a year; of one whose holidays are not known, its Mondays to Fridays.
fn workdays(app: &App, year: Span) -> i64 {
    let days = year.first.iter_days().take_while(|day| *day <= year.last);
    days.filter(|day| app.is_workday(*day)).count() as i64
}

/// Towns; where there are none, every area.
fn towns(tree: &AreaTree) -> Vec<String> {
    let of = |level| tree.of_level(level).map(str::to_owned);
    let towns: Vec<String> = of(Level::Town).collect();
    if !towns.is_empty() {
        return towns;
    }
    [Level::City, Level::County, Level::Village].into_iter().flat_map(of).collect()
}

/// What is asked for of an item in an area within a year.
#[derive(Clone, Copy, Debug, Default)]
struct Wanted {
    inspections: i64,
    minutes: i64,
    at_high_risk: i64,
}

/// Demand by area (those that an enterprise's area lies in, too) and item.
fn demand(list: Vec<Demand>, tree: &AreaTree) -> BTreeMap<(String, String), Wanted> {
    let mut wanted: BTreeMap<(String, String), Wanted> = BTreeMap::new();
    for Demand { item, area, risk, minutes } in list {
        for area in tree.chain(&area) {
            let wanted = wanted.entry((area.to_owned(), item.clone())).or_default();
            wanted.inspections += 1;
            wanted.minutes += minutes;
            wanted.at_high_risk += i64::from(matches!(risk, Grade::C | Grade::D));
        }
    }
    wanted
}

/// The register as far as the report goes.
struct County<'c> {
    day: NaiveDate,
    workdays: i64,
    areas: Vec<String>,
    items: Vec<Item>,
    bodies: BTreeMap<String, Body>,
    inspectors: Vec<Inspector>,
    demand: BTreeMap<(String, String), Wanted>,
    tree: &'c AreaTree,
}

impl County<'_> {
    fn wanted(&self, area: &str, item: &str) -> Wanted {
        self.demand.get(&(area.to_owned(), item.to_owned())).copied().unwrap_or_default()
    }

    fn heads(&self, matrix: &Matrix<'_>) -> (Vec<ManyHeaded>, Vec<Gap>) {
        let (mut many_headed, mut gaps) = (Vec::new(), Vec::new());
        for item in &self.items {
            let mut gap = Gap { item: item.id.clone(), areas: Vec::new(), demand: 0 };
            for area in &self.areas {
                let holders = matrix.holders(&item.id, area, self.day);
                if holders.len() > 1 {
                    many_headed.push(ManyHeaded {
                        item: item.id.clone(),
                        area: area.clone(),
                        bodies: holders.iter().map(|holding| holding.body.to_owned()).collect(),
                    });
                }
                if holders.is_empty() {
                    gap.areas.push(area.clone());
                    gap.demand += self.wanted(area, &item.id).inspections as usize;
                }
            }
            if !gap.areas.is_empty() {
                gaps.push(gap);
            }
        }
        (many_headed, gaps)
    }

    /// Items that each town has by delegation, and those that are wanted there often enough to ask
    /// whether it should.
    fn town_items(&self, matrix: &Matrix<'_>) -> Vec<TownItem> {
        let thresholds = uptake::Thresholds::default();
        let mut found = Vec::new();
        for area in &self.areas {
            let own: BTreeSet<&str> = self.own_bodies(area).map(|body| body.id.as_str()).collect();
            if own.is_empty() {
                continue;
            }
            let people: Vec<&Inspector> = self.people(&own).collect();
            let held: BTreeMap<&str, Option<&str>> = self
                .items
                .iter()
                .filter_map(|item| {
                    let holders = matrix.holders(&item.id, area, self.day);
                    let own = holders.iter().find(|holding| own.contains(holding.body))?;
                    Some((item.id.as_str(), own.delegator.map(|_| own.body)))
                })
                .collect();
            for item in &self.items {
                let is_held = held.get(item.id.as_str());
                let delegated_to = is_held.copied().flatten();
                let is_often = self.wanted(area, &item.id).inspections >= thresholds.demand_min;
                // what a town has by law is no matter of delegation
                let is_own = is_held.is_some() && delegated_to.is_none();
                if is_own || (delegated_to.is_none() && !is_often) {
                    continue;
                }
                let others = held.keys().filter(|id| **id != item.id);
                let committed = others.map(|id| self.wanted(area, id).minutes).sum();
                let facts = self.facts(area, item, &people, committed);
                found.push(town_item(area, item, delegated_to, facts, &thresholds));
            }
        }
        found
    }

    /// Bodies of the town itself, or of a village in it, that inspect.
    fn own_bodies(&self, area: &str) -> impl Iterator<Item = &Body> {
        self.bodies.values().filter(move |body| {
            body.role == BodyRole::Inspects && self.tree.contains(area, &body.area)
        })
    }

    /// Their inspectors whose certificates are good on the day.
    fn people<'p>(&'p self, own: &'p BTreeSet<&str>) -> impl Iterator<Item = &'p Inspector> {
        self.inspectors.iter().filter(|inspector| {
            own.contains(inspector.body.as_str())
                && (inspector.certificate_from..=inspector.certificate_to).contains(&self.day)
        })
    }

    fn facts(
        &self,
        area: &str,
        item: &Item,
        people: &[&Inspector],
        committed_minutes: i64,
    ) -> uptake::Facts {
        let has = |inspector: &Inspector, wanted: &str| {
            inspector.qualifications.iter().any(|qualification| qualification == wanted)
        };
        let qualified: Vec<&&Inspector> = people
            .iter()
            .filter(|i| item.qualification.as_ref().is_none_or(|wanted| has(i, wanted)))
            .collect();
        let minutes: i64 = qualified.iter().map(|i| i.minutes * self.workdays).sum();
        let Wanted { inspections, minutes: demand_minutes, at_high_risk } =
            self.wanted(area, &item.id);
        uptake::Facts {
            demand: inspections,
            demand_minutes,
            people: people.len() as i64,
            qualified: qualified.len() as i64,
            free_minutes: (minutes - committed_minutes).max(0),
            crew: item.inspectors.value,
            at_high_risk,
            has_law_licence: people.iter().any(|i| has(i, LAW_LICENCE)),
        }
    }
}

fn town_item(
    area: &str,
    item: &Item,
    delegated_to: Option<&str>,
    facts: uptake::Facts,
    thresholds: &uptake::Thresholds,
) -> TownItem {
    let (suggestion, reasons) = uptake::suggest(&facts, delegated_to.is_some(), thresholds);
    TownItem {
        area: area.to_owned(),
        item: item.id.clone(),
        delegated_to: delegated_to.map(str::to_owned),
        demand: facts.demand,
        demand_minutes: facts.demand_minutes,
        crew: facts.crew,
        people: facts.people,
        qualified: facts.qualified,
        free_minutes: facts.free_minutes,
        risk_percent: facts.risk_percent(),
        has_law_licence: facts.has_law_licence,
        suggestion,
        reasons: reasons.iter().map(|reason| reason.as_str().to_owned()).collect(),
    }
}

/// One form for these items, in their order.
pub fn check_form(app: &App, caller: &Caller, items: &[String]) -> Result<CheckForm> {
    caller.may(Action::ReadRegister, &Object::shared())?;
    if items.is_empty() || items.len() > FORM_ITEMS_MAX {
        let message = message!("out-of-range_items", count = items.len(), most = FORM_ITEMS_MAX);
        return Err(Error::defect("/items", message));
    }
    app.store.read(|tx| {
        let ids: Vec<&str> = items.iter().map(String::as_str).collect();
        let known = tx.known_keys(Kind::Items, &ids)?;
        let unknown = ids.iter().filter(|id| !known.contains(**id));
        let unknown = unknown.map(|id| Defect::at("/items", message!("unknown-item", id = *id)));
        let unknown: Vec<Defect> = unknown.collect();
        if !unknown.is_empty() {
            return Err(Error::Invalid(unknown));
        }
        let checks = tx.checks_of(items)?;
        let mut ordered = Vec::new();
        for item in items {
            ordered.extend(checks.iter().filter(|check| check.item == *item).map(|check| {
                form::Check {
                    item: check.item.clone(),
                    standard: check.standard.clone(),
                    zh: check.text.zh.clone(),
                    en: check.text.en.clone(),
                }
            }));
        }
        let questions = form::merge(&ordered).into_iter().map(|question| {
            let form::Question { zh, en, standards, items } = question;
            FormQuestion { text: Name { zh, en }, standards, items }
        });
        Ok(CheckForm {
            items: items.to_vec(),
            checks: ordered.len(),
            questions: questions.collect(),
        })
    })
}
