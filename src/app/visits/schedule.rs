//! Visits: the schedule that teams pull, and those of plans that are not published.

use crate::app::App;
use crate::app::access::{Action, Caller, Object};
use crate::app::error::{Error, Result};
use crate::app::made::MadePage;
use crate::app::paging::{Paging, bad_cursor};
use crate::app::planning::plans::find;
use crate::message;
use crate::store::{Bounds, Stamp, Tx, VisitFilter};
use crate::wire;
use crate::wire::paging::Page;
use crate::wire::visits::visit::VisitRecord;
use chrono::NaiveDate;
use std::sync::Arc;

/// Visits by day: of one plan or, when the filter names none, those on the schedule. The cursor is a
/// day and an id.
pub fn list(
    app: &App,
    caller: &Caller,
    filter: &VisitFilter,
    paging: &Paging,
) -> Result<Page<VisitRecord>> {
    let cursor = place(paging)?;
    let reach = match filter.plan {
        // what is not published is nobody's yet
        Some(_) => {
            caller.may(Action::ReadPlan, &Object::everywhere())?;
            Bounds::default()
        }
        None => caller.reach(Action::ReadVisit)?,
    };
    app.store.read(|tx| {
        if let Some(plan) = &filter.plan {
            find(tx, plan)?;
        }
        page(tx, filter, &reach, (paging, cursor))
    })
}

/// The same of the schedule, as it is sent: made once for all who ask for it and may see the same.
pub fn published(
    app: &App,
    caller: &Caller,
    filter: &VisitFilter,
    paging: &Paging,
) -> Result<Arc<MadePage>> {
    let cursor = place(paging)?;
    let reach = caller.reach(Action::ReadVisit)?;
    let filter = VisitFilter { plan: None, ..filter.clone() };
    let wanted = format!("{filter:?} {reach:?} {cursor:?} {}", paging.fetch());
    let key = |stamp: String| format!("{stamp} {wanted}");
    let stamp = app.store.look(|tx| tx.stamp(Stamp::Schedule))?;
    if let Some(made) = app.made.page(&key(stamp)) {
        return Ok(made);
    }
    app.store.read(|tx| {
        let key = key(tx.stamp(Stamp::Schedule)?);
        let mut make = || {
            let page = page(tx, &filter, &reach, (paging, cursor))?;
            let json = serde_json::to_vec(&page);
            json.map(MadePage::new).map_err(|error| Error::Internal(format!("a page: {error}")))
        };
        // the stamp says nothing of teams
        if reach.person.is_some() { make().map(Arc::new) } else { app.made.page_or(&key, make) }
    })
}

/// The day and id after which a page of visits begins.
type Place<'p> = Option<(NaiveDate, &'p str)>;

fn place(paging: &Paging) -> Result<Place<'_>> {
    let text = paging.cursor();
    if text.is_empty() {
        return Ok(None);
    }
    let (day, id) = text.split_once('_').ok_or_else(bad_cursor)?;
    Ok(Some((wire::json::parse_date(day).ok_or_else(bad_cursor)?, id)))
}

fn page(
    tx: &mut Tx<'_>,
    filter: &VisitFilter,
    reach: &Bounds,
    (paging, cursor): (&Paging, Place<'_>),
) -> Result<Page<VisitRecord>> {
    let rows = tx.visits(filter, reach, cursor, paging.fetch())?;
    Ok(paging.page(rows, |visit| format!("{}_{}", visit.day, visit.id)))
}

/// A visit, of the schedule or of a draft, also when it is withdrawn.
pub fn get(app: &App, caller: &Caller, id: &str) -> Result<VisitRecord> {
    caller.reach(Action::ReadVisit)?;
    app.store.read(|tx| {
        let missing = || Error::NotFound(message!("not-found_visit", id = id));
        let visit = match tx.visit(id)? {
            Some(visit) => visit,
            None => {
                // a visit of a draft is for those who plan
                let draft = tx.draft_visit(id)?.ok_or_else(missing)?;
                caller.may(Action::ReadPlan, &Object::everywhere())?;
                draft
            }
        };
        let present = visit.attendances.iter().map(|presence| presence.department.clone());
        let object = Object {
            departments: present.collect(),
            team: tx.visit_team(id)?,
            ..Object::shared().in_area(&visit.area)
        };
        caller.may(Action::ReadVisit, &object)?;
        Ok(visit)
    })
}
