//! What can go wrong in a use case; knows no HTTP.

use crate::domain::calendar::YearUnknown;
use crate::domain::rules::Finding;
use crate::domain::{Defect, Message};
use crate::message;
use crate::store::StoreError;

/// What a use case answers.
pub type Result<T> = std::result::Result<T, Error>;

/// What went wrong.
#[derive(Clone, Debug)]
pub enum Error {
    /// No such thing.
    NotFound(Message),
    /// The input is not what it should be; every defect is named, and nothing was changed.
    Invalid(Vec<Defect>),
    /// The rule pack in force refuses it; nothing was changed.
    Refused {
        /// Id and version of the pack.
        pack: String,
        /// What the rules found, the gravest first.
        findings: Vec<Finding>,
    },
    /// It contradicts what is there; what to do.
    Conflict(Message),
    /// An update must name the version it changes.
    VersionMissing,
    /// Somebody else changed it since.
    VersionChanged {
        /// The version it is of.
        current: i64,
    },
    /// The caller is not known; what to do.
    Unauthenticated(Message),
    /// The caller is known, and may not do this; who may.
    Forbidden(Message),
    /// Too much at once.
    TooMany {
        /// What there was too much of.
        message: Message,
        /// When to try again.
        seconds: u64,
    },
    /// The disk is full.
    StorageFull(String),
    /// The database does not answer.
    Unavailable(String),
    /// The database went away at the end.
    Uncertain(String),
    /// The database does not answer any more: a file is taken, and not all of it filed yet.
    Unfinished(String),
    /// Our own bug, or a damaged database.
    Internal(String),
}

/// For logs and failed tests.
impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.message().fmt(f)
    }
}

impl std::error::Error for Error {}

impl Error {
    /// What went wrong and what to do; its code is the error's. Of several defects or findings it gives the
    /// number.
    pub fn message(&self) -> Message {
        match self {
            Self::Invalid(defects) if defects.len() == 1 => defects[0].message.clone(),
            Self::Invalid(defects) => message!("invalid", defects = defects.len()),
            Self::Refused { pack, .. } => message!("refused-by-rules", pack = pack),
            Self::NotFound(message)
            | Self::Conflict(message)
            | Self::Unauthenticated(message)
            | Self::Forbidden(message)
            | Self::TooMany { message, .. } => message.clone(),
            Self::VersionMissing => message!("if-match-missing"),
            Self::VersionChanged { current } => message!("version-changed", current = *current),
            Self::StorageFull(_) => message!("storage-full"),
            Self::Unavailable(_) => message!("database-unavailable"),
            Self::Uncertain(_) => message!("outcome-unknown"),
            Self::Unfinished(_) => message!("file-unfinished"),
            Self::Internal(_) => message!("internal"),
        }
    }

    /// Stable code; of several defects of the input, `invalid`.
    pub fn code(&self) -> &'static str {
        self.message().code()
    }

    /// A single defect of the input.
    pub fn defect(pointer: impl AsRef<str>, message: Message) -> Self {
        Self::Invalid(vec![Defect::at(pointer, message)])
    }

    /// Whether another was faster to write the same.
    pub fn is_taken(&self) -> bool {
        matches!(self, Self::Conflict(message) if message.code() == "taken")
    }

    /// What the log records; callers never see it.
    pub fn cause(&self) -> Option<&str> {
        match self {
            Self::StorageFull(cause)
            | Self::Unavailable(cause)
            | Self::Uncertain(cause)
            | Self::Unfinished(cause)
            | Self::Internal(cause) => Some(cause),
            _ => None,
        }
    }
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Taken(_) => Self::Conflict(message!("taken")),
            StoreError::Reference(_) => Self::Conflict(message!("broken-reference")),
            StoreError::Full(cause) => Self::StorageFull(cause),
            StoreError::Unavailable(cause) => Self::Unavailable(cause),
            StoreError::Uncertain(cause) => Self::Uncertain(cause),
            StoreError::Refused(message) => Self::Conflict(message),
            StoreError::TooNew(_) | StoreError::Damaged(_) | StoreError::Other(_) => {
                Self::Internal(error.to_string())
            }
        }
    }
}

/// The defect of a horizon that reaches into a year whose holidays are not known.
pub fn year_unknown(error: YearUnknown, pointer: &str) -> Error {
    let YearUnknown(year) = error;
    Error::defect(pointer, message!("calendar-year-unknown", year = i64::from(year).to_string()))
}
