//! A push's body as it came: its digest, whatever the order of its fields, and what is kept of it. It understands nothing.

use std::fmt::Write as _;

use bytes::Bytes;
use lienthong_core::secret::{ExposeSecret, SecretString};
use lienthong_core::{Body, ContentType};
use lienthong_formats::encoding::{self, EncodingError};
use lienthong_kit::fault::without_mark;
use serde_json::Value;
use sha2::{Digest, Sha256};

/// Shortest secret that is looked for in a body: a shorter one would blank out words.
const SECRET_BYTES: usize = 8;

pub(super) struct Raw {
    bytes: Bytes,
}

impl Raw {
    /// The secret stands in the address; should a sender repeat it in the body, it is taken out there.
    pub(super) fn of(body: &Bytes, secret: &SecretString) -> Self {
        let secret = secret.expose_secret().as_bytes();
        let given = body.slice_ref(without_mark(body));
        let holds = secret.len() >= SECRET_BYTES && given.windows(secret.len()).any(|window| window == secret);
        Self { bytes: if holds { Bytes::from(replaced(&given, secret)) } else { given } }
    }

    /// Or which encoding it looks like, when it is not UTF-8.
    pub(super) fn text(&self) -> Result<&str, EncodingError> {
        encoding::utf8(&self.bytes)
    }

    /// Of what the push says, without the accidents of its writing; of its bytes, where it is no JSON.
    pub(super) fn digest(&self) -> String {
        let mut digest = Sha256::new();
        match serde_json::from_slice::<Value>(&self.bytes) {
            Ok(value) => canonical(&value, &mut digest),
            Err(_) => digest.update(&self.bytes),
        }
        digest.finalize().iter().fold(String::with_capacity(64), |mut text, byte| {
            // Writing to a String cannot fail.
            let _written = write!(text, "{byte:02x}");
            text
        })
    }

    pub(super) fn into_body(self) -> Body {
        // Parsed whole: what merely looks like JSON, but is nested without end or holds half a character, nobody after us could read.
        let is_json = serde_json::from_slice::<Value>(&self.bytes).is_ok();
        let content_type = if is_json { ContentType::Json } else { ContentType::Binary };
        Body { content_type, bytes: self.bytes }
    }
}

/// Objects by name, so that another order of fields is the same content.
fn canonical(value: &Value, digest: &mut Sha256) {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => digest.update(value.to_string()),
        Value::Array(all) => {
            digest.update("[");
            for one in all {
                canonical(one, digest);
                digest.update(",");
            }
            digest.update("]");
        }
        Value::Object(fields) => {
            let mut sorted: Vec<(&String, &Value)> = fields.iter().collect();
            sorted.sort_by_key(|(name, _)| *name);
            digest.update("{");
            for (name, value) in sorted {
                digest.update(Value::from(name.as_str()).to_string());
                digest.update(":");
                canonical(value, digest);
                digest.update(",");
            }
            digest.update("}");
        }
    }
}

fn replaced(bytes: &[u8], secret: &[u8]) -> Vec<u8> {
    let mut kept = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some((first, after)) = rest.split_first() {
        match rest.strip_prefix(secret) {
            Some(behind) => {
                kept.extend_from_slice(b"***");
                rest = behind;
            }
            None => {
                kept.push(*first);
                rest = after;
            }
        }
    }
    kept
}
