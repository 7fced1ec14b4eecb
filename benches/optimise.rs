//! Time to the first plan, and cost, bound and gap after fixed times, on the shipped real week and
//! on made-up problems. Run with `make bench`; the figures hold for the machine that prints them.

use onevisit::app::generate::{Options, generate};
use onevisit::app::real_week;
use onevisit::app::solve::{Options as SolveOptions, solve};
use onevisit::domain::Problem;
use std::ops::ControlFlow;
use std::time::Duration;

fn main() {
    // `cargo test --benches` and `cargo bench -- --test` only want to know that it runs
    let seconds = if std::env::args().any(|arg| arg == "--test") { 0 } else { 20 };
    let park = Options::default();
    let every_field = Options { every_field: true, slack_percent: 110, seed: 2, ..park.clone() };
    let county = Options {
        enterprises: 1_000,
        departments: 12,
        areas: 3,
        seed: 3,
        slack_percent: 105,
        ..park
    };
    let cases: [(&str, Problem); 4] = [
        ("real week", real_week::problem()),
        ("made-up park", generate(&Options::default())),
        ("made-up, every field", generate(&every_field)),
        ("made-up county", generate(&county)),
    ];
    println!("{seconds} s each, 2 threads; times from the problem in memory");
    println!(
        "{:22} {:>9} {:>14} {:>12} {:>12} {:>8}",
        "problem", "requests", "first plan (s)", "cost", "bound", "gap"
    );
    for (name, problem) in &cases {
        let options = SolveOptions {
            started: std::time::Instant::now(),
            time: Some(Duration::from_secs(seconds)),
            work: None,
            gap: 0.0,
            seed: 1,
            threads: 2,
        };
        let mut first = None;
        let solved = solve(problem, &options, &mut |_, elapsed| {
            first.get_or_insert(elapsed);
            ControlFlow::Continue(())
        });
        let report = solved.unwrap_or_else(|bug| panic!("{name}: {bug}")).report;
        println!(
            "{name:22} {:>9} {:>14.3} {:>12} {:>12} {:>7.3}%",
            report.requests,
            first.unwrap_or_default().as_secs_f64(),
            report.cost,
            report.bound,
            report.controllable_gap * 100.0
        );
    }
}
