//! What servers make once: callers and pages of the schedule. None outlives what it was made of, whoever
//! changes that, on whichever server.

use crate::api::{Client, PASSWORD};
use crate::register_files::taken;
use crate::support::county::{DUMPLINGS, NOODLES, caller, file, request, with};
use crate::support::database::{Database, app, on_both, read};
use actix_web::http::StatusCode;
use actix_web::test::TestRequest;
use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection, SqliteConnection};
use flate2::read::GzDecoder;
use onevisit::app::access::{login, tokens, users};
use onevisit::app::paging::Paging;
use onevisit::app::planning::{plans, runs, worker};
use onevisit::app::requests::handling;
use onevisit::app::visits::schedule;
use onevisit::app::{Address, App, Caller, StoreOptions, VisitFilter};
use onevisit::store::{Stamp, Store};
use onevisit::wire::paging::Page;
use onevisit::wire::register::Kind;
use onevisit::wire::visits::visit::VisitRecord;
use serde_json::{Value, json};
use std::io::Read;
use std::sync::atomic::{AtomicBool, Ordering};

fn behind(database: &Database, sql: &str) {
    match &database.address {
        Address::Postgres(url) => PgConnection::establish(url).expect("it").batch_execute(sql),
        Address::Sqlite(path) => {
            let path = path.to_str().expect("UTF-8");
            SqliteConnection::establish(path).expect("it").batch_execute(sql)
        }
    }
    .unwrap_or_else(|error| panic!("{sql}: {error}"));
}

/// Plans March and publishes the plan.
fn publish(app: &App) {
    let march = json!({ "start": "2026-03-02", "end": "2026-03-31", "work": 1_000 });
    let run = runs::submit(app, &caller(), &read(march)).expect("a run");
    while worker::step(app, &AtomicBool::new(false)).expect("work") {}
    let plan = runs::get(app, &caller(), &run.id).expect("it").plan.expect("a plan");
    let version = plans::get(app, &caller(), &plan).expect("it").version;
    plans::publish(app, &caller(), &plan, version).expect("published");
}

/// The schedule as another server reads it, which has made nothing yet.
fn read_anew(database: &Database, by: &Caller) -> Value {
    let paging = Paging::new(None, Some(1_000)).expect("paging");
    let page: Page<VisitRecord> =
        schedule::list(&app(database), by, &VisitFilter::default(), &paging).expect("visits");
    serde_json::to_value(page).expect("JSON")
}

#[test]
fn a_page_that_was_made_never_outlives_a_change_on_another_server() {
    on_both(|database| {
        let client = Client::logged_in(database);
        let other = app(database);
        let get = || client.get("/api/v1/visits?limit=1000").json();
        assert_eq!(get()["items"], json!([]));
        let held = file(&other, request("licence", NOODLES));
        file(&other, request("exits", NOODLES));
        file(&other, request("food", DUMPLINGS));
        publish(&other);
        let mut last = get();
        assert!(!last["items"].as_array().expect("visits").is_empty());
        assert_eq!(get(), last);
        let mut step = |what: &str, change: &dyn Fn()| {
            change();
            let now = get();
            assert_ne!(now, last, "{what}");
            assert_eq!(now, read_anew(database, &caller()), "{what}");
            last = now;
        };
        step("a withdrawal", &|| {
            handling::withdraw(&other, &caller(), &held.id).expect("withdrawn");
        });
        step("an enterprise's name", &|| {
            let row = format!("{NOODLES},面馆（虚构）,east,6210,B,A\n");
            let rows = "id,name,area,industry,risk,credit_grade\n".to_owned() + &row;
            taken(&other, Kind::Enterprises, &rows);
        });
        step("an item's name", &|| behind(database, "UPDATE items SET name_en = 'Ways out'"));
        step("a request by hand", &|| behind(database, "UPDATE requests SET minutes = 17"));
        step("a visit by hand", &|| behind(database, "UPDATE visits SET day = '2026-03-30'"));
        step("another plan", &|| {
            file(&other, request("licence", DUMPLINGS));
            publish(&other);
        });
    });
}

#[test]
fn a_stamp_changes_with_what_it_covers_and_not_with_filing() {
    on_both(|database| {
        let app = app(database);
        crate::support::county::settle(&app);
        login::ensure_first(&app, "admin", PASSWORD).expect("a user");
        let store = Store::open(&database.address, &StoreOptions::default()).expect("it opens").0;
        let stamps = || {
            let both = |tx: &mut onevisit::store::Tx<'_>| {
                Ok::<_, onevisit::store::StoreError>((
                    tx.stamp(Stamp::Access)?,
                    tx.stamp(Stamp::Schedule)?,
                ))
            };
            store.read(both).expect("stamps")
        };
        let changed = |work: &dyn Fn()| {
            let before = stamps();
            work();
            let after = stamps();
            (before.0 != after.0, before.1 != after.1)
        };
        let neither = (false, false);
        let filed = changed(&|| drop(file(&app, request("licence", NOODLES))));
        assert_eq!(filed, neither, "filing");
        assert_eq!(changed(&|| publish(&app)), (false, true), "publishing");
        let draft = changed(&|| {
            file(&app, request("exits", NOODLES));
            let march = json!({ "start": "2026-03-02", "end": "2026-03-31", "work": 1_000 });
            runs::submit(&app, &caller(), &read(march)).expect("a run");
            while worker::step(&app, &AtomicBool::new(false)).expect("work") {}
        });
        assert_eq!(draft, neither, "a draft");
        for (sql, access, schedule) in [
            ("UPDATE users SET name = 'root'", true, false),
            ("UPDATE accounts SET is_disabled = TRUE", true, false),
            ("INSERT INTO user_areas SELECT id, 'east' FROM users", true, false),
            ("DELETE FROM user_areas", true, false),
            ("INSERT INTO user_departments SELECT id, 'fire' FROM users", true, false),
            ("UPDATE user_departments SET department_id = 'market'", true, false),
            ("UPDATE areas SET parent_id = 'east' WHERE id = 'west'", true, false),
            ("UPDATE areas SET name_en = 'x'", false, false),
            ("DELETE FROM user_roles", true, false),
            ("UPDATE signing_keys SET retired_at = '2026-03-02 00:00:00'", true, false),
            ("DELETE FROM signing_keys", true, false),
            ("UPDATE enterprises SET last_counted = '2026-03-01'", false, false),
            ("UPDATE enterprises SET name_zh = '店'", false, true),
            ("UPDATE requests SET reference = id", false, true),
            ("UPDATE requests SET state = 'approval_pending'", false, true),
            // as heads of departments do all day; such a request is in no visit
            ("UPDATE requests SET state = 'accepted'", false, false),
            ("UPDATE requests SET state = 'expired'", false, true),
            ("UPDATE attendances SET minutes = minutes + 1", false, true),
            ("DELETE FROM attendances", false, true),
            ("DELETE FROM visit_requests", false, true),
        ] {
            assert_eq!(changed(&|| behind(database, sql)), (access, schedule), "{sql}");
        }
    });
}

#[test]
fn a_page_is_sent_packed_to_whom_that_is_welcome() {
    let database = crate::support::database::sqlite();
    let client = Client::logged_in(&database);
    file(&client.app, request("licence", NOODLES));
    publish(&client.app);
    let ask = |accepted: &str| {
        let get = TestRequest::get().uri("/api/v1/visits");
        client.send(get.insert_header(("Accept-Encoding", accepted)))
    };
    let plain = client.get("/api/v1/visits");
    assert_eq!(plain.headers.get("content-encoding"), None);
    assert_eq!(plain.json()["items"].as_array().map(Vec::len), Some(1));
    for (accepted, is_packed) in
        [("gzip", true), ("br, gzip;q=0.5", true), ("identity", false), ("gzip;q=0", false)]
    {
        let reply = ask(accepted);
        assert_eq!(reply.headers.get("content-encoding").is_some(), is_packed, "{accepted}");
        assert_eq!(reply.headers.get("vary").expect("a header"), "accept-encoding");
        let mut body = Vec::new();
        let body = match is_packed {
            true => {
                GzDecoder::new(&*reply.body).read_to_end(&mut body).expect("packed");
                body
            }
            false => reply.body,
        };
        assert_eq!(body, plain.body, "{accepted}");
    }
}

#[test]
fn nobody_is_given_a_page_that_was_made_for_others() {
    on_both(|database| {
        let client = Client::logged_in(database);
        let admin = client.token.borrow().clone();
        file(&client.app, request("licence", NOODLES));
        file(&client.app, request("exits", DUMPLINGS));
        let fumes = file(&client.app, request("fumes", crate::support::county::DAIRY));
        publish(&client.app);
        let add = |name: &str, more: Value| {
            let new = with(json!({ "name": name, "password": PASSWORD }), more);
            users::add(&client.app, &caller(), &read(new)).expect("a user").value.id
        };
        add("head", json!({ "roles": ["head"], "departments": ["fire"] }));
        add("bound", json!({ "roles": ["coordinator"], "areas": ["east"] }));
        let member = add("member", json!({ "roles": ["member"], "departments": ["ecology"] }));
        let log_in = |name: &str| {
            *client.token.borrow_mut() = None;
            let body = json!({ "name": name, "password": PASSWORD });
            let token = client.post("/api/v1/session", &body).json()["token"].clone();
            *client.token.borrow_mut() = token.as_str().map(Into::into);
        };
        let shops = || -> Vec<String> {
            let page = client.get("/api/v1/visits").json();
            let visits = page["items"].as_array().expect("visits").clone();
            visits.iter().map(|v| v["enterprise"].as_str().expect("a code").to_owned()).collect()
        };
        assert_eq!(shops().len(), 3);
        for (name, wanted) in
            [("head", vec![DUMPLINGS]), ("bound", vec![NOODLES]), ("member", vec![])]
        {
            log_in(name);
            assert_eq!(shops(), wanted, "{name}");
        }
        // who comes into a team sees its visit at once, who leaves it does not
        for team in [json!([member]), json!([])] {
            let sql = match team.as_array().is_some_and(Vec::is_empty) {
                true => "DELETE FROM request_team".to_owned(),
                false => format!("INSERT INTO request_team VALUES ('{}', '{member}')", fumes.id),
            };
            behind(database, &sql);
            assert_eq!(shops().len(), team.as_array().map_or(0, Vec::len));
        }
        *client.token.borrow_mut() = admin;
        assert_eq!(shops().len(), 3);
    });
}

#[test]
fn a_caller_that_is_known_is_shut_out_at_once_by_another_server() {
    on_both(|database| {
        let client = Client::logged_in(database);
        let admin = client.token.borrow().clone();
        let other = app(database);
        let user = json!({ "name": "u", "password": PASSWORD, "roles": ["coordinator"] });
        let id = users::add(&other, &caller(), &read(user)).expect("a user").value.id;
        let log_in = || {
            *client.token.borrow_mut() = None;
            let body = json!({ "name": "u", "password": PASSWORD });
            let token = client.post("/api/v1/session", &body).json()["token"].clone();
            *client.token.borrow_mut() = token.as_str().map(Into::into);
        };
        let me = || client.get("/api/v1/me");
        let known = || {
            for _ in 0..2 {
                assert_eq!(me().status, StatusCode::OK);
            }
        };
        // his roles
        log_in();
        known();
        assert_eq!(me().json()["roles"], json!(["coordinator"]));
        let version = users::get(&other, &caller(), &id).expect("the user").version;
        let change = read(json!({ "roles": ["supervisor"] }));
        users::change(&other, &caller(), &id, &change, version).expect("changed");
        assert_eq!(me().json()["roles"], json!(["supervisor"]));
        // his session, by a new password
        known();
        users::set_password(&other, &caller(), &id, &read(json!({ "new": PASSWORD })))
            .expect("set");
        assert_eq!(me().problem(), (401, "session-ended".into()));
        // himself, by hand
        log_in();
        known();
        let sql =
            |flag: &str| format!("UPDATE accounts SET is_disabled = {flag} WHERE user_id = '{id}'");
        behind(database, &sql("TRUE"));
        assert_eq!(me().problem(), (401, "user-disabled".into()));
        behind(database, &sql("FALSE"));
        known();
        // his personal token
        let new = read(json!({ "name": "map", "scopes": ["read"], "days": 1 }));
        let issued = tokens::add_for(&other, &caller(), "u", &new).expect("a token");
        *client.token.borrow_mut() = Some(issued.token);
        let visits = || client.get("/api/v1/visits");
        assert_eq!(visits().status, StatusCode::OK);
        assert_eq!(visits().status, StatusCode::OK);
        client.past.store(23 * 3_600, Ordering::Relaxed);
        assert_eq!(visits().status, StatusCode::OK);
        client.past.store(24 * 3_600, Ordering::Relaxed);
        assert_eq!(visits().problem(), (401, "token-expired".into()));
        client.past.store(0, Ordering::Relaxed);
        assert_eq!(visits().status, StatusCode::OK);
        tokens::revoke(&other, &caller(), &issued.listed.id).expect("revoked");
        assert_eq!(visits().problem(), (401, "token-revoked".into()));
        // the time of a token that is known goes by
        *client.token.borrow_mut() = admin;
        known();
        client.past.store(3_600, Ordering::Relaxed);
        assert_eq!(me().problem(), (401, "token-expired".into()));
    });
}
