//! What the rules' tests share, and tests of counting, of what is fed to the optimiser and of plans.

use super::case::*;
use super::feed::Mergeable;
use super::plan::{PlanFacts, Planned, PlannedRequest};
use super::*;
use crate::domain::problem::Span;
use crate::domain::register::area::Level;
use crate::domain::register::enterprise::{List, Subject};
use crate::domain::register::grade::Grade;
use crate::domain::register::item::Method;
use crate::domain::requests::{Contact, Kind};
use crate::wire::law::rule_pack::{read, resolve, shipped_document};
use chrono::{Datelike, NaiveDate, Weekday};
use std::collections::BTreeMap;

/// A pack that changes the national one: pairs of a rule's number and its TOML.
pub(super) fn pack(rules: &[(&str, &str)]) -> Pack {
    let mut text = "format = \"onevisit-rules/1\"\nid = \"t\"\nversion = 1\nfrom = 2026-01-01\n\
                    name = { zh = \"试\", en = \"Trial\" }\nextends = \"national\"\n"
        .to_owned();
    for (number, rule) in rules {
        let source = "source = { document = \"a decree\", place = \"here\", confidence = \"A\" }";
        text += &format!("[rules.{number}]\n{source}\n{rule}\n");
    }
    let document = read(&text).expect("a document");
    resolve(document, &shipped_document).expect("a pack")
}

pub(super) fn on(month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, month, day).expect("a day")
}

pub(super) fn span(first: NaiveDate, last: NaiveDate) -> Span {
    Span { first, last }
}

pub(super) fn is_weekday(day: NaiveDate) -> bool {
    !matches!(day.weekday(), Weekday::Sat | Weekday::Sun)
}

/// A plain daily filing of FIRE for April 2026, today being 2 March.
pub(super) fn case() -> Case<'static> {
    Case {
        today: on(3, 2),
        request: Filing {
            department: "fire",
            kind: Kind::Daily,
            reason: None,
            contact: Contact::Inspection,
            earliest: on(4, 1),
            latest: on(4, 30),
            inspectors: 2,
            minutes: 60,
            is_solo: false,
            plan: None,
            draw: None,
            agreement: None,
            on_site_reason: None,
            is_approved: true,
        },
        item: item("fire-1", "fire"),
        enterprise: enterprise(),
        body: BodyCase {
            department: "fire",
            level: Some(Level::County),
            inspects: Some(true),
            areas: vec!["county"],
            holds: None,
        },
        visits: Vec::new(),
        open: Vec::new(),
        is_workday: &is_weekday,
    }
}

pub(super) fn item<'c>(id: &'c str, department: &'c str) -> ItemCase<'c> {
    ItemCase {
        id,
        department,
        class: None,
        method: Method::OnSite,
        published_from: None,
        published_to: None,
        notice_days: 0,
        valid_days: 0,
    }
}

pub(super) fn enterprise() -> EnterpriseCase<'static> {
    EnterpriseCase {
        id: "E1",
        areas: vec!["town", "county"],
        industry: "6110",
        risk: Grade::B,
        credit: Grade::B,
        safety_level: None,
        subject: Subject::Enterprise,
        joint_opt_out: false,
        is_named: false,
        listings: Vec::new(),
        quiet: Vec::new(),
    }
}

/// A visit of departments, each with its first item and a kind.
pub(super) fn held(day: NaiveDate, parts: &[(&'static str, Kind)]) -> Held<'static> {
    let part = |(department, kind): &(&'static str, Kind)| Part {
        department,
        item: if *department == "fire" { "fire-1" } else { "health-1" },
        kind: *kind,
        reason: None,
        contact: Contact::Inspection,
    };
    Held {
        id: "V",
        day,
        parts: parts.iter().map(part).collect(),
        scenario: (parts.len() > 1).then_some("S1"),
        lead: None,
        inspectors: Vec::new(),
        found: None,
    }
}

pub(super) fn open(
    (id, department): (&'static str, &'static str),
    (earliest, latest): (NaiveDate, NaiveDate),
) -> Open<'static> {
    Open {
        id,
        department,
        level: None,
        item: "other",
        kind: Kind::Daily,
        reason: None,
        earliest,
        latest,
        minutes: 60,
    }
}

#[test]
fn exempt_visits_are_reported_beside_counted_ones() {
    let visits = [
        held(on(1, 5), &[("fire", Kind::Daily)]),
        held(on(1, 12), &[("fire", Kind::Clue)]),
        held(on(2, 2), &[("fire", Kind::Case), ("health", Kind::Daily)]),
        held(on(2, 9), &[("health", Kind::Daily)]),
    ];
    let national = pack(&[]);
    let counter = national.counter(&visits, "fire", 2026);
    assert_eq!((counter.counted, counter.with_exempt), (1, 3));
    assert_eq!(national.counter(&visits, "fire", 2025), Default::default());
    let all = national.counter_of_all(&visits, 2026);
    assert_eq!((all.counted, all.with_exempt), (3, 4));
    // the other reading of the ministry's answers: case-based ones count
    let strict = pack(&[("R07", "exempt_kinds = [\"clue\"]")]);
    assert_eq!(strict.counter(&visits, "fire", 2026).counted, 2);
    let off = pack(&[("R07", "severity = \"off\"")]);
    assert_eq!(off.counter(&visits, "fire", 2026).counted, 3);
}

#[test]
fn a_joint_visit_counts_for_each_or_for_its_lead() {
    let mut visit = held(on(2, 2), &[("fire", Kind::Daily), ("health", Kind::Daily)]);
    let count = |pack: &Pack, visit: &Held| {
        let visits = [visit.clone()];
        (pack.counter(&visits, "fire", 2026).counted, pack.counter(&visits, "health", 2026).counted)
    };
    assert_eq!(count(&pack(&[]), &visit), (1, 1));
    let once = pack(&[("R06", "joint_counts = \"once\"")]);
    assert_eq!(count(&once, &visit), (1, 0));
    visit.lead = Some("health");
    assert_eq!(count(&once, &visit), (0, 1));
}

#[test]
fn the_most_specific_cap_counts() {
    let caps = "caps = [
        { at_most = 9 },
        { industries = [\"C\"], at_most = 8 },
        { industries = [\"26\", \"F\"], at_most = 7 },
        { industries = [\"26\"], risk = \"D\", at_most = 6 },
        { industries = [\"26\"], risk = \"D\", credit = \"A\", at_most = \"none\" },
        { department = \"fire\", at_most = 5 },
        { department = \"fire\", level = \"city\", at_most = 4 },
        { risk = \"C\", at_most = 3 },
        { credit = \"C\", at_most = 2 },
        { subject = \"partnership\", safety_level = \"no_level\", at_most = 1 },
    ]";
    let pack = pack(&[("R06", caps)]);
    let mut e = enterprise();
    let cap = |e: &EnterpriseCase, department, level| pack.cap(e, department, level);
    assert_eq!(cap(&e, "health", None), Some(9));
    assert_eq!(cap(&e, "fire", None), Some(5), "the department before all else");
    assert_eq!(cap(&e, "fire", Some(Level::City)), Some(4));
    e.industry = "1310";
    assert_eq!(cap(&e, "health", None), Some(8));
    e.industry = "2610";
    assert_eq!(cap(&e, "health", None), Some(7), "the longer industry before the section");
    e.risk = Grade::D;
    assert_eq!(cap(&e, "health", None), Some(6));
    e.credit = Grade::A;
    assert_eq!(cap(&e, "health", None), None, "by need");
    let mut alike = enterprise();
    (alike.risk, alike.credit) = (Grade::C, Grade::C);
    assert_eq!(cap(&alike, "health", None), Some(2), "equally specific: the stricter");
    alike.subject = Subject::Partnership;
    assert_eq!(cap(&alike, "health", None), Some(1), "two conditions before one");
    alike.subject = Subject::SocialGroup;
    assert_eq!(cap(&alike, "health", None), None, "of whom caps do not speak");
}

#[test]
fn inspectors_who_find_nothing_stay_away() {
    let visit = |day, found, people: &[&'static str]| Held {
        found: Some(found),
        inspectors: people.to_vec(),
        ..held(day, &[("fire", Kind::Daily)])
    };
    let visits = [
        visit(on(1, 5), true, &["p", "q"]),
        visit(on(2, 2), false, &["p", "q"]),
        visit(on(2, 9), false, &["p", "q", "r"]),
        visit(on(3, 9), false, &["p", "r"]),
    ];
    let chengdu = pack(&[("R21", "low_yield_checks = 3")]);
    assert_eq!(chengdu.low_yield(&visits, on(4, 1)), ["p"]);
    assert!(
        chengdu.low_yield(&visits, on(3, 9)).is_empty(),
        "the day's own check is not before it"
    );
    let later = NaiveDate::from_ymd_opt(2027, 2, 3).expect("a day");
    assert!(chengdu.low_yield(&visits, later).is_empty(), "one of them is over a year ago");
    assert!(pack(&[]).low_yield(&visits, on(4, 1)).is_empty());
}

#[test]
fn caps_of_a_horizon_split_at_new_year_and_leave_out_history() {
    let rules = [
        ("R06", "caps = [{ department = \"fire\", at_most = 2 }]"),
        (
            "R20",
            "budgets = [{ at_most = 4 }, { risk = \"B\", at_most = 3 }]\njoint_per_scenario = 1",
        ),
    ];
    let visits = [
        held(on(2, 2), &[("fire", Kind::Daily), ("health", Kind::Daily)]),
        held(on(3, 2), &[("fire", Kind::Clue)]),
    ];
    let next = NaiveDate::from_ymd_opt(2027, 1, 31).expect("a day");
    let horizon = span(on(12, 1), next);
    let departments = [("fire", Some(Level::County)), ("health", None)];
    let caps = |pack: &Pack| {
        let caps = pack.year_caps(&enterprise(), &departments, &["S1"], &visits, horizon);
        let parts =
            |cap: feed::YearCap| (cap.span.first.year(), cap.department, cap.scenario, cap.at_most);
        caps.into_iter().map(parts).collect::<Vec<_>>()
    };
    let (fire, s1) = (Some("fire".to_owned()), Some("S1".to_owned()));
    let wanted = [
        (2026, fire.clone(), None, 1),
        (2026, None, None, 2),
        (2026, None, s1.clone(), 0),
        (2027, fire, None, 2),
        (2027, None, None, 3),
        (2027, None, s1, 1),
    ];
    assert_eq!(caps(&pack(&rules)), wanted);
    // what is only warned of binds no plan
    let mild = [("R06", "severity = \"warn\""), ("R20", "severity = \"warn\"")];
    let rules = [
        ("R06", format!("{}\n{}", rules[0].1, mild[0].1)),
        ("R20", format!("{}\n{}", rules[1].1, mild[1].1)),
    ];
    let rules: Vec<(&str, &str)> = rules.iter().map(|(n, r)| (*n, r.as_str())).collect();
    assert!(caps(&pack(&rules)).is_empty());
}

#[test]
fn quiet_days_speak_of_whom_they_name() {
    let rows = |scope: &str| {
        pack(&[("R22", &format!("days = [{{ first = 1, last = 25, scope = \"{scope}\" }}]"))])
    };
    let (april, mut e) = (span(on(4, 1), on(4, 30)), enterprise());
    assert!(rows("named").quiet_spans(&e, april).is_empty());
    assert_eq!(rows("all").quiet_spans(&e, april), [span(on(4, 1), on(4, 25))]);
    e.is_named = true;
    assert_eq!(rows("named").quiet_spans(&e, april), [span(on(4, 1), on(4, 25))]);
    e.quiet = vec![span(on(4, 28), on(5, 3))];
    let wanted = [span(on(4, 1), on(4, 25)), span(on(4, 28), on(4, 30))];
    assert_eq!(rows("named").quiet_spans(&e, april), wanted);
    e.subject = Subject::PublicInstitution;
    assert_eq!(rows("all").quiet_spans(&e, april), wanted[1..], "its own days hold all the same");
    let narrow = "days = [{ first = 1, last = 9, scope = \"all\", areas = [\"county\"], industries = [\"H\"] }]";
    let mut e = enterprise();
    assert_eq!(pack(&[("R22", narrow)]).quiet_spans(&e, april), [span(on(4, 1), on(4, 9))]);
    e.industry = "1310";
    assert!(pack(&[("R22", narrow)]).quiet_spans(&e, april).is_empty());
}

#[test]
fn lists_spare_by_department_and_class() {
    let mut e = enterprise();
    e.listings = vec![ListingCase {
        list: List::NoDisturb,
        department: Some("fire"),
        from: on(4, 10),
        to: Some(on(4, 20)),
    }];
    let april = span(on(4, 1), on(4, 30));
    let wanted = [span(on(4, 10), on(4, 20))];
    assert_eq!(pack(&[]).list_spans(&e, "fire", None, april), wanted);
    assert!(pack(&[]).list_spans(&e, "health", None, april).is_empty());
    let safety = "lists = [{ list = \"no_disturb\", item_class = \"safety\", allows = \"everything\" }, \
                  { list = \"no_disturb\", allows = \"exempt\" }]";
    let safety = pack(&[("R23", safety)]);
    assert!(safety.list_spans(&e, "fire", Some("safety"), april).is_empty());
    assert_eq!(safety.list_spans(&e, "fire", Some("fire"), april), wanted);
    let mild = pack(&[("R23", "severity = \"warn\"")]);
    assert!(mild.list_spans(&e, "fire", None, april).is_empty());
}

#[test]
fn crews_sizes_and_notice_are_fed() {
    let national = pack(&[]);
    assert_eq!((national.crew(1), national.crew(5)), (2, 5));
    let one = pack(&[("R03", "min_per_department = 1")]);
    assert_eq!(one.crew(1), 2, "it may come to be held alone");
    assert_eq!(pack(&[("R03", "severity = \"off\"")]).crew(1), 1);
    assert_eq!(national.joint_limits(), feed::JointLimits::default());
    assert_eq!(national.visit_minutes_max(), None);
    let hard = pack(&[("R26", "severity = \"refuse\""), ("R27", "severity = \"refuse\"")]);
    assert_eq!(hard.joint_limits().max_departments, Some(3));
    assert_eq!(hard.visit_minutes_max(), Some(240));
    let mut notified = item("fire-1", "fire");
    let three = pack(&[("R24", "days = 3")]);
    assert_eq!(three.notice_earliest(on(4, 1), &notified, Kind::Daily), on(4, 4));
    assert_eq!(three.notice_earliest(on(4, 1), &notified, Kind::Clue), on(4, 1));
    notified.notice_days = 5;
    assert_eq!(three.notice_earliest(on(4, 1), &notified, Kind::Daily), on(4, 6));
    notified.method = Method::Unannounced;
    assert_eq!(three.notice_earliest(on(4, 1), &notified, Kind::Daily), on(4, 1));
    let (limits, counts_exempt) = national.alarm_limits().expect("on");
    assert_eq!((limits.day, limits.week, limits.month, counts_exempt), (1, 2, 3, true));
    assert_eq!(national.draw_at_most(90), None);
    let fifth = pack(&[("R15", "severity = \"refuse\"\nmost_percent = 20")]);
    assert_eq!(fifth.draw_at_most(94), Some(18));
}

#[test]
fn only_what_can_share_a_visit_is_put_together() {
    let (one, two) = (["S1".to_owned()], ["S2".to_owned()]);
    let request = |id, first, last, minutes, scenarios| Mergeable {
        id,
        window: span(on(4, first), on(4, last)),
        minutes,
        is_solo: false,
        is_exempt: false,
        scenarios,
        allowed: &is_weekday,
    };
    let requests = [
        request("a", 1, 10, 100, &one[..]),
        request("b", 8, 20, 100, &one[..]),
        request("c", 13, 20, 100, &one[..]), // shares no day with a
        request("d", 8, 20, 100, &two[..]),  // no common scenario
        request("e", 1, 20, 200, &one[..]),  // too long with two others
        Mergeable { is_solo: true, ..request("f", 1, 20, 10, &one[..]) },
        Mergeable { is_exempt: true, ..request("g", 1, 20, 10, &one[..]) },
        request("h", 4, 5, 10, &one[..]), // a weekend
    ];
    assert_eq!(pack(&[]).merge_groups(&requests, 240), [vec![0, 1]]);
    assert_eq!(pack(&[]).merge_groups(&requests, 300), [vec![0, 1], vec![2, 4]]);
    let all = pack(&[("R08", "binds_exempt = true")]);
    assert_eq!(all.merge_groups(&requests, 240), [vec![0, 1, 6]]);
    let alike = pack(&[("R11", "minutes_apart = 50")]);
    assert_eq!(alike.merge_groups(&requests, 400), [vec![0, 1]]);
    let mild = pack(&[("R08", "severity = \"warn\"")]);
    assert!(mild.merge_groups(&requests, 240).is_empty());
}

fn planned(id: &'static str, department: &'static str) -> PlannedRequest<'static> {
    PlannedRequest {
        id,
        department,
        level: None,
        item: item("fire-1", department),
        kind: Kind::Daily,
        reason: None,
        allowed: vec![span(on(4, 1), on(4, 30))],
        minutes: 60,
        inspectors: 2,
        is_solo: false,
        is_fixed: false,
        scenarios: vec!["S1"],
    }
}

fn visit(day: NaiveDate, requests: Vec<PlannedRequest<'static>>) -> Planned<'static> {
    let scenario = (requests.len() > 1).then_some("S1");
    Planned { enterprise: "E1", day, scenario, lead: None, requests, inspectors: Vec::new() }
}

fn codes(pack: &Pack, facts: &PlanFacts) -> Vec<(&'static str, &'static str, String)> {
    let found = pack.check_plan(facts).into_iter();
    found.map(|finding| (finding.rule.number(), finding.code(), finding.field)).collect()
}

fn plan(visits: Vec<Planned<'static>>, around: Vec<Held<'static>>) -> PlanFacts<'static> {
    PlanFacts {
        today: on(3, 30),
        merged_minutes_max: 240,
        visits,
        enterprises: BTreeMap::from([("E1", enterprise())]),
        around: BTreeMap::from([("E1", around)]),
    }
}

#[test]
fn a_plan_is_held_against_caps_of_the_year() {
    let around =
        vec![held(on(2, 2), &[("fire", Kind::Daily)]), held(on(6, 1), &[("fire", Kind::Daily)])];
    let joint = visit(on(4, 7), vec![planned("a", "fire"), planned("b", "health")]);
    let caps = |n: u8| pack(&[("R06", &format!("caps = [{{ at_most = {n} }}]"))]);
    let facts = plan(vec![joint.clone()], around.clone());
    assert_eq!(codes(&caps(3), &facts), []);
    assert_eq!(codes(&caps(2), &facts), [("R06", "cap-passed", "/visits/0".into())]);
    let budget = pack(&[("R20", "budgets = [{ at_most = 2 }]")]);
    assert_eq!(codes(&budget, &facts), [("R20", "budget-passed", "/visits/0".into())]);
    let yearly = pack(&[("R20", "joint_per_scenario = 1")]);
    assert_eq!(codes(&yearly, &facts), []);
    let mut again = around.clone();
    again.push(held(on(1, 5), &[("fire", Kind::Daily), ("health", Kind::Daily)]));
    let facts = plan(vec![joint.clone()], again);
    assert_eq!(codes(&yearly, &facts), [("R20", "scenario-budget-passed", "/visits/0".into())]);
    // one visit for both counts for the lead where joint visits count once
    let once = pack(&[(
        "R06",
        "caps = [{ department = \"fire\", at_most = 2 }]\njoint_counts = \"once\"",
    )]);
    let led = Planned { lead: Some("health"), ..joint };
    assert_eq!(codes(&once, &plan(vec![led], around)), []);
}

#[test]
fn a_plan_is_held_against_days_crews_and_sizes() {
    let quiet = "days = [{ first = 1, last = 15, scope = \"all\" }]";
    let strict = pack(&[
        ("R22", quiet),
        ("R26", "severity = \"refuse\"\nmax_departments = 1\nmax_officers = 3"),
        ("R27", "severity = \"refuse\"\nmax_minutes = 30"),
        ("R24", "days = 30"),
    ]);
    let joint = visit(on(4, 7), vec![planned("a", "fire"), planned("b", "health")]);
    let mut facts = plan(vec![joint], Vec::new());
    let codes_found = |facts: &PlanFacts| {
        let found = strict.check_plan(facts).into_iter();
        found.map(|finding| finding.code()).collect::<std::collections::BTreeSet<_>>()
    };
    let wanted = [
        "notice-too-short",
        "quiet-days",
        "too-many-departments",
        "too-many-officers",
        "visit-too-long",
    ];
    assert_eq!(codes_found(&facts), wanted.into());
    assert_eq!(codes(&pack(&[]), &facts), []);
    let e = facts.enterprises.get_mut("E1").expect("here");
    e.joint_opt_out = true;
    e.listings = vec![ListingCase {
        list: List::WhiteList,
        department: Some("fire"),
        from: on(1, 1),
        to: None,
    }];
    facts.visits[0].requests[1].inspectors = 1;
    let found: Vec<&str> = pack(&[]).check_plan(&facts).into_iter().map(|f| f.code()).collect();
    assert_eq!(found, ["crew-too-small", "joint-opt-out", "listed"]);
}

#[test]
fn a_plan_that_comes_twice_without_need_breaks_the_merge_duty() {
    let (first, second) = (planned("a", "fire"), planned("b", "fire"));
    let twice = |a: &PlannedRequest<'static>, b: &PlannedRequest<'static>| {
        plan(vec![visit(on(4, 7), vec![a.clone()]), visit(on(4, 21), vec![b.clone()])], Vec::new())
    };
    let facts = twice(&first, &second);
    assert_eq!(codes(&pack(&[]), &facts), [("R08", "not-merged", "/visits/1".into())]);
    assert_eq!(codes(&pack(&[("R08", "severity = \"off\"")]), &facts), []);
    for reason in [
        PlannedRequest { allowed: vec![span(on(4, 21), on(4, 30))], ..second.clone() },
        PlannedRequest { minutes: 200, ..second.clone() },
        PlannedRequest { is_solo: true, ..second.clone() },
        PlannedRequest { is_fixed: true, ..second.clone() },
        PlannedRequest { kind: Kind::Clue, ..second.clone() },
        PlannedRequest { scenarios: vec!["S2"], ..second.clone() },
    ] {
        let first = PlannedRequest { allowed: vec![span(on(4, 1), on(4, 10))], ..first.clone() };
        assert_eq!(codes(&pack(&[]), &twice(&first, &reason)), [], "{reason:?}");
    }
}
