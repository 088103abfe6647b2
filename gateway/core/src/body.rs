//! A message's bytes with what they are. It does not parse them.

use bytes::Bytes;
use serde::{Deserialize, Serialize};

/// What the bytes of a body are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ContentType {
    Json,
    Xml,
    Text,
    /// Kept as received, meaning unknown.
    Binary,
}

impl ContentType {
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Xml => "application/xml",
            Self::Text => "text/plain; charset=utf-8",
            Self::Binary => "application/octet-stream",
        }
    }
}

/// Bytes and their type. `Debug` shows the size only: bodies hold personal data.
#[derive(Clone, PartialEq, Eq)]
pub struct Body {
    pub content_type: ContentType,
    pub bytes: Bytes,
}

impl Body {
    pub fn json(bytes: impl Into<Bytes>) -> Self {
        Self { content_type: ContentType::Json, bytes: bytes.into() }
    }
}

impl std::fmt::Debug for Body {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Body({:?}, {} bytes)", self.content_type, self.bytes.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_never_shows_what_a_body_says() {
        let body = Body::json(&b"{\"owner\":\"Nguyen Van Mau\"}"[..]);
        assert_eq!(format!("{body:?}"), "Body(Json, 26 bytes)");
    }
}
