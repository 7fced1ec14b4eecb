//! Planning threads: leases, failure, and what becomes of a run when its planner dies.

use crate::build::plan;
use crate::support::county::{NOODLES, caller, credit_code, file, request, settle};
use crate::support::database::{Database, moved_by_hand, on_both, options, read, sqlite};
use onevisit::app::planning::worker::Workers;
use onevisit::app::planning::{plans, runs, worker};
use onevisit::app::visits::schedule;
use onevisit::app::{App, Error, StoreOptions, register, requests};
use onevisit::wire::planning::run::RunState;
use onevisit::wire::register::Enterprise;
use onevisit::wire::requests::request::SchedulingOutcome;
use serde_json::json;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

fn opened(database: &Database, seconds_past: &Arc<AtomicI64>) -> App {
    let options = moved_by_hand(seconds_past);
    App::open(&database.address, &StoreOptions::default(), options).expect("it opens").0
}

fn submit(app: &App) -> String {
    let new = json!({ "start": "2026-03-02", "end": "2026-03-31", "work": 1_000 });
    runs::submit(app, &caller(), &read(new)).expect("a run").id
}

#[test]
fn a_run_whose_planner_died_is_taken_up_again_and_the_dead_one_keeps_nothing() {
    on_both(|database| {
        let past = Arc::new(AtomicI64::new(0));
        let app = opened(database, &past);
        settle(&app);
        file(&app, request("licence", NOODLES));
        let id = submit(&app);
        // a planner claims it and is never heard of again
        let dead = worker::claim(&app).expect("a claim").expect("a run").1;
        let stop = AtomicBool::new(false);
        assert!(!worker::step(&app, &stop).expect("a look"), "it is believed to be at work");
        past.store(9, Ordering::Relaxed);
        assert!(!worker::step(&app, &stop).expect("a look"), "still");
        past.store(11, Ordering::Relaxed);
        assert!(worker::step(&app, &stop).expect("work"), "its lease has run out");
        let run = runs::get(&app, &caller(), &id).expect("the run");
        assert_eq!((run.state, run.attempts), (RunState::Done, 2));
        // the dead one comes back to life with a result
        worker::fail(&app, &dead, &onevisit::message!("internal")).expect("heard");
        let again = runs::get(&app, &caller(), &id).expect("the run");
        assert_eq!(again, run, "and is not believed");
    });
}

#[test]
fn several_planners_never_take_the_same_run() {
    on_both(|database| {
        let past = Arc::new(AtomicI64::new(0));
        let app = opened(database, &past);
        settle(&app);
        file(&app, request("licence", NOODLES));
        let mut wanted: Vec<String> = (0..12).map(|_| submit(&app)).collect();
        let taken = Mutex::new(Vec::new());
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    // another may have been faster: try until nothing is left
                    let mut misses = 0;
                    while misses < 20 {
                        match worker::claim(&app).expect("a claim") {
                            Some((run, _)) => taken.lock().expect("whole").push(run.id),
                            None => misses += 1,
                        }
                    }
                });
            }
        });
        let mut taken = taken.into_inner().expect("whole");
        taken.sort();
        wanted.sort();
        assert_eq!(taken, wanted);
    });
}

#[test]
fn a_run_that_is_cancelled_keeps_its_best_plan() {
    let database = sqlite();
    let app = opened(&database, &Arc::new(AtomicI64::new(0)));
    settle(&app);
    file(&app, request("licence", NOODLES));
    let id = submit(&app);
    assert!(runs::cancel(&app, &caller(), &id).expect("asked").is_cancelled);
    assert!(worker::step(&app, &AtomicBool::new(false)).expect("work"));
    let run = runs::get(&app, &caller(), &id).expect("the run");
    assert_eq!(run.state, RunState::Done);
    let plan = plans::get(&app, &caller(), run.plan.as_deref().expect("a plan")).expect("it");
    assert_eq!(plan.value.report.expect("a report")["visits"], 1);
    let late = runs::cancel(&app, &caller(), &id);
    assert!(matches!(late, Err(Error::Conflict(why)) if why.code() == "run-ended"));
}

#[test]
fn a_problem_is_built_when_its_planner_begins_and_then_stays() {
    on_both(|database| {
        let app = opened(database, &Arc::new(AtomicI64::new(0)));
        settle(&app);
        let first = file(&app, request("licence", NOODLES)).id;
        let id = submit(&app);
        let second = file(&app, request("exits", NOODLES)).id;
        assert!(worker::step(&app, &AtomicBool::new(false)).expect("work"));
        let run = runs::get(&app, &caller(), &id).expect("the run");
        assert_eq!(run.state, RunState::Done);
        let problem = |id: &str| {
            let file = runs::problem_file(&app, &caller(), id).expect("a problem");
            String::from_utf8(file).expect("text")
        };
        let built = problem(&run.problem);
        assert!(built.contains(&first) && built.contains(&second), "what was filed meanwhile too");
        // whoever asks before has it built, and the planner takes that one
        let id = submit(&app);
        let run = runs::get(&app, &caller(), &id).expect("the run");
        let asked = problem(&run.problem);
        let third = file(&app, request("fumes", NOODLES)).id;
        assert!(worker::step(&app, &AtomicBool::new(false)).expect("work"));
        assert_eq!(problem(&run.problem), asked);
        assert!(!asked.contains(&third));
        // what there is nothing to plan of by then is reported
        let id = submit(&app);
        for request in [first, second, third] {
            onevisit::app::requests::handling::withdraw(&app, &caller(), &request)
                .expect("withdrawn");
        }
        assert!(worker::step(&app, &AtomicBool::new(false)).expect("work"));
        let run = runs::get(&app, &caller(), &id).expect("the run");
        let error = run.error.as_deref().unwrap_or_default();
        assert_eq!((run.state, run.plan), (RunState::Failed, None));
        assert!(error.starts_with("No accepted request has a day between"), "{error}");
    });
}

#[test]
fn planners_that_are_stopped_put_their_run_back() {
    let database = sqlite();
    let app = Arc::new(opened(&database, &Arc::new(AtomicI64::new(0))));
    settle(&app);
    file(&app, request("licence", NOODLES));
    let stop = AtomicBool::new(true);
    let id = submit(&app);
    worker::step(&app, &stop).expect("it begins and is asked to stop");
    let run = runs::get(&app, &caller(), &id).expect("the run");
    assert_eq!((run.state, run.plan), (RunState::Queued, None));
    let workers = Workers::start(&app, 2);
    while runs::get(&app, &caller(), &id).expect("the run").state != RunState::Done {
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    workers.stop();
}

#[test]
fn a_finished_plan_waits_for_room_on_a_full_disk() {
    let database = sqlite();
    let open = |pages_max| {
        let store = StoreOptions { pages_max, ..StoreOptions::default() };
        App::open(&database.address, &store, options()).map(|(app, _)| app)
    };
    let app = open(None).expect("it opens");
    settle(&app);
    // a plan too large for what room is left in pages that exist already
    let many: Vec<_> = (1_000..1_300)
        .map(|serial| {
            read::<Enterprise>(crate::support::county::enterprise(
                &credit_code(serial),
                "east",
                "6210",
            ))
        })
        .collect();
    register::add_enterprises(&app, &caller(), &many).expect("enterprises");
    for enterprise in &many {
        file(&app, request("licence", &enterprise.id));
    }
    let id = submit(&app);
    let run = runs::get(&app, &caller(), &id).expect("the run");
    runs::problem_file(&app, &caller(), &run.problem).expect("it is built while there is room");
    drop(app);
    let full = open(Some(1)).expect("a limit below its size is its size");
    // stopped in the search, a planner puts the run back; after it, it holds a plan that it cannot keep
    let planned = [1, 4, 16, 64].into_iter().find_map(|seconds| {
        let stop = AtomicBool::new(false);
        let end = std::thread::scope(|scope| {
            let planner = scope.spawn(|| worker::step(&full, &stop));
            std::thread::sleep(std::time::Duration::from_secs(seconds));
            let state = runs::get(&full, &caller(), &id).expect("reading goes on").state;
            assert_ne!(state, RunState::Failed, "a full disk is no failure of the run");
            assert_ne!(state, RunState::Done, "nor can its plan be kept");
            stop.store(true, std::sync::atomic::Ordering::Relaxed);
            planner.join().expect("no panic")
        });
        end.err()
    });
    assert!(matches!(planned, Some(Error::StorageFull(_))), "{planned:?}");
    drop(full);
    // room again; the lease of the planner above runs out
    let past = Arc::new(AtomicI64::new(60));
    let app = opened(&database, &past);
    assert!(worker::step(&app, &AtomicBool::new(false)).expect("work"));
    assert_eq!(runs::get(&app, &caller(), &id).expect("the run").state, RunState::Done);
}

#[test]
fn departments_learn_when_with_whom_or_why_not() {
    on_both(|database| {
        let app = opened(database, &Arc::new(AtomicI64::new(0)));
        settle(&app);
        let with = crate::support::county::with;
        let licence = file(&app, request("licence", NOODLES));
        let exits = file(&app, request("exits", NOODLES));
        // the only day of the window on which fumes' inspectors would be needed is training
        let closed = json!({ "earliest": "2026-03-20", "latest": "2026-03-20" });
        let fumes = file(&app, with(request("fumes", NOODLES), closed));
        let get = |id: &str| requests::get(&app, &caller(), id).expect("the request").outcome;
        assert_eq!(get(&licence.id), None, "nothing is published yet");
        let run = plan(&app, json!({}));
        assert_eq!(get(&licence.id), None, "nor is a draft");
        plans::publish(&app, &caller(), run.plan.as_deref().expect("a plan"), 1).expect("public");
        let Some(SchedulingOutcome::Scheduled { day, departments, visit }) = get(&licence.id)
        else {
            panic!("scheduled")
        };
        assert_eq!(departments, ["fire", "market"]);
        let Some(SchedulingOutcome::Scheduled { day: other, .. }) = get(&exits.id) else {
            panic!("scheduled")
        };
        assert_eq!(day, other);
        let visit = schedule::get(&app, &caller(), &visit).expect("the visit");
        assert_eq!(visit.attendances[0].inspectors, 2);
        assert_eq!(visit.attendances[0].minutes, 50);
        assert_eq!(visit.scenario.as_deref(), Some("restaurants"));
        let Some(SchedulingOutcome::LeftOut { code, certainty, .. }) = get(&fumes.id) else {
            panic!("left out")
        };
        assert_eq!((code.as_str(), certainty.as_str()), ("pool-too-small", "impossible"));
    });
}
