//! What becomes of a request after it was filed: approvals by the head of its body (R04), what a
//! coordinator may do (merge, move, send off site, cancel), the off-site queue (R13), and its history.

use super::intake;
use super::{find, missing, state_in_words, stranger};
use crate::app::App;
use crate::app::access::audit::event;
use crate::app::access::{Action, Caller, Object};
use crate::app::error::{Error, Result};
use crate::app::paging::Paging;
use crate::app::paging::bad_cursor;
use crate::app::register::catalogue::Catalogue;
use crate::domain::{Argument, Defect, Message};
use crate::message;
use crate::store::{EventFilter, Tx};
use crate::wire::paging::Page;
use crate::wire::register::Method;
use crate::wire::requests::handling::{
    Approval, Because, Merge, Move, OffSiteCheck, OffSiteFinding, OffSiteOutcome, OffSiteShare,
    Step, ToOffSite,
};
use crate::wire::requests::request::{NewRequest, Request, RequestState};
use chrono::NaiveDate;
use std::collections::BTreeSet;

/// Most requests that expire in one transaction.
const EXPIRED_MAX: usize = 1_000;
/// Most such transactions after a run: what has passed is planned by none, and the next run goes on.
const EXPIRY_ROUNDS: usize = 5;

/// Finds a request that the caller may do something to.
fn own(tx: &mut Tx<'_>, caller: &Caller, id: &str, action: Action) -> Result<Request> {
    let (request, object) = find(tx, id)?;
    caller.may(action, &object)?;
    Ok(request)
}

/// Brings a request into another state, and writes it to the audit log.
fn transit(
    app: &App,
    tx: &mut Tx<'_>,
    caller: &Caller,
    before: &Request,
    (verb, to): (&'static str, RequestState),
) -> Result<Request> {
    if before.state != to && !tx.move_request(&before.id, before.state, to)? {
        return Err(Error::Conflict(message!("changed", request = &before.id)));
    }
    let after = tx.request(&before.id)?.ok_or_else(|| missing(&before.id))?;
    event("request", &before.id, verb).before(before).after(&after).record(app, tx, caller);
    Ok(after)
}

/// Refuses what a request's state does not allow; `refused` makes the message of the state and of those
/// that would do.
fn expect(
    request: &Request,
    allowed: &[RequestState],
    refused: fn(Message, Argument) -> Message,
) -> Result<()> {
    if allowed.contains(&request.state) {
        return Ok(());
    }
    let states = allowed.iter().copied().map(state_in_words).collect();
    Err(Error::Conflict(refused(state_in_words(request.state), states)))
}

fn not_pending(state: Message, allowed: Argument) -> Message {
    message!("not-pending", state = state, allowed = allowed)
}

fn not_open(state: Message, allowed: Argument) -> Message {
    message!("not-open", state = state, allowed = allowed)
}

fn not_off_site(state: Message, allowed: Argument) -> Message {
    message!("not-off-site", state = state, allowed = allowed)
}

/// Approves a request: one that waits is planned from now on, of an urgent one the papers are complete.
pub fn approve(app: &App, caller: &Caller, id: &str, approval: &Approval) -> Result<Request> {
    caller.reach(Action::Approve)?;
    let caller = &with_reason(caller, approval.note.as_deref());
    app.store.write(|tx| {
        let before = own(tx, caller, id, Action::Approve)?;
        if before.approval_due.is_none() {
            expect(&before, &[RequestState::ApprovalPending], not_pending)?;
        }
        tx.approve_request(id, &caller.name, app.now().naive_utc())?;
        let to = if before.state == RequestState::ApprovalPending {
            RequestState::Accepted
        } else {
            before.state
        };
        transit(app, tx, caller, &before, ("approve", to))
    })
}

/// Does not approve a request.
pub fn refuse(app: &App, caller: &Caller, id: &str, why: &Because) -> Result<Request> {
    caller.reach(Action::Approve)?;
    let caller = &with_reason(caller, Some(&why.reason));
    app.store.write(|tx| {
        let before = own(tx, caller, id, Action::Approve)?;
        if before.approval_due.is_none() {
            expect(&before, &[RequestState::ApprovalPending], not_pending)?;
        }
        transit(app, tx, caller, &before, ("refuse", RequestState::Refused))
    })
}

/// Takes a request back. A visit that is announced stays on the schedule until the next plan.
pub fn withdraw(app: &App, caller: &Caller, id: &str) -> Result<Request> {
    caller.reach(Action::FileRequest)?;
    app.store.write(|tx| {
        let before = own(tx, caller, id, Action::FileRequest)?;
        if !before.state.is_open() {
            let message = message!("not-accepted", state = state_in_words(before.state));
            return Err(Error::Conflict(message));
        }
        transit(app, tx, caller, &before, ("withdraw", RequestState::Withdrawn))
    })
}

/// Calls a request off.
pub fn cancel(app: &App, caller: &Caller, id: &str, why: &Because) -> Result<Request> {
    caller.reach(Action::Coordinate)?;
    let caller = &with_reason(caller, Some(&why.reason));
    app.store.write(|tx| {
        let before = own(tx, caller, id, Action::Coordinate)?;
        if !before.state.is_open() {
            let message = message!("not-open_over", state = state_in_words(before.state));
            return Err(Error::Conflict(message));
        }
        transit(app, tx, caller, &before, ("cancel", RequestState::Cancelled))
    })
}

/// Gives a request another window, which the rules must allow like one that is filed.
pub fn move_to(app: &App, caller: &Caller, id: &str, to: &Move) -> Result<Request> {
    caller.reach(Action::Coordinate)?;
    let caller = &with_reason(caller, Some(&to.reason));
    app.store.write(|tx| {
        let before = own(tx, caller, id, Action::Coordinate)?;
        expect(&before, &[RequestState::ApprovalPending, RequestState::Accepted], not_open)?;
        let moved = NewRequest { earliest: to.earliest, latest: to.latest, ..before.filed.clone() };
        intake::admit_again(app, tx, id, &moved)?;
        let together = before.filed.together.as_deref();
        tx.reschedule_request(id, (to.earliest, to.latest), together)?;
        transit(app, tx, caller, &before, ("move", before.state))
    })
}

/// Has requests of one enterprise held together: they get the days that all of them allow; those of one
/// department become a group that shares a visit, those of several must have a scenario in common.
pub fn merge(app: &App, caller: &Caller, id: &str, merge: &Merge) -> Result<Vec<Request>> {
    caller.reach(Action::Coordinate)?;
    let caller = &with_reason(caller, Some(&merge.reason));
    app.store.write(|tx| {
        let mut all = vec![own(tx, caller, id, Action::Coordinate)?];
        let mut defects = Vec::new();
        for (i, other) in merge.with.iter().enumerate() {
            let at = format!("/with/{i}");
            if all.iter().any(|request| request.id == *other) {
                defects.push(Defect::at(at, message!("duplicate-id_merge", request = other)));
                continue;
            }
            let other = own(tx, caller, other, Action::Coordinate)?;
            if other.filed.enterprise != all[0].filed.enterprise {
                let message = message!(
                    "other-enterprise",
                    request = &other.id,
                    found = &other.filed.enterprise,
                    wanted = &all[0].filed.enterprise,
                );
                defects.push(Defect::at(at, message));
            } else if other.filed.solo || all[0].filed.solo {
                defects.push(Defect::at(at, message!("solo_merge")));
            }
            all.push(other);
        }
        let earliest = all.iter().map(|request| request.filed.earliest).max().unwrap_or_default();
        let latest = all.iter().map(|request| request.filed.latest).min().unwrap_or_default();
        if earliest > latest {
            let message = message!("no-common-day", begins = earliest, ends = latest);
            defects.push(Defect::at("/with", message));
        }
        if let Some(message) = not_combinable(tx, &all)? {
            defects.push(Defect::at("/with", message));
        }
        if !defects.is_empty() {
            return Err(Error::Invalid(defects));
        }
        let mut merged = Vec::with_capacity(all.len());
        for before in &all {
            expect(before, &[RequestState::ApprovalPending, RequestState::Accepted], not_open)?;
            let department = &before.filed.department;
            let has_sibling = all.iter().filter(|r| r.filed.department == *department).count() > 1;
            let group = if has_sibling { Some(id) } else { before.filed.together.as_deref() };
            tx.reschedule_request(&before.id, (earliest, latest), group)?;
            merged.push(transit(app, tx, caller, before, ("merge", before.state))?);
        }
        Ok(merged)
    })
}

/// Why requests at one enterprise cannot share a visit, where they cannot: those of several departments
/// need a scenario in common.
fn not_combinable(tx: &mut Tx<'_>, requests: &[Request]) -> Result<Option<Message>> {
    let departments: BTreeSet<&String> = requests.iter().map(|r| &r.filed.department).collect();
    let Some(first) = requests.first().filter(|_| departments.len() > 1) else { return Ok(None) };
    let Some(enterprise) = tx.enterprise(&first.filed.enterprise)? else { return Ok(None) };
    if enterprise.value.joint_opt_out {
        let enterprise = &first.filed.enterprise;
        return Ok(Some(message!("no-common-scenario_opt-out", enterprise = enterprise)));
    }
    let catalogue = Catalogue::read(tx)?;
    let mut common: Option<BTreeSet<String>> = None;
    for request in requests {
        let own = catalogue.scenarios_of(&request.filed.item, &enterprise.value.industry);
        let own: BTreeSet<String> = own.into_iter().collect();
        common = Some(match common {
            None => own,
            Some(common) => common.intersection(&own).cloned().collect(),
        });
    }
    let is_empty = common.is_some_and(|common| common.is_empty());
    Ok(is_empty.then(|| message!("no-common-scenario")))
}

/// Whether papers or data may settle an item.
fn may_be_off_site(tx: &mut Tx<'_>, item: &str) -> Result<bool> {
    let item = tx.item(item)?;
    Ok(item.is_some_and(|item| item.value.method == Method::OffSitePossible))
}

/// Sends a request to be settled from papers or data; its item must allow it.
pub fn send_off_site(app: &App, caller: &Caller, id: &str, to: &ToOffSite) -> Result<Request> {
    caller.reach(Action::Coordinate)?;
    let caller = &with_reason(caller, Some(&to.reason));
    app.store.write(|tx| {
        let before = own(tx, caller, id, Action::Coordinate)?;
        expect(
            &before,
            &[RequestState::ApprovalPending, RequestState::Accepted, RequestState::OffSite],
            not_open,
        )?;
        if !may_be_off_site(tx, &before.filed.item)? {
            let message = message!("not-off-site_method", item = &before.filed.item);
            return Err(Error::Conflict(message));
        }
        let person = tx.user_by_name(&to.person)?.map(|user| user.value);
        let department = &before.filed.department;
        if !person
            .is_some_and(|user| !user.disabled && user.access.departments.contains(department))
        {
            return Err(Error::Invalid(vec![stranger("/person", &to.person, department)]));
        }
        if to.deadline < app.today() {
            let message = message!("past_deadline", deadline = to.deadline, today = app.today());
            return Err(Error::defect("/deadline", message));
        }
        tx.open_off_site(id, &to.person, to.deadline, app.now().naive_utc())?;
        transit(app, tx, caller, &before, ("off_site", RequestState::OffSite))
    })
}

/// Settles a request from papers or data.
pub fn settle(app: &App, caller: &Caller, id: &str, found: &OffSiteFinding) -> Result<Request> {
    close(app, caller, id, found, ("settle", OffSiteOutcome::Settled))
}

/// Sends a request of the off-site queue to a visit after all, with the reason.
pub fn escalate(app: &App, caller: &Caller, id: &str, found: &OffSiteFinding) -> Result<Request> {
    close(app, caller, id, found, ("escalate", OffSiteOutcome::Escalated))
}

fn close(
    app: &App,
    caller: &Caller,
    id: &str,
    found: &OffSiteFinding,
    (verb, outcome): (&'static str, OffSiteOutcome),
) -> Result<Request> {
    caller.reach(Action::FileRequest)?;
    let caller = &with_reason(caller, Some(&found.finding));
    app.store.write(|tx| {
        let (before, object) = find(tx, id)?;
        caller.may(Action::FileRequest, &object)?;
        expect(&before, &[RequestState::OffSite], not_off_site)?;
        let now = app.now().naive_utc();
        if !tx.close_off_site(id, outcome, &found.finding, now)? {
            return Err(Error::Conflict(message!("not-off-site_no-more")));
        }
        let to = match outcome {
            OffSiteOutcome::Settled => RequestState::Settled,
            OffSiteOutcome::Escalated if caller.may(Action::Approve, &object).is_ok() => {
                tx.approve_request(id, &caller.name, now)?;
                RequestState::Accepted
            }
            OffSiteOutcome::Escalated => RequestState::ApprovalPending,
        };
        transit(app, tx, caller, &before, (verb, to))
    })
}

/// The off-site queue, the most urgent first.
pub fn off_site_queue(app: &App, caller: &Caller, paging: &Paging) -> Result<Page<OffSiteCheck>> {
    let reach = caller.reach(Action::ReadRequest)?;
    let after = match paging.cursor() {
        "" => None,
        cursor => {
            let (day, id) = cursor.split_once('/').ok_or_else(bad_cursor)?;
            Some((day.parse::<NaiveDate>().map_err(|_| bad_cursor())?, id))
        }
    };
    let rows = app.store.read(|tx| tx.off_site_queue(&reach, after, paging.fetch()))?;
    Ok(paging.page(rows, |check| format!("{}/{}", check.deadline, check.request)))
}

/// How much is settled without going there: a figure of its own.
pub fn off_site_share(app: &App, caller: &Caller) -> Result<OffSiteShare> {
    let reach = caller.reach(Action::ReadRequest)?;
    let today = app.today();
    let counts = app.store.read(|tx| tx.off_site_counts(&reach, today))?;
    let all = counts.settled + counts.held;
    let share = if all == 0 { 0.0 } else { counts.settled as f64 * 10_000.0 / all as f64 };
    Ok(OffSiteShare {
        possible: counts.possible,
        open: counts.open,
        overdue: counts.overdue,
        settled: counts.settled,
        escalated: counts.escalated,
        all,
        settled_percent: share.round() / 100.0,
    })
}

/// Lets requests expire whose window passed before they were held, the oldest first, at most some
/// thousands at a time. Answers with how many.
pub fn expire(app: &App, caller: &Caller) -> Result<usize> {
    caller.may(Action::Coordinate, &Object::everywhere())?;
    let today = app.today();
    // looked for among all that ever was, and so where nobody waits for it
    let past = app.store.read(|tx| Ok::<_, Error>(tx.requests_past(today, None)?))?;
    let mut count = 0;
    for some in past.chunks(EXPIRED_MAX).take(EXPIRY_ROUNDS) {
        count += app.store.write_long(|tx| {
            let past = tx.requests_past(today, Some(some))?;
            for id in &past {
                let before = tx.request(id)?.ok_or_else(|| missing(id))?;
                transit(app, tx, caller, &before, ("expire", RequestState::Expired))?;
            }
            Ok::<_, Error>(past.len())
        })?;
    }
    Ok(count)
}

/// What was done to a request, by whom, when and why, the newest first.
pub fn history(app: &App, caller: &Caller, id: &str, paging: &Paging) -> Result<Page<Step>> {
    caller.reach(Action::ReadRequest)?;
    let before = match paging.cursor() {
        "" => i64::MAX,
        cursor => cursor.parse().map_err(|_| bad_cursor())?,
    };
    let rows = app.store.read(|tx| {
        own(tx, caller, id, Action::ReadRequest)?;
        let (kind, id) = (Some("request".to_owned()), Some(id.to_owned()));
        let filter = EventFilter { actor: None, kind, id, from: None, to: None };
        Ok::<_, Error>(tx.events(&filter, before, paging.fetch())?)
    })?;
    let steps = rows.into_iter().map(|event| {
        let event = event.record();
        let text = |value: Option<&serde_json::Value>| {
            value.and_then(|value| value.as_str()).map(str::to_owned)
        };
        let state = |side: &str| text(event.details.pointer(&format!("/{side}/state")));
        Step {
            event: event.seq,
            at: event.at,
            act: event.action.trim_start_matches("request.").to_owned(),
            by: text(event.personal.get("who")),
            reason: text(event.personal.get("reason")),
            from: state("before"),
            to: state("after"),
        }
    });
    Ok(paging.page(steps.collect(), |step| step.event.to_string()))
}

/// The caller, giving this reason where there is one.
fn with_reason(caller: &Caller, reason: Option<&str>) -> Caller {
    match reason {
        Some(reason) => caller.clone().because(Some(reason.to_owned())),
        None => caller.clone(),
    }
}
