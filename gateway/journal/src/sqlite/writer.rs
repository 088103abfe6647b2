//! The one writer: a thread that takes the batches that have arrived, applies them in one transaction, commits, and answers. It reads for nobody.

mod accept;
mod amend;
mod checkpoint;
mod desk;
mod group;
mod groups;
mod keys;
mod lane;
mod measure;
mod moves;
mod pace;
mod recall;
mod recent;
mod replay;
pub(super) mod retain;
pub(super) mod store;
mod terms;
mod upkeep;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;

use lienthong_core::Timestamp;
use parking_lot::Mutex;
use tokio::sync::oneshot;

use super::Shared;
use super::bodies::{Filed, new_bodies};
use super::options::SqliteOptions;
use crate::CommandResult;
use crate::command::Command;
use crate::error::{JournalError, OpenError};
use crate::record::{Retention, RetentionStep};

type Answer<T> = oneshot::Sender<Result<T, JournalError>>;

/// A batch on its way.
pub(super) struct Batch {
    commands: Vec<Command>,
    filed: Filed,
    /// Bytes of its new bodies.
    bytes: usize,
    answer: Answer<Vec<CommandResult>>,
}

/// What the writer is asked to do.
pub(super) enum Job {
    Batch(Batch),
    Retain {
        keep: Retention,
        now: Timestamp,
        answer: Answer<RetentionStep>,
    },
    /// Finish what came before, and end.
    Close,
}

/// The way to the writer.
pub(super) struct Writer {
    jobs: SyncSender<Job>,
    thread: Mutex<Option<JoinHandle<()>>>,
    load: Arc<Load>,
    most_batches: usize,
    most_bytes: usize,
}

/// What waits for the writer.
#[derive(Debug, Default)]
pub(super) struct Load {
    batches: AtomicUsize,
    bytes: AtomicUsize,
}

impl Load {
    fn add(&self, bytes: usize) {
        self.batches.fetch_add(1, Ordering::AcqRel);
        self.bytes.fetch_add(bytes, Ordering::AcqRel);
    }

    fn less(&self, bytes: usize) {
        self.batches.fetch_sub(1, Ordering::AcqRel);
        self.bytes.fetch_sub(bytes, Ordering::AcqRel);
    }
}

impl Writer {
    /// Starts the thread on a journal that was opened and migrated.
    pub(super) fn start(shared: Arc<Shared>, options: &SqliteOptions) -> Result<Self, OpenError> {
        let most_batches = options.queue_batches.max(4);
        // Room beyond the limit for retention and closing.
        let (jobs, arriving) = sync_channel(most_batches.saturating_add(16));
        let load = Arc::new(Load::default());
        let run = group::Run::new(shared, options, arriving, Arc::clone(&load));
        let thread = std::thread::Builder::new()
            .name("journal".to_owned())
            .spawn(move || run.until_closed())
            .map_err(|error| OpenError::Storage(error.to_string()))?;
        Ok(Self { jobs, thread: Mutex::new(Some(thread)), load, most_batches, most_bytes: options.queue_bytes })
    }

    /// Whether a batch would be refused for load, before its bodies are written. Acceptances leave the last quarter to outcomes.
    pub(super) fn has_room(&self, commands: &[Command]) -> bool {
        let (batches, bytes) = (self.load.batches.load(Ordering::Acquire), self.load.bytes.load(Ordering::Acquire));
        let brings_new = commands.iter().any(|command| matches!(command, Command::Accept(_)));
        if brings_new {
            batches < self.most_batches / 4 * 3 && bytes <= self.most_bytes
        } else {
            batches < self.most_batches
        }
    }

    /// Hands a batch over; its answer comes when it is on disk.
    pub(super) fn submit(
        &self,
        commands: Vec<Command>,
        filed: Filed,
    ) -> Result<oneshot::Receiver<Result<Vec<CommandResult>, JournalError>>, JournalError> {
        let (answer, answered) = oneshot::channel();
        let bytes = new_bodies(&commands).map(|bytes| if filed.hash(bytes).is_some() { 0 } else { bytes.len() }).sum();
        self.load.add(bytes);
        let sent = self.send(Job::Batch(Batch { commands, filed, bytes, answer }));
        if sent.is_err() {
            self.load.less(bytes);
        }
        sent.map(|()| answered)
    }

    pub(super) fn retain(
        &self,
        keep: Retention,
        now: Timestamp,
    ) -> Result<oneshot::Receiver<Result<RetentionStep, JournalError>>, JournalError> {
        let (answer, answered) = oneshot::channel();
        self.send(Job::Retain { keep, now, answer }).map(|()| answered)
    }

    fn send(&self, job: Job) -> Result<(), JournalError> {
        self.jobs.try_send(job).map_err(|refused| match refused {
            TrySendError::Full(_) => JournalError::Overloaded,
            TrySendError::Disconnected(_) => JournalError::Closed,
        })
    }

    /// Lets the writer finish what is queued and waits for its thread to end. Blocks.
    pub(super) fn close(&self) {
        // When the thread has gone already there is nothing to tell it.
        self.jobs.send(Job::Close).ok();
        if let Some(thread) = self.thread.lock().take()
            && thread.join().is_err()
        {
            tracing::error!("the journal's writer had panicked");
        }
    }
}

/// The writer's end of the queue.
type Arriving = Receiver<Job>;
