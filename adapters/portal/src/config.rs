//! How one connection to the portal is configured: real types with defaults from public sources. It opens nothing and reads no secret.

mod rules;
mod validate;

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::time::Duration;

use lienthong_core::Timestamp;
use lienthong_core::secret::SecretRef;
use lienthong_kit::config::{Address, TransportConfig, Wait};
use lienthong_kit::token::GrantConfig;
use lienthong_kit::words::Phrases;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use rules::{AnswerCodes, CodeRule, FieldLimits};

use crate::model::Status;

/// One portal as an external system: where it is, how it is spoken to, and what of its protocol is not public.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PortalConfig {
    /// Dated addresses. Several may exist side by side; the one valid now with the latest `from` is used.
    pub endpoints: Vec<EndpointConfig>,
    /// Name of the end point to use whatever the dates say.
    #[serde(default)]
    pub active: Option<String>,
    /// What a dossier code must look like.
    #[serde(default)]
    pub dossier_codes: CodeRule,
    /// Phrases by which the portal tells outcomes.
    #[serde(default)]
    pub phrases: Phrases,
    /// `error_code` values known to mean something.
    #[serde(default)]
    pub codes: AnswerCodes,
    /// Longest texts the portal takes, in characters after NFC.
    #[serde(default)]
    pub field_limits: FieldLimits,
    /// Statuses sent as another one in `sync-dossier` and `sync-progress`: a declared loss, empty by default.
    #[serde(default)]
    pub lossy_statuses: BTreeMap<Status, Status>,
    /// Statuses `sync-status` sends under another number than 1..10, for example `not_accepted: 11` for promotion notices.
    #[serde(default)]
    pub status_numbers: BTreeMap<Status, u8>,
    /// Most progress steps in one request (10 in the clients seen).
    #[serde(default = "ten")]
    pub progress_steps: NonZeroUsize,
    /// How long after sending a missing dossier can be believed to stay missing. Not public; without it a lookup never says "not done".
    #[serde(default)]
    pub settle_time: Option<Wait>,
    /// How many dossier codes known to exist are remembered, so that they are updated without a useless insert first.
    #[serde(default = "remembered")]
    pub remembered_dossiers: NonZeroUsize,
    #[serde(default)]
    pub transport: TransportConfig,
    /// What the portal pushes to us; absent when it pushes nothing.
    #[serde(default)]
    pub inbound: Option<InboundConfig>,
}

/// One address of the portal and the time it is valid: hosts, owners and `dstcode` change by decree.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EndpointConfig {
    pub name: String,
    /// First instant of validity, RFC 3339; absent: always was.
    #[serde(default)]
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub from: Option<Timestamp>,
    /// First instant after validity, RFC 3339; absent: until further notice.
    #[serde(default)]
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub until: Option<Timestamp>,
    /// Destination on the national axis, where requests cross it.
    #[serde(default)]
    pub destination: Option<Destination>,
    /// The raw form: session login, one URL for every service. Exactly one of `axis` and `lgsp` is given.
    #[serde(default)]
    pub axis: Option<AxisConfig>,
    /// The provincial LGSP's re-publication: Bearer token, bare bodies, one URL per service.
    #[serde(default)]
    pub lgsp: Option<LgspConfig>,
}

/// `dstcode` and, where the security server wants it, `providerurl`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Destination {
    /// For example `VN:GOV:000.00.00.G22:vpcpdvcprovider`.
    pub dstcode: String,
    #[serde(default)]
    pub provider_url: Option<String>,
    /// Clients were seen to send it either way.
    #[serde(default)]
    pub sent_as: SentAs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SentAs {
    #[default]
    Header,
    Query,
}

/// The raw form: `POST {base}/mapi/login`, then `POST {base}/mapi/g` with session and service in the body.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AxisConfig {
    /// The security server's forward address, up to but without `/mapi`.
    pub base: Address,
    /// The caller's organisation id, old form: `000.00.00.H56`.
    pub organisation: String,
    pub username: SecretRef,
    pub password: SecretRef,
    /// A session older than this is renewed before it is used (clients keep it 10 minutes).
    #[serde(default = "ten_minutes")]
    pub session_lifetime: Wait,
    /// How long a login may take.
    #[serde(default = "ten_seconds")]
    pub login_timeout: Wait,
}

/// The provincial re-publication: every service has its own path, the body is what the raw form has in `data`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LgspConfig {
    pub base: Address,
    /// A Bearer token that does not change. Exactly one of `token` and `grant` is given.
    #[serde(default)]
    pub token: Option<SecretRef>,
    /// A Bearer token that is fetched for client credentials, shared by all calls and renewed before it expires.
    #[serde(default)]
    pub grant: Option<Box<GrantConfig>>,
    pub paths: LgspPaths,
    #[serde(default)]
    pub read_method: ReadMethod,
}

/// Paths below `base`, with query parameters where a province wants them. A service without a path is not offered there.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct LgspPaths {
    pub add_dossier: Option<String>,
    pub update_dossier: Option<String>,
    pub progress: Option<String>,
    pub status: Option<String>,
    pub find_dossier: Option<String>,
    pub procedures: Option<String>,
    pub procedure: Option<String>,
    pub agencies: Option<String>,
    pub fields: Option<String>,
}

/// How the LGSP's catalogue services are asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReadMethod {
    /// Parameters in the query string.
    #[default]
    Get,
    /// Parameters as a JSON body.
    Post,
}

/// What the portal pushes.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct InboundConfig {
    /// The key both sides share, sent by the portal in the body.
    pub security_key: SecretRef,
    /// How long a repeated push is recognised.
    #[serde(default = "thirty_days")]
    pub repeat_window: Wait,
    /// What a repeat is answered with.
    #[serde(default)]
    pub repeated: RepeatReply,
    /// What a push that was kept but could not be read is answered with.
    #[serde(default)]
    pub unreadable: UnreadableReply,
}

/// `error_code` 1 is what clients answer for a duplicate reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RepeatReply {
    #[default]
    Duplicate,
    Success,
}

/// Whether the portal is told that its push could not be read; it is kept for a person in both cases.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum UnreadableReply {
    #[default]
    Error,
    Success,
}

fn ten() -> NonZeroUsize {
    NonZeroUsize::MIN.saturating_add(9)
}

fn remembered() -> NonZeroUsize {
    NonZeroUsize::MIN.saturating_add(199_999)
}

fn ten_minutes() -> Wait {
    Wait(Duration::from_secs(600))
}

fn ten_seconds() -> Wait {
    Wait(Duration::from_secs(10))
}

fn thirty_days() -> Wait {
    Wait(Duration::from_secs(30 * 24 * 3600))
}
