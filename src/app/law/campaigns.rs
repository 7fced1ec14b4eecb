//! Annual plans and campaigns: drawn up, approved, filed, published, closed; and what intake asks of
//! them. Without a published plan there is no planned inspection (R14, R17, R36).

use super::references::{check_references, place};
use crate::app::App;
use crate::app::access::audit::event;
use crate::app::access::{Action, Caller, Object};
use crate::app::error::{Error, Result};
use crate::app::paging::Paging;
use crate::domain::{Defect, Message};
use crate::message;
use crate::store::{InspectionPlanFilter, Tx, Versioned};
use crate::wire::law::campaign::{
    Approver, Closing, DoneOn, InspectionPlan, InspectionPlanKind, InspectionPlanState,
    NewApproval, NewInspectionPlan,
};
use crate::wire::paging::Page;
use chrono::NaiveDate;

/// The last day for filing a plan: its own or, of an annual plan, 31 March (the latest of the published
/// ones: Wuxi, Liaocheng).
fn deadline(plan: &NewInspectionPlan) -> Option<NaiveDate> {
    let usual = NaiveDate::from_ymd_opt(i32::try_from(plan.year).ok()?, 3, 31);
    plan.filing_deadline.or(usual.filter(|_| plan.kind == InspectionPlanKind::Annual))
}

fn is_late(plan: &InspectionPlan, today: NaiveDate) -> bool {
    let is_given_up = plan.state == InspectionPlanState::Closed && plan.filed_on.is_none();
    let day = plan.filed_on.unwrap_or(today);
    !is_given_up && deadline(&plan.plan).is_some_and(|deadline| deadline < day)
}

/// A plan, as far as the policy goes: one that is bound to no area concerns them all.
fn object(plan: &NewInspectionPlan) -> Object {
    Object { departments: vec![plan.department.clone()], ..place(plan.area.as_deref()) }
}

/// Plans in the order they were drawn up.
pub fn list(
    app: &App,
    caller: &Caller,
    filter: &InspectionPlanFilter,
    paging: &Paging,
) -> Result<Page<InspectionPlan>> {
    let reach = caller.reach(Action::ReadInspectionPlan)?;
    let mut rows = app
        .store
        .read(|tx| tx.inspection_plans(filter, &reach, paging.cursor(), paging.fetch()))?;
    for plan in &mut rows {
        plan.is_late = is_late(plan, app.today());
    }
    Ok(paging.page(rows, |plan| plan.id.clone()))
}

/// A plan.
pub fn get(app: &App, caller: &Caller, id: &str) -> Result<Versioned<InspectionPlan>> {
    caller.reach(Action::ReadInspectionPlan)?;
    let plan = app.store.read(|tx| find(app, tx, id))?;
    caller.may(Action::ReadInspectionPlan, &object(&plan.value.plan))?;
    Ok(plan)
}

fn find(app: &App, tx: &mut Tx<'_>, id: &str) -> Result<Versioned<InspectionPlan>> {
    let missing = || Error::NotFound(message!("not-found_inspection-plan", id = id));
    let mut plan = tx.inspection_plan(id)?.ok_or_else(missing)?;
    plan.value.is_late = is_late(&plan.value, app.today());
    plan.value.used = Some(tx.requests_of_plan(id)?);
    Ok(plan)
}

/// Draws a plan up.
pub fn draft(
    app: &App,
    caller: &Caller,
    new: &NewInspectionPlan,
) -> Result<Versioned<InspectionPlan>> {
    caller.may(Action::DraftInspectionPlan, &object(new))?;
    app.store.write(|tx| {
        sound(tx, new)?;
        let id = tx.add_inspection_plan(new, &caller.name, app.now().naive_utc())?;
        let plan = find(app, tx, &id)?;
        event("inspection_plan", &id, "draft").after(&plan.value).record(app, tx, caller);
        Ok(plan)
    })
}

fn sound(tx: &mut Tx<'_>, new: &NewInspectionPlan) -> Result<()> {
    let defects = check_references(tx, &new.department, &new.items, new.area.as_deref())?;
    if defects.is_empty() { Ok(()) } else { Err(Error::Invalid(defects)) }
}

/// Puts another text in place of a draft of version `version`. Its department stays what it is.
pub fn change(
    app: &App,
    caller: &Caller,
    id: &str,
    new: &NewInspectionPlan,
    version: i64,
) -> Result<Versioned<InspectionPlan>> {
    caller.may(Action::DraftInspectionPlan, &object(new))?;
    step(app, caller, id, version, "change", |tx, plan| {
        caller.may(Action::DraftInspectionPlan, &object(&plan.plan))?;
        in_state(plan, InspectionPlanState::Draft, |is| message!("not-a-draft", state = is))?;
        if new.department != plan.plan.department {
            let message = message!("immutable_plan", department = &plan.plan.department);
            return Err(Error::defect("/department", message));
        }
        sound(tx, new)?;
        Ok(InspectionPlan { plan: new.clone(), ..plan.clone() })
    })
}

/// Notes that a draft of version `version` was approved. An annual plan's approval is noted by the head
/// of the department or a coordinator, a campaign's, which is given above it, by a coordinator (R17).
pub fn approve(
    app: &App,
    caller: &Caller,
    id: &str,
    approval: &NewApproval,
    version: i64,
) -> Result<Versioned<InspectionPlan>> {
    caller.reach(Action::SettleInspectionPlan)?;
    step(app, caller, id, version, "approve", |_, plan| {
        let action = match plan.plan.kind {
            InspectionPlanKind::Annual => Action::SettleInspectionPlan,
            InspectionPlanKind::Campaign => Action::ApproveCampaign,
        };
        caller.may(action, &object(&plan.plan))?;
        in_state(plan, InspectionPlanState::Draft, |is| message!("not-a-draft", state = is))?;
        let defects = approval_defects(&plan.plan, approval, app.today());
        if !defects.is_empty() {
            return Err(Error::Invalid(defects));
        }
        let (state, approval) = (InspectionPlanState::Approved, Some(approval.clone()));
        Ok(InspectionPlan { state, approval, ..plan.clone() })
    })
}

fn approval_defects(
    plan: &NewInspectionPlan,
    approval: &NewApproval,
    today: NaiveDate,
) -> Vec<Defect> {
    let mut defects = Vec::new();
    if plan.kind == InspectionPlanKind::Campaign {
        if approval.approved_by == Approver::Head {
            defects.push(Defect::at("/approved_by", message!("approver-too-low")));
        }
        if approval.approval_number.is_none() {
            defects.push(Defect::at("/approval_number", message!("missing-field_approval")));
        }
    }
    let day = approval.approved_on;
    if day > today {
        let message = message!("in-future", day = day, today = today);
        defects.push(Defect::at("/approved_on", message));
    }
    for (step, taken) in plan.steps.taken() {
        if taken > day {
            let message =
                message!("steps-out-of-order_approval", step = step.in_words(), day = taken);
            defects.push(Defect::at("/approved_on", message));
        }
    }
    defects
}

/// Notes that an approved plan of version `version` was filed.
pub fn file(
    app: &App,
    caller: &Caller,
    id: &str,
    done: &DoneOn,
    version: i64,
) -> Result<Versioned<InspectionPlan>> {
    caller.reach(Action::SettleInspectionPlan)?;
    step(app, caller, id, version, "file", |_, plan| {
        caller.may(Action::SettleInspectionPlan, &object(&plan.plan))?;
        in_state(plan, InspectionPlanState::Approved, |is| message!("not-approved", state = is))?;
        let approved_on = plan.approval.as_ref().map(|approval| approval.approved_on);
        let filed_on = Some(day_of(app, done, approved_on)?);
        let state = InspectionPlanState::Filed;
        Ok(InspectionPlan { state, filed_on, ..plan.clone() })
    })
}

/// Notes that a filed plan of version `version` was published. Only closing changes it from now on.
pub fn publish(
    app: &App,
    caller: &Caller,
    id: &str,
    done: &DoneOn,
    version: i64,
) -> Result<Versioned<InspectionPlan>> {
    caller.reach(Action::SettleInspectionPlan)?;
    step(app, caller, id, version, "publish", |_, plan| {
        caller.may(Action::SettleInspectionPlan, &object(&plan.plan))?;
        in_state(plan, InspectionPlanState::Filed, |is| message!("not-filed_yet", state = is))?;
        let published_on = Some(day_of(app, done, plan.filed_on)?);
        let state = InspectionPlanState::Published;
        Ok(InspectionPlan { state, published_on, ..plan.clone() })
    })
}

/// Ends a plan of version `version`, or gives it up.
pub fn close(
    app: &App,
    caller: &Caller,
    id: &str,
    closing: &Closing,
    version: i64,
) -> Result<Versioned<InspectionPlan>> {
    caller.reach(Action::SettleInspectionPlan)?;
    step(app, caller, id, version, "close", |_, plan| {
        caller.may(Action::SettleInspectionPlan, &object(&plan.plan))?;
        if plan.state == InspectionPlanState::Closed {
            return Err(Error::Conflict(message!("closed_plan")));
        }
        let (state, reason) = (InspectionPlanState::Closed, Some(closing.reason.clone()));
        Ok(InspectionPlan { state, closed_because: reason, ..plan.clone() })
    })
}

/// Refuses what only a plan in a state admits; `refusal` says so, with the state that it is in.
fn in_state(
    plan: &InspectionPlan,
    wanted: InspectionPlanState,
    refusal: impl FnOnce(Message) -> Message,
) -> Result<()> {
    if plan.state == wanted {
        return Ok(());
    }
    Err(Error::Conflict(refusal(state_in_words(plan.state))))
}

fn state_in_words(state: InspectionPlanState) -> Message {
    match state {
        InspectionPlanState::Draft => message!("plan-state_draft"),
        InspectionPlanState::Approved => message!("plan-state_approved"),
        InspectionPlanState::Filed => message!("plan-state_filed"),
        InspectionPlanState::Published => message!("plan-state_published"),
        InspectionPlanState::Closed => message!("plan-state_closed"),
    }
}

/// The day on which something was done: not before what comes first, and not in the future.
fn day_of(app: &App, done: &DoneOn, earlier: Option<NaiveDate>) -> Result<NaiveDate> {
    let today = app.today();
    let day = done.day.unwrap_or(today);
    if day > today {
        return Err(Error::defect("/day", message!("in-future", day = day, today = today)));
    }
    if let Some(earlier) = earlier.filter(|earlier| day < *earlier) {
        let message = message!("steps-out-of-order", day = day, earlier = earlier);
        return Err(Error::defect("/day", message));
    }
    Ok(day)
}

/// Takes a plan one step on, if it is still of version `version`. `edit` asks the policy.
fn step(
    app: &App,
    caller: &Caller,
    id: &str,
    version: i64,
    verb: &'static str,
    edit: impl FnOnce(&mut Tx<'_>, &InspectionPlan) -> Result<InspectionPlan>,
) -> Result<Versioned<InspectionPlan>> {
    app.store.write(|tx| {
        let before = find(app, tx, id)?;
        // whether one may is decided before what version it is
        caller.may(Action::ReadInspectionPlan, &object(&before.value.plan))?;
        if before.version != version {
            return Err(Error::VersionChanged { current: before.version });
        }
        let plan = edit(tx, &before.value)?;
        if !tx.replace_inspection_plan(&plan, version)? {
            return Err(Error::VersionChanged { current: version + 1 });
        }
        let after = find(app, tx, id)?;
        event("inspection_plan", id, verb)
            .before(&before.value)
            .after(&after.value)
            .record(app, tx, caller);
        Ok(after)
    })
}

/// For intake: a plan with the number of requests that name it, or none.
pub fn inspection_plan_for(app: &App, tx: &mut Tx<'_>, id: &str) -> Result<Option<InspectionPlan>> {
    match find(app, tx, id) {
        Ok(plan) => Ok(Some(plan.value)),
        Err(Error::NotFound { .. }) => Ok(None),
        Err(other) => Err(other),
    }
}

/// A request, as far as a plan is concerned.
#[derive(Clone, Copy, Debug)]
pub struct PlannedUse<'w> {
    /// Id of its department.
    pub department: &'w str,
    /// Id of the item.
    pub item: &'w str,
    /// First and last allowed day.
    pub window: (NaiveDate, NaiveDate),
    /// The kind of plan that its kind of inspection asks for.
    pub kind: InspectionPlanKind,
}

/// Why a plan does not carry a request, for intake: field of the request, and what is wrong. Its quota is
/// apart ([`quota_defect`]), for it changes with each request. `is_within` says whether the request's
/// area lies in another.
pub fn intake_defects(
    existing: &InspectionPlan,
    planned_use: &PlannedUse<'_>,
    is_within: impl FnOnce(&str) -> Result<bool>,
) -> Result<Vec<(&'static str, Message)>> {
    let mut found = Vec::new();
    let InspectionPlan { plan, state, .. } = existing;
    if plan.department != planned_use.department {
        let (owner, department) = (&plan.department, planned_use.department);
        let message = message!("foreign-plan", owner = owner, department = department);
        found.push(("plan", message));
    }
    if plan.kind != planned_use.kind {
        let [is, wanted] = [plan.kind, planned_use.kind].map(InspectionPlanKind::in_words);
        found.push(("plan", message!("plan-of-other-kind", kind = is, wanted = wanted)));
    }
    if *state != InspectionPlanState::Published {
        found.push(("plan", message!("plan-not-published", state = state_in_words(*state))));
    }
    if !plan.items.iter().any(|item| item == planned_use.item) {
        found.push(("item", message!("item-not-in-plan_others", items = plan.items.clone())));
    }
    let (earliest, latest) = planned_use.window;
    if latest < plan.start || plan.end < earliest {
        found.push(("latest", message!("outside-plan", first = plan.start, last = plan.end)));
    }
    if let Some(area) = &plan.area
        && !is_within(area)?
    {
        found.push(("enterprise", message!("outside-plan-area", area = area)));
    }
    Ok(found)
}

/// That nothing is left of a plan's quota: field of the request, and what is wrong.
pub fn quota_defect(existing: &InspectionPlan) -> Option<(&'static str, Message)> {
    let (quota, used) = (existing.plan.quota?, existing.used?);
    (used >= quota).then(|| ("plan", message!("quota-used_plan", quota = quota, used = used)))
}
