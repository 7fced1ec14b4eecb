//! How often a password may be guessed.
//!
//! Wrong passwords are counted by name and address together, with a delay that grows, so that nobody
//! shuts another out. The first few of each address are counted by name alone too: guesses spread over
//! very many addresses slow down new addresses for the name. From an address where the user has logged
//! in before, a right password is always taken; how often it may be tried there is limited by address
//! alone (`http/limits.rs`).
//!
//! Tries of one name from one address take turns in this process, and each is counted before its
//! password is looked at: of many at once, each sees what the one before came to. Servers that share a
//! database let as many through at once as they are.

use super::Origin;
use super::passwords::{PASSWORD_BYTES_MAX, hash, is_password};
use crate::app::App;
use crate::app::error::{Error, Result};
use crate::message;
use crate::store::{Failures, Tx};
use crate::wire::access::audit::fingerprint;
use chrono::{Duration, NaiveDateTime};
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, PoisonError};

/// Wrong passwords in a row for a name from one address before it waits.
const FAILURES_FREE: i64 = 5;
/// Wrong passwords for a name from all new addresses together before those wait; each address counts
/// for [`FAILURES_FREE`] at most, so that it takes 20 of them.
const FAILURES_FREE_OF_ALL: i64 = 100;
/// The first wait; each further wrong password doubles it.
const LOCK_SECONDS: i64 = 30;
/// The longest wait.
const LOCK_SECONDS_MAX: i64 = 900;
/// How long wrong passwords are remembered after the last one.
const FORGET_DAYS: i64 = 1;
/// How long an address is known after the last log-in from there.
const KNOWN_DAYS: i64 = 90;
/// Most addresses that are known of a user; the newest stay.
const KNOWN_MAX: i64 = 20;
/// Most tries of one name from one address that wait for their turn.
const WAITING_MAX: usize = 32;

/// The part of an address that identifies one connection: of IPv6 the first 64 bits, since whoever has
/// one address there has the others too.
pub fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => Ipv6Addr::from_bits(v6.to_bits() & (u128::MAX << 64)).into(),
        v4 => v4,
    }
}

/// Turns of those who try the same name from the same address.
#[derive(Default)]
pub(in crate::app) struct Turns(Mutex<BTreeMap<String, Arc<Mutex<()>>>>);

impl Turns {
    /// Does something while nobody else does it under this key; `None` when too many wait.
    fn alone<T>(&self, key: &str, work: impl FnOnce() -> T) -> Option<T> {
        let mine = {
            let mut turns = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            let turn = turns.entry(key.to_owned()).or_default();
            if Arc::strong_count(turn) > WAITING_MAX {
                return None;
            }
            Arc::clone(turn)
        };
        let done = {
            let _turn = mine.lock().unwrap_or_else(PoisonError::into_inner);
            work()
        };
        drop(mine);
        let mut turns = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if turns.get(key).is_some_and(|turn| Arc::strong_count(turn) == 1) {
            turns.remove(key);
        }
        Some(done)
    }
}

/// What tries are counted by.
struct Keys {
    /// A hash of the name.
    name: String,
    /// The same with a hash of the address.
    pair: String,
    /// The address as far as it counts.
    address: String,
}

impl Keys {
    fn new(name: &str, origin: &Origin) -> Self {
        let name = name_key(name);
        let address = origin.address.as_deref().unwrap_or_default();
        let parsed: Option<IpAddr> = address.parse().ok();
        let address = parsed.map_or(address.to_owned(), |ip| network(ip).to_string());
        Self { pair: format!("{name}:{}", fingerprint(&address)), name, address }
    }

    fn address_of(&self, user: &str) -> String {
        fingerprint(&format!("{user} {}", self.address))
    }
}

/// What wrong passwords for a name are counted by; with the address, it begins with this and a colon.
pub(super) fn name_key(name: &str) -> String {
    fingerprint(&name.to_lowercase())
}

/// A right password, before anything came of it.
pub(in crate::app) struct Right {
    /// Id of the user.
    pub(in crate::app) user: String,
    keys: Keys,
    /// What this name and address added to the count by name.
    added: i64,
}

impl Right {
    /// Forgets the wrong passwords before it, and knows the address from now on.
    pub(in crate::app) fn settle(&self, tx: &mut Tx<'_>) -> Result<()> {
        let now = tx.now()?;
        tx.clear_login_failures(&self.keys.pair)?;
        if let Some(all) = tx.login_failures(&self.keys.name)? {
            let failures = (all.failures - self.added).max(0);
            let locked_until = all.locked_until.filter(|_| failures >= FAILURES_FREE_OF_ALL);
            let failures = Failures { failures, last_at: all.last_at, locked_until };
            tx.set_login_failures(&self.keys.name, &failures)?;
        }
        let old = now - Duration::days(KNOWN_DAYS);
        Ok(tx.know_address(&self.user, &self.keys.address_of(&self.user), now, old, KNOWN_MAX)?)
    }
}

/// Tries a password for a name, and does `then` when it is right. `None` when it is wrong, or when
/// nobody has the name, which takes as long.
///
/// # Errors
///
/// [`Error::TooMany`] when this name has to wait, unless the password is right and the address known.
pub(super) fn guess<T>(
    app: &App,
    origin: &Origin,
    name: &str,
    password: &str,
    then: impl FnOnce(Right) -> Result<T>,
) -> Result<Option<T>> {
    let keys = Keys::new(name, origin);
    let key = keys.pair.clone();
    let crowded =
        Error::TooMany { message: message!("too-many-requests_log-ins-of-name"), seconds: 1 };
    let work = || alone(app, keys, name, password, then);
    app.turns.alone(&key, work).unwrap_or(Err(crowded))
}

fn alone<T>(
    app: &App,
    keys: Keys,
    name: &str,
    password: &str,
    then: impl FnOnce(Right) -> Result<T>,
) -> Result<Option<T>> {
    let (stored, counted) = app.store.write_once_more(Error::is_taken, |tx| {
        let now = tx.now()?;
        let stored = tx.password(name)?;
        let is_known = match &stored {
            Some((id, _)) => {
                let old = now - Duration::days(KNOWN_DAYS);
                tx.is_known_address(id, &keys.address_of(id), old)?
            }
            None => false,
        };
        let counted = count(tx, &keys, is_known, now)?;
        Ok::<_, Error>((stored, counted))
    })?;
    let added = match counted {
        Counted::Wait { refused, is_known: false } => return Err(refused),
        Counted::Wait { refused, is_known: true } => Err(refused),
        Counted::Free { added } => Ok(added),
    };
    let is_right = match stored.as_ref().filter(|_| password.len() <= PASSWORD_BYTES_MAX) {
        Some((id, stored)) => is_password(id, stored, password)?,
        None => {
            // as much time as a wrong password takes, so that names cannot be distinguished
            hash("a password that nobody has")?;
            false
        }
    };
    match (stored, added) {
        (Some((user, _)), added) if is_right => {
            let added = added.unwrap_or_default();
            then(Right { user, keys, added }).map(Some)
        }
        (_, Err(refused)) => Err(refused),
        _ => Ok(None),
    }
}

enum Counted {
    /// The password may be tried; so much of the count by name is of this address.
    Free { added: i64 },
    /// It may not, but for a right one from a known address.
    Wait { refused: Error, is_known: bool },
}

/// Counts a try as if its password were wrong.
fn count(tx: &mut Tx<'_>, keys: &Keys, is_known: bool, now: NaiveDateTime) -> Result<Counted> {
    let here = recent(tx.login_failures(&keys.pair)?, now);
    let all = recent(tx.login_failures(&keys.name)?, now);
    if let Some(seconds) = wait(&here, now) {
        let refused = Error::TooMany { message: message!("locked"), seconds };
        return Ok(Counted::Wait { refused, is_known });
    }
    if let Some(seconds) = wait(&all, now).filter(|_| !is_known) {
        let refused = Error::TooMany { message: message!("locked_many-addresses"), seconds };
        return Ok(Counted::Wait { refused, is_known });
    }
    let failures = here.failures + 1;
    tx.set_login_failures(&keys.pair, &failed(failures, FAILURES_FREE, now))?;
    if is_known {
        return Ok(Counted::Free { added: 0 });
    }
    if failures <= FAILURES_FREE {
        tx.set_login_failures(&keys.name, &failed(all.failures + 1, FAILURES_FREE_OF_ALL, now))?;
    }
    Ok(Counted::Free { added: failures.min(FAILURES_FREE) })
}

/// Without what is forgotten by now, or is of a time that is not yet.
fn recent(failures: Option<Failures>, now: NaiveDateTime) -> Failures {
    let none = Failures { failures: 0, last_at: now, locked_until: None };
    let is_recent = |f: &Failures| (now - f.last_at).abs() <= Duration::days(FORGET_DAYS);
    failures.filter(is_recent).unwrap_or(none)
}

/// Seconds to wait. A wait longer than the longest is of a clock that was wrong, and none.
fn wait(failures: &Failures, now: NaiveDateTime) -> Option<u64> {
    let left = (failures.locked_until? - now).num_milliseconds();
    let is_sound = 0 < left && left <= LOCK_SECONDS_MAX * 1_000;
    is_sound.then(|| left as u64 / 1_000 + 1)
}

fn failed(failures: i64, free: i64, now: NaiveDateTime) -> Failures {
    let doublings = (failures - free).min(16);
    let seconds = |doublings: i64| (LOCK_SECONDS << doublings).min(LOCK_SECONDS_MAX);
    let locked_until = (doublings >= 0).then(|| now + Duration::seconds(seconds(doublings)));
    Failures { failures, last_at: now, locked_until }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_of_ipv6_is_its_first_64_bits() {
        let network = |text: &str| super::network(text.parse().expect("an address")).to_string();
        assert_eq!(network("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
        assert_eq!(network("2001:db8:1:2::9"), "2001:db8:1:2::");
        assert_eq!(network("::ffff:192.0.2.7"), "192.0.2.7");
        assert_eq!(network("192.0.2.7"), "192.0.2.7");
    }

    #[test]
    fn turns_leave_nothing_behind_and_only_so_many_wait() {
        let turns = Turns::default();
        assert_eq!(turns.alone("a", || turns.alone("b", || 1)), Some(Some(1)));
        assert!(turns.0.lock().expect("it").is_empty());
        let gate = Mutex::new(());
        let closed = gate.lock().expect("it");
        std::thread::scope(|scope| {
            for _ in 0..WAITING_MAX {
                scope.spawn(|| turns.alone("a", || drop(gate.lock().expect("it"))));
            }
            let waiting = || {
                let turns = turns.0.lock().expect("it");
                turns.get("a").map_or(0, Arc::strong_count)
            };
            while waiting() <= WAITING_MAX {
                std::thread::yield_now();
            }
            assert_eq!(turns.alone("a", || ()), None, "one too many");
            drop(closed);
        });
        assert!(turns.0.lock().expect("it").is_empty());
    }

    #[test]
    fn a_wait_is_bounded_from_both_sides() {
        let now = chrono::DateTime::from_timestamp(1_800_000_000, 0).expect("a time").naive_utc();
        let at = |seconds: i64| Failures {
            locked_until: Some(now + Duration::seconds(seconds)),
            ..failed(9, FAILURES_FREE, now)
        };
        assert_eq!(wait(&at(30), now), Some(31));
        assert_eq!(wait(&at(900), now), Some(901));
        assert_eq!(wait(&at(901), now), None, "no wait is that long");
        assert_eq!(wait(&at(0), now), None);
        let day = Duration::days(FORGET_DAYS);
        for at in [now - day - Duration::seconds(1), now + day + Duration::seconds(1)] {
            assert_eq!(recent(Some(failed(9, FAILURES_FREE, at)), now).failures, 0);
        }
        assert_eq!(failed(60, FAILURES_FREE, now).locked_until, Some(now + Duration::seconds(900)));
    }
}
