//! The register's rules on tiny facts.

use super::area::{AreaTree, Level, Misplaced};
use super::authority::{Act, Entry, Matrix};
use super::days::{is_open_weekday, is_open_weekdays, part, spans};
use super::form::{Check, merge};
use super::staff::{Inspector, can_staff, lacking};
use super::uptake::{Facts, Suggestion, Thresholds, UptakeReason, suggest};
use crate::domain::problem::Span;
use chrono::{Datelike, NaiveDate};
use std::collections::BTreeSet;

fn day(month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, month, day).expect("a day")
}

fn tree() -> AreaTree {
    let mut tree = AreaTree::default();
    tree.put("county", Level::County, None);
    tree.put("north", Level::Town, Some("county"));
    tree.put("south", Level::Town, Some("county"));
    tree.put("mill", Level::Village, Some("north"));
    tree
}

#[test]
fn areas_lie_in_each_other() {
    let mut tree = tree();
    assert_eq!(tree.chain("mill"), ["mill", "north", "county"]);
    assert!(tree.contains("county", "mill") && tree.contains("mill", "mill"));
    assert!(!tree.contains("south", "mill") && !tree.contains("mill", "north"));
    assert_eq!(tree.of_level(Level::Town).collect::<Vec<_>>(), ["north", "south"]);
    assert_eq!(tree.children("county").collect::<Vec<_>>(), ["north", "south"]);
    assert_eq!(tree.misplaced("mill"), None);
    tree.put("north", Level::Town, Some("mill"));
    assert_eq!(tree.misplaced("north"), Some(Misplaced::LevelNotBelow));
    // a circle does not hang
    assert_eq!(tree.chain("mill").len(), 4);
    tree.put("north", Level::Town, Some("nowhere"));
    assert_eq!(tree.misplaced("north"), Some(Misplaced::UnknownParent));
    tree.put("west", Level::Town, Some("south"));
    assert_eq!(tree.misplaced("west"), Some(Misplaced::LevelNotBelow), "a town in a town");
}

fn entry(id: &str, body: &str, area: &str, act: Act, from: NaiveDate) -> Entry {
    Entry {
        id: id.into(),
        item: "item".into(),
        body: body.into(),
        area: area.into(),
        act,
        from,
        until: None,
        delegator: (act == Act::Delegate).then(|| "bureau".into()),
    }
}

fn holders(entries: &[Entry], area: &str, on: NaiveDate) -> Vec<String> {
    let tree = tree();
    let matrix = Matrix::new(&tree, entries);
    matrix.holders("item", area, on).into_iter().map(|holding| holding.body.to_owned()).collect()
}

#[test]
fn a_delegation_moves_an_item_and_a_recall_moves_it_back() {
    let entries = [
        entry("1", "bureau", "county", Act::Hold, day(1, 1)),
        entry("2", "town", "north", Act::Delegate, day(3, 1)),
        entry("3", "town", "north", Act::Recall, day(6, 1)),
    ];
    assert_eq!(holders(&entries, "mill", day(1, 1)), ["bureau"]);
    assert_eq!(holders(&entries, "mill", day(2, 28)), ["bureau"], "the day before");
    assert_eq!(holders(&entries, "mill", day(3, 1)), ["town"]);
    assert_eq!(holders(&entries, "south", day(3, 1)), ["bureau"], "only in the north");
    assert_eq!(holders(&entries, "north", day(6, 1)), ["bureau"]);
    assert_eq!(holders(&entries, "north", NaiveDate::MIN), [""; 0]);
}

#[test]
fn gaps_and_many_heads_are_seen() {
    let mut entries = vec![
        entry("1", "bureau", "county", Act::Hold, day(1, 1)),
        entry("2", "city-bureau", "county", Act::Hold, day(1, 1)),
        entry("3", "bureau", "south", Act::Recall, day(2, 1)),
    ];
    assert_eq!(holders(&entries, "north", day(2, 1)), ["bureau", "city-bureau"], "two heads");
    // the smaller area's entry decides
    assert_eq!(holders(&entries, "south", day(2, 1)), ["city-bureau"]);
    entries[1].until = Some(day(2, 10));
    assert_eq!(holders(&entries, "south", day(2, 10)), ["city-bureau"], "the last day");
    assert_eq!(holders(&entries, "south", day(2, 11)), [""; 0], "a gap");
    assert_eq!(holders(&[], "south", day(2, 11)), [""; 0]);
    // an entry that ran out leaves the larger area's in force
    let mut entries = vec![
        entry("1", "bureau", "county", Act::Hold, day(1, 1)),
        entry("2", "town", "north", Act::Delegate, day(2, 1)),
    ];
    entries[1].until = Some(day(2, 28));
    assert_eq!(holders(&entries, "north", day(3, 1)), ["bureau"]);
}

#[test]
fn days_become_spans() {
    let march = Span { first: day(3, 1), last: day(3, 31) };
    let found = spans(march, |day| day.day() <= 2 || day.day() == 31);
    let wanted =
        [Span { first: day(3, 1), last: day(3, 2) }, Span { first: day(3, 31), last: day(3, 31) }];
    assert_eq!(found, wanted);
    assert_eq!(spans(march, |_| true), [march]);
    assert_eq!(part(march, Span { first: day(3, 31), last: day(4, 5) }), Some(wanted[1]));
    assert_eq!(part(march, Span { first: day(4, 1), last: day(4, 5) }), None);
    assert!(is_open_weekday("12345", day(3, 2)) && !is_open_weekday("12345", day(3, 7)));
    assert!(is_open_weekdays("1234567") && is_open_weekdays("7"));
    assert!(!is_open_weekdays("") && !is_open_weekdays("21") && !is_open_weekdays("08"));
}

#[test]
fn a_merged_form_asks_nothing_twice() {
    let check = |item: &str, standard: Option<&str>, zh: &str| Check {
        item: item.into(),
        standard: standard.map(Into::into),
        zh: zh.into(),
        en: zh.into(),
    };
    let questions = merge(&[
        check("licence", None, "营业执照是否亮证？"),
        check("fire", Some("GB 55037 7.1"), "疏散通道是否畅通"),
        check("food", None, "营业执照 是否亮证"),
        check("safety", Some("gb 55037-7.1"), "安全出口有无堵塞"),
        check("fire", None, "安全出口有无堵塞。"),
        check("food", None, "是否留样"),
    ]);
    let answers: Vec<(&str, Vec<&str>)> = questions
        .iter()
        .map(|q| (q.zh.as_str(), q.items.iter().map(String::as_str).collect()))
        .collect();
    let wanted = [
        ("营业执照是否亮证？", vec!["licence", "food"]),
        ("疏散通道是否畅通", vec!["fire", "safety"]),
        ("是否留样", vec!["food"]),
    ];
    assert_eq!(answers, wanted);
    assert_eq!(questions[1].standards.len(), 2, "as each wrote it");
    assert!(merge(&[]).is_empty());
}

#[test]
fn grades_hold_from_their_day_on() {
    let history = [(day(3, 1), 'B'), (day(1, 1), 'A'), (day(6, 1), 'C')];
    let on = |on| super::grade::on_day(&history, on);
    assert_eq!(on(day(2, 28)), Some('A'));
    assert_eq!(on(day(3, 1)), Some('B'));
    assert_eq!(on(day(12, 1)), Some('C'));
    assert_eq!(on(NaiveDate::from_ymd_opt(2025, 12, 31).expect("a day")), None);
}

#[test]
fn absences_certificates_and_recusals_count() {
    let inspector = |qualification: &str| Inspector {
        minutes: 300,
        certificate: Span { first: day(1, 1), last: day(3, 31) },
        qualifications: BTreeSet::from([qualification.to_owned()]),
        away: vec![Span { first: day(3, 2), last: day(3, 3) }],
        recused: BTreeSet::from(["shop".to_owned()]),
    };
    let mut staff = vec![inspector("boilers"), inspector("food")];
    staff[1].away.clear();
    staff[1].recused.clear();
    assert_eq!(lacking(&staff, 600, day(3, 2)), (300, 1));
    assert_eq!(lacking(&staff, 600, day(3, 4)), (0, 0));
    assert_eq!(lacking(&staff, 500, day(4, 1)), (500, 2), "certificates ran out");
    let march = || day(3, 2).iter_days().take(10);
    let can = |enterprise, qualification, crew| {
        can_staff(&staff, enterprise, qualification, crew, march())
    };
    assert!(can("mill", None, 2) && can("mill", Some("boilers"), 1));
    assert!(!can("shop", None, 2), "one of them is recused");
    assert!(!can("mill", Some("boilers"), 2));
    assert!(!can_staff(&staff, "mill", Some("boilers"), 1, day(3, 2).iter_days().take(2)));
}

#[test]
fn an_item_goes_where_it_is_wanted_and_can_be_carried() {
    let facts = Facts {
        demand: 12,
        demand_minutes: 800,
        people: 4,
        qualified: 2,
        free_minutes: 1_000,
        crew: 2,
        at_high_risk: 4,
        has_law_licence: false,
    };
    let on = |facts: Facts, is_delegated| suggest(&facts, is_delegated, &Thresholds::default());
    use Suggestion::{Delegate, Keep, Recall};
    let good =
        [UptakeReason::EnoughDemand, UptakeReason::EnoughCapacity, UptakeReason::RiskBearable];
    assert_eq!(on(facts, false), (Delegate, good));
    assert_eq!(on(facts, true), (Keep, good));
    let seldom = Facts { demand: 11, ..facts };
    assert_eq!((on(seldom, false).0, on(seldom, true).0), (Keep, Keep));
    let cases = [
        (Facts { people: 1, ..facts }, 1, UptakeReason::TooFewPeople),
        (Facts { qualified: 1, ..facts }, 1, UptakeReason::TooFewQualified),
        (Facts { demand_minutes: 801, ..facts }, 1, UptakeReason::TooFewMinutes),
        (Facts { at_high_risk: 5, ..facts }, 2, UptakeReason::HighRisk),
    ];
    for (facts, dimension, reason) in cases {
        let (suggestion, reasons) = on(facts, true);
        assert_eq!((suggestion, reasons[dimension]), (Recall, reason));
        assert_eq!(on(facts, false).0, Keep);
    }
    let licensed = Facts { at_high_risk: 12, has_law_licence: true, ..facts };
    assert_eq!(on(licensed, false).0, Delegate);
    assert_eq!(Facts { demand: 0, at_high_risk: 0, ..facts }.risk_percent(), 0);
}
