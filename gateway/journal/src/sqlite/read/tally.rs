//! How many exchanges are not at their targets. Reads only, along one index, and stops counting where it was told to.

use rusqlite::{Connection, params};

use crate::record::{AtLeast, OpenSince};
use crate::sqlite::codes::{count64, micros};
use crate::sqlite::fail::Fail;
use crate::sqlite::names::Known;

/// See [`crate::Journal::open_since`].
pub(in crate::sqlite) fn since(connection: &Connection, known: &Known, asked: &OpenSince) -> Result<AtLeast, Fail> {
    let OpenSince { from, aside, most } = asked;
    let inboxes = known.systems.iter().filter(|(_, system)| system.is_inbox());
    let inboxes = inboxes.map(|(id, _)| id.to_string()).collect::<Vec<_>>().join(",");
    let sql = format!(
        "SELECT count(*) FROM (SELECT DISTINCT d.seq >> 16 FROM delivery d INDEXED BY delivery_state \
         WHERE d.state <> 4 AND d.state IN (0, 1, 2, 3, 5) AND d.received_at >= ?1 \
         AND d.system NOT IN ({inboxes}) AND NOT (d.state = 1 AND d.system IS ?2) LIMIT ?3)"
    );
    let fetch = i64::try_from(*most).unwrap_or(i64::MAX).saturating_add(1);
    let mut statement = connection.prepare_cached(&sql)?;
    let aside = known.systems.id(aside);
    let found = count64(statement.query_row(params![micros(*from), aside, fetch], |row| row.get(0))?)?;
    let most = u64::try_from(*most).unwrap_or(u64::MAX);
    Ok(AtLeast { count: found.min(most), more: found > most })
}
