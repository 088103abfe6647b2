//! A taxpayer by tax code. Codes are handed on as the tax authority has them, for code tables to translate.

use jiff::civil::Date;
use lienthong_core::secret::Personal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Answered, TaxArea};

/// Whom to look for.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FindTaxpayer {
    /// 10 digits, 13 with or without hyphen (a dependent unit), or the 12 digits of a personal number; checksums must hold.
    #[schemars(length(min = 10, max = 14), extend("x-searchable" = "exact"))]
    pub tax_code: Personal<String>,
}

/// What the tax authority has under that code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct TaxpayerFound {
    /// Mostly one.
    pub taxpayers: Vec<Taxpayer>,
    /// Of all of them: the answer does not say whose each is.
    pub addresses: Vec<TaxpayerAddress>,
    pub answer: Answered,
}

/// One taxpayer. What the answer leaves blank is absent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Taxpayer {
    pub tax_code: Personal<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<Personal<String>>,
    /// `0100` organisation, `0110` dependent unit, `0300` individual business, `0900` employee, …
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind_code: Option<String>,
    /// Identity number or number of registration, as it stands there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<Personal<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chapter: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chapter_level: Option<String>,
    /// The tax office in charge.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tax_office: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>", extend("format" = "date"))]
    pub registered_on: Option<Date>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>", extend("format" = "date"))]
    pub closed_on: Option<Date>,
    /// `00` active, `01` closed, `02` moved, `03` stopped, `04` incomplete, `05` suspended, `06` not at its address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status_code: Option<String>,
}

/// An address in the tax authority's own area codes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct TaxpayerAddress {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<Personal<String>>,
    pub area: TaxArea,
}
