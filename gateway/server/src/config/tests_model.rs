//! `routes/tests/*.yaml`: messages and what must become of them. It runs none.

use std::collections::BTreeMap;

use lienthong_core::exchange::{Source, Stage};
use lienthong_core::{
    BusinessKey, Class, ClientId, FaultCode, FaultKind, OnBehalfOf, OperationName, OrderKey, RouteName, SystemId,
    Timestamp,
};
use lienthong_engine::routing::{ExpectedChild, ExpectedDelivery, RouteExpectation, RouteTest};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use super::routes::ToModel;
use super::types::Instant;

/// One file of route tests.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TestsFile {
    #[expect(dead_code, reason = "names the key in the generated schema; the list is read item by item")]
    pub(crate) tests: Vec<TestModel>,
}

/// A message and what must become of it.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TestModel {
    /// What the test shows.
    pub(crate) name: String,
    /// Who sends the message: `client: one-stop`, `system: portal` for a push, `gateway` for a declared message, or
    /// `answer_of: population` for what that system answered, as `{input, answer}`.
    pub(crate) from: SenderModel,
    /// What is asked, or what comes in.
    #[schemars(with = "String")]
    pub(crate) operation: OperationName,
    /// The business key: the dossier code in most cases.
    #[schemars(with = "String")]
    pub(crate) key: BusinessKey,
    /// The message itself.
    pub(crate) body: Value,
    /// Asked synchronously instead of submitted.
    #[serde(default)]
    pub(crate) call: bool,
    #[serde(default)]
    pub(crate) purpose: Option<String>,
    #[serde(default)]
    #[schemars(with = "Option<Value>")]
    pub(crate) on_behalf_of: Option<OnBehalfOf>,
    #[serde(default)]
    pub(crate) due_at: Option<Instant>,
    /// `live` or `bulk`.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub(crate) class: Option<Class>,
    /// When the message is taken to have come in; 2026-01-05T08:00:00+07:00 when left out.
    #[serde(default)]
    pub(crate) received_at: Option<Instant>,
    /// What read operations answer that fill the message in, by operation.
    #[serde(default)]
    #[schemars(with = "BTreeMap<String, Value>")]
    pub(crate) answers: BTreeMap<OperationName, Value>,
    /// `deliveries: [...]` or `fault: {kind: ...}`.
    pub(crate) expect: ExpectModel,
}

/// Who sends a test's message.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SenderModel {
    Client(#[schemars(with = "String")] ClientId),
    System(#[schemars(with = "String")] SystemId),
    Gateway,
    AnswerOf(#[schemars(with = "String")] SystemId),
}

/// What must become of a message.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ExpectModel {
    /// Exactly these deliveries, in the order of the routes.
    Deliveries(Vec<DeliveryModel>),
    /// Refused at the door, by the routes or by a transform.
    Fault(FaultModel),
}

/// One expected delivery; what is left out is not compared.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DeliveryModel {
    /// The route it takes.
    #[schemars(with = "String")]
    pub(crate) route: RouteName,
    #[serde(default)]
    pub(crate) to: Option<ToModel>,
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub(crate) order_key: Option<OrderKey>,
    /// What is sent; `1` and `1.0` differ.
    #[serde(default)]
    pub(crate) body: Option<Value>,
    /// What it passes before its target: `[await]`, `[enrich]`, both or none.
    #[serde(default)]
    pub(crate) stages: Option<Vec<StageModel>>,
    /// What a read operation is asked to fill it in.
    #[serde(default)]
    pub(crate) asks: Option<Value>,
    /// The declared messages that are made of it, in order.
    #[serde(default)]
    pub(crate) children: Option<Vec<ChildModel>>,
}

/// A stage of a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum StageModel {
    Await,
    Enrich,
}

/// One expected message; what is left out is not compared.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChildModel {
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub(crate) key: Option<BusinessKey>,
    #[serde(default)]
    pub(crate) body: Option<Value>,
    /// What the route's `recognise` gives.
    #[serde(default)]
    pub(crate) recognised_by: Option<Value>,
    /// It is no message, but a sync error of its own.
    #[serde(default)]
    pub(crate) fault: Option<FaultModel>,
}

/// The expected fault.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FaultModel {
    /// Its kind, such as `invalid` or `mapping`.
    #[schemars(with = "String")]
    pub(crate) kind: FaultKind,
    /// Its code, such as LT-NO-ROUTE.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    pub(crate) code: Option<FaultCode>,
}

/// A Monday morning: the day does not matter unless a route looks at it.
const RECEIVED: i64 = 1_767_574_800;

impl TestModel {
    pub(crate) fn test(&self, (file, line): (&str, usize)) -> RouteTest {
        RouteTest {
            name: self.name.clone(),
            file: file.to_owned(),
            line,
            source: match &self.from {
                SenderModel::Client(client) => Source::Client(client.clone()),
                SenderModel::System(system) => Source::System(system.clone()),
                SenderModel::Gateway => Source::Gateway,
                SenderModel::AnswerOf(system) => Source::Answer(system.clone()),
            },
            operation: self.operation.clone(),
            key: self.key.clone(),
            body: self.body.clone(),
            call: self.call,
            purpose: self.purpose.clone(),
            on_behalf_of: self.on_behalf_of.clone(),
            due_at: self.due_at.map(|instant| instant.0),
            class: self.class.unwrap_or_default(),
            received_at: self
                .received_at
                .map_or_else(|| Timestamp::from_second(RECEIVED).unwrap_or(Timestamp::UNIX_EPOCH), |instant| instant.0),
            answers: self.answers.clone(),
            expect: self.expect.expectation(),
        }
    }
}

impl StageModel {
    fn stage(self) -> Stage {
        match self {
            Self::Await => Stage::Await,
            Self::Enrich => Stage::Enrich,
        }
    }
}

impl ChildModel {
    fn expected(&self) -> ExpectedChild {
        ExpectedChild {
            key: self.key.clone(),
            body: self.body.clone(),
            recognised_by: self.recognised_by.clone(),
            fault: self.fault.as_ref().map(|fault| (fault.kind, fault.code)),
        }
    }
}

impl ExpectModel {
    fn expectation(&self) -> RouteExpectation {
        match self {
            Self::Deliveries(deliveries) => {
                RouteExpectation::Deliveries(deliveries.iter().map(DeliveryModel::expected).collect())
            }
            Self::Fault(fault) => RouteExpectation::Fault { kind: fault.kind, code: fault.code },
        }
    }
}

impl DeliveryModel {
    fn expected(&self) -> ExpectedDelivery {
        ExpectedDelivery {
            route: self.route.clone(),
            to: self.to.as_ref().map(ToModel::target),
            order_key: self.order_key.clone(),
            body: self.body.clone(),
            stages: self.stages.as_ref().map(|stages| stages.iter().map(|stage| stage.stage()).collect()),
            asks: self.asks.clone(),
            children: self.children.as_ref().map(|children| children.iter().map(ChildModel::expected).collect()),
        }
    }
}
