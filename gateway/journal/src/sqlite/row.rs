//! Rows of exchanges and deliveries as they lie in the database, and the records they become. It runs no statement.

use std::sync::Arc;

use lienthong_core::{ContentType, DeliveryId, DeliveryState, ExchangeId, ExchangeMeta, OrderKey, StateName, Verify};
use rusqlite::Row;
use uuid::Uuid;

use super::codes::{class, content_type, count32, count64, instant, on_parked, state, state_code, verify, verify_code};
use super::fail::{Fail, corrupt};
use super::names::Known;
use super::stored::{MetaColumns, fault_from_text, key_of, meta_from_text};
use crate::record::{BodyId, DeliveryRecord};

/// Places an exchange has for deliveries: a delivery's seq is the exchange's, shifted, with its index.
const PLACES: u32 = 16;

pub(super) fn delivery_seq(exchange: i64, index: u16) -> i64 {
    (exchange << PLACES) | i64::from(index)
}

pub(super) fn exchange_of(delivery: i64) -> i64 {
    delivery >> PLACES
}

pub(super) fn index_of(delivery: i64) -> u16 {
    u16::try_from(delivery & 0xffff).unwrap_or(u16::MAX)
}

/// Exchanges of one segment of terms, as a power of two.
pub(super) const SEGMENT_BITS: i64 = 12;

pub(super) fn segment_of(exchange: i64) -> i64 {
    exchange >> SEGMENT_BITS
}

/// An exchange's place in its segment.
pub(super) fn place_in(exchange: i64) -> u16 {
    u16::try_from(exchange & ((1 << SEGMENT_BITS) - 1)).unwrap_or(u16::MAX)
}

/// The terms of an exchange's row.
pub(super) fn terms_of(bytes: &[u8]) -> impl Iterator<Item = i64> {
    bytes.chunks_exact(8).filter_map(|bytes| bytes.try_into().ok().map(i64::from_le_bytes))
}

/// Columns of [`DeliveryRow::read`], of a table called `d`.
pub(super) const DELIVERY: &str = "d.seq, d.system, d.operation, d.route, d.client, d.class, d.lane, d.on_parked, d.rank, \
     d.received_at, d.body, d.done, d.head, d.version, d.state, d.attempt, d.how, d.wake_at, d.attempts, d.spent, \
     d.unsettled, d.updated_at, d.fault_group, d.fault, d.amended, d.instead";
/// How many they are.
pub(super) const DELIVERY_COLUMNS: usize = 26;

/// A delivery as it lies in its row.
#[derive(Debug, Clone)]
pub(super) struct DeliveryRow {
    pub(super) seq: i64,
    pub(super) system: i64,
    pub(super) operation: i64,
    pub(super) route: i64,
    pub(super) client: i64,
    pub(super) class: i64,
    pub(super) lane: Option<i64>,
    pub(super) on_parked: i64,
    pub(super) rank: i64,
    pub(super) received_at: i64,
    pub(super) body: Option<i64>,
    pub(super) done: Option<i64>,
    pub(super) head: bool,
    pub(super) version: u32,
    pub(super) state: StoredState,
    pub(super) attempts: u32,
    pub(super) spent: u32,
    pub(super) unsettled: Option<u32>,
    pub(super) updated_at: i64,
    pub(super) fault_group: Option<i64>,
    pub(super) fault: Option<String>,
    /// The amendment in force.
    pub(super) amended: Option<u32>,
    /// Stands in the place of the exchange's body for this delivery.
    pub(super) instead: Option<i64>,
}

/// A delivery's state in columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct StoredState {
    pub(super) code: i64,
    pub(super) attempt: Option<u32>,
    pub(super) how: Option<i64>,
    pub(super) wake_at: Option<i64>,
}

impl StoredState {
    pub(super) fn of(state: DeliveryState) -> Self {
        let (attempt, how) = match state {
            DeliveryState::InFlight { attempt } => (Some(attempt), None),
            DeliveryState::Verifying { attempt, how, until: _ } => (Some(attempt), Some(verify_code(how))),
            DeliveryState::Queued
            | DeliveryState::Waiting { .. }
            | DeliveryState::Delivered
            | DeliveryState::Parked
            | DeliveryState::Cancelled
            | DeliveryState::Discarded
            | DeliveryState::Superseded => (None, None),
        };
        let wake_at = state.wake_at().map(super::codes::micros);
        Self { code: state_code(state.name()), attempt, how, wake_at }
    }

    pub(super) fn name(self) -> Result<StateName, Fail> {
        state(self.code)
    }

    pub(super) fn state(self) -> Result<DeliveryState, Fail> {
        let attempt = || self.attempt.ok_or_else(|| corrupt("an attempt", "null"));
        let until = || instant(self.wake_at.ok_or_else(|| corrupt("a wake time", "null"))?);
        Ok(match state(self.code)? {
            StateName::Queued => DeliveryState::Queued,
            StateName::Waiting => DeliveryState::Waiting { until: until()? },
            StateName::InFlight => DeliveryState::InFlight { attempt: attempt()? },
            StateName::Verifying => DeliveryState::Verifying { attempt: attempt()?, how: self.how()?, until: until()? },
            StateName::Delivered => DeliveryState::Delivered,
            StateName::Parked => DeliveryState::Parked,
            StateName::Cancelled => DeliveryState::Cancelled,
            StateName::Discarded => DeliveryState::Discarded,
            StateName::Superseded => DeliveryState::Superseded,
        })
    }

    fn how(self) -> Result<Verify, Fail> {
        verify(self.how.ok_or_else(|| corrupt("a way to verify", "null"))?)
    }
}

impl DeliveryRow {
    /// What goes out by default, given the exchange's body: its own content, or what stands in that body's place, or that body.
    pub(super) fn whole(&self, exchange: i64) -> i64 {
        self.body.or(self.instead).unwrap_or(exchange)
    }

    /// From [`DELIVERY`], beginning at column 0.
    pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            seq: row.get(0)?,
            system: row.get(1)?,
            operation: row.get(2)?,
            route: row.get(3)?,
            client: row.get(4)?,
            class: row.get(5)?,
            lane: row.get(6)?,
            on_parked: row.get(7)?,
            rank: row.get(8)?,
            received_at: row.get(9)?,
            body: row.get(10)?,
            done: row.get(11)?,
            head: row.get(12)?,
            version: row.get(13)?,
            state: StoredState { code: row.get(14)?, attempt: row.get(15)?, how: row.get(16)?, wake_at: row.get(17)? },
            attempts: row.get(18)?,
            spent: row.get(19)?,
            unsettled: row.get(20)?,
            updated_at: row.get(21)?,
            fault_group: row.get(22)?,
            fault: row.get(23)?,
            amended: row.get(24)?,
            instead: row.get(25)?,
        })
    }

    /// The record, given the exchange's id and the order key.
    pub(super) fn record(
        &self,
        exchange: ExchangeId,
        lane: Option<OrderKey>,
        known: &Known,
    ) -> Result<DeliveryRecord, Fail> {
        let (fault, fingerprint) = match &self.fault {
            Some(json) => fault_from_text(json).map(|(fault, print)| (Some(fault), print))?,
            None => (None, None),
        };
        Ok(DeliveryRecord {
            id: DeliveryId { exchange, index: index_of(self.seq) },
            system: known.systems.value(self.system)?,
            operation: known.operations.value(self.operation)?,
            route: known.routes.value(self.route)?,
            client: known.clients.value(self.client)?,
            class: class(self.class)?,
            lane_seq: if lane.is_some() { count64(self.seq)? } else { 0 },
            lane,
            on_parked: on_parked(self.on_parked)?,
            version: self.version,
            state: self.state.state()?,
            attempts: self.attempts,
            spent: self.spent,
            unsettled: self.unsettled,
            fault,
            fingerprint,
            body: self.body.map(BodyId),
            amended: self.amended,
            instead: self.instead.map(BodyId),
            updated_at: instant(self.updated_at)?,
            is_head: self.head,
        })
    }
}

/// Columns of [`ExchangeRow::read`], of tables called `e` and `k`.
pub(super) const EXCHANGE: &str = "e.seq, e.id, e.facet, e.class, e.config, e.received_at, e.body, e.body_bytes, \
     e.content_type, e.meta, k.text";
/// How many they are.
pub(super) const EXCHANGE_COLUMNS: usize = 11;

/// An exchange read from its row.
#[derive(Debug, Clone)]
pub(super) struct ExchangeRow {
    pub(super) seq: i64,
    pub(super) meta: Arc<ExchangeMeta>,
    pub(super) body: BodyId,
    pub(super) body_bytes: u64,
    pub(super) content_type: ContentType,
}

impl ExchangeRow {
    /// From [`EXCHANGE`], beginning at column `from`.
    pub(super) fn read(row: &Row<'_>, from: usize, known: &Known) -> Result<Self, Fail> {
        let facet = known.facet(row.get(from + 2)?)?;
        let columns = MetaColumns {
            id: exchange_id(row, from + 1)?,
            client: known.clients.value(facet.client)?,
            operation: known.operations.value(facet.operation)?,
            key: key_of(text(row, from + 10)?)?,
            class: class(row.get(from + 3)?)?,
            config: known.configs.value(row.get(from + 4)?)?,
            received_at: instant(row.get(from + 5)?)?,
        };
        Ok(Self {
            seq: row.get(from)?,
            meta: Arc::new(meta_from_text(columns, text(row, from + 9)?)?),
            body: BodyId(row.get(from + 6)?),
            body_bytes: count64(row.get(from + 7)?)?,
            content_type: content_type(row.get(from + 8)?)?,
        })
    }
}

/// A column that holds an exchange's id.
pub(super) fn exchange_id(row: &Row<'_>, column: usize) -> rusqlite::Result<ExchangeId> {
    row.get::<_, [u8; 16]>(column).map(|bytes| ExchangeId(Uuid::from_bytes(bytes)))
}

/// An exchange's id as columns hold it.
pub(super) fn id_bytes(id: &ExchangeId) -> &[u8] {
    id.0.as_bytes()
}

/// A text column without copying it.
pub(super) fn text<'a>(row: &'a Row<'_>, column: usize) -> Result<&'a str, Fail> {
    row.get_ref(column)?.as_str().map_err(|error| corrupt("a text", error))
}

/// A text column that holds an order key, or nothing.
pub(super) fn order_key(row: &Row<'_>, column: usize) -> Result<Option<OrderKey>, Fail> {
    row.get_ref(column)?
        .as_str_or_null()
        .map_err(|error| corrupt("an order key", error))?
        .map_or(Ok(None), |text| OrderKey::new(text).map(Some).map_err(|_| corrupt("an order key", text)))
}

/// A small number column that may be null.
pub(super) fn small(row: &Row<'_>, column: usize) -> Result<Option<u32>, Fail> {
    row.get::<_, Option<i64>>(column)?.map(count32).transpose()
}
