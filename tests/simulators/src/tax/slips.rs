//! Transfer slips as they came, byte for byte: their hash, how often, about which dossier; it must not change one.

use std::collections::HashMap;

use serde::Serialize;
use sha2::{Digest as _, Sha256};

/// Slips kept at most.
const SLIPS: usize = 100_000;

/// One slip. The same bytes are one slip, however often they come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Slip {
    /// SHA-256 of the bytes, lower-case hexadecimal.
    pub sha256: String,
    pub bytes: u64,
    /// The dossier code found in it.
    pub dossier: Option<String>,
    /// Whether it holds an XML signature.
    pub signed: bool,
    /// How often it came: more than once is a duplicate.
    pub times: u64,
}

#[derive(Default)]
pub(super) struct Slips {
    all: Vec<Slip>,
    by_hash: HashMap<String, usize>,
}

impl Slips {
    /// True when it is new.
    pub(super) fn take(&mut self, text: &str, dossier: Option<String>) -> bool {
        let sha256: String = Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
        if let Some(slip) = self.by_hash.get(&sha256).and_then(|place| self.all.get_mut(*place)) {
            slip.times += 1;
            return false;
        }
        if self.all.len() < SLIPS {
            self.by_hash.insert(sha256.clone(), self.all.len());
            let signed = text.contains("http://www.w3.org/2000/09/xmldsig#");
            self.all.push(Slip { sha256, bytes: text.len() as u64, dossier, signed, times: 1 });
        }
        true
    }

    pub(super) fn all(&self) -> Vec<Slip> {
        self.all.clone()
    }

    /// Different slips, and how often one came again.
    pub(super) fn counts(&self) -> (u64, u64) {
        (self.all.len() as u64, self.all.iter().map(|slip| slip.times - 1).sum())
    }
}
