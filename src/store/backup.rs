//! Backups of a live SQLite file; `restore.rs` has their way back. SQLite's own online backup copies pages
//! between two databases while others read and write.

use super::error::{Result, StoreError};
use super::private::{BESIDE, beside, create};
use super::workplace::Workplace;
use crate::message;
use diesel::SqliteConnection;
use diesel::connection::SimpleConnection;
use rusqlite::backup::Backup;
use rusqlite::{Connection, OpenFlags};
use std::path::Path;
use std::time::Duration;

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode;
        let text = error.to_string();
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::Full(text),
            Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => Self::Damaged(text),
            Some(ErrorCode::DatabaseBusy | ErrorCode::CannotOpen | ErrorCode::SystemIoFailure) => {
                Self::Unavailable(text)
            }
            _ => Self::Other(text),
        }
    }
}

/// Copies a database into a new file through one statement of its own connection.
pub(super) fn copy_out(connection: &mut SqliteConnection, to: &Path) -> Result<()> {
    create(to)?;
    let to = to.to_string_lossy().replace('\'', "''");
    Ok(connection.batch_execute(&format!("VACUUM INTO '{to}'"))?)
}

/// Copies the live file `from` into the file `to`, which appears whole or not at all; an older
/// `to` is replaced.
pub fn backup(from: &Path, to: &Path) -> Result<()> {
    if from.canonicalize()? == to.canonicalize().unwrap_or_default() {
        return Err(StoreError::Refused(message!("backup-refused_own-file")));
    }
    // a log beside the target would be taken for the new file's own
    for end in BESIDE {
        let log = beside(to, end);
        if log.exists() {
            let log = log.display().to_string();
            return Err(StoreError::Refused(message!("backup-refused_in-use", log = log)));
        }
    }
    let place = Workplace::beside(to)?;
    create(&place.copy())?;
    {
        let source = Connection::open_with_flags(from, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        let mut target = Connection::open(place.copy())?;
        copy(&source, &mut target)?;
        verify(&target)?;
        // one file, without a log beside it
        target.execute_batch("PRAGMA journal_mode = DELETE;")?;
    }
    place.give_to(to)
}

pub(super) fn copy(source: &Connection, target: &mut Connection) -> Result<()> {
    source.busy_timeout(Duration::from_secs(10))?;
    // all pages in one step: the copy is of one moment, and cannot be overtaken by writers for ever
    let backup = Backup::new(source, target)?;
    for _ in 0..200 {
        use rusqlite::backup::StepResult;
        match backup.step(-1)? {
            StepResult::Done => return Ok(()),
            StepResult::More => {}
            _ => std::thread::sleep(Duration::from_millis(50)),
        }
    }
    Err(StoreError::Unavailable("the database stayed busy for ten seconds".into()))
}

pub(super) fn verify(connection: &Connection) -> Result<()> {
    let verdict: String = connection.query_row("PRAGMA integrity_check", [], |row| row.get(0))?;
    if verdict != "ok" {
        return Err(StoreError::Damaged(verdict));
    }
    Ok(())
}
