//! Files that only their owner may read and write: what the service must keep secret is in them.
//!
//! A database that may be in use is never opened past SQLite, not even for a look: whoever closes a
//! file gives up every lock that the process holds on it (POSIX), and without its locks a server's log
//! is taken away by the next program that closes the database. Its mode is therefore looked at and
//! changed by its path.

use super::error::{Result, StoreError};
use rusqlite::{Connection, ErrorCode, OpenFlags};
use std::fs::OpenOptions;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// What SQLite adds to a database's name for the files beside it.
pub(super) const BESIDE: [&str; 3] = ["-wal", "-shm", "-journal"];

/// The path with `end` added to its name.
pub(super) fn beside(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(end);
    name.into()
}

/// Makes an empty file; that there is one already is an error.
pub(super) fn create(path: &Path) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}

/// Makes the file of a database when there is none, and takes one that others may read, with what
/// is beside it, away from them. To be called before the first connection.
pub(super) fn protect(path: &Path) -> Result<()> {
    /// A file that one thread has made and not yet closed must not be used by another.
    static MAKING: Mutex<()> = Mutex::new(());
    let _alone = MAKING.lock().unwrap_or_else(PoisonError::into_inner);
    let failed =
        |error: std::io::Error| StoreError::Unavailable(format!("{}: {error}", path.display()));
    match create(path) {
        Ok(()) => return Ok(()),
        // an open that fails has nothing to close
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
        Err(error) => return Err(failed(error)),
    }
    let facts = path.metadata().map_err(failed)?;
    if !facts.is_file() {
        return Err(failed(std::io::Error::other("this is no file")));
    }
    #[cfg(unix)]
    if is_open_to_others(&facts) {
        // somebody else's file, named by mistake, is left as it is
        if facts.len() > 0 {
            look(path)?;
        }
        take_away(path)?;
        for end in BESIDE {
            take_away(&beside(path, end))?;
        }
    }
    Ok(())
}

/// Refuses a file that is no database, as SQLite sees it.
#[cfg(unix)]
fn look(path: &Path) -> Result<()> {
    let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    let version = connection.query_row("PRAGMA schema_version", [], |row| row.get::<_, i64>(0));
    match version {
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::NotADatabase) => {
            Err(StoreError::Damaged(format!("{}: {error}", path.display())))
        }
        // who finds it locked finds a database
        _ => Ok(()),
    }
}

#[cfg(unix)]
fn is_open_to_others(facts: &std::fs::Metadata) -> bool {
    std::os::unix::fs::PermissionsExt::mode(&facts.permissions()) & 0o077 != 0
}

#[cfg(unix)]
fn take_away(path: &Path) -> Result<()> {
    let private = std::os::unix::fs::PermissionsExt::from_mode(0o600);
    match std::fs::set_permissions(path, private) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(StoreError::Unavailable(format!(
            "{}: others may read it, which cannot be changed: {error}",
            path.display()
        ))),
        _ => Ok(()),
    }
}
