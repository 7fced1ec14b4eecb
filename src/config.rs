//! Every flag and environment variable, in one place.

use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Packs the inspection requests of different departments into joint visits, and proves how good
/// the plan is.
#[derive(Debug, Parser)]
#[command(name = "onevisit", version, after_help = EXIT_CODES, max_term_width = 100)]
pub struct Config {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

const EXIT_CODES: &str = "\
Exit codes:
  0    done (a run stopped by Ctrl-C or by a limit is done: the best plan is kept)
  1    the plan breaks a rule (check)
  2    wrong use of the command line
  3    an input file cannot be read or has defects
  4    an output file cannot be written
  70   a bug of ours: a plan that does not hold was made, and is not handed out
  130  interrupted twice: given up at once

Try it:
  onevisit demo                                 plan a real week and look at the result
  onevisit generate > problem.json              a small made-up problem
  onevisit solve problem.json --out plan.json   plan it
  onevisit check problem.json plan.json         hold the plan against every rule";

/// The subcommands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Plan a problem: which requests share a visit, and on which day each visit is held
    Solve(Solve),
    /// Hold a plan against every rule, or a problem file against its format
    Check(Check),
    /// Tell what a second plan changes against a first
    Diff(Diff),
    /// Plan a shipped real week and show what joint visits save
    Demo(Demo),
    /// Print a made-up problem of any size
    Generate(Generate),
    /// Print the days between two days on which nobody works, as a problem's `closed_days`
    Calendar(Calendar),
    /// Print a completion script for a shell
    Completions(Completions),
}

/// Limits of a run.
#[derive(Clone, Debug, Args)]
pub struct Limits {
    /// Stop after so many seconds [default: 30, or none when --work is given]
    #[arg(long, value_name = "N", value_parser = seconds)]
    pub seconds: Option<f64>,
    /// Stop after so many subproblems; without --seconds the same problem, seed, work and threads
    /// give the same bytes
    #[arg(long, value_name = "N")]
    pub work: Option<u64>,
    /// Stop when the proven gap is at most this share, e.g. 0.01 (impossible requests apart)
    #[arg(long, value_name = "G", default_value_t = 0.0, value_parser = share)]
    pub gap: f64,
    /// Seed of the random numbers
    #[arg(long, value_name = "S", default_value_t = 1)]
    pub seed: u64,
    /// Threads [default: all processors]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub threads: Option<u16>,
}

/// `onevisit solve`
#[derive(Debug, Args)]
pub struct Solve {
    /// Problem file (onevisit-problem/1), plain or gzip
    pub problem: PathBuf,
    /// Write the plan here (`.gz` packs it)
    #[arg(long, value_name = "PLAN")]
    pub out: Option<PathBuf>,
    /// Limits of the run.
    #[command(flatten)]
    pub limits: Limits,
    /// Form of the report on standard output
    #[arg(long, value_enum, default_value_t = ReportForm::Text)]
    pub report: ReportForm,
}

/// Form of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ReportForm {
    /// For programs
    Json,
    /// For people
    Text,
}

/// `onevisit check`
#[derive(Debug, Args)]
pub struct Check {
    /// Problem file; alone, it is held against its format and all its defects are listed
    pub problem: PathBuf,
    /// Plan file (onevisit-plan/1)
    pub plan: Option<PathBuf>,
    /// Form of the findings
    #[arg(long, value_enum, default_value_t = ReportForm::Text)]
    pub report: ReportForm,
}

/// `onevisit diff`
#[derive(Debug, Args)]
pub struct Diff {
    /// Problem file
    pub problem: PathBuf,
    /// The first plan
    pub old: PathBuf,
    /// The second plan
    pub new: PathBuf,
}

/// `onevisit demo`
#[derive(Debug, Args)]
pub struct Demo {
    /// Plan the real week (so far the only demonstration, and the default): 4,246 building
    /// inspections of nine trades in Miami-Dade County, with the inspectors really seen
    #[arg(long)]
    pub real: bool,
    /// Folder for the problem, the plan, the report and the page; made if missing
    #[arg(long, value_name = "FOLDER", default_value = "onevisit-demo")]
    pub out: PathBuf,
    /// Limits of the run.
    #[command(flatten)]
    pub limits: Limits,
}

/// `onevisit generate`
#[derive(Debug, Args)]
pub struct Generate {
    /// Enterprises, with about 2.4 requests each
    #[arg(long, value_name = "N", default_value_t = 120, value_parser = clap::value_parser!(u32).range(1..=2_000_000))]
    pub enterprises: u32,
    /// Working days of the horizon
    #[arg(long, value_name = "N", default_value_t = 22, value_parser = clap::value_parser!(u16).range(1..=2600))]
    pub days: u16,
    /// Departments
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u16).range(2..=99))]
    pub departments: u16,
    /// Areas; each department has a pool in each
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=99))]
    pub areas: u16,
    /// Person-minutes offered for each hundred asked for
    #[arg(long, value_name = "PERCENT", default_value_t = 120, value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub slack: u16,
    /// Use every field of the format
    #[arg(long)]
    pub every_field: bool,
    /// Seed of the random numbers
    #[arg(long, value_name = "S", default_value_t = 1)]
    pub seed: u64,
}

/// `onevisit calendar`
#[derive(Debug, Args)]
pub struct Calendar {
    /// First day, YYYY-MM-DD
    #[arg(value_parser = day)]
    pub first: chrono::NaiveDate,
    /// Last day, YYYY-MM-DD
    #[arg(value_parser = day)]
    pub last: chrono::NaiveDate,
}

/// `onevisit completions`
#[derive(Debug, Args)]
pub struct Completions {
    /// The shell
    pub shell: clap_complete::Shell,
}

fn seconds(text: &str) -> Result<f64, String> {
    let value: f64 = text.parse().map_err(|_| "not a number".to_owned())?;
    let is_sane = (0.0..=1e9).contains(&value);
    is_sane.then_some(value).ok_or_else(|| "between 0 and 1,000,000,000 seconds".into())
}

fn share(text: &str) -> Result<f64, String> {
    let value: f64 = text.parse().map_err(|_| "not a number".to_owned())?;
    (0.0..1.0).contains(&value).then_some(value).ok_or_else(|| "at least 0 and below 1".into())
}

fn day(text: &str) -> Result<chrono::NaiveDate, String> {
    crate::wire::json::parse_date(text).ok_or_else(|| "not a day of the form YYYY-MM-DD".into())
}
