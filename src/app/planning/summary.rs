//! A plan in tables that people read: what joint visits save, by department, scenario and day, who is
//! busiest, and how often enterprises are disturbed.

use crate::domain::loads::pool_loads;
use crate::domain::problem::Request;
use crate::domain::{Plan, Problem};
use chrono::NaiveDate;
use std::collections::BTreeMap;

/// The tables.
#[derive(Clone, Debug, PartialEq)]
pub struct Summary {
    /// By department, in order of names.
    pub departments: Vec<DepartmentRow>,
    /// By scenario under which visits are held, in order of ids.
    pub scenarios: Vec<ScenarioRow>,
    /// Every open day of the horizon.
    pub days: Vec<DayRow>,
    /// Every pool's day that is used, the fullest first.
    pub pool_days: Vec<PoolDay>,
    /// Enterprises by number of visits (1, 2, 3, 4 or more): if every request were held by itself,
    /// and in the plan.
    pub enterprises: [(usize, usize); 4],
}

/// One department.
#[derive(Clone, Debug, PartialEq)]
pub struct DepartmentRow {
    /// Its name.
    pub department: String,
    /// Requests it filed.
    pub requests: usize,
    /// Of them in visits: so many visits there would be if each were held by itself.
    pub scheduled: usize,
    /// Times it comes to an enterprise in the plan.
    pub attendances: usize,
    /// Of them together with other departments.
    pub shared: usize,
    /// Its share of the visits saved, where a visit of k departments counts 1/k for each.
    pub saved: f64,
}

/// One scenario.
#[derive(Clone, Debug, PartialEq)]
pub struct ScenarioRow {
    /// Its id.
    pub scenario: String,
    /// Joint visits under it.
    pub visits: usize,
    /// Requests in them: so many visits there would be if each were held by itself.
    pub requests: usize,
}

/// One day.
#[derive(Clone, Debug, PartialEq)]
pub struct DayRow {
    /// The day.
    pub date: NaiveDate,
    /// Requests due that day; meaningful where all requests have a due day.
    pub due: usize,
    /// Requests held.
    pub requests: usize,
    /// Visits held.
    pub visits: usize,
    /// Of them by two or more departments.
    pub joint: usize,
}

/// One pool's day.
#[derive(Clone, Debug, PartialEq)]
pub struct PoolDay {
    /// The pool.
    pub pool: String,
    /// The day.
    pub date: NaiveDate,
    /// Person-minutes used.
    pub used: i64,
    /// Person-minutes offered, overtime not included.
    pub minutes: i64,
}

impl PoolDay {
    /// Used of offered, 1 being full.
    pub fn share(&self) -> f64 {
        self.used as f64 / self.minutes.max(1) as f64
    }
}

/// Sums a checked plan up. Unknown ids are passed over.
pub fn summarise(problem: &Problem, plan: &Plan) -> Summary {
    let facts = problem.facts();
    let mut departments: BTreeMap<&str, DepartmentRow> = BTreeMap::new();
    let open = facts.start.iter_days().take_while(|d| *d <= facts.end);
    let empty = |date| DayRow { date, due: 0, requests: 0, visits: 0, joint: 0 };
    let mut days: BTreeMap<NaiveDate, DayRow> =
        open.filter(|d| problem.is_open(*d)).map(|date| (date, empty(date))).collect();
    for request in &facts.requests {
        let row = departments.entry(&request.department).or_insert_with(|| DepartmentRow {
            department: request.department.clone(),
            requests: 0,
            scheduled: 0,
            attendances: 0,
            shared: 0,
            saved: 0.0,
        });
        row.requests += 1;
        if let Some(day) = request.due.and_then(|due| days.get_mut(&due.date)) {
            day.due += 1;
        }
    }
    let mut scenarios: BTreeMap<&str, ScenarioRow> = BTreeMap::new();
    // scheduled requests and visits of each enterprise
    let mut homes: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    let mut held: Vec<(NaiveDate, Vec<&Request>)> = Vec::new();
    for visit in &plan.visits {
        let known = visit.requests.iter().filter_map(|id| problem.request(id));
        let requests: Vec<&Request> = known.map(|r| &facts.requests[r]).collect();
        let mut present: BTreeMap<&str, usize> = BTreeMap::new();
        for request in &requests {
            *present.entry(&request.department).or_default() += 1;
        }
        for (department, n) in &present {
            let row = departments.get_mut(department).expect("seen above");
            row.scheduled += n;
            row.attendances += 1;
            row.shared += usize::from(present.len() > 1);
            row.saved += *n as f64 - 1.0 / present.len() as f64;
        }
        if let Some(id) = &visit.scenario {
            let row = scenarios.entry(id).or_insert_with(|| ScenarioRow {
                scenario: id.clone(),
                visits: 0,
                requests: 0,
            });
            row.visits += 1;
            row.requests += requests.len();
        }
        if let Some(day) = days.get_mut(&visit.date) {
            day.requests += requests.len();
            day.visits += 1;
            day.joint += usize::from(present.len() > 1);
        }
        let home = homes.entry(&visit.enterprise).or_default();
        home.0 += requests.len();
        home.1 += 1;
        held.push((visit.date, requests));
    }
    let mut enterprises = [(0, 0); 4];
    for (before, after) in homes.values() {
        enterprises[before.clamp(&1, &4) - 1].0 += 1;
        enterprises[after.clamp(&1, &4) - 1].1 += 1;
    }
    let loads = pool_loads(problem, held.iter().map(|(day, requests)| (*day, &requests[..])));
    let pool_day = |((pool, date), used): ((usize, NaiveDate), i64)| {
        let pool = &facts.pools[pool];
        PoolDay { pool: pool.id.clone(), date, used, minutes: pool.minutes_on(date).0 }
    };
    let mut pool_days: Vec<PoolDay> = loads.into_iter().map(pool_day).collect();
    pool_days.sort_by(|a, b| {
        b.share().total_cmp(&a.share()).then_with(|| (a.date, &a.pool).cmp(&(b.date, &b.pool)))
    });
    Summary {
        departments: departments.into_values().collect(),
        scenarios: scenarios.into_values().collect(),
        days: days.into_values().collect(),
        pool_days,
        enterprises,
    }
}
