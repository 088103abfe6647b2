//! Opening a journal's folder: its lock, its schema, files that no row names swept away.

use std::collections::HashSet;
use std::fs::{self, File, TryLockError};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use rusqlite::Connection;
use tokio::sync::{Semaphore, broadcast};

use super::bodies::{self, BodyFolder, FileHash};
use super::disk::DiskWatch;
use super::fail::Fail;
use super::names::Names;
use super::read::Readers;
use super::writer::Writer;
use super::{Shared, SqliteJournal, SqliteOptions, schema};
use crate::error::OpenError;

/// Groups of events a slow subscriber may fall behind before it lags.
const PUBLISHED_GROUPS: usize = 1024;

impl SqliteJournal {
    /// Opens the journal, making or migrating it. Refused when another process holds it or a newer program wrote it.
    pub fn open(options: SqliteOptions) -> Result<Self, OpenError> {
        fs::create_dir_all(&options.folder).map_err(storage)?;
        bodies::sync_folder(options.folder.parent().filter(|parent| !parent.as_os_str().is_empty()))
            .map_err(storage)?;
        let lock = parking_lot::Mutex::new(Some(lock(&options.folder)?));
        let mut connection = schema::writer(&options.folder, options.cache_bytes).map_err(storage)?;
        schema::migrate(&mut connection)?;
        let names = Arc::new(Names::load(&connection).map_err(storage)?);
        let bodies = Arc::new(BodyFolder::open(&options.folder).map_err(storage)?);
        sweep(&bodies, &connection).map_err(storage)?;
        drop(connection);
        let disk =
            DiskWatch::new(&options.folder, Arc::clone(&options.disk), Arc::clone(&options.clock), options.watermarks);
        let shared = Arc::new(Shared {
            names: Arc::clone(&names),
            bodies,
            disk,
            published: broadcast::channel(PUBLISHED_GROUPS).0,
            inline_bytes: options.inline_bytes,
            folder: options.folder.clone(),
        });
        let readers = Arc::new(Readers::new(options.folder.clone(), names, options.readers));
        let writer = Arc::new(Writer::start(Arc::clone(&shared), &options)?);
        let filing = Semaphore::new(options.readers.clamp(1, 64));
        Ok(Self { shared, options, readers, writer, filing, closed: AtomicBool::new(false), lock })
    }
}

fn storage(error: impl std::fmt::Display) -> OpenError {
    OpenError::Storage(error.to_string())
}

/// The folder's lock, held as long as the file lives.
fn lock(folder: &Path) -> Result<File, OpenError> {
    let file = File::options().create(true).truncate(false).write(true).open(folder.join("lock")).map_err(storage)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(OpenError::Locked { folder: folder.display().to_string() }),
        Err(TryLockError::Error(error)) => Err(storage(error)),
    }
}

/// Removes drafts and files that no row names: a process died between a file and its transaction.
fn sweep(bodies: &BodyFolder, connection: &Connection) -> Result<(), Fail> {
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
