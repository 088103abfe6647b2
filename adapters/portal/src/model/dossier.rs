//! A dossier as callers hand it over: a full snapshot, with English names. It checks lengths and codes nowhere; `map` does.

use std::collections::BTreeMap;

use lienthong_core::Timestamp;
use lienthong_core::secret::Personal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::Status;

/// The whole present state of a dossier. What is left out is sent as empty, not as unchanged.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Dossier {
    /// `H56.14-250115-0007` or `000.00.14.H56-250115-0007`; sent as given.
    #[schemars(length(min = 1, max = 64))]
    pub code: String,
    /// Local (`1.000094.000.00.00.H56`) or national (`1.000094`) form; sent as given.
    #[schemars(length(min = 1))]
    pub procedure_code: String,
    #[serde(default)]
    pub procedure_name: Option<String>,
    #[serde(default)]
    pub field_code: Option<String>,
    #[serde(default)]
    pub field_name: Option<String>,
    #[serde(default)]
    #[schemars(extend("x-searchable" = "exact"))]
    pub receipt_number: Option<String>,
    #[serde(default)]
    pub channel: Option<ReceptionChannel>,
    pub owner: Owner,
    #[serde(default)]
    #[schemars(extend("x-searchable" = "text"))]
    pub summary: Option<String>,
    #[serde(default)]
    pub other_information: Option<String>,
    #[serde(default)]
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub submitted_at: Option<Timestamp>,
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub received_at: Timestamp,
    #[serde(default)]
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub due_at: Option<Timestamp>,
    #[serde(default)]
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub finished_at: Option<Timestamp>,
    #[serde(default)]
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub returned_at: Option<Timestamp>,
    #[serde(default)]
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub refused_at: Option<Timestamp>,
    pub status: Status,
    #[serde(default)]
    pub return_method: Option<ReturnMethod>,
    #[serde(default)]
    pub return_information: Option<Personal<String>>,
    #[serde(default)]
    pub handling_unit: Option<String>,
    #[serde(default)]
    pub note: Option<String>,
    /// Code of the place of submission; the list is not public (`2` was seen).
    #[serde(default)]
    pub submission_place: Option<String>,
    #[serde(default)]
    pub has_digitised_papers: Option<bool>,
    #[serde(default)]
    pub account_verified: Option<bool>,
    /// Code of online payment: `1` is paid online, `0` and `3` were seen; the list is not public.
    #[serde(default)]
    pub online_payment: Option<String>,
    /// Codes of national databases the dossier was filled from (`7` is the population database).
    #[serde(default)]
    pub connected_databases: Vec<String>,
    #[serde(default)]
    pub papers: Vec<Paper>,
    #[serde(default)]
    pub fees: Vec<Fee>,
    #[serde(default)]
    pub other_papers: Vec<OtherPaper>,
    #[serde(default)]
    pub supplements: Vec<Supplement>,
    #[serde(default)]
    pub results: Vec<ResultPaper>,
    /// Fields the portal has and this operation does not name, by the portal's own names; sent as given.
    #[serde(default)]
    pub extensions: BTreeMap<String, Value>,
}

/// Who the dossier belongs to.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Owner {
    #[schemars(length(min = 1), extend("x-searchable" = "text"))]
    pub name: Personal<String>,
    pub kind: OwnerKind,
    /// The portal's id of the owner's account, where the dossier came online.
    #[serde(default)]
    pub tech_id: Option<Personal<String>>,
    #[serde(default)]
    pub document_number: Option<Personal<String>>,
    #[serde(default)]
    pub identities: Vec<Identity>,
    #[serde(default)]
    pub email: Option<Personal<String>>,
    #[serde(default)]
    pub phone: Option<Personal<String>>,
    #[serde(default)]
    pub fax: Option<Personal<String>>,
}

/// One identity number. None is ever made up: an owner without one has an empty list.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Identity {
    pub kind: IdentityKind,
    #[schemars(length(min = 1), extend("pattern" = "^(?:[0-9]{9}|[0-9]{12})$", "x-searchable" = "exact"))]
    pub number: Personal<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum IdentityKind {
    /// 12 digits.
    CitizenId,
    /// 9 digits, the older card.
    IdentityCard,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OwnerKind {
    Citizen,
    Enterprise,
    StateBody,
    OtherOrganisation,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReceptionChannel {
    InPerson,
    Online,
    Postal,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReturnMethod {
    Direct,
    Postal,
}

/// A submitted paper. The portal pulls the file from the address itself.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Paper {
    #[schemars(length(min = 1))]
    pub id: String,
    #[schemars(length(min = 1))]
    pub file_name: Personal<String>,
    #[serde(default)]
    pub deleted: bool,
    /// Code of the paper in the procedure.
    #[serde(default)]
    pub component_code: Option<String>,
    #[schemars(extend("pattern" = "^https?://"))]
    pub url: String,
    #[serde(default)]
    pub digitised: Option<bool>,
    /// The portal's code of how far it was reused (`0`, `1`, `2`); the wording is not public.
    #[serde(default)]
    pub reuse: Option<String>,
    /// Whether it was taken from the national data store.
    #[serde(default)]
    pub from_data_store: Option<bool>,
    /// Catalogue code of the result paper that takes its place.
    #[serde(default)]
    pub replaced_by: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Fee {
    #[schemars(length(min = 1))]
    pub name: String,
    #[serde(default)]
    pub code: Option<String>,
    /// The portal's code of how it is collected; the list is not public.
    #[serde(default)]
    pub collection: Option<String>,
    /// Whole đồng.
    pub amount: u64,
    /// The portal's code of the kind of fee; the list is not public.
    #[serde(default)]
    pub kind: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OtherPaper {
    #[schemars(length(min = 1))]
    pub name: String,
    #[serde(default)]
    pub count: Option<u32>,
    /// The portal's code of the kind of paper; the list is not public.
    #[serde(default)]
    pub kind: Option<String>,
}

/// One request for more papers, and what came of it.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Supplement {
    #[schemars(length(min = 1))]
    pub id: String,
    #[serde(default)]
    pub requested_by: Option<Personal<String>>,
    #[serde(default)]
    pub content: Option<String>,
    #[serde(default)]
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub requested_at: Option<Timestamp>,
    #[serde(default)]
    pub received_by: Option<Personal<String>>,
    #[serde(default)]
    pub reception_information: Option<String>,
    #[serde(default)]
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub received_at: Option<Timestamp>,
    /// The portal's code of the supplement's state; the list is not public.
    #[serde(default)]
    pub state: Option<String>,
    /// Papers asked for. The shape of an entry is not public: objects by the portal's own names, sent as given.
    #[serde(default)]
    pub papers: Vec<Map<String, Value>>,
    /// Fees asked for; likewise.
    #[serde(default)]
    pub fees: Vec<Map<String, Value>>,
    #[serde(default)]
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub previous_due_at: Option<Timestamp>,
    #[serde(default)]
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub new_due_at: Option<Timestamp>,
}

/// A paper handed out as the result.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ResultPaper {
    #[schemars(length(min = 1))]
    pub name: Personal<String>,
    #[serde(default)]
    pub component_code: Option<String>,
    #[serde(default)]
    pub id: Option<String>,
    #[schemars(extend("pattern" = "^https?://"))]
    pub url: String,
    /// Catalogue code of the result (`KQ.…`).
    #[serde(default)]
    pub catalogue_code: Option<String>,
}

/// Input of `find-dossier`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DossierQuery {
    #[schemars(length(min = 1, max = 64))]
    pub code: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SyncAction {
    Inserted,
    Updated,
}

/// Output of `sync-dossier`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct DossierSynced {
    pub action: SyncAction,
    /// The status the portal was told, where configuration maps it to another one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sent_status: Option<Status>,
    /// The portal's own words.
    pub message: Personal<String>,
}
