//! Operators' memos and the record of their acts. Reads only.

use rusqlite::{Connection, Row};

use super::cursor;
use super::log::actor;
use crate::desk::{ActFilter, ActRecord, MemoName, MemoRecord};
use crate::record::{Cursor, Page};
use crate::sqlite::codes::{count32, count64, instant};
use crate::sqlite::fail::Fail;

/// See [`crate::Journal::memo`].
pub(in crate::sqlite) fn memo(connection: &Connection, name: &MemoName) -> Result<Option<MemoRecord>, Fail> {
    let mut statement =
        connection.prepare_cached("SELECT id, version, text, at FROM memo WHERE kind = ?1 AND id = ?2")?;
    let mut rows = statement.query((name.kind, &name.id))?;
    rows.next()?.map(record).transpose()
}

/// See [`crate::Journal::memos`].
pub(in crate::sqlite) fn memos(
    connection: &Connection,
    kind: &str,
    after: Option<&str>,
    limit: usize,
) -> Result<Vec<MemoRecord>, Fail> {
    let sql = "SELECT id, version, text, at FROM memo WHERE kind = ?1 AND id > ?2 ORDER BY id LIMIT ?3";
    let mut statement = connection.prepare_cached(sql)?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut rows = statement.query((kind, after.unwrap_or_default(), limit))?;
    let mut records = Vec::new();
    while let Some(row) = rows.next()? {
        records.push(record(row)?);
    }
    Ok(records)
}

/// See [`crate::Journal::memos_of`].
pub(in crate::sqlite) fn memos_of(
    connection: &Connection,
    kind: &str,
    ids: &[String],
) -> Result<Vec<MemoRecord>, Fail> {
    let sql = "SELECT id, version, text, at FROM memo WHERE kind = ?1 AND id IN (SELECT value FROM json_each(?2)) ORDER BY id";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query((kind, serde_json::Value::from(ids).to_string()))?;
    let mut records = Vec::with_capacity(ids.len());
    while let Some(row) = rows.next()? {
        records.push(record(row)?);
    }
    Ok(records)
}

fn record(row: &Row<'_>) -> Result<MemoRecord, Fail> {
    Ok(MemoRecord { id: row.get(0)?, version: count32(row.get(1)?)?, text: row.get(2)?, at: instant(row.get(3)?)? })
}

/// See [`crate::Journal::acts`].
pub(in crate::sqlite) fn acts(
    connection: &Connection,
    filter: &ActFilter,
    from: Option<&Cursor>,
    limit: usize,
) -> Result<Page<ActRecord>, Fail> {
    let below = from.map_or(Ok(i64::MAX), |from| cursor::read::<1>(from, 'a').map(|[seq]| seq))?;
    let columns = r#"SELECT seq, at, actor_kind, actor, verb, kind, id, reason, "before", "after" FROM act"#;
    let tail = "ORDER BY seq DESC LIMIT ?2";
    let rows = i64::try_from(limit.saturating_add(1)).unwrap_or(i64::MAX);
    let mut acts = match (&filter.kind, &filter.id) {
        (Some(kind), Some(id)) => {
            let sql = format!("{columns} WHERE seq < ?1 AND kind = ?3 AND id = ?4 {tail}");
            read(connection, &sql, (below, rows, kind, id))?
        }
        (Some(kind), None) => {
            let sql = format!("{columns} WHERE seq < ?1 AND kind = ?3 {tail}");
            read(connection, &sql, (below, rows, kind))?
        }
        (None, _) => read(connection, &format!("{columns} WHERE seq < ?1 {tail}"), (below, rows))?,
    };
    let more = acts.len() > limit;
    acts.truncate(limit);
    let last = acts.last().map(|act| i64::try_from(act.seq).unwrap_or(i64::MAX));
    let next = last.filter(|_| more).map(|seq| cursor::write('a', &[seq]));
    Ok(Page { rows: acts, next })
}

fn read(connection: &Connection, sql: &str, with: impl rusqlite::Params) -> Result<Vec<ActRecord>, Fail> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(with)?;
    let mut acts = Vec::new();
    while let Some(row) = rows.next()? {
        acts.push(ActRecord {
            seq: count64(row.get(0)?)?,
            at: instant(row.get(1)?)?,
            actor: actor(row.get(2)?, row.get(3)?)?,
            verb: row.get(4)?,
            kind: row.get(5)?,
            id: row.get(6)?,
            reason: row.get(7)?,
            before: row.get(8)?,
            after: row.get(9)?,
        });
    }
    Ok(acts)
}
