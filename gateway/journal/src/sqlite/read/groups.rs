//! Error groups and their members, counted by index when asked. Reads only.

use std::sync::LazyLock;

use lienthong_core::{DeliveryId, FaultKind, Fingerprint};
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, Row, params, params_from_iter};

use crate::record::{Cursor, DeliveryRecord, GroupFilter, GroupRecord, Page};
use crate::sqlite::codes::{count64, instant};
use crate::sqlite::fail::{Fail, corrupt};
use crate::sqlite::names::Known;
use crate::sqlite::read::cursor;
use crate::sqlite::row::{DELIVERY, DELIVERY_COLUMNS, DeliveryRow, exchange_id, order_key, text};
use crate::sqlite::stored::fault_from_text;

const GROUP: &str = "g.id, g.fingerprint, g.system, g.operation, g.first_seen, g.last_seen, g.seen, g.fault, g.sample, g.place, \
     g.opened_at, g.reopened";

/// See [`crate::Journal::groups`].
pub(in crate::sqlite) fn groups(
    connection: &Connection,
    known: &Known,
    filter: &GroupFilter,
    after: Option<&Cursor>,
    limit: usize,
) -> Result<Page<GroupRecord>, Fail> {
    let [at, id] = after.map_or(Ok([i64::MAX, i64::MAX]), |cursor| cursor::read::<2>(cursor, 'g'))?;
    let system = filter.system.as_ref().map(|name| known.systems.id(name).unwrap_or(-1));
    let operation = filter.operation.as_ref().map(|name| known.operations.id(name).unwrap_or(-1));
    let open = if filter.include_closed {
        ""
    } else {
        "AND EXISTS (SELECT 1 FROM delivery d INDEXED BY delivery_group WHERE d.fault_group IS NOT NULL \
         AND d.fault_group = g.id AND d.state IN (0, 1, 3, 5))"
    };
    let sql = format!(
        "SELECT {GROUP} FROM error_group g WHERE (g.last_seen, g.id) < (?1, ?2) AND (?3 IS NULL OR g.system = ?3) \
         AND (?4 IS NULL OR g.operation = ?4) AND (?5 IS NULL OR g.kind = ?5) {open} \
         ORDER BY g.last_seen DESC, g.id DESC LIMIT ?6"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let fetch = i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1);
    let mut rows = statement.query(params![at, id, system, operation, filter.kind.map(FaultKind::as_str), fetch])?;
    let (mut page, mut places) = (Vec::new(), Vec::new());
    while let Some(row) = rows.next()? {
        places.push([row.get::<_, i64>(5)?, row.get::<_, i64>(0)?]);
        if page.len() < limit {
            page.push(group_of_row(connection, known, row, filter.brief)?);
        }
    }
    Ok(Page { next: next_after(&places, limit, 'g'), rows: page })
}

/// The cursor of the last row shown, when there was one row more.
fn next_after<const N: usize>(places: &[[i64; N]], limit: usize, mark: char) -> Option<Cursor> {
    let more = places.len() > limit;
    let last = limit.checked_sub(1).and_then(|last| places.get(last));
    last.filter(|_| more).map(|place| cursor::write(mark, place))
}

/// See [`crate::Journal::group`].
pub(in crate::sqlite) fn group(
    connection: &Connection,
    known: &Known,
    fingerprint: &Fingerprint,
) -> Result<Option<GroupRecord>, Fail> {
    let sql = format!("SELECT {GROUP} FROM error_group g WHERE g.fingerprint = ?1");
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query((fingerprint.as_str(),))?;
    match rows.next()? {
        Some(row) => group_of_row(connection, known, row, false).map(Some),
        None => Ok(None),
    }
}

fn group_of_row(connection: &Connection, known: &Known, row: &Row<'_>, brief: bool) -> Result<GroupRecord, Fail> {
    let id: i64 = row.get(0)?;
    let fingerprint = text(row, 1)?;
    let (sample, _) = fault_from_text(text(row, 7)?)?;
    let (parked, waiting) = counts(connection, id)?;
    let held_behind = if brief { 0 } else { held_behind(connection, id)? };
    Ok(GroupRecord {
        fingerprint: fingerprint.parse().map_err(|_| corrupt("a fingerprint", fingerprint))?,
        system: known.systems.value(row.get(2)?)?,
        operation: known.operations.value(row.get(3)?)?,
        first_seen: instant(row.get(4)?)?,
        last_seen: instant(row.get(5)?)?,
        seen: count64(row.get(6)?)?,
        parked,
        waiting,
        held_behind,
        sample,
        sample_delivery: DeliveryId { exchange: exchange_id(row, 8)?, index: row.get(9)? },
        opened_at: instant(row.get(10)?)?,
        reopened: count64(row.get(11)?)?,
    })
}

/// Parked; and waiting (behind a gate too: queued with a fault) or being verified.
fn counts(connection: &Connection, group: i64) -> Result<(u64, u64), Fail> {
    let by_state = "SELECT count(*) FROM delivery INDEXED BY delivery_group WHERE fault_group IS NOT NULL \
         AND fault_group = ?1 AND state = ?2";
    let mut by_state = connection.prepare_cached(by_state)?;
    let mut count =
        |state: i64| -> Result<u64, Fail> { count64(by_state.query_row((group, state), |row| row.get(0))?) };
    let parked = count(5)?;
    let waiting = count(0)?.saturating_add(count(1)?).saturating_add(count(3)?);
    Ok((parked, waiting))
}

/// Held behind the parked. Only a head holds others up: what is parked behind another parked one is itself held behind.
fn held_behind(connection: &Connection, group: i64) -> Result<u64, Fail> {
    let behind = "SELECT count(*) FROM delivery p INDEXED BY delivery_group \
         CROSS JOIN delivery b INDEXED BY delivery_lane \
         ON b.lane = p.lane AND b.system = p.system AND b.done = 0 AND b.seq > p.seq \
         WHERE p.fault_group IS NOT NULL AND p.fault_group = ?1 AND p.state = 5 AND p.head = 1 \
         AND p.lane IS NOT NULL AND b.lane IS NOT NULL";
    count64(connection.prepare_cached(behind)?.query_row((group,), |row| row.get(0))?)
}

static MEMBERS: LazyLock<String> = LazyLock::new(|| {
    format!(
        "SELECT {DELIVERY}, e.id, o.text FROM delivery d INDEXED BY delivery_group JOIN exchange e \
         ON e.seq = d.seq >> 16 LEFT JOIN bkey o ON o.id = d.lane WHERE d.fault_group IS NOT NULL \
         AND d.fault_group = ?1 AND d.state = 5 AND d.seq > ?2 ORDER BY d.seq LIMIT ?3"
    )
});

/// See [`crate::Journal::group_members`].
pub(in crate::sqlite) fn members(
    connection: &Connection,
    known: &Known,
    fingerprint: &Fingerprint,
    after: Option<&Cursor>,
    limit: usize,
) -> Result<Page<DeliveryRecord>, Fail> {
    let [after] = after.map_or(Ok([i64::MIN]), |cursor| cursor::read::<1>(cursor, 'm'))?;
    let mut find = connection.prepare_cached("SELECT id FROM error_group WHERE fingerprint = ?1")?;
    let group: Option<i64> = find.query_row((fingerprint.as_str(),), |row| row.get(0)).optional()?;
    let mut statement = connection.prepare_cached(&MEMBERS)?;
    let fetch = i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1);
    let mut rows = statement.query(params![group, after, fetch])?;
    let (mut page, mut places) = (Vec::new(), Vec::new());
    while let Some(row) = rows.next()? {
        let member = member_of_row(known, row, limit, &mut page)?;
        places.push([member.seq]);
    }
    Ok(Page { next: next_after(&places, limit, 'm'), rows: page })
}

fn member_of_row(
    known: &Known,
    row: &Row<'_>,
    limit: usize,
    page: &mut Vec<DeliveryRecord>,
) -> Result<DeliveryRow, Fail> {
    let member = DeliveryRow::read(row)?;
    if page.len() < limit {
        let exchange = exchange_id(row, DELIVERY_COLUMNS)?;
        page.push(member.record(exchange, order_key(row, DELIVERY_COLUMNS + 1)?, known)?);
    }
    Ok(member)
}

/// See [`crate::Journal::parked_of_kinds`].
pub(in crate::sqlite) fn parked_of_kinds(
    connection: &Connection,
    known: &Known,
    kinds: &[FaultKind],
    after: Option<&Cursor>,
    limit: usize,
) -> Result<Page<DeliveryRecord>, Fail> {
    let [at, seq] = after.map_or(Ok([i64::MIN, i64::MIN]), |cursor| cursor::read::<2>(cursor, 'k'))?;
    let marks = (0..kinds.len()).map(|place| format!("?{}", place + 4)).collect::<Vec<_>>().join(",");
    let sql = format!(
        "SELECT {DELIVERY}, e.id, o.text FROM delivery d INDEXED BY delivery_state JOIN exchange e \
         ON e.seq = d.seq >> 16 LEFT JOIN bkey o ON o.id = d.lane WHERE d.state <> 4 AND d.state = 5 \
         AND (d.received_at, d.seq) > (?1, ?2) AND d.fault ->> 'kind' IN ({marks}) \
         ORDER BY d.received_at, d.seq LIMIT ?3"
    );
    let fetch = i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1);
    let bounds = [at, seq, fetch].into_iter().map(Value::Integer);
    let values = bounds.chain(kinds.iter().map(|kind| Value::Text(kind.as_str().to_owned())));
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query(params_from_iter(values))?;
    let (mut page, mut places) = (Vec::new(), Vec::new());
    while let Some(row) = rows.next()? {
        let member = member_of_row(known, row, limit, &mut page)?;
        places.push([member.received_at, member.seq]);
    }
    Ok(Page { next: next_after(&places, limit, 'k'), rows: page })
}
