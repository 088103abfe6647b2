//! What a façade takes and what it makes of it, compiled from its file. It proves nobody and sends nothing.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::Method;
use lienthong_core::program::Program;
use lienthong_core::{ClientId, OperationName};
use serde_json::{Map, Value};

use super::{Migrated, Outcome, Template};

/// A façade without its secrets.
pub(crate) struct Plan {
    pub(crate) name: String,
    pub(crate) client: ClientId,
    /// What all its paths begin with; it ends without `/`.
    pub(crate) path: String,
    /// Largest request body; the port's own limit when there is none.
    pub(crate) body_limit: Option<usize>,
    pub(crate) repeat_window: Duration,
    pub(crate) migrated: Migrated,
    /// Where a call's body has its session, where callers have one.
    pub(crate) session_field: Option<String>,
    pub(crate) endpoints: Vec<Endpoint>,
    /// For what no end point takes.
    pub(crate) answers: BTreeMap<Outcome, Template>,
}

/// One path that callers know.
pub(crate) struct Endpoint {
    pub(crate) name: String,
    pub(crate) method: Method,
    /// Below the façade's path.
    pub(crate) path: String,
    /// Query parameters that must have these values.
    pub(crate) query: BTreeMap<String, String>,
    /// Texts of the body that must be these, by JSON pointer.
    pub(crate) body: BTreeMap<String, String>,
    pub(crate) operation: OperationName,
    /// It is called, not submitted.
    pub(crate) is_read: bool,
    pub(crate) values: Map<String, Value>,
    pub(crate) place: Place,
    /// JSON pointer into an item.
    pub(crate) key: Option<String>,
    pub(crate) group: bool,
    pub(crate) most: usize,
    pub(crate) procedure: Option<ProcedurePlace>,
    pub(crate) wait: Duration,
    pub(crate) program: Arc<dyn Program>,
    pub(crate) answers: BTreeMap<Outcome, Template>,
}

/// Where the messages of a request stand, by JSON pointer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Place {
    Each(String),
    One(String),
}

/// Where an item's procedure stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ProcedurePlace {
    /// JSON pointer into the item.
    Item(String),
    Query(String),
    /// JSON pointer into the newest message of an operation about the same key.
    OfKey(OperationName, String),
}

/// The head of a request, as a façade looks at it.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) method: Method,
    /// Below the façade's path.
    pub(crate) below: String,
    pub(crate) query: Vec<(String, String)>,
}

impl Asked {
    /// `query` as it stands in the address.
    pub(crate) fn new(method: &Method, below: &str, query: Option<&str>) -> Self {
        let query = form_urlencoded::parse(query.unwrap_or_default().as_bytes());
        Self { method: method.clone(), below: below.to_owned(), query: query.into_owned().collect() }
    }

    /// The value of a parameter; names are compared without regard to case, as the servers these callers know do.
    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

impl Plan {
    /// Whether any end point has this path, whatever the method.
    pub(crate) fn knows_path(&self, below: &str) -> bool {
        self.endpoints.iter().any(|endpoint| endpoint.path == below)
    }

    /// Whether any end point has this path and method.
    pub(crate) fn knows(&self, asked: &Asked) -> bool {
        self.endpoints.iter().any(|endpoint| endpoint.path == asked.below && endpoint.method == asked.method)
    }

    /// The first end point that takes the request.
    pub(crate) fn endpoint(&self, asked: &Asked, body: &Value) -> Option<&Endpoint> {
        self.endpoints.iter().find(|endpoint| endpoint.takes(asked, body))
    }
}

impl Endpoint {
    fn takes(&self, asked: &Asked, body: &Value) -> bool {
        let query = |(name, wanted): (&String, &String)| {
            asked.parameter(name).is_some_and(|value| value.eq_ignore_ascii_case(wanted))
        };
        let text = |(pointer, wanted): (&String, &String)| match body.pointer(pointer) {
            Some(Value::String(text)) => text.eq_ignore_ascii_case(wanted),
            Some(other @ (Value::Bool(_) | Value::Number(_))) => other.to_string().eq_ignore_ascii_case(wanted),
            Some(Value::Null | Value::Array(_) | Value::Object(_)) | None => false,
        };
        self.path == asked.below
            && self.method == asked.method
            && self.query.iter().all(query)
            && self.body.iter().all(text)
    }
}

impl fmt::Debug for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Plan({} at {}, {} end points)", self.name, self.path, self.endpoints.len())
    }
}
