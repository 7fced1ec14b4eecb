//! Backups of a live SQLite file, and their way back. SQLite's own online backup copies pages
//! between two databases while others read and write.

use super::connection::{Address, Store, StoreOptions};
use super::error::{Result, StoreError};
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
    super::connection::make_private(to, true)?;
    let to = to.to_string_lossy().replace('\'', "''");
    Ok(connection.batch_execute(&format!("VACUUM INTO '{to}'"))?)
}

/// Copies the live file `from` into the file `to`, which appears whole or not at all; an older
/// `to` is replaced.
pub fn backup(from: &Path, to: &Path) -> Result<()> {
    let folder = match to.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    if from.canonicalize()? == to.canonicalize().unwrap_or_default() {
        return Err(StoreError::Other("a database cannot be its own backup".into()));
    }
    // a log beside the target would be taken for the new file's own
    for end in ["-wal", "-shm", "-journal"] {
        let mut log = to.as_os_str().to_owned();
        log.push(end);
        if Path::new(&log).exists() {
            let log = Path::new(&log).display();
            return Err(StoreError::Other(format!(
                "{log} shows that the target is a database in use; choose another file"
            )));
        }
    }
    let beside = tempfile::Builder::new().prefix(".onevisit-").tempfile_in(folder)?;
    let source = Connection::open_with_flags(from, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    let mut target = Connection::open(beside.path())?;
    copy(&source, &mut target)?;
    verify(&target)?;
    // one file, without a log beside it
    target.execute_batch("PRAGMA journal_mode = DELETE;")?;
    drop(target);
    beside.as_file().sync_all()?;
    beside.persist(to).map_err(|error| error.error)?;
    Ok(())
}

/// Puts a backup back into the file `to`, which a server may be using: for it, the restored data
/// appear like any other's write. The backup is checked first, and brought to this version's form in
/// a copy, so that what is wrong with it is told before anything changes.
pub fn restore(from: &Path, to: &Path) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let copy_path = folder.path().join("restored.db");
    {
        let source = Connection::open_with_flags(from, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        verify(&source)?;
        let tables: i64 = source.query_row(
            "SELECT count(*) FROM sqlite_master WHERE name = '__diesel_schema_migrations'",
            [],
            |row| row.get(0),
        )?;
        if tables == 0 {
            return Err(StoreError::Damaged(format!("{} is no backup", from.display())));
        }
        let mut target = Connection::open(&copy_path)?;
        copy(&source, &mut target)?;
    }
    drop(Store::open(&Address::Sqlite(copy_path.clone()), &StoreOptions::default())?);
    let source = Connection::open(&copy_path)?;
    super::connection::make_private(to, false)?;
    let mut target = Connection::open(to)?;
    target.busy_timeout(Duration::from_secs(10))?;
    copy(&source, &mut target)?;
    Ok(())
}

fn copy(source: &Connection, target: &mut Connection) -> Result<()> {
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

fn verify(connection: &Connection) -> Result<()> {
    let verdict: String = connection.query_row("PRAGMA integrity_check", [], |row| row.get(0))?;
    if verdict != "ok" {
        return Err(StoreError::Damaged(verdict));
    }
    Ok(())
}
