//! Reading beside the writer: a bounded pool of connections that cannot write, on blocking threads. Each read sees one snapshot.

mod candidates;
pub(super) mod cases;
mod conditions;
pub(super) mod cursor;
pub(super) mod desk;
pub(super) mod groups;
pub(super) mod head;
pub(super) mod keys;
pub(super) mod lists;
pub(super) mod log;
pub(super) mod measure;
pub(super) mod pace;
pub(super) mod tally;
mod terms;
mod walk;

use std::path::PathBuf;
use std::sync::Arc;

use parking_lot::Mutex;
use rusqlite::Connection;
use tokio::sync::Semaphore;

use super::fail::Fail;
use super::names::{Known, Names};
use super::schema;
use crate::error::JournalError;

/// Connections for reading.
pub(super) struct Readers {
    folder: PathBuf,
    names: Arc<Names>,
    permits: Arc<Semaphore>,
    count: u32,
    idle: Mutex<Vec<Connection>>,
}

impl Readers {
    pub(super) fn new(folder: PathBuf, names: Arc<Names>, count: usize) -> Self {
        let count = u32::try_from(count.clamp(1, 64)).unwrap_or(1);
        Self { folder, names, permits: Arc::new(Semaphore::new(count as usize)), count, idle: Mutex::default() }
    }

    /// Runs `read` inside one snapshot. Waits when all connections are busy; refused once closed.
    pub(super) async fn run<T: Send + 'static>(
        self: &Arc<Self>,
        read: impl FnOnce(&Connection, &Known) -> Result<T, Fail> + Send + 'static,
    ) -> Result<T, JournalError> {
        let permit = Arc::clone(&self.permits).acquire_owned().await.map_err(|_| JournalError::Closed)?;
        let readers = Arc::clone(self);
        let done = tokio::task::spawn_blocking(move || {
            let answer = readers.in_snapshot(read);
            drop(permit);
            answer
        });
        match done.await {
            Ok(answer) => answer.map_err(JournalError::from),
            Err(lost) => Err(JournalError::Storage(format!("a read was lost: {lost}"))),
        }
    }

    fn in_snapshot<T>(&self, read: impl FnOnce(&Connection, &Known) -> Result<T, Fail>) -> Result<T, Fail> {
        let idle = self.idle.lock().pop();
        let connection = idle.map_or_else(|| schema::reader(&self.folder), Ok)?;
        let transaction = connection.unchecked_transaction()?;
        // The snapshot begins with the first statement; the names are taken after that.
        connection.prepare_cached("SELECT 1 FROM name LIMIT 1")?.exists(())?;
        let answer = read(&connection, &self.names.known());
        transaction.finish()?;
        // A connection that failed to finish is dropped above; any other is good for the next read.
        if !self.permits.is_closed() {
            self.idle.lock().push(connection);
        }
        answer
    }

    /// No new reads; waits for those that run, then closes the connections.
    pub(super) async fn close(&self) {
        let running = self.permits.acquire_many(self.count).await;
        self.permits.close();
        drop(running);
        self.idle.lock().clear();
    }
}
