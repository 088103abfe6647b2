//! A file of the land office, fetched by its link and kept by its hash. It holds no content.

use lienthong_core::secret::Personal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Which file to fetch. The links come in what the land office pushes.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FetchFile {
    /// Relative to the configured base, or absolute on an allowed host.
    #[schemars(length(min = 1, max = 2000))]
    pub link: String,
    /// The dossier it belongs to.
    #[serde(default)]
    pub code: Option<String>,
    /// How a person would call it; where it is left out the answer's or the link's own name is used.
    #[serde(default)]
    pub name: Option<Personal<String>>,
}

/// A file that is on disk here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct FetchedFile {
    /// SHA-256 of the content, lower-case hexadecimal: its address in the file store.
    pub sha256: String,
    pub bytes: u64,
    /// As the other side says it, or by the content's first bytes: `application/pdf`.
    pub media_type: String,
    pub name: Personal<String>,
}
