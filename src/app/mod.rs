//! Use cases: where what we remember, reading, optimising, checking and writing meet. Synchronous;
//! knows no HTTP and no command line. Every use case on what we remember takes the caller.

pub mod access;
pub mod error;
pub mod figures;
pub mod files;
pub mod law;
pub mod made;
pub mod paging;
pub mod planning;
pub mod purpose;
pub mod register;
pub mod requests;
pub mod visits;

pub use access::Caller;
pub use error::{Error, Result};
// what the use cases are asked with, for those who may not name the store
pub use crate::store::{
    Address, Clock, DrawFilter, EnterpriseFilter, EventFilter, InspectionPlanFilter, RequestFilter,
    StoreError, StoreOptions, Versioned, VisitFilter,
};
pub use crate::store::{backup, restore};

use crate::domain::Language;
use crate::domain::calendar::Calendar;
use crate::store::Store;
use chrono::{DateTime, Datelike, NaiveDate, SubsecRound, Utc};
use chrono_tz::Tz;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// Longest wait for the database's sign that it is ready.
const READY: Duration = Duration::from_secs(2);

/// What every use case needs.
pub struct App {
    store: Store,
    outside: Option<access::tokens::Outside>,
    calendar: Calendar,
    zone: Tz,
    clock: Clock,
    today: Option<NaiveDate>,
    threads: usize,
    packs: law::rules::Resolved,
    read_cache: requests::read_cache::Kept,
    made: made::Made,
    turns: access::guesses::Turns,
    language: Language,
}

/// Why an [`App`] cannot be set up.
#[derive(Debug)]
pub enum OpenError {
    /// The database cannot be opened.
    Store(StoreError),
    /// What it lacks cannot be set up.
    App(Error),
}

impl From<Error> for OpenError {
    fn from(error: Error) -> Self {
        Self::App(error)
    }
}

/// How to set an [`App`] up.
pub struct AppOptions {
    /// Public holidays.
    pub calendar: Calendar,
    /// The zone that decides what "today" is.
    pub zone: Tz,
    /// The clock.
    pub clock: Clock,
    /// The database's clock, by which leases, locks and waits are judged; absent: the
    /// database itself.
    pub database_clock: Option<Clock>,
    /// The day to take for today, for demonstrations and trials; absent: the clock's.
    pub today: Option<NaiveDate>,
    /// Threads of each planning run.
    pub threads: usize,
    /// An issuer of tokens that is trusted beside our own.
    pub outside: Option<access::tokens::Outside>,
    /// The language for those who ask for none.
    pub language: Language,
}

impl Default for AppOptions {
    fn default() -> Self {
        Self {
            calendar: crate::wire::law::calendar::shipped(),
            zone: chrono_tz::Asia::Shanghai,
            clock: Arc::new(Utc::now),
            database_clock: None,
            today: None,
            threads: std::thread::available_parallelism().map_or(1, usize::from),
            outside: None,
            language: Language::Zh,
        }
    }
}

impl App {
    /// Opens a database, brings it to this version's form (reporting the path of the backup that was
    /// made first, if any) and sets up what it lacks.
    pub fn open(
        address: &Address,
        store: &StoreOptions,
        options: AppOptions,
    ) -> std::result::Result<(Self, Option<PathBuf>), OpenError> {
        let (store, backup) = Store::open(address, store).map_err(OpenError::Store)?;
        let AppOptions { calendar, zone, clock, database_clock, today, threads, outside, language } =
            options;
        let store = store.with_clock(database_clock);
        let packs = law::rules::Resolved::default();
        let (read_cache, made) = (requests::read_cache::Kept::default(), made::Made::default());
        let turns = access::guesses::Turns::default();
        let app = Self {
            store,
            outside,
            calendar,
            zone,
            clock,
            today,
            threads,
            packs,
            read_cache,
            made,
            turns,
            language,
        };
        access::tokens::ensure_key(&app)?;
        planning::policies::ensure(&app)?;
        law::rules::ensure_pinned(&app)?;
        Ok((app, backup))
    }

    /// The language for those who ask for none.
    pub fn language(&self) -> Language {
        self.language
    }

    /// The instant, in UTC, as finely as either database keeps it.
    pub fn now(&self) -> DateTime<Utc> {
        (self.clock)().trunc_subsecs(6)
    }

    /// The day it is in the configured zone, unless another was set.
    pub fn today(&self) -> NaiveDate {
        self.today.unwrap_or_else(|| self.now().with_timezone(&self.zone).date_naive())
    }

    /// Whether people work on a day: by the calendar, or by the week in years it does not know.
    fn is_workday(&self, day: NaiveDate) -> bool {
        let is_weekday = day.weekday().num_days_from_monday() < 5;
        self.calendar.is_workday(day).unwrap_or(is_weekday)
    }

    /// Whether the database answers, soon, and takes what is to be kept.
    pub fn is_ready(&self) -> Result<()> {
        Ok(self.store.probe(READY)?)
    }
}
