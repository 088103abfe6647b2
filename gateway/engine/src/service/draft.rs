//! From a routing plan to the deliveries to be stored: states, lanes, and the parts of what must be split. It stores nothing.

use lienthong_core::{
    Body, Class, ConfigVersion, DeliveryState, ExchangeMeta, Fault, FaultCode, FaultKind, SystemId, limits,
};
use lienthong_journal::{BodyInput, Lane, NewDelivery};
use serde_json::Value;

use super::fault::{defect, wrong_field};
use crate::config::Configuration;
use crate::routing::{Plan, PlannedDelivery, RouteTarget};

/// Routes the message and drafts its deliveries; the exchange's class becomes what its routes make of it.
pub(super) fn deliveries(
    config: &Configuration,
    meta: &mut ExchangeMeta,
    received: &Body,
    input: &Value,
) -> Result<Vec<NewDelivery>, Fault> {
    let plan = config.routes.plan(meta, input)?;
    meta.class = class(&plan, meta.class);
    let mut drafts = Vec::with_capacity(plan.deliveries.len());
    for planned in plan.deliveries {
        draft(config, meta, received, planned, &mut drafts)?;
    }
    if drafts.len() > limits::DELIVERIES {
        let problem = format!("needs {} deliveries; the limit is {}", drafts.len(), limits::DELIVERIES);
        return Err(wrong_field(FaultCode::Invalid, "/body", problem));
    }
    Ok(drafts)
}

/// Bulk only when no delivery is live: a live one must not wait for its bulk sibling's window.
fn class(plan: &Plan, asked: Class) -> Class {
    let bulk = |planned: &PlannedDelivery| planned.route.spec.class.unwrap_or(asked) == Class::Bulk;
    match plan.deliveries.iter().all(bulk) {
        true => Class::Bulk,
        false => Class::Live,
    }
}

fn draft(
    config: &Configuration,
    meta: &ExchangeMeta,
    received: &Body,
    planned: PlannedDelivery,
    drafts: &mut Vec<NewDelivery>,
) -> Result<(), Fault> {
    let spec = &planned.route.spec;
    let state = initial(meta);
    let lane = |supersede| {
        Some(Lane { key: planned.order_key.clone(), on_parked: spec.on_parked, supersede: spec.supersede && supersede })
    };
    match &spec.to {
        RouteTarget::Inbox(client) => drafts.push(NewDelivery {
            system: inbox()?,
            operation: meta.operation.clone(),
            route: spec.name.clone(),
            client: client.clone(),
            lane: lane(true),
            state,
            // Nothing transforms an inbox item later: what the client reads is made now.
            body: match &spec.transform {
                Some(_) => Some(stored(planned.route.transform(meta, received)?)),
                None => None,
            },
            fault: None,
            attempt: None,
        }),
        RouteTarget::Operation(operation) => {
            let parts = parts(config, meta, received, &planned)?;
            for (place, body) in parts.into_iter().enumerate() {
                drafts.push(NewDelivery {
                    system: system(config, operation.system())?,
                    operation: operation.clone(),
                    route: spec.name.clone(),
                    client: meta.client.clone(),
                    // A later part must not take the place of an earlier one.
                    lane: lane(place == 0),
                    state,
                    body: body.map(stored),
                    fault: None,
                    attempt: None,
                });
            }
        }
    }
    Ok(())
}

fn initial(meta: &ExchangeMeta) -> DeliveryState {
    match meta.not_before {
        Some(until) if until > meta.received_at => DeliveryState::Waiting { until },
        Some(_) | None => DeliveryState::Queued,
    }
}

/// One entry per delivery; its own body where the message had to be split, none where it is transformed when it is sent.
fn parts(
    config: &Configuration,
    meta: &ExchangeMeta,
    received: &Body,
    planned: &PlannedDelivery,
) -> Result<Vec<Option<Body>>, Fault> {
    let RouteTarget::Operation(operation) = &planned.route.spec.to else { return Ok(vec![None]) };
    let Some(entry) = config.catalogue.get(operation).filter(|entry| entry.spec.splits) else {
        return Ok(vec![None]);
    };
    let adapter =
        config.adapters.get(operation.system()).ok_or_else(|| no_adapter(&config.version, operation.system()))?;
    let parts = adapter.split(&entry.spec.name, &planned.route.transform(meta, received)?)?;
    match parts.len() {
        0 => Err(defect(format!("the adapter split {operation} into nothing"))),
        1 => Ok(vec![None]),
        _more => Ok(parts.into_iter().map(Some).collect()),
    }
}

fn stored(body: Body) -> BodyInput {
    let Body { content_type, bytes } = body;
    BodyInput::New { content_type, bytes }
}

pub(super) fn inbox() -> Result<SystemId, Fault> {
    SystemId::new(SystemId::INBOX).map_err(|error| defect(format!("the inbox's name {error}")))
}

/// The configured system of that name.
pub(super) fn system(config: &Configuration, name: &str) -> Result<SystemId, Fault> {
    let known = config.systems.get_key_value(name).map(|(system, _policy)| system.clone());
    known.ok_or_else(|| no_adapter(&config.version, name))
}

fn no_adapter(version: &ConfigVersion, name: &str) -> Fault {
    Fault::of(FaultKind::Mapping, format!("configuration {version} routes to {name}, which it does not describe"))
}
