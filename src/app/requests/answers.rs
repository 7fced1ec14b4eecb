//! Calls that come twice: under the same key, the same call is answered as it was the first time, and
//! does nothing again. What a call of many steps has done is kept with each step, in the step's own
//! transaction: sent again, it goes on where it stopped.
//!
//! What was refused as a whole is not kept: whoever mends it may use the key again.

use crate::app::App;
use crate::app::access::Caller;
use crate::app::error::{Error, Result};
use crate::message;
use crate::store::{Answered, KeptAnswer, Tx};
use chrono::Duration;
use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;
use serde::Deserialize;
use std::io::{Read, Write};

/// Days for which answers are kept.
const KEPT_DAYS: i64 = 7;
/// Seconds after its last step for which a call is held to be running.
const RUNNING_SECONDS: i64 = 6;
/// Most bytes of steps that are kept for a user.
const KEPT_BYTES_MAX: i64 = 64 * 1024 * 1024;

/// What a caller calls one call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// Its name, the caller's own.
    pub name: String,
    /// Hash of route and body.
    pub fingerprint: String,
}

/// A filed request, as its caller is answered: the first time, and again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Id of the request.
    pub id: String,
    /// `false` when the same request existed already under its reference.
    pub is_new: bool,
    /// The request in JSON.
    pub body: String,
}

/// What is read of a kept answer's body.
#[derive(Deserialize)]
struct Named {
    id: String,
}

/// What is kept under a key for this call; another call's is an error.
fn row(tx: &mut Tx<'_>, caller: &Caller, key: &Key) -> Result<Option<KeptAnswer>> {
    let Some(kept) = tx.kept_answer(&caller.actor.id, &key.name)? else { return Ok(None) };
    if kept.fingerprint == key.fingerprint {
        return Ok(Some(kept));
    }
    Err(Error::defect("", message!("idempotency-key-reused", key = &key.name)))
}

/// The answer that is kept under the key of a call of one step, if any.
pub(in crate::app) fn kept(tx: &mut Tx<'_>, caller: &Caller, key: &Key) -> Result<Option<Answer>> {
    let kept = row(tx, caller, key)?.and_then(|kept| kept.answer);
    let Some(Answered::Filed { is_new, body }) = kept else { return Ok(None) };
    let Named { id } = serde_json::from_str(&body).map_err(|error| unreadable(&error))?;
    Ok(Some(Answer { id, is_new, body }))
}

/// Keeps the answer of a call of one step, in its transaction.
pub(in crate::app) fn keep(
    tx: &mut Tx<'_>,
    caller: &Caller,
    key: &Key,
    answer: &Answer,
) -> Result<()> {
    let now = tx.now()?;
    tx.sweep_answers(now - Duration::days(KEPT_DAYS))?;
    let kept = KeptAnswer {
        fingerprint: key.fingerprint.clone(),
        answer: Some(Answered::Filed { is_new: answer.is_new, body: answer.body.clone() }),
        made_at: now,
        holder: None,
        held_at: now,
    };
    Ok(tx.add_answer((&caller.actor.id, &key.name), &kept)?)
}

/// The course of a call of many steps under a key.
pub(in crate::app) struct Course {
    user: String,
    key: String,
    /// Who goes on with it: this call alone.
    holder: String,
    /// What the first steps have done, in order.
    pub done: Vec<String>,
}

impl Course {
    /// Takes a call up where it stopped, which is at its beginning when it is new. One that runs
    /// elsewhere is refused until it ends or has given no sign of life for some seconds.
    pub(super) fn take_up(app: &App, caller: &Caller, key: &Key) -> Result<Self> {
        let holder = crate::app::access::tokens::secret()?;
        app.store.write_once_more(Error::is_taken, |tx| {
            let now = tx.now()?;
            let (user, name) = (&caller.actor.id, &key.name);
            match row(tx, caller, key)? {
                None => {
                    tx.sweep_answers(now - Duration::days(KEPT_DAYS))?;
                    if tx.kept_steps_bytes(user)? > KEPT_BYTES_MAX {
                        return Err(Error::TooMany {
                            message: message!("too-many-kept-answers"),
                            seconds: 24 * 3600,
                        });
                    }
                    let kept = KeptAnswer {
                        fingerprint: key.fingerprint.clone(),
                        answer: None,
                        made_at: now,
                        holder: Some(holder.clone()),
                        held_at: now,
                    };
                    tx.add_answer((user, name), &kept)?;
                }
                Some(kept) if kept.answer.is_some() => {}
                Some(kept) => {
                    // bounded from both sides: a clock that was ahead and was put right holds nothing
                    let silent = (now - kept.held_at).num_seconds();
                    if kept.holder.is_some() && silent.abs() <= RUNNING_SECONDS {
                        return Err(Error::Conflict(message!(
                            "idempotency-key-running",
                            key = name
                        )));
                    }
                    tx.hold_answer((user, name), None, Some(&holder), now)?;
                }
            }
            let done = tx.kept_steps(user, name)?;
            Ok(Self {
                user: user.clone(),
                key: name.clone(),
                holder: holder.clone(),
                done: done.iter().map(|step| unpacked(step)).collect::<Result<_>>()?,
            })
        })
    }

    /// Keeps what the next step does, in its transaction; with `is_last` the call is over.
    pub(in crate::app) fn keep(
        &self,
        tx: &mut Tx<'_>,
        number: usize,
        done: &str,
        is_last: bool,
    ) -> Result<()> {
        let (key, own) = ((self.user.as_str(), self.key.as_str()), Some(self.holder.as_str()));
        let now = tx.now()?;
        let is_ours = tx.hold_answer(key, own, own, now)?;
        if !is_ours {
            let message = message!("idempotency-key-running_elsewhere", key = &self.key);
            return Err(Error::Conflict(message));
        }
        tx.add_kept_step(key, number as i64, &packed(done)?)?;
        if is_last {
            tx.end_answer(key)?;
        }
        Ok(())
    }

    /// Lets others take the call up at once.
    pub(super) fn let_go(&self, app: &App) {
        let key = (self.user.as_str(), self.key.as_str());
        let done = app.store.write(|tx| {
            let now = tx.now()?;
            tx.hold_answer(key, Some(&self.holder), None, now)?;
            Ok::<_, Error>(())
        });
        if let Err(error) = done {
            // they wait for some seconds more
            tracing::warn!(%error, cause = error.cause(), "an interrupted call is held");
        }
    }
}

/// What was kept cannot be read any more.
pub(super) fn unreadable(error: &impl std::fmt::Display) -> Error {
    Error::Internal(format!("a kept answer: {error}"))
}

fn packed(text: &str) -> Result<Vec<u8>> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::fast());
    let packed = encoder.write_all(text.as_bytes()).and_then(|()| encoder.finish());
    packed.map_err(|error| Error::Internal(error.to_string()))
}

fn unpacked(bytes: &[u8]) -> Result<String> {
    let mut text = String::new();
    let read = DeflateDecoder::new(bytes).read_to_string(&mut text);
    read.map_err(|error| unreadable(&error))?;
    Ok(text)
}
