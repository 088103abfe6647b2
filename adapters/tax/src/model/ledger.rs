//! What is owed for a land dossier. Rows stand as the ledger has them: two that differ in their due date alone are two instalments.

use jiff::civil::Date;
use lienthong_core::Timestamp;
use lienthong_core::secret::Personal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Answered, TaxArea};

/// Which dossier, and whose.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FindLandLedger {
    /// The one-stop desk's dossier code, in either form.
    #[schemars(length(min = 1, max = 64))]
    pub dossier_code: String,
    /// The owner's identity number (12 digits, or 9 of an old card) or tax code.
    #[schemars(length(min = 9, max = 14), extend("x-searchable" = "exact"))]
    pub owner_number: Personal<String>,
}

/// What the ledger says of the dossier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct LandLedger {
    pub dossier_code: String,
    pub state: LedgerState,
    /// The ledger's own code of that state.
    pub state_code: String,
    /// The ledger's own words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state_text: Option<String>,
    /// One a taxpayer and decision in the answers seen; always an array.
    pub totals: Vec<LedgerTotal>,
    pub answer: Answered,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LedgerState {
    Owed,
    NothingOwed,
}

/// A taxpayer's total with its rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct LedgerTotal {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tax_code: Option<Personal<String>>,
    /// In đồng, as digits: amounts are never rounded in passing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount: Option<String>,
    /// Never merged: the same decision may stand in several.
    pub entries: Vec<LedgerEntry>,
}

/// One row of the ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct LedgerEntry {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub certificate_number: Option<String>,
    pub parcel: Parcel,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tax_code: Option<Personal<String>>,
    pub owner: Owner,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decision_number: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>", extend("format" = "date"))]
    pub decision_date: Option<Date>,
    /// The moment of the decision, where the answer says more than the day.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub decided_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chapter: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sub_item: Option<SubItem>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub budget_account: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub collecting_office: Option<String>,
    /// What is still to be paid, in đồng, as digits.
    pub amount: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>", extend("format" = "date"))]
    pub due_date: Option<Date>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub treasury: Option<String>,
}

/// The parcel as the ledger describes it; number and map sheet may be words.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Parcel {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub map_sheet: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<Personal<String>>,
    pub area: TaxArea,
    /// The commune in the statistics office's code (5 digits).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub statistics_commune: Option<String>,
}

/// Who owes it. The name may hold two people, the number something behind it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Owner {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<Personal<String>>,
    /// As it stands there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<Personal<String>>,
    /// The 12 or 9 digits it begins with, where it does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub identity_number: Option<Personal<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<Personal<String>>,
    pub area: TaxArea,
}

/// What it is owed for: a sub-item of the state budget (`1006` income tax on a transfer, `2801` registration fee, `1401` land-use levy).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct SubItem {
    pub code: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}
