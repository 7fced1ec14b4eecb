//! Every flag and environment variable, in one place.

use crate::app::Address;
use crate::domain::rules::RuleId;
use crate::domain::words::Worded;
use crate::domain::{Argument, Language};
use crate::message;
use crate::samples::generate::PRESETS;
use crate::text::say;
use crate::wire::access::user::{Role, Scope};
use crate::wire::law::rule_pack::NATIONAL;
use crate::wire::register::Kind;
use clap::builder::{PossibleValue, PossibleValuesParser};
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::net::SocketAddr;
use std::path::PathBuf;

/// Packs the inspection requests of different departments into joint visits, and proves how good
/// the plan is.
#[derive(Debug, Parser)]
#[command(name = "onevisit", version, after_help = EXIT_CODES, max_term_width = 100, disable_help_subcommand = true)]
pub struct Config {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// Language of messages and reports, of the manual, and of files that are written [default: of messages
    /// Chinese where LC_ALL or LANG says so, else English; of files and of what the service answers Chinese]
    #[arg(long, global = true, value_enum)]
    pub lang: Option<Language>,
}

impl Config {
    /// The language of files that are written and of the service's answers to those who ask for none.
    pub fn language_of_files(&self) -> Language {
        self.lang.unwrap_or(Language::Zh)
    }
}

/// The language to report in: what `--lang` asks for, else what the terminal is set to. It is needed to
/// report errors of the arguments, so it is found without reading the others.
pub fn language_asked_for() -> Language {
    let mut arguments = std::env::args_os().map(|argument| argument.to_string_lossy().into_owned());
    let asked = arguments.find_map(|argument| match argument.strip_prefix("--lang")? {
        "" => Some(None),
        rest => Some(Some(rest.strip_prefix('=')?.to_owned())),
    });
    let asked = asked.and_then(|value| value.or_else(|| arguments.next()));
    let of_terminal = || {
        let set = ["LC_ALL", "LANG"].into_iter().find_map(|name| std::env::var(name).ok());
        set.and_then(|set| Language::of_tag(&set)).unwrap_or(Language::En)
    };
    asked.and_then(|value| Language::of_tag(&value)).unwrap_or_else(of_terminal)
}

impl ValueEnum for Language {
    fn value_variants<'a>() -> &'a [Self] {
        &Self::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.as_str()))
    }
}

const EXIT_CODES: &str = "\
Exit codes:
  0    done (a run stopped by Ctrl-C or by a limit is done: the best plan is kept)
  1    the plan breaks a rule (check), a bound is not upheld (certify), the audit log is broken (audit),
       or a draw is not the same drawn again (draw)
  2    wrong use of the command line
  3    an input file cannot be read or has defects
  4    an output file cannot be written, or the database does not take what is to be kept
  5    the database cannot be opened or does not answer
  70   a bug of ours: a plan that does not hold was made, and is not handed out
  130  interrupted twice: given up at once

Try it:
  onevisit demo                                 plan a made-up district and serve it
  onevisit demo --real                          plan a real week and look at the result
  onevisit generate > problem.json              a small made-up problem
  onevisit solve problem.json --out plan.json   plan it
  onevisit check problem.json plan.json         hold the plan against every rule
  onevisit certify problem.json proof.json      work the bound out again (solve --certificate)";

/// The subcommands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Plan a problem: which requests share a visit, and on which day each visit is held
    Solve(Solve),
    /// Hold a plan against every rule, or a problem file against its format
    Check(Check),
    /// Work a bound out again from its certificate, by code that shares nothing with the search
    Certify(Certify),
    /// Print what a second plan changes against a first
    Diff(Diff),
    /// Serve the register, planning and the schedule over HTTP
    Serve(Serve),
    /// Make a district up, plan it, show what joint visits save, and serve it
    Demo(Demo),
    /// Add, list and change users
    User(UserArgs),
    /// Make, list and revoke personal tokens for other systems
    Token(TokenArgs),
    /// Change the keys that sign log-ins
    Keys(Keys),
    /// Prove, list and strike out the audit log of what was done
    Audit(Audit),
    /// Check and load files of inspect-once scenarios
    Scenarios(Scenarios),
    /// List, explain and check rule packs: the law of a place as data
    Rules(Rules),
    /// Load, write and start files of the register: CSV or Excel, in Chinese or English
    Register(Register),
    /// Report who may do what where: many-headed items, gaps, and what towns should have
    Authority(Authority),
    /// Print what is published of a random draw, and draw again from it
    Draw(Draw),
    /// Copy the live SQLite database into a file
    Backup(Backup),
    /// Put a backup back into the SQLite database, which a server may be using
    Restore(Restore),
    /// Print the OpenAPI document of the interface
    Openapi,
    /// Print a made-up problem of any size
    Generate(Generate),
    /// Print the days between two days on which nobody works, as a problem's `closed_days`
    Calendar(Calendar),
    /// Print a completion script for a shell
    Completions(Completions),
    /// Print a topic of the manual, or the help of a subcommand; without either, what there is
    Help(Help),
}

/// `onevisit help`
#[derive(Debug, Args)]
pub struct Help {
    /// A topic of the manual, or a subcommand and its own
    pub words: Vec<String>,
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
    /// Hold at most about so many megabytes, at the cost of a weaker plan and bound [default: as
    /// many as are of use]
    #[arg(long, value_name = "MB", value_parser = clap::value_parser!(u32).range(1..))]
    pub memory: Option<u32>,
}

/// `onevisit solve`
#[derive(Debug, Args)]
pub struct Solve {
    /// Problem file (onevisit-problem/1), plain or gzip
    pub problem: PathBuf,
    /// Write the plan here (`.gz` packs it)
    #[arg(long, value_name = "PLAN")]
    pub out: Option<PathBuf>,
    /// Write the certificate of the bound here (`.gz` packs it); `certify` works it out again
    #[arg(long, value_name = "CERTIFICATE")]
    pub certificate: Option<PathBuf>,
    /// Write cost and bound over time here, as CSV
    #[arg(long, value_name = "CSV")]
    pub curve: Option<PathBuf>,
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

/// `onevisit certify`
#[derive(Debug, Args)]
pub struct Certify {
    /// Problem file (onevisit-problem/1), plain or gzip
    pub problem: PathBuf,
    /// Certificate file (onevisit-certificate/1), plain or gzip
    pub certificate: PathBuf,
    /// Form of the report
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

/// Where the database is.
#[derive(Clone, Debug, Args)]
pub struct Place {
    /// A path to an SQLite file, made when missing, or postgres://user@host/database
    #[arg(
        long,
        env = "ONEVISIT_DATABASE",
        value_name = "WHERE",
        default_value = "onevisit.db",
        hide_env_values = true,
        global = true,
        value_parser = address
    )]
    pub database: Address,
}

/// Where the database is and how it is opened.
#[derive(Clone, Debug, Args)]
pub struct Database {
    /// Where it is.
    #[command(flatten)]
    pub place: Place,
    /// Most connections held at once
    #[arg(long, env = "ONEVISIT_CONNECTIONS", value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u32).range(2..=100))]
    pub connections: u32,
    /// Limit of the SQLite file in pages of 4 KiB [default: none but the disk's]
    #[arg(long, env = "ONEVISIT_PAGES_MAX", value_name = "N")]
    pub pages_max: Option<u32>,
}

/// How the service works.
#[derive(Clone, Debug, Args)]
pub struct Service {
    /// Where to listen
    #[arg(long, env = "ONEVISIT_LISTEN", value_name = "ADDRESS", default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
    /// Time zone that decides what "today" is
    #[arg(long, env = "ONEVISIT_ZONE", value_name = "ZONE", default_value = "Asia/Shanghai")]
    pub zone: chrono_tz::Tz,
    /// Take this day for today, for trials
    #[arg(long, env = "ONEVISIT_TODAY", value_name = "DAY", value_parser = day)]
    pub today: Option<chrono::NaiveDate>,
    /// Runs planned at once
    #[arg(long, env = "ONEVISIT_PLANNERS", value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=64))]
    pub planners: u16,
    /// Threads of each run [default: all processors]
    #[arg(long, env = "ONEVISIT_THREADS", value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub service_threads: Option<u16>,
    /// A file of public holidays, in place of or beside the shipped years
    #[arg(long, env = "ONEVISIT_CALENDAR", value_name = "FILE", value_delimiter = ':')]
    pub calendar: Vec<PathBuf>,
    /// Form of the log on standard error; ONEVISIT_LOG filters it, e.g. "info" or "onevisit=debug"
    #[arg(long, env = "ONEVISIT_LOG_FORM", value_enum, default_value_t = LogForm::Text)]
    pub log: LogForm,
    /// Name of the first user, who is made when there is none yet
    #[arg(long, env = "ONEVISIT_ADMIN_NAME", value_name = "NAME", default_value = "admin")]
    pub admin_name: String,
    /// Password of the first user, at least 12 characters; better given by the environment, which
    /// other users of the machine do not see
    #[arg(long, env = "ONEVISIT_ADMIN_PASSWORD", value_name = "PASSWORD", hide_env_values = true)]
    pub admin_password: Option<String>,
    /// Who is let in.
    #[command(flatten)]
    pub door: Door,
}

/// Who is let in, and how often.
#[derive(Clone, Debug, Args)]
pub struct Door {
    /// Log-ins of an address in a minute; 0: as many as come
    #[arg(long, env = "ONEVISIT_LOGINS_A_MINUTE", value_name = "N", default_value_t = 20)]
    pub logins_a_minute: u32,
    /// Calls of an address without a token in a minute; 0: as many as come
    #[arg(long, env = "ONEVISIT_PUBLIC_A_MINUTE", value_name = "N", default_value_t = 600)]
    pub public_a_minute: u32,
    /// Seconds that a body may take to come, beside one for each 64 KiB of it; 0: as long as it takes
    #[arg(long, env = "ONEVISIT_BODY_SECONDS", value_name = "N", default_value_t = 30)]
    pub body_seconds: u32,
    /// A proxy that is believed whom it calls for (the last address of X-Forwarded-For)
    #[arg(long, env = "ONEVISIT_PROXY", value_name = "ADDRESS")]
    pub proxy: Option<std::net::IpAddr>,
    /// Trust the tokens of this issuer (OpenID Connect) too, by its "iss"; users are found by subject
    #[arg(long, env = "ONEVISIT_ISSUER", value_name = "ISS", requires = "issuer_keys")]
    pub issuer: Option<String>,
    /// What tokens of the issuer must name as "aud"
    #[arg(long, env = "ONEVISIT_ISSUER_AUDIENCE", value_name = "AUD", requires = "issuer")]
    pub issuer_audience: Option<String>,
    /// A JWKS file with the issuer's public keys
    #[arg(long, env = "ONEVISIT_ISSUER_KEYS", value_name = "FILE", requires = "issuer_audience")]
    pub issuer_keys: Option<PathBuf>,
}

/// Form of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogForm {
    /// For people
    Text,
    /// For programs, one object a line
    Json,
}

/// `onevisit serve`
#[derive(Debug, Args)]
pub struct Serve {
    /// Where the database is.
    #[command(flatten)]
    pub database: Database,
    /// How the service works.
    #[command(flatten)]
    pub service: Service,
}

/// `onevisit demo`
#[derive(Debug, Args)]
pub struct Demo {
    /// Plan a shipped real week instead and end: 4,246 building inspections of nine trades in
    /// Miami-Dade County, with the inspectors really seen
    #[arg(long)]
    pub real: bool,
    /// Folder of the demo: its database unless another is named, or the real week's files; made if
    /// missing
    #[arg(long, value_name = "FOLDER", default_value = "onevisit-demo")]
    pub out: PathBuf,
    /// Where the district is kept [default: onevisit.db in the demo's folder]
    #[arg(long, env = "ONEVISIT_DATABASE", value_name = "WHERE", hide_env_values = true, value_parser = address)]
    pub database: Option<Address>,
    /// Enterprises of the district
    #[arg(long, value_name = "N", default_value_t = 2_000, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub enterprises: u32,
    /// End after planning, without serving
    #[arg(long)]
    pub no_serve: bool,
    /// Limits of the run. The district's run is one of 10 seconds on two threads, unless
    /// these say otherwise.
    #[command(flatten)]
    pub limits: Limits,
    /// How the service works.
    #[command(flatten)]
    pub service: Service,
}

/// Why something is done.
#[derive(Clone, Debug, Args)]
pub struct Reason {
    /// Why, for the audit log
    #[arg(long, value_name = "TEXT", global = true)]
    pub reason: Option<String>,
}

/// `onevisit user`
#[derive(Debug, Args)]
pub struct UserArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: UserCommand,
    /// Where the database is.
    #[command(flatten)]
    pub place: Place,
    /// Why.
    #[command(flatten)]
    pub reason: Reason,
}

/// What a user may do.
#[derive(Debug, Args)]
pub struct AccessArgs {
    /// A role; may be repeated: filer, head, member, coordinator, manager, supervisor, administrator
    #[arg(long = "role", value_name = "ROLE", required = true, value_parser = role)]
    pub roles: Vec<Role>,
    /// Id of a department that the user acts for; may be repeated
    #[arg(long = "department", value_name = "ID")]
    pub departments: Vec<String>,
    /// Id of an area that the user is bound to; may be repeated [default: everywhere]
    #[arg(long = "area", value_name = "ID")]
    pub areas: Vec<String>,
    /// The user's "sub" at the outside issuer
    #[arg(long, value_name = "SUB")]
    pub subject: Option<String>,
}

/// What to do with users.
#[derive(Debug, Subcommand)]
pub enum UserCommand {
    /// Add a user, with the password in ONEVISIT_USER_PASSWORD or one that is made up and printed
    Add {
        /// Name to log in with
        name: String,
        /// What the user may do.
        #[command(flatten)]
        access: AccessArgs,
        /// No password: the user comes by the outside issuer or by tokens only
        #[arg(long)]
        no_password: bool,
    },
    /// List users
    List,
    /// Set what a user may do, and let a disabled one in again
    Change {
        /// Name
        name: String,
        /// What the user may do.
        #[command(flatten)]
        access: AccessArgs,
    },
    /// Shut a user out
    Disable {
        /// Name
        name: String,
    },
    /// Set a user's password: the one in ONEVISIT_USER_PASSWORD, or one that is made up and printed
    Password {
        /// Name
        name: String,
        /// Let the user's personal tokens stay good; otherwise they end
        #[arg(long)]
        keep_tokens: bool,
    },
}

/// `onevisit token`
#[derive(Debug, Args)]
pub struct TokenArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: TokenCommand,
    /// Where the database is.
    #[command(flatten)]
    pub place: Place,
    /// Why.
    #[command(flatten)]
    pub reason: Reason,
}

/// What to do with personal tokens.
#[derive(Debug, Subcommand)]
pub enum TokenCommand {
    /// Make a token and print it, this once
    Add {
        /// The user it speaks for
        user: String,
        /// What it is for
        name: String,
        /// What it may be used for; may be repeated: read, file, register, plan
        #[arg(long = "scope", value_name = "SCOPE", required = true, value_parser = scope)]
        scopes: Vec<Scope>,
        /// Days that it is good for
        #[arg(long, value_name = "N", default_value_t = 90, value_parser = clap::value_parser!(i64).range(1..=366))]
        days: i64,
    },
    /// List a user's tokens
    List {
        /// The user
        user: String,
    },
    /// Revoke a token
    Revoke {
        /// Its id
        id: String,
    },
}

/// `onevisit keys`
#[derive(Debug, Args)]
pub struct Keys {
    /// What to do.
    #[command(subcommand)]
    pub command: KeysCommand,
    /// Where the database is.
    #[command(flatten)]
    pub place: Place,
    /// Why.
    #[command(flatten)]
    pub reason: Reason,
}

/// What to do with keys.
#[derive(Debug, Subcommand)]
pub enum KeysCommand {
    /// Sign with a new key from now on; tokens of the old one are good until they end
    Rotate,
}

/// `onevisit audit`
#[derive(Debug, Args)]
pub struct Audit {
    /// What to do.
    #[command(subcommand)]
    pub command: AuditCommand,
    /// Where the database is.
    #[command(flatten)]
    pub place: Place,
    /// Why.
    #[command(flatten)]
    pub reason: Reason,
}

/// What to do with the audit log.
#[derive(Debug, Subcommand)]
pub enum AuditCommand {
    /// Prove the chain, or name its first broken link
    Verify {
        /// Number and hash noted at an earlier time, as NUMBER:HASH: the audit log must still hold them
        #[arg(long, value_name = "NUMBER:HASH", value_parser = anchor)]
        head: Option<(i64, String)>,
    },
    /// List events, newest first, as one JSON object a line
    List {
        /// Only what this user, by id, or part of the service did
        #[arg(long, value_name = "ID")]
        actor: Option<String>,
        /// Only what was done to things of this kind
        #[arg(long, value_name = "KIND")]
        kind: Option<String>,
        /// Only what was done to the thing of this id
        #[arg(long, value_name = "ID")]
        id: Option<String>,
        /// Only events before this number
        #[arg(long, value_name = "NUMBER")]
        before: Option<i64>,
        /// How many
        #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(i64).range(1..=1000))]
        limit: i64,
    },
    /// Strike out what is personal; the chain holds without it
    Strike {
        /// Of what this user, by name, did and of what was done to this user
        #[arg(long, value_name = "NAME", required_unless_present = "before")]
        user: Option<String>,
        /// Of events before this day
        #[arg(long, value_name = "DAY", value_parser = day)]
        before: Option<chrono::NaiveDate>,
        /// Only this field, like address [default: all that is personal]
        #[arg(long, value_name = "FIELD")]
        field: Option<String>,
    },
}

/// `onevisit rules`
#[derive(Debug, Args)]
pub struct Rules {
    /// What to do with them.
    #[command(subcommand)]
    pub command: RulesCommand,
}

/// What to do with rule packs.
#[derive(Debug, Subcommand)]
pub enum RulesCommand {
    /// List the shipped packs
    List {
        /// Form of the list
        #[arg(long, value_enum, default_value_t = ReportForm::Text)]
        report: ReportForm,
    },
    /// Print what the rules say in a place: how severe each is, its parameters, where it is written, and
    /// which pack says so
    Explain {
        /// Number of a rule, like R06 [default: all of them]
        #[arg(value_parser = rule)]
        rule: Option<RuleId>,
        /// A shipped pack
        #[arg(long, value_name = "ID", default_value = NATIONAL)]
        pack: String,
        /// A pack of your own, in place of a shipped one; it may extend those
        #[arg(long, value_name = "FILE", conflicts_with = "pack")]
        file: Option<PathBuf>,
        /// Form of the answer
        #[arg(long, value_enum, default_value_t = ReportForm::Text)]
        report: ReportForm,
    },
    /// Hold a pack of your own against the format, reporting every defect
    Check {
        /// The file
        file: PathBuf,
    },
}

/// `onevisit scenarios`
#[derive(Debug, Args)]
pub struct Scenarios {
    /// What to do with them.
    #[command(subcommand)]
    pub command: ScenariosCommand,
}

/// What to do with scenario files.
#[derive(Debug, Subcommand)]
pub enum ScenariosCommand {
    /// Hold files against the format, reporting every defect
    Check {
        /// Files, or folders with TOML files
        #[arg(required = true)]
        paths: Vec<PathBuf>,
    },
    /// Add files to the database, with those of their departments and items that are new
    Load {
        /// Files, or folders with TOML files
        #[arg(required = true)]
        paths: Vec<PathBuf>,
        /// Where the database is.
        #[command(flatten)]
        database: Database,
    },
}

/// `onevisit register`
#[derive(Debug, Args)]
pub struct Register {
    /// What to do.
    #[command(subcommand)]
    pub command: RegisterCommand,
}

/// What to do with files of the register.
#[derive(Debug, Subcommand)]
pub enum RegisterCommand {
    /// Take a file into the register: all of it or, when a row has a defect, nothing. Rows with
    /// defects are written beside it, to mend and to send again
    Import {
        /// What the file holds
        #[arg(value_parser = kinds())]
        kind: String,
        /// The file, .csv (UTF-8 or GB18030) or .xlsx
        file: PathBuf,
        /// Take exactly the rows without a defect
        #[arg(long)]
        accept_good: bool,
        /// Write the defective rows here [default: beside the file, ending in .to-mend.csv]
        #[arg(long, value_name = "CSV")]
        mend: Option<PathBuf>,
        /// Form of the report on standard output
        #[arg(long, value_enum, default_value_t = ReportForm::Text)]
        report: ReportForm,
        /// Where the database is.
        #[command(flatten)]
        database: Database,
    },
    /// Write everything of a kind into a file
    Export {
        /// What to write
        #[arg(value_parser = kinds())]
        kind: String,
        /// The file, .csv or .xlsx
        file: PathBuf,
        /// Where the database is.
        #[command(flatten)]
        database: Database,
    },
    /// Write an empty file to fill in, in Excel with drop-down lists and comments
    Template {
        /// What the file is to hold
        #[arg(value_parser = kinds())]
        kind: String,
        /// The file, .xlsx or .csv
        file: PathBuf,
    },
}

fn kinds() -> PossibleValuesParser {
    PossibleValuesParser::new(Kind::WORDS)
}

/// `onevisit authority`
#[derive(Debug, Args)]
pub struct Authority {
    /// What to do.
    #[command(subcommand)]
    pub command: AuthorityCommand,
}

/// What to report of the authority matrix.
#[derive(Debug, Subcommand)]
pub enum AuthorityCommand {
    /// Items that several bodies hold, items that nobody holds, and for each town demand, capacity
    /// and risk of its items with what should be done
    Report {
        /// The day [default: today]
        #[arg(long, value_parser = day)]
        day: Option<chrono::NaiveDate>,
        /// Form of the report
        #[arg(long, value_enum, default_value_t = ReportForm::Text)]
        report: ReportForm,
        /// Where the database is.
        #[command(flatten)]
        database: Database,
    },
}

/// `onevisit draw`
#[derive(Debug, Args)]
pub struct Draw {
    /// What to do.
    #[command(subcommand)]
    pub command: DrawCommand,
}

/// What to do with random draws.
#[derive(Debug, Subcommand)]
pub enum DrawCommand {
    /// Print what anyone may see of a draw, as JSON
    Publication {
        /// Id of the draw
        id: String,
        /// Where the database is.
        #[command(flatten)]
        database: Database,
    },
    /// Draw again from a publication: the commitment must hold, and enterprises and inspectors must be
    /// the same; needs no database
    Replay {
        /// The publication (onevisit-draw/1), plain or gzip
        file: PathBuf,
        /// The commitment as it was noted before the reveal
        #[arg(long, value_name = "SHA-256")]
        commitment: Option<String>,
    },
}

/// `onevisit backup`
#[derive(Debug, Args)]
pub struct Backup {
    /// The new file; an older one of this name is replaced when the copy is whole
    pub file: PathBuf,
    /// Where the database is.
    #[command(flatten)]
    pub place: Place,
}

/// `onevisit restore`
#[derive(Debug, Args)]
pub struct Restore {
    /// The backup
    pub file: PathBuf,
    /// Go ahead without asking, when the backup would let in again who was shut out since it was made
    #[arg(long)]
    pub yes: bool,
    /// Let them in again: users who were disabled, passwords, rights, tokens, sessions and keys are as
    /// they were then [default: they stay shut out]
    #[arg(long)]
    pub readmit: bool,
    /// Where the database is.
    #[command(flatten)]
    pub place: Place,
    /// Why.
    #[command(flatten)]
    pub reason: Reason,
}

/// `onevisit generate`
#[derive(Debug, Args)]
pub struct Generate {
    /// A problem of the benchmark set; the other options change it
    #[arg(long, value_name = "NAME", value_parser = PossibleValuesParser::new(PRESETS))]
    pub preset: Option<String>,
    /// Enterprises, with about 2.4 requests each [default: 120]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=2_000_000))]
    pub enterprises: Option<u32>,
    /// Working days of the horizon [default: 22]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=2600))]
    pub days: Option<u16>,
    /// Departments [default: 8]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(2..=99))]
    pub departments: Option<u16>,
    /// Areas; each department has a pool in each [default: 1]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=999), conflicts_with = "lumpiness")]
    pub areas: Option<u16>,
    /// Person-minutes offered for each hundred asked for [default: 120]
    #[arg(long, value_name = "PERCENT", value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub slack: Option<u16>,
    /// As many areas as make a typical visit take this share of a pool's day
    #[arg(long, value_name = "PERCENT", value_parser = clap::value_parser!(u16).range(1..=100))]
    pub lumpiness: Option<u16>,
    /// Share of windows that are short and end with a month or the horizon [default: 0]
    #[arg(long, value_name = "PERCENT", value_parser = clap::value_parser!(u16).range(0..=100))]
    pub peaks: Option<u16>,
    /// Share of enterprises with quiet days, the 1st to the 15th [default: 0]
    #[arg(long, value_name = "PERCENT", value_parser = clap::value_parser!(u16).range(0..=100))]
    pub quiet: Option<u16>,
    /// Overtime of a pool's day in percent of its minutes [default: 0]
    #[arg(long, value_name = "PERCENT", value_parser = clap::value_parser!(u16).range(0..=100))]
    pub overtime: Option<u16>,
    /// Share of enterprises where a department is capped to one visit [default: 0]
    #[arg(long, value_name = "PERCENT", value_parser = clap::value_parser!(u16).range(0..=100))]
    pub department_caps: Option<u16>,
    /// Use every field of the format
    #[arg(long)]
    pub every_field: bool,
    /// Keep requests that no day can take, which --every-field makes now and then
    #[arg(long)]
    pub impossible: bool,
    /// Seed of the random numbers [default: 1]
    #[arg(long, value_name = "S")]
    pub seed: Option<u64>,
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

fn rule(text: &str) -> Result<RuleId, String> {
    let number = text.to_ascii_uppercase();
    RuleId::parse(&number).ok_or_else(|| say(&message!("bad-argument_rule")))
}

fn role(text: &str) -> Result<Role, String> {
    Role::parse(text).ok_or_else(|| none_of(Role::WORDS))
}

fn scope(text: &str) -> Result<Scope, String> {
    Scope::parse(text).ok_or_else(|| none_of(Scope::WORDS))
}

fn none_of(words: &[&str]) -> String {
    say(&message!("bad-argument_none-of", words = words.iter().copied().collect::<Argument>()))
}

fn address(text: &str) -> Result<Address, String> {
    text.parse().map_err(|error| say(&error))
}

fn anchor(text: &str) -> Result<(i64, String), String> {
    let anchor = text.split_once(':').and_then(|(number, hash)| {
        let number = number.parse().ok()?;
        Some((number, hash.to_owned()))
    });
    anchor.ok_or_else(|| say(&message!("bad-argument_anchor")))
}

fn seconds(text: &str) -> Result<f64, String> {
    let value = text.parse().ok().filter(|value| (0.0..=1e9).contains(value));
    value.ok_or_else(|| say(&message!("bad-argument_seconds")))
}

fn share(text: &str) -> Result<f64, String> {
    let value = text.parse().ok().filter(|value| (0.0..1.0).contains(value));
    value.ok_or_else(|| say(&message!("bad-argument_share")))
}

fn day(text: &str) -> Result<chrono::NaiveDate, String> {
    crate::wire::json::day(text).map_err(|message| crate::text::say(&message))
}
