//! Folders in which a copy of a database is made before it gets its place: private from the first byte,
//! and removed, whatever becomes of who made them.

use crate::store::error::{Result, StoreError};
use crate::store::private::create;
use std::fs::{File, TryLockError};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tempfile::TempDir;

/// What the names of these folders begin with, and of files that earlier versions used for the same.
const PREFIX: &str = ".onevisit-";
/// Locked by whoever uses the folder; the system unlocks it when its process ends, however it ends.
const IN_USE: &str = "in-use";
/// The copy; SQLite and a step to this version's form add to its name for what is beside it.
const COPY: &str = "copy.db";
/// How old a leftover must be that nothing shows to be out of use.
const OLD: Duration = Duration::from_secs(86_400);

/// A folder of our own, gone when it is dropped.
pub(super) struct Workplace {
    folder: TempDir,
    _in_use: File,
}

impl Workplace {
    /// In the folder of `path`, so that the copy can take its place by a change of name. Leftovers of
    /// killed programs are removed from there first.
    pub(super) fn beside(path: &Path) -> Result<Self> {
        let parent = folder_of(path);
        sweep(parent);
        for _ in 0..10 {
            let mut builder = tempfile::Builder::new();
            builder.prefix(PREFIX);
            #[cfg(unix)]
            builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
            let folder = builder.tempdir_in(parent)?;
            let mark = folder.path().join(IN_USE);
            // another's sweep may take it away before it is locked
            match create(&mark) {
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
                made => made?,
            }
            let Ok(in_use) = File::options().write(true).open(&mark) else { continue };
            if in_use.try_lock().is_ok() && mark.exists() {
                return Ok(Self { folder, _in_use: in_use });
            }
        }
        Err(StoreError::Unavailable(format!("{}: no folder can be locked", parent.display())))
    }

    /// Where the copy is to be made.
    pub(super) fn copy(&self) -> PathBuf {
        self.folder.path().join(COPY)
    }

    /// Gives the finished copy, which nobody has open, the name `to`, for good.
    pub(super) fn give_to(self, to: &Path) -> Result<()> {
        File::options().write(true).open(self.copy())?.sync_all()?;
        std::fs::rename(self.copy(), to)?;
        // the name too is to survive a power cut
        #[cfg(unix)]
        File::open(folder_of(to))?.sync_all()?;
        Ok(())
    }
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// Removes what killed programs left beside `path`: what is surely ours, and in nobody's use. What
/// cannot be removed stays.
pub(super) fn sweep_beside(path: &Path) {
    sweep(folder_of(path));
}

fn sweep(folder: &Path) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let Some(rest) = name.to_str().and_then(|name| name.strip_prefix(PREFIX)) else { continue };
        let is_ours = rest.len() == 6 && rest.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let (Ok(kind), path) = (entry.file_type(), entry.path()) else { continue };
        if is_ours && kind.is_dir() {
            sweep_folder(&path);
        } else if is_ours && kind.is_file() && is_old(&path) && is_database(&path) {
            let _ = std::fs::remove_file(&path);
        }
    }
}

fn sweep_folder(folder: &Path) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    let mut names = entries.flatten().map(|entry| entry.file_name());
    let is_known = |name: std::ffi::OsString| {
        name.to_str().is_some_and(|n| n == IN_USE || n.starts_with(COPY))
    };
    if !names.all(is_known) {
        return;
    }
    match File::options().write(true).open(folder.join(IN_USE)) {
        Ok(in_use) => match in_use.try_lock() {
            Ok(()) => drop(std::fs::remove_dir_all(folder)),
            Err(TryLockError::WouldBlock | TryLockError::Error(_)) => {}
        },
        // its maker was killed at once, or will make another; only an empty one is removed
        Err(_) => drop(std::fs::remove_dir(folder)),
    }
}

fn is_old(path: &Path) -> bool {
    let changed = path.metadata().and_then(|facts| facts.modified()).ok();
    changed.and_then(|changed| changed.elapsed().ok()).is_some_and(|age| age > OLD)
}

/// An old leftover is nobody's live database: it may be opened past SQLite.
fn is_database(path: &Path) -> bool {
    let mut head = [0; 16];
    let read = File::open(path).and_then(|mut file| file.read_exact(&mut head));
    read.is_ok() && head == *b"SQLite format 3\0"
}
