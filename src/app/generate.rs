//! Made-up problems of any size, for tests, benchmarks and trying things out. Same options, same
//! problem. Nothing in them is real, and their names say so.

use crate::domain::problem::{
    Already, Cap, Draft, Due, Enterprise, Fixed, Keep, MINUTES_MAX, Measure, Pool, Request, Risk,
    Scenario, Share, Span, Target, Use,
};
use crate::domain::{Problem, check, plan::Plan};
use chrono::{Datelike, Days, NaiveDate, Weekday};
use rand::RngExt;
use rand::seq::{IndexedRandom, SliceRandom};
use rand_pcg::Pcg64Mcg;
use std::collections::{BTreeMap, BTreeSet};

/// What to make.
#[derive(Clone, Debug)]
pub struct Options {
    /// Number of enterprises, at least 1; about 2.4 requests each.
    pub enterprises: usize,
    /// Working days of the horizon, at least 1.
    pub working_days: usize,
    /// Departments, at least 2.
    pub departments: usize,
    /// Areas; each department has a pool in each.
    pub areas: usize,
    /// Person-minutes offered for each one asked for, in percent.
    pub slack_percent: i64,
    /// Use every field of the format: overtime, caps, gaps, closed and quiet days, groups, solo,
    /// deferrable, due and kept days, targets, fixed visits.
    pub every_field: bool,
    /// Seed of the random numbers.
    pub seed: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            enterprises: 120,
            working_days: 22,
            departments: 8,
            areas: 1,
            slack_percent: 120,
            every_field: false,
            seed: 1,
        }
    }
}

/// Makes a problem.
pub fn generate(options: &Options) -> Problem {
    let mut random = Pcg64Mcg::new(u128::from(options.seed) | 1 << 64);
    let start = NaiveDate::from_ymd_opt(2026, 3, 2).expect("a Monday");
    let mut days = Vec::new();
    let mut closed_days = BTreeSet::new();
    for day in start.iter_days() {
        if days.len() >= options.working_days.max(1) {
            break;
        }
        if matches!(day.weekday(), Weekday::Sat | Weekday::Sun) {
            closed_days.insert(day);
        } else {
            days.push(day);
        }
    }
    let end = days[days.len() - 1];
    closed_days.retain(|day| *day < end);
    let department = |d: usize| format!("D{d:02}");
    let scenarios: Vec<(Scenario, Vec<usize>)> = (0..options.departments * 2)
        .map(|s| {
            let mut members: Vec<usize> = (0..options.departments).collect();
            members.shuffle(&mut random);
            members.truncate(random.random_range(2..=5).min(options.departments));
            let scenario = Scenario {
                id: format!("S{s:02}"),
                max_departments: random.random_range(2..=4),
                max_inspectors: random.random_range(6..=10),
                max_minutes: 240,
            };
            (scenario, members)
        })
        .collect();
    let mut draft = Draft {
        name: format!("made-up-{}-seed{}", options.enterprises, options.seed),
        start,
        end,
        closed_days,
        attendance_cost: 10,
        max_visit_minutes: 300,
        pools: Vec::new(),
        scenarios: scenarios.iter().map(|(scenario, _)| scenario.clone()).collect(),
        enterprises: Vec::new(),
        requests: Vec::new(),
        targets: Vec::new(),
        fixed: Vec::new(),
    };
    let risks = [Risk::A, Risk::B, Risk::C, Risk::D];
    for e in 0..options.enterprises {
        let area = random.random_range(0..options.areas.max(1));
        let enterprise = Enterprise {
            id: format!("E{e:06}"),
            area: format!("A{area:02}"),
            industry: format!("I{:02}", random.random_range(0..20)),
            risk: *risks.choose(&mut random).expect("four"),
            visit_cost: 100,
            visit_cap: random.random_range(1..=4),
            min_gap_days: *[1, 1, 3, 7].choose(&mut random).expect("four"),
            last_counted: None,
            closed: Vec::new(),
            quiet: Vec::new(),
            department_caps: BTreeMap::new(),
            caps: Vec::new(),
        };
        // a geometric tail: most have one to three requests, a few have a dozen or more
        let mut count = 1;
        while count < 24 && random.random_range(0..100) < 58 {
            count += 1;
        }
        for _ in 0..count {
            let request =
                request(&mut random, options, &days, &draft, &scenarios, &enterprise, area);
            draft.requests.push(request);
        }
        draft.enterprises.push(enterprise);
    }
    let mut asked: BTreeMap<String, i64> = BTreeMap::new();
    for request in &draft.requests {
        for u in &request.uses {
            *asked.entry(u.pool.clone()).or_default() += u.inspectors * request.minutes + 30;
        }
    }
    for d in 0..options.departments {
        for a in 0..options.areas.max(1) {
            let id = format!("D{d:02}A{a:02}");
            let total = asked.get(&id).copied().unwrap_or(0);
            let minutes = total * options.slack_percent / 100 / days.len() as i64;
            draft.pools.push(Pool {
                id,
                department: department(d),
                minutes: minutes.clamp(480, MINUTES_MAX / 2),
                attendance_minutes: 30,
                exceptions: BTreeMap::new(),
                overtime_minutes: 0,
                overtime_cost: 0,
            });
        }
    }
    if options.every_field {
        decorate(&mut draft, &mut random, &days);
    }
    Problem::build(draft).expect("made-up problems are sound")
}

fn request(
    random: &mut Pcg64Mcg,
    options: &Options,
    days: &[NaiveDate],
    draft: &Draft,
    scenarios: &[(Scenario, Vec<usize>)],
    enterprise: &Enterprise,
    area: usize,
) -> Request {
    let d = random.random_range(0..options.departments);
    // windows of a week to the whole horizon, some piling up at its end
    let length = random.random_range(days.len().min(5)..=days.len());
    let latest_start = days.len() - length;
    let first = if random.random_range(0..4) == 0 {
        latest_start
    } else {
        random.random_range(0..=latest_start)
    };
    let listing = scenarios.iter().filter(|(_, members)| members.contains(&d));
    let mut listed: Vec<String> = listing.map(|(scenario, _)| scenario.id.clone()).collect();
    listed.truncate(4);
    Request {
        id: format!("R{:07}", draft.requests.len()),
        enterprise: enterprise.id.clone(),
        department: format!("D{d:02}"),
        earliest: days[first],
        latest: days[first + length - 1],
        minutes: random.random_range(2..=8) * 15,
        uses: vec![Use { pool: format!("D{d:02}A{area:02}"), inspectors: 2 }],
        scenarios: listed,
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

/// Puts every optional field to use.
fn decorate(draft: &mut Draft, random: &mut Pcg64Mcg, days: &[NaiveDate]) {
    let span = |random: &mut Pcg64Mcg, length: usize| {
        let first = random.random_range(0..days.len());
        let last = (first + length).min(days.len() - 1);
        Span { first: days[first], last: days[last] }
    };
    for pool in &mut draft.pools {
        pool.overtime_minutes = pool.minutes / 10;
        pool.overtime_cost = 2;
        if random.random_range(0..2) == 0 {
            let day = *days.choose(random).expect("days");
            let minutes = *[0, pool.minutes / 2, pool.minutes * 2].choose(random).expect("three");
            pool.exceptions.insert(day, minutes);
        }
    }
    let scenario_ids: Vec<String> = draft.scenarios.iter().map(|s| s.id.clone()).collect();
    let department_ids: Vec<String> = draft
        .pools
        .iter()
        .map(|p| p.department.clone())
        .collect::<BTreeSet<_>>()
        .into_iter()
        .collect();
    for e in &mut draft.enterprises {
        let mut chance = |percent: u32| random.random_range(0..100) < percent;
        let (recent, closed, quiet) = (chance(15), chance(15), chance(25));
        let (department_cap, cap) = (chance(15), chance(25));
        if recent {
            e.last_counted = draft.start.checked_sub_days(Days::new(random.random_range(1..=9)));
        }
        if closed {
            e.closed.push(span(random, 4));
        }
        if quiet {
            e.quiet.push(span(random, 8));
        }
        if department_cap {
            let department = department_ids.choose(random).expect("departments").clone();
            e.department_caps.insert(department, random.random_range(0..=1));
        }
        if cap {
            let kind = random.random_range(0..4);
            e.caps.push(Cap {
                span: span(random, 12),
                department: (kind & 1 == 1)
                    .then(|| department_ids.choose(random).expect("some").clone()),
                scenario: (kind & 2 == 2)
                    .then(|| scenario_ids.choose(random).expect("some").clone()),
                at_most: random.random_range(0..=1),
            });
        }
    }
    let mut group_of: BTreeMap<(String, String), String> = BTreeMap::new();
    for i in 0..draft.requests.len() {
        let r = &mut draft.requests[i];
        match random.random_range(0..20) {
            0 => r.exempt = true,
            1 => {
                r.exempt = true;
                r.quiet_exempt = Some(false);
            }
            2 => r.quiet_exempt = Some(true),
            3 => r.solo = true,
            4 => r.deferrable = true,
            5 | 6 => {
                let key = (r.enterprise.clone(), r.department.clone());
                let next = format!("G{}", group_of.len());
                r.together = Some(group_of.entry(key).or_insert(next).clone());
            }
            7..=9 => {
                let due = r.earliest + Days::new(random.random_range(0..=6));
                r.due = Some(Due { date: due, late_cost: random.random_range(1..=8) });
            }
            10 => {
                let date = *days.choose(random).expect("days");
                r.keep = Some(Keep { date, cost: 40 });
            }
            11 => {
                // a second pool, of another department
                let other = draft.pools.choose(random).expect("pools").id.clone();
                if other != r.uses[0].pool {
                    r.uses.push(Use { pool: other, inspectors: 1 });
                }
            }
            _ => {}
        }
    }
    let target = |id: &str, measure, at_least, already| Target {
        id: id.into(),
        measure,
        department: None,
        scenario: None,
        area: None,
        risk: None,
        at_least: Share(at_least),
        shortfall_cost: 60,
        already,
    };
    draft.targets = vec![
        target("all", Measure::Scheduled, 9_500, Already::default()),
        target("joint", Measure::Joint, 6_000, Already { reached: 3, of: 10 }),
        Target {
            risk: Some(Risk::D),
            ..target("high-risk", Measure::Visited, 9_900, Already::default())
        },
        Target {
            department: Some(department_ids[0].clone()),
            area: Some(draft.enterprises[0].area.clone()),
            scenario: Some(scenario_ids[0].clone()),
            ..target("narrow", Measure::Scheduled, 8_001, Already::default())
        },
    ];
    fix_some(draft, random);
}

/// Most fixed visits.
const FIXED_MAX: usize = 40;

/// Fixes a few visits of one request, each only if the problem stays sound.
fn fix_some(draft: &mut Draft, random: &mut Pcg64Mcg) {
    let problem = Problem::build(draft.clone()).expect("sound so far");
    for i in 0..draft.requests.len() {
        let r = &draft.requests[i];
        if draft.fixed.len() == FIXED_MAX {
            return;
        }
        let is_taken = draft.fixed.iter().any(|f| f.enterprise == r.enterprise);
        if is_taken || r.together.is_some() || random.random_range(0..40) != 0 {
            continue;
        }
        let length = (r.latest - r.earliest).num_days() as u64;
        let date = r.earliest + Days::new(random.random_range(0..=length));
        let fixed = Fixed { enterprise: r.enterprise.clone(), date, requests: vec![r.id.clone()] };
        let visits = draft.fixed.iter().chain([&fixed]).map(|f| crate::domain::Visit {
            enterprise: f.enterprise.clone(),
            date: f.date,
            requests: f.requests.clone(),
            scenario: None,
        });
        let plan = Plan { problem: String::new(), visits: visits.collect() };
        if check(&problem, &plan).is_empty() {
            draft.fixed.push(fixed);
        }
    }
}
