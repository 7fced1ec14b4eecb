//! Whether the database does its work: answered in time, whatever the database does.

use super::connection::{AnyConnection, setting};
use super::error::{Result, StoreError};
use super::tx::Tx;
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
    /// What `look` finds within `most`. One that hangs, because the server's process is frozen, goes on
    /// in a thread of its own.
    pub(super) fn within(
        &self,
        most: Duration,
        look: impl FnOnce() -> Result<()> + Send + 'static,
    ) -> Result<()> {
        let unavailable = |why: &str| StoreError::Unavailable(why.into());
        let under_way = self.begin().ok_or_else(|| unavailable("earlier looks still wait"))?;
        let (send, found) = mpsc::channel();
        let looking = std::thread::Builder::new().name("probe".into()).spawn(move || {
            let _under_way = under_way;
            // who asked may have gone by now
            let _ = send.send(look());
        });
        looking.map_err(|error| StoreError::Unavailable(error.to_string()))?;
        found.recv_timeout(most).unwrap_or_else(|_| Err(unavailable("no answer in time")))
    }

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

impl Tx<'_> {
    /// Whether the server takes writes, asked for so long at most.
    pub(super) fn takes_writes(&mut self, most: Duration) -> Result<bool> {
        let AnyConnection::Postgres(inner) = &mut *self.connection else { return Ok(true) };
        let milliseconds = most.as_millis();
        inner.batch_execute(&format!("SET LOCAL statement_timeout = {milliseconds}"))?;
        Ok(setting(inner, "transaction_read_only")?.as_deref() == Some("off"))
    }
}
