//! What a list asks of an exchange beyond the index that offered it. It offers nothing itself.

use std::collections::HashSet;

use lienthong_core::FaultKind;
use lienthong_core::fault::without_indices;
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, params, params_from_iter};

use super::walk::Range;
use crate::record::ExchangeFilter;
use crate::search::{FaultFilter, IdPrefix};
use crate::sqlite::codes::{micros, state_code};
use crate::sqlite::fail::Fail;
use crate::sqlite::names::Known;
use crate::sqlite::row::{delivery_seq, exchange_id, terms_of};
use crate::sqlite::stored::fault_from_text;

/// Error groups held against a fault filter, the latest seen first.
const GROUPS: i64 = 5_000;

/// Everything a filter asks for, as the integers of rows. The journal's indices decide some of it already.
pub(super) struct Conditions {
    /// `None`: every facet passes.
    pub(super) facets: Option<Vec<i64>>,
    pub(super) key: Option<i64>,
    pub(super) id: Option<IdPrefix>,
    /// Times of receipt, where no walk keeps to them.
    pub(super) received: Option<Range>,
    /// One term of each.
    pub(super) terms: Vec<Vec<i64>>,
    pub(super) delivery: DeliveryConditions,
}

/// Of one delivery.
#[derive(Default)]
pub(super) struct DeliveryConditions {
    pub(super) system: Option<i64>,
    pub(super) state: Option<i64>,
    route: Option<i64>,
    pub(super) groups: Option<HashSet<i64>>,
    updated_since: Option<i64>,
}

impl Conditions {
    /// `None` when nothing can pass: a name, a key or a cause that nobody has used.
    pub(super) fn new(connection: &Connection, known: &Known, filter: &ExchangeFilter) -> Result<Option<Self>, Fail> {
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
        let route = filter.route.as_ref().map(|name| known.routes.id(name));
        if [client, operation, system, route].contains(&Some(None)) || filter.terms.iter().any(Vec::is_empty) {
            return Ok(None);
        }
        let (client, operation, system, route) =
            (client.flatten(), operation.flatten(), system.flatten(), route.flatten());
        let named = [client, operation, system, route].iter().any(Option::is_some);
        let passing = known.facets().filter(|(id, facet)| {
            client.is_none_or(|id| id == facet.client)
                && operation.is_none_or(|id| id == facet.operation)
                && system.is_none_or(|id| facet.systems.contains(&id))
                && route.is_none_or(|route| known.occurs(route, *id))
        });
        let facets: Option<Vec<i64>> = named.then(|| passing.map(|(id, _)| id).collect());
        let groups = groups_of(connection, &filter.fault, system)?;
        if facets.as_ref().is_some_and(Vec::is_empty) || groups.as_ref().is_some_and(HashSet::is_empty) {
            return Ok(None);
        }
        let state = filter.state.map(state_code);
        let delivery =
            DeliveryConditions { system, state, route, groups, updated_since: filter.updated_since.map(micros) };
        let terms = filter.terms.iter().map(|word| word.iter().map(|term| term.0).collect()).collect();
        Ok(Some(Self { facets, key, id: filter.id, received: None, terms, delivery }))
    }

    /// Whether they hold for this exchange. One that retention has removed meanwhile passes nothing.
    pub(super) fn hold(&self, connection: &Connection, seq: i64) -> Result<bool, Fail> {
        Ok(self.hold_of_exchange(connection, seq)? && self.delivery.hold(connection, seq)?)
    }

    fn hold_of_exchange(&self, connection: &Connection, seq: i64) -> Result<bool, Fail> {
        let Self { facets, key, id, received, terms, delivery: _ } = self;
        if facets.is_none() && key.is_none() && id.is_none() && received.is_none() && terms.is_empty() {
            return Ok(true);
        }
        let sql = "SELECT facet, bkey, id, received_at, terms FROM exchange WHERE seq = ?1";
        let mut statement = connection.prepare_cached(sql)?;
        let mut rows = statement.query((seq,))?;
        let Some(row) = rows.next()? else { return Ok(false) };
        let (facet, own_key, at): (i64, i64, i64) = (row.get(0)?, row.get(1)?, row.get(3)?);
        let has = |words: &[Vec<i64>]| -> Result<bool, Fail> {
            let own: Option<Vec<u8>> = row.get(4)?;
            let own: Vec<i64> = terms_of(&own.unwrap_or_default()).collect();
            Ok(words.iter().all(|word| word.iter().any(|term| own.contains(term))))
        };
        Ok(facets.as_ref().is_none_or(|facets| facets.contains(&facet))
            && key.is_none_or(|key| key == own_key)
            && received.is_none_or(|range| range.from <= at && at < range.to)
            && id.map_or(Ok::<_, Fail>(true), |prefix| Ok(prefix.holds(exchange_id(row, 2)?)))?
            && (terms.is_empty() || has(terms)?))
    }
}

impl DeliveryConditions {
    /// A system alone is decided by the facet.
    fn ask_nothing(&self) -> bool {
        let Self { system: _, state, route, groups, updated_since } = self;
        state.is_none() && route.is_none() && groups.is_none() && updated_since.is_none()
    }

    fn hold(&self, connection: &Connection, exchange: i64) -> Result<bool, Fail> {
        if self.ask_nothing() {
            return Ok(true);
        }
        let sql = "SELECT fault_group FROM delivery WHERE seq BETWEEN ?1 AND ?2 AND (?3 IS NULL OR system = ?3) \
             AND (?4 IS NULL OR state = ?4) AND (?5 IS NULL OR route = ?5) AND (?6 IS NULL OR updated_at >= ?6)";
        let Self { system, state, route, groups, updated_since } = self;
        let (first, last) = (delivery_seq(exchange, 0), delivery_seq(exchange, u16::MAX));
        let mut statement = connection.prepare_cached(sql)?;
        let mut rows = statement.query(params![first, last, system, state, route, updated_since])?;
        while let Some(row) = rows.next()? {
            let group: Option<i64> = row.get(0)?;
            let of_group = |groups: &HashSet<i64>| group.is_some_and(|group| groups.contains(&group));
            if groups.as_ref().is_none_or(of_group) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// The error groups a fault filter means; `None` where it asks nothing.
fn groups_of(connection: &Connection, filter: &FaultFilter, system: Option<i64>) -> Result<Option<HashSet<i64>>, Fail> {
    if filter.is_any() {
        return Ok(None);
    }
    let FaultFilter { kind, code, group, field } = filter;
    if let Some(print) = group {
        let mut find = connection.prepare_cached("SELECT id, kind, fault FROM error_group WHERE fingerprint = ?1")?;
        let read = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get::<_, String>(1)?, row.get::<_, String>(2)?));
        let Some((id, own_kind, fault)) = find.query_row((print.as_str(),), read).optional()? else {
            return Ok(Some(HashSet::new()));
        };
        let (fault, _) = fault_from_text(&fault)?;
        let of_kind = kind.is_none_or(|kind| kind.as_str() == own_kind);
        let of_code = code.is_none_or(|code| code == fault.code);
        let means = of_kind && of_code && field.as_ref().is_none_or(|field| complains(&fault, field));
        return Ok(Some(means.then_some(id).into_iter().collect()));
    }
    let sql = "SELECT id, fault FROM error_group INDEXED BY error_group_seen WHERE (?1 IS NULL OR kind = ?1) \
         AND (?2 IS NULL OR fault ->> 'code' = ?2) AND (?3 IS NULL OR system = ?3) ORDER BY last_seen DESC LIMIT ?4";
    let optional = |text: Option<&str>| text.map_or(Value::Null, |text| Value::Text(text.to_owned()));
    let values = [
        optional(kind.map(FaultKind::as_str)),
        optional(code.map(lienthong_core::FaultCode::as_str)),
        system.map_or(Value::Null, Value::Integer),
        Value::Integer(GROUPS),
    ];
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(params_from_iter(values))?;
    let mut meant = HashSet::new();
    while let Some(row) = rows.next()? {
        let complains = |field: &String| -> Result<bool, Fail> {
            Ok(complains(&fault_from_text(crate::sqlite::row::text(row, 1)?)?.0, field))
        };
        if field.as_ref().map_or(Ok(true), complains)? {
            meant.insert(row.get(0)?);
        }
    }
    Ok(Some(meant))
}

/// Whether the fault is about this field, or one inside it; places in lists do not count.
fn complains(fault: &lienthong_core::Fault, field: &str) -> bool {
    let asked = without_indices(field.trim_end_matches('/'));
    fault.problems.iter().any(|problem| {
        let own = without_indices(&problem.pointer);
        own.strip_prefix(&asked).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    })
}
