//! Plans: compared, published, and pulled as the schedule of visits.

use super::policies::find as find_policy;
use super::runs::{read_problem, unpacked};
use crate::app::App;
use crate::app::access::audit::event;
use crate::app::access::{Action, Caller, Object};
use crate::app::error::{Error, Result};
use crate::app::paging::Paging;
use crate::app::visits::publishing::{self, Published};
use crate::domain::Plan;
use crate::domain::diff::{self, diff};
use crate::message;
use crate::store::{Tx, Versioned};
use crate::wire;
use crate::wire::paging::Page;
use crate::wire::planning::run::{Change, Comparison, PlanFigures, PlanRecord, PlanState};
use chrono::{Days, NaiveDate};
use serde::Serialize;

/// Plans, newest first.
pub fn list(
    app: &App,
    caller: &Caller,
    state: Option<PlanState>,
    paging: &Paging,
) -> Result<Page<PlanRecord>> {
    caller.may(Action::ReadPlan, &Object::everywhere())?;
    let rows = app.store.read(|tx| tx.plans(state, paging.cursor(), paging.fetch()))?;
    Ok(paging.page(rows, |plan| plan.id.clone()))
}

/// A plan with its report.
pub fn get(app: &App, caller: &Caller, id: &str) -> Result<Versioned<PlanRecord>> {
    caller.may(Action::ReadPlan, &Object::everywhere())?;
    app.store.read(|tx| find(tx, id))
}

/// A plan.
pub(in crate::app) fn find(tx: &mut Tx<'_>, id: &str) -> Result<Versioned<PlanRecord>> {
    tx.plan(id)?.ok_or_else(|| Error::NotFound(message!("not-found_plan", id = id)))
}

/// A plan as a plan file.
pub fn file(app: &App, caller: &Caller, id: &str) -> Result<Vec<u8>> {
    caller.may(Action::ReadPlan, &Object::everywhere())?;
    let (record, plan) = app.store.read(|tx| read_plan(tx, id))?;
    let mut file = Vec::new();
    wire::planning::plan::write(&plan, Some((record.cost, record.bound)), &mut file)
        .map_err(|error| Error::Internal(error.to_string()))?;
    Ok(file)
}

fn read_plan(tx: &mut Tx<'_>, id: &str) -> Result<(PlanRecord, Plan)> {
    let record = find(tx, id)?.value;
    let report = record.report.as_ref();
    let name = report.and_then(|report| report["problem"].as_str()).unwrap_or_default();
    let plan = tx.plan_visits(id, name)?;
    Ok((record, plan))
}

/// What plan `new` changes against plan `old`, request by request.
pub fn compare(app: &App, caller: &Caller, old: &str, new: &str) -> Result<Comparison> {
    caller.may(Action::ReadPlan, &Object::everywhere())?;
    let (old, new, problem) = app.store.read(|tx| {
        let (old, new) = (read_plan(tx, old)?, read_plan(tx, new)?);
        let problem = tx.problem(&new.0.problem)?;
        Ok::<_, Error>((old, new, problem))
    })?;
    let problem = problem.ok_or_else(|| Error::Internal("a plan without a problem".into()))?;
    let problem = read_problem(&unpacked(&problem.file)?)?;
    let found = diff(&problem, &old.1, &new.1);
    let changes = |list: Vec<diff::Change>| {
        list.into_iter()
            .map(|diff::Change { request, enterprise, before, after }| Change {
                request,
                enterprise,
                before,
                after,
            })
            .collect()
    };
    let figures = |(record, plan): &(PlanRecord, Plan)| PlanFigures {
        plan: record.id.clone(),
        cost: record.cost,
        bound: record.bound,
        visits: plan.visits.len(),
    };
    Ok(Comparison {
        old: figures(&old),
        new: figures(&new),
        is_same_problem: old.0.problem == new.0.problem,
        added: changes(found.added),
        dropped: changes(found.dropped),
        moved: changes(found.moved),
        regrouped: changes(found.regrouped),
        unchanged: found.unchanged,
    })
}

/// A published plan, and what that did to the schedule, as the audit log has it.
#[derive(Serialize)]
struct Publication<'p> {
    #[serde(flatten)]
    plan: &'p PlanRecord,
    visits: Published,
}

/// Publishes a draft of version `version`: its visits join the schedule, those that it goes on with keep
/// their ids, and of those within its horizon the others go. Refused when another plan was published
/// since its problem was built: what it kept and moved would then be measured against a schedule that is
/// no more.
pub fn publish(
    app: &App,
    caller: &Caller,
    id: &str,
    version: i64,
) -> Result<Versioned<PlanRecord>> {
    caller.may(Action::Publish, &Object::everywhere())?;
    app.store.write_long(|tx| {
        let plan = find(tx, id)?;
        if plan.version != version {
            return Err(Error::VersionChanged { current: plan.version });
        }
        match plan.value.state {
            PlanState::Draft => {}
            PlanState::Published => {
                return Err(Error::Conflict(message!("not-a-draft_published")));
            }
            PlanState::Superseded => {
                return Err(Error::Conflict(message!("not-a-draft_superseded")));
            }
        }
        let horizon = tx.horizon(&plan.value.problem)?;
        let fast_until = is_up_to_date(app, tx, id, horizon)?;
        let (parent, now) = (plan.value.parent.as_deref(), app.now().naive_utc());
        if !tx.publish_plan(id, parent, &caller.name, now)? {
            return Err(Error::Conflict(message!("parent-superseded")));
        }
        let visits = publishing::publish(tx, id, horizon, (app.today(), fast_until), now)?;
        let published = find(tx, id)?;
        // the report of the run is stored with the plan
        let [before, after] =
            [&plan.value, &published.value].map(|plan| PlanRecord { report: None, ..plan.clone() });
        let after = Publication { plan: &after, visits };
        event("plan", id, "publish").before(&before).after(&after).record(app, tx, caller);
        Ok(published)
    })
}

/// A draft made some time ago may rest on what has changed since: requests that were withdrawn, and
/// visits that have been held, or are fixed by now, and that it would move. Answers with the first day
/// that is not fixed.
fn is_up_to_date(
    app: &App,
    tx: &mut Tx<'_>,
    id: &str,
    (start, end): (NaiveDate, NaiveDate),
) -> Result<NaiveDate> {
    if let Some(request) = tx.gone_in_plan(id)? {
        return Err(Error::Conflict(message!("plan-outdated_withdrawn", request = request)));
    }
    let freeze_days = find_policy(tx, None)?.policy.freeze_days as u64;
    let fast_until = app.today().checked_add_days(Days::new(freeze_days)).unwrap_or(end);
    let last = end.min(fast_until.pred_opt().unwrap_or(end));
    if let Some((enterprise, day)) = tx.moved_by_plan(id, (start, last))? {
        let message = message!("plan-outdated_moved", enterprise = enterprise, day = day);
        return Err(Error::Conflict(message));
    }
    Ok(fast_until)
}
