//! Users: who they are and what they may do.

use super::audit::event;
use super::guesses::{guess, name_key};
use super::login::sound_name;
use super::no_such_user;
use super::passwords::{hash, strong};
use super::{Action, Caller, Object};
use crate::app::App;
use crate::app::error::{Error, Result};
use crate::app::paging::Paging;
use crate::domain::Defect;
use crate::message;
use crate::store::{Tx, Versioned};
use crate::wire::access::user::{Access, Me, NewPassword, NewUser, User, UserChange};
use crate::wire::paging::Page;

/// Who asks.
pub fn me(caller: &Caller) -> Result<Me> {
    caller.may(Action::Me, &Object::shared())?;
    let actor = caller.actor.clone();
    Ok(Me {
        id: actor.id,
        name: caller.name.clone(),
        roles: actor.roles,
        departments: actor.departments,
        areas: actor.areas.unwrap_or_default(),
        scopes: actor.scopes,
    })
}

/// Users in the order they were added.
pub fn list(app: &App, caller: &Caller, paging: &Paging) -> Result<Page<User>> {
    caller.may(Action::ReadUsers, &Object::everywhere())?;
    let rows = app.store.read(|tx| tx.users(paging.cursor(), paging.fetch()))?;
    let users = rows.into_iter().map(|row| row.value).collect();
    Ok(paging.page(users, |user: &User| user.id.clone()))
}

/// A user.
pub fn get(app: &App, caller: &Caller, id: &str) -> Result<Versioned<User>> {
    caller.may(Action::ReadUsers, &Object::everywhere())?;
    app.store.read(|tx| find(tx, id))
}

fn find(tx: &mut Tx<'_>, id: &str) -> Result<Versioned<User>> {
    tx.user(id)?.ok_or_else(|| no_such_user(id))
}

/// A user by name.
pub fn by_name(app: &App, caller: &Caller, name: &str) -> Result<Versioned<User>> {
    caller.may(Action::ReadUsers, &Object::everywhere())?;
    app.store.read(|tx| tx.user_by_name(name))?.ok_or_else(|| no_such_user(name))
}

/// Departments and areas must be in the register.
fn known(tx: &mut Tx<'_>, access: &Access) -> Result<()> {
    let mut defects = Vec::new();
    for (i, id) in access.departments.iter().enumerate() {
        if tx.department(id)?.is_none() {
            let message = message!("unknown-department_of-user", department = id);
            defects.push(Defect::at(format!("/departments/{i}"), message));
        }
    }
    for (i, id) in access.areas.iter().enumerate() {
        if tx.area(id)?.is_none() {
            let message = message!("unknown-area_of-user", area = id);
            defects.push(Defect::at(format!("/areas/{i}"), message));
        }
    }
    if defects.is_empty() { Ok(()) } else { Err(Error::Invalid(defects)) }
}

/// Adds a user.
pub fn add(app: &App, caller: &Caller, new: &NewUser) -> Result<Versioned<User>> {
    caller.may(Action::ChangeUsers, &Object::everywhere())?;
    let NewUser { name, password, access } = new;
    sound_name(name)?;
    let hash = match password {
        None => String::new(),
        Some(password) => {
            strong(name, password, "/password")?;
            hash(password)?
        }
    };
    app.store.write(|tx| {
        known(tx, access)?;
        let id = tx.add_user(name, &hash, access, app.now().naive_utc())?;
        let user = find(tx, &id)?;
        event("user", &id, "add").after(&user.value).record(app, tx, caller);
        Ok(user)
    })
}

/// Sets what a user of version `version` may do. Whoever is shut out loses all sessions. The last
/// administrator stays one: else nobody could mend it.
pub fn change(
    app: &App,
    caller: &Caller,
    id: &str,
    change: &UserChange,
    version: i64,
) -> Result<Versioned<User>> {
    caller.may(Action::ChangeUsers, &Object::everywhere())?;
    app.store.write(|tx| {
        let before = find(tx, id)?;
        known(tx, &change.access)?;
        if !tx.replace_access(id, &change.access, change.disabled, version)? {
            return Err(Error::VersionChanged { current: before.version });
        }
        let is_left = |user: &Versioned<User>| {
            let roles = &user.value.access.roles;
            !user.value.disabled && roles.contains(&crate::wire::access::user::Role::Administrator)
        };
        if is_left(&before) && !tx.users("", i64::MAX)?.iter().any(is_left) {
            return Err(Error::Conflict(message!("last-administrator", user = &before.value.name)));
        }
        if change.disabled {
            tx.end_sessions(id, app.now().naive_utc())?;
        }
        let after = find(tx, id)?;
        event("user", id, "change")
            .before(&before.value)
            .after(&after.value)
            .record(app, tx, caller);
        Ok(after)
    })
}

/// Sets a user's password; all sessions of the user end, and personal tokens unless they are kept.
/// `old` is not looked at.
pub fn set_password(app: &App, caller: &Caller, id: &str, new: &NewPassword) -> Result<()> {
    caller.may(Action::ChangeUsers, &Object::everywhere())?;
    let user = app.store.read(|tx| find(tx, id))?.value;
    strong(&user.name, &new.new, "/new")?;
    let hash = hash(&new.new)?;
    app.store.write(|tx| replace_password(app, tx, caller, &user, &hash, new.keep_tokens))
}

/// Sets one's own password; all sessions end, this one too, and personal tokens unless they are kept.
/// The present one counts as a password that is tried at log-in.
pub fn set_own_password(app: &App, caller: &Caller, new: &NewPassword) -> Result<()> {
    caller.may(Action::OwnAccount, &Object::shared())?;
    let user = app.store.read(|tx| find(tx, &caller.actor.id))?.value;
    strong(&user.name, &new.new, "/new")?;
    let old = new.old.as_deref().unwrap_or_default();
    let done = guess(app, &caller.origin, &user.name, old, |right| {
        let hash = hash(&new.new)?;
        app.store.write_once_more(Error::is_taken, |tx| {
            replace_password(app, tx, caller, &user, &hash, new.keep_tokens)?;
            right.settle(tx)
        })
    })?;
    done.ok_or_else(|| Error::defect("/old", message!("bad-old-password")))
}

fn replace_password(
    app: &App,
    tx: &mut Tx<'_>,
    caller: &Caller,
    user: &User,
    hash: &str,
    keeps_tokens: bool,
) -> Result<()> {
    let now = app.now().naive_utc();
    tx.set_password(&user.id, hash)?;
    tx.end_sessions(&user.id, now)?;
    if !keeps_tokens {
        for token in tx.tokens(&user.id, "", i64::MAX)? {
            if tx.revoke_token(&token.id, now)? {
                event("token", &token.id, "revoke").before(&token).record(app, tx, caller);
            }
        }
    }
    tx.clear_login_failures(&name_key(&user.name))?;
    // whoever had the old password is a stranger from now on
    tx.forget_addresses(&user.id)?;
    event("user", &user.id, "password").record(app, tx, caller);
    Ok(())
}
