//! A transfer slip that an officer has signed, on its way to tax. Its content is nobody's business here.

use lienthong_core::secret::Personal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Answered;

/// A signed slip. It is verified and then carried byte for byte.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SubmitLandObligation {
    /// The dossier the slip is about, in either form.
    #[schemars(length(min = 1, max = 64))]
    pub dossier_code: String,
    /// The slip's XML exactly as it was signed, in base64.
    #[schemars(length(min = 4), extend("contentEncoding" = "base64"))]
    pub slip: Personal<String>,
}

/// Tax has taken the slip.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ObligationSubmitted {
    pub dossier_code: String,
    /// SHA-256 of the slip's bytes as they were sent, lower-case hexadecimal.
    pub slip_sha256: String,
    /// The answer's own code of the state.
    pub state_code: String,
    /// The answer's own words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<Personal<String>>,
    pub answer: Answered,
}
