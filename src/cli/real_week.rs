//! `onevisit demo --real`: a real week, planned before one's eyes.

use super::Failure;
use super::solve::{targets, text, watched, write_plan};
use super::table::table;
use super::terminal::{line, path};
use crate::app::figures::{figure, percent, ratio, tenths};
use crate::app::planning::summary::{Summary, summarise};
use crate::config::Demo;
use crate::domain::Message;
use crate::http::web::plan_page::PlanPage;
use crate::message;
use crate::samples::real_week;
use crate::samples::real_week::trade_name;
use crate::text::say;
use crate::wire;
use chrono::{Datelike, NaiveDate, Weekday};
use std::io::Write;

/// Fullest pool days shown.
const BUSIEST: usize = 8;

pub(super) fn run(args: &Demo) -> Result<(), Failure> {
    let problem = real_week::problem();
    let [problem_file, plan_file, report_file, page_file] =
        targets(&args.out, ["problem.json", "plan.json", "report.json", "plan.html"])?;
    let mut out = std::io::stdout().lock();
    let facts = problem.facts();
    line(&mut out, &message!("real-week_title"))?;
    let inspections = figure(facts.requests.len());
    let sites = figure(facts.enterprises.len());
    line(&mut out, &message!("real-week_size", inspections = inspections, sites = sites))?;
    line(&mut out, &message!("real-week_freedom"))?;
    writeln!(out)?;
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
    writeln!(out)?;
    line(&mut out, &message!("real-week_files", folder = path(&args.out)))?;
    out.flush()?;
    Ok(())
}

fn by_trade(out: &mut impl Write, summary: &Summary) -> std::io::Result<()> {
    let mut table = table(&[
        message!("label_trade"),
        message!("label_separate-visits"),
        message!("label_comes"),
        message!("label_of-them-joint"),
        message!("label_visits-saved"),
        message!("label_nothing"),
        message!("label_left-out"),
    ]);
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
    table.add_row(trade_row(say(&message!("label_all")), sums));
    writeln!(out, "{table}")?;
    let scheduled: usize = summary.departments.iter().map(|row| row.scheduled).sum();
    let visits: usize = summary.days.iter().map(|day| day.visits).sum();
    line(out, &message!("real-week_shares", own = figure(scheduled - sums.1)))?;
    line(out, &message!("real-week_together", together = figure(sums.1 - visits)))?;
    writeln!(out)
}

fn trade_row(name: String, row: (usize, usize, usize, f64, usize)) -> Vec<String> {
    vec![
        name,
        figure(row.0),
        figure(row.1),
        figure(row.2),
        tenths(row.3),
        percent(row.3 / row.0.max(1) as f64),
        figure(row.4),
    ]
}

fn by_day(out: &mut impl Write, summary: &Summary) -> std::io::Result<()> {
    let mut table = table(&[
        message!("label_day"),
        message!("label_separate-as-it-was"),
        message!("label_visits-now"),
        message!("label_of-them-joint"),
        message!("label_fewer"),
        message!("label_nothing"),
    ]);
    for day in &summary.days {
        let fewer = day.due as i64 - day.visits as i64;
        table.add_row(vec![
            say(&day_of_week(day.date)),
            figure(day.due),
            figure(day.visits),
            figure(day.joint),
            figure(fewer),
            percent(fewer as f64 / day.due.max(1) as f64),
        ]);
    }
    writeln!(out, "{table}")?;
    let [once, twice, thrice, more] = summary.enterprises;
    let disturbed = message!(
        "real-week_disturbed",
        once_before = figure(once.0),
        once = figure(once.1),
        twice_before = figure(twice.0),
        twice = figure(twice.1),
        thrice_before = figure(thrice.0),
        thrice = figure(thrice.1),
        more_before = figure(more.0),
        more = figure(more.1)
    );
    line(out, &disturbed)?;
    writeln!(out)
}

/// A day of the week, without the year.
fn day_of_week(day: NaiveDate) -> Message {
    let weekday = match day.weekday() {
        Weekday::Mon => message!("weekday_mon"),
        Weekday::Tue => message!("weekday_tue"),
        Weekday::Wed => message!("weekday_wed"),
        Weekday::Thu => message!("weekday_thu"),
        Weekday::Fri => message!("weekday_fri"),
        Weekday::Sat => message!("weekday_sat"),
        Weekday::Sun => message!("weekday_sun"),
    };
    let (month, of_month) = (day.month(), day.day());
    let english = day.format("%d %b").to_string();
    message!("day-of-week", weekday = weekday, month = month, day = of_month, english = english)
}

fn busiest(out: &mut impl Write, summary: &Summary) -> std::io::Result<()> {
    let mut table = table(&[
        message!("label_busiest"),
        message!("label_minutes-used"),
        message!("label_of"),
        message!("label_full"),
    ]);
    for day in summary.pool_days.iter().take(BUSIEST) {
        table.add_row(vec![
            say(&message!(
                "real-week_trade-and-day",
                trade = trade_name(&day.pool),
                day = day_of_week(day.date)
            )),
            figure(day.used),
            figure(day.minutes),
            percent(ratio(day.used as usize, day.minutes as usize)),
        ]);
    }
    writeln!(out, "{table}\n")
}
