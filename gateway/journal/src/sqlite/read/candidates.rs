//! Which exchanges are looked at for a list: those of one key, cause, state, term or facet, in order. It holds no condition.

use std::collections::VecDeque;

use lienthong_core::StateName;
use rusqlite::{Connection, params};

use super::conditions::Conditions;
use super::cursor;
use super::terms::TermWalk;
use super::walk::{Merge, Place, Range, Walk, walk_sql};
use crate::record::{Cursor, ExchangeFilter};
use crate::search::IdPrefix;
use crate::sqlite::codes::state_code;
use crate::sqlite::fail::Fail;
use crate::sqlite::names::Known;
use crate::sqlite::row::id_bytes;

/// With no more rows than this, a cause or a state offers fewer candidates than a word is likely to.
const FEW: i64 = 2_000;
/// Causes walked one by one; with more, every delivery that failed is looked at.
const CAUSES: usize = 64;
/// Exchanges whose ids begin alike are looked at up to this many, newest first.
const ALIKE: i64 = 5_000;

/// The mark of cursors by time of receipt.
const BY_RECEIPT: char = 'x';
/// The mark of cursors by acceptance.
const BY_ACCEPTANCE: char = 't';

/// Candidates in the order of the list.
pub(super) enum Candidates<'c> {
    Merged(Merge<'c>),
    Alike { places: VecDeque<Place>, cut_short: bool },
    Found(TermWalk<'c>),
}

impl<'c> Candidates<'c> {
    /// From the index that serves the filter best. What it decides is taken out of the conditions.
    pub(super) fn of(
        connection: &'c Connection,
        known: &Known,
        filter: &ExchangeFilter,
        conditions: &mut Conditions,
        after: Option<&Cursor>,
    ) -> Result<Self, Fail> {
        let place = Self::place_of(after)?;
        let by_terms = by_terms(connection, filter, conditions, after)?;
        if after.is_some_and(|cursor| cursor.0.starts_with(BY_ACCEPTANCE)) != (by_terms && after.is_some()) {
            return Err(Fail::BadCursor);
        }
        let range = Range::new(filter, place);
        if by_terms {
            let words = std::mem::take(&mut conditions.terms);
            conditions.received = Some(range);
            return Ok(Self::Found(TermWalk::new(connection, words, range, filter.oldest_first)?));
        }
        match conditions.id.take_if(|_| conditions.key.is_none()) {
            Some(prefix) => alike(connection, prefix, range, filter.oldest_first),
            None => {
                let walks = walks(known, filter, conditions);
                Merge::new(connection, walks, range, filter.oldest_first).map(Self::Merged)
            }
        }
    }

    pub(super) fn next(&mut self) -> Result<Option<Place>, Fail> {
        match self {
            Self::Merged(merge) => merge.next(),
            Self::Alike { places, .. } => Ok(places.pop_front()),
            Self::Found(walk) => walk.next().map(|found| found.map(|seq| (0, seq))),
        }
    }

    /// Whether there may be more than they offer.
    pub(super) fn are_cut_short(&self) -> bool {
        match self {
            Self::Alike { cut_short, .. } => *cut_short,
            Self::Merged(_) | Self::Found(_) => false,
        }
    }

    /// The cursor of a place of theirs.
    pub(super) fn cursor(&self, (at, seq): Place) -> Cursor {
        match self {
            Self::Merged(_) | Self::Alike { .. } => cursor::write(BY_RECEIPT, &[at, seq]),
            Self::Found(_) => cursor::write(BY_ACCEPTANCE, &[seq]),
        }
    }

    /// The place a cursor of these lists stands for.
    pub(super) fn place_of(after: Option<&Cursor>) -> Result<Option<Place>, Fail> {
        let Some(cursor) = after else { return Ok(None) };
        match cursor.0.starts_with(BY_ACCEPTANCE) {
            true => cursor::read::<1>(cursor, BY_ACCEPTANCE).map(|[seq]| Some((0, seq))),
            false => cursor::read::<2>(cursor, BY_RECEIPT).map(|[at, seq]| Some((at, seq))),
        }
    }
}

/// Whether terms are what candidates are found by. A list goes on as it began, whatever has come meanwhile.
fn by_terms(
    connection: &Connection,
    filter: &ExchangeFilter,
    conditions: &Conditions,
    after: Option<&Cursor>,
) -> Result<bool, Fail> {
    if conditions.terms.is_empty() || conditions.key.is_some() || conditions.id.is_some() {
        return Ok(false);
    }
    if let Some(cursor) = after {
        return Ok(cursor.0.starts_with(BY_ACCEPTANCE));
    }
    if let Some(groups) = &conditions.delivery.groups {
        let sql = "SELECT count(*) FROM (SELECT 1 FROM delivery INDEXED BY delivery_fault \
             WHERE fault_group IS NOT NULL AND fault_group = ?1 LIMIT ?2)";
        let mut left = FEW;
        for group in groups {
            left -= connection.prepare_cached(sql)?.query_row((group, left), |row| row.get::<_, i64>(0))?;
            if left <= 0 {
                break;
            }
        }
        if left > 0 && groups.len() <= CAUSES {
            return Ok(false);
        }
    }
    let Some(state) = open(filter) else { return Ok(true) };
    let sql = "SELECT count(*) FROM (SELECT 1 FROM delivery INDEXED BY delivery_state \
         WHERE state <> 4 AND state = ?1 LIMIT ?2)";
    let count: i64 = connection.prepare_cached(sql)?.query_row((state, FEW), |row| row.get(0))?;
    Ok(count >= FEW)
}

/// The code of the state asked for, where an index keeps it.
fn open(filter: &ExchangeFilter) -> Option<i64> {
    filter.state.filter(|state| *state != StateName::Delivered).map(state_code)
}

/// The walks that together yield every candidate: by key, by cause, by state, or by facet.
fn walks(known: &Known, filter: &ExchangeFilter, conditions: &Conditions) -> Vec<Walk> {
    if let Some(key) = conditions.key {
        let sql = walk_sql("SELECT received_at, seq FROM exchange", "bkey = ?1", filter.oldest_first);
        return vec![Walk { sql, leading: key, of_deliveries: false }];
    }
    if let Some(groups) = conditions.delivery.groups.as_ref().filter(|groups| groups.len() <= CAUSES) {
        let from = "SELECT received_at, seq FROM delivery INDEXED BY delivery_fault";
        let sql = walk_sql(from, "fault_group IS NOT NULL AND fault_group = ?1", filter.oldest_first);
        return groups.iter().map(|group| Walk { sql: sql.clone(), leading: *group, of_deliveries: true }).collect();
    }
    let states: Vec<i64> = match (open(filter), &conditions.delivery.groups) {
        (Some(state), _) => vec![state],
        // A delivered one has no fault any more.
        (None, Some(_)) => {
            StateName::ALL.into_iter().filter(|state| *state != StateName::Delivered).map(state_code).collect()
        }
        (None, None) => Vec::new(),
    };
    if !states.is_empty() {
        let from = "SELECT received_at, seq FROM delivery INDEXED BY delivery_state";
        let sql = walk_sql(from, "state <> 4 AND state = ?1", filter.oldest_first);
        return states.into_iter().map(|leading| Walk { sql: sql.clone(), leading, of_deliveries: true }).collect();
    }
    let facets = conditions.facets.clone().unwrap_or_else(|| known.facets().map(|(id, _)| id).collect());
    let sql = walk_sql("SELECT received_at, seq FROM exchange", "facet = ?1", filter.oldest_first);
    facets.into_iter().map(|leading| Walk { sql: sql.clone(), leading, of_deliveries: false }).collect()
}

/// Exchanges whose ids begin alike: few, since ids begin with their time.
fn alike(connection: &Connection, prefix: IdPrefix, range: Range, oldest_first: bool) -> Result<Candidates<'_>, Fail> {
    let (beyond, order, nowhere) =
        if oldest_first { (">", "", (i64::MIN, i64::MIN)) } else { ("<", " DESC", (i64::MAX, i64::MAX)) };
    let sql = format!(
        "SELECT received_at, seq FROM exchange WHERE id BETWEEN ?1 AND ?2 AND received_at >= ?3 AND received_at < ?4 \
         AND (received_at, seq) {beyond} (?5, ?6) ORDER BY received_at{order}, seq{order} LIMIT ?7"
    );
    let (at, seq) = range.after.unwrap_or(nowhere);
    let (first, last) = (id_bytes(&prefix.first), id_bytes(&prefix.last));
    let mut statement = connection.prepare_cached(&sql)?;
    let row = params![first, last, range.from, range.to, at, seq, ALIKE];
    let places: VecDeque<Place> =
        statement.query_map(row, |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?;
    let cut_short = i64::try_from(places.len()).is_ok_and(|found| found >= ALIKE);
    Ok(Candidates::Alike { places, cut_short })
}
