//! The two databases behind one connection type, and the only ways in.
//!
//! One row by its key is read with `get_result`: `first` binds a LIMIT, and whenever one is bound SQLite
//! plans the statement anew.

use super::access::record::{LastEvent, NewEvent};
use super::address::{Address, MARK, with_defaults};
use super::error::{Result, StoreError};
use super::migrate;
use super::probe::Looks;
use super::writer::Writer;
use chrono::{DateTime, NaiveDateTime, SubsecRound, Utc};
use diesel::connection::{
    AnsiTransactionManager, CacheSize, Connection, Instrumentation, InstrumentationEvent,
    SimpleConnection, TransactionManager, get_default_instrumentation,
};
use diesel::r2d2::{ManageConnection, Pool};
use diesel::{PgConnection, RunQueryDsl, SqliteConnection};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Either database.
#[derive(diesel::MultiConnection)]
pub enum AnyConnection {
    /// PostgreSQL.
    Postgres(PgConnection),
    /// SQLite.
    Sqlite(SqliteConnection),
}

/// Longest wait for a lock on PostgreSQL.
const LOCK_SECONDS: u64 = 10;
/// Longest time of a statement on PostgreSQL.
const STATEMENT_SECONDS: u64 = 60;
/// Longest time for which a transaction there may do nothing: of a server that is frozen or gone, whose
/// locks others wait for.
const IDLE_SECONDS: u64 = 15;

/// How long a connection that worked is believed to work without a question.
const TRUSTED: Duration = Duration::from_millis(200);

/// Rows inserted in one statement: SQLite takes at most 32,766 values.
pub(super) const BATCH: usize = 500;

/// Inserts a slice of rows. The derived connection has no insert of several rows, each database by
/// itself has.
macro_rules! insert_all {
    ($connection:expr, $table:expr, $rows:expr) => {
        for batch in $rows.chunks($crate::store::connection::BATCH) {
            match (&mut *$connection, batch) {
                // prepared once
                (connection, [one]) => {
                    diesel::insert_into($table).values(one).execute(connection)?
                }
                ($crate::store::connection::AnyConnection::Postgres(inner), _) => {
                    diesel::insert_into($table).values(batch).execute(inner)?
                }
                ($crate::store::connection::AnyConnection::Sqlite(inner), _) => {
                    diesel::insert_into($table).values(batch).execute(inner)?
                }
            };
        }
    };
}
pub(super) use insert_all;

/// Loads the rows of a query whose column has one of some values. One value is asked for by itself: such
/// a statement is prepared once, on SQLite one with a list each time.
macro_rules! load_of {
    ($connection:expr, $query:expr, $column:expr, $values:expr) => {
        match $values {
            [one] => $query.filter($column.eq(one)).load($connection)?,
            all => $query.filter($column.eq_any(all)).load($connection)?,
        }
    };
}
pub(super) use load_of;

/// Bytes of an SQLite file that are read where the system has them in memory: the most that SQLite takes.
const MAPPED_BYTES: u64 = 0x7fff_0000;
/// Memory for pages that a connection to SQLite has in hand, in KiB: of use to the one that writes, whose
/// pages stay as they are when it commits.
const CACHE_KIB: u32 = 16 * 1024;

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
    /// A pooler stands between us and PostgreSQL, so that the next transaction may be another
    /// session's.
    is_pooled: bool,
    failed_over: Arc<FailedOver>,
}

/// When the server was last found to take no writes, as it does once another has taken its place:
/// connections from before that are of no use any more, and a new one may lead to the other.
#[derive(Default)]
struct FailedOver(Mutex<Option<Instant>>);

impl FailedOver {
    /// Notes that a write was refused. Where there is no other server, reading goes on, and is not to
    /// connect anew for each write that is refused.
    fn note(&self) {
        const SELDOM: Duration = Duration::from_secs(1);
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if last.is_none_or(|last| last.elapsed() > SELDOM) {
            *last = Some(Instant::now());
        }
    }

    fn is_past(&self, made_at: Instant) -> bool {
        let last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        last.is_some_and(|last| made_at <= last)
    }
}

/// A connection of the pool.
pub(super) struct Kept {
    connection: AnyConnection,
    made_at: Instant,
    /// When it last did what it was asked.
    worked_at: Instant,
}

impl Manager {
    fn new(address: &Address, options: &StoreOptions) -> Self {
        let (address, options) = (address.clone(), options.clone());
        Self { address, options, is_pooled: false, failed_over: Arc::default() }
    }

    /// A new connection, set up.
    pub(super) fn establish(&self) -> Result<AnyConnection> {
        match &self.address {
            Address::Postgres(url) => Ok(AnyConnection::Postgres(self.postgres(url, false)?)),
            Address::Sqlite(path) => {
                let path = path.to_str().ok_or_else(|| {
                    StoreError::Other(format!("{}: the path is not UTF-8", path.display()))
                })?;
                let mut connection = SqliteConnection::establish(path)?;
                let wait = self.options.wait.as_millis();
                // WAL lets readers read while one writes; FULL loses no answered write to a power cut;
                // what is struck out is overwritten. A reader's own cache is void after each write of
                // another: it reads what the system has in memory anyway, without a copy
                connection.batch_execute(&format!(
                    "PRAGMA busy_timeout = {wait}; PRAGMA journal_mode = WAL; \
                     PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; \
                     PRAGMA secure_delete = FAST; PRAGMA mmap_size = {MAPPED_BYTES}; \
                     PRAGMA cache_size = -{CACHE_KIB};"
                ))?;
                if let Some(pages) = self.options.pages_max {
                    connection.batch_execute(&format!("PRAGMA max_page_count = {pages};"))?;
                }
                Ok(AnyConnection::Sqlite(connection))
            }
        }
    }

    fn postgres(&self, url: &str, is_marked: bool) -> Result<PgConnection> {
        // a server that does not answer is told within the time that requests wait
        let url = with_defaults(url, self.options.wait, is_marked);
        let mut connection = PgConnection::establish(&url)?;
        if self.is_pooled {
            // a statement that was prepared is the other session's
            connection.set_prepared_statement_cache_size(CacheSize::Disabled);
        }
        let failed_over = Arc::clone(&self.failed_over);
        let mut listener = get_default_instrumentation();
        connection.set_instrumentation(move |event: InstrumentationEvent<'_>| {
            use diesel::result::{DatabaseErrorKind::ReadOnlyTransaction, Error::DatabaseError};
            if let InstrumentationEvent::FinishQuery {
                error: Some(DatabaseError(ReadOnlyTransaction, _)),
                ..
            } = &event
            {
                failed_over.note();
            }
            if let Some(listener) = &mut listener {
                listener.on_connection_event(event);
            }
        });
        Ok(connection)
    }

    /// The first connection, by which it is found out whether a pooler is in between: the mark of a
    /// session does not come through to the server, or is refused.
    fn establish_first(&mut self) -> Result<AnyConnection> {
        let Address::Postgres(url) = &self.address else { return self.establish() };
        let marked = || -> Result<Option<PgConnection>> {
            let mut connection = self.postgres(url, true)?;
            let mark = setting(&mut connection, MARK)?;
            Ok((mark.as_deref() == Some("1")).then_some(connection))
        };
        // a server that refused the first for another reason is not taken for a pooler
        for _ in 0..2 {
            match marked() {
                Ok(Some(connection)) => return Ok(AnyConnection::Postgres(connection)),
                Ok(None) => break,
                Err(_) => drop(self.establish()?),
            }
        }
        self.is_pooled = true;
        self.establish()
    }
}

impl ManageConnection for Manager {
    type Connection = Kept;
    type Error = StoreError;

    fn connect(&self) -> Result<Kept> {
        let made_at = Instant::now();
        Ok(Kept { connection: self.establish()?, made_at, worked_at: made_at })
    }

    fn is_valid(&self, kept: &mut Kept) -> Result<()> {
        if self.failed_over.is_past(kept.made_at) {
            return Err(StoreError::Unavailable("the server took no writes any more".into()));
        }
        if kept.worked_at.elapsed() < TRUSTED {
            return Ok(());
        }
        Ok(kept.connection.batch_execute("SELECT 1")?)
    }

    fn has_broken(&self, kept: &mut Kept) -> bool {
        AnyConnection::is_broken_transaction_manager(&mut kept.connection)
            || self.failed_over.is_past(kept.made_at)
            || std::thread::panicking()
    }
}

/// What tells the time.
pub type Clock = Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>;

diesel::define_sql_function! {
    /// A setting of PostgreSQL's; that it is not there is an error unless `missing_ok`.
    fn current_setting(
        name: diesel::sql_types::Text,
        missing_ok: diesel::sql_types::Bool
    ) -> diesel::sql_types::Nullable<diesel::sql_types::Text>
}

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
    writer: Option<Arc<Writer>>,
    failed_over: Arc<FailedOver>,
    pub(super) looks: Looks,
}

/// Work within one transaction; its methods are in the files of this folder.
pub struct Tx<'c> {
    pub(super) connection: &'c mut AnyConnection,
    clock: Option<&'c Clock>,
    /// What the record is told when the work is done: last, because appending waits for everybody
    /// else who appends.
    pub(super) events: Vec<NewEvent>,
    /// The last event of the record, where nobody else may append until this transaction ends.
    pub(super) held: Option<LastEvent>,
    /// Whether there are decided imports, once it was asked.
    pub(super) has_imports: Option<bool>,
}

impl Store {
    /// Opens a database and brings it to this version's form. An SQLite file that has older data
    /// is backed up beside itself first; the path of the backup is told.
    pub fn open(address: &Address, options: &StoreOptions) -> Result<(Self, Option<PathBuf>)> {
        if let Address::Sqlite(path) = address {
            super::register::workplace::sweep_beside(path);
            super::private::protect(path)?;
        }
        let mut manager = Manager::new(address, options);
        let mut first = manager.establish_first()?;
        let backup = match &mut first {
            AnyConnection::Sqlite(connection) => migrate::sqlite(connection, address)?,
            AnyConnection::Postgres(connection) => {
                migrate::postgres(connection)?;
                None
            }
        };
        let failed_over = Arc::clone(&manager.failed_over);
        let pool = Pool::builder()
            .max_size(options.connections_max)
            .min_idle(Some(0))
            .connection_timeout(options.wait)
            .error_handler(Box::new(diesel::r2d2::NopErrorHandler))
            .build_unchecked(manager.clone());
        let writer = match first {
            AnyConnection::Sqlite(_) => {
                // one that reads is there from now on, as the one that writes is
                drop(pool.get().map_err(StoreError::from)?);
                Some(Arc::new(Writer::new(manager, options.wait, first)))
            }
            AnyConnection::Postgres(_) => None,
        };
        let looks = Looks::default();
        Ok((Self { pool, clock: None, writer, failed_over, looks }, backup))
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
        let connection: &mut AnyConnection = &mut pooled.connection;
        let found = work(&mut Tx::new(connection, self.clock.as_ref()))?;
        pooled.worked_at = Instant::now();
        Ok(found)
    }

    /// Does what neither database is to keep, in a transaction that might write on PostgreSQL.
    pub(super) fn attempt<T>(&self, work: impl FnOnce(&mut Tx<'_>) -> Result<T>) -> Result<T> {
        self.within("BEGIN", "BEGIN", work)
    }

    /// Notes that the server takes no writes: it is connected to anew.
    pub(super) fn note_failed_over(&self) {
        self.failed_over.note();
    }

    /// Reads and writes in one transaction: all of it happens, or, on an error, none of it.
    pub fn write<T, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&mut Tx<'_>) -> std::result::Result<T, E>,
    ) -> std::result::Result<T, E> {
        match &self.writer {
            Some(writer) => writer.write(self.clock.as_ref(), false, work),
            None => self.within("BEGIN IMMEDIATE", "BEGIN", work),
        }
    }

    /// Writes as [`Store::write`] does, for so long that others should not share the transaction.
    pub fn write_long<T, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&mut Tx<'_>) -> std::result::Result<T, E>,
    ) -> std::result::Result<T, E> {
        match &self.writer {
            Some(writer) => writer.write(self.clock.as_ref(), true, work),
            None => self.within("BEGIN IMMEDIATE", "BEGIN", work),
        }
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

    /// Writes as [`Store::write_once_more`] does, for long.
    pub fn write_long_once_more<T, E: From<StoreError>>(
        &self,
        is_taken: impl Fn(&E) -> bool,
        work: impl Fn(&mut Tx<'_>) -> std::result::Result<T, E>,
    ) -> std::result::Result<T, E> {
        match self.write_long(&work) {
            Err(error) if is_taken(&error) => self.write_long(&work),
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
        let connection: &mut AnyConnection = &mut pooled.connection;
        begin(connection, sqlite, postgres)?;
        let mut tx = Tx::new(connection, self.clock.as_ref());
        let result = work(&mut tx).and_then(|value| {
            tx.append_events()?;
            Ok(value)
        });
        match result {
            Ok(value) => match AnyConnection::commit_transaction(connection) {
                Ok(()) => {
                    pooled.worked_at = Instant::now();
                    Ok(value)
                }
                Err(error) => {
                    // a commit that failed on a full disk leaves the transaction open
                    let _ = AnyConnection::rollback_transaction(connection);
                    let error = match (&*connection, StoreError::from(error)) {
                        // the server may have kept it before it went away
                        (AnyConnection::Postgres(_), StoreError::Unavailable(cause)) => {
                            StoreError::Uncertain(cause)
                        }
                        (_, error) => error,
                    };
                    Err(error.into())
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

impl<'c> Tx<'c> {
    pub(super) fn new(connection: &'c mut AnyConnection, clock: Option<&'c Clock>) -> Self {
        Self { connection, clock, events: Vec::new(), held: None, has_imports: None }
    }

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

/// A setting of a PostgreSQL session; `None` when there is none of this name.
pub(super) fn setting(connection: &mut PgConnection, name: &str) -> Result<Option<String>> {
    Ok(diesel::select(current_setting(name, true)).get_result(connection)?)
}

fn begin(connection: &mut AnyConnection, sqlite: &str, postgres: &str) -> Result<()> {
    match connection {
        AnyConnection::Sqlite(inner) => {
            AnsiTransactionManager::begin_transaction_sql(inner, sqlite)?
        }
        AnyConnection::Postgres(inner) => {
            // one that only reads holds nobody up, and may think for longer
            let is_reading = postgres.ends_with("READ ONLY");
            let idle = if is_reading { STATEMENT_SECONDS } else { IDLE_SECONDS };
            // set for the transaction, because a pooler may give the session to others afterwards
            let limits = format!(
                "{postgres}; SET LOCAL lock_timeout = '{LOCK_SECONDS}s'; \
                 SET LOCAL statement_timeout = '{STATEMENT_SECONDS}s'; \
                 SET LOCAL idle_in_transaction_session_timeout = '{idle}s'"
            );
            AnsiTransactionManager::begin_transaction_sql(inner, &limits)?
        }
    }
    Ok(())
}
