//! When the promised dates of keys stood still. Reads only.

use lienthong_core::{BusinessKey, Timestamp};
use rusqlite::Connection;

use super::keys;
use crate::pace::{STANDSTILLS, Standstill};
use crate::sqlite::codes::instant;
use crate::sqlite::fail::Fail;

/// See [`crate::Journal::standstills`].
pub(in crate::sqlite) fn of_key(connection: &Connection, key: &BusinessKey) -> Result<Vec<Standstill>, Fail> {
    match keys::id_of(connection, key)? {
        Some(key) => of(connection, key),
        None => Ok(Vec::new()),
    }
}

/// The latest of a key's integer, oldest first.
pub(super) fn of(connection: &Connection, key: i64) -> Result<Vec<Standstill>, Fail> {
    let sql = "SELECT since, until FROM standstill WHERE bkey = ?1 ORDER BY since DESC LIMIT ?2";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query((key, i64::try_from(STANDSTILLS).unwrap_or(i64::MAX)))?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let until: Option<Timestamp> = row.get::<_, Option<i64>>(1)?.map(instant).transpose()?;
        found.push(Standstill { since: instant(row.get(0)?)?, until });
    }
    found.reverse();
    Ok(found)
}

/// Whether any key's dates ever stood still: where none did, nobody needs to look.
pub(super) fn any(connection: &Connection) -> Result<bool, Fail> {
    Ok(connection.prepare_cached("SELECT 1 FROM standstill LIMIT 1")?.exists(())?)
}
