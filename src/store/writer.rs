//! Who writes when on SQLite, which lets one write at a time. Those of one process take turns, first come
//! first served, and wake each other instead of looking again after ever longer naps.
//!
//! Several short writes that come at once share a transaction, and so its one sync of the disk, which is
//! most of what a write costs: whoever has written passes the open transaction on to the next in line,
//! and the last commits for all. Each is within a savepoint of its own, so that one that fails takes
//! nothing of the others with it; and none returns before the commit, so that what is answered is kept.
//! (Databases call it group commit: DeWitt et al., "Implementation techniques for main memory database
//! systems", 1984.)

use super::connection::{AnyConnection, Manager};
use super::error::{Result, StoreError};
use super::tx::{Clock, Tx};
use diesel::connection::{AnsiTransactionManager, SimpleConnection, TransactionManager};
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Most writes of one transaction.
const GROUP_MAX: usize = 64;
/// Longest time for which a transaction is passed on.
const GROUP_TIME: Duration = Duration::from_millis(20);

/// The one connection that writes, and whose turn it is.
pub(super) struct Writer {
    manager: Manager,
    wait: Duration,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    /// Those who wait, by the numbers they drew.
    line: VecDeque<u64>,
    next_number: u64,
    is_taken: bool,
    /// The transaction that is passed on; only ever when somebody is in line.
    open: Option<Open>,
    /// The connection when nothing is open.
    idle: Option<AnyConnection>,
    next_group: u64,
    /// Groups that have ended and whose members have yet to see how.
    ended: BTreeMap<u64, Ended>,
}

/// A transaction that some have written in.
struct Open {
    connection: AnyConnection,
    group: u64,
    /// Those who wait for its end.
    members: usize,
    since: Instant,
}

struct Ended {
    failure: Option<StoreError>,
    /// Members who have not seen it.
    left: usize,
}

/// One's turn to write. When it is dropped unfinished, what is open is rolled back.
struct Turn<'w> {
    writer: &'w Writer,
    open: Option<Open>,
}

impl Writer {
    /// One that writes through `first`, and waits as long for its turn.
    pub(super) fn new(manager: Manager, wait: Duration, first: AnyConnection) -> Self {
        let state = State { idle: Some(first), ..State::default() };
        Self { manager, wait, state: Mutex::new(state), changed: Condvar::new() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads and writes in a transaction, which others may share unless it `is_long`: theirs would last
    /// as long.
    pub(super) fn write<T, E: From<StoreError>>(
        &self,
        clock: Option<&Clock>,
        is_long: bool,
        work: impl FnOnce(&mut Tx<'_>) -> std::result::Result<T, E>,
    ) -> std::result::Result<T, E> {
        let mut turn = self.turn(is_long)?;
        let connection = turn.connection()?;
        let savepoint = |connection: &mut AnyConnection, sql| connection.batch_execute(sql);
        savepoint(connection, "SAVEPOINT one").map_err(StoreError::from)?;
        let mut tx = Tx::new(connection, clock);
        let result = work(&mut tx).and_then(|value| {
            tx.append_events()?;
            Ok(value)
        });
        let end = match &result {
            Ok(_) => "RELEASE one",
            Err(_) => "ROLLBACK TO one; RELEASE one",
        };
        // where that fails, SQLite has rolled back all that the transaction had, as on a full disk
        let kept = savepoint(turn.connection()?, end).map_err(StoreError::from);
        turn.end(is_long, result, kept)
    }

    /// Waits in line, and begins a transaction unless one is passed on.
    fn turn(&self, is_long: bool) -> Result<Turn<'_>> {
        let deadline = Instant::now() + self.wait;
        let mut state = self.state();
        let number = state.next_number;
        state.next_number += 1;
        state.line.push_back(number);
        while state.is_taken || state.line.front() != Some(&number) {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                // never the first in line while something is open: it would have the turn
                state.line.retain(|other| *other != number);
                self.changed.notify_all();
                return Err(StoreError::Unavailable(
                    "others write to the database for long".into(),
                ));
            }
            let waited = self.changed.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        state.line.pop_front();
        state.is_taken = true;
        let (open, idle) = (state.open.take(), state.idle.take());
        drop(state);
        let mut turn = Turn { writer: self, open };
        if is_long && turn.open.is_some() {
            // those who wait are not to wait for this one
            turn.commit();
        }
        if turn.open.is_none() {
            turn.begin(idle.or_else(|| self.state().idle.take()))?;
        }
        Ok(turn)
    }

    /// Waits for the end of a group that one has written in.
    fn outcome(&self, group: u64) -> Result<()> {
        let mut state = self.state();
        loop {
            if let Some(ended) = state.ended.get_mut(&group) {
                ended.left -= 1;
                let failure = ended.failure.clone();
                if ended.left == 0 {
                    state.ended.remove(&group);
                }
                return failure.map_or(Ok(()), Err);
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

impl Turn<'_> {
    fn connection(&mut self) -> Result<&mut AnyConnection> {
        let open = self.open.as_mut();
        Ok(&mut open.ok_or_else(|| StoreError::Other("no transaction is open".into()))?.connection)
    }

    fn begin(&mut self, idle: Option<AnyConnection>) -> Result<()> {
        let mut connection = match idle {
            Some(connection) => connection,
            None => self.writer.manager.establish()?,
        };
        // a transaction that begins by reading is refused at once when it turns to writing while
        // another process writes; one that begins by writing waits
        match &mut connection {
            AnyConnection::Sqlite(inner) => {
                AnsiTransactionManager::begin_transaction_sql(inner, "BEGIN IMMEDIATE")?;
            }
            AnyConnection::Postgres(_) => {
                return Err(StoreError::Other("turns are for SQLite".into()));
            }
        }
        let mut state = self.writer.state();
        let group = state.next_group;
        state.next_group += 1;
        drop(state);
        self.open = Some(Open { connection, group, members: 0, since: Instant::now() });
        Ok(())
    }

    /// Commits what is open, and reports to those who wait for it.
    fn commit(&mut self) -> Option<StoreError> {
        let mut open = self.open.take()?;
        let failure = match AnyConnection::commit_transaction(&mut open.connection) {
            Ok(()) => None,
            Err(error) => {
                // a commit that failed on a full disk leaves the transaction open
                let _ = AnyConnection::rollback_transaction(&mut open.connection);
                Some(StoreError::from(error))
            }
        };
        self.ended(open, failure.clone());
        failure
    }

    fn roll_back(&mut self, why: StoreError) {
        if let Some(mut open) = self.open.take() {
            let _ = AnyConnection::rollback_transaction(&mut open.connection);
            self.ended(open, Some(why));
        }
    }

    fn ended(&self, open: Open, failure: Option<StoreError>) {
        let Open { mut connection, group, members, .. } = open;
        let mut state = self.writer.state();
        if members > 0 {
            state.ended.insert(group, Ended { failure, left: members });
        }
        // one that is not as it should be is closed, and so rolled back
        if !AnyConnection::is_broken_transaction_manager(&mut connection)
            && !std::thread::panicking()
        {
            state.idle = Some(connection);
        }
        self.writer.changed.notify_all();
    }

    /// Ends one's own part: passes the transaction on or commits it, and returns when it is committed.
    fn end<T, E: From<StoreError>>(
        mut self,
        is_long: bool,
        result: std::result::Result<T, E>,
        kept: Result<()>,
    ) -> std::result::Result<T, E> {
        if let Err(error) = kept {
            self.roll_back(error.clone());
            return result.and(Err(error.into()));
        }
        let is_alone = self.open.as_ref().is_none_or(|open| open.members == 0);
        if result.is_err() && is_alone {
            // nothing to keep, and nobody waits for it
            self.roll_back(StoreError::Other("nothing was written".into()));
            return result;
        }
        let writer = self.writer;
        let mut state = writer.state();
        let may_pass = |open: &Open| {
            open.members + 1 < GROUP_MAX && open.since.elapsed() < GROUP_TIME && !is_long
        };
        if !state.line.is_empty()
            && self.open.as_ref().is_some_and(may_pass)
            && let Some(mut open) = self.open.take()
        {
            open.members += 1;
            let group = open.group;
            state.open = Some(open);
            drop(state);
            // the turn ends, and with it the next one's begins
            drop(self);
            writer.outcome(group)?;
            return result;
        }
        drop(state);
        match self.commit() {
            None => result,
            Some(error) => Err(error.into()),
        }
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        // a panic of one undoes what the others of its transaction wrote, and they get its error
        self.roll_back(StoreError::Unavailable("a write beside this one was cut short".into()));
        self.writer.state().is_taken = false;
        self.writer.changed.notify_all();
    }
}
