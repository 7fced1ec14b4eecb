//! `onevisit backup` and `onevisit restore`.

use super::Failure;
use super::access::operator;
use crate::app::access::audit;
use crate::app::restore::{Restore as Restoration, ShutOut};
use crate::app::{Address, backup as store};
use crate::config::{Backup, Restore};
use std::io::{IsTerminal, Write};
use std::path::Path;

pub(super) fn backup(args: &Backup) -> Result<(), Failure> {
    let database = sqlite(&args.place.database, "pg_dump")?;
    if !database.is_file() {
        return Err(Failure::Refused(format!("{}: there is no such file", database.display())));
    }
    store::backup(database, &args.file)?;
    let bytes = std::fs::metadata(&args.file)?.len();
    eprintln!("{} backed up to {} ({bytes} bytes)", database.display(), args.file.display());
    Ok(())
}

pub(super) fn restore(args: &Restore) -> Result<(), Failure> {
    let database = sqlite(&args.place.database, "pg_restore")?;
    if !args.file.is_file() {
        return Err(Failure::Refused(format!("{}: there is no such file", args.file.display())));
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
    eprintln!("{} restored from {}", database.display(), args.file.display());
    Ok(())
}

/// Whom the backup would let in again, and what becomes of them.
fn report(shut_out: &ShutOut, readmit: bool) {
    let ShutOut { users, passwords, rights, tokens, sessions, keys, unreadable } = shut_out;
    if let Some(why) = unreadable {
        eprintln!("The database that is there cannot be read: {why}");
        eprintln!("Whoever was shut out since this backup was made is let in again.");
        return;
    }
    eprintln!("This backup lets in again who was shut out since it was made:");
    for (what, names) in [
        ("users disabled or deleted", users),
        ("users with their old password", passwords),
        ("users with rights they lost", rights),
        ("personal tokens revoked", tokens),
        ("sessions ended", sessions),
        ("signing keys retired", keys),
    ] {
        if !names.is_empty() {
            eprintln!("  {} {what}: {}", names.len(), names.join(", "));
        }
    }
    eprintln!(
        "{}",
        if readmit {
            "They are let in again, because --readmit says so."
        } else {
            "They stay shut out; --readmit would let them in again."
        }
    );
}

/// Asks whoever sits at the terminal.
fn agreed() -> Result<(), Failure> {
    if !std::io::stdin().is_terminal() {
        let message = "nothing was restored; say --yes to go ahead";
        return Err(Failure::Refused(message.into()));
    }
    eprint!("Go ahead? [y/N] ");
    std::io::stderr().flush()?;
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer)?;
    if answer.trim().eq_ignore_ascii_case("y") {
        return Ok(());
    }
    Err(Failure::Refused("nothing was restored".into()))
}

fn sqlite<'a>(address: &'a Address, instead: &str) -> Result<&'a Path, Failure> {
    match address {
        Address::Sqlite(path) => Ok(path),
        Address::Postgres(_) => Err(Failure::Refused(format!(
            "this is for SQLite files; PostgreSQL has {instead} of its own"
        ))),
    }
}
