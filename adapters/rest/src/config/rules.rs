//! What answers mean, as configuration: conditions and the outcome each stands for. It judges nothing.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

/// One rule. Rules for failure are asked before rules for success, each in the order written; an answer that no rule and no HTTP
/// status of a plain meaning (400, 401, 403, 422, 429, 503) explains is unintelligible, hence an unknown outcome.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RuleConfig {
    /// All conditions given must hold; at least one is given.
    pub when: WhenConfig,
    pub then: Then,
    /// JSON pointer of the system's own code in the answer's body.
    #[serde(default)]
    pub code: Option<String>,
    /// JSON pointer of the system's own words in the answer's body. Personal data of the request is taken out of them.
    #[serde(default)]
    pub text: Option<String>,
    /// Where the answer lists what is wrong with single fields.
    #[serde(default)]
    pub problems: Option<ProblemsConfig>,
}

/// Conditions on an answer.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct WhenConfig {
    /// HTTP statuses: `404`, `4xx`. A success rule without it holds for 2xx only.
    pub status: Vec<StatusPattern>,
    /// JSON pointer into the answer's body, for `equals`, `one_of`, `contains` and `exists`.
    pub at: Option<String>,
    /// The value there; a number and the same number as text are equal (`0` and `"0"`).
    pub equals: Option<Value>,
    /// One of these values there.
    pub one_of: Vec<Value>,
    /// The text there holds one of these phrases, compared in NFC without regard to case. For success, a phrase that is negated
    /// ("không thành công") does not count.
    pub contains: Vec<String>,
    /// Whether something stands there that is not null.
    pub exists: Option<bool>,
    /// The whole answer, readable or not, holds one of these phrases: for pages of HTML. Failure only.
    pub page_contains: Vec<String>,
    /// A VRL expression that is true or false over `.status`, `.body` and `.input`.
    pub program: Option<String>,
}

/// What an answer means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Then {
    Success,
    /// We are asked to slow down.
    Throttled,
    /// A refusal known to come before processing.
    Unavailable,
    /// The same, in announced maintenance.
    Maintenance,
    /// Session, token or certificate not accepted.
    Unauthenticated,
    /// We may not ask this.
    Forbidden,
    /// It takes no calls from our address.
    AddressRefused,
    /// The data is refused.
    Rejected,
    /// It cannot fetch a file by the link it was given.
    FileUnreachable,
    /// Stale, or an illegal transition.
    Conflict,
    /// It does not know what we name.
    NotFound,
    /// It says itself that nobody knows whether it happened.
    Unknown,
}

impl Then {
    /// Said of us or of the system, whatever was asked.
    pub(crate) fn concerns_all_traffic(self) -> bool {
        match self {
            Self::Throttled
            | Self::Unavailable
            | Self::Maintenance
            | Self::Unauthenticated
            | Self::Forbidden
            | Self::AddressRefused => true,
            Self::Success
            | Self::Rejected
            | Self::FileUnreachable
            | Self::Conflict
            | Self::NotFound
            | Self::Unknown => false,
        }
    }
}

/// A list of field problems in an answer.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ProblemsConfig {
    /// JSON pointer of the list.
    pub at: String,
    /// Pointer, inside an item, of the field's name in the system's words: `owner.name`, `/owner/name`.
    pub field: String,
    /// Pointer, inside an item, of a code for what is wrong (`REQUIRED`). Words are not taken: they may repeat personal data.
    #[serde(default)]
    pub code: Option<String>,
    /// The system's field names as JSON pointers into the operation's input.
    #[serde(default)]
    pub fields: std::collections::BTreeMap<String, String>,
}

/// One status or a class of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum StatusPattern {
    One(u16),
    /// The first digit.
    Class(u16),
}

impl StatusPattern {
    pub fn matches(self, status: u16) -> bool {
        match self {
            Self::One(one) => one == status,
            Self::Class(class) => status / 100 == class,
        }
    }

    /// Whether an answer with a status of success can match.
    pub(crate) fn is_success(self) -> bool {
        match self {
            Self::One(one) => one / 100 == 2,
            Self::Class(class) => class == 2,
        }
    }
}

impl std::str::FromStr for StatusPattern {
    type Err = &'static str;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const FORM: &str = "a status is written 404, or 4xx for all of them";
        if let Some(class) = text.strip_suffix("xx") {
            let class = class.parse().map_err(|_| FORM)?;
            return if (1..=5).contains(&class) { Ok(Self::Class(class)) } else { Err(FORM) };
        }
        let one = text.parse().map_err(|_| FORM)?;
        if (100..=599).contains(&one) { Ok(Self::One(one)) } else { Err(FORM) }
    }
}

impl<'de> Deserialize<'de> for StatusPattern {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Written;
        impl Visitor<'_> for Written {
            type Value = StatusPattern;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a status such as 404 or 4xx")
            }
            fn visit_u64<E: Error>(self, number: u64) -> Result<StatusPattern, E> {
                number.to_string().parse().map_err(E::custom)
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<StatusPattern, E> {
                text.parse().map_err(E::custom)
            }
        }
        deserializer.deserialize_any(Written)
    }
}

impl JsonSchema for StatusPattern {
    fn schema_name() -> Cow<'static, str> {
        "StatusPattern".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "An HTTP status, or a class of them: 404, 4xx.",
            "oneOf": [
                { "type": "integer", "minimum": 100, "maximum": 599 },
                { "type": "string", "pattern": "^([1-5]xx|[1-5][0-9][0-9])$" }
            ]
        })
    }
}
