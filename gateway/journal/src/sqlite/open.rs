//! What opening a journal's folder needs: its lock, and files that no row names swept away. It opens no database.

use std::collections::HashSet;
use std::fs::{File, TryLockError};
use std::path::Path;

use rusqlite::Connection;

use super::bodies::{BodyFolder, FileHash};
use super::fail::Fail;
use crate::error::OpenError;

pub(super) fn storage(error: impl std::fmt::Display) -> OpenError {
    OpenError::Storage(error.to_string())
}

/// The folder's lock, held as long as the file lives.
pub(super) fn lock(folder: &Path) -> Result<File, OpenError> {
    let file = File::options().create(true).truncate(false).write(true).open(folder.join("lock")).map_err(storage)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(OpenError::Locked { folder: folder.display().to_string() }),
        Err(TryLockError::Error(error)) => Err(storage(error)),
    }
}

/// Removes drafts and files that no row names: a process died between a file and its transaction.
pub(super) fn sweep(bodies: &BodyFolder, connection: &Connection) -> Result<(), Fail> {
    let complete = bodies.sweep_drafts()?;
    if complete.is_empty() {
        return Ok(());
    }
    let mut statement = connection.prepare("SELECT DISTINCT file FROM body WHERE file IS NOT NULL")?;
    let named = statement.query_map((), |row| row.get(0))?.collect::<Result<HashSet<FileHash>, _>>()?;
    let removed = bodies.remove_unused(complete, |hash| named.contains(hash));
    if removed > 0 {
        tracing::info!(removed, "body files that no record names were removed");
    }
    Ok(())
}
