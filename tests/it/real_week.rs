//! The shipped real week.

use onevisit::app::planning::solve;
use onevisit::app::planning::solve::Options;
use onevisit::app::planning::summary::summarise;
use onevisit::samples::real_week;
use std::ops::ControlFlow;
use std::time::Instant;

#[test]
fn the_week_is_what_its_source_says() {
    let problem = real_week::problem();
    let facts = problem.facts();
    assert_eq!(
        (facts.requests.len(), facts.enterprises.len(), facts.pools.len()),
        (4_246, 2_667, 9)
    );
    assert_eq!(
        (facts.start.to_string(), facts.end.to_string()),
        ("2025-05-29".into(), "2025-06-05".into())
    );
    assert_eq!(facts.closed_days.len(), 2, "the weekend");
    let offered: i64 = facts.pools.iter().flat_map(|pool| pool.exceptions.values()).sum();
    assert_eq!(offered % 480, 0, "whole inspectors");
    // 7 minutes an item, at most 240
    let minutes: Vec<i64> = facts.requests.iter().map(|r| r.minutes).collect();
    assert_eq!(minutes.iter().sum::<i64>(), 52666);
    assert_eq!(minutes.iter().filter(|m| **m == 240).count(), 13);
    assert_eq!(offered / 480, 384, "inspector-days");
}

#[test]
fn the_week_packs_into_far_fewer_visits_with_nothing_left_out() {
    let problem = real_week::problem();
    let options = Options {
        started: Instant::now(),
        time: None,
        work: Some(60_000),
        gap: 0.0,
        seed: 1,
        threads: 2,
        certificate: false,
        memory_bytes: None,
    };
    let solved = solve::solve(&problem, &options, &mut |_, _| ControlFlow::Continue(()));
    let solved = solved.unwrap_or_else(|bug| panic!("{bug}"));
    let report = &solved.report;
    assert_eq!((report.scheduled, report.separate_visits), (4_246, 4_246));
    assert!(report.cost <= 315_600, "cost {}", report.cost);
    assert!(report.gap <= 0.01, "gap {}", report.gap);
    let summary = summarise(&problem, &solved.plan);
    let saved: f64 = summary.departments.iter().map(|row| row.saved).sum();
    assert!((saved - (report.separate_visits - report.visits) as f64).abs() < 1e-6);
    let held: usize = summary.days.iter().map(|row| row.visits).sum();
    assert_eq!(held, report.visits);
    assert!(summary.pool_days.iter().all(|day| day.used <= day.minutes), "no overtime here");
}
