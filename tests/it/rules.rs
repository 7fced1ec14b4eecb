//! One test a rule: what keeps it, and each way of breaking it. And the terms of the cost.

use crate::support::fixture::{build, codes, day, draft, enterprise, plan, request, visit, with};
use onevisit::domain::diff::diff;
use onevisit::domain::problem::{
    Already, Cap, Due, Fixed, Keep, Problem, Share, Span, Target, TargetMeasure, Use,
};
use onevisit::domain::{CostParts, Visit, cost};

fn two() -> Problem {
    build(with(vec![request("F", "FIRE"), request("H", "HEALTH")]))
}

fn together() -> Vec<Visit> {
    vec![visit(3, &["F", "H"], Some("hotel"))]
}

#[test]
fn a_joint_visit_and_an_empty_plan_are_valid() {
    assert_eq!(codes(&two(), together()), []);
    assert_eq!(codes(&two(), vec![]), []);
}

#[test]
fn rule_1_requests_belong_and_are_covered_once() {
    let mut facts = with(vec![request("F", "FIRE"), request("G", "FIRE")]);
    facts.enterprises.push(enterprise("E2"));
    facts.requests[1].enterprise = "E2".into();
    let problem = build(facts);
    assert_eq!(codes(&problem, vec![visit(3, &[], None)]), [(1, "empty-visit")]);
    assert_eq!(codes(&problem, vec![visit(3, &["F", "X"], None)]), [(1, "unknown-request")]);
    assert_eq!(codes(&problem, vec![visit(3, &["F", "G"], None)]), [(1, "other-enterprise")]);
    let twice = vec![visit(3, &["F"], None), visit(4, &["F"], None)];
    assert_eq!(codes(&problem, twice), [(1, "covered-twice")]);
    let nowhere = Visit { enterprise: "E9".into(), ..visit(3, &["F"], None) };
    let found = codes(&problem, vec![nowhere]);
    assert!(found.contains(&(1, "unknown-enterprise")), "{found:?}");
}

#[test]
fn rule_2_the_day_is_allowed() {
    let mut facts = with(vec![request("F", "FIRE"), request("X", "FIRE")]);
    facts.requests[0].latest = day(6);
    facts.requests[1].exempt = true;
    facts.enterprises[0].closed = vec![Span { first: day(4), last: day(4) }];
    facts.enterprises[0].quiet = vec![Span { first: day(5), last: day(6) }];
    let problem = build(facts);
    let on = |d: u32, id: &str| codes(&problem, vec![visit(d, &[id], None)]);
    assert_eq!(on(3, "F"), []);
    assert_eq!(on(9, "F"), [(2, "outside-window")]);
    assert_eq!(on(7, "X"), [(2, "closed-day")]);
    assert_eq!(on(20, "X"), [(2, "outside-horizon"), (2, "outside-window")]);
    assert_eq!(on(4, "F"), [(2, "enterprise-closed")]);
    assert_eq!(on(5, "F"), [(2, "quiet-day")]);
    assert_eq!(on(5, "X"), [], "an exempt request is quiet-exempt unless stated otherwise");
}

#[test]
fn rule_2_quiet_exempt_is_distinguished_from_exempt() {
    let mut facts = with(vec![request("F", "FIRE"), request("X", "FIRE")]);
    facts.requests[0].quiet_exempt = Some(true);
    facts.requests[1].exempt = true;
    facts.requests[1].quiet_exempt = Some(false);
    facts.enterprises[0].quiet = vec![Span { first: day(5), last: day(6) }];
    let problem = build(facts);
    assert_eq!(codes(&problem, vec![visit(5, &["F"], None)]), []);
    assert_eq!(codes(&problem, vec![visit(5, &["X"], None)]), [(2, "quiet-day")]);
}

#[test]
fn rule_3_one_visit_a_day() {
    let same_day = vec![visit(3, &["F"], None), visit(3, &["H"], None)];
    assert!(codes(&two(), same_day).contains(&(3, "two-visits-a-day")));
}

#[test]
fn rule_4_solo_and_together() {
    let mut facts = with(vec![request("F", "FIRE"), request("H", "HEALTH"), request("G", "FIRE")]);
    facts.requests[1].solo = true;
    facts.requests[0].together = Some("g".into());
    facts.requests[2].together = Some("g".into());
    let problem = build(facts);
    assert_eq!(codes(&problem, vec![visit(3, &["F", "G"], None)]), []);
    assert_eq!(codes(&problem, vec![visit(3, &["F"], None)]), [(4, "group-torn")]);
    let shared = vec![visit(3, &["F", "G", "H"], Some("hotel"))];
    assert_eq!(codes(&problem, shared), [(4, "solo-shared")]);
}

#[test]
fn rule_5_joint_visits_stay_within_a_scenario() {
    let problem = two();
    assert_eq!(codes(&problem, vec![visit(3, &["F", "H"], None)]), [(5, "scenario-missing")]);
    let unknown = vec![visit(3, &["F", "H"], Some("zoo"))];
    assert_eq!(codes(&problem, unknown), [(5, "scenario-unknown")]);
    let breaks = |change: &dyn Fn(&mut onevisit::domain::Draft)| {
        let mut facts = with(vec![request("F", "FIRE"), request("H", "HEALTH")]);
        change(&mut facts);
        codes(&build(facts), together())
    };
    assert_eq!(breaks(&|d| d.requests[1].scenarios.clear()), [(5, "scenario-not-listed")]);
    assert_eq!(breaks(&|d| d.scenarios[0].max_departments = 1), [(5, "too-many-departments")]);
    assert_eq!(breaks(&|d| d.scenarios[0].max_inspectors = 3), [(5, "too-many-inspectors")]);
    assert_eq!(breaks(&|d| d.scenarios[0].max_minutes = 59), [(5, "joint-too-long")]);
}

#[test]
fn rule_5_a_department_sends_its_largest_crew_and_departments_work_side_by_side() {
    let mut facts = with(vec![request("F", "FIRE"), request("G", "FIRE"), request("H", "HEALTH")]);
    facts.requests[1].uses[0].inspectors = 1;
    facts.scenarios[0].max_inspectors = 4;
    facts.scenarios[0].max_minutes = 120;
    let problem = build(facts);
    assert_eq!(codes(&problem, vec![visit(3, &["F", "G", "H"], Some("hotel"))]), []);
}

#[test]
fn rule_6_one_department_alone() {
    let mut facts = with(vec![request("F", "FIRE"), request("G", "FIRE")]);
    facts.requests[0].minutes = 190;
    let problem = build(facts);
    let needless = vec![visit(3, &["F"], Some("hotel"))];
    assert_eq!(codes(&problem, needless), [(6, "scenario-needless")]);
    let long = codes(&problem, vec![visit(3, &["F", "G"], None)]);
    assert!(long.contains(&(6, "visit-too-long")), "{long:?}");
    let mut facts = with(vec![request("F", "FIRE")]);
    facts.requests[0].minutes = 201;
    assert_eq!(
        codes(&build(facts), vec![visit(3, &["F"], None)]),
        [],
        "a request alone may be long"
    );
}

#[test]
fn rule_7_caps_and_gaps() {
    let breaks = |change: &dyn Fn(&mut onevisit::domain::Draft)| {
        let mut facts = with(vec![request("F", "FIRE"), request("H", "HEALTH")]);
        change(&mut facts);
        codes(&build(facts), vec![visit(3, &["F"], None), visit(5, &["H"], None)])
    };
    assert_eq!(breaks(&|_| {}), []);
    assert_eq!(breaks(&|d| d.enterprises[0].visit_cap = 1), [(7, "visit-cap")]);
    assert_eq!(breaks(&|d| d.enterprises[0].min_gap_days = 3), [(7, "gap-too-short")]);
    assert_eq!(breaks(&|d| d.enterprises[0].min_gap_days = 2), []);
    let after_last = |d: &mut onevisit::domain::Draft| {
        d.enterprises[0].min_gap_days = 2;
        d.enterprises[0].last_counted = Some(day(2));
    };
    assert_eq!(breaks(&after_last), [(7, "gap-too-short")]);
    let none_for_fire = |d: &mut onevisit::domain::Draft| {
        d.enterprises[0].department_caps.insert("FIRE".into(), 0);
    };
    assert_eq!(breaks(&none_for_fire), [(7, "department-cap")]);
    let cap = |department: Option<&str>, first: u32, last: u32, at_most: i64| Cap {
        span: Span { first: day(first), last: day(last) },
        department: department.map(str::to_owned),
        scenario: None,
        at_most,
    };
    assert_eq!(breaks(&|d| d.enterprises[0].caps = vec![cap(None, 3, 5, 1)]), [(7, "span-cap")]);
    assert_eq!(breaks(&|d| d.enterprises[0].caps = vec![cap(None, 4, 5, 1)]), []);
    let health = |d: &mut onevisit::domain::Draft| {
        d.enterprises[0].caps = vec![cap(Some("HEALTH"), 3, 5, 0)];
    };
    assert_eq!(breaks(&health), [(7, "span-cap")]);
    let exempt = |d: &mut onevisit::domain::Draft| {
        d.enterprises[0].visit_cap = 1;
        d.enterprises[0].min_gap_days = 9;
        d.requests[0].exempt = true;
    };
    assert_eq!(breaks(&exempt), [], "exempt visits do not count");
}

#[test]
fn rule_7_caps_on_scenarios_count_only_visits_under_them() {
    let mut facts = with(vec![request("F", "FIRE"), request("H", "HEALTH")]);
    facts.enterprises[0].caps = vec![Cap {
        span: Span { first: day(2), last: day(13) },
        department: None,
        scenario: Some("hotel".into()),
        at_most: 0,
    }];
    let problem = build(facts);
    assert_eq!(codes(&problem, together()), [(7, "span-cap")]);
    assert_eq!(codes(&problem, vec![visit(3, &["F"], None), visit(4, &["H"], None)]), []);
}

#[test]
fn rule_8_pools_suffice() {
    // 30 minutes there and back, and two inspectors for 60 minutes: 150
    let breaks = |minutes: i64, overtime: i64| {
        let mut facts = with(vec![request("F", "FIRE")]);
        facts.pools[0].minutes = minutes;
        facts.pools[0].overtime_minutes = overtime;
        codes(&build(facts), vec![visit(3, &["F"], None)])
    };
    assert_eq!(breaks(150, 0), []);
    assert_eq!(breaks(149, 0), [(8, "pool-overloaded")]);
    assert_eq!(breaks(140, 10), []);
    assert_eq!(breaks(0, 1_000), [(8, "pool-overloaded")], "no overtime on a day without minutes");
    let mut facts = with(vec![request("F", "FIRE")]);
    facts.pools[0].exceptions.insert(day(3), 100);
    let problem = build(facts);
    assert_eq!(codes(&problem, vec![visit(3, &["F"], None)]), [(8, "pool-overloaded")]);
    assert_eq!(codes(&problem, vec![visit(4, &["F"], None)]), []);
}

#[test]
fn rule_8_attendance_is_charged_once_for_a_visit_whichever_departments_draw_on_the_pool() {
    let mut facts = with(vec![request("F", "FIRE"), request("H", "HEALTH")]);
    facts.requests[1].uses.push(Use { pool: "FIRE-pool".into(), inspectors: 1 });
    facts.scenarios[0].max_inspectors = 5;
    facts.pools[0].minutes = 30 + 120 + 60;
    assert_eq!(codes(&build(facts.clone()), together()), []);
    facts.pools[0].minutes -= 1;
    assert_eq!(codes(&build(facts), together()), [(8, "pool-overloaded")]);
}

#[test]
fn rule_9_fixed_visits_remain() {
    let mut facts = with(vec![request("F", "FIRE"), request("H", "HEALTH")]);
    let fixed =
        |on: u32| Fixed { enterprise: "E1".into(), date: day(on), requests: vec!["F".into()] };
    facts.fixed = vec![fixed(3)];
    let problem = build(facts);
    assert_eq!(codes(&problem, together()), [], "a fixed visit may be widened");
    assert_eq!(codes(&problem, vec![]), [(9, "fixed-missing")]);
    assert_eq!(codes(&problem, vec![visit(4, &["F"], None)]), [(9, "fixed-missing")]);
}

#[test]
fn fixed_visits_that_break_a_rule_are_defects() {
    let defects = |requests: &[&str], on: &[u32], change: &dyn Fn(&mut onevisit::domain::Draft)| {
        let mut facts = with(vec![request("F", "FIRE"), request("H", "HEALTH")]);
        let fixed = |(on, id): (&u32, &&str)| Fixed {
            enterprise: "E1".into(),
            date: day(*on),
            requests: id.split(',').filter(|id| !id.is_empty()).map(str::to_owned).collect(),
        };
        facts.fixed = on.iter().zip(requests).map(fixed).collect();
        change(&mut facts);
        let found = Problem::build(facts).err().map_or(Vec::new(), |unsound| unsound.defects);
        found.into_iter().map(|d| (d.code(), d.pointer)).collect::<Vec<_>>()
    };
    let at = |code: &'static str, i: usize| vec![(code, format!("/fixed/{i}"))];
    assert_eq!(defects(&["F", "H"], &[3, 4], &|_| {}), []);
    assert_eq!(defects(&["F,H"], &[3], &|_| {}), [], "some scenario fits");
    assert_eq!(defects(&[""], &[3], &|_| {}), at("fixed-breaks-rule-1", 0));
    assert_eq!(defects(&["F"], &[7], &|_| {}), at("fixed-breaks-rule-2", 0));
    assert_eq!(
        defects(&["F", "H"], &[3, 3], &|d| d.enterprises[0].min_gap_days = 0),
        at("fixed-breaks-rule-3", 1)
    );
    assert_eq!(
        defects(&["F,H"], &[3], &|d| d.requests[0].solo = true),
        at("fixed-breaks-rule-4", 0)
    );
    assert_eq!(
        defects(&["F,H"], &[3], &|d| d.scenarios[0].max_minutes = 10),
        at("fixed-breaks-rule-5", 0)
    );
    assert_eq!(
        defects(&["F", "H"], &[3, 4], &|d| d.enterprises[0].visit_cap = 1),
        at("fixed-breaks-rule-7", 1)
    );
    assert_eq!(
        defects(&["F", "H"], &[3, 4], &|d| d.pools[1].minutes = 10),
        at("fixed-breaks-rule-8", 1)
    );
}

#[test]
fn cost_sums_every_term() {
    let mut facts = with(vec![request("F", "FIRE"), request("H", "HEALTH"), request("G", "FIRE")]);
    facts.requests[0].due = Some(Due { date: day(2), late_cost: 7 });
    facts.requests[1].keep = Some(Keep { date: day(9), cost: 40 });
    facts.pools[0].minutes = 100;
    facts.pools[0].overtime_minutes = 60;
    facts.pools[0].overtime_cost = 3;
    let target = |id: &str, measure| Target {
        id: id.into(),
        measure,
        department: None,
        scenario: None,
        area: None,
        risk: None,
        at_least: Share(10_000),
        shortfall_cost: 60,
        already: Already::default(),
    };
    // 1 of 3 short, 1 of 3 short, 0 of 1 short
    facts.targets = vec![
        target("scheduled", TargetMeasure::Scheduled),
        target("joint", TargetMeasure::Joint),
        target("visited", TargetMeasure::Visited),
    ];
    let problem = build(facts);
    let parts = cost(&problem, &plan(vec![visit(6, &["F", "H"], Some("hotel"))]));
    let expected = CostParts {
        visits: 100,
        attendance: 20,
        unscheduled: 500,
        late: 4 * 7,
        keep: 40,
        overtime: 50 * 3,
        targets: 2 * 60,
    };
    assert_eq!(parts, expected);
    assert_eq!(parts.total(), 958);
}

#[test]
fn targets_count_their_scope_exactly() {
    let mut facts = draft();
    facts.requests = (0..10).map(|i| request(&format!("F{i}"), "FIRE")).collect();
    facts.requests[9].deferrable = true;
    facts.targets = vec![Target {
        id: "t".into(),
        measure: TargetMeasure::Scheduled,
        department: Some("FIRE".into()),
        scenario: Some("hotel".into()),
        area: Some("north".into()),
        risk: Some(onevisit::domain::register::grade::Grade::B),
        // 0.7 of 9 + 1 is exactly 7, which binary fractions miss
        at_least: Share(7_000),
        shortfall_cost: 1,
        already: Already { reached: 1, of: 1 },
    }];
    let problem = build(facts.clone());
    let scope = problem.scope(0);
    assert_eq!((scope.len(), problem.needed(0, &scope)), (9, 6));
    facts.targets[0].area = Some("south".into());
    let problem = build(facts);
    assert!(problem.scope(0).is_empty());
    assert_eq!(problem.needed(0, &[]), 0, "a target already met asks for nothing");
}

#[test]
fn diff_lists_added_dropped_moved_and_regrouped() {
    let requests = vec![
        request("F", "FIRE"),
        request("H", "HEALTH"),
        request("G", "FIRE"),
        request("I", "HEALTH"),
    ];
    let problem = build(with(requests));
    let old = plan(vec![visit(3, &["F", "H"], Some("hotel")), visit(4, &["I"], None)]);
    let new = plan(vec![visit(3, &["F"], None), visit(5, &["G"], None), visit(6, &["I"], None)]);
    let diff = diff(&problem, &old, &new);
    let ids = |list: &[onevisit::domain::diff::Change]| -> Vec<String> {
        list.iter().map(|c| c.request.clone()).collect()
    };
    assert_eq!(ids(&diff.added), ["G"]);
    assert_eq!(ids(&diff.dropped), ["H"]);
    assert_eq!(ids(&diff.moved), ["I"]);
    assert_eq!(ids(&diff.regrouped), ["F"]);
    assert_eq!((diff.unchanged, diff.visits), (0, (2, 3)));
    assert_eq!(diff.moved[0].after, Some(day(6)));
    assert_eq!(diff.cost.1 - diff.cost.0, 100, "a third visit and the same attendances");
}
