//! Batches: a result for each request, some requests in each transaction. Under a key, what became of
//! them is kept in the same transaction: sent again, a batch goes on where it stopped.

use super::judgement::Read;
use super::{Each, several, to_json};
use crate::app::App;
use crate::app::access::{Action, Caller};
use crate::app::error::{Error, Result};
use crate::app::requests::answers::{Course, Key, unreadable};
use crate::domain::Defect;
use crate::message;
use crate::store::Tx;
use crate::wire::law::rule_pack::RuleFinding;
use crate::wire::requests::filing::{Batch, BatchError, BatchReport, BatchResult, FilingOutcome};
use std::cell::Cell;
use std::collections::BTreeMap;

/// Files requests, each with a result of its own: a bad one spoils no other. With `is_trial` nothing
/// is changed. Under a key that was used before, the report is the one that was given then.
///
/// Where the database fails on the way, what was filed remains and is reported so; the rest is reported
/// as not tried. The same batch sent again under its key goes on from there.
pub fn file_batch(
    app: &App,
    caller: &Caller,
    batch: &Batch,
    is_trial: bool,
    key: Option<&Key>,
) -> Result<BatchReport> {
    caller.reach(Action::FileRequest)?;
    let requests = &batch.requests;
    if is_trial {
        let tried = several::try_all(app, caller, requests)?;
        let tried = tried.into_iter().enumerate().map(|(place, one)| in_batch(place, one));
        return Ok(tried.collect::<Vec<_>>().into());
    }
    let course = key.map(|key| Course::take_up(app, caller, key)).transpose()?;
    let mut results: BTreeMap<usize, BatchResult> = BTreeMap::new();
    for done in course.iter().flat_map(|course| &course.done) {
        let done: Vec<BatchResult> =
            serde_json::from_str(done).map_err(|error| unreadable(&error))?;
        results.extend(by_place(done));
    }
    let all = requests.iter().enumerate();
    let rest: Vec<(usize, &Read)> = all.filter(|(n, _)| !results.contains_key(n)).collect();
    let left = Cell::new(rest.len());
    let keep = |tx: &mut Tx<'_>, each: Vec<(usize, Each)>| {
        let done = each.into_iter().map(|(place, one)| in_batch(place, one));
        let done: Vec<BatchResult> = done.collect();
        if let Some(course) = &course {
            let number = requests.len() - left.get();
            course.keep(tx, number, &to_json(&done)?, left.get() == done.len())?;
        }
        Ok(done)
    };
    let filed = several::file_in_steps(app, caller, &rest, keep, |done| {
        left.set(left.get() - done.len());
        results.extend(by_place(done));
    });
    if let Err(error) = filed {
        if let Some(course) = &course {
            course.let_go(app);
        }
        if results.is_empty() {
            return Err(error);
        }
        // what is filed is filed, and must be reported
        if let Some(cause) = error.cause() {
            tracing::error!(code = error.code(), cause, "a batch was interrupted");
        }
        for place in 0..requests.len() {
            results.entry(place).or_insert_with(|| not_tried(place, &error));
        }
    }
    Ok(results.into_values().collect::<Vec<_>>().into())
}

fn by_place(done: Vec<BatchResult>) -> impl Iterator<Item = (usize, BatchResult)> {
    done.into_iter().map(|one| (one.index, one))
}

fn not_tried(index: usize, error: &Error) -> BatchResult {
    let message = match error {
        Error::StorageFull(_) => message!("storage-full_not-tried"),
        Error::Conflict(_) => message!("batch-goes-on_not-tried"),
        Error::Uncertain(_) => message!("outcome-unknown_filing"),
        _ => message!("database-unavailable_not-tried"),
    };
    BatchResult {
        code: Some(error.code().to_owned()),
        ..BatchResult::with(index, FilingOutcome::NotTried, &message)
    }
}

fn in_batch(index: usize, result: Each) -> BatchResult {
    match result {
        Each::Filed(done) => {
            let outcome = if done.is_new { FilingOutcome::New } else { FilingOutcome::Known };
            BatchResult {
                findings: done.findings.iter().cloned().map(RuleFinding::from).collect(),
                state: Some(done.request.state),
                id: Some(done.request.id.clone()),
                ..BatchResult::new(index, outcome)
            }
        }
        Each::Tried(tried) => BatchResult {
            state: Some(tried.state),
            findings: tried.findings,
            ..BatchResult::new(index, FilingOutcome::New)
        },
        Each::Not(error) => not_filed(index, &error),
    }
}

fn not_filed(index: usize, error: &Error) -> BatchResult {
    let outcome = match error {
        Error::Invalid(_) | Error::Refused { .. } => FilingOutcome::Refused,
        Error::Forbidden { .. } => FilingOutcome::Forbidden,
        Error::Conflict { .. } => FilingOutcome::Conflict,
        _ => FilingOutcome::Failed,
    };
    let (errors, findings) = match error {
        Error::Invalid(defects) => {
            (defects.iter().map(|d| in_body(index, d)).collect(), Vec::new())
        }
        Error::Refused { findings, .. } => {
            (Vec::new(), findings.iter().cloned().map(RuleFinding::from).collect())
        }
        _ => (Vec::new(), Vec::new()),
    };
    BatchResult { errors, findings, ..BatchResult::with(index, outcome, &error.message()) }
}

/// A defect with its place in the batch, which those of meaning do not know.
fn in_body(index: usize, defect: &Defect) -> BatchError {
    let mut error: BatchError = defect.into();
    let place = format!("/requests/{index}");
    if !error.pointer.starts_with(&place) {
        error.pointer = format!("{place}{}", error.pointer);
    }
    error
}
