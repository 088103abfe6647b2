//! Callbacks: which outcomes a client is told of, where, and in which words. Each is an exchange of its own towards the client's system `callback-<client>`; the same words go to a client's queue. It sends nothing.

use std::collections::BTreeSet;

use lienthong_core::delivery::OnParked;
use lienthong_core::exchange::{AuthenticatedBy, Link, Source, Stage};
use lienthong_core::{Class, ClientId, DeliveryState, ExchangeMeta, OperationName, RouteName, StateName, SystemId};
use lienthong_journal::{Acceptance, BodyInput, DeliveryRecord, Lane, NewDelivery, Noted, Transition};
use serde_json::value::RawValue;
use url::Url;

use crate::config::{ClientPolicy, Configuration};
use crate::draft::new_id;
use crate::internal;
use crate::queue::{QueuePolicy, is_queue};

mod message;
#[cfg(test)]
mod tests;

pub use message::Envelope;

/// How the systems of callbacks are named: this, and the client.
pub const SYSTEM_PREFIX: &str = "callback-";
/// The verb of the one operation such a system has.
const VERB: &str = "notify";
/// The routes such deliveries name; they carry their own content, so that none is looked for.
const CALLBACK_ROUTE: &str = "gateway.callback";
const QUEUE_ROUTE: &str = "gateway.queue";
/// Follow-ups of one delivery are told apart by their index: what is final happens once and has the first of ours; a delivery may be
/// parked again, and has one of these for each version it is parked in.
const PARKED: u32 = 0x0fff;

/// An outcome a client may be told of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CallbackEvent {
    Delivered,
    /// Needs a person, or a change of configuration.
    Parked,
    Discarded,
    Cancelled,
}

impl CallbackEvent {
    pub const ALL: [Self; 4] = [Self::Delivered, Self::Parked, Self::Discarded, Self::Cancelled];

    /// As configurations name it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Delivered => "delivered",
            Self::Parked => "parked",
            Self::Discarded => "discarded",
            Self::Cancelled => "cancelled",
        }
    }

    /// As messages name it: groups and actions with full stops between them.
    pub fn message_type(self) -> &'static str {
        match self {
            Self::Delivered => "delivery.delivered",
            Self::Parked => "delivery.parked",
            Self::Discarded => "delivery.discarded",
            Self::Cancelled => "delivery.cancelled",
        }
    }

    /// The outcome that a state is; a delivery that was superseded was so by its client's own newer message.
    fn of(state: StateName) -> Option<Self> {
        match state {
            StateName::Delivered => Some(Self::Delivered),
            StateName::Parked => Some(Self::Parked),
            StateName::Discarded => Some(Self::Discarded),
            StateName::Cancelled => Some(Self::Cancelled),
            StateName::Queued
            | StateName::Waiting
            | StateName::InFlight
            | StateName::Verifying
            | StateName::Superseded => None,
        }
    }
}

/// How one client is told of outcomes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallbackPolicy {
    /// `callback-<client>`: its gate, retries and order are those of any system.
    pub system: SystemId,
    pub operation: OperationName,
    /// Where it is told of every outcome; `None`: only of messages that name an address.
    pub url: Option<Url>,
    /// What a message may name begins with one of these.
    pub prefixes: Vec<Url>,
    pub events: BTreeSet<CallbackEvent>,
}

impl CallbackPolicy {
    /// The system and operation of a client's callbacks; the text says why this client cannot have any.
    pub fn names(client: &ClientId) -> Result<(SystemId, OperationName), String> {
        let system = SystemId::new(&format!("{SYSTEM_PREFIX}{client}"));
        let system = system.map_err(|error| format!("the name {SYSTEM_PREFIX}{client} {error}"))?;
        let operation = OperationName::new(&format!("{system}.{VERB}"));
        let operation = operation.map_err(|error| format!("the name {system}.{VERB} {error}"))?;
        Ok((system, operation))
    }

    /// The address a message names, when it lies under an allowed prefix; the text says what is wrong without repeating it.
    pub fn permitted(&self, asked: &str) -> Result<Url, String> {
        let url = Url::parse(asked).map_err(|error| format!("is no URL: {error}"))?;
        plain(&url)?;
        match self.prefixes.iter().any(|prefix| covers(prefix, &url)) {
            true => Ok(url),
            false => Err("does not begin with an address that the configuration allows this client".to_owned()),
        }
    }
}

/// What every callback's address must be: HTTP, with a host, without credentials or fragment, without slashes in disguise.
pub fn plain(url: &Url) -> Result<(), String> {
    let wrong = |what: &str| Err(what.to_owned());
    let path = url.path().to_ascii_lowercase();
    match url.scheme() {
        "http" | "https" if url.host().is_none() => wrong("names no host"),
        "http" | "https" if !url.username().is_empty() || url.password().is_some() => wrong("holds credentials"),
        "http" | "https" if url.fragment().is_some() => wrong("holds a fragment"),
        "http" | "https" if path.contains("%2f") || path.contains("%5c") => wrong("holds an encoded slash"),
        "http" | "https" => Ok(()),
        _other => wrong("is neither https nor http"),
    }
}

/// Same origin, and the path is the prefix or goes on below it.
fn covers(prefix: &Url, url: &Url) -> bool {
    let below = url.path().strip_prefix(prefix.path());
    let below = below.is_some_and(|rest| rest.is_empty() || rest.starts_with('/') || prefix.path().ends_with('/'));
    prefix.origin() == url.origin() && below
}

/// Whether a system is a client's callbacks.
pub fn is_callback(system: &SystemId) -> bool {
    system.as_str().starts_with(SYSTEM_PREFIX)
}

/// What tells a client of this transition, at its address and in its queue, where it wants to know. Calls are answered where they are
/// asked, and what tells of outcomes causes no telling.
pub(crate) fn of_outcome(
    config: &Configuration,
    exchange: &ExchangeMeta,
    to: &Transition,
    delivery: &DeliveryRecord,
) -> Vec<Acceptance> {
    let news = News::of(config, exchange, to, delivery);
    news.iter().flat_map(|news| [news.by_callback(), news.by_queue()]).flatten().collect()
}

/// An outcome that its client may want to know.
struct News<'a> {
    config: &'a Configuration,
    exchange: &'a ExchangeMeta,
    to: &'a Transition,
    delivery: &'a DeliveryRecord,
    client: &'a ClientId,
    policy: &'a ClientPolicy,
    event: CallbackEvent,
}

impl<'a> News<'a> {
    fn of(
        config: &'a Configuration,
        exchange: &'a ExchangeMeta,
        to: &'a Transition,
        delivery: &'a DeliveryRecord,
    ) -> Option<Self> {
        let event = CallbackEvent::of(to.state.name())?;
        let Source::Client(client) = &exchange.source else { return None };
        let policy = config.clients.get(client)?;
        // A stage on the way to where a route leads is no outcome, unless the message stays there.
        let on_its_way = event == CallbackEvent::Delivered && is_stage(config, delivery);
        let telling = is_callback(&delivery.system) || is_queue(&delivery.system);
        let news = Self { config, exchange, to, delivery, client, policy, event };
        (!on_its_way && !telling && !exchange.call).then_some(news)
    }

    fn by_callback(&self) -> Option<Acceptance> {
        let CallbackPolicy { system, operation, url, prefixes: _, events } = self.policy.callback.as_ref()?;
        if !events.contains(&self.event) || (url.is_none() && self.exchange.callback.is_none()) {
            return None;
        }
        let body = message::in_envelope(&self.message()?, self.exchange)?;
        self.told(system, operation, (Link::OUTCOMES, CALLBACK_ROUTE), body)
    }

    fn by_queue(&self) -> Option<Acceptance> {
        let QueuePolicy { system, operation, outcomes, inbox: _ } = self.policy.queue.as_ref()?;
        if !outcomes.contains(&self.event) {
            return None;
        }
        let body = message::alone(&self.message()?);
        self.told(system, operation, (Link::QUEUED, QUEUE_ROUTE), body)
    }

    fn message(&self) -> Option<Box<RawValue>> {
        let fault = self.to.fault.as_ref().map(|(fault, _)| fault);
        let fault = fault.filter(|_| self.event != CallbackEvent::Delivered);
        message::made(self.event, self.exchange, self.delivery, self.to.at, fault)
    }

    fn told(
        &self,
        system: &SystemId,
        operation: &OperationName,
        (first, route): (u16, &str),
        body: BodyInput,
    ) -> Option<Acceptance> {
        let index = first.saturating_add(place(self.to));
        let meta = child(self.config, self.exchange, self.to, (operation, index));
        let to = Target { system, operation, route };
        let deliveries = vec![born(&to, self.client, &meta, body.clone())?];
        Some(Acceptance {
            exchange: meta,
            body,
            idempotency: None,
            deliveries,
            noted: Noted::default(),
            also: Vec::new(),
        })
    }
}

fn is_stage(config: &Configuration, delivery: &DeliveryRecord) -> bool {
    let stage = config.routes.route(&delivery.route).map(|route| route.stage_of(&delivery.operation));
    internal::is_internal(&delivery.system) || stage.is_some_and(|stage| stage != Stage::Target)
}

/// Unique among what tells of one delivery in one way.
fn place(to: &Transition) -> u16 {
    let place = if to.state.name().is_final() { 0 } else { 1 + to.version % PARKED };
    u16::try_from(place).unwrap_or(0)
}

/// Where news go.
struct Target<'a> {
    system: &'a SystemId,
    operation: &'a OperationName,
    route: &'a str,
}

fn child(
    config: &Configuration,
    parent: &ExchangeMeta,
    to: &Transition,
    (operation, index): (&OperationName, u16),
) -> ExchangeMeta {
    ExchangeMeta {
        id: new_id(to.at),
        client: parent.client.clone(),
        authenticated_by: AuthenticatedBy::Gateway,
        source: parent.source.clone(),
        operation: operation.clone(),
        key: parent.key.clone(),
        aliases: Vec::new(),
        purpose: None,
        on_behalf_of: None,
        due_at: parent.due_at,
        expires_at: None,
        not_before: None,
        class: Class::Live,
        trace: parent.trace.clone(),
        callback: None,
        link: Some(Link::Child { parent: to.delivery, index }),
        descent: None,
        call: false,
        config: config.version.clone(),
        received_at: to.at,
    }
}

/// In order per key; one that a person must see to does not hold back later news of the same key.
fn born(to: &Target<'_>, client: &ClientId, meta: &ExchangeMeta, body: BodyInput) -> Option<NewDelivery> {
    Some(NewDelivery {
        system: to.system.clone(),
        operation: to.operation.clone(),
        route: RouteName::new(to.route).ok()?,
        client: client.clone(),
        lane: Some(Lane { key: meta.key.clone().into(), on_parked: OnParked::Skip, supersede: false }),
        state: DeliveryState::Queued,
        body: Some(body),
        fault: None,
        attempt: None,
    })
}
