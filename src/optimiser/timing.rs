//! Single enterprises to be solved again and again. For benchmarks only (`benches/kernel.rs`): the
//! kernel is private, and what it takes is made here.

use super::instance::Instance;
use super::kernel::{Effort, Kernel};
use super::prices::Prices;
use super::{SCALE, random};
use crate::domain::Problem;
use crate::domain::problem::{Draft, Enterprise, Pool, Request, Risk, Scenario, Use};
use chrono::{Days, NaiveDate};
use rand::RngExt;
use rand::seq::{IndexedRandom, SliceRandom};
use rand_pcg::Pcg64Mcg;
use std::collections::BTreeMap;

/// Days of the horizon: few enough that fourteen requests are still solved exactly.
const HORIZON_DAYS: u64 = 22;
const DEPARTMENTS: usize = 8;
const SCENARIOS: usize = 16;
const SEED: u64 = 1;

/// Made-up enterprises with `requests` requests each, alike in everything else to those of
/// `onevisit generate`.
///
/// # Panics
/// Never: what is made is sound.
pub fn problem(enterprises: usize, requests: usize) -> Problem {
    let mut random = random(SEED);
    let start = NaiveDate::from_ymd_opt(2026, 3, 2).expect("a day");
    let pool = |d: usize| Pool {
        id: format!("P{d}"),
        department: format!("D{d}"),
        minutes: 1_500,
        attendance_minutes: 30,
        exceptions: BTreeMap::new(),
        overtime_minutes: 0,
        overtime_cost: 0,
    };
    let scenario = |s: usize| Scenario {
        id: format!("S{s:02}"),
        max_departments: 2 + s as i64 % 3,
        max_inspectors: 6 + s as i64 % 5,
        max_minutes: 240,
    };
    let members: Vec<Vec<usize>> = (0..SCENARIOS)
        .map(|_| {
            let mut members: Vec<usize> = (0..DEPARTMENTS).collect();
            members.shuffle(&mut random);
            members.truncate(random.random_range(2..=5));
            members
        })
        .collect();
    let mut draft = Draft {
        name: format!("enterprises of {requests} requests"),
        start,
        end: start + Days::new(HORIZON_DAYS - 1),
        closed_days: Default::default(),
        attendance_cost: 10,
        max_visit_minutes: 300,
        pools: (0..DEPARTMENTS).map(pool).collect(),
        scenarios: (0..SCENARIOS).map(scenario).collect(),
        enterprises: Vec::new(),
        requests: Vec::new(),
        targets: Vec::new(),
        fixed: Vec::new(),
    };
    for e in 0..enterprises {
        draft.enterprises.push(enterprise(&mut random, e));
        for _ in 0..requests {
            let request = request(&mut random, draft.requests.len(), e, &members, start);
            draft.requests.push(request);
        }
    }
    Problem::build(draft).expect("sound")
}

fn enterprise(random: &mut Pcg64Mcg, e: usize) -> Enterprise {
    Enterprise {
        id: format!("E{e}"),
        area: "A".into(),
        industry: "I".into(),
        risk: Risk::A,
        visit_cost: 100,
        visit_cap: random.random_range(1..=4),
        min_gap_days: *[1, 1, 3, 7].choose(random).expect("four"),
        last_counted: None,
        closed: Vec::new(),
        quiet: Vec::new(),
        department_caps: BTreeMap::new(),
        caps: Vec::new(),
    }
}

fn request(
    random: &mut Pcg64Mcg,
    r: usize,
    e: usize,
    members: &[Vec<usize>],
    start: NaiveDate,
) -> Request {
    let d = random.random_range(0..DEPARTMENTS);
    let length_days = random.random_range(5..=HORIZON_DAYS);
    let first = random.random_range(0..=HORIZON_DAYS - length_days);
    let listing = members.iter().enumerate().filter(|(_, members)| members.contains(&d));
    Request {
        id: format!("R{r}"),
        enterprise: format!("E{e}"),
        department: format!("D{d}"),
        earliest: start + Days::new(first),
        latest: start + Days::new(first + length_days - 1),
        minutes: random.random_range(2..=8) * 15,
        uses: vec![Use { pool: format!("P{d}"), inspectors: 2 }],
        scenarios: listing.map(|(s, _)| format!("S{s:02}")).take(4).collect(),
        penalty: random.random_range(3..=12) * 50,
        exempt: false,
        quiet_exempt: None,
        together: None,
        deferrable: false,
        solo: false,
        due: None,
        keep: None,
    }
}

/// The enterprises of a problem at pseudo-random prices, always the same ones.
pub struct Priced<'p> {
    instance: Instance<'p>,
    prices: Prices,
    kernel: Kernel,
}

impl<'p> Priced<'p> {
    /// Readies the enterprises, which is no part of solving them.
    pub fn new(problem: &'p Problem) -> Self {
        let instance = Instance::new(problem);
        let mut random = random(SEED);
        let mut prices = Prices::zero(&instance);
        for (cell, price) in prices.cell.iter_mut().enumerate() {
            // as in a tight problem: a third of the days cost nothing, some have rounded rows
            price.minute = random.random_range(0..3) * random.random_range(0..SCALE);
            if instance.cells.is_listed(cell) && random.random_range(0..3) == 0 {
                price.extra = [random.random_range(0..50 * SCALE), 0, 0];
            }
        }
        Self { instance, prices, kernel: Kernel::default() }
    }

    /// Number of enterprises.
    pub fn enterprises(&self) -> usize {
        self.instance.homes.len()
    }

    /// Solves an enterprise as the bound needs it; tells its least charge, and whether that is
    /// exact.
    pub fn solve(&mut self, enterprise: usize) -> (i64, bool) {
        let home = &self.instance.homes[enterprise];
        let solved = self.kernel.solve(&self.instance, home, &self.prices, Effort::Bound);
        (solved.bound, solved.is_exact)
    }
}
