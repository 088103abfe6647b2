//! Authenticates a push by the shared key in its body, and takes the key out of what is kept. It understands nothing else.

use std::fmt::Write as _;

use bytes::Bytes;
use lienthong_core::secret::{ExposeSecret, SecretString};
use lienthong_core::{Body, ContentType, Fault, FaultCode, FaultKind};
use serde_json::Value;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::push::{Push, decoded, text_of};
use crate::wire::inbound::NoticeData;
use crate::wire::loose::RawFields;

/// An authenticated push.
pub(super) struct Raw<'a> {
    /// `None`: not UTF-8, hence kept unread.
    pub(super) push: Option<Push<'a>>,
    /// Everything as it came but the key.
    pub(super) body: Body,
    /// Of what the push says, without the key and without the accidents of its writing.
    pub(super) digest: String,
}

/// Fields that may hold the key; one platform calls it a session.
const KEY_FIELDS: [&str; 2] = ["securitykey", "session"];

/// Reads far enough to see who it is from. `Err`: not from the portal, or no JSON object at all.
pub(super) fn authenticated<'a>(body: &'a Bytes, key: &SecretString) -> Result<Raw<'a>, Fault> {
    let bytes = lienthong_kit::fault::without_mark(body);
    let not_json = || Fault::new(FaultKind::Invalid, FaultCode::BadJson, "the push is not a JSON object");
    if std::str::from_utf8(bytes).is_err() {
        return unreadable_bytes(bytes, key).ok_or_else(not_json)?;
    }
    let fields: RawFields<'a> = serde_json::from_slice(bytes).map_err(|_| not_json())?;
    check(&fields, key)?;
    let push = Push::of(&fields);
    let digest = digest(&push, &fields);
    // Wherever else it may stand: in a field of another name, in words.
    let kept = replaced(without_key(&fields).as_bytes(), key.expose_secret().as_bytes());
    // Fields are only skipped so far: what is nested without end or holds half a character is JSON to nobody after us.
    let is_json = serde_json::from_slice::<Value>(&kept).is_ok();
    let content_type = if is_json { ContentType::Json } else { ContentType::Binary };
    Ok(Raw { push: Some(push), body: Body { content_type, bytes: kept.into() }, digest })
}

/// A body in a legacy encoding: names and key are ASCII all the same, so it can be authenticated and kept.
fn unreadable_bytes(bytes: &[u8], key: &SecretString) -> Option<Result<Raw<'static>, Fault>> {
    let lossy = String::from_utf8_lossy(bytes);
    let fields: RawFields<'_> = serde_json::from_str(&lossy).ok()?;
    if let Err(fault) = check(&fields, key) {
        return Some(Err(fault));
    }
    let kept = match replaced(bytes, key.expose_secret().as_bytes()) {
        // The key was written with escapes: its field is taken out of what could be decoded.
        same if same == bytes => without_key(&fields).into_bytes(),
        kept => kept,
    };
    let digest = hex(Sha256::new_with_prefix(&kept));
    let body = Body { content_type: ContentType::Binary, bytes: kept.into() };
    Some(Ok(Raw { push: None, body, digest }))
}

fn check(fields: &RawFields<'_>, key: &SecretString) -> Result<(), Fault> {
    let given = |wanted: &str| -> Vec<String> {
        let matching = fields.0.iter().filter(|(name, _)| name.eq_ignore_ascii_case(wanted));
        matching.map(|(_, raw)| text_of(raw).unwrap_or_default()).collect()
    };
    let keys = KEY_FIELDS.iter().map(|name| given(name)).find(|found| !found.is_empty()).unwrap_or_default();
    // Digests have one length, so that comparing them tells nothing of the key's.
    let expected = Sha256::digest(key.expose_secret().as_bytes());
    let same = |given: &String| bool::from(Sha256::digest(given.as_bytes()).as_slice().ct_eq(expected.as_slice()));
    if !keys.is_empty() && keys.iter().all(same) {
        return Ok(());
    }
    let detail =
        if keys.is_empty() { "the push carries no SecurityKey" } else { "the push carries another SecurityKey" };
    Err(Fault::new(FaultKind::Unauthenticated, FaultCode::NoCredentials, detail))
}

/// The object again, byte for byte but for the fields that hold the key.
fn without_key(fields: &RawFields<'_>) -> String {
    let mut kept = String::from("{");
    for (name, raw) in &fields.0 {
        if KEY_FIELDS.iter().any(|key| name.eq_ignore_ascii_case(key)) {
            continue;
        }
        if kept.len() > 1 {
            kept.push(',');
        }
        kept.push_str(&Value::from(name.as_ref()).to_string());
        kept.push(':');
        kept.push_str(raw.get());
    }
    kept.push('}');
    kept
}

/// What the push says: service, day, whether it corrects, and its data; a file by its content, whatever its line breaks.
fn digest(push: &Push<'_>, fields: &RawFields<'_>) -> String {
    let mut digest = Sha256::new();
    let Push { service, day, updating, data } = push;
    for part in [service.as_deref(), day.as_deref(), updating.map(|flag| if flag { "1" } else { "0" })] {
        digest.update(part.unwrap_or("").as_bytes());
        digest.update([0]);
    }
    let file = push.data::<NoticeData>().ok().and_then(|NoticeData { file }| decoded(&file).ok());
    match (file, data.and_then(|raw| serde_json::from_str::<Value>(raw.get()).ok())) {
        (Some(file), _) => digest.update(file),
        (None, Some(value)) => canonical(&value, &mut digest),
        (None, None) => digest.update(without_key(fields)),
    }
    hex(digest)
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

fn hex(digest: Sha256) -> String {
    digest.finalize().iter().fold(String::with_capacity(64), |mut text, byte| {
        // Writing to a String cannot fail.
        let _written = write!(text, "{byte:02x}");
        text
    })
}

/// The bytes with every occurrence of the key gone.
fn replaced(bytes: &[u8], key: &[u8]) -> Vec<u8> {
    let mut kept = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some((first, after)) = rest.split_first() {
        match rest.strip_prefix(key).filter(|_| !key.is_empty()) {
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
