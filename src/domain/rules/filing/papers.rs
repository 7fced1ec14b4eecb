//! Papers: approval, kind, plans, campaigns, draws. R04, R05, R13 to R18, R36.

#[cfg(test)]
mod tests;

use crate::domain::rules::case::PlanRef;
use crate::domain::rules::{Case, Finding, Kind, Method, Pack, PlanKind, Remedy, RuleId, Severity};
use chrono::{Days, NaiveDate};

/// R04: the head of the body has approved it, or will where it is urgent.
pub(super) fn r04_approval(case: &Case, pack: &Pack) -> Vec<Finding> {
    if case.request.is_approved {
        return Vec::new();
    }
    if pack.terms.r04.urgent_kinds.contains(&case.request.kind) {
        let what = "The papers of this urgent inspection are completed after it";
        let finding = pack.finding(RuleId::R04, "approval-afterwards", "approval", what);
        return vec![finding.at_most(Severity::Record)];
    }
    let what = "The head of the body has not approved this inspection";
    let remedy = Remedy::text("Have the head of the body approve it.");
    vec![pack.finding(RuleId::R04, "not-approved", "approval", what).with(remedy)]
}

/// R05: the kind is one that the place knows.
pub(super) fn r05_kind(case: &Case, pack: &Pack) -> Vec<Finding> {
    let kinds = &pack.terms.r05.kinds;
    if kinds.contains(&case.request.kind) {
        return Vec::new();
    }
    let known: Vec<&str> = kinds.iter().map(|kind| kind.as_str()).collect();
    let what = format!("No inspection is called {} here", case.request.kind.as_str());
    let remedy = Remedy::text(format!("File it as one of: {}.", known.join(", ")));
    vec![pack.finding(RuleId::R05, "kind-not-in-use", "kind", what).with(remedy)]
}

/// R13: what papers or data can settle goes on site for a stated reason only.
pub(super) fn r13_off_site(case: &Case, pack: &Pack) -> Vec<Finding> {
    let is_asked = case.item.method == Method::OffSitePossible
        && pack.terms.r13.kinds.contains(&case.request.kind)
        && !case.is_exempt(pack);
    if !is_asked || case.request.on_site_reason.is_some() {
        return Vec::new();
    }
    let what = format!("The item \"{}\" can be settled off site", case.item.id);
    let remedy = Remedy::text("Settle it off site, or say why it must be on site.");
    vec![pack.finding(RuleId::R13, "off-site-first", "on_site_reason", what).with(remedy)]
}

/// The annual plan of a filing.
fn annual<'c>(case: &'c Case) -> Option<&'c PlanRef<'c>> {
    case.request.plan.as_ref().filter(|plan| plan.kind == PlanKind::Annual)
}

/// R14: what belongs in an annual plan is in one that was filed in time.
pub(super) fn r14_annual_plan(case: &Case, pack: &Pack) -> Vec<Finding> {
    let terms = &pack.terms.r14;
    if !terms.kinds.contains(&case.request.kind) {
        return Vec::new();
    }
    let Some(plan) = annual(case) else {
        let what = "It is not in an annual plan";
        let remedy = Remedy::text("Name the annual plan that it belongs to.");
        return vec![pack.finding(RuleId::R14, "no-annual-plan", "plan", what).with(remedy)];
    };
    let deadline = NaiveDate::from_ymd_opt(plan.year, terms.deadline.month, terms.deadline.day);
    match (plan.filed_on, deadline) {
        (Some(filed), Some(deadline)) if deadline < filed => {
            let what = format!("The plan {} was filed {filed}, due by {deadline}", plan.id);
            vec![pack.finding(RuleId::R14, "plan-filed-late", "plan", what)]
        }
        _ => Vec::new(),
    }
}

/// R15: the plan names the item. Its ratio is [`Pack::draw_at_most`].
pub(super) fn r15_plan_content(case: &Case, pack: &Pack) -> Vec<Finding> {
    let Some(plan) = &case.request.plan else { return Vec::new() };
    if plan.items.is_empty() || plan.items.contains(&case.item.id) {
        return Vec::new();
    }
    let what = format!("The plan {} does not have the item \"{}\"", plan.id, case.item.id);
    let remedy = Remedy::text("Add the item to the plan, or file it under one that has it.");
    vec![pack.finding(RuleId::R15, "item-not-in-plan", "item", what).with(remedy)]
}

/// R16: the plan has passed its steps.
pub(super) fn r16_plan_steps(case: &Case, pack: &Pack) -> Vec<Finding> {
    let Some(plan) = annual(case) else { return Vec::new() };
    let steps = pack.terms.r16.steps.iter().filter(|step| !plan.steps.contains(step));
    let missing: Vec<&str> = steps.map(|step| step.as_str()).collect();
    if missing.is_empty() {
        return Vec::new();
    }
    let what = format!("The plan {} has not passed: {}", plan.id, missing.join(", "));
    let remedy = Remedy::text("Complete the steps of the plan.");
    vec![pack.finding(RuleId::R16, "plan-steps-missing", "plan", what).with(remedy)]
}

/// R17: a special inspection belongs to an approved campaign with quota left; one that is not published
/// in time is warned of.
pub(super) fn r17_campaign(case: &Case, pack: &Pack) -> Vec<Finding> {
    if case.request.kind != Kind::Special {
        return Vec::new();
    }
    let report = |code, what: String, remedy: &str| {
        let finding = pack.finding(RuleId::R17, code, "plan", what);
        finding.with(Remedy::text(remedy))
    };
    let campaign = case.request.plan.as_ref().filter(|plan| plan.kind == PlanKind::Campaign);
    let Some(plan) = campaign else {
        let what = "A special inspection belongs to a campaign, and this one names none".into();
        return vec![report(
            "no-campaign",
            what,
            "File it under a campaign with an approval number.",
        )];
    };
    let mut found = Vec::new();
    if plan.approval_number.is_none() {
        let what = format!("The campaign {} has no approval number", plan.id);
        let remedy =
            "Have the campaign approved by the county government or the vertical superior.";
        found.push(report("no-approval-number", what, remedy));
    }
    if plan.quota_left.is_some_and(|left| left <= 0) {
        let what = format!("The quota of the campaign {} is used up", plan.id);
        found.push(report("quota-used", what, "Have a larger quota approved."));
    }
    let days = Days::new(pack.terms.r17.publish_days as u64);
    let is_late = plan.filed_on.is_some_and(|filed| filed + days < case.today);
    if plan.published_on.is_none() && is_late {
        let what = format!(
            "The campaign {} is not published {} days after its filing",
            plan.id, pack.terms.r17.publish_days
        );
        let finding = report("campaign-unpublished", what, "Publish the campaign.");
        found.push(finding.at_most(Severity::Warn));
    }
    found
}

/// R18: what is drawn by lot names its draw, and the draw has it.
pub(super) fn r18_draw(case: &Case, pack: &Pack) -> Vec<Finding> {
    if case.request.kind != Kind::RandomDraw {
        return Vec::new();
    }
    match &case.request.draw {
        None => {
            let what = "An inspection by lot names its draw, and this one names none";
            let remedy = Remedy::text("Name the draw, or file it as another kind.");
            vec![pack.finding(RuleId::R18, "no-draw", "draw", what).with(remedy)]
        }
        Some(draw) if !draw.covers => {
            let what = format!(
                "The draw {} did not draw {} for \"{}\"",
                draw.id, case.enterprise.id, case.item.id
            );
            let remedy = Remedy::text("File what was drawn; a draw is not added to.");
            vec![pack.finding(RuleId::R18, "not-drawn", "draw", what).with(remedy)]
        }
        Some(_) => Vec::new(),
    }
}

/// R36: what belongs in a plan is under one that is filed.
pub(super) fn r36_filed(case: &Case, pack: &Pack) -> Vec<Finding> {
    let plan = case.request.plan.as_ref();
    let is_filed = plan.is_some_and(|plan| plan.filed_on.is_some());
    if !pack.terms.r36.kinds.contains(&case.request.kind) || is_filed {
        return Vec::new();
    }
    let what = match plan {
        Some(plan) => format!("The plan {} is not filed", plan.id),
        None => "It is under no plan that is filed".into(),
    };
    let remedy = Remedy::text("File the plan before its inspections.");
    vec![pack.finding(RuleId::R36, "not-filed", "plan", what).with(remedy)]
}
