//! The command line: one file a subcommand. Reports go to standard output, everything else to
//! standard error.

mod access;
mod audit;
mod authority;
mod backup;
mod certify;
mod check;
mod demo;
mod diff;
mod draw;
mod generate;
mod help;
mod real_week;
mod register;
mod rules;
mod scenarios;
mod serve;
mod solve;
mod table;
mod terminal;

use crate::app::files::FileError;
use crate::app::planning::solve::OwnBug;
use crate::app::{Error, OpenError, StoreError};
use crate::config::{Command, Config, language_asked_for};
use crate::domain::{Defect, Message};
use crate::message;
use crate::text::{say, speaking};
use clap::{CommandFactory, Parser};
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use terminal::{note, path, whole};

/// Why a command ended without what was asked for.
enum Failure {
    /// The plan breaks a rule; reported already.
    Invalid,
    File(FileError),
    /// A file has defects; listed already.
    Listed {
        path: PathBuf,
        count: usize,
    },
    /// Standard output is gone.
    Output(std::io::Error),
    /// Arguments that say nothing we know.
    Usage(Message),
    Bug(OwnBug),
    /// A use case refused.
    App(Error),
    /// The store cannot be opened, copied or restored.
    Store(StoreError),
    /// The server cannot listen, or a user's wish cannot be met.
    Refused(Message),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::App(error)
    }
}

impl From<OpenError> for Failure {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::Store(error) => Self::Store(error),
            OpenError::App(error) => Self::App(error),
        }
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<FileError> for Failure {
    fn from(error: FileError) -> Self {
        Self::File(error)
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::Output(error)
    }
}

impl From<OwnBug> for Failure {
    fn from(bug: OwnBug) -> Self {
        Self::Bug(bug)
    }
}

/// Runs the program with the process's arguments.
pub fn run() -> ExitCode {
    speaking(language_asked_for(), || match carry_out(&Config::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => report_failure(&failure),
    })
}

fn carry_out(config: &Config) -> Result<(), Failure> {
    match &config.command {
        Command::Solve(args) => solve::run(args),
        Command::Check(args) => check::run(args),
        Command::Certify(args) => certify::run(args),
        Command::Diff(args) => diff::run(args),
        Command::Serve(args) => serve::run(args, config.language_of_files()),
        Command::Demo(args) if args.real => real_week::run(args),
        Command::Demo(args) => demo::run(args, config.language_of_files()),
        Command::User(args) => access::user(args),
        Command::Token(args) => access::token(args),
        Command::Keys(args) => access::keys(args),
        Command::Audit(args) => audit::run(args),
        Command::Scenarios(args) => scenarios::run(&args.command),
        Command::Rules(args) => rules::run(&args.command),
        Command::Register(args) => register::run(&args.command, config.language_of_files()),
        Command::Authority(args) => authority::run(&args.command),
        Command::Draw(args) => draw::run(&args.command),
        Command::Backup(args) => backup::backup(args),
        Command::Restore(args) => backup::restore(args),
        Command::Openapi => openapi(),
        Command::Generate(args) => generate::run(args),
        Command::Calendar(args) => generate::calendar(args),
        Command::Help(args) => help::run(args),
        Command::Completions(args) => {
            let mut script = Vec::new();
            clap_complete::generate(args.shell, &mut Config::command(), "onevisit", &mut script);
            std::io::stdout().write_all(&script).map_err(Failure::from)
        }
    }
}

/// A defect on a line.
fn defect_line(defect: &Defect) -> String {
    let pointer = if defect.pointer.is_empty() { "/" } else { &defect.pointer };
    format!("{pointer}: {} [{}]", say(&defect.message), defect.code())
}

/// A failure on standard error.
fn error_line(what: Message) {
    note(&message!("error-line", what = what));
}

/// What the system or the database gives as the cause, below a failure.
fn cause_line(cause: &str) {
    eprintln!("       {cause}");
}

/// One or two lines on standard error, and the exit code.
fn report_failure(failure: &Failure) -> ExitCode {
    match failure {
        Failure::Invalid => ExitCode::from(1),
        Failure::Usage(what) | Failure::Refused(what) => {
            error_line(what.clone());
            ExitCode::from(2)
        }
        Failure::File(error) => report_file(error),
        Failure::Listed { path: file, count } => {
            error_line(message!("file-defects", file = path(file), defects = *count));
            ExitCode::from(3)
        }
        // a reader that has seen enough, like `head`, is no failure of ours
        Failure::Output(error) if error.kind() == std::io::ErrorKind::BrokenPipe => {
            ExitCode::SUCCESS
        }
        Failure::Output(error) => {
            error_line(message!("output-refused", cause = whole(error)));
            ExitCode::from(4)
        }
        Failure::Bug(OwnBug(cause)) => {
            error_line(message!("own-bug", cause = whole(cause)));
            ExitCode::from(70)
        }
        Failure::App(error) => report_error(error),
        Failure::Store(error) => {
            error_line(error.message());
            error.cause().into_iter().for_each(cause_line);
            ExitCode::from(match error {
                StoreError::Damaged(_) | StoreError::TooNew(_) | StoreError::Refused(_) => 3,
                StoreError::Full(_) => 4,
                _ => 5,
            })
        }
    }
}

fn report_file(error: &FileError) -> ExitCode {
    match error {
        FileError::Defective { path: file, defects, listed_by } => {
            let first = defect_line(&defects[0]);
            error_line(message!("file-first-defect", file = path(file), defect = whole(first)));
            if defects.len() > 1 {
                let more = defects.len() - 1;
                cause_line(&say(&message!("more-defects", more = more, command = listed_by)));
            }
            ExitCode::from(3)
        }
        FileError::Unreadable { .. } => {
            error_line(error.message());
            ExitCode::from(3)
        }
        FileError::Unwritable { .. } => {
            error_line(error.message());
            ExitCode::from(4)
        }
    }
}

fn report_error(error: &Error) -> ExitCode {
    error_line(error.message());
    error.cause().into_iter().for_each(cause_line);
    if let Error::Invalid(defects) = error {
        for defect in defects.iter().take(20) {
            cause_line(&defect_line(defect));
        }
    }
    ExitCode::from(match error {
        Error::StorageFull(_) => 4,
        Error::Unavailable(_) | Error::Uncertain(_) | Error::Unfinished(_) => 5,
        Error::Internal(_) => 70,
        _ => 3,
    })
}

fn openapi() -> Result<(), Failure> {
    let document = crate::http::server::openapi();
    let mut out = std::io::stdout().lock();
    serde_json::to_writer_pretty(&mut out, document).map_err(std::io::Error::from)?;
    Ok(writeln!(out)?)
}
