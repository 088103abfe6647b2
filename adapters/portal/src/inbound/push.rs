//! The envelope of a push: service, day, data, in whatever spelling they come. It authenticates nothing.

use std::borrow::Cow;

use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use lienthong_core::Fault;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use super::unreadable;
use crate::map::tax::XML_BYTES;
use crate::wire::loose::{RawFields, Text};

/// Padding is taken or left: senders do either.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// A push's envelope. Names are compared without regard to case: `service` and `Service` are both in use.
pub(super) struct Push<'a> {
    pub(super) service: Option<String>,
    pub(super) day: Option<String>,
    pub(super) updating: Option<bool>,
    pub(super) data: Option<&'a RawValue>,
}

impl<'a> Push<'a> {
    pub(super) fn of(fields: &RawFields<'a>) -> Self {
        let raw = |name: &str| fields.0.iter().find(|(field, _)| field.eq_ignore_ascii_case(name)).map(|(_, raw)| *raw);
        let text = |name: &str| raw(name).and_then(text_of);
        Self {
            service: text("service"),
            day: text("ngay"),
            updating: text("isUpdating").and_then(|flag| match flag.to_ascii_lowercase().as_str() {
                "true" | "1" => Some(true),
                "false" | "0" => Some(false),
                _other => None,
            }),
            data: raw("data"),
        }
    }

    pub(super) fn data<T: DeserializeOwned>(&self) -> Result<T, Fault> {
        let Some(data) = self.data else { return Err(unreadable("/data", "is missing")) };
        serde_json::from_str(data.get()).map_err(|_| unreadable("/data", "is not of the form this service has"))
    }
}

/// A scalar as text.
pub(super) fn text_of(raw: &RawValue) -> Option<String> {
    serde_json::from_str::<Text>(raw.get()).ok().map(|Text(text)| text.trim().to_owned())
}

/// Base64 with whatever white space it was wrapped in, within the limit.
pub(super) fn decoded(file: &str) -> Option<Vec<u8>> {
    if file.len() / 4 * 3 > XML_BYTES.saturating_mul(2) {
        return None;
    }
    let compact: Cow<'_, str> = match file.contains(|c: char| c.is_ascii_whitespace()) {
        true => file.split_ascii_whitespace().collect::<String>().into(),
        false => file.into(),
    };
    BASE64.decode(compact.as_bytes()).ok()
}
