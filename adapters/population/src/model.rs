//! What callers say and hear, in English: the question every operation asks, and the answers. No wire name and no I/O here.

mod answer;
mod citizen;
mod question;

pub use answer::{CitizenVerified, Household, MaritalStatusConfirmed};
pub use citizen::{Birth, BloodGroup, Citizen, Head, MaritalStatus, Place, Relative, Sex};
pub use question::{CitizenQuestion, Purpose};

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::Value;

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
