//! What the land office pushes, as routes and clients see it. Times that cannot be read are kept as the text that came.

use std::collections::BTreeMap;

use lienthong_core::Timestamp;
use lienthong_core::secret::Personal;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

/// Body of `dossier-forwarded`: the dossier moved between officers of the land office.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct DossierForwarded {
    pub code: String,
    /// The account that handed it on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from_officer: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to_officer: Option<String>,
    /// One of `list-statuses`, as it came.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status_code: Option<String>,
    /// True when it was sent back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sent_back: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content: Option<Personal<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub forwarded_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub due_at: Option<Timestamp>,
    pub files: Vec<LinkedFile>,
    /// What came and has no place above, by the land office's own names.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub other: BTreeMap<String, Value>,
}

/// A file of the land office: fetched with `fetch-file`.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct LinkedFile {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<Personal<String>>,
    /// As it came: relative to the land office's base, or absolute.
    pub link: String,
    /// `pdf`, as it came.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub originals: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub copies: Option<u64>,
}

/// Body of `supplement-requested`.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct SupplementRequested {
    pub code: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub requested_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub officer: Option<String>,
    /// True when the time for processing stands still meanwhile.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub paused: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<Personal<String>>,
    pub files: Vec<LinkedFile>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub other: BTreeMap<String, Value>,
}

/// Body of `supplement-received`: the land office took what was handed in later.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct SupplementReceived {
    pub code: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub received_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub new_due_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub other: BTreeMap<String, Value>,
}

/// Body of `tax-result-received`: the tax office's notices, as the land office has them.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct TaxResultReceived {
    pub code: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub officer: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub received_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<Personal<String>>,
    /// In the order they came; equal ones are kept.
    pub notices: Vec<TaxNoticeLink>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub other: BTreeMap<String, Value>,
}

/// One notice: its number and where its file is. Tax code, amount and due date are in the file, or come by the portal.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct TaxNoticeLink {
    /// `LTB2512345-TK0000002/TB-CCT`: the decision number of the portal's `tax-notice-received`.
    #[schemars(extend("x-searchable" = "exact"))]
    pub notice_number: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-searchable" = "text"))]
    pub owner_name: Option<Personal<String>>,
    /// The tax in words: `Lệ phí trước bạ`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
}

/// Body of `dossier-finished`.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct DossierFinished {
    pub code: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub finished_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub officer: Option<String>,
    pub end: EndKind,
    /// The code of the end, as it came.
    pub end_code: String,
    pub results: Vec<LinkedFile>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub other: BTreeMap<String, Value>,
}

/// How it ended. Which of the two the second is, is not public.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum EndKind {
    Result,
    ReturnedOrWithdrawn,
}

/// A push whose fields are not public: it is kept as it came, and this is only its name in the catalogue.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[schemars(extend("additionalProperties" = true))]
pub struct UndocumentedPush {}
