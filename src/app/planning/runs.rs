//! Runs: planning work that is asked for, watched and stopped. `worker.rs` does it.

use super::build::{build, nothing_to_plan};
use super::policies;
use crate::app::App;
use crate::app::access::audit::event;
use crate::app::access::{Action, Caller, Object};
use crate::app::error::{Error, Result, year_unknown};
use crate::app::paging::Paging;
use crate::message;
use crate::store::{NewProblem, ProblemRecord, RunLimits};
use crate::wire;
use crate::wire::paging::Page;
use crate::wire::planning::run::{NewRun, Origin, Run, RunState};
use crate::wire::sentence::said;
use chrono::{Days, NaiveDate};
use flate2::Compression;
use flate2::write::{GzDecoder, GzEncoder};
use std::io::Write;

/// Seconds of a run unless asked otherwise.
const SECONDS_DEFAULT: f64 = 60.0;
/// Days of a horizon unless asked otherwise.
const HORIZON_DAYS_DEFAULT: usize = 91;

/// Queues a run on the problem of a horizon. The planner builds it when it begins, for nobody should wait
/// for that; whoever asks for it before has it built at once.
pub fn submit(app: &App, caller: &Caller, new: &NewRun) -> Result<Run> {
    caller.may(Action::Plan, &Object::everywhere())?;
    if let Some(start) = new.start.filter(|start| *start < app.today()) {
        let message = message!("past_horizon", start = start, today = app.today());
        return Err(Error::defect("/start", message));
    }
    let day_after = |day: NaiveDate, days: u64| day.checked_add_days(Days::new(days));
    let start = new.start.or(day_after(app.today(), 1)).unwrap_or_default();
    // by default as far as the calendar goes
    let is_known = |day: &NaiveDate| app.calendar.is_workday(*day).is_ok();
    let default_end = start.iter_days().take(HORIZON_DAYS_DEFAULT).take_while(is_known).last();
    let end = new.end.or(default_end).unwrap_or(start);
    if end < start {
        let message = message!("span-reversed_horizon", first = start, last = end);
        return Err(Error::defect("/end", message));
    }
    let name = new.name.clone().unwrap_or_else(|| format!("{start} – {end}"));
    // what can be reported at once
    app.calendar.closed_days(start, end).map_err(|error| year_unknown(error, "/end"))?;
    let policy_version = app.store.read(|tx| {
        if !tx.has_requests(start, end)? && !tx.has_visits(start, end)? {
            return Err(nothing_to_plan((start, end)));
        }
        Ok(policies::find(tx, new.policy)?.version)
    })?;
    let problem = NewProblem { name, start, end, policy_version };
    let limits = RunLimits {
        seed: new.seed.unwrap_or(1),
        work: new.work,
        seconds: new.seconds.or(if new.work.is_none() { Some(SECONDS_DEFAULT) } else { None }),
        gap: new.gap.unwrap_or(0.0),
        threads: app.threads as i64,
    };
    let now = app.now().naive_utc();
    app.store.write(|tx| {
        let id = tx.add_problem(problem, &caller.name, now)?;
        let run = tx.add_run(&id, &limits, &caller.name, now)?;
        event("run", &run.id, "add").after(&run).record(app, tx, caller);
        Ok(run)
    })
}

/// A problem as it is kept, built from what exists now unless it is built.
pub(super) fn built(app: &App, id: &str) -> Result<ProblemRecord> {
    let missing = || Error::NotFound(message!("not-found_problem", id = id));
    let (built, is_new) = app.store.read(|tx| {
        if let Some(found) = tx.problem(id)? {
            return Ok((found, false));
        }
        let NewProblem { name, start, end, policy_version } =
            tx.asked_problem(id)?.ok_or_else(missing)?;
        let policy = policies::find(tx, Some(policy_version))?;
        let built = build(app, tx, name, (start, end), &policy)?;
        let record = ProblemRecord {
            parent_plan: built.parent,
            file: packed(|out| wire::planning::problem::write(built.problem.facts(), out))?,
            sources: packed(|out| Ok(serde_json::to_writer(out, &built.origins)?))?,
        };
        Ok::<_, Error>((record, true))
    })?;
    if !is_new {
        return Ok(built);
    }
    // of several who build it at once, what the first keeps is the problem
    app.store.write(|tx| {
        tx.set_problem(id, &built)?;
        tx.problem(id)?.ok_or_else(missing)
    })
}

fn packed(write: impl FnOnce(&mut dyn Write) -> std::io::Result<()>) -> Result<Vec<u8>> {
    let mut out = GzEncoder::new(Vec::new(), Compression::default());
    let done = write(&mut out).and_then(|()| out.finish());
    done.map_err(|error| Error::Internal(format!("packing: {error}")))
}

pub(in crate::app) fn unpacked(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut out = GzDecoder::new(Vec::new());
    let done = out.write_all(bytes).and_then(|()| out.finish());
    done.map_err(|error| Error::Internal(format!("unpacking: {error}")))
}

/// A run as it is now.
pub fn get(app: &App, caller: &Caller, id: &str) -> Result<Run> {
    caller.may(Action::ReadPlan, &Object::everywhere())?;
    app.store.read(|tx| tx.run(id))?.ok_or_else(|| unknown_run(id))
}

fn unknown_run(id: &str) -> Error {
    Error::NotFound(message!("not-found_run", id = id))
}

/// Runs, newest first.
pub fn list(
    app: &App,
    caller: &Caller,
    state: Option<RunState>,
    paging: &Paging,
) -> Result<Page<Run>> {
    caller.may(Action::ReadPlan, &Object::everywhere())?;
    let rows = app.store.read(|tx| tx.runs(state, paging.cursor(), paging.fetch()))?;
    Ok(paging.page(rows, |run| run.id.clone()))
}

/// Asks a run to stop and keep its best plan. A run that has not begun still makes a first plan.
pub fn cancel(app: &App, caller: &Caller, id: &str) -> Result<Run> {
    caller.may(Action::Plan, &Object::everywhere())?;
    app.store.write(|tx| {
        let is_asked = tx.cancel_run(id)?;
        let run = tx.run(id)?.ok_or_else(|| unknown_run(id))?;
        if !is_asked {
            return Err(Error::Conflict(message!("run-ended")));
        }
        event("run", id, "cancel").record(app, tx, caller);
        Ok(run)
    })
}

/// The problem file of a run.
pub fn problem_file(app: &App, caller: &Caller, id: &str) -> Result<Vec<u8>> {
    caller.may(Action::ReadPlan, &Object::everywhere())?;
    unpacked(&built(app, id)?.file)
}

/// Where the numbers of a problem came from: those whose pointer is `pointer` or below it, or those
/// of one request.
pub fn origins(
    app: &App,
    caller: &Caller,
    id: &str,
    pointer: Option<&str>,
    request: Option<&str>,
    paging: &Paging,
) -> Result<Page<Origin>> {
    caller.may(Action::ReadPlan, &Object::everywhere())?;
    let problem = built(app, id)?;
    let mut pointer = pointer.unwrap_or_default().to_owned();
    if let Some(request) = request {
        let file = unpacked(&problem.file)?;
        let known = read_problem(&file)?;
        let place = known.request(request).ok_or_else(|| {
            Error::NotFound(message!("not-found_request-of-problem", id = request))
        })?;
        pointer = format!("/requests/{place}");
    }
    let origins: Vec<Origin> = serde_json::from_slice(&unpacked(&problem.sources)?)
        .map_err(|error| Error::Internal(format!("sources of {id}: {error}")))?;
    let is_asked = |origin: &&Origin| {
        let rest = origin.pointer.strip_prefix(pointer.as_str());
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/') || pointer.is_empty())
    };
    let after = |origin: &&Origin| origin.pointer.as_str() > paging.cursor();
    let found = origins.iter().filter(is_asked).filter(after).take(paging.fetch() as usize);
    let found = found.map(|origin| {
        let Origin { pointer, source } = origin;
        Origin { pointer: pointer.clone(), source: said(source) }
    });
    Ok(paging.page(found.collect(), |origin| origin.pointer.clone()))
}

pub(in crate::app) fn read_problem(file: &[u8]) -> Result<crate::domain::Problem> {
    wire::planning::problem::read(file)
        .map_err(|error| Error::Internal(format!("stored problem: {error:?}")))
}

/// The first run that a user or a part of the service asked for.
pub fn first_by(app: &App, name: &str) -> Result<Option<Run>> {
    Ok(app.store.read(|tx| tx.first_run_by(name))?)
}
