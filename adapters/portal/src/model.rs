//! What callers say and hear, in English: inputs and outputs of the operations. No wire name and no I/O here.

mod catalogue;
mod dossier;
mod status;
mod tax;
mod work;

pub use catalogue::{
    Agencies, Agency, Case, CaseStep, Channel, FieldOfWork, Fields, FoundDossier, LegalBasis, Named, NoInput,
    PaperAsked, PaperCase, Price, Procedure, ProcedureInput, ProcedureOutput, ProcedureSummary, Procedures, Term,
};
pub use dossier::{
    Dossier, DossierQuery, DossierSynced, Fee, Identity, IdentityKind, OtherPaper, Owner, OwnerKind, Paper,
    ReceptionChannel, ResultPaper, ReturnMethod, Supplement, SyncAction,
};
pub use status::Status;
pub use tax::{Payer, TaxNotice, TaxNoticeReceived, TaxPayment, TaxReceiptReceived};
pub use work::{Accepted, Progress, ProgressStep, StatusUpdate};

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

/// Schemas are self-contained, so that limits can be set at fixed pointers.
fn settings() -> SchemaSettings {
    SchemaSettings::draft2020_12().with(|settings| settings.inline_subschemas = true)
}
