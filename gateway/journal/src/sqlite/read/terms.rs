//! A walk over exchanges that were accepted with given terms, by acceptance: segment by segment, the unsealed rows as they lie. Reads only.

use std::collections::VecDeque;

use rusqlite::{Connection, OptionalExtension};

use super::walk::Range;
use crate::sqlite::fail::{Fail, corrupt};
use crate::sqlite::row::{SEGMENT_BITS, segment_of, terms_of};

/// A bit for each exchange of a segment.
type Places = [u64; 1 << (SEGMENT_BITS - 6)];

/// Where a walk looks next.
#[derive(Debug, Clone, Copy)]
enum Part {
    Sealed(i64),
    /// What comes after this segment.
    Open(i64),
}

/// See the head of this file.
pub(super) struct TermWalk<'c> {
    connection: &'c Connection,
    /// One term of each.
    words: Vec<Vec<i64>>,
    oldest_first: bool,
    beyond: Option<i64>,
    left: VecDeque<Part>,
    found: VecDeque<i64>,
}

impl<'c> TermWalk<'c> {
    pub(super) fn new(
        connection: &'c Connection,
        words: Vec<Vec<i64>>,
        range: Range,
        oldest_first: bool,
    ) -> Result<Self, Fail> {
        let beyond = range.after.map(|(_, seq)| seq);
        let sql = "SELECT segment FROM term_segment WHERE last_at >= ?1 AND first_at < ?2 ORDER BY segment";
        let mut statement = connection.prepare_cached(sql)?;
        let sealed: Vec<i64> =
            statement.query_map((range.from, range.to), |row| row.get(0))?.collect::<Result<_, _>>()?;
        let sql = "SELECT ifnull(max(segment), -1) FROM term_segment";
        let last: i64 = connection.prepare_cached(sql)?.query_row((), |row| row.get(0))?;
        let ahead = |segment: &i64| match beyond.map(segment_of) {
            Some(at) => {
                if oldest_first {
                    *segment >= at
                } else {
                    *segment <= at
                }
            }
            None => true,
        };
        let mut left: VecDeque<Part> = sealed.into_iter().filter(ahead).map(Part::Sealed).collect();
        left.push_back(Part::Open(last));
        if !oldest_first {
            left.make_contiguous().reverse();
        }
        Ok(Self { connection, words, oldest_first, beyond, left, found: VecDeque::new() })
    }

    /// The next exchange that has them all.
    pub(super) fn next(&mut self) -> Result<Option<i64>, Fail> {
        while self.found.is_empty() {
            let Some(part) = self.left.pop_front() else { return Ok(None) };
            let mut found = match part {
                Part::Sealed(segment) => self.sealed(segment)?,
                Part::Open(after) => self.open(after)?,
            };
            let (beyond, oldest_first) = (self.beyond, self.oldest_first);
            found.retain(|seq| beyond.is_none_or(|at| if oldest_first { *seq > at } else { *seq < at }));
            if !oldest_first {
                found.reverse();
            }
            self.found = found.into();
        }
        Ok(self.found.pop_front())
    }

    /// Rising.
    fn sealed(&self, segment: i64) -> Result<Vec<i64>, Fail> {
        let mut all: Places = [u64::MAX; _];
        for word in &self.words {
            let mut any: Places = [0; _];
            for term in word {
                self.mark(segment, *term, &mut any)?;
            }
            all.iter_mut().zip(any).for_each(|(all, any)| *all &= any);
            if all.iter().all(|bits| *bits == 0) {
                return Ok(Vec::new());
            }
        }
        let mut found = Vec::new();
        for (bits, first) in all.into_iter().zip((segment << SEGMENT_BITS..).step_by(64)) {
            let mut left = bits;
            while left != 0 {
                found.push(first + i64::from(left.trailing_zeros()));
                left &= left - 1;
            }
        }
        Ok(found)
    }

    fn mark(&self, segment: i64, term: i64, places: &mut Places) -> Result<(), Fail> {
        let sql = "SELECT places FROM term WHERE segment = ?1 AND term = ?2";
        let mut statement = self.connection.prepare_cached(sql)?;
        let Some(kept) = statement.query_row((segment, term), |row| row.get::<_, Vec<u8>>(0)).optional()? else {
            return Ok(());
        };
        for place in kept.chunks_exact(2).filter_map(|bytes| bytes.try_into().ok().map(u16::from_le_bytes)) {
            let bits = places.get_mut(usize::from(place >> 6)).ok_or_else(|| corrupt("a place", place))?;
            *bits |= 1 << (place & 63);
        }
        Ok(())
    }

    /// Rising.
    fn open(&self, after: i64) -> Result<Vec<i64>, Fail> {
        let sql = "SELECT seq, terms FROM exchange WHERE seq >= ?1 AND terms IS NOT NULL ORDER BY seq";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query(((after + 1) << SEGMENT_BITS,))?;
        let (mut found, mut own) = (Vec::new(), Vec::new());
        while let Some(row) = rows.next()? {
            own.clear();
            own.extend(terms_of(row.get_ref(1)?.as_blob().map_err(|error| corrupt("terms", error))?));
            if self.words.iter().all(|word| word.iter().any(|term| own.contains(term))) {
                found.push(row.get(0)?);
            }
        }
        Ok(found)
    }
}
