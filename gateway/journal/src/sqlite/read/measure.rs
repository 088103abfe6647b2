//! Measured hours, and the times of open deliveries. Reads only.

use rusqlite::Connection;

use lienthong_core::Timestamp;
use lienthong_core::limits::DEFAULT_LEAD;

use super::cases::HOUR;
use super::pace;
use crate::measure::{Measure, OpenDeliveries, OpenDelivery};
use crate::sqlite::codes::{class, instant, micros, state};
use crate::sqlite::fail::Fail;
use crate::sqlite::names::Known;

/// See [`crate::Journal::measures`].
pub(in crate::sqlite) fn measures(
    connection: &Connection,
    subject: &str,
    from: Timestamp,
    limit: usize,
) -> Result<Vec<Measure>, Fail> {
    let sql = "SELECT hour, text FROM measure WHERE subject = ?1 AND hour >= ?2 ORDER BY hour LIMIT ?3";
    let mut statement = connection.prepare_cached(sql)?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut rows = statement.query((subject, micros(from).div_euclid(HOUR), limit))?;
    let mut measures = Vec::new();
    while let Some(row) = rows.next()? {
        let hour = instant(row.get::<_, i64>(0)?.saturating_mul(HOUR))?;
        measures.push(Measure { subject: subject.to_owned(), hour, text: row.get(1)? });
    }
    Ok(measures)
}

/// See [`crate::Journal::open_deliveries`]. A rank that is exactly the default lead after receipt stands for no promised date.
pub(in crate::sqlite) fn open_deliveries(
    connection: &Connection,
    known: &Known,
    limit: usize,
) -> Result<OpenDeliveries, Fail> {
    let sql = "SELECT system, class, state, rank, received_at, seq >> 16 FROM delivery INDEXED BY delivery_state \
         WHERE state IN (0, 1, 2, 3, 5) AND state <> 4 LIMIT ?1";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query((i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1),))?;
    let stood = pace::any(connection)?;
    let mut key_of = connection.prepare_cached("SELECT bkey FROM exchange WHERE seq = ?1")?;
    let mut open = OpenDeliveries::default();
    let mut looked_at = 0_usize;
    while let Some(row) = rows.next()? {
        looked_at = looked_at.saturating_add(1);
        if looked_at > limit {
            open.truncated = true;
            break;
        }
        let system = known.systems.value(row.get(0)?)?;
        if system.is_inbox() {
            continue;
        }
        let (rank, received_at) = (instant(row.get(3)?)?, instant(row.get(4)?)?);
        let undated = received_at.saturating_add(DEFAULT_LEAD).is_ok_and(|lead| lead == rank);
        let stood = match stood && !undated {
            true => pace::of(connection, key_of.query_row((row.get::<_, i64>(5)?,), |row| row.get(0))?)?,
            false => Vec::new(),
        };
        open.rows.push(OpenDelivery {
            system,
            class: class(row.get(1)?)?,
            state: state(row.get(2)?)?,
            due: (!undated).then_some(rank),
            rank,
            received_at,
            stood,
        });
    }
    Ok(open)
}
