//! `onevisit demo --real`: a real week, planned before one's eyes.

use super::Failure;
use super::solve::{targets, text, watched, write_plan};
use super::table::table;
use crate::app::figures::{figure, percent, ratio, tenths};
use crate::app::planning::summary::{Summary, summarise};
use crate::config::Demo;
use crate::http::web::plan_page::PlanPage;
use crate::samples::real_week;
use crate::samples::real_week::trade_name;
use crate::wire;
use std::io::Write;

/// Fullest pool days shown.
const BUSIEST: usize = 8;

pub(super) fn run(args: &Demo) -> Result<(), Failure> {
    let problem = real_week::problem();
    let [problem_file, plan_file, report_file, page_file] =
        targets(&args.out, ["problem.json", "plan.json", "report.json", "plan.html"])?;
    let mut out = std::io::stdout().lock();
    let facts = problem.facts();
    writeln!(
        out,
        "A real week: building inspections in Miami-Dade County, 29 May to 5 June 2025."
    )?;
    writeln!(
        out,
        "{} inspections of nine trades at {} sites, with the inspectors really seen;",
        figure(facts.requests.len()),
        figure(facts.enterprises.len())
    )?;
    writeln!(out, "each may move up to two working days, and later than it was costs.\n")?;
    out.flush()?;
    let solved = watched(&problem, &args.limits, std::time::Instant::now(), false)?;
    let summary = summarise(&problem, &solved.plan);
    // files first: a reader of the tables that has seen enough, like `head`, must not cost the plan
    write_plan(plan_file, &solved)?;
    problem_file.write(|out| wire::planning::problem::write(facts, out))?;
    report_file.write(|out| {
        serde_json::to_writer_pretty(&mut *out, &solved.report)?;
        out.write_all(b"\n")
    })?;
    let page = PlanPage::new(&problem, &solved.plan, &solved.report, &summary, trade_name);
    let page = page.to_html();
    page_file.write(|out| out.write_all(page.as_bytes()))?;
    by_trade(&mut out, &summary)?;
    by_day(&mut out, &summary)?;
    busiest(&mut out, &summary)?;
    text(&mut out, &solved.report)?;
    let folder = args.out.display();
    writeln!(
        out,
        "\nLook at it: {folder}/plan.html. For programs: plan.json, report.json and problem.json \
         beside it."
    )?;
    out.flush()?;
    Ok(())
}

fn by_trade(out: &mut impl Write, summary: &Summary) -> std::io::Result<()> {
    let heads =
        ["Trade", "Separate visits", "Comes", "of them joint", "Visits saved", "", "Left out"];
    let mut table = table(&heads);
    let mut sums = (0, 0, 0, 0.0, 0);
    for row in &summary.departments {
        let out = row.requests - row.scheduled;
        sums.0 += row.requests;
        sums.1 += row.attendances;
        sums.2 += row.shared;
        sums.3 += row.saved;
        sums.4 += out;
        table.add_row(trade_row(
            trade_name(&row.department),
            (row.requests, row.attendances, row.shared, row.saved, out),
        ));
    }
    table.add_row(trade_row("all", sums));
    writeln!(out, "{table}")?;
    let scheduled: usize = summary.departments.iter().map(|row| row.scheduled).sum();
    let visits: usize = summary.days.iter().map(|day| day.visits).sum();
    writeln!(
        out,
        "A visit of k trades counts 1/k for each of them. Of the visits saved, {} are a trade's own\n\
         inspections of several days held at once, and {} are trades coming together.\n",
        figure(scheduled - sums.1),
        figure(sums.1 - visits)
    )
}

fn trade_row(name: &str, row: (usize, usize, usize, f64, usize)) -> Vec<String> {
    vec![
        name.to_owned(),
        figure(row.0),
        figure(row.1),
        figure(row.2),
        tenths(row.3),
        percent(row.3 / row.0.max(1) as f64),
        figure(row.4),
    ]
}

fn by_day(out: &mut impl Write, summary: &Summary) -> std::io::Result<()> {
    let mut table =
        table(&["Day", "Separate visits as it was", "Visits now", "of them joint", "Fewer", ""]);
    for day in &summary.days {
        let fewer = day.due as i64 - day.visits as i64;
        table.add_row(vec![
            day.date.format("%a %d %b").to_string(),
            figure(day.due),
            figure(day.visits),
            figure(day.joint),
            figure(fewer),
            percent(fewer as f64 / day.due.max(1) as f64),
        ]);
    }
    writeln!(out, "{table}")?;
    let [once, twice, thrice, more] = summary.enterprises;
    writeln!(
        out,
        "Sites disturbed once: {} before, {} now; twice: {}, {}; three times: {}, {}; more: {}, {}.\n",
        figure(once.0),
        figure(once.1),
        figure(twice.0),
        figure(twice.1),
        figure(thrice.0),
        figure(thrice.1),
        figure(more.0),
        figure(more.1)
    )
}

fn busiest(out: &mut impl Write, summary: &Summary) -> std::io::Result<()> {
    let mut table = table(&["Busiest inspectors' days", "Minutes used", "of", "Full"]);
    for day in summary.pool_days.iter().take(BUSIEST) {
        table.add_row(vec![
            format!("{}, {}", trade_name(&day.pool), day.date.format("%a %d %b")),
            figure(day.used),
            figure(day.minutes),
            percent(ratio(day.used as usize, day.minutes as usize)),
        ]);
    }
    writeln!(out, "{table}\n")
}
