//! The journal trait over the store in memory, with commits that can be made slow or fail. Reads the dispatcher never makes answer nothing.

use std::collections::{HashMap, VecDeque};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use lienthong_core::{
    BusinessKey, ClientId, DeliveryId, ExchangeId, FaultKind, Fingerprint, StateName, SystemId, Timestamp,
};
use lienthong_journal::{
    AttemptRecord, BacklogRow, BodyId, Command, CommandResult, Committed, Cursor, DeliveryRecord, DiskState,
    EventRecord, ExchangeFilter, ExchangeRecord, GroupFilter, GroupRecord, Head, HeadQuery, InboxItem, Journal,
    JournalError, Page, Retention, RetentionStep, SystemSetting,
};
use parking_lot::Mutex;
use tokio::sync::broadcast;

use super::store::Store;

/// How a commit goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trouble {
    /// Nothing of it is on disk.
    NotWritten,
    /// All of it is on disk, and nobody says so.
    NotAnswered,
}

/// What stands against every commit of one delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Curse {
    /// Its storage fails.
    Storage,
    /// Its record cannot be read.
    Corrupt,
}

pub(super) struct FakeJournal {
    pub(super) store: Mutex<Store>,
    events: broadcast::Sender<Arc<[EventRecord]>>,
    pub(super) settings: Mutex<Vec<SystemSetting>>,
    cursors: Mutex<HashMap<String, String>>,
    pub(super) troubles: Mutex<VecDeque<Trouble>>,
    pub(super) disk: Mutex<DiskState>,
    /// Batches with a move of one of these cannot be committed.
    pub(super) cursed: Mutex<HashMap<DeliveryId, Curse>>,
    latency: Duration,
}

impl FakeJournal {
    pub(super) fn new(latency: Duration) -> Arc<Self> {
        Arc::new(Self {
            store: Mutex::default(),
            events: broadcast::channel(1024).0,
            settings: Mutex::default(),
            troubles: Mutex::default(),
            disk: Mutex::new(DiskState::Enough),
            cursors: Mutex::default(),
            cursed: Mutex::default(),
            latency,
        })
    }

    pub(super) fn fail(&self, trouble: Trouble, times: usize) {
        self.troubles.lock().extend(std::iter::repeat_n(trouble, times));
    }

    fn curse_of(&self, batch: &[Command]) -> Option<Curse> {
        let cursed = self.cursed.lock();
        batch.iter().find_map(|command| match command {
            Command::Move(transition) => cursed.get(&transition.delivery).copied(),
            Command::Accept(_)
            | Command::Note { .. }
            | Command::LeaseInbox { .. }
            | Command::Set(_)
            | Command::Memo(_)
            | Command::Act(_)
            | Command::Amend(_)
            | Command::SetCursor { .. }
            | Command::Measure { .. } => None,
        })
    }

    fn apply(&self, batch: &[Command]) -> Vec<CommandResult> {
        let mut store = self.store.lock();
        let one = |command: &Command| match command {
            Command::Accept(acceptance) => store.accept(acceptance),
            Command::Move(transition) => store.transition(transition),
            Command::Note { at, kind, system, actor: _, text } => {
                store.note(*at, *kind, system.clone(), text);
                Ok(Committed::Done)
            }
            Command::Memo(_) | Command::Act(_) | Command::Measure { .. } => Ok(Committed::Done),
            // The dispatcher amends nothing.
            Command::Amend(_) => Err(lienthong_journal::Refusal::NoSuchDelivery),
            Command::LeaseInbox { .. } => Ok(Committed::Leased(0)),
            Command::SetCursor { name, value, at: _ } => {
                self.cursors.lock().insert(name.clone(), value.clone());
                Ok(Committed::Done)
            }
            Command::Set(setting) => {
                self.settings.lock().push(setting.clone());
                Ok(Committed::Done)
            }
        };
        let results = batch.iter().map(one).collect();
        // Nobody may be listening.
        self.events.send(store.untold()).ok();
        results
    }
}

fn nothing<T>() -> Result<Page<T>, JournalError> {
    Ok(Page { rows: Vec::new(), next: None })
}

#[async_trait]
impl Journal for FakeJournal {
    async fn commit(&self, batch: Vec<Command>) -> Result<Vec<CommandResult>, JournalError> {
        if !self.latency.is_zero() {
            tokio::time::sleep(self.latency).await;
        }
        match self.curse_of(&batch) {
            Some(Curse::Storage) => return Err(JournalError::Storage("test".into())),
            Some(Curse::Corrupt) => return Err(JournalError::Corrupt("test".into())),
            None => {}
        }
        let trouble = self.troubles.lock().pop_front();
        match trouble {
            Some(Trouble::NotWritten) => Err(JournalError::Storage("test".into())),
            Some(Trouble::NotAnswered) => {
                self.apply(&batch);
                Err(JournalError::Storage("test".into()))
            }
            None => Ok(self.apply(&batch)),
        }
    }

    fn subscribe(&self) -> broadcast::Receiver<Arc<[EventRecord]>> {
        self.events.subscribe()
    }

    async fn heads(&self, query: HeadQuery) -> Result<Vec<Head>, JournalError> {
        Ok(self.store.lock().heads(&query))
    }

    async fn next_wake(&self, system: &SystemId) -> Result<Option<Timestamp>, JournalError> {
        Ok(self.store.lock().next_wake(system))
    }

    async fn in_doubt(&self, limit: usize) -> Result<Vec<Head>, JournalError> {
        let store = self.store.lock();
        let in_flight = store.deliveries.values().filter(|head| head.delivery.state.name() == StateName::InFlight);
        Ok(in_flight.take(limit).cloned().collect())
    }

    async fn backlog(&self) -> Result<Vec<BacklogRow>, JournalError> {
        let store = self.store.lock();
        let supply = store.supply.as_ref().filter(|supply| supply.left > 0).map(|supply| BacklogRow {
            system: supply.system.clone(),
            client: supply.client.clone(),
            class: lienthong_core::Class::Live,
            state: StateName::Queued,
            count: supply.left,
        });
        let open = store.tally.iter().filter(|(_, count)| **count > 0);
        let open = open.map(|((system, client, class, state), count)| BacklogRow {
            system: system.clone(),
            client: client.clone(),
            class: *class,
            state: *state,
            count: *count,
        });
        Ok(open.chain(supply).collect())
    }

    async fn body(&self, id: BodyId) -> Result<Option<Bytes>, JournalError> {
        Ok(self.store.lock().bytes(id))
    }

    async fn exchange(&self, _id: ExchangeId) -> Result<Option<ExchangeRecord>, JournalError> {
        Ok(None)
    }

    async fn delivery(&self, id: DeliveryId) -> Result<Option<Head>, JournalError> {
        Ok(self.store.lock().deliveries.get(&id).cloned())
    }

    async fn attempts(&self, id: DeliveryId) -> Result<Vec<AttemptRecord>, JournalError> {
        Ok(self.store.lock().attempts.get(&id).cloned().unwrap_or_default())
    }

    /// All deliveries of a system in a state, on one page.
    async fn exchanges(
        &self,
        filter: ExchangeFilter,
        _cursor: Option<Cursor>,
        _limit: usize,
    ) -> Result<Page<ExchangeRecord>, JournalError> {
        let store = self.store.lock();
        let asked = |head: &&Head| Some(head.delivery.state.name()) == filter.state;
        let rows = store.deliveries.values().filter(asked).map(|head| ExchangeRecord {
            meta: Arc::clone(&head.exchange),
            body: head.body_id,
            body_bytes: head.body_bytes,
            content_type: head.content_type,
            deliveries: vec![head.delivery.clone()],
        });
        Ok(Page { rows: rows.collect(), next: None })
    }

    async fn resolve(&self, key: &BusinessKey) -> Result<BusinessKey, JournalError> {
        Ok(key.clone())
    }

    async fn has_delivered_successor(&self, _id: DeliveryId) -> Result<bool, JournalError> {
        Ok(false)
    }

    async fn groups(
        &self,
        _filter: GroupFilter,
        _cursor: Option<Cursor>,
        _limit: usize,
    ) -> Result<Page<GroupRecord>, JournalError> {
        nothing()
    }

    async fn group(&self, _fingerprint: &Fingerprint) -> Result<Option<GroupRecord>, JournalError> {
        Ok(None)
    }

    async fn group_members(
        &self,
        _fingerprint: &Fingerprint,
        _cursor: Option<Cursor>,
        _limit: usize,
    ) -> Result<Page<DeliveryRecord>, JournalError> {
        nothing()
    }

    async fn parked_of_kinds(
        &self,
        _kinds: &[FaultKind],
        _cursor: Option<Cursor>,
        _limit: usize,
    ) -> Result<Page<DeliveryRecord>, JournalError> {
        nothing()
    }

    async fn inbox(&self, _client: &ClientId, _now: Timestamp, _limit: usize) -> Result<Vec<InboxItem>, JournalError> {
        Ok(Vec::new())
    }

    async fn events(&self, after: u64, limit: usize) -> Result<Vec<EventRecord>, JournalError> {
        let store = self.store.lock();
        Ok(store.events.iter().filter(|event| event.seq > after).take(limit).cloned().collect())
    }

    async fn last_event(&self) -> Result<u64, JournalError> {
        Ok(self.store.lock().events.last().map_or(0, |event| event.seq))
    }

    async fn system_settings(&self) -> Result<Vec<SystemSetting>, JournalError> {
        Ok(self.settings.lock().clone())
    }

    async fn cursor(&self, name: &str) -> Result<Option<String>, JournalError> {
        Ok(self.cursors.lock().get(name).cloned())
    }

    fn disk(&self) -> DiskState {
        *self.disk.lock()
    }

    async fn backup(&self, _to: &Path, _progress: Arc<dyn Fn(u64, u64) + Send + Sync>) -> Result<(), JournalError> {
        Err(JournalError::Closed)
    }

    async fn retain(&self, _retention: Retention, _now: Timestamp) -> Result<RetentionStep, JournalError> {
        Ok(RetentionStep { done: true, ..RetentionStep::default() })
    }

    async fn close(&self) {}
}
