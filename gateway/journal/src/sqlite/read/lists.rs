//! Lists of exchanges: candidates from the one index that serves a filter best, the rest of the filter held against each, page by page.

use std::sync::LazyLock;

use lienthong_core::ExchangeId;
use rusqlite::{Connection, OptionalExtension};

use super::candidates::Candidates;
use super::conditions::Conditions;
use crate::record::{BodyId, Cursor, DeliveryRecord, ExchangeFilter, ExchangeRecord, Page};
use crate::sqlite::fail::Fail;
use crate::sqlite::names::Known;
use crate::sqlite::row::{
    DELIVERY, DELIVERY_COLUMNS, DeliveryRow, EXCHANGE, ExchangeRow, delivery_seq, id_bytes, order_key,
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

/// Candidates one page passes over before it is told as far as it got, so that no question takes long; few in tests, to come by.
const PASSED_OVER: usize = if cfg!(test) { 60 } else { 5_000 };

/// See [`crate::Journal::exchanges`].
pub(in crate::sqlite) fn exchanges(
    connection: &Connection,
    known: &Known,
    filter: &ExchangeFilter,
    after: Option<&Cursor>,
    limit: usize,
) -> Result<Page<ExchangeRecord>, Fail> {
    let nothing = Page { rows: Vec::new(), next: None };
    let Some(mut conditions) = Conditions::new(connection, known, filter)? else {
        // A cursor that is none is refused whether or not there is anything.
        return Candidates::place_of(after).map(|_| nothing);
    };
    let mut candidates = Candidates::of(connection, known, filter, &mut conditions, after)?;
    let mut found = Vec::new();
    let (mut last, mut passed_over, mut over) = (None, 0, false);
    while found.len() <= limit && passed_over < PASSED_OVER {
        let Some(place) = candidates.next()? else {
            over = !candidates.are_cut_short();
            break;
        };
        if last == Some(place) {
            continue;
        }
        last = Some(place);
        match conditions.hold(connection, place.1)? {
            true => found.push(place),
            false => passed_over += 1,
        }
    }
    let next = match (found.len() > limit, over) {
        (true, _) => found.get(limit.saturating_sub(1)).copied(),
        (false, true) => None,
        (false, false) => last,
    };
    found.truncate(limit);
    let mut rows = Vec::with_capacity(found.len());
    for (_, seq) in found {
        rows.extend(exchange_by_seq(connection, known, seq)?);
    }
    Ok(Page { rows, next: next.map(|place| candidates.cursor(place)) })
}
