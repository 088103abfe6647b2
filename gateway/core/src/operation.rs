//! What an adapter offers: operations with their effect, schemas, examples and limits. It does not run them.

use std::borrow::Cow;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::OperationName;

/// A text of a specification: the adapter's own, or from a configuration that describes the operation.
pub type Text = Cow<'static, str>;

/// The adapter's own texts as a specification holds them.
pub fn texts(own: &[&'static str]) -> Vec<Text> {
    own.iter().copied().map(Text::Borrowed).collect()
}

/// What happens when the same content is sent twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Effect {
    /// Changes nothing at the target.
    Read,
    /// Sending the same content again does no harm.
    Upsert,
    /// Must not happen twice.
    Once,
}

/// One operation of one system.
#[derive(Debug, Clone)]
pub struct OperationSpec {
    pub name: OperationName,
    /// One sentence in English: what it does.
    pub summary: Text,
    pub effect: Effect,
    /// True when only the newest state matters, so that a route may supersede older unsent ones.
    pub snapshot: bool,
    /// How [`crate::Adapter::lookup`] can settle an unknown outcome of this operation; `None` when it cannot.
    pub lookup: Option<LookupSpec>,
    /// JSON Schema (2020-12) of the input.
    pub input: Value,
    /// JSON Schema (2020-12) of the output.
    pub output: Value,
    /// An input that passes its schema, with synthetic people.
    pub example: Value,
    /// JSON pointer of the input field that must equal the exchange's key (after form conversion), where there is one.
    pub key_field: Option<Text>,
    /// JSON pointers (with `*` for any element) of personal data in input and output.
    pub personal: Vec<Text>,
    /// Largest input, in bytes.
    pub body_limit: usize,
    /// True when one input may need several ordered requests: [`crate::Adapter::split`] then makes a delivery of each.
    pub splits: bool,
}

/// When the target's answer to a lookup can be believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LookupSpec {
    /// How long after sending the system may still be working: "not done" counts only after this.
    pub settle: Duration,
}

impl OperationSpec {
    /// Whether it may be called synchronously.
    pub fn is_callable(&self) -> bool {
        matches!(self.effect, Effect::Read)
    }
}
