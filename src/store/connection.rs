//! The two databases behind one connection type, and the only ways in.

use super::error::{Result, StoreError};
use super::migrate;
use super::record::NewEvent;
use chrono::{DateTime, NaiveDateTime, SubsecRound, Utc};
use diesel::connection::{
    AnsiTransactionManager, Connection, SimpleConnection, TransactionManager,
};
use diesel::r2d2::{ManageConnection, Pool};
use diesel::{PgConnection, RunQueryDsl, SqliteConnection};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

/// Either database.
#[derive(diesel::MultiConnection)]
pub enum AnyConnection {
    /// PostgreSQL.
    Postgres(PgConnection),
    /// SQLite.
    Sqlite(SqliteConnection),
}

/// Rows inserted in one statement: SQLite takes at most 32,766 values.
pub(super) const BATCH: usize = 500;

/// Inserts a slice of rows. The derived connection has no insert of several rows, each database by
/// itself has.
macro_rules! insert_all {
    ($connection:expr, $table:expr, $rows:expr) => {
        for batch in $rows.chunks($crate::store::connection::BATCH) {
            match $connection {
                $crate::store::connection::AnyConnection::Postgres(inner) => {
                    diesel::insert_into($table).values(batch).execute(inner)?
                }
                $crate::store::connection::AnyConnection::Sqlite(inner) => {
                    diesel::insert_into($table).values(batch).execute(inner)?
                }
            };
        }
    };
}
pub(super) use insert_all;

/// Where the database is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Address {
    /// A file; made when missing.
    Sqlite(PathBuf),
    /// `postgres://…`
    Postgres(String),
}

impl FromStr for Address {
    type Err = String;

    /// `postgres://…`, `sqlite:PATH`, or a path.
    fn from_str(text: &str) -> std::result::Result<Self, String> {
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return Ok(Self::Postgres(text.to_owned()));
        }
        let path = text.strip_prefix("sqlite:").unwrap_or(text);
        let path = path.strip_prefix("//").unwrap_or(path);
        if path.is_empty() || path.contains("://") || path == ":memory:" {
            return Err("a path to an SQLite file, or postgres://user@host/database".into());
        }
        Ok(Self::Sqlite(PathBuf::from(path)))
    }
}

impl std::fmt::Display for Address {
    /// Without what follows a user's name: it may be a password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "{}", path.display()),
            Self::Postgres(url) => {
                let rest = url.split_once("://").map_or("", |(_, rest)| rest);
                let place = rest.rsplit_once('@').map_or(rest, |(_, place)| place);
                let place = place.split_once('?').map_or(place, |(place, _)| place);
                write!(f, "postgres://{place}")
            }
        }
    }
}

/// How to open a database.
#[derive(Clone, Debug)]
pub struct StoreOptions {
    /// Most connections held at once.
    pub connections_max: u32,
    /// Longest wait for a connection, or for another's write on SQLite.
    pub wait: Duration,
    /// SQLite's limit on the file, in pages of 4 KiB; `None`: the disk's.
    pub pages_max: Option<u32>,
}

impl Default for StoreOptions {
    fn default() -> Self {
        Self { connections_max: 8, wait: Duration::from_secs(5), pages_max: None }
    }
}

/// Makes connections for the pool.
#[derive(Clone)]
pub(super) struct Manager {
    address: Address,
    options: StoreOptions,
}

impl Manager {
    /// A new connection, set up.
    pub(super) fn establish(&self) -> Result<AnyConnection> {
        match &self.address {
            Address::Postgres(url) => {
                // a server that does not answer is told within the time that requests wait
                let mark = if url.contains('?') { '&' } else { '?' };
                let seconds = self.options.wait.as_secs().max(1);
                let url = if url.contains("connect_timeout") {
                    url.clone()
                } else {
                    format!("{url}{mark}connect_timeout={seconds}")
                };
                let mut connection = PgConnection::establish(&url)?;
                connection.batch_execute("SET TIME ZONE 'UTC'; SET lock_timeout = '10s'")?;
                Ok(AnyConnection::Postgres(connection))
            }
            Address::Sqlite(path) => {
                let path = path.to_str().ok_or_else(|| {
                    StoreError::Other(format!("{}: the path is not UTF-8", path.display()))
                })?;
                make_private(Path::new(path), false)?;
                let mut connection = SqliteConnection::establish(path)?;
                let wait = self.options.wait.as_millis();
                // WAL lets readers read while one writes; FULL loses no answered write to a power cut;
                // what is struck out is overwritten
                connection.batch_execute(&format!(
                    "PRAGMA busy_timeout = {wait}; PRAGMA journal_mode = WAL; \
                     PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; \
                     PRAGMA secure_delete = FAST;"
                ))?;
                if let Some(pages) = self.options.pages_max {
                    connection.batch_execute(&format!("PRAGMA max_page_count = {pages};"))?;
                }
                Ok(AnyConnection::Sqlite(connection))
            }
        }
    }
}

/// Makes an empty file that only its owner may read, unless there is a file: what the service must
/// keep secret is in it. `must_be_new`: an existing one is an error.
pub(super) fn make_private(path: &Path, must_be_new: bool) -> Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).create_new(must_be_new);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Ok(_) => Ok(()),
        Err(error) => Err(StoreError::Unavailable(format!("{}: {error}", path.display()))),
    }
}

impl ManageConnection for Manager {
    type Connection = AnyConnection;
    type Error = StoreError;

    fn connect(&self) -> Result<AnyConnection> {
        self.establish()
    }

    fn is_valid(&self, connection: &mut AnyConnection) -> Result<()> {
        Ok(connection.batch_execute("SELECT 1")?)
    }

    fn has_broken(&self, connection: &mut AnyConnection) -> bool {
        AnyConnection::is_broken_transaction_manager(connection) || std::thread::panicking()
    }
}

/// Whose turn it is to write. SQLite lets one write at a time, and whoever finds another at it looks
/// again after ever longer naps: of several who write all the time, some would wait for long. Those of
/// one process wake each other instead.
#[derive(Default)]
struct Turns {
    is_taken: Mutex<bool>,
    free: Condvar,
}

/// A turn; the next one's when it is dropped.
struct Turn<'t>(&'t Turns);

impl Turns {
    fn wait(&self, most: Duration) -> Result<Turn<'_>> {
        let is_taken = self.is_taken.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.free.wait_timeout_while(is_taken, most, |is_taken| *is_taken);
        let (mut is_taken, waited) = waited.unwrap_or_else(PoisonError::into_inner);
        if waited.timed_out() {
            return Err(StoreError::Unavailable("others write to the database for long".into()));
        }
        *is_taken = true;
        Ok(Turn(self))
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        *self.0.is_taken.lock().unwrap_or_else(PoisonError::into_inner) = false;
        self.0.free.notify_one();
    }
}

/// What tells the time.
pub type Clock = Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>;

diesel::define_sql_function! {
    /// PostgreSQL's time at the moment of the call, also within a transaction.
    fn clock_timestamp() -> diesel::sql_types::Timestamptz
}

/// A database. Clones share its connections.
#[derive(Clone)]
pub struct Store {
    pool: Pool<Manager>,
    /// What tells the time in the database's stead.
    clock: Option<Clock>,
    /// On SQLite.
    turns: Option<Arc<Turns>>,
    wait: Duration,
}

/// Work within one transaction; its methods are in the files of this folder.
pub struct Tx<'c> {
    pub(super) connection: &'c mut AnyConnection,
    clock: Option<&'c Clock>,
    /// What the record is told when the work is done: last, because appending waits for everybody
    /// else who appends.
    pub(super) events: Vec<NewEvent>,
}

impl Store {
    /// Opens a database and brings it to this version's form. An SQLite file that has older data
    /// is backed up beside itself first; the path of the backup is told.
    pub fn open(address: &Address, options: &StoreOptions) -> Result<(Self, Option<PathBuf>)> {
        let manager = Manager { address: address.clone(), options: options.clone() };
        let mut first = manager.establish()?;
        let backup = match &mut first {
            AnyConnection::Sqlite(connection) => migrate::sqlite(connection, address)?,
            AnyConnection::Postgres(connection) => {
                migrate::postgres(connection)?;
                None
            }
        };
        drop(first);
        let pool = Pool::builder()
            .max_size(options.connections_max)
            .min_idle(Some(0))
            .connection_timeout(options.wait)
            .error_handler(Box::new(diesel::r2d2::NopErrorHandler))
            .build_unchecked(manager);
        let turns = matches!(address, Address::Sqlite(_)).then(Arc::default);
        Ok((Self { pool, clock: None, turns, wait: options.wait }, backup))
    }

    /// Takes the time from `clock` where the database's would be asked for ([`Tx::now`]).
    pub fn with_clock(self, clock: Option<Clock>) -> Self {
        Self { clock, ..self }
    }

    /// Reads in one transaction that sees one state of the data throughout.
    pub fn read<T, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&mut Tx<'_>) -> std::result::Result<T, E>,
    ) -> std::result::Result<T, E> {
        self.within("BEGIN", "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", work)
    }

    /// Reads by one statement, which sees one state of the data by itself: what many ask for many times
    /// should not cost a transaction.
    pub fn look<T>(&self, work: impl FnOnce(&mut Tx<'_>) -> Result<T>) -> Result<T> {
        let mut pooled = self.pool.get().map_err(StoreError::from)?;
        let connection: &mut AnyConnection = &mut pooled;
        work(&mut Tx { connection, clock: self.clock.as_ref(), events: Vec::new() })
    }

    /// Reads and writes in one transaction: all of it happens, or, on an error, none of it.
    pub fn write<T, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&mut Tx<'_>) -> std::result::Result<T, E>,
    ) -> std::result::Result<T, E> {
        let turns = self.turns.as_ref();
        let _turn = turns.map(|turns| turns.wait(self.wait)).transpose()?;
        // SQLite: a transaction that begins by reading is refused at once when it turns to writing
        // while another writes; one that begins by writing waits its turn
        self.within("BEGIN IMMEDIATE", "BEGIN", work)
    }

    /// Writes what may stand there already: when another was faster, the work is done once more, and
    /// finds what the other left.
    pub fn write_once_more<T, E: From<StoreError>>(
        &self,
        is_taken: impl Fn(&E) -> bool,
        work: impl Fn(&mut Tx<'_>) -> std::result::Result<T, E>,
    ) -> std::result::Result<T, E> {
        match self.write(&work) {
            Err(error) if is_taken(&error) => self.write(&work),
            other => other,
        }
    }

    fn within<T, E: From<StoreError>>(
        &self,
        sqlite: &str,
        postgres: &str,
        work: impl FnOnce(&mut Tx<'_>) -> std::result::Result<T, E>,
    ) -> std::result::Result<T, E> {
        let mut pooled = self.pool.get().map_err(StoreError::from)?;
        let connection: &mut AnyConnection = &mut pooled;
        begin(connection, sqlite, postgres)?;
        let mut tx = Tx { connection, clock: self.clock.as_ref(), events: Vec::new() };
        let result = work(&mut tx).and_then(|value| {
            tx.append_events()?;
            Ok(value)
        });
        match result {
            Ok(value) => match AnyConnection::commit_transaction(connection) {
                Ok(()) => Ok(value),
                Err(error) => {
                    // a commit that failed on a full disk leaves the transaction open
                    let _ = AnyConnection::rollback_transaction(connection);
                    Err(StoreError::from(error).into())
                }
            },
            Err(error) => {
                // when the connection is gone, so is the transaction
                let _ = AnyConnection::rollback_transaction(connection);
                Err(error)
            }
        }
    }
}

impl Tx<'_> {
    /// The database's time, in UTC, as finely as either database keeps it (microseconds): one clock
    /// for all servers that share the database, where each host's own may be off. On PostgreSQL a
    /// round trip, and the time of the call, not of the transaction's beginning; on SQLite the host's
    /// clock, which all that use the file share.
    pub fn now(&mut self) -> Result<NaiveDateTime> {
        let now = match (self.clock, &mut *self.connection) {
            (Some(clock), _) => clock(),
            (None, AnyConnection::Sqlite(_)) => Utc::now(),
            (None, AnyConnection::Postgres(inner)) => {
                diesel::select(clock_timestamp()).get_result(inner)?
            }
        };
        Ok(now.trunc_subsecs(6).naive_utc())
    }
}

/// Any two numbers that no other program uses: whoever holds this lock appends to the record.
const RECORD_LOCK: &str = "1330530643, 2";

/// Waits until nobody else appends to the record; the end of the transaction lets the next one.
pub(super) fn lock_record(connection: &mut AnyConnection) -> Result<()> {
    match connection {
        // a transaction that writes is alone there
        AnyConnection::Sqlite(_) => Ok(()),
        AnyConnection::Postgres(inner) => {
            let lock = format!("SELECT pg_advisory_xact_lock({RECORD_LOCK})");
            Ok(inner.batch_execute(&lock)?)
        }
    }
}

fn begin(connection: &mut AnyConnection, sqlite: &str, postgres: &str) -> Result<()> {
    match connection {
        AnyConnection::Sqlite(inner) => {
            AnsiTransactionManager::begin_transaction_sql(inner, sqlite)?
        }
        AnyConnection::Postgres(inner) => {
            AnsiTransactionManager::begin_transaction_sql(inner, postgres)?
        }
    }
    Ok(())
}
