//! A document as a JSON value and back. Texts stay texts: nothing is taken for a number, a date or a missing value.

use serde_json::{Map, Value};

use super::name::{is_character, is_name};
use super::{Arrays, Attribute, Element, Order, XmlError};

/// Deepest value that is written.
const DEPTH: usize = 64;

/// `{"<name>": <content>}`. An element with only text is that text, trimmed; one with nothing is `""`; any other is an object with a
/// field for each child's local name, an array where a child repeats or is declared one, attributes as `@name`, and text beside
/// children or attributes as `#text`. Namespaces and prefixes are left out.
pub fn to_value(element: &Element, arrays: &Arrays) -> Value {
    let mut object = Map::new();
    object.insert(element.name.clone(), content(element, &element.name, arrays));
    Value::Object(object)
}

fn content(element: &Element, path: &str, arrays: &Arrays) -> Value {
    let mut object = Map::new();
    for attribute in &element.attributes {
        object.insert(format!("@{}", attribute.name), Value::String(attribute.value.clone()));
    }
    for name in arrays.of(path) {
        object.insert(name.to_owned(), Value::Array(Vec::new()));
    }
    for child in &element.children {
        let value = content(child, &format!("{path}/{}", child.name), arrays);
        add(&mut object, &child.name, value, arrays.holds(path, &child.name));
    }
    let text = element.text.trim();
    if object.is_empty() {
        return Value::String(text.to_owned());
    }
    if !text.is_empty() {
        object.insert("#text".to_owned(), Value::String(text.to_owned()));
    }
    Value::Object(object)
}

fn add(object: &mut Map<String, Value>, name: &str, value: Value, always_array: bool) {
    match object.get_mut(name) {
        Some(Value::Array(values)) => values.push(value),
        Some(single) => *single = Value::Array(vec![single.take(), value]),
        None if always_array => {
            object.insert(name.to_owned(), Value::Array(vec![value]));
        }
        None => {
            object.insert(name.to_owned(), value);
        }
    }
}

/// The element a value of [`to_value`]'s shape describes: an object with one field, the document's element. Numbers and booleans become
/// their text, `null` an empty element, `[]` nothing. `@xmlns` puts an element and those inside it into a namespace.
pub fn from_value(value: &Value, order: &Order) -> Result<Element, XmlError> {
    let wrong = |problem| XmlError::Value { pointer: String::new(), problem };
    let Value::Object(object) = value else { return Err(wrong("a document is an object with one field")) };
    let mut fields = object.iter();
    let (Some((name, content)), None) = (fields.next(), fields.next()) else {
        return Err(wrong("a document is an object with one field"));
    };
    let maker = Maker { order };
    maker.element(name, content, None, &format!("/{name}"), 0)
}

struct Maker<'a> {
    order: &'a Order,
}

impl Maker<'_> {
    fn element(
        &self,
        name: &str,
        value: &Value,
        namespace: Option<&str>,
        pointer: &str,
        depth: usize,
    ) -> Result<Element, XmlError> {
        if depth >= DEPTH {
            return Err(wrong(pointer, "is nested too deeply"));
        }
        if !is_name(name) {
            return Err(wrong(pointer, "is no name an element can have"));
        }
        let mut element = Element { namespace: namespace.map(str::to_owned), ..Element::new(name) };
        match value {
            Value::Object(fields) => self.fill(&mut element, fields, pointer, depth)?,
            Value::Array(_) => return Err(wrong(pointer, "an array stands where one element must")),
            scalar => element.text = text(scalar, pointer)?,
        }
        Ok(element)
    }

    fn fill(
        &self,
        element: &mut Element,
        fields: &Map<String, Value>,
        pointer: &str,
        depth: usize,
    ) -> Result<(), XmlError> {
        if let Some(namespace) = fields.get("@xmlns") {
            element.namespace = Some(text(namespace, pointer)?).filter(|name| !name.is_empty());
        }
        let namespace = element.namespace.clone();
        let mut sorted: Vec<(&String, &Value)> = fields.iter().collect();
        sorted.sort_by_key(|(name, _)| self.order.place(name));
        for (name, value) in sorted {
            let below = format!("{pointer}/{name}");
            if name == "@xmlns" {
                continue;
            } else if name == "#text" {
                element.text = text(value, &below)?;
            } else if let Some(attribute) = name.strip_prefix('@') {
                element.attributes.push(self::attribute(attribute, value, &below)?);
            } else if let Value::Array(values) = value {
                for (place, one) in values.iter().enumerate() {
                    let below = format!("{below}/{place}");
                    element.children.push(self.element(name, one, namespace.as_deref(), &below, depth + 1)?);
                }
            } else {
                element.children.push(self.element(name, value, namespace.as_deref(), &below, depth + 1)?);
            }
        }
        Ok(())
    }
}

fn attribute(name: &str, value: &Value, pointer: &str) -> Result<Attribute, XmlError> {
    if !is_name(name) || name == "xmlns" {
        return Err(wrong(pointer, "is no name an attribute can have"));
    }
    Ok(Attribute { name: name.to_owned(), value: text(value, pointer)?, ..Attribute::default() })
}

fn text(value: &Value, pointer: &str) -> Result<String, XmlError> {
    let text = match value {
        Value::Null => String::new(),
        Value::Bool(yes) => yes.to_string(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.clone(),
        Value::Array(_) | Value::Object(_) => return Err(wrong(pointer, "must be a text, number or boolean")),
    };
    if text.chars().all(is_character) { Ok(text) } else { Err(wrong(pointer, "holds a character XML cannot carry")) }
}

fn wrong(pointer: &str, problem: &'static str) -> XmlError {
    XmlError::Value { pointer: pointer.to_owned(), problem }
}
