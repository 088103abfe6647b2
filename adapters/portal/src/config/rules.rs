//! The rules of the portal that are not public or may change: code rule, codes, lengths. It applies none of them.

use schemars::JsonSchema;
use serde::Deserialize;

/// `<organisation id>-yyMMdd-<serial>`, the organisation id in either form (`H56.14` or `000.00.14.H56`).
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct CodeRule {
    /// Level-1 codes a dossier may begin with (`H56`), those of merged provinces included. Empty: any.
    pub organisations: Vec<String>,
    /// Fewest digits of the serial number.
    pub serial_digits_min: u8,
    /// Most digits of the serial number (4 and 5 were seen, the portal's own have 6).
    pub serial_digits_max: u8,
}

impl Default for CodeRule {
    fn default() -> Self {
        Self { organisations: Vec::new(), serial_digits_min: 4, serial_digits_max: 10 }
    }
}

/// `error_code` values, as text. Zero (`0`, `"0"`, `"00"`) is the only one whose meaning is public.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct AnswerCodes {
    pub session_expired: Vec<String>,
    pub throttled: Vec<String>,
    pub maintenance: Vec<String>,
    /// The codes that are an explicit refusal of the data. Absent: every code but zero is; given: any other leaves the outcome unknown.
    pub refusal: Option<Vec<String>>,
}

/// Longest texts in characters, counted after NFC. Defaults are the lengths public clients keep to.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct FieldLimits {
    /// `summary` of a dossier.
    pub summary: usize,
    /// `note` of a dossier: longer ones were refused.
    pub note: usize,
    /// `file_name` of a paper.
    pub paper_name: usize,
    /// `name` of a result paper.
    pub result_name: usize,
    /// `officer` of a progress step.
    pub officer: usize,
    /// Other names and free texts: ours, so that none is without a limit.
    pub other: usize,
}

impl Default for FieldLimits {
    fn default() -> Self {
        Self { summary: 1000, note: 2000, paper_name: 4000, result_name: 2000, officer: 50, other: 4000 }
    }
}
