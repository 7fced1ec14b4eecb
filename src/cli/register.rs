//! `onevisit register`.

use super::Failure;
use super::serve::open;
use crate::app::figures::figure;
use crate::app::files::{self, FileError, Target};
use crate::app::register;
use crate::app::{AppOptions, Caller, Error};
use crate::config::{Database, FileLang, RegisterCommand, ReportForm};
use crate::wire::register::Kind;
use crate::wire::tabular::{FILE_BYTES_MAX, FileForm, ImportReport, Lang, Outcome};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

/// Defects told on standard error; the file to mend has all.
const TOLD_MAX: usize = 20;

pub(super) fn run(command: &RegisterCommand) -> Result<(), Failure> {
    match command {
        RegisterCommand::Import { kind, file, accept_good, mend, report, database } => {
            import(known(kind)?, file, *accept_good, mend.as_deref(), *report, database)
        }
        RegisterCommand::Export { kind, file, lang, database } => {
            export(known(kind)?, file, lang_of(*lang), database)
        }
        RegisterCommand::Template { kind, file, lang } => {
            let form = form_of(file)?;
            let target = Target::open(file)?;
            let mut bytes = Vec::new();
            register::files::template(known(kind)?, (form, lang_of(*lang)), &mut bytes)?;
            Ok(target.write(|out| out.write_all(&bytes))?)
        }
    }
}

fn known(kind: &str) -> Result<Kind, Failure> {
    Kind::parse(kind).ok_or_else(|| Failure::Refused(format!("there is no kind \"{kind}\"")))
}

pub(super) fn lang_of(lang: FileLang) -> Lang {
    match lang {
        FileLang::Zh => Lang::Zh,
        FileLang::En => Lang::En,
    }
}

fn form_of(file: &Path) -> Result<FileForm, Failure> {
    let ending = file.extension().map(|ending| ending.to_ascii_lowercase());
    match ending.as_ref().and_then(|ending| ending.to_str()) {
        Some("csv") => Ok(FileForm::Csv),
        Some("xlsx") => Ok(FileForm::Xlsx),
        _ => Err(Failure::Refused(format!("{}: end its name in .csv or .xlsx", file.display()))),
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
                eprintln!("{}: {defect}", file.display());
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
    for defect in report.defects.iter().take(TOLD_MAX) {
        let column = defect.column.as_deref().unwrap_or("the row");
        eprintln!("line {}, {column}: {} [{}]", defect.line, defect.remedy, defect.code);
    }
    eprintln!("{} rows to mend and to send again: {}", figure(report.defective), mend.display());
    if report.outcome == Outcome::Refused {
        return Err(Failure::Listed { path: file.to_owned(), count: report.defective });
    }
    Ok(())
}

fn print_report(out: &mut impl Write, report: &ImportReport, seconds: f64) -> std::io::Result<()> {
    let taken = match report.outcome {
        Outcome::Taken => "all of it was taken",
        Outcome::GoodRowsTaken => "its good rows were taken",
        Outcome::Refused => "nothing was taken",
    };
    // of a file that was refused, what a mended one would do
    let [added, updated] = match report.outcome {
        Outcome::Refused => ["to add", "to update"],
        _ => ["added", "updated"],
    };
    writeln!(
        out,
        "{}: {} rows, {} {added}, {} {updated}, {} unchanged, {} with defects; {taken}.",
        report.kind,
        figure(report.rows),
        figure(report.added),
        figure(report.updated),
        figure(report.unchanged),
        figure(report.defective),
    )?;
    let rate = (report.rows as f64 / seconds.max(0.001)) as i64;
    let memory = peak_mebibytes().map_or(String::new(), |mebibytes| {
        format!(", at most {} MiB of memory", figure(mebibytes))
    });
    writeln!(out, "{seconds:.1} s, {} rows a second{memory}", figure(rate))
}

/// The most memory that this process has held, where the system tells.
fn peak_mebibytes() -> Option<i64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: i64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes / 1024)
}

fn export(kind: Kind, file: &Path, lang: Lang, database: &Database) -> Result<(), Failure> {
    let form = form_of(file)?;
    let target = Target::open(file)?;
    let app = open(database, AppOptions::default())?;
    let mut bytes = Vec::new();
    let n = register::files::export(&app, &Caller::local(), kind, (form, lang), &mut bytes)?;
    target.write(|out| out.write_all(&bytes))?;
    eprintln!("{} {} written to {}", figure(n), kind.as_str(), file.display());
    Ok(())
}
