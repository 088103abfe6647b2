//! Lists of exchanges: filters turned into walks over the one index that serves each, page by page. Newest first is by time of receipt.

use std::collections::BinaryHeap;
use std::sync::LazyLock;

use lienthong_core::{ExchangeId, StateName};
use rusqlite::{Connection, OptionalExtension, params};

use crate::record::{BodyId, Cursor, DeliveryRecord, ExchangeFilter, ExchangeRecord, Page};
use crate::sqlite::codes::{micros, state_code};
use crate::sqlite::fail::Fail;
use crate::sqlite::names::Known;
use crate::sqlite::read::cursor;
use crate::sqlite::row::{
    DELIVERY, DELIVERY_COLUMNS, DeliveryRow, EXCHANGE, ExchangeRow, delivery_seq, exchange_of, id_bytes, order_key,
};

static EXCHANGE_BY_SEQ: LazyLock<String> =
    LazyLock::new(|| format!("SELECT {EXCHANGE} FROM exchange e JOIN bkey k ON k.id = e.bkey WHERE e.seq = ?1"));
static DELIVERIES: LazyLock<String> = LazyLock::new(|| {
    format!(
        "SELECT {DELIVERY}, o.text FROM delivery d LEFT JOIN bkey o ON o.id = d.lane WHERE d.seq BETWEEN ?1 AND ?2 \
         ORDER BY d.seq"
    )
});

/// One exchange with its deliveries.
pub(in crate::sqlite) fn exchange(
    connection: &Connection,
    known: &Known,
    id: ExchangeId,
) -> Result<Option<ExchangeRecord>, Fail> {
    let mut statement = connection.prepare_cached("SELECT seq FROM exchange WHERE id = ?1")?;
    match statement.query_row((id_bytes(&id),), |row| row.get(0)).optional()? {
        Some(seq) => exchange_by_seq(connection, known, seq),
        None => Ok(None),
    }
}

fn exchange_by_seq(connection: &Connection, known: &Known, seq: i64) -> Result<Option<ExchangeRecord>, Fail> {
    let mut statement = connection.prepare_cached(&EXCHANGE_BY_SEQ)?;
    let mut rows = statement.query((seq,))?;
    let Some(row) = rows.next()? else { return Ok(None) };
    let exchange = ExchangeRow::read(row, 0, known)?;
    Ok(Some(ExchangeRecord {
        deliveries: deliveries(connection, known, exchange.seq, exchange.meta.id)?,
        meta: exchange.meta,
        body: BodyId(exchange.body.0),
        body_bytes: exchange.body_bytes,
        content_type: exchange.content_type,
    }))
}

fn deliveries(
    connection: &Connection,
    known: &Known,
    exchange: i64,
    id: ExchangeId,
) -> Result<Vec<DeliveryRecord>, Fail> {
    let mut statement = connection.prepare_cached(&DELIVERIES)?;
    let mut rows = statement.query((delivery_seq(exchange, 0), delivery_seq(exchange, u16::MAX)))?;
    let mut records = Vec::new();
    while let Some(row) = rows.next()? {
        let lane = order_key(row, DELIVERY_COLUMNS)?;
        records.push(DeliveryRow::read(row)?.record(id, lane, known)?);
    }
    Ok(records)
}

/// A place in the order of lists: time of receipt, then acceptance.
type Place = (i64, i64);

/// Which rows an index walk yields: sorted places, one exchange possibly more than once in a row.
struct Walk {
    sql: String,
    /// The value of the index's leading column.
    leading: i64,
}

/// See [`crate::Journal::exchanges`].
pub(in crate::sqlite) fn exchanges(
    connection: &Connection,
    known: &Known,
    filter: &ExchangeFilter,
    after: Option<&Cursor>,
    limit: usize,
) -> Result<Page<ExchangeRecord>, Fail> {
    let after = after.map(|cursor| cursor::read::<2>(cursor, 'x')).transpose()?.map(|[at, seq]| (at, seq));
    let Some(test) = Test::new(connection, known, filter)? else { return Ok(Page { rows: Vec::new(), next: None }) };
    let walks = walks(connection, known, filter, &test)?;
    let range = Range::new(filter, after);
    let mut merged = Merge::new(connection, walks, range, filter.oldest_first)?;
    let mut places: Vec<Place> = Vec::new();
    while places.len() <= limit
        && let Some(place) = merged.next()?
    {
        let repeated = places.last() == Some(&place);
        if !repeated && test.passes(connection, place.1)? {
            places.push(place);
        }
    }
    let more = places.len() > limit;
    places.truncate(limit);
    let next = places.last().filter(|_| more).map(|(at, seq)| cursor::write('x', &[*at, *seq]));
    let mut rows = Vec::with_capacity(places.len());
    for (_, seq) in places {
        rows.extend(exchange_by_seq(connection, known, seq)?);
    }
    Ok(Page { rows, next })
}

/// Conditions an index does not decide by itself.
struct Test {
    /// `None`: every facet passes.
    facets: Option<Vec<i64>>,
    key: Option<i64>,
    /// Of one delivery: its system, its state, or both.
    delivery: Option<(Option<i64>, Option<i64>)>,
}

impl Test {
    /// `None` when nothing can pass: a name or key nobody has used.
    fn new(connection: &Connection, known: &Known, filter: &ExchangeFilter) -> Result<Option<Self>, Fail> {
        let key = match &filter.key {
            Some(key) => match super::keys::id_of(connection, key)? {
                Some(id) => Some(id),
                None => return Ok(None),
            },
            None => None,
        };
        let client = filter.client.as_ref().map(|name| known.clients.id(name));
        let operation = filter.operation.as_ref().map(|name| known.operations.id(name));
        let system = filter.system.as_ref().map(|name| known.systems.id(name));
        if [client, operation, system].contains(&Some(None)) {
            return Ok(None);
        }
        let (client, operation, system) = (client.flatten(), operation.flatten(), system.flatten());
        let named = client.is_some() || operation.is_some() || system.is_some();
        let passing = known.facets().filter(|(_, facet)| {
            client.is_none_or(|id| id == facet.client)
                && operation.is_none_or(|id| id == facet.operation)
                && system.is_none_or(|id| facet.systems.contains(&id))
        });
        let facets = named.then(|| passing.map(|(id, _)| id).collect());
        let delivery = filter.state.map(|state| (system, Some(state_code(state))));
        Ok(Some(Self { facets, key, delivery }))
    }

    fn passes(&self, connection: &Connection, seq: i64) -> Result<bool, Fail> {
        if self.facets.is_some() || self.key.is_some() {
            let mut statement = connection.prepare_cached("SELECT facet, bkey FROM exchange WHERE seq = ?1")?;
            let (facet, key): (i64, i64) = statement.query_row((seq,), |row| Ok((row.get(0)?, row.get(1)?)))?;
            let facet_passes = self.facets.as_ref().is_none_or(|facets| facets.contains(&facet));
            if !facet_passes || self.key.is_some_and(|id| id != key) {
                return Ok(false);
            }
        }
        let Some((system, state)) = self.delivery else { return Ok(true) };
        let sql = "SELECT 1 FROM delivery WHERE seq BETWEEN ?1 AND ?2 AND (?3 IS NULL OR system = ?3) \
             AND (?4 IS NULL OR state = ?4) LIMIT 1";
        let row = params![delivery_seq(seq, 0), delivery_seq(seq, u16::MAX), system, state];
        Ok(connection.prepare_cached(sql)?.exists(row)?)
    }
}

/// The walks that together yield every candidate: by key, by state, or by facet.
fn walks(_connection: &Connection, known: &Known, filter: &ExchangeFilter, test: &Test) -> Result<Vec<Walk>, Fail> {
    if let Some(key) = test.key {
        let sql = walk_sql("SELECT received_at, seq FROM exchange", "bkey = ?1", filter.oldest_first);
        return Ok(vec![Walk { sql, leading: key }]);
    }
    if let Some(state) = filter.state.filter(|state| *state != StateName::Delivered) {
        let from = "SELECT received_at, seq FROM delivery INDEXED BY delivery_state";
        let sql = walk_sql(from, "state <> 4 AND state = ?1", filter.oldest_first);
        return Ok(vec![Walk { sql, leading: state_code(state) }]);
    }
    let facets = test.facets.clone().unwrap_or_else(|| known.facets().map(|(id, _)| id).collect());
    let sql = walk_sql("SELECT received_at, seq FROM exchange", "facet = ?1", filter.oldest_first);
    Ok(facets.into_iter().map(|leading| Walk { sql: sql.clone(), leading }).collect())
}

/// A walk in chunks: between two times of receipt, beyond a place, in order.
fn walk_sql(from: &str, condition: &str, oldest_first: bool) -> String {
    let (beyond, order) = if oldest_first { (">", "") } else { ("<", " DESC") };
    format!(
        "{from} WHERE {condition} AND received_at >= ?2 AND received_at < ?3 AND (received_at, seq) {beyond} (?4, ?5) \
         ORDER BY received_at{order}, seq{order} LIMIT ?6"
    )
}

/// Times of receipt, and the place to go on from.
#[derive(Clone, Copy)]
struct Range {
    from: i64,
    to: i64,
    after: Option<Place>,
}

impl Range {
    fn new(filter: &ExchangeFilter, after: Option<Place>) -> Self {
        Self { from: filter.from.map_or(i64::MIN, micros), to: filter.to.map_or(i64::MAX, micros), after }
    }
}

/// Rows fetched from one walk at a time.
const CHUNK: usize = 64;

/// Several sorted walks as one.
struct Merge<'c> {
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
    fetched: std::collections::VecDeque<Place>,
    over: bool,
}

impl<'c> Merge<'c> {
    fn new(connection: &'c Connection, walks: Vec<Walk>, range: Range, oldest_first: bool) -> Result<Self, Fail> {
        let mut merge = Self { connection, sources: Vec::new(), range, oldest_first, tops: BinaryHeap::new() };
        for walk in walks {
            let at = merge.start(&walk);
            merge.sources.push(Source { walk, at, fetched: std::collections::VecDeque::new(), over: false });
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
        if !is_delivery_walk(walk) {
            return (at, seq);
        }
        (at, delivery_seq(seq, if self.oldest_first { u16::MAX } else { 0 }))
    }

    fn next(&mut self) -> Result<Option<Place>, Fail> {
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
            let seq = if is_delivery_walk(&self.walk) { exchange_of(self.at.1) } else { self.at.1 };
            self.fetched.push_back((self.at.0, seq));
        }
        self.over = count < CHUNK;
        Ok(())
    }
}

fn is_delivery_walk(walk: &Walk) -> bool {
    walk.sql.contains("delivery_state")
}
