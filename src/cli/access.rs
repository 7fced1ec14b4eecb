//! `onevisit user`, `onevisit token` and `onevisit keys`.

use super::Failure;
use super::serve::open_with;
use super::table::table;
use super::terminal::{line, note};
use crate::app::access::{passwords, tokens, users};
use crate::app::paging::Paging;
use crate::app::{App, AppOptions, Caller, StoreOptions};
use crate::config::{AccessArgs, Keys, KeysCommand, Place, Reason};
use crate::config::{TokenArgs, TokenCommand, UserArgs, UserCommand};
use crate::domain::words::Worded;
use crate::message;
use crate::text::say;
use crate::wire::access::user::{Access, NewPassword, NewToken, NewUser, User, UserChange};
use std::io::Write;

/// Where a user's password is taken from.
const PASSWORD: &str = "ONEVISIT_USER_PASSWORD";

/// The database and who asks: whoever runs the program here.
pub(super) fn operator(place: &Place, reason: &Reason) -> Result<(App, Caller), Failure> {
    let app = open_with(&place.database, &StoreOptions::default(), AppOptions::default())?;
    let name = std::env::var("USER").ok().filter(|name| !name.is_empty());
    let caller = Caller::local().because(reason.reason.clone());
    let name = name.map_or(caller.name.clone(), |name| format!("{} ({name})", caller.name));
    Ok((app, Caller { name, ..caller }))
}

/// The password given by the environment, or one that is made up, with whether it is.
fn password() -> (String, bool) {
    match std::env::var(PASSWORD) {
        Ok(password) => (password, false),
        Err(_) => (passwords::made_up_password(), true),
    }
}

fn access(args: &AccessArgs) -> Result<Access, Failure> {
    let AccessArgs { roles, departments, areas, subject } = args;
    if departments.is_empty() && roles.iter().any(|role| role.is_departmental()) {
        return Err(Failure::Refused(message!("department-missing")));
    }
    let mut roles = roles.clone();
    roles.sort_unstable();
    roles.dedup();
    let (departments, areas) = (departments.clone(), areas.clone());
    Ok(Access { roles, departments, areas, subject: subject.clone() })
}

pub(super) fn user(args: &UserArgs) -> Result<(), Failure> {
    let (app, caller) = operator(&args.place, &args.reason)?;
    let mut out = std::io::stdout().lock();
    let set = |name: &str, access: Access, disabled: bool| {
        let before = users::by_name(&app, &caller, name)?;
        let change = UserChange { access, disabled };
        users::change(&app, &caller, &before.value.id, &change, before.version)
    };
    match &args.command {
        UserCommand::Add { name, access: wanted, no_password } => {
            let access = access(wanted)?;
            let (password, is_made_up) = password();
            let password = (!no_password).then_some(password);
            let new = NewUser { name: name.clone(), password: password.clone(), access };
            users::add(&app, &caller, &new)?;
            line(&mut out, &message!("user_added", name = name))?;
            if let Some(password) = password.filter(|_| is_made_up) {
                line(&mut out, &message!("user_password", password = password))?;
            }
        }
        UserCommand::List => list(&mut out, &app, &caller)?,
        UserCommand::Change { name, access: wanted } => {
            set(name, access(wanted)?, false)?;
            line(&mut out, &message!("user_changed", name = name))?;
        }
        UserCommand::Disable { name } => {
            let user = users::by_name(&app, &caller, name)?.value;
            set(name, user.access, true)?;
            line(&mut out, &message!("user_shut-out", name = name))?;
        }
        UserCommand::Password { name, keep_tokens } => {
            let user = users::by_name(&app, &caller, name)?.value;
            let (password, is_made_up) = password();
            let new = NewPassword { old: None, new: password.clone(), keep_tokens: *keep_tokens };
            users::set_password(&app, &caller, &user.id, &new)?;
            let done = if *keep_tokens {
                message!("user_password-set-tokens-kept", name = name)
            } else {
                message!("user_password-set", name = name)
            };
            line(&mut out, &done)?;
            if is_made_up {
                line(&mut out, &message!("user_password", password = password))?;
            }
        }
    }
    Ok(())
}

fn list(out: &mut impl Write, app: &App, caller: &Caller) -> Result<(), Failure> {
    let mut table = table(&[
        message!("label_user"),
        message!("label_roles"),
        message!("label_departments"),
        message!("label_areas"),
        message!("label_nothing"),
        message!("label_id"),
    ]);
    let mut cursor = None;
    loop {
        let page = users::list(app, caller, &Paging::new(cursor, Some(1_000))?)?;
        for User { id, name, access, disabled, created_at: _ } in page.items {
            let roles: Vec<&str> = access.roles.iter().map(|role| role.as_str()).collect();
            let areas = access.areas.join(" ");
            table.add_row(vec![
                name,
                roles.join(" "),
                access.departments.join(" "),
                if areas.is_empty() { say(&message!("user_everywhere")) } else { areas },
                if disabled { say(&message!("user_disabled")) } else { String::new() },
                id,
            ]);
        }
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    Ok(writeln!(out, "{table}")?)
}

pub(super) fn token(args: &TokenArgs) -> Result<(), Failure> {
    let (app, caller) = operator(&args.place, &args.reason)?;
    let mut out = std::io::stdout().lock();
    match &args.command {
        TokenCommand::Add { user, name, scopes, days } => {
            let mut scopes = scopes.clone();
            scopes.sort_unstable();
            scopes.dedup();
            let new = NewToken { name: name.clone(), scopes, days: Some(*days) };
            let issued = tokens::add_for(&app, &caller, user, &new)?;
            writeln!(out, "{}", issued.token)?;
            let (id, until) = (issued.listed.id, issued.listed.expires_at);
            let until = until.to_string();
            note(&message!("token_made", id = id, user = user, until = until));
        }
        TokenCommand::List { user } => {
            let mut table = table(&[
                message!("label_token"),
                message!("label_scopes"),
                message!("label_made"),
                message!("label_until"),
                message!("label_nothing"),
                message!("label_id"),
            ]);
            let page = tokens::list_for(&app, &caller, user, &Paging::new(None, Some(1_000))?)?;
            for token in page.items {
                let scopes: Vec<&str> = token.scopes.iter().map(|scope| scope.as_str()).collect();
                let revoked = token.revoked_at.map(|_| say(&message!("token_revoked")));
                table.add_row(vec![
                    token.name,
                    scopes.join(" "),
                    token.created_at.date_naive().to_string(),
                    token.expires_at.date_naive().to_string(),
                    revoked.unwrap_or_default(),
                    token.id,
                ]);
            }
            writeln!(out, "{table}")?;
        }
        TokenCommand::Revoke { id } => {
            tokens::revoke(&app, &caller, id)?;
            line(&mut out, &message!("token_is-revoked", id = id))?;
        }
    }
    Ok(())
}

pub(super) fn keys(args: &Keys) -> Result<(), Failure> {
    let (app, caller) = operator(&args.place, &args.reason)?;
    let KeysCommand::Rotate = args.command;
    let kid = tokens::rotate_keys(&app, &caller)?;
    let minutes = tokens::TOKEN_MINUTES;
    let done = message!("key_rotated", key = kid, minutes = minutes);
    Ok(line(&mut std::io::stdout(), &done)?)
}
