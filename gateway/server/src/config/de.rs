//! Serde over the tree: every failure carries the place, the path and the key it happened at. It stops at the first; `read` goes on.

use serde::de::value::StrDeserializer;
use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, Error as _, IntoDeserializer as _, MapAccess,
    SeqAccess, VariantAccess, Visitor,
};
use serde::forward_to_deserialize_any;

use super::failure::{Failure, What};
use super::shapes::Shapes;
use super::tree::{Entry, Kind, Node, Scalar};

pub(crate) fn deserialize<T: DeserializeOwned>(root: &Node, shapes: &Shapes) -> Result<T, Failure> {
    T::deserialize(De { node: root, shapes }).map_err(|failure| failure.at(root.place))
}

#[derive(Clone, Copy)]
struct De<'n> {
    node: &'n Node,
    shapes: &'n Shapes,
}

impl<'n> De<'n> {
    fn usable(self) -> Result<&'n Kind, Failure> {
        if self.node.bad { Err(Failure::new(What::Known).at(self.node.place)) } else { Ok(&self.node.kind) }
    }

    fn of(self, node: &'n Node) -> Self {
        Self { node, shapes: self.shapes }
    }

    /// A scalar as a text, even when unquoted and shaped like a number: what is asked for decides.
    fn text<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
        match self.usable()? {
            Kind::Scalar(scalar) => visitor.visit_str(&scalar.text),
            Kind::Null | Kind::List(_) | Kind::Map(_) => self.deserialize_any(visitor),
        }
    }

    fn entries<'de, V: Visitor<'de>>(
        self,
        entries: &'n [Entry],
        shape: Option<&'static str>,
        visitor: V,
    ) -> Result<V::Value, Failure> {
        let access = Entries { de: self, entries, next: 0, shape };
        visitor.visit_map(access).map_err(|failure| self.complete(failure, entries, shape).at(self.node.place))
    }

    /// Turns a failure that ends the reading of a struct into the keys it misses, all of them, before the struct is given up.
    fn complete(self, failure: Failure, entries: &[Entry], shape: Option<&'static str>) -> Failure {
        let mut missing = match &failure.what {
            What::Missing { keys } if failure.place.is_none() => keys.clone(),
            What::Known if failure.path.len() == 1 => Vec::new(),
            What::Missing { .. } | What::Known | What::Value(_) => return failure,
            What::UnknownKey { .. } | What::UnknownVariant { .. } => return failure,
        };
        for key in shape.map_or(&[][..], |shape| self.shapes.required(shape)) {
            if !missing.contains(key) && !entries.iter().any(|entry| entry.key == *key) {
                missing.push(key.clone());
            }
        }
        if missing.is_empty() {
            return failure;
        }
        Failure { what: What::Missing { keys: missing }, place: None, path: Vec::new(), key: None, shape }
    }
}

/// What a plain scalar means where any value may stand (YAML 1.2 core schema).
fn resolve<'de, V: Visitor<'de>>(scalar: &Scalar, visitor: V) -> Result<V::Value, Failure> {
    let text = scalar.text.as_str();
    if !scalar.plain {
        return visitor.visit_str(text);
    }
    match text {
        "true" => return visitor.visit_bool(true),
        "false" => return visitor.visit_bool(false),
        _ => {}
    }
    let digits = text.strip_prefix('-').unwrap_or(text);
    let leading_zero = digits.len() > 1 && digits.starts_with('0') && !digits.starts_with("0.");
    if leading_zero || !digits.starts_with(|c: char| c.is_ascii_digit()) {
        return visitor.visit_str(text);
    }
    if let Ok(number) = text.parse::<u64>() {
        return visitor.visit_u64(number);
    }
    if let Ok(number) = text.parse::<i64>() {
        return visitor.visit_i64(number);
    }
    match text.parse::<f64>() {
        Ok(number) if number.is_finite() => visitor.visit_f64(number),
        Ok(_) | Err(_) => visitor.visit_str(text),
    }
}

impl<'de> Deserializer<'de> for De<'_> {
    type Error = Failure;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
        let result = match self.usable()? {
            Kind::Null => visitor.visit_unit(),
            Kind::Scalar(scalar) => resolve(scalar, visitor),
            Kind::List(items) => return visitor.visit_seq(Items { de: self, items, next: 0 }),
            Kind::Map(entries) => return self.entries(entries, None, visitor),
        };
        result.map_err(|failure| failure.at(self.node.place))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
        match self.usable()? {
            Kind::Null => visitor.visit_none(),
            Kind::Scalar(_) | Kind::List(_) | Kind::Map(_) => visitor.visit_some(self),
        }
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
        self.text(visitor)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
        self.text(visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Failure> {
        match self.usable()? {
            Kind::Map(entries) => self.entries(entries, Some(name), visitor),
            // An empty section is one in which everything has its default.
            Kind::Null => self.entries(&[], Some(name), visitor),
            Kind::Scalar(_) | Kind::List(_) => self.deserialize_any(visitor),
        }
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
        match self.usable()? {
            Kind::Null => self.entries(&[], None, visitor),
            Kind::Scalar(_) | Kind::List(_) | Kind::Map(_) => self.deserialize_any(visitor),
        }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
        match self.usable()? {
            Kind::Null => visitor.visit_seq(Items { de: self, items: &[], next: 0 }),
            Kind::Scalar(_) | Kind::List(_) | Kind::Map(_) => self.deserialize_any(visitor),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _name: &'static str, visitor: V) -> Result<V::Value, Failure> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Failure> {
        let place = self.node.place;
        let variant = match self.usable()? {
            Kind::Scalar(scalar) => Variant { de: self, name: &scalar.text, content: None },
            Kind::Map(entries) => match entries.as_slice() {
                [entry] => Variant { de: self, name: &entry.key, content: Some(&entry.value) },
                _ => return Err(Failure::custom(format!("give exactly one of {}", variants.join(", "))).at(place)),
            },
            Kind::Null | Kind::List(_) => {
                return Err(Failure::custom(format!("give one of {}", variants.join(", "))).at(place));
            }
        };
        visitor.visit_enum(variant).map_err(|failure| failure.at(place))
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char bytes byte_buf unit unit_struct tuple tuple_struct identifier
    }
}

struct Entries<'n> {
    de: De<'n>,
    entries: &'n [Entry],
    next: usize,
    shape: Option<&'static str>,
}

impl<'de> MapAccess<'de> for Entries<'_> {
    type Error = Failure;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Failure> {
        let Some(entry) = self.entries.get(self.next) else { return Ok(None) };
        let key: StrDeserializer<'_, Failure> = entry.key.as_str().into_deserializer();
        match seed.deserialize(key) {
            Ok(key) => Ok(Some(key)),
            // An unknown key belongs to the map; a key that is no valid value is taken out as if it were the value.
            Err(failure) if matches!(failure.what, What::UnknownKey { .. }) => Err(failure.at(entry.key_place)),
            Err(_) if entry.value.bad => Err(Failure::new(What::Known).at(entry.key_place).below(self.next)),
            Err(failure) => Err(failure.at(entry.key_place).under(&entry.key, None).below(self.next)),
        }
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Failure> {
        let index = self.next;
        self.next += 1;
        let Some(entry) = self.entries.get(index) else { return Err(Failure::custom("a value without a key")) };
        let value = seed.deserialize(self.de.of(&entry.value));
        value.map_err(|failure| failure.at(entry.value.place).under(&entry.key, self.shape).below(index))
    }
}

struct Items<'n> {
    de: De<'n>,
    items: &'n [Node],
    next: usize,
}

impl<'de> SeqAccess<'de> for Items<'_> {
    type Error = Failure;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Failure> {
        let index = self.next;
        self.next += 1;
        let Some(item) = self.items.get(index) else { return Ok(None) };
        let value = seed.deserialize(self.de.of(item));
        value.map(Some).map_err(|failure| failure.at(item.place).below(index))
    }
}

struct Variant<'n> {
    de: De<'n>,
    name: &'n str,
    content: Option<&'n Node>,
}

impl<'de> EnumAccess<'de> for Variant<'_> {
    type Error = Failure;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), Failure> {
        let name: StrDeserializer<'_, Failure> = self.name.into_deserializer();
        seed.deserialize(name).map(|value| (value, self))
    }
}

impl Variant<'_> {
    fn content(&self) -> Result<De<'_>, Failure> {
        let missing = || Failure::custom(format!("`{}` needs content: write `{}: …`", self.name, self.name));
        self.content.map(|node| self.de.of(node)).ok_or_else(missing)
    }
}

impl<'de> VariantAccess<'de> for Variant<'_> {
    type Error = Failure;

    fn unit_variant(self) -> Result<(), Failure> {
        match self.content {
            None => Ok(()),
            Some(node) if node.kind == Kind::Null => Ok(()),
            Some(_) => Err(Failure::custom(format!("`{}` takes nothing below it", self.name))),
        }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Failure> {
        let content = self.content()?;
        let place = content.node.place;
        seed.deserialize(content).map_err(|failure| failure.at(place).under(self.name, None).below(0))
    }

    fn tuple_variant<V: Visitor<'de>>(self, _len: usize, visitor: V) -> Result<V::Value, Failure> {
        self.content()?.deserialize_seq(visitor).map_err(|failure| failure.below(0))
    }

    fn struct_variant<V: Visitor<'de>>(self, fields: &'static [&'static str], visitor: V) -> Result<V::Value, Failure> {
        let content = self.content()?;
        let place = content.node.place;
        content
            .deserialize_struct("", fields, visitor)
            .map_err(|failure| failure.at(place).under(self.name, None).below(0))
    }
}
