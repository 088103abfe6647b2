//! What a program sees: the types of `.` and `%exchange`, and only those parts of them it asks for. It runs nothing.

use std::collections::{BTreeMap, BTreeSet};

use lienthong_core::{Class, ExchangeMeta, Timestamp};
use serde_json::{Map, Value as Json};
use vrl::path::{OwnedSegment, OwnedTargetPath, PathPrefix};
use vrl::prelude::{Collection, Field, KeyString, ObjectMap};
use vrl::value::{Kind, Value};

use super::{ProgramSource, diagnose};
use crate::routing::problem::RouteProblem;
use crate::routing::value;

const ROOT: &str = "exchange";

/// A field of `%exchange`: its name, its type, and how it is told.
type MetaField = (&'static str, fn() -> Kind, fn(&ExchangeMeta) -> Option<Value>);

const FIELDS: [MetaField; 11] = [
    ("id", Kind::bytes, |meta| Some(meta.id.to_string().into())),
    ("client", Kind::bytes, |meta| Some(meta.client.as_str().into())),
    ("operation", Kind::bytes, |meta| Some(meta.operation.as_str().into())),
    ("key", Kind::bytes, |meta| Some(meta.key.as_str().into())),
    ("purpose", optional_text, |meta| meta.purpose.as_deref().map(Value::from)),
    ("unit", optional_text, |meta| meta.on_behalf_of.as_ref()?.unit.as_deref().map(Value::from)),
    ("officer", optional_text, |meta| meta.on_behalf_of.as_ref()?.officer.as_deref().map(Value::from)),
    ("due_at", || Kind::timestamp().or_undefined(), |meta| meta.due_at.map(timestamp)),
    ("received_at", Kind::timestamp, |meta| Some(timestamp(meta.received_at))),
    ("class", Kind::bytes, |meta| Some(class(meta.class).into())),
    (
        "version",
        || Kind::integer().or_undefined(),
        |meta| meta.descent.as_ref()?.version.map(|version| i64::from(version).into()),
    ),
];

fn optional_text() -> Kind {
    Kind::bytes().or_undefined()
}

fn timestamp(at: Timestamp) -> Value {
    Value::Timestamp(std::time::SystemTime::from(at).into())
}

fn class(class: Class) -> &'static str {
    match class {
        Class::Live => "live",
        Class::Bulk => "bulk",
    }
}

/// `.`: an object of which nothing more is known when compiling.
pub(super) fn body_kind() -> Kind {
    Kind::object(Collection::any())
}

/// `%`: exactly `%exchange` and its fields.
pub(super) fn meta_kind() -> Kind {
    let fields: BTreeMap<Field, Kind> = FIELDS.iter().map(|(name, kind, _)| (Field::from(*name), kind())).collect();
    let root = BTreeMap::from([(Field::from(ROOT), Kind::object(Collection::from(fields)))]);
    Kind::object(Collection::from(root))
}

/// Which fields of `%exchange` a program asks for.
pub(super) struct MetaReads(Vec<&'static MetaField>);

impl MetaReads {
    pub(super) fn of(queries: &[OwnedTargetPath]) -> Self {
        let asked: Vec<_> = queries.iter().filter(|path| path.prefix == PathPrefix::Metadata).map(second).collect();
        let wanted = |field: &&MetaField| asked.iter().any(|name| name.is_none_or(|name| name == field.0));
        Self(FIELDS.iter().filter(wanted).collect())
    }

    pub(super) fn value(&self, meta: &ExchangeMeta) -> Value {
        if self.0.is_empty() {
            return Value::Object(ObjectMap::new());
        }
        let told = self.0.iter().filter_map(|field| Some((KeyString::from(field.0), (field.2)(meta)?)));
        let fields: ObjectMap = told.collect();
        Value::Object(BTreeMap::from([(KeyString::from(ROOT), Value::Object(fields))]))
    }
}

/// The name after `%exchange`; `None` when a query takes more than one field.
fn second(path: &OwnedTargetPath) -> Option<&str> {
    match path.path.segments.get(1) {
        Some(OwnedSegment::Field(name)) => Some(name.as_str()),
        Some(OwnedSegment::Index(_)) | None => None,
    }
}

/// Which top-level fields of the body a program asks for.
pub(super) enum BodyReads {
    Whole,
    Fields(BTreeSet<KeyString>),
}

impl BodyReads {
    pub(super) fn of(queries: &[OwnedTargetPath]) -> Self {
        let mut fields = BTreeSet::new();
        for path in queries.iter().filter(|path| path.prefix == PathPrefix::Event) {
            match path.path.segments.first() {
                Some(OwnedSegment::Field(name)) => fields.insert(name.clone()),
                Some(OwnedSegment::Index(_)) | None => return Self::Whole,
            };
        }
        Self::Fields(fields)
    }

    /// The event with what is asked for.
    pub(super) fn event(&self, body: &Map<String, Json>) -> Value {
        let known = |name: &KeyString| Some((name.clone(), value::from_json(body.get(name.as_str())?)));
        match self {
            Self::Fields(names) => Value::Object(names.iter().filter_map(known).collect()),
            Self::Whole => Value::Object(
                body.iter().map(|(name, field)| (name.as_str().into(), value::from_json(field))).collect(),
            ),
        }
    }
}

/// Metadata that does not exist would silently be null: a misspelt name is a problem.
pub(super) fn unknown_fields(source: &ProgramSource, queries: &[OwnedTargetPath]) -> Vec<RouteProblem> {
    let unknown = |path: &&OwnedTargetPath| path.prefix == PathPrefix::Metadata && !is_known(path);
    let mut problems: Vec<RouteProblem> = Vec::new();
    for path in queries.iter().filter(unknown) {
        let text = path.to_string();
        let mut problem = diagnose::at(source, source.text.find(&text).unwrap_or(0), format!("there is no `{text}`"));
        let names: Vec<&str> = FIELDS.iter().map(|field| field.0).collect();
        problem.remedy = format!("`%exchange` has {}", names.join(", "));
        if !problems.contains(&problem) {
            problems.push(problem);
        }
    }
    problems
}

fn is_known(path: &OwnedTargetPath) -> bool {
    let field = |segment: &OwnedSegment, names: &[&str]| match segment {
        OwnedSegment::Field(name) => names.contains(&name.as_str()),
        OwnedSegment::Index(_) => false,
    };
    match path.path.segments.as_slice() {
        [] => true,
        [root] => field(root, &[ROOT]),
        [root, name] => field(root, &[ROOT]) && field(name, &FIELDS.map(|field| field.0)),
        [_, _, ..] => false,
    }
}
