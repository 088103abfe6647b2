//! Operations in the public JSON: what can be asked, with schemas and examples.

use lienthong_core::OperationSpec;
use lienthong_engine::routing::Entry;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::names::EffectName;

/// One operation as a list shows it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct OperationSummary {
    #[schema(example = "portal.sync-dossier")]
    pub name: String,
    pub summary: String,
    pub effect: EffectName,
    /// Only the newest state matters: older unsent ones may be superseded.
    pub snapshot: bool,
    /// Can be called synchronously.
    pub callable: bool,
    /// Pushed by the external system: it can be received, not asked for.
    pub inbound: bool,
}

/// One operation with its schemas.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Operation {
    #[serde(flatten)]
    pub summary: OperationSummary,
    /// JSON Schema (2020-12) of the input.
    #[schema(value_type = Object)]
    pub input: Value,
    /// JSON Schema (2020-12) of the output.
    #[schema(value_type = Object)]
    pub output: Value,
    /// An input that passes its schema, with synthetic people.
    #[schema(value_type = Object)]
    pub example: Value,
    /// The input field that must equal the exchange's key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key_field: Option<String>,
    /// JSON pointers (`*` = any element) of personal data.
    pub personal: Vec<String>,
    /// Largest input, in bytes.
    pub body_limit: usize,
}

/// What can be asked.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct OperationList {
    pub operations: Vec<OperationSummary>,
}

impl From<&Entry> for OperationSummary {
    fn from(entry: &Entry) -> Self {
        let spec = &entry.spec;
        Self {
            name: spec.name.to_string(),
            summary: spec.summary.to_string(),
            effect: spec.effect.into(),
            snapshot: spec.snapshot,
            callable: spec.is_callable() && !entry.inbound,
            inbound: entry.inbound,
        }
    }
}

impl From<&Entry> for Operation {
    fn from(entry: &Entry) -> Self {
        let OperationSpec { input, output, example, key_field, personal, body_limit, .. } = &entry.spec;
        Self {
            summary: entry.into(),
            input: input.clone(),
            output: output.clone(),
            example: example.clone(),
            key_field: key_field.as_ref().map(ToString::to_string),
            personal: personal.iter().map(ToString::to_string).collect(),
            body_limit: *body_limit,
        }
    }
}
