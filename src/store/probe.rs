//! Whether the database does its work: answered in time, whatever the database does.

use super::connection::{AnyConnection, Store, Tx, setting};
use super::error::{Result, StoreError};
use diesel::connection::SimpleConnection;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::time::Duration;

/// Looks at once; more are not begun, because those that are under way wait for a database that does
/// not answer.
const LOOKS_MAX: usize = 16;

/// Looks that are under way.
#[derive(Clone, Default)]
pub(super) struct Looks(Arc<AtomicUsize>);

impl Looks {
    fn begin(&self) -> Option<Look> {
        let look = Look(Arc::clone(&self.0));
        (self.0.fetch_add(1, Ordering::Relaxed) < LOOKS_MAX).then_some(look)
    }
}

struct Look(Arc<AtomicUsize>);

impl Drop for Look {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Store {
    /// Whether data can be read, and on PostgreSQL written: a server that another has taken the place
    /// of still reads. No answer within `most` is one too: a look that hangs, because the server's
    /// process is frozen, goes on in a thread of its own.
    pub fn probe(&self, most: Duration) -> Result<()> {
        let unavailable = |why: &str| StoreError::Unavailable(why.into());
        let look = self.looks.begin().ok_or_else(|| unavailable("earlier looks still wait"))?;
        let (tell, told) = mpsc::channel();
        let store = self.clone();
        let looking = std::thread::Builder::new().name("probe".into()).spawn(move || {
            let _look = look;
            // who asked may have gone by now
            let _ = tell.send(store.sign(most));
        });
        looking.map_err(|error| StoreError::Unavailable(error.to_string()))?;
        told.recv_timeout(most).unwrap_or_else(|_| Err(unavailable("no answer in time")))
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

impl Tx<'_> {
    fn takes_writes(&mut self, most: Duration) -> Result<bool> {
        let AnyConnection::Postgres(inner) = &mut *self.connection else { return Ok(true) };
        let milliseconds = most.as_millis();
        inner.batch_execute(&format!("SET LOCAL statement_timeout = {milliseconds}"))?;
        Ok(setting(inner, "transaction_read_only")?.as_deref() == Some("off"))
    }
}
