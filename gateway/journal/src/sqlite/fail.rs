//! What can go wrong inside the SQLite implementation, before it becomes an error of the journal. It decides nothing.

use std::fmt::Display;

use crate::error::JournalError;

/// An internal failure of one statement, file or record.
#[derive(Debug, thiserror::Error)]
pub(super) enum Fail {
    #[error("{0}")]
    Sql(#[from] rusqlite::Error),
    #[error("{0}")]
    File(#[from] std::io::Error),
    #[error("{0}")]
    Corrupt(String),
    /// A caller broke the contract of the trait in a way that no refusal names.
    #[error("{0}")]
    Misuse(String),
    #[error("the cursor is not one of this list")]
    BadCursor,
}

/// A stored value that means nothing.
pub(super) fn corrupt(what: &str, value: impl Display) -> Fail {
    Fail::Corrupt(format!("{what} reads {value}"))
}

impl Fail {
    /// Whether the storage has no room left.
    pub(super) fn is_full(&self) -> bool {
        match self {
            Self::Sql(error) => error.sqlite_error_code() == Some(rusqlite::ErrorCode::DiskFull),
            Self::File(error) => error.kind() == std::io::ErrorKind::StorageFull,
            Self::Corrupt(_) | Self::Misuse(_) | Self::BadCursor => false,
        }
    }
}

impl From<Fail> for JournalError {
    fn from(fail: Fail) -> Self {
        match fail {
            Fail::Sql(error) => Self::Storage(error.to_string()),
            Fail::File(error) => Self::Storage(error.to_string()),
            Fail::Misuse(what) => Self::Storage(what),
            Fail::Corrupt(what) => Self::Corrupt(what),
            Fail::BadCursor => Self::BadCursor,
        }
    }
}
