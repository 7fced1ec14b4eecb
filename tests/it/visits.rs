//! The identity of visits over plans: ids, revisions, and what became of those that are withdrawn.

use crate::build::plan;
use crate::support::county::{DUMPLINGS, NOODLES, caller, file, request, settle, with};
use crate::support::database::{app, moved_by_hand, on_both, sqlite};
use onevisit::app::paging::Paging;
use onevisit::app::planning::plans;
use onevisit::app::requests::{self, handling};
use onevisit::app::visits::schedule;
use onevisit::app::{App, Error, StoreOptions};
use onevisit::domain::visits::VisitState;
use onevisit::wire::requests::handling::{Because, Move};
use onevisit::wire::requests::request::Request;
use onevisit::wire::visits::visit::VisitRecord;
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// Plans March and publishes it; answers with the plan's id.
fn publish(app: &App) -> String {
    let id = plan(app, json!({})).plan.expect("a plan");
    plans::publish(app, &caller(), &id, 1).expect("published");
    id
}

fn scheduled(app: &App) -> Vec<VisitRecord> {
    let filter = onevisit::app::VisitFilter::default();
    let paging = Paging::new(None, Some(1_000)).expect("paging");
    schedule::list(app, &caller(), &filter, &paging).expect("visits").items
}

fn visit(app: &App, id: &str) -> VisitRecord {
    schedule::get(app, &caller(), id).expect("a visit")
}

fn filed(app: &App, item: &str, enterprise: &str, first: &str, last: &str) -> Request {
    file(app, with(request(item, enterprise), json!({ "earliest": first, "latest": last })))
}

fn move_to(app: &App, request: &str, first: &str, last: &str) {
    let day = |text: &str| text.parse().expect("a day");
    let to = Move { earliest: day(first), latest: day(last), reason: "moved".into() };
    handling::move_to(app, &caller(), request, &to).expect("moved");
}

#[test]
fn publishing_unchanged_visits_again_changes_no_id_and_no_revision() {
    on_both(|database| {
        let app = app(database);
        settle(&app);
        filed(&app, "licence", NOODLES, "2026-03-16", "2026-03-18");
        filed(&app, "exits", NOODLES, "2026-03-16", "2026-03-18");
        filed(&app, "food", DUMPLINGS, "2026-03-24", "2026-03-25");
        let first = publish(&app);
        let before = scheduled(&app);
        assert_eq!(before.len(), 2);
        for visit in &before {
            assert_eq!((visit.state, visit.revision), (VisitState::Scheduled, Some(1)));
            assert_eq!(visit.plan, first);
        }
        let second = publish(&app);
        let follows = |visit: VisitRecord| VisitRecord { plan: second.clone(), ..visit };
        let expected: Vec<VisitRecord> = before.into_iter().map(follows).collect();
        assert_eq!(scheduled(&app), expected);
        // the draft says which visit it became
        let filter = onevisit::app::VisitFilter { plan: Some(second), ..Default::default() };
        let paging = Paging::new(None, Some(1_000)).expect("paging");
        let drafts = schedule::list(&app, &caller(), &filter, &paging).expect("drafts").items;
        for (draft, visit) in drafts.iter().zip(&expected) {
            assert_eq!((draft.state, draft.revision), (VisitState::Drafted, None));
            assert_eq!(draft.visit.as_ref(), Some(&visit.id));
            assert_ne!(draft.id, visit.id);
            assert_eq!(schedule::get(&app, &caller(), &draft.id).expect("a draft"), *draft);
        }
    });
}

#[test]
fn a_visit_that_is_changed_keeps_its_id_and_gets_a_revision() {
    on_both(|database| {
        let app = app(database);
        settle(&app);
        let licence = filed(&app, "licence", NOODLES, "2026-03-16", "2026-03-18");
        let exits = filed(&app, "exits", NOODLES, "2026-03-16", "2026-03-18");
        publish(&app);
        let before = scheduled(&app).remove(0);
        assert_eq!(before.requests.len(), 2, "both at once");
        // one leaves, and is held by itself
        move_to(&app, &exits.id, "2026-03-26", "2026-03-27");
        publish(&app);
        let after = visit(&app, &before.id);
        assert_eq!((after.state, after.revision), (VisitState::Scheduled, Some(2)));
        assert_eq!(after.requests.len(), 1);
        assert_eq!(scheduled(&app).len(), 2);
        let found = requests::get(&app, &caller(), &exits.id).expect("a request");
        let in_words: Vec<(bool, bool)> =
            found.visits.iter().map(|of| (of.visit == before.id, of.has_left)).collect();
        assert_eq!(in_words, [(true, true), (false, false)]);
        // the other one moves: a day is a change, too
        move_to(&app, &licence.id, "2026-03-19", "2026-03-20");
        publish(&app);
        let moved = visit(&app, &before.id);
        assert_eq!(moved.revision, Some(3));
        assert!(moved.day > after.day);
        assert_eq!(scheduled(&app).iter().filter(|visit| visit.revision == Some(1)).count(), 1);
    });
}

#[test]
fn a_withdrawn_visit_names_what_replaced_it() {
    on_both(|database| {
        let app = app(database);
        settle(&app);
        let licence = filed(&app, "licence", NOODLES, "2026-03-16", "2026-03-17");
        let exits = filed(&app, "exits", NOODLES, "2026-03-25", "2026-03-26");
        publish(&app);
        let before = scheduled(&app);
        assert_eq!(before.len(), 2);
        for request in [&licence, &exits] {
            move_to(&app, &request.id, "2026-03-18", "2026-03-19");
        }
        publish(&app);
        let after = scheduled(&app);
        assert_eq!(after.len(), 1, "both at once: {after:?}");
        // the nearer one goes on
        assert_eq!((&after[0].id, after[0].revision), (&before[0].id, Some(2)));
        let gone = visit(&app, &before[1].id);
        assert_eq!(gone.state, VisitState::Withdrawn);
        assert_eq!((gone.day, gone.revision), (before[1].day, Some(1)));
        assert_eq!(gone.replaced_by, [after[0].id.clone()]);
        // one whose request was called off has nothing in its place
        let because = Because { reason: "closed down".into() };
        for request in [&licence, &exits] {
            handling::cancel(&app, &caller(), &request.id, &because).expect("cancelled");
        }
        publish(&app);
        assert_eq!(scheduled(&app), []);
        let gone = visit(&app, &after[0].id);
        assert_eq!((gone.state, gone.replaced_by.len()), (VisitState::Withdrawn, 0));
    });
}

#[test]
fn why_not_is_kept_for_every_horizon() {
    let app = &app(&sqlite());
    settle(app);
    // nobody is there on its only day
    let found = onevisit::app::register::pool(app, &caller(), "ecology").expect("the pool");
    let mut pool = found.value;
    pool.days.insert("2026-03-16".parse().expect("a day"), 0);
    onevisit::app::register::replace_pool(app, &caller(), &pool, found.version).expect("away");
    let left = filed(app, "fumes", NOODLES, "2026-03-16", "2026-03-16");
    filed(app, "licence", DUMPLINGS, "2026-03-16", "2026-03-18");
    let (first, second) = (publish(app), publish(app));
    let found = requests::get(app, &caller(), &left.id).expect("a request");
    let plans: Vec<&String> = found.left_out.iter().map(|without| &without.plan).collect();
    assert_eq!(plans, [&second, &first], "the newest first");
    for without in &found.left_out {
        assert_eq!(without.start.to_string(), "2026-03-02");
        assert!(!without.reason.is_empty() && without.reason != without.code);
    }
    assert_eq!(found.visits, []);
}

#[test]
fn a_visit_of_the_past_is_neither_withdrawn_nor_changed() {
    let past = Arc::new(AtomicI64::new(0));
    let database = sqlite();
    let options = moved_by_hand(&past);
    let app = App::open(&database.address, &StoreOptions::default(), options).expect("it opens").0;
    settle(&app);
    let licence = filed(&app, "licence", NOODLES, "2026-03-03", "2026-03-04");
    filed(&app, "food", DUMPLINGS, "2026-03-24", "2026-03-25");
    publish(&app);
    let before = scheduled(&app).remove(0);
    // made before the day, published after it: its request was called off meanwhile
    handling::withdraw(&app, &caller(), &licence.id).expect("withdrawn");
    let draft = plan(&app, json!({})).plan.expect("a plan");
    past.store(5 * 86_400, Ordering::Relaxed);
    plans::publish(&app, &caller(), &draft, 1).expect("published");
    let after = visit(&app, &before.id);
    assert_eq!((after.state, after.revision), (VisitState::Scheduled, Some(1)));
    assert_eq!(after.requests.len(), 1);
}

#[test]
fn a_draft_of_a_day_that_is_over_is_not_published() {
    let past = Arc::new(AtomicI64::new(0));
    let database = sqlite();
    let options = moved_by_hand(&past);
    let app = App::open(&database.address, &StoreOptions::default(), options).expect("it opens").0;
    settle(&app);
    filed(&app, "licence", NOODLES, "2026-03-03", "2026-03-04");
    let draft = plan(&app, json!({})).plan.expect("a plan");
    past.store(5 * 86_400, Ordering::Relaxed);
    match plans::publish(&app, &caller(), &draft, 1) {
        Err(Error::Conflict(why)) => assert_eq!(why.code(), "plan-outdated"),
        other => panic!("{other:?}"),
    }
    assert_eq!(scheduled(&app), []);
}
