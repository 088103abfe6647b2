//! Pure translation between callers' English and the portal's shapes, with every check that needs no network. No I/O, no clock.

pub(crate) mod answer;
pub(crate) mod catalogue;
pub(crate) mod check;
pub(crate) mod code;
pub(crate) mod dates;
pub(crate) mod dossier;
pub(crate) use lienthong_kit::input;
pub(crate) mod links;
pub(crate) mod tax;
pub(crate) mod work;

use std::borrow::Cow;
use std::collections::BTreeMap;

use lienthong_core::secret::Personal;
use lienthong_core::{Body, Fault, FaultKind, text};
use serde::Serialize;
use unicode_normalization::{IsNormalized, is_nfc_quick};

use crate::config::{CodeRule, FieldLimits};
use crate::model::Status;

#[cfg(test)]
mod tests;

/// What mapping needs of the configuration.
#[derive(Debug, Clone)]
pub(crate) struct Rules {
    pub(crate) codes: CodeRule,
    pub(crate) limits: FieldLimits,
    pub(crate) lossy_statuses: BTreeMap<Status, Status>,
    pub(crate) status_numbers: BTreeMap<Status, u8>,
    pub(crate) progress_steps: usize,
}

impl Rules {
    /// The status to send: itself, unless configuration declares a loss.
    pub(crate) fn sent(&self, status: Status) -> Status {
        self.lossy_statuses.get(&status).copied().unwrap_or(status)
    }
}

/// A model of ours as a body.
pub(crate) fn json(model: &impl Serialize) -> Result<Body, Fault> {
    serde_json::to_vec(model)
        .map(Body::json)
        .map_err(|error| Fault::of(FaultKind::Internal, format!("a model could not be written as JSON: {error}")))
}

/// The text in NFC, copied only when it was not.
pub(crate) fn nfc(value: &str) -> Cow<'_, str> {
    match is_nfc_quick(value.chars()) {
        IsNormalized::Yes => Cow::Borrowed(value),
        IsNormalized::No | IsNormalized::Maybe => Cow::Owned(text::nfc(value)),
    }
}

/// As [`nfc`]; blank for what is absent, as the portal's clients send it.
fn or_blank(value: Option<&str>) -> Cow<'_, str> {
    value.map_or(Cow::Borrowed(""), nfc)
}

/// As [`or_blank`], for personal data.
fn personal(value: &Option<Personal<String>>) -> Cow<'_, str> {
    or_blank(value.as_ref().map(|Personal(text)| text.as_str()))
}

/// `0` and `1`; blank for what is absent.
fn digit(value: Option<bool>) -> &'static str {
    match value {
        Some(true) => "1",
        Some(false) => "0",
        None => "",
    }
}
