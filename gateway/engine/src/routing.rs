//! What may be asked, who may ask it, and where it goes: operation catalogue, routes, transforms. Pure; it sends and stores nothing.

#[cfg(test)]
mod bench;
mod catalogue;
#[cfg(test)]
mod fixture;
mod functions;
mod patterns;
mod problem;
mod program;
mod route;
mod table;
mod trial;
mod value;

pub use catalogue::{Catalogue, Entry, Message};
pub use functions::own_functions;
pub use patterns::{AwaitSpec, Child, EnrichSpec, OnNotFound, Patterns, RecogniseSpec, Row, SplitSpec};
pub use problem::RouteProblem;
pub(crate) use program::Predicate;
pub use program::{ProgramSource, Programs};
pub use route::{OrderKeySpec, Route, RouteSource, RouteSpec, RouteTarget};
pub use table::{Plan, PlannedDelivery, PlannedTap, RouteTable};
pub use trial::{ExpectedChild, ExpectedDelivery, RouteCoverage, RouteExpectation, RouteTest, RouteTestReport};

/// What kind of value it is, for field problems that never repeat the value itself.
fn class_of(value: &serde_json::Value) -> &'static str {
    match value {
        serde_json::Value::Null => "null",
        serde_json::Value::Bool(_) => "boolean",
        serde_json::Value::Number(number) if number.is_f64() => "number",
        serde_json::Value::Number(_) => "integer",
        serde_json::Value::String(_) => "string",
        serde_json::Value::Array(_) => "array",
        serde_json::Value::Object(_) => "object",
    }
}
