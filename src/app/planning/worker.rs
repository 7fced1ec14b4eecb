//! Does the planning work: threads of its own claim runs from the store, one at a time each, and
//! keep the result in one transaction. What a dead server leaves unfinished is claimed again when its
//! lease runs out.

use super::runs::{built, read_problem, unpacked};
use super::solve::{self, Options, Solved};
use crate::app::App;
use crate::app::access::Caller;
use crate::app::access::audit::event;
use crate::app::error::{Error, Result};
use crate::app::requests::{filing, handling};
use crate::domain::Message;
use crate::domain::Problem;
use crate::message;
use crate::store::{Lease, NewPlan, NewVisit};
use crate::wire::planning::run::Run;
use crate::wire::visits::visit::Attendance;
use chrono::TimeDelta;
use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{JoinHandle, sleep};
use std::time::{Duration, Instant};

/// What the audit log calls the planning threads.
const PLANNER: &str = "planner";
/// How long a planner is believed to live without a sign.
const LEASE: TimeDelta = TimeDelta::seconds(10);
/// How often it gives one, with the figures so far.
const SIGN: Duration = Duration::from_secs(1);
/// How often files that a dead server left are looked for.
const FINISH: Duration = Duration::from_secs(2);
/// How often it looks for work, and for the end of a wait.
const LOOK: Duration = Duration::from_millis(200);
/// Times a run is begun before it is given up: a problem that kills its planner must not do so for
/// ever.
const ATTEMPTS_MAX: i64 = 100;

/// Planning threads, and one that finishes what dead servers left of files of requests.
pub struct Workers {
    stop: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
}

impl Workers {
    /// Starts `count` planners and the one who finishes.
    pub fn start(app: &Arc<App>, count: usize) -> Self {
        // threads that all share are not a search's, whose priority they would have
        rayon::current_num_threads();
        let stop = Arc::new(AtomicBool::new(false));
        let mut threads: Vec<JoinHandle<()>> = (0..count)
            .map(|i| {
                let (app, stop) = (Arc::clone(app), Arc::clone(&stop));
                let thread = std::thread::Builder::new().name(format!("planner-{i}"));
                thread.spawn(move || work(&app, &stop)).expect("a thread can be started")
            })
            .collect();
        let (app, own) = (Arc::clone(app), Arc::clone(&stop));
        let thread = std::thread::Builder::new().name("finisher".into());
        threads.push(thread.spawn(move || finish(&app, &own)).expect("a thread can be started"));
        Self { stop, threads }
    }

    /// Ends them; a run in hand goes back into the queue.
    pub fn stop(self) {
        self.stop.store(true, Ordering::Relaxed);
        for thread in self.threads {
            // a planner's panic was reported when it happened
            let _ = thread.join();
        }
    }
}

fn work(app: &App, stop: &AtomicBool) {
    while !stop.load(Ordering::Relaxed) {
        match step(app, stop) {
            Ok(true) => {}
            Ok(false) => sleep(LOOK),
            Err(error) => {
                let cause = error.cause().unwrap_or_default();
                tracing::error!(%error, cause, "the planner cannot work; it tries again");
                pause(Duration::from_secs(2), stop);
            }
        }
    }
}

fn finish(app: &App, stop: &AtomicBool) {
    while !stop.load(Ordering::Relaxed) {
        if let Err(error) = filing::finish(app) {
            let cause = error.cause().unwrap_or_default();
            tracing::warn!(%error, cause, "files of requests are not finished; it is tried again");
        }
        pause(FINISH, stop);
    }
}

fn pause(time: Duration, stop: &AtomicBool) {
    let start = Instant::now();
    while start.elapsed() < time && !stop.load(Ordering::Relaxed) {
        sleep(LOOK);
    }
}

/// Claims the oldest run that waits, or whose planner has given no sign of life in time.
pub fn claim(app: &App) -> Result<Option<(Run, Lease)>> {
    let worker = uuid::Uuid::now_v7().to_string();
    let run = app.store.write(|tx| {
        let now = tx.now()?;
        tx.claim_run(&worker, now, LEASE)
    })?;
    Ok(run.map(|run| {
        let lease = Lease { run: run.id.clone(), worker };
        (run, lease)
    }))
}

/// Claims a run and sees it through. `false` when there is none.
pub fn step(app: &App, stop: &AtomicBool) -> Result<bool> {
    let Some((run, lease)) = claim(app)? else { return Ok(false) };
    tracing::info!(run = run.id, attempt = run.attempts, "planning begins");
    if run.attempts > ATTEMPTS_MAX {
        fail(app, &lease, &message!("run-begun-too-often"))?;
        return Ok(true);
    }
    // a panic is a bug of ours: the run fails, the server lives
    match catch_unwind(AssertUnwindSafe(|| plan(app, &run, &lease, stop))) {
        // what passed without a visit is no longer asked for; nobody waits for that
        Ok(Ok(())) => drop(handling::expire(app, &Caller::service(PLANNER))?),
        Ok(Err(error @ (Error::Unavailable(_) | Error::Uncertain(_) | Error::StorageFull(_)))) => {
            tracing::error!(run = run.id, %error, cause = error.cause(), "the run waits");
            return Err(error);
        }
        Ok(Err(error)) => {
            tracing::error!(run = run.id, %error, cause = error.cause(), "the run failed");
            let why = match &error {
                // its own words, not how many there are
                Error::Invalid(defects) if !defects.is_empty() => defects[0].message.clone(),
                other => other.message(),
            };
            fail(app, &lease, &why)?;
        }
        Err(_) => fail(app, &lease, &message!("internal"))?,
    }
    Ok(true)
}

/// Ends a run without a plan. A planner that has lost its lease is not heard.
pub fn fail(app: &App, lease: &Lease, why: &Message) -> Result<()> {
    app.store.write(|tx| {
        let now = tx.now()?;
        if tx.fail_run(lease, why, now)? {
            let details = serde_json::json!({ "error": why.to_string() });
            event("run", &lease.run, "fail").after(&details).record(
                app,
                tx,
                &Caller::service(PLANNER),
            );
        }
        Ok(())
    })
}

fn plan(app: &App, run: &Run, lease: &Lease, stop: &AtomicBool) -> Result<()> {
    let record = with_heartbeat(app, lease, &Heartbeat::default(), || built(app, &run.problem))?;
    let started = Instant::now();
    let problem = read_problem(&unpacked(&record.file)?)?;
    let options = Options {
        started,
        time: run.seconds_max.map(Duration::from_secs_f64),
        work: run.work_max.map(|work| work as u64),
        gap: run.gap_wanted,
        seed: run.seed as u64,
        threads: run.threads.max(1) as usize,
        certificate: false,
        memory_bytes: None,
    };
    let heartbeat = Heartbeat::default();
    let mut is_broken_off = false;
    let solved = with_heartbeat(app, lease, &heartbeat, || {
        solve::solve(&problem, &options, &mut |progress, elapsed| {
            let seconds = solve::seconds(elapsed);
            let figures = (progress.cost, progress.bound, progress.work as i64, seconds);
            *heartbeat.figures.lock().expect("nobody panics with it") = Some(figures);
            is_broken_off =
                stop.load(Ordering::Relaxed) || heartbeat.is_lost.load(Ordering::Relaxed);
            if is_broken_off || heartbeat.is_cancelled.load(Ordering::Relaxed) {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        })
    });
    if is_broken_off && heartbeat.is_lost.load(Ordering::Relaxed) {
        tracing::warn!(run = run.id, "another planner took the run over");
        return Ok(());
    }
    if is_broken_off {
        return app.store.write(|tx| Ok(tx.release_run(lease)?));
    }
    let solved = solved.map_err(|bug| Error::Internal(bug.to_string()))?;
    keep(app, run, lease, record.parent_plan.as_deref(), &problem, &solved, stop)
}

/// Cost, bound, subproblems solved, seconds.
type Figures = (i64, i64, i64, f64);

/// What the search and its heartbeat pass to each other.
#[derive(Default)]
struct Heartbeat {
    figures: Mutex<Option<Figures>>,
    is_cancelled: AtomicBool,
    is_lost: AtomicBool,
    is_over: AtomicBool,
}

/// Runs a search beside its heartbeat, which ends with it, also when the search panics. The search, and
/// all threads that it starts, give way to whoever waits for an answer; its heartbeat does not.
fn with_heartbeat<T: Send>(
    app: &App,
    lease: &Lease,
    heartbeat: &Heartbeat,
    search: impl FnOnce() -> T + Send,
) -> T {
    struct End<'s>(&'s Heartbeat, std::thread::Thread);
    impl Drop for End<'_> {
        fn drop(&mut self) {
            self.0.is_over.store(true, Ordering::Relaxed);
            self.1.unpark();
        }
    }
    std::thread::scope(|scope| {
        let heart = scope.spawn(|| keep_lease(app, lease, heartbeat));
        let _end = End(heartbeat, heart.thread().clone());
        let searcher = scope.spawn(|| {
            give_way();
            search()
        });
        searcher.join().unwrap_or_else(|panic| resume_unwind(panic))
    })
}

/// How much less of a processor that others want too a search gets: a tenth of what they get.
#[cfg(target_os = "linux")]
const NICE: i32 = 10;

/// Lets others go first. Of Linux's threads each has its own priority, which those that it starts have
/// from it; elsewhere it would be the whole program's.
fn give_way() {
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::process::nice(NICE) {
        tracing::debug!(%error, "the search has the priority of everybody else");
    }
}

/// Renews the lease until the search is over, whatever the search is busy with.
fn keep_lease(app: &App, lease: &Lease, heartbeat: &Heartbeat) {
    while !heartbeat.is_over.load(Ordering::Relaxed) {
        let figures = *heartbeat.figures.lock().expect("nobody panics with it");
        match renew(app, lease, figures) {
            Ok(Some(false)) => {}
            Ok(Some(true)) => heartbeat.is_cancelled.store(true, Ordering::Relaxed),
            Ok(None) => heartbeat.is_lost.store(true, Ordering::Relaxed),
            // a database that is away for a moment is no reason to throw work away
            Err(error) => tracing::warn!(run = lease.run, %error, "no sign of life was given"),
        }
        std::thread::park_timeout(SIGN);
    }
}

/// Gives a sign of life, as [`crate::store::Tx::renew_lease`] does.
fn renew(app: &App, lease: &Lease, figures: Option<Figures>) -> Result<Option<bool>> {
    app.store.write(|tx| {
        let until = tx.now()? + LEASE;
        Ok(tx.renew_lease(lease, until, figures)?)
    })
}

/// Keeps a finished plan; while the disk is full or the database away, it waits and tries again.
fn keep(
    app: &App,
    run: &Run,
    lease: &Lease,
    parent: Option<&str>,
    problem: &Problem,
    solved: &Solved,
    stop: &AtomicBool,
) -> Result<()> {
    let report = serde_json::to_string(&solved.report)
        .map_err(|error| Error::Internal(format!("report: {error}")))?;
    let facts = problem.facts();
    let visits: Vec<NewVisit<'_>> = solved
        .plan
        .visits
        .iter()
        .map(|visit| {
            let place = problem.enterprise(&visit.enterprise).expect("a checked plan");
            let area = &facts.enterprises[place].area;
            NewVisit { visit, area, attendances: attendances(problem, &visit.requests) }
        })
        .collect();
    let plan = NewPlan {
        run: &run.id,
        problem: &run.problem,
        parent,
        cost: solved.report.cost,
        bound: solved.report.bound,
        report: &report,
        visits: &visits,
        left_out: &solved.report.left_out,
    };
    let figures: Figures =
        (solved.report.cost, solved.report.bound, solved.report.work as i64, solved.report.seconds);
    loop {
        let kept = app.store.write_long(|tx| {
            let now = tx.now()?;
            // a lease may have run out while the database was away: the first plan of a run counts
            if !tx.complete_run(lease, figures, now)? {
                return Ok(false);
            }
            let id = tx.add_plan(&plan, now)?;
            let details = serde_json::json!({
                "run": plan.run, "problem": plan.problem, "cost": plan.cost, "bound": plan.bound
            });
            event("plan", &id, "add").after(&details).record(app, tx, &Caller::service(PLANNER));
            Ok::<_, Error>(true)
        });
        match kept {
            Ok(true) => {
                let (cost, bound) = (plan.cost, plan.bound);
                tracing::info!(run = run.id, cost, bound, "planning ends");
                return Ok(());
            }
            Ok(false) => {
                tracing::warn!(run = run.id, "another planner was faster");
                return Ok(());
            }
            Err(error @ (Error::Unavailable(_) | Error::Uncertain(_) | Error::StorageFull(_))) => {
                tracing::error!(run = run.id, %error, cause = error.cause(), "a plan waits to be kept");
                // where only this waits, nobody else is to plan the run once more; whoever does it all
                // the same is recorded when the first plan is kept
                let _ = renew(app, lease, Some(figures));
                pause(Duration::from_secs(2), stop);
                if stop.load(Ordering::Relaxed) {
                    return Err(error);
                }
            }
            Err(error) => return Err(error),
        }
    }
}

/// Who comes to a visit: of each department the largest crew that one of its requests needs, for as
/// long as its requests take one after the other.
fn attendances(problem: &Problem, requests: &[String]) -> Vec<Attendance> {
    let mut present: BTreeMap<&str, (i64, i64)> = BTreeMap::new();
    for id in requests {
        let request = &problem.facts().requests[problem.request(id).expect("a checked plan")];
        let (crew, minutes) = present.entry(&request.department).or_default();
        *crew = (*crew).max(request.crew());
        *minutes += request.minutes;
    }
    let attendance = |(department, (inspectors, minutes)): (&str, (i64, i64))| Attendance {
        department: department.into(),
        inspectors,
        minutes,
    };
    present.into_iter().map(attendance).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::{Address, AppOptions, StoreOptions};

    #[test]
    fn a_search_that_panics_ends_its_heartbeat() {
        let folder = tempfile::tempdir().expect("a folder");
        let address = Address::Sqlite(folder.path().join("x.db"));
        let app = App::open(&address, &StoreOptions::default(), AppOptions::default());
        let app = app.expect("it opens").0;
        let lease = Lease { run: "none".into(), worker: "me".into() };
        let heartbeat = Heartbeat::default();
        let search = || with_heartbeat(&app, &lease, &heartbeat, || -> u8 { panic!("a bug") });
        assert!(catch_unwind(AssertUnwindSafe(search)).is_err(), "and the panic goes on");
    }
}
