//! What callers say and hear, in English: inputs and outputs of the operations and of what comes in. No wire name and no I/O here.

mod file;
mod incoming;
mod list;
mod outgoing;

pub use file::{FetchFile, FetchedFile};
pub use incoming::{
    DossierFinished, DossierForwarded, EndKind, LinkedFile, SupplementReceived, SupplementRequested, TaxNoticeLink,
    TaxResultReceived, UndocumentedPush,
};
pub use list::{CheckCounterparts, CounterpartCheck, Entry, ListKind, ListReceived, NoInput};
pub use outgoing::{
    Applicant, Area, Attachment, DossierSent, NewDossier, Outcome, Paper, Parcel, Process, ResultReturned, Supplement,
    WrongDossier,
};

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
