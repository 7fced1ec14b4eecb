//! Requests of a CSV file or workbook: all of them or none, or exactly the rows without a defect.

use super::Each;
use super::import;
use super::judgement::{Read, judge_all, judge_in};
use super::several::{self, Outcome, STEP, TRIES};
use crate::app::App;
use crate::app::access::{Action, Caller};
use crate::app::error::{Error, Result};
use crate::app::requests::read_cache::ReadCache;
use crate::domain::Defect;
use crate::message;
use crate::wire::json::from_node_of;
use crate::wire::requests::request::NewRequest;
use crate::wire::tabular::{CellDefect, ImportReport, Rows, read, request_columns};

/// Most rows of a file of requests.
const ROWS_MAX: usize = 50_000;

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
        let found = table.rows.len();
        let message = message!("too-many-rows_requests", found = found, most = ROWS_MAX);
        return Err(Error::defect("", message));
    }
    let reader = Rows::new("requests", request_columns(), &table.header).map_err(Error::Invalid)?;
    let mut defects: Vec<(usize, CellDefect)> = Vec::new();
    let mut requests = Vec::with_capacity(table.rows.len());
    for (place, row) in table.rows.iter().enumerate() {
        match reader.read(&row.cells, None, from_node_of::<NewRequest>) {
            Ok(request) => requests.push((place, request)),
            Err(found) => defects.extend(found.into_iter().map(|defect| (place, defect))),
        }
    }
    let cell_defects = |error: &Error| -> Vec<CellDefect> {
        match error {
            Error::Invalid(defects) => {
                defects.iter().map(|defect| reader.cell_defect(defect.clone())).collect()
            }
            Error::Refused { findings, .. } => findings
                .iter()
                .filter(|finding| finding.refuses())
                .map(|finding| {
                    let message = match &finding.remedy {
                        Some(remedy) => message!(
                            "remedied",
                            finding = finding.message(),
                            remedy = remedy.message.clone(),
                        ),
                        None => finding.message(),
                    };
                    let found =
                        reader.cell_defect(Defect::at(format!("/{}", finding.field), message));
                    CellDefect { code: finding.code().to_owned(), ..found }
                })
                .collect(),
            Error::Forbidden(message) | Error::Conflict(message) => {
                let (code, remedy) = (message.code().to_owned(), message.clone());
                vec![CellDefect { column: None, code, remedy }]
            }
            _ => Vec::new(),
        }
    };
    let (places, list): (Vec<usize>, Vec<Read>) =
        requests.into_iter().map(|(place, new)| (place, Ok(new))).unzip();
    let results = if accept_good {
        each(app, caller, &list)?
    } else {
        whole(app, caller, &list, defects.is_empty())?
    };
    let count = |is_new| {
        let is_it = |one: &&Each| matches!(one, Each::Filed(done) if done.is_new == is_new);
        results.iter().filter(is_it).count()
    };
    let (added, unchanged) = (count(true), count(false));
    for (place, result) in places.iter().zip(&results) {
        if let Each::Not(error) = result {
            defects.extend(cell_defects(error).into_iter().map(|defect| (*place, defect)));
        }
    }
    defects.sort_by_key(|(place, _)| *place);
    let report = ImportReport::about("requests", &table, &reader, &defects, accept_good);
    Ok(ImportReport { added, unchanged, ..report })
}

/// Files requests one by one, some in each transaction. Where the database fails on the way, the rest is
/// reported as not tried.
fn each(app: &App, caller: &Caller, requests: &[Read]) -> Result<Vec<Each>> {
    let mut results: Vec<Option<Each>> = requests.iter().map(|_| None).collect();
    let all: Vec<(usize, &Read)> = requests.iter().enumerate().collect();
    let filed = several::file_in_steps(
        app,
        caller,
        &all,
        |_, each| Ok(each),
        |each| each.into_iter().for_each(|(place, one)| results[place] = Some(one)),
    );
    let why = match filed {
        Ok(()) => Error::Internal("a row was passed over".into()),
        Err(error) if results.iter().all(Option::is_none) => return Err(error),
        Err(error) => {
            if let Some(cause) = error.cause() {
                tracing::error!(code = error.code(), cause, "an import was interrupted");
            }
            error
        }
    };
    let not_tried = || Each::Not(Error::Conflict(message!("not-tried", why = why.message())));
    Ok(results.into_iter().map(|one| one.unwrap_or_else(not_tried)).collect())
}

/// Files all of these requests, or none when one is refused or `is_sound` says that the file has other
/// defects.
fn whole(app: &App, caller: &Caller, requests: &[Read], is_sound: bool) -> Result<Vec<Each>> {
    for _ in 0..TRIES {
        let judgement = judge_all(app, caller, requests)?;
        if !is_sound || judgement.has_refusal() || judgement.admitted().is_empty() {
            return Ok(judgement.tried());
        }
        let outcome = if requests.len() <= STEP {
            several::write(app, caller, judgement, |_| Ok(None), |_, results| Ok(results))?
        } else {
            import::file(app, caller, requests, judgement)?
        };
        if let Outcome::Done(results) = outcome {
            return Ok(results);
        }
    }
    // too much changed each time: now others wait
    let requests: Vec<&Read> = requests.iter().collect();
    app.store.write_long(|tx| {
        tx.hold_audit_log()?;
        let nothing = ReadCache::nothing(tx)?;
        let judgement = judge_in(app, tx, caller, nothing, &requests)?;
        if judgement.has_refusal() {
            Ok(judgement.tried())
        } else {
            several::write_in(app, tx, caller, judgement)
        }
    })
}
