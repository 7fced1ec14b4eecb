//! What has changed since an event of the audit log, as far as it matters to the law on filings.

use crate::app::error::Result;
use crate::store::{LastEvent, Tx};

/// What is done to things of these kinds is no matter of the law's on filings, and neither is a plan
/// that is not published.
const HARMLESS: [&str; 8] = ["session", "token", "key", "user", "run", "policy", "record", "demo"];
/// Most events that are looked at for what they change where others wait; after more, anything may have.
pub(in crate::app) const CHANGES_MAX: i64 = 2_000;

/// What has changed since some event, as far as it matters to the law on filings.
pub(in crate::app) enum Changes {
    /// These requests, and nothing else.
    Requests(Vec<String>),
    /// Perhaps anything.
    Anything,
}

impl Changes {
    /// Reads what has changed after an event, in so many events at most. Where the audit log has no such
    /// event, another database was restored in its place.
    pub(in crate::app) fn since(tx: &mut Tx<'_>, event: &LastEvent, most: i64) -> Result<Self> {
        let since = tx.changed_since(event, most)?;
        Ok(since.map_or(Self::Anything, |since| Self::of(since.changed, most)))
    }

    /// Of these events, of which there may have been more than `most`.
    pub(in crate::app) fn of(events: Vec<(String, String)>, most: i64) -> Self {
        if events.len() as i64 >= most {
            return Self::Anything;
        }
        let mut requests = Vec::new();
        for (action, id) in events {
            match action.split('.').next() {
                Some("request") => requests.push(id),
                Some(kind) if HARMLESS.contains(&kind) || action == "plan.add" => {}
                _ => return Self::Anything,
            }
        }
        Self::Requests(requests)
    }
}
