//! Why a value of the tree could not be read, and where: serde's error type with a place. It reads nothing.

use std::fmt;

use serde::de::Unexpected;

use super::tree::Place;

/// Why a value could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum What {
    UnknownKey {
        key: String,
        known: &'static [&'static str],
    },
    UnknownVariant {
        given: String,
        known: &'static [&'static str],
    },
    Missing {
        keys: Vec<String>,
    },
    Value(String),
    /// The value is marked: reported before.
    Known,
}

/// What went wrong and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failure {
    pub(crate) what: What,
    pub(crate) place: Option<Place>,
    /// Indexes from the root, in the tree as it was read.
    pub(crate) path: Vec<usize>,
    /// The key the value stands under.
    pub(crate) key: Option<String>,
    /// The struct the key belongs to.
    pub(crate) shape: Option<&'static str>,
}

impl Failure {
    pub(super) fn new(what: What) -> Self {
        Self { what, place: None, path: Vec::new(), key: None, shape: None }
    }

    pub(super) fn at(mut self, place: Place) -> Self {
        self.place.get_or_insert(place);
        self
    }

    /// Called from the inside out: each level puts its own index in front.
    pub(super) fn below(mut self, index: usize) -> Self {
        self.path.insert(0, index);
        self
    }

    pub(super) fn under(mut self, key: &str, shape: Option<&'static str>) -> Self {
        if self.key.is_none() {
            self.key = Some(key.to_owned());
            self.shape = shape;
        }
        self
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.what)
    }
}

impl std::error::Error for Failure {}

impl serde::de::Error for Failure {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::new(What::Value(message.to_string()))
    }

    fn unknown_field(field: &str, known: &'static [&'static str]) -> Self {
        Self::new(What::UnknownKey { key: field.to_owned(), known })
    }

    fn unknown_variant(variant: &str, known: &'static [&'static str]) -> Self {
        Self::new(What::UnknownVariant { given: variant.to_owned(), known })
    }

    fn missing_field(field: &'static str) -> Self {
        Self::new(What::Missing { keys: vec![field.to_owned()] })
    }

    /// Without the value: it may be a secret in the wrong place.
    fn invalid_type(given: Unexpected<'_>, expected: &dyn serde::de::Expected) -> Self {
        let given = match given {
            Unexpected::Str(_) => "a text",
            Unexpected::Bool(_) => "a truth value",
            Unexpected::Unsigned(_) | Unexpected::Signed(_) | Unexpected::Float(_) => "a number",
            Unexpected::Seq => "a list",
            Unexpected::Map => "a map",
            Unexpected::Unit => "nothing",
            _ => "something else",
        };
        Self::new(What::Value(format!("{given} stands here, expected {}", spoken(expected))))
    }

    fn invalid_value(_given: Unexpected<'_>, expected: &dyn serde::de::Expected) -> Self {
        Self::new(What::Value(format!("this value is not possible, expected {}", spoken(expected))))
    }
}

/// What serde expects, in words for people who write no Rust.
fn spoken(expected: &dyn serde::de::Expected) -> String {
    let text = expected.to_string();
    match text.as_str() {
        "u8" => "a whole number from 0 to 255".to_owned(),
        "u16" | "u32" | "u64" | "usize" => "a whole number, 0 or more".to_owned(),
        "i8" | "i16" | "i32" | "i64" | "isize" => "a whole number".to_owned(),
        "f32" | "f64" => "a number".to_owned(),
        "a boolean" => "true or false".to_owned(),
        "a string" => "a text".to_owned(),
        "a sequence" => "a list".to_owned(),
        other if other.starts_with("a nonzero") => "a whole number, 1 or more".to_owned(),
        other => other.strip_prefix("struct ").map_or(other, |_| "a map of settings").to_owned(),
    }
}
