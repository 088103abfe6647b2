//! What the portal's catalogues say, in English. Counts and durations stay text: the portal sends blanks and words there.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Status;

/// Input of operations that ask for a whole list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NoInput {}

/// Input of `get-procedure`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ProcedureInput {
    /// `1.000094`; sent as given.
    #[schemars(length(min = 1, max = 64))]
    pub code: String,
}

/// Output of `find-dossier`: existence, and the status where the portal's answer happens to tell it. Only existence is documented.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct FoundDossier {
    pub code: String,
    pub exists: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
}

/// Output of `list-procedures`. A short list may be a partial answer: never switch off what is missing from it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Procedures {
    pub procedures: Vec<ProcedureSummary>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ProcedureSummary {
    pub code: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The portal's other texts, by its own names: only the code is documented.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub other: BTreeMap<String, String>,
}

/// Output of `list-agencies`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Agencies {
    pub agencies: Vec<Agency>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Agency {
    pub code: String,
    pub name: String,
    /// The portal's level code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub level: Option<String>,
}

/// Output of `list-fields`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Fields {
    pub fields: Vec<FieldOfWork>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct FieldOfWork {
    pub code: String,
    pub name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sector: Option<String>,
}

/// Output of `get-procedure`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ProcedureOutput {
    pub procedure: Procedure,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Procedure {
    pub code: String,
    pub name: String,
    pub kind: String,
    pub state: String,
    pub fields: Vec<Named>,
    /// The portal's level codes: 2 district, 3 commune; 0 and 1 are taken for ministry and province.
    pub levels: Vec<String>,
    pub agencies: Vec<Named>,
    pub agencies_described: String,
    pub results: Vec<Named>,
    pub channels: Vec<Channel>,
    pub papers: Vec<PaperCase>,
    pub steps: Vec<Case>,
    pub requirements: String,
    pub applicants: String,
    pub legal_bases: Vec<LegalBasis>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Named {
    pub code: String,
    pub name: String,
}

/// One way to submit, with its processing times.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Channel {
    /// 1 in person, 2 online, 3 postal.
    pub code: String,
    pub terms: Vec<Term>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Term {
    /// As sent: may be blank or words.
    pub duration: String,
    pub unit: String,
    pub description: String,
    pub prices: Vec<Price>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Price {
    /// As sent: may be blank or words.
    pub amount: String,
    pub unit: String,
    pub description: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct PaperCase {
    pub case: String,
    pub papers: Vec<PaperAsked>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct PaperAsked {
    pub code: String,
    pub name: String,
    /// As sent: may be blank or words.
    pub originals: String,
    /// As sent: may be blank or words.
    pub copies: String,
    pub form_name: String,
    pub form_url: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Case {
    pub case: String,
    pub steps: Vec<CaseStep>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct CaseStep {
    pub name: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct LegalBasis {
    pub number: String,
    pub title: String,
}
