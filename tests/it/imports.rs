//! Files of requests that are longer than one step: filed as a whole or not at all, with others in between.

use crate::api::{Client, Reply};
use crate::campaigns::{approval, campaign};
use crate::support::county::{caller, credit_code, enterprise, file, request, settle, with};
use crate::support::database::{
    Database, app, execute, fail_at, now, on_both, options, read, work_again,
};
use crate::together::filed;
use actix_web::test::TestRequest;
use onevisit::app::access::audit;
use onevisit::app::law::campaigns;
use onevisit::app::requests::filing;
use onevisit::app::{App, AppOptions, Caller, Error, EventFilter, StoreOptions, register};
use onevisit::wire::tabular::Outcome;
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// Rows of the files here: three steps.
const ROWS: usize = 600;

fn code(row: usize) -> String {
    credit_code(1_000 + row)
}

/// Enterprises for the rows and some more.
fn settle_more(app: &App) {
    let all: Vec<_> =
        (0..ROWS + 5).map(|row| read(enterprise(&code(row), "east", "6210"))).collect();
    register::add_enterprises(app, &caller(), &all).expect("enterprises");
}

fn row(row: usize, more: &Value) -> Value {
    let own = with(request("food", &code(row)), json!({ "reference": format!("R-{row}") }));
    with(own, more.clone())
}

/// A file of them.
fn table(rows: impl Iterator<Item = Value>) -> Vec<u8> {
    let columns =
        ["reference", "department", "enterprise", "item", "kind", "earliest", "latest", "plan"];
    let mut text = columns.join(",");
    for row in rows {
        let cell = |column: &&str| row[*column].as_str().unwrap_or_default().to_owned();
        let cells: Vec<String> = columns.iter().map(cell).collect();
        write!(text, "\n{}", cells.join(",")).expect("text");
    }
    text.into_bytes()
}

fn whole() -> Vec<u8> {
    table((0..ROWS).map(|n| row(n, &json!({}))))
}

fn send(client: &Client, file: Vec<u8>) -> Reply {
    client.send(TestRequest::post().uri("/api/v1/requests/import").set_payload(file))
}

fn finish(app: &App) -> usize {
    filing::finish(app).expect("it is finished")
}

#[test]
fn a_file_that_was_taken_is_filed_to_its_end_and_counts_before() {
    on_both(|database| {
        let client = Client::logged_in(database);
        settle_more(&client.app);
        fail_at(database, "requests", "reference", "'R-450'");
        assert_eq!(send(&client, whole()).problem(), (503, "file-unfinished".into()));
        assert_eq!(filed(&client.app), 400, "two steps went over");
        // one that has not gone over is there for whoever files beside
        let one = |more: Value| read(row(500, &more));
        let known = filing::file(&client.app, &caller(), &one(json!({}))).expect("the same");
        assert!(!known.is_new);
        assert_eq!(filed(&client.app), 400);
        let other = filing::file(&client.app, &caller(), &one(json!({ "latest": "2026-04-02" })));
        let Err(Error::Conflict(why)) = other else { panic!("its number is taken") };
        assert_eq!(why.code(), "reference-taken");
        let codes = |n: usize| -> Vec<String> {
            let own = json!({ "reference": format!("S-{n}") });
            let tried = filing::try_one(&client.app, &caller(), &read(row(n, &own)));
            let findings = tried.expect("it may be filed").findings;
            findings.into_iter().map(|finding| finding.code).collect()
        };
        assert!(codes(500).contains(&"duplicate-own-request".to_owned()), "{:?}", codes(500));
        assert_eq!(codes(500), codes(100), "as where it has gone over");
        assert!(!codes(ROWS).contains(&"duplicate-own-request".to_owned()));
        work_again(database);
        assert_eq!(finish(&client.app), 0, "whoever took it may still be at it");
        client.past.fetch_add(6, Ordering::Relaxed);
        assert_eq!(finish(&client.app), 1);
        assert_eq!(finish(&client.app), 0);
        assert_eq!(filed(&client.app), ROWS);
        let known = client.get(&format!("/api/v1/requests/{}", known.request.id)).json();
        assert_eq!(known["reference"], "R-500", "under the id it had");
        // who sent the file has filed them all, whoever finished it
        let admin = client.get("/api/v1/me").json()["id"].as_str().expect("an id").to_owned();
        let filter = EventFilter { kind: Some("request".into()), ..EventFilter::default() };
        let paging = onevisit::app::paging::Paging::new(None, Some(1_000)).expect("a page");
        let events = audit::list(&client.app, &Caller::local(), &filter, &paging).expect("events");
        assert_eq!(events.items.len(), ROWS, "one each");
        assert!(events.items.iter().all(|event| event.actor == admin && event.channel == "api"));
        let proof = audit::verify(&client.app, &Caller::local(), None).expect("a proof");
        assert_eq!(proof.broken, None);
        let again = send(&client, whole()).json();
        assert_eq!((&again["added"], &again["unchanged"]), (&json!(0), &json!(ROWS)));
    });
}

#[test]
fn a_file_that_was_not_taken_leaves_nothing() {
    on_both(|database| {
        let client = Client::logged_in(database);
        settle_more(&client.app);
        fail_at(database, "import_rows", "place", "450");
        assert_eq!(send(&client, whole()).problem(), (503, "database-unavailable".into()));
        work_again(database);
        client.past.fetch_add(6, Ordering::Relaxed);
        assert_eq!(finish(&client.app), 0, "it is gone already");
        // a server that was killed before it decided
        let rows = format!(
            "INSERT INTO imports VALUES ('x', '[]', FALSE, 'h', '2026-03-02 01:00:06');
             INSERT INTO import_rows VALUES
                 ('x', 0, '{}', 'market', 'R-0', 'food', NULL, NULL, 'never read');",
            code(0)
        );
        execute(database, &rows, &rows);
        assert_eq!(finish(&client.app), 0, "it may be alive");
        let of_row = |reference: &str| {
            let own = read(row(0, &json!({ "reference": reference })));
            filing::try_one(&client.app, &caller(), &own).expect("it may be filed").findings.len()
        };
        let free = filing::try_one(&client.app, &caller(), &read(row(ROWS, &json!({}))));
        assert_eq!(of_row("R-0"), free.expect("it may be filed").findings.len(), "it counts not");
        client.past.fetch_add(6, Ordering::Relaxed);
        assert_eq!(finish(&client.app), 1);
        assert_eq!(finish(&client.app), 0);
        assert_eq!(filed(&client.app), 0);
        assert_eq!(send(&client, whole()).json()["added"], ROWS);
        assert_eq!(filed(&client.app), ROWS);
    });
}

/// What another server does once after so many more requests are judged.
type Meanwhile = Box<dyn Fn(&App) + Send + Sync>;

/// Files the rows while, after 500 of them are judged, another server does something.
fn file_beside(
    database: &Database,
    rows: impl Iterator<Item = Value>,
    meanwhile: Meanwhile,
) -> (App, onevisit::wire::tabular::ImportReport) {
    let other = app(database);
    let left = Arc::new(AtomicI64::new(i64::MAX));
    let countdown = Arc::clone(&left);
    let clock = move || {
        if countdown.fetch_sub(1, Ordering::Relaxed) == 0 {
            meanwhile(&other);
        }
        now()
    };
    let options = AppOptions { clock: Arc::new(clock), ..options() };
    let store = StoreOptions { connections_max: 4, ..StoreOptions::default() };
    let own = App::open(&database.address, &store, options).expect("it opens").0;
    let file = table(rows);
    left.store(500, Ordering::Relaxed);
    let report = filing::file_table(&own, &caller(), &file, false).expect("a report");
    assert!(left.load(Ordering::Relaxed) < 0, "the other came in between");
    (own, report)
}

#[test]
fn what_others_file_meanwhile_is_judged_with_it() {
    on_both(|database| {
        let first = app(database);
        settle(&first);
        settle_more(&first);
        let beside = Box::new(|other: &App| drop(file(other, request("exits", &code(5)))));
        let (own, report) = file_beside(database, (0..ROWS).map(|n| row(n, &json!({}))), beside);
        assert_eq!((report.outcome, report.added), (Outcome::Taken, ROWS));
        assert_eq!(filed(&own), ROWS + 1);
        // the number of one of its rows is taken meanwhile: the whole file is refused
        let numbered =
            |n: usize| row(n, &json!({ "reference": format!("T-{n}"), "item": "licence" }));
        let taken = Box::new(move |other: &App| {
            drop(file(other, with(numbered(7), json!({ "latest": "2026-04-02" }))));
        });
        let (own, report) = file_beside(database, (0..ROWS).map(numbered), taken);
        assert_eq!((report.outcome, report.defective), (Outcome::Refused, 1));
        assert_eq!(filed(&own), ROWS + 2, "nothing of it");
        assert_eq!(report.defects[0].code, "reference-taken");
        let proof = audit::verify(&own, &Caller::local(), None).expect("a proof");
        assert_eq!(proof.broken, None);
    });
}

#[test]
fn a_quota_that_others_use_up_meanwhile_refuses_the_file() {
    on_both(|database| {
        let first = app(database);
        settle(&first);
        settle_more(&first);
        let local = Caller::local();
        let quota = with(campaign(), json!({ "quota": ROWS }));
        let plan = campaigns::draft(&first, &local, &read(quota)).expect("a draft").value.id;
        let approved = read(approval(json!({})));
        campaigns::approve(&first, &local, &plan, &approved, 1).expect("approved");
        campaigns::file(&first, &local, &plan, &read(json!({})), 2).expect("filed");
        campaigns::publish(&first, &local, &plan, &read(json!({})), 3).expect("published");
        let special = json!({ "kind": "special", "plan": plan });
        let one = with(row(ROWS, &special), json!({ "reference": "S" }));
        let beside = Box::new(move |other: &App| drop(file(other, one.clone())));
        let rows = (0..ROWS).map(|n| row(n, &special));
        let (own, report) = file_beside(database, rows, beside);
        assert_eq!((report.outcome, report.defective), (Outcome::Refused, 1));
        assert_eq!(report.defects[0].code, "quota-used");
        assert_eq!(filed(&own), 1);
    });
}
