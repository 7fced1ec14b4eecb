//! A database, and the only ways in.

use super::address::Address;
use super::connection::{AnyConnection, FailedOver, Manager, StoreOptions};
use super::error::{Result, StoreError};
use super::migrate;
use super::probe::Looks;
use super::tx::{Clock, Tx, begin};
use super::writer::Writer;
use diesel::connection::TransactionManager;
use diesel::r2d2::Pool;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A database. Clones share its connections.
#[derive(Clone)]
pub struct Store {
    pool: Pool<Manager>,
    /// What gives the time in place of the database.
    clock: Option<Clock>,
    /// On SQLite.
    writer: Option<Arc<Writer>>,
    failed_over: Arc<FailedOver>,
    looks: Looks,
}

impl Store {
    /// Opens a database and brings it to this version's form. An SQLite file that has older data
    /// is backed up beside itself first; the path of the backup is returned.
    pub fn open(address: &Address, options: &StoreOptions) -> Result<(Self, Option<PathBuf>)> {
        if let Address::Sqlite(path) = address {
            super::workplace::sweep_beside(path);
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

    /// Writes what may be there already: when another was faster, the work is done once more, and
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

    /// Whether data can be read, and on PostgreSQL written: a server that another has taken the place
    /// of still reads. No answer within `most` is one too.
    pub fn probe(&self, most: Duration) -> Result<()> {
        let store = self.clone();
        self.looks.within(most, move || store.sign(most))
    }

    fn sign(&self, most: Duration) -> Result<()> {
        let takes_writes = self.attempt(|tx| {
            tx.user_count()?;
            tx.takes_writes(most)
        })?;
        if takes_writes {
            return Ok(());
        }
        self.note_failed_over();
        Err(StoreError::Unavailable("the database takes no writes".into()))
    }
}
