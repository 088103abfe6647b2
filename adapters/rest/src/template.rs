//! Texts with placeholders, for paths, query parameters and headers: parsed when loaded, filled from an input and a call. It encodes nothing.

use lienthong_core::fault::FieldProblem;
use lienthong_core::{CallContext, Timestamp};
use serde_json::{Value, json};

#[cfg(test)]
mod tests;

/// A parsed text. `{.owner.name}` and `{.papers[0].id}` are fields of the input, `{reference}` and its like belong to the call; a brace
/// is written twice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Template(Vec<Part>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    /// JSON pointer into the input.
    Input(String),
    Call(CallField),
}

/// What a call knows besides its input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CallField {
    /// Of this attempt.
    Reference,
    /// Of the delivery: the same in every attempt, for the system's own idempotency key.
    Delivery,
    Key,
    Purpose,
    Unit,
    Officer,
}

/// The call's own values, as texts.
#[derive(Debug, Clone, Default)]
pub(crate) struct CallValues {
    pub(crate) reference: String,
    pub(crate) delivery: Option<String>,
    pub(crate) key: Option<String>,
    pub(crate) purpose: Option<String>,
    pub(crate) unit: Option<String>,
    pub(crate) officer: Option<String>,
}

impl CallValues {
    pub(crate) fn of(cx: &CallContext) -> Self {
        let behalf = cx.on_behalf_of.as_ref();
        Self {
            reference: cx.reference.clone(),
            delivery: cx.delivery.as_ref().map(ToString::to_string),
            key: cx.key.as_ref().map(ToString::to_string),
            purpose: cx.purpose.clone(),
            unit: behalf.and_then(|one| one.unit.clone()),
            officer: behalf.and_then(|one| one.officer.clone()),
        }
    }

    /// Stands for any call, where none is known yet: when the configuration is loaded and at the door.
    pub(crate) fn any() -> Self {
        let some = || Some("any".to_owned());
        Self { reference: "any".into(), delivery: some(), key: some(), purpose: some(), unit: some(), officer: some() }
    }

    /// As programs see them, in `.call`.
    pub(crate) fn event(&self, now: Timestamp) -> Value {
        let Self { reference, delivery, key, purpose, unit, officer } = self;
        json!({
            "reference": reference, "delivery": delivery, "key": key, "purpose": purpose, "unit": unit, "officer": officer,
            "at": now.to_string(),
        })
    }

    fn get(&self, field: CallField) -> Option<&str> {
        match field {
            CallField::Reference => Some(&self.reference),
            CallField::Delivery => self.delivery.as_deref(),
            CallField::Key => self.key.as_deref(),
            CallField::Purpose => self.purpose.as_deref(),
            CallField::Unit => self.unit.as_deref(),
            CallField::Officer => self.officer.as_deref(),
        }
    }
}

impl CallField {
    const ALL: [(&'static str, Self); 6] = [
        ("reference", Self::Reference),
        ("delivery", Self::Delivery),
        ("key", Self::Key),
        ("purpose", Self::Purpose),
        ("unit", Self::Unit),
        ("officer", Self::Officer),
    ];

    fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|(one, _)| *one == name).map(|(_, field)| field)
    }

    fn name(self) -> &'static str {
        Self::ALL.into_iter().find(|(_, field)| *field == self).map_or("", |(name, _)| name)
    }
}

impl std::str::FromStr for Template {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut parts = Vec::new();
        let mut literal = String::new();
        let mut rest = text;
        while let Some(at) = rest.find(['{', '}']) {
            let (before, from) = rest.split_at(at);
            literal.push_str(before);
            if let Some(after) = from.strip_prefix("{{").or_else(|| from.strip_prefix("}}")) {
                literal.push_str(from.get(..1).unwrap_or_default());
                rest = after;
                continue;
            }
            let inside = from.strip_prefix('{').and_then(|inside| inside.split_once('}'));
            let (name, after) =
                inside.ok_or("has a single brace; close the placeholder, or write the brace twice".to_owned())?;
            if !literal.is_empty() {
                parts.push(Part::Text(std::mem::take(&mut literal)));
            }
            parts.push(placeholder(name)?);
            rest = after;
        }
        literal.push_str(rest);
        if !literal.is_empty() {
            parts.push(Part::Text(literal));
        }
        Ok(Self(parts))
    }
}

fn placeholder(name: &str) -> Result<Part, String> {
    if let Some(path) = name.strip_prefix('.') {
        return pointer(path).map(Part::Input);
    }
    CallField::named(name).map(Part::Call).ok_or_else(|| {
        let known: Vec<&str> = CallField::ALL.iter().map(|(name, _)| *name).collect();
        format!(
            "has the unknown placeholder {{{name}}}; a field of the input begins with a dot, and a call has {}",
            known.join(", ")
        )
    })
}

/// `owner.names[0]` as `/owner/names/0`.
fn pointer(path: &str) -> Result<String, String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    let mut pointer = String::new();
    for segment in path.replace('[', ".").replace(']', "").split('.') {
        if segment.is_empty() || !segment.chars().all(plain) {
            return Err(format!(
                "has a placeholder that names no field: {{.{path}}}; write {{.owner.name}} or {{.papers[0].id}}"
            ));
        }
        pointer.push('/');
        pointer.push_str(segment);
    }
    Ok(pointer)
}

/// What a template came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Filled {
    One(String),
    /// The single placeholder held a list.
    Many(Vec<String>),
    /// The single placeholder has no value.
    Absent,
}

impl Template {
    /// Fills it; `written` brings each placeholder's value into the form its place needs, and says what is wrong otherwise.
    pub(crate) fn fill(
        &self,
        input: &Value,
        call: &CallValues,
        written: impl Fn(&str) -> Result<String, &'static str>,
    ) -> Result<Filled, FieldProblem> {
        if let [Part::Input(pointer)] = self.0.as_slice() {
            return alone(pointer, input.pointer(pointer), &written);
        }
        if let [Part::Call(field)] = self.0.as_slice() {
            let Some(value) = call.get(*field) else { return Ok(Filled::Absent) };
            return written(value).map(Filled::One).map_err(|problem| of_call(*field, problem));
        }
        let mut filled = String::new();
        for part in &self.0 {
            match part {
                Part::Text(text) => filled.push_str(text),
                Part::Input(pointer) => {
                    let text = input.pointer(pointer).and_then(scalar);
                    let text = text.ok_or_else(|| needed(pointer, input.pointer(pointer)))?;
                    filled.push_str(&written(&text).map_err(|problem| FieldProblem::new(pointer, problem))?);
                }
                Part::Call(field) => {
                    let value = call
                        .get(*field)
                        .ok_or_else(|| of_call(*field, "is needed for this request and the call has none"))?;
                    filled.push_str(&written(value).map_err(|problem| of_call(*field, problem))?);
                }
            }
        }
        Ok(Filled::One(filled))
    }

    /// The text, when it has no placeholder.
    pub(crate) fn constant(&self) -> Option<&str> {
        match self.0.as_slice() {
            [] => Some(""),
            [Part::Text(text)] => Some(text),
            [Part::Input(_) | Part::Call(_)] | [_, _, ..] => None,
        }
    }

    /// The literal texts, for checks when loaded.
    pub(crate) fn literals(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|part| match part {
            Part::Text(text) => Some(text.as_str()),
            Part::Input(_) | Part::Call(_) => None,
        })
    }
}

fn alone(
    pointer: &str,
    value: Option<&Value>,
    written: &impl Fn(&str) -> Result<String, &'static str>,
) -> Result<Filled, FieldProblem> {
    let write = |text: &str| written(text).map_err(|problem| FieldProblem::new(pointer, problem));
    match value {
        None | Some(Value::Null) => Ok(Filled::Absent),
        Some(Value::Array(items)) => {
            let texts = items.iter().map(|item| scalar(item).ok_or_else(|| needed(pointer, Some(item))));
            let texts = texts.map(|text| write(&text?));
            texts.collect::<Result<Vec<String>, FieldProblem>>().map(Filled::Many)
        }
        Some(one @ (Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_))) => {
            let text = scalar(one).ok_or_else(|| needed(pointer, Some(one)))?;
            write(&text).map(Filled::One)
        }
    }
}

/// A text, number or truth value as text.
pub(crate) fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// The class of a value, in JSON's words.
pub(crate) fn class(value: Option<&Value>) -> &'static str {
    match value {
        None => "missing",
        Some(Value::Null) => "null",
        Some(Value::Bool(_)) => "boolean",
        Some(Value::Number(_)) => "number",
        Some(Value::String(_)) => "text",
        Some(Value::Array(_)) => "array",
        Some(Value::Object(_)) => "object",
    }
}

fn needed(pointer: &str, value: Option<&Value>) -> FieldProblem {
    FieldProblem::new(pointer, "is needed for this request, as a text or a number").of_class(class(value))
}

fn of_call(field: CallField, problem: &str) -> FieldProblem {
    FieldProblem::new("", format!("the call's {} {problem}", field.name()))
}
