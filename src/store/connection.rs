//! The two databases behind one connection type, and how connections to them are made.
//!
//! One row by its key is read with `get_result`: `first` binds a LIMIT, and whenever one is bound SQLite
//! plans the statement anew.

use super::address::{Address, MARK, with_defaults};
use super::error::{Result, StoreError};
use crate::message;
use diesel::connection::{
    CacheSize, Connection, Instrumentation, InstrumentationEvent, SimpleConnection,
    TransactionManager, get_default_instrumentation,
};
use diesel::r2d2::ManageConnection;
use diesel::{PgConnection, RunQueryDsl, SqliteConnection};
use std::path::Path;
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
    /// A pooler is between us and PostgreSQL, so that the next transaction may be another
    /// session's.
    is_pooled: bool,
    pub(super) failed_over: Arc<FailedOver>,
}

/// When the server was last found to take no writes, as it does once another has taken its place:
/// connections from before that are of no use any more, and a new one may lead to the other.
#[derive(Default)]
pub(super) struct FailedOver(Mutex<Option<Instant>>);

impl FailedOver {
    /// Notes that a write was refused. Where there is no other server, reading goes on, and is not to
    /// connect anew for each write that is refused.
    pub(super) fn note(&self) {
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
    pub(super) connection: AnyConnection,
    made_at: Instant,
    /// When it last did what it was asked.
    pub(super) worked_at: Instant,
}

impl Manager {
    pub(super) fn new(address: &Address, options: &StoreOptions) -> Self {
        let (address, options) = (address.clone(), options.clone());
        Self { address, options, is_pooled: false, failed_over: Arc::default() }
    }

    /// A new connection, set up.
    pub(super) fn establish(&self) -> Result<AnyConnection> {
        match &self.address {
            Address::Postgres(url) => Ok(AnyConnection::Postgres(self.postgres(url, false)?)),
            Address::Sqlite(path) => {
                let path = path.to_str().ok_or_else(|| not_utf8(path))?;
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
        // a server that does not answer is noticed within the time that requests wait
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
    pub(super) fn establish_first(&mut self) -> Result<AnyConnection> {
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

/// SQLite takes paths as UTF-8 only.
pub(super) fn not_utf8(path: &Path) -> StoreError {
    StoreError::Refused(message!("path-not-utf-8", path = path.display().to_string()))
}

diesel::define_sql_function! {
    /// A setting of PostgreSQL's; that it is not there is an error unless `missing_ok`.
    fn current_setting(
        name: diesel::sql_types::Text,
        missing_ok: diesel::sql_types::Bool
    ) -> diesel::sql_types::Nullable<diesel::sql_types::Text>
}

/// A setting of a PostgreSQL session; `None` when there is none of this name.
pub(super) fn setting(connection: &mut PgConnection, name: &str) -> Result<Option<String>> {
    Ok(diesel::select(current_setting(name, true)).get_result(connection)?)
}
