//! The operations that can be asked or may come in, with compiled schemas. It knows no route.

mod breach;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;

use jsonschema::{Draft, PatternOptions, Validator};
use lienthong_core::inbound::InboundOperation;
use lienthong_core::operation::Text;
use lienthong_core::{Effect, FieldProblem, OperationName, OperationSpec, limits};
use serde_json::Value;

use crate::terms::Searchable;

/// Every operation by name.
#[derive(Clone, Default)]
pub struct Catalogue {
    entries: BTreeMap<OperationName, Entry>,
}

/// One operation with its compiled input schema.
#[derive(Clone)]
pub struct Entry {
    pub spec: OperationSpec,
    /// True for what external systems push: it can be routed from, not asked for.
    pub inbound: bool,
    /// True for a message declared by configuration: what the gateway itself makes, and who may ask for it.
    pub message: bool,
    /// What exchanges of it are found by.
    pub searchable: Searchable,
    input: Arc<Validator>,
}

impl Catalogue {
    /// Compiles every schema (2020-12, `format` asserted, patterns in linear time, nothing fetched); the problems name operation and schema.
    /// An example that its own schema refuses, and a name used twice, are problems too.
    pub fn build(outbound: &[OperationSpec], inbound: &[InboundOperation]) -> Result<Self, Vec<String>> {
        let asked = outbound.iter().map(|spec| (spec.clone(), false));
        let pushed = inbound.iter().map(|operation| (as_spec(operation), true));
        let (mut catalogue, mut problems) = (Self::default(), Vec::new());
        for (spec, inbound) in asked.chain(pushed) {
            let name = spec.name.clone();
            match Entry::new(spec, inbound) {
                Ok(entry) => {
                    if catalogue.entries.insert(name.clone(), entry).is_some() {
                        problems.push(format!("operation {name}: declared twice"));
                    }
                }
                Err(found) => problems.extend(found),
            }
        }
        if problems.is_empty() { Ok(catalogue) } else { Err(problems) }
    }

    /// Adds declared messages; the problems stand beside the name of their message.
    pub fn declare(&mut self, messages: &[Message]) -> Vec<(OperationName, String)> {
        let mut problems = Vec::new();
        for message in messages {
            let name = message.name.clone();
            match Entry::new(message.spec(), false) {
                Ok(entry) if !self.entries.contains_key(&name) => {
                    self.entries.insert(name, Entry { message: true, ..entry });
                }
                Ok(_) => problems.push((name.clone(), format!("{name} is the name of an operation already"))),
                Err(found) => problems.extend(found.into_iter().map(|problem| (name.clone(), problem))),
            }
        }
        problems
    }

    /// The declared messages.
    pub fn messages(&self) -> impl Iterator<Item = &OperationSpec> {
        self.entries.values().filter(|entry| entry.message).map(|entry| &entry.spec)
    }

    pub fn get(&self, operation: &OperationName) -> Option<&Entry> {
        self.entries.get(operation)
    }

    pub fn iter(&self) -> impl Iterator<Item = &Entry> {
        self.entries.values()
    }
}

impl Entry {
    fn new(spec: OperationSpec, inbound: bool) -> Result<Self, Vec<String>> {
        let input = compiled(&spec.name, "input", &spec.input);
        let output = compiled(&spec.name, "output", &spec.output);
        let input = match (input, output) {
            (Ok(input), Ok(_)) => Arc::new(input),
            (input, output) => return Err([input.err(), output.err()].into_iter().flatten().collect()),
        };
        let breaches = breach::of(&input, &spec.example);
        let searchable = Searchable::of(&spec.input, &spec.personal)
            .map_err(|found| found.into_iter().map(|problem| format!("operation {}: {problem}", spec.name)));
        let searchable = searchable.map_err(Iterator::collect::<Vec<String>>)?;
        if breaches.is_empty() {
            return Ok(Self { spec, inbound, message: false, searchable, input });
        }
        let told = |breach: &FieldProblem| {
            format!(
                "operation {}: its example breaks its input schema at `{}`: {}",
                spec.name, breach.pointer, breach.problem
            )
        };
        Err(breaches.iter().map(told).collect())
    }

    /// Every breach of the input schema, at most `limits::FIELD_PROBLEMS`, with pointers; values are not repeated.
    pub fn validate(&self, body: &Value) -> Vec<FieldProblem> {
        breach::of(&self.input, body)
    }

    /// The compiled input schema, to be kept by a route.
    pub(super) fn input(&self) -> InputSchema {
        InputSchema(Arc::clone(&self.input))
    }
}

/// A message of our own, declared by configuration: made by routes, and routed from.
#[derive(Debug, Clone)]
pub struct Message {
    pub name: OperationName,
    /// One sentence: what it says.
    pub summary: Text,
    /// JSON Schema (2020-12) of its body.
    pub schema: Value,
    /// A body that passes the schema, with synthetic people.
    pub example: Value,
    /// JSON pointer of its business key.
    pub key: Text,
    /// JSON pointers (with `*` for any element) of personal data.
    pub personal: Vec<Text>,
}

impl Message {
    /// Making it again from the same delivery does no harm: its children are unique.
    fn spec(&self) -> OperationSpec {
        let Self { name, summary, schema, example, key, personal } = self.clone();
        OperationSpec {
            name,
            summary,
            effect: Effect::Upsert,
            snapshot: false,
            lookup: None,
            input: schema,
            output: Value::Bool(true),
            example,
            key_field: Some(key),
            personal,
            body_limit: limits::BODY_BYTES,
            splits: false,
        }
    }
}

/// An operation's compiled input schema.
#[derive(Clone)]
pub(super) struct InputSchema(Arc<Validator>);

impl InputSchema {
    pub(super) fn breaches(&self, body: &Value) -> Vec<FieldProblem> {
        breach::of(&self.0, body)
    }
}

fn compiled(operation: &OperationName, which: &str, schema: &Value) -> Result<Validator, String> {
    let options = jsonschema::options()
        .with_draft(Draft::Draft202012)
        .should_validate_formats(true)
        .with_pattern_options(PatternOptions::regex())
        .offline();
    options.build(schema).map_err(|error| {
        format!("operation {operation}: its {which} schema is not valid at `{}`: {error}", error.instance_path())
    })
}

/// A push is an event that happened once: it is never asked for and never looked up.
fn as_spec(operation: &InboundOperation) -> OperationSpec {
    let InboundOperation { name, summary, body, example, personal } = operation;
    OperationSpec {
        name: name.clone(),
        summary: summary.clone(),
        effect: Effect::Once,
        snapshot: false,
        lookup: None,
        input: body.clone(),
        output: Value::Bool(true),
        example: example.clone(),
        key_field: None,
        personal: personal.clone(),
        body_limit: limits::BODY_BYTES,
        splits: false,
    }
}
