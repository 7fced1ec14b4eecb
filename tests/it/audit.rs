//! The audit log: everything that changes is in it, it cannot be changed unseen, what is personal can go;
//! and alarms of repeated visits.

use crate::api::{Client, PASSWORD};
use crate::support::county::{DAIRY, DUMPLINGS, NOODLES, caller, file, request, settle, with};
use crate::support::database::{Database, app, on_both, postgres, read, sqlite};
use crate::tidy::sources;
use actix_web::http::header::HeaderValue;
use actix_web::test::TestRequest;
use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection, SqliteConnection};
use onevisit::app::access::audit::{Strike, strike, verify};
use onevisit::app::access::{audit, users};
use onevisit::app::paging::Paging;
use onevisit::app::planning::{plans, runs, worker};
use onevisit::app::register;
use onevisit::app::requests::{filing, handling};
use onevisit::app::{Address, App, Caller, EventFilter, StoreOptions};
use onevisit::domain::alarms::{AlarmRule, AlarmVisit, Limits, alarms};
use onevisit::store::Store;
use onevisit::wire::access::audit::EventRecord;
use serde_json::{Value, json};
use std::path::Path;
use std::process::Command;
use std::sync::atomic::AtomicBool;

fn events(app: &App) -> Vec<EventRecord> {
    let paging = Paging::new(None, Some(1_000)).expect("paging");
    let page = audit::list(app, &Caller::local(), &EventFilter::default(), &paging);
    let mut events = page.expect("events").items;
    events.reverse();
    events
}

/// Runs SQL behind the program's back.
fn behind(database: &Database, sql: &str) -> diesel::QueryResult<()> {
    match &database.address {
        Address::Postgres(url) => PgConnection::establish(url).expect("it").batch_execute(sql),
        Address::Sqlite(path) => {
            let path = path.to_str().expect("UTF-8");
            SqliteConnection::establish(path).expect("it").batch_execute(sql)
        }
    }
}

/// As somebody would who may change the database's form too.
fn unguarded(database: &Database, sql: &str) {
    let off = match &database.address {
        Address::Postgres(_) => "ALTER TABLE events DISABLE TRIGGER USER;",
        Address::Sqlite(_) => {
            "DROP TRIGGER events_stay; DROP TRIGGER events_are_not_replaced;
             DROP TRIGGER events_do_not_change;"
        }
    };
    behind(database, &format!("{off} {sql}")).expect("tampered with");
}

#[test]
fn the_database_refuses_to_change_the_audit_log() {
    on_both(|database| {
        let app = app(database);
        settle(&app);
        let count = events(&app).len();
        assert!(count > 10, "{count}");
        for sql in [
            "DELETE FROM events",
            "DELETE FROM events WHERE seq = 1",
            "UPDATE events SET actor = 'x' WHERE seq = 2",
            "UPDATE events SET hash = '' WHERE seq = 2",
            "UPDATE events SET personal = personal || ' ' WHERE seq = 2",
            "UPDATE events SET personal = '{}', details = '{}' WHERE seq = 2",
        ] {
            let refused = behind(database, sql).expect_err(sql).to_string();
            assert!(refused.contains("append-only"), "{sql}: {refused}");
        }
        let more = match &database.address {
            Address::Postgres(_) => "TRUNCATE events",
            Address::Sqlite(_) => "REPLACE INTO events SELECT * FROM events WHERE seq = 1",
        };
        let refused = behind(database, more).expect_err(more).to_string();
        assert!(refused.contains("append-only"), "{refused}");
        let proof = verify(&app, &Caller::local(), None).expect("a proof");
        assert_eq!((proof.events, proof.broken), (count as i64, None));
    });
}

#[test]
fn whatever_is_changed_all_the_same_is_found() {
    for (sql, broken, why) in [
        ("UPDATE events SET actor = 'x' WHERE seq = 5", 5, "content"),
        ("UPDATE events SET details = '{}' WHERE seq = 7", 7, "content"),
        (
            "UPDATE events SET personal = replace(personal, 'tester', 'nobody') WHERE seq = 8",
            8,
            "who",
        ),
        ("DELETE FROM events WHERE seq = 6", 7, "missing"),
        ("DELETE FROM events WHERE seq = 1", 2, "missing"),
        ("UPDATE events SET hash = previous WHERE seq = 9", 9, "content"),
    ] {
        let tamper = |database: &Database| {
            let app = app(database);
            settle(&app);
            unguarded(database, sql);
            let proof = verify(&app, &Caller::local(), None).expect("a proof");
            let (seq, why_broken) = proof.broken.expect("it is found");
            assert_eq!(seq, broken, "{sql}: {why_broken}");
            assert!(why_broken.to_string().contains(why), "{sql}: {why_broken}");
        };
        tamper(&sqlite());
        tamper(&postgres());
    }
}

#[test]
fn what_is_personal_goes_only_by_a_strike_that_names_it() {
    on_both(|database| {
        let app = app(database);
        settle(&app);
        let (local, broken) = (Caller::local(), |proof: audit::Proof| proof.broken);
        let proven = |anchor| verify(&app, &local, anchor).expect("a proof");
        let head = proven(None);
        let anchor = Some((head.events, head.hash.as_str()));
        // the trigger lets it get shorter: no rights beyond the table's are needed
        let empty = |seq: i64| {
            let sql = format!("UPDATE events SET personal = '{{}}' WHERE seq = {seq}");
            behind(database, &sql).expect("shortened");
        };
        empty(6);
        let reported = broken(proven(anchor)).expect("it is found");
        assert_eq!(
            (reported.0, reported.1.to_string()),
            (6, "record-broken_gone field=\"who\"".into())
        );
        // a strike of everything later does not cover it up
        let now = Some(app.now() + chrono::TimeDelta::days(1));
        let wish = Strike { before: now, ..Strike::default() };
        strike(&app, &local, &wish).expect("struck");
        assert_eq!(broken(proven(anchor)).map(|(seq, _)| seq), Some(6));
        let event = events(&app).pop().expect("the strike");
        let last = head.events;
        assert_eq!(
            (&event.details["after"]["struck"]["who"], &event.details["after"]["events"]),
            (&json!([[1, 5], [7, last]]), &json!(last - 1))
        );
        // nor does it speak of itself, or of what comes after it
        empty(event.seq);
        let found = broken(proven(None));
        assert_eq!(found.map(|(seq, _)| seq), Some(6), "the first is reported");
    });
    // without the one in the middle all that it names holds, and only that
    on_both(|database| {
        let app = app(database);
        settle(&app);
        let local = Caller::local();
        let now = Some(app.now() + chrono::TimeDelta::days(1));
        let wish = Strike { before: now, field: Some("who".into()), ..Strike::default() };
        assert!(strike(&app, &local, &wish).expect("struck") > 10);
        let proof = verify(&app, &local, None).expect("a proof");
        assert_eq!((proof.struck as i64, &proof.broken), (proof.events - 1, &None));
        let sql = format!("UPDATE events SET personal = '{{}}' WHERE seq = {}", proof.events);
        behind(database, &sql).expect("shortened");
        let broken = verify(&app, &local, None).expect("a proof").broken;
        assert_eq!(broken.map(|(seq, _)| seq), Some(proof.events));
    });
}

#[test]
fn strikes_of_earlier_versions_account_for_what_they_wished() {
    on_both(|database| {
        let app = app(database);
        settle(&app);
        let last = events(&app).len() as i64;
        let local = Caller::local();
        let wish = Strike { user: Some("tester".into()), ..Strike::default() };
        strike(&app, &local, &wish).expect("struck");
        assert_eq!(verify(&app, &local, None).expect("a proof").broken, None);
        // as they wrote it: without the names
        let store = Store::open(&database.address, &StoreOptions::default()).expect("opens").0;
        let mut event = store.read(|tx| tx.events_after(last, 1)).expect("it").remove(0);
        let mut details: Value = serde_json::from_str(&event.details).expect("JSON");
        details["after"].as_object_mut().expect("an object").remove("struck");
        event.details = details.to_string();
        unguarded(
            database,
            &format!(
                "UPDATE events SET details = '{}', hash = '{}' WHERE seq = {}",
                event.details,
                event.own_hash(),
                event.seq
            ),
        );
        let proof = verify(&app, &local, None).expect("a proof");
        assert!(proof.broken.is_none() && proof.struck > 10, "{proof:?}");
        // what somebody else did was not wished for
        let sql = "UPDATE events SET personal = '{}' WHERE actor <> 'tester'";
        behind(database, sql).expect("shortened");
        let broken = verify(&app, &local, None).expect("a proof").broken;
        assert!(broken.is_some_and(|(_, why)| why.key() == "record-broken_gone"));
    });
}

#[test]
fn an_end_that_is_cut_off_is_found_by_what_was_noted() {
    on_both(|database| {
        let app = app(database);
        settle(&app);
        let local = Caller::local();
        let proof = verify(&app, &local, None).expect("a proof");
        let (last, hash) = (proof.events, proof.hash.clone());
        unguarded(database, &format!("DELETE FROM events WHERE seq = {last}"));
        assert_eq!(verify(&app, &local, None).expect("a proof").broken, None, "by itself it holds");
        let cut = verify(&app, &local, Some((last, &hash))).expect("a proof");
        assert!(
            cut.broken.is_some_and(|(seq, why)| seq == last && why.key() == "record-broken_short")
        );
        file(&app, request("licence", NOODLES));
        let other = verify(&app, &local, Some((last, &hash))).expect("a proof");
        assert!(
            other
                .broken
                .is_some_and(|(seq, why)| seq == last && why.key() == "record-broken_other")
        );
    });
}

#[test]
fn the_command_line_reports_a_tampered_audit_log() {
    let database = sqlite();
    settle(&app(&database));
    let Address::Sqlite(path) = &database.address else { unreachable!() };
    let run = |args: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_onevisit"))
            .args(args)
            .env("ONEVISIT_DATABASE", path)
            .output()
            .expect("it runs");
        let text = String::from_utf8(output.stdout).expect("text");
        (output.status.code(), text)
    };
    let audit = |args: &[&str]| run(&[&["audit"], args].concat());
    let (code, text) = audit(&["verify"]);
    assert_eq!(code, Some(0), "{text}");
    let head = text.trim().rsplit(' ').next().expect("a head").to_owned();
    assert_eq!(audit(&["verify", "--head", &head]).0, Some(0));
    let (code, text) = audit(&["list", "--kind", "area", "--limit", "1"]);
    let event: Value = serde_json::from_str(&text).expect("one object a line");
    assert_eq!((code, &event["action"]), (Some(0), &json!("area.add")));
    assert_eq!(event["personal"]["who"], "tester");
    // what came after a backup is gone with it, but not that it was brought back
    let copy = path.with_file_name("copy.db");
    let copy = copy.to_str().expect("UTF-8");
    assert_eq!(run(&["backup", copy]).0, Some(0));
    assert_eq!(run(&["restore", copy, "--reason", "a broken disk"]).0, Some(0));
    let (_, text) = audit(&["list", "--kind", "database"]);
    let event: Value = serde_json::from_str(&text).expect("one event");
    assert_eq!(event["action"], "database.restore");
    assert_eq!(event["personal"]["reason"], "a broken disk");
    assert_eq!(audit(&["verify", "--head", &head]).0, Some(0));
    unguarded(&database, "UPDATE events SET object_id = 'elsewhere' WHERE seq = 4");
    let (code, text) = audit(&["verify"]);
    assert_eq!(code, Some(1));
    assert!(text.starts_with("broken at event 4: its content is not"), "{text}");
}

#[test]
fn what_is_personal_can_go_and_the_chain_holds() {
    on_both(|database| {
        let client = Client::logged_in(database);
        let app = &client.app;
        let new = json!({
            "name": "somebody", "password": "tea with lemon, cold", "roles": ["filer"],
            "departments": ["market"]
        });
        let words = HeaderValue::from_bytes("她是新来的".as_bytes()).expect("bytes");
        let reason = ("x-reason", words);
        let request_to_add = TestRequest::post().uri("/api/v1/users").set_json(&new);
        let peer = "192.0.2.7:80".parse().expect("an address");
        let added = client.send(request_to_add.insert_header(reason).peer_addr(peer)).json();
        let id = added["id"].as_str().expect("an id").to_owned();
        let admin = client.token.borrow().clone();
        *client.token.borrow_mut() = None;
        let body = json!({ "name": "somebody", "password": "tea with lemon, cold" });
        let session = client.post("/api/v1/session", &body).json();
        *client.token.borrow_mut() = session["token"].as_str().map(Into::into);
        let note = json!({ "note": "her own words" });
        let filed = client.post("/api/v1/requests", &with(request("licence", NOODLES), note));
        assert_eq!(filed.status.as_u16(), 201);
        let before = events(app);
        let of = |events: &[EventRecord], action: &str| {
            let found = events.iter().rev().find(|event| event.action == action);
            found.expect("an event").clone()
        };
        let event = of(&before, "user.add");
        assert_eq!(event.personal["who"], "admin");
        assert_eq!(event.personal["address"], "192.0.2.7");
        assert_eq!(event.personal["reason"], "她是新来的");
        assert_eq!(event.personal["after/name"], "somebody");
        assert_eq!(event.details["after"]["roles"], json!(["filer"]));
        let event = of(&before, "request.add");
        assert_eq!(event.personal["after/note"], "her own words");
        let wish = Strike { user: Some(id.clone()), ..Strike::default() };
        let local = Caller::local().because(Some("she asked for it".into()));
        assert_eq!(strike(app, &local, &wish).expect("struck"), 3);
        let after = events(app);
        let event = of(&after, "user.add");
        assert_eq!(
            (&event.personal["after/name"], &event.personal["who"]),
            (&Value::Null, &json!("admin"))
        );
        for (field, value) in of(&after, "request.add").personal {
            assert_eq!(value, Value::Null, "{field}");
        }
        let event = of(&after, "record.strike");
        assert_eq!(
            (event.object_id.as_str(), &event.details["after"]["events"]),
            (id.as_str(), &json!(3))
        );
        let proof = verify(app, &local, None).expect("a proof");
        assert_eq!((proof.broken, proof.events), (None, after.len() as i64));
        assert!(proof.struck >= 5, "{}", proof.struck);
        // addresses of everybody, after some time
        let wish = Strike {
            before: Some(app.now() + chrono::TimeDelta::days(1)),
            field: Some("address".into()),
            ..Strike::default()
        };
        assert!(strike(app, &local, &wish).expect("struck") >= 1);
        assert!(events(app).iter().all(|e| e.personal.get("address").is_none_or(Value::is_null)));
        assert_eq!(verify(app, &local, None).expect("a proof").broken, None);
        let all = strike(app, &local, &Strike::default()).map_err(|error| error.to_string());
        all.expect_err("not of everybody and always");
        *client.token.borrow_mut() = admin;
        assert_eq!(client.get("/api/v1/audit?limit=1").status.as_u16(), 200);
    });
}

#[test]
fn every_change_is_recorded_with_it_and_what_fails_is_not() {
    on_both(|database| {
        let app = app(database);
        settle(&app);
        let caller = caller();
        let mut last = events(&app).len();
        let mut step = |what: &str, wanted: &[&str]| {
            let all = events(&app);
            let found: Vec<&str> = all[last..].iter().map(|event| event.action.as_str()).collect();
            assert_eq!(found, wanted, "{what}");
            last = all.len();
        };
        let filed = file(&app, request("licence", NOODLES));
        step("filing", &["request.add"]);
        let twice = with(request("food", NOODLES), json!({ "reference": "R" }));
        file(&app, twice.clone());
        file(&app, twice);
        step("filing twice", &["request.add"]);
        let many = [
            read(request("food", NOODLES)),
            read(with(request("food", NOODLES), json!({ "item": "x" }))),
        ];
        let listed = filing::file_list(&app, &caller, &many).expect("a list");
        assert_eq!(listed.refused.len(), 1);
        step("a list of which one has a defect", &["request.add"]);
        let taken = json!({ "id": "east", "name": { "zh": "镇", "en": "Town" } });
        register::add_area(&app, &caller, &read(taken)).expect_err("taken");
        step("what is taken", &[]);
        handling::withdraw(&app, &caller, &filed.id).expect("withdrawn");
        step("withdrawing", &["request.withdraw"]);
        let pool = register::pool(&app, &caller, "fire").expect("a pool");
        let mut wider = pool.value.clone();
        wider.minutes = 900;
        register::replace_pool(&app, &caller, &wider, pool.version).expect("replaced");
        step("a pool", &["pool.change"]);
        let event = events(&app).pop().expect("it");
        let minutes = |side: &str| event.details[side]["minutes"].clone();
        assert_eq!((minutes("before"), minutes("after")), (json!(480), json!(900)));
        let policy = onevisit::app::planning::policies::get(&app, &caller, None).expect("a policy");
        onevisit::app::planning::policies::set(&app, &caller, &policy.policy, "same", 1)
            .expect("set");
        step("a policy", &["policy.add"]);
        let new = json!({ "start": "2026-03-02", "end": "2026-03-31", "work": 500 });
        let run = runs::submit(&app, &caller, &read(new)).expect("a run");
        step("a run", &["run.add"]);
        runs::cancel(&app, &caller, &run.id).expect("cancelled");
        step("cancelling", &["run.cancel"]);
        while worker::step(&app, &AtomicBool::new(false)).expect("work") {}
        step("planning", &["plan.add"]);
        let plan = runs::get(&app, &caller, &run.id).expect("it").plan.expect("a plan");
        plans::publish(&app, &caller, &plan, 1).expect("published");
        step("publishing", &["plan.publish"]);
        let user = json!({ "name": "u", "roles": ["filer"], "departments": ["market"] });
        let user = users::add(&app, &caller, &read(user)).expect("a user");
        let change = json!({ "roles": ["supervisor"] });
        users::change(&app, &caller, &user.value.id, &read(change), 1).expect("changed");
        users::set_password(&app, &caller, &user.value.id, &read(json!({ "new": PASSWORD })))
            .expect("set");
        step("users", &["user.add", "user.change", "user.password"]);
        onevisit::app::access::tokens::rotate_keys(&app, &caller).expect("rotated");
        step("keys", &["key.retire", "key.add"]);
        assert_eq!(verify(&app, &caller, None).expect("a proof").broken, None);
    });
}

#[test]
fn many_who_write_at_once_make_one_chain() {
    on_both(|database| {
        let app = app(database);
        settle(&app);
        let before = events(&app).len();
        std::thread::scope(|scope| {
            for thread in 0..4 {
                let app = &app;
                scope.spawn(move || {
                    for i in 0..20 {
                        let reference = json!({ "reference": format!("{thread}-{i}") });
                        file(app, with(request("food", NOODLES), reference));
                    }
                });
            }
        });
        let proof = verify(&app, &Caller::local(), None).expect("a proof");
        assert_eq!((proof.events, proof.broken), ((before + 80) as i64, None));
    });
}

/// Every use case that writes records an event in the audit log, or is listed here with the reason why not.
#[test]
fn no_use_case_writes_without_an_event() {
    let silent = [
        // recorded by the transition
        ("requests/handling.rs", "approve"),
        ("requests/handling.rs", "refuse"),
        ("requests/handling.rs", "withdraw"),
        ("requests/handling.rs", "cancel"),
        ("requests/handling.rs", "move_to"),
        ("requests/handling.rs", "merge"),
        ("requests/handling.rs", "send_off_site"),
        ("requests/handling.rs", "close"),
        ("requests/handling.rs", "expire"),
        // bookkeeping of the queue, not what anybody did
        ("planning/worker.rs", "claim"),
        ("planning/worker.rs", "plan"),
        ("planning/worker.rs", "renew"),
        // what the run that is recorded asks for
        ("planning/runs.rs", "built"),
        // recorded by the function that they call
        ("requests/filing/several.rs", "file"),
        ("requests/filing/several.rs", "write"),
        ("requests/filing/table.rs", "whole"),
        ("access/users.rs", "set_password"),
        ("access/users.rs", "set_own_password"),
        // who goes on with a call that is in the audit log
        ("requests/answers.rs", "take_up"),
        ("requests/answers.rs", "let_go"),
        // written to the audit log when it was decided, and for each request
        ("requests/filing/import.rs", "finish_one"),
        ("register/files.rs", "import"),
        // counts tries; what comes of a right one is recorded
        ("access/guesses.rs", "alone"),
    ];
    let mut found = Vec::new();
    let mut files = Vec::new();
    sources(Path::new("src/app"), &mut files);
    assert!(files.iter().any(|path| path.ends_with("requests/filing/several.rs")));
    for path in files {
        let name = path.strip_prefix("src/app").expect("below").to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&path).expect("readable");
        for part in text
            .split("\nfn ")
            .flat_map(|part| part.split("\npub fn "))
            .flat_map(|part| part.split("\npub(super) fn "))
            .flat_map(|part| part.split("\n    pub(super) fn "))
            .flat_map(|part| part.split("\npub(in crate::app) fn "))
            .flat_map(|part| part.split("\n    pub(in crate::app) fn "))
        {
            let writes = part.contains(".store.write");
            let function = part.split(['(', '<']).next().unwrap_or_default();
            let is_known = silent.contains(&(name.as_str(), function));
            let words: String = part.split_whitespace().collect();
            let is_recorded =
                [".record(app,tx", ".record(self.app,tx"].iter().any(|call| words.contains(call));
            if writes && !is_recorded && !is_known {
                found.push(format!("{name}: {function}"));
            }
        }
    }
    assert!(found.is_empty(), "{found:?}");
}

fn contact(visit: &str, enterprise: &str, area: &str, day: &str, has_cause: bool) -> AlarmVisit {
    AlarmVisit {
        visit: visit.into(),
        enterprise: enterprise.into(),
        area: area.into(),
        day: day.parse().expect("a day"),
        has_cause,
    }
}

#[test]
fn alarms_ring_one_past_the_limit_and_not_at_it() {
    let of = |days: &[&str], has_cause: bool| -> Vec<(AlarmRule, usize)> {
        let visits: Vec<AlarmVisit> = days
            .iter()
            .enumerate()
            .map(|(i, day)| contact(&i.to_string(), "e", "a", day, has_cause))
            .collect();
        let found = alarms(&visits, &Limits::default());
        found.into_iter().map(|alarm| (alarm.rule, alarm.count)).collect()
    };
    let none: [(AlarmRule, usize); 0] = [];
    // 2 March 2026 is a Monday; with a cause, so that only frequency counts
    assert_eq!(of(&["2026-03-02"], true), none);
    assert_eq!(of(&["2026-03-02", "2026-03-02"], true), [(AlarmRule::Day, 2)]);
    assert_eq!(of(&["2026-03-02", "2026-03-08"], true), none, "two in a week");
    assert_eq!(of(&["2026-03-02", "2026-03-04", "2026-03-08"], true), [(AlarmRule::Week, 3)]);
    assert_eq!(of(&["2026-03-06", "2026-03-08", "2026-03-09"], true), none, "a new week");
    assert_eq!(of(&["2026-03-02", "2026-03-10", "2026-03-31"], true), none, "three in a month");
    let four = ["2026-03-02", "2026-03-10", "2026-03-18", "2026-03-31"];
    assert_eq!(of(&four, true), [(AlarmRule::Month, 4)]);
    assert_eq!(of(&["2026-03-31", "2026-04-01"], true), none, "a new month");
    // without a cause
    assert_eq!(of(&["2026-03-02", "2026-04-30"], false), [(AlarmRule::Repeat, 2)], "59 days");
    assert_eq!(of(&["2026-03-02", "2026-05-01"], false), none, "60 days");
    // the evidence, and the area's own
    let mut visits = Vec::new();
    for (i, enterprise) in ["e", "f", "g"].iter().enumerate() {
        visits.push(contact(&format!("{i}a"), enterprise, "a", "2026-03-02", false));
        visits.push(contact(&format!("{i}b"), enterprise, "a", "2026-04-02", false));
        visits.push(contact(&format!("{i}c"), enterprise, "a", "2026-04-03", true));
    }
    let found = alarms(&visits, &Limits::default());
    let area = found.iter().find(|alarm| alarm.rule == AlarmRule::RepeatsInArea).expect("an alarm");
    assert_eq!((area.count, area.limit, area.enterprise.as_ref()), (3, 2, None));
    assert_eq!(area.visits, ["0a", "1a", "2a", "0b", "1b", "2b"]);
    let fewer = alarms(&visits[..6], &Limits::default());
    assert!(fewer.iter().all(|alarm| alarm.rule != AlarmRule::RepeatsInArea));
}

#[test]
fn alarms_are_computed_over_the_schedule() {
    on_both(|database| {
        let client = Client::logged_in(database);
        let early = json!({ "earliest": "2026-03-09", "latest": "2026-03-10" });
        let late = json!({ "earliest": "2026-03-30", "latest": "2026-03-31" });
        let case = json!({ "kind": "case" });
        for (item, place, when) in
            [("licence", NOODLES, &early), ("food", NOODLES, &late), ("exits", DUMPLINGS, &early)]
        {
            file(&client.app, with(request(item, place), when.clone()));
        }
        // a case is a cause
        for when in [&early, &late] {
            file(&client.app, with(with(request("fumes", DAIRY), when.clone()), case.clone()));
        }
        let found = |client: &Client, query: &str| {
            let page = client.get(&format!("/api/v1/alarms{query}")).json();
            page["items"].as_array().expect("alarms").clone()
        };
        let march = json!({ "start": "2026-03-02", "end": "2026-03-31", "work": 1_000 });
        let run = client.post("/api/v1/runs", &march).json();
        client.work();
        assert!(found(&client, "").is_empty(), "nothing is published");
        let run =
            runs::get(&client.app, &caller(), run["id"].as_str().expect("an id")).expect("it");
        plans::publish(&client.app, &caller(), &run.plan.expect("a plan"), 1).expect("published");
        let alarms = found(&client, "");
        assert_eq!(alarms.len(), 1, "{alarms:?}");
        assert_eq!(
            (&alarms[0]["rule"], &alarms[0]["enterprise"]),
            (&json!("repeat"), &json!(NOODLES))
        );
        for visit in alarms[0]["visits"].as_array().expect("evidence") {
            let visit = client.get(&format!("/api/v1/visits/{}", visit.as_str().expect("an id")));
            assert_eq!(visit.json()["enterprise"], NOODLES);
        }
        assert_eq!(found(&client, "?area=east").len(), 1);
        assert!(found(&client, "?area=west").is_empty());
        assert!(found(&client, "?from=2026-03-15").is_empty(), "one of the two is before");
        let wide = client.get("/api/v1/alarms?from=2000-01-01&to=2026-01-01");
        assert_eq!(wide.problem(), (422, "out-of-range".into()));
        let next = found(&client, "?limit=1&cursor=zzz");
        assert!(next.is_empty());
    });
}
