//! What exchanges are found by, as it is written: with the exchange, then sealed by segments, removed with the exchange. It reads for nobody.

use rusqlite::{Connection, OptionalExtension};

use super::store::Store;
use crate::search::Term;
use crate::sqlite::fail::Fail;
use crate::sqlite::row::{SEGMENT_BITS, place_in, segment_of, terms_of};

/// Terms as an exchange's row holds them; nothing where there are none.
pub(super) fn bytes(terms: &[Term]) -> Option<Vec<u8>> {
    if terms.is_empty() {
        return None;
    }
    let mut codes: Vec<i64> = terms.iter().map(|term| term.0).collect();
    codes.sort_unstable();
    codes.dedup();
    Some(codes.into_iter().flat_map(i64::to_le_bytes).collect())
}

/// How many segments are sealed.
pub(super) fn sealed(connection: &Connection) -> Result<i64, Fail> {
    let sql = "SELECT ifnull(max(segment) + 1, 0) FROM term_segment";
    Ok(connection.query_row(sql, (), |row| row.get(0))?)
}

impl Store<'_> {
    /// Whether every exchange of the oldest segment that is not sealed has been given out.
    pub(super) fn seal_is_due(&self) -> bool {
        segment_of(self.next.exchange.saturating_add(1)) > self.next.sealed
    }

    /// Seals that segment: from its rows to one row a term, in the order of the index.
    pub(super) fn seal(&mut self) -> Result<(), Fail> {
        let segment = self.next.sealed;
        let connection = self.connection();
        let sql = "SELECT seq, received_at, terms FROM exchange WHERE seq >= ?1 AND seq < ?2 AND terms IS NOT NULL";
        let mut statement = connection.prepare_cached(sql)?;
        let mut rows = statement.query((segment << SEGMENT_BITS, (segment + 1) << SEGMENT_BITS))?;
        let (mut found, mut first_at, mut last_at) = (Vec::new(), i64::MAX, i64::MIN);
        while let Some(row) = rows.next()? {
            let (seq, at): (i64, i64) = (row.get(0)?, row.get(1)?);
            (first_at, last_at) = (at.min(first_at), at.max(last_at));
            let terms = row.get_ref(2)?.as_blob().map_err(|error| crate::sqlite::fail::corrupt("terms", error))?;
            found.extend(terms_of(terms).map(|term| (term, place_in(seq))));
        }
        found.sort_unstable();
        let mut add = connection.prepare_cached("INSERT INTO term (segment, term, places) VALUES (?1, ?2, ?3)")?;
        for same in found.chunk_by(|(one, _), (other, _)| one == other) {
            let Some((term, _)) = same.first() else { continue };
            let places: Vec<u8> = same.iter().flat_map(|(_, place)| place.to_le_bytes()).collect();
            add.execute((segment, term, places))?;
        }
        let sql = "INSERT INTO term_segment (segment, first_at, last_at) VALUES (?1, ?2, ?3)";
        connection.prepare_cached(sql)?.execute((segment, first_at, last_at))?;
        self.next.sealed += 1;
        Ok(())
    }

    /// An exchange that is removed is found by nothing any more.
    pub(super) fn unfind(&mut self, exchange: i64, terms: &[u8]) -> Result<(), Fail> {
        let (segment, place) = (segment_of(exchange), place_in(exchange).to_le_bytes());
        if segment >= self.next.sealed {
            return Ok(());
        }
        let connection = self.connection();
        for term in terms_of(terms) {
            let sql = "SELECT places FROM term WHERE segment = ?1 AND term = ?2";
            let mut find = connection.prepare_cached(sql)?;
            let Some(places) = find.query_row((segment, term), |row| row.get::<_, Vec<u8>>(0)).optional()? else {
                continue;
            };
            let left: Vec<u8> = places.chunks_exact(2).filter(|at| **at != place).flatten().copied().collect();
            if left.is_empty() {
                let sql = "DELETE FROM term WHERE segment = ?1 AND term = ?2";
                connection.prepare_cached(sql)?.execute((segment, term))?;
            } else {
                let sql = "UPDATE term SET places = ?3 WHERE segment = ?1 AND term = ?2";
                connection.prepare_cached(sql)?.execute((segment, term, left))?;
            }
        }
        Ok(())
    }

    /// Segments before the oldest exchange hold nothing. The newest stays: it tells how many there are.
    pub(super) fn sweep_segments(&mut self) -> Result<(), Fail> {
        let sql = "DELETE FROM term_segment WHERE segment < (SELECT min(seq) >> ?1 FROM exchange) \
             AND segment < (SELECT max(segment) FROM term_segment)";
        self.connection().prepare_cached(sql)?.execute((SEGMENT_BITS,))?;
        Ok(())
    }
}
