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

use crate::app::files::FileError;
use crate::app::planning::solve::OwnBug;
use crate::app::{Error, StoreError};
use crate::config::{Command, Config};
use clap::{CommandFactory, Parser};
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

/// Why a command ended without what was asked for.
enum Failure {
    /// The plan breaks a rule; told already.
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
    Usage(String),
    Bug(OwnBug),
    /// A use case refused.
    App(Error),
    /// The store cannot be opened, copied or restored.
    Store(StoreError),
    /// The server cannot listen, or a user's wish cannot be met.
    Refused(String),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::App(error)
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
    let config = Config::parse();
    let result = match &config.command {
        Command::Solve(args) => solve::run(args),
        Command::Check(args) => check::run(args),
        Command::Certify(args) => certify::run(args),
        Command::Diff(args) => diff::run(args),
        Command::Serve(args) => serve::run(args),
        Command::Demo(args) if args.real => real_week::run(args),
        Command::Demo(args) => demo::run(args),
        Command::User(args) => access::user(args),
        Command::Token(args) => access::token(args),
        Command::Keys(args) => access::keys(args),
        Command::Audit(args) => audit::run(args),
        Command::Scenarios(args) => scenarios::run(&args.command),
        Command::Rules(args) => rules::run(&args.command),
        Command::Register(args) => register::run(&args.command),
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
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => report_failure(&failure),
    }
}

/// One or two lines on standard error, and the exit code.
fn report_failure(failure: &Failure) -> ExitCode {
    match failure {
        Failure::Invalid => ExitCode::from(1),
        Failure::Usage(what) => {
            eprintln!("error: {what}");
            ExitCode::from(2)
        }
        Failure::File(FileError::Defective { path, defects, listed_by }) => {
            eprintln!("error: {}: {}", path.display(), defects[0]);
            if defects.len() > 1 {
                eprintln!("       and {} more; `{listed_by}` lists them", defects.len() - 1);
            }
            ExitCode::from(3)
        }
        Failure::Listed { path, count } => {
            let defects = if *count == 1 { "defect" } else { "defects" };
            eprintln!("error: {}: {count} {defects}", path.display());
            ExitCode::from(3)
        }
        Failure::File(error @ FileError::Unreadable { .. }) => {
            eprintln!("error: {error}");
            ExitCode::from(3)
        }
        Failure::File(error @ FileError::Unwritable { .. }) => {
            eprintln!("error: {error}");
            ExitCode::from(4)
        }
        // a reader that has seen enough, like `head`, is no failure of ours
        Failure::Output(error) if error.kind() == std::io::ErrorKind::BrokenPipe => {
            ExitCode::SUCCESS
        }
        Failure::Output(error) => {
            eprintln!("error: standard output: {error}");
            ExitCode::from(4)
        }
        Failure::Bug(bug) => {
            eprintln!("error: {bug}");
            ExitCode::from(70)
        }
        Failure::Refused(what) => {
            eprintln!("error: {what}");
            ExitCode::from(2)
        }
        Failure::App(error) => report_error(error),
        Failure::Store(error) => {
            eprintln!("error: {error}");
            ExitCode::from(match error {
                StoreError::Damaged(_) | StoreError::TooNew(_) => 3,
                StoreError::Full(_) => 4,
                _ => 5,
            })
        }
    }
}

fn report_error(error: &Error) -> ExitCode {
    eprintln!("error: {error}");
    if let Some(cause) = error.cause() {
        eprintln!("       {cause}");
    }
    if let Error::Invalid(defects) = error {
        for defect in defects.iter().take(20) {
            eprintln!("       {defect}");
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
