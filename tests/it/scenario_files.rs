//! Scenario files: the shipped ones, and what is reported of those with defects.

use crate::support::county::{caller, scenario, with};
use crate::support::database::{app, on_both, read, sqlite};
use onevisit::app::register::scenario_files;
use onevisit::app::{Error, register};
use onevisit::domain::Defect;
use onevisit::wire::json::from_toml;
use onevisit::wire::register::scenario::Scenario;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;

#[test]
fn sixty_seven_published_scenarios_are_shipped() {
    let shipped = scenario_files::shipped();
    assert_eq!(shipped.len(), 67);
    let mut items: BTreeMap<&str, (&str, i64)> = BTreeMap::new();
    for scenario in &shipped {
        assert!(!scenario.source.title.is_empty(), "{}", scenario.id);
        assert!(
            scenario.limits.max_departments.value >= scenario.departments.len() as i64
                || !scenario.limits.max_departments.assumed
        );
        for item in scenario.departments.iter().flat_map(|part| &part.items) {
            // what no source prints says so
            assert!(item.minutes.assumed, "{}: no source prints minutes", item.id);
            assert!(item.inspectors.value >= 2, "{}: the law asks for two", item.id);
            let known = (item.name.zh.as_str(), item.minutes.value);
            assert_eq!(*items.entry(&item.id).or_insert(known), known, "{}", item.id);
        }
    }
    let crew: Vec<&str> = shipped
        .iter()
        .filter(|s| !s.limits.max_inspectors.assumed)
        .map(|s| s.id.as_str())
        .collect();
    assert_eq!(crew, ["SC39", "SC49"], "two sources print how many come");
}

/// What the published list says, where it is at hand.
#[test]
fn shipped_scenarios_say_what_their_sources_say() {
    let published = Path::new("../shared/data/scenarios.json");
    let Ok(text) = std::fs::read_to_string(published) else { return };
    let published: Vec<Value> = serde_json::from_str(&text).expect("JSON");
    let shipped = scenario_files::shipped();
    assert_eq!(published.len(), shipped.len());
    for (wanted, scenario) in published.iter().zip(&shipped) {
        assert_eq!(wanted["id"], scenario.id);
        assert_eq!(wanted["name_zh"], scenario.name.zh);
        assert_eq!(wanted["frequency"], scenario.frequency);
        assert_eq!(wanted["source"], scenario.source.title);
        assert_eq!(wanted["lead_published"], scenario.lead_published);
        let codes: Vec<&str> =
            wanted["gbt4754"].as_array().expect("codes").iter().filter_map(Value::as_str).collect();
        assert_eq!(codes, scenario.gbt4754);
        let departments = wanted["departments"].as_array().expect("departments");
        assert_eq!(departments.len(), scenario.departments.len());
        for (wanted, part) in departments.iter().zip(&scenario.departments) {
            assert_eq!(wanted["name_en"], part.id);
            assert_eq!(wanted["name_zh"], part.name.zh);
            let items = wanted["items"].as_array().expect("items");
            let said: Vec<(&Value, &Value)> =
                items.iter().map(|i| (&i["zh"], &i["published"])).collect();
            let ours: Vec<(Value, Value)> =
                part.items.iter().map(|i| (json!(i.name.zh), json!(i.published))).collect();
            assert_eq!(said, ours.iter().map(|(a, b)| (a, b)).collect::<Vec<_>>());
        }
    }
}

#[test]
fn every_defect_of_a_file_is_reported() {
    let text = r#"
        format = "onevisit-scenario/2"
        id = "a b"
        name = { zh = "", en = "Bakeries" }
        industry = "bakeries"
        gbt4754 = ["14", "bread", "X"]
        colour = "red"
        frequency = "monthly"
        lead = "police"
        lead_published = "yes"
        [source]
        title = "somewhere"
        confidence = "E"
        [limits]
        max_departments = { value = 1, assumed = true }
        max_inspectors = 6
        [[departments]]
        id = "fire"
        name = { zh = "消防", en = "Fire" }
        [[departments.items]]
        id = "exits"
        name = { zh = "出口", en = "Exits" }
        minutes = { value = 0 }
        inspectors = { value = 2.5, assumed = true }
        [[departments]]
        id = "fire"
        name = { zh = "消防", en = "Fire" }
        items = []
    "#;
    let defects: Vec<Defect> = from_toml::<Scenario>(text).expect_err("defects");
    let reported: Vec<String> =
        defects.iter().map(|d| format!("{} {}", d.pointer, d.code())).collect();
    for wanted in [
        "/format unknown-value",
        "/id bad-id",
        "/name/zh blank",
        "/gbt4754/1 bad-industry",
        "/gbt4754/2 bad-industry",
        "/colour unknown-field",
        "/lead_published wrong-type",
        "/source/confidence unknown-value",
        "/limits/max_departments/value out-of-range",
        "/limits/max_inspectors wrong-type",
        "/limits/max_minutes missing-field",
        "/departments/0/items/0/minutes/value out-of-range",
        "/departments/0/items/0/minutes/assumed missing-field",
        "/departments/0/items/0/published missing-field",
        "/departments/0/items/0/inspectors/value not-a-whole-number",
        "/departments/1/items empty-list",
        "/departments/1/id duplicate-id",
        "/lead unknown-lead",
    ] {
        assert!(reported.iter().any(|line| line == wanted), "{wanted} in {reported:#?}");
    }
    assert_eq!(reported.len(), 18, "and nothing else: {reported:#?}");
    let not_toml = from_toml::<Scenario>("id = ").expect_err("no TOML");
    assert_eq!(not_toml[0].code(), "not-toml");
}

#[test]
fn an_item_is_the_same_in_every_scenario() {
    on_both(|database| {
        let app = app(database);
        let add = |value: Value| register::add_scenario(&app, &caller(), &read(value));
        assert!(add(scenario()).expect("new"));
        assert!(!add(scenario()).expect("the same again"), "changes nothing");
        let changed = with(scenario(), json!({ "frequency": "twice" }));
        assert!(matches!(add(changed), Err(Error::Conflict(why)) if why.code() == "taken"));
        let mut other = with(scenario(), json!({ "id": "canteens" }));
        other["departments"][0]["items"][1]["minutes"]["value"] = json!(41);
        other["departments"][1]["items"][0]["name"]["en"] = json!("Doors");
        let Err(Error::Invalid(defects)) = add(other) else { panic!("defects") };
        let reported: Vec<(&str, &str)> =
            defects.iter().map(|d| (d.code(), d.pointer.as_str())).collect();
        let wanted = [
            ("item-differs", "/departments/0/items/1"),
            ("item-differs", "/departments/1/items/0"),
        ];
        assert_eq!(reported, wanted);
        let missing = register::scenario(&app, &caller(), "canteens");
        assert!(matches!(missing, Err(Error::NotFound(_))), "nothing half done");
    });
}

#[test]
fn files_are_distinguished_from_folders_and_from_what_is_too_large() {
    let database = sqlite();
    let onevisit::app::Address::Sqlite(place) = &database.address else { unreachable!() };
    let folder = place.parent().expect("a folder");
    for (name, bytes) in [("b.toml", 10), ("a.toml", 2_000_000), ("c.txt", 5)] {
        std::fs::write(folder.join(name), " ".repeat(bytes)).expect("written");
    }
    let files = scenario_files::files_of(folder).expect("a list");
    assert_eq!(files, [folder.join("a.toml"), folder.join("b.toml")]);
    let large = scenario_files::read(&files[0]).expect_err("too large");
    assert!(large.to_string().contains("defects=1"), "{large}");
    scenario_files::read(&folder.join("none.toml")).expect_err("not there");
}
