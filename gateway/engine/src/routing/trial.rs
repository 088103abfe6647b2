//! Route tests as configuration carries them: a message in, the expected deliveries or fault out. It sends nothing and stores nothing.

mod coverage;
mod difference;
mod made;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;

use lienthong_core::exchange::{AuthenticatedBy, Source, Stage};
use lienthong_core::id::IdError;
use lienthong_core::{
    Body, BusinessKey, Class, ClientId, ConfigVersion, ExchangeId, ExchangeMeta, Fault, FaultCode, FaultKind,
    OnBehalfOf, OperationName, OrderKey, RouteName, Timestamp,
};
use serde_json::Value;
use uuid::Uuid;

use coverage::Tried;
use made::MadeChild;

use super::catalogue::Catalogue;
use super::problem::RouteProblem;
use super::route::{Route, RouteTarget};
use super::table::{Plan, RouteTable};

pub use coverage::RouteCoverage;

/// A message and what must become of it.
#[derive(Debug, Clone)]
pub struct RouteTest {
    pub name: String,
    /// Where it stands, for problems.
    pub file: String,
    pub line: usize,
    /// The client or system that sends it.
    pub source: Source,
    pub operation: OperationName,
    pub key: BusinessKey,
    pub body: Value,
    /// Asked synchronously: only the first route to a `read` operation counts.
    pub call: bool,
    pub purpose: Option<String>,
    pub on_behalf_of: Option<OnBehalfOf>,
    pub due_at: Option<Timestamp>,
    pub class: Class,
    /// When the message is taken to have been accepted.
    pub received_at: Timestamp,
    /// What read operations answer that fill the message in, by operation; without one the message goes on as it was.
    pub answers: BTreeMap<OperationName, Value>,
    pub expect: RouteExpectation,
}

/// What must become of a message.
#[derive(Debug, Clone)]
pub enum RouteExpectation {
    /// Exactly these, in the order of the routes; copies for tap routes come last.
    Deliveries(Vec<ExpectedDelivery>),
    /// Refused, or one of its transforms fails.
    Fault { kind: FaultKind, code: Option<FaultCode> },
}

/// One delivery; what is absent is not compared.
#[derive(Debug, Clone)]
pub struct ExpectedDelivery {
    pub route: RouteName,
    /// The operation or inbox it goes to.
    pub to: Option<RouteTarget>,
    pub order_key: Option<OrderKey>,
    /// What is sent: numbers are compared as they are written (`1` is not `1.0`).
    pub body: Option<Value>,
    /// What it passes before its target.
    pub stages: Option<Vec<Stage>>,
    /// What a read operation is asked to fill it in.
    pub asks: Option<Value>,
    /// The declared messages that are made of it, in order.
    pub children: Option<Vec<ExpectedChild>>,
}

/// One declared message; what is absent is not compared.
#[derive(Debug, Clone, Default)]
pub struct ExpectedChild {
    pub key: Option<BusinessKey>,
    pub body: Option<Value>,
    /// What its route's `recognise` gives.
    pub recognised_by: Option<Value>,
    /// It is no message, but a sync error.
    pub fault: Option<(FaultKind, Option<FaultCode>)>,
}

/// What the tests said.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RouteTestReport {
    pub passed: usize,
    /// One for each test that failed.
    pub failures: Vec<RouteProblem>,
    /// Every enabled route, and what passing tests tried of it.
    pub coverage: Vec<RouteCoverage>,
}

impl RouteTestReport {
    /// Enabled routes through which no passing test delivers.
    pub fn untested(&self) -> impl Iterator<Item = &RouteCoverage> {
        self.coverage.iter().filter(|route| route.taken == 0)
    }
}

/// What really became of a message.
struct Made {
    route: Arc<Route>,
    order_key: OrderKey,
    body: Value,
    stages: Vec<Stage>,
    asks: Option<Value>,
    children: Vec<MadeChild>,
}

impl RouteTable {
    /// Runs the tests as the door, the routes and the dispatcher would treat their messages: schema, conditions, order keys, transforms.
    pub fn run_tests(&self, catalogue: &Catalogue, tests: &[RouteTest]) -> RouteTestReport {
        let mut report = RouteTestReport::default();
        let mut tried = Tried::default();
        for test in tests {
            match self.run_test(catalogue, test) {
                Ok((meta, routes)) => {
                    report.passed += 1;
                    tried.passed(self, &meta, &test.body, &routes);
                }
                Err(why) => report.failures.push(failure(test, &why)),
            }
        }
        report.coverage = tried.of(self);
        report
    }

    /// The message of a passing test and the routes it was delivered through, or what differs.
    fn run_test(&self, catalogue: &Catalogue, test: &RouteTest) -> Result<(ExchangeMeta, Vec<RouteName>), Vec<String>> {
        let meta = meta(test).map_err(|error| vec![format!("the sender's name {error}")])?;
        let made = self.made(catalogue, test, &meta);
        let differences = match (&test.expect, made) {
            (RouteExpectation::Deliveries(expected), Ok(made)) => {
                let differences = difference::deliveries(expected, &made);
                if differences.is_empty() {
                    return Ok((meta, made.iter().map(|made| made.route.spec.name.clone()).collect()));
                }
                differences
            }
            (RouteExpectation::Fault { kind, code }, Err(fault)) => difference::fault(*kind, *code, &fault),
            (RouteExpectation::Deliveries(_), Err(fault)) => {
                vec![format!("it is refused: {}", difference::told(&fault))]
            }
            (RouteExpectation::Fault { kind, .. }, Ok(made)) => {
                let routes: Vec<&str> = made.iter().map(|made| made.route.spec.name.as_str()).collect();
                vec![format!("expected the fault {}, and it is delivered by {}", kind.as_str(), routes.join(", "))]
            }
        };
        if differences.is_empty() { Ok((meta, Vec::new())) } else { Err(differences) }
    }

    fn made(&self, catalogue: &Catalogue, test: &RouteTest, meta: &ExchangeMeta) -> Result<Vec<Made>, Fault> {
        let entry = catalogue.get(&test.operation).ok_or_else(|| {
            let detail = format!("there is no operation {}", test.operation);
            Fault::new(FaultKind::NotFound, FaultCode::UnknownOperation, detail)
        })?;
        let breaches = match test.source {
            // An answer stands beside what was asked: neither is what can be asked.
            Source::Answer(_) => Vec::new(),
            Source::Client(_) | Source::System(_) | Source::Gateway => entry.validate(&test.body),
        };
        if !breaches.is_empty() {
            let detail = format!("the body breaks the schema of {}", test.operation);
            return Err(Fault::of(FaultKind::Invalid, detail).with_problems(breaches));
        }
        let bytes = serde_json::to_vec(&test.body).map_err(unwritten)?;
        let received = Body::json(bytes);
        let planned = self.planned(test, meta)?.into_iter();
        planned.map(|(route, order_key)| made::made(route, order_key, meta, &received, &test.answers)).collect()
    }

    fn planned(&self, test: &RouteTest, meta: &ExchangeMeta) -> Result<Vec<(Arc<Route>, OrderKey)>, Fault> {
        if test.call {
            let route = self.for_call(meta, &test.body)?;
            let order_key = route.order_key(meta, &test.body)?;
            return Ok(vec![(route, order_key)]);
        }
        let Plan { deliveries, taps } = self.plan(meta, &test.body)?;
        let planned = deliveries.into_iter().map(|delivery| Ok((delivery.route, delivery.order_key)));
        planned.chain(taps.into_iter().map(|tap| Ok((tap.route, tap.order_key?)))).collect()
    }
}

fn unwritten(error: serde_json::Error) -> Fault {
    Fault::of(FaultKind::Internal, format!("a body of a route test cannot be written or read: {error}"))
}

/// The test's message as the journal would know it.
fn meta(test: &RouteTest) -> Result<ExchangeMeta, IdError> {
    let (client, authenticated_by) = match &test.source {
        Source::Client(client) => (client.clone(), AuthenticatedBy::ApiKey),
        Source::System(system) => (ClientId::new(&format!("system-{system}"))?, AuthenticatedBy::SystemSecret),
        Source::Gateway | Source::Answer(_) => (ClientId::new("gateway")?, AuthenticatedBy::Gateway),
    };
    Ok(ExchangeMeta {
        id: ExchangeId(Uuid::nil()),
        client,
        authenticated_by,
        source: test.source.clone(),
        operation: test.operation.clone(),
        key: test.key.clone(),
        aliases: Vec::new(),
        purpose: test.purpose.clone(),
        on_behalf_of: test.on_behalf_of.clone(),
        due_at: test.due_at,
        expires_at: None,
        not_before: None,
        class: test.class,
        trace: None,
        callback: None,
        link: None,
        descent: None,
        call: test.call,
        config: ConfigVersion::new("route-test")?,
        received_at: test.received_at,
    })
}

fn failure(test: &RouteTest, why: &[String]) -> RouteProblem {
    RouteProblem {
        file: test.file.clone(),
        line: test.line,
        column: None,
        problem: format!("route test \"{}\" failed\n{}", test.name, why.join("\n")),
        remedy: "correct the route, or what the test expects".to_owned(),
    }
}
