//! What the generated JSON Schema knows of our types: which keys are needed and what they mean. It validates nothing.

use std::collections::BTreeMap;

use schemars::{JsonSchema, SchemaGenerator};
use serde_json::Value;

/// Needed keys and descriptions by type name, which is also serde's name of the struct.
#[derive(Debug, Default)]
pub(crate) struct Shapes(BTreeMap<String, Shape>);

#[derive(Debug, Default)]
struct Shape {
    required: Vec<String>,
    descriptions: BTreeMap<String, String>,
}

impl Shapes {
    pub(crate) fn of<T: JsonSchema>() -> Self {
        let schema = SchemaGenerator::default().into_root_schema_for::<T>().to_value();
        let mut shapes = BTreeMap::new();
        if let Some(name) = schema.get("title").and_then(Value::as_str) {
            shapes.insert(name.to_owned(), Shape::read(&schema));
        }
        for (name, definition) in schema.get("$defs").and_then(Value::as_object).into_iter().flatten() {
            shapes.insert(name.clone(), Shape::read(definition));
        }
        Self(shapes)
    }

    /// The keys of a struct that cannot be left out; empty for types without a schema of their own.
    pub(crate) fn required(&self, shape: &str) -> &[String] {
        self.0.get(shape).map_or(&[], |shape| &shape.required)
    }

    pub(crate) fn describe(&self, shape: &str, key: &str) -> Option<&str> {
        self.0.get(shape)?.descriptions.get(key).map(String::as_str)
    }
}

impl Shape {
    fn read(schema: &Value) -> Self {
        let list = |value: &Value| value.as_str().map(str::to_owned);
        let required =
            schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(list).collect();
        let mut descriptions = BTreeMap::new();
        for (key, property) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
            if let Some(text) = property.get("description").and_then(Value::as_str) {
                descriptions.insert(key.clone(), text.split_whitespace().collect::<Vec<_>>().join(" "));
            }
        }
        Self { required, descriptions }
    }
}
