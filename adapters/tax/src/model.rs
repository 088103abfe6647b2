//! What callers say and hear, in English: inputs and outputs of the operations. No wire name and no I/O here.

mod ledger;
mod slip;
mod taxpayer;

pub use ledger::{FindLandLedger, LandLedger, LedgerEntry, LedgerState, LedgerTotal, Owner, Parcel, SubItem};
pub use slip::{ObligationSubmitted, SubmitLandObligation};
pub use taxpayer::{FindTaxpayer, Taxpayer, TaxpayerAddress, TaxpayerFound};

use jiff::civil::Date;
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::Serialize;
use serde_json::Value;

/// An area in the tax authority's own codes (3, 5 and 7 digits, or `01TTT`, `020HH`), which are not the statistics office's: look them up
/// in a table of their own.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct TaxArea {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub province: Option<TaxUnit>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub district: Option<TaxUnit>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub commune: Option<TaxUnit>,
}

/// One administrative unit as the tax authority names it; either may be missing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct TaxUnit {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// The answer a result was taken from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Answered {
    /// The gateway's own message id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message_id: Option<String>,
    /// The day it says it was sent, where that can be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>", extend("format" = "date"))]
    pub sent_on: Option<Date>,
}

/// The JSON Schema (2020-12) of what is read from callers.
pub(crate) fn input_schema<T: JsonSchema>() -> Value {
    settings().into_generator().into_root_schema_for::<T>().to_value()
}

/// The JSON Schema (2020-12) of what is answered.
pub(crate) fn output_schema<T: JsonSchema>() -> Value {
    settings().for_serialize().into_generator().into_root_schema_for::<T>().to_value()
}

fn settings() -> SchemaSettings {
    SchemaSettings::draft2020_12().with(|settings| settings.inline_subschemas = true)
}
