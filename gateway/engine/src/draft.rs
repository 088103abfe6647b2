//! From a routing plan to the deliveries to be stored: states, lanes, stages, the parts of what must be split, copies for taps. It stores nothing.

mod behind;
mod kept;
mod tap;

use std::collections::HashSet;

use lienthong_core::exchange::{Link, Source as Origin, Stage};
use lienthong_core::{
    Body, Class, ClientId, ConfigVersion, DeliveryState, ExchangeId, ExchangeMeta, Fault, FaultCode, FaultKind,
    FieldProblem, OperationName, OrderKey, RouteName, SystemId, Timestamp, limits,
};
use lienthong_journal::{Acceptance, BodyInput, Journal, Lane, NewDelivery, Noted};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::config::Configuration;
use crate::internal;
use crate::queue::QueuePolicy;
use crate::routing::{EnrichSpec, Plan, PlannedDelivery, Route, RouteTarget};

pub(crate) use kept::{ROW, UNREADABLE, UNROUTED, kept, ours};

/// What becomes of one message.
pub(crate) struct Drafted {
    pub(crate) deliveries: Vec<NewDelivery>,
    /// Copies for tap routes.
    pub(crate) also: Vec<Acceptance>,
    pub(crate) noted: Noted,
}

/// What all deliveries of one message are drafted from.
struct Source<'a> {
    config: &'a Configuration,
    meta: &'a ExchangeMeta,
    received: &'a Body,
    input: &'a Value,
    /// The stage they begin at.
    from: Stage,
    /// Routes whose stage that fills messages in holds an older one of this key.
    behind: &'a HashSet<RouteName>,
}

/// A UUIDv7 of the injected time; ids never order anything.
pub(crate) fn new_id(now: Timestamp) -> ExchangeId {
    let millis = u64::try_from(now.as_millisecond()).unwrap_or(0);
    ExchangeId(uuid::Builder::from_unix_timestamp_millis(millis, &rand::random()).into_uuid())
}

/// Routes the message and drafts its deliveries; the exchange's class becomes what its routes make of it. One that is on its way
/// through the stages of a route goes on through that route alone.
pub(crate) async fn deliveries(
    journal: &dyn Journal,
    config: &Configuration,
    meta: &mut ExchangeMeta,
    received: &Body,
    input: &Value,
) -> Result<Drafted, Fault> {
    let behind = behind::behind(journal, config, meta).await?;
    drafted(config, meta, received, input, &behind)
}

fn drafted(
    config: &Configuration,
    meta: &mut ExchangeMeta,
    received: &Body,
    input: &Value,
    behind: &HashSet<RouteName>,
) -> Result<Drafted, Fault> {
    not_too_deep(meta)?;
    let (plan, from) = match on_its_way(config, meta, input)? {
        Some((planned, from)) => (Plan { deliveries: vec![planned], taps: Vec::new() }, from),
        None => (config.routes.plan(meta, input)?, Stage::Await),
    };
    meta.class = class(&plan, meta.class);
    let source = Source { config, meta, received, input, from, behind };
    let mut drafts = Vec::with_capacity(plan.deliveries.len());
    for planned in plan.deliveries {
        source.draft(planned, &mut drafts)?;
    }
    if drafts.len() > limits::DELIVERIES {
        let problem = format!("needs {} deliveries; the limit is {}", drafts.len(), limits::DELIVERIES);
        let fault = Fault::of(FaultKind::Invalid, format!("/body {problem}"));
        return Err(fault.with_problem(FieldProblem::new("/body", problem)));
    }
    let taps = plan.taps.into_iter().zip(0_u16..);
    let also = taps.map(|(tap, place)| source.tapped(tap, place)).collect::<Result<_, _>>()?;
    Ok(Drafted { deliveries: drafts, also, noted: noted(config, meta, input) })
}

/// What a message is found by, and what it says of its dossier's time. On its way through the stages of a route it says nothing that the
/// first of it did not say, until it has been filled in.
pub(crate) fn noted(config: &Configuration, meta: &ExchangeMeta, input: &Value) -> Noted {
    let stage = meta.descent.as_ref().and_then(|descent| Some((&descent.route, descent.stage?)));
    let is_new = match stage {
        None => true,
        Some((route, Stage::Target)) => {
            config.routes.route(route).is_some_and(|route| route.spec.patterns.enrich.is_some())
        }
        Some((_, Stage::Await | Stage::Enrich)) => false,
    };
    if !is_new {
        return Noted::default();
    }
    let entry = config.catalogue.get(&meta.operation);
    let terms = entry.map(|entry| config.digests.of_body(&entry.searchable, input)).unwrap_or_default();
    let tells = stage.is_none() && tells_anew(meta);
    Noted { terms, pace: tells.then(|| config.paces.told(meta, input)).flatten() }
}

/// Whether it says for the first time how its dossier stands: what is sent again was said when it came, and an answer is no message of
/// its operation.
fn tells_anew(meta: &ExchangeMeta) -> bool {
    let again = matches!(meta.link, Some(Link::Resend { .. }));
    let answer = matches!(meta.source, Origin::Answer(_));
    !again && !answer
}

fn not_too_deep(meta: &ExchangeMeta) -> Result<(), Fault> {
    let depth = meta.descent.as_ref().map_or(0, |descent| descent.depth);
    if depth <= limits::CHAIN_DEPTH {
        return Ok(());
    }
    let detail = format!("{depth} exchanges made each other to come here; the most is {}", limits::CHAIN_DEPTH);
    Err(Fault::of(FaultKind::Mapping, detail))
}

/// The one route of a message between two stages.
fn on_its_way(
    config: &Configuration,
    meta: &ExchangeMeta,
    input: &Value,
) -> Result<Option<(PlannedDelivery, Stage)>, Fault> {
    let Some((name, from)) = meta.descent.as_ref().and_then(|descent| Some((&descent.route, descent.stage?))) else {
        return Ok(None);
    };
    let route = config.routes.route(name).ok_or_else(|| no_route(config, name.as_str()))?;
    let order_key = route.order_key(meta, input)?;
    let order_key = if route.spec.patterns.tap { lane_of(route, &order_key)? } else { order_key };
    Ok(Some((PlannedDelivery { route: std::sync::Arc::clone(route), order_key }, from)))
}

/// Bulk only when no delivery is live: a live one must not wait for its bulk sibling's window.
fn class(plan: &Plan, asked: Class) -> Class {
    let bulk = |planned: &PlannedDelivery| planned.route.spec.class.unwrap_or(asked) == Class::Bulk;
    match plan.deliveries.iter().all(bulk) {
        true => Class::Bulk,
        false => Class::Live,
    }
}

impl Source<'_> {
    fn draft(&self, planned: PlannedDelivery, drafts: &mut Vec<NewDelivery>) -> Result<(), Fault> {
        let PlannedDelivery { route, order_key } = &planned;
        match self.stage(route)? {
            Stage::Await => {
                let until = awaited_until(route, self.meta.received_at);
                let operation = name(internal::AWAIT)?;
                drafts.push(NewDelivery {
                    state: DeliveryState::Waiting { until },
                    ..self.internal(route, order_key, operation)?
                });
                Ok(())
            }
            Stage::Enrich => self.asking(route, order_key, drafts),
            Stage::Target => self.target(&planned, drafts),
        }
    }

    /// The queue of a client whose inbox it is.
    fn queue(&self, client: &ClientId) -> Option<&QueuePolicy> {
        self.config.clients.get(client)?.queue.as_ref().filter(|queue| queue.inbox)
    }

    fn inbox(&self, client: &ClientId) -> Result<SystemId, Fault> {
        match self.queue(client) {
            Some(queue) => Ok(queue.system.clone()),
            None => inbox(),
        }
    }

    fn stage(&self, route: &Route) -> Result<Stage, Fault> {
        let stage = route.stage(self.meta, self.input, self.from)?;
        let follows = stage == Stage::Target && self.from != Stage::Target && self.behind.contains(&route.spec.name);
        Ok(if follows { Stage::Enrich } else { stage })
    }

    /// A delivery of the gateway's own, in a lane of its route and order key: what waits there holds up nothing else of the key.
    fn internal(&self, route: &Route, order_key: &OrderKey, operation: OperationName) -> Result<NewDelivery, Fault> {
        Ok(NewDelivery {
            system: system(self.config, internal::SYSTEM)?,
            operation,
            route: route.spec.name.clone(),
            client: self.meta.client.clone(),
            lane: Some(Lane {
                key: lane_of(route, order_key)?,
                on_parked: lienthong_core::delivery::OnParked::Skip,
                supersede: false,
            }),
            state: initial(self.meta),
            body: None,
            fault: None,
            attempt: None,
        })
    }

    fn asking(&self, route: &Route, order_key: &OrderKey, drafts: &mut Vec<NewDelivery>) -> Result<(), Fault> {
        let Some(EnrichSpec { operation, .. }) = &route.spec.patterns.enrich else {
            return Err(defect("a route is to fill in and does not say what".to_owned()));
        };
        drafts.push(NewDelivery {
            system: system(self.config, operation.system())?,
            operation: operation.clone(),
            lane: Some(Lane { key: order_key.clone(), on_parked: route.spec.on_parked, supersede: false }),
            ..self.internal(route, order_key, operation.clone())?
        });
        Ok(())
    }

    fn target(&self, planned: &PlannedDelivery, drafts: &mut Vec<NewDelivery>) -> Result<(), Fault> {
        let Self { config, meta, received, .. } = self;
        let spec = &planned.route.spec;
        let state = initial(meta);
        let lane = |supersede| {
            let key = planned.order_key.clone();
            Some(Lane { key, on_parked: spec.on_parked, supersede: spec.supersede && supersede })
        };
        match &spec.to {
            RouteTarget::Inbox(client) => drafts.push(NewDelivery {
                system: self.inbox(client)?,
                operation: meta.operation.clone(),
                route: spec.name.clone(),
                client: client.clone(),
                lane: lane(true),
                state,
                // Nothing transforms an inbox item later: what the client reads is made now.
                body: match &spec.transform {
                    Some(_) => Some(stored(planned.route.transform(meta, received)?)),
                    // Once in a queue it has no route any more.
                    None => self.queue(client).map(|_| stored(Body::clone(received))),
                },
                fault: None,
                attempt: None,
            }),
            RouteTarget::Message(message) => {
                let lane = Lane {
                    key: lane_of(&planned.route, &planned.order_key)?,
                    on_parked: spec.on_parked,
                    supersede: false,
                };
                let drafted = self.internal(&planned.route, &planned.order_key, message.clone())?;
                drafts.push(NewDelivery { lane: Some(lane), ..drafted });
            }
            RouteTarget::Operation(operation) => {
                let parts = parts(config, meta, received, planned)?;
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
}

fn initial(meta: &ExchangeMeta) -> DeliveryState {
    match meta.not_before {
        Some(until) if until > meta.received_at => DeliveryState::Waiting { until },
        Some(_) | None => DeliveryState::Queued,
    }
}

/// Until when a message of this route waits for what must come first.
pub(crate) fn awaited_until(route: &Route, received_at: Timestamp) -> Timestamp {
    let within = route.spec.patterns.awaits.as_ref().map(|awaits| awaits.within).unwrap_or_default();
    received_at.saturating_add(within).unwrap_or(received_at)
}

/// A lane of one route's own for an order key: of the gateway's deliveries, and of copies, which must not hold up the originals.
fn lane_of(route: &Route, order_key: &OrderKey) -> Result<OrderKey, Fault> {
    let mut digest = Sha256::new();
    for part in [route.spec.name.as_str(), order_key.as_str()] {
        digest.update((part.len() as u64).to_le_bytes());
        digest.update(part.as_bytes());
    }
    let hex: String = digest.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    OrderKey::new(&format!("{}:{hex}", internal::SYSTEM)).map_err(|error| defect(format!("a lane's key {error}")))
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

pub(crate) fn stored(body: Body) -> BodyInput {
    let Body { content_type, bytes } = body;
    BodyInput::New { content_type, bytes }
}

pub(crate) fn inbox() -> Result<SystemId, Fault> {
    SystemId::new(SystemId::INBOX).map_err(|error| defect(format!("the inbox's name {error}")))
}

fn name(operation: &str) -> Result<OperationName, Fault> {
    OperationName::new(operation).map_err(|error| defect(format!("a name of ours {error}")))
}

/// The configured system of that name.
pub(crate) fn system(config: &Configuration, name: &str) -> Result<SystemId, Fault> {
    let known = config.systems.get_key_value(name).map(|(system, _policy)| system.clone());
    known.ok_or_else(|| no_adapter(&config.version, name))
}

fn no_adapter(version: &ConfigVersion, name: &str) -> Fault {
    Fault::of(FaultKind::Mapping, format!("configuration {version} routes to {name}, which it does not describe"))
}

fn no_route(config: &Configuration, name: &str) -> Fault {
    Fault::of(FaultKind::Mapping, format!("configuration {} has no route {name} any more", config.version))
}

fn defect(detail: String) -> Fault {
    Fault::new(FaultKind::Internal, FaultCode::Internal, detail)
}
