//! Calls that come twice: under the same key, the same call is answered as it was the first time, and
//! does nothing again.
//!
//! What was refused is not kept: whoever mends it may use the key again.

use super::App;
use super::access::Caller;
use super::error::{Error, Result};
use crate::store::{KeptAnswer, Tx};
use chrono::Duration;

/// Days for which answers are kept.
const KEPT_DAYS: i64 = 7;
/// Minutes after which a call that never ended is held to have ended with its server.
const LOST_MINUTES: i64 = 15;

/// What a caller calls one call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// Its name, the caller's own.
    pub name: String,
    /// Hash of route and body.
    pub fingerprint: String,
}

/// An answer as it is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// JSON.
    pub body: String,
}

/// The answer that stands under a key, if any.
pub(super) fn standing(
    app: &App,
    tx: &mut Tx<'_>,
    caller: &Caller,
    key: &Key,
) -> Result<Option<Answer>> {
    let now = app.now().naive_utc();
    let Some(kept) = tx.kept_answer(&caller.actor.id, &key.name)? else { return Ok(None) };
    let KeptAnswer { fingerprint, status, body, made_at } = kept;
    if fingerprint != key.fingerprint {
        let message =
            "Another call was made under this Idempotency-Key; choose a new key for a new call.";
        return Err(Error::invalid("idempotency-key-reused", "", message));
    }
    let (Some(status), Some(body)) = (status, body) else {
        if now - made_at > Duration::minutes(LOST_MINUTES) {
            tx.forget_answer(&caller.actor.id, &key.name)?;
            return Ok(None);
        }
        let message = "The first call under this Idempotency-Key is still running; ask again soon.";
        return Err(Error::conflict("idempotency-key-running", message));
    };
    Ok(Some(Answer { status: u16::try_from(status).unwrap_or(200), body }))
}

/// Notes under a key that its call runs.
pub(super) fn begin(app: &App, tx: &mut Tx<'_>, caller: &Caller, key: &Key) -> Result<()> {
    let now = app.now().naive_utc();
    tx.sweep_answers(now - Duration::days(KEPT_DAYS))?;
    Ok(tx.begin_answer((&caller.actor.id, &key.name), &key.fingerprint, now)?)
}

/// Keeps the answer of a call.
pub(super) fn keep(tx: &mut Tx<'_>, caller: &Caller, key: &Key, answer: &Answer) -> Result<()> {
    let status = i64::from(answer.status);
    Ok(tx.keep_answer((&caller.actor.id, &key.name), status, &answer.body)?)
}
