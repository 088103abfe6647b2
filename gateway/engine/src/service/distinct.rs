//! JSON in which no object names a field twice: readers do not agree on which of the two counts, so neither may. It knows no schema.

use std::fmt;

use serde::de::{Deserialize, DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};
use serde_path_to_error::Segment;

/// Why a text is refused.
#[derive(Debug)]
pub(super) enum Unread {
    NoJson(serde_json::Error),
    /// The pointer of the field that stands twice.
    Twice(String),
}

/// The value in the bytes. They are parsed once; only a failure is parsed again, to find where.
pub(super) fn read(bytes: &[u8]) -> Result<Value, Unread> {
    serde_json::from_slice::<Distinct>(bytes).map(|Distinct(value)| value).map_err(|error| match error.classify() {
        serde_json::error::Category::Data => Unread::Twice(place(bytes)),
        serde_json::error::Category::Syntax | serde_json::error::Category::Eof | serde_json::error::Category::Io => {
            Unread::NoJson(error)
        }
    })
}

fn place(bytes: &[u8]) -> String {
    let mut from = serde_json::Deserializer::from_slice(bytes);
    let Err(error) = serde_path_to_error::deserialize::<_, Distinct>(&mut from) else { return String::new() };
    let part = |segment: &Segment| match segment {
        Segment::Seq { index } => format!("/{index}"),
        Segment::Map { key } => format!("/{}", key.replace('~', "~0").replace('/', "~1")),
        Segment::Enum { .. } | Segment::Unknown => String::new(),
    };
    error.path().iter().map(part).collect()
}

struct Distinct(Value);

impl<'de> Deserialize<'de> for Distinct {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(DistinctVisitor).map(Self)
    }
}

/// Refuses in the value's place, so that the error's path is the field's own.
struct Refused;

impl<'de> DeserializeSeed<'de> for Refused {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, _: D) -> Result<Value, D::Error> {
        Err(D::Error::custom("stands twice"))
    }
}

struct DistinctVisitor;

impl<'de> Visitor<'de> for DistinctVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }
    fn visit_bool<E>(self, flag: bool) -> Result<Value, E> {
        Ok(Value::Bool(flag))
    }
    fn visit_i64<E>(self, number: i64) -> Result<Value, E> {
        Ok(Value::Number(number.into()))
    }
    fn visit_u64<E>(self, number: u64) -> Result<Value, E> {
        Ok(Value::Number(number.into()))
    }
    fn visit_f64<E>(self, number: f64) -> Result<Value, E> {
        Ok(Number::from_f64(number).map_or(Value::Null, Value::Number))
    }
    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::String(text.to_owned()))
    }
    fn visit_string<E>(self, text: String) -> Result<Value, E> {
        Ok(Value::String(text))
    }
    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut all: A) -> Result<Value, A::Error> {
        let mut found = Vec::new();
        while let Some(Distinct(one)) = all.next_element()? {
            found.push(one);
        }
        Ok(Value::Array(found))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut fields = Map::new();
        while let Some(name) = map.next_key::<String>()? {
            let value = match fields.contains_key(&name) {
                true => map.next_value_seed(Refused)?,
                false => map.next_value::<Distinct>()?.0,
            };
            fields.insert(name, value);
        }
        Ok(Value::Object(fields))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn twice(text: &str) -> String {
        match read(text.as_bytes()) {
            Err(Unread::Twice(pointer)) => pointer,
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn a_field_that_stands_twice_is_named_wherever_it_stands() {
        assert_eq!(twice(r#"{"code":"A","code":"A"}"#), "/code");
        assert_eq!(twice(r#"{"owner":{"name":"A","kind":1,"name":"B"}}"#), "/owner/name");
        assert_eq!(twice(r#"{"papers":[{},{"a/b":1,"a\/b":{"x":[]}}]}"#), "/papers/1/a~1b");
        assert!(read(br#"{"a":{"code":1},"b":{"code":1}}"#).is_ok());
    }

    #[test]
    fn what_is_no_json_is_told_as_such() {
        for text in ["", "{", "{\"a\":1e999}", "{\"a\":\"\\ud800\"}", "{} x", &"[".repeat(1000)] {
            assert!(matches!(read(text.as_bytes()), Err(Unread::NoJson(_))), "{text:.40}");
        }
    }

    fn any_value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<u64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            "\\PC{0,8}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 32, 5, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
                proptest::collection::btree_map("\\PC{0,6}", inner, 0..5)
                    .prop_map(|fields| Value::Object(fields.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn everything_else_reads_as_it_always_did(value in any_value()) {
            let text = value.to_string();
            prop_assert_eq!(read(text.as_bytes()).unwrap(), serde_json::from_str::<Value>(&text).unwrap());
        }
    }
}
