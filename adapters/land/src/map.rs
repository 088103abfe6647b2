//! Pure translation between callers' English and the land office's shapes, with every check that needs no network. No I/O, no clock.

pub(crate) mod answer;
pub(crate) mod area;
pub(crate) mod check;
pub(crate) mod incoming;
pub(crate) mod link;
pub(crate) mod lists;
pub(crate) mod outgoing;
pub(crate) mod times;

use std::borrow::Cow;

use lienthong_core::secret::Personal;
use lienthong_core::{Body, Fault, FaultKind, text};
use serde::Serialize;

use crate::config::{AreaIds, AttachmentLimits, Dialect, LandConfig, TimesConfig};

/// What mapping needs of the configuration.
#[derive(Debug, Clone)]
pub(crate) struct Rules {
    pub(crate) area_ids: AreaIds,
    /// iLIS takes an address with each parcel.
    pub(crate) parcel_addresses: bool,
    pub(crate) times: TimesConfig,
    pub(crate) attachments: AttachmentLimits,
}

impl Rules {
    pub(crate) fn of(config: &LandConfig) -> Self {
        Self {
            area_ids: config.area_style(),
            parcel_addresses: match config.dialect {
                Dialect::Vbdlis => false,
                Dialect::Ilis => true,
            },
            times: config.times,
            attachments: config.attachments,
        }
    }
}

/// A model of ours as a body.
pub(crate) fn json(model: &impl Serialize) -> Result<Body, Fault> {
    serde_json::to_vec(model)
        .map(Body::json)
        .map_err(|error| Fault::of(FaultKind::Internal, format!("a model could not be written as JSON: {error}")))
}

fn nfc(value: &str) -> Cow<'_, str> {
    if value.is_ascii() { Cow::Borrowed(value) } else { Cow::Owned(text::nfc(value)) }
}

/// As [`nfc`]; blank for what is absent, as the clients seen send it.
fn or_blank(value: Option<&str>) -> Cow<'_, str> {
    value.map_or(Cow::Borrowed(""), nfc)
}

/// As [`or_blank`], for personal data.
fn personal(value: &Option<Personal<String>>) -> Cow<'_, str> {
    or_blank(value.as_ref().map(|Personal(text)| text.as_str()))
}
