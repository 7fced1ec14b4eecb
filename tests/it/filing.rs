//! Filing under the law, and what becomes of requests: batches, files, repeated calls, approvals, the
//! coordinator's verbs, the off-site queue, eligibility, advice, and packs in force.

use crate::api::Client;
use crate::support::county::{DAIRY, DUMPLINGS, NOODLES, caller, file, request, settle, with};
use crate::support::database::{Database, app, execute, on_both, read, sqlite};
use actix_web::test::TestRequest;
use onevisit::app::access::users;
use onevisit::app::law::{rules, trial};
use onevisit::app::paging::Paging;
use onevisit::app::planning::{plans, runs, worker};
use onevisit::app::register::files;
use onevisit::app::requests::{advice, counters, filing, handling};
use onevisit::app::{App, Caller, Error, RequestFilter, requests};
use onevisit::domain::problem::Span;
use onevisit::domain::register::enterprise::Subject;
use onevisit::domain::register::grade::Grade;
use onevisit::domain::register::item::Method;
use onevisit::domain::rules::Pack;
use onevisit::domain::rules::case::{EnterpriseCase, ItemCase};
use onevisit::domain::rules::plan::{PlanFacts, Planned, PlannedRequest};
use onevisit::domain::words::Worded;
use onevisit::wire::access::user::{Role, User};
use onevisit::wire::law::rule_pack::{shipped, shipped_pack};
use onevisit::wire::requests::request::{Request, RequestState, SchedulingOutcome};
use onevisit::wire::tabular::Outcome;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Visits every route of this subject once.
pub fn tour(client: &Client) {
    let get = |uri: &str| {
        let reply = client.get(uri);
        assert!(reply.status.is_success(), "{uri}: {}", String::from_utf8_lossy(&reply.body));
        reply
    };
    let post = |uri: &str, body: Value| {
        let reply = client.post(uri, &body);
        assert!(reply.status.is_success(), "{uri}: {}", String::from_utf8_lossy(&reply.body));
        reply.json()
    };
    let clue = |item: &str| with(request(item, DUMPLINGS), json!({ "kind": "clue" }));
    let report =
        post("/api/v1/requests/batch", json!({ "requests": [clue("food"), clue("exits")] }));
    assert_eq!((&report["filed"], &report["refused"]), (&json!(2), &json!(0)));
    let id = |i: usize| report["results"][i]["id"].as_str().expect("an id").to_owned();
    let (one, other) = (id(0), id(1));
    let at = |id: &str, what: &str| format!("/api/v1/requests/{id}/{what}");
    assert!(get("/api/v1/requests/template").body.starts_with(b"PK"));
    let sent = TestRequest::post()
        .uri("/api/v1/requests/import")
        .set_payload("department,enterprise,item,kind,earliest,latest\n");
    assert_eq!(client.send(sent).json()["rows"], 0);
    let because = json!({ "reason": "the coordination meeting" });
    let window = json!({ "earliest": "2026-03-09", "latest": "2026-03-13", "reason": "x" });
    assert_eq!(post(&at(&one, "move"), window)["earliest"], "2026-03-09");
    let merged = post(&at(&one, "merge"), json!({ "with": [other], "reason": "x" }));
    assert_eq!(merged[1]["latest"], "2026-03-13");
    let off_site = json!({ "person": "x", "deadline": "2026-03-20", "reason": "x" });
    assert_eq!(client.post(&at(&one, "off-site"), &off_site).problem().0, 409);
    let found = json!({ "finding": "x" });
    assert_eq!(client.post(&at(&one, "settle"), &found).problem().1, "not-off-site");
    assert_eq!(client.post(&at(&one, "escalate"), &found).problem().1, "not-off-site");
    assert_eq!(client.post(&at(&one, "approve"), &json!({})).problem().1, "forbidden");
    assert_eq!(client.post(&at(&one, "refuse"), &because).problem().1, "forbidden");
    assert_eq!(get(&at(&one, "eligibility")).json()["first"], "2026-03-09");
    assert_eq!(post(&at(&one, "cancel"), because)["state"], "cancelled");
    let acts = get(&at(&one, "history")).json();
    let acts: Vec<&Value> = acts["items"].as_array().expect("steps").iter().collect();
    let acts: Vec<&str> = acts.iter().map(|step| step["act"].as_str().expect("one")).collect();
    assert_eq!(acts, ["cancel", "merge", "move", "add"]);
    assert_eq!(get("/api/v1/off-site").json()["items"], json!([]));
    assert_eq!(get("/api/v1/off-site/share").json()["settled"], 0);
    let advice = get(&format!("/api/v1/advice?enterprise={NOODLES}&item=licence")).json();
    assert_eq!(advice["pack"], "national v1");
    let counters = get(&format!("/api/v1/enterprises/{NOODLES}/counters?year=2026")).json();
    assert_eq!(counters["all"]["counted"], 0);
    assert_eq!(get("/api/v1/rules").json()[0]["id"], "national");
    assert_eq!(get("/api/v1/rules/packs/yongchun").json()["chain"][0]["id"], "national");
    assert_eq!(get("/api/v1/rules/in-force").json()["id"], "national");
    let force = json!({ "pack": "national", "first_day": "2026-12-01", "note": "x" });
    assert_eq!(post("/api/v1/rules/activations", force)["number"], 1);
    assert_eq!(get("/api/v1/rules/activations").json()[0]["pack"], "national");
    let trial = json!({ "pack": "xianning", "from": "2026-01-01", "to": "2026-12-31" });
    assert_eq!(post("/api/v1/rules/trials", trial)["pack"], "xianning v1");
}

fn refusal(app: &App, value: Value) -> Vec<(&'static str, &'static str)> {
    match filing::file(app, &caller(), &read(value)) {
        Err(Error::Refused { findings, .. }) => {
            let refusing = findings.iter().filter(|finding| finding.refuses());
            refusing.map(|finding| (finding.rule.number(), finding.code())).collect()
        }
        Err(other) => panic!("{other:?}"),
        Ok(done) => panic!("{:?}", done.request),
    }
}

fn all(app: &App) -> Vec<Request> {
    let page = Paging::new(None, None).expect("paging");
    requests::list(app, &caller(), &RequestFilter::default(), &page).expect("a list").items
}

/// A user of the department market.
fn user(app: &App, name: &str, role: Role) -> Caller {
    let new = json!({
        "name": name, "password": "everybody's own secret", "roles": [role.as_str()],
        "departments": if role.is_departmental() { vec!["market"] } else { vec![] }
    });
    let User { id, access, .. } =
        users::add(app, &Caller::local(), &read(new)).expect("a user").value;
    let mut caller = Caller::service(name);
    caller.actor.is_operator = false;
    caller.actor.id = id;
    (caller.actor.roles, caller.actor.departments) = (access.roles, access.departments);
    caller
}

/// Plans March and publishes the plan.
fn plan(app: &App) {
    let march = json!({ "start": "2026-03-02", "end": "2026-03-31", "work": 2_000 });
    let run = runs::submit(app, &caller(), &read(march)).expect("a run");
    while worker::step(app, &std::sync::atomic::AtomicBool::new(false)).expect("planned") {}
    let run = runs::get(app, &caller(), &run.id).expect("it");
    let plan = run.plan.unwrap_or_else(|| panic!("{:?}", run.error));
    plans::publish(app, &caller(), &plan, 1).expect("published");
}

fn put(app: &App, pack: &str) {
    let new = json!({ "pack": pack, "first_day": "2026-03-02", "note": "x" });
    rules::put(app, &caller(), &read(new)).expect("in force");
}

fn keyed(client: &Client, key: &str, uri: &str, body: &Value) -> crate::api::Reply {
    let request = TestRequest::post().uri(uri).insert_header(("Idempotency-Key", key));
    client.send(request.set_json(body))
}

#[test]
fn a_call_under_the_same_key_does_nothing_again() {
    on_both(|database: &Database| {
        let client = Client::logged_in(database);
        let uri = "/api/v1/requests";
        let first = keyed(&client, "\"k-1\"", uri, &request("food", NOODLES));
        assert_eq!(first.status, 201);
        let again = keyed(&client, "k-1", uri, &request("food", NOODLES));
        assert_eq!((again.status, again.json()), (first.status, first.json()));
        assert_eq!(first.headers.get("location"), again.headers.get("location"));
        assert_eq!(all(&client.app).len(), 1, "nothing was filed again");
        let other = keyed(&client, "k-1", uri, &request("licence", NOODLES));
        assert_eq!(other.problem(), (422, "idempotency-key-reused".into()));
        // what was refused may be mended under its key
        let bad = with(request("licence", NOODLES), json!({ "item": "nothing" }));
        assert_eq!(keyed(&client, "k-2", uri, &bad).problem().0, 422);
        assert_eq!(keyed(&client, "k-2", uri, &request("licence", NOODLES)).status, 201);
        let batch = json!({ "requests": [request("exits", NOODLES), bad] });
        let uri = "/api/v1/requests/batch";
        let first = keyed(&client, "b", uri, &batch).json();
        assert_eq!((&first["filed"], &first["refused"]), (&json!(1), &json!(1)));
        assert_eq!(keyed(&client, "b", uri, &batch).json(), first);
        assert_eq!(all(&client.app).len(), 3);
        let none = keyed(&client, "has blanks in it", uri, &batch);
        assert_eq!(none.problem(), (422, "bad-idempotency-key".into()));
    });
}

#[test]
fn one_bad_request_of_a_batch_spoils_no_other() {
    let client = Client::logged_in(&sqlite());
    let sunday = json!({ "earliest": "2026-03-08", "latest": "2026-03-08" });
    let batch = json!({ "requests": [
        request("food", NOODLES),
        with(request("exits", NOODLES), json!({ "colour": "red" })),
        with(request("exits", NOODLES), sunday),
        with(request("fumes", NOODLES), json!({ "kind": "special" })),
        request("exits", DUMPLINGS),
    ] });
    let tried = client.post("/api/v1/requests/batch?validate_only=true", &batch).json();
    assert_eq!(all(&client.app), [], "trying files nothing");
    let filed = client.post("/api/v1/requests/batch", &batch).json();
    for report in [&tried, &filed] {
        assert_eq!((&report["filed"], &report["refused"]), (&json!(2), &json!(3)), "{report:#}");
        let statuses: Vec<i64> = report["results"]
            .as_array()
            .expect("results")
            .iter()
            .map(|result| result["status"].as_i64().expect("a status"))
            .collect();
        assert_eq!(statuses, [201, 422, 422, 422, 201]);
        let error = |i: usize| report["results"][i]["errors"][0].clone();
        assert_eq!(error(1)["pointer"], "/requests/1/colour");
        assert_eq!(
            (&error(2)["code"], &error(2)["pointer"]),
            (&json!("no-working-day"), &json!("/requests/2/latest"))
        );
        let finding = &report["results"][3]["findings"][0];
        assert_eq!((&finding["rule"], &finding["severity"]), (&json!("R17"), &json!("refuse")));
        assert!(finding["remedy"]["text"].as_str().is_some_and(|text| text.contains("approval")));
    }
    assert_eq!(all(&client.app).len(), 2);
}

#[test]
fn a_file_is_taken_whole_or_its_good_rows() {
    let app = app(&sqlite());
    settle(&app);
    let good = format!(
        "部门,统一社会信用代码,检查事项,检查类型,最早日期,最晚日期\nmarket,{NOODLES},food,日常检查,2026-03-03,2026-03-31\n"
    );
    let bad = format!(
        "{good}market,{NOODLES},licence,daily,2026-03-31,2026-03-03\nfire,{NOODLES},exits,专项检查,2026-03-03,2026-03-31\n"
    );
    let send = |text: &str, accept_good| {
        filing::file_table(&app, &caller(), text.as_bytes(), accept_good).expect("a report")
    };
    let report = send(&bad, false);
    assert_eq!((report.outcome, report.added, report.defective), (Outcome::Refused, 0, 2));
    let reported: Vec<(usize, &str)> =
        report.defects.iter().map(|d| (d.line, d.code.as_str())).collect();
    assert_eq!(reported, [(3, "window-reversed"), (4, "no-campaign")]);
    assert!(report.defects[1].remedy.contains("R17"), "{:?}", report.defects[1]);
    assert_eq!(all(&app), []);
    let report = send(&bad, true);
    assert_eq!((report.outcome, report.added), (Outcome::GoodRowsTaken, 1));
    let mend = report.mend.expect("rows to mend");
    assert!(mend.lines().count() == 3 && mend.contains("缺陷"), "{mend}");
    let clue = good.replace("日常检查", "线索核查");
    assert_eq!(send(&clue, false).outcome, Outcome::Taken);
    assert_eq!(all(&app).len(), 2);
}

#[test]
fn heads_approve_and_urgent_requests_go_ahead() {
    on_both(|database: &Database| {
        let app = app(database);
        settle(&app);
        let (filer, head) = (user(&app, "filer", Role::Filer), user(&app, "head", Role::Head));
        let filed = |caller: &Caller, value: Value| {
            filing::file(&app, caller, &read(value)).expect("filed").request
        };
        let waiting = filed(&filer, request("food", NOODLES));
        assert_eq!((waiting.state, &waiting.approved_by), (RequestState::ApprovalPending, &None));
        let own = filed(&head, request("licence", NOODLES));
        assert_eq!((own.state, own.approved_by.as_deref()), (RequestState::Accepted, Some("head")));
        let urgent = with(request("food", DUMPLINGS), json!({ "kind": "immediate" }));
        let urgent = filed(&filer, urgent);
        assert_eq!(urgent.state, RequestState::Accepted, "its papers come afterwards");
        assert_eq!(urgent.approval_due.map(|day| day.to_string()).as_deref(), Some("2026-03-05"));
        let note = read(json!({ "note": "in order" }));
        let refused = handling::approve(&app, &filer, &waiting.id, &note);
        assert!(matches!(refused, Err(Error::Forbidden { .. })), "{refused:?}");
        plan(&app);
        let outcome = |id: &str| requests::get(&app, &caller(), id).expect("it").outcome;
        assert_eq!(outcome(&waiting.id), None, "what is not approved is not planned");
        assert!(matches!(outcome(&own.id), Some(SchedulingOutcome::Scheduled { .. })));
        let approved = handling::approve(&app, &head, &waiting.id, &note).expect("approved");
        assert_eq!(approved.state, RequestState::Accepted);
        let urgent = handling::approve(&app, &head, &urgent.id, &note).expect("papers complete");
        assert_eq!((urgent.approval_due, urgent.approved_by.as_deref()), (None, Some("head")));
        let other = filed(&filer, with(request("food", NOODLES), json!({ "kind": "case" })));
        let why = read(json!({ "reason": "no basis" }));
        let refused = handling::refuse(&app, &head, &other.id, &why).expect("refused");
        assert_eq!(refused.state, RequestState::Refused);
        let page = Paging::new(None, None).expect("paging");
        let steps = handling::history(&app, &filer, &other.id, &page).expect("steps").items;
        let recorded = |i: usize| {
            let step = &steps[i];
            (step.act.as_str(), step.by.as_deref(), step.reason.as_deref(), step.to.as_deref())
        };
        assert_eq!(recorded(0), ("refuse", Some("head"), Some("no basis"), Some("refused")));
        assert_eq!(recorded(1), ("add", Some("filer"), None, Some("approval_pending")));
    });
}

fn take(app: &App, kind: onevisit::wire::register::Kind, text: &str) {
    let report = files::import(app, &caller(), kind, text.as_bytes(), false).expect("it");
    assert_eq!(report.outcome, Outcome::Taken, "{:?}", report.defects);
}

#[test]
fn what_papers_may_settle_goes_to_a_queue() {
    on_both(|database: &Database| {
        let app = app(database);
        settle(&app);
        let items = "id,department,name,minutes_value,inspectors_value,method\n\
                     food,market,食品,40,2,off_site_possible\n";
        take(&app, onevisit::wire::register::Kind::Items, items);
        let first = file(&app, request("food", NOODLES));
        assert_eq!(first.state, RequestState::OffSite);
        let why = json!({ "on_site_reason": "the kitchen is to be seen" });
        assert_eq!(file(&app, with(request("food", DUMPLINGS), why)).state, RequestState::Accepted);
        let second =
            file(&app, with(request("food", DUMPLINGS), json!({ "latest": "2026-03-20" })));
        let page = Paging::new(None, Some(1)).expect("paging");
        let queue = handling::off_site_queue(&app, &caller(), &page).expect("a queue");
        assert_eq!(
            (queue.items[0].request.as_str(), queue.items[0].person.as_str()),
            (second.id.as_str(), "tester")
        );
        let page = Paging::new(queue.next, Some(1)).expect("paging");
        let queue = handling::off_site_queue(&app, &caller(), &page).expect("a queue");
        assert_eq!((queue.items[0].request.as_str(), queue.next), (first.id.as_str(), None));
        let found = |text: &str| read(json!({ "finding": text }));
        let settled = handling::settle(&app, &caller(), &first.id, &found("records are in order"));
        assert_eq!(settled.expect("settled").state, RequestState::Settled);
        let why = found("the records contradict each other");
        let escalated = handling::escalate(&app, &caller(), &second.id, &why).expect("escalated");
        assert_eq!(escalated.state, RequestState::Accepted);
        let again = handling::settle(&app, &caller(), &first.id, &found("x"));
        assert!(matches!(again, Err(Error::Conflict(why)) if why.code() == "not-off-site"));
        let share = handling::off_site_share(&app, &caller()).expect("a share");
        let numbers = (share.possible, share.open, share.settled, share.escalated, share.all);
        assert_eq!(numbers, (3, 0, 1, 1, 1));
        assert_eq!(share.settled_percent, 100.0);
    });
}

#[test]
fn a_result_that_is_still_good_is_recognised() {
    let app = app(&sqlite());
    settle(&app);
    let items = "id,department,name,minutes_value,inspectors_value,valid_days\n\
                 food,market,食品,40,2,180\n";
    take(&app, onevisit::wire::register::Kind::Items, items);
    file(&app, request("food", NOODLES));
    plan(&app);
    let later = json!({ "earliest": "2026-05-06", "latest": "2026-05-29" });
    let again = file(&app, with(request("food", NOODLES), later.clone()));
    assert_eq!(again.state, RequestState::Recognised);
    let case = with(with(request("food", NOODLES), later), json!({ "kind": "case" }));
    assert_eq!(file(&app, case).state, RequestState::Accepted, "a case looks again");
}

#[test]
fn a_coordinator_moves_merges_and_cancels() {
    let app = app(&sqlite());
    settle(&app);
    let one = file(&app, with(request("food", NOODLES), json!({ "latest": "2026-03-13" })));
    let other = file(&app, with(request("exits", NOODLES), json!({ "earliest": "2026-03-10" })));
    let fumes = file(&app, request("fumes", NOODLES));
    let away = file(&app, request("exits", DUMPLINGS));
    let with_ids = |ids: &[&str]| read(json!({ "with": ids, "reason": "the meeting of 2 March" }));
    let codes = |ids: &[&str]| match handling::merge(&app, &caller(), &one.id, &with_ids(ids)) {
        Err(Error::Invalid(defects)) => defects.iter().map(|d| d.code()).collect::<Vec<_>>(),
        other => panic!("{other:?}"),
    };
    assert_eq!(codes(&[&away.id]), ["other-enterprise"]);
    assert_eq!(codes(&[&fumes.id]), ["no-common-scenario"]);
    let merged =
        handling::merge(&app, &caller(), &one.id, &with_ids(&[&other.id])).expect("merged");
    for request in &merged {
        let window = (request.filed.earliest.to_string(), request.filed.latest.to_string());
        assert_eq!(window, ("2026-03-10".into(), "2026-03-13".into()));
    }
    let to = |earliest: &str, latest: &str| {
        read(json!({ "earliest": earliest, "latest": latest, "reason": "stocktaking" }))
    };
    let moved = handling::move_to(&app, &caller(), &fumes.id, &to("2026-03-16", "2026-03-20"));
    assert_eq!(moved.expect("moved").filed.earliest.to_string(), "2026-03-16");
    // the law holds for whoever moves, too
    let quiet = format!("id,enterprise,from,to\nq,{NOODLES},2026-03-23,2026-03-31\n");
    take(&app, onevisit::wire::register::Kind::QuietPeriods, &quiet);
    match handling::move_to(&app, &caller(), &fumes.id, &to("2026-03-24", "2026-03-27")) {
        Err(Error::Refused { findings, .. }) => assert_eq!(findings[0].rule.number(), "R22"),
        other => panic!("{other:?}"),
    }
    let why = read(json!({ "reason": "the enterprise has moved away" }));
    assert_eq!(
        handling::cancel(&app, &caller(), &away.id, &why).expect("it").state,
        RequestState::Cancelled
    );
    let again = handling::cancel(&app, &caller(), &away.id, &why);
    assert!(matches!(again, Err(Error::Conflict(why)) if why.code() == "not-open"));
}

#[test]
fn a_place_puts_its_law_into_force_and_intake_and_plan_obey() {
    on_both(|database: &Database| {
        let app = app(database);
        settle(&app);
        put(&app, "xianning");
        let week = |first: u32| json!({ "earliest": format!("2026-03-{first:02}"), "latest": format!("2026-03-{:02}", first + 4) });
        file(&app, with(request("food", NOODLES), week(2)));
        plan(&app);
        file(&app, with(request("licence", NOODLES), week(16)));
        plan(&app);
        // two visits of a body a year are what the place allows
        let third = with(
            request("food", NOODLES),
            json!({ "earliest": "2026-04-01", "latest": "2026-04-30" }),
        );
        let refused = match filing::file(&app, &caller(), &read(third.clone())) {
            Err(Error::Refused { findings, pack }) => (findings, pack),
            other => panic!("{:?}", other.map(|done| done.request)),
        };
        let finding = refused.0.iter().find(|finding| finding.refuses()).expect("one");
        assert_eq!(
            (finding.rule.number(), finding.code(), refused.1.as_str()),
            ("R06", "cap-reached", "xianning v1")
        );
        let remedy = finding.remedy.as_ref().expect("a remedy");
        assert_eq!(
            remedy.from.map(|day| day.to_string()).as_deref(),
            Some("2026-03-16"),
            "the nearest day that does is that of a visit that is held anyway: {remedy:?}"
        );
        // with no visit to join, the cap frees with the year
        let december = json!({ "earliest": "2026-12-07", "latest": "2026-12-31" });
        let late = with(request("food", NOODLES), december);
        match filing::file(&app, &caller(), &read(late)) {
            Err(Error::Refused { findings, .. }) => {
                let remedy = findings.iter().find(|f| f.refuses()).and_then(|f| f.remedy.clone());
                let from = remedy.as_ref().and_then(|remedy| remedy.from);
                assert_eq!(
                    from.map(|day| day.to_string()).as_deref(),
                    Some("2027-01-01"),
                    "{remedy:?}"
                );
            }
            other => panic!("{:?}", other.map(|done| done.request)),
        }
        let complaint = with(third, json!({ "reason": "complaint" }));
        file(&app, complaint);
        let lapsed = rules::put(
            &app,
            &caller(),
            &read(json!({ "pack": "xianning", "first_day": "2026-03-01", "note": "x" })),
        );
        assert!(matches!(lapsed, Err(Error::Invalid(_))));
    });
}

#[test]
fn a_pack_in_force_stays_as_it_was_put() {
    on_both(|database: &Database| {
        let pack = |id: &str, version: i64, extends: &str, minutes: i64| {
            format!(
                "format = \"onevisit-rules/1\"\nid = \"{id}\"\nversion = {version}\n\
                 name = {{ zh = \"本地\", en = \"Ours\" }}\nfrom = 2026-01-01\n\
                 extends = \"{extends}\"\n[rules.R27]\nmax_minutes = {minutes}\n\
                 source = {{ document = \"a decree\", place = \"here\", confidence = \"A\" }}\n"
            )
        };
        let put = |app: &App, document: String, first_day: &str| {
            let new = json!({ "document": document, "first_day": first_day, "note": "x" });
            rules::put(app, &caller(), &read(new)).expect("in force");
        };
        let town = "format = \"onevisit-rules/1\"\nid = \"town\"\nversion = 1\n\
                    name = { zh = \"本镇\", en = \"Town\" }\nfrom = 2026-01-01\nextends = \"county\"\n";
        let chain = |app: &App, day: &str| -> Vec<(String, i64)> {
            let day = Some(day.parse().expect("a day"));
            let pack = rules::holding(app, &caller(), day).expect("a pack");
            pack.chain.into_iter().skip(1).map(|one| (one.id, one.version)).collect()
        };
        let wanted = [("county".to_owned(), 1), ("town".to_owned(), 1)];
        {
            let app = app(database);
            put(&app, pack("county", 1, "national", 90), "2026-03-02");
            put(&app, town.into(), "2026-03-03");
            put(&app, pack("county", 2, "national", 120), "2026-03-20");
            assert_eq!(chain(&app, "2026-03-10"), wanted);
        }
        assert_eq!(
            chain(&app(database), "2026-03-10"),
            wanted,
            "as it was put, after a restart too"
        );
        // what an earlier version put into force is pinned as it was then
        let unpin = "UPDATE rule_packs SET pinned = NULL";
        execute(database, unpin, unpin);
        let app = app(database);
        assert_eq!(chain(&app, "2026-03-10"), wanted);
        assert_eq!(chain(&app, "2026-03-20"), [("county".to_owned(), 2)]);
        // whoever extends it now extends the newest
        put(&app, town.replace("version = 1", "version = 2"), "2026-03-25");
        let newest = [("county".to_owned(), 2), ("town".to_owned(), 2)];
        assert_eq!(chain(&app, "2026-03-25"), newest);
    });
}

#[test]
fn a_draft_is_tried_on_what_was_filed() {
    let app = app(&sqlite());
    settle(&app);
    put(&app, "xianning");
    let week = |first: u32| json!({ "earliest": format!("2026-03-{first:02}"), "latest": format!("2026-03-{:02}", first + 4) });
    let first = file(&app, with(request("food", NOODLES), week(2)));
    let second = file(&app, with(request("licence", NOODLES), week(16)));
    file(&app, with(request("exits", DUMPLINGS), week(9)));
    plan(&app);
    let draft = "format = \"onevisit-rules/1\"\nid = \"stricter\"\nversion = 1\nname = { zh = \"更严\", en = \"Stricter\" }\n\
                 from = 2026-01-01\nextends = \"xianning\"\n[rules.R06]\ncaps = [{ at_most = 1 }]\n\
                 source = { document = \"a draft\", place = \"here\", confidence = \"D\" }\n";
    let new = read(json!({ "document": draft, "from": "2026-03-01", "to": "2026-12-31" }));
    let trial = trial::run(&app, &caller(), &new).expect("a trial");
    assert_eq!((trial.requests, trial.now.refused, trial.then.refused), (3, 0, 1), "{trial:#?}");
    assert_eq!((trial.now.visits, trial.then.visits), (3, 2));
    assert_eq!(trial.by_rule[0].of, "R06");
    assert_eq!(trial.changes[0].request, second.id, "the second of {first:?} and it");
    assert!(trial.then.penalty > 0);
    let both = read(
        json!({ "pack": "xianning", "document": draft, "from": "2026-03-01", "to": "2026-12-31" }),
    );
    assert!(matches!(trial::run(&app, &caller(), &both), Err(Error::Invalid(_))));
    let wrong = read(
        json!({ "document": draft.replace("at_most = 1", "at_mots = 1"), "from": "2026-03-01", "to": "2026-12-31" }),
    );
    match trial::run(&app, &caller(), &wrong) {
        Err(Error::Invalid(defects)) => {
            assert_eq!(defects[0].pointer, "/document/rules/R06/caps/0/at_mots")
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn one_learns_before_filing_whom_one_may_join() {
    let app = app(&sqlite());
    settle(&app);
    let week = json!({ "earliest": "2026-03-16", "latest": "2026-03-20" });
    let filed = file(&app, with(request("exits", NOODLES), week.clone()));
    plan(&app);
    let advice = advice::advise(&app, &caller(), NOODLES, "licence", Some(6)).expect("advice");
    assert_eq!((advice.alone_cost, advice.joint_cost), (130, 10));
    let best = advice.best.expect("a window");
    assert_eq!((best.joins.as_slice(), best.saves), (&["fire".to_owned()][..], 120));
    assert_eq!(
        (best.earliest.to_string(), best.latest.to_string()),
        ("2026-03-16".into(), "2026-03-22".into())
    );
    assert_eq!(
        advice.text.en,
        "File for 2026-03-16 to 2026-03-22 and you join fire; alone it costs one more visit (burden 120)."
    );
    let first = &advice.weeks[0];
    assert_eq!((first.visits_added, first.cost, first.partners.len()), (1, Some(130), 0));
    let eligibility = advice::eligibility(&app, &caller(), &filed.id).expect("days");
    assert!(eligibility.in_window);
    assert_eq!(eligibility.first.map(|day| day.to_string()).as_deref(), Some("2026-03-16"));
    let twentieth = eligibility.days.iter().find(|span| span.from.to_string() == "2026-03-20");
    let against = twentieth.expect("the day nobody works").against.as_ref();
    assert_eq!(against.map(|against| against.code.as_str()), Some("no-inspectors"));
    let unknown = advice::advise(&app, &caller(), NOODLES, "nothing", None);
    assert!(matches!(unknown, Err(Error::NotFound(_))));
    assert!(advice::advise(&app, &caller(), NOODLES, "licence", Some(99)).is_err());
}

#[test]
fn what_passed_unheld_expires_and_reasons_spare_only_what_the_law_names() {
    let app = app(&sqlite());
    settle(&app);
    let only = json!({ "exempt": true });
    match filing::file(&app, &caller(), &read(with(request("food", NOODLES), only))) {
        Err(Error::Invalid(defects)) => assert_eq!(defects[0].code(), "exempt-without-reason"),
        other => panic!("{:?}", other.map(|done| done.request)),
    }
    let complaint = file(&app, with(request("food", NOODLES), json!({ "reason": "complaint" })));
    assert_eq!((complaint.filed.exempt, complaint.filed.quiet_exempt), (Some(true), Some(true)));
    assert_eq!(
        refusal(&app, with(request("food", DUMPLINGS), json!({ "kind": "random_draw" }))),
        [("R18", "no-draw")]
    );
    assert_eq!(handling::expire(&app, &caller()).expect("none"), 0);
    let database = sqlite();
    let mut later = crate::support::database::options();
    let earlier = crate::support::database::app(&database);
    settle(&earlier);
    let short = json!({ "latest": "2026-03-05" });
    let filed = file(&earlier, with(request("food", NOODLES), short));
    later.today = "2026-03-06".parse().ok();
    let opened = App::open(&database.address, &onevisit::app::StoreOptions::default(), later);
    let app = opened.expect("it opens").0;
    assert_eq!(handling::expire(&app, &caller()).expect("one"), 1);
    assert_eq!(requests::get(&app, &caller(), &filed.id).expect("it").state, RequestState::Expired);
}

/// What a pack says of the plan of a run, computed by code that feeds nothing to the planner.
fn broken(app: &App, pack: &Pack, run: &str) -> Vec<&'static str> {
    let run = runs::get(app, &caller(), run).expect("it");
    let problem = runs::problem_file(app, &caller(), &run.problem).expect("a file");
    let problem = onevisit::wire::planning::problem::read(&problem[..]).expect("sound");
    let plan = plans::file(app, &caller(), run.plan.as_deref().expect("a plan")).expect("a file");
    let plan = onevisit::wire::planning::plan::read(&plan[..]).expect("sound");
    let requests: BTreeMap<String, Request> =
        all(app).into_iter().map(|request| (request.id.clone(), request)).collect();
    let draft = problem.facts();
    let case = |id: &'static str| EnterpriseCase {
        id,
        areas: vec![if id == NOODLES { "east" } else { "west" }],
        industry: if id == DAIRY { "1440" } else { "6210" },
        risk: Grade::B,
        credit: Grade::A,
        safety_level: None,
        subject: Subject::Enterprise,
        joint_opt_out: false,
        is_named: id == NOODLES,
        listings: Vec::new(),
        quiet: Vec::new(),
    };
    let planned = |id: &String| {
        let (filed, asked) =
            (&requests[id].filed, &draft.requests[problem.request(id).expect("known")]);
        PlannedRequest {
            id: &asked.id,
            department: &asked.department,
            level: None,
            item: ItemCase {
                id: &filed.item,
                department: &asked.department,
                class: None,
                method: Method::OnSite,
                published_from: None,
                published_to: None,
                notice_days: 0,
                valid_days: 0,
            },
            kind: filed.kind,
            reason: filed.reason,
            allowed: vec![Span { first: asked.earliest, last: asked.latest }],
            minutes: asked.minutes,
            inspectors: asked.crew(),
            is_solo: asked.solo,
            is_fixed: false,
            scenarios: asked.scenarios.iter().map(String::as_str).collect(),
        }
    };
    let facts = PlanFacts {
        today: app.today(),
        // what the scenario leaves of a visit; the merge duty itself is tested by the packs' own tests
        merged_minutes_max: 0,
        visits: plan
            .visits
            .iter()
            .map(|visit| Planned {
                enterprise: &visit.enterprise,
                day: visit.date,
                scenario: visit.scenario.as_deref(),
                lead: None,
                requests: visit.requests.iter().map(planned).collect(),
                inspectors: Vec::new(),
            })
            .collect(),
        enterprises: [NOODLES, DUMPLINGS, DAIRY].map(|id| (id, case(id))).into(),
        around: BTreeMap::new(),
    };
    assert!(!facts.visits.is_empty(), "{}", pack.id);
    let found = pack.check_plan(&facts);
    found.iter().filter(|finding| finding.refuses()).map(|finding| finding.rule.number()).collect()
}

/// One enterprise is of those of whom quiet days of a place speak, and a coal mine of its own kind.
fn designate(app: &App) {
    let text = format!(
        "id,name,area,industry,risk,credit_grade,designated,safety_level\n\
         {NOODLES},店,east,6210,B,A,是,二级\n"
    );
    take(app, onevisit::wire::register::Kind::Enterprises, &text);
}

#[test]
fn guidance_counts_towards_no_cap_of_inspections_and_has_one_of_its_own() {
    let app = app(&sqlite());
    settle(&app);
    designate(&app);
    put(&app, "shanxi-emergency");
    let week = |first: u32| {
        json!({
            "earliest": format!("2026-03-{first:02}"), "latest": format!("2026-03-{:02}", first + 3),
            "contact": "guidance"
        })
    };
    for first in [2, 9, 16] {
        let guidance = file(&app, with(request("food", NOODLES), week(first)));
        assert_eq!(guidance.filed.exempt, Some(true));
        plan(&app);
    }
    let counters =
        |app: &App| counters::of_enterprise(app, &caller(), NOODLES, None).expect("them");
    let found = counters(&app);
    assert_eq!((found.all.counted, found.all.with_exempt), (0, 0), "inspections only: {found:?}");
    let fourth = with(request("food", NOODLES), week(24));
    assert_eq!(refusal(&app, fourth), [("R34", "guidance-cap")]);
    file(&app, with(request("licence", NOODLES), json!({ "earliest": "2026-03-24" })));
    let complaint = json!({ "earliest": "2026-03-24", "reason": "complaint" });
    file(&app, with(request("exits", NOODLES), complaint));
    plan(&app);
    let found = counters(&app);
    let of = |id: &str| {
        let one = found.departments.iter().find(|one| one.department == id).expect("it");
        (one.visits.counted, one.visits.with_exempt)
    };
    assert_eq!((of("market"), of("fire")), ((1, 1), (0, 1)), "{found:?}");
}

/// Files a dozen requests, and plans March.
fn month(app: &App) -> String {
    designate(app);
    let spans = [(2, 6), (9, 13), (16, 20), (23, 31)];
    for (place, item) in
        [(NOODLES, "food"), (NOODLES, "exits"), (DUMPLINGS, "licence"), (DAIRY, "fumes")]
    {
        for (i, (first, last)) in spans.into_iter().enumerate() {
            let kind = if i == 3 { "case" } else { "daily" };
            let window = json!({
                "earliest": format!("2026-03-{first:02}"), "latest": format!("2026-03-{last:02}"),
                "kind": kind
            });
            // what the place refuses at once is not planned
            let _ = filing::file(app, &caller(), &read(with(request(item, place), window)));
        }
    }
    let march = json!({ "start": "2026-03-02", "end": "2026-03-31", "work": 2_000 });
    let run = runs::submit(app, &caller(), &read(march)).expect("a run");
    while worker::step(app, &std::sync::atomic::AtomicBool::new(false)).expect("planned") {}
    run.id
}

#[test]
fn plans_of_the_service_keep_each_shipped_pack() {
    let mut loose = None;
    for document in shipped() {
        let app = app(&sqlite());
        settle(&app);
        put(&app, &document.id);
        let pack = shipped_pack(&document.id).expect("shipped");
        let run = month(&app);
        assert_eq!(broken(&app, &pack, &run), Vec::<&str>::new(), "{}", document.id);
        if document.id == "national" {
            loose = Some((app, run));
        }
    }
    // the check does see: the plan of a place without quiet days breaks those of one with them
    let (app, run) = loose.expect("planned");
    let found = broken(&app, &shipped_pack("anqing").expect("shipped"), &run);
    assert!(found.contains(&"R22"), "{found:?}");
}
