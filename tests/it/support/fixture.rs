//! Small facts made by hand.

use chrono::NaiveDate;
use onevisit::domain::problem::{Draft, Pool, ProblemEnterprise, Request, Scenario, Use};
use onevisit::domain::register::grade::Grade;
use onevisit::domain::{Plan, Problem, Violation, Visit, check};
use std::collections::BTreeMap;

/// A day of March 2026; the 2nd is a Monday.
pub fn day(day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 3, day).expect("March has it")
}

/// Two weeks, departments FIRE and HEALTH with a pool each, one enterprise E1, no request yet.
pub fn draft() -> Draft {
    let pool = |department: &str| Pool {
        id: format!("{department}-pool"),
        department: department.into(),
        minutes: 480,
        attendance_minutes: 30,
        exceptions: BTreeMap::new(),
        overtime_minutes: 0,
        overtime_cost: 0,
    };
    Draft {
        name: "fixture".into(),
        start: day(2),
        end: day(13),
        closed_days: [day(7), day(8)].into(),
        attendance_cost: 10,
        max_visit_minutes: 200,
        pools: vec![pool("FIRE"), pool("HEALTH")],
        scenarios: vec![Scenario {
            id: "hotel".into(),
            max_departments: 2,
            max_inspectors: 4,
            max_minutes: 150,
        }],
        enterprises: vec![enterprise("E1")],
        requests: Vec::new(),
        targets: Vec::new(),
        fixed: Vec::new(),
    }
}

pub fn enterprise(id: &str) -> ProblemEnterprise {
    ProblemEnterprise {
        id: id.into(),
        area: "north".into(),
        industry: "H61".into(),
        risk: Grade::B,
        visit_cost: 100,
        visit_cap: 5,
        min_gap_days: 1,
        last_counted: None,
        closed: Vec::new(),
        quiet: Vec::new(),
        department_caps: BTreeMap::new(),
        caps: Vec::new(),
    }
}

/// A request at E1 of 60 minutes by two inspectors, open all the horizon, listed under "hotel".
pub fn request(id: &str, department: &str) -> Request {
    Request {
        id: id.into(),
        enterprise: "E1".into(),
        department: department.into(),
        earliest: day(2),
        latest: day(13),
        minutes: 60,
        uses: vec![Use { pool: format!("{department}-pool"), inspectors: 2 }],
        scenarios: vec!["hotel".into()],
        penalty: 500,
        exempt: false,
        quiet_exempt: None,
        together: None,
        deferrable: false,
        solo: false,
        due: None,
        keep: None,
    }
}

/// The draft with these requests.
pub fn with(requests: Vec<Request>) -> Draft {
    Draft { requests, ..draft() }
}

pub fn build(draft: Draft) -> Problem {
    Problem::build(draft).unwrap_or_else(|defects| panic!("{defects:?}"))
}

/// A visit at E1.
pub fn visit(on: u32, requests: &[&str], scenario: Option<&str>) -> Visit {
    Visit {
        enterprise: "E1".into(),
        date: day(on),
        requests: requests.iter().map(|id| (*id).to_owned()).collect(),
        scenario: scenario.map(str::to_owned),
    }
}

pub fn plan(visits: Vec<Visit>) -> Plan {
    Plan { problem: "fixture".into(), visits }
}

/// Rule and code of everything wrong.
pub fn codes(problem: &Problem, visits: Vec<Visit>) -> Vec<(u8, &'static str)> {
    check(problem, &plan(visits)).iter().map(|v: &Violation| (v.rule, v.code())).collect()
}
