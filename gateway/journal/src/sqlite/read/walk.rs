//! Walks over indices in the order of lists, several merged into one. They hold no condition but their own.

use std::collections::{BinaryHeap, VecDeque};

use rusqlite::{Connection, params};

use crate::record::ExchangeFilter;
use crate::sqlite::codes::micros;
use crate::sqlite::fail::Fail;
use crate::sqlite::row::{delivery_seq, exchange_of};

/// A place in the order of lists: time of receipt, then acceptance.
pub(super) type Place = (i64, i64);

/// Which rows an index walk yields: sorted places, one exchange possibly more than once in a row.
pub(super) struct Walk {
    pub(super) sql: String,
    /// The value of the index's leading column.
    pub(super) leading: i64,
    /// Its rows are deliveries.
    pub(super) of_deliveries: bool,
}

/// A walk in chunks: between two times of receipt, beyond a place, in order.
pub(super) fn walk_sql(from: &str, condition: &str, oldest_first: bool) -> String {
    let (beyond, order) = if oldest_first { (">", "") } else { ("<", " DESC") };
    format!(
        "{from} WHERE {condition} AND received_at >= ?2 AND received_at < ?3 AND (received_at, seq) {beyond} (?4, ?5) \
         ORDER BY received_at{order}, seq{order} LIMIT ?6"
    )
}

/// Times of receipt, and the place to go on from.
#[derive(Clone, Copy)]
pub(super) struct Range {
    pub(super) from: i64,
    pub(super) to: i64,
    pub(super) after: Option<Place>,
}

impl Range {
    pub(super) fn new(filter: &ExchangeFilter, after: Option<Place>) -> Self {
        Self { from: filter.from.map_or(i64::MIN, micros), to: filter.to.map_or(i64::MAX, micros), after }
    }
}

/// Rows fetched from one walk at a time.
const CHUNK: usize = 64;

/// Several sorted walks as one.
pub(super) struct Merge<'c> {
    connection: &'c Connection,
    sources: Vec<Source>,
    range: Range,
    oldest_first: bool,
    /// The next place of each source, the nearest on top.
    tops: BinaryHeap<(Place, usize)>,
}

struct Source {
    walk: Walk,
    /// Where the walk goes on: a row of its own table.
    at: Place,
    fetched: VecDeque<Place>,
    over: bool,
}

impl<'c> Merge<'c> {
    pub(super) fn new(
        connection: &'c Connection,
        walks: Vec<Walk>,
        range: Range,
        oldest_first: bool,
    ) -> Result<Self, Fail> {
        let mut merge = Self { connection, sources: Vec::new(), range, oldest_first, tops: BinaryHeap::new() };
        for walk in walks {
            let at = merge.start(&walk);
            merge.sources.push(Source { walk, at, fetched: VecDeque::new(), over: false });
        }
        for source in 0..merge.sources.len() {
            merge.advance(source)?;
        }
        Ok(merge)
    }

    /// The place before the first: a delivery walk's own rows lie within an exchange's.
    fn start(&self, walk: &Walk) -> Place {
        let beginning = if self.oldest_first { (i64::MIN, i64::MIN) } else { (i64::MAX, i64::MAX) };
        let Some((at, seq)) = self.range.after else { return beginning };
        if !walk.of_deliveries {
            return (at, seq);
        }
        (at, delivery_seq(seq, if self.oldest_first { u16::MAX } else { 0 }))
    }

    pub(super) fn next(&mut self) -> Result<Option<Place>, Fail> {
        let Some((key, source)) = self.tops.pop() else { return Ok(None) };
        self.advance(source)?;
        Ok(Some(self.turned(key)))
    }

    /// Newest first pops the greatest; oldest first the least, by turning the sign.
    fn turned(&self, (at, seq): Place) -> Place {
        if self.oldest_first { (at.saturating_neg(), seq.saturating_neg()) } else { (at, seq) }
    }

    fn advance(&mut self, place: usize) -> Result<(), Fail> {
        let (range, connection) = (self.range, self.connection);
        let Some(source) = self.sources.get_mut(place) else { return Ok(()) };
        if source.fetched.is_empty() && !source.over {
            source.fetch(connection, range)?;
        }
        if let Some(next) = source.fetched.pop_front() {
            let key = self.turned(next);
            self.tops.push((key, place));
        }
        Ok(())
    }
}

impl Source {
    fn fetch(&mut self, connection: &Connection, range: Range) -> Result<(), Fail> {
        let mut statement = connection.prepare_cached(&self.walk.sql)?;
        let chunk = i64::try_from(CHUNK).unwrap_or(i64::MAX);
        let row = params![self.walk.leading, range.from, range.to, self.at.0, self.at.1, chunk];
        let mut rows = statement.query(row)?;
        let mut count = 0;
        while let Some(row) = rows.next()? {
            count += 1;
            self.at = (row.get(0)?, row.get(1)?);
            let seq = if self.walk.of_deliveries { exchange_of(self.at.1) } else { self.at.1 };
            self.fetched.push_back((self.at.0, seq));
        }
        self.over = count < CHUNK;
        Ok(())
    }
}
