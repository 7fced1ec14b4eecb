//! Files in and out. Nothing is half written: a file appears whole or not at all.

use crate::domain::certificate::Certificate;
use crate::domain::{Argument, Defect, Message, Plan, Problem};
use crate::message;
use crate::wire;
use crate::wire::law::draw::Publication;
use crate::wire::planning::problem::ReadError;
use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufReader, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// Temporary files that exist beside those to be written.
static UNFINISHED: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

fn unfinished() -> std::sync::MutexGuard<'static, BTreeSet<PathBuf>> {
    UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Removes the temporary files of all [`Target`]s, for a program that ends at once.
pub fn remove_unfinished() {
    for path in std::mem::take(&mut *unfinished()) {
        // one that is gone is no loss
        let _ = std::fs::remove_file(path);
    }
}

/// Why a file could not be read or written.
#[derive(Debug)]
pub enum FileError {
    /// The file cannot be read.
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        cause: std::io::Error,
    },
    /// The file is read, but is not what it should be.
    Defective {
        /// The file.
        path: PathBuf,
        /// Every defect.
        defects: Vec<Defect>,
        /// The command that lists them.
        listed_by: String,
    },
    /// The file cannot be written.
    Unwritable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        cause: std::io::Error,
    },
}

impl FileError {
    /// What went wrong, with the file's name; of defects their number and the command that lists them.
    pub fn message(&self) -> Message {
        let shown = |path: &Path| path.display().to_string();
        match self {
            Self::Unreadable { path, cause } => {
                message!("file-unreadable", path = shown(path), cause = io_in_words(cause))
            }
            Self::Defective { path, defects, listed_by } => message!(
                "file-defective",
                path = shown(path),
                defects = defects.len(),
                command = listed_by,
            ),
            Self::Unwritable { path, cause } => {
                message!("file-unwritable", path = shown(path), cause = io_in_words(cause))
            }
        }
    }
}

/// For logs and failed tests.
impl std::fmt::Display for FileError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.message().fmt(f)
    }
}

impl std::error::Error for FileError {}

/// What the system says: in words of ours where it is usual, else in its own.
fn io_in_words(cause: &std::io::Error) -> Argument {
    match cause.kind() {
        ErrorKind::NotFound => message!("file-cause_not-found").into(),
        ErrorKind::PermissionDenied => message!("file-cause_no-permission").into(),
        ErrorKind::IsADirectory => message!("file-cause_folder").into(),
        ErrorKind::NotADirectory => message!("file-cause_no-folder").into(),
        ErrorKind::StorageFull => message!("file-cause_full").into(),
        ErrorKind::ReadOnlyFilesystem => message!("file-cause_read-only").into(),
        _ => cause.to_string().into(),
    }
}

/// Largest file of a rule pack or scenario.
const TEXT_BYTES_MAX: u64 = 1_000_000;

/// Reads a file of text through `read`, with every defect; `command` is the one that lists them.
pub(super) fn read_text<T>(
    path: &Path,
    command: &str,
    read: impl FnOnce(&str) -> Result<T, Vec<Defect>>,
) -> Result<T, FileError> {
    let unreadable = |cause| FileError::Unreadable { path: path.to_owned(), cause };
    let defective = |defects| FileError::Defective {
        path: path.to_owned(),
        defects,
        listed_by: format!("{command} {}", path.display()),
    };
    let size = std::fs::metadata(path).map_err(unreadable)?.len();
    if size > TEXT_BYTES_MAX {
        let message = message!("too-large_text-file", found = size, most = TEXT_BYTES_MAX);
        return Err(defective(vec![Defect::at("", message)]));
    }
    read(&std::fs::read_to_string(path).map_err(unreadable)?).map_err(defective)
}

/// Reads a problem file, plain or gzip.
pub fn read_problem(path: &Path) -> Result<Problem, FileError> {
    read(path, "onevisit check", wire::planning::problem::read)
}

/// Reads a plan file, plain or gzip.
pub fn read_plan(path: &Path) -> Result<Plan, FileError> {
    read(path, "onevisit check PROBLEM", wire::planning::plan::read)
}

/// Reads a certificate file, plain or gzip.
pub fn read_certificate(path: &Path) -> Result<Certificate, FileError> {
    read(path, "onevisit certify PROBLEM", wire::planning::certificate::read)
}

/// Reads the publication of a draw, plain or gzip.
pub fn read_draw(path: &Path) -> Result<Publication, FileError> {
    read(path, "onevisit draw replay", wire::law::draw::read)
}

/// The error of a file whose defects showed after it was read; `check` is the command that lists
/// them.
pub fn defective(path: &Path, check: &str, defects: Vec<Defect>) -> FileError {
    let listed_by = format!("{check} {}", path.display());
    FileError::Defective { path: path.to_owned(), defects, listed_by }
}

fn read<T>(
    path: &Path,
    check: &str,
    reader: impl Fn(BufReader<File>) -> Result<T, ReadError>,
) -> Result<T, FileError> {
    let unreadable = |cause| FileError::Unreadable { path: path.to_owned(), cause };
    let file = File::open(path).map_err(unreadable)?;
    match reader(BufReader::with_capacity(1 << 16, file)) {
        Ok(value) => Ok(value),
        Err(ReadError::Io(cause)) => Err(unreadable(cause)),
        Err(ReadError::Defects(defects)) => Err(defective(path, check, defects)),
    }
}

/// A file to be written later. Opening it early reports early that a folder is missing or locked,
/// before time is spent on what would go into it.
pub struct Target {
    path: PathBuf,
    place: Place,
}

enum Place {
    /// A temporary file, to be renamed.
    Beside(tempfile::NamedTempFile),
    /// A device or a pipe, which takes the bytes itself.
    Direct(File),
}

impl Target {
    /// Prepares to write `path`, beside which a temporary file exists until [`Target::write`].
    pub fn open(given: &Path) -> Result<Self, FileError> {
        let unwritable = |cause| FileError::Unwritable { path: given.to_owned(), cause };
        if given.is_dir() {
            return Err(unwritable(ErrorKind::IsADirectory.into()));
        }
        let is_device = given.metadata().is_ok_and(|facts| !facts.is_file());
        if is_device || given.starts_with("/dev") || given.starts_with("/proc") {
            let file = File::options().write(true).open(given).map_err(unwritable)?;
            return Ok(Self { path: given.to_owned(), place: Place::Direct(file) });
        }
        // a link stays a link: what it points at is replaced
        let path = given.canonicalize().unwrap_or_else(|_| given.to_owned());
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        let mut builder = tempfile::Builder::new();
        builder.prefix(".onevisit-");
        // the rights of the file replaced, or those of any new file
        let rights = path.metadata().map(|facts| facts.permissions());
        if let Some(rights) = rights.ok().or_else(new_file_rights) {
            builder.permissions(rights);
        }
        let beside = builder.tempfile_in(folder).map_err(unwritable)?;
        unfinished().insert(beside.path().to_owned());
        Ok(Self { path, place: Place::Beside(beside) })
    }

    /// Writes the file and gives it its name; a name ending in `.gz` is packed. On an error the old
    /// file, if any, remains as it was.
    pub fn write(
        self,
        write: impl Fn(&mut dyn Write) -> std::io::Result<()>,
    ) -> Result<(), FileError> {
        let Self { path, place } = self;
        let is_packed = path.extension().is_some_and(|end| end == "gz");
        let fill = |file: &mut File| {
            if is_packed {
                let level = flate2::Compression::default();
                let mut packed = flate2::write::GzEncoder::new(file, level);
                write(&mut packed)?;
                packed.finish().map(|_| ())
            } else {
                write(file)
            }
        };
        let result = match place {
            Place::Direct(mut file) => fill(&mut file),
            Place::Beside(mut beside) => fill(beside.as_file_mut()).and_then(|()| {
                beside.as_file().sync_all()?;
                let temporary = beside.path().to_owned();
                beside.persist(&path).map_err(|error| error.error)?;
                unfinished().remove(&temporary);
                Ok(())
            }),
        };
        result.map_err(|cause| FileError::Unwritable { path, cause })
    }
}

/// As for any new file, before the user's mask; a temporary file alone would be private.
#[cfg(unix)]
fn new_file_rights() -> Option<std::fs::Permissions> {
    use std::os::unix::fs::PermissionsExt;
    Some(std::fs::Permissions::from_mode(0o666))
}

#[cfg(not(unix))]
fn new_file_rights() -> Option<std::fs::Permissions> {
    None
}

/// Writes a file at once; see [`Target`].
pub fn write(
    path: &Path,
    write: impl Fn(&mut dyn Write) -> std::io::Result<()>,
) -> Result<(), FileError> {
    Target::open(path)?.write(write)
}
