//! Whether a message that needs no filling in must still go through the stage, because an older one of its key is in it: order is kept. It reads, and drafts nothing.

use std::collections::HashSet;

use lienthong_core::{ExchangeMeta, Fault, FaultCode, RouteName, SystemId};
use lienthong_journal::{Cursor, DeliveryRecord, ExchangeFilter, Journal, JournalError};

use crate::config::Configuration;
use crate::routing::{OrderKeySpec, Route};

/// Exchanges of a key read at once.
const PAGE: usize = 100;

/// Routes with something of this key in their stage that fills messages in.
pub(super) async fn behind(
    journal: &dyn Journal,
    config: &Configuration,
    meta: &ExchangeMeta,
) -> Result<HashSet<RouteName>, Fault> {
    let mut behind = HashSet::new();
    let takes = |route: &&std::sync::Arc<Route>| {
        let spec = &route.spec;
        let needed = spec.patterns.enrich.as_ref().is_some_and(|enrich| enrich.when.is_some());
        // Another order is the route's own affair: who orders by a field of the message gives up this one.
        needed && spec.order_key == OrderKeySpec::BusinessKey && spec.operations.contains(&meta.operation)
    };
    for route in config.routes.iter().filter(takes) {
        if is_occupied(journal, route, meta).await.map_err(unread)? {
            behind.insert(route.spec.name.clone());
        }
    }
    Ok(behind)
}

async fn is_occupied(journal: &dyn Journal, route: &Route, meta: &ExchangeMeta) -> Result<bool, JournalError> {
    let Some(enrich) = &route.spec.patterns.enrich else { return Ok(false) };
    let key = Some(journal.resolve(&meta.key).await?);
    let system = SystemId::new(enrich.operation.system()).ok();
    let filter = ExchangeFilter { key, system, ..ExchangeFilter::default() };
    let waits = |delivery: &DeliveryRecord| {
        delivery.route == route.spec.name
            && delivery.operation == enrich.operation
            && delivery.lane.is_some()
            && !delivery.state.name().is_final()
    };
    let mut cursor: Option<Cursor> = None;
    loop {
        let page = journal.exchanges(filter.clone(), cursor.take(), PAGE).await?;
        if page.rows.iter().flat_map(|row| &row.deliveries).any(waits) {
            return Ok(true);
        }
        match page.next {
            Some(next) => cursor = Some(next),
            None => return Ok(false),
        }
    }
}

fn unread(error: JournalError) -> Fault {
    let code = FaultCode::JournalUnavailable;
    Fault::new(code.kind(), code, format!("what is before it cannot be read: {error}"))
}
