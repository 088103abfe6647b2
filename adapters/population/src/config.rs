//! How one connection to the population database is configured: real types with defaults from public sources. It opens nothing and reads no secret.

mod access;
mod operations;
mod phrases;
mod validate;

use std::collections::BTreeMap;

use lienthong_core::Timestamp;
use lienthong_kit::config::{Address, TransportConfig};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use access::{AccessConfig, FieldNames, LgspConfig, NdxpConfig, OfficerKey, TimestampUnit, WrapperConfig};
pub use operations::{
    ConfirmMaritalStatusConfig, FindCitizenConfig, FindHouseholdConfig, OperationsConfig, VerifyCitizenConfig,
};
pub use phrases::{Meaning, PopulationPhrases};

/// The population database as one province reaches it: where, how it proves itself, and what of the protocol is not public.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PopulationConfig {
    /// Dated addresses; the one valid now with the latest `from` is used.
    pub endpoints: Vec<EndpointConfig>,
    /// Name of the end point to use whatever the dates say.
    #[serde(default)]
    pub active: Option<String>,
    /// Integration codes and the names of elements. An operation whose code is not public is offered where it is written here.
    #[serde(default)]
    pub operations: OperationsConfig,
    /// How names are sent.
    #[serde(default)]
    pub names: NameForm,
    /// How a birth date is sent in SOAP.
    #[serde(default)]
    pub birth_dates: BirthForm,
    /// The organisation id of the asking unit.
    #[serde(default)]
    pub unit: UnitConfig,
    /// `TaiKhoan` and `SoDienThoai`, which one client of 2025 sends. Absent: neither is sent.
    #[serde(default)]
    pub account: Option<AccountConfig>,
    /// National procedure codes that are licensed to use the database; others are refused before anything is sent. Empty: the
    /// database decides.
    #[serde(default)]
    pub procedures: Vec<String>,
    /// Phrases by which refusals tell why.
    #[serde(default)]
    pub phrases: PopulationPhrases,
    /// What codes of refusals mean: a SOAP `faultcode` without its prefix, or the wrapper's `error_code`.
    #[serde(default)]
    pub codes: BTreeMap<String, Meaning>,
    #[serde(default)]
    pub transport: TransportConfig,
}

/// One address of the database, within its dates.
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
    /// Where requests are posted. In SOAP one address takes every operation.
    pub address: Address,
    /// Other addresses of single operations. The JSON wrapper names no operation: there each has its own.
    #[serde(default)]
    pub addresses: OperationAddresses,
    /// Destination on the national axis, where requests cross it.
    #[serde(default)]
    pub destination: Option<Destination>,
    /// Further headers of every request, such as `ESB_SOURCE_TYPE`.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// Which generation of the connection it is, and how we prove who we are.
    pub access: AccessConfig,
}

/// An address per operation; absent: the end point's own.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct OperationAddresses {
    pub verify_citizen: Option<Address>,
    pub find_household: Option<Address>,
    pub confirm_marital_status: Option<Address>,
}

/// `dstcode` and, where the security server wants it, `providerurl`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Destination {
    /// For example `VN:GOV:000.00.00.G01:<service>`.
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
    Query,
    Header,
}

/// How a name is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum NameForm {
    /// `NGUYENVANMAU`, as three independent clients do.
    #[default]
    Plain,
    /// `NGUYỄN VĂN MẪU`, as one client does.
    Accented,
}

/// How a birth date is written in SOAP. The wrapper always has `NgayThangNam` and `Nam`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum BirthForm {
    /// `NgayThangNam` with `yyyyMMdd`, or `Nam` with `yyyy`: what clients send.
    #[default]
    Nested,
    /// `yyyy-mm-dd` or `yyyy` in one field: what the document says.
    Flat,
}

/// `MaDonVi`: the newer document requires it, the clients of 2021 do not send it.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct UnitConfig {
    pub sent: UnitSent,
    /// Used where the question names no unit.
    pub default: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum UnitSent {
    Never,
    /// Where it is known.
    #[default]
    Known,
    /// A question without one is refused before anything is sent.
    Required,
}

/// The account that asks.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AccountConfig {
    /// `TaiKhoan`; absent: the officer's code.
    #[serde(default)]
    pub name: Option<String>,
    /// `SoDienThoai`.
    #[serde(default = "zero")]
    pub phone: String,
}

fn zero() -> String {
    "0".to_owned()
}
