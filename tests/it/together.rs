//! Filing together: batches that are interrupted, keys that somebody holds, writes that share a commit,
//! and what others file meanwhile.

use crate::api::{Client, Reply};
use crate::campaigns::{approval, campaign};
use crate::support::county::{DUMPLINGS, NOODLES, caller, request, settle, with};
use crate::support::database::{
    Database, app, execute, fail_at, on_both, options, read, work_again,
};
use actix_web::test::TestRequest;
use onevisit::app::access::audit;
use onevisit::app::law::campaigns;
use onevisit::app::requests::filing;
use onevisit::app::{App, Caller, Error, RequestFilter, StoreOptions, requests};
use onevisit::store::{Store, StoreError};
use onevisit::wire::requests::request::NewRequest;
use serde_json::{Value, json};

fn both(database: &Database, sql: &str) {
    execute(database, sql, sql);
}

/// Has the database fail when the request of this number is written.
fn fail_at_request(database: &Database, reference: &str) {
    fail_at(database, "requests", "reference", &format!("'{reference}'"));
}

fn numbered(number: usize) -> Value {
    with(request("food", NOODLES), json!({ "reference": format!("R-{number}") }))
}

fn batch(count: usize) -> Value {
    json!({ "requests": (0..count).map(numbered).collect::<Vec<_>>() })
}

fn post(client: &Client, key: &str, body: &Value) -> Reply {
    let call = TestRequest::post().uri("/api/v1/requests/batch").set_json(body);
    client.send(call.insert_header(("Idempotency-Key", key)))
}

/// How many requests there are.
pub fn filed(app: &App) -> usize {
    let paging = onevisit::app::paging::Paging::new(None, Some(1_000)).expect("a page");
    let page = requests::list(app, &caller(), &RequestFilter::default(), &paging);
    page.expect("a list").items.len()
}

fn counts(report: &Value) -> [u64; 4] {
    ["filed", "known", "refused", "not_tried"].map(|name| report[name].as_u64().expect(name))
}

#[test]
fn an_interrupted_batch_says_what_is_filed_and_goes_on_under_its_key() {
    on_both(|database| {
        let client = Client::logged_in(database);
        let body = batch(450);
        fail_at_request(database, "R-250");
        let reply = post(&client, "k", &body);
        assert_eq!(reply.status.as_u16(), 200, "{}", String::from_utf8_lossy(&reply.body));
        let report = reply.json();
        assert_eq!(counts(&report), [200, 0, 0, 250]);
        let result = |i: usize| &report["results"][i];
        assert_eq!((&result(199)["status"], &result(200)["status"]), (&json!(201), &json!(503)));
        assert_eq!(result(449)["code"], "database-unavailable");
        assert_eq!(result(449)["id"], Value::Null);
        assert_eq!(filed(&client.app), 200, "what is reported as filed, and nothing else");
        // nothing at all was filed: the call as a whole failed, and its key is free again
        let none = json!({ "requests": [numbered(250)] });
        assert_eq!(post(&client, "k1", &none).problem(), (503, "database-unavailable".into()));
        work_again(database);
        assert_eq!(counts(&post(&client, "k1", &none).json()), [1, 0, 0, 0]);
        let whole = post(&client, "k", &body);
        let again = whole.json();
        assert_eq!(counts(&again), [449, 1, 0, 0]);
        for i in 0..200 {
            assert_eq!(again["results"][i], *result(i), "as it was answered the first time");
        }
        assert_eq!(filed(&client.app), 450, "each once");
        assert_eq!(post(&client, "k", &body).body, whole.body, "the same answer for ever");
        assert_eq!(filed(&client.app), 450);
        let other = post(&client, "k", &batch(449)).problem();
        assert_eq!(other, (422, "idempotency-key-reused".into()));
        let proof = audit::verify(&client.app, &Caller::local(), None).expect("a proof");
        assert_eq!(proof.broken, None);
    });
}

#[test]
fn a_call_that_died_holds_its_key_for_some_seconds_whatever_the_clock_said() {
    on_both(|database| {
        let client = Client::logged_in(database);
        let body = batch(201);
        // died after its first step: nobody let the key go
        fail_at_request(database, "R-200");
        assert_eq!(counts(&post(&client, "k", &body).json()), [200, 0, 0, 1]);
        work_again(database);
        let held = |at: &str| {
            both(database, &format!("UPDATE kept_answers SET holder = 'x', held_at = '{at}'"));
        };
        // it is nine o'clock in Shanghai
        held("2026-03-02 00:59:55");
        let running = post(&client, "k", &body).problem();
        assert_eq!(running, (409, "idempotency-key-running".into()));
        // of a clock that was a day ahead and was put right
        held("2026-03-03 01:00:00");
        assert_eq!(counts(&post(&client, "k", &body).json()), [201, 0, 0, 0]);
        assert_eq!(filed(&client.app), 201);
        let next = batch(202);
        fail_at_request(database, "R-201");
        assert_eq!(counts(&post(&client, "k2", &next).json()), [0, 200, 0, 2]);
        work_again(database);
        both(
            database,
            "UPDATE kept_answers SET holder = 'x', held_at = '2026-03-02 00:59:40'
             WHERE status IS NULL",
        );
        assert_eq!(counts(&post(&client, "k2", &next).json()), [1, 201, 0, 0]);
    });
}

#[test]
fn steps_that_are_kept_go_with_their_answer_and_are_bounded() {
    on_both(|database| {
        let client = Client::logged_in(database);
        assert_eq!(post(&client, "old", &batch(1)).status.as_u16(), 200);
        both(database, "UPDATE kept_answers SET made_at = '2026-02-20 00:00:00'");
        assert_eq!(post(&client, "new", &batch(2)).status.as_u16(), 200);
        // a week old and forgotten: nothing prevents the same key
        assert_eq!(counts(&post(&client, "old", &batch(3)).json()), [1, 2, 0, 0]);
        both(database, "UPDATE kept_steps SET bytes = 67108865");
        let refused = post(&client, "one-more", &batch(3)).problem();
        assert_eq!(refused, (429, "too-many-kept-answers".into()));
        assert_eq!(counts(&post(&client, "old", &batch(3)).json()), [1, 2, 0, 0]);
    });
}

#[test]
fn writes_that_share_a_commit_succeed_and_fail_alone() {
    on_both(|database| {
        let app = app(database);
        settle(&app);
        let options = StoreOptions { connections_max: 4, ..StoreOptions::default() };
        let store = Store::open(&database.address, &options).expect("it opens").0;
        let name = |thread: usize, i: usize| format!("{thread}-{i}");
        std::thread::scope(|scope| {
            for thread in 0..8 {
                let store = &store;
                scope.spawn(move || {
                    for i in 0..30 {
                        let work = |tx: &mut onevisit::store::Tx<'_>| {
                            tx.add_setting(&name(thread, i), "x")?;
                            assert!(i % 10 != 7, "a bug in the middle of a write");
                            if i % 3 == 0 {
                                return Err(StoreError::Other("changed my mind".into()));
                            }
                            Ok(())
                        };
                        let done = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                            store.write(work)
                        }));
                        let is_kept = store.read(|tx| tx.setting(&name(thread, i)));
                        let is_kept = is_kept.expect("an answer").is_some();
                        // what is answered is kept, and nothing else
                        assert_eq!(is_kept, matches!(done, Ok(Ok(()))), "{thread}-{i}: {done:?}");
                    }
                });
            }
        });
    });
}

#[test]
fn who_files_at_once_shares_a_quota() {
    on_both(|database| {
        let app = App::open(&database.address, &StoreOptions::default(), options());
        let app = app.expect("it opens").0;
        settle(&app);
        let local = Caller::local();
        let plan = campaigns::draft(&app, &local, &read(campaign())).expect("a draft").value.id;
        let approved = read(approval(json!({})));
        campaigns::approve(&app, &local, &plan, &approved, 1).expect("approved");
        campaigns::file(&app, &local, &plan, &read(json!({})), 2).expect("filed");
        campaigns::publish(&app, &local, &plan, &read(json!({})), 3).expect("published");
        let special = |i: usize| -> NewRequest {
            let more = json!({ "kind": "special", "plan": plan, "reference": format!("Q-{i}") });
            read(with(request("food", NOODLES), more))
        };
        let answers: Vec<_> = std::thread::scope(|scope| {
            let (app, special) = (&app, &special);
            let one =
                |i| scope.spawn(move || filing::file(app, &caller(), &special(i)).map(|_| ()));
            let all: Vec<_> = (0..8).map(one).collect();
            all.into_iter().map(|one| one.join().expect("no panic")).collect()
        });
        let lucky = answers.iter().filter(|answer| answer.is_ok()).count();
        assert_eq!(lucky, 2, "the plan's quota: {answers:?}");
        for answer in answers.iter().filter_map(|answer| answer.as_ref().err()) {
            let Error::Invalid(defects) = answer else { panic!("{answer:?}") };
            assert_eq!(defects[0].code(), "quota-used");
        }
    });
}

#[test]
fn what_enterprises_share_goes_to_the_first_of_a_batch() {
    on_both(|database| {
        let client = Client::logged_in(database);
        let one = |enterprise: &str, reference: Option<&str>| {
            with(request("food", enterprise), json!({ "reference": reference }))
        };
        let batch = json!({ "requests": [
            one(NOODLES, None), one(DUMPLINGS, Some("R")), one(NOODLES, Some("R"))
        ] });
        let statuses = |uri: &str| -> Vec<u64> {
            let report = client.post(uri, &batch).json();
            let results = report["results"].as_array().expect("results").clone();
            results.iter().map(|result| result["status"].as_u64().expect("a status")).collect()
        };
        let tried = statuses("/api/v1/requests/batch?validate_only=true");
        assert_eq!(tried, [201, 201, 409]);
        assert_eq!(statuses("/api/v1/requests/batch"), tried, "as it was answered");
    });
}

#[test]
fn so_many_requests_wait_at_one_enterprise_and_no_more() {
    let client = Client::logged_in(&crate::support::database::sqlite());
    let reply = client.post("/api/v1/requests/batch", &batch(1_010));
    assert_eq!(counts(&reply.json()), [1_000, 0, 10, 0]);
    assert_eq!(reply.json()["results"][1_009]["code"], "too-many-open");
    assert!(reply.body.len() < 8 << 20, "{} bytes", reply.body.len());
    let one = request("licence", NOODLES);
    assert_eq!(client.post("/api/v1/requests", &one).problem(), (422, "too-many-open".into()));
    assert_eq!(client.post("/api/v1/requests", &request("food", DUMPLINGS)).status.as_u16(), 201);
}
