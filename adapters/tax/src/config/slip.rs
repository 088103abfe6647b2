//! How a transfer slip travels and what its answer means: nothing of it is public, so all of it is written down. It carries none.

use lienthong_core::secret::SecretRef;
use schemars::JsonSchema;
use serde::Deserialize;

/// The signed slip from the land office to tax.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SlipConfig {
    /// Where the slip stands as a text in a message of ours. Absent: the slip is the message itself, header and types its own.
    #[serde(default)]
    pub row: Option<SlipRowConfig>,
    pub answer: SlipAnswerConfig,
    /// The slip's element that holds the dossier code: it must then be signed and name the dossier it is sent for.
    #[serde(default)]
    pub dossier_element: Option<String>,
    /// Children of the slip's document element that need not be signed. Everything else must be.
    #[serde(default)]
    pub unsigned: Vec<String>,
    /// PEM certificates of the authorities that may have issued the signer's certificate. Absent: whoever issued it.
    #[serde(default)]
    pub authorities: Option<SecretRef>,
    /// Largest slip, in bytes (5 MiB).
    #[serde(default = "five_mebibytes")]
    pub max_bytes: usize,
}

/// A message of ours with the slip inside.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SlipRowConfig {
    pub r#type: String,
    pub name: String,
    /// Absent: the type.
    #[serde(default)]
    pub tran_code: Option<String>,
    /// Element of `BODY/ROW` whose text is the slip.
    pub element: String,
}

/// What the answer to a slip looks like.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SlipAnswerConfig {
    /// `TYPE` of answers to slips.
    pub types: Vec<String>,
    /// Element of `BODY/ROW` that says whether it was taken (`TRANGTHAI`).
    #[serde(default = "state")]
    pub state_element: String,
    /// Element of `BODY/ROW` with its words (`MOTA_TRANGTHAI`).
    #[serde(default = "words")]
    pub words_element: String,
    /// States that mean that it was taken. Only these are success.
    pub accepted: Vec<String>,
    /// States that mean that it was refused.
    #[serde(default)]
    pub refused: Vec<String>,
}

fn state() -> String {
    "TRANGTHAI".to_owned()
}

fn words() -> String {
    "MOTA_TRANGTHAI".to_owned()
}

fn five_mebibytes() -> usize {
    5 * 1024 * 1024
}
