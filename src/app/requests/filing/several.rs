//! Several requests filed together. What they need of register and schedule is read at once; the law
//! judges them outside of any transaction that writes (`judgement.rs`); and a short transaction writes
//! what it lets in. That transaction first looks at the audit log for what has changed since the reading:
//! where that concerns them, they are judged anew. Many are filed in steps; those at one enterprise are in
//! one step, so that while a step is written the next ones are judged.

use super::Each;
use super::judgement::{Judgement, Read, judge, judge_all, judge_in};
use crate::app::App;
use crate::app::access::Caller;
use crate::app::access::audit::event;
use crate::app::error::{Error, Result};
use crate::app::requests::read_cache::ReadCache;
use crate::store::Tx;
use crate::wire::requests::request::{NewRequest, Request, RequestState};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::mpsc::sync_channel;

/// Requests that are judged and filed together, so that others come in between.
pub(super) const STEP: usize = 200;
/// Times that requests are judged while others write, before the others wait for them.
pub(super) const TRIES: usize = 3;

/// Files requests as they were judged.
pub(super) fn enter(
    app: &App,
    tx: &mut Tx<'_>,
    caller: &Caller,
    requests: &[&Request],
) -> Result<()> {
    tx.add_requests(requests)?;
    for request in requests.iter().copied() {
        if request.state == RequestState::OffSite {
            let (id, deadline) = (&request.id, request.filed.latest);
            tx.open_off_site(id, &caller.name, deadline, request.filed_at.naive_utc())?;
        }
        event("request", &request.id, "add").after(request).record(app, tx, caller);
    }
    Ok(())
}

/// Writes what may be filed, and reports what became of each.
pub(super) fn write_in(
    app: &App,
    tx: &mut Tx<'_>,
    caller: &Caller,
    judgement: Judgement,
) -> Result<Vec<Each>> {
    let admitted = judgement.admitted();
    let requests: Vec<&Request> = admitted.iter().map(|(_, request)| &**request).collect();
    enter(app, tx, caller, &requests)?;
    drop(admitted);
    Ok(judgement.filed())
}

/// What would become of requests, judged one after the other.
pub(super) fn try_all(app: &App, caller: &Caller, requests: &[Read]) -> Result<Vec<Each>> {
    Ok(judge_all(app, caller, requests)?.tried())
}

/// What comes of a transaction that files.
pub(super) enum Outcome<T> {
    Done(T),
    /// Something has changed since the requests were judged.
    Stale,
}

/// Writes what was judged, unless that is stale by now or another was faster to file under the same
/// reference or key.
pub(super) fn write<T>(
    app: &App,
    caller: &Caller,
    judgement: Judgement,
    first: impl Fn(&mut Tx<'_>) -> Result<Option<T>>,
    last: impl Fn(&mut Tx<'_>, Vec<Each>) -> Result<T>,
) -> Result<Outcome<T>> {
    let done = app.store.write(|tx| {
        tx.hold_audit_log()?;
        if let Some(answer) = first(tx)? {
            return Ok(Outcome::Done(answer));
        }
        if judgement.is_stale(tx)? {
            return Ok(Outcome::Stale);
        }
        let results = write_in(app, tx, caller, judgement)?;
        Ok(Outcome::Done(last(tx, results)?))
    });
    match done {
        Err(error) if Error::is_taken(&error) => Ok(Outcome::Stale),
        done => done,
    }
}

/// Files requests in one transaction. `first` is asked at its start, and what it returns is the answer;
/// `last` ends it with what became of each.
pub(super) fn file<T>(
    app: &App,
    caller: &Caller,
    requests: &[&Read],
    first: impl Fn(&mut Tx<'_>) -> Result<Option<T>>,
    last: impl Fn(&mut Tx<'_>, Vec<Each>) -> Result<T>,
) -> Result<T> {
    for _ in 0..TRIES {
        let judgement = judge(app, caller, requests)?;
        if let Outcome::Done(answer) = write(app, caller, judgement, &first, &last)? {
            return Ok(answer);
        }
    }
    // others were faster each time: now they wait
    app.store.write(|tx| {
        tx.hold_audit_log()?;
        if let Some(answer) = first(tx)? {
            return Ok(answer);
        }
        let nothing = ReadCache::nothing(tx)?;
        let judgement = judge_in(app, tx, caller, nothing, requests)?;
        let results = write_in(app, tx, caller, judgement)?;
        last(tx, results)
    })
}

/// Puts requests into steps. The law judges a request after what else waits at its enterprise: those at one
/// enterprise come into the same step, in their order, so that a step shares none with the one before and
/// is judged rightly while that one is written. What requests at several enterprises share, a plan's quota
/// or a number, goes to the first of them: where there is such, all keep their order.
fn steps<'r>(requests: &[(usize, &'r Read)]) -> Vec<Vec<(usize, &'r Read)>> {
    let mut numbers = BTreeSet::new();
    let shares = |new: &'r NewRequest, numbers: &mut BTreeSet<(&'r str, &'r str)>| {
        let number = new.reference.as_deref().map(|number| (new.department.as_str(), number));
        new.plan.is_some() || number.is_some_and(|number| !numbers.insert(number))
    };
    let read: Vec<&'r NewRequest> =
        requests.iter().filter_map(|(_, read)| read.as_ref().ok()).collect();
    if read.into_iter().any(|new| shares(new, &mut numbers)) {
        return requests.chunks(STEP).map(<[_]>::to_vec).collect();
    }
    let mut places: BTreeMap<&str, usize> = BTreeMap::new();
    let mut groups: Vec<Vec<(usize, &Read)>> = Vec::new();
    for (place, read) in requests {
        let enterprise = read.as_ref().map_or("", |new| new.enterprise.as_str());
        let group = *places.entry(enterprise).or_insert(groups.len());
        if group == groups.len() {
            groups.push(Vec::new());
        }
        groups[group].push((*place, *read));
    }
    let mut steps: Vec<Vec<(usize, &Read)>> = Vec::new();
    for part in groups.iter().flat_map(|group| group.chunks(STEP)) {
        match steps.last_mut() {
            Some(step) if step.len() + part.len() <= STEP => step.extend(part),
            _ => steps.push(part.to_vec()),
        }
    }
    steps
}

/// Files many requests, some in each transaction, which `last` ends with what became of each, by its
/// place; `done` gets what it makes. While some are written, the next are judged.
pub(super) fn file_in_steps<T>(
    app: &App,
    caller: &Caller,
    requests: &[(usize, &Read)],
    last: impl Fn(&mut Tx<'_>, Vec<(usize, Each)>) -> Result<T>,
    mut done: impl FnMut(T),
) -> Result<()> {
    std::thread::scope(|scope| {
        let (send, judged) = sync_channel(1);
        scope.spawn(move || {
            for step in steps(requests) {
                let (places, step): (Vec<usize>, Vec<&Read>) = step.into_iter().unzip();
                let judgement = judge(app, caller, &step);
                // nobody takes it any more when an earlier one has failed
                if send.send((places, step, judgement)).is_err() {
                    break;
                }
            }
        });
        for (places, step, judgement) in judged {
            let last = |tx: &mut Tx<'_>, results: Vec<Each>| {
                last(tx, places.iter().copied().zip(results).collect())
            };
            done(match write(app, caller, judgement?, |_| Ok(None), last)? {
                Outcome::Done(made) => made,
                Outcome::Stale => file(app, caller, &step, |_| Ok(None), last)?,
            });
        }
        Ok(())
    })
}
