//! Why a document is refused. The texts name places and limits, never content.

use crate::encoding::EncodingError;

/// Why a document is refused. Positions are byte offsets.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum XmlError {
    #[error("the document is larger than {limit} bytes")]
    TooLarge { limit: usize },
    #[error("the document is nested deeper than {limit} elements")]
    TooDeep { limit: usize },
    #[error("the document holds more than {limit} elements")]
    TooManyElements { limit: usize },
    #[error("an element has more than {limit} attributes (byte {at})")]
    TooManyAttributes { limit: usize, at: u64 },
    #[error("an attribute's value is longer than {limit} bytes (byte {at})")]
    AttributeTooLong { limit: usize, at: u64 },
    #[error("an element's text is longer than {limit} bytes (byte {at})")]
    TextTooLong { limit: usize, at: u64 },
    #[error("a name is longer than {limit} bytes (byte {at})")]
    NameTooLong { limit: usize, at: u64 },
    #[error("the document holds a DTD")]
    Dtd,
    #[error("the document uses an entity (byte {at})")]
    Entity { at: u64 },
    #[error("the document holds a character XML does not allow (byte {at})")]
    Character { at: u64 },
    #[error("the document is not well-formed XML (byte {at})")]
    Malformed { at: u64 },
    #[error("the document breaks off")]
    Cut,
    #[error("the document holds no element")]
    Empty,
    #[error("a name's prefix is bound to no namespace (byte {at})")]
    UnboundPrefix { at: u64 },
    #[error("the document {0}")]
    Encoding(#[from] EncodingError),
    #[error("the document declares an encoding that is not read, or another one than it is in")]
    DeclaredEncoding,
    /// A value that no element can be made of.
    #[error("at {pointer}: {problem}")]
    Value { pointer: String, problem: &'static str },
}
