//! Made-up problems of any size, for tests, benchmarks and trying things out. Same options, same
//! problem. Nothing in them is real, and their names say so.

use crate::domain::problem::{
    Already, Cap, Draft, Due, Fixed, Keep, MINUTES_MAX, Pool, ProblemEnterprise, Request, Scenario,
    Share, Span, Target, TargetMeasure, Use,
};
use crate::domain::register::grade::Grade;
use crate::domain::{Problem, check, plan::Plan};
use crate::optimiser;
use chrono::{Datelike, Days, NaiveDate, Weekday};
use rand::RngExt;
use rand::seq::{IndexedRandom, SliceRandom};
use rand_pcg::Pcg64Mcg;
use std::collections::{BTreeMap, BTreeSet};

/// What to make. Slack, lumpiness, peaks and quiet days decide how hard a problem is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// Number of enterprises, at least 1; about 2.4 requests each.
    pub enterprises: usize,
    /// Working days of the horizon, at least 1.
    pub working_days: usize,
    /// Departments, at least 2.
    pub departments: usize,
    /// Areas; each department has a pool in each. [`Options::lumpy`] sets it from the lumpiness.
    pub areas: usize,
    /// Person-minutes offered for each one asked for, in percent.
    pub slack_percent: i64,
    /// Share of the windows that are short and end on the last working days of a month or of the
    /// horizon, in percent.
    pub peak_percent: u32,
    /// Share of the enterprises with quiet days, the 1st to the 15th of each month, in percent.
    pub quiet_percent: u32,
    /// Overtime of each pool's day, in percent of its minutes.
    pub overtime_percent: i64,
    /// Share of the enterprises where one department is capped to one visit, in percent.
    pub department_cap_percent: u32,
    /// Use every field of the format: overtime, caps, gaps, closed and quiet days, groups, solo,
    /// deferrable, due and kept days, targets, fixed visits.
    pub every_field: bool,
    /// Keep requests that no day can take, which `every_field` makes now and then.
    pub impossible: bool,
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
            peak_percent: 0,
            quiet_percent: 0,
            overtime_percent: 0,
            department_cap_percent: 0,
            every_field: false,
            impossible: false,
            seed: 1,
        }
    }
}

/// Names of the presets, smallest first: the public benchmark set.
pub const PRESETS: [&str; 16] = [
    "park",
    "park-tight",
    "features",
    "lumps",
    "small-pools",
    "month-end",
    "caps",
    "overtime",
    "county-slack",
    "county-tight",
    "county-peaks",
    "district",
    "district-peaks",
    "city",
    "city-100k",
    "megacity-400k",
];

impl Options {
    /// The options of a preset, or `None` for an unknown name.
    pub fn preset(name: &str) -> Option<Self> {
        let county = Self {
            enterprises: 1_000,
            departments: 12,
            overtime_percent: 10,
            department_cap_percent: 10,
            quiet_percent: 10,
            seed: 3,
            ..Self::default()
        };
        let slack = |options: Self, slack_percent, lumpiness_percent| {
            Self { slack_percent, ..options }.lumpy(lumpiness_percent)
        };
        let town = Self { enterprises: 500, ..county.clone() };
        let peaks = |options: Self| Self { peak_percent: 50, quiet_percent: 30, ..options };
        let district = Self { enterprises: 10_000, departments: 16, ..county.clone() };
        let large = |enterprises| Self {
            enterprises,
            departments: 28,
            quiet_percent: 10,
            ..Self::default()
        };
        Some(match name {
            "park" => Self { slack_percent: 130, ..Self::default() },
            "park-tight" => Self { slack_percent: 100, ..Self::default() },
            "features" => {
                Self { every_field: true, slack_percent: 110, seed: 2, ..Self::default() }
            }
            // a pool's day takes one to three visits
            "lumps" => slack(town, 85, 60),
            // the same in twice as many departments and pools
            "small-pools" => slack(Self { departments: 24, ..county }, 85, 60),
            // most windows end with a month, and half of the enterprises are quiet in its first half
            "month-end" => slack(
                Self { working_days: 44, peak_percent: 70, quiet_percent: 50, ..town },
                100,
                20,
            ),
            "caps" => slack(Self { department_cap_percent: 80, ..town }, 85, 20),
            // half as much overtime as regular minutes, and both together are short
            "overtime" => slack(Self { overtime_percent: 50, ..town }, 50, 20),
            "county-slack" => slack(county, 100, 12),
            "county-tight" => slack(county, 75, 20),
            "county-peaks" => slack(peaks(county), 90, 20),
            "district" => slack(district, 85, 12),
            "district-peaks" => slack(peaks(district), 90, 12),
            "city" => slack(large(40_000), 85, 12),
            "city-100k" => slack(large(100_000), 85, 12),
            "megacity-400k" => slack(large(400_000), 85, 12),
            _ => return None,
        })
    }

    /// With as many areas as make a typical visit take `percent` of a pool's day.
    pub fn lumpy(self, percent: i64) -> Self {
        let asked = self.enterprises as i64 * TYPICAL_REQUESTS_PERCENT * TYPICAL_DRAW_MINUTES / 100;
        let minutes = asked * self.slack_percent / 100;
        let pool_days = (self.departments * self.working_days) as i64;
        let areas = minutes * percent / (pool_days * TYPICAL_DRAW_MINUTES * 100);
        Self { areas: areas.max(1) as usize, ..self }
    }
}

/// Requests at an enterprise on average, in hundredths.
const TYPICAL_REQUESTS_PERCENT: i64 = 238;
/// Most person-minutes that a visit for one request draws; every pool's day takes one.
const LARGEST_DRAW_MINUTES: i64 = 270;
/// Person-minutes that a visit for one request draws on average.
const TYPICAL_DRAW_MINUTES: i64 = 180;

/// Makes a problem.
pub fn generate(options: &Options) -> Problem {
    // the generator drops the lowest bit
    let mut random = Pcg64Mcg::new(u128::from(options.seed) << 1 | 1 << 100);
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
    let quiet = first_halves(start, end);
    let risks = [Grade::A, Grade::B, Grade::C, Grade::D];
    for e in 0..options.enterprises {
        let area = random.random_range(0..options.areas.max(1));
        let is_quiet = random.random_range(0..100) < options.quiet_percent;
        let is_capped = random.random_range(0..100) < options.department_cap_percent;
        let capped = department(random.random_range(0..options.departments));
        let enterprise = ProblemEnterprise {
            id: format!("E{e:06}"),
            area: format!("A{area:02}"),
            industry: format!("I{:02}", random.random_range(0..20)),
            risk: *risks.choose(&mut random).expect("four"),
            visit_cost: 100,
            visit_cap: random.random_range(1..=4),
            min_gap_days: *[1, 1, 3, 7].choose(&mut random).expect("four"),
            last_counted: None,
            closed: Vec::new(),
            quiet: if is_quiet { quiet.clone() } else { Vec::new() },
            department_caps: is_capped.then_some((capped, 1)).into_iter().collect(),
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
            let minutes = minutes.clamp(LARGEST_DRAW_MINUTES, MINUTES_MAX / 2);
            let overtime_minutes = minutes * options.overtime_percent / 100;
            draft.pools.push(Pool {
                id,
                department: department(d),
                minutes,
                attendance_minutes: 30,
                exceptions: BTreeMap::new(),
                overtime_minutes,
                overtime_cost: if overtime_minutes > 0 { 2 } else { 0 },
            });
        }
    }
    if options.every_field {
        decorate(&mut draft, &mut random, &days);
    }
    let problem = Problem::build(draft).expect("made-up problems are sound");
    if options.impossible { problem } else { without_impossible(problem) }
}

/// The problem without the requests that no day can take.
fn without_impossible(problem: Problem) -> Problem {
    let impossible: BTreeSet<usize> =
        optimiser::impossible(&problem).iter().map(|found| found.request).collect();
    if impossible.is_empty() {
        return problem;
    }
    let mut draft = problem.into_draft();
    let mut place = 0;
    draft.requests.retain(|_| {
        place += 1;
        !impossible.contains(&(place - 1))
    });
    Problem::build(draft).expect("a sound problem stays sound without a request")
}

fn request(
    random: &mut Pcg64Mcg,
    options: &Options,
    days: &[NaiveDate],
    draft: &Draft,
    scenarios: &[(Scenario, Vec<usize>)],
    enterprise: &ProblemEnterprise,
    area: usize,
) -> Request {
    let d = random.random_range(0..options.departments);
    let (first, last) = window(random, options, days, &enterprise.quiet);
    let listing = scenarios.iter().filter(|(_, members)| members.contains(&d));
    let mut listed: Vec<String> = listing.map(|(scenario, _)| scenario.id.clone()).collect();
    listed.truncate(4);
    Request {
        id: format!("R{:07}", draft.requests.len()),
        enterprise: enterprise.id.clone(),
        department: format!("D{d:02}"),
        earliest: days[first],
        latest: days[last],
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

/// First and last day of a window: of a week to the whole horizon, a quarter of them up to its end;
/// or a short one before a peak. One with quiet days only is moved to the end.
fn window(
    random: &mut Pcg64Mcg,
    options: &Options,
    days: &[NaiveDate],
    quiet: &[Span],
) -> (usize, usize) {
    let end = days.len() - 1;
    let (first, last) = if random.random_range(0..100) < options.peak_percent {
        let is_peak = |d: &usize| *d == end || days[*d].month() != days[d + 1].month();
        let peaks: Vec<usize> = (0..=end).filter(is_peak).collect();
        let last = *peaks.choose(random).expect("the last day is one");
        (last.saturating_sub(random.random_range(2..=7)), last)
    } else {
        let length = random.random_range(days.len().min(5)..=days.len());
        let latest_start = days.len() - length;
        let first = if random.random_range(0..4) == 0 {
            latest_start
        } else {
            random.random_range(0..=latest_start)
        };
        (first, first + length - 1)
    };
    let is_quiet = |d: usize| quiet.iter().any(|span| span.contains(days[d]));
    if (first..=last).all(is_quiet) { (end - (last - first), end) } else { (first, last) }
}

/// The 1st to the 15th of each month between two days.
fn first_halves(start: NaiveDate, end: NaiveDate) -> Vec<Span> {
    let firsts = start.with_day(1).expect("every month has a first").iter_days();
    let firsts = firsts.take_while(|day| *day <= end).filter(|day| day.day() == 1);
    firsts.map(|first| Span { first, last: first + Days::new(14) }).collect()
}

/// Puts every optional field to use.
fn decorate(draft: &mut Draft, random: &mut Pcg64Mcg, days: &[NaiveDate]) {
    let span = |random: &mut Pcg64Mcg, length: usize| {
        let first = random.random_range(0..days.len());
        let last = (first + length).min(days.len() - 1);
        Span { first: days[first], last: days[last] }
    };
    // one enterprise with two dozen requests, where there are plenty
    if draft.requests.len() > 4 * LARGEST_REQUESTS {
        let host = draft.enterprises[0].id.clone();
        for request in draft.requests.iter_mut().rev().take(LARGEST_REQUESTS) {
            request.enterprise = host.clone();
        }
    }
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
        target("all", TargetMeasure::Scheduled, 9_500, Already::default()),
        target("joint", TargetMeasure::Joint, 6_000, Already { reached: 3, of: 10 }),
        Target {
            risk: Some(Grade::D),
            ..target("high-risk", TargetMeasure::Visited, 9_900, Already::default())
        },
        Target {
            department: Some(department_ids[0].clone()),
            area: Some(draft.enterprises[0].area.clone()),
            scenario: Some(scenario_ids[0].clone()),
            ..target("narrow", TargetMeasure::Scheduled, 8_001, Already::default())
        },
    ];
    fix_some(draft, random);
}

/// Requests moved to one enterprise where every field is used.
const LARGEST_REQUESTS: usize = 23;
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
