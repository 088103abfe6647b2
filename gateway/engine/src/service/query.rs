//! Reading what is kept: one exchange, lists, the timeline of a key, error groups. It changes nothing.

use futures::{StreamExt as _, TryStreamExt as _};
use lienthong_core::delivery::ExchangeState;
use lienthong_core::{BusinessKey, DeliveryId, ExchangeId, Fault, Fingerprint, SystemId, Timestamp, limits};
use lienthong_journal::{
    AtLeast, AttemptRecord, Cursor, DeliveryRecord, ExchangeFilter, ExchangeRecord, GroupFilter, GroupRecord,
    OpenSince, Page,
};

use super::Service;
use super::fault::{defect, no_such, of_journal};
use super::model::{ExchangeDetail, FlowView, KeyTimeline};
use crate::dispatch::flows;
use crate::internal;

/// Most exchanges one timeline shows; more are told as `truncated`.
pub const TIMELINE_EXCHANGES: usize = 200;
/// Most open exchanges that are counted.
pub const OPEN_MOST: usize = 10_000;
/// Exchanges of a timeline whose attempts are read at once.
const READ_AT_ONCE: usize = 8;

impl Service {
    /// One exchange with its deliveries and their attempts; `LT-NO-SUCH-RECORD` when there is none.
    pub async fn exchange(&self, id: ExchangeId) -> Result<ExchangeDetail, Fault> {
        let record = self.record(id).await?.ok_or_else(|| no_such("exchange", id))?;
        self.detail(record).await
    }

    /// Newest first unless the filter says otherwise. The filter's key may be an alias. `limit` is kept within
    /// 1 to [`limits::PAGE_ROWS`]; a cursor of another list is `LT-BAD-CURSOR`.
    pub async fn exchanges(
        &self,
        mut filter: ExchangeFilter,
        cursor: Option<Cursor>,
        limit: usize,
    ) -> Result<Page<ExchangeRecord>, Fault> {
        if let Some(key) = &filter.key {
            filter.key = Some(self.journal.resolve(key).await.map_err(of_journal)?);
        }
        self.journal.exchanges(filter, cursor, rows(limit)).await.map_err(of_journal)
    }

    /// Exchanges received since then of which something is not at its target, counted up to [`OPEN_MOST`]. What only waits inside the
    /// gateway, mostly timers, is late for nobody and not counted; nor is what lies in an inbox.
    pub async fn open_since(&self, from: Timestamp) -> Result<AtLeast, Fault> {
        let aside = SystemId::new(internal::SYSTEM).map_err(|_| defect("the gateway's own name is no system's"))?;
        self.journal.open_since(OpenSince { from, aside, most: OPEN_MOST }).await.map_err(of_journal)
    }

    /// Everything known of the key (or of the key an alias leads to), oldest first, at most [`TIMELINE_EXCHANGES`] exchanges.
    /// A key nobody used has an empty timeline.
    pub async fn timeline(&self, key: &BusinessKey) -> Result<KeyTimeline, Fault> {
        let key = self.journal.resolve(key).await.map_err(of_journal)?;
        let filter = ExchangeFilter { key: Some(key.clone()), oldest_first: true, ..ExchangeFilter::default() };
        let page = self.journal.exchanges(filter, None, TIMELINE_EXCHANGES).await.map_err(of_journal)?;
        let truncated = page.next.is_some();
        let shown = page.rows.into_iter().filter(|record| !record.deliveries.iter().any(flows::is_quiet));
        let exchanges =
            futures::stream::iter(shown).map(|record| self.detail(record)).buffered(READ_AT_ONCE).try_collect().await?;
        let copies = self.journal.recognitions(&key, TIMELINE_EXCHANGES).await.map_err(of_journal)?;
        let stood_still = self.journal.standstills(&key).await.map_err(of_journal)?;
        let flows = self.flows(&key).await?;
        Ok(KeyTimeline { key, exchanges, truncated, flows, copies, stood_still })
    }

    /// Where each flow stands that has begun for this key.
    async fn flows(&self, key: &BusinessKey) -> Result<Vec<FlowView>, Fault> {
        let config = self.config.load_full();
        if config.flows.is_empty() {
            return Ok(Vec::new());
        }
        let history = flows::history(&*self.journal, &config, key).await.map_err(of_journal)?;
        let now = self.clock.now();
        let begun = config.flows.iter().filter_map(|flow| {
            let standing = flow.standing(history.of(&flow.spec.name), now)?;
            Some(FlowView { name: flow.spec.name.clone(), summary: flow.spec.summary.clone(), standing })
        });
        Ok(begun.collect())
    }

    pub async fn groups(
        &self,
        filter: GroupFilter,
        cursor: Option<Cursor>,
        limit: usize,
    ) -> Result<Page<GroupRecord>, Fault> {
        self.journal.groups(filter, cursor, rows(limit)).await.map_err(of_journal)
    }

    /// One error group and a page of its parked members, oldest first.
    pub async fn group(
        &self,
        id: &Fingerprint,
        cursor: Option<Cursor>,
        limit: usize,
    ) -> Result<(GroupRecord, Page<DeliveryRecord>), Fault> {
        let group = self.journal.group(id).await.map_err(of_journal)?.ok_or_else(|| no_such("error group", id))?;
        let members = self.journal.group_members(id, cursor, rows(limit)).await.map_err(of_journal)?;
        Ok((group, members))
    }

    pub(super) async fn record(&self, id: ExchangeId) -> Result<Option<ExchangeRecord>, Fault> {
        self.journal.exchange(id).await.map_err(of_journal)
    }

    async fn detail(&self, record: ExchangeRecord) -> Result<ExchangeDetail, Fault> {
        let mut attempts: Vec<(DeliveryId, Vec<AttemptRecord>)> = Vec::with_capacity(record.deliveries.len());
        for delivery in &record.deliveries {
            let tried = match delivery.attempts {
                0 => Vec::new(),
                _some => self.journal.attempts(delivery.id).await.map_err(of_journal)?,
            };
            attempts.push((delivery.id, tried));
        }
        Ok(ExchangeDetail { state: state(&record), record, attempts })
    }
}

pub(super) fn state(record: &ExchangeRecord) -> ExchangeState {
    ExchangeState::of(record.deliveries.iter().map(|delivery| delivery.state.name()))
}

pub(super) fn rows(limit: usize) -> usize {
    limit.clamp(1, limits::PAGE_ROWS)
}
