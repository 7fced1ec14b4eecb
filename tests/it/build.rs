//! The problem, built from register, requests, schedule and policy.

use crate::support::county::{DAIRY, DUMPLINGS, NOODLES, caller, file, request, settle, with};
use crate::support::database::{Database, app, on_both, read, sqlite};
use onevisit::app::paging::Paging;
use onevisit::app::planning::{plans, policies, runs, worker};
use onevisit::app::requests::handling;
use onevisit::app::visits::schedule;
use onevisit::app::{App, Error};
use onevisit::wire::planning::run::{Run, RunState};
use serde_json::{Value, json};
use std::sync::atomic::AtomicBool;

pub fn plan(app: &App, more: Value) -> Run {
    let new = with(json!({ "start": "2026-03-02", "end": "2026-03-31", "work": 20_000 }), more);
    let run = runs::submit(app, &caller(), &read(new)).expect("a run");
    assert_eq!(run.state, RunState::Queued);
    assert!(worker::step(app, &AtomicBool::new(false)).expect("the planner works"));
    let run = runs::get(app, &caller(), &run.id).expect("the run");
    assert_eq!(run.state, RunState::Done, "{:?}", run.error);
    run
}

fn publish(app: &App, run: &Run) {
    let id = run.plan.as_deref().expect("a plan");
    plans::publish(app, &caller(), id, 1).expect("published");
}

fn problem(app: &App, run: &Run) -> Value {
    let file = runs::problem_file(app, &caller(), &run.problem).expect("the problem");
    serde_json::from_slice(&file).expect("JSON")
}

fn settled(database: &Database) -> App {
    let app = app(database);
    settle(&app);
    app
}

fn all() -> Paging {
    Paging::new(None, Some(1_000)).expect("paging")
}

/// Pointers of every number of a document.
fn numbers(value: &Value, at: &str, found: &mut Vec<String>) {
    match value {
        Value::Number(_) => found.push(at.to_owned()),
        Value::Array(list) => {
            for (i, value) in list.iter().enumerate() {
                numbers(value, &format!("{at}/{i}"), found);
            }
        }
        Value::Object(fields) => {
            for (name, value) in fields {
                numbers(value, &format!("{at}/{name}"), found);
            }
        }
        _ => {}
    }
}

#[test]
fn every_number_can_be_traced_to_its_source() {
    let database = sqlite();
    let app = settled(&database);
    let later = json!({ "earliest": "2026-03-16" });
    file(&app, with(request("licence", NOODLES), later.clone()));
    let overdue = with(later, json!({ "due": "2026-02-20", "minutes": 55 }));
    file(&app, with(request("exits", NOODLES), overdue));
    let first = plan(&app, json!({}));
    publish(&app, &first);
    file(&app, request("fumes", DAIRY));
    let run = plan(&app, json!({}));
    let problem = problem(&app, &run);
    let mut wanted = Vec::new();
    numbers(&problem, "", &mut wanted);
    let origins = runs::origins(&app, &caller(), &run.problem, None, None, &all()).expect("them");
    let named: Vec<&str> = origins.items.iter().map(|origin| origin.pointer.as_str()).collect();
    let missing: Vec<&String> =
        wanted.iter().filter(|pointer| !named.contains(&pointer.as_str())).collect();
    assert!(missing.is_empty(), "no origin: {missing:?} of {named:#?}");
    assert!(wanted.len() > 30, "{}", wanted.len());
    assert!(problem["requests"][0].get("keep").is_some(), "the second run keeps promises");
    // 400 × 100% × 80% × (100% + 10 days overdue on 2 March)
    let id = problem["requests"][1]["id"].as_str().expect("an id");
    let of_one = runs::origins(&app, &caller(), &run.problem, None, Some(id), &all());
    let of_one = of_one.expect("of one request").items;
    let penalty = of_one.iter().find(|origin| origin.pointer == "/requests/1/penalty");
    let penalty = &penalty.expect("the penalty's").source;
    assert!(penalty.contains("10% for 10 overdue days"), "{penalty}");
    assert!(penalty.ends_with("= 352"), "{penalty}");
    assert_eq!(problem["requests"][1]["penalty"], 352);
    let minutes = of_one.iter().find(|origin| origin.pointer == "/requests/1/minutes");
    let minutes = &minutes.expect("the minutes'").source;
    assert!(minutes.contains("as filed (item exits: 50, assumed)"), "{minutes}");
    // a pointer picks what lies below it, and nothing that only begins alike
    let below = runs::origins(&app, &caller(), &run.problem, Some("/requests/1"), None, &all());
    assert_eq!(below.expect("below").items, of_one);
    let none = runs::origins(&app, &caller(), &run.problem, Some("/requests/1/min"), None, &all());
    assert_eq!(none.expect("none").items, []);
}

#[test]
fn requests_become_what_the_register_and_the_calendar_make_of_them() {
    let database = sqlite();
    let app = settled(&database);
    file(&app, request("licence", NOODLES));
    file(&app, request("licence", DAIRY));
    file(&app, with(request("exits", NOODLES), json!({ "latest": "2026-04-20" })));
    file(&app, with(request("exits", DUMPLINGS), json!({ "earliest": "2026-02-10" })));
    let clue = json!({ "kind": "clue", "solo": true, "inspectors": 3 });
    file(&app, with(request("fumes", NOODLES), clue));
    file(
        &app,
        with(
            request("food", DUMPLINGS),
            json!({ "latest": "2026-04-10",
        "earliest": "2026-04-01" }),
        ),
    );
    let gone = file(&app, request("food", NOODLES));
    handling::withdraw(&app, &caller(), &gone.id).expect("withdrawn");
    let run = plan(&app, json!({}));
    let problem = problem(&app, &run);
    let list = problem["requests"].as_array().expect("requests");
    assert_eq!(list.len(), 5, "the one of April and the withdrawn one are out");
    assert_eq!(list[0]["scenarios"], json!(["restaurants"]));
    assert_eq!(list[1]["scenarios"], json!([]), "a dairy is no restaurant");
    assert_eq!(list[2]["latest"], "2026-03-31");
    assert_eq!(list[2]["deferrable"], true);
    assert_eq!(list[3]["earliest"], "2026-03-02");
    assert_eq!(list[3].get("deferrable"), None);
    assert_eq!(list[2]["uses"][0]["pool"], "fire-east", "the town's own pool first");
    assert_eq!(list[3]["uses"][0]["pool"], "fire", "else the general one");
    assert_eq!(list[4]["exempt"], true, "clues count towards no cap");
    assert_eq!(list[4]["solo"], true);
    assert_eq!(list[4]["uses"][0]["inspectors"], 3);
    assert_eq!(problem["closed_days"].as_array().expect("days").len(), 8, "weekends of March");
    let pool = &problem["pools"].as_array().expect("pools")[0];
    assert_eq!(pool["exceptions"], json!({ "2026-03-20": 0 }));
    assert_eq!(problem["enterprises"][0]["visit_cap"], 3, "of risk B");
    assert_eq!(problem["enterprises"][0]["visit_cost"], 120, "of credit grade A");
}

#[test]
fn a_published_plan_is_fixed_for_the_freeze_and_is_kept_after_it() {
    on_both(|database| {
        let app = settled(database);
        let soon = json!({ "earliest": "2026-03-03", "latest": "2026-03-04" });
        let late = json!({ "earliest": "2026-03-24", "latest": "2026-03-25" });
        let group = json!({ "together": "spring" });
        file(&app, with(with(request("licence", NOODLES), soon.clone()), group.clone()));
        file(&app, with(request("licence", DUMPLINGS), late));
        let first = plan(&app, json!({}));
        publish(&app, &first);
        // joins the same mark when the visit of the first is fixed already
        file(&app, with(with(request("food", NOODLES), group), json!({ "latest": "2026-03-31" })));
        let run = plan(&app, json!({}));
        let built = problem(&app, &run);
        let fixed = built["fixed"].as_array().expect("fixed");
        assert_eq!(fixed.len(), 1, "the next seven days are fixed: {fixed:?}");
        assert_eq!(fixed[0]["requests"][0], built["requests"][0]["id"]);
        assert_eq!(built["requests"][0].get("keep"), None);
        assert_eq!(built["requests"][1]["keep"]["cost"], 30);
        assert_ne!(built["requests"][0]["together"], built["requests"][2]["together"]);
        // a later horizon leaves what is settled alone, and remembers the last visit
        file(&app, with(request("exits", DUMPLINGS), json!({ "latest": "2026-04-20" })));
        publish(&app, &run);
        let run = plan(&app, json!({ "start": "2026-03-26", "end": "2026-04-20" }));
        let built = problem(&app, &run);
        let left = built["requests"].as_array().expect("requests");
        assert!(left.iter().all(|r| r["id"] != built["fixed"]), "nothing fixed");
        let dumplings = built["enterprises"].as_array().expect("enterprises");
        let dumplings = dumplings.iter().find(|e| e["id"] == DUMPLINGS);
        if let Some(dumplings) = dumplings {
            let day = dumplings["last_counted"].as_str().expect("its visit is remembered");
            assert!(day == "2026-03-24" || day == "2026-03-25", "{day}");
        }
    });
}

#[test]
fn what_cannot_be_planned_is_reported() {
    let database = sqlite();
    let app = settled(&database);
    let submit = |new: Value| runs::submit(&app, &caller(), &read(new)).map(|run| run.id);
    let code = |result: Result<String, Error>| match result {
        Err(Error::Invalid(defects)) => defects[0].code(),
        other => panic!("{other:?}"),
    };
    let march = json!({ "start": "2026-03-02", "end": "2026-03-31" });
    assert_eq!(code(submit(march.clone())), "nothing-to-plan");
    file(&app, request("licence", NOODLES));
    let reversed = json!({ "start": "2026-03-31", "end": "2026-03-02" });
    assert_eq!(code(submit(reversed)), "span-reversed");
    let unknown = json!({ "start": "2026-03-02", "end": "2027-01-31" });
    assert_eq!(code(submit(unknown)), "calendar-year-unknown");
    let missing = with(march.clone(), json!({ "policy": 7 }));
    assert!(matches!(submit(missing), Err(Error::NotFound(_))));
    submit(march).expect("a run");
    // by default from tomorrow for ninety days more
    let run = runs::submit(&app, &caller(), &read(json!({}))).expect("a run");
    assert_eq!(run.seconds_max, Some(60.0));
    let built = problem(&app, &run);
    assert_eq!((&built["start"], &built["end"]), (&json!("2026-03-03"), &json!("2026-06-01")));
}

#[test]
fn a_policy_is_stored_with_each_run() {
    on_both(|database| {
        let app = settled(database);
        file(&app, request("licence", NOODLES));
        let first = policies::get(&app, &caller(), None).expect("the standard policy");
        assert_eq!(first.version, 1);
        let mut policy = first.policy.clone();
        policy.attendance_cost = 17;
        let second = policies::set(&app, &caller(), &policy, "dearer", 1).expect("a second");
        assert_eq!((second.version, second.policy.attendance_cost), (2, 17));
        assert_eq!(second.policy, policy, "targets and prices come back as they were given");
        let stale = policies::set(&app, &caller(), &policy, "again", 1);
        assert!(matches!(stale, Err(Error::VersionChanged { current: 2 })));
        let old = plan(&app, json!({ "policy": 1 }));
        assert_eq!(problem(&app, &old)["attendance_cost"], 10);
        let new = plan(&app, json!({}));
        assert_eq!(problem(&app, &new)["attendance_cost"], 17);
        let target = json!({
            "id": "fire", "measure": "scheduled", "department": "fire", "at_least": 0.9,
            "shortfall_cost": 50
        });
        let third = policies::set_target(&app, &caller(), &read(target.clone()), 2).expect("set");
        assert_eq!(third.policy.targets.len(), 3);
        assert_eq!(
            problem(&app, &plan(&app, json!({})))["targets"].as_array().map(Vec::len),
            Some(3)
        );
        let nobody = with(target, json!({ "department": "nobody" }));
        let refused = policies::set_target(&app, &caller(), &read(nobody), 3);
        let Err(Error::Invalid(defects)) = refused else { panic!("refused") };
        assert_eq!(defects[0].code(), "unknown-department");
        let gone = policies::remove_target(&app, &caller(), "fire", 3).expect("removed");
        assert_eq!((gone.version, gone.policy.targets.len()), (4, 2));
        let none = policies::remove_target(&app, &caller(), "fire", 4);
        assert!(matches!(none, Err(Error::NotFound(_))));
    });
}

/// One request at the noodle shop, on the schedule for 3 or 4 March.
fn with_a_frozen_visit(database: &Database) -> App {
    let app = settled(database);
    let soon = json!({ "earliest": "2026-03-03", "latest": "2026-03-04" });
    file(&app, with(request("licence", NOODLES), soon));
    let run = plan(&app, json!({}));
    publish(&app, &run);
    app
}

#[test]
fn a_frozen_visit_that_no_longer_fits_is_released_and_said_so() {
    let database = sqlite();
    let app = with_a_frozen_visit(&database);
    file(&app, request("licence", DUMPLINGS));
    let found = onevisit::app::register::pool(&app, &caller(), "market").expect("the pool");
    let mut pool = found.value;
    for day in ["2026-03-03", "2026-03-04"] {
        pool.days.insert(day.parse().expect("a day"), 0);
    }
    onevisit::app::register::replace_pool(&app, &caller(), &pool, found.version).expect("ill");
    let run = plan(&app, json!({}));
    let built = problem(&app, &run);
    assert_eq!(built.get("fixed").and_then(Value::as_array).map_or(0, Vec::len), 0);
    assert_eq!(built["requests"][0]["keep"]["cost"], 30);
    let keep = Some("/requests/0/keep");
    let origins = runs::origins(&app, &caller(), &run.problem, keep, None, &all()).expect("them");
    assert!(origins.items[0].source.contains("no longer fits"), "{:?}", origins.items);
}

#[test]
fn gaps_are_kept_to_visits_after_the_horizon() {
    let database = sqlite();
    let app = settled(&database);
    let late = json!({ "earliest": "2026-03-12", "latest": "2026-03-12" });
    file(&app, with(request("licence", NOODLES), late));
    let run = plan(&app, json!({}));
    publish(&app, &run);
    let tight = json!({ "earliest": "2026-03-09", "latest": "2026-03-10" });
    file(&app, with(request("exits", NOODLES), tight));
    let run = plan(&app, json!({ "end": "2026-03-10" }));
    let built = problem(&app, &run);
    let caps = &built["enterprises"][0]["caps"];
    let wanted = json!([{ "from": "2026-03-06", "to": "2026-03-10", "at_most": 0 }]);
    assert_eq!(*caps, wanted, "seven days before the twelfth");
    let id = run.plan.as_deref().expect("a plan");
    let plan = plans::get(&app, &caller(), id).expect("the plan").value;
    assert_eq!(plan.report.expect("a report")["scheduled"], 0);
}

#[test]
fn what_is_overdue_is_not_charged_for_days_that_passed() {
    let database = sqlite();
    let app = settled(&database);
    let overdue = json!({ "kind": "immediate", "due": "2025-08-01", "earliest": "2025-08-01" });
    file(&app, with(request("licence", NOODLES), overdue));
    let run = plan(&app, json!({}));
    let built = problem(&app, &run);
    assert_eq!(built["requests"][0]["due"], "2026-03-01", "from the horizon's first day on");
    // 2,000 × 100% × 80%, and twice that at most for being overdue
    assert_eq!(built["requests"][0]["penalty"], 3_200);
    let id = run.plan.as_deref().expect("a plan");
    let plan = plans::get(&app, &caller(), id).expect("the plan").value;
    assert_eq!(plan.report.expect("a report")["scheduled"], 1);
}

#[test]
fn a_draft_that_the_world_has_overtaken_is_not_published() {
    on_both(|database| {
        let app = settled(database);
        let soon = json!({ "earliest": "2026-03-03", "latest": "2026-03-03" });
        let first = file(&app, with(request("licence", NOODLES), soon));
        let late = json!({ "earliest": "2026-03-24", "latest": "2026-03-27" });
        let second = file(&app, with(request("exits", DUMPLINGS), late));
        let refused = |run: &Run| {
            let id = run.plan.as_deref().expect("a plan");
            match plans::publish(&app, &caller(), id, 1).map(|plan| plan.version) {
                Err(Error::Conflict(why)) => why.code(),
                other => panic!("{other:?}"),
            }
        };
        let outdated = plan(&app, json!({}));
        handling::withdraw(&app, &caller(), &second.id).expect("withdrawn");
        assert_eq!(refused(&outdated), "plan-outdated", "a request of it was withdrawn");
        let run = plan(&app, json!({}));
        publish(&app, &run);
        // what is announced stays on the schedule, marked, until a plan takes it off
        handling::withdraw(&app, &caller(), &first.id).expect("withdrawn");
        let list = || {
            let filter = onevisit::app::VisitFilter::default();
            schedule::list(&app, &caller(), &filter, &all()).expect("visits").items
        };
        assert!(list()[0].requests[0].is_withdrawn);
        let run = plan(&app, json!({}));
        publish(&app, &run);
        assert_eq!(list(), [], "a plan without requests clears the schedule");
    });
}

#[test]
fn a_draft_that_would_move_a_visit_that_has_become_fixed_is_not_published() {
    let database = sqlite();
    let past = std::sync::Arc::new(std::sync::atomic::AtomicI64::new(0));
    let options = crate::support::database::moved_by_hand(&past);
    let store = onevisit::app::StoreOptions::default();
    let app = App::open(&database.address, &store, options).expect("it opens").0;
    settle(&app);
    let window = json!({ "earliest": "2026-03-12", "latest": "2026-03-20" });
    file(&app, with(request("licence", NOODLES), window));
    let run = plan(&app, json!({}));
    publish(&app, &run);
    let filter = onevisit::app::VisitFilter::default();
    let day = schedule::list(&app, &caller(), &filter, &all()).expect("visits").items[0].day;
    // the draft must move it: its inspectors are away that day
    let found = onevisit::app::register::pool(&app, &caller(), "market").expect("the pool");
    let mut pool = found.value;
    pool.days.insert(day, 0);
    onevisit::app::register::replace_pool(&app, &caller(), &pool, found.version).expect("away");
    let draft = plan(&app, json!({}));
    // nobody publishes it until the visit is near
    past.store(9 * 86_400, std::sync::atomic::Ordering::Relaxed);
    let id = draft.plan.as_deref().expect("a plan");
    let refused = plans::publish(&app, &caller(), id, 1).map(|plan| plan.version);
    assert!(
        matches!(&refused, Err(Error::Conflict(why)) if why.code() == "plan-outdated"),
        "{refused:?}"
    );
    // nor is anything planned for days that are past
    let new = json!({ "start": "2026-03-10", "end": "2026-03-31" });
    let refused = runs::submit(&app, &caller(), &read(new)).map(|run| run.id);
    assert!(matches!(refused, Err(Error::Invalid(defects)) if defects[0].code() == "past"));
}

#[test]
fn the_configured_zone_decides_what_today_is() {
    let database = sqlite();
    // seven in the evening of 1 March in UTC is three in the morning of 2 March in Shanghai
    let today = |zone: chrono_tz::Tz| {
        let clock = || "2026-03-01T19:00:00Z".parse().expect("an instant");
        let options = onevisit::app::AppOptions {
            zone,
            clock: std::sync::Arc::new(clock),
            ..crate::support::database::options()
        };
        let store = onevisit::app::StoreOptions::default();
        App::open(&database.address, &store, options).expect("it opens").0.today().to_string()
    };
    assert_eq!(today(chrono_tz::Asia::Shanghai), "2026-03-02");
    assert_eq!(today(chrono_tz::UTC), "2026-03-01");
    assert_eq!(today(chrono_tz::Pacific::Kiritimati), "2026-03-02");
    assert_eq!(onevisit::app::AppOptions::default().zone, chrono_tz::Asia::Shanghai);
}
