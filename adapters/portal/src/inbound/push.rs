//! The envelope of a push: service, day, data, in whatever spelling they come. It authenticates nothing.

use lienthong_core::Fault;
use lienthong_core::fault::FieldProblem;
use lienthong_formats::base64;
use lienthong_kit::input;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use super::unreadable;
use crate::map::tax::XML_BYTES;
use crate::wire::loose::{RawFields, Text};

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
        serde_json::from_str(data.get()).map_err(|error| {
            let FieldProblem { pointer, problem, .. } = input::place::<T>(data.get().as_bytes(), &error);
            unreadable(&format!("/data{pointer}"), &problem)
        })
    }

    /// Where the `place`th of the data's items stands: data may be one, or a list of them.
    pub(super) fn item(&self, place: usize) -> String {
        match self.data {
            Some(data) if data.get().trim_start().starts_with('[') => format!("/data/{place}"),
            Some(_) | None => "/data".to_owned(),
        }
    }
}

/// A scalar as text.
pub(super) fn text_of(raw: &RawValue) -> Option<String> {
    serde_json::from_str::<Text>(raw.get()).ok().map(|Text(text)| text.trim().to_owned())
}

/// The document of a push, or what is wrong with its base64.
pub(super) fn decoded(file: &str) -> Result<Vec<u8>, String> {
    let most = XML_BYTES.saturating_mul(2);
    if file.len() / 4 * 3 > most {
        return Err(format!("is longer than {most} bytes"));
    }
    base64::decode_wrapped(file).map_err(|error| error.to_string())
}
