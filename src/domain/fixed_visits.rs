//! Whether the fixed visits of a problem keep the rules, alone and together.
//!
//! Fixed visits name no scenario, so those of one enterprise keep rules 1 to 7 if some choice of
//! scenarios does. The choices are tried as an odometer counts: for each visit the scenarios that
//! can matter are listed ([`choices`]), the last visit's scenario turns fastest, and each full turn
//! moves the scenario of the visit before by one. The first combination without a violation ends
//! the search. Where there is none, or none among the first [`COMBINATIONS_MAX`], what the very
//! first combination breaks is reported. Enterprises do not meet in rules 1 to 7, so each is
//! searched by itself. Rule 8 sees no scenarios: it is checked once, for all visits.

use super::check::{self, Violation};
use super::message::Message;
use super::plan::{Plan, Visit};
use super::problem::{Defect, Problem, Scenario};
use crate::message;
use std::collections::{BTreeMap, BTreeSet};

/// Combinations of scenarios tried for the fixed visits of one enterprise before they are said not
/// to fit.
const COMBINATIONS_MAX: usize = 10_000;

/// Fixed visits that break rules 1 to 8, alone or together, are defects of the problem, here by the
/// visits' places.
pub(super) fn inspect(problem: &Problem) -> Vec<(usize, Defect)> {
    let mut defects = Vec::new();
    let facts = problem.facts();
    let mut reported = BTreeSet::new();
    // `at`: positions of the fixed visits that were checked together
    let mut report = |violation: Violation, at: &[usize]| {
        // a violation of one visit points at it, any other at the first of those involved
        let in_plan = violation.pointer.rsplit('/').next().and_then(|k| k.parse::<usize>().ok());
        let i = in_plan.map_or(at[0], |k| at[k]);
        let message = breaks(violation);
        if reported.insert((i, message.to_string())) {
            defects.push((i, Defect::at(format!("/fixed/{i}"), message)));
        }
    };
    let mut visits_at: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (i, fixed) in facts.fixed.iter().enumerate() {
        visits_at.entry(&fixed.enterprise).or_default().push(i);
    }
    for at in visits_at.values() {
        for violation in violations_at_one(problem, at) {
            report(violation, at);
        }
    }
    let all: Vec<usize> = (0..facts.fixed.len()).collect();
    for violation in check::pools(problem, &plan(all.iter().map(|i| visit(problem, *i, None)))) {
        report(violation, &all);
    }
    defects
}

/// What the fixed visits at positions `at`, all of one enterprise, break of rules 1 to 7 whatever
/// their scenarios; empty where some combination of scenarios keeps the rules.
fn violations_at_one(problem: &Problem, at: &[usize]) -> Vec<Violation> {
    let choices: Vec<Vec<Option<&Scenario>>> = at.iter().map(|i| choices(problem, *i)).collect();
    // for each visit the place of its scenario among its choices
    let mut picks = vec![0; at.len()];
    let mut first: Option<Vec<Violation>> = None;
    for _ in 0..COMBINATIONS_MAX {
        let visits = (0..at.len()).map(|k| visit(problem, at[k], choices[k][picks[k]]));
        let found = check::one_enterprise(problem, &plan(visits));
        if found.is_empty() {
            return Vec::new();
        }
        first.get_or_insert(found);
        // the last visit that has a scenario left takes it, those after it begin anew
        let Some(k) = (0..at.len()).rev().find(|k| picks[*k] + 1 < choices[*k].len()) else {
            break;
        };
        picks[k] += 1;
        picks[k + 1..].fill(0);
    }
    first.unwrap_or_default()
}

/// The scenarios to try for the fixed visit at position `i`, never none: `None` alone for a visit
/// that needs no scenario or fits in no scenario.
fn choices(problem: &Problem, i: usize) -> Vec<Option<&Scenario>> {
    let Some(mut fitting) = check::fitting_scenarios(problem, visit(problem, i, None)) else {
        return vec![None];
    };
    // scenarios that no cap here names are all alike: the first is tried for all of them
    let facts = problem.facts();
    let e = problem.enterprise(&facts.fixed[i].enterprise);
    let caps = e.map_or(&[][..], |e| &facts.enterprises[e].caps);
    let is_capped = |s: &Scenario| caps.iter().any(|cap| cap.scenario.as_deref() == Some(&s.id));
    let mut has_uncapped = false;
    fitting.retain(|s| is_capped(s) || !std::mem::replace(&mut has_uncapped, true));
    if fitting.is_empty() { vec![None] } else { fitting.into_iter().map(Some).collect() }
}

/// The fixed visit at position `i` as a plan would hold it.
fn visit(problem: &Problem, i: usize, scenario: Option<&Scenario>) -> Visit {
    let fixed = &problem.facts().fixed[i];
    Visit {
        enterprise: fixed.enterprise.clone(),
        date: fixed.date,
        requests: fixed.requests.clone(),
        scenario: scenario.map(|s| s.id.clone()),
    }
}

fn plan(visits: impl Iterator<Item = Visit>) -> Plan {
    Plan { problem: String::new(), visits: visits.collect() }
}

/// What is wrong with a problem whose fixed visits break a rule; each rule has a code of its own.
fn breaks(violation: Violation) -> Message {
    let Violation { rule, pointer: _, message } = violation;
    match rule {
        1 => message!("fixed-breaks-rule-1", what = message),
        2 => message!("fixed-breaks-rule-2", what = message),
        3 => message!("fixed-breaks-rule-3", what = message),
        4 => message!("fixed-breaks-rule-4", what = message),
        5 => message!("fixed-breaks-rule-5", what = message),
        6 => message!("fixed-breaks-rule-6", what = message),
        7 => message!("fixed-breaks-rule-7", what = message),
        _ => message!("fixed-breaks-rule-8", what = message),
    }
}
