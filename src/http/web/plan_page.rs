//! The page of a plan: one file that needs nothing else, to be looked at, mailed or printed.

use crate::app::figures::{figure, tenths};
use crate::app::planning::summary::Summary;
use crate::domain::{Plan, Problem};
use crate::wire::planning::report::Report;
use askama::Template;
use std::collections::BTreeMap;

/// What the template shows.
#[derive(Template)]
#[template(path = "plan.html")]
pub struct PlanPage<'a> {
    report: &'a Report,
    saved: usize,
    saved_percent: String,
    gap_percent: String,
    bars: Vec<Bar>,
    days: Vec<DayView>,
    load_days: Vec<String>,
    loads: Vec<LoadView>,
    reasons: Vec<ReasonView>,
}

/// One department: separate visits against its share of the plan's.
struct Bar {
    name: String,
    separate: usize,
    comes: usize,
    shared: usize,
    saved: String,
    before_percent: f64,
    after_percent: f64,
}

struct DayView {
    date: String,
    due: usize,
    visits: usize,
    joint: usize,
    rows: Vec<VisitView>,
}

struct VisitView {
    enterprise: String,
    area: String,
    departments: Vec<String>,
    requests: usize,
    minutes: i64,
}

struct ReasonView {
    requests: usize,
    words: String,
}

struct LoadView {
    pool: String,
    /// Percent full on each day; `None` where nobody works.
    days: Vec<Option<u64>>,
}

impl<'a> PlanPage<'a> {
    /// The page of a checked plan. `name` gives departments the names that people know.
    pub fn new(
        problem: &Problem,
        plan: &Plan,
        report: &'a Report,
        summary: &Summary,
        name: impl Fn(&str) -> String,
    ) -> Self {
        let saved = report.separate_visits - report.visits;
        let most = summary.departments.iter().map(|row| row.requests).max().unwrap_or(1).max(1);
        let percent = |a: f64, b: f64| if b == 0.0 { 0.0 } else { 100.0 * a / b };
        let bars = summary.departments.iter().map(|row| Bar {
            name: name(&row.department),
            separate: row.requests,
            comes: row.attendances,
            shared: row.shared,
            saved: tenths(row.saved),
            before_percent: percent(row.requests as f64, most as f64),
            after_percent: percent(row.scheduled as f64 - row.saved, most as f64),
        });
        let view = |(words, requests): (String, usize)| ReasonView { requests, words };
        let reasons = report.reasons().into_iter().map(view).collect();
        Self {
            report,
            saved,
            saved_percent: format!("{:.1}", percent(saved as f64, report.separate_visits as f64)),
            gap_percent: format!("{:.3}", report.gap * 100.0),
            bars: bars.collect(),
            days: days(problem, plan, summary, &name),
            load_days: summary.days.iter().map(|d| d.date.format("%d %b").to_string()).collect(),
            loads: loads(problem, summary, &name),
            reasons,
        }
    }

    /// A figure, for the template.
    fn n<T: Copy + TryInto<i64>>(&self, value: &T) -> String {
        figure(*value)
    }

    /// The page as HTML.
    pub fn to_html(&self) -> String {
        self.render().expect("rendering into memory does not fail")
    }
}

fn days(
    problem: &Problem,
    plan: &Plan,
    summary: &Summary,
    name: impl Fn(&str) -> String,
) -> Vec<DayView> {
    let facts = problem.facts();
    let mut rows: BTreeMap<chrono::NaiveDate, Vec<VisitView>> = BTreeMap::new();
    for visit in &plan.visits {
        let known = visit.requests.iter().filter_map(|id| problem.request(id));
        let mut minutes: BTreeMap<&str, i64> = BTreeMap::new();
        for request in known.map(|r| &facts.requests[r]) {
            *minutes.entry(&request.department).or_default() += request.minutes;
        }
        let area = problem.enterprise(&visit.enterprise).map(|e| facts.enterprises[e].area.clone());
        rows.entry(visit.date).or_default().push(VisitView {
            enterprise: visit.enterprise.clone(),
            area: area.unwrap_or_default(),
            departments: minutes.keys().map(|d| name(d)).collect(),
            requests: visit.requests.len(),
            minutes: minutes.values().copied().max().unwrap_or(0),
        });
    }
    // the largest visits first: what a reader looks for
    for list in rows.values_mut() {
        list.sort_by_key(|row| std::cmp::Reverse((row.departments.len(), row.requests)));
    }
    let day = |row: &crate::app::planning::summary::DayRow| DayView {
        date: row.date.format("%A %d %B %Y").to_string(),
        due: row.due,
        visits: row.visits,
        joint: row.joint,
        rows: rows.remove(&row.date).unwrap_or_default(),
    };
    summary.days.iter().map(day).collect()
}

fn loads(problem: &Problem, summary: &Summary, name: impl Fn(&str) -> String) -> Vec<LoadView> {
    let share = |pool: &crate::domain::problem::Pool, date| {
        let offered = pool.minutes_on(date).0;
        let used = summary.pool_days.iter().find(|p| p.pool == pool.id && p.date == date);
        (offered > 0).then(|| used.map_or(0, |used| (100.0 * used.share()).round() as u64))
    };
    let pool = |pool: &crate::domain::problem::Pool| LoadView {
        pool: name(&pool.id),
        days: summary.days.iter().map(|day| share(pool, day.date)).collect(),
    };
    problem.facts().pools.iter().map(pool).collect()
}
