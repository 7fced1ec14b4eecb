//! Clocks that differ between the servers of one database, and clocks that were ahead and are put right.

use crate::support::county::{NOODLES, caller, file, request, settle};
use crate::support::database::{Database, moved_by_hand, now, on_both, options, postgres, read};
use chrono::Duration;
use onevisit::app::access::Origin;
use onevisit::app::access::{login, tokens};
use onevisit::app::planning::{runs, worker};
use onevisit::app::{App, AppOptions, Caller, Clock, Error, StoreOptions};
use onevisit::wire::planning::run::RunState;
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

const PASSWORD: &str = "long enough for all of us";

fn opened(database: &Database, options: AppOptions) -> App {
    App::open(&database.address, &StoreOptions::default(), options).expect("it opens").0
}

/// A server whose clock is so many seconds ahead of [`now`]; `database`: the database's clock.
fn server(database: &Database, seconds: i64, database_clock: Option<Clock>) -> App {
    let clock: Clock = Arc::new(move || now() + Duration::seconds(seconds));
    opened(database, AppOptions { clock, database_clock, ..options() })
}

fn submit(app: &App) -> String {
    let new = json!({ "start": "2026-03-03", "end": "2026-03-31", "work": 1_000 });
    runs::submit(app, &caller(), &read(new)).expect("a run").id
}

#[test]
fn servers_whose_clocks_differ_by_seconds_take_each_others_tokens() {
    on_both(|database| {
        let here = server(database, 0, Some(Arc::new(now)));
        login::ensure_first(&here, "admin", PASSWORD).expect("the first user");
        let token = |app: &App| {
            let session = login::log_in(app, &Origin::default(), "admin", PASSWORD);
            session.expect("logged in").token
        };
        for seconds in [-29, -1, 1, 29] {
            let there = server(database, seconds, Some(Arc::new(now)));
            tokens::authenticate(&here, &token(&there)).expect("another server's token");
            tokens::authenticate(&there, &token(&here)).expect("another server's token");
            // a key that was changed meanwhile proves what it signed
            let before = token(&there);
            tokens::rotate_keys(&here, &Caller::local()).expect("rotated");
            tokens::authenticate(&here, &before).expect("signed before");
        }
        let ahead = token(&server(database, 120, Some(Arc::new(now))));
        let refused = tokens::authenticate(&here, &ahead).map(|_| ());
        assert!(matches!(refused, Err(Error::Unauthenticated(why)) if why.code() == "bad-token"));
    });
}

#[test]
fn a_lease_is_judged_by_the_databases_clock_and_not_by_each_servers() {
    let test = |database: &Database, clock: Option<Clock>| {
        let here = server(database, 0, clock.clone());
        settle(&here);
        file(&here, request("licence", NOODLES));
        submit(&here);
        worker::claim(&here).expect("a claim").expect("a run");
        for seconds in [-3_600, 3_600] {
            let there = server(database, seconds, clock.clone());
            let again = worker::claim(&there).expect("a look");
            assert!(again.is_none(), "a live run is begun anew");
        }
    };
    on_both(|database| test(database, Some(Arc::new(now))));
    // PostgreSQL's own
    test(&postgres(), None);
}

#[test]
fn a_lease_from_a_clock_that_was_ahead_and_is_put_right_is_over() {
    on_both(|database| {
        let past = Arc::new(AtomicI64::new(0));
        let app = opened(database, moved_by_hand(&past));
        settle(&app);
        file(&app, request("licence", NOODLES));
        let run = submit(&app);
        past.store(86_400, Ordering::Relaxed);
        worker::claim(&app).expect("a claim").expect("a run");
        // put back by a little, it may be a live one's
        past.store(86_400 - 5, Ordering::Relaxed);
        assert!(worker::claim(&app).expect("a look").is_none());
        past.store(0, Ordering::Relaxed);
        assert!(worker::step(&app, &AtomicBool::new(false)).expect("work"), "it is over");
        let run = runs::get(&app, &caller(), &run).expect("the run");
        assert_eq!((run.state, run.attempts), (RunState::Done, 2));
    });
}

#[test]
fn a_name_locked_by_a_clock_that_was_ahead_is_not_locked_for_as_long() {
    on_both(|database| {
        let past = Arc::new(AtomicI64::new(0));
        let app = opened(database, moved_by_hand(&past));
        login::ensure_first(&app, "admin", PASSWORD).expect("the first user");
        let log_in =
            |password: &str| login::log_in(&app, &Origin::default(), "admin", password).map(|_| ());
        past.store(86_400, Ordering::Relaxed);
        for _ in 0..5 {
            log_in("a wrong password").expect_err("wrong");
        }
        past.store(0, Ordering::Relaxed);
        log_in(PASSWORD).expect("the lock is over");
    });
}
