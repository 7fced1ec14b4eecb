//! `onevisit register`.

use super::serve::open;
use super::terminal::{line, note, path, whole};
use super::{Failure, defect_line};
use crate::app::figures::figure;
use crate::app::files::{self, FileError, Target};
use crate::app::register;
use crate::app::{AppOptions, Caller, Error};
use crate::config::{Database, RegisterCommand, ReportForm};
use crate::domain::Language;
use crate::domain::words::Worded;
use crate::message;
use crate::wire::register::Kind;
use crate::wire::tabular::{FILE_BYTES_MAX, FileForm, ImportReport, Outcome};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

/// Defects printed on standard error; the file to mend has all.
const PRINTED_MAX: usize = 20;

pub(super) fn run(command: &RegisterCommand, language: Language) -> Result<(), Failure> {
    match command {
        RegisterCommand::Import { kind, file, accept_good, mend, report, database } => {
            import(known(kind)?, file, *accept_good, mend.as_deref(), *report, database)
        }
        RegisterCommand::Export { kind, file, database } => {
            export(known(kind)?, file, language, database)
        }
        RegisterCommand::Template { kind, file } => {
            let form = form_of(file)?;
            let target = Target::open(file)?;
            let mut bytes = Vec::new();
            register::files::template(known(kind)?, (form, language), &mut bytes)?;
            Ok(target.write(|out| out.write_all(&bytes))?)
        }
    }
}

fn known(kind: &str) -> Result<Kind, Failure> {
    Kind::parse(kind).ok_or_else(|| Failure::Refused(message!("no-such-kind", kind = kind)))
}

fn form_of(file: &Path) -> Result<FileForm, Failure> {
    let ending = file.extension().map(|ending| ending.to_ascii_lowercase());
    match ending.as_ref().and_then(|ending| ending.to_str()) {
        Some("csv") => Ok(FileForm::Csv),
        Some("xlsx") => Ok(FileForm::Xlsx),
        _ => Err(Failure::Refused(message!("no-known-ending", file = path(file)))),
    }
}

/// Reads a file, never more than the limit and a byte.
fn read(file: &Path) -> Result<Vec<u8>, FileError> {
    let unreadable = |cause| FileError::Unreadable { path: file.to_owned(), cause };
    let opened = std::fs::File::open(file).map_err(unreadable)?;
    let mut bytes = Vec::new();
    opened.take(FILE_BYTES_MAX as u64 + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    Ok(bytes)
}

fn import(
    kind: Kind,
    file: &Path,
    accept_good: bool,
    mend: Option<&Path>,
    form: ReportForm,
    database: &Database,
) -> Result<(), Failure> {
    let bytes = read(file)?;
    let app = open(database, AppOptions::default())?;
    let start = Instant::now();
    let report = match register::files::import(&app, &Caller::local(), kind, &bytes, accept_good) {
        Err(Error::Invalid(defects)) => {
            for defect in &defects {
                eprintln!("{}: {}", file.display(), defect_line(defect));
            }
            return Err(Failure::Listed { path: file.to_owned(), count: defects.len() });
        }
        other => other?,
    };
    let seconds = start.elapsed().as_secs_f64();
    let mut out = std::io::stdout().lock();
    match form {
        ReportForm::Json => {
            serde_json::to_writer_pretty(&mut out, &report).map_err(std::io::Error::from)?;
            writeln!(out)?;
        }
        ReportForm::Text => print_report(&mut out, &report, seconds)?,
    }
    let Some(text) = &report.mend else { return Ok(()) };
    let beside = || PathBuf::from(format!("{}.to-mend.csv", file.display()));
    let mend = mend.map_or_else(beside, Path::to_owned);
    files::write(&mend, |out| out.write_all(text.as_bytes()))?;
    for defect in report.defects.iter().take(PRINTED_MAX) {
        let (at, remedy) = (defect.line, whole(&defect.remedy));
        note(&match &defect.column {
            Some(column) => {
                let (column, code) = (whole(column), &defect.code);
                message!("import_cell", line = at, column = column, remedy = remedy, code = code)
            }
            None => message!("import_row", line = at, remedy = remedy, code = &defect.code),
        });
    }
    note(&message!("import_to-mend", rows = figure(report.defective), file = path(&mend)));
    if report.outcome == Outcome::Refused {
        return Err(Failure::Listed { path: file.to_owned(), count: report.defective });
    }
    Ok(())
}

fn print_report(out: &mut impl Write, report: &ImportReport, seconds: f64) -> std::io::Result<()> {
    let taken = match report.outcome {
        Outcome::Taken => message!("import_all-taken"),
        Outcome::GoodRowsTaken => message!("import_good-rows-taken"),
        Outcome::Refused => message!("import_nothing-taken"),
    };
    let [rows, added, updated, unchanged, defective] =
        [report.rows, report.added, report.updated, report.unchanged, report.defective].map(figure);
    // of a file that was refused, what a mended one would do
    let done = match report.outcome {
        Outcome::Refused => message!(
            "import_refused",
            kind = &report.kind,
            rows = rows,
            added = added,
            updated = updated,
            unchanged = unchanged,
            defective = defective,
            taken = taken
        ),
        _ => message!(
            "import_done",
            kind = &report.kind,
            rows = rows,
            added = added,
            updated = updated,
            unchanged = unchanged,
            defective = defective,
            taken = taken
        ),
    };
    line(out, &done)?;
    let rate = figure((report.rows as f64 / seconds.max(0.001)) as i64);
    let seconds = format!("{seconds:.1}");
    let pace = match peak_mebibytes() {
        Some(mebibytes) => {
            let memory = figure(mebibytes);
            message!("import_pace-and-memory", seconds = seconds, rate = rate, memory = memory)
        }
        None => message!("import_pace", seconds = seconds, rate = rate),
    };
    line(out, &pace)
}

/// The most memory that this process has held, where the system reports it.
fn peak_mebibytes() -> Option<i64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let found = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: i64 = found.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes / 1024)
}

fn export(kind: Kind, file: &Path, lang: Language, database: &Database) -> Result<(), Failure> {
    let form = form_of(file)?;
    let target = Target::open(file)?;
    let app = open(database, AppOptions::default())?;
    let mut bytes = Vec::new();
    let n = register::files::export(&app, &Caller::local(), kind, (form, lang), &mut bytes)?;
    target.write(|out| out.write_all(&bytes))?;
    let (rows, kind) = (figure(n), kind.as_str());
    note(&message!("export_done", rows = rows, kind = kind, file = path(file)));
    Ok(())
}
