//! Answers of the operations that do not answer a citizen. They hold no rule.

use lienthong_core::secret::Personal;
use schemars::JsonSchema;
use serde::Serialize;

use super::{Citizen, MaritalStatus, Relative};

/// Whether somebody fits what was asked with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct CitizenVerified {
    pub exists: Personal<bool>,
}

/// Everybody of the citizen's household, in the database's order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Household {
    pub members: Vec<Citizen>,
}

/// A citizen's marital status.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct MaritalStatusConfirmed {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub identity_number: Option<Personal<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<Personal<String>>,
    /// What the code is known to mean.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub marital_status: Option<Personal<MaritalStatus>>,
    pub marital_status_code: Personal<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub spouse: Option<Relative>,
}
