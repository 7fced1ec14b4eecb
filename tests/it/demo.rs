//! The made-up district.

use crate::support::database::{Database, on_both, options, postgres, sqlite};
use onevisit::app::planning::{plans, worker};
use onevisit::app::register::scenario_files;
use onevisit::app::visits::schedule;
use onevisit::app::{App, Caller, Error, StoreOptions};
use onevisit::domain::codes::{credit_code_defect, is_in_industry};
use onevisit::samples::demo;
use onevisit::samples::demo::{District, Options, RunLimits};
use onevisit::wire::requests::request::NewRequest;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::AtomicBool;

fn district(enterprises: usize, seed: u64) -> District {
    demo::district(&Options { enterprises, seed }, scenario_files::shipped())
}

#[test]
fn the_same_seed_makes_the_same_district() {
    let same = |a: &District, b: &District| {
        (a.enterprises == b.enterprises, a.requests == b.requests, a.pools == b.pools)
    };
    let first = district(200, 7);
    assert_eq!(same(&first, &district(200, 7)), (true, true, true));
    assert_eq!(same(&first, &district(200, 8)), (false, false, false));
}

#[test]
fn the_district_is_sound_and_says_that_it_is_made_up() {
    let district = district(400, 1);
    assert!(district.name.zh.contains("虚构") && district.name.en.contains("made up"));
    let mut codes = BTreeSet::new();
    for enterprise in &district.enterprises {
        assert_eq!(credit_code_defect(&enterprise.id), None, "{}", enterprise.id);
        assert!(codes.insert(&enterprise.id));
        assert!(enterprise.name.zh.contains("虚构") && enterprise.name.en.contains("made up"));
    }
    let of_scenarios: BTreeSet<&str> = district
        .scenarios
        .iter()
        .flat_map(|s| &s.departments)
        .flat_map(|part| &part.items)
        .map(|item| item.id.as_str())
        .collect();
    let own: BTreeSet<&str> = district.items.iter().map(|item| item.id.as_str()).collect();
    assert!(own.is_disjoint(&of_scenarios));
    assert!(own.len() * 5 >= (own.len() + of_scenarios.len()) * 2, "two fifths without scenario");
    // every published industry has somebody in it
    let large = demo::district(&Options { enterprises: 6_000, seed: 1 }, scenario_files::shipped());
    for scenario in &large.scenarios {
        let is_met = large.enterprises.iter().any(|enterprise| {
            scenario.gbt4754.iter().any(|p| is_in_industry(&enterprise.industry, p))
        });
        assert!(is_met, "{}: nobody of {:?}", scenario.id, scenario.gbt4754);
    }
}

fn planned(database: &Database, district: &District, options_of_it: &Options) -> (App, String) {
    let app = App::open(&database.address, &StoreOptions::default(), options()).expect("opens").0;
    demo::file(&app, options_of_it, district).expect("filed");
    let limits = RunLimits { work: Some(30_000), seconds: None, gap: 0.0 };
    let run = demo::plan(&app, district, &limits).expect("a run");
    while worker::step(&app, &AtomicBool::new(false)).expect("work") {}
    (app, run.id)
}

#[test]
fn both_databases_hold_the_same_district_and_plan() {
    let of_it = Options { enterprises: 80, seed: 3 };
    let district = demo::district(&of_it, scenario_files::shipped());
    let results: Vec<(i64, i64, Vec<String>)> = [sqlite(), postgres()]
        .iter()
        .map(|database| {
            let (app, run) = planned(database, &district, &of_it);
            let caller = Caller::local();
            let run = onevisit::app::planning::runs::get(&app, &caller, &run).expect("the run");
            let id = run.plan.expect("a plan");
            let plan = plans::get(&app, &caller, &id).expect("the plan").value;
            let filter = onevisit::app::VisitFilter { plan: Some(id), ..Default::default() };
            let paging = onevisit::app::paging::Paging::new(None, Some(1_000)).expect("paging");
            let visits = schedule::list(&app, &caller, &filter, &paging).expect("visits").items;
            let lines = visits.iter().map(|visit| {
                let requests: BTreeSet<&str> =
                    visit.requests.iter().filter_map(|r| r.reference.as_deref()).collect();
                format!("{} {} {:?} {requests:?}", visit.day, visit.enterprise, visit.scenario)
            });
            let lines: BTreeSet<String> = lines.collect();
            (plan.cost, plan.bound, lines.into_iter().collect())
        })
        .collect();
    assert!(results[0].2.len() > 20, "{}", results[0].2.len());
    assert_eq!(results[0], results[1]);
}

#[test]
fn a_start_that_was_cut_short_is_repeated_and_doubles_nothing() {
    on_both(|database| {
        let of_it = Options { enterprises: 30, seed: 2 };
        let district = demo::district(&of_it, scenario_files::shipped());
        let app = App::open(&database.address, &StoreOptions::default(), options());
        let app = app.expect("opens").0;
        // only the first half of the requests came through
        let half: Vec<NewRequest> = district.requests[..district.requests.len() / 2].to_vec();
        let requests = district.requests.clone();
        let cut = District { requests: half, ..district };
        demo::file(&app, &of_it, &cut).expect("filed");
        let whole = District { requests, ..cut };
        for _ in 0..2 {
            demo::file(&app, &of_it, &whole).expect("filed");
        }
        let paging = onevisit::app::paging::Paging::new(None, Some(1_000)).expect("paging");
        let caller = Caller::local();
        let all = onevisit::app::requests::list(&app, &caller, &Default::default(), &paging);
        let all = all.expect("a list").items;
        let references: BTreeMap<Option<String>, usize> =
            all.iter().map(|request| (request.filed.reference.clone(), 1)).collect();
        assert_eq!((all.len(), references.len()), (whole.requests.len(), whole.requests.len()));
        let limits = RunLimits { work: Some(100), seconds: None, gap: 0.0 };
        let first = demo::plan(&app, &whole, &limits).expect("a run");
        assert_eq!(demo::plan(&app, &whole, &limits).expect("the same").id, first.id);
        let other = Options { seed: 4, ..of_it };
        let refused = demo::file(&app, &other, &whole);
        assert!(matches!(&refused, Err(Error::Conflict(why)) if why.code() == "other-demo"));
    });
}

#[test]
fn the_demo_leaves_other_data_alone() {
    let database = sqlite();
    let app = crate::support::database::app(&database);
    crate::support::county::settle(&app);
    let of_it = Options { enterprises: 5, seed: 1 };
    let refused = demo::file(&app, &of_it, &demo::district(&of_it, scenario_files::shipped()));
    assert!(
        matches!(&refused, Err(Error::Conflict(why)) if why.code() == "not-empty"),
        "{refused:?}"
    );
}
