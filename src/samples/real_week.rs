//! The shipped record of a real week (see `real_week/SOURCE.md`), made a problem.

use crate::domain::Problem;
use crate::domain::problem::{Draft, Due, Pool, ProblemEnterprise, Request, Scenario, Use};
use crate::domain::register::grade::Grade;
use crate::message;
use crate::text::say;
use chrono::{Datelike, NaiveDate, Weekday};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::collections::{BTreeMap, BTreeSet};

const INSPECTIONS: &str = include_str!("real_week/inspections.csv");
const INSPECTORS: &str = include_str!("real_week/inspectors.csv");
const SITES: &str = include_str!("real_week/sites.csv");

/// Working days that an inspection may move either way.
const FLEX_DAYS: usize = 2;
const SCENARIO: &str = "job-site";

#[derive(Deserialize)]
struct Inspection {
    site: String,
    trade: String,
    date: NaiveDateText,
    items: i64,
}

#[derive(Deserialize)]
struct Inspectors {
    trade: String,
    date: NaiveDateText,
    inspectors_seen: i64,
}

#[derive(Deserialize)]
struct Site {
    site: String,
    area: String,
}

/// A day as the files write it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "String")]
struct NaiveDateText(NaiveDate);

impl TryFrom<String> for NaiveDateText {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        let date = crate::wire::json::parse_date(&text);
        date.map(Self).ok_or_else(|| format!("{text} is no day"))
    }
}

/// Names of the trades, for people.
pub fn trade_name(trade: &str) -> String {
    say(&match trade {
        "BLDG" => message!("trade_building"),
        "BOIL" => message!("trade_boilers"),
        "ELEC" => message!("trade_electrical"),
        "ELET" => message!("trade_low-voltage"),
        "MECH" => message!("trade_mechanical"),
        "PLUM" => message!("trade_plumbing"),
        "ROOF" => message!("trade_roofing"),
        "STRT" => message!("trade_structural"),
        "ZONE" => message!("trade_zoning"),
        other => return other.to_owned(),
    })
}

/// The week as a problem. Saturday's four inspections are left aside: the plan is of working days.
pub fn problem() -> Problem {
    let is_working = |day: NaiveDate| !matches!(day.weekday(), Weekday::Sat | Weekday::Sun);
    let inspectors: Vec<Inspectors> = rows(INSPECTORS);
    let days: BTreeSet<NaiveDate> =
        inspectors.iter().map(|row| row.date.0).filter(|day| is_working(*day)).collect();
    let days: Vec<NaiveDate> = days.into_iter().collect();
    let (start, end) = (days[0], days[days.len() - 1]);
    let mut minutes: BTreeMap<&str, BTreeMap<NaiveDate, i64>> = BTreeMap::new();
    for row in inspectors.iter().filter(|row| is_working(row.date.0)) {
        minutes.entry(&row.trade).or_default().insert(row.date.0, row.inspectors_seen * 480);
    }
    let trades = minutes.len() as i64;
    let pool = |(trade, seen): (&&str, &BTreeMap<NaiveDate, i64>)| Pool {
        id: (*trade).to_owned(),
        department: (*trade).to_owned(),
        minutes: seen.values().copied().max().unwrap_or(0),
        attendance_minutes: 10,
        exceptions: days.iter().map(|day| (*day, *seen.get(day).unwrap_or(&0))).collect(),
        overtime_minutes: 0,
        overtime_cost: 0,
    };
    let inspections: Vec<Inspection> = rows(INSPECTIONS);
    let mut requests = Vec::new();
    for row in inspections.iter().filter(|row| is_working(row.date.0)) {
        let day = days.binary_search(&row.date.0).expect("inspectors are seen on working days");
        requests.push(Request {
            id: format!("Q{:05}", requests.len()),
            enterprise: row.site.clone(),
            department: row.trade.clone(),
            earliest: days[day.saturating_sub(FLEX_DAYS)],
            latest: days[(day + FLEX_DAYS).min(days.len() - 1)],
            minutes: (7 * row.items).min(240),
            uses: vec![Use { pool: row.trade.clone(), inspectors: 1 }],
            scenarios: vec![SCENARIO.to_owned()],
            penalty: 400,
            exempt: false,
            quiet_exempt: None,
            together: None,
            deferrable: false,
            solo: false,
            due: Some(Due { date: row.date.0, late_cost: 5 }),
            keep: None,
        });
    }
    let inspected: BTreeSet<&String> = requests.iter().map(|r| &r.enterprise).collect();
    let areas: BTreeMap<String, String> =
        rows::<Site>(SITES).into_iter().map(|row| (row.site, row.area)).collect();
    let enterprise = |site: &&String| ProblemEnterprise {
        id: (*site).clone(),
        area: areas.get(*site).filter(|a| !a.is_empty()).map_or("unknown", |a| a).to_owned(),
        industry: "construction".into(),
        risk: Grade::C,
        visit_cost: 100,
        visit_cap: 6,
        min_gap_days: 1,
        last_counted: None,
        closed: Vec::new(),
        quiet: Vec::new(),
        department_caps: BTreeMap::new(),
        caps: Vec::new(),
    };
    let draft = Draft {
        name: format!("miami-dade-week-flex{FLEX_DAYS}"),
        start,
        end,
        closed_days: start
            .iter_days()
            .take_while(|d| *d <= end)
            .filter(|d| !days.contains(d))
            .collect(),
        attendance_cost: 10,
        max_visit_minutes: 480,
        pools: minutes.iter().map(pool).collect(),
        scenarios: vec![Scenario {
            id: SCENARIO.into(),
            max_departments: trades,
            max_inspectors: 2 * trades,
            max_minutes: 240,
        }],
        enterprises: inspected.iter().map(enterprise).collect(),
        requests,
        targets: Vec::new(),
        fixed: Vec::new(),
    };
    Problem::build(draft).expect("the shipped record is sound")
}

fn rows<T: DeserializeOwned>(text: &str) -> Vec<T> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    reader.deserialize().map(|row| row.expect("the shipped record is well formed")).collect()
}
