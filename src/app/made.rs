//! What is made once and given out again: callers that were worked out, and pages of the schedule. Each
//! is good as long as the stamp of what it was made of is the same, and whoever takes one looks the stamp
//! up for each answer: nothing outlives a change, on however many servers.

use super::access::Caller;
use super::error::Result;
use chrono::{DateTime, Utc};
use flate2::Compression;
use flate2::write::GzEncoder;
use quick_cache::Weighter;
use quick_cache::sync::Cache;
use std::io::Write;
use std::sync::{Arc, OnceLock};

/// Callers that are remembered.
const CALLERS_MAX: usize = 20_000;
/// Pages that are remembered, in bytes.
const PAGES_BYTES_MAX: u64 = 64 * 1024 * 1024;
/// How many there are of pages of usual size.
const PAGES_USUAL: usize = 1_000;

/// Whom a token speaks for, and when.
#[derive(Clone)]
struct KnownCaller {
    caller: Caller,
    from: DateTime<Utc>,
    until: DateTime<Utc>,
}

/// A page as it is sent.
pub struct MadePage {
    json: Vec<u8>,
    gzip: OnceLock<Vec<u8>>,
}

impl MadePage {
    /// Of its JSON.
    pub(super) fn new(json: Vec<u8>) -> Self {
        Self { json, gzip: OnceLock::new() }
    }

    /// The JSON.
    pub fn json(&self) -> &[u8] {
        &self.json
    }

    /// The JSON packed with gzip; made when it is first asked for.
    pub fn gzip(&self) -> &[u8] {
        self.gzip.get_or_init(|| {
            let mut out = GzEncoder::new(Vec::new(), Compression::fast());
            // writing to memory does not fail
            out.write_all(&self.json).and_then(|()| out.finish()).unwrap_or_default()
        })
    }
}

#[derive(Clone)]
struct Weight;

impl Weighter<String, Arc<MadePage>> for Weight {
    fn weight(&self, key: &String, page: &Arc<MadePage>) -> u64 {
        // packed, JSON has less than half of its bytes
        (key.len() + page.json.len() + page.json.len() / 2) as u64
    }
}

/// All that is remembered.
pub(super) struct Made {
    callers: Cache<String, Arc<KnownCaller>>,
    pages: Cache<String, Arc<MadePage>, Weight>,
}

impl Default for Made {
    fn default() -> Self {
        Self {
            callers: Cache::new(CALLERS_MAX),
            pages: Cache::with_weighter(PAGES_USUAL, PAGES_BYTES_MAX, Weight),
        }
    }
}

impl Made {
    /// Whom a token speaks for at an instant, if that is known. `token` is its hash, `stamp` that of
    /// access.
    pub(super) fn caller(&self, token: &str, stamp: &str, now: DateTime<Utc>) -> Option<Caller> {
        let known = self.callers.get(&format!("{stamp} {token}"))?;
        // a clock that was put back makes nothing good that is not yet
        (known.from <= now && now < known.until).then(|| known.caller.clone())
    }

    /// Notes whom a token speaks for, from an instant on and until another at most; `stamp` is that of the
    /// transaction that has worked it out.
    pub(super) fn know(
        &self,
        (token, stamp): (&str, &str),
        caller: &Caller,
        (from, until): (DateTime<Utc>, DateTime<Utc>),
    ) {
        let known = KnownCaller { caller: caller.clone(), from, until };
        self.callers.insert(format!("{stamp} {token}"), Arc::new(known));
    }

    /// A page, if it is there. `key` has the stamp of the schedule and all that the page depends on beside
    /// it.
    pub(super) fn page(&self, key: &str) -> Option<Arc<MadePage>> {
        self.pages.get(key)
    }

    /// A page, made unless it is there; of several that want it at once one makes it.
    pub(super) fn page_or(
        &self,
        key: &str,
        work: impl FnOnce() -> Result<MadePage>,
    ) -> Result<Arc<MadePage>> {
        self.pages.get_or_insert_with(key, || work().map(Arc::new))
    }
}
