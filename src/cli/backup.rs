//! `onevisit backup` and `onevisit restore`.

use super::Failure;
use super::access::operator;
use crate::app::{Address, backup as store, record};
use crate::config::{Backup, Restore};
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
    store::restore(&args.file, database)?;
    let (app, caller) = operator(&args.place, &args.reason)?;
    record::restored(&app, &caller)?;
    eprintln!("{} restored from {}", database.display(), args.file.display());
    Ok(())
}

fn sqlite<'a>(address: &'a Address, instead: &str) -> Result<&'a Path, Failure> {
    match address {
        Address::Sqlite(path) => Ok(path),
        Address::Postgres(_) => Err(Failure::Refused(format!(
            "this is for SQLite files; PostgreSQL has {instead} of its own"
        ))),
    }
}
