//! `amqp:` of the gateway and of a client: which broker, which queues are whose, what lies in them. It reads no secret.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::num::{NonZeroU16, NonZeroU32};
use std::sync::Arc;
use std::time::Duration;

use lienthong_core::secret::SecretRef;
use lienthong_core::{ClientId, RetryPolicy};
use lienthong_engine::callback::CallbackEvent;
use lienthong_engine::queue::QueuePolicy;
use lienthong_engine::{Configuration, SystemPolicy};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde::de::{Deserializer, Error as _};

use super::callback::EventName;
use super::clients::ClientModel;
use super::gateway::GatewayModel;
use super::problems::Problems;
use super::sections::{At, Section};
use super::systems::{GateModel, RetryModel};
use super::types::Span;
use crate::amqp::{Hub, Mailbox, Source};

/// A message broker that speaks AMQP 0-9-1, such as RabbitMQ. Queues and exchanges that are missing are made durable; those that are
/// there are used as they are.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BrokerModel {
    /// A reference to its address, which holds a password: `amqps://user:password@host:5671/vhost`.
    pub url: SecretRef,
    /// Whether `amqp://` without encryption is allowed to other machines: only within networks that nobody else reads.
    #[serde(default)]
    pub unencrypted: bool,
    /// PEM certificates to trust besides the public authorities, as a reference.
    #[serde(default)]
    pub ca: Option<SecretRef>,
    /// The gateway's own certificate, where the broker asks for one.
    #[serde(default)]
    pub identity: Option<IdentityModel>,
    /// A broker that is silent for twice as long is lost (15s).
    #[serde(default = "fifteen_seconds")]
    pub heartbeat: Span,
    /// Messages of each queue that are handed over before the first is acknowledged (256). They are held in memory.
    #[serde(default = "prefetch")]
    pub prefetch: NonZeroU16,
    /// Where submissions go that cannot be accepted, with the reason in their headers.
    #[serde(default)]
    pub dead_letters: DeadLettersModel,
    /// Where every change of state is published; nowhere when left out.
    #[serde(default)]
    pub events: Option<EventsModel>,
}

/// Where events go.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EventsModel {
    /// A topic exchange; routing keys are `<operation>.<kind>`, such as `portal.sync-dossier.delivered`.
    pub exchange: BrokerName,
}

/// A certificate and its key, in PEM form.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct IdentityModel {
    pub certificate: SecretRef,
    pub key: SecretRef,
}

/// Names of the dead letters' exchange and queue.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct DeadLettersModel {
    /// A topic exchange; the routing key is the queue a message came from.
    pub exchange: BrokerName,
    /// The queue that keeps them all.
    pub queue: BrokerName,
}

/// The queues of one client.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ClientQueuesModel {
    /// Queues whose messages are this client's submissions: who may write to them is the client, so that the broker must let nobody else.
    pub submissions: Vec<BrokerName>,
    /// What `reply_to` of a submission may name besides direct replies: queues that begin with one of these.
    pub replies: Vec<BrokerName>,
    /// Its own queue, where it finds its messages; none when left out.
    pub messages: Option<MessagesModel>,
}

/// What a client finds in its own queue.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MessagesModel {
    pub queue: BrokerName,
    /// Outcomes it is told of: delivered, parked, discarded, cancelled; the first two when left out.
    #[serde(default = "outcomes")]
    pub outcomes: BTreeSet<EventName>,
    /// Whether what routes send to its inbox comes to the queue instead (true).
    #[serde(default = "yes")]
    pub inbox: bool,
    /// How long the broker may take to confirm one message (15s).
    #[serde(default = "fifteen_seconds")]
    pub timeout: Span,
    /// Messages on their way at once (16).
    #[serde(default = "sixteen")]
    pub concurrency: NonZeroU32,
    /// Waits between failed attempts; when they are over a message is parked. While the broker is away none is spent.
    #[serde(default)]
    pub(crate) retry: RetryModel,
    /// When the broker counts as down, and how it is tried again.
    #[serde(default)]
    pub(crate) gate: GateModel,
}

impl MessagesModel {
    /// What is wrong beyond single values, as (pointer into the client, problem, remedy).
    pub(crate) fn check(&self, client: &ClientId) -> Option<(&'static str, String, String)> {
        let problem = QueuePolicy::names(client).err()?;
        let remedy = "give this client an id of at most 48 characters without a full stop";
        Some(("/amqp/messages", problem, remedy.to_owned()))
    }

    /// `None` for a client that cannot have a queue, which [`MessagesModel::check`] has told.
    pub(crate) fn policy(&self, client: &ClientId) -> Option<QueuePolicy> {
        let (system, operation) = QueuePolicy::names(client).ok()?;
        let outcomes = self.outcomes.iter().map(|name| CallbackEvent::from(*name)).collect();
        Some(QueuePolicy { system, operation, outcomes, inbox: self.inbox })
    }

    fn system_policy(&self) -> SystemPolicy {
        let patient = RetryPolicy { budget: 100, first: Duration::from_secs(1), longest: Duration::from_secs(600) };
        SystemPolicy {
            concurrency: self.concurrency,
            timeout: self.timeout.0,
            retry: self.retry.policy(patient),
            gate: self.gate.policy(SystemPolicy::default().gate),
            ..SystemPolicy::default()
        }
    }
}

/// Each client's queue is a system like any other, with its gate, retries and order.
pub(crate) fn add_mailboxes(clients: &[ClientModel], hub: Option<&Arc<Hub>>, configuration: &mut Configuration) {
    let Some(hub) = hub else { return };
    for client in clients {
        let Some(model) = client.messages() else { continue };
        let Some(policy) = model.policy(&client.id) else { continue };
        let system = policy.system.clone();
        let mailbox = Mailbox::new(policy, model.queue.to_string(), Arc::clone(hub), &configuration.catalogue);
        configuration.systems.insert(system.clone(), model.system_policy());
        configuration.adapters.insert(system, Arc::new(mailbox));
    }
}

/// The name of a queue or exchange, or the beginning of one: 1 to 255 bytes, and none of the broker's own `amq.…`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct BrokerName(String);

impl BrokerName {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for BrokerName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for BrokerName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        const FORM: &str =
            "a name of the broker has 1 to 255 bytes without control characters and does not begin with amq.";
        let text = String::deserialize(deserializer)?;
        let wrong =
            text.is_empty() || text.len() > 255 || text.starts_with("amq.") || text.chars().any(char::is_control);
        if wrong { Err(D::Error::custom(FORM)) } else { Ok(Self(text)) }
    }
}

impl JsonSchema for BrokerName {
    fn schema_name() -> Cow<'static, str> {
        "BrokerName".into()
    }
    fn inline_schema() -> bool {
        true
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "description": "A name at the broker, of at most 255 bytes.", "minLength": 1, "maxLength": 255 })
    }
}

impl Default for DeadLettersModel {
    fn default() -> Self {
        let name = || BrokerName("lienthong.dead-letters".to_owned());
        Self { exchange: name(), queue: name() }
    }
}

fn fifteen_seconds() -> Span {
    Span(Duration::from_secs(15))
}

fn outcomes() -> BTreeSet<EventName> {
    [EventName::Delivered, EventName::Parked].into()
}

fn yes() -> bool {
    true
}

fn sixteen() -> NonZeroU32 {
    NonZeroU32::new(16).unwrap_or(NonZeroU32::MIN)
}

fn prefetch() -> NonZeroU16 {
    NonZeroU16::new(256).unwrap_or(NonZeroU16::MIN)
}

impl ClientModel {
    /// Its own queue.
    pub(crate) fn messages(&self) -> Option<&MessagesModel> {
        self.amqp.as_ref()?.messages.as_ref()
    }

    /// What is consumed for this client.
    pub(crate) fn sources(&self) -> impl Iterator<Item = Source> {
        let replies: Vec<String> = self.amqp.iter().flat_map(|model| &model.replies).map(ToString::to_string).collect();
        let queues = self.amqp.iter().flat_map(|model| &model.submissions);
        queues.map(move |queue| Source { queue: queue.to_string(), client: self.id.clone(), replies: replies.clone() })
    }
}

/// What the gateway and its clients say of queues must fit: a broker where there are queues, and each queue for one purpose.
pub(crate) fn check(gateway: Option<&GatewayModel>, clients: &Section<ClientModel>, problems: &mut Problems) {
    let broker = gateway.and_then(|gateway| gateway.amqp.as_ref());
    let mut taken: BTreeMap<String, String> = BTreeMap::new();
    if let Some(broker) = broker {
        taken.insert(broker.dead_letters.queue.to_string(), "the dead letters' queue".to_owned());
    }
    for At { value, file, node } in &clients.read {
        let Some(model) = &value.amqp else { continue };
        if gateway.is_some() && broker.is_none() {
            let remedy = "describe the broker under `amqp` in gateway.yaml, or remove this section";
            problems.note(file, node.place_of("/amqp"), "there is no broker to have queues at", remedy);
        }
        let submissions = model.submissions.iter().enumerate();
        let submissions = submissions.map(|(index, queue)| (format!("/amqp/submissions/{index}"), queue));
        let messages = model.messages.iter().map(|messages| ("/amqp/messages/queue".to_owned(), &messages.queue));
        for (pointer, queue) in submissions.chain(messages) {
            let owner = format!("a queue of client {}", value.id);
            if let Some(other) = taken.insert(queue.to_string(), owner) {
                let place = node.locate(&pointer).place;
                let remedy = "each queue has one client and one purpose: give this one another name";
                problems.note(file, place, format!("`{queue}` is already {other}"), remedy);
            }
        }
    }
}
