//! The durable store of exchanges, deliveries, attempts, bodies, events and error groups: one trait, one contract. It decides no policy.

pub mod command;
#[cfg(any(test, feature = "contract"))]
pub mod contract;
pub mod desk;
pub mod error;
pub mod files;
pub mod measure;
pub mod pace;
pub mod reach;
pub mod record;
pub mod search;
pub mod sqlite;

use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use lienthong_core::{BusinessKey, ClientId, DeliveryId, ExchangeId, Fingerprint, SystemId, Timestamp};
use tokio::sync::broadcast;

pub use command::{
    Acceptance, Amend, AttemptEnd, AttemptStart, BodyInput, Command, Idempotency, Kept, Lane, NewDelivery, Step,
    SystemSetting, Transition,
};
pub use desk::{ActFilter, ActRecord, MemoChange, MemoName, MemoRecord};
pub use error::{JournalError, OpenError, Refusal};
pub use measure::{Measure, OpenDeliveries, OpenDelivery};
pub use pace::{Noted, Pace, Standstill};
pub use reach::{AffectedKey, GroupReach};
pub use record::{
    Actor, AmendmentRecord, AtLeast, AttemptOutcome, AttemptRecord, BacklogRow, BodyId, Committed, Cursor,
    DeliveryRecord, DiskState, EventKind, EventRecord, ExchangeFilter, ExchangeRecord, GroupFilter, GroupRecord, Head,
    HeadQuery, InboxItem, OpenSince, Page, Promise, Retention, RetentionStep,
};
pub use search::{FaultFilter, IdPrefix, NoIdPrefix, Term};

/// What [`Journal::commit`] answers for one command.
pub type CommandResult = Result<Committed, Refusal>;

/// The store. Writes are batches of commands; a batch's results arrive when its transaction is on disk, never before.
/// Commands of one batch are applied in order; a refused command changes nothing and does not stop the others.
/// Times are kept to the microsecond. A delivery of a lane goes in flight only as its head, and each attempt
/// begins once: anything else is refused as stale.
/// An exchange id that is stored already is answered as a replay.
#[async_trait]
pub trait Journal: Send + Sync + 'static {
    /// Applies a batch in one durable transaction (grouped with other callers' batches). `Err` on the whole batch means that
    /// nothing of it is known to be on disk *or not*: the implementation has already re-read to decide wherever it could.
    async fn commit(&self, batch: Vec<Command>) -> Result<Vec<CommandResult>, JournalError>;

    /// Events in the order of their commit, as they are committed. A slow subscriber lags and reads [`Journal::events`] instead.
    fn subscribe(&self) -> broadcast::Receiver<Arc<[EventRecord]>>;

    /// Ready heads of one system and class (and client, when given): queued heads by rank, and heads whose wake time has come.
    async fn heads(&self, query: HeadQuery) -> Result<Vec<Head>, JournalError>;

    /// The earliest time a waiting head of the system becomes due, if any waits.
    async fn next_wake(&self, system: &SystemId) -> Result<Option<Timestamp>, JournalError>;

    /// Deliveries with an intent and no outcome, for recovery at start; at most `limit`, oldest first.
    async fn in_doubt(&self, limit: usize) -> Result<Vec<Head>, JournalError>;

    /// Open deliveries counted by system, client, class and state.
    async fn backlog(&self) -> Result<Vec<BacklogRow>, JournalError>;

    /// The bytes of a body; `None` when retention has removed it.
    async fn body(&self, id: BodyId) -> Result<Option<Bytes>, JournalError>;

    async fn exchange(&self, id: ExchangeId) -> Result<Option<ExchangeRecord>, JournalError>;
    async fn delivery(&self, id: DeliveryId) -> Result<Option<Head>, JournalError>;
    async fn attempts(&self, id: DeliveryId) -> Result<Vec<AttemptRecord>, JournalError>;

    /// Content put forward for a delivery, by its number. A store that keeps none answers none.
    async fn amendments(&self, _id: DeliveryId) -> Result<Vec<AmendmentRecord>, JournalError> {
        Ok(Vec::new())
    }

    /// The exchange an idempotency key made, and the fingerprint it was made with, while the key is kept. Commits recognise keys by
    /// themselves; this tells a repeat whose message would be refused by now. A store without such a read answers `None`.
    async fn recognised(
        &self,
        _scope: &ClientId,
        _key: &str,
        _now: Timestamp,
    ) -> Result<Option<(ExchangeId, [u8; 32])>, JournalError> {
        Ok(None)
    }

    /// Newest first: by time of receipt, where terms are asked for by acceptance. A page may hold fewer rows than asked, even none, and
    /// still lead on: no page looks at more than a bounded number of candidates.
    async fn exchanges(
        &self,
        filter: ExchangeFilter,
        cursor: Option<Cursor>,
        limit: usize,
    ) -> Result<Page<ExchangeRecord>, JournalError>;

    /// Exchanges of which something is not at its target, counted up to a bound. A store that does not count them answers none.
    async fn open_since(&self, _asked: OpenSince) -> Result<AtLeast, JournalError> {
        Ok(AtLeast::default())
    }

    /// The key an alias leads to; the key itself when it is no alias.
    async fn resolve(&self, key: &BusinessKey) -> Result<BusinessKey, JournalError>;

    /// Whether a delivered sibling of the same lane is newer than this one.
    async fn has_delivered_successor(&self, id: DeliveryId) -> Result<bool, JournalError>;

    async fn groups(
        &self,
        filter: GroupFilter,
        cursor: Option<Cursor>,
        limit: usize,
    ) -> Result<Page<GroupRecord>, JournalError>;
    async fn group(&self, fingerprint: &Fingerprint) -> Result<Option<GroupRecord>, JournalError>;
    /// Times a group's cause was seen, by the hour that begins then, from the hour of `from` on; hours without any are left out. A
    /// store that does not count them answers none.
    async fn group_trend(
        &self,
        _fingerprint: &Fingerprint,
        _from: Timestamp,
    ) -> Result<Vec<(Timestamp, u64)>, JournalError> {
        Ok(Vec::new())
    }
    /// Whom a group's parked members concern, of the oldest `limit`.
    async fn group_reach(&self, _fingerprint: &Fingerprint, _limit: usize) -> Result<GroupReach, JournalError> {
        Ok(GroupReach::default())
    }
    /// The business keys that the oldest `limit` parked members of a group concern, by operation, in the order of their oldest; and whether
    /// there are more members.
    async fn group_keys(
        &self,
        _fingerprint: &Fingerprint,
        _limit: usize,
    ) -> Result<(Vec<AffectedKey>, bool), JournalError> {
        Ok((Vec::new(), false))
    }
    /// Parked members of a group, oldest first.
    async fn group_members(
        &self,
        fingerprint: &Fingerprint,
        cursor: Option<Cursor>,
        limit: usize,
    ) -> Result<Page<DeliveryRecord>, JournalError>;
    /// Parked deliveries of any of these fault kinds, oldest first: what a change of configuration may release.
    async fn parked_of_kinds(
        &self,
        kinds: &[lienthong_core::FaultKind],
        cursor: Option<Cursor>,
        limit: usize,
    ) -> Result<Page<DeliveryRecord>, JournalError>;

    /// Visible inbox items of a client: heads of its inbox lanes that are not leased, oldest first.
    async fn inbox(&self, client: &ClientId, now: Timestamp, limit: usize) -> Result<Vec<InboxItem>, JournalError>;

    /// The copies of a key's exchanges that were recognised ([`EventKind::Recognised`]), oldest first. A store without such a read
    /// answers none.
    async fn recognitions(&self, _key: &BusinessKey, _limit: usize) -> Result<Vec<EventRecord>, JournalError> {
        Ok(Vec::new())
    }

    /// Events after `after`, oldest first.
    async fn events(&self, after: u64, limit: usize) -> Result<Vec<EventRecord>, JournalError>;
    async fn last_event(&self) -> Result<u64, JournalError>;

    /// Operators' settings that outlive a restart.
    async fn system_settings(&self) -> Result<Vec<SystemSetting>, JournalError>;

    /// Where a reader that goes on after a restart stands, as [`Command::SetCursor`] left it; `None` before the first.
    async fn cursor(&self, name: &str) -> Result<Option<String>, JournalError>;

    /// An operators' memo, where there is one. A store without memos answers none.
    async fn memo(&self, _name: &MemoName) -> Result<Option<MemoRecord>, JournalError> {
        Ok(None)
    }

    /// Memos of one kind by id, those after `after`.
    async fn memos(
        &self,
        _kind: &'static str,
        _after: Option<&str>,
        _limit: usize,
    ) -> Result<Vec<MemoRecord>, JournalError> {
        Ok(Vec::new())
    }

    /// The memos of one kind that have one of these ids, by id: a page of a list is read at once.
    async fn memos_of(&self, _kind: &'static str, _ids: Vec<String>) -> Result<Vec<MemoRecord>, JournalError> {
        Ok(Vec::new())
    }

    /// What operators did, newest first; it outlives the events.
    async fn acts(
        &self,
        _filter: ActFilter,
        _cursor: Option<Cursor>,
        _limit: usize,
    ) -> Result<Page<ActRecord>, JournalError> {
        Ok(Page { rows: Vec::new(), next: None })
    }

    /// What was measured of a subject, from the hour of `from` on, oldest first; hours without any are left out. A store that keeps no
    /// measures answers none.
    async fn measures(&self, _subject: &str, _from: Timestamp, _limit: usize) -> Result<Vec<Measure>, JournalError> {
        Ok(Vec::new())
    }

    /// When the promised dates of a key stood still, the latest [`pace::STANDSTILLS`], oldest first. A store that keeps none answers none.
    async fn standstills(&self, _key: &BusinessKey) -> Result<Vec<Standstill>, JournalError> {
        Ok(Vec::new())
    }

    /// The times of open deliveries, at most `limit` of them. It looks at each: not for every page. A store without such a read says
    /// that it did not look at all.
    async fn open_deliveries(&self, _limit: usize) -> Result<OpenDeliveries, JournalError> {
        Ok(OpenDeliveries { rows: Vec::new(), truncated: true })
    }

    /// Room on the journal's disk against its two watermarks.
    fn disk(&self) -> DiskState;

    /// A consistent copy while running, bodies included; `to` must not exist. Progress in bytes copied of bytes in all.
    async fn backup(&self, to: &Path, progress: Arc<dyn Fn(u64, u64) + Send + Sync>) -> Result<(), JournalError>;

    /// One small step of retention; call until `done`.
    async fn retain(&self, retention: Retention, now: Timestamp) -> Result<RetentionStep, JournalError>;

    /// Commits what is queued, then closes. Later calls are refused.
    async fn close(&self);
}
