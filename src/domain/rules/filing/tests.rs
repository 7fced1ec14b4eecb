//! One test a rule: what breaks it, what just keeps it, and both positions of its switches.

use crate::domain::problem::Span;
use crate::domain::register::area::Level;
use crate::domain::register::enterprise::{List, Subject};
use crate::domain::register::grade::Grade;
use crate::domain::register::item::Method;
use crate::domain::requests::{Contact, Kind, Reason};
use crate::domain::rules::case::*;
use crate::domain::rules::tests::{case, held, on, open, pack, span};
use crate::domain::rules::*;

/// What a rule finds, by code and severity.
pub(super) fn found(case: &Case, pack: &Pack, rule: RuleId) -> Vec<(&'static str, Severity)> {
    let found = pack.judge(case).into_iter().filter(|finding| finding.rule == rule);
    found.map(|finding| (finding.code(), finding.severity)).collect()
}

pub(super) fn one(case: &Case, pack: &Pack, rule: RuleId) -> Finding {
    let mut found: Vec<Finding> =
        pack.judge(case).into_iter().filter(|finding| finding.rule == rule).collect();
    assert_eq!(found.len(), 1, "{found:#?}");
    found.remove(0)
}

pub(super) const REFUSE: Severity = Severity::Refuse;
pub(super) const WARN: Severity = Severity::Warn;
pub(super) const RECORD: Severity = Severity::Record;

#[test]
fn an_ordinary_daily_filing_passes_everywhere() {
    let case = case();
    for document in crate::wire::law::rule_pack::shipped() {
        let pack = crate::wire::law::rule_pack::shipped_pack(&document.id).expect("shipped");
        let refusing: Vec<Finding> =
            pack.judge(&case).into_iter().filter(|finding| finding.severity <= WARN).collect();
        assert!(refusing.is_empty(), "{}: {refusing:#?}", pack.id);
    }
}

#[test]
fn r01_coordinators_do_not_inspect() {
    let mut case = case();
    case.body.inspects = None;
    assert_eq!(found(&case, &pack(&[]), RuleId::R01), []);
    case.body.inspects = Some(false);
    let finding = one(&case, &pack(&[]), RuleId::R01);
    assert_eq!((finding.code(), finding.field.as_str()), ("no-inspecting-body", "department"));
    let message = finding.message().to_string();
    let start =
        r#"finding what=(no-inspecting-body department="fire") rule="R01" document="甘肃省"#;
    assert!(message.starts_with(start), "{message}");
    assert_eq!(found(&case, &pack(&[("R01", "severity = \"off\"")]), RuleId::R01), []);
}

#[test]
fn r02_only_published_items() {
    let mut case = case();
    (case.item.published_from, case.item.published_to) = (Some(on(4, 30)), Some(on(5, 5)));
    assert_eq!(found(&case, &pack(&[]), RuleId::R02), [], "on its last day it is");
    case.item.published_from = Some(on(5, 4));
    let finding = one(&case, &pack(&[]), RuleId::R02);
    let remedy = finding.remedy.expect("a remedy");
    assert_eq!(remedy.message.to_string(), "remedy_end-later day=2026-05-04");
    assert_eq!(remedy.window, Some(span(on(4, 1), on(5, 4))));
    (case.item.published_from, case.item.published_to) = (None, Some(on(3, 27)));
    let remedy = one(&case, &pack(&[]), RuleId::R02).remedy.expect("a remedy");
    assert_eq!(remedy.message.to_string(), "remedy_begin-earlier day=2026-03-27");
}

#[test]
fn r03_two_officers_or_one_of_a_department() {
    let mut case = case();
    case.request.inspectors = 1;
    assert_eq!(found(&case, &pack(&[]), RuleId::R03), [("crew-too-small", REFUSE)]);
    let one_each = pack(&[("R03", "min_per_department = 1")]);
    assert_eq!(found(&case, &one_each, RuleId::R03), [("crew-too-small", WARN)]);
    case.request.is_solo = true;
    assert_eq!(found(&case, &one_each, RuleId::R03), [("crew-too-small", REFUSE)]);
    case.request.inspectors = 2;
    assert_eq!(found(&case, &one_each, RuleId::R03), []);
}

#[test]
fn r06_the_cap_and_when_it_frees() {
    let mut case = case();
    case.visits = vec![held(on(1, 5), &[("fire", Kind::Daily)])];
    let capped = pack(&[("R06", "caps = [{ at_most = 2 }]")]);
    assert_eq!(found(&case, &capped, RuleId::R06), []);
    case.visits.push(held(on(2, 2), &[("fire", Kind::Daily), ("health", Kind::Daily)]));
    let finding = one(&case, &capped, RuleId::R06);
    assert_eq!((finding.code(), finding.severity), ("cap-reached", REFUSE));
    let what = r#"cap-reached department="fire" year="2026" counted=2 with_exempt=2 cap=2"#;
    assert_eq!(finding.what.to_string(), what);
    let remedy = finding.remedy.expect("a remedy");
    let first = on(12, 31).succ_opt().expect("a day");
    assert_eq!(remedy.from, Some(first));
    let message = "remedy_next-year from=2027-01-01 day=2027-01-01";
    assert_eq!(remedy.message.to_string(), message);
    let once = "caps = [{ department = \"fire\", at_most = 2 }]\njoint_counts = \"once\"";
    case.visits[1].lead = Some("health");
    assert_eq!(found(&case, &pack(&[("R06", once)]), RuleId::R06), []);
    case.visits.push(held(on(4, 9), &[("fire", Kind::Daily)]));
    assert_eq!(found(&case, &capped, RuleId::R06), []);
    case.request.is_solo = true;
    assert_eq!(found(&case, &capped, RuleId::R06), [("cap-reached", REFUSE)]);
    case.request.latest = first;
    assert_eq!(found(&case, &capped, RuleId::R06), [], "a window into the next year");
}

#[test]
fn r07_kinds_and_reasons_that_caps_do_not_count() {
    let mut case = case();
    case.visits =
        vec![held(on(1, 5), &[("fire", Kind::Clue)]), held(on(1, 9), &[("fire", Kind::Daily)])];
    let rules = ("R06", "caps = [{ at_most = 1 }]");
    let strict = pack(&[rules, ("R07", "exempt_kinds = []\nexempt_reasons = [\"licence\"]")]);
    assert_eq!(found(&case, &pack(&[rules]), RuleId::R07), []);
    assert_eq!(found(&case, &pack(&[rules]), RuleId::R06).len(), 1);
    case.request.kind = Kind::Case;
    let finding = one(&case, &pack(&[rules]), RuleId::R07);
    let what =
        r#"exempt-from-caps why=(kind_case) department="fire" year="2026" counted=1 with_exempt=2"#;
    assert_eq!(finding.what.to_string(), what);
    assert_eq!(found(&case, &pack(&[rules]), RuleId::R06), []);
    assert_eq!(found(&case, &strict, RuleId::R06).len(), 1, "where case-based ones count");
    (case.request.kind, case.request.reason) = (Kind::Daily, Some(Reason::Licence));
    assert_eq!(found(&case, &strict, RuleId::R07), [("exempt-from-caps", RECORD)]);
    case.request.reason = Some(Reason::Undercover);
    assert_eq!(found(&case, &pack(&[rules]), RuleId::R06).len(), 1, "only Yongchun's list has it");
}

#[test]
fn r08_own_requests_are_merged_or_apart() {
    let mut case = case();
    let at = |first, last| vec![open(("Q", "fire"), (first, last))];
    case.open = at(on(4, 30), on(5, 9));
    assert_eq!(found(&case, &pack(&[]), RuleId::R08), [("to-be-merged", RECORD)]);
    case.open = (0..50).map(|_| open(("Q", "fire"), (on(4, 30), on(5, 9)))).collect();
    assert_eq!(found(&case, &pack(&[]), RuleId::R08).len(), 10, "a few are named");
    case.open = at(on(5, 30), on(6, 9));
    let finding = one(&case, &pack(&[]), RuleId::R08);
    assert_eq!((finding.code(), finding.severity), ("apart-from-own-request", WARN));
    assert_eq!(finding.remedy.expect("a remedy").window, Some(span(on(4, 1), on(5, 30))));
    case.open = at(on(5, 31), on(6, 9));
    assert_eq!(found(&case, &pack(&[]), RuleId::R08), [], "beyond the 30 days of R10");
    let quarter = pack(&[("R10", "days = 92")]);
    assert_eq!(found(&case, &quarter, RuleId::R08).len(), 1);
    case.request.kind = Kind::Clue;
    assert_eq!(found(&case, &quarter, RuleId::R08), []);
    let all = pack(&[("R08", "binds_exempt = true"), ("R10", "days = 92")]);
    assert_eq!(found(&case, &all, RuleId::R08).len(), 1);
}

#[test]
fn r09_whom_it_can_be_held_with() {
    let mut case = case();
    case.open = vec![open(("Q", "health"), (on(4, 30), on(5, 9)))];
    assert_eq!(found(&case, &pack(&[]), RuleId::R09), [("joint-possible", RECORD)]);
    case.enterprise.joint_opt_out = true;
    assert_eq!(found(&case, &pack(&[]), RuleId::R09), [("held-alone", RECORD)]);
    case.open = vec![open(("Q", "health"), (on(5, 1), on(5, 9)))];
    assert_eq!(found(&case, &pack(&[]), RuleId::R09), []);
}

#[test]
fn r10_the_same_item_is_drawn_once_a_year() {
    let mut case = case();
    case.request.kind = Kind::RandomDraw;
    case.request.draw = Some(DrawRef { id: "D1", covers: true });
    case.visits = vec![held(on(1, 5), &[("fire", Kind::Daily)])];
    assert_eq!(found(&case, &pack(&[]), RuleId::R10), []);
    case.visits = vec![held(on(1, 5), &[("fire", Kind::RandomDraw)])];
    assert_eq!(found(&case, &pack(&[]), RuleId::R10), [("drawn-already", WARN)]);
    let free = pack(&[("R10", "drawn_yearly = \"none\"")]);
    assert_eq!(found(&case, &free, RuleId::R10), []);
}

#[test]
fn r11_what_lasts_differently_need_not_be_merged() {
    let mut case = case();
    case.open = vec![Open { minutes: 120, ..open(("Q", "fire"), (on(4, 1), on(4, 9))) }];
    let alike = |n: u8| pack(&[("R11", &format!("minutes_apart = {n}"))]);
    assert_eq!(found(&case, &pack(&[]), RuleId::R11), []);
    assert_eq!(found(&case, &alike(60), RuleId::R11), []);
    assert_eq!(found(&case, &alike(59), RuleId::R11), [("not-alike", RECORD)]);
    assert_eq!(found(&case, &alike(59), RuleId::R08), []);
}

#[test]
fn r12_the_same_item_by_somebody_else() {
    let mut case = case();
    let same = |department, first, last| Open {
        item: "fire-1",
        level: Some(Level::City),
        ..open(("Q", department), (first, last))
    };
    case.open = vec![same("city-fire", on(4, 30), on(5, 9))];
    let finding = one(&case, &pack(&[]), RuleId::R12);
    assert_eq!((finding.code(), finding.severity), ("duplicate-request", REFUSE));
    let what = finding.what.to_string();
    let start =
        r#"duplicate-request_of-level department="city-fire" level=(level_city) item="fire-1""#;
    assert!(what.starts_with(start), "{what}");
    case.open = vec![same("fire", on(4, 30), on(5, 9))];
    assert_eq!(found(&case, &pack(&[]), RuleId::R12), [("duplicate-own-request", WARN)]);
    // of very many a few are named, and none of another's is hidden by one's own
    case.open = (0..50).map(|_| same("fire", on(4, 30), on(5, 9))).collect();
    assert_eq!(found(&case, &pack(&[]), RuleId::R12).len(), 10);
    case.open.push(same("city-fire", on(4, 30), on(5, 9)));
    let codes = found(&case, &pack(&[]), RuleId::R12);
    assert!(codes.contains(&("duplicate-request", REFUSE)), "{codes:?}");
    case.open = vec![same("city-fire", on(5, 1), on(5, 9))];
    assert_eq!(found(&case, &pack(&[]), RuleId::R12), []);
    let mut by_other = held(on(1, 5), &[("fire", Kind::Daily)]);
    by_other.parts[0].department = "city-fire";
    case.visits = vec![by_other];
    assert_eq!(found(&case, &pack(&[]), RuleId::R12), []);
    let year = pack(&[("R12", "within = \"year\"")]);
    assert_eq!(found(&case, &year, RuleId::R12), [("inspected-by-other", REFUSE)]);
    case.request.kind = Kind::Clue;
    assert_eq!(found(&case, &year, RuleId::R12), []);
    let bound = pack(&[("R12", "within = \"year\"\nspares_exempt = false")]);
    assert_eq!(found(&case, &bound, RuleId::R12).len(), 1);
}

#[test]
fn r19_draws_follow_the_credit_grade() {
    let mut case = case();
    case.request.kind = Kind::RandomDraw;
    case.visits = vec![held(on(1, 5), &[("health", Kind::RandomDraw)])];
    assert_eq!(found(&case, &pack(&[]), RuleId::R19), [("drawn-too-often", RECORD)]);
    case.enterprise.credit = Grade::D;
    assert_eq!(found(&case, &pack(&[]), RuleId::R19), [], "as needed");
    let hard = "severity = \"refuse\"\ngrades = [{ credit = \"D\", least_percent = 0, most_percent = 9, yearly = 1 }]";
    assert_eq!(found(&case, &pack(&[("R19", hard)]), RuleId::R19), [("drawn-too-often", REFUSE)]);
}

#[test]
fn r20_the_budget_of_all_departments() {
    let mut case = case();
    case.visits = vec![
        held(on(1, 5), &[("health", Kind::Daily)]),
        held(on(2, 5), &[("ecology", Kind::Daily)]),
    ];
    let budget = |n: u8| {
        let rows = format!(
            "budgets = [{{ at_most = 1 }}, {{ risk = \"B\", credit = \"B\", at_most = {n} }}]"
        );
        pack(&[("R20", &rows)])
    };
    assert_eq!(found(&case, &pack(&[]), RuleId::R20), []);
    assert_eq!(found(&case, &budget(3), RuleId::R20), []);
    assert_eq!(found(&case, &budget(2), RuleId::R20), [("budget-used", REFUSE)]);
    // another department's visit can be shared, unless joint visits are unwanted
    case.visits.push(held(on(4, 9), &[("health", Kind::Daily)]));
    assert_eq!(found(&case, &budget(2), RuleId::R20), []);
    case.enterprise.joint_opt_out = true;
    assert_eq!(found(&case, &budget(2), RuleId::R20), [("budget-used", REFUSE)]);
    case.request.kind = Kind::FollowUp;
    assert_eq!(found(&case, &budget(2), RuleId::R20), []);
}

#[test]
fn r21_alarms_and_inspectors_who_find_nothing() {
    let mut case = case();
    (case.request.earliest, case.request.latest) = (on(4, 6), on(4, 10));
    case.visits = vec![
        held(on(4, 6), &[("health", Kind::Daily)]),
        held(on(4, 7), &[("ecology", Kind::Clue)]),
    ];
    assert_eq!(found(&case, &pack(&[]), RuleId::R21), [], "on those days it would be shared");
    (case.request.earliest, case.request.latest) = (on(4, 8), on(4, 10));
    let finding = one(&case, &pack(&[]), RuleId::R21);
    assert_eq!((finding.code(), finding.severity), ("too-many-visits", WARN));
    assert_eq!(
        finding.remedy.expect("a remedy").message.to_string(),
        "remedy_begin-earlier day=2026-04-07"
    );
    let caused = pack(&[("R21", "counts_exempt = false")]);
    assert_eq!(found(&case, &caused, RuleId::R21), []);
    let empty = |day| Held {
        inspectors: vec!["p"],
        found: Some(false),
        ..held(day, &[("fire", Kind::Daily)])
    };
    case.visits = vec![empty(on(1, 5)), empty(on(2, 5)), empty(on(3, 1))];
    assert_eq!(found(&case, &pack(&[]), RuleId::R21), []);
    let chengdu = pack(&[("R21", "low_yield_checks = 3")]);
    assert_eq!(found(&case, &chengdu, RuleId::R21), [("low-yield", WARN)]);
    let mut guided = held(on(4, 6), &[("health", Kind::Daily)]);
    guided.parts[0].contact = Contact::Guidance;
    case.visits = vec![guided, held(on(4, 7), &[("health", Kind::Daily)])];
    assert_eq!(found(&case, &pack(&[]), RuleId::R21).len(), 1, "other contacts count (R34)");
    assert_eq!(found(&case, &pack(&[("R34", "contacts = []")]), RuleId::R21), []);
}

#[test]
fn r22_quiet_days_and_who_is_exempt() {
    let mut case = case();
    (case.request.earliest, case.request.latest) = (on(4, 8), on(4, 24));
    let anqing = pack(&[("R22", "days = [{ first = 1, last = 25, scope = \"all\" }]")]);
    let finding = one(&case, &anqing, RuleId::R22);
    let remedy = finding.remedy.expect("a remedy");
    assert_eq!(
        remedy.message.to_string(),
        "remedy_end-later day=2026-04-27",
        "26 April is a Sunday"
    );
    assert_eq!(found(&case, &pack(&[]), RuleId::R22), []);
    case.request.latest = on(4, 27);
    assert_eq!(found(&case, &anqing, RuleId::R22), []);
    case.request.latest = on(4, 24);
    case.request.reason = Some(Reason::TaxEvasion);
    assert_eq!(found(&case, &anqing, RuleId::R22), []);
    let few = "days = [{ first = 1, last = 25, scope = \"all\" }]\nexempt_reasons = []";
    assert_eq!(found(&case, &pack(&[("R22", few)]), RuleId::R22), [("quiet-days", REFUSE)]);
}

#[test]
fn r23_listed_enterprises_by_class_of_item() {
    let mut case = case();
    let listing =
        |to| ListingCase { list: List::WhiteList, department: Some("fire"), from: on(1, 1), to };
    case.enterprise.listings = vec![listing(Some(on(4, 29)))];
    assert_eq!(found(&case, &pack(&[]), RuleId::R23), [], "free on the last day");
    case.enterprise.listings = vec![listing(Some(on(4, 30)))];
    assert_eq!(found(&case, &pack(&[]), RuleId::R23), [("listed", REFUSE)]);
    let xiamen = "lists = [{ list = \"white_list\", item_class = \"safety\", allows = \"everything\" }, \
                  { list = \"white_list\", allows = \"off_site\" }]";
    let xiamen = pack(&[("R23", xiamen)]);
    assert_eq!(found(&case, &xiamen, RuleId::R23), [("listed-off-site-only", REFUSE)]);
    case.item.class = Some("safety");
    assert_eq!(found(&case, &xiamen, RuleId::R23), []);
    case.item.class = None;
    case.request.kind = Kind::Clue;
    assert_eq!(found(&case, &xiamen, RuleId::R23), []);
    case.request.kind = Kind::Daily;
    case.enterprise.listings[0].department = Some("health");
    assert_eq!(found(&case, &pack(&[]), RuleId::R23), []);
}

#[test]
fn r24_notice_is_given_in_time() {
    let mut case = case();
    case.item.notice_days = 59;
    assert_eq!(found(&case, &pack(&[]), RuleId::R24), [], "2 March and 59 days are 30 April");
    case.item.notice_days = 60;
    let finding = one(&case, &pack(&[]), RuleId::R24);
    assert_eq!(finding.remedy.expect("a remedy").from, Some(on(5, 1)));
    case.item.method = Method::Unannounced;
    assert_eq!(found(&case, &pack(&[]), RuleId::R24), []);
    case.item = crate::domain::rules::tests::item("fire-1", "fire");
    let slow = pack(&[("R24", "days = 60")]);
    assert_eq!(found(&case, &slow, RuleId::R24), [("notice-too-short", REFUSE)]);
    case.request.kind = Kind::Clue;
    assert_eq!(found(&case, &slow, RuleId::R24), []);
}

#[test]
fn r26_crews_fit_a_visit() {
    let mut case = case();
    case.request.inspectors = 6;
    assert_eq!(found(&case, &pack(&[]), RuleId::R26), []);
    let small = |n: u8| pack(&[("R26", &format!("max_officers = {n}"))]);
    assert_eq!(found(&case, &small(6), RuleId::R26), []);
    assert_eq!(found(&case, &small(5), RuleId::R26), [("crew-too-large", WARN)]);
}

#[test]
fn r27_visits_are_not_too_long() {
    let mut case = case();
    case.request.minutes = 240;
    assert_eq!(found(&case, &pack(&[]), RuleId::R27), []);
    case.request.minutes = 241;
    assert_eq!(found(&case, &pack(&[]), RuleId::R27), [("visit-too-long", WARN)]);
    let hard = pack(&[("R27", "severity = \"refuse\"")]);
    assert_eq!(found(&case, &hard, RuleId::R27), [("visit-too-long", REFUSE)]);
}

#[test]
fn r28_bodies_stay_in_their_area() {
    let mut case = case();
    case.body.areas = vec!["town"];
    assert_eq!(found(&case, &pack(&[]), RuleId::R28), []);
    case.body.areas = vec!["other"];
    assert_eq!(found(&case, &pack(&[]), RuleId::R28), [("outside-jurisdiction", REFUSE)]);
    case.request.agreement = Some("A-1");
    assert_eq!(found(&case, &pack(&[]), RuleId::R28), []);
}

#[test]
fn r29_results_are_recognised_while_valid() {
    let mut case = case();
    case.visits = vec![held(on(3, 1), &[("fire", Kind::Clue)])];
    assert_eq!(found(&case, &pack(&[]), RuleId::R29), []);
    case.item.valid_days = 59;
    assert_eq!(found(&case, &pack(&[]), RuleId::R29), [], "until 29 April");
    case.item.valid_days = 60;
    let finding = one(&case, &pack(&[]), RuleId::R29);
    assert_eq!((finding.code(), finding.severity), ("result-recognised", REFUSE));
    assert_eq!(finding.remedy.expect("a remedy").from, Some(on(5, 1)));
    case.request.kind = Kind::FollowUp;
    assert_eq!(found(&case, &pack(&[]), RuleId::R29), []);
    let always = pack(&[("R29", "spares_exempt = false")]);
    assert_eq!(found(&case, &always, RuleId::R29).len(), 1);
}

#[test]
fn r33_caps_speak_of_some_subjects_only() {
    let mut case = case();
    case.visits = vec![held(on(1, 5), &[("fire", Kind::Daily)])];
    case.enterprise.subject = Subject::SocialGroup;
    let capped = ("R06", "caps = [{ at_most = 1 }]");
    assert_eq!(found(&case, &pack(&[capped]), RuleId::R33), [("subject-out-of-scope", RECORD)]);
    assert_eq!(found(&case, &pack(&[capped]), RuleId::R06), []);
    let all = ("R33", "subjects = [\"enterprise\", \"social_group\"]");
    assert_eq!(found(&case, &pack(&[capped, all]), RuleId::R33), []);
    assert_eq!(found(&case, &pack(&[capped, all]), RuleId::R06).len(), 1);
    let off = ("R33", "severity = \"off\"");
    assert_eq!(found(&case, &pack(&[capped, off]), RuleId::R06).len(), 1);
}

#[test]
fn r34_guidance_has_a_cap_of_its_own() {
    let mut case = case();
    let mut guided = held(on(1, 5), &[("fire", Kind::Daily)]);
    guided.parts[0].contact = Contact::Guidance;
    case.visits = vec![guided];
    case.request.contact = Contact::Guidance;
    assert_eq!(found(&case, &pack(&[]), RuleId::R34), []);
    let most = |n: u8| {
        pack(&[("R34", &format!("guidance_at_most = {n}")), ("R06", "caps = [{ at_most = 0 }]")])
    };
    assert_eq!(found(&case, &most(2), RuleId::R34), []);
    assert_eq!(found(&case, &most(1), RuleId::R34), [("guidance-cap", REFUSE)]);
    assert_eq!(found(&case, &most(1), RuleId::R06), [], "it is no inspection");
    case.request.contact = Contact::Inspection;
    assert_eq!(found(&case, &most(1), RuleId::R34), []);
}

#[test]
fn r35_conflicting_standards_are_settled_first() {
    let mut case = case();
    case.open = vec![open(("Q", "health"), (on(4, 1), on(4, 9)))];
    let pair =
        "pairs = [{ item = \"other\", other = \"fire-1\", about = \"which way the door opens\" }]";
    assert_eq!(found(&case, &pack(&[]), RuleId::R35), []);
    assert_eq!(
        found(&case, &pack(&[("R35", pair)]), RuleId::R35),
        [("conflicting-standards", WARN)]
    );
    case.open[0].item = "third";
    assert_eq!(found(&case, &pack(&[("R35", pair)]), RuleId::R35), []);
}

#[test]
fn r37_the_matrix_gives_the_item_on_the_day() {
    let mut case = case();
    case.body.holds = Some(vec![span(on(4, 30), on(5, 5))]);
    assert_eq!(found(&case, &pack(&[]), RuleId::R37), []);
    case.body.holds = Some(vec![span(on(5, 4), on(5, 5))]);
    let finding = one(&case, &pack(&[]), RuleId::R37);
    assert_eq!(finding.remedy.expect("a remedy").from, Some(on(5, 4)));
    case.body.holds = Some(Vec::new());
    let finding = one(&case, &pack(&[]), RuleId::R37);
    assert_eq!((finding.code(), finding.remedy), ("item-not-held", None), "nothing helps");
}

#[test]
fn a_remedy_satisfies_every_rule_on_days_at_once() {
    let mut case = case();
    (case.request.earliest, case.request.latest) = (on(4, 1), on(4, 10));
    case.item.published_from = Some(on(4, 20));
    let quiet = pack(&[("R22", "days = [{ first = 1, last = 25, scope = \"all\" }]")]);
    let refused = quiet.judge(&case);
    let refused: Vec<&Finding> = refused.iter().filter(|finding| finding.refuses()).collect();
    assert_eq!(refused.iter().map(|f| f.rule).collect::<Vec<_>>(), [RuleId::R02, RuleId::R22]);
    for finding in refused {
        let window = finding.remedy.as_ref().and_then(|remedy| remedy.window).expect("a window");
        assert_eq!(window, span(on(4, 1), on(4, 27)));
        let mended = Case {
            request: Filing { latest: window.last, ..case.request.clone() },
            ..self::case()
        };
        let mended = Case { item: case.item.clone(), ..mended };
        assert!(!quiet.judge(&mended).iter().any(Finding::refuses), "the remedy is one");
    }
}

#[test]
fn days_that_are_refused_by_different_rules_leave_none() {
    let mut case = case();
    (case.request.earliest, case.request.latest) = (on(4, 20), on(4, 30));
    case.item.published_to = Some(on(4, 25));
    let quiet = pack(&[("R22", "days = [{ first = 1, last = 25, scope = \"all\" }]")]);
    let refused: Vec<Finding> = quiet.judge(&case).into_iter().filter(Finding::refuses).collect();
    assert_eq!(refused.len(), 1, "{refused:#?}");
    assert_eq!((refused[0].rule, refused[0].code()), (RuleId::R22, "no-common-day"));
    let remedy = refused[0].remedy.as_ref().expect("a remedy");
    assert_eq!(remedy.message.to_string(), "remedy_begin-earlier day=2026-03-31");
}

#[test]
fn eligible_days_come_in_spans_with_their_reasons() {
    let mut case = case();
    case.item.published_to = Some(on(4, 28));
    let quiet = pack(&[("R22", "days = [{ first = 1, last = 15, scope = \"all\" }]")]);
    let days: Vec<(Span, Option<RuleId>)> = quiet
        .eligible_days(&case, span(on(4, 4), on(4, 30)))
        .into_iter()
        .map(|(span, finding)| (span, finding.map(|finding| finding.rule)))
        .collect();
    let wanted = [
        (span(on(4, 6), on(4, 15)), Some(RuleId::R22)),
        (span(on(4, 16), on(4, 28)), None),
        (span(on(4, 29), on(4, 30)), Some(RuleId::R02)),
    ];
    assert_eq!(days, wanted);
    assert!(quiet.admits_on(&case, on(4, 16)).is_ok());
    let refused = quiet.admits_on(&case, on(4, 15)).expect_err("quiet");
    assert_eq!(refused[0].code(), "quiet-days");
}
