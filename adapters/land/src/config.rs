//! How one land office is configured: real types with defaults from public sources. It opens nothing and reads no secret.

mod phrases;
mod validate;

use std::time::Duration;

use jiff::civil;
use lienthong_core::Timestamp;
use lienthong_core::secret::SecretRef;
use lienthong_kit::config::{Address, TransportConfig, Wait};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use phrases::LandPhrases;

/// One land registration office's system: which dialect it speaks, where it is, and what of its protocol is not public.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LandConfig {
    pub dialect: Dialect,
    /// Dated addresses; the one valid now with the latest `from` is used.
    pub endpoints: Vec<EndpointConfig>,
    /// Name of the end point to use whatever the dates say.
    #[serde(default)]
    pub active: Option<String>,
    /// How codes of administrative units are sent. Absent: numbers to VBDLIS (`01` becomes 1), texts to iLIS.
    #[serde(default)]
    pub area_ids: Option<AreaIds>,
    /// What a time without zone means.
    #[serde(default)]
    pub times: TimesConfig,
    /// Phrases by which answers tell what happened.
    #[serde(default)]
    pub phrases: LandPhrases,
    /// Names of the code tables that lead to the land office's accounts and procedures, for faults about them.
    #[serde(default)]
    pub tables: TablesConfig,
    #[serde(default)]
    pub attachments: AttachmentLimits,
    /// Files pulled by link. Without it there is no `fetch-file`.
    #[serde(default)]
    pub files: Option<FilesConfig>,
    /// The other side's own lists. Without it there are no `list-` operations, and nothing is pulled daily.
    #[serde(default)]
    pub lists: Option<ListsConfig>,
    /// What the land office pushes to us. Without it nothing is taken.
    #[serde(default)]
    pub inbound: Option<InboundConfig>,
    #[serde(default)]
    pub transport: TransportConfig,
}

/// Which system the land office runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Dialect {
    /// The national land database's software.
    Vbdlis,
    /// VNPT iLIS.
    Ilis,
}

/// One address of the land office, within its dates.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EndpointConfig {
    pub name: String,
    #[serde(default)]
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub from: Option<Timestamp>,
    #[serde(default)]
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub until: Option<Timestamp>,
    pub base: Address,
    /// Other paths below the base than the dialect's own.
    #[serde(default)]
    pub paths: Paths,
    /// Needed by iLIS; VBDLIS is seen without.
    #[serde(default)]
    pub oauth: Option<OauthConfig>,
}

/// A path per operation. Absent: the dialect's own, where one is public.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Paths {
    pub receive_dossier: Option<String>,
    pub supplement_dossier: Option<String>,
    pub return_result: Option<String>,
    /// iLIS has no public one.
    pub report_wrong_dossier: Option<String>,
}

/// OAuth2 password grant (RFC 6749 §4.3) with refresh.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OauthConfig {
    pub token_url: Address,
    pub username: SecretRef,
    pub password: SecretRef,
    pub client_id: SecretRef,
    pub client_secret: SecretRef,
    #[serde(default)]
    pub scope: Option<String>,
    /// How long a token is used when its answer does not say.
    #[serde(default = "ten_minutes")]
    pub lifetime: Wait,
    /// How long before its end a token is renewed.
    #[serde(default = "half_a_minute")]
    pub renew_before: Wait,
    #[serde(default = "ten_seconds")]
    pub timeout: Wait,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum AreaIds {
    /// Leading zeros are lost.
    Integer,
    Text,
}

/// What a time without zone means, each way. The clients seen add 7 hours to what comes in.
#[derive(Debug, Clone, Copy, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct TimesConfig {
    pub incoming: Zone,
    pub outgoing: Zone,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Zone {
    /// Written with a `Z`.
    #[default]
    Utc,
    /// Việt Nam's time, written without zone.
    Local,
}

/// Names of code tables, as they stand in `tables/tables.yaml`. Only faults use them.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct TablesConfig {
    pub officers: Option<String>,
    pub procedures: Option<String>,
}

/// How much may travel inside a message.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct AttachmentLimits {
    /// Papers of one message.
    pub papers: usize,
    /// Bytes of one file, decoded.
    pub file_bytes: usize,
    /// Bytes of all files of one message, decoded.
    pub total_bytes: usize,
}

impl Default for AttachmentLimits {
    fn default() -> Self {
        Self { papers: 100, file_bytes: 5 * 1024 * 1024, total_bytes: 7 * 1024 * 1024 }
    }
}

/// Where files may be pulled from.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FilesConfig {
    /// What relative links are relative to.
    pub base: Address,
    /// Other origins absolute links may name: `https://files.land.example`. The base's own is always allowed.
    #[serde(default)]
    pub origins: Vec<Address>,
    /// Largest file, in bytes (50 MiB).
    #[serde(default = "fifty_mebibytes")]
    pub max_bytes: u64,
    /// Sends the end point's token along, to the base's origin alone.
    #[serde(default)]
    pub authorized: bool,
}

/// The other side's lists. Their addresses are known by name; the shape of their answers is not public.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ListsConfig {
    /// Sent as `SecurityCode` in the query.
    #[serde(default)]
    pub security_code: Option<SecretRef>,
    #[serde(default)]
    pub officers: Option<ListConfig>,
    #[serde(default)]
    pub procedures: Option<ListConfig>,
    #[serde(default)]
    pub statuses: Option<ListConfig>,
    /// When they are pulled each day, local to Asia/Ho_Chi_Minh.
    #[serde(default = "five_o_clock")]
    #[schemars(with = "String")]
    pub daily_at: civil::Time,
}

/// One list: where it is, and what its rows call their code and name.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ListConfig {
    /// Below the end point's base: `GetDanhMucNguoiDung`.
    pub path: String,
    /// JSON pointer of the rows where the answer is no bare array.
    #[serde(default = "data")]
    pub rows: String,
    pub code: String,
    pub name: String,
}

/// How pushes are recognised and answered.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct InboundConfig {
    /// What the land office puts into the path (VBDLIS) or into the query as `CodeGet` (iLIS).
    pub secret: SecretRef,
    /// How long the same push is recognised.
    #[serde(default = "thirty_days")]
    pub repeat_window: Wait,
    /// What a push that was kept but cannot be read is told.
    #[serde(default)]
    pub unreadable: UnreadableReply,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum UnreadableReply {
    #[default]
    Error,
    Success,
}

impl LandConfig {
    pub(crate) fn area_style(&self) -> AreaIds {
        self.area_ids.unwrap_or(match self.dialect {
            Dialect::Vbdlis => AreaIds::Integer,
            Dialect::Ilis => AreaIds::Text,
        })
    }
}

fn ten_minutes() -> Wait {
    Wait(Duration::from_secs(600))
}

fn half_a_minute() -> Wait {
    Wait(Duration::from_secs(30))
}

fn ten_seconds() -> Wait {
    Wait(Duration::from_secs(10))
}

fn thirty_days() -> Wait {
    Wait(Duration::from_secs(30 * 24 * 3600))
}

fn fifty_mebibytes() -> u64 {
    50 * 1024 * 1024
}

fn five_o_clock() -> civil::Time {
    civil::time(5, 0, 0, 0)
}

fn data() -> String {
    "/data".to_owned()
}
