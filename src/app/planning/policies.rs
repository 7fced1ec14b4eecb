//! Policies and their targets. A change makes a new version; old ones remain, because runs name
//! them.

use crate::app::App;
use crate::app::access::audit::event;
use crate::app::access::{Action, Caller, Object};
use crate::app::error::{Error, Result};
use crate::app::paging::Paging;
use crate::app::paging::bad_cursor;
use crate::domain::{Defect, Message};
use crate::message;
use crate::store::{StoreError, Tx};
use crate::wire::paging::Page;
use crate::wire::planning::policy::{Policy, PolicyRecord, Target, standard};
use crate::wire::sentence::kept;

/// Puts the standard policy into a database that has none.
pub(in crate::app) fn ensure(app: &App) -> Result<()> {
    app.store.write_once_more(Error::is_taken, |tx| {
        if tx.policy(None)?.is_none() {
            let note = kept(&message!("note_standard-policy"));
            let (caller, policy) = (Caller::service("onevisit"), standard());
            tx.add_policy(1, &policy, &note, &caller.name, app.now().naive_utc())?;
            event("policy", "1", "add").after(&policy).record(app, tx, &caller);
        }
        Ok(())
    })
}

/// The policy of a version, or the newest.
pub fn get(app: &App, caller: &Caller, version: Option<i64>) -> Result<PolicyRecord> {
    caller.may(Action::ReadPolicy, &Object::shared())?;
    app.store.read(|tx| find(tx, version))
}

pub(in crate::app) fn find(tx: &mut Tx<'_>, version: Option<i64>) -> Result<PolicyRecord> {
    let missing =
        || Error::NotFound(message!("not-found_policy-version", version = version.unwrap_or(1)));
    tx.policy(version)?.ok_or_else(missing)
}

/// Policies, newest first; the cursor is a version.
pub fn list(app: &App, caller: &Caller, paging: &Paging) -> Result<Page<PolicyRecord>> {
    caller.may(Action::ReadPolicy, &Object::shared())?;
    let before = match paging.cursor() {
        "" => i64::MAX,
        cursor => cursor.parse().map_err(|_| bad_cursor())?,
    };
    let rows = app.store.read(|tx| tx.policies(before, paging.fetch()))?;
    Ok(paging.page(rows, |policy| policy.version.to_string()))
}

/// Sets a policy in place of version `version`, which must be the newest.
pub fn set(
    app: &App,
    caller: &Caller,
    policy: &Policy,
    note: &str,
    version: i64,
) -> Result<PolicyRecord> {
    change(app, caller, note, version, |_| Ok(policy.clone()))
}

/// Sets a target in the policy of version `version`, which must be the newest: a new one, or in
/// place of the one with its id.
pub fn set_target(
    app: &App,
    caller: &Caller,
    target: &Target,
    version: i64,
) -> Result<PolicyRecord> {
    let note = kept(&message!("note_target-set", id = &target.id));
    change(app, caller, &note, version, |policy| {
        let mut policy = policy.clone();
        policy.targets.retain(|existing| existing.id != target.id);
        policy.targets.push(target.clone());
        Ok(policy)
    })
}

/// Takes a target out of the policy of version `version`, which must be the newest.
pub fn remove_target(app: &App, caller: &Caller, id: &str, version: i64) -> Result<PolicyRecord> {
    let note = kept(&message!("note_target-removed", id = id));
    change(app, caller, &note, version, |policy| {
        let mut policy = policy.clone();
        let before = policy.targets.len();
        policy.targets.retain(|existing| existing.id != id);
        if policy.targets.len() == before {
            return Err(Error::NotFound(message!("not-found_target", id = id)));
        }
        Ok(policy)
    })
}

fn change(
    app: &App,
    caller: &Caller,
    note: &str,
    version: i64,
    edit: impl FnOnce(&Policy) -> Result<Policy>,
) -> Result<PolicyRecord> {
    caller.may(Action::ChangePolicy, &Object::everywhere())?;
    app.store.write(|tx| {
        let newest = find(tx, None)?;
        if newest.version != version {
            return Err(Error::VersionChanged { current: newest.version });
        }
        let policy = edit(&newest.policy)?;
        known_scopes(tx, &policy)?;
        let (next, now) = (version + 1, app.now().naive_utc());
        match tx.add_policy(next, &policy, note, &caller.name, now) {
            Err(StoreError::Taken(_)) => Err(Error::VersionChanged { current: next }),
            other => Ok(other?),
        }?;
        let record = find(tx, Some(next))?;
        let id = next.to_string();
        event("policy", &id, "add").before(&newest).after(&record).record(app, tx, caller);
        Ok(record)
    })
}

/// What targets speak of must be in the register.
fn known_scopes(tx: &mut Tx<'_>, policy: &Policy) -> Result<()> {
    let mut defects = Vec::new();
    for (i, target) in policy.targets.iter().enumerate() {
        let mut missing = |field: &str, message: Message| {
            defects.push(Defect::at(format!("/targets/{i}/{field}"), message));
        };
        if let Some(id) = &target.department
            && tx.department(id)?.is_none()
        {
            missing("department", message!("unknown-department_target", id = id));
        }
        if let Some(id) = &target.scenario
            && tx.scenario(id)?.is_none()
        {
            missing("scenario", message!("unknown-scenario_target", id = id));
        }
        if let Some(id) = &target.area
            && tx.area(id)?.is_none()
        {
            missing("area", message!("unknown-area_target", id = id));
        }
    }
    if defects.is_empty() { Ok(()) } else { Err(Error::Invalid(defects)) }
}
