//! `clients/*.yaml`: who may call, what for, and how much. It holds hashes, never keys.

use std::collections::BTreeSet;
use std::num::NonZeroU32;

use lienthong_core::{ClientId, OperationName, SystemId};
use lienthong_engine::ClientPolicy;
use schemars::JsonSchema;
use serde::Deserialize;
use serde::de::{Deserializer, Error as _};

use super::amqp::ClientQueuesModel;
use super::callback::CallbackModel;
use super::silence::SilenceModel;
use super::types::{KeyHash, RateModel, digest};
use crate::security::{CertificateMatch, ClientEntry, OperationPattern, Role};

/// One caller.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ClientModel {
    /// Lower-case letters, digits, '-', '_' and '.'; records name the client by it for ever.
    #[schemars(with = "String")]
    pub id: ClientId,
    /// What this client is, for people.
    #[serde(default)]
    pub description: Option<String>,
    /// A disabled client is refused; its exchanges go on.
    #[serde(default = "yes")]
    pub enabled: bool,
    /// Hashes of its API keys; two while a key is being changed.
    #[serde(default)]
    pub keys: Vec<KeyHash>,
    /// What recognises its certificates, which the client CA has signed.
    #[serde(default)]
    pub certificates: Vec<CertificateModel>,
    /// Operations it may ask for: `portal.sync-dossier`, `portal.*`, or `*`.
    #[serde(default)]
    pub operations: Vec<PatternModel>,
    /// What it may do besides its own exchanges: viewer, operator, approver, administrator.
    #[serde(default)]
    pub roles: BTreeSet<Role>,
    /// Its share of a system's capacity beside other clients.
    #[serde(default = "one")]
    pub weight: NonZeroU32,
    /// Submissions it may make; unlimited when left out.
    #[serde(default)]
    pub rate: Option<RateModel>,
    /// Deliveries it may have open at once; unlimited when left out.
    #[serde(default)]
    pub open_deliveries: Option<u64>,
    /// Whether its submissions need an Idempotency-Key: `required`, or `optional` for clients that cannot send one.
    #[serde(default)]
    pub idempotency: Idempotency,
    /// How long it may be silent before that is reported; learned from earlier weeks when left out.
    #[serde(default)]
    pub silence: Option<SilenceModel>,
    /// Where it is told of outcomes; nowhere when left out.
    #[serde(default)]
    pub callback: Option<CallbackModel>,
    /// Its queues at the message broker; none when left out.
    #[serde(default)]
    pub amqp: Option<ClientQueuesModel>,
}

/// Whether submissions need an `Idempotency-Key`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Idempotency {
    #[default]
    Required,
    Optional,
}

/// How a certificate is recognised.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CertificateModel {
    /// By its subject's common name.
    CommonName(String),
    /// By the SHA-256 of the whole certificate, in hexadecimal digits.
    Sha256(#[schemars(with = "String")] Fingerprint),
}

/// 64 hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fingerprint(pub [u8; 32]);

impl<'de> Deserialize<'de> for Fingerprint {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        digest(&text).map(Self).ok_or_else(|| D::Error::custom("a certificate's SHA-256 has 64 hexadecimal digits"))
    }
}

/// One operation, all of a system's (`portal.*`), or all (`*`).
#[derive(Debug, Clone, PartialEq, Eq, JsonSchema)]
#[schemars(with = "String")]
pub struct PatternModel(pub OperationPattern);

impl<'de> Deserialize<'de> for PatternModel {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let pattern = match text.strip_suffix(".*") {
            _ if text == "*" => OperationPattern::Any,
            Some(system) => OperationPattern::System(SystemId::new(system).map_err(|error| name(&text, &error))?),
            None => OperationPattern::One(OperationName::new(&text).map_err(|error| name(&text, &error))?),
        };
        Ok(Self(pattern))
    }
}

fn name<E: serde::de::Error>(text: &str, error: &lienthong_core::id::IdError) -> E {
    E::custom(format!("`{text}` {error}; write portal.sync-dossier, portal.* or *"))
}

fn yes() -> bool {
    true
}

fn one() -> NonZeroU32 {
    NonZeroU32::MIN
}

impl ClientModel {
    /// What is wrong beyond single values, as (pointer, problem, remedy).
    pub(crate) fn check(&self) -> Vec<(&'static str, String, String)> {
        let mut found = Vec::new();
        let by_queue = self.amqp.as_ref().is_some_and(|queues| !queues.submissions.is_empty());
        if self.enabled && self.keys.is_empty() && self.certificates.is_empty() && !by_queue {
            let problem = "this client has neither keys nor certificates nor queues and can never call";
            let remedy = "add the hash that `lienthong hash-key` prints under `keys`, or set `enabled: false`";
            found.push(("/id", problem.to_owned(), remedy.to_owned()));
        }
        if self.id.as_str().starts_with("system-") {
            let remedy = "choose another name: `system-…` stands for pushes of external systems";
            found.push(("/id", format!("`{}` is reserved", self.id), remedy.to_owned()));
        }
        found.extend(self.callback.iter().flat_map(|callback| callback.check(&self.id)));
        found.extend(self.messages().into_iter().flat_map(|messages| messages.check(&self.id)));
        found
    }

    pub(crate) fn entry(&self) -> ClientEntry {
        let certificate = |model: &CertificateModel| match model {
            CertificateModel::CommonName(name) => CertificateMatch::CommonName(name.clone()),
            CertificateModel::Sha256(digest) => CertificateMatch::Sha256(digest.0),
        };
        ClientEntry {
            id: self.id.clone(),
            key_hashes: self.keys.iter().map(|hash| hash.0).collect(),
            certificates: self.certificates.iter().map(certificate).collect(),
            operations: self.operations.iter().map(|pattern| pattern.0.clone()).collect(),
            roles: self.roles.clone(),
            enabled: self.enabled,
        }
    }

    pub(crate) fn policy(&self) -> ClientPolicy {
        ClientPolicy {
            weight: self.weight,
            rate: self.rate.map(RateModel::policy),
            open_deliveries: self.open_deliveries,
            idempotency_key_required: self.idempotency == Idempotency::Required,
            callback: self.callback.as_ref().and_then(|callback| callback.policy(&self.id)),
            queue: self.messages().and_then(|messages| messages.policy(&self.id)),
        }
    }
}
