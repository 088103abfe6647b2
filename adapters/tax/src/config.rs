//! How one tax gateway is configured: real types, defaults from public sources, and what is not public to be written down. It opens nothing and reads no secret.

mod answers;
mod authentication;
mod slip;
mod validate;

use lienthong_core::Timestamp;
use lienthong_kit::config::{Address, TransportConfig};
use lienthong_kit::words::Phrases;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use answers::{EmptyAnswer, ErrorMeaning, ErrorsConfig, LedgerConfig, TaxpayerConfig};
pub use authentication::{AuthenticationConfig, Created, DigestConfig, SignatureConfig};
pub use slip::{SlipAnswerConfig, SlipConfig, SlipRowConfig};

/// The tax authority's gateway (GIP): where it is, who we are to it, and what of its protocol is not public.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TaxConfig {
    /// Dated addresses; the one valid now with the latest `from` is used.
    pub endpoints: Vec<EndpointConfig>,
    /// Name of the end point to use whatever the dates say.
    #[serde(default)]
    pub active: Option<String>,
    /// Who we are in the header of every message.
    pub partner: PartnerConfig,
    pub authentication: AuthenticationConfig,
    #[serde(default)]
    pub soap: SoapConfig,
    #[serde(default)]
    pub header: HeaderConfig,
    /// `find-taxpayer`.
    #[serde(default)]
    pub taxpayer: TaxpayerConfig,
    /// `find-land-ledger`. Its question is not public; without it the operation is not offered.
    #[serde(default)]
    pub ledger: Option<LedgerConfig>,
    /// `submit-land-obligation`. How a slip travels is not public; without it the operation is not offered.
    #[serde(default)]
    pub slip: Option<SlipConfig>,
    /// What the header's `ERROR_CODE` means; the list is not public.
    #[serde(default)]
    pub errors: ErrorsConfig,
    /// Phrases by which answers tell what happened, where a code does not.
    #[serde(default)]
    pub phrases: Phrases,
    /// A tax code to ask for when the gateway is tried, best our own. Without it only the address is knocked at.
    #[serde(default)]
    pub probe_tax_code: Option<String>,
    #[serde(default)]
    pub transport: TransportConfig,
}

/// One address of the gateway, within its dates.
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
    /// The whole address: `https://esb.example/t2b/gip/request`.
    pub url: Address,
}

/// Who we are to the gateway, and what it calls itself.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PartnerConfig {
    /// `SENDER_CODE`, as the tax authority gave it.
    pub code: String,
    /// `SENDER_NAME`. Absent: the code.
    #[serde(default)]
    pub name: Option<String>,
    /// `RECEIVER_CODE` (`GIP`).
    #[serde(default = "gip")]
    pub receiver_code: String,
    /// `RECEIVER_NAME` (`Hệ Thống GIP`).
    #[serde(default = "gip_name")]
    pub receiver_name: String,
}

/// The SOAP around messages. Two clients are known, with two sets of namespaces; the defaults are the first one's.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SoapConfig {
    /// Namespace of the question (`http://gip.request.com/`; the other client: `http://gip.com/`).
    pub request: String,
    /// Namespace of the answer (`http://gip.response.com/`; the other client: `http://gip.com/`).
    pub response: String,
    /// Whether what is inside the question is in its namespace too, as the default namespace. The other client's is.
    pub qualified: bool,
    /// How a message stands in its SOAP. What CDATA cannot hold goes escaped whatever is said here.
    pub wrapping: Wrapping,
    /// Value of the `SOAPAction` header, without its quotes.
    pub action: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Wrapping {
    #[default]
    Cdata,
    Escaped,
}

/// The message's own header.
#[derive(Debug, Clone, Copy, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct HeaderConfig {
    pub message_id: MessageId,
    pub send_date: SendDate,
    pub answer_date: AnswerDate,
}

/// What `MSG_ID` is made of. How long it may be is not public.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MessageId {
    /// The attempt's reference as it is: no two attempts have the same.
    #[default]
    Reference,
    /// 22 digits, as one client sends, computed from the reference. Two attempts have the same with a chance of one in 10^22.
    Digits,
}

/// How `SEND_DATE` is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SendDate {
    /// `15-01-2025 08:30:00`
    #[default]
    Numeric,
    /// `15-Jan-2025 08:30:00`
    NamedMonth,
}

/// How a day alone is meant in an answer's `SEND_DATE`: 01-02-2025 does not say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AnswerDate {
    /// `MM-dd-yyyy`, as real answers have it.
    #[default]
    MonthFirst,
    /// `dd-MM-yyyy`
    DayFirst,
}

impl Default for SoapConfig {
    fn default() -> Self {
        Self {
            request: "http://gip.request.com/".to_owned(),
            response: "http://gip.response.com/".to_owned(),
            qualified: false,
            wrapping: Wrapping::Cdata,
            action: String::new(),
        }
    }
}

fn gip() -> String {
    "GIP".to_owned()
}

fn gip_name() -> String {
    "Hệ Thống GIP".to_owned()
}
