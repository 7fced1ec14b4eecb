//! One transaction: what is asked within it is in the files of this folder, by subject.

use super::connection::AnyConnection;
use super::error::Result;
use chrono::{DateTime, NaiveDateTime, SubsecRound, Utc};
use diesel::RunQueryDsl;
use diesel::connection::{AnsiTransactionManager, SimpleConnection};
use serde_json::Value;
use std::sync::Arc;

/// Longest wait for a lock on PostgreSQL.
const LOCK_SECONDS: u64 = 10;
/// Longest time of a statement on PostgreSQL.
const STATEMENT_SECONDS: u64 = 60;
/// Longest time for which a transaction there may do nothing: of a server that is frozen or gone, whose
/// locks others wait for.
const IDLE_SECONDS: u64 = 15;

/// What gives the time.
pub type Clock = Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>;

diesel::define_sql_function! {
    /// PostgreSQL's time at the moment of the call, also within a transaction.
    fn clock_timestamp() -> diesel::sql_types::Timestamptz
}

/// Work within one transaction; its methods are in the files of this folder.
pub struct Tx<'c> {
    pub(super) connection: &'c mut AnyConnection,
    clock: Option<&'c Clock>,
    /// What is appended to the audit log when the work is done: last, because appending waits for everybody
    /// else who appends.
    pub(super) events: Vec<NewEvent>,
    /// The last event of the audit log, where nobody else may append until this transaction ends.
    pub(super) held: Option<LastEvent>,
    /// Whether there are decided imports, once it was asked.
    pub(super) has_imports: Option<bool>,
}

/// What goes into the audit log; number, salts and hashes come when it is appended.
#[derive(Clone, Debug)]
pub struct NewEvent {
    /// When.
    pub at: NaiveDateTime,
    /// Id of the user, or the name of a part of the service.
    pub actor: String,
    /// `api`, `cli` or `service`.
    pub channel: String,
    /// What was done.
    pub action: String,
    /// What kind of thing it was done to.
    pub object_kind: String,
    /// Which.
    pub object_id: String,
    /// Before and after, without what is personal.
    pub details: Value,
    /// What must be able to go, by field.
    pub personal: Vec<(String, Value)>,
}

/// The last event at some time, which means the whole record before it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LastEvent {
    /// Its number; 0: there was none.
    pub number: i64,
    /// Its hash.
    pub hash: String,
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

/// Any two numbers that no other program uses: whoever holds this lock appends to the audit log.
const RECORD_LOCK: &str = "1330530643, 2";

/// Waits until nobody else appends to the audit log; the end of the transaction lets the next one.
pub(super) fn lock_audit_log(connection: &mut AnyConnection) -> Result<()> {
    match connection {
        // a transaction that writes is alone there
        AnyConnection::Sqlite(_) => Ok(()),
        AnyConnection::Postgres(inner) => {
            let lock = format!("SELECT pg_advisory_xact_lock({RECORD_LOCK})");
            Ok(inner.batch_execute(&lock)?)
        }
    }
}

/// Begins a transaction, on either database.
pub(super) fn begin(connection: &mut AnyConnection, sqlite: &str, postgres: &str) -> Result<()> {
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
