//! The optimiser against brute force on tiny problems, and its promises on larger ones.

use crate::support::brute::best_cost;
use crate::support::fixture::{build, day, request, with};
use onevisit::app::planning::solve;
use onevisit::app::planning::solve::Solved;
use onevisit::certificate::certify;
use onevisit::domain::problem::{Cap, Fixed, Request, Share, Span, Target, TargetMeasure};
use onevisit::domain::{Plan, Problem, Visit, check, cost};
use onevisit::samples::generate::{Options, generate};
use onevisit::wire;
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::time::Instant;

fn options(work: u64, threads: usize) -> solve::Options {
    solve::Options {
        started: Instant::now(),
        time: None,
        work: Some(work),
        gap: 0.0,
        seed: 1,
        threads,
        certificate: true,
        memory_bytes: None,
    }
}

/// Solves; `app::solve` itself holds the outcome against the checker and the cost.
fn solve(problem: &Problem, options: &solve::Options) -> Solved {
    solve::solve(problem, options, &mut |_, _| ControlFlow::Continue(()))
        .unwrap_or_else(|bug| panic!("{bug}"))
}

fn bytes(solved: &Solved) -> Vec<u8> {
    let mut bytes = Vec::new();
    let figures = Some((solved.report.cost, solved.report.bound));
    wire::planning::plan::write(&solved.plan, figures, &mut bytes).unwrap();
    bytes
}

/// Made-up problems of at most `most` requests that use every field.
fn tiny_problem(seed: u64, most: usize) -> Option<Problem> {
    let problem = generate(&Options {
        enterprises: 2,
        working_days: 3,
        departments: 3,
        areas: 1,
        slack_percent: 60,
        every_field: true,
        seed,
        ..Options::default()
    });
    (problem.facts().requests.len() <= most).then_some(problem)
}

#[test]
fn tiny_problems_are_bounded_by_brute_force_and_mostly_solved() {
    let (mut seen, mut solved_to_the_end) = (0, 0);
    for problem in (1..160).filter_map(|seed| tiny_problem(seed, 6)) {
        let best = best_cost(&problem);
        let Solved { plan, report, .. } = solve(&problem, &options(4_000, 1));
        let name = &problem.facts().name;
        assert!(report.bound <= best, "{name}: bound {} above the best {best}", report.bound);
        assert!(report.cost >= best, "{name}: cost {} below the best {best}", report.cost);
        assert!(check(&problem, &plan).is_empty());
        seen += 1;
        solved_to_the_end += usize::from(report.cost == best);
    }
    assert!(seen >= 60, "too few tiny problems: {seen}");
    assert!(solved_to_the_end * 100 >= seen * 97, "{solved_to_the_end} of {seen} solved");
}

#[test]
fn tiny_enterprises_without_coupling_are_proven_optimal() {
    // ample pools and no targets: the enterprise kernel alone decides, and it is exact
    let mut proven = 0;
    for seed in 1..80 {
        let Some(problem) = tiny_problem(seed, 6) else { continue };
        let mut draft = problem.into_draft();
        draft.targets.clear();
        for pool in &mut draft.pools {
            pool.minutes = 100_000;
            pool.exceptions.clear();
        }
        let problem = build(draft);
        let Solved { report, .. } = solve(&problem, &options(2_000, 1));
        assert_eq!(report.cost, best_cost(&problem), "{}", problem.facts().name);
        assert_eq!(report.bound, report.cost, "{}", problem.facts().name);
        assert_eq!(report.stopped_by, "optimal");
        proven += 1;
    }
    assert!(proven >= 25, "{proven}");
}

#[test]
fn tiny_joint_visit_is_found() {
    let problem = build(with(vec![request("F", "FIRE"), request("H", "HEALTH")]));
    let Solved { plan, report, .. } = solve(&problem, &options(1_000, 1));
    assert_eq!((report.cost, report.bound, report.visits, report.joint_visits), (120, 120, 1, 1));
    assert_eq!((report.separate_visits, report.scheduled), (2, 2));
    assert_eq!(plan.visits[0].scenario.as_deref(), Some("hotel"));
}

#[test]
fn an_empty_problem_is_solved() {
    let problem = build(with(vec![]));
    let Solved { plan, report, .. } = solve(&problem, &options(1_000, 2));
    assert!(plan.visits.is_empty());
    assert_eq!((report.cost, report.bound, report.stopped_by), (0, 0, "optimal"));
}

#[test]
fn impossible_requests_are_listed_with_the_rule_that_leaves_them_no_day() {
    let code = |change: &dyn Fn(&mut onevisit::domain::Draft)| {
        let mut draft = with(vec![request("F", "FIRE"), request("H", "HEALTH")]);
        change(&mut draft);
        let problem = build(draft);
        let Solved { report, .. } = solve(&problem, &options(1_000, 1));
        assert_eq!((report.impossible, report.impossible_cost), (1, 500));
        assert_eq!((report.scheduled, report.controllable_gap), (1, 0.0));
        let [reason] = &report.left_out[..] else { panic!("{:?}", report.left_out) };
        assert_eq!((reason.request.as_str(), reason.certainty), ("F", "impossible"));
        reason.code
    };
    let span = |first, last| Span { first: day(first), last: day(last) };
    let weekend = |d: &mut onevisit::domain::Draft| {
        (d.requests[0].earliest, d.requests[0].latest) = (day(7), day(8));
    };
    assert_eq!(code(&weekend), "no-open-day");
    let quiet = |d: &mut onevisit::domain::Draft| {
        d.requests[1].quiet_exempt = Some(true);
        d.enterprises[0].quiet = vec![span(1, 31)];
    };
    assert_eq!(code(&quiet), "only-quiet-days");
    let recent = |d: &mut onevisit::domain::Draft| {
        d.requests[0].latest = day(5);
        d.enterprises[0].min_gap_days = 7;
        d.enterprises[0].last_counted = day(1).into();
    };
    assert_eq!(code(&recent), "too-soon-after-last-visit");
    let capped = |d: &mut onevisit::domain::Draft| {
        d.enterprises[0].department_caps.insert("FIRE".into(), 0);
    };
    assert_eq!(code(&capped), "cap-is-zero");
    assert_eq!(code(&|d| d.pools[0].minutes = 149), "pool-too-small");
}

#[test]
fn what_is_left_out_has_a_reason() {
    // one day has room for one of three, and the dearest goes first
    let mut draft = with(vec![request("A", "FIRE"), request("B", "FIRE"), request("C", "HEALTH")]);
    draft.pools[0].minutes = 150;
    for r in &mut draft.requests {
        (r.earliest, r.latest) = (day(3), day(3));
    }
    draft.requests[1].penalty = 600;
    draft.requests[2].penalty = 5;
    let Solved { report, .. } = solve(&build(draft), &options(1_000, 1));
    let reasons: Vec<_> =
        report.left_out.iter().map(|r| (r.request.as_str(), r.certainty, r.code)).collect();
    // C would join B at the cost of its presence, 10, against a penalty of 5
    assert_eq!(
        reasons,
        [
            ("A", "too-dear", "costs-more-than-its-penalty"),
            ("C", "too-dear", "costs-more-than-its-penalty")
        ]
    );
    // A could come in B's stead: its penalty is 100 lower
    assert_eq!(
        (report.left_out[0].extra_cost, report.left_out[1].extra_cost),
        (Some(100), Some(5))
    );
}

#[test]
fn full_pools_are_named() {
    let mut draft = with(vec![request("A", "FIRE"), request("B", "FIRE")]);
    draft.enterprises.push(crate::support::fixture::enterprise("E2"));
    draft.requests[1].enterprise = "E2".into();
    draft.requests[1].penalty = 900;
    draft.pools[0].minutes = 150;
    for r in &mut draft.requests {
        (r.earliest, r.latest) = (day(3), day(3));
    }
    let Solved { report, .. } = solve(&build(draft), &options(1_000, 1));
    let [reason] = &report.left_out[..] else { panic!("{:?}", report.left_out) };
    assert_eq!((reason.request.as_str(), reason.code), ("A", "pools-full"));
    assert_eq!(reason.pool.as_deref(), Some("FIRE-pool"));
}

#[test]
fn the_same_seed_work_and_threads_give_the_same_bytes() {
    let problem = generate(&Options { enterprises: 60, every_field: true, ..Options::default() });
    for threads in [1, 3] {
        let once = solve(&problem, &options(20_000, threads));
        let again = solve(&problem, &options(20_000, threads));
        assert_eq!(bytes(&once), bytes(&again), "{threads} threads");
        assert_eq!(once.report.stopped_by, "work");
    }
}

#[test]
fn a_caller_that_stops_at_once_still_gets_a_valid_plan() {
    let problem = generate(&Options { enterprises: 60, every_field: true, ..Options::default() });
    let mut calls = 0;
    let solved = solve::solve(&problem, &options(u64::MAX, 2), &mut |progress, _| {
        calls += 1;
        assert!(progress.bound <= progress.cost);
        ControlFlow::Break(())
    });
    let report = solved.unwrap_or_else(|bug| panic!("{bug}")).report;
    assert_eq!((calls, report.stopped_by), (1, "interrupt"));
}

#[test]
fn a_gap_that_is_asked_for_ends_the_run() {
    let problem = generate(&Options { enterprises: 60, ..Options::default() });
    let report = solve(&problem, &solve::Options { gap: 0.5, ..options(u64::MAX, 1) }).report;
    assert!(report.controllable_gap <= 0.5);
    assert!(matches!(report.stopped_by, "gap" | "optimal"));
}

/// One day of two departments with room for about half: a knapsack, whose gap prices alone leave open.
#[cfg(feature = "highs")]
fn knapsack() -> Problem {
    let mut draft = with(Vec::new());
    draft.enterprises.clear();
    for i in 0..40 {
        let mut own = crate::support::fixture::enterprise(&format!("E{i:02}"));
        own.visit_cost = 0;
        draft.enterprises.push(own);
        let mut one = request(&format!("R{i:02}"), "FIRE");
        one.enterprise = format!("E{i:02}");
        one.minutes = 37 + i * i * 13 % 71;
        one.penalty = 100 + i * i * 29 % 83;
        (one.earliest, one.latest) = (draft.start, draft.start);
        draft.requests.push(one);
    }
    draft.end = draft.start;
    for pool in &mut draft.pools {
        pool.minutes = 1_501;
    }
    build(draft)
}

#[cfg(feature = "highs")]
#[test]
fn the_solvers_bound_is_reported_apart_from_the_proven_one() {
    let problem = knapsack();
    let time = Some(std::time::Duration::from_secs(3));
    let timed = |threads| {
        let options = solve::Options { time, work: None, ..options(0, threads) };
        let Solved { certificate, report, .. } = solve(&problem, &options);
        // what is certified is ours alone
        let certificate = certificate.expect("asked for");
        assert_eq!(
            (certificate.bound, certify(&problem, &certificate).expect("sound").bound),
            (report.bound, report.bound)
        );
        report
    };
    let report = timed(2);
    let unproven = report.bound_unproven.expect("the solver has a word");
    assert!(report.bound < unproven && unproven <= report.cost, "{report:?}");
    assert!(timed(1).bound_unproven.is_none(), "the only thread is not the solver's");
    let repeatable = solve(&problem, &options(20_000, 2)).report;
    assert!(repeatable.bound_unproven.is_none(), "without a clock nobody knows how far it comes");
}

#[test]
fn fixed_visits_remain_even_where_others_crowd() {
    // the fixed visit fills its day's pool; the dearer request must not push it out
    let mut draft = with(vec![request("A", "FIRE"), request("B", "FIRE")]);
    draft.enterprises.push(crate::support::fixture::enterprise("E2"));
    draft.requests[1].enterprise = "E2".into();
    draft.requests[1].penalty = 100_000;
    draft.requests[1].latest = day(2);
    draft.pools[0].minutes = 150;
    draft.fixed = vec![Fixed { enterprise: "E1".into(), date: day(2), requests: vec!["A".into()] }];
    let Solved { plan, report, .. } = solve(&build(draft), &options(100_000, 2));
    assert_eq!(plan.visits.len(), 1);
    assert_eq!(plan.visits[0].requests, ["A"]);
    assert_eq!(report.bound, report.cost);
}

#[test]
fn a_fixed_visit_in_the_way_of_everything_does_not_stall_the_search() {
    // eleven departments that cannot share, gaps of thirty days, and a fixed visit listed last
    let mut draft = crate::support::fixture::draft();
    draft.end = draft.start + chrono::Days::new(349);
    draft.enterprises[0].min_gap_days = 30;
    draft.enterprises[0].visit_cap = 50;
    for i in 0..12 {
        let mut pool = draft.pools[0].clone();
        pool.id = format!("D{i}-pool");
        pool.department = format!("D{i}");
        draft.pools.push(pool);
        let mut r = request(&format!("R{i}"), &format!("D{i}"));
        r.scenarios.clear();
        (r.earliest, r.latest) = match i {
            0 => (day(11), day(16)),
            11 => (day(2), day(31)),
            _ => (day(31), draft.end),
        };
        draft.requests.push(r);
    }
    draft.fixed =
        vec![Fixed { enterprise: "E1".into(), date: day(20), requests: vec!["R11".into()] }];
    let Solved { plan, report, .. } = solve(&build(draft), &options(10, 1));
    assert!(plan.visits.iter().any(|visit| visit.requests == ["R11"]));
    assert_eq!(report.cost, 11 * 110 + 500, "only the first request cannot be placed");
}

#[test]
fn caps_on_scenarios_choose_the_scenario() {
    let mut draft = with(vec![request("F", "FIRE"), request("H", "HEALTH")]);
    let mut other = draft.scenarios[0].clone();
    other.id = "lodging".into();
    draft.scenarios.push(other);
    for r in &mut draft.requests {
        r.scenarios.push("lodging".into());
    }
    draft.enterprises[0].caps = vec![Cap {
        span: Span { first: day(2), last: day(13) },
        department: None,
        scenario: Some("hotel".into()),
        at_most: 0,
    }];
    let plan = solve(&build(draft), &options(1_000, 1)).plan;
    assert_eq!(plan.visits[0].scenario.as_deref(), Some("lodging"));
}

#[test]
fn targets_are_bought_when_they_pay() {
    // joining costs nothing but the wish; a joint target of 1 makes it worth a late visit
    let mut draft = with(vec![request("F", "FIRE"), request("H", "HEALTH")]);
    draft.requests[0].penalty = 50;
    draft.requests[1].penalty = 50;
    let alone = solve(&build(draft.clone()), &options(1_000, 1)).report;
    assert_eq!((alone.scheduled, alone.cost), (0, 100), "a visit costs more than both penalties");
    draft.targets = vec![Target {
        id: "joint".into(),
        measure: TargetMeasure::Joint,
        department: None,
        scenario: None,
        area: None,
        risk: None,
        at_least: Share(10_000),
        shortfall_cost: 30,
        already: Default::default(),
    }];
    let with_target = solve(&build(draft), &options(1_000, 1)).report;
    assert_eq!((with_target.scheduled, with_target.cost, with_target.bound), (2, 120, 120));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    /// Any made-up problem, whatever it uses: the plan checks clean, the cost is the domain's, the
    /// bound is not above it (all held by `app::solve`), and every figure of the report fits.
    #[test]
    fn reports_hold_on_any_problem(
        seed in 0u64..10_000,
        enterprises in 1usize..40,
        days in 1usize..30,
        departments in 2usize..9,
        slack in 20i64..300,
        every_field: bool,
    ) {
        let problem = generate(&Options {
            enterprises, working_days: days, departments, areas: 1 + enterprises % 2,
            slack_percent: slack, every_field, seed,
        ..Options::default()
    });
        let Solved { plan, report, .. } = solve(&problem, &options(3_000, 2));
        prop_assert!(check(&problem, &plan).is_empty());
        prop_assert_eq!(cost(&problem, &plan).total(), report.cost);
        prop_assert!(report.bound <= report.cost);
        prop_assert_eq!(report.scheduled + report.left_out.len(), report.requests);
        prop_assert!(report.left_out.iter().all(|r| r.extra_cost.is_none_or(|extra| extra >= 0)));
    }
}

#[test]
fn tiny_certificates_uphold_what_the_search_proves() {
    for seed in 0..120 {
        let problem = generate(&Options {
            enterprises: 6 + seed as usize % 7,
            working_days: 4 + seed as usize % 9,
            departments: 3,
            every_field: true,
            slack_percent: 60 + seed as i64 % 60,
            seed,
            ..Options::default()
        });
        let solved = solve(&problem, &options(4_000, 1));
        let certificate = solved.certificate.expect("asked for");
        let found = certify(&problem, &certificate).expect("sound");
        assert!(found.upholds(solved.report.bound), "seed {seed}");
        // it may prove more: it credits fixed visits on their own day only
        assert!(found.bound <= solved.report.cost, "seed {seed}");
    }
}

#[test]
fn certificates_of_large_enterprises_know_groups_that_no_visit_can_hold() {
    let options_of = Options { enterprises: 40, every_field: true, seed: 3, ..Options::default() };
    let mut draft = generate(&options_of).into_draft();
    let most = draft.enterprises[0].id.clone();
    assert!(draft.requests.iter().filter(|r| r.enterprise == most).count() > 20);
    draft.fixed.clear();
    draft.pools.iter_mut().for_each(|pool| pool.minutes += 5_000);
    // two requests of one department, longer than any visit of it may last
    let here = || draft.requests.iter().filter(|r| r.enterprise == most);
    let plain = |r: &&Request| r.together.is_none() && !r.solo;
    let department = here()
        .filter(plain)
        .map(|r| r.department.clone())
        .find(|d| here().filter(plain).filter(|r| r.department == *d).count() > 1)
        .expect("a department with two");
    let group = draft.requests.iter_mut().filter(|r| r.enterprise == most);
    let group = group.filter(|r| r.department == department && r.together.is_none() && !r.solo);
    for request in group.take(2) {
        request.minutes = draft.max_visit_minutes;
        request.together = Some("long".into());
    }
    let problem = Problem::build(draft).expect("sound");
    let solved = solve(&problem, &options(4_000, 1));
    assert!(solved.report.impossible >= 2);
    let certificate = solved.certificate.as_ref().expect("asked for");
    assert!(certify(&problem, certificate).expect("sound").upholds(solved.report.bound));
}

#[test]
fn a_certificate_that_claims_too_much_is_not_upheld() {
    let problem = generate(&Options { slack_percent: 60, seed: 4, ..Options::default() });
    let solved = solve(&problem, &options(20_000, 1));
    let mut certificate = solved.certificate.expect("asked for");
    certificate.bound += 1;
    assert!(!certify(&problem, &certificate).expect("sound").upholds(certificate.bound));
    // raising a price credits the cell as much as it charges: the bound moves, the proof stays sound
    certificate.leaves[0].cells[0].minute += 5_000;
    let found = certify(&problem, &certificate).expect("sound");
    assert!(!found.upholds(certificate.bound));
}

#[test]
fn nothing_is_left_out_that_a_free_place_would_make_cheaper() {
    for (seed, every_field) in (0..40).map(|seed| (seed, seed % 2 == 0)) {
        let problem = generate(&Options {
            enterprises: 40,
            departments: 4,
            slack_percent: 60 + seed as i64,
            every_field,
            seed,
            ..Options::default()
        });
        let plan = solve(&problem, &options(400, 1)).plan;
        assert_eq!(cheaper_with_one_more(&problem, &plan), None, "seed {seed}");
    }
}

/// A request that is left out although adding it, or its group, to a visit or as one of its own makes a valid plan
/// cheaper; found by the checker and the cost alone.
fn cheaper_with_one_more(problem: &Problem, plan: &Plan) -> Option<String> {
    let facts = problem.facts();
    let held: BTreeSet<&String> = plan.visits.iter().flat_map(|visit| &visit.requests).collect();
    let before = cost(problem, plan).total();
    for request in facts.requests.iter().filter(|request| !held.contains(&request.id)) {
        let is_with = |other: &&Request| {
            other.id == request.id
                || request.together.is_some()
                    && (&other.enterprise, &other.department, &other.together)
                        == (&request.enterprise, &request.department, &request.together)
        };
        let unit: Vec<&Request> = facts.requests.iter().filter(is_with).collect();
        for date in request.earliest.iter_days().take_while(|day| *day <= request.latest) {
            let mut wider = plan.clone();
            let here =
                |visit: &&mut Visit| visit.enterprise == request.enterprise && visit.date == date;
            let ids = unit.iter().map(|other| other.id.clone());
            match wider.visits.iter_mut().find(here) {
                Some(visit) => visit.requests.extend(ids),
                None => wider.visits.push(Visit {
                    enterprise: request.enterprise.clone(),
                    date,
                    requests: ids.collect(),
                    scenario: None,
                }),
            }
            let place = wider
                .visits
                .iter()
                .position(|visit| visit.enterprise == request.enterprise && visit.date == date);
            let labels = request.scenarios.iter().cloned().map(Some).chain([None]);
            for label in labels {
                wider.visits[place.expect("just put there")].scenario = label;
                if check(problem, &wider).is_empty() && cost(problem, &wider).total() < before {
                    return Some(request.id.clone());
                }
            }
        }
    }
    None
}

#[test]
fn a_first_plan_cut_short_is_a_plan() {
    use onevisit::optimiser::{Params, SecondsLeft, StoppedBy, optimise};
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    let problem = generate(&Options { every_field: true, seed: 7, ..Options::default() });
    let scheduled = |looks: usize| {
        let seen = AtomicUsize::new(0);
        let left = move || f64::from(u8::from(seen.fetch_add(1, Ordering::Relaxed) < looks));
        let seconds_left = Some(SecondsLeft(Arc::new(left)));
        let params = Params { seconds_left, ..Params::default() };
        let mut calls = 0;
        let outcome = optimise(&problem, &params, &mut |_| {
            calls += 1;
            ControlFlow::Continue(())
        });
        assert_eq!((calls, outcome.stopped_by), (1, StoppedBy::Caller));
        assert_eq!(check(&problem, &outcome.plan), []);
        assert_eq!(outcome.cost.total(), outcome.search_cost);
        let scheduled: usize = outcome.plan.visits.iter().map(|visit| visit.requests.len()).sum();
        assert_eq!(scheduled + outcome.left_out.len(), problem.facts().requests.len());
        scheduled
    };
    let fixed: usize = problem.facts().fixed.iter().map(|fixed| fixed.requests.len()).sum();
    assert_eq!(scheduled(0), fixed, "what is scheduled already");
    assert!(scheduled(40) > fixed);
}

#[test]
fn less_memory_costs_quality_not_validity() {
    let options_of = |memory_bytes| solve::Options { memory_bytes, ..options(20_000, 2) };
    let problem = generate(&Options { every_field: true, seed: 5, ..Options::default() });
    let tight = onevisit::optimiser::least_bytes(&problem) + 100_000;
    let [free, roomy, little, none] = [None, Some(1 << 40), Some(tight), Some(1)].map(|bytes| {
        let solved = solve(&problem, &options_of(bytes));
        let proof = solved.certificate.expect("asked for");
        assert!(certify(&problem, &proof).expect("sound").upholds(solved.report.bound));
        (solved.plan, solved.report.bound)
    });
    assert!(free == roomy, "room enough changes nothing");
    assert!(free != little && little != none, "less room, another search");
    let again = solve(&problem, &options_of(Some(tight)));
    assert!(little == (again.plan, again.report.bound), "the ceiling given decides");
}
