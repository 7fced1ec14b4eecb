//! Requests as they are, and who goes for them. They come in by [`self::filing`], and what becomes
//! of them is in [`self::handling`].

pub mod advice;
pub mod answers;
pub mod counters;
pub(super) mod facts;
pub mod filing;
pub mod handling;
pub(super) mod intake;
pub(super) mod read_cache;

use super::App;
use super::access::audit::event;
use super::access::{Action, Caller, Object};
use super::error::{Error, Result};
use super::paging::Paging;
use crate::domain::{Defect, Message};
use crate::message;
use crate::store::{RequestFilter, Tx};
use crate::wire::access::user::Team;
use crate::wire::paging::Page;
use crate::wire::requests::request::{Request, RequestState};

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

/// The error of a request that there is not.
fn missing(id: &str) -> Error {
    Error::NotFound(message!("not-found_request", request = id))
}

/// A request's state as a word within a sentence.
fn state_in_words(state: RequestState) -> Message {
    match state {
        RequestState::ApprovalPending => message!("request-state_approval-pending"),
        RequestState::Accepted => message!("request-state_accepted"),
        RequestState::Refused => message!("request-state_refused"),
        RequestState::OffSite => message!("request-state_off-site"),
        RequestState::Settled => message!("request-state_settled"),
        RequestState::Recognised => message!("request-state_recognised"),
        RequestState::Withdrawn => message!("request-state_withdrawn"),
        RequestState::Cancelled => message!("request-state_cancelled"),
        RequestState::Expired => message!("request-state_expired"),
    }
}

/// The defect of somebody who does not act for a department, or is shut out.
fn stranger(pointer: impl AsRef<str>, name: &str, department: &str) -> Defect {
    Defect::at(pointer, message!("unknown-user_acts", name = name, department = department))
}

/// A request, as far as the policy goes.
pub(super) fn find(tx: &mut Tx<'_>, id: &str) -> Result<(Request, Object)> {
    let request = tx.request(id)?.ok_or_else(|| missing(id))?;
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
        let outcome = tx.outcome(id)?;
        let (visits, left_out) = (tx.visits_of(id)?, tx.plans_without(id)?);
        Ok(Request { outcome, visits, left_out, ..request })
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
                None => defects.push(stranger(format!("/members/{i}"), name, department)),
            }
        }
        if !defects.is_empty() {
            return Err(Error::Invalid(defects));
        }
        let before = Team { members: tx.team(id)?.into_iter().map(|(_, name)| name).collect() };
        tx.set_team(id, &members)?;
        let after = Team { members: tx.team(id)?.into_iter().map(|(_, name)| name).collect() };
        event("request", id, "team").before(&before).after(&after).record(app, tx, caller);
        Ok(after)
    })
}
