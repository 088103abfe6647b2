//! Why the journal refused a command, failed a batch, or would not open. Each says what to do.

use lienthong_core::{BusinessKey, ExchangeId, StateName};

/// One command was refused; it changed nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("the idempotency key was used for other content, by exchange {0}")]
    IdempotencyConflict(ExchangeId),
    #[error("alias {alias} already leads to {key}")]
    AliasTaken { alias: BusinessKey, key: BusinessKey },
    #[error("the delivery moved meanwhile: it is {state:?} at version {version}")]
    Stale { version: u32, state: StateName },
    #[error("there is no such delivery")]
    NoSuchDelivery,
    #[error("this follow-up exists already, as exchange {0}")]
    ChildExists(ExchangeId),
    #[error("it was changed meanwhile: it is at version {version}")]
    MemoChanged { version: u32 },
    #[error("it is too large to be kept")]
    MemoTooLarge,
    #[error("storage is below its first watermark: nothing new is accepted")]
    DiskFull,
}

/// A batch or a read failed as a whole.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    #[error("the journal's queue is full")]
    Overloaded,
    #[error("the journal is closed")]
    Closed,
    #[error("the journal's storage failed: {0}")]
    Storage(String),
    #[error("a record of the journal cannot be read: {0}")]
    Corrupt(String),
    #[error("the cursor is not one of this list")]
    BadCursor,
}

/// The journal would not open; the process must not start.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error("{folder} is in use by another process; one gateway per journal folder")]
    Locked { folder: String },
    #[error(
        "the journal has schema version {found}, newer than the {known} this program knows; run the newer program or restore a backup"
    )]
    Newer { found: u32, known: u32 },
    #[error("the journal cannot be opened: {0}")]
    Storage(String),
}
