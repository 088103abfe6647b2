//! Bodies as bytes: JSON, XML, form and multipart, from a mapped value. It maps nothing and sends nothing.

mod multipart;
#[cfg(test)]
mod tests;

use bytes::Bytes;
use lienthong_core::fault::FieldProblem;
use lienthong_formats::xml::{self, XmlError};
use serde_json::{Map, Value};

use crate::config::{BodyConfig, BodyForm, XmlConfig};
use crate::template::{class, scalar};

/// A body ready to be sent.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Encoded {
    pub(crate) content_type: String,
    pub(crate) bytes: Bytes,
}

impl std::fmt::Debug for Encoded {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Encoded({}, {} bytes)", self.content_type, self.bytes.len())
    }
}

/// How one request's body is written.
#[derive(Debug, Clone)]
pub(crate) enum Encoder {
    Json { content_type: String },
    Xml { content_type: String, root: String, namespace: Option<String>, order: xml::Order },
    Form { content_type: String },
    Multipart { files: Vec<String> },
}

impl Encoder {
    /// `None` when the configuration lacks what the form needs; validation tells it.
    pub(crate) fn new(config: &BodyConfig) -> Option<Self> {
        let BodyConfig { form, content_type, xml, files } = config;
        let typed = |own: &str| content_type.clone().unwrap_or_else(|| own.to_owned());
        Some(match form {
            BodyForm::Json => Self::Json { content_type: typed("application/json") },
            BodyForm::Form => Self::Form { content_type: typed("application/x-www-form-urlencoded") },
            BodyForm::Multipart => Self::Multipart { files: files.clone() },
            BodyForm::Xml => {
                let XmlConfig { root, namespace, order } = xml.clone()?;
                let content_type = typed("application/xml; charset=utf-8");
                Self::Xml { content_type, root, namespace, order: xml::Order::new(order) }
            }
        })
    }

    /// The value as bytes; what this form cannot hold is told by field. `reference` names the boundary of parts.
    pub(crate) fn encode(&self, body: &Value, reference: &str) -> Result<Encoded, Vec<FieldProblem>> {
        match self {
            Self::Json { content_type } => Ok(encoded(content_type, body.to_string())),
            Self::Xml { content_type, root, namespace, order } => {
                document(body, root, namespace.as_deref(), order).map(|text| encoded(content_type, text))
            }
            Self::Form { content_type } => form(body).map(|text| encoded(content_type, text)),
            Self::Multipart { files } => multipart::encode(body, files, reference),
        }
    }
}

fn encoded(content_type: &str, text: String) -> Encoded {
    Encoded { content_type: content_type.to_owned(), bytes: text.into() }
}

/// The value as the content of the outermost element.
fn document(
    body: &Value,
    root: &str,
    namespace: Option<&str>,
    order: &xml::Order,
) -> Result<String, Vec<FieldProblem>> {
    let mut content = body.clone();
    if let (Value::Object(fields), Some(namespace)) = (&mut content, namespace) {
        fields.insert("@xmlns".into(), namespace.into());
    }
    let mut whole = Map::new();
    whole.insert(root.to_owned(), content);
    let element = xml::from_value(&Value::Object(whole), order).map_err(|error| vec![of_xml(root, error)])?;
    Ok(xml::document(&element))
}

/// The problem by its pointer into the value, which does not know the outermost element.
fn of_xml(root: &str, error: XmlError) -> FieldProblem {
    match error {
        XmlError::Value { pointer, problem } => {
            let below = pointer.strip_prefix(&format!("/{root}")).unwrap_or(&pointer).to_owned();
            FieldProblem::new(below, problem)
        }
        other => FieldProblem::new("", other.to_string()),
    }
}

fn form(body: &Value) -> Result<String, Vec<FieldProblem>> {
    let mut written = form_urlencoded::Serializer::new(String::new());
    let mut problems = Vec::new();
    for (name, value) in fields(body)? {
        for (pointer, item) in items(name, value) {
            match (scalar(item), item) {
                (Some(text), _) => {
                    written.append_pair(name, &text);
                }
                (None, Value::Null) => {}
                (None, Value::Array(_) | Value::Object(_) | Value::Bool(_) | Value::Number(_) | Value::String(_)) => {
                    problems.push(not_flat(pointer, item));
                }
            }
        }
    }
    if problems.is_empty() { Ok(written.finish()) } else { Err(problems) }
}

/// The fields of a flat form.
fn fields(body: &Value) -> Result<impl Iterator<Item = (&String, &Value)>, Vec<FieldProblem>> {
    let object = body.as_object().ok_or_else(|| {
        vec![FieldProblem::new("", "must be an object to be sent as a form").of_class(class(Some(body)))]
    })?;
    Ok(object.iter())
}

/// A field's values with their pointers: itself, or the items of a list.
fn items<'v>(name: &str, value: &'v Value) -> Vec<(String, &'v Value)> {
    let at = format!("/{}", name.replace('~', "~0").replace('/', "~1"));
    match value {
        Value::Array(items) => items.iter().enumerate().map(|(place, item)| (format!("{at}/{place}"), item)).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => vec![(at, value)],
    }
}

fn not_flat(pointer: String, value: &Value) -> FieldProblem {
    FieldProblem::new(pointer, "must be a text or a number in a form").of_class(class(Some(value)))
}
