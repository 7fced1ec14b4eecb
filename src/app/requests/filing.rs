//! Filing: one request, a batch with a result for each, or a file; for real or only to see what would
//! come of it.

mod batch;
mod import;
mod judgement;
mod several;
mod table;

pub use batch::file_batch;
pub use import::finish;
pub use table::file_table;

use super::answers::{self, Answer, Key};
use super::state_in_words;
use crate::app::App;
use crate::app::access::{Action, Caller};
use crate::app::error::{Error, Result};
use crate::domain::Language;
use crate::domain::rules::Finding;
use crate::message;
use crate::store::Tx;
use crate::wire::requests::filing::{Filed, Tried};
use crate::wire::requests::request::{NewRequest, Request, RequestState};
use crate::wire::tabular::{FileForm, request_columns, write_template};
use judgement::Read;
use std::io::Write;

/// A request that was filed.
pub struct Done {
    /// As it is now.
    pub request: Request,
    /// `false` when the same request existed already under its reference.
    pub is_new: bool,
    /// What the rules had to say.
    pub findings: Vec<Finding>,
}

impl Done {
    fn answer(self) -> Result<Answer> {
        let Done { request, is_new, findings } = self;
        let id = request.id.clone();
        let filed = Filed { request, findings: findings.into_iter().map(Into::into).collect() };
        Ok(Answer { id, is_new, body: to_json(&filed)? })
    }
}

fn to_json(value: &impl serde::Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(|error| Error::Internal(error.to_string()))
}

/// What became of one of several requests.
enum Each {
    Filed(Box<Done>),
    Tried(Tried),
    Not(Error),
}

/// What became of the only one.
fn only(results: Vec<Each>) -> Result<Each> {
    let result = results.into_iter().next();
    match result.ok_or_else(|| Error::Internal("a request without a result".into()))? {
        Each::Not(error) => Err(error),
        result => Ok(result),
    }
}

fn done(results: Vec<Each>) -> Result<Done> {
    match only(results)? {
        Each::Filed(done) => Ok(*done),
        _ => Err(Error::Internal("a request that was filed and was not".into())),
    }
}

/// Files a request. Filing the same one again under the same reference changes nothing.
pub fn file(app: &App, caller: &Caller, new: &NewRequest) -> Result<Done> {
    several::file(app, caller, &[&Ok(new.clone())], |_| Ok(None), |_, results| done(results))
}

/// Files a request as [`file()`] does and answers in JSON; under a key that was used before, with the
/// answer that was given then.
pub fn file_once(
    app: &App,
    caller: &Caller,
    new: &NewRequest,
    key: Option<&Key>,
) -> Result<Answer> {
    let Some(key) = key else { return file(app, caller, new)?.answer() };
    // most often it is not there, or has been there for long
    let kept = |tx: &mut Tx<'_>| answers::kept(tx, caller, key);
    if let Some(answer) = app.store.read(kept)? {
        return Ok(answer);
    }
    several::file(app, caller, &[&Ok(new.clone())], kept, |tx, results| {
        let answer = done(results)?.answer()?;
        answers::keep(tx, caller, key, &answer)?;
        Ok(answer)
    })
}

/// What filing a request would come to; nothing is changed.
pub fn try_one(app: &App, caller: &Caller, new: &NewRequest) -> Result<Tried> {
    match only(several::try_all(app, caller, &[Ok(new.clone())])?)? {
        Each::Tried(tried) => Ok(tried),
        Each::Filed(done) => {
            // filed before under its reference: it would be left as it is
            let state = done.request.state;
            let pack =
                app.store.read(|tx| crate::app::law::rules::in_force(app, tx, app.today()))?;
            Ok(Tried { state, pack: crate::app::law::reading::named(&pack), findings: Vec::new() })
        }
        _ => Err(Error::Internal("a request that was tried and was not".into())),
    }
}

/// Whether a request says the same as the one that is filed under its reference.
fn again(existing: &Request, new: &NewRequest) -> Result<()> {
    let (department, id) = (&existing.filed.department, &existing.id);
    let reference = existing.filed.reference.as_deref().unwrap_or_default();
    if existing.state == RequestState::Withdrawn {
        return Err(Error::Conflict(message!(
            "withdrawn",
            department = department,
            reference = reference,
            request = id,
        )));
    }
    if existing.state.is_gone() {
        return Err(Error::Conflict(message!(
            "reference-taken_over",
            department = department,
            reference = reference,
            request = id,
            state = state_in_words(existing.state),
        )));
    }
    let filed = &existing.filed;
    let filled = NewRequest {
        minutes: new.minutes.or(filed.minutes),
        inspectors: new.inspectors.or(filed.inspectors),
        exempt: new.exempt.or(filed.exempt),
        quiet_exempt: new.quiet_exempt.or(filed.quiet_exempt),
        ..new.clone()
    };
    if *filed == filled {
        return Ok(());
    }
    Err(Error::Conflict(message!(
        "reference-taken",
        department = department,
        reference = reference,
        request = id,
    )))
}

/// What became of several requests.
#[derive(Default)]
pub struct Listed {
    /// How many were filed.
    pub filed: usize,
    /// How many existed already.
    pub known: usize,
    /// Those that were refused, by their place, with why.
    pub refused: Vec<(usize, Error)>,
}

/// Files requests, each by itself.
pub fn file_list(app: &App, caller: &Caller, requests: &[NewRequest]) -> Result<Listed> {
    caller.reach(Action::FileRequest)?;
    let requests: Vec<Read> = requests.iter().cloned().map(Ok).collect();
    let requests: Vec<(usize, &Read)> = requests.iter().enumerate().collect();
    let mut listed = Listed::default();
    several::file_in_steps(
        app,
        caller,
        &requests,
        |_, each| Ok(each),
        |each| {
            for (place, result) in each {
                match result {
                    Each::Filed(done) if done.is_new => listed.filed += 1,
                    Each::Filed(_) => listed.known += 1,
                    Each::Not(error) => listed.refused.push((place, error)),
                    Each::Tried(_) => {}
                }
            }
        },
    )?;
    listed.refused.sort_by_key(|(place, _)| *place);
    Ok(listed)
}

/// An empty file of requests to fill in.
pub fn template((form, lang): (FileForm, Language), out: &mut dyn Write) -> Result<()> {
    let written = write_template(form, &request_columns(), lang, out);
    written.map_err(|error| Error::Internal(error.to_string()))
}
