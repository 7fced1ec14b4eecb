//! Annual plans and campaigns: drawn up, approved, filed, published, closed; and what intake asks.

use crate::api::{Client, Reply};
use crate::support::county::{NOODLES, file, request, with};
use crate::support::database::{app, on_both, read, sqlite};
use onevisit::app::law::campaigns;
use onevisit::app::law::campaigns::PlannedUse;
use onevisit::app::requests::{filing, handling};
use onevisit::app::{Caller, Error, StoreOptions};
use onevisit::store::Store;
use onevisit::wire::law::campaign::InspectionPlanKind;
use serde_json::{Value, json};

pub fn annual() -> Value {
    json!({
        "kind": "annual", "department": "market", "year": 2026, "name": "年度检查计划",
        "items": ["food", "licence"], "basis": "食品安全法", "start": "2026-01-01",
        "end": "2026-12-31",
        "steps": { "legality_review_on": "2026-01-10", "collective_discussion_on": "2026-01-15" }
    })
}

pub fn campaign() -> Value {
    json!({
        "kind": "campaign", "department": "market", "year": 2026, "name": "专项检查",
        "items": ["food"], "area": "east", "start": "2026-03-01", "end": "2026-04-30", "quota": 2
    })
}

fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}

fn drafted(client: &Client, plan: &Value) -> (String, String) {
    let reply = client.post("/api/v1/inspection-plans", plan);
    assert_eq!(reply.status.as_u16(), 201, "{}", String::from_utf8_lossy(&reply.body));
    let uri = format!("/api/v1/inspection-plans/{}", text(&reply.json()["id"]));
    assert_eq!(client.get(&uri).json(), reply.json());
    (uri, reply.etag())
}

fn step(client: &Client, uri: &str, verb: &str, etag: &str, body: &Value) -> Reply {
    let request = actix_web::test::TestRequest::post().uri(&format!("{uri}/{verb}")).set_json(body);
    client.send(request.insert_header(("If-Match", etag)))
}

pub fn approval(more: Value) -> Value {
    let plain = json!({
        "approved_by": "government", "approval_number": "县政函〔2026〕3号", "approved_on": "2026-02-02"
    });
    with(plain, more)
}

#[test]
fn a_plan_goes_from_draft_to_publication_and_changes_no_more() {
    on_both(|database| {
        let client = Client::logged_in(database);
        let (uri, etag) = drafted(&client, &annual());
        let wider = with(annual(), json!({ "items": ["food", "licence"], "quota": 500 }));
        let changed = client.put(&uri, &etag, &wider);
        assert_eq!(
            (changed.json()["quota"].clone(), changed.etag().as_str()),
            (json!(500), "\"v2\"")
        );
        assert_eq!(client.put(&uri, &etag, &wider).problem(), (412, "version-changed".into()));
        let early = step(&client, &uri, "file", "\"v2\"", &json!({}));
        assert_eq!(early.problem(), (409, "not-approved".into()));
        let head = approval(json!({ "approved_by": "head", "approval_number": null }));
        let approved = step(&client, &uri, "approve", "\"v2\"", &head).json();
        assert_eq!((&approved["state"], &approved["is_late"]), (&json!("approved"), &json!(false)));
        assert_eq!(client.put(&uri, "\"v3\"", &wider).problem(), (409, "not-a-draft".into()));
        let filed = step(&client, &uri, "file", "\"v3\"", &json!({ "day": "2026-02-20" })).json();
        assert_eq!((&filed["filed_on"], &filed["is_late"]), (&json!("2026-02-20"), &json!(false)));
        let published = step(&client, &uri, "publish", "\"v4\"", &json!({}));
        assert_eq!(published.json()["published_on"], "2026-03-02", "today");
        for (verb, body) in [("approve", head.clone()), ("file", json!({})), ("publish", json!({}))]
        {
            let (status, _) = step(&client, &uri, verb, "\"v5\"", &body).problem();
            assert_eq!(status, 409, "{verb}");
        }
        let closed = step(&client, &uri, "close", "\"v5\"", &json!({ "reason": "年度结束" }));
        assert_eq!(closed.json()["closed_because"], "年度结束");
        let again = step(&client, &uri, "close", "\"v6\"", &json!({ "reason": "x" }));
        assert_eq!(again.problem(), (409, "closed".into()));
        // lists
        drafted(&client, &campaign());
        for (query, n) in [
            ("", 2),
            ("?kind=campaign", 1),
            ("?state=closed", 1),
            ("?year=2025", 0),
            ("?department=market&year=2026", 2),
        ] {
            let page = client.get(&format!("/api/v1/inspection-plans{query}")).json();
            assert_eq!(page["items"].as_array().map(Vec::len), Some(n), "{query}");
        }
        // every step is on record, no refused one
        let events = client.get("/api/v1/audit?kind=inspection_plan").json();
        let events = events["items"].as_array().expect("events");
        let actions: Vec<&str> = events.iter().rev().map(|e| text(&e["action"])).collect();
        let wanted = ["draft", "change", "approve", "file", "publish", "close", "draft"];
        assert_eq!(actions, wanted.map(|verb| format!("inspection_plan.{verb}")));
        let close = &events[1];
        assert_eq!(close["details"]["before"]["state"], "published");
        assert_eq!(close["personal"]["after/closed_because"], "年度结束");
    });
}

#[test]
fn a_campaign_needs_an_approval_from_above_with_its_number() {
    let database = sqlite();
    let client = Client::logged_in(&database);
    let (uri, etag) = drafted(&client, &campaign());
    let reported = |body: Value| {
        let reply = step(&client, &uri, "approve", &etag, &body);
        let errors = reply.json()["errors"].clone();
        let list = errors.as_array().cloned().unwrap_or_default();
        list.iter()
            .map(|e| format!("{} {}", text(&e["pointer"]), text(&e["code"])))
            .collect::<Vec<_>>()
    };
    assert_eq!(
        reported(approval(json!({ "approved_by": "head" }))),
        ["/approved_by approver-too-low"]
    );
    assert_eq!(
        reported(approval(json!({ "approval_number": null }))),
        ["/approval_number missing-field"]
    );
    assert_eq!(
        reported(approval(json!({ "approved_on": "2026-03-03" }))),
        ["/approved_on in-future"],
        "today is the second"
    );
    let approved = step(&client, &uri, "approve", &etag, &approval(json!({})));
    assert_eq!(approved.json()["approval"]["approval_number"], "县政函〔2026〕3号");
    let before = step(&client, &uri, "file", "\"v2\"", &json!({ "day": "2026-02-01" }));
    assert_eq!(before.json()["errors"][0]["code"], "steps-out-of-order");
    let after = step(&client, &uri, "file", "\"v2\"", &json!({ "day": "2026-03-03" }));
    assert_eq!(after.json()["errors"][0]["code"], "in-future");
    let none = client.post(&format!("{uri}/file"), &json!({}));
    assert_eq!(none.problem(), (428, "if-match-missing".into()));
    // the steps that come before
    let (uri, etag) = drafted(&client, &annual());
    let early = approval(json!({ "approved_on": "2026-01-12" }));
    let refused = step(&client, &uri, "approve", &etag, &early);
    assert_eq!(refused.json()["errors"][0]["code"], "steps-out-of-order");
}

#[test]
fn a_plan_that_is_filed_late_says_so() {
    let database = sqlite();
    let client = Client::logged_in(&database);
    let deadline = |day: &str| with(annual(), json!({ "filing_deadline": day }));
    let (in_time, _) = drafted(&client, &deadline("2026-03-02"));
    let (uri, etag) = drafted(&client, &deadline("2026-03-01"));
    assert_eq!(client.get(&in_time).json()["is_late"], false, "today is the last day");
    assert_eq!(client.get(&uri).json()["is_late"], true);
    let body = approval(json!({ "approved_by": "head" }));
    assert_eq!(step(&client, &uri, "approve", &etag, &body).status.as_u16(), 200);
    let filed = step(&client, &uri, "file", "\"v2\"", &json!({ "day": "2026-03-01" }));
    assert_eq!(filed.json()["is_late"], false, "filed in time, noted later");
    let years = json!({ "year": 2025, "start": "2025-05-01", "end": "2025-12-31", "steps": {} });
    let (uri, _) = drafted(&client, &with(annual(), years));
    assert_eq!(client.get(&uri).json()["is_late"], true, "31 March 2025 is past");
    let list = client.get("/api/v1/inspection-plans?year=2025").json();
    assert_eq!(list["items"][0]["is_late"], true);
}

#[test]
fn bad_plans_are_refused_with_codes() {
    let database = sqlite();
    let client = Client::logged_in(&database);
    for (base, more, code, pointer) in [
        (annual(), json!({ "kind": "weekly" }), "unknown-value", "/kind"),
        (annual(), json!({ "items": [] }), "missing-field", "/items"),
        (annual(), json!({ "items": ["exits"] }), "foreign-item", "/items/0"),
        (annual(), json!({ "items": ["drains"] }), "unknown-item", "/items/0"),
        (annual(), json!({ "area": "north" }), "unknown-area", "/area"),
        (annual(), json!({ "year": 1999 }), "out-of-range", "/year"),
        (annual(), json!({ "end": "2027-01-01" }), "outside-year", "/end"),
        (annual(), json!({ "start": "2026-12-31", "end": "2026-12-30" }), "days-reversed", "/end"),
        (annual(), json!({ "quota": 0 }), "out-of-range", "/quota"),
        (campaign(), json!({ "quota": null }), "missing-field", "/quota"),
        (
            annual(),
            json!({ "steps": { "legality_review_on": "2026-02-01", "public_notice_on": "2026-01-01" } }),
            "steps-out-of-order",
            "/steps/public_notice_on",
        ),
        (annual(), json!({ "colour": "red" }), "unknown-field", "/colour"),
    ] {
        let reply = client.post("/api/v1/inspection-plans", &with(base, more.clone()));
        assert_eq!(reply.problem().0, 422, "{more}");
        let errors = reply.json()["errors"].clone();
        let reported: Vec<(&str, &str)> = errors
            .as_array()
            .expect("errors")
            .iter()
            .map(|e| (text(&e["code"]), text(&e["pointer"])))
            .collect();
        assert!(reported.contains(&(code, pointer)), "{more}: {reported:?}");
    }
    assert_eq!(client.get("/api/v1/inspection-plans").json()["items"], json!([]));
    let (uri, etag) = drafted(&client, &annual());
    let moved = with(annual(), json!({ "department": "fire", "items": ["exits"] }));
    assert_eq!(client.put(&uri, &etag, &moved).json()["errors"][0]["code"], "immutable");
    let missing = client.get("/api/v1/inspection-plans/x");
    assert_eq!(missing.problem(), (404, "not-found".into()));
}

#[test]
fn intake_gets_what_a_plan_carries_and_the_quota_holds() {
    on_both(|database| {
        let app = app(database);
        crate::support::county::settle(&app);
        let store = Store::open(&database.address, &StoreOptions::default()).expect("it opens").0;
        let local = Caller::local();
        let day = |text: &str| text.parse().expect("a day");
        let plan = campaigns::draft(&app, &local, &read(campaign())).expect("a draft").value;
        let id = plan.id.as_str();
        let wish = PlannedUse {
            department: "market",
            item: "food",
            window: (day("2026-03-03"), day("2026-03-31")),
            kind: InspectionPlanKind::Campaign,
        };
        let codes = |wish: &PlannedUse<'_>, own: &str| -> Vec<String> {
            let plan =
                store.read(|tx| campaigns::inspection_plan_for(&app, tx, id)).expect("an answer");
            let plan = plan.expect("a plan");
            let is_within = |area: &str| Ok(area == own);
            let found = campaigns::intake_defects(&plan, wish, is_within).expect("an answer");
            found
                .into_iter()
                .chain(campaigns::quota_defect(&plan))
                .map(|(_, message)| message.code().to_owned())
                .collect()
        };
        assert_eq!(codes(&wish, "east"), ["plan-not-published"]);
        let approval = read(approval(json!({})));
        campaigns::approve(&app, &local, id, &approval, 1).expect("approved");
        campaigns::file(&app, &local, id, &read(json!({})), 2).expect("filed");
        campaigns::publish(&app, &local, id, &read(json!({})), 3).expect("published");
        let none: [&str; 0] = [];
        assert_eq!(codes(&wish, "east"), none);
        let away = PlannedUse {
            department: "fire",
            item: "exits",
            window: (day("2026-05-01"), day("2026-05-31")),
            kind: InspectionPlanKind::Annual,
        };
        let all = [
            "foreign-plan",
            "plan-of-other-kind",
            "item-not-in-plan",
            "outside-plan",
            "outside-plan-area",
        ];
        assert_eq!(codes(&away, "west"), all);
        // two requests use the quota of two up; one that is withdrawn gives its place back
        let special = |place: &str| {
            let (earliest, latest) = wish.window;
            let more = json!({
                "kind": "special", "plan": id, "earliest": earliest, "latest": latest
            });
            with(request("food", place), more)
        };
        let used = || {
            let plan =
                store.read(|tx| campaigns::inspection_plan_for(&app, tx, id)).expect("an answer");
            plan.expect("a plan").used
        };
        let mut filed = Vec::new();
        for (n, place) in [NOODLES, NOODLES].into_iter().enumerate() {
            assert_eq!(used(), Some(n as i64));
            filed.push(file(&app, special(place)));
        }
        assert_eq!(filed[0].filed.plan.as_deref(), Some(id));
        assert_eq!(codes(&wish, "east"), ["quota-used"]);
        let third = filing::file(&app, &local, &read(special(NOODLES)));
        let Err(Error::Invalid(defects)) = third.map(|done| done.is_new) else { panic!("full") };
        assert_eq!(defects[0].code(), "quota-used");
        handling::withdraw(&app, &local, &filed[0].id).expect("withdrawn");
        assert_eq!((used(), codes(&wish, "east")), (Some(1), vec![]));
    });
}
