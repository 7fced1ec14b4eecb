//! `onevisit demo`: a made-up district, planned before one's eyes and served.

use super::Failure;
use super::serve::{log, open_with, options, serve};
use super::solve::bar;
use super::table::table;
use crate::app::access::Origin;
use crate::app::access::login;
use crate::app::access::passwords;
use crate::app::figures::{figure, percent, ratio, tenths};
use crate::app::planning::summary::{DepartmentRow, ScenarioRow, Summary, summarise};
use crate::app::planning::worker::Workers;
use crate::app::planning::{plans, runs};
use crate::app::register::scenario_files;
use crate::app::{Address, App, AppOptions, Caller, StoreOptions};
use crate::config::Demo;
use crate::domain::cost::coverage;
use crate::domain::problem::{Measure, Target};
use crate::domain::{Plan, Problem};
use crate::samples::demo;
use crate::samples::demo::{District, Options};
use crate::wire;
use crate::wire::planning::run::{PlanRecord, PlanState, Run, RunState};
use crate::wire::register::{Level, Name};
use serde_json::Value;
use std::collections::BTreeMap;
use std::io::Write;
use std::net::TcpListener;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Subproblems of the demo's run unless asked otherwise: about ten seconds.
const WORK: i64 = 300_000;
/// Threads of the demo's run, the same on every machine, so that the plan is.
const THREADS: usize = 2;
/// Departments and scenarios shown.
const ROWS: usize = 12;

pub(super) fn run(args: &Demo) -> Result<(), Failure> {
    log(args.service.log, "warn");
    std::fs::create_dir_all(&args.out).map_err(|error| {
        Failure::Refused(format!("{} cannot be made: {error}", args.out.display()))
    })?;
    let own = Address::Sqlite(args.out.join("onevisit.db"));
    let address = args.database.as_ref().unwrap_or(&own);
    let district_options =
        Options { enterprises: args.enterprises as usize, seed: args.limits.seed };
    let district = demo::district(&district_options, scenario_files::shipped());
    let app_options = AppOptions {
        threads: args.limits.threads.or(args.service.service_threads).map_or(THREADS, usize::from),
        today: args.service.today.or(Some(demo::today())),
        ..options(&args.service)?
    };
    let app = Arc::new(open_with(address, &StoreOptions::default(), app_options)?);
    if !args.no_serve {
        // told now rather than after planning
        TcpListener::bind(args.service.listen).map_err(|error| {
            Failure::Refused(format!("cannot serve at {}: {error}", args.service.listen))
        })?;
    }
    let mut out = std::io::stdout().lock();
    introduce(&mut out, &district, address)?;
    let refused = demo::file(&app, &district_options, &district)?;
    tell_refused(&mut out, &refused)?;
    let password = first_user(&app, args)?;
    let run = demo::plan(&app, &district, &limits(args))?;
    let was_planned = run.state == RunState::Done;
    let run = wait(&app, run)?;
    let caller = &Caller::local();
    let id = run.plan.as_deref().ok_or_else(|| {
        let why = run.error.as_deref().unwrap_or("it has no plan");
        Failure::Refused(format!("the demo's run failed: {why}"))
    })?;
    let record = plans::get(&app, caller, id)?;
    if record.value.state == PlanState::Draft {
        plans::publish(&app, caller, id, record.version)?;
    }
    let problem =
        wire::planning::problem::read(&runs::problem_file(&app, caller, &run.problem)?[..])
            .map_err(|error| Failure::Refused(format!("the demo's problem: {error:?}")))?;
    let plan = wire::planning::plan::read(&plans::file(&app, caller, id)?[..])
        .map_err(|error| Failure::Refused(format!("the demo's plan: {error:?}")))?;
    show(&mut out, &district, (&problem, &plan), &record.value, &run)?;
    if was_planned {
        writeln!(
            out,
            "It was planned at an earlier start; options of the run change nothing now."
        )?;
    }
    if args.no_serve {
        return Ok(());
    }
    serve(&app, &args.service, |address| {
        // nobody reading on is no reason to stop serving
        let _ = invite(&mut out, address, &args.service.admin_name, password.as_deref());
    })
}

/// What the law of the place did not admit.
fn tell_refused(out: &mut impl Write, refused: &BTreeMap<String, usize>) -> Result<(), Failure> {
    let all: usize = refused.values().sum();
    if all > 0 {
        let each = refused.iter().map(|(why, count)| format!("{count} by {why}"));
        let each: Vec<String> = each.collect();
        writeln!(out, "The law refused {all} of them at filing: {}.", each.join(", "))?;
    }
    Ok(())
}

fn limits(args: &Demo) -> demo::RunLimits {
    let limits = &args.limits;
    demo::RunLimits {
        work: match (limits.work, limits.seconds) {
            (Some(work), _) => Some(i64::try_from(work).unwrap_or(i64::MAX)),
            (None, Some(_)) => None,
            (None, None) => Some(WORK),
        },
        seconds: limits.seconds,
        gap: limits.gap,
    }
}

fn introduce(out: &mut impl Write, district: &District, address: &Address) -> Result<(), Failure> {
    let of_scenarios: std::collections::BTreeSet<&str> = district
        .scenarios
        .iter()
        .flat_map(|s| &s.departments)
        .flat_map(|part| &part.items)
        .map(|item| item.id.as_str())
        .collect();
    let all = of_scenarios.len() + district.items.len();
    writeln!(out, "{} · {}", district.name.zh, district.name.en)?;
    writeln!(
        out,
        "Everything in it is made up, but for the {} published scenarios and their items.\n\
         {} enterprises in {} areas; {} items, of which {} ({}) belong to no scenario;\n\
         {} requests for {} to {}. Kept in {address}.\n",
        district.scenarios.len(),
        figure(district.enterprises.len()),
        district.areas.iter().filter(|area| area.level == Level::Town).count(),
        all,
        district.items.len(),
        percent(ratio(district.items.len(), all)),
        figure(district.requests.len()),
        district.start,
        district.end,
    )?;
    Ok(out.flush()?)
}

/// Sees a run through, with a bar.
fn wait(app: &Arc<App>, mut run: Run) -> Result<Run, Failure> {
    let is_over = |run: &Run| matches!(run.state, RunState::Done | RunState::Failed);
    if is_over(&run) {
        return Ok(run);
    }
    catch_interrupts();
    let workers = Workers::start(app, 1);
    let bar = bar();
    while !is_over(&run) {
        if IS_INTERRUPTED.load(Ordering::SeqCst) && !run.is_cancelled {
            runs::cancel(app, &Caller::local(), &run.id)?;
        }
        std::thread::sleep(Duration::from_millis(100));
        run = runs::get(app, &Caller::local(), &run.id)?;
        if let (Some(cost), Some(bound), Some(work)) = (run.cost, run.bound, run.work) {
            let by_work = run.work_max.map_or(0.0, |max| work as f64 / max as f64);
            let by_time = match (run.seconds, run.seconds_max) {
                (Some(seconds), Some(max)) => seconds / max,
                _ => 0.0,
            };
            bar.set_position((by_work.max(by_time).min(1.0) * 1_000.0) as u64);
            bar.set_message(format!("cost {}, proven at least {}", figure(cost), figure(bound)));
        }
    }
    bar.finish_and_clear();
    workers.stop();
    Ok(run)
}

static IS_INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// The first Ctrl-C keeps the best plan so far. Later ones are the server's, which ends by them.
fn catch_interrupts() {
    let handler = || IS_INTERRUPTED.store(true, Ordering::SeqCst);
    if let Err(error) = ctrlc::set_handler(handler) {
        eprintln!("note: Ctrl-C will not keep the plan: {error}");
    }
}

fn show(
    out: &mut impl Write,
    district: &District,
    (problem, plan): (&Problem, &Plan),
    record: &PlanRecord,
    run: &Run,
) -> Result<(), Failure> {
    let report = record.report.as_ref().unwrap_or(&Value::Null);
    let summary = summarise(problem, plan);
    let departments = names(
        district
            .scenarios
            .iter()
            .flat_map(|s| &s.departments)
            .map(|part| (part.id.as_str(), &part.name)),
    );
    let scenarios = names(district.scenarios.iter().map(|s| (s.id.as_str(), &s.name)));
    by_department(out, &summary, &departments)?;
    by_scenario(out, &summary, &scenarios)?;
    targets(out, problem, plan)?;
    left_out(out, report, problem)?;
    let scheduled: usize = summary.departments.iter().map(|row| row.scheduled).sum();
    let saved = scheduled - plan.visits.len();
    let comes: usize = summary.departments.iter().map(|row| row.attendances).sum();
    writeln!(
        out,
        "Visits: {} instead of {} separate ones, {} saved ({}): {} by departments going together,\n\
         {} by one department doing several of its checks at once.\n\
         Cost {}; no valid plan costs less than {}: gap {}. Planned in {:.1} s.",
        figure(plan.visits.len()),
        figure(scheduled),
        figure(saved),
        percent(ratio(saved, scheduled)),
        figure(comes - plan.visits.len()),
        figure(scheduled - comes),
        figure(record.cost),
        figure(record.bound),
        percent(report["gap"].as_f64().unwrap_or(0.0)),
        run.seconds.unwrap_or(0.0),
    )?;
    Ok(out.flush()?)
}

fn names<'n>(list: impl Iterator<Item = (&'n str, &'n Name)>) -> BTreeMap<&'n str, &'n Name> {
    list.collect()
}

fn by_department(
    out: &mut impl Write,
    summary: &Summary,
    names: &BTreeMap<&str, &Name>,
) -> std::io::Result<()> {
    let mut table = table(&[
        "Department",
        "Filed",
        "Separate visits",
        "Comes",
        "of them joint",
        "Visits saved",
    ]);
    let mut rows: Vec<_> = summary.departments.iter().collect();
    rows.sort_by_key(|row| std::cmp::Reverse(row.requests));
    let sum = |count: fn(&DepartmentRow) -> usize, rows: &[&_]| {
        rows.iter().map(|row| count(row)).sum::<usize>()
    };
    let mut add = |name: String, rows: &[&DepartmentRow]| {
        let saved: f64 = rows.iter().map(|row| row.saved).sum();
        table.add_row(vec![
            name,
            figure(sum(|row| row.requests, rows)),
            figure(sum(|row| row.scheduled, rows)),
            figure(sum(|row| row.attendances, rows)),
            figure(sum(|row| row.shared, rows)),
            tenths(saved),
        ]);
    };
    let (shown, rest) = rows.split_at(rows.len().min(ROWS));
    for row in shown {
        let name = names.get(row.department.as_str());
        add(name.map_or(row.department.clone(), |name| both(name)), &[*row]);
    }
    if !rest.is_empty() {
        add(format!("{} others", rest.len()), rest);
    }
    add("all".into(), &rows);
    writeln!(out, "{table}")
}

fn both(name: &Name) -> String {
    format!("{} {}", name.zh, name.en)
}

fn by_scenario(
    out: &mut impl Write,
    summary: &Summary,
    names: &BTreeMap<&str, &Name>,
) -> std::io::Result<()> {
    let mut table = table(&["Scenario", "Separate visits", "Joint visits", "Fewer", ""]);
    let mut rows: Vec<_> = summary.scenarios.iter().collect();
    rows.sort_by_key(|row| std::cmp::Reverse(row.requests - row.visits));
    let mut add = |name: String, requests: usize, visits: usize| {
        table.add_row(vec![
            name,
            figure(requests),
            figure(visits),
            figure(requests - visits),
            percent(ratio(requests - visits, requests)),
        ]);
    };
    let (shown, rest) = rows.split_at(rows.len().min(ROWS));
    for row in shown {
        let name = names.get(row.scenario.as_str()).map_or("", |name| name.zh.as_str());
        add(format!("{} {name}", row.scenario), row.requests, row.visits);
    }
    let sums = |rows: &[&ScenarioRow]| {
        let requests = rows.iter().map(|row| row.requests).sum();
        (requests, rows.iter().map(|row| row.visits).sum())
    };
    if !rest.is_empty() {
        let (requests, visits) = sums(rest);
        add(format!("{} others", rest.len()), requests, visits);
    }
    let (requests, visits) = sums(&rows);
    add("all".into(), requests, visits);
    writeln!(out, "{table}")
}

fn targets(out: &mut impl Write, problem: &Problem, plan: &Plan) -> std::io::Result<()> {
    let mut table = table(&["Coverage", "Asked for", "Reached", "of", ""]);
    for (target, reached) in problem.facts().targets.iter().zip(coverage(problem, plan)) {
        table.add_row(vec![
            described(target),
            figure(reached.needed),
            figure(reached.reached),
            figure(reached.of),
            percent(reached.reached as f64 / reached.of.max(1) as f64),
        ]);
    }
    let deferred = problem.facts().requests.iter().filter(|r| r.deferrable).count();
    writeln!(
        out,
        "{table}\nTargets speak of what must be held in the quarter; {} requests may be held later.\n",
        figure(deferred)
    )
}

fn described(target: &Target) -> String {
    let what = match target.measure {
        Measure::Scheduled => "requests scheduled",
        Measure::Joint => "requests in joint visits",
        Measure::Visited => "enterprises visited",
    };
    let mut text = format!("{}: {what}", target.id);
    let risk = target.risk.map(|risk| format!("risk {risk:?}"));
    let filters = [&target.department, &target.scenario, &target.area, &risk];
    for filter in filters.into_iter().flatten() {
        text.push_str(", ");
        text.push_str(filter);
    }
    text
}

/// Requests left out, by reason.
fn left_out(out: &mut impl Write, report: &Value, problem: &Problem) -> std::io::Result<()> {
    let mut counts: BTreeMap<(String, String), usize> = BTreeMap::new();
    for reason in report["left_out"].as_array().into_iter().flatten() {
        let text = |field: &str| reason[field].as_str().unwrap_or_default().to_owned();
        *counts.entry((text("code"), text("certainty"))).or_default() += 1;
    }
    let mut table = table(&["Left out", "Requests", "True"]);
    for ((code, certainty), n) in &counts {
        let words = wire::planning::report::in_words(code).to_owned();
        let sure = match certainty.as_str() {
            "impossible" => "in any plan",
            "not-found" => "not searched to the end",
            _ => "in this plan",
        };
        table.add_row(vec![words, figure(*n), sure.into()]);
    }
    let all: usize = counts.values().sum();
    table.add_row(vec![
        format!("all, of {} requests", figure(problem.facts().requests.len())),
        figure(all),
        String::new(),
    ]);
    writeln!(out, "{table}")
}

/// Makes the first user with the password given or, for a demo on its own, one that is made up and
/// kept beside the database. Answers with what can be told.
fn first_user(app: &App, args: &Demo) -> Result<Option<String>, Failure> {
    let name = &args.service.admin_name;
    if let Some(password) = &args.service.admin_password {
        if !login::ensure_first(app, name, password)? {
            login::log_in(app, &Origin::default(), name, password).map_err(|_| {
                Failure::Refused(format!(
                    "the user {name} stands there with another password than the one given"
                ))
            })?;
        }
        return Ok(None);
    }
    let file = args.out.join("admin-password.txt");
    if login::has_users(app)? {
        return Ok(std::fs::read_to_string(&file).ok().map(|text| text.trim().to_owned()));
    }
    let password = passwords::made_up_password();
    write_private(&file, &password)
        .map_err(|error| Failure::Refused(format!("{}: {error}", file.display())))?;
    login::ensure_first(app, name, &password)?;
    Ok(Some(password))
}

fn write_private(path: &Path, text: &str) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    writeln!(options.open(path)?, "{text}")
}

fn invite(
    out: &mut impl Write,
    address: &str,
    name: &str,
    password: Option<&str>,
) -> std::io::Result<()> {
    let password = password.unwrap_or("'\"$ONEVISIT_ADMIN_PASSWORD\"'");
    writeln!(
        out,
        "\nServing at {address} until Ctrl-C; here it is always {}. Browse {address}/docs/ and log in there, or:\n\n  \
         TOKEN=$(curl -s -H 'content-type: application/json' \\\n    \
         -d '{{\"name\":\"{name}\",\"password\":\"{password}\"}}' {address}/api/v1/session | \
         sed 's/.*\"token\":\"\\([^\"]*\\).*/\\1/')\n  \
         curl -s -H \"Authorization: Bearer $TOKEN\" '{address}/api/v1/visits?limit=1'",
        demo::today()
    )?;
    out.flush()
}
