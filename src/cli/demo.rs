//! `onevisit demo`: a made-up district, planned before one's eyes and served.

use super::Failure;
use super::serve::{cannot_serve, log, open_with, options, serve};
use super::solve::{bar, note_no_handler};
use super::table::table;
use super::terminal::{line, named, path, titled, whole};
use crate::app::access::Origin;
use crate::app::access::login;
use crate::app::access::passwords;
use crate::app::figures::{figure, percent, ratio, tenths};
use crate::app::files::FileError;
use crate::app::planning::summary::{DepartmentRow, ScenarioRow, Summary, summarise};
use crate::app::planning::worker::Workers;
use crate::app::planning::{plans, runs};
use crate::app::register::scenario_files;
use crate::app::{Address, App, AppOptions, Caller, StoreOptions};
use crate::config::Demo;
use crate::domain::cost::coverage;
use crate::domain::problem::{Target, TargetMeasure};
use crate::domain::{Argument, Language, Message, Plan, Problem};
use crate::message;
use crate::samples::demo;
use crate::samples::demo::{District, Options};
use crate::text::say;
use crate::wire;
use crate::wire::planning::problem::ReadError;
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

/// Seconds of the demo's run unless asked otherwise. Not a number of subproblems: without a clock a call of
/// the solver may take minutes.
const SECONDS: f64 = 10.0;
/// Threads of the demo's run.
const THREADS: usize = 2;
/// Departments and scenarios shown.
const ROWS: usize = 12;

pub(super) fn run(args: &Demo, language: Language) -> Result<(), Failure> {
    log(args.service.log, "warn");
    std::fs::create_dir_all(&args.out).map_err(|error| {
        let folder = path(&args.out);
        Failure::Refused(message!("folder-not-made", folder = folder, cause = whole(error)))
    })?;
    let own = Address::Sqlite(args.out.join("onevisit.db"));
    let address = args.database.as_ref().unwrap_or(&own);
    let district_options =
        Options { enterprises: args.enterprises as usize, seed: args.limits.seed };
    let district = demo::district(&district_options, scenario_files::shipped());
    let app_options = AppOptions {
        threads: args.limits.threads.or(args.service.service_threads).map_or(THREADS, usize::from),
        today: args.service.today.or(Some(demo::today())),
        ..options(&args.service, language)?
    };
    let app = Arc::new(open_with(address, &StoreOptions::default(), app_options)?);
    if !args.no_serve {
        // reported now rather than after planning
        let bound = TcpListener::bind(args.service.listen);
        bound.map_err(|error| cannot_serve(&args.service, &error))?;
    }
    let mut out = std::io::stdout().lock();
    introduce(&mut out, &district, address)?;
    let refused = demo::file(&app, &district_options, &district)?;
    print_refused(&mut out, &refused)?;
    let password = first_user(&app, args)?;
    let run = demo::plan(&app, &district, &limits(args))?;
    let was_planned = run.state == RunState::Done;
    let run = wait(&app, run)?;
    let caller = &Caller::local();
    let id = run.plan.as_deref().ok_or_else(|| {
        let why = run.error.as_ref().map_or_else(|| message!("demo_no-plan").into(), whole);
        Failure::Refused(message!("demo-failed", why = why))
    })?;
    let record = plans::get(&app, caller, id)?;
    if record.value.state == PlanState::Draft {
        plans::publish(&app, caller, id, record.version)?;
    }
    let unread = |error: ReadError| {
        let cause = whole(format!("{error:?}"));
        Failure::Refused(message!("demo-failed_unread", cause = cause))
    };
    let problem = runs::problem_file(&app, caller, &run.problem)?;
    let problem = wire::planning::problem::read(&problem[..]).map_err(unread)?;
    let plan = wire::planning::plan::read(&plans::file(&app, caller, id)?[..]).map_err(unread)?;
    show(&mut out, &district, (&problem, &plan), &record.value, &run)?;
    if was_planned {
        line(&mut out, &message!("demo_planned-before"))?;
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
fn print_refused(out: &mut impl Write, refused: &BTreeMap<String, usize>) -> Result<(), Failure> {
    let all: usize = refused.values().sum();
    if all > 0 {
        let each = refused
            .iter()
            .map(|(why, count)| message!("demo_refused-by", requests = *count, why = whole(why)));
        let each: Argument = each.collect();
        line(out, &message!("demo_refused", requests = all, each = each))?;
    }
    Ok(())
}

fn limits(args: &Demo) -> demo::RunLimits {
    let limits = &args.limits;
    demo::RunLimits {
        work: limits.work.map(|work| i64::try_from(work).unwrap_or(i64::MAX)),
        seconds: limits.seconds.or_else(|| limits.work.is_none().then_some(SECONDS)),
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
    writeln!(out, "{}", titled(&district.name))?;
    line(out, &message!("demo_made-up", scenarios = district.scenarios.len()))?;
    let size = message!(
        "demo_size",
        enterprises = figure(district.enterprises.len()),
        areas = district.areas.iter().filter(|area| area.level == Level::Town).count(),
        items = all,
        own = district.items.len(),
        share = percent(ratio(district.items.len(), all))
    );
    line(out, &size)?;
    let requests = message!(
        "demo_requests",
        requests = figure(district.requests.len()),
        start = district.start,
        end = district.end,
        database = whole(address)
    );
    line(out, &requests)?;
    writeln!(out)?;
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
            let (cost, bound) = (figure(cost), figure(bound));
            bar.set_message(say(&message!("progress_demo", cost = cost, bound = bound)));
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
        note_no_handler(&error);
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
    let visits = message!(
        "demo_visits",
        visits = figure(plan.visits.len()),
        separate = figure(scheduled),
        saved = figure(saved),
        share = percent(ratio(saved, scheduled)),
        joint = figure(comes - plan.visits.len())
    );
    line(out, &visits)?;
    line(out, &message!("demo_visits-own", own = figure(scheduled - comes)))?;
    let cost = message!(
        "demo_cost",
        cost = figure(record.cost),
        bound = figure(record.bound),
        gap = percent(report["gap"].as_f64().unwrap_or(0.0)),
        seconds = format!("{:.1}", run.seconds.unwrap_or(0.0))
    );
    line(out, &cost)?;
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
        message!("label_department"),
        message!("label_filed"),
        message!("label_separate-visits"),
        message!("label_comes"),
        message!("label_of-them-joint"),
        message!("label_visits-saved"),
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
        add(name.map_or(row.department.clone(), |name| named(name)), &[*row]);
    }
    if !rest.is_empty() {
        add(say(&message!("label_others", others = rest.len())), rest);
    }
    add(say(&message!("label_all")), &rows);
    writeln!(out, "{table}")
}

fn by_scenario(
    out: &mut impl Write,
    summary: &Summary,
    names: &BTreeMap<&str, &Name>,
) -> std::io::Result<()> {
    let mut table = table(&[
        message!("label_scenario"),
        message!("label_separate-visits"),
        message!("label_joint-visits"),
        message!("label_fewer"),
        message!("label_nothing"),
    ]);
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
        add(say(&message!("label_others", others = rest.len())), requests, visits);
    }
    let (requests, visits) = sums(&rows);
    add(say(&message!("label_all")), requests, visits);
    writeln!(out, "{table}")
}

fn targets(out: &mut impl Write, problem: &Problem, plan: &Plan) -> std::io::Result<()> {
    let mut table = table(&[
        message!("label_coverage"),
        message!("label_asked-for"),
        message!("label_reached"),
        message!("label_of"),
        message!("label_nothing"),
    ]);
    for (target, reached) in problem.facts().targets.iter().zip(coverage(problem, plan)) {
        table.add_row(vec![
            say(&described(target)),
            figure(reached.needed),
            figure(reached.reached),
            figure(reached.of),
            percent(reached.reached as f64 / reached.of.max(1) as f64),
        ]);
    }
    let deferred = problem.facts().requests.iter().filter(|r| r.deferrable).count();
    writeln!(out, "{table}")?;
    line(out, &message!("demo_targets", requests = figure(deferred)))?;
    writeln!(out)
}

fn described(target: &Target) -> Message {
    let measure = match target.measure {
        TargetMeasure::Scheduled => message!("measure_scheduled"),
        TargetMeasure::Joint => message!("measure_joint"),
        TargetMeasure::Visited => message!("measure_visited"),
    };
    let risk = target.risk.map(|risk| message!("measure_risk", risk = format!("{risk:?}")));
    let ids = [&target.department, &target.scenario, &target.area].into_iter().flatten();
    let parts: Argument = std::iter::once(Argument::from(measure))
        .chain(ids.map(Argument::from))
        .chain(risk.map(Argument::from))
        .collect();
    message!("demo_target", id = &target.id, parts = parts)
}

/// Requests left out, by reason.
fn left_out(out: &mut impl Write, report: &Value, problem: &Problem) -> std::io::Result<()> {
    let mut counts: BTreeMap<(String, String), usize> = BTreeMap::new();
    for reason in report["left_out"].as_array().into_iter().flatten() {
        let text = |field: &str| reason[field].as_str().unwrap_or_default().to_owned();
        *counts.entry((text("code"), text("certainty"))).or_default() += 1;
    }
    let mut table =
        table(&[message!("label_left-out"), message!("label_requests"), message!("label_true")]);
    for ((code, certainty), n) in &counts {
        let words = wire::planning::report::in_words(code, *n);
        let sure = match certainty.as_str() {
            "impossible" => message!("certainty_any-plan"),
            "not-found" => message!("certainty_not-searched"),
            _ => message!("certainty_this-plan"),
        };
        table.add_row(vec![words, figure(*n), say(&sure)]);
    }
    let all: usize = counts.values().sum();
    table.add_row(vec![
        say(&message!("label_all-of", requests = figure(problem.facts().requests.len()))),
        figure(all),
        String::new(),
    ]);
    writeln!(out, "{table}")
}

/// Makes the first user with the password given or, for a demo on its own, one that is made up and
/// kept beside the database. Answers with what can be printed.
fn first_user(app: &App, args: &Demo) -> Result<Option<String>, Failure> {
    let name = &args.service.admin_name;
    if let Some(password) = &args.service.admin_password {
        if !login::ensure_first(app, name, password)? {
            login::log_in(app, &Origin::default(), name, password)
                .map_err(|_| Failure::Refused(message!("other-password", name = name)))?;
        }
        return Ok(None);
    }
    let file = args.out.join("admin-password.txt");
    if login::has_users(app)? {
        return Ok(std::fs::read_to_string(&file).ok().map(|text| text.trim().to_owned()));
    }
    let password = passwords::made_up_password();
    write_private(&file, &password).map_err(|cause| FileError::Unwritable { path: file, cause })?;
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
    writeln!(out)?;
    line(out, &message!("demo_serving", address = address, today = demo::today()))?;
    writeln!(
        out,
        "\n  TOKEN=$(curl -s -H 'content-type: application/json' \\\n    \
         -d '{{\"name\":\"{name}\",\"password\":\"{password}\"}}' {address}/api/v1/session | \
         sed 's/.*\"token\":\"\\([^\"]*\\).*/\\1/')\n  \
         curl -s -H \"Authorization: Bearer $TOKEN\" '{address}/api/v1/visits?limit=1'"
    )?;
    out.flush()
}
