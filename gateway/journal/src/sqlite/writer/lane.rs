//! Lanes: who is the head, who comes next, and what a newer snapshot replaces. One head a lane; only a head is scheduled.

use lienthong_core::{DeliveryId, DeliveryState, ExchangeMeta, StateName, Timestamp};
use rusqlite::{OptionalExtension, params};

use super::accept::{Born, done_code, is_due, schedule};
use super::moves::is_over;
use super::store::{About, Happening, Store};
use crate::record::{Actor, EventKind, Head};
use crate::sqlite::codes::{micros, state_code};
use crate::sqlite::fail::Fail;
use crate::sqlite::read::head::{Inline, head_of_seq};
use crate::sqlite::row::{DeliveryRow, StoredState, exchange_id, index_of, text};
use crate::sqlite::sql::Sql;
use crate::sqlite::stored::key_of;

impl Store<'_> {
    /// Gives a new delivery its place: the head when nobody holds the lane before it.
    pub(super) fn enter_lane(&mut self, row: &mut DeliveryRow, lane: i64, born: &mut Born) -> Result<(), Fail> {
        let done = done_code(row.state.state()?, row.on_parked);
        row.done = Some(done);
        let first = self.first_holder(lane, row.system)?;
        match first {
            Some(first) if !first.head && !self.overtaken_in_flight(&first)? => {
                // The head was superseded and this one moves up.
                born.heads.extend(self.promote(&first, row.received_at)?);
            }
            Some(_) => {}
            None => row.head = done == 0,
        }
        Ok(())
    }

    /// Older unsent deliveries of the lane and operation give way to `newer`.
    pub(super) fn supersede(&mut self, newer: &DeliveryRow, by: &ExchangeMeta, born: &mut Born) -> Result<(), Fail> {
        let mut found = Vec::new();
        let first_of_this = crate::sqlite::row::delivery_seq(crate::sqlite::row::exchange_of(newer.seq), 0);
        let statement = self.sql.get(Sql::LaneReplaceable)?;
        let mut rows = statement.query((newer.lane, newer.system, newer.operation, first_of_this))?;
        while let Some(row) = rows.next()? {
            let old = DeliveryRow::read(row)?;
            let key = key_of(text(row, crate::sqlite::row::DELIVERY_COLUMNS + 1)?)?;
            let exchange = exchange_id(row, crate::sqlite::row::DELIVERY_COLUMNS)?;
            found.push((DeliveryId { exchange, index: index_of(old.seq) }, key, old));
        }
        drop(rows);
        for (id, key, old) in found {
            self.write_standing(&DeliveryRow {
                version: old.version.saturating_add(1),
                state: StoredState::of(DeliveryState::Superseded),
                done: Some(1),
                head: false,
                updated_at: newer.received_at,
                fault_group: None,
                fault: None,
                ..old.clone()
            })?;
            self.moved(&old, state_code(StateName::Superseded));
            let (system, operation, client) = {
                let known = self.shared.names.known();
                (
                    known.systems.value(old.system)?,
                    known.operations.value(old.operation)?,
                    known.clients.value(old.client)?,
                )
            };
            let about = About {
                delivery: id,
                system: (&system, old.system),
                operation: (&operation, old.operation),
                client: (&client, old.client),
                key: &key,
            };
            let what = Happening {
                at: by.received_at,
                kind: EventKind::Superseded,
                state: StateName::Superseded,
                attempt: None,
                fault: None,
                actor: Actor::Gateway,
                note: Some(by.id.to_string()),
            };
            self.happened(&about, what);
            born.superseded.push(id);
        }
        Ok(())
    }

    /// The delivery that holds the lane with the smallest sequence.
    pub(super) fn first_holder(&mut self, lane: i64, system: i64) -> Result<Option<DeliveryRow>, Fail> {
        Ok(self.sql.get(Sql::LaneFirst)?.query_row((lane, system), DeliveryRow::read).optional()?)
    }

    /// Whether somebody later in the lane is still the head because he was in flight when `first` came back before him.
    fn overtaken_in_flight(&mut self, first: &DeliveryRow) -> Result<bool, Fail> {
        let sql = "SELECT 1 FROM delivery WHERE lane = ?1 AND system = ?2 AND done = 0 AND head = 1 LIMIT 1";
        Ok(self.connection().prepare_cached(sql)?.exists((first.lane, first.system))?)
    }

    /// Makes `row` the head of its lane; answers it when it may go at once.
    pub(super) fn promote(&mut self, row: &DeliveryRow, now: i64) -> Result<Option<Head>, Fail> {
        let (ready, timer) = schedule(true, &row.state);
        self.recent.forget(row.seq);
        self.sql.get(Sql::DeliveryHead)?.execute((row.seq, true, ready, timer))?;
        if is_due(&row.state, now) { self.load_head(row.seq) } else { Ok(None) }
    }

    /// Takes the head's place away, for one that came back before it.
    pub(super) fn demote(&mut self, row: &DeliveryRow) -> Result<(), Fail> {
        self.recent.forget(row.seq);
        self.sql.get(Sql::DeliveryHead)?.execute((row.seq, false, false, None::<i64>))?;
        Ok(())
    }

    pub(super) fn load_head(&mut self, seq: i64) -> Result<Option<Head>, Fail> {
        let known = self.shared.names.known();
        head_of_seq(self.connection(), &known, seq, Inline::UpTo(self.shared.inline_bytes))
    }

    /// Writes where a delivery stands. Its place in the lane's index is touched only when it changed.
    pub(super) fn write_standing(&mut self, row: &DeliveryRow) -> Result<(), Fail> {
        self.recent.written(row, row.done == Some(1));
        let (ready, timer) = schedule(row.head, &row.state);
        self.sql.get(Sql::DeliveryLeave)?.execute(params![
            row.seq,
            ready,
            timer,
            row.version,
            row.state.code,
            row.state.attempt,
            row.state.how,
            row.state.wake_at,
            row.attempts,
            row.spent,
            row.unsettled,
            row.updated_at,
            row.fault_group,
            row.fault,
            row.done,
            row.head,
        ])?;
        Ok(())
    }

    /// The same for one that keeps its place and its head.
    pub(super) fn write_standing_in_place(&mut self, row: &DeliveryRow) -> Result<(), Fail> {
        self.recent.written(row, is_over(row.state.code));
        let (ready, timer) = schedule(row.head, &row.state);
        self.sql.get(Sql::DeliveryMove)?.execute(params![
            row.seq,
            ready,
            timer,
            row.version,
            row.state.code,
            row.state.attempt,
            row.state.how,
            row.state.wake_at,
            row.attempts,
            row.spent,
            row.unsettled,
            row.updated_at,
            row.fault_group,
            row.fault,
        ])?;
        Ok(())
    }

    /// Counts a delivery out of its old state and into a new one.
    pub(super) fn moved(&mut self, old: &DeliveryRow, state: i64) {
        if old.state.code != state {
            self.count(old.system, old.client, old.class, old.state.code, -1);
            self.count(old.system, old.client, old.class, state, 1);
        }
    }

    /// Decides who is the head once `next` stands where it stands; sets `next.head` and tells who else changes.
    pub(super) fn settle_lane(&mut self, old: &DeliveryRow, next: &mut DeliveryRow) -> Result<LaneChange, Fail> {
        let Some(lane) = old.lane else { return Ok(LaneChange::Nothing) };
        let in_flight = state_code(StateName::InFlight);
        match (old.head, next.done) {
            (true, Some(0)) if next.state.code == in_flight => Ok(LaneChange::Nothing),
            (true, Some(0)) => match self.first_holder(lane, old.system)? {
                // One that was released before it while it was in flight takes its turn now.
                Some(first) if first.seq < old.seq => {
                    next.head = false;
                    Ok(LaneChange::Promote(Box::new(first)))
                }
                Some(_) | None => Ok(LaneChange::Nothing),
            },
            (true, _) => {
                next.head = false;
                Ok(LaneChange::PromoteNext)
            }
            (false, Some(0)) if old.done != Some(0) => self.come_back(lane, old, next),
            (false, _) => Ok(LaneChange::Nothing),
        }
    }

    /// A parked one that stood aside holds its lane again.
    fn come_back(&mut self, lane: i64, old: &DeliveryRow, next: &mut DeliveryRow) -> Result<LaneChange, Fail> {
        match self.first_holder(lane, old.system)? {
            None => {
                next.head = true;
                Ok(LaneChange::Nothing)
            }
            Some(first) if first.head && first.state.code != state_code(StateName::InFlight) => {
                if old.seq < first.seq {
                    next.head = true;
                    return Ok(LaneChange::Demote(Box::new(first)));
                }
                Ok(LaneChange::Nothing)
            }
            // The head is in flight: this one waits for its outcome.
            Some(_) => Ok(LaneChange::Nothing),
        }
    }
}

/// Who else of the lane changes when a delivery moves.
pub(super) enum LaneChange {
    Nothing,
    /// This one becomes the head.
    Promote(Box<DeliveryRow>),
    /// Whoever is first after the move becomes the head.
    PromoteNext,
    /// This one is the head no more.
    Demote(Box<DeliveryRow>),
}

/// Microseconds of a command's time, which decides what is due.
pub(super) fn now(at: Timestamp) -> i64 {
    micros(at)
}
