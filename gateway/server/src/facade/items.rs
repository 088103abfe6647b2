//! From a request's body to its messages: where they stand, which belong together, what a program makes of each. It stores nothing.

use std::collections::BTreeMap;

use bytes::Bytes;
use lienthong_core::exchange::TraceContext;
use lienthong_core::{
    BusinessKey, Class, Fault, FaultCode, FaultKind, FieldProblem, OnBehalfOf, OperationName, Timestamp,
};
use lienthong_engine::service::Submission;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::plan::{Asked, Endpoint, Place};

/// One message as it stands in a request: an element, or the elements of one key.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Item {
    /// As its end point's pointer finds it.
    pub(crate) key: Option<String>,
    pub(crate) elements: Vec<Value>,
}

/// What a program leaves of an item.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Made {
    #[serde(default)]
    pub(crate) key: Option<BusinessKey>,
    pub(crate) body: Value,
    #[serde(default)]
    aliases: Vec<BusinessKey>,
    #[serde(default)]
    pub(crate) purpose: Option<String>,
    #[serde(default)]
    pub(crate) on_behalf_of: Option<OnBehalfOf>,
    #[serde(default)]
    due_at: Option<Timestamp>,
    #[serde(default)]
    expires_at: Option<Timestamp>,
    #[serde(default)]
    not_before: Option<Timestamp>,
    #[serde(default)]
    class: Option<Class>,
}

impl Endpoint {
    /// The messages of a request, in its order; those of one key together where the end point says so.
    pub(crate) fn items(&self, body: &Value) -> Result<Vec<Item>, Fault> {
        let (at, elements) = match &self.place {
            Place::Each(pointer) => (pointer, each(pointer, body)?),
            Place::One(pointer) => (pointer, vec![(String::new(), one(pointer, body)?)]),
        };
        if elements.is_empty() {
            return Err(wrong(at, "holds no item"));
        }
        if elements.len() > self.most {
            return Err(wrong(at, &format!("holds {} items; {} is the most", elements.len(), self.most)));
        }
        let mut items: Vec<Item> = Vec::with_capacity(elements.len());
        let mut known: BTreeMap<String, usize> = BTreeMap::new();
        for (place, element) in elements {
            let key = self.key_of(element, &place)?;
            let earlier = key.as_ref().filter(|_| self.group).and_then(|key| known.get(key)).copied();
            if let Some(item) = earlier.and_then(|earlier| items.get_mut(earlier)) {
                item.elements.push(element.clone());
                continue;
            }
            if let Some(key) = &key {
                known.insert(key.clone(), items.len());
            }
            items.push(Item { key, elements: vec![element.clone()] });
        }
        Ok(items)
    }

    fn key_of(&self, element: &Value, place: &str) -> Result<Option<String>, Fault> {
        let Some(pointer) = &self.key else { return Ok(None) };
        match element.pointer(pointer).and_then(Value::as_str).map(str::trim) {
            Some(key) if !key.is_empty() => Ok(Some(key.to_owned())),
            Some(_) | None if self.is_read => Ok(None),
            Some(_) | None => Err(wrong(&format!("{place}{pointer}"), "is missing: it says whom this is about")),
        }
    }

    /// What the program of an item, and what the templates of its answer, are handed.
    pub(crate) fn event(&self, item: &Item, asked: &Asked, body: &Value) -> Value {
        let mut event = self.surroundings(asked);
        match item.elements.as_slice() {
            [only] if !self.group => event.insert("item".to_owned(), only.clone()),
            elements => event.insert("items".to_owned(), Value::Array(elements.to_vec())),
        };
        event.insert("envelope".to_owned(), self.envelope(body));
        Value::Object(event)
    }

    /// What an event tells besides its messages.
    pub(crate) fn surroundings(&self, asked: &Asked) -> Map<String, Value> {
        let query: Map<String, Value> =
            asked.query.iter().map(|(name, value)| (name.clone(), Value::from(value.as_str()))).collect();
        let mut event = Map::new();
        event.insert("endpoint".to_owned(), json!(self.name));
        event.insert("values".to_owned(), Value::Object(self.values.clone()));
        event.insert("query".to_owned(), Value::Object(query));
        event
    }

    /// The fields beside the messages, where these stand in an envelope.
    fn envelope(&self, body: &Value) -> Value {
        let (Place::Each(pointer) | Place::One(pointer)) = &self.place;
        let Some(first) = pointer.split('/').nth(1) else { return json!({}) };
        match body {
            Value::Object(fields) => Value::Object(
                fields.iter().filter(|(name, _)| *name != first).map(|(n, v)| (n.clone(), v.clone())).collect(),
            ),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => json!({}),
        }
    }

    /// What the program makes of an item.
    pub(crate) fn made(&self, item: &Item, asked: &Asked, body: &Value) -> Result<Made, Fault> {
        let left = self.program.run(self.event(item, asked, body))?;
        let mut made: Made = serde_json::from_value(left).map_err(|error| {
            Fault::of(FaultKind::Mapping, format!("the program of end point {} leaves no message: {error}", self.name))
        })?;
        if made.key.is_none()
            && let Some(key) = &item.key
        {
            made.key = Some(BusinessKey::new(key).map_err(|problem| wrong("/key", &problem.to_string()))?);
        }
        Ok(made)
    }
}

impl Made {
    /// The message for the service.
    pub(crate) fn submission(self, operation: &OperationName, trace: &TraceContext) -> Result<Submission, Fault> {
        let Self { key, body, aliases, purpose, on_behalf_of, due_at, expires_at, not_before, class } = self;
        Ok(Submission {
            operation: operation.clone(),
            key: key.ok_or_else(|| wrong("/key", "is missing: it says whom this is about"))?,
            body: written(&body)?,
            purpose,
            on_behalf_of,
            due_at,
            expires_at,
            not_before,
            aliases,
            class: class.unwrap_or_default(),
            idempotency_key: None,
            callback: None,
            trace: Some(trace.clone()),
        })
    }
}

/// A value as JSON bytes.
pub(crate) fn written(value: &Value) -> Result<Bytes, Fault> {
    let bytes = serde_json::to_vec(value);
    bytes.map(Bytes::from).map_err(|error| Fault::of(FaultKind::Internal, format!("JSON cannot be written: {error}")))
}

/// Elements with the pointers they stand at.
fn each<'b>(pointer: &str, body: &'b Value) -> Result<Vec<(String, &'b Value)>, Fault> {
    match body.pointer(pointer) {
        Some(Value::Array(elements)) => {
            Ok(elements.iter().enumerate().map(|(place, element)| (format!("{pointer}/{place}"), element)).collect())
        }
        Some(_) | None => Err(wrong(pointer, "must be an array")),
    }
}

fn one<'b>(pointer: &str, body: &'b Value) -> Result<&'b Value, Fault> {
    match body.pointer(pointer) {
        Some(found @ (Value::Object(_) | Value::Null)) => Ok(found),
        Some(_) | None => Err(wrong(pointer, "must be an object")),
    }
}

pub(crate) fn wrong(pointer: &str, problem: &str) -> Fault {
    Fault::new(FaultKind::Invalid, FaultCode::Invalid, format!("{pointer} {problem}").trim_start())
        .with_problem(FieldProblem::new(pointer, problem))
}
