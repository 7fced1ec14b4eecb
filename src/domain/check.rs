//! The rules a plan must keep: one function a rule, numbered as the format's description numbers
//! them, each with stable codes. The checker shares nothing with the optimiser but the problem.

use super::loads::pool_loads;
use super::message::Message;
use super::plan::{Plan, Visit};
use super::problem::{Problem, ProblemEnterprise, Request, Scenario};
use crate::message;
use chrono::NaiveDate;
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// One broken rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Number of the rule, 1 to 9.
    pub rule: u8,
    /// JSON pointer to the visit in the plan, or empty when it concerns no single visit.
    pub pointer: String,
    /// What is broken, with the figures; its code is the violation's.
    pub message: Message,
}

impl Violation {
    /// Stable code, kebab case.
    pub fn code(&self) -> &'static str {
        self.message.code()
    }
}

/// For logs and failed tests.
impl std::fmt::Display for Violation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: rule {}: {}", self.pointer, self.rule, self.message)
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

/// A visit as violations name it.
fn named(visit: &Visit) -> Message {
    message!("visit_on-day", enterprise = &visit.enterprise, day = visit.date)
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
    enterprise: &'a ProblemEnterprise,
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

    /// A violation of this visit; `message` names it as [`named`] does.
    fn broken(&self, rule: u8, message: Message) -> Violation {
        Violation { rule, pointer: format!("/visits/{}", self.place), message }
    }

    fn named(&self) -> Message {
        named(self.visit)
    }
}

/// Rule 1: every visit has a request, all of its enterprise; no request is in two visits.
fn requests_belong(sheet: &Sheet, found: &mut Vec<Violation>) {
    let mut is_seen = vec![false; sheet.problem.facts().requests.len()];
    let mut unknown: BTreeSet<&str> = BTreeSet::new();
    for (place, visit) in sheet.plan.visits.iter().enumerate() {
        let mut report = |message| {
            found.push(Violation { rule: 1, pointer: format!("/visits/{place}"), message });
        };
        if visit.requests.is_empty() {
            report(message!("empty-visit", visit = named(visit)));
        }
        if sheet.problem.enterprise(&visit.enterprise).is_none() {
            report(message!("unknown-enterprise_visit", visit = named(visit)));
        }
        for id in &visit.requests {
            let request = sheet.problem.request(id);
            match request {
                None => report(message!("unknown-request_visit", visit = named(visit), id = id)),
                Some(r) => {
                    let own = &sheet.problem.facts().requests[r].enterprise;
                    if *own != visit.enterprise {
                        report(message!(
                            "other-enterprise_visit",
                            visit = named(visit),
                            request = id,
                            own = own,
                        ));
                    }
                }
            }
            let is_again = match request {
                None => !unknown.insert(id),
                Some(r) => std::mem::replace(&mut is_seen[r], true),
            };
            if is_again {
                report(message!("covered-twice", visit = named(visit), request = id));
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
            let (first, last) = (facts.start, facts.end);
            let message =
                message!("outside-horizon", visit = v.named(), first = first, last = last);
            found.push(v.broken(2, message));
        }
        if facts.closed_days.contains(&day) {
            found.push(v.broken(2, message!("closed-day", visit = v.named())));
        }
        if v.enterprise.is_closed(day) {
            found.push(v.broken(2, message!("enterprise-closed_visit", visit = v.named())));
        }
        let quiet = v.enterprise.is_quiet(day);
        for r in &v.requests {
            if day < r.earliest || day > r.latest {
                let message = message!(
                    "outside-window",
                    visit = v.named(),
                    request = &r.id,
                    earliest = r.earliest,
                    latest = r.latest,
                );
                found.push(v.broken(2, message));
            }
            if quiet && !r.is_quiet_exempt() {
                let message = message!("quiet-day_visit", visit = v.named(), request = &r.id);
                found.push(v.broken(2, message));
            }
        }
    }
}

/// Rule 3: at most one visit a day at an enterprise.
fn one_visit_a_day(sheet: &Sheet, found: &mut Vec<Violation>) {
    for list in sheet.by_enterprise() {
        for pair in list.windows(2).filter(|pair| pair[0].visit.date == pair[1].visit.date) {
            let message = message!("two-visits-a-day", visit = pair[1].named());
            found.push(pair[1].broken(3, message));
        }
    }
}

/// Rule 4: a solo request is alone; a group is in one visit or in none.
fn solo_and_together(sheet: &Sheet, found: &mut Vec<Violation>) {
    for v in sheet.visits.iter().filter(|v| v.requests.len() > 1) {
        for r in v.requests.iter().filter(|r| r.solo) {
            let message = message!("solo-shared", visit = v.named(), request = &r.id);
            found.push(v.broken(4, message));
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
                let visit = v.named();
                let message =
                    message!("group-torn", visit = visit, here = n, size = size, group = group);
                found.push(v.broken(4, message));
            }
        }
    }
}

/// Rule 5: a visit of two or more departments stays within a scenario that each request lists.
fn joint_within_scenario(sheet: &Sheet, found: &mut Vec<Violation>) {
    for v in sheet.visits.iter().filter(|v| v.departments().len() > 1) {
        match v.visit.scenario.as_deref().map(|id| (id, sheet.problem.scenario(id))) {
            None => {
                found.push(v.broken(5, message!("scenario-missing", visit = v.named())));
            }
            Some((id, None)) => {
                let message = message!("scenario-unknown", visit = v.named(), id = id);
                found.push(v.broken(5, message));
            }
            Some((_, Some(s))) => joint_fits(v, &sheet.problem.facts().scenarios[s], found),
        }
    }
}

fn joint_fits(v: &Resolved, scenario: &Scenario, found: &mut Vec<Violation>) {
    for r in v.requests.iter().filter(|r| !r.scenarios.contains(&scenario.id)) {
        let (request, scenario) = (&r.id, &scenario.id);
        let visit = v.named();
        let message =
            message!("scenario-not-listed", visit = visit, request = request, scenario = scenario);
        found.push(v.broken(5, message));
    }
    let departments = v.departments().len() as i64;
    if departments > scenario.max_departments {
        let message = message!(
            "too-many-departments_visit",
            visit = v.named(),
            departments = departments,
            limit = scenario.max_departments,
            scenario = &scenario.id,
        );
        found.push(v.broken(5, message));
    }
    let mut crews: BTreeMap<&str, i64> = BTreeMap::new();
    for r in &v.requests {
        let crew = crews.entry(&r.department).or_default();
        *crew = r.crew().max(*crew);
    }
    let people: i64 = crews.values().sum();
    if people > scenario.max_inspectors {
        let message = message!(
            "too-many-inspectors",
            visit = v.named(),
            people = people,
            limit = scenario.max_inspectors,
            scenario = &scenario.id,
        );
        found.push(v.broken(5, message));
    }
    let minutes = v.minutes().values().copied().max().unwrap_or(0);
    if minutes > scenario.max_minutes {
        let message = message!(
            "joint-too-long",
            visit = v.named(),
            minutes = minutes,
            limit = scenario.max_minutes,
            scenario = &scenario.id,
        );
        found.push(v.broken(5, message));
    }
}

/// Rule 6: a visit of one department names no scenario and, with two or more requests, is not
/// longer than `max_visit_minutes`.
fn alone_within_limits(sheet: &Sheet, found: &mut Vec<Violation>) {
    let limit = sheet.problem.facts().max_visit_minutes;
    for v in sheet.visits.iter().filter(|v| v.departments().len() == 1) {
        if v.visit.scenario.is_some() {
            found.push(v.broken(6, message!("scenario-needless", visit = v.named())));
        }
        let minutes: i64 = v.requests.iter().map(|r| r.minutes).sum();
        if v.requests.len() > 1 && minutes > limit {
            let visit = v.named();
            let message =
                message!("visit-too-long_visit", visit = visit, minutes = minutes, limit = limit);
            found.push(v.broken(6, message));
        }
    }
}

/// Rule 7: the enterprise's caps on counted visits and the days between them.
fn caps_and_gaps(sheet: &Sheet, found: &mut Vec<Violation>) {
    for list in sheet.by_enterprise() {
        let e = list[0].enterprise;
        let counted: Vec<&Resolved> = list.iter().filter(|v| v.counts()).copied().collect();
        let Some(last) = counted.last() else { continue };
        let mut over = |n: usize, limit: i64, message: &dyn Fn() -> Message| {
            if n as i64 > limit {
                found.push(last.broken(7, message()));
            }
        };
        let (n, limit) = (counted.len(), e.visit_cap);
        over(n, limit, &|| message!("visit-cap", visit = last.named(), visits = n, limit = limit));
        for (department, limit) in &e.department_caps {
            let takes_part = |v: &&&Resolved| v.counted_departments().contains(department.as_str());
            let n = counted.iter().filter(takes_part).count();
            over(n, *limit, &|| {
                message!(
                    "department-cap",
                    visit = last.named(),
                    visits = n,
                    department = department,
                    limit = *limit,
                )
            });
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
            over(n, cap.at_most, &|| {
                message!(
                    "span-cap",
                    visit = last.named(),
                    visits = n,
                    first = cap.span.first,
                    last = cap.span.last,
                    limit = cap.at_most,
                )
            });
        }
        let mut before: Option<NaiveDate> = e.last_counted;
        for v in &counted {
            if let Some(before) = before {
                let days = (v.visit.date - before).num_days();
                if days < e.min_gap_days {
                    let message = message!(
                        "gap-too-short",
                        visit = v.named(),
                        days = days,
                        before = before,
                        least = e.min_gap_days,
                    );
                    found.push(v.broken(7, message));
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
            let message = message!(
                "pool-overloaded",
                pool = id,
                day = day,
                used = used,
                minutes = minutes,
                overtime = overtime,
            );
            found.push(last.broken(8, message));
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
            let message = message!(
                "fixed-missing",
                enterprise = &fixed.enterprise,
                day = fixed.date,
                fixed = format!("/fixed/{i}"),
            );
            found.push(Violation { rule: 9, pointer: String::new(), message });
        }
    }
}
