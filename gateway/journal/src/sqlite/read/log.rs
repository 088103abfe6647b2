//! Events, attempts, settings, backlog and bodies as they stand. Reads only.

use bytes::Bytes;
use lienthong_core::{BusinessKey, DeliveryId, ExchangeId};
use rusqlite::{Connection, OptionalExtension, Row};

use crate::command::SystemSetting;
use crate::record::{Actor, AmendmentRecord, AttemptOutcome, AttemptRecord, BacklogRow, BodyId, EventRecord};
use crate::sqlite::bodies::{BodyFolder, FileHash};
use crate::sqlite::codes::{class, content_type, count32, count64, event_kind, instant, state};
use crate::sqlite::fail::{Fail, corrupt};
use crate::sqlite::names::Known;
use crate::sqlite::row::{delivery_seq, id_bytes, small, text};
use crate::sqlite::stored::{fault_code, fault_from_text, key_of};

/// See [`crate::Journal::events`].
pub(in crate::sqlite) fn events(
    connection: &Connection,
    known: &Known,
    after: u64,
    limit: usize,
) -> Result<Vec<EventRecord>, Fail> {
    let sql = "SELECT seq, at, kind, exchange, place, system, client, operation, bkey, state, attempt, fault, \
         fingerprint, actor_kind, actor, note FROM event WHERE seq > ?1 ORDER BY seq LIMIT ?2";
    let mut statement = connection.prepare_cached(sql)?;
    let after = i64::try_from(after).unwrap_or(i64::MAX);
    let mut rows = statement.query((after, i64::try_from(limit).unwrap_or(i64::MAX)))?;
    let mut records = Vec::new();
    while let Some(row) = rows.next()? {
        records.push(event(row, known)?);
    }
    Ok(records)
}

/// See [`crate::Journal::recognitions`].
pub(in crate::sqlite) fn recognitions(
    connection: &Connection,
    known: &Known,
    key: &BusinessKey,
    limit: usize,
) -> Result<Vec<EventRecord>, Fail> {
    let sql = "SELECT seq, at, kind, exchange, place, system, client, operation, bkey, state, attempt, fault, \
         fingerprint, actor_kind, actor, note FROM event INDEXED BY event_recognised \
         WHERE kind = 15 AND bkey = ?1 ORDER BY seq LIMIT ?2";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query((key.as_str(), i64::try_from(limit).unwrap_or(i64::MAX)))?;
    let mut records = Vec::new();
    while let Some(row) = rows.next()? {
        records.push(event(row, known)?);
    }
    Ok(records)
}

fn event(row: &Row<'_>, known: &Known) -> Result<EventRecord, Fail> {
    let exchange = row.get::<_, Option<[u8; 16]>>(3)?.map(|bytes| ExchangeId(uuid::Uuid::from_bytes(bytes)));
    let place: Option<u16> = row.get(4)?;
    let key: Option<String> = row.get(8)?;
    let fault: Option<String> = row.get(11)?;
    let print: Option<String> = row.get(12)?;
    Ok(EventRecord {
        seq: count64(row.get(0)?)?,
        at: instant(row.get(1)?)?,
        kind: event_kind(row.get(2)?)?,
        exchange,
        delivery: exchange.zip(place).map(|(exchange, index)| DeliveryId { exchange, index }),
        system: row.get::<_, Option<i64>>(5)?.map(|id| known.systems.value(id)).transpose()?,
        client: row.get::<_, Option<i64>>(6)?.map(|id| known.clients.value(id)).transpose()?,
        operation: row.get::<_, Option<i64>>(7)?.map(|id| known.operations.value(id)).transpose()?,
        key: key.map(|text| key_of(&text)).transpose()?,
        state: row.get::<_, Option<i64>>(9)?.map(state).transpose()?,
        attempt: small(row, 10)?,
        fault: fault.map(|code| fault_code(&code)).transpose()?,
        fingerprint: print.map(|print| print.parse().map_err(|_| corrupt("a fingerprint", print))).transpose()?,
        actor: actor(row.get(13)?, row.get(14)?)?,
        note: row.get(15)?,
    })
}

pub(super) fn actor(kind: i64, name: Option<String>) -> Result<Actor, Fail> {
    match (kind, name) {
        (0, None) => Ok(Actor::Gateway),
        (1, Some(name)) => name.parse().map(Actor::Client).map_err(|_| corrupt("a client", name)),
        (2, Some(name)) => Ok(Actor::Operator(name)),
        (other, _) => Err(corrupt("an actor", other)),
    }
}

/// The newest event's number, 0 before the first.
pub(in crate::sqlite) fn last_event(connection: &Connection) -> Result<u64, Fail> {
    let sql = "SELECT max(ifnull((SELECT max(seq) FROM event), 0), \
         ifnull((SELECT value FROM meta WHERE name = 'last_event'), 0))";
    count64(connection.prepare_cached(sql)?.query_row((), |row| row.get(0))?)
}

/// See [`crate::Journal::attempts`]; first to last.
pub(in crate::sqlite) fn attempts(
    connection: &Connection,
    known: &Known,
    id: DeliveryId,
) -> Result<Vec<AttemptRecord>, Fail> {
    let mut find = connection.prepare_cached("SELECT seq FROM exchange WHERE id = ?1")?;
    let found: Option<i64> = find.query_row((id_bytes(&id.exchange),), |row| row.get(0)).optional()?;
    let Some(exchange) = found else { return Ok(Vec::new()) };
    let sql = "SELECT attempt, reference, started_at, config, sent, sent_type, ended_at, outcome, fault, answer \
         FROM attempt WHERE delivery = ?1 ORDER BY attempt";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query((delivery_seq(exchange, id.index),))?;
    let mut records = Vec::new();
    while let Some(row) = rows.next()? {
        records.push(AttemptRecord {
            attempt: count32(row.get(0)?)?,
            reference: row.get(1)?,
            started_at: instant(row.get(2)?)?,
            config: known.configs.value(row.get(3)?)?,
            sent: BodyId(row.get(4)?),
            sent_type: content_type(row.get(5)?)?,
            ended_at: row.get::<_, Option<i64>>(6)?.map(instant).transpose()?,
            outcome: row.get::<_, Option<i64>>(7)?.map(|code| outcome(code, row)).transpose()?,
            answer: row.get::<_, Option<i64>>(9)?.map(BodyId),
        });
    }
    Ok(records)
}

/// See [`crate::Journal::amendments`]. Bodies that retention removed are of no type any more and are left out.
pub(in crate::sqlite) fn amendments(connection: &Connection, id: DeliveryId) -> Result<Vec<AmendmentRecord>, Fail> {
    let mut find = connection.prepare_cached("SELECT seq FROM exchange WHERE id = ?1")?;
    let found: Option<i64> = find.query_row((id_bytes(&id.exchange),), |row| row.get(0)).optional()?;
    let Some(exchange) = found else { return Ok(Vec::new()) };
    let sql = "SELECT a.number, a.body, b.content_type, b.size, a.at, a.actor_kind, a.actor, a.reason FROM amendment a \
         JOIN body b ON b.id = a.body WHERE a.delivery = ?1 ORDER BY a.number";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query((delivery_seq(exchange, id.index),))?;
    let mut records = Vec::new();
    while let Some(row) = rows.next()? {
        records.push(AmendmentRecord {
            number: count32(row.get(0)?)?,
            body: BodyId(row.get(1)?),
            content_type: content_type(row.get(2)?)?,
            body_bytes: count64(row.get(3)?)?,
            at: instant(row.get(4)?)?,
            actor: actor(row.get(5)?, row.get(6)?)?,
            reason: row.get(7)?,
        });
    }
    Ok(records)
}

fn outcome(code: i64, row: &Row<'_>) -> Result<AttemptOutcome, Fail> {
    match code {
        1 => Ok(AttemptOutcome::Delivered),
        2 => fault_from_text(text(row, 8)?).map(|(fault, _)| AttemptOutcome::Failed(fault)),
        3 => Ok(AttemptOutcome::Lost),
        4 => Ok(AttemptOutcome::FoundDone),
        5 => Ok(AttemptOutcome::FoundNotDone),
        other => Err(corrupt("an outcome", other)),
    }
}

/// See [`crate::Journal::backlog`].
pub(in crate::sqlite) fn backlog(connection: &Connection, known: &Known) -> Result<Vec<BacklogRow>, Fail> {
    let sql = "SELECT system, client, class, state, n FROM tally WHERE n > 0 AND state IN (0, 1, 2, 3, 5)";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(())?;
    let mut backlog = Vec::new();
    while let Some(row) = rows.next()? {
        backlog.push(BacklogRow {
            system: known.systems.value(row.get(0)?)?,
            client: known.clients.value(row.get(1)?)?,
            class: class(row.get(2)?)?,
            state: state(row.get(3)?)?,
            count: count64(row.get(4)?)?,
        });
    }
    Ok(backlog)
}

/// See [`crate::Journal::system_settings`].
pub(in crate::sqlite) fn settings(connection: &Connection, known: &Known) -> Result<Vec<SystemSetting>, Fail> {
    let sql = "SELECT system, paused, reason, actor_kind, actor, at FROM system_setting ORDER BY system";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(())?;
    let mut settings = Vec::new();
    while let Some(row) = rows.next()? {
        settings.push(SystemSetting {
            system: known.systems.value(row.get(0)?)?,
            paused: row.get(1)?,
            reason: row.get(2)?,
            actor: actor(row.get(3)?, row.get(4)?)?,
            at: instant(row.get(5)?)?,
        });
    }
    Ok(settings)
}

/// See [`crate::Journal::cursor`].
pub(in crate::sqlite) fn cursor(connection: &Connection, name: &str) -> Result<Option<String>, Fail> {
    let mut statement = connection.prepare_cached("SELECT value FROM cursor WHERE name = ?1")?;
    let mut rows = statement.query((name,))?;
    Ok(rows.next()?.map(|row| row.get(0)).transpose()?)
}

/// Where a body's bytes are.
pub(in crate::sqlite) enum Stored {
    Inline(Vec<u8>),
    File(FileHash),
}

/// The bytes behind a stored body.
pub(in crate::sqlite) fn bytes(
    bodies: &BodyFolder,
    connection: &Connection,
    id: BodyId,
) -> Result<Option<Bytes>, Fail> {
    match body(connection, id)? {
        Some(Stored::Inline(bytes)) => Ok(Some(Bytes::from(bytes))),
        Some(Stored::File(hash)) => Ok(bodies.read(&hash)?),
        None => Ok(None),
    }
}

pub(in crate::sqlite) fn body(connection: &Connection, id: BodyId) -> Result<Option<Stored>, Fail> {
    let mut statement = connection.prepare_cached("SELECT file, bytes, codec, secret FROM body WHERE id = ?1")?;
    let mut rows = statement.query((id.0,))?;
    let Some(row) = rows.next()? else { return Ok(None) };
    if let (codec @ 1.., _) | (codec, Some(_)) = (row.get::<_, i64>(2)?, row.get::<_, Option<i64>>(3)?) {
        return Err(corrupt("a body's codec", codec));
    }
    Ok(Some(match row.get::<_, Option<FileHash>>(0)? {
        Some(hash) => Stored::File(hash),
        None => Stored::Inline(row.get(1)?),
    }))
}
