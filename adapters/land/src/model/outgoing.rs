//! What the one-stop desk tells the land office about a dossier. Lengths, codes and sizes are checked in `map`, not here.

use lienthong_core::Timestamp;
use lienthong_core::secret::Personal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A dossier received at the one-stop desk, for the land office to work on. An existing one is not changed by it.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewDossier {
    /// The dossier code, in either form; sent as given, as receipt number and as the one-stop desk's own code.
    #[schemars(length(min = 1, max = 64))]
    pub code: String,
    /// Whether the provincial office works on it, instead of a branch.
    #[serde(default)]
    pub provincial_process: bool,
    pub area: Area,
    /// The receiving officer's account at the land office: one of `list-officers`.
    #[schemars(length(min = 1, max = 100))]
    pub received_by: String,
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub received_at: Timestamp,
    #[serde(default)]
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub due_at: Option<Timestamp>,
    #[serde(default)]
    pub asset_address: Option<Personal<String>>,
    pub applicant: Applicant,
    pub process: Process,
    #[serde(default)]
    pub parcels: Vec<Parcel>,
    #[serde(default)]
    pub papers: Vec<Paper>,
}

/// Codes of the administrative units in which the parcel lies, as the state statistics office writes them, leading zeros included.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Area {
    /// 2 digits.
    pub province_code: String,
    /// 3 digits; there is none since 1 July 2025.
    #[serde(default)]
    pub district_code: Option<String>,
    /// 5 digits.
    pub commune_code: String,
}

/// Who hands the dossier in.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Applicant {
    #[schemars(length(min = 1), extend("x-searchable" = "text"))]
    pub name: Personal<String>,
    #[serde(default)]
    #[schemars(extend("x-searchable" = "exact"))]
    pub identity_number: Option<Personal<String>>,
    #[serde(default)]
    pub address: Option<Personal<String>>,
    #[serde(default)]
    pub phone: Option<Personal<String>>,
    #[serde(default)]
    pub email: Option<Personal<String>>,
}

/// The land office's procedure: one of `list-procedures`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Process {
    #[schemars(length(min = 1, max = 100))]
    pub code: String,
    #[serde(default)]
    pub name: Option<String>,
}

/// A parcel of land.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Parcel {
    #[schemars(length(min = 1, max = 50))]
    pub number: String,
    #[schemars(length(min = 1, max = 50))]
    pub map_sheet: String,
    /// Square metres, as decimal digits with a point: `120.5`.
    #[serde(default)]
    pub square_metres: Option<String>,
    /// Only iLIS takes it.
    #[serde(default)]
    pub address: Option<Personal<String>>,
}

/// A paper of the dossier, with its file where there is one.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Paper {
    #[schemars(length(min = 1))]
    pub name: String,
    #[serde(default)]
    #[schemars(range(max = 1000))]
    pub originals: u32,
    #[serde(default)]
    #[schemars(range(max = 1000))]
    pub copies: u32,
    #[serde(default)]
    pub file: Option<Attachment>,
}

/// A file that travels inside the message.
#[derive(Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Attachment {
    #[schemars(length(min = 1, max = 255))]
    pub name: String,
    /// Base64 (RFC 4648, with padding, without line breaks); sent as given.
    pub data: String,
}

/// Its content is personal data, and long: only its size shows.
impl std::fmt::Debug for Attachment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Attachment({} characters)", self.data.len())
    }
}

/// The papers that the land office asked for were handed in.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Supplement {
    #[schemars(length(min = 1, max = 64))]
    pub code: String,
    #[serde(default)]
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub new_due_at: Option<Timestamp>,
    #[serde(default)]
    pub note: Option<Personal<String>>,
    #[serde(default)]
    pub papers: Vec<Paper>,
}

/// The result was handed to the applicant.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ResultReturned {
    #[schemars(length(min = 1, max = 64))]
    pub code: String,
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub returned_at: Timestamp,
}

/// What the land office sent for a dossier is wrong.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WrongDossier {
    #[schemars(length(min = 1, max = 64))]
    pub code: String,
    #[schemars(length(min = 1))]
    pub content: Personal<String>,
    #[serde(default)]
    pub papers: Vec<Paper>,
}

/// The land office's answer to a message that writes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct DossierSent {
    pub outcome: Outcome,
    /// In the land office's own words.
    pub message: Personal<String>,
}

/// What the answer means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Done by this message.
    Done,
    /// The land office says of this very dossier that it was so before: it exists, or its result was returned. What this message
    /// says beyond that was not taken.
    AlreadySo,
}
