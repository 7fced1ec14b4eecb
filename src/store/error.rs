//! What can go wrong with a database, as far as callers act on it.

use crate::domain::Message;
use crate::message;
use diesel::result::{ConnectionError, DatabaseErrorKind, Error as DieselError};

/// What the store answers.
pub type Result<T> = std::result::Result<T, StoreError>;

/// What went wrong.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StoreError {
    /// Something with this key is there already.
    #[error("taken: {0}")]
    Taken(String),
    /// It names something that is not there, or something names it.
    #[error("broken reference: {0}")]
    Reference(String),
    /// The disk, or the limit set for the file, is full. Nothing was changed.
    #[error("the storage is full: {0}")]
    Full(String),
    /// The database does not answer, or did not do what was asked for a reason that may pass. Nothing
    /// was changed.
    #[error("the database is not available: {0}")]
    Unavailable(String),
    /// The database went away while it kept what was written: whether it did is not known.
    #[error("the database went away at the end: {0}")]
    Uncertain(String),
    /// The database was made by a newer version of this program.
    #[error("the database has migrations that this version does not know ({0}); use a newer one")]
    TooNew(String),
    /// What is kept cannot be read as what it should be.
    #[error("damaged: {0}")]
    Damaged(String),
    /// What was asked for cannot be done with this file; why, and what to do.
    #[error("{0}")]
    Refused(Message),
    /// Anything else.
    #[error("{0}")]
    Other(String),
}

impl From<DieselError> for StoreError {
    /// By diesel's kinds of errors, never by PostgreSQL's words, which come in the server's language.
    /// What is no violation that a table's rules name is reported as [`StoreError::Unavailable`]: diesel
    /// hands on no code by which a lock that was waited for too long, a deadlock, a full disk or a
    /// server that shuts down could be known from anything else, and of all of them it is true that
    /// nothing was changed and another try may do.
    fn from(error: DieselError) -> Self {
        use DatabaseErrorKind as Kind;
        let text = error.to_string();
        match &error {
            DieselError::DatabaseError(Kind::UniqueViolation, _) => Self::Taken(text),
            DieselError::DatabaseError(Kind::ForeignKeyViolation, _) => Self::Reference(text),
            // rules that our own code keeps
            DieselError::DatabaseError(
                Kind::NotNullViolation
                | Kind::CheckViolation
                | Kind::RestrictViolation
                | Kind::ExclusionViolation,
                _,
            ) => Self::Other(text),
            DieselError::DatabaseError(..) => Self::by_sentence(text),
            DieselError::BrokenTransactionManager
            | DieselError::RollbackErrorOnCommit { .. }
            | DieselError::RollbackTransaction => Self::Unavailable(text),
            // a value that does not fit its type, a row that is missing, a use of diesel that is wrong
            _ => Self::Other(text),
        }
    }
}

impl StoreError {
    /// What went wrong and what to do.
    pub fn message(&self) -> Message {
        match self {
            Self::Taken(_) => message!("taken"),
            Self::Reference(_) => message!("broken-reference"),
            Self::Full(_) => message!("storage-full"),
            Self::Unavailable(_) => message!("database-unavailable"),
            Self::Uncertain(_) => message!("outcome-unknown"),
            Self::TooNew(version) => message!("database-too-new", version = version),
            Self::Damaged(_) => message!("database-damaged"),
            Self::Refused(message) => message.clone(),
            Self::Other(_) => message!("database-failed"),
        }
    }

    /// What the system or the database gives as the cause.
    pub fn cause(&self) -> Option<&str> {
        match self {
            Self::Taken(cause)
            | Self::Reference(cause)
            | Self::Full(cause)
            | Self::Unavailable(cause)
            | Self::Uncertain(cause)
            | Self::Damaged(cause)
            | Self::Other(cause) => Some(cause),
            Self::TooNew(_) | Self::Refused(_) => None,
        }
    }

    /// SQLite has one sentence, always in English, for each of these; PostgreSQL has none like them
    /// in any language.
    fn by_sentence(text: String) -> Self {
        match text.as_str() {
            "database or disk is full" => Self::Full(text),
            "database disk image is malformed" | "file is not a database" => Self::Damaged(text),
            _ => Self::Unavailable(text),
        }
    }
}

impl From<ConnectionError> for StoreError {
    fn from(error: ConnectionError) -> Self {
        Self::Unavailable(error.to_string())
    }
}

impl From<diesel::r2d2::PoolError> for StoreError {
    fn from(error: diesel::r2d2::PoolError) -> Self {
        Self::Unavailable(error.to_string())
    }
}

impl From<serde_json::Error> for StoreError {
    fn from(error: serde_json::Error) -> Self {
        Self::Damaged(error.to_string())
    }
}

impl From<std::io::Error> for StoreError {
    fn from(error: std::io::Error) -> Self {
        if error.kind() == std::io::ErrorKind::StorageFull {
            return Self::Full(error.to_string());
        }
        Self::Other(error.to_string())
    }
}
