//! What was answered is kept: the real program is killed, starved, locked out and moved in time under
//! load, again and again, and afterwards everything that it answered must be there, once.
//!
//! A lane is a database with a service on it, one kind of fault, and what is asked meanwhile. After
//! each fault whatever was not answered for good is sent again, some of what was answered is sent again
//! and must be answered alike, and the database is held against all answers: every element there once or,
//! refused, not at all; the audit log's chain whole, with one event for each request; no visit of a plan
//! that is not published; the file sound; at the end of a database's rounds no run waiting. Each
//! violation names the seed, the lane and the round.
//!
//! `make test` does ten rounds of each kind; `make torture` as many as KILLS says.

mod lane;
mod ledger;
mod load;
mod place;

use crate::server::built;
use crate::support::cluster::{Cluster, Stop};
use lane::{Fault, Lane, Plan, Source, Tally, faketime, template};
use load::Load;
use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

const fn lane(name: &'static str, fault: Fault, loads: &'static [Load]) -> Plan {
    Plan { name, fault, loads }
}

const FILING: &[Load] = &[Load::Singles];
const BATCHES: &[Load] = &[Load::Batches, Load::Singles];
const ALL: &[Load] = &[Load::Singles, Load::Runs];

/// Those on SQLite, the longest first.
const ON_SQLITE: &[Plan] = &[
    lane("kill: runs, publishing", Fault::Kill, &[Load::Runs, Load::Singles]),
    lane("kill: filing", Fault::Kill, FILING),
    lane("kill: files", Fault::Kill, &[Load::RequestFiles, Load::RegisterFiles]),
    lane("kill: batches", Fault::Kill, BATCHES),
    lane("disk full: batches", Fault::Full, BATCHES),
    lane("lock held: batches", Fault::Lock, BATCHES),
    lane("kill: backup", Fault::Backup, FILING),
    lane("kill: restore", Fault::Restore, FILING),
    lane("disk full", Fault::Full, ALL),
    lane("lock held", Fault::Lock, ALL),
    lane("visitor", Fault::Visit, FILING),
];

/// Those that move the clock of the program.
const CLOCK: &[Plan] = &[lane("clock", Fault::Clock, ALL)];

/// Those on a PostgreSQL server that goes on.
const ON_POSTGRES: &[Plan] = &[
    lane("kill: runs, publishing", Fault::Kill, &[Load::Runs, Load::Singles]),
    lane("kill: filing", Fault::Kill, FILING),
    lane("kill: batches", Fault::Kill, BATCHES),
    lane("kill: files", Fault::Kill, &[Load::RequestFiles, Load::RegisterFiles]),
];

/// Those that do something to the PostgreSQL server, each on its own.
const TO_POSTGRES: &[Plan] = &[
    lane("stopped at once", Fault::Stop(Stop::Immediate), ALL),
    lane("stopped fast", Fault::Stop(Stop::Fast), ALL),
    lane("frozen", Fault::Freeze, ALL),
    lane("read-only", Fault::ReadOnly, ALL),
    lane("stopped at once: batches", Fault::Stop(Stop::Immediate), BATCHES),
    lane("read-only: batches", Fault::ReadOnly, BATCHES),
];

/// A PostgreSQL server that its standby replaces.
const FAIL_OVER: &[Plan] = &[lane("replaced by a standby", Fault::FailOver, FILING)];

/// How much is done.
#[derive(Clone)]
struct Extent {
    rounds: usize,
    end: Instant,
    seed: u64,
    /// Lanes at once.
    at_once: usize,
    /// Where SQLite's files are.
    home: PathBuf,
}

fn setting<T: std::str::FromStr>(name: &str) -> Option<T> {
    let text = std::env::var(name).ok().filter(|text| !text.is_empty())?;
    Some(text.parse().unwrap_or_else(|_| panic!("{name}: {text}")))
}

/// The program under test: what is built, or another that `ONEVISIT_PROGRAM` names.
fn program() -> PathBuf {
    setting("ONEVISIT_PROGRAM").unwrap_or_else(built)
}

fn is_wanted(plan: &Plan) -> bool {
    let wanted: Option<String> = setting("ONEVISIT_TORTURE_LANES");
    wanted.is_none_or(|wanted| wanted.split(',').any(|part| plan.name.contains(part.trim())))
}

/// Runs lanes, some at once, and prints what they did; their violations.
fn torment(lanes: Vec<(Plan, Source)>, extent: &Extent) -> Vec<String> {
    let program = program();
    let waiting: Mutex<VecDeque<(Plan, Source)>> = Mutex::new(lanes.into());
    let done: Mutex<Vec<(&str, Tally, Duration)>> = Mutex::default();
    std::thread::scope(|scope| {
        for _ in 0..extent.at_once {
            scope.spawn(|| {
                loop {
                    let next = waiting.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
                    let Some((plan, source)) = next else { return };
                    let (name, start) = (plan.name, Instant::now());
                    let lane = Lane::new(plan, &program, &source, extent.seed);
                    let tally = lane.run(extent.rounds, extent.end);
                    let mut done = done.lock().unwrap_or_else(PoisonError::into_inner);
                    done.push((name, tally, start.elapsed()));
                }
            });
        }
    });
    let mut violations = Vec::new();
    for (name, tally, took) in done.into_inner().unwrap_or_else(PoisonError::into_inner) {
        println!(
            "{name:<24} {:>4} rounds in {:>4.0} s: {:>6} answered, {:>4} refused, {:>4} sent again, \
             {:>3} runs, {:>3} published, {:>3} ended; {} violations",
            tally.rounds,
            took.as_secs_f64(),
            tally.answered,
            tally.refused,
            tally.sent_again,
            tally.runs,
            tally.published,
            tally.ended,
            tally.violations.len()
        );
        // a lane that did nothing proves nothing
        if tally.rounds > 0 && tally.answered + tally.published == 0 {
            violations.push(format!("{name}: nothing was answered"));
        }
        violations.extend(tally.violations);
    }
    violations
}

fn on_sqlite(extent: &Extent, plans: &[&[Plan]]) -> Vec<String> {
    let folder = tempfile::tempdir_in(&extent.home).expect("a folder");
    let source = Source::Sqlite(folder.path().join("template.db"));
    template(&program(), &source);
    let plans = plans.concat().into_iter().filter(is_wanted);
    torment(plans.map(|plan| (plan, source.clone())).collect(), extent)
}

fn on_postgres(extent: &Extent, shared: &[Plan], own: &[&[Plan]]) -> Vec<String> {
    let first = Arc::new(Cluster::new());
    template(&program(), &Source::Postgres(Arc::clone(&first)));
    let own: Vec<Plan> = own.concat().into_iter().filter(is_wanted).collect();
    first.stop(Stop::Fast);
    let mut lanes: Vec<(Plan, Source)> = own
        .into_iter()
        .map(|plan| (plan, Source::Postgres(Arc::new(Cluster::copy_of(&first.data())))))
        .collect();
    first.start();
    let shared = shared.iter().filter(|plan| is_wanted(plan)).cloned();
    lanes.extend(shared.map(|plan| (plan, Source::Postgres(Arc::clone(&first)))));
    torment(lanes, extent)
}

/// As much as `make test` has time for.
fn a_little() -> Extent {
    let end = Instant::now() + Duration::from_secs(300);
    Extent {
        rounds: 10,
        end,
        seed: 1,
        at_once: 8,
        home: memory().unwrap_or_else(std::env::temp_dir),
    }
}

/// A folder in memory with room for some databases, where there is one: a process that is killed loses
/// nothing that it wrote there, and many wait for no disk.
fn memory() -> Option<PathBuf> {
    const ROOM_KIB: u64 = 2 << 20;
    let place = PathBuf::from("/dev/shm");
    let printed = std::process::Command::new("df").arg("-Pk").arg(&place).output().ok()?;
    let printed = String::from_utf8(printed.stdout).ok()?;
    let room: u64 = printed.lines().nth(1)?.split_whitespace().nth(3)?.parse().ok()?;
    (room > ROOM_KIB).then_some(place)
}

#[test]
fn what_was_answered_is_kept_on_sqlite() {
    let violations = on_sqlite(&a_little(), &[ON_SQLITE]);
    assert!(violations.is_empty(), "{violations:#?}");
}

#[test]
fn what_was_answered_is_kept_on_postgresql() {
    let violations = on_postgres(&a_little(), ON_POSTGRES, &[TO_POSTGRES]);
    assert!(violations.is_empty(), "{violations:#?}");
}

/// `make torture` runs it and shows what it prints.
#[test]
#[ignore = "takes as long as it is asked to; make torture runs it"]
fn torture_at_length() {
    let now = Instant::now();
    let from_clock = || std::time::UNIX_EPOCH.elapsed().map_or(1, |since| since.as_secs());
    let extent = Extent {
        rounds: setting("ONEVISIT_TORTURE_KILLS").unwrap_or(20),
        end: now + Duration::from_secs(setting("ONEVISIT_TORTURE_SECONDS").unwrap_or(600)),
        seed: setting("ONEVISIT_TORTURE_SEED").unwrap_or_else(from_clock),
        at_once: setting("ONEVISIT_TORTURE_LANES_AT_ONCE").unwrap_or(4),
        home: setting("ONEVISIT_TORTURE_FOLDER").unwrap_or_else(std::env::temp_dir),
    };
    println!("{}, seed {}", program().display(), extent.seed);
    let on: String = setting("ONEVISIT_TORTURE_ON").unwrap_or_default();
    let mut violations = Vec::new();
    if on.is_empty() || on == "sqlite" {
        println!("SQLite");
        let clock = if faketime().is_some() {
            CLOCK
        } else {
            println!(
                "clock: skipped, for there is no libfaketime here (Debian's package is faketime)"
            );
            &[]
        };
        violations.extend(on_sqlite(&extent, &[clock, ON_SQLITE]));
    }
    if on.is_empty() || on == "postgres" {
        println!("PostgreSQL");
        violations.extend(on_postgres(&extent, ON_POSTGRES, &[FAIL_OVER, TO_POSTGRES]));
    }
    for violation in &violations {
        println!("{violation}");
    }
    assert!(violations.is_empty(), "{} violations", violations.len());
}
