//! Copying the write-ahead log into the database: mostly beside the writer, the rest between two groups. It changes no data.

use std::cell::Cell;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

use rusqlite::Connection;
use rusqlite::hooks::Wal;

use crate::sqlite::fail::Fail;
use crate::sqlite::options::SqliteOptions;
use crate::sqlite::schema;

thread_local! {
    /// Pages in the log after the last commit of this thread: the hook takes no closure.
    static LOGGED: Cell<i64> = const { Cell::new(0) };
}

fn count(_wal: &Wal, pages: std::ffi::c_int) -> rusqlite::Result<()> {
    LOGGED.set(i64::from(pages));
    Ok(())
}

const IDLE: u8 = 0;
const COPYING: u8 = 1;
const COPIED: u8 = 2;

/// Decides when to copy. The thread that copies beside the writer lives as long as this.
pub(super) struct Checkpoints {
    most_pages: i64,
    stage: Arc<AtomicU8>,
    start: Option<SyncSender<()>>,
    thread: Option<JoinHandle<()>>,
    /// Pages in the log when the copying beside the writer began.
    begun_at: i64,
}

impl Checkpoints {
    pub(super) fn new(connection: &Connection, options: &SqliteOptions) -> Result<Self, Fail> {
        connection.wal_hook(Some(count));
        LOGGED.set(0);
        let page: i64 = connection.pragma_query_value(None, "page_size", |row| row.get(0))?;
        let most_pages = i64::try_from(options.wal_bytes).unwrap_or(i64::MAX) / page.max(1);
        let stage = Arc::new(AtomicU8::new(IDLE));
        let (start, started) = sync_channel(1);
        let (folder, copier_stage) = (options.folder.clone(), Arc::clone(&stage));
        let thread = std::thread::Builder::new()
            .name("journal-copy".to_owned())
            .spawn(move || copy_when_told(folder, &started, &copier_stage))?;
        Ok(Self { most_pages: most_pages.max(64), stage, start: Some(start), thread: Some(thread), begun_at: 0 })
    }

    /// After a group: begins to copy a log that is long, and takes over when little is left.
    pub(super) fn after_group(&mut self, connection: &Connection) {
        let logged = LOGGED.get();
        match self.stage.load(Ordering::Acquire) {
            IDLE if logged > self.most_pages => self.begin(logged),
            COPIED => {
                self.stage.store(IDLE, Ordering::Release);
                let grown = logged.saturating_sub(self.begun_at);
                let runaway = logged > self.most_pages.saturating_mul(4);
                if grown > self.most_pages / 4 && !runaway {
                    self.begin(logged);
                } else {
                    copy(connection);
                }
            }
            _ => {}
        }
    }

    fn begin(&mut self, logged: i64) {
        self.begun_at = logged;
        self.stage.store(COPYING, Ordering::Release);
        if self.start.as_ref().is_none_or(|start| start.try_send(()).is_err()) {
            self.stage.store(IDLE, Ordering::Release);
        }
    }

    /// Before closing: the whole log, and the thread's end.
    pub(super) fn finish(&mut self, connection: &Connection) {
        self.stop();
        copy(connection);
    }

    fn stop(&mut self) {
        self.start = None;
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the thread that copies the log had panicked");
        }
    }
}

impl Drop for Checkpoints {
    fn drop(&mut self) {
        self.stop();
    }
}

fn copy_when_told(folder: PathBuf, started: &Receiver<()>, stage: &AtomicU8) {
    let mut connection = None;
    while started.recv().is_ok() {
        if connection.is_none() {
            match schema::copier(&folder) {
                Ok(opened) => connection = Some(opened),
                Err(error) => tracing::warn!(%error, "the log cannot be copied beside the writer"),
            }
        }
        if let Some(connection) = &connection {
            copy(connection);
        }
        stage.store(COPIED, Ordering::Release);
    }
}

/// Copies what no reader still needs. What is left is copied the next time.
fn copy(connection: &Connection) {
    let copied = connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", (), |_| Ok(()));
    if let Err(error) = copied {
        tracing::warn!(%error, "the log was not copied into the database");
    }
}
