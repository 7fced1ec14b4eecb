//! Papers: approval, kind, plans, campaigns, draws. R04, R05, R13 to R18, R36.

#[cfg(test)]
mod tests;

use crate::domain::Message;
use crate::domain::campaign::InspectionPlanKind;
use crate::domain::register::item::Method;
use crate::domain::requests::Kind;
use crate::domain::rules::case::InspectionPlanRef;
use crate::domain::rules::{Case, Finding, Pack, Remedy, RuleId, Severity};
use crate::message;
use chrono::{Days, NaiveDate};

/// R04: the head of the body has approved it, or will where it is urgent.
pub(super) fn r04_approval(case: &Case, pack: &Pack) -> Vec<Finding> {
    if case.request.is_approved {
        return Vec::new();
    }
    if pack.terms.r04.urgent_kinds.contains(&case.request.kind) {
        let finding = pack.finds(RuleId::R04, "approval", message!("approval-afterwards"));
        return vec![finding.at_most(Severity::Record)];
    }
    let remedy = Remedy::words(message!("remedy_approve"));
    vec![pack.finds(RuleId::R04, "approval", message!("not-approved_inspection")).with(remedy)]
}

/// R05: the kind is one that the place knows.
pub(super) fn r05_kind(case: &Case, pack: &Pack) -> Vec<Finding> {
    let kinds = &pack.terms.r05.kinds;
    if kinds.contains(&case.request.kind) {
        return Vec::new();
    }
    let known: Vec<Message> = kinds.iter().map(|kind| kind.in_words()).collect();
    let what = message!("kind-not-in-use", kind = case.request.kind.in_words());
    let remedy = Remedy::words(message!("remedy_other-kind", kinds = known));
    vec![pack.finds(RuleId::R05, "kind", what).with(remedy)]
}

/// R13: what papers or data can settle goes on site for a stated reason only.
pub(super) fn r13_off_site(case: &Case, pack: &Pack) -> Vec<Finding> {
    let is_asked = case.item.method == Method::OffSitePossible
        && pack.terms.r13.kinds.contains(&case.request.kind)
        && !case.is_exempt(pack);
    if !is_asked || case.request.on_site_reason.is_some() {
        return Vec::new();
    }
    let what = message!("off-site-first", item = case.item.id);
    let remedy = Remedy::words(message!("remedy_off-site"));
    vec![pack.finds(RuleId::R13, "on_site_reason", what).with(remedy)]
}

/// The annual plan of a filing.
fn annual<'c>(case: &'c Case) -> Option<&'c InspectionPlanRef<'c>> {
    case.request.plan.as_ref().filter(|plan| plan.kind == InspectionPlanKind::Annual)
}

/// R14: what belongs in an annual plan is in one that was filed in time.
pub(super) fn r14_annual_plan(case: &Case, pack: &Pack) -> Vec<Finding> {
    let terms = &pack.terms.r14;
    if !terms.kinds.contains(&case.request.kind) {
        return Vec::new();
    }
    let Some(plan) = annual(case) else {
        let remedy = Remedy::words(message!("remedy_annual-plan"));
        return vec![pack.finds(RuleId::R14, "plan", message!("no-annual-plan")).with(remedy)];
    };
    let deadline = NaiveDate::from_ymd_opt(plan.year, terms.deadline.month, terms.deadline.day);
    match (plan.filed_on, deadline) {
        (Some(filed), Some(deadline)) if deadline < filed => {
            let what =
                message!("plan-filed-late", plan = plan.id, filed = filed, deadline = deadline);
            vec![pack.finds(RuleId::R14, "plan", what)]
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
    let what = message!("item-not-in-plan", plan = plan.id, item = case.item.id);
    let remedy = Remedy::words(message!("remedy_plan-with-item"));
    vec![pack.finds(RuleId::R15, "item", what).with(remedy)]
}

/// R16: the plan has passed its steps.
pub(super) fn r16_plan_steps(case: &Case, pack: &Pack) -> Vec<Finding> {
    let Some(plan) = annual(case) else { return Vec::new() };
    let steps = pack.terms.r16.steps.iter().filter(|step| !plan.steps.contains(step));
    let missing: Vec<Message> = steps.map(|step| step.in_words()).collect();
    if missing.is_empty() {
        return Vec::new();
    }
    let what = message!("plan-steps-missing", plan = plan.id, steps = missing);
    let remedy = Remedy::words(message!("remedy_plan-steps"));
    vec![pack.finds(RuleId::R16, "plan", what).with(remedy)]
}

/// R17: a special inspection belongs to an approved campaign with quota left; one that is not published
/// in time is warned of.
pub(super) fn r17_campaign(case: &Case, pack: &Pack) -> Vec<Finding> {
    if case.request.kind != Kind::Special {
        return Vec::new();
    }
    let report = |what: Message, remedy: Message| {
        pack.finds(RuleId::R17, "plan", what).with(Remedy::words(remedy))
    };
    let campaign =
        case.request.plan.as_ref().filter(|plan| plan.kind == InspectionPlanKind::Campaign);
    let Some(plan) = campaign else {
        return vec![report(message!("no-campaign"), message!("remedy_campaign"))];
    };
    let mut found = Vec::new();
    if plan.approval_number.is_none() {
        let what = message!("no-approval-number", plan = plan.id);
        found.push(report(what, message!("remedy_approve-campaign")));
    }
    if plan.quota_left.is_some_and(|left| left <= 0) {
        let what = message!("quota-used", plan = plan.id);
        found.push(report(what, message!("remedy_larger-quota")));
    }
    let days = Days::new(pack.terms.r17.publish_days as u64);
    let is_late = plan.filed_on.is_some_and(|filed| filed + days < case.today);
    if plan.published_on.is_none() && is_late {
        let days = pack.terms.r17.publish_days;
        let what = message!("campaign-unpublished", plan = plan.id, days = days);
        found.push(report(what, message!("remedy_publish")).at_most(Severity::Warn));
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
            let remedy = Remedy::words(message!("remedy_name-draw"));
            vec![pack.finds(RuleId::R18, "draw", message!("no-draw")).with(remedy)]
        }
        Some(draw) if !draw.covers => {
            let (enterprise, item) = (case.enterprise.id, case.item.id);
            let what = message!("not-drawn", draw = draw.id, enterprise = enterprise, item = item);
            let remedy = Remedy::words(message!("remedy_what-was-drawn"));
            vec![pack.finds(RuleId::R18, "draw", what).with(remedy)]
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
        Some(plan) => message!("not-filed_plan", plan = plan.id),
        None => message!("not-filed"),
    };
    let remedy = Remedy::words(message!("remedy_file-plan"));
    vec![pack.finds(RuleId::R36, "plan", what).with(remedy)]
}
