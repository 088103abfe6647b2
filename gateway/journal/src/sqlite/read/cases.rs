//! How an error group grew, and whom its parked members concern. Reads only.

use std::collections::{BTreeMap, HashMap, HashSet};

use lienthong_core::{Fingerprint, Timestamp};
use rusqlite::{Connection, params};

use super::pace;
use crate::record::Promise;
use crate::sqlite::codes::{count64, instant, micros};
use crate::sqlite::fail::{Fail, corrupt};
use crate::sqlite::names::Known;
use crate::{AffectedKey, GroupReach};

/// Microseconds of an hour.
pub(in crate::sqlite) const HOUR: i64 = 3_600_000_000;

/// See [`crate::Journal::group_trend`].
pub(in crate::sqlite) fn trend(
    connection: &Connection,
    fingerprint: &Fingerprint,
    from: Timestamp,
) -> Result<Vec<(Timestamp, u64)>, Fail> {
    let sql = "SELECT h.hour, h.n FROM error_group g JOIN group_hour h ON h.fault_group = g.id \
         WHERE g.fingerprint = ?1 AND h.hour >= ?2 ORDER BY h.hour";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query((fingerprint.as_str(), micros(from).div_euclid(HOUR)))?;
    let mut hours = Vec::new();
    while let Some(row) = rows.next()? {
        let hour: i64 = row.get(0)?;
        hours.push((instant(hour.saturating_mul(HOUR))?, count64(row.get(1)?)?));
    }
    Ok(hours)
}

/// See [`crate::Journal::group_reach`].
pub(in crate::sqlite) fn reach(
    connection: &Connection,
    known: &Known,
    fingerprint: &Fingerprint,
    limit: usize,
) -> Result<GroupReach, Fail> {
    let sql = "SELECT e.bkey, d.client, e.meta ->> 'due', e.received_at FROM error_group g \
         CROSS JOIN delivery d INDEXED BY delivery_group ON d.fault_group = g.id AND d.state = 5 \
         JOIN exchange e ON e.seq = d.seq >> 16 \
         WHERE g.fingerprint = ?1 AND d.fault_group IS NOT NULL ORDER BY d.seq LIMIT ?2";
    let mut statement = connection.prepare_cached(sql)?;
    let fetch = i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1);
    let mut rows = statement.query(params![fingerprint.as_str(), fetch])?;
    let (mut keys, mut clients, mut due) = (HashSet::new(), BTreeMap::<i64, u64>::new(), Vec::new());
    let stood = pace::any(connection)?;
    let mut looked_at = 0_usize;
    while let Some(row) = rows.next()? {
        looked_at = looked_at.saturating_add(1);
        if looked_at > limit {
            break;
        }
        let key: i64 = row.get(0)?;
        keys.insert(key);
        let client = clients.entry(row.get(1)?).or_default();
        *client = client.saturating_add(1);
        if let Some(at) = row.get::<_, Option<i64>>(2).map_err(|_| corrupt("a due date", "no number"))? {
            let stood = if stood { pace::of(connection, key)? } else { Vec::new() };
            due.push(Promise { due: instant(at)?, received_at: instant(row.get(3)?)?, stood });
        }
    }
    due.sort_unstable();
    let named = clients.into_iter().map(|(id, count)| Ok((known.clients.value(id)?, count)));
    Ok(GroupReach {
        keys: u64::try_from(keys.len()).unwrap_or(u64::MAX),
        clients: named.collect::<Result<_, Fail>>()?,
        due,
        truncated: looked_at > limit,
    })
}

/// See [`crate::Journal::group_keys`].
pub(in crate::sqlite) fn keys(
    connection: &Connection,
    known: &Known,
    fingerprint: &Fingerprint,
    limit: usize,
) -> Result<(Vec<AffectedKey>, bool), Fail> {
    let sql = "SELECT k.text, e.facet FROM error_group g \
         CROSS JOIN delivery d INDEXED BY delivery_group ON d.fault_group = g.id AND d.state = 5 \
         JOIN exchange e ON e.seq = d.seq >> 16 JOIN bkey k ON k.id = e.bkey \
         WHERE g.fingerprint = ?1 AND d.fault_group IS NOT NULL ORDER BY d.seq LIMIT ?2";
    let mut statement = connection.prepare_cached(sql)?;
    let fetch = i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1);
    let mut rows = statement.query(params![fingerprint.as_str(), fetch])?;
    let (mut counts, mut order) = (HashMap::<(String, i64), u64>::new(), Vec::new());
    let mut looked_at = 0_usize;
    while let Some(row) = rows.next()? {
        looked_at = looked_at.saturating_add(1);
        if looked_at > limit {
            break;
        }
        let named = (row.get::<_, String>(0)?, known.facet(row.get(1)?)?.operation);
        match counts.get_mut(&named) {
            Some(count) => *count = count.saturating_add(1),
            None => {
                order.push(named.clone());
                counts.insert(named, 1);
            }
        }
    }
    let affected = order.into_iter().map(|named| {
        let parked = counts.get(&named).copied().unwrap_or_default();
        let (text, operation) = named;
        let key = text.parse().map_err(|_| corrupt("a business key", &text))?;
        Ok(AffectedKey { key, operation: known.operations.value(operation)?, parked })
    });
    Ok((affected.collect::<Result<_, Fail>>()?, looked_at > limit))
}
