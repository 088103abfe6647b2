//! `routes/*.yaml`: what goes where, when, and changed how. It compiles no program.

use std::path::PathBuf;

use lienthong_core::delivery::OnParked;
use lienthong_core::{Class, ClientId, OperationName, RetryPolicy, RouteName, SystemId};
use lienthong_engine::routing::{OrderKeySpec, Patterns, ProgramSource, RouteSource, RouteSpec, RouteTarget};
use schemars::JsonSchema;
use serde::Deserialize;
use serde::de::{MapAccess, Visitor};

use super::patterns::{AwaitModel, EnrichModel, RecogniseModel, SplitModel};
use super::systems::RetryModel;

/// One file of routes; files are read in the order of their names, routes in the order they stand.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RoutesFile {
    #[expect(dead_code, reason = "names the key in the generated schema; the list is read item by item")]
    pub(crate) routes: Vec<RouteModel>,
}

/// One route.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RouteModel {
    /// Lower-case letters, digits, '-', '_' and '.'; deliveries name the route by it.
    #[schemars(with = "String")]
    pub(crate) name: RouteName,
    /// What it is for, for people.
    #[serde(default)]
    #[expect(dead_code, reason = "for people who read the file")]
    pub(crate) description: Option<String>,
    #[serde(default = "yes")]
    pub(crate) enabled: bool,
    /// Whose messages it takes: `any_client`, `clients: [one-stop]`, `system: portal` for pushes, `gateway` for declared messages, or
    /// `answer_of: tax.find-taxpayer` for what a delivery of that operation was answered, as `{input, answer}`.
    pub(crate) from: FromModel,
    /// The operations or declared messages it takes; left out with `answer_of`.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub(crate) operations: Vec<OperationName>,
    /// A VRL predicate over the body (`.`) and the exchange (`%`); every message when left out.
    #[serde(default)]
    pub(crate) when: Option<ProgramModel>,
    /// A VRL program that leaves the target operation's input in `.`; as received when left out.
    #[serde(default)]
    pub(crate) transform: Option<ProgramModel>,
    /// Waits until what must come first has come with the same key; parked as LT-AWAITED-MISSING when it does not.
    #[serde(default, rename = "await")]
    pub(crate) awaits: Option<AwaitModel>,
    /// Fills the message in with what a read operation answers, before it goes on.
    #[serde(default)]
    pub(crate) enrich: Option<EnrichModel>,
    /// Makes one declared message of each element of a list.
    #[serde(default)]
    pub(crate) split: Option<SplitModel>,
    /// Copies of a declared message that come by several ways become one; other content under the same identity is a new version.
    #[serde(default)]
    pub(crate) recognise: Option<RecogniseModel>,
    /// What it takes is a copy, as an exchange of its own, that never concerns the original.
    #[serde(default)]
    pub(crate) tap: bool,
    /// Where it goes: `operation: portal.sync-dossier`, `inbox: one-stop` for a client that polls, or `message: obligation.notice` for
    /// a declared message that other routes take.
    pub(crate) to: ToModel,
    /// What keeps deliveries in order: `business_key`, or `pointer: /path` into the received body.
    #[serde(default)]
    pub(crate) order_key: OrderModel,
    /// `live` or `bulk`; as the message says when left out.
    #[serde(default)]
    #[schemars(with = "Option<ClassName>")]
    pub(crate) class: Option<Class>,
    /// Other waits than the system's policy has.
    #[serde(default)]
    pub(crate) retry: Option<RetryModel>,
    /// What a parked delivery does to those behind it: `hold` keeps them waiting, `skip` lets them pass.
    #[serde(default)]
    #[schemars(with = "ParkedName")]
    pub(crate) on_parked: OnParked,
    /// Older unsent snapshots of the same key give way to a newer one; only for operations declared snapshots.
    #[serde(default)]
    pub(crate) supersede: bool,
    /// Later routes are not asked when this one takes the message.
    #[serde(default)]
    pub(crate) stop: bool,
}

/// For the schema only.
#[derive(JsonSchema)]
#[serde(rename_all = "lowercase")]
#[expect(dead_code, reason = "names the choices in the generated schema")]
enum ClassName {
    Live,
    Bulk,
}

/// For the schema only.
#[derive(JsonSchema)]
#[serde(rename_all = "lowercase")]
#[expect(dead_code, reason = "names the choices in the generated schema")]
enum ParkedName {
    Hold,
    Skip,
}

/// Whose messages a route takes.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum FromModel {
    AnyClient,
    Clients(#[schemars(with = "Vec<String>")] Vec<ClientId>),
    System(#[schemars(with = "String")] SystemId),
    Gateway,
    AnswerOf(#[schemars(with = "String")] OperationName),
}

/// Where a route leads.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ToModel {
    Operation(#[schemars(with = "String")] OperationName),
    Inbox(#[schemars(with = "String")] ClientId),
    Message(#[schemars(with = "String")] OperationName),
}

/// What keeps deliveries in order.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum OrderModel {
    #[default]
    BusinessKey,
    Pointer(String),
}

/// A VRL program: the text itself, or `file: name.vrl` beside the file it is named in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ProgramModel {
    Inline(String),
    File(PathBuf),
}

impl<'de> Deserialize<'de> for ProgramModel {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = ProgramModel;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a VRL program, or `file:` with a path")
            }

            fn visit_str<E>(self, text: &str) -> Result<ProgramModel, E> {
                Ok(ProgramModel::Inline(text.to_owned()))
            }

            fn visit_bool<E>(self, value: bool) -> Result<ProgramModel, E> {
                Ok(ProgramModel::Inline(value.to_string()))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<ProgramModel, A::Error> {
                let mut file = None;
                while let Some(key) = map.next_key::<String>()? {
                    if key != "file" {
                        return Err(serde::de::Error::unknown_field(&key, &["file"]));
                    }
                    file = Some(map.next_value::<PathBuf>()?);
                }
                file.map(ProgramModel::File).ok_or_else(|| serde::de::Error::missing_field("file"))
            }
        }
        deserializer.deserialize_any(Either)
    }
}

impl JsonSchema for ProgramModel {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Program".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "A VRL program, or `file:` with the path of one beside this file.",
            "oneOf": [
                { "type": "string" },
                {
                    "type": "object",
                    "properties": { "file": { "type": "string" } },
                    "required": ["file"],
                    "additionalProperties": false,
                },
            ],
        })
    }
}

fn yes() -> bool {
    true
}

impl ToModel {
    pub(crate) fn target(&self) -> RouteTarget {
        match self {
            Self::Operation(operation) => RouteTarget::Operation(operation.clone()),
            Self::Inbox(client) => RouteTarget::Inbox(client.clone()),
            Self::Message(message) => RouteTarget::Message(message.clone()),
        }
    }
}

impl RouteModel {
    /// The engine's form; the programs have been found already.
    pub(crate) fn spec(
        &self,
        (file, line): (&str, usize),
        when: Option<ProgramSource>,
        transform: Option<ProgramSource>,
        patterns: Patterns,
        retry: RetryPolicy,
    ) -> RouteSpec {
        RouteSpec {
            name: self.name.clone(),
            file: file.to_owned(),
            line,
            enabled: self.enabled,
            from: match &self.from {
                FromModel::AnyClient => RouteSource::AnyClient,
                FromModel::Clients(clients) => RouteSource::Clients(clients.clone()),
                FromModel::System(system) => RouteSource::System(system.clone()),
                FromModel::Gateway => RouteSource::Gateway,
                FromModel::AnswerOf(operation) => RouteSource::AnswerOf(operation.clone()),
            },
            operations: match (&self.from, self.operations.as_slice()) {
                (FromModel::AnswerOf(operation), []) => vec![operation.clone()],
                (_, operations) => operations.to_vec(),
            },
            when,
            transform,
            to: self.to.target(),
            order_key: match &self.order_key {
                OrderModel::BusinessKey => OrderKeySpec::BusinessKey,
                OrderModel::Pointer(pointer) => OrderKeySpec::Pointer(pointer.clone()),
            },
            class: self.class,
            retry: self.retry.map(|model| model.policy(retry)),
            on_parked: self.on_parked,
            supersede: self.supersede,
            stop: self.stop,
            patterns: Patterns { tap: self.tap, ..patterns },
        }
    }
}
