//! Plans made under each shipped pack, and held against the pack by code that feeds nothing.

use crate::support::fixture::{build, day, draft, enterprise, request};
use chrono::NaiveDate;
use onevisit::app::planning::solve;
use onevisit::app::planning::solve::Options;
use onevisit::domain::codes::is_industry_class;
use onevisit::domain::problem::{Cap, Draft, Span};
use onevisit::domain::register::enterprise::{SafetyLevel, Subject};
use onevisit::domain::register::grade::Grade;
use onevisit::domain::register::item::Method;
use onevisit::domain::requests::{Contact, Kind};
use onevisit::domain::rules::case::{EnterpriseCase, Held, ItemCase, Part};
use onevisit::domain::rules::feed::Mergeable;
use onevisit::domain::rules::plan::{PlanFacts, Planned, PlannedRequest};
use onevisit::domain::rules::{Finding, Pack};
use onevisit::domain::{Plan, Problem};
use onevisit::wire::law::rule_pack::{read, resolve, shipped, shipped_document, shipped_pack};
use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::time::Instant;

const N: usize = 30;
const DEPARTMENTS: [&str; 2] = ["FIRE", "emergency_management"];
/// Longest visit that requests are merged into.
const MINUTES: i64 = 200;

fn plan(problem: &Problem) -> Plan {
    let options = Options {
        started: Instant::now(),
        time: None,
        work: Some(3_000),
        gap: 0.0,
        seed: 1,
        threads: 1,
        certificate: false,
        memory_bytes: None,
    };
    let solved = solve::solve(problem, &options, &mut |_, _| ControlFlow::Continue(()));
    solved.unwrap_or_else(|bug| panic!("{bug}")).plan
}

fn horizon() -> Span {
    Span { first: day(2), last: day(13) }
}

/// Enterprise `e` of `ids`, so that sectors, grades and quiet days differ.
fn facts<'f>(ids: &'f [String], e: usize) -> EnterpriseCase<'f> {
    let industry = ["0610", "2611", "6110", "1010"][e % 4];
    assert!(is_industry_class(industry));
    EnterpriseCase {
        id: &ids[e],
        areas: vec!["north"],
        industry,
        risk: [Grade::A, Grade::B, Grade::C, Grade::D][e / 2 % 4],
        credit: Grade::B,
        safety_level: [None, Some(SafetyLevel::One)][e / 3 % 2],
        subject: Subject::Enterprise,
        joint_opt_out: e.is_multiple_of(11),
        is_named: e.is_multiple_of(3),
        listings: Vec::new(),
        quiet: Vec::new(),
    }
}

/// What was visited before and after the horizon.
fn around(e: usize) -> Vec<Held<'static>> {
    let held = |n: usize, on: NaiveDate| Held {
        id: "V",
        day: on,
        parts: DEPARTMENTS[..=n % 2]
            .iter()
            .map(|&department| Part {
                department,
                item: "any",
                kind: if n.is_multiple_of(5) { Kind::Clue } else { Kind::Daily },
                reason: None,
                contact: Contact::Inspection,
            })
            .collect(),
        scenario: (n % 2 == 1).then_some("hotel"),
        lead: None,
        inspectors: Vec::new(),
        found: None,
    };
    let days =
        [(1, 12), (2, 9), (6, 1)].map(|(m, d)| NaiveDate::from_ymd_opt(2026, m, d).expect("a day"));
    (0..e % 4).map(|n| held(n + e, days[n])).collect()
}

/// Requests of both departments, three or four an enterprise; every seventh is exempt.
fn asked(ids: &[String]) -> Draft {
    let mut facts = draft();
    facts.pools[1].department = DEPARTMENTS[1].into();
    facts.pools[1].id = format!("{}-pool", DEPARTMENTS[1]);
    for pool in &mut facts.pools {
        pool.minutes = 6_000;
    }
    facts.enterprises = ids.iter().map(|id| enterprise(id)).collect();
    for (e, id) in ids.iter().enumerate() {
        for k in 0..3 + e % 2 {
            let n = facts.requests.len();
            let mut one = request(&format!("r{n:03}"), DEPARTMENTS[(k + e) % 2]);
            one.enterprise = id.clone();
            one.minutes = [30, 60, 90][(n + e) % 3];
            (one.earliest, one.latest) =
                if k % 3 == 2 { (day(2), day(5)) } else { (day(4), day(13)) };
            one.exempt = n.is_multiple_of(7);
            if e.is_multiple_of(11) {
                one.scenarios.clear(); // it opted out of joint visits
            }
            facts.requests.push(one);
        }
    }
    facts
}

/// Lays what the pack says into the problem.
fn fed(pack: &Pack, mut facts_of: Draft, ids: &[String]) -> Problem {
    let limits = pack.joint_limits();
    for scenario in &mut facts_of.scenarios {
        let most = limits.max_departments.unwrap_or(i64::MAX);
        scenario.max_departments = scenario.max_departments.min(most);
        scenario.max_inspectors =
            scenario.max_inspectors.min(limits.max_officers.unwrap_or(i64::MAX));
        scenario.max_minutes =
            scenario.max_minutes.min(pack.visit_minutes_max().unwrap_or(i64::MAX));
    }
    let departments = DEPARTMENTS.map(|department| (department, None));
    for (e, of) in facts_of.enterprises.iter_mut().enumerate() {
        let facts = facts(ids, e);
        of.quiet = pack.quiet_spans(&facts, horizon());
        let caps = pack.year_caps(&facts, &departments, &["hotel"], &around(e), horizon());
        let cap = |cap: onevisit::domain::rules::feed::YearCap| Cap {
            span: cap.span,
            department: cap.department,
            scenario: cap.scenario,
            at_most: cap.at_most,
        };
        of.caps = caps.into_iter().map(cap).collect();
    }
    for (e, id) in ids.iter().enumerate() {
        for department in DEPARTMENTS {
            let here = |(_, r): &(usize, &onevisit::domain::problem::Request)| {
                r.enterprise == *id && r.department == department
            };
            let requests: Vec<_> = facts_of.requests.iter().enumerate().filter(here).collect();
            let facts = facts(ids, e);
            let open =
                |on: NaiveDate| !facts_of.closed_days.contains(&on) && !pack.is_quiet(&facts, on);
            let mergeable: Vec<Mergeable> = requests
                .iter()
                .map(|(_, r)| Mergeable {
                    id: &r.id,
                    window: Span { first: r.earliest, last: r.latest },
                    minutes: r.minutes,
                    is_solo: r.solo,
                    is_exempt: r.exempt,
                    scenarios: &r.scenarios,
                    allowed: &open,
                })
                .collect();
            let groups = pack.merge_groups(&mergeable, MINUTES.min(150));
            let places: Vec<Vec<usize>> = groups
                .iter()
                .map(|group| group.iter().map(|place| requests[*place].0).collect())
                .collect();
            for (g, group) in places.iter().enumerate() {
                for place in group {
                    facts_of.requests[*place].together = Some(format!("{department}-{g}"));
                }
            }
        }
    }
    build(facts_of)
}

fn item(department: &str) -> ItemCase<'_> {
    ItemCase {
        id: "any",
        department,
        class: None,
        method: Method::OnSite,
        published_from: None,
        published_to: None,
        notice_days: 0,
        valid_days: 0,
    }
}

/// What the pack says of a plan.
fn reported(pack: &Pack, problem: &Problem, plan: &Plan, ids: &[String]) -> Vec<Finding> {
    let draft = problem.facts();
    let place = |id: &str| ids.iter().position(|known| known == id).expect("known");
    let planned = |id: &String| {
        let r = &draft.requests[problem.request(id).expect("known")];
        let facts = facts(ids, place(&r.enterprise));
        let is_quiet = |on: NaiveDate| pack.is_quiet(&facts, on) && !r.exempt;
        let days = r.earliest.iter_days().take_while(|on| *on <= r.latest);
        let days = days.filter(|on| !draft.closed_days.contains(on) && !is_quiet(*on));
        PlannedRequest {
            id: &r.id,
            department: r.department.as_str(),
            level: None,
            item: item(&r.department),
            kind: if r.exempt { Kind::Clue } else { Kind::Daily },
            reason: None,
            allowed: days.map(|on| Span { first: on, last: on }).collect(),
            minutes: r.minutes,
            inspectors: r.crew(),
            is_solo: r.solo,
            is_fixed: false,
            scenarios: r.scenarios.iter().map(String::as_str).collect(),
        }
    };
    let facts = PlanFacts {
        today: day(1),
        merged_minutes_max: MINUTES.min(150),
        visits: plan
            .visits
            .iter()
            .map(|visit| Planned {
                enterprise: &visit.enterprise,
                day: visit.date,
                scenario: visit.scenario.as_deref(),
                lead: None,
                requests: visit.requests.iter().map(planned).collect(),
                inspectors: Vec::new(),
            })
            .collect(),
        enterprises: (0..ids.len()).map(|e| (ids[e].as_str(), facts(ids, e))).collect(),
        around: (0..ids.len()).map(|e| (ids[e].as_str(), around(e))).collect::<BTreeMap<_, _>>(),
    };
    pack.check_plan(&facts).into_iter().filter(Finding::refuses).collect()
}

#[test]
fn a_plan_made_under_a_pack_keeps_the_pack() {
    let ids: Vec<String> = (0..N).map(|e| format!("E{e:02}")).collect();
    let mut packs: Vec<Pack> =
        shipped().iter().map(|document| shipped_pack(&document.id).expect("shipped")).collect();
    let strict = r#"
        format = "onevisit-rules/1"
        id = "strict"
        version = 1
        name = { zh = "严", en = "Strict" }
        from = 2026-01-01
        extends = "national"
        [rules.R06]
        caps = [{ at_most = 1 }, { industries = ["06"], at_most = 3 }]
        source = { document = "a decree", place = "here", confidence = "D" }
        [rules.R20]
        budgets = [{ at_most = 3 }]
        joint_per_scenario = 1
        source = { document = "a decree", place = "here", confidence = "D" }
        [rules.R22]
        days = [{ first = 1, last = 5, scope = "all" }, { first = 9, last = 10, scope = "named" }]
        source = { document = "a decree", place = "here", confidence = "D" }
        [rules.R26]
        severity = "refuse"
        max_departments = 2
        max_officers = 4
        source = { document = "a decree", place = "here", confidence = "D" }
        "#;
    packs.push(resolve(read(strict).expect("sound"), &shipped_document).expect("sound"));
    let free = build(asked(&ids));
    let plain = plan(&free);
    for pack in &packs {
        let problem = fed(pack, asked(&ids), &ids);
        let made = plan(&problem);
        assert!(!made.visits.is_empty(), "{}", pack.id);
        let found = reported(pack, &problem, &made, &ids);
        assert!(found.is_empty(), "{}: {found:#?}", pack.id);
        // the check does see: a plan of somebody who never heard of the strict pack breaks it
        if pack.id == "strict" {
            let found = reported(pack, &free, &plain, &ids);
            let rules: std::collections::BTreeSet<&str> =
                found.iter().map(|finding| finding.rule.number()).collect();
            for wanted in ["R06", "R20", "R22"] {
                assert!(rules.contains(wanted), "{wanted} in {rules:?}");
            }
        }
    }
}
