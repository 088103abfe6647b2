//! What an outcome causes: the next stage of a route, declared messages, an answer as a message of its own. It makes acceptances; they are stored with the outcome.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use bytes::Bytes;
use futures::FutureExt;
use lienthong_core::exchange::{AuthenticatedBy, Descent, Link, Source, Stage};
use lienthong_core::{
    Body, ContentType, Effect, ExchangeMeta, Fault, FaultCode, FaultKind, OperationName, Timestamp, limits,
};
use lienthong_journal::{Acceptance, BodyInput, Head, Noted};
use serde_json::Value;

use super::attempt::panicked;
use super::line::Core;
use super::outcome;
use crate::config::Configuration;
use crate::draft::{self, ROW, UNROUTED, kept, new_id, ours, stored};
use crate::internal;
use crate::routing::{Child, OnNotFound, Route, RouteTarget, Row};

/// What is written with an outcome besides the outcome itself.
#[derive(Default)]
pub(super) struct FollowUps {
    pub(super) spawn: Vec<Acceptance>,
    /// The event's own words.
    pub(super) note: Option<String>,
    /// Data that need not be asked of a person again.
    pub(super) reuse: bool,
}

/// The words of an event that data were used again: a day's reuse is counted by them.
const REUSE: &str = "data reuse";
/// Above this, splitting is done beside the tasks that serve everybody.
const ASIDE_BYTES: usize = 16 * 1024;

/// One outcome and what it is drafted with.
struct Outcome<'a> {
    core: &'a Core,
    config: &'a Arc<Configuration>,
    head: &'a Head,
    now: Timestamp,
}

/// What follows from a good answer. An error is a fault of ours, after which the delivery is not delivered; where the target has acted,
/// its outcome counts all the same, and what should have followed is told as an error.
pub(super) async fn after(core: &Core, head: &Head, sent: &Body, answer: &Body) -> Result<FollowUps, Fault> {
    let ups = AssertUnwindSafe(ups(core, head, sent, answer)).catch_unwind().await;
    let ups = ups.unwrap_or_else(|panic| Err(panicked("what follows an outcome", &*panic)));
    match ups {
        Err(fault) if has_acted(core, head) => {
            tracing::error!(delivery = %head.delivery.id, detail = %fault.detail, "what follows an outcome could not be made");
            Ok(FollowUps {
                note: Some(format!("what follows could not be made: {}", fault.detail)),
                ..FollowUps::default()
            })
        }
        other => other,
    }
}

/// Whether the target did something that must be told whatever becomes of its follow-ups.
fn has_acted(core: &Core, head: &Head) -> bool {
    let reads = outcome::spec(&core.config.load(), head).is_some_and(|spec| spec.effect == Effect::Read);
    !reads && !internal::is_internal(&head.delivery.system)
}

async fn ups(core: &Core, head: &Head, sent: &Body, answer: &Body) -> Result<FollowUps, Fault> {
    let config = core.config.load_full();
    if head.delivery.lane.is_none() {
        return Ok(FollowUps::default());
    }
    let outcome = Outcome { core, config: &config, head, now: core.clock.now() };
    let Some(route) = config.routes.route(&head.delivery.route).cloned() else {
        return outcome.unrouted(sent, answer).await;
    };
    match route.stage_of(&head.delivery.operation) {
        Stage::Await => outcome.onward(&route, Stage::Enrich, sent.clone(), BodyInput::Stored(head.body_id)).await,
        Stage::Enrich => {
            let received = outcome.received().await?;
            let filled = route.filled(&received, answer)?;
            let onward = outcome.onward(&route, Stage::Target, filled.clone(), stored(filled)).await?;
            Ok(FollowUps { note: Some(REUSE.to_owned()), reuse: true, ..onward })
        }
        Stage::Target => match &route.spec.to {
            RouteTarget::Message(message) if *message == head.delivery.operation => {
                outcome.messages(route.clone(), message, sent).await
            }
            RouteTarget::Message(_) | RouteTarget::Operation(_) | RouteTarget::Inbox(_) => {
                outcome.unrouted(sent, answer).await
            }
        },
    }
}

/// What follows when a read operation that was to fill a message in does not know its subject, and the route goes on without.
pub(super) async fn without(core: &Core, head: &Head, fault: &Fault) -> Result<Option<FollowUps>, Fault> {
    let config = core.config.load_full();
    let route = config.routes.route(&head.delivery.route);
    let goes_on = |route: &&Arc<Route>| {
        let enrich = route.spec.patterns.enrich.as_ref();
        enrich.is_some_and(|enrich| enrich.on_not_found == OnNotFound::Continue)
            && route.stage_of(&head.delivery.operation) == Stage::Enrich
    };
    let Some(route) = route.filter(goes_on).filter(|_| fault.kind == FaultKind::NotFound) else { return Ok(None) };
    let outcome = Outcome { core, config: &config, head, now: core.clock.now() };
    let received = outcome.received().await?;
    let onward = outcome.onward(route, Stage::Target, received, BodyInput::Stored(head.body_id)).await?;
    Ok(Some(FollowUps { note: Some("not found: it goes on as it was".to_owned()), ..onward }))
}

/// What follows when a message that needed no filling in has waited for its turn behind one that did.
pub(super) async fn passed(core: &Core, head: &Head, received: Body) -> Result<FollowUps, Fault> {
    let config = core.config.load_full();
    let outcome = Outcome { core, config: &config, head, now: core.clock.now() };
    let route = config.routes.route(&head.delivery.route).ok_or_else(|| outcome.gone())?;
    let onward = outcome.onward(route, Stage::Target, received, BodyInput::Stored(head.body_id)).await?;
    Ok(FollowUps { note: Some("needs no filling in".to_owned()), ..onward })
}

impl Outcome<'_> {
    /// A delivery whose route is not what it was. Where all it was for was what follows, nothing may be taken for done.
    async fn unrouted(&self, sent: &Body, answer: &Body) -> Result<FollowUps, Fault> {
        if has_acted(self.core, self.head) { self.answers(sent, answer).await } else { Err(self.gone()) }
    }

    fn gone(&self) -> Fault {
        let (route, operation) = (&self.head.delivery.route, &self.head.delivery.operation);
        let version = &self.config.version;
        Fault::of(FaultKind::Mapping, format!("in configuration {version}, route {route} has no use for {operation}"))
    }

    /// The body the exchange was accepted with.
    async fn received(&self) -> Result<Body, Fault> {
        let bytes = self.core.journal.body(self.head.body_id).await;
        let bytes =
            bytes.map_err(|error| Fault::of(FaultKind::Internal, format!("the body cannot be read: {error}")))?;
        let bytes = bytes.ok_or_else(|| Fault::of(FaultKind::Internal, "the body is no longer kept"))?;
        // What goes through stages was routed, and what is routed is JSON.
        Ok(Body { content_type: ContentType::Json, bytes })
    }

    /// The same message, on to the next stage of the same route.
    async fn onward(&self, route: &Route, from: Stage, body: Body, input: BodyInput) -> Result<FollowUps, Fault> {
        let mut exchange = self.child(0, &route.spec.name, None);
        let old = self.head.exchange.descent.as_ref();
        if let Some(descent) = &mut exchange.descent {
            descent.depth = old.map_or(0, |old| old.depth);
            descent.item = old.and_then(|old| old.item);
            descent.version = old.and_then(|old| old.version);
            descent.stage = Some(from);
        }
        exchange.aliases.clone_from(&self.head.exchange.aliases);
        let value = parsed(&body.bytes)?;
        self.accepted(exchange, &body, &value, input).await.map(one)
    }

    /// The answer as a message of its own, where a route takes such answers.
    async fn answers(&self, sent: &Body, answer: &Body) -> Result<FollowUps, Fault> {
        let operation = &self.head.delivery.operation;
        if !self.config.routes.takes_answers_of(operation) {
            return Ok(FollowUps::default());
        }
        let source = Source::Answer(self.head.delivery.system.clone());
        let exchange =
            ExchangeMeta { operation: operation.clone(), source, ..self.child(0, &self.head.delivery.route, None) };
        let body = Body::json(Bytes::from(together(sent, answer)));
        let acceptance = match parsed(&body.bytes) {
            Ok(value) => self.accepted(exchange, &body, &value, stored(body.clone())).await?,
            Err(fault) => self.parked(exchange, UNROUTED, fault, stored(body))?,
        };
        // That no route wants this answer is as it should be.
        let unwanted = |new: &lienthong_journal::NewDelivery| {
            new.fault.as_ref().is_some_and(|(fault, _)| fault.code == FaultCode::NoRoute)
        };
        let none = acceptance.deliveries.iter().any(unwanted);
        Ok(if none { FollowUps::default() } else { one(acceptance) })
    }

    /// The declared messages that this delivery makes.
    async fn messages(&self, route: Arc<Route>, message: &OperationName, sent: &Body) -> Result<FollowUps, Fault> {
        let (meta, body) = (Arc::clone(&self.head.exchange), sent.clone());
        let rows = match sent.bytes.len() > ASIDE_BYTES {
            true => {
                let aside = Arc::clone(&route);
                let working = tokio::task::spawn_blocking(move || aside.rows(&meta, &body));
                working
                    .await
                    .map_err(|error| Fault::of(FaultKind::Internal, format!("splitting ended early: {error}")))?
            }
            false => route.rows(&meta, &body),
        }?;
        let mut spawn = Vec::with_capacity(rows.len());
        for (row, index) in rows.into_iter().zip(0_u16..) {
            spawn.push(self.message(&route, message, row, index).await?);
        }
        Ok(FollowUps { spawn, ..FollowUps::default() })
    }

    async fn message(&self, route: &Route, message: &OperationName, row: Row, index: u16) -> Result<Acceptance, Fault> {
        let Row { item, made, raw } = row;
        let exchange = ExchangeMeta {
            operation: message.clone(),
            source: Source::Gateway,
            ..self.child(index, &route.spec.name, item)
        };
        match made {
            Ok(Child { key, input, body, recognition }) => {
                let mut exchange = ExchangeMeta { key, ..exchange };
                if let Some(descent) = &mut exchange.descent {
                    descent.recognition = recognition;
                }
                self.accepted(exchange, &body, &input, stored(body.clone())).await
            }
            Err(fault) => {
                let body = raw.map_or(BodyInput::Stored(self.head.body_id), stored);
                self.parked(exchange, ROW, fault, body)
            }
        }
    }

    /// Drafted by the routes; what they cannot take is kept for a person, with the routes' own reason.
    async fn accepted(
        &self,
        mut exchange: ExchangeMeta,
        body: &Body,
        value: &Value,
        input: BodyInput,
    ) -> Result<Acceptance, Fault> {
        let drafted = draft::deliveries(&*self.core.journal, self.config, &mut exchange, body, value).await;
        match drafted {
            Ok(drafted) => {
                let draft::Drafted { deliveries, also, noted } = drafted;
                Ok(Acceptance { exchange, body: input, idempotency: None, deliveries, noted, also })
            }
            // The journal's trouble, not the message's: the outcome is looked at again.
            Err(fault) if fault.code == FaultCode::JournalUnavailable => {
                Err(Fault::of(FaultKind::Internal, fault.detail))
            }
            Err(fault) => {
                let noted = draft::noted(self.config, &exchange, value);
                Ok(Acceptance { noted, ..self.parked(exchange, UNROUTED, ours(fault), input)? })
            }
        }
    }

    fn parked(&self, exchange: ExchangeMeta, route: &str, fault: Fault, body: BodyInput) -> Result<Acceptance, Fault> {
        let gateway = draft::system(self.config, internal::SYSTEM)?;
        let delivery = kept(&gateway, &exchange, &exchange.operation, route, fault)?;
        Ok(Acceptance {
            exchange,
            body,
            idempotency: None,
            deliveries: vec![delivery],
            noted: Noted::default(),
            also: Vec::new(),
        })
    }

    /// A follow-up of this delivery: of the same client, for the same purpose and people, about the same key unless it names its own.
    fn child(&self, index: u16, route: &lienthong_core::RouteName, item: Option<u32>) -> ExchangeMeta {
        let parent = &*self.head.exchange;
        let depth = parent.descent.as_ref().map_or(0, |descent| descent.depth);
        ExchangeMeta {
            id: new_id(self.now),
            authenticated_by: AuthenticatedBy::Gateway,
            aliases: Vec::new(),
            link: Some(Link::Child { parent: self.head.delivery.id, index }),
            descent: Some(Descent {
                depth: depth.saturating_add(1).min(limits::CHAIN_DEPTH.saturating_add(1)),
                route: route.clone(),
                item,
                stage: None,
                recognition: None,
                version: None,
            }),
            call: false,
            config: self.config.version.clone(),
            received_at: self.now,
            ..parent.clone()
        }
    }
}

fn one(acceptance: Acceptance) -> FollowUps {
    FollowUps { spawn: vec![acceptance], ..FollowUps::default() }
}

fn parsed(bytes: &[u8]) -> Result<Value, Fault> {
    serde_json::from_slice(bytes)
        .map_err(|error| Fault::of(FaultKind::Mapping, format!("the body is no JSON: {error}")))
}

/// `{input, answer}`: JSON byte for byte as it was sent and came, anything else as a text.
fn together(sent: &Body, answer: &Body) -> String {
    format!("{{\"input\":{},\"answer\":{}}}", as_json(sent), as_json(answer))
}

fn as_json(body: &Body) -> String {
    let text = String::from_utf8_lossy(&body.bytes);
    let is_json = match body.content_type {
        ContentType::Json => serde_json::from_str::<&serde_json::value::RawValue>(&text).is_ok(),
        ContentType::Xml | ContentType::Text | ContentType::Binary => false,
    };
    if is_json { text.into_owned() } else { Value::String(text.into_owned()).to_string() }
}
