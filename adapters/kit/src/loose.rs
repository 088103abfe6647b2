//! Values as systems really send them: numbers as texts, texts as numbers, one for many. It gives them no meaning.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor, value};

/// A text, whatever scalar was sent; blank for null. Objects and arrays are refused.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Text(pub String);

struct TextVisitor;

impl Visitor<'_> for TextVisitor {
    type Value = Text;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text or a number")
    }
    fn visit_str<E>(self, text: &str) -> Result<Text, E> {
        Ok(Text(text.to_owned()))
    }
    fn visit_string<E>(self, text: String) -> Result<Text, E> {
        Ok(Text(text))
    }
    fn visit_u64<E>(self, number: u64) -> Result<Text, E> {
        Ok(Text(number.to_string()))
    }
    fn visit_i64<E>(self, number: i64) -> Result<Text, E> {
        Ok(Text(number.to_string()))
    }
    fn visit_f64<E>(self, number: f64) -> Result<Text, E> {
        Ok(Text(number.to_string()))
    }
    fn visit_bool<E>(self, flag: bool) -> Result<Text, E> {
        Ok(Text(flag.to_string()))
    }
    fn visit_unit<E>(self) -> Result<Text, E> {
        Ok(Text::default())
    }
    fn visit_none<E>(self) -> Result<Text, E> {
        Ok(Text::default())
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(TextVisitor)
    }
}

/// Many, also when one was sent without its array, and none for null or a blank text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Many<T>(pub Vec<T>);

impl<T> Default for Many<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

struct ManyVisitor<T>(std::marker::PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for ManyVisitor<T> {
    type Value = Many<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array or one object")
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut all: A) -> Result<Many<T>, A::Error> {
        let mut found = Vec::with_capacity(all.size_hint().unwrap_or(0).min(1024));
        while let Some(one) = all.next_element()? {
            found.push(one);
        }
        Ok(Many(found))
    }
    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Many<T>, A::Error> {
        T::deserialize(value::MapAccessDeserializer::new(map)).map(|one| Many(vec![one]))
    }
    fn visit_unit<E>(self) -> Result<Many<T>, E> {
        Ok(Many::default())
    }
    fn visit_none<E>(self) -> Result<Many<T>, E> {
        Ok(Many::default())
    }
    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Many<T>, E> {
        if text.trim().is_empty() { Ok(Many::default()) } else { Err(E::custom("a text stands where a list belongs")) }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Many<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(ManyVisitor(std::marker::PhantomData))
    }
}

/// An object's fields in the order they came, values untouched.
pub struct RawFields<'a>(pub Vec<(Cow<'a, str>, &'a serde_json::value::RawValue)>);

/// Most fields of one object that are looked at.
const FIELDS: usize = 256;

struct RawFieldsVisitor;

impl<'de> Visitor<'de> for RawFieldsVisitor {
    type Value = RawFields<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<RawFields<'de>, A::Error> {
        let mut fields = Vec::new();
        while let Some(name) = map.next_key::<Name<'de>>()? {
            if fields.len() >= FIELDS {
                return Err(serde::de::Error::custom("has too many fields"));
            }
            fields.push((name.0, map.next_value()?));
        }
        Ok(RawFields(fields))
    }
}

impl<'de> Deserialize<'de> for RawFields<'de> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_map(RawFieldsVisitor)
    }
}

/// A key, borrowed when it holds no escapes.
struct Name<'a>(Cow<'a, str>);

impl<'de> Deserialize<'de> for Name<'de> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct NameVisitor;
        impl<'de> Visitor<'de> for NameVisitor {
            type Value = Name<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a name")
            }
            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Name<'de>, E> {
                Ok(Name(Cow::Borrowed(text)))
            }
            fn visit_str<E>(self, text: &str) -> Result<Name<'de>, E> {
                Ok(Name(Cow::Owned(text.to_owned())))
            }
        }
        from.deserialize_str(NameVisitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_as_texts_and_texts_as_numbers_are_texts() {
        let read: Vec<Text> = serde_json::from_str(r#"["5", 5, "", null, 1.5, "Ngày làm việc", true]"#).unwrap();
        let texts: Vec<&str> = read.iter().map(|text| text.0.as_str()).collect();
        assert_eq!(texts, ["5", "5", "", "", "1.5", "Ngày làm việc", "true"]);
        assert!(serde_json::from_str::<Text>("{}").is_err());
    }

    #[test]
    fn one_for_many_is_many() {
        use std::collections::BTreeMap;
        type Rows = Many<BTreeMap<String, Text>>;
        assert_eq!(serde_json::from_str::<Rows>(r#"[{"a":1},{"a":2}]"#).unwrap().0.len(), 2);
        assert_eq!(serde_json::from_str::<Rows>(r#"{"a":1}"#).unwrap().0.len(), 1);
        assert_eq!(serde_json::from_str::<Rows>("null").unwrap().0.len(), 0);
        assert_eq!(serde_json::from_str::<Rows>(r#"" ""#).unwrap().0.len(), 0);
        assert!(serde_json::from_str::<Rows>(r#""không có""#).is_err());
    }

    #[test]
    fn raw_fields_keep_order_repeats_and_bytes() {
        let fields: RawFields<'_> = serde_json::from_str(r#"{"b": 1.50, "a": "x", "b": [ ]}"#).unwrap();
        let shown: Vec<(&str, &str)> = fields.0.iter().map(|(name, raw)| (name.as_ref(), raw.get())).collect();
        assert_eq!(shown, [("b", "1.50"), ("a", "\"x\""), ("b", "[ ]")]);
    }
}
