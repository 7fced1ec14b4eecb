//! One test a rule on papers: what breaks it, what just keeps it, and its switches.

use crate::domain::campaign::InspectionPlanKind;
use crate::domain::register::item::Method;
use crate::domain::requests::{Kind, Reason};
use crate::domain::rules::case::*;
use crate::domain::rules::filing::tests::{RECORD, REFUSE, WARN, found, one};
use crate::domain::rules::tests::{case, on, pack};
use crate::domain::rules::*;

fn annual() -> InspectionPlanRef<'static> {
    InspectionPlanRef {
        id: "P1",
        kind: InspectionPlanKind::Annual,
        year: 2026,
        filed_on: Some(on(3, 31)),
        published_on: None,
        approval_number: None,
        quota_left: None,
        items: Vec::new(),
        steps: Vec::new(),
    }
}

fn campaign() -> InspectionPlanRef<'static> {
    InspectionPlanRef {
        kind: InspectionPlanKind::Campaign,
        approval_number: Some("2026-7"),
        filed_on: Some(on(2, 1)),
        published_on: Some(on(2, 3)),
        ..annual()
    }
}

#[test]
fn r04_approval_comes_first_but_for_urgent_ones() {
    let mut case = case();
    case.request.is_approved = false;
    assert_eq!(found(&case, &pack(&[]), RuleId::R04), [("not-approved", REFUSE)]);
    case.request.kind = Kind::Immediate;
    assert_eq!(found(&case, &pack(&[]), RuleId::R04), [("approval-afterwards", RECORD)]);
    let never = pack(&[("R04", "urgent_kinds = []")]);
    assert_eq!(found(&case, &never, RuleId::R04), [("not-approved", REFUSE)]);
}

#[test]
fn r05_kinds_that_the_place_knows() {
    let case = case();
    assert_eq!(found(&case, &pack(&[]), RuleId::R05), []);
    let few = pack(&[("R05", "severity = \"warn\"\nkinds = [\"special\", \"case\"]")]);
    let finding = one(&case, &few, RuleId::R05);
    assert_eq!(
        finding.remedy.expect("a remedy").message.to_string(),
        r#"remedy_other-kind kinds=["(kind_special)", "(kind_case)"]"#
    );
}

#[test]
fn r13_off_site_first() {
    let mut case = case();
    case.item.method = Method::OffSitePossible;
    assert_eq!(found(&case, &pack(&[]), RuleId::R13), [("off-site-first", REFUSE)]);
    case.request.on_site_reason = Some("the tank must be seen");
    assert_eq!(found(&case, &pack(&[]), RuleId::R13), []);
    case.request.on_site_reason = None;
    assert_eq!(found(&case, &pack(&[("R13", "kinds = [\"special\"]")]), RuleId::R13), []);
    case.request.reason = Some(Reason::Complaint);
    assert_eq!(found(&case, &pack(&[]), RuleId::R13), []);
}

#[test]
fn r14_annual_plans_are_filed_in_time() {
    let mut case = case();
    assert_eq!(found(&case, &pack(&[]), RuleId::R14), [("no-annual-plan", RECORD)]);
    case.request.plan = Some(annual());
    assert_eq!(found(&case, &pack(&[]), RuleId::R14), [], "filed on the last day");
    let early = pack(&[("R14", "severity = \"refuse\"\ndeadline = \"01-31\"")]);
    assert_eq!(found(&case, &early, RuleId::R14), [("plan-filed-late", REFUSE)]);
    case.request.kind = Kind::Clue;
    assert_eq!(found(&case, &early, RuleId::R14), []);
}

#[test]
fn r15_a_plan_names_its_items() {
    let mut case = case();
    case.request.plan = Some(InspectionPlanRef { items: vec!["fire-1"], ..annual() });
    assert_eq!(found(&case, &pack(&[]), RuleId::R15), []);
    case.request.plan = Some(InspectionPlanRef { items: vec!["fire-2"], ..annual() });
    assert_eq!(found(&case, &pack(&[]), RuleId::R15), [("item-not-in-plan", RECORD)]);
}

#[test]
fn r16_a_plan_passes_its_steps() {
    let mut case = case();
    case.request.plan =
        Some(InspectionPlanRef { steps: vec![InspectionPlanStep::PublicNotice], ..annual() });
    assert_eq!(found(&case, &pack(&[]), RuleId::R16), []);
    let zhejiang = pack(&[("R16", "severity = \"refuse\"")]);
    let finding = one(&case, &zhejiang, RuleId::R16);
    let missing = r#"steps=["(step_legality-review)", "(step_collective-discussion)"]"#;
    assert!(finding.what.to_string().ends_with(missing), "{}", finding.what);
    let fewer = pack(&[("R16", "severity = \"refuse\"\nsteps = [\"public_notice\"]")]);
    assert_eq!(found(&case, &fewer, RuleId::R16), []);
}

#[test]
fn r17_campaigns_are_approved_published_and_within_quota() {
    let mut case = case();
    case.request.kind = Kind::Special;
    let of = |case: &Case| found(case, &pack(&[]), RuleId::R17);
    assert_eq!(of(&case), [("no-campaign", REFUSE)]);
    case.request.plan = Some(annual());
    assert_eq!(of(&case), [("no-campaign", REFUSE)], "an annual plan is none");
    case.request.plan = Some(campaign());
    assert_eq!(of(&case), []);
    case.request.plan = Some(InspectionPlanRef { quota_left: Some(1), ..campaign() });
    assert_eq!(of(&case), []);
    case.request.plan =
        Some(InspectionPlanRef { approval_number: None, quota_left: Some(0), ..campaign() });
    assert_eq!(of(&case), [("no-approval-number", REFUSE), ("quota-used", REFUSE)]);
    let unpublished =
        |filed| Some(InspectionPlanRef { published_on: None, filed_on: Some(filed), ..campaign() });
    case.request.plan = unpublished(on(1, 30));
    assert_eq!(of(&case), [], "31 days on 2 March");
    case.request.plan = unpublished(on(1, 29));
    assert_eq!(of(&case), [("campaign-unpublished", WARN)]);
    case.request.kind = Kind::Daily;
    assert_eq!(of(&case), []);
}

#[test]
fn r18_draws_are_named_and_kept() {
    let mut case = case();
    case.request.kind = Kind::RandomDraw;
    assert_eq!(found(&case, &pack(&[]), RuleId::R18), [("no-draw", REFUSE)]);
    case.request.draw = Some(DrawRef { id: "D1", covers: false });
    assert_eq!(found(&case, &pack(&[]), RuleId::R18), [("not-drawn", REFUSE)]);
    case.request.draw = Some(DrawRef { id: "D1", covers: true });
    assert_eq!(found(&case, &pack(&[]), RuleId::R18), []);
}

#[test]
fn r36_no_filing_no_inspection() {
    let mut case = case();
    let hard = pack(&[("R36", "severity = \"refuse\"")]);
    assert_eq!(found(&case, &hard, RuleId::R36), [("not-filed", REFUSE)]);
    case.request.plan = Some(InspectionPlanRef { filed_on: None, ..annual() });
    assert_eq!(found(&case, &hard, RuleId::R36), [("not-filed", REFUSE)]);
    case.request.plan = Some(annual());
    assert_eq!(found(&case, &hard, RuleId::R36), []);
    (case.request.plan, case.request.kind) = (None, Kind::Clue);
    assert_eq!(found(&case, &hard, RuleId::R36), []);
}
