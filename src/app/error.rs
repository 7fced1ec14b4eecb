//! What can go wrong in a use case; knows no HTTP.

use crate::domain::Defect;
use crate::domain::calendar::YearUnknown;
use crate::domain::rules::Finding;
use crate::store::StoreError;

/// What a use case answers.
pub type Result<T> = std::result::Result<T, Error>;

/// What went wrong.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No such thing.
    #[error("There is no {what} \"{id}\".")]
    NotFound {
        /// What was looked for.
        what: &'static str,
        /// Under which id.
        id: String,
    },
    /// The input is not what it should be; every defect is told, and nothing was changed.
    #[error("The input has {} defect(s).", .0.len())]
    Invalid(Vec<Defect>),
    /// The rule pack in force refuses it; nothing was changed.
    #[error(
        "The law of the place ({pack}) refuses it; each finding tells its rule and what would do."
    )]
    Refused {
        /// Id and version of the pack.
        pack: String,
        /// What the rules found, the gravest first.
        findings: Vec<Finding>,
    },
    /// It contradicts what stands there.
    #[error("{message}")]
    Conflict {
        /// Stable code.
        code: &'static str,
        /// What to do.
        message: String,
    },
    /// An update must name the version it changes.
    #[error("Say which version you change: send its ETag as If-Match.")]
    VersionMissing,
    /// Somebody else changed it since.
    #[error(
        "Somebody changed it since you read it: it is of version {current} by now. Read it again."
    )]
    VersionChanged {
        /// The version it is of.
        current: i64,
    },
    /// The caller is not known.
    #[error("{message}")]
    Unauthenticated {
        /// Stable code.
        code: &'static str,
        /// What to do.
        message: &'static str,
    },
    /// The caller is known, and may not do this.
    #[error("{message}")]
    Forbidden {
        /// Stable code.
        code: &'static str,
        /// What it would take.
        message: &'static str,
    },
    /// Too much at once.
    #[error("{message} Try again in {seconds} s.")]
    TooMany {
        /// Stable code.
        code: &'static str,
        /// What there was too much of.
        message: &'static str,
        /// When to try again.
        seconds: u64,
    },
    /// The disk is full.
    #[error("The server's storage is full. Nothing was changed; try again when there is room.")]
    StorageFull(String),
    /// The database does not answer.
    #[error("The database is not available at the moment. Nothing was changed; try again soon.")]
    Unavailable(String),
    /// The database went away at the end.
    #[error(
        "The database went away at the last moment. Whether it has kept this is not known: look, or send it \
         again under the same key or reference, which does it once."
    )]
    Uncertain(String),
    /// The database does not answer any more: a file is taken, and not all of it filed yet.
    #[error(
        "The file was taken, but the database is not available at the moment. What is missing of it is \
         filed as soon as the database is back; sent again, it changes nothing where its rows have references."
    )]
    Unfinished(String),
    /// Our own bug, or a damaged database.
    #[error("Something went wrong inside the server; its log tells more.")]
    Internal(String),
}

impl Error {
    /// A single defect of the input.
    pub fn invalid(
        code: &'static str,
        pointer: impl Into<String>,
        message: impl Into<String>,
    ) -> Self {
        Self::Invalid(vec![Defect::new(code, pointer, message)])
    }

    /// No such thing.
    pub fn not_found(what: &'static str, id: impl Into<String>) -> Self {
        Self::NotFound { what, id: id.into() }
    }

    /// It contradicts what stands there.
    pub fn conflict(code: &'static str, message: impl Into<String>) -> Self {
        Self::Conflict { code, message: message.into() }
    }

    /// Whether another was faster to write the same.
    pub fn is_taken(&self) -> bool {
        matches!(self, Self::Conflict { code: "taken", .. })
    }

    /// Stable code; of several defects of the input, `invalid`.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotFound { .. } => "not-found",
            Self::Invalid(defects) if defects.len() == 1 => defects[0].code,
            Self::Invalid(_) => "invalid",
            Self::Refused { .. } => "refused-by-rules",
            Self::Conflict { code, .. }
            | Self::Unauthenticated { code, .. }
            | Self::Forbidden { code, .. }
            | Self::TooMany { code, .. } => code,
            Self::VersionMissing => "if-match-missing",
            Self::VersionChanged { .. } => "version-changed",
            Self::StorageFull(_) => "storage-full",
            Self::Unavailable(_) => "database-unavailable",
            Self::Uncertain(_) => "outcome-unknown",
            Self::Unfinished(_) => "file-unfinished",
            Self::Internal(_) => "internal",
        }
    }

    /// What is told to logs, never to callers.
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
            StoreError::Taken(_) => Self::conflict(
                "taken",
                "Something with this id stands there already; choose another.",
            ),
            StoreError::Reference(_) => Self::conflict(
                "broken-reference",
                "It names something that does not exist, or something else still names it.",
            ),
            StoreError::Full(cause) => Self::StorageFull(cause),
            StoreError::Unavailable(cause) => Self::Unavailable(cause),
            StoreError::Uncertain(cause) => Self::Uncertain(cause),
            StoreError::TooNew(_) | StoreError::Damaged(_) | StoreError::Other(_) => {
                Self::Internal(error.to_string())
            }
        }
    }
}

/// The defect of a horizon that reaches into a year whose holidays are not known.
pub fn year_unknown(error: YearUnknown, pointer: &str) -> Error {
    Error::invalid(
        "calendar-year-unknown",
        pointer,
        format!("{error}; end the horizon earlier, or start the server with --calendar FILE."),
    )
}
