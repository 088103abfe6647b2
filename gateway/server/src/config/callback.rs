//! `callback:` of a client: where it is told of outcomes, how that is signed, and what addresses may be reached. It reads no secret.

use std::collections::BTreeSet;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use ipnet::IpNet;
use lienthong_core::secret::{SecretRef, SecretSource};
use lienthong_core::{ClientId, RetryPolicy};
use lienthong_engine::callback::{CallbackEvent, CallbackPolicy, plain};
use lienthong_engine::{Configuration, SystemPolicy};
use schemars::JsonSchema;
use serde::Deserialize;
use url::Url;

use super::clients::ClientModel;
use super::problems::Problems;
use super::systems::{GateModel, RetryModel};
use super::tree::Place;
use super::types::{RateModel, Span};
use crate::callback::Callbacks;

/// More signatures than these make a header that receivers refuse.
const SECRETS: usize = 4;

/// Where a client is told of outcomes, after the Standard Webhooks specification.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CallbackModel {
    /// Told of every outcome; left out, only messages that name an address of their own are told.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub url: Option<Url>,
    /// What a message may name in `callback` begins with one of these; none: it may name nothing.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub prefixes: Vec<Url>,
    /// References to `whsec_…` (HMAC-SHA256) and `whsk_…` (Ed25519) secrets; each makes a signature, so that one can be changed while two are good.
    pub secrets: Vec<SecretRef>,
    /// Outcomes it is told of: delivered, parked, discarded, cancelled; the first two when left out.
    #[serde(default = "outcomes")]
    pub events: BTreeSet<EventName>,
    /// How long one call may take (15s).
    #[serde(default = "fifteen_seconds")]
    pub timeout: Span,
    /// Networks that may be reached although they are not public, such as `10.20.0.0/16`. Without it no loopback, private or link-local address is.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub allow: Vec<IpNet>,
    /// Whether addresses may be plain HTTP: only within networks that nobody else reads.
    #[serde(default)]
    pub plain_http: bool,
    /// PEM certificates to trust instead of the machine's.
    #[serde(default)]
    pub ca: Option<SecretRef>,
    /// Calls in flight at once (4).
    #[serde(default = "four")]
    pub concurrency: NonZeroU32,
    /// Calls begun per second; unlimited when left out.
    #[serde(default)]
    pub rate: Option<RateModel>,
    /// Waits between failed attempts: 16 attempts from 5s to 4h when left out. Then it is parked.
    #[serde(default)]
    pub(crate) retry: RetryModel,
    /// When the client's address counts as down, and how it is tried again.
    #[serde(default)]
    pub(crate) gate: GateModel,
}

/// An outcome's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum EventName {
    Delivered,
    /// Needs a person.
    Parked,
    Discarded,
    Cancelled,
}

impl From<EventName> for CallbackEvent {
    fn from(name: EventName) -> Self {
        match name {
            EventName::Delivered => Self::Delivered,
            EventName::Parked => Self::Parked,
            EventName::Discarded => Self::Discarded,
            EventName::Cancelled => Self::Cancelled,
        }
    }
}

fn outcomes() -> BTreeSet<EventName> {
    [EventName::Delivered, EventName::Parked].into()
}

fn fifteen_seconds() -> Span {
    Span(Duration::from_secs(15))
}

fn four() -> NonZeroU32 {
    NonZeroU32::new(4).unwrap_or(NonZeroU32::MIN)
}

impl CallbackModel {
    /// What is wrong beyond single values, as (pointer into the client, problem, remedy).
    pub(crate) fn check(&self, client: &ClientId) -> Vec<(&'static str, String, String)> {
        let mut found = Vec::new();
        let mut note = |pointer: &'static str, problem: String, remedy: &str| {
            found.push((pointer, problem, remedy.to_owned()));
        };
        if let Err(problem) = CallbackPolicy::names(client) {
            note("/callback", problem, "give this client an id of at most 48 characters without a full stop");
        }
        if self.url.is_none() && self.prefixes.is_empty() {
            note(
                "/callback",
                "neither `url` nor `prefixes` is given".to_owned(),
                "give one of them, or leave `callback` out",
            );
        }
        if self.secrets.is_empty() || self.secrets.len() > SECRETS {
            note(
                "/callback/secrets",
                format!("has {} secrets", self.secrets.len()),
                "give one, or two while it is being changed",
            );
        }
        for (pointer, url) in self.addresses() {
            if let Err(problem) = plain(url) {
                note(pointer, format!("`{url}` {problem}"), "write https://host/path");
            } else if url.scheme() != "https" && !self.plain_http {
                note(
                    pointer,
                    format!("`{url}` is not encrypted"),
                    "use https, or set `plain_http: true` inside a network of your own",
                );
            }
        }
        let retry = self.retry();
        if retry.first > retry.longest {
            note("/callback/retry", "`first` is longer than `longest`".to_owned(), "exchange them, or give both");
        }
        found
    }

    fn addresses(&self) -> impl Iterator<Item = (&'static str, &Url)> {
        let url = self.url.iter().map(|url| ("/callback/url", url));
        url.chain(self.prefixes.iter().map(|prefix| ("/callback/prefixes", prefix)))
    }

    fn retry(&self) -> RetryPolicy {
        self.retry.policy(RetryPolicy {
            budget: 16,
            first: Duration::from_secs(5),
            longest: Duration::from_secs(4 * 3600),
        })
    }

    /// How the client's system is treated.
    pub(crate) fn system_policy(&self) -> SystemPolicy {
        SystemPolicy {
            concurrency: self.concurrency,
            rate: self.rate.map(RateModel::policy),
            timeout: self.timeout.0,
            retry: self.retry(),
            gate: self.gate.policy(SystemPolicy::default().gate),
            ..SystemPolicy::default()
        }
    }

    /// `None` for a client that cannot have callbacks, which [`CallbackModel::check`] has told.
    pub(crate) fn policy(&self, client: &ClientId) -> Option<CallbackPolicy> {
        let (system, operation) = CallbackPolicy::names(client).ok()?;
        let events = self.events.iter().map(|name| CallbackEvent::from(*name)).collect();
        Some(CallbackPolicy { system, operation, url: self.url.clone(), prefixes: self.prefixes.clone(), events })
    }
}

/// What sends one client's callbacks, and how.
type Sending = (SystemPolicy, Callbacks);

/// Reads the secrets of every client's callbacks.
pub(crate) fn build(clients: &[ClientModel], secrets: &dyn SecretSource, problems: &mut Problems) -> Vec<Sending> {
    let mut built = Vec::new();
    for client in clients {
        let Some(model) = &client.callback else { continue };
        let Some(policy) = model.policy(&client.id) else { continue };
        match Callbacks::build(model, policy, secrets) {
            Ok(callbacks) => built.push((model.system_policy(), callbacks)),
            Err(problem) => {
                let problem = format!("callbacks of client `{}`: {problem}", client.id);
                problems.note("clients", Place::default(), problem, "the client cannot be told of outcomes without it");
            }
        }
    }
    built
}

/// Each is a system like any other, with its gate, retries and order.
pub(crate) fn add(callbacks: Vec<Sending>, configuration: &mut Configuration) {
    for (policy, callbacks) in callbacks {
        let system = lienthong_core::Adapter::system(&callbacks).clone();
        configuration.systems.insert(system.clone(), policy);
        configuration.adapters.insert(system, Arc::new(callbacks));
    }
}
