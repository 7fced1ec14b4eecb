//! PostgreSQL that refuses, is frozen, or was taken the place of: what answers callers get, and that
//! work goes on afterwards. What it says comes in its own language, so nothing may rest on the words.

use crate::support::county::{NOODLES, caller, file, request, settle, with};
use crate::support::database::{Database, app, on_both, options, postgres, postgres_server, read};
use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection, QueryableByName, RunQueryDsl};
use onevisit::app::planning::{runs, worker};
use onevisit::app::requests::filing;
use onevisit::app::{App, Error, StoreError, StoreOptions};
use onevisit::store::Store;
use onevisit::wire::planning::run::RunState;
use serde_json::json;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

fn connect(database: &Database) -> PgConnection {
    PgConnection::establish(&crate::server::url(database)).expect("the server answers")
}

fn name(database: &Database) -> String {
    let url = crate::server::url(database);
    url.rsplit_once('/').expect("a database").1.to_owned()
}

#[derive(QueryableByName)]
struct Backend {
    #[diesel(sql_type = diesel::sql_types::Integer)]
    pid: i32,
}

/// Process ids of the server's sessions in a database that meet a condition, without our own.
fn backends(database: &Database, condition: &str) -> Vec<i32> {
    let query = format!(
        "SELECT pid FROM pg_stat_activity WHERE datname = current_database() \
         AND pid <> pg_backend_pid() AND {condition}"
    );
    let rows: Vec<Backend> =
        diesel::sql_query(query).load(&mut connect(database)).expect("the server's sessions");
    rows.into_iter().map(|row| row.pid).collect()
}

/// Sessions that wait for a lock; there will be one soon.
fn waiting(database: &Database) -> Vec<i32> {
    let deadline = Instant::now() + Duration::from_secs(30);
    loop {
        let found = backends(database, "wait_event_type = 'Lock'");
        if !found.is_empty() {
            return found;
        }
        assert!(Instant::now() < deadline, "nobody waits");
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn cancel(database: &Database, pid: i32) {
    let sql = format!("SELECT pg_cancel_backend({pid})");
    connect(database).batch_execute(&sql).expect("it is cancelled");
}

/// A server that speaks Chinese where it can.
fn chinese() -> Database {
    let database = postgres();
    let sql = format!("ALTER DATABASE {} SET lc_messages = 'zh_CN.UTF-8'", name(&database));
    if let Err(error) = connect(&database).batch_execute(&sql) {
        eprintln!("this server speaks English only: {error}");
    }
    database
}

fn try_to_file(app: &App, reference: &str) -> Result<(), Error> {
    let value = with(request("food", NOODLES), json!({ "reference": reference }));
    filing::file(app, &caller(), &read(value)).map(|_| ())
}

fn count(app: &App) -> usize {
    let paging = onevisit::app::paging::Paging::new(None, Some(1_000)).expect("paging");
    let filter = onevisit::app::RequestFilter::default();
    onevisit::app::requests::list(app, &caller(), &filter, &paging).expect("a list").items.len()
}

#[test]
fn what_is_no_known_violation_is_reported_as_unavailable_in_any_language() {
    let database = chinese();
    let app = app(&database);
    settle(&app);
    let mut other = connect(&database);
    let begun = other.batch_execute("BEGIN; LOCK TABLE requests IN ACCESS EXCLUSIVE MODE");
    begun.expect("a lock");
    std::thread::scope(|scope| {
        let cancelled = scope.spawn(|| try_to_file(&app, "cancelled"));
        cancel(&database, waiting(&database)[0]);
        let error = cancelled.join().expect("it ends").expect_err("cancelled");
        assert!(matches!(error, Error::Unavailable(_)), "{error:?}");
        // nor does it wait for ever
        let late = scope.spawn(|| try_to_file(&app, "late"));
        let error = late.join().expect("it ends").expect_err("the lock is another's");
        assert!(matches!(error, Error::Unavailable(_)), "{error:?}");
    });
    other.batch_execute("ROLLBACK").expect("released");
    assert_eq!(count(&app), 0, "nothing was changed");
    try_to_file(&app, "after").expect("filed");
}

#[test]
fn a_broken_rule_of_a_table_is_a_bug_of_ours() {
    on_both(|database| {
        let app = app(database);
        settle(&app);
        let (store, _) = Store::open(&database.address, &StoreOptions::default()).expect("opens");
        let mut pool: onevisit::wire::register::Pool =
            read(crate::support::county::pool("negative", "fire", None));
        pool.minutes = -1;
        let refused = store.write(|tx| tx.add_pool(&pool)).expect_err("a CHECK");
        assert!(matches!(refused, StoreError::Other(_)), "{refused:?}");
        assert!(matches!(Error::from(refused), Error::Internal(_)));
    });
}

#[test]
fn a_finished_plan_waits_for_a_database_that_refuses_it() {
    let database = chinese();
    let app = app(&database);
    settle(&app);
    file(&app, request("licence", NOODLES));
    let new = json!({ "start": "2026-03-02", "end": "2026-03-31", "work": 1_000 });
    let run = runs::submit(&app, &caller(), &read(new)).expect("a run").id;
    let state = || runs::get(&app, &caller(), &run).expect("the run").state;
    let mut other = connect(&database);
    let begun = other.batch_execute("BEGIN; LOCK TABLE draft_visits IN EXCLUSIVE MODE");
    begun.expect("a lock");
    std::thread::scope(|scope| {
        let planner = scope.spawn(|| worker::step(&app, &AtomicBool::new(false)));
        for _ in 0..2 {
            cancel(&database, waiting(&database)[0]);
            std::thread::sleep(Duration::from_millis(100));
            assert_eq!(state(), RunState::Running, "its plan waits");
        }
        other.batch_execute("ROLLBACK").expect("released");
        assert!(planner.join().expect("it ends").expect("work"));
    });
    let run = runs::get(&app, &caller(), &run).expect("the run");
    assert_eq!((run.state, run.attempts), (RunState::Done, 1));
    assert!(run.plan.is_some());
}

#[test]
fn a_server_that_takes_no_writes_is_reported_and_left() {
    let database = postgres();
    let app = app(&database);
    settle(&app);
    let name = name(&database);
    // as after a fail-over: the sessions are gone, and whoever connects finds a server that only reads
    let end_sessions = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                        WHERE datname = current_database() AND pid <> pg_backend_pid()";
    let read_only = format!("ALTER DATABASE {name} SET default_transaction_read_only = on");
    connect(&database).batch_execute(&format!("{read_only}; {end_sessions}")).expect("read-only");
    for i in 0..3 {
        let error = try_to_file(&app, &format!("r{i}")).expect_err("it only reads");
        assert!(matches!(error, Error::Unavailable(_)), "{error:?}");
        let error = app.is_ready().expect_err("it only reads");
        assert!(matches!(error, Error::Unavailable(_)), "{error:?}");
    }
    assert_eq!(count(&app), 0, "what only reads goes on");
    let mut other = connect(&database);
    for sql in [
        "SET default_transaction_read_only = off",
        &format!("ALTER DATABASE {name} RESET default_transaction_read_only"),
    ] {
        other.batch_execute(sql).expect("writable");
    }
    // the sessions that were begun meanwhile would stay read-only for as long as they live
    let deadline = Instant::now() + Duration::from_secs(5);
    while try_to_file(&app, "back").is_err() {
        assert!(Instant::now() < deadline, "the old sessions are kept");
        std::thread::sleep(Duration::from_millis(100));
    }
    app.is_ready().expect("ready");
}

#[cfg(unix)]
#[test]
fn a_frozen_session_does_not_hold_up_the_sign_of_readiness() {
    let signal = |name: &str, pids: &[i32]| {
        let pids = pids.iter().map(i32::to_string);
        let sent = std::process::Command::new("kill").arg(name).args(pids).status();
        assert!(sent.expect("kill runs").success());
    };
    let database = postgres();
    let store = StoreOptions { connections_max: 2, ..StoreOptions::default() };
    let app = App::open(&database.address, &store, options()).expect("it opens").0;
    settle(&app);
    app.is_ready().expect("ready");
    let frozen = backends(&database, "backend_type = 'client backend'");
    assert!(!frozen.is_empty());
    signal("-STOP", &frozen);
    let asked = Instant::now();
    let error = app.is_ready().expect_err("no answer");
    let waited = asked.elapsed();
    signal("-CONT", &frozen);
    assert!(matches!(error, Error::Unavailable(_)), "{error:?}");
    assert!(waited < Duration::from_secs(8), "{waited:?}");
    app.is_ready().expect("ready again");
    try_to_file(&app, "after").expect("filed");
}

#[test]
fn the_one_of_several_servers_that_answers_is_found() {
    let database = postgres();
    let server = postgres_server();
    let place = server.rsplit_once('@').expect("a user").1;
    let (place, _) = place.split_once('/').expect("a database");
    let url = format!("postgres://onevisit@127.0.0.1:1,{place}/{}", name(&database));
    let address: onevisit::app::Address = url.parse().expect("an address");
    let shown = format!("postgres://127.0.0.1:1,{place}/{}", name(&database));
    assert_eq!(address.to_string(), shown);
    let app = App::open(&address, &StoreOptions::default(), options()).expect("it opens").0;
    app.is_ready().expect("ready");
}
