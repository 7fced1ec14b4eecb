//! Log-in with name and password, and sessions: a short access token, and a refresh token that is good
//! once. A refresh token that comes a second time has a copy, and ends its session.

use super::audit::event;
use super::guesses::guess;
use super::passwords::{hash, strong};
use super::tokens::{disabled, issue, secret};
use super::{Action, Caller, Object, Origin, Proof};
use crate::app::App;
use crate::app::error::{Error, Result};
use crate::message;
use crate::store::Refreshed;
use crate::wire::access::audit::fingerprint;
use crate::wire::access::user::{Access, Role, Session};
use chrono::Duration;

/// How long a refresh token is good for.
const REFRESH_DAYS: i64 = 7;
/// How long a session lasts, however often it is refreshed.
const SESSION_DAYS: i64 = 30;
/// How long what is over is kept.
const SWEEP_DAYS: i64 = 1;

/// The first user may do all but read as a supervisor does: small offices have one person for it.
const FIRST_ROLES: [Role; 3] = [Role::Administrator, Role::Coordinator, Role::Manager];

/// Longest name to log in with.
const NAME_CHARS_MAX: usize = 64;

fn refused() -> Error {
    Error::Unauthenticated(message!("bad-credentials"))
}

/// A name to log in with.
pub(super) fn sound_name(name: &str) -> Result<()> {
    let is_sound = (1..=NAME_CHARS_MAX).contains(&name.chars().count())
        && name.trim() == name
        && !name.chars().any(char::is_control);
    if is_sound {
        return Ok(());
    }
    Err(Error::defect("/name", message!("bad-name", name = name, most = NAME_CHARS_MAX)))
}

/// Makes the first user, when there is none. `true` when it was made.
pub fn ensure_first(app: &App, name: &str, password: &str) -> Result<bool> {
    strong(name, password, "/password")?;
    sound_name(name)?;
    if has_users(app)? {
        return Ok(false);
    }
    let hash = hash(password)?;
    let access = Access { roles: FIRST_ROLES.to_vec(), ..Access::default() };
    app.store.write_once_more(Error::is_taken, |tx| {
        if tx.user_count()? > 0 {
            return Ok(false);
        }
        let id = tx.add_user(name, &hash, &access, app.now().naive_utc())?;
        let user = tx.user(&id)?.map(|user| user.value);
        event("user", &id, "add").after(&user).record(app, tx, &Caller::local());
        Ok(true)
    })
}

/// Whether anybody can log in.
pub fn has_users(app: &App) -> Result<bool> {
    Ok(app.store.read(|tx| tx.user_count())? > 0)
}

/// Begins a session with name and password.
pub fn log_in(app: &App, origin: &Origin, name: &str, password: &str) -> Result<Session> {
    let refresh = secret()?;
    let begun = guess(app, origin, name, password, |right| {
        app.store.write_once_more(Error::is_taken, |tx| {
            let user = tx.user(&right.user)?.ok_or_else(refused)?.value;
            if user.disabled {
                return Err(disabled());
            }
            right.settle(tx)?;
            let now = tx.now()?;
            tx.sweep_sessions(now, Duration::days(SWEEP_DAYS))?;
            let (expires_at, ends_at) =
                (now + Duration::days(REFRESH_DAYS), now + Duration::days(SESSION_DAYS));
            let hash = fingerprint(&refresh);
            let session = tx.add_session(&right.user, (&hash, expires_at), now, ends_at)?;
            let (token, token_expires_at) = issue(app, tx, &right.user, &session)?;
            let proof = Proof::Session(session.clone());
            let caller = Caller::user(tx, user, None, proof)?.from(origin.clone());
            event("session", &session, "start").record(app, tx, &caller);
            Ok((session, token, token_expires_at, expires_at.and_utc()))
        })
    })?;
    let (session, token, expires_at, refresh_expires_at) = begun.ok_or_else(refused)?;
    let refresh_token = joined(&session, &refresh);
    Ok(Session { token, expires_at, refresh_token, refresh_expires_at })
}

/// A refresh token as it is handed out. The session is in it only for people who look for it in the
/// record.
fn joined(session: &str, refresh: &str) -> String {
    format!("{session}.{refresh}")
}

/// Gives the next tokens of a session for its newest refresh token.
pub fn refresh(app: &App, origin: &Origin, refresh_token: &str) -> Result<Session> {
    fn bad() -> Error {
        Error::Unauthenticated(message!("bad-refresh-token"))
    }

    fn again() -> Error {
        Error::Unauthenticated(message!("refresh-token-reused"))
    }

    let (_, text) = refresh_token.split_once('.').ok_or_else(bad)?;
    let now = app.now().naive_utc();
    let next = secret()?;
    // that a token came a second time must be kept, though it is an error
    app.store.write(|tx| match tx.use_refresh_token(&fingerprint(text), now)? {
        Refreshed::Bad => Ok(Err(bad())),
        Refreshed::Again { session, user } => {
            let user = tx.user(&user)?.ok_or_else(bad)?.value;
            let proof = Proof::Session(session.clone());
            let caller = Caller::user(tx, user, None, proof)?.from(origin.clone());
            event("session", &session, "reuse").record(app, tx, &caller);
            Ok(Err(again()))
        }
        Refreshed::Good { session, user, ends_at } => {
            if tx.user(&user)?.is_none_or(|user| user.value.disabled) {
                return Ok(Err(disabled()));
            }
            let expires_at = (now + Duration::days(REFRESH_DAYS)).min(ends_at);
            tx.add_refresh_token(&session, &fingerprint(&next), expires_at)?;
            let (token, token_expires_at) = issue(app, tx, &user, &session)?;
            Ok::<_, Error>(Ok(Session {
                token,
                expires_at: token_expires_at,
                refresh_token: joined(&session, &next),
                refresh_expires_at: expires_at.and_utc(),
            }))
        }
    })?
}

/// Ends the caller's session, with all its tokens.
pub fn log_out(app: &App, caller: &Caller) -> Result<()> {
    caller.may(Action::OwnAccount, &Object::shared())?;
    let Proof::Session(session) = &caller.proof else {
        return Err(Error::Conflict(message!("no-session")));
    };
    app.store.write(|tx| {
        if tx.end_session(session, app.now().naive_utc())? {
            event("session", session, "end").record(app, tx, caller);
        }
        Ok(())
    })
}
