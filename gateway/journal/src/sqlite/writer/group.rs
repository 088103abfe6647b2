//! Group commit: what arrived goes into one transaction; a commit whose outcome is unknown is read back before anyone is answered.

use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, TryRecvError};
use std::time::Duration;

use rusqlite::Connection;

use super::checkpoint::Checkpoints;
use super::retain::Round;
use super::store::Store;
use super::{Answer, Arriving, Batch, Job, Load};
use crate::CommandResult;
use crate::error::JournalError;
use crate::record::{DiskState, EventRecord};
use crate::sqlite::Shared;
use crate::sqlite::disk::Reserve;
use crate::sqlite::fail::Fail;
use crate::sqlite::hooks::{Deed, Point};
use crate::sqlite::options::SqliteOptions;
use crate::sqlite::schema;

/// The writer thread's own.
pub(super) struct Run {
    pub(super) shared: Arc<Shared>,
    options: SqliteOptions,
    arriving: Arriving,
    load: Arc<Load>,
    pub(super) reserve: Reserve,
    pub(super) round: Round,
    /// Answers that wait for what a new connection finds on disk.
    doubt: Option<Doubt>,
    /// A job that is no batch and came after a group whose connection was given up.
    postponed: Option<Job>,
}

/// A commit that reported failure.
struct Doubt {
    group: Vec<Batch>,
    results: Vec<Vec<CommandResult>>,
    events: Arc<[EventRecord]>,
    /// The last event's number if it is on disk.
    last_event: i64,
    failed: Fail,
    /// The disk was full, and now there is room for another try.
    met: bool,
}

/// Why the loop over one connection ended.
pub(super) enum End {
    Closed,
    /// The connection is of no use any more.
    Reopen,
}

/// What a group's statements came to, before the commit.
struct Applied {
    results: Vec<Vec<CommandResult>>,
    events: Arc<[EventRecord]>,
}

/// How a group's transaction ended.
enum Committed {
    Yes,
    /// Reported as failed; on disk or not.
    Unknown(Fail),
    /// A test ended the process here.
    Died,
}

/// Between looks at the disk and the log while nothing arrives.
const IDLE: Duration = Duration::from_millis(500);

impl Run {
    pub(super) fn new(shared: Arc<Shared>, options: &SqliteOptions, arriving: Arriving, load: Arc<Load>) -> Self {
        let reserve = Reserve::new(&options.folder, options.reserve_bytes);
        Self {
            shared,
            options: options.clone(),
            arriving,
            load,
            reserve,
            round: Round::default(),
            doubt: None,
            postponed: None,
        }
    }

    /// Serves until closed; a failed connection is replaced.
    pub(super) fn until_closed(mut self) {
        loop {
            let opened = schema::writer(&self.options.folder, self.options.cache_bytes);
            let ended = opened.and_then(|connection| self.serve(&connection));
            match ended {
                Ok(End::Closed) => return,
                Ok(End::Reopen) => tracing::warn!("the journal's connection is opened again"),
                Err(error) => {
                    tracing::error!(%error, "the journal cannot be written");
                    if error.is_full() {
                        self.meet_full_disk();
                    }
                    if !self.refuse_while_broken(&error) {
                        return;
                    }
                }
            }
        }
    }

    /// Answers what arrives with the failure; whether to try again.
    fn refuse_while_broken(&mut self, error: &Fail) -> bool {
        if let Some(doubt) = self.doubt.take() {
            self.refuse(doubt.group, doubt.failed);
        }
        match self.next_job() {
            Ok(Job::Batch(batch)) => {
                self.load.less(batch.bytes);
                send(batch.answer, Err(JournalError::Storage(error.to_string())));
            }
            Ok(Job::Retain { answer, .. }) => send(answer, Err(JournalError::Storage(error.to_string()))),
            Ok(Job::Close) | Err(RecvTimeoutError::Disconnected) => return false,
            Err(RecvTimeoutError::Timeout) => {}
        }
        true
    }

    fn serve(&mut self, connection: &Connection) -> Result<End, Fail> {
        let shared = Arc::clone(&self.shared);
        let mut store = Store::new(connection, &shared)?;
        store.forget()?;
        if let Some(end) = self.resolve_doubt(&mut store) {
            return Ok(end);
        }
        let mut checkpoints = Checkpoints::new(connection, &self.options)?;
        self.look_at_disk();
        loop {
            let first = match self.next_job() {
                Ok(job) => job,
                Err(RecvTimeoutError::Timeout) => {
                    self.look_at_disk();
                    checkpoints.after_group(connection);
                    continue;
                }
                Err(RecvTimeoutError::Disconnected) => return Ok(End::Closed),
            };
            let (group, other) = self.gather(first);
            self.postponed = other;
            if !group.is_empty()
                && let Some(end) = self.commit(&mut store, group).or_else(|| self.seal(&mut store))
            {
                return Ok(end);
            }
            checkpoints.after_group(connection);
            match self.postponed.take() {
                Some(Job::Retain { keep, now, answer }) => {
                    if let Some(end) = self.retain(&mut store, &keep, now, answer) {
                        return Ok(end);
                    }
                }
                Some(Job::Close) => {
                    checkpoints.finish(connection);
                    return Ok(End::Closed);
                }
                Some(Job::Batch(_)) | None => {}
            }
        }
    }

    /// What was put off when a connection was given up, then what arrives.
    fn next_job(&mut self) -> Result<Job, RecvTimeoutError> {
        match self.postponed.take() {
            Some(job) => Ok(job),
            None => self.arriving.recv_timeout(IDLE),
        }
    }

    /// The batches that go into one transaction, and the job after them that is none.
    fn gather(&mut self, first: Job) -> (Vec<Batch>, Option<Job>) {
        let mut group = Vec::new();
        let (mut commands, mut bytes) = (0, 0);
        let mut next = first;
        let mut linger = Some(self.options.linger).filter(|linger| !linger.is_zero());
        loop {
            match next {
                Job::Batch(batch) => {
                    self.load.less(batch.bytes);
                    commands += batch.commands.len();
                    bytes += batch.bytes;
                    group.push(batch);
                }
                other @ (Job::Retain { .. } | Job::Close) => return (group, Some(other)),
            }
            if commands >= self.options.group_commands || bytes >= self.options.group_bytes {
                return (group, None);
            }
            next = match self.arriving.try_recv() {
                Ok(job) => job,
                Err(TryRecvError::Disconnected) => return (group, None),
                Err(TryRecvError::Empty) => match linger.take().map(|linger| self.arriving.recv_timeout(linger)) {
                    Some(Ok(job)) => job,
                    Some(Err(_)) | None => return (group, None),
                },
            };
        }
    }

    /// One transaction for all; when a statement fails, one for each.
    fn commit(&mut self, store: &mut Store<'_>, group: Vec<Batch>) -> Option<End> {
        store.closed_for_new = self.look_at_disk() != DiskState::Enough;
        match self.apply(store, &group) {
            Ok(applied) => self.finish(store, group, applied),
            Err(failed) => {
                let usable = self.roll_back(store, &failed);
                if usable && (group.len() > 1 || failed.is_full()) {
                    return self.commit_apart(store, group);
                }
                self.refuse(group, failed);
                (!usable).then_some(End::Reopen)
            }
        }
    }

    fn commit_apart(&mut self, store: &mut Store<'_>, group: Vec<Batch>) -> Option<End> {
        let mut left = group.into_iter();
        while let Some(batch) = left.next() {
            let one = vec![batch];
            store.closed_for_new = self.look_at_disk() != DiskState::Enough;
            let ended = match self.apply(store, &one) {
                Ok(applied) => self.finish(store, one, applied),
                Err(failed) => {
                    let usable = self.roll_back(store, &failed);
                    self.refuse(one, failed);
                    (!usable).then_some(End::Reopen)
                }
            };
            if let Some(end) = ended {
                let never = Fail::Misuse("the journal's connection was lost before this batch was begun".to_owned());
                self.refuse(left.collect(), never);
                return Some(end);
            }
        }
        None
    }

    fn apply(&self, store: &mut Store<'_>, group: &[Batch]) -> Result<Applied, Fail> {
        store.connection().execute_batch("BEGIN IMMEDIATE")?;
        let mut results = Vec::with_capacity(group.len());
        for batch in group {
            let mut answers = Vec::with_capacity(batch.commands.len());
            for command in &batch.commands {
                answers.push(store.apply(command, &batch.filed)?);
            }
            results.push(answers);
        }
        match self.options.hooks.at(Point::Statements) {
            Deed::Full => Err(Fail::File(std::io::ErrorKind::StorageFull.into())),
            Deed::Go | Deed::Die | Deed::Fail => Ok(Applied { results, events: store.flush()? }),
        }
    }

    fn finish(&mut self, store: &Store<'_>, group: Vec<Batch>, applied: Applied) -> Option<End> {
        let Applied { results, events } = applied;
        match self.commit_transaction(store.connection()) {
            Committed::Yes => {
                self.answer(group, results, events);
                None
            }
            Committed::Unknown(failed) => {
                // Before the connection is opened again, which takes room itself.
                let met = failed.is_full() && self.meet_full_disk();
                self.doubt = Some(Doubt { group, results, events, last_event: store.next.event, failed, met });
                // Whether or not this succeeds, the connection is given up.
                store.connection().execute_batch("ROLLBACK").ok();
                Some(End::Reopen)
            }
            Committed::Died => Some(End::Closed),
        }
    }

    fn answer(&self, group: Vec<Batch>, results: Vec<Vec<CommandResult>>, events: Arc<[EventRecord]>) {
        for (batch, results) in group.into_iter().zip(results) {
            send(batch.answer, Ok(results));
        }
        self.publish(events);
    }

    fn commit_transaction(&self, connection: &Connection) -> Committed {
        match self.options.hooks.at(Point::BeforeCommit) {
            Deed::Go => {}
            Deed::Die => return Committed::Died,
            Deed::Fail => return Committed::Unknown(Fail::Misuse("failed by a test before the commit".to_owned())),
            Deed::Full => return Committed::Unknown(Fail::File(std::io::ErrorKind::StorageFull.into())),
        }
        if let Err(error) = connection.execute_batch("COMMIT") {
            return Committed::Unknown(error.into());
        }
        match self.options.hooks.at(Point::AfterCommit) {
            Deed::Go | Deed::Full => Committed::Yes,
            Deed::Die => Committed::Died,
            Deed::Fail => Committed::Unknown(Fail::Misuse("failed by a test after the commit".to_owned())),
        }
    }

    /// After a commit that reported failure, on a new connection: is it on disk? A full disk is met by trying again, each batch
    /// by itself, with the reserved room released.
    fn resolve_doubt(&mut self, store: &mut Store<'_>) -> Option<End> {
        let Doubt { group, results, events, last_event, failed, met } = self.doubt.take()?;
        // One writer: the number of its last event is on disk when, and only when, all of it is.
        let stored = store.next.event >= last_event;
        tracing::warn!(stored, error = %failed, "a commit that reported failure was read back");
        if stored {
            self.answer(group, results, events);
            return None;
        }
        if met {
            return self.commit_apart(store, group);
        }
        self.refuse(group, failed);
        None
    }

    /// Whether the connection is of use afterwards. When not, nothing of the transaction is on disk either: it had not come to
    /// its commit.
    pub(super) fn roll_back(&mut self, store: &mut Store<'_>, failed: &Fail) -> bool {
        tracing::warn!(error = %failed, "a transaction of the journal is rolled back");
        if failed.is_full() {
            self.meet_full_disk();
        }
        let rolled_back = if store.connection().is_autocommit() {
            store.forget()
        } else {
            store.connection().execute_batch("ROLLBACK").map_err(Fail::from).and_then(|()| store.forget())
        };
        if let Err(worse) = &rolled_back {
            tracing::error!(error = %worse, "the transaction cannot be rolled back");
        }
        rolled_back.is_ok()
    }

    fn refuse(&self, group: Vec<Batch>, failed: Fail) {
        let corrupt = matches!(failed, Fail::Corrupt(_));
        let text = failed.to_string();
        for batch in group {
            let same = if corrupt { JournalError::Corrupt } else { JournalError::Storage };
            send(batch.answer, Err(same(text.clone())));
        }
    }

    fn publish(&self, events: Arc<[EventRecord]>) {
        if !events.is_empty() {
            // Nobody listening is no fault.
            self.shared.published.send(events).ok();
        }
    }
}

/// A caller that stopped waiting is no fault: what was committed stays.
pub(super) fn send<T>(answer: Answer<T>, value: Result<T, JournalError>) {
    answer.send(value).ok();
}
