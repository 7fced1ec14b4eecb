//! Filing: one request, a batch with a result for each, or a file; for real or only to see what would
//! come of it.

use super::App;
use super::access::{Action, Caller, Object};
use super::answers::{self, Answer, Key};
use super::error::{Error, Result};
use super::intake::{self, Judged};
use super::known::Known;
use super::law::named;
use super::record::act;
use crate::domain::Defect;
use crate::domain::rules::Finding;
use crate::store::{StoreError, Tx};
use crate::wire::filing::{Batch, BatchReport, BatchResult, Filed, Tried};
use crate::wire::json::from_node_of;
use crate::wire::request::{NewRequest, Request, RequestState};
use crate::wire::rule_pack::RuleFinding;
use crate::wire::tabular::{
    CellDefect, FileForm, ImportReport, Lang, Rows, read, request_columns, write_template,
};
use std::io::Write;

/// Requests of a batch that are filed in one transaction, so that others come in between.
const CHUNK: usize = 200;
/// Most rows of a file of requests.
const ROWS_MAX: usize = 50_000;

/// A request that was filed.
pub struct Done {
    /// As it stands.
    pub request: Request,
    /// `false` when the same request stood there already under its reference.
    pub is_new: bool,
    /// What the rules had to say.
    pub findings: Vec<Finding>,
}

impl Done {
    fn status(&self) -> u16 {
        if self.is_new { 201 } else { 200 }
    }

    fn answer(self) -> Result<Answer> {
        let status = self.status();
        let Done { request, findings, .. } = self;
        json(status, &Filed { request, findings: findings.into_iter().map(Into::into).collect() })
    }
}

fn json(status: u16, value: &impl serde::Serialize) -> Result<Answer> {
    let body = serde_json::to_string(value);
    Ok(Answer { status, body: body.map_err(|error| Error::Internal(error.to_string()))? })
}

/// Files a request. Filing the same one again under the same reference changes nothing.
pub fn file(app: &App, caller: &Caller, new: &NewRequest) -> Result<Done> {
    app.store.write_once_more(Error::is_taken, |tx| {
        file_one(app, tx, &mut Known::default(), caller, new)
    })
}

/// Files a request as [`file()`] does and answers in JSON; under a key that was used before, with the
/// answer that was given then.
pub fn file_once(
    app: &App,
    caller: &Caller,
    new: &NewRequest,
    key: Option<&Key>,
) -> Result<Answer> {
    app.store.write_once_more(Error::is_taken, |tx| {
        let known = &mut Known::default();
        let Some(key) = key else { return file_one(app, tx, known, caller, new)?.answer() };
        if let Some(answer) = answers::standing(app, tx, caller, key)? {
            return Ok(answer);
        }
        answers::begin(app, tx, caller, key)?;
        let answer = file_one(app, tx, known, caller, new)?.answer()?;
        answers::keep(tx, caller, key, &answer)?;
        Ok(answer)
    })
}

/// What filing a request would come to; nothing is changed.
pub fn try_one(app: &App, caller: &Caller, new: &NewRequest) -> Result<Tried> {
    app.store.read(|tx| judge(app, tx, &mut Known::default(), caller, new))
}

fn judge(
    app: &App,
    tx: &mut Tx<'_>,
    known: &mut Known,
    caller: &Caller,
    new: &NewRequest,
) -> Result<Tried> {
    let Judged { state, findings, pack, .. } = intake::judge(app, tx, known, caller, new)?;
    let findings = findings.into_iter().map(Into::into).collect();
    Ok(Tried { state, pack: named(&pack), findings })
}

fn file_one(
    app: &App,
    tx: &mut Tx<'_>,
    known: &mut Known,
    caller: &Caller,
    new: &NewRequest,
) -> Result<Done> {
    // the same request sent again is not judged as a repeat of itself
    if let Some(reference) = &new.reference {
        caller.may(Action::FileRequest, &Object::of(&new.department))?;
        if let Some(standing) = tx.request_by_reference(&new.department, reference)? {
            return again(standing, new);
        }
    }
    if let Some(plan) = &new.plan {
        super::campaigns::hold_quota(tx, plan)?;
    }
    let Judged { filled, state, approval_due, approved_by, findings, pack: _ } =
        intake::judge(app, tx, known, caller, new)?;
    let now = app.now().naive_utc();
    let people = (caller.name.as_str(), approved_by.as_deref());
    let request = tx.add_request(&filled, (state, approval_due), people, now)?;
    if state == RequestState::OffSite {
        tx.open_off_site(&request.id, &caller.name, filled.latest, now)?;
    }
    act("request", &request.id, "add").after(&request).tell(app, tx, caller);
    Ok(Done { request, is_new: true, findings })
}

/// A request under a reference that stands there.
fn again(standing: Request, new: &NewRequest) -> Result<Done> {
    let conflict = |code, what: &str| {
        let (department, id) = (&standing.filed.department, &standing.id);
        let reference = standing.filed.reference.as_deref().unwrap_or_default();
        let message = format!(
            "{department} has a request under the reference \"{reference}\" ({id}) that {what}; choose \
             another reference."
        );
        Err(Error::conflict(code, message))
    };
    if standing.state.is_gone() {
        let is_withdrawn = standing.state == RequestState::Withdrawn;
        let code = if is_withdrawn { "withdrawn" } else { "reference-taken" };
        return conflict(code, &format!("is {}", standing.state.as_str()));
    }
    let filed = &standing.filed;
    let filled = NewRequest {
        minutes: new.minutes.or(filed.minutes),
        inspectors: new.inspectors.or(filed.inspectors),
        exempt: new.exempt.or(filed.exempt),
        quiet_exempt: new.quiet_exempt.or(filed.quiet_exempt),
        ..new.clone()
    };
    if *filed != filled {
        return conflict("reference-taken", "says something else");
    }
    Ok(Done { request: standing, is_new: false, findings: Vec::new() })
}

/// Files requests, each with a result of its own: a bad one spoils no other. With `is_trial` nothing
/// is changed. Answers in JSON; under a key that was used before, with the answer that was given then.
pub fn file_batch(
    app: &App,
    caller: &Caller,
    batch: &Batch,
    is_trial: bool,
    key: Option<&Key>,
) -> Result<Answer> {
    caller.reach(Action::FileRequest)?;
    if let Some(key) = key {
        let kept = app.store.write_once_more(Error::is_taken, |tx| {
            let kept = answers::standing(app, tx, caller, key)?;
            if kept.is_none() {
                answers::begin(app, tx, caller, key)?;
            }
            Ok::<_, Error>(kept)
        })?;
        if let Some(answer) = kept {
            return Ok(answer);
        }
    }
    let done = each(app, caller, &batch.requests, is_trial).and_then(|results| {
        let results = results.into_iter().enumerate().map(|(i, result)| in_batch(i, result));
        let results: Vec<BatchResult> = results.collect();
        let count = |status| results.iter().filter(|result| result.status == status).count();
        let (filed, known) = (count(201), count(200));
        json(200, &BatchReport { filed, known, refused: results.len() - filed - known, results })
    });
    if let Some(key) = key {
        app.store.write(|tx| match &done {
            Ok(answer) => answers::keep(tx, caller, key, answer),
            Err(_) => Ok(tx.forget_answer(&caller.actor.id, &key.name)?),
        })?;
    }
    done
}

/// What became of one of several requests.
enum Each {
    Filed(Box<Done>),
    Tried(Tried),
    /// Filed, and taken back with the others.
    Undone,
    Not(Error),
}

/// Files one of several requests, or tries to. What concerns only this one is no error.
fn one(
    app: &App,
    tx: &mut Tx<'_>,
    known: &mut Known,
    caller: &Caller,
    new: &std::result::Result<NewRequest, Vec<Defect>>,
    is_trial: bool,
) -> Result<Each> {
    let outcome = match new {
        Err(defects) => Err(Error::Invalid(defects.clone())),
        Ok(new) if is_trial => judge(app, tx, known, caller, new).map(Each::Tried),
        Ok(new) => file_one(app, tx, known, caller, new).map(|done| Each::Filed(Box::new(done))),
    };
    match outcome {
        Ok(done) => Ok(done),
        Err(
            error @ (Error::Invalid(_)
            | Error::Refused { .. }
            | Error::Forbidden { .. }
            | Error::Conflict { .. }),
        ) if !error.is_taken() => Ok(Each::Not(error)),
        Err(error) => Err(error),
    }
}

/// Files requests one by one, some in each transaction.
fn each(
    app: &App,
    caller: &Caller,
    requests: &[std::result::Result<NewRequest, Vec<Defect>>],
    is_trial: bool,
) -> Result<Vec<Each>> {
    let mut results = Vec::with_capacity(requests.len());
    for chunk in requests.chunks(CHUNK) {
        let all = |tx: &mut Tx<'_>| {
            let known = &mut Known::default();
            let one = |new| one(app, tx, known, caller, new, is_trial);
            chunk.iter().map(one).collect::<Result<Vec<_>>>()
        };
        results.extend(if is_trial {
            app.store.read(all)?
        } else {
            app.store.write_once_more(Error::is_taken, all)?
        });
    }
    Ok(results)
}

fn in_batch(index: usize, result: Each) -> BatchResult {
    let none = BatchResult {
        index,
        status: 201,
        request: None,
        code: None,
        detail: None,
        errors: Vec::new(),
        findings: Vec::new(),
    };
    match result {
        Each::Filed(done) => {
            let status = done.status();
            let findings = done.findings.into_iter().map(Into::into).collect();
            BatchResult { status, request: Some(done.request), findings, ..none }
        }
        Each::Tried(tried) => BatchResult { findings: tried.findings, ..none },
        Each::Undone => none,
        Each::Not(error) => {
            let (code, detail) = (Some(error.code().to_owned()), Some(error.to_string()));
            let told = |status| BatchResult { status, code, detail, ..none };
            match &error {
                Error::Invalid(defects) => BatchResult {
                    errors: defects
                        .iter()
                        .map(|defect| {
                            let mut told: crate::wire::filing::BatchError = defect.into();
                            // those of meaning do not know their place in the batch
                            let place = format!("/requests/{index}");
                            if !told.pointer.starts_with(&place) {
                                told.pointer = format!("{place}{}", told.pointer);
                            }
                            told
                        })
                        .collect(),
                    ..told(422)
                },
                Error::Refused { findings, .. } => BatchResult {
                    findings: findings.iter().cloned().map(RuleFinding::from).collect(),
                    ..told(422)
                },
                Error::Forbidden { .. } => told(403),
                Error::Conflict { .. } => told(409),
                _ => told(500),
            }
        }
    }
}

/// Files the requests of a CSV file or workbook: all of it or nothing or, with `accept_good`, exactly
/// the rows without a defect. The report has the others as a file to mend and send again.
pub fn file_table(
    app: &App,
    caller: &Caller,
    bytes: &[u8],
    accept_good: bool,
) -> Result<ImportReport> {
    caller.reach(Action::FileRequest)?;
    let table = read(bytes).map_err(Error::Invalid)?;
    if table.rows.len() > ROWS_MAX {
        let message = format!("A file of requests has at most {ROWS_MAX} rows; split it.");
        return Err(Error::invalid("too-many-rows", "", message));
    }
    let reader = Rows::new("requests", request_columns(), &table.header).map_err(Error::Invalid)?;
    let mut defects: Vec<(usize, CellDefect)> = Vec::new();
    let mut requests = Vec::with_capacity(table.rows.len());
    for (place, row) in table.rows.iter().enumerate() {
        match reader.read(&row.cells, None, from_node_of::<NewRequest>) {
            Ok(request) => requests.push((place, Ok(request))),
            Err(found) => defects.extend(found.into_iter().map(|defect| (place, defect))),
        }
    }
    let told = |error: &Error| -> Vec<CellDefect> {
        match error {
            Error::Invalid(defects) => {
                defects.iter().map(|defect| reader.cell_defect(defect.clone())).collect()
            }
            Error::Refused { findings, .. } => findings
                .iter()
                .filter(|finding| finding.refuses())
                .map(|finding| {
                    let remedy = finding.remedy.as_ref();
                    let remedy = remedy.map_or(String::new(), |remedy| format!(" {}", remedy.text));
                    let message = format!("{}{remedy}", finding.message);
                    let pointer = format!("/{}", finding.field);
                    reader.cell_defect(Defect::new(finding.code, pointer, message))
                })
                .collect(),
            Error::Forbidden { code, .. } | Error::Conflict { code, .. } => {
                vec![CellDefect { column: None, code, remedy: error.to_string() }]
            }
            _ => Vec::new(),
        }
    };
    let list: Vec<_> = requests.iter().map(|(_, request)| request.clone()).collect();
    let results = if accept_good {
        each(app, caller, &list, false)?
    } else {
        // judged before anything is locked; a file with defects of form is only judged
        let tried = each(app, caller, &list, true)?;
        let is_sound = defects.is_empty() && !tried.iter().any(|one| matches!(one, Each::Not(_)));
        if is_sound { whole(app, caller, &list)? } else { tried }
    };
    let count = |is_new| {
        let is_it = |one: &&Each| matches!(one, Each::Filed(done) if done.is_new == is_new);
        results.iter().filter(is_it).count()
    };
    let (added, unchanged) = (count(true), count(false));
    for ((place, _), result) in requests.iter().zip(&results) {
        if let Each::Not(error) = result {
            defects.extend(told(error).into_iter().map(|defect| (*place, defect)));
        }
    }
    defects.sort_by_key(|(place, _)| *place);
    let report = ImportReport::about("requests", &table, &reader, &defects, accept_good);
    Ok(ImportReport { added, unchanged, ..report })
}

/// Why several requests that stand or fall together fell.
enum Stop {
    Error(Error),
    Refused(Vec<Each>),
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Self {
        Self::Error(error.into())
    }
}

/// Files all of these requests in one transaction, or none when one is refused.
fn whole(
    app: &App,
    caller: &Caller,
    requests: &[std::result::Result<NewRequest, Vec<Defect>>],
) -> Result<Vec<Each>> {
    let is_taken = |stop: &Stop| matches!(stop, Stop::Error(error) if error.is_taken());
    let done = app.store.write_once_more(is_taken, |tx| {
        let known = &mut Known::default();
        let results = requests.iter().map(|new| one(app, tx, known, caller, new, false));
        let results = results.collect::<Result<Vec<_>>>().map_err(Stop::Error)?;
        if results.iter().any(|one| matches!(one, Each::Not(_))) {
            return Err(Stop::Refused(results));
        }
        Ok(results)
    });
    match done {
        Ok(results) => Ok(results),
        // nothing was filed, so nothing may be told as filed
        Err(Stop::Refused(results)) => {
            let undone = |one| if matches!(one, Each::Not(_)) { one } else { Each::Undone };
            Ok(results.into_iter().map(undone).collect())
        }
        Err(Stop::Error(error)) => Err(error),
    }
}

/// What became of several requests.
#[derive(Default)]
pub struct Listed {
    /// How many were filed.
    pub filed: usize,
    /// How many stood there already.
    pub known: usize,
    /// Those that were refused, by their place, with why.
    pub refused: Vec<(usize, Error)>,
}

/// Files requests, each by itself.
pub fn file_list(app: &App, caller: &Caller, requests: &[NewRequest]) -> Result<Listed> {
    caller.reach(Action::FileRequest)?;
    let requests: Vec<_> = requests.iter().cloned().map(Ok).collect();
    let mut listed = Listed::default();
    for (place, result) in each(app, caller, &requests, false)?.into_iter().enumerate() {
        match result {
            Each::Filed(done) if done.is_new => listed.filed += 1,
            Each::Filed(_) => listed.known += 1,
            Each::Not(error) => listed.refused.push((place, error)),
            Each::Tried(_) | Each::Undone => {}
        }
    }
    Ok(listed)
}

/// An empty file of requests to fill in.
pub fn template((form, lang): (FileForm, Lang), out: &mut dyn Write) -> Result<()> {
    let written = write_template(form, &request_columns(), lang, out);
    written.map_err(|error| Error::Internal(error.to_string()))
}
