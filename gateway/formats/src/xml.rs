//! XML within hard limits: a small tree, read without DTD or entities, and written escaped. It knows no document type.

mod array;
mod element;
mod error;
mod name;
mod read;
mod value;
mod write;

pub use array::{Arrays, Order};
pub use element::{Attribute, Element};
pub use error::XmlError;
pub use read::read;
pub use value::{from_value, to_value};
pub use write::{document, write};

#[cfg(test)]
mod tests;

/// What a document may be at most. All are hard: nothing is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Of the whole document.
    pub bytes: usize,
    /// Elements inside each other.
    pub depth: usize,
    /// Elements altogether.
    pub elements: usize,
    /// Attributes of one element, namespace declarations among them.
    pub attributes: usize,
    /// Of one attribute's value.
    pub attribute_bytes: usize,
    /// Of one element's own text.
    pub text_bytes: usize,
    /// Of one name.
    pub name_bytes: usize,
}

impl Limits {
    /// For messages of some kilobytes.
    pub const MESSAGE: Self = Self {
        bytes: 8 * 1024 * 1024,
        depth: 32,
        elements: 200_000,
        attributes: 32,
        attribute_bytes: 4 * 1024,
        text_bytes: 64 * 1024,
        name_bytes: 128,
    };

    /// The same, where an element's text may carry a whole document (base64, escaped XML, CDATA).
    pub const CARRIER: Self = Self { bytes: 32 * 1024 * 1024, text_bytes: 32 * 1024 * 1024, ..Self::MESSAGE };

    #[must_use]
    pub const fn with_bytes(self, bytes: usize) -> Self {
        Self { bytes, ..self }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self::MESSAGE
    }
}
