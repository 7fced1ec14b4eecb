//! `onevisit backup` and `onevisit restore`.

use super::Failure;
use super::access::operator;
use super::terminal::{note, path, whole};
use crate::app::access::audit;
use crate::app::restore::{Restore as Restoration, ShutOut};
use crate::app::{Address, backup as store};
use crate::config::{Backup, Restore};
use crate::domain::Argument;
use crate::message;
use crate::text::say;
use std::io::{IsTerminal, Write};
use std::path::Path;

pub(super) fn backup(args: &Backup) -> Result<(), Failure> {
    let database = sqlite(&args.place.database, "pg_dump")?;
    if !database.is_file() {
        return Err(Failure::Refused(message!("no-such-file", file = path(database))));
    }
    store::backup(database, &args.file)?;
    let bytes = std::fs::metadata(&args.file)?.len();
    let (database, file) = (path(database), path(&args.file));
    note(&message!("backup_done", database = database, file = file, bytes = bytes));
    Ok(())
}

pub(super) fn restore(args: &Restore) -> Result<(), Failure> {
    let database = sqlite(&args.place.database, "pg_restore")?;
    if !args.file.is_file() {
        return Err(Failure::Refused(message!("no-such-file", file = path(&args.file))));
    }
    let restore = Restoration::prepare(&args.file, database)?;
    let shut_out = restore.shut_out()?;
    if !shut_out.is_empty() {
        report(&shut_out, args.readmit);
        if !args.yes {
            agreed()?;
        }
    }
    let shut_out = restore.finish(args.readmit)?;
    let (app, caller) = operator(&args.place, &args.reason)?;
    audit::restored(&app, &caller, &shut_out, args.readmit)?;
    let (database, file) = (path(database), path(&args.file));
    note(&message!("restore_done", database = database, file = file));
    Ok(())
}

/// Whom the backup would let in again, and what becomes of them.
fn report(shut_out: &ShutOut, readmit: bool) {
    let ShutOut { users, passwords, rights, tokens, sessions, keys, unreadable } = shut_out;
    if let Some(why) = unreadable {
        note(&message!("restore_unreadable", cause = whole(why)));
        note(&message!("restore_readmits-all"));
        return;
    }
    note(&message!("restore_readmits"));
    let list = |names: &[String]| names.iter().collect::<Argument>();
    for (names, message) in [
        (users, message!("restore_users", n = users.len(), names = list(users))),
        (passwords, message!("restore_passwords", n = passwords.len(), names = list(passwords))),
        (rights, message!("restore_rights", n = rights.len(), names = list(rights))),
        (tokens, message!("restore_tokens", n = tokens.len(), names = list(tokens))),
        (sessions, message!("restore_sessions", n = sessions.len(), names = list(sessions))),
        (keys, message!("restore_keys", n = keys.len(), names = list(keys))),
    ] {
        if !names.is_empty() {
            eprintln!("  {}", say(&message));
        }
    }
    note(&if readmit { message!("restore_readmitted") } else { message!("restore_kept-out") });
}

/// Asks whoever sits at the terminal.
fn agreed() -> Result<(), Failure> {
    if !std::io::stdin().is_terminal() {
        return Err(Failure::Refused(message!("not-restored_ask")));
    }
    eprint!("{} [y/N] ", say(&message!("restore_go-ahead")));
    std::io::stderr().flush()?;
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer)?;
    if answer.trim().eq_ignore_ascii_case("y") {
        return Ok(());
    }
    Err(Failure::Refused(message!("not-restored")))
}

fn sqlite<'a>(address: &'a Address, instead: &str) -> Result<&'a Path, Failure> {
    match address {
        Address::Sqlite(path) => Ok(path),
        Address::Postgres(_) => Err(Failure::Refused(message!("sqlite-only", instead = instead))),
    }
}
