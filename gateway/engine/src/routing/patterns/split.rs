//! The declared messages that a delivery makes: one, or one of each element of a list, each judged by itself. It accepts none.

use bytes::Bytes;
use lienthong_core::exchange::Recognition;
use lienthong_core::{Body, BusinessKey, ExchangeMeta, Fault, FaultKind, FieldProblem, limits};
use serde_json::Value as Json;
use vrl::prelude::{KeyString, ObjectMap};
use vrl::value::Value;

use super::{SplitSpec, digest};
use crate::routing::program::shown;
use crate::routing::route::{Route, RouteTarget};
use crate::routing::{class_of, value};

/// One message that came of a delivery, or of one element of its list.
pub struct Row {
    /// Its place in the list, from 0; `None` when nothing was split.
    pub item: Option<u32>,
    pub made: Result<Child, Fault>,
    /// The element itself, where no message could be made of it.
    pub raw: Option<Body>,
}

/// A message ready to be accepted.
pub struct Child {
    pub key: BusinessKey,
    pub input: Json,
    pub body: Body,
    pub recognition: Option<Recognition>,
}

impl Route {
    /// The messages that `sent` makes. A list that is none, or is too long, fails as a whole; an element fails for itself.
    pub fn rows(&self, meta: &ExchangeMeta, sent: &Body) -> Result<Vec<Row>, Fault> {
        let Some(SplitSpec { items, each: _ }) = &self.spec.patterns.split else {
            let input = parsed(&sent.bytes)?;
            let child = self.child(meta, input, Some(sent))?;
            return Ok(vec![Row { item: None, made: Ok(child), raw: None }]);
        };
        let (list, rest) = self.taken_apart(items, sent)?;
        let rows = list.into_iter().zip(0_u32..).map(|(item, index)| self.row(meta, item, index, &rest));
        Ok(rows.collect())
    }

    /// One element again, as after a repair of the route: `item` as it was kept, `sent` the whole it came from.
    pub fn row_again(&self, meta: &ExchangeMeta, sent: &Body, item: &Body, index: u32) -> Result<Child, Fault> {
        let items = self.spec.patterns.split.as_ref().map(|split| split.items.as_str());
        let items = items.ok_or_else(|| {
            Fault::of(FaultKind::Mapping, format!("route {} does not split any more", self.spec.name))
        })?;
        let (_, rest) = self.taken_apart(items, sent)?;
        let item = value::read(&item.bytes).map_err(|_| Fault::of(FaultKind::Mapping, "the element is no JSON"))?;
        self.row(meta, item, index, &rest).made
    }

    /// The list, and the message without it.
    fn taken_apart(&self, items: &str, sent: &Body) -> Result<(Vec<Value>, Value), Fault> {
        let wrong = |problem: String, class: &str| {
            let detail = format!("what route {} splits has no list at `{items}`: it {problem}", self.spec.name);
            Fault::of(FaultKind::Mapping, detail).with_problem(FieldProblem::new(items, problem).of_class(class))
        };
        let mut rest =
            value::read(&sent.bytes).map_err(|_| wrong("is no JSON that can be kept exactly".into(), "text"))?;
        let found = take(&mut rest, items);
        match found {
            Some(Value::Array(list)) if list.len() <= limits::SPLIT_ITEMS => Ok((list, rest)),
            Some(Value::Array(list)) => {
                Err(wrong(format!("has {} elements; the most is {}", list.len(), limits::SPLIT_ITEMS), "array"))
            }
            Some(other) => Err(wrong("is no list".to_owned(), value::class_of(&other))),
            None => Err(wrong("is missing".to_owned(), "missing")),
        }
    }

    fn row(&self, meta: &ExchangeMeta, item: Value, index: u32, rest: &Value) -> Row {
        let made = self.each(meta, &item, index, rest).map_err(|fault| numbered(fault, index));
        let raw = made.is_err().then(|| raw(item));
        Row { item: Some(index), made, raw }
    }

    fn each(&self, meta: &ExchangeMeta, item: &Value, index: u32, rest: &Value) -> Result<Child, Fault> {
        let Some(each) = &self.patterns.each else {
            return Err(Fault::of(FaultKind::Internal, "a split without its program"));
        };
        let event = || {
            Value::Object(ObjectMap::from([
                (KeyString::from("item"), item.clone()),
                (KeyString::from("index"), Value::Integer(i64::from(index))),
                (KeyString::from("message"), rest.clone()),
            ]))
        };
        self.child(meta, each.of_event(meta, event)?, None)
    }

    /// Schema, key and recognition of one message.
    fn child(&self, meta: &ExchangeMeta, input: Json, written: Option<&Body>) -> Result<Child, Fault> {
        let breaches = self.message.as_ref().map(|schema| schema.breaches(&input)).unwrap_or_default();
        if !breaches.is_empty() {
            let detail = format!("what route {} makes breaks the schema of {}", self.spec.name, self.target_name());
            return Err(Fault::of(FaultKind::Invalid, detail).with_problems(breaches));
        }
        let key = self.own_key(&input)?.unwrap_or_else(|| meta.key.clone());
        let recognition = self.recognition(meta, &input)?;
        let body = match written {
            Some(body) => body.clone(),
            None => json(&input)?,
        };
        Ok(Child { key, input, body, recognition })
    }

    /// What the message names as its key, where it has such a field.
    fn own_key(&self, input: &Json) -> Result<Option<BusinessKey>, Fault> {
        let Some(pointer) = self.key_field.as_deref() else { return Ok(None) };
        let (key, class) = match input.pointer(pointer) {
            Some(Json::String(text)) => (BusinessKey::new(text).map_err(|error| error.to_string()), "string"),
            Some(Json::Number(number)) if !number.is_f64() => {
                (BusinessKey::new(&number.to_string()).map_err(|error| error.to_string()), "integer")
            }
            Some(other) => (Err("must be a text or an integer".to_owned()), class_of(other)),
            None => (Err("is required".to_owned()), "missing"),
        };
        key.map(Some).map_err(|why| {
            let detail = format!("the key of {} at `{pointer}` {why}", self.target_name());
            let problem = FieldProblem::new(pointer, format!("as the message's key, {why}")).of_class(class);
            Fault::of(FaultKind::Invalid, detail).with_problem(problem)
        })
    }

    /// What the message is recognised by, where the route recognises any.
    pub(in crate::routing) fn recognised_by(&self, meta: &ExchangeMeta, input: &Json) -> Result<Option<Json>, Fault> {
        let Some(programs) = &self.patterns.recognise else { return Ok(None) };
        let by = programs.by.of_value(meta, input)?;
        if !names_something(&by) {
            let detail = format!("{}: what the message is recognised by is nothing", shown(programs.by.source()));
            let problem = FieldProblem::new("", "must give a text or a list with something in it");
            return Err(Fault::of(FaultKind::Mapping, detail).with_problem(problem.of_class(class_of(&by))));
        }
        Ok(Some(by))
    }

    fn recognition(&self, meta: &ExchangeMeta, input: &Json) -> Result<Option<Recognition>, Fault> {
        let (Some(spec), Some(programs)) = (&self.spec.patterns.recognise, &self.patterns.recognise) else {
            return Ok(None);
        };
        let Some(by) = self.recognised_by(meta, input)? else { return Ok(None) };
        let message = self.target_name();
        let content = programs.content.as_ref().map(|content| content.of_value(meta, input)).transpose()?;
        Ok(Some(Recognition {
            identity: digest::of("identity", message, &by),
            content: match &content {
                Some(Json::Null) => String::new(),
                Some(content) => digest::of("content", message, content),
                None => digest::of("content", message, input),
            },
            until: meta.received_at.saturating_add(spec.within).unwrap_or(lienthong_core::Timestamp::MAX),
        }))
    }

    fn target_name(&self) -> &str {
        match &self.spec.to {
            RouteTarget::Message(name) | RouteTarget::Operation(name) => name.as_str(),
            RouteTarget::Inbox(client) => client.as_str(),
        }
    }
}

/// An identity of nothing would make all messages one.
fn names_something(by: &Json) -> bool {
    match by {
        Json::String(text) => !text.trim().is_empty(),
        Json::Array(parts) => parts.iter().any(|part| match part {
            Json::Null => false,
            Json::String(text) => !text.trim().is_empty(),
            Json::Bool(_) | Json::Number(_) | Json::Array(_) | Json::Object(_) => true,
        }),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::Object(_) => false,
    }
}

/// The value at the pointer, taken out.
fn take(whole: &mut Value, pointer: &str) -> Option<Value> {
    let mut parts: Vec<String> =
        pointer.split('/').skip(1).map(|part| part.replace("~1", "/").replace("~0", "~")).collect();
    let last = parts.pop()?;
    let mut at = whole;
    for part in &parts {
        at = match at {
            Value::Object(fields) => fields.get_mut(part.as_str())?,
            Value::Array(items) => items.get_mut(part.parse::<usize>().ok()?)?,
            _leaf => return None,
        };
    }
    match at {
        Value::Object(fields) => fields.remove(last.as_str()),
        _no_object => None,
    }
}

fn numbered(mut fault: Fault, index: u32) -> Fault {
    fault.detail = format!("row {index}: {}", fault.detail);
    fault
}

fn raw(item: Value) -> Body {
    let written = value::into_json(item).ok().and_then(|item| serde_json::to_vec(&item).ok());
    Body::json(Bytes::from(written.unwrap_or_else(|| b"null".to_vec())))
}

fn parsed(bytes: &[u8]) -> Result<Json, Fault> {
    serde_json::from_slice(bytes)
        .map_err(|error| Fault::of(FaultKind::Mapping, format!("the message is no JSON: {error}")))
}

fn json(value: &Json) -> Result<Body, Fault> {
    serde_json::to_vec(value)
        .map(|bytes| Body::json(Bytes::from(bytes)))
        .map_err(|error| Fault::of(FaultKind::Internal, format!("a JSON value cannot be written: {error}")))
}
