//! The embedded implementation on SQLite: one file, one writer with group commit, readers beside it. It decides no policy.

pub(crate) mod backup;
mod bodies;
mod codes;
pub(crate) mod disk;
mod fail;
mod hooks;
mod names;
mod open;
mod options;
mod read;
mod row;
mod schema;
mod sql;
mod stored;
#[cfg(test)]
mod tests;
mod writer;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use bytes::Bytes;
use lienthong_core::{BusinessKey, ClientId, DeliveryId, ExchangeId, FaultKind, Fingerprint, SystemId, Timestamp};
use rusqlite::Connection;
use tokio::sync::{Semaphore, broadcast};

pub use backup::backup_folder;
pub use disk::{DiskSpace, RealDisk, SettableDisk};
#[doc(hidden)]
pub use hooks::{Deed, Hooks, Point};
pub use options::{SqliteOptions, Watermarks};

use crate::{
    ActFilter, ActRecord, AffectedKey, AmendmentRecord, AtLeast, AttemptRecord, BacklogRow, BodyId, Command,
    CommandResult, Cursor, DeliveryRecord, DiskState, EventRecord, ExchangeFilter, ExchangeRecord, GroupFilter,
    GroupReach, GroupRecord, Head, HeadQuery, InboxItem, Journal, JournalError, Measure, MemoName, MemoRecord,
    OpenDeliveries, OpenSince, Page, Retention, RetentionStep, Standstill, SystemSetting,
};
use bodies::{BodyFolder, new_bodies};
use disk::DiskWatch;
use names::Names;
use read::{Readers, cases, desk, groups, head, keys, lists, log, measure, pace, tally};
use writer::Writer;

/// What the writer and the readers share.
struct Shared {
    names: Arc<Names>,
    bodies: Arc<BodyFolder>,
    disk: DiskWatch,
    published: broadcast::Sender<Arc<[EventRecord]>>,
    inline_bytes: usize,
    /// The journal's folder.
    folder: PathBuf,
}

/// The journal in one folder: `journal.db`, `bodies/`, `lock`.
pub struct SqliteJournal {
    shared: Arc<Shared>,
    options: SqliteOptions,
    readers: Arc<Readers>,
    writer: Arc<Writer>,
    /// Batches whose large bodies are being written.
    filing: Semaphore,
    closed: AtomicBool,
    /// Held as long as this lives.
    lock: parking_lot::Mutex<Option<File>>,
}

impl SqliteJournal {
    fn check_open(&self) -> Result<(), JournalError> {
        if self.closed.load(Ordering::Acquire) { Err(JournalError::Closed) } else { Ok(()) }
    }

    /// The writer dropped a question: it closed, or its storage failed with no time to answer; whoever asks again learns which.
    fn unanswered(&self) -> JournalError {
        self.check_open().err().unwrap_or_else(|| JournalError::Storage("the writer gave no answer".to_owned()))
    }
}

impl Drop for SqliteJournal {
    /// Without [`Journal::close`]: what is queued is still committed before the folder is free for another.
    fn drop(&mut self) {
        if !self.closed.swap(true, Ordering::AcqRel) {
            self.writer.close();
        }
    }
}

#[async_trait]
impl Journal for SqliteJournal {
    async fn commit(&self, batch: Vec<Command>) -> Result<Vec<CommandResult>, JournalError> {
        self.check_open()?;
        if !self.writer.has_room(&batch) {
            return Err(JournalError::Overloaded);
        }
        let large = new_bodies(&batch).any(|bytes| bytes.len() > self.options.inline_bytes);
        let (batch, filed) = if large {
            let _permit = self.filing.acquire().await.map_err(|_| JournalError::Closed)?;
            let (shared, hooks, inline) =
                (Arc::clone(&self.shared), self.options.hooks.clone(), self.options.inline_bytes);
            let written = tokio::task::spawn_blocking(move || {
                shared.bodies.write_large(&batch, inline, &hooks).map(|filed| (batch, filed))
            });
            match written.await {
                Ok(Ok(written)) => written,
                Ok(Err(error)) => return Err(JournalError::Storage(error.to_string())),
                Err(lost) => return Err(JournalError::Storage(format!("a body was not written: {lost}"))),
            }
        } else {
            (batch, bodies::Filed::default())
        };
        let answered = self.writer.submit(batch, filed)?;
        answered.await.unwrap_or_else(|_| Err(self.unanswered()))
    }

    fn subscribe(&self) -> broadcast::Receiver<Arc<[EventRecord]>> {
        self.shared.published.subscribe()
    }

    async fn heads(&self, query: HeadQuery) -> Result<Vec<Head>, JournalError> {
        self.readers.run(move |connection, known| head::heads(connection, known, &query)).await
    }

    async fn next_wake(&self, system: &SystemId) -> Result<Option<Timestamp>, JournalError> {
        let system = system.clone();
        self.readers.run(move |connection, known| head::next_wake(connection, known, &system)).await
    }

    async fn in_doubt(&self, limit: usize) -> Result<Vec<Head>, JournalError> {
        self.readers.run(move |connection, known| head::in_doubt(connection, known, limit)).await
    }

    async fn backlog(&self) -> Result<Vec<BacklogRow>, JournalError> {
        self.readers.run(log::backlog).await
    }

    async fn body(&self, id: BodyId) -> Result<Option<Bytes>, JournalError> {
        let shared = Arc::clone(&self.shared);
        self.readers.run(move |connection, _| log::bytes(&shared.bodies, connection, id)).await
    }

    async fn exchange(&self, id: ExchangeId) -> Result<Option<ExchangeRecord>, JournalError> {
        self.readers.run(move |connection, known| lists::exchange(connection, known, id)).await
    }

    async fn delivery(&self, id: DeliveryId) -> Result<Option<Head>, JournalError> {
        self.readers.run(move |connection, known| head::delivery(connection, known, id)).await
    }

    async fn attempts(&self, id: DeliveryId) -> Result<Vec<AttemptRecord>, JournalError> {
        self.readers.run(move |connection, known| log::attempts(connection, known, id)).await
    }

    async fn recognised(
        &self,
        scope: &ClientId,
        key: &str,
        now: Timestamp,
    ) -> Result<Option<(ExchangeId, [u8; 32])>, JournalError> {
        let (scope, key) = (scope.clone(), key.to_owned());
        self.readers.run(move |connection, known| keys::recognised(connection, known, &scope, &key, now)).await
    }

    async fn exchanges(
        &self,
        filter: ExchangeFilter,
        cursor: Option<Cursor>,
        limit: usize,
    ) -> Result<Page<ExchangeRecord>, JournalError> {
        let read = move |connection: &Connection, known: &_| {
            lists::exchanges(connection, known, &filter, cursor.as_ref(), limit)
        };
        self.readers.run(read).await
    }

    async fn open_since(&self, asked: OpenSince) -> Result<AtLeast, JournalError> {
        self.readers.run(move |connection, known| tally::since(connection, known, &asked)).await
    }

    async fn resolve(&self, key: &BusinessKey) -> Result<BusinessKey, JournalError> {
        let key = key.clone();
        self.readers.run(move |connection, _| keys::resolve(connection, &key)).await
    }

    async fn has_delivered_successor(&self, id: DeliveryId) -> Result<bool, JournalError> {
        self.readers.run(move |connection, _| keys::has_delivered_successor(connection, id)).await
    }

    async fn groups(
        &self,
        filter: GroupFilter,
        cursor: Option<Cursor>,
        limit: usize,
    ) -> Result<Page<GroupRecord>, JournalError> {
        let read = move |connection: &Connection, known: &_| {
            groups::groups(connection, known, &filter, cursor.as_ref(), limit)
        };
        self.readers.run(read).await
    }

    async fn group(&self, fingerprint: &Fingerprint) -> Result<Option<GroupRecord>, JournalError> {
        let fingerprint = fingerprint.clone();
        self.readers.run(move |connection, known| groups::group(connection, known, &fingerprint)).await
    }

    async fn group_trend(
        &self,
        fingerprint: &Fingerprint,
        from: Timestamp,
    ) -> Result<Vec<(Timestamp, u64)>, JournalError> {
        let fingerprint = fingerprint.clone();
        self.readers.run(move |connection, _| cases::trend(connection, &fingerprint, from)).await
    }

    async fn group_reach(&self, fingerprint: &Fingerprint, limit: usize) -> Result<GroupReach, JournalError> {
        let fingerprint = fingerprint.clone();
        self.readers.run(move |connection, known| cases::reach(connection, known, &fingerprint, limit)).await
    }

    async fn group_keys(
        &self,
        fingerprint: &Fingerprint,
        limit: usize,
    ) -> Result<(Vec<AffectedKey>, bool), JournalError> {
        let fingerprint = fingerprint.clone();
        self.readers.run(move |connection, known| cases::keys(connection, known, &fingerprint, limit)).await
    }

    async fn group_members(
        &self,
        fingerprint: &Fingerprint,
        cursor: Option<Cursor>,
        limit: usize,
    ) -> Result<Page<DeliveryRecord>, JournalError> {
        let fingerprint = fingerprint.clone();
        let read = move |connection: &Connection, known: &_| {
            groups::members(connection, known, &fingerprint, cursor.as_ref(), limit)
        };
        self.readers.run(read).await
    }

    async fn parked_of_kinds(
        &self,
        kinds: &[FaultKind],
        cursor: Option<Cursor>,
        limit: usize,
    ) -> Result<Page<DeliveryRecord>, JournalError> {
        let kinds = kinds.to_vec();
        let read = move |connection: &Connection, known: &_| {
            groups::parked_of_kinds(connection, known, &kinds, cursor.as_ref(), limit)
        };
        self.readers.run(read).await
    }

    async fn inbox(&self, client: &ClientId, now: Timestamp, limit: usize) -> Result<Vec<InboxItem>, JournalError> {
        let (client, shared) = (client.clone(), Arc::clone(&self.shared));
        let read = move |connection: &Connection, known: &_| {
            let mut items = Vec::new();
            for (head, content) in head::visible_inbox(connection, known, &client, now, limit)? {
                let bytes = match head.body {
                    Some(bytes) => bytes,
                    None => log::bytes(&shared.bodies, connection, content)?
                        .ok_or_else(|| fail::corrupt("the body of an inbox item", "nothing"))?,
                };
                items.push(InboxItem {
                    handed_out: head.delivery.attempts,
                    delivery: head.delivery,
                    exchange: head.exchange,
                    content_type: head.content_type,
                    body: bytes,
                });
            }
            Ok(items)
        };
        self.readers.run(read).await
    }

    async fn amendments(&self, id: DeliveryId) -> Result<Vec<AmendmentRecord>, JournalError> {
        self.readers.run(move |connection, _| log::amendments(connection, id)).await
    }

    async fn recognitions(&self, key: &BusinessKey, limit: usize) -> Result<Vec<EventRecord>, JournalError> {
        let key = key.clone();
        self.readers.run(move |connection, known| log::recognitions(connection, known, &key, limit)).await
    }

    async fn events(&self, after: u64, limit: usize) -> Result<Vec<EventRecord>, JournalError> {
        self.readers.run(move |connection, known| log::events(connection, known, after, limit)).await
    }

    async fn last_event(&self) -> Result<u64, JournalError> {
        self.readers.run(|connection, _| log::last_event(connection)).await
    }

    async fn system_settings(&self) -> Result<Vec<SystemSetting>, JournalError> {
        self.readers.run(log::settings).await
    }

    async fn cursor(&self, name: &str) -> Result<Option<String>, JournalError> {
        let name = name.to_owned();
        self.readers.run(move |connection, _| log::cursor(connection, &name)).await
    }

    async fn memo(&self, name: &MemoName) -> Result<Option<MemoRecord>, JournalError> {
        let name = name.clone();
        self.readers.run(move |connection, _| desk::memo(connection, &name)).await
    }

    async fn memos(
        &self,
        kind: &'static str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<MemoRecord>, JournalError> {
        let after = after.map(str::to_owned);
        self.readers.run(move |connection, _| desk::memos(connection, kind, after.as_deref(), limit)).await
    }

    async fn memos_of(&self, kind: &'static str, ids: Vec<String>) -> Result<Vec<MemoRecord>, JournalError> {
        self.readers.run(move |connection, _| desk::memos_of(connection, kind, &ids)).await
    }

    async fn acts(
        &self,
        filter: ActFilter,
        cursor: Option<Cursor>,
        limit: usize,
    ) -> Result<Page<ActRecord>, JournalError> {
        self.readers.run(move |connection, _| desk::acts(connection, &filter, cursor.as_ref(), limit)).await
    }

    async fn measures(&self, subject: &str, from: Timestamp, limit: usize) -> Result<Vec<Measure>, JournalError> {
        let subject = subject.to_owned();
        self.readers.run(move |connection, _| measure::measures(connection, &subject, from, limit)).await
    }

    async fn standstills(&self, key: &BusinessKey) -> Result<Vec<Standstill>, JournalError> {
        let key = key.clone();
        self.readers.run(move |connection, _| pace::of_key(connection, &key)).await
    }

    async fn open_deliveries(&self, limit: usize) -> Result<OpenDeliveries, JournalError> {
        self.readers.run(move |connection, known| measure::open_deliveries(connection, known, limit)).await
    }

    fn disk(&self) -> DiskState {
        self.shared.disk.state()
    }

    async fn backup(&self, to: &Path, progress: Arc<dyn Fn(u64, u64) + Send + Sync>) -> Result<(), JournalError> {
        self.check_open()?;
        backup::aside(self.options.folder.clone(), to.to_owned(), progress).await
    }

    async fn retain(&self, retention: Retention, now: Timestamp) -> Result<RetentionStep, JournalError> {
        self.check_open()?;
        let answered = self.writer.retain(retention, now)?;
        answered.await.unwrap_or_else(|_| Err(self.unanswered()))
    }

    async fn close(&self) {
        if self.closed.swap(true, Ordering::AcqRel) {
            return;
        }
        self.readers.close().await;
        let writer = Arc::clone(&self.writer);
        if let Err(lost) = tokio::task::spawn_blocking(move || writer.close()).await {
            tracing::error!(%lost, "the journal's writer was not waited for");
        }
        self.lock.lock().take();
    }
}
