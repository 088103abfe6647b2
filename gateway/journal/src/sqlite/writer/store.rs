//! One connection for writing with all that goes along: statements, counters, and what the open transaction has to write at its end. It does not commit.

use std::collections::HashMap;
use std::sync::Arc;

use lienthong_core::{
    BusinessKey, ClientId, DeliveryId, ExchangeId, Fault, Fingerprint, OperationName, StateName, SystemId, Timestamp,
};
use rusqlite::{Connection, OptionalExtension, params};

use super::groups::SeenFault;
use super::recent::Recent;
use crate::command::{BodyInput, Command};
use crate::error::Refusal;
use crate::record::{Actor, BodyId, Committed, EventKind, EventRecord};
use crate::sqlite::Shared;
use crate::sqlite::bodies::Filed;
use crate::sqlite::codes::{content_type_code, event_kind_code, length, micros, state_code};
use crate::sqlite::fail::Fail;
use crate::sqlite::row::id_bytes;
use crate::sqlite::sql::{Sql, Statements};

/// What a command came to: done, or refused.
pub(in crate::sqlite) type Verdict<T> = Result<Result<T, Refusal>, Fail>;

/// The last integer given of each kind.
#[derive(Debug, Clone, Copy, Default)]
pub(in crate::sqlite) struct Counters {
    pub(super) exchange: i64,
    pub(in crate::sqlite) event: i64,
    pub(super) body: i64,
    pub(super) key: i64,
    pub(super) group: i64,
    /// Segments of terms that are sealed.
    pub(super) sealed: i64,
}

/// What the open transaction writes at its end.
#[derive(Default)]
pub(super) struct Pending {
    events: Vec<PendingEvent>,
    tally: HashMap<(i64, i64, i64, i64), i64>,
    pub(super) seen: HashMap<i64, SeenFault>,
}

struct PendingEvent {
    record: EventRecord,
    system: Option<i64>,
    client: Option<i64>,
    operation: Option<i64>,
}

/// Who a fault or an event is about.
pub(super) struct About<'a> {
    pub(super) delivery: DeliveryId,
    pub(super) system: (&'a SystemId, i64),
    pub(super) operation: (&'a OperationName, i64),
    pub(super) client: (&'a ClientId, i64),
    pub(super) key: &'a BusinessKey,
}

/// What of an event is not told by what it is about.
pub(super) struct Happening<'a> {
    pub(super) at: Timestamp,
    pub(super) kind: EventKind,
    pub(super) state: StateName,
    pub(super) attempt: Option<u32>,
    pub(super) fault: Option<&'a (Fault, Fingerprint)>,
    pub(super) actor: Actor,
    pub(super) note: Option<String>,
}

/// See the head of this file.
pub(in crate::sqlite) struct Store<'c> {
    pub(super) sql: Statements<'c>,
    pub(super) shared: &'c Shared,
    pub(in crate::sqlite) next: Counters,
    pub(super) pending: Pending,
    pub(super) groups: HashMap<Fingerprint, i64>,
    pub(super) recent: Recent,
    /// Nothing new is accepted in this transaction.
    pub(in crate::sqlite) closed_for_new: bool,
}

impl<'c> Store<'c> {
    pub(in crate::sqlite) fn new(connection: &'c Connection, shared: &'c Shared) -> Result<Self, Fail> {
        Ok(Self {
            sql: Statements::new(connection),
            shared,
            next: counters(connection)?,
            pending: Pending::default(),
            groups: HashMap::new(),
            recent: Recent::default(),
            closed_for_new: false,
        })
    }

    pub(in crate::sqlite) fn connection(&self) -> &'c Connection {
        self.sql.connection()
    }

    /// Forgets what the transaction that was rolled back had given out.
    pub(in crate::sqlite) fn forget(&mut self) -> Result<(), Fail> {
        self.pending = Pending::default();
        self.groups.clear();
        self.recent.clear();
        self.next = counters(self.connection())?;
        self.shared.names.reload(self.connection())
    }

    /// Applies one command inside the open transaction.
    pub(in crate::sqlite) fn apply(&mut self, command: &Command, filed: &Filed) -> Verdict<Committed> {
        match command {
            Command::Accept(acceptance) => self.accept(acceptance, filed),
            Command::Move(transition) => self.transition(transition, filed),
            Command::LeaseInbox { deliveries, until, at } => self.lease(deliveries, *until, *at),
            Command::Set(setting) => self.set(setting),
            Command::SetCursor { name, value, at } => {
                self.sql.get(Sql::CursorPut)?.execute((name, value, micros(*at)))?;
                Ok(Ok(Committed::Done))
            }
            Command::Measure { hours, keep_from } => self.measure(hours, *keep_from),
            Command::Memo(change) => self.memo(change),
            Command::Act(act) => {
                self.act(act)?;
                let told = format!("{}/{}: {}", act.kind, act.id, act.verb);
                self.note(act.at, EventKind::MemoChanged, None, act.actor.clone(), Some(told))
            }
            Command::Amend(amend) => self.amend(amend, filed),
            Command::Note { at, kind, system, actor, text } => {
                self.note(*at, *kind, system.as_ref(), actor.clone(), Some(text.clone()))
            }
        }
    }

    /// Writes what was gathered, and hands out the events to publish after the commit.
    pub(in crate::sqlite) fn flush(&mut self) -> Result<Arc<[EventRecord]>, Fail> {
        let pending = std::mem::take(&mut self.pending);
        for ((system, client, class, state), n) in pending.tally {
            if n != 0 {
                self.sql.get(Sql::TallyAdd)?.execute((system, client, class, state, n))?;
            }
        }
        self.write_seen(pending.seen)?;
        let mut records = Vec::with_capacity(pending.events.len());
        for event in pending.events {
            records.push(self.write_event(event)?);
        }
        Ok(records.into())
    }

    fn write_event(&mut self, event: PendingEvent) -> Result<EventRecord, Fail> {
        let PendingEvent { mut record, system, client, operation } = event;
        self.next.event += 1;
        record.seq = u64::try_from(self.next.event).unwrap_or_default();
        let (actor_kind, actor) = actor_columns(&record.actor);
        self.sql.get(Sql::EventAdd)?.execute(params![
            self.next.event,
            micros(record.at),
            event_kind_code(record.kind),
            record.exchange.as_ref().map(id_bytes),
            record.delivery.map(|id| id.index),
            system,
            client,
            operation,
            record.key.as_ref().map(BusinessKey::as_str),
            record.state.map(state_code),
            record.attempt,
            record.fault.map(lienthong_core::FaultCode::as_str),
            record.fingerprint.as_ref().map(Fingerprint::as_str),
            actor_kind,
            actor,
            record.note,
        ])?;
        Ok(record)
    }

    /// An event about one delivery.
    pub(super) fn happened(&mut self, about: &About<'_>, what: Happening<'_>) {
        let Happening { at, kind, state, attempt, fault, actor, note } = what;
        let record = EventRecord {
            seq: 0,
            at,
            kind,
            exchange: Some(about.delivery.exchange),
            delivery: Some(about.delivery),
            system: Some(about.system.0.clone()),
            client: Some(about.client.0.clone()),
            operation: Some(about.operation.0.clone()),
            key: Some(about.key.clone()),
            state: Some(state),
            attempt,
            fault: fault.map(|(fault, _)| fault.code),
            fingerprint: fault.map(|(_, print)| print.clone()),
            actor,
            note,
        };
        self.pending.events.push(PendingEvent {
            record,
            system: Some(about.system.1),
            client: Some(about.client.1),
            operation: Some(about.operation.1),
        });
    }

    /// A whole exchange is there.
    pub(super) fn accepted(&mut self, meta: &lienthong_core::ExchangeMeta, client: i64, operation: i64) {
        self.of_exchange(meta, (client, operation), EventKind::Accepted, None);
    }

    /// An event about a whole exchange; the integers are those of its client and operation.
    pub(super) fn of_exchange(
        &mut self,
        meta: &lienthong_core::ExchangeMeta,
        (client, operation): (i64, i64),
        kind: EventKind,
        note: Option<String>,
    ) {
        let actor = match meta.authenticated_by {
            lienthong_core::exchange::AuthenticatedBy::Gateway => Actor::Gateway,
            lienthong_core::exchange::AuthenticatedBy::ApiKey
            | lienthong_core::exchange::AuthenticatedBy::ClientCertificate
            | lienthong_core::exchange::AuthenticatedBy::SystemSecret
            | lienthong_core::exchange::AuthenticatedBy::Broker => Actor::Client(meta.client.clone()),
        };
        let record = EventRecord {
            exchange: Some(meta.id),
            client: Some(meta.client.clone()),
            operation: Some(meta.operation.clone()),
            key: Some(meta.key.clone()),
            ..bare(meta.received_at, kind, actor, note)
        };
        self.pending.events.push(PendingEvent {
            record,
            system: None,
            client: Some(client),
            operation: Some(operation),
        });
    }

    /// An event that moves no delivery.
    pub(super) fn note(
        &mut self,
        at: Timestamp,
        kind: EventKind,
        system: Option<&SystemId>,
        actor: Actor,
        text: Option<String>,
    ) -> Verdict<Committed> {
        let id = system.map(|system| self.shared.names.system(self.connection(), system)).transpose()?;
        let record = EventRecord { system: system.cloned(), ..bare(at, kind, actor, text) };
        self.pending.events.push(PendingEvent { record, system: id, client: None, operation: None });
        Ok(Ok(Committed::Done))
    }

    /// One delivery more or less in a state.
    pub(super) fn count(&mut self, system: i64, client: i64, class: i64, state: i64, by: i64) {
        *self.pending.tally.entry((system, client, class, state)).or_default() += by;
    }

    /// Stores a body, or counts one more reference to a stored one. Answers its id, content type's code and size.
    pub(super) fn body(&mut self, input: &BodyInput, filed: &Filed) -> Result<(BodyId, i64, i64), Fail> {
        match input {
            BodyInput::New { content_type, bytes } => {
                self.next.body += 1;
                let (kind, size) = (content_type_code(*content_type), length(bytes.len()));
                let file = filed.hash(bytes).map(<[u8; 32]>::as_slice);
                let inline = file.is_none().then_some(bytes.as_ref());
                self.sql.get(Sql::BodyAdd)?.execute((self.next.body, kind, size, file, inline))?;
                Ok((BodyId(self.next.body), kind, size))
            }
            BodyInput::Stored(id) => {
                let about = self.about_body(*id)?;
                self.sql.get(Sql::BodyShare)?.execute((id.0,))?;
                Ok(about)
            }
        }
    }

    /// A stored body without a further reference.
    pub(super) fn about_body(&mut self, id: BodyId) -> Result<(BodyId, i64, i64), Fail> {
        let statement = self.sql.get(Sql::BodyAbout)?;
        let found = statement.query_row((id.0,), |row| Ok((id, row.get(0)?, row.get(1)?))).optional()?;
        found.ok_or_else(|| Fail::Misuse(format!("body {} is not stored", id.0)))
    }

    pub(super) fn exchange_exists(&mut self, id: &ExchangeId) -> Result<bool, Fail> {
        Ok(self.sql.get(Sql::ExchangeFind)?.exists((id_bytes(id),))?)
    }
}

/// An event of which nothing more is known.
fn bare(at: Timestamp, kind: EventKind, actor: Actor, note: Option<String>) -> EventRecord {
    EventRecord {
        seq: 0,
        at,
        kind,
        exchange: None,
        delivery: None,
        system: None,
        client: None,
        operation: None,
        key: None,
        state: None,
        attempt: None,
        fault: None,
        fingerprint: None,
        actor,
        note,
    }
}

/// An actor as two columns.
pub(in crate::sqlite) fn actor_columns(actor: &Actor) -> (i64, Option<&str>) {
    match actor {
        Actor::Gateway => (0, None),
        Actor::Client(name) => (1, Some(name.as_str())),
        Actor::Operator(name) => (2, Some(name)),
    }
}

/// The last integers given; those that retention removed are remembered in `meta`.
fn counters(connection: &Connection) -> Result<Counters, Fail> {
    let last = |table: &str, column: &str| -> Result<i64, Fail> {
        let sql = format!(
            "SELECT max(ifnull((SELECT max({column}) FROM {table}), 0), \
             ifnull((SELECT value FROM meta WHERE name = 'last_{table}'), 0))"
        );
        Ok(connection.query_row(&sql, (), |row| row.get(0))?)
    };
    Ok(Counters {
        exchange: last("exchange", "seq")?,
        event: last("event", "seq")?,
        body: last("body", "id")?,
        key: last("bkey", "id")?,
        group: last("error_group", "id")?,
        sealed: super::terms::sealed(connection)?,
    })
}
