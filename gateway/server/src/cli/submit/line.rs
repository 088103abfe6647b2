//! One line of the input: its envelope with the raw body untouched, and the idempotency key that makes repeating harmless.

use std::collections::{BTreeMap, HashMap};

use csv::StringRecord;
use lienthong_core::limits;
use serde_json::value::RawValue;
use sha2::{Digest as _, Sha256};

use crate::config::hex;

/// The member that is not part of the envelope: it becomes the `Idempotency-Key`.
const OWN_KEY: &str = "idempotency_key";

/// A line ready to be sent.
#[derive(Debug)]
pub(crate) struct Line {
    pub(crate) number: u64,
    /// The business key: lines of one key keep their order.
    pub(crate) key: String,
    pub(crate) idempotency_key: String,
    /// The envelope as JSON; every value stands as it stood in the line.
    pub(crate) envelope: String,
    /// The row it was made of, where it came from an export.
    pub(crate) row: Option<StringRecord>,
}

impl Line {
    /// `seen` counts equal contents, so that 4→5→4 is three submissions, and the same file again is none.
    pub(crate) fn read(number: u64, text: &[u8], seen: &mut HashMap<u128, u32>) -> Result<Self, String> {
        let members: BTreeMap<String, Box<RawValue>> =
            serde_json::from_slice(text).map_err(|error| format!("the line is no JSON object: {error}"))?;
        let mut envelope = members;
        let own = envelope.remove(OWN_KEY).map(|raw| serde_json::from_str::<String>(raw.get()));
        let own = own.transpose().map_err(|_| format!("`{OWN_KEY}` must be a text"))?;
        let key = envelope.get("key").map(|raw| serde_json::from_str::<String>(raw.get()));
        let key = key.and_then(Result::ok).ok_or("`key` is missing: the business key, such as the dossier code")?;
        let text = serde_json::to_string(&envelope).map_err(|error| error.to_string())?;
        let idempotency_key = match own {
            Some(own) if own.is_empty() || own.len() > limits::IDEMPOTENCY_KEY_BYTES => {
                return Err(format!("`{OWN_KEY}` must have 1 to {} bytes", limits::IDEMPOTENCY_KEY_BYTES));
            }
            Some(own) => own,
            None => {
                let digest = Sha256::digest(text.as_bytes());
                let short = digest.iter().take(16).fold(0_u128, |sum, byte| sum << 8 | u128::from(*byte));
                let times = seen.entry(short).or_default();
                *times += 1;
                derived(&[&hex(&digest), &times.to_string()])
            }
        };
        Ok(Self { number, key, idempotency_key, envelope: text, row: None })
    }
}

/// An idempotency key made from content.
pub(crate) fn derived(parts: &[&str]) -> String {
    let mut digest = Sha256::new();
    for part in parts {
        digest.update((part.len() as u64).to_be_bytes());
        digest.update(part.as_bytes());
    }
    format!("lienthong-{}", hex(&digest.finalize()))
}
