//! Accepting an exchange: everything that can refuse it is looked at before anything is written. It sends nothing.

use std::sync::Arc;

use lienthong_core::{BusinessKey, DeliveryId, DeliveryState, ExchangeId, ExchangeMeta, StateName};
use rusqlite::params;

use super::keys::{AliasPlan, ResolvedKey};
use super::recall::Recalled;
use super::recent::Found;
use super::replay::{Recognised, child_link};
use super::store::{About, Happening, Store, Verdict};
use crate::command::{Acceptance, Idempotency, NewDelivery};
use crate::error::Refusal;
use crate::record::{Actor, BodyId, Committed, EventKind, Head};
use crate::sqlite::bodies::Filed;
use crate::sqlite::codes::{class_code, content_type, count64, micros, on_parked_code, state_code};
use crate::sqlite::fail::Fail;
use crate::sqlite::names::Facet;
use crate::sqlite::row::{DeliveryRow, StoredState, delivery_seq, id_bytes};
use crate::sqlite::sql::Sql;
use crate::sqlite::stored::meta_to_text;

/// Nothing stands against an acceptance, or it was accepted before.
pub(super) enum Plan {
    Fresh(Fresh),
    Replayed(ExchangeId),
    /// A copy of this exchange, by its [`lienthong_core::exchange::Recognition`].
    Copy(ExchangeId, ResolvedKey),
}

/// What was found out before writing.
pub(super) struct Fresh {
    key: ResolvedKey,
    aliases: Vec<AliasPlan>,
    link: Option<Vec<u8>>,
    /// Its idempotency key was used before, and has expired.
    key_expired: bool,
    /// Which content under its identity this is, where it is recognised.
    version: Option<u32>,
}

/// What an acceptance came to.
pub(super) struct Born {
    pub(super) key: BusinessKey,
    pub(super) heads: Vec<Head>,
    pub(super) superseded: Vec<DeliveryId>,
}

/// The exchange its deliveries are written for.
pub(super) struct Parent<'a> {
    pub(super) seq: i64,
    pub(super) meta: &'a Arc<ExchangeMeta>,
    pub(super) key: i64,
    /// The key as it was given, before alias resolution.
    given: &'a BusinessKey,
    body: (BodyId, i64, i64),
    bytes: Option<bytes::Bytes>,
}

/// Integers of one delivery's names.
struct NamesOf {
    system: i64,
    operation: i64,
    route: i64,
    client: i64,
}

impl Store<'_> {
    pub(super) fn accept(&mut self, acceptance: &Acceptance, filed: &Filed) -> Verdict<Committed> {
        match self.plan(acceptance, self.closed_for_new)? {
            Ok(Plan::Fresh(fresh)) => {
                let born = self.write(acceptance, &fresh, filed)?;
                let Born { key, heads, superseded } = born;
                Ok(Ok(Committed::Accepted { exchange: acceptance.exchange.id, key, heads, superseded }))
            }
            Ok(Plan::Replayed(exchange)) => Ok(Ok(Committed::Replayed { exchange })),
            Ok(Plan::Copy(exchange, key)) => {
                self.copied(acceptance, exchange, &key)?;
                Ok(Ok(Committed::Replayed { exchange }))
            }
            Err(refusal) => Ok(Err(refusal)),
        }
    }

    /// Looks for what stands against an acceptance; writes nothing.
    pub(super) fn plan(&mut self, acceptance: &Acceptance, closed: bool) -> Verdict<Plan> {
        let meta = &acceptance.exchange;
        let mut key_expired = false;
        if let Some(idempotency) = &acceptance.idempotency {
            match self.recognise(idempotency, micros(meta.received_at))? {
                Ok(Recognised::As(exchange)) => return Ok(Ok(Plan::Replayed(exchange))),
                Ok(Recognised::Expired) => key_expired = true,
                Ok(Recognised::New) => {}
                Err(refusal) => return Ok(Err(refusal)),
            }
        }
        if self.exchange_exists(&meta.id)? {
            return Ok(Ok(Plan::Replayed(meta.id)));
        }
        if closed {
            return Ok(Err(Refusal::DiskFull));
        }
        let link = child_link(meta);
        if let Some(link) = &link
            && let Some(child) = self.child(link)?
        {
            return Ok(Err(Refusal::ChildExists(child)));
        }
        let key = self.resolve(&meta.key)?;
        let version = match self.recall(meta)? {
            Recalled::Copy(exchange) => return Ok(Ok(Plan::Copy(exchange, key))),
            Recalled::Version(version) => Some(version),
            Recalled::Unnamed => None,
        };
        let planned = self.plan_aliases(&meta.aliases, &key)?;
        Ok(planned.map(|aliases| Plan::Fresh(Fresh { key, aliases, link, key_expired, version })))
    }

    /// Writes an acceptance nothing stands against.
    pub(super) fn write(&mut self, acceptance: &Acceptance, fresh: &Fresh, filed: &Filed) -> Result<Born, Fail> {
        let key = match fresh.key.id {
            Some(id) => id,
            None => self.add_key(fresh.key.key.as_str(), None)?,
        };
        self.apply_aliases(&fresh.aliases, key)?;
        let body = self.body(&acceptance.body, filed)?;
        let mut meta = ExchangeMeta { key: fresh.key.key.clone(), ..acceptance.exchange.clone() };
        self.remember(&mut meta, fresh.version)?;
        let meta = Arc::new(meta);
        self.next.exchange += 1;
        let parent = Parent {
            seq: self.next.exchange,
            meta: &meta,
            key,
            given: &acceptance.exchange.key,
            body,
            bytes: acceptance.body.at_hand(self.shared.inline_bytes),
        };
        self.write_exchange(acceptance, &parent, fresh)?;
        if let Some(pace) = acceptance.noted.pace {
            self.pace(key, pace, meta.received_at)?;
        }
        let mut born = Born { key: meta.key.clone(), heads: Vec::new(), superseded: Vec::new() };
        for (delivery, index) in acceptance.deliveries.iter().zip(0_u16..) {
            self.write_delivery(delivery, index, &parent, filed, &mut born)?;
        }
        for also in &acceptance.also {
            self.write_also(also, filed, &mut born)?;
        }
        Ok(born)
    }

    /// What is born with another exchange has nothing that could be refused.
    fn write_also(&mut self, also: &Acceptance, filed: &Filed, born: &mut Born) -> Result<(), Fail> {
        match self.plan(also, false)? {
            Ok(Plan::Fresh(fresh)) => {
                let Born { key: _, heads, superseded } = self.write(also, &fresh, filed)?;
                born.heads.extend(heads);
                born.superseded.extend(superseded);
                Ok(())
            }
            Ok(Plan::Replayed(_) | Plan::Copy(..)) => Err(Fail::Misuse("an exchange is born twice".to_owned())),
            Err(refusal) => Err(Fail::Misuse(format!("an exchange born with another is refused: {refusal}"))),
        }
    }

    fn write_exchange(&mut self, acceptance: &Acceptance, parent: &Parent<'_>, fresh: &Fresh) -> Result<(), Fail> {
        let (meta, connection) = (parent.meta, self.connection());
        let names = &self.shared.names;
        let client = names.client(connection, &meta.client)?;
        let operation = names.operation(connection, &meta.operation)?;
        let mut systems = Vec::with_capacity(acceptance.deliveries.len());
        for delivery in &acceptance.deliveries {
            systems.push(names.system(connection, &delivery.system)?);
        }
        systems.sort_unstable();
        systems.dedup();
        let facet = names.facet_id(connection, &Facet { client, operation, systems })?;
        for delivery in &acceptance.deliveries {
            names.route_in(connection, names.route(connection, &delivery.route)?, facet)?;
        }
        let config = names.config(connection, &meta.config)?;
        let received_at = micros(meta.received_at);
        let (BodyId(body), content_type, body_bytes) = parent.body;
        self.sql.get(Sql::ExchangeAdd)?.execute(params![
            parent.seq,
            id_bytes(&meta.id),
            parent.key,
            facet,
            class_code(meta.class),
            config,
            received_at,
            body,
            body_bytes,
            content_type,
            fresh.link,
            meta_to_text(meta)?,
            super::terms::bytes(&acceptance.noted.terms),
        ])?;
        if let Some(Idempotency { scope, key, fingerprint, expires_at }) = &acceptance.idempotency {
            let scope = self.shared.names.client(connection, scope)?;
            if fresh.key_expired {
                self.sql.get(Sql::IdempotencyDrop)?.execute((scope, key))?;
            }
            let row = params![scope, key, fingerprint.as_slice(), id_bytes(&meta.id), micros(*expires_at)];
            self.sql.get(Sql::IdempotencyAdd)?.execute(row)?;
        }
        self.accepted(meta, client, operation);
        Ok(())
    }

    fn write_delivery(
        &mut self,
        new: &NewDelivery,
        index: u16,
        parent: &Parent<'_>,
        filed: &Filed,
        born: &mut Born,
    ) -> Result<(), Fail> {
        let (connection, meta) = (self.connection(), parent.meta);
        let names = NamesOf {
            system: self.shared.names.system(connection, &new.system)?,
            operation: self.shared.names.operation(connection, &new.operation)?,
            route: self.shared.names.route(connection, &new.route)?,
            client: self.shared.names.client(connection, &new.client)?,
        };
        let id = DeliveryId { exchange: meta.id, index };
        let about = About {
            delivery: id,
            system: (&new.system, names.system),
            operation: (&new.operation, names.operation),
            client: (&new.client, names.client),
            key: &meta.key,
        };
        let own = new.body.as_ref().map(|body| self.body(body, filed)).transpose()?;
        let kept = new.fault.as_ref().map(|fault| self.fault(fault, &about, meta.received_at)).transpose()?;
        let lane = match &new.lane {
            Some(lane) if lane.key.as_str() == parent.given.as_str() => Some(parent.key),
            Some(lane) => Some(self.word(lane.key.as_str())?),
            None => None,
        };
        let mut row = first_row(new, &names, parent, index);
        (row.lane, row.body) = (lane, own.map(|(id, _, _)| id.0));
        (row.fault_group, row.fault) = kept.map(|kept| (kept.group, kept.text)).unzip();
        if let Some(lane) = lane {
            if new.lane.as_ref().is_some_and(|lane| lane.supersede) {
                self.supersede(&row, meta, born)?;
            }
            self.enter_lane(&mut row, lane, born)?;
        }
        self.insert_delivery(&row)?;
        self.count(row.system, row.client, row.class, row.state.code, 1);
        self.tell_birth(new, &about, meta);
        if let Some(start) = &new.attempt {
            let whole = own.map_or(parent.body.0, |(id, _, _)| id);
            self.begin_attempt(row.seq, start, whole, filed)?;
        }
        if !matches!(row.done, Some(1)) {
            let whole = own.map_or(parent.body.0, |(id, _, _)| id);
            self.recent.put(meta.id, Found { row: row.clone(), key: meta.key.clone(), whole });
        }
        if row.head && is_due(&row.state, micros(meta.received_at)) {
            born.heads.push(self.fresh_head(new, &row, id, parent, own)?);
        }
        Ok(())
    }

    fn insert_delivery(&mut self, row: &DeliveryRow) -> Result<(), Fail> {
        let (ready, timer) = schedule(row.head, &row.state);
        self.sql.get(Sql::DeliveryAdd)?.execute(params![
            row.seq,
            row.system,
            row.operation,
            row.route,
            row.client,
            row.class,
            row.lane,
            row.on_parked,
            row.rank,
            row.received_at,
            row.body,
            row.done,
            row.head,
            ready,
            timer,
            row.version,
            row.state.code,
            row.state.attempt,
            row.state.how,
            row.state.wake_at,
            row.attempts,
            row.updated_at,
            row.fault_group,
            row.fault,
        ])?;
        Ok(())
    }

    /// A delivery born in any state but queued says so in an event of its own.
    fn tell_birth(&mut self, new: &NewDelivery, about: &About<'_>, meta: &ExchangeMeta) {
        let kind = match new.state.name() {
            StateName::Queued => return,
            StateName::Waiting => EventKind::Waiting,
            StateName::InFlight => EventKind::Admitted,
            StateName::Verifying => EventKind::Verifying,
            StateName::Delivered => EventKind::Delivered,
            StateName::Parked => EventKind::Parked,
            StateName::Cancelled => EventKind::Cancelled,
            StateName::Discarded => EventKind::Discarded,
            StateName::Superseded => EventKind::Superseded,
        };
        let what = Happening {
            at: meta.received_at,
            kind,
            state: new.state.name(),
            attempt: new.attempt.as_ref().map(|start| start.attempt),
            fault: new.fault.as_ref(),
            actor: Actor::Gateway,
            note: None,
        };
        self.happened(about, what);
    }

    /// A head just written, from what is at hand.
    fn fresh_head(
        &self,
        new: &NewDelivery,
        row: &DeliveryRow,
        id: DeliveryId,
        parent: &Parent<'_>,
        own: Option<(BodyId, i64, i64)>,
    ) -> Result<Head, Fail> {
        let lane = new.lane.as_ref().map(|lane| {
            if lane.key.as_str() == parent.given.as_str() { parent.meta.key.clone().into() } else { lane.key.clone() }
        });
        let (_, kind, size) = own.unwrap_or(parent.body);
        Ok(Head {
            delivery: row.record(id.exchange, lane, &self.shared.names.known())?,
            exchange: Arc::clone(parent.meta),
            body_id: parent.body.0,
            content_type: content_type(kind)?,
            body_bytes: count64(size)?,
            body: match &new.body {
                Some(body) => body.at_hand(self.shared.inline_bytes),
                None => parent.bytes.clone(),
            },
        })
    }
}

fn first_row(new: &NewDelivery, names: &NamesOf, parent: &Parent<'_>, index: u16) -> DeliveryRow {
    let received_at = micros(parent.meta.received_at);
    DeliveryRow {
        seq: delivery_seq(parent.seq, index),
        system: names.system,
        operation: names.operation,
        route: names.route,
        client: names.client,
        class: class_code(parent.meta.class),
        lane: None,
        on_parked: new.lane.as_ref().map_or(0, |lane| on_parked_code(lane.on_parked)),
        // Inbox items go out in the order they came.
        rank: if new.system.is_inbox() { received_at } else { micros(parent.meta.rank()) },
        received_at,
        body: None,
        done: None,
        head: false,
        version: 1,
        state: StoredState::of(new.state),
        attempts: new.attempt.as_ref().map_or(0, |start| start.attempt),
        spent: 0,
        unsettled: None,
        updated_at: received_at,
        fault_group: None,
        fault: None,
        amended: None,
        instead: None,
    }
}

/// Whether and when a delivery may go: columns `ready` and `timer`. Only heads are scheduled.
pub(super) fn schedule(head: bool, state: &StoredState) -> (bool, Option<i64>) {
    (head && state.code == state_code(StateName::Queued), state.wake_at.filter(|_| head))
}

/// Whether a head in this state may go now: queued, or its time has come.
pub(super) fn is_due(state: &StoredState, now: i64) -> bool {
    state.code == state_code(StateName::Queued) || state.wake_at.is_some_and(|at| at <= now)
}

/// The state a delivery of a lane leaves it in: still holding, over, or parked aside.
pub(super) fn done_code(state: DeliveryState, on_parked: i64) -> i64 {
    match state.name() {
        StateName::Delivered | StateName::Cancelled | StateName::Discarded | StateName::Superseded => 1,
        StateName::Parked if on_parked == on_parked_code(lienthong_core::delivery::OnParked::Skip) => 2,
        StateName::Parked | StateName::Queued | StateName::Waiting | StateName::InFlight | StateName::Verifying => 0,
    }
}
