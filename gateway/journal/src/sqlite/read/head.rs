//! Heads: what is ready, when the next one wakes, what was in flight. Reads only.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use bytes::Bytes;
use lienthong_core::{Class, ClientId, DeliveryId, StateName, SystemId, Timestamp};
use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::record::{BodyId, Head, HeadQuery};
use crate::sqlite::codes::{class_code, content_type, count64, instant, micros, state_code};
use crate::sqlite::fail::{Fail, corrupt};
use crate::sqlite::names::Known;
use crate::sqlite::row::{
    DELIVERY, DELIVERY_COLUMNS, DeliveryRow, EXCHANGE, EXCHANGE_COLUMNS, ExchangeRow, exchange_id, id_bytes, index_of,
    order_key,
};

/// Whether bodies come along.
#[derive(Debug, Clone, Copy)]
pub(in crate::sqlite) enum Inline {
    /// Those stored inline and no larger than this many bytes.
    UpTo(usize),
}

static HEAD_BY_SEQ: LazyLock<String> = LazyLock::new(|| {
    format!(
        "SELECT {DELIVERY}, {EXCHANGE}, o.text FROM delivery d JOIN exchange e ON e.seq = d.seq >> 16 \
         JOIN bkey k ON k.id = e.bkey LEFT JOIN bkey o ON o.id = d.lane WHERE d.seq = ?1"
    )
});

/// One delivery with all that is needed to dispatch it.
pub(in crate::sqlite) fn head_of_seq(
    connection: &Connection,
    known: &Known,
    seq: i64,
    inline: Inline,
) -> Result<Option<Head>, Fail> {
    let mut statement = connection.prepare_cached(&HEAD_BY_SEQ)?;
    let mut rows = statement.query((seq,))?;
    match rows.next()? {
        Some(row) => head_of_row(connection, known, row, inline).map(Some),
        None => Ok(None),
    }
}

fn head_of_row(connection: &Connection, known: &Known, row: &Row<'_>, inline: Inline) -> Result<Head, Fail> {
    let delivery = DeliveryRow::read(row)?;
    let exchange = ExchangeRow::read(row, DELIVERY_COLUMNS, known)?;
    let lane = order_key(row, DELIVERY_COLUMNS + EXCHANGE_COLUMNS)?;
    let content = delivery.whole(exchange.body.0);
    let (kind, size, bytes) = match body_of(connection, content, inline)? {
        Some((kind, size, bytes)) => (content_type(kind)?, count64(size)?, bytes),
        None => (exchange.content_type, exchange.body_bytes, None),
    };
    let body_id = delivery.instead.map_or(exchange.body, BodyId);
    Ok(Head {
        delivery: delivery.record(exchange.meta.id, lane, known)?,
        exchange: exchange.meta,
        body_id,
        content_type: kind,
        body_bytes: size,
        body: bytes,
    })
}

type BodyColumns = (i64, i64, Option<Bytes>);

fn body_of(connection: &Connection, id: i64, inline: Inline) -> Result<Option<BodyColumns>, Fail> {
    let Inline::UpTo(most) = inline;
    let sql = "SELECT content_type, size, CASE WHEN size <= ?2 THEN bytes END FROM body WHERE id = ?1";
    let mut statement = connection.prepare_cached(sql)?;
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let read = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get::<_, Option<Vec<u8>>>(2)?.map(Bytes::from)));
    Ok(statement.query_row((id, most), read).optional()?)
}

/// A delivery by its id, without its body.
pub(in crate::sqlite) fn delivery(
    connection: &Connection,
    known: &Known,
    id: DeliveryId,
) -> Result<Option<Head>, Fail> {
    match exchange_seq(connection, &id)? {
        Some(exchange) => {
            let seq = crate::sqlite::row::delivery_seq(exchange, id.index);
            head_of_seq(connection, known, seq, Inline::UpTo(0))
        }
        None => Ok(None),
    }
}

fn exchange_seq(connection: &Connection, id: &DeliveryId) -> Result<Option<i64>, Fail> {
    let mut statement = connection.prepare_cached("SELECT seq FROM exchange WHERE id = ?1")?;
    Ok(statement.query_row((id_bytes(&id.exchange),), |row| row.get(0)).optional()?)
}

/// See [`crate::Journal::heads`].
pub(in crate::sqlite) fn heads(connection: &Connection, known: &Known, query: &HeadQuery) -> Result<Vec<Head>, Fail> {
    let Some(system) = known.systems.id(&query.system) else { return Ok(Vec::new()) };
    let clients = match &query.client {
        Some(client) => known.clients.id(client).into_iter().collect(),
        None => clients_with_open(connection, system, query.class)?,
    };
    // By rank, then by acceptance.
    let mut best = BTreeMap::new();
    for client in clients {
        gather(connection, query, (system, client), READY, None, &mut best)?;
        gather(connection, query, (system, client), DUE, Some(micros(query.now)), &mut best)?;
    }
    let mut heads = Vec::with_capacity(best.len());
    for seq in best.into_values() {
        heads.extend(head_of_seq(connection, known, seq, Inline::UpTo(query.inline))?);
    }
    Ok(heads)
}

const READY: &str = "SELECT d.seq, d.rank, e.id FROM delivery d INDEXED BY delivery_ready \
     JOIN exchange e ON e.seq = d.seq >> 16 WHERE d.ready = 1 AND d.system = ?1 AND d.class = ?2 AND d.client = ?3 \
     AND ?4 IS NULL ORDER BY d.rank";
const DUE: &str = "SELECT d.seq, d.rank, e.id FROM delivery d INDEXED BY delivery_timer \
     JOIN exchange e ON e.seq = d.seq >> 16 WHERE d.timer IS NOT NULL AND d.system = ?1 AND d.class = ?2 \
     AND d.client = ?3 AND d.timer <= ?4 ORDER BY d.timer";

/// Adds one client's candidates, keeping the best `limit` of all.
fn gather(
    connection: &Connection,
    query: &HeadQuery,
    (system, client): (i64, i64),
    sql: &str,
    until: Option<i64>,
    best: &mut BTreeMap<(i64, i64), i64>,
) -> Result<(), Fail> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(params![system, class_code(query.class), client, until])?;
    let mut taken = 0;
    while taken < query.limit
        && let Some(row) = rows.next()?
    {
        let (seq, rank): (i64, i64) = (row.get(0)?, row.get(1)?);
        let id = DeliveryId { exchange: exchange_id(row, 2)?, index: index_of(seq) };
        if query.skip.contains(&id) {
            continue;
        }
        taken += 1;
        best.insert((rank, seq), seq);
        if best.len() > query.limit {
            best.pop_last();
        }
    }
    Ok(())
}

fn clients_with_open(connection: &Connection, system: i64, class: Class) -> Result<Vec<i64>, Fail> {
    let sql = "SELECT DISTINCT client FROM tally WHERE system = ?1 AND class = ?2 AND state IN (0, 1, 3) AND n > 0";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map((system, class_code(class)), |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The earliest timer of a system's heads.
pub(in crate::sqlite) fn next_wake(
    connection: &Connection,
    known: &Known,
    system: &SystemId,
) -> Result<Option<Timestamp>, Fail> {
    let Some(system) = known.systems.id(system) else { return Ok(None) };
    let shares = "SELECT DISTINCT class, client FROM tally WHERE system = ?1 AND state IN (1, 3) AND n > 0";
    let mut shares = connection.prepare_cached(shares)?;
    let first = "SELECT timer FROM delivery INDEXED BY delivery_timer WHERE timer IS NOT NULL AND system = ?1 \
         AND class = ?2 AND client = ?3 ORDER BY timer LIMIT 1";
    let mut first = connection.prepare_cached(first)?;
    let mut rows = shares.query((system,))?;
    let mut earliest: Option<i64> = None;
    while let Some(row) = rows.next()? {
        let (class, client): (i64, i64) = (row.get(0)?, row.get(1)?);
        let timer: Option<i64> = first.query_row((system, class, client), |row| row.get(0)).optional()?;
        earliest = earliest.into_iter().chain(timer).min();
    }
    earliest.map(instant).transpose()
}

/// Deliveries in flight, oldest first, without bodies.
pub(in crate::sqlite) fn in_doubt(connection: &Connection, known: &Known, limit: usize) -> Result<Vec<Head>, Fail> {
    let sql = "SELECT seq FROM delivery INDEXED BY delivery_state WHERE state <> 4 AND state = ?1 \
         ORDER BY received_at, seq LIMIT ?2";
    let mut statement = connection.prepare_cached(sql)?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows = statement.query_map((state_code(StateName::InFlight), limit), |row| row.get(0))?;
    let mut heads = Vec::new();
    for seq in rows {
        let head = head_of_seq(connection, known, seq?, Inline::UpTo(0))?;
        heads.push(head.ok_or_else(|| corrupt("a delivery in flight", "no exchange"))?);
    }
    Ok(heads)
}

/// Inbox items of a client that nobody has taken at present, oldest first. Item, its content and times handed out.
pub(in crate::sqlite) fn visible_inbox(
    connection: &Connection,
    known: &Known,
    client: &ClientId,
    now: Timestamp,
    limit: usize,
) -> Result<Vec<(Head, BodyId)>, Fail> {
    let Ok(system) = SystemId::new(SystemId::INBOX) else { return Ok(Vec::new()) };
    let mut found = BTreeMap::new();
    let (Some(system_id), Some(client_id)) = (known.systems.id(&system), known.clients.id(client)) else {
        return Ok(Vec::new());
    };
    for class in [Class::Live, Class::Bulk] {
        let query = HeadQuery {
            system: system.clone(),
            class,
            client: None,
            now,
            limit,
            inline: 0,
            skip: std::sync::Arc::default(),
        };
        gather(connection, &query, (system_id, client_id), READY, None, &mut found)?;
        gather(connection, &query, (system_id, client_id), DUE, Some(micros(now)), &mut found)?;
    }
    let mut items = Vec::new();
    for seq in found.into_values() {
        if let Some(head) = head_of_seq(connection, known, seq, Inline::UpTo(usize::MAX))? {
            let content = head.delivery.body.unwrap_or(head.body_id);
            items.push((head, content));
        }
    }
    Ok(items)
}
