//! What can go wrong with a database, told apart as far as callers act on it.

use diesel::result::{ConnectionError, DatabaseErrorKind, Error as DieselError};

/// What the store answers.
pub type Result<T> = std::result::Result<T, StoreError>;

/// What went wrong.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Something with this key stands there already.
    #[error("taken: {0}")]
    Taken(String),
    /// It names something that is not there, or something names it.
    #[error("broken reference: {0}")]
    Reference(String),
    /// The disk, or the limit set for the file, is full. Nothing was changed.
    #[error("the storage is full: {0}")]
    Full(String),
    /// The database does not answer. It may later.
    #[error("the database is not available: {0}")]
    Unavailable(String),
    /// The database was made by a newer version of this program.
    #[error("the database has migrations that this version does not know ({0}); use a newer one")]
    TooNew(String),
    /// What stands there cannot be read as what it should be.
    #[error("damaged: {0}")]
    Damaged(String),
    /// Anything else.
    #[error("{0}")]
    Other(String),
}

impl From<DieselError> for StoreError {
    fn from(error: DieselError) -> Self {
        let text = error.to_string();
        match &error {
            DieselError::DatabaseError(DatabaseErrorKind::UniqueViolation, _) => Self::Taken(text),
            DieselError::DatabaseError(DatabaseErrorKind::ForeignKeyViolation, _) => {
                Self::Reference(text)
            }
            DieselError::DatabaseError(DatabaseErrorKind::ClosedConnection, _)
            | DieselError::BrokenTransactionManager => Self::Unavailable(text),
            _ => Self::by_words(text),
        }
    }
}

impl StoreError {
    /// Neither database has codes that diesel hands on for these, only words.
    fn by_words(text: String) -> Self {
        let has = |words: &[&str]| words.iter().any(|word| text.contains(word));
        if has(&["database or disk is full", "No space left on device", "could not extend file"]) {
            Self::Full(text)
        } else if has(&[
            "server closed the connection",
            "connection to server",
            "no connection to the server",
            "terminating connection",
            "could not connect",
            "the database system is",
            "database is locked",
            "deadlock detected",
            "lock timeout",
            "unable to open database file",
            "disk I/O error",
        ]) {
            Self::Unavailable(text)
        } else if has(&["malformed", "not a database"]) {
            Self::Damaged(text)
        } else {
            Self::Other(text)
        }
    }
}

impl From<ConnectionError> for StoreError {
    fn from(error: ConnectionError) -> Self {
        match Self::by_words(error.to_string()) {
            Self::Other(text) => Self::Unavailable(text),
            told => told,
        }
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
