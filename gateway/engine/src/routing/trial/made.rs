//! What one route really makes of a message: its stages, what it asks, what it sends, the messages that come of it. It sends nothing.

use std::collections::BTreeMap;
use std::sync::Arc;

use lienthong_core::exchange::Stage;
use lienthong_core::{Body, BusinessKey, ExchangeMeta, Fault, FaultKind, OperationName, OrderKey};
use serde_json::Value;

use super::{Made, unwritten};
use crate::routing::patterns::Row;
use crate::routing::route::{Route, RouteTarget};

/// One declared message, or why it is none.
pub(super) struct MadeChild {
    pub(super) made: Result<(BusinessKey, Value), Fault>,
    pub(super) recognised_by: Option<Value>,
}

/// What one route sends. A body passed on as received must fit its target too, which while running only the target's adapter tells.
pub(super) fn made(
    route: Arc<Route>,
    order_key: OrderKey,
    meta: &ExchangeMeta,
    received: &Body,
    answers: &BTreeMap<OperationName, Value>,
) -> Result<Made, Fault> {
    let (stages, asks, filled) = passed(&route, meta, received, answers)?;
    let sent = route.transform(meta, &filled)?;
    let body = read(&sent)?;
    let breaches = route.input.as_ref().map(|schema| schema.breaches(&body)).unwrap_or_default();
    if !breaches.is_empty() {
        let detail = format!("what route {} sends breaks its target's input schema", route.spec.name);
        return Err(Fault::of(FaultKind::Invalid, detail).with_problems(breaches));
    }
    let children = match route.spec.to {
        RouteTarget::Message(_) => route.rows(meta, &sent)?.into_iter().map(|row| child(&route, meta, row)).collect(),
        RouteTarget::Operation(_) | RouteTarget::Inbox(_) => Vec::new(),
    };
    Ok(Made { route, order_key, body, stages, asks, children })
}

/// The stages before the target, what is asked on the way, and the message after them.
fn passed(
    route: &Route,
    meta: &ExchangeMeta,
    received: &Body,
    answers: &BTreeMap<OperationName, Value>,
) -> Result<(Vec<Stage>, Option<Value>, Body), Fault> {
    let (mut stages, mut asks, mut body, mut from) = (Vec::new(), None, received.clone(), Stage::Await);
    loop {
        let stage = route.stage(meta, &read(&body)?, from)?;
        from = match stage {
            Stage::Await => Stage::Enrich,
            Stage::Enrich => {
                asks = Some(read(&route.question(meta, &body)?)?);
                let operation = route.spec.patterns.enrich.as_ref().map(|enrich| &enrich.operation);
                if let Some(answer) = operation.and_then(|operation| answers.get(operation)) {
                    body = route.filled(&body, &Body::json(answer.to_string()))?;
                }
                Stage::Target
            }
            Stage::Target => return Ok((stages, asks, body)),
        };
        stages.push(stage);
    }
}

fn child(route: &Route, meta: &ExchangeMeta, row: Row) -> MadeChild {
    let recognised_by = row.made.as_ref().ok().and_then(|child| route.recognised_by(meta, &child.input).ok().flatten());
    MadeChild { made: row.made.map(|child| (child.key, child.input)), recognised_by }
}

fn read(body: &Body) -> Result<Value, Fault> {
    serde_json::from_slice(&body.bytes).map_err(unwritten)
}
