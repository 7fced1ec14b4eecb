//! Tiny random problems that use every field, and random prices for them.

use crate::domain::certificate::{
    CellPrice, Credits, Decision, Leaf, Step, TargetPrice, UnitCredit,
};
use crate::domain::check;
use crate::domain::plan::{Plan, Visit};
use crate::domain::problem::{
    Already, Cap, Draft, Due, Fixed, Keep, Pool, Problem, ProblemEnterprise, Request, Scenario,
    Share, Span, Target, TargetMeasure, Use,
};
use crate::domain::register::grade::Grade;
use chrono::{Days, NaiveDate};

/// Of all certificates here.
pub const SCALE: i64 = 16;

/// Small random numbers (splitmix64).
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }

    /// Both ends included.
    pub fn between(&mut self, least: i64, most: i64) -> i64 {
        least + self.below((most - least + 1) as usize) as i64
    }

    /// True once in `n` times.
    pub fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    fn pick<'a>(&mut self, names: &[&'a str]) -> &'a str {
        names[self.below(names.len())]
    }
}

#[derive(Clone, Copy)]
pub struct Size {
    pub enterprises: usize,
    pub requests: usize,
    pub days: u64,
}

const DEPARTMENTS: [&str; 3] = ["fire", "food", "labour"];
const POOLS: [&str; 4] = ["fire-1", "food-1", "labour-1", "lab"];
const SCENARIOS: [&str; 3] = ["kitchen", "yard", "school"];

fn start() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 3, 2).expect("a day")
}

fn day(n: u64) -> NaiveDate {
    start() + Days::new(n)
}

/// A valid problem of this size.
pub fn problem(dice: &mut Dice, size: Size) -> Problem {
    loop {
        // most drafts are sound but for their fixed visits
        if let Ok(problem) = Problem::build(draft(dice, size)) {
            return problem;
        }
    }
}

/// A valid problem whose one enterprise would like more visits than its cap allows.
pub fn crowded(dice: &mut Dice, size: Size) -> Problem {
    loop {
        let mut draft = draft(dice, size);
        let site = &mut draft.enterprises[0];
        (site.visit_cost, site.visit_cap) = (dice.between(0, 5), dice.between(2, 3));
        site.min_gap_days = dice.between(0, 2);
        site.closed.clear();
        draft.attendance_cost = 1;
        for request in &mut draft.requests {
            request.penalty += 100;
            request.solo |= dice.one_in(3);
            request.scenarios.truncate(dice.below(3));
        }
        if let Ok(problem) = Problem::build(draft) {
            return problem;
        }
    }
}

/// A valid problem whose requests come in groups, most of them too long for a visit of one department.
pub fn grouped(dice: &mut Dice, size: Size) -> Problem {
    loop {
        let mut draft = draft(dice, size);
        draft.max_visit_minutes = 10 * dice.between(2, 6);
        for request in &mut draft.requests {
            request.together = Some(format!("{}-{}", request.department, dice.below(2)));
        }
        if let Ok(problem) = Problem::build(draft) {
            return problem;
        }
    }
}

fn some_day(dice: &mut Dice, size: Size) -> NaiveDate {
    day(dice.below(size.days as usize) as u64)
}

fn span(dice: &mut Dice, size: Size) -> Span {
    let (a, b) = (some_day(dice, size), some_day(dice, size));
    Span { first: a.min(b), last: a.max(b) }
}

fn draft(dice: &mut Dice, size: Size) -> Draft {
    let pool = |dice: &mut Dice, id: &str| Pool {
        id: id.into(),
        department: id.split('-').next().unwrap_or(id).into(),
        minutes: 10 * dice.between(8, 30),
        attendance_minutes: 5 * dice.between(0, 4),
        exceptions: (0..dice.below(3))
            .map(|_| (some_day(dice, size), 10 * dice.between(0, 9)))
            .collect(),
        overtime_minutes: if dice.one_in(2) { 10 * dice.between(0, 6) } else { 0 },
        overtime_cost: dice.between(0, 4),
    };
    let scenario = |dice: &mut Dice, id: &str| Scenario {
        id: id.into(),
        max_departments: dice.between(2, 3),
        max_inspectors: dice.between(2, 8),
        max_minutes: 10 * dice.between(5, 12),
    };
    let requests: Vec<Request> = (0..size.requests).map(|i| request(dice, size, i)).collect();
    let fixed = fixed(dice, size, &requests);
    Draft {
        name: format!("tiny {}", dice.below(100)),
        start: start(),
        end: day(size.days - 1),
        closed_days: (0..dice.below(2)).map(|_| some_day(dice, size)).collect(),
        attendance_cost: dice.between(0, 15),
        max_visit_minutes: 10 * dice.between(4, 12),
        pools: POOLS.iter().map(|id| pool(dice, id)).collect(),
        scenarios: SCENARIOS.iter().map(|id| scenario(dice, id)).collect(),
        enterprises: (0..size.enterprises).map(|e| enterprise(dice, size, e)).collect(),
        requests,
        targets: (0..dice.below(5)).map(|t| target(dice, t)).collect(),
        fixed,
    }
}

fn enterprise(dice: &mut Dice, size: Size, e: usize) -> ProblemEnterprise {
    let caps = (0..dice.below(3)).map(|_| Cap {
        span: span(dice, size),
        department: dice.one_in(2).then(|| dice.pick(&DEPARTMENTS).into()),
        scenario: dice.one_in(2).then(|| dice.pick(&SCENARIOS).into()),
        at_most: (dice.between(0, 5) + 1) / 2,
    });
    let caps = caps.collect();
    let closed = (0..dice.below(4) / 3).map(|_| span(dice, size)).collect();
    let quiet = (0..dice.below(3) / 2).map(|_| span(dice, size)).collect();
    ProblemEnterprise {
        id: format!("e{e}"),
        area: dice.pick(&["north", "south"]).into(),
        industry: "6210".into(),
        risk: [Grade::A, Grade::B, Grade::C, Grade::D][dice.below(4)],
        visit_cost: dice.between(0, 60),
        visit_cap: if dice.one_in(2) { (dice.between(0, 7) + 1) / 2 } else { 9 },
        min_gap_days: dice.between(0, 3),
        last_counted: dice.one_in(3).then(|| start() - Days::new(dice.below(3) as u64)),
        closed,
        quiet,
        department_caps: (0..dice.below(3))
            .map(|_| (dice.pick(&DEPARTMENTS).to_owned(), dice.between(0, 2)))
            .collect(),
        caps,
    }
}

fn request(dice: &mut Dice, size: Size, i: usize) -> Request {
    let at = dice.below(size.enterprises);
    let department = dice.below(3);
    let mut uses = vec![Use { pool: POOLS[department].into(), inspectors: dice.between(1, 2) }];
    if dice.one_in(3) {
        let other = (department + 1 + dice.below(3)) % 4;
        uses.push(Use { pool: POOLS[other].into(), inspectors: 1 });
    }
    let window = span(dice, size);
    let wide = dice.one_in(2);
    let scenarios =
        SCENARIOS.iter().filter(|_| !dice.one_in(3)).map(|id| (*id).to_owned()).collect();
    Request {
        id: format!("r{i}"),
        enterprise: format!("e{at}"),
        department: DEPARTMENTS[department].into(),
        earliest: if wide { start() } else { window.first },
        latest: if wide { day(size.days - 1) } else { window.last },
        minutes: 10 * dice.between(1, 6),
        uses,
        scenarios,
        penalty: dice.between(0, 300),
        exempt: dice.one_in(5),
        quiet_exempt: dice.one_in(4).then(|| dice.one_in(2)),
        together: dice.one_in(5).then(|| format!("{}-{}", DEPARTMENTS[department], dice.below(2))),
        deferrable: dice.one_in(6),
        solo: dice.one_in(12),
        due: dice
            .one_in(4)
            .then(|| Due { date: some_day(dice, size), late_cost: dice.between(0, 9) }),
        keep: dice
            .one_in(5)
            .then(|| Keep { date: some_day(dice, size), cost: dice.between(0, 30) }),
    }
}

fn target(dice: &mut Dice, t: usize) -> Target {
    Target {
        id: format!("t{t}"),
        measure: [TargetMeasure::Scheduled, TargetMeasure::Joint, TargetMeasure::Visited]
            [dice.below(3)],
        department: dice.one_in(3).then(|| dice.pick(&DEPARTMENTS).into()),
        scenario: dice.one_in(3).then(|| dice.pick(&SCENARIOS).into()),
        area: dice.one_in(3).then(|| dice.pick(&["north", "south"]).into()),
        risk: dice.one_in(5).then_some(Grade::B),
        at_least: Share(dice.between(1, 10_000)),
        shortfall_cost: dice.between(0, 150),
        already: if dice.one_in(3) {
            Already { reached: dice.between(0, 3), of: dice.between(0, 5) }
        } else {
            Already::default()
        },
    }
}

fn fixed(dice: &mut Dice, size: Size, requests: &[Request]) -> Vec<Fixed> {
    let mut fixed = Vec::new();
    for request in requests {
        if dice.one_in(2 * requests.len()) {
            fixed.push(Fixed {
                enterprise: request.enterprise.clone(),
                date: some_day(dice, size),
                requests: vec![request.id.clone()],
            });
        }
    }
    fixed
}

/// The leaves of a random tree of decisions, with random prices.
pub fn tree(dice: &mut Dice, problem: &Problem, depth: usize) -> Vec<Leaf> {
    let mut leaves = Vec::new();
    grow(dice, problem, depth, Vec::new(), &mut leaves);
    leaves
}

fn grow(
    dice: &mut Dice,
    problem: &Problem,
    depth: usize,
    decisions: Vec<Decision>,
    leaves: &mut Vec<Leaf>,
) {
    let facts = problem.facts();
    if depth == 0 || dice.one_in(3) {
        leaves.push(prices(dice, problem, decisions));
        return;
    }
    let Request { id, earliest, latest, .. } = &facts.requests[dice.below(facts.requests.len())];
    let days = (*latest - *earliest).num_days();
    let until = *earliest + Days::new(dice.between(0, days) as u64);
    let request = id.clone();
    for held in [true, false] {
        let mut decisions = decisions.clone();
        decisions.push(Decision { request: request.clone(), until, held });
        grow(dice, problem, depth - 1, decisions, leaves);
    }
}

fn prices(dice: &mut Dice, problem: &Problem, decisions: Vec<Decision>) -> Leaf {
    let facts = problem.facts();
    let mut leaf = Leaf { decisions, ..Leaf::default() };
    for pool in &facts.pools {
        for date in facts.start.iter_days().take_while(|day| *day <= facts.end) {
            if problem.is_open(date) && !dice.one_in(3) {
                let steps = (0..dice.below(3)).map(|_| Step {
                    from: 5 * dice.between(0, 30),
                    charge: SCALE * dice.between(0, 40),
                });
                let steps = steps.collect();
                let minute = if dice.one_in(3) { 0 } else { dice.between(0, 2 * SCALE) };
                leaf.cells.push(CellPrice { pool: pool.id.clone(), date, minute, steps });
            }
        }
    }
    for target in &facts.targets {
        let price = dice.between(0, target.shortfall_cost * SCALE);
        leaf.targets.push(TargetPrice { target: target.id.clone(), price });
    }
    leaf
}

/// Gives the leaf random credits, near the penalties.
pub fn credits(dice: &mut Dice, problem: &Problem, leaf: &mut Leaf) {
    let facts = problem.facts();
    for (e, enterprise) in facts.enterprises.iter().enumerate() {
        let credit = |r: &usize| {
            let request = &facts.requests[*r];
            let credit = dice.between(-200, SCALE * 120);
            UnitCredit { request: request.id.clone(), credit }
        };
        let requests = problem.requests_at(e).iter().map(credit).collect();
        leaf.credits.push(Credits { enterprise: enterprise.id.clone(), requests });
    }
}

/// A valid plan, but for fixed visits of two departments: the fixed visits and each request alone
/// where nothing forbids it.
pub fn greedy(problem: &Problem) -> Plan {
    let facts = problem.facts();
    let mut plan = Plan { problem: facts.name.clone(), visits: Vec::new() };
    for fixed in &facts.fixed {
        let Fixed { enterprise, date, requests } = fixed.clone();
        plan.visits.push(Visit { enterprise, date, requests, scenario: None });
    }
    for request in &facts.requests {
        if plan.visits.iter().any(|visit| visit.requests.contains(&request.id)) {
            continue;
        }
        for date in request.earliest.iter_days().take_while(|day| *day <= request.latest) {
            let mut next = plan.clone();
            next.visits.push(Visit {
                enterprise: request.enterprise.clone(),
                date,
                requests: vec![request.id.clone()],
                scenario: None,
            });
            if check(problem, &next).is_empty() {
                plan = next;
                break;
            }
        }
    }
    plan
}
