//! Requests: departments file them, look at them, and take them back.

use super::App;
use super::access::{Action, Caller, Object};
use super::error::{Error, Result};
use super::record::act;
use super::register::Paging;
use super::staff;
use crate::domain::Defect;
use crate::store::{RequestFilter, Tx};
use crate::wire::request::{NewRequest, Request, RequestState};
use crate::wire::run::Page;
use crate::wire::user::Team;

/// A request that was filed.
pub struct Filed {
    /// As it stands.
    pub request: Request,
    /// `false` when the same request stood there already under its reference.
    pub is_new: bool,
}

/// Files a request. Filing the same one again under the same reference changes nothing.
pub fn file(app: &App, caller: &Caller, new: &NewRequest) -> Result<Filed> {
    app.store.write_once_more(Error::is_taken, |tx| file_one(app, tx, caller, new, ""))
}

/// Files requests: all of them or, when one has a defect, none, with every defect told.
pub fn file_all(app: &App, caller: &Caller, new: &[NewRequest]) -> Result<Vec<Filed>> {
    app.store.write_once_more(Error::is_taken, |tx| {
        let (mut filed, mut defects) = (Vec::with_capacity(new.len()), Vec::new());
        for (i, new) in new.iter().enumerate() {
            match file_one(app, tx, caller, new, &format!("/{i}")) {
                Ok(one) => filed.push(one),
                Err(Error::Invalid(mut found)) => defects.append(&mut found),
                Err(other) => return Err(other),
            }
        }
        if defects.is_empty() { Ok(filed) } else { Err(Error::Invalid(defects)) }
    })
}

fn file_one(
    app: &App,
    tx: &mut Tx<'_>,
    caller: &Caller,
    new: &NewRequest,
    at: &str,
) -> Result<Filed> {
    // before anything is told of what stands in the register
    caller.may(Action::FileRequest, &Object::of(&new.department))?;
    let mut defects = Vec::new();
    let mut tell = |code: &'static str, field: &str, message: String| {
        defects.push(Defect::new(code, format!("{at}/{field}"), message));
    };
    let department = tx.department(&new.department)?;
    if department.is_none() {
        tell("unknown-department", "department", unknown("department", &new.department));
    }
    let enterprise = tx.enterprise(&new.enterprise)?.map(|found| found.value);
    if enterprise.is_none() {
        tell("unknown-enterprise", "enterprise", unknown("enterprise", &new.enterprise));
    }
    let item = tx.item(&new.item)?.map(|found| found.value);
    match &item {
        None => tell("unknown-item", "item", unknown("item", &new.item)),
        Some(item) if item.department != new.department => {
            let message = format!(
                "The item \"{}\" belongs to {}, not to {}.",
                item.id, item.department, new.department
            );
            tell("foreign-item", "item", message);
        }
        Some(_) => {}
    }
    if let (Some(enterprise), Some(department)) = (&enterprise, &department) {
        let department = &department.value;
        let pool = tx.pool_serving(&department.id, &enterprise.area)?;
        if let (Some(pool), Some(item)) = (&pool, &item) {
            let crew = new.inspectors.unwrap_or(item.inspectors.value);
            let window = (new.earliest, new.latest);
            let place = (pool.as_str(), enterprise.id.as_str());
            for (code, field, message) in staff::intake_defects(tx, place, item, (crew, window))? {
                tell(code, field, message);
            }
        }
        if pool.is_none() {
            let message = format!(
                "{} has no pool of inspectors for the area {}; add one first.",
                department.name.en, enterprise.area
            );
            tell("no-pool", "enterprise", message);
        }
    }
    if new.latest < app.today() {
        let message =
            format!("The window ends on {}, which is past; today is {}.", new.latest, app.today());
        tell("past", "latest", message);
    }
    // a calendar that ends before the window does is no reason to refuse
    let workdays = new.earliest.iter_days().take_while(|day| *day <= new.latest);
    if workdays.map(|day| app.calendar.is_workday(day)).all(|work| work == Ok(false)) {
        let message = format!(
            "No working day lies between {} and {}; widen the window.",
            new.earliest, new.latest
        );
        tell("no-working-day", "latest", message);
    }
    let (Some(item), Some(enterprise), true) = (item, enterprise, defects.is_empty()) else {
        return Err(Error::Invalid(defects));
    };
    let object = Object::of(&new.department).in_area(&enterprise.area);
    caller.may(Action::FileRequest, &object)?;
    let exempt = new.exempt.unwrap_or(new.kind.is_exempt());
    let filled = NewRequest {
        minutes: Some(new.minutes.unwrap_or(item.minutes.value)),
        inspectors: Some(new.inspectors.unwrap_or(item.inspectors.value)),
        exempt: Some(exempt),
        quiet_exempt: Some(new.quiet_exempt.unwrap_or(exempt)),
        ..new.clone()
    };
    if let Some(reference) = &filled.reference
        && let Some(standing) = tx.request_by_reference(&filled.department, reference)?
    {
        if standing.state == RequestState::Withdrawn {
            return Err(Error::conflict(
                "withdrawn",
                format!(
                    "The request of {} under the reference \"{reference}\" ({}) was withdrawn; \
                     choose another reference.",
                    filled.department, standing.id
                ),
            ));
        }
        if standing.filed == filled {
            return Ok(Filed { request: standing, is_new: false });
        }
        return Err(Error::conflict(
            "reference-taken",
            format!(
                "{} has filed another request under the reference \"{reference}\" ({}); \
                     choose another reference.",
                filled.department, standing.id
            ),
        ));
    }
    let request = tx.add_request(&filled, &caller.name, app.now().naive_utc())?;
    act("request", &request.id, "add").after(&request).tell(app, tx, caller);
    Ok(Filed { request, is_new: true })
}

fn unknown(what: &str, id: &str) -> String {
    format!("There is no {what} \"{id}\" in the register; add it first, or mend the id.")
}

/// Requests in the order they were filed.
pub fn list(
    app: &App,
    caller: &Caller,
    filter: &RequestFilter,
    paging: &Paging,
) -> Result<Page<Request>> {
    let reach = caller.reach(Action::ReadRequest)?;
    let rows = app.store.read(|tx| tx.requests(filter, &reach, paging.cursor(), paging.fetch()))?;
    Ok(paging.page(rows, |request| request.id.clone()))
}

/// A request, as far as the policy goes.
fn find(tx: &mut Tx<'_>, id: &str) -> Result<(Request, Object)> {
    let request = tx.request(id)?.ok_or_else(|| Error::not_found("request", id))?;
    let enterprise = tx.enterprise(&request.filed.enterprise)?;
    let mut object = Object::of(&request.filed.department);
    if let Some(enterprise) = enterprise {
        object = object.in_area(&enterprise.value.area);
    }
    object.team = tx.team(id)?.into_iter().map(|(member, _)| member).collect();
    Ok((request, object))
}

/// A request, and what the published plan does with it.
pub fn get(app: &App, caller: &Caller, id: &str) -> Result<Request> {
    caller.reach(Action::ReadRequest)?;
    app.store.read(|tx| {
        let (request, object) = find(tx, id)?;
        caller.may(Action::ReadRequest, &object)?;
        let lot = tx.lot(id)?;
        Ok(Request { lot, ..request })
    })
}

/// Takes a request back. A visit that is announced stays on the schedule until the next plan.
pub fn withdraw(app: &App, caller: &Caller, id: &str) -> Result<Request> {
    caller.reach(Action::FileRequest)?;
    app.store.write(|tx| {
        let (before, object) = find(tx, id)?;
        caller.may(Action::FileRequest, &object)?;
        if !tx.withdraw_request(id)? {
            return Err(Error::conflict("not-accepted", "This request is withdrawn already."));
        }
        let request = Request { state: RequestState::Withdrawn, ..before.clone() };
        act("request", id, "withdraw").before(&before).after(&request).tell(app, tx, caller);
        Ok(request)
    })
}

/// Who goes for a request.
pub fn team(app: &App, caller: &Caller, id: &str) -> Result<Team> {
    caller.reach(Action::ReadRequest)?;
    app.store.read(|tx| {
        let (_, object) = find(tx, id)?;
        caller.may(Action::ReadRequest, &object)?;
        let members = tx.team(id)?.into_iter().map(|(_, name)| name).collect();
        Ok(Team { members })
    })
}

/// Says who goes for a request: users who act for its department. They see the visit that it is in.
pub fn set_team(app: &App, caller: &Caller, id: &str, team: &Team) -> Result<Team> {
    caller.reach(Action::SetTeam)?;
    app.store.write(|tx| {
        let (request, object) = find(tx, id)?;
        caller.may(Action::SetTeam, &object)?;
        let department = &request.filed.department;
        let (mut members, mut defects) = (Vec::new(), Vec::new());
        for (i, name) in team.members.iter().enumerate() {
            let user = tx.user_by_name(name)?.map(|user| user.value);
            match user.filter(|user| !user.disabled && user.access.departments.contains(department))
            {
                Some(user) => members.push(user.id),
                None => {
                    let message = format!("Nobody called \"{name}\" acts for {department}.");
                    defects.push(Defect::new("unknown-user", format!("/members/{i}"), message));
                }
            }
        }
        if !defects.is_empty() {
            return Err(Error::Invalid(defects));
        }
        let before = Team { members: tx.team(id)?.into_iter().map(|(_, name)| name).collect() };
        tx.set_team(id, &members)?;
        let after = Team { members: tx.team(id)?.into_iter().map(|(_, name)| name).collect() };
        act("request", id, "team").before(&before).after(&after).tell(app, tx, caller);
        Ok(after)
    })
}
