//! The rules a plan must keep: one function a rule, numbered as the format's description numbers
//! them, each with stable codes. The checker shares nothing with the optimiser but the problem.

use super::loads::pool_loads;
use super::plan::{Plan, Visit};
use super::problem::{Enterprise, Problem, Request, Scenario};
use chrono::NaiveDate;
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// One broken rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Number of the rule, 1 to 9.
    pub rule: u8,
    /// Stable code, kebab case.
    pub code: &'static str,
    /// JSON pointer to the visit in the plan, or empty when it concerns no single visit.
    pub pointer: String,
    /// One sentence: what is broken, with the figures.
    pub message: String,
}

impl std::fmt::Display for Violation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let pointer = if self.pointer.is_empty() { "/" } else { &self.pointer };
        write!(f, "{pointer}: {} [rule {}, {}]", self.message, self.rule, self.code)
    }
}

/// A rule: adds what breaks it.
type Rule = fn(&Sheet, &mut Vec<Violation>);

/// The rules that each enterprise keeps by itself: 1 to 7.
const OF_ONE_ENTERPRISE: [Rule; 7] = [
    requests_belong,
    days_allowed,
    one_visit_a_day,
    solo_and_together,
    joint_within_scenario,
    alone_within_limits,
    caps_and_gaps,
];

/// Everything that is wrong with `plan`; empty for a valid plan.
///
/// Visits whose enterprise is unknown, and requests that are unknown, are reported by rule 1 and
/// passed over by the others.
pub fn check(problem: &Problem, plan: &Plan) -> Vec<Violation> {
    let sheet = Sheet::new(problem, plan);
    let others: [Rule; 2] = [pools_suffice, fixed_held];
    let apply = |rule: &Rule| {
        let mut found = Vec::new();
        rule(&sheet, &mut found);
        found
    };
    let rules = [&OF_ONE_ENTERPRISE[..], &others].concat();
    let found: Vec<Vec<Violation>> = rules.par_iter().with_max_len(1).map(apply).collect();
    found.concat()
}

/// What `plan`, of one enterprise, breaks of rules 1 to 7.
pub(super) fn one_enterprise(problem: &Problem, plan: &Plan) -> Vec<Violation> {
    let sheet = Sheet::new(problem, plan);
    let mut found = Vec::new();
    OF_ONE_ENTERPRISE.iter().for_each(|rule| rule(&sheet, &mut found));
    found
}

/// What `plan` breaks of rule 8.
pub(super) fn pools(problem: &Problem, plan: &Plan) -> Vec<Violation> {
    let mut found = Vec::new();
    pools_suffice(&Sheet::new(problem, plan), &mut found);
    found
}

/// The scenarios under which rule 5 allows `visit`; `None` where it needs none, because fewer than
/// two departments take part or its enterprise is unknown.
pub(super) fn fitting_scenarios(problem: &Problem, visit: Visit) -> Option<Vec<&Scenario>> {
    let plan = Plan { problem: String::new(), visits: vec![visit] };
    let sheet = Sheet::new(problem, &plan);
    let visit = sheet.visits.first().filter(|visit| visit.departments().len() > 1)?;
    let fits = |scenario: &&Scenario| {
        let mut found = Vec::new();
        joint_fits(visit, scenario, &mut found);
        found.is_empty()
    };
    Some(problem.facts().scenarios.iter().filter(fits).collect())
}

/// A plan with its references resolved.
struct Sheet<'a> {
    problem: &'a Problem,
    plan: &'a Plan,
    visits: Vec<Resolved<'a>>,
}

struct Resolved<'a> {
    /// Place in the plan.
    place: usize,
    visit: &'a Visit,
    enterprise: &'a Enterprise,
    requests: Vec<&'a Request>,
}

impl<'a> Sheet<'a> {
    fn new(problem: &'a Problem, plan: &'a Plan) -> Self {
        let facts = problem.facts();
        let resolve = |(place, visit): (usize, &'a Visit)| {
            let enterprise = &facts.enterprises[problem.enterprise(&visit.enterprise)?];
            let known = visit.requests.iter().filter_map(|id| problem.request(id));
            let requests = known.map(|r| &facts.requests[r]).collect();
            Some(Resolved { place, visit, enterprise, requests })
        };
        let visits = plan.visits.iter().enumerate().filter_map(resolve).collect();
        Self { problem, plan, visits }
    }

    /// Visits by enterprise id, those of each in order of days.
    fn by_enterprise(&self) -> Vec<Vec<&Resolved<'a>>> {
        let mut visits: Vec<&Resolved> = self.visits.iter().collect();
        visits.sort_by_key(|v| (v.enterprise.id.as_str(), v.visit.date));
        let same = |a: &&Resolved, b: &&Resolved| std::ptr::eq(a.enterprise, b.enterprise);
        visits.chunk_by(same).map(<[_]>::to_vec).collect()
    }
}

impl<'a> Resolved<'a> {
    fn departments(&self) -> BTreeSet<&'a str> {
        self.requests.iter().map(|r| r.department.as_str()).collect()
    }

    /// Departments that take part with a request that is not exempt.
    fn counted_departments(&self) -> BTreeSet<&'a str> {
        let counted = self.requests.iter().filter(|r| !r.exempt);
        counted.map(|r| r.department.as_str()).collect()
    }

    /// Whether it covers a request that is not exempt.
    fn counts(&self) -> bool {
        self.requests.iter().any(|r| !r.exempt)
    }

    /// On-site minutes of each department.
    fn minutes(&self) -> BTreeMap<&'a str, i64> {
        let mut minutes = BTreeMap::new();
        for r in &self.requests {
            *minutes.entry(r.department.as_str()).or_insert(0) += r.minutes;
        }
        minutes
    }

    fn broken(&self, rule: u8, code: &'static str, what: String) -> Violation {
        let message = format!("{} on {}: {what}", self.visit.enterprise, self.visit.date);
        Violation { rule, code, pointer: format!("/visits/{}", self.place), message }
    }
}

/// Rule 1: every visit has a request, all of its enterprise; no request is in two visits.
fn requests_belong(sheet: &Sheet, found: &mut Vec<Violation>) {
    let mut is_seen = vec![false; sheet.problem.facts().requests.len()];
    let mut unknown: BTreeSet<&str> = BTreeSet::new();
    for (place, visit) in sheet.plan.visits.iter().enumerate() {
        let mut report = |code, what: String| {
            let message = format!("{} on {}: {what}", visit.enterprise, visit.date);
            found.push(Violation { rule: 1, code, pointer: format!("/visits/{place}"), message });
        };
        if visit.requests.is_empty() {
            report("empty-visit", "covers no request".into());
        }
        if sheet.problem.enterprise(&visit.enterprise).is_none() {
            report("unknown-enterprise", "no enterprise has this id".into());
        }
        for id in &visit.requests {
            let request = sheet.problem.request(id);
            match request {
                None => report("unknown-request", format!("no request has the id {id}")),
                Some(r) if sheet.problem.facts().requests[r].enterprise != visit.enterprise => {
                    report("other-enterprise", format!("request {id} is for another enterprise"));
                }
                Some(_) => {}
            }
            let is_again = match request {
                None => !unknown.insert(id),
                Some(r) => std::mem::replace(&mut is_seen[r], true),
            };
            if is_again {
                report("covered-twice", format!("request {id} is in another visit already"));
            }
        }
    }
}

/// Rule 2: the day is open to the enterprise and inside the window of each request.
fn days_allowed(sheet: &Sheet, found: &mut Vec<Violation>) {
    let facts = sheet.problem.facts();
    for v in &sheet.visits {
        let day = v.visit.date;
        if day < facts.start || day > facts.end {
            found.push(v.broken(2, "outside-horizon", "the day is outside the horizon".into()));
        }
        if facts.closed_days.contains(&day) {
            found.push(v.broken(2, "closed-day", "nobody visits anyone that day".into()));
        }
        if v.enterprise.is_closed(day) {
            found.push(v.broken(2, "enterprise-closed", "the enterprise is closed".into()));
        }
        let quiet = v.enterprise.is_quiet(day);
        for r in &v.requests {
            if day < r.earliest || day > r.latest {
                let what = format!("request {} may be held {} to {}", r.id, r.earliest, r.latest);
                found.push(v.broken(2, "outside-window", what));
            }
            if quiet && !r.is_quiet_exempt() {
                let what = format!("a quiet day, and request {} is not quiet-exempt", r.id);
                found.push(v.broken(2, "quiet-day", what));
            }
        }
    }
}

/// Rule 3: at most one visit a day at an enterprise.
fn one_visit_a_day(sheet: &Sheet, found: &mut Vec<Violation>) {
    for list in sheet.by_enterprise() {
        for pair in list.windows(2).filter(|pair| pair[0].visit.date == pair[1].visit.date) {
            let what = "another visit is on the same day".to_owned();
            found.push(pair[1].broken(3, "two-visits-a-day", what));
        }
    }
}

/// Rule 4: a solo request is alone; a group is in one visit or in none.
fn solo_and_together(sheet: &Sheet, found: &mut Vec<Violation>) {
    for v in sheet.visits.iter().filter(|v| v.requests.len() > 1) {
        for r in v.requests.iter().filter(|r| r.solo) {
            found.push(v.broken(4, "solo-shared", format!("request {} never shares", r.id)));
        }
    }
    for v in &sheet.visits {
        let mut here: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
        for r in &v.requests {
            if let (Some(group), Some(place)) = (&r.together, sheet.problem.request(&r.id)) {
                let size = sheet.problem.group_size(place);
                here.entry(group).or_insert((0, size)).0 += 1;
            }
        }
        for (group, (n, size)) in here {
            if n < size {
                let what = format!("{n} of the {size} requests of group {group}");
                found.push(v.broken(4, "group-torn", what));
            }
        }
    }
}

/// Rule 5: a visit of two or more departments stays within a scenario that each request lists.
fn joint_within_scenario(sheet: &Sheet, found: &mut Vec<Violation>) {
    for v in sheet.visits.iter().filter(|v| v.departments().len() > 1) {
        match v.visit.scenario.as_deref().map(|id| (id, sheet.problem.scenario(id))) {
            None => {
                let what = "departments go together without a scenario that all requests list";
                found.push(v.broken(5, "scenario-missing", what.into()));
            }
            Some((id, None)) => {
                found.push(v.broken(5, "scenario-unknown", format!("no scenario has the id {id}")));
            }
            Some((_, Some(s))) => joint_fits(v, &sheet.problem.facts().scenarios[s], found),
        }
    }
}

fn joint_fits(v: &Resolved, scenario: &Scenario, found: &mut Vec<Violation>) {
    for r in v.requests.iter().filter(|r| !r.scenarios.contains(&scenario.id)) {
        let what = format!("request {} does not list scenario {}", r.id, scenario.id);
        found.push(v.broken(5, "scenario-not-listed", what));
    }
    let departments = v.departments().len() as i64;
    if departments > scenario.max_departments {
        let what = format!("{departments} departments, limit {}", scenario.max_departments);
        found.push(v.broken(5, "too-many-departments", what));
    }
    let mut crews: BTreeMap<&str, i64> = BTreeMap::new();
    for r in &v.requests {
        let crew = crews.entry(&r.department).or_default();
        *crew = r.crew().max(*crew);
    }
    let people: i64 = crews.values().sum();
    if people > scenario.max_inspectors {
        let what = format!("{people} people on site, limit {}", scenario.max_inspectors);
        found.push(v.broken(5, "too-many-inspectors", what));
    }
    let minutes = v.minutes().values().copied().max().unwrap_or(0);
    if minutes > scenario.max_minutes {
        let what = format!("{minutes} minutes on site, limit {}", scenario.max_minutes);
        found.push(v.broken(5, "joint-too-long", what));
    }
}

/// Rule 6: a visit of one department names no scenario and, with two or more requests, is not
/// longer than `max_visit_minutes`.
fn alone_within_limits(sheet: &Sheet, found: &mut Vec<Violation>) {
    let limit = sheet.problem.facts().max_visit_minutes;
    for v in sheet.visits.iter().filter(|v| v.departments().len() == 1) {
        if v.visit.scenario.is_some() {
            let what = "one department alone needs no scenario";
            found.push(v.broken(6, "scenario-needless", what.into()));
        }
        let minutes: i64 = v.requests.iter().map(|r| r.minutes).sum();
        if v.requests.len() > 1 && minutes > limit {
            let what = format!("{minutes} minutes on site, limit {limit}");
            found.push(v.broken(6, "visit-too-long", what));
        }
    }
}

/// Rule 7: the enterprise's caps on counted visits and the days between them.
fn caps_and_gaps(sheet: &Sheet, found: &mut Vec<Violation>) {
    for list in sheet.by_enterprise() {
        let e = list[0].enterprise;
        let counted: Vec<&Resolved> = list.iter().filter(|v| v.counts()).copied().collect();
        let Some(last) = counted.last() else { continue };
        let mut over = |code, n: usize, limit: i64, whose: &str| {
            if n as i64 > limit {
                let what = format!("{n} counted visits{whose}, limit {limit}");
                found.push(last.broken(7, code, what));
            }
        };
        over("visit-cap", counted.len(), e.visit_cap, "");
        for (department, limit) in &e.department_caps {
            let takes_part = |v: &&&Resolved| v.counted_departments().contains(department.as_str());
            let n = counted.iter().filter(takes_part).count();
            over("department-cap", n, *limit, &format!(" with {department}"));
        }
        for cap in &e.caps {
            let within = |v: &&&Resolved| {
                cap.span.contains(v.visit.date)
                    && cap
                        .department
                        .as_ref()
                        .is_none_or(|d| v.counted_departments().contains(d.as_str()))
                    && cap.scenario.as_ref().is_none_or(|s| v.visit.scenario.as_ref() == Some(s))
            };
            let n = counted.iter().filter(within).count();
            let whose = format!(" from {} to {}", cap.span.first, cap.span.last);
            over("span-cap", n, cap.at_most, &whose);
        }
        let mut before: Option<NaiveDate> = e.last_counted;
        for v in &counted {
            if let Some(before) = before {
                let days = (v.visit.date - before).num_days();
                if days < e.min_gap_days {
                    let what =
                        format!("{days} days after the one on {before}, least {}", e.min_gap_days);
                    found.push(v.broken(7, "gap-too-short", what));
                }
            }
            before = Some(v.visit.date);
        }
    }
}

/// Rule 8: on each day the visits use at most the pool's minutes and overtime. The violation points
/// at the last visit that draws on the pool that day.
fn pools_suffice(sheet: &Sheet, found: &mut Vec<Violation>) {
    let loads =
        pool_loads(sheet.problem, sheet.visits.iter().map(|v| (v.visit.date, &v.requests[..])));
    for ((pool, day), used) in loads {
        let (minutes, overtime) = sheet.problem.facts().pools[pool].minutes_on(day);
        if used > minutes + overtime {
            let id = &sheet.problem.facts().pools[pool].id;
            let draws = |v: &&Resolved| {
                v.visit.date == day
                    && v.requests.iter().any(|r| r.uses.iter().any(|u| u.pool == *id))
            };
            let last = sheet.visits.iter().rfind(draws).expect("a load comes from a visit");
            let message = format!(
                "pool {id} on {day}: {used} person-minutes, {minutes} and {overtime} overtime"
            );
            found.push(Violation {
                rule: 8,
                code: "pool-overloaded",
                pointer: format!("/visits/{}", last.place),
                message,
            });
        }
    }
}

/// Rule 9: every fixed visit is held.
fn fixed_held(sheet: &Sheet, found: &mut Vec<Violation>) {
    let mut by_enterprise: BTreeMap<&str, Vec<&Resolved>> = BTreeMap::new();
    let is_fixed: BTreeSet<&str> =
        sheet.problem.facts().fixed.iter().map(|fixed| fixed.enterprise.as_str()).collect();
    for visit in sheet.visits.iter().filter(|v| is_fixed.contains(v.enterprise.id.as_str())) {
        by_enterprise.entry(&visit.enterprise.id).or_default().push(visit);
    }
    for (i, fixed) in sheet.problem.facts().fixed.iter().enumerate() {
        let holds = |v: &&Resolved| {
            v.visit.date == fixed.date
                && fixed.requests.iter().all(|id| v.visit.requests.contains(id))
        };
        let visits = by_enterprise.get(fixed.enterprise.as_str());
        if !visits.is_some_and(|list| list.iter().any(holds)) {
            let message = format!(
                "{} on {}: the fixed visit (/fixed/{i} of the problem) is missing or incomplete",
                fixed.enterprise, fixed.date
            );
            let pointer = String::new();
            found.push(Violation { rule: 9, code: "fixed-missing", pointer, message });
        }
    }
}
