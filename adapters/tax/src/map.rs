//! Pure translation between callers' English and GIP's messages, with every check that needs no network. No I/O, no clock.

pub(crate) mod check;
pub(crate) mod header;
pub(crate) mod ledger;
pub(crate) mod read;
pub(crate) mod slip;
pub(crate) mod taxpayer;

use lienthong_core::secret::Personal;
use lienthong_core::{Body, Fault, FaultKind};
use serde::Serialize;

/// A model of ours as a body.
pub(crate) fn json(model: &impl Serialize) -> Result<Body, Fault> {
    serde_json::to_vec(model)
        .map(Body::json)
        .map_err(|error| Fault::of(FaultKind::Internal, format!("a model could not be written as JSON: {error}")))
}

/// A text where it says something, in NFC: a name is the same name whoever typed it.
fn some(text: String) -> Option<String> {
    Some(text).filter(|text| !text.trim().is_empty()).map(|said| match said.is_ascii() {
        true => said,
        false => lienthong_core::text::nfc(&said),
    })
}

/// As [`some`], for personal data.
fn personal(text: String) -> Option<Personal<String>> {
    some(text).map(Personal)
}
