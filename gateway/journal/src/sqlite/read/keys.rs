//! Where a key leads, and what came after a delivery in its lane. Reads only.

use lienthong_core::{BusinessKey, ClientId, DeliveryId, ExchangeId, Timestamp};
use rusqlite::{Connection, OptionalExtension};

use crate::sqlite::codes::micros;
use crate::sqlite::fail::Fail;
use crate::sqlite::names::Known;
use crate::sqlite::row::{delivery_seq, exchange_id, id_bytes};
use crate::sqlite::stored::key_of;

/// The key's integer, aliases followed.
pub(super) fn id_of(connection: &Connection, key: &BusinessKey) -> Result<Option<i64>, Fail> {
    let mut statement = connection.prepare_cached("SELECT ifnull(leads_to, id) FROM bkey WHERE text = ?1")?;
    Ok(statement.query_row((key.as_str(),), |row| row.get(0)).optional()?)
}

/// See [`crate::Journal::resolve`].
pub(in crate::sqlite) fn resolve(connection: &Connection, key: &BusinessKey) -> Result<BusinessKey, Fail> {
    let sql = "SELECT k.text FROM bkey a JOIN bkey k ON k.id = a.leads_to WHERE a.text = ?1";
    let mut statement = connection.prepare_cached(sql)?;
    let found: Option<String> = statement.query_row((key.as_str(),), |row| row.get(0)).optional()?;
    found.map_or_else(|| Ok(key.clone()), |text| key_of(&text))
}

/// See [`crate::Journal::recognised`].
pub(in crate::sqlite) fn recognised(
    connection: &Connection,
    known: &Known,
    scope: &ClientId,
    key: &str,
    now: Timestamp,
) -> Result<Option<(ExchangeId, [u8; 32])>, Fail> {
    let Some(scope) = known.clients.id(scope) else { return Ok(None) };
    let sql = "SELECT exchange, fingerprint FROM idempotency WHERE scope = ?1 AND key = ?2 AND expires_at > ?3";
    let mut statement = connection.prepare_cached(sql)?;
    let read = |row: &rusqlite::Row<'_>| Ok((exchange_id(row, 0)?, row.get(1)?));
    Ok(statement.query_row((scope, key, micros(now)), read).optional()?)
}

/// See [`crate::Journal::has_delivered_successor`].
pub(in crate::sqlite) fn has_delivered_successor(connection: &Connection, id: DeliveryId) -> Result<bool, Fail> {
    let mut statement = connection.prepare_cached("SELECT seq FROM exchange WHERE id = ?1")?;
    let found: Option<i64> = statement.query_row((id_bytes(&id.exchange),), |row| row.get(0)).optional()?;
    let Some(exchange) = found else { return Ok(false) };
    let sql = "SELECT 1 FROM delivery d JOIN delivery n INDEXED BY delivery_lane \
         ON n.lane = d.lane AND n.system = d.system AND n.done = 1 AND n.seq > d.seq \
         WHERE d.seq = ?1 AND d.lane IS NOT NULL AND n.lane IS NOT NULL AND n.state = 4 LIMIT 1";
    Ok(connection.prepare_cached(sql)?.exists((delivery_seq(exchange, id.index),))?)
}
