//! Tax notices and receipts as routes and clients see them. What cannot be read as a date or an amount is kept as the text that came.

use lienthong_core::Timestamp;
use lienthong_core::secret::Personal;
use schemars::JsonSchema;
use serde::Serialize;

/// Body of `tax-notice-received`: the financial obligation of one dossier.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct TaxNoticeReceived {
    pub code: String,
    /// The day the push names, where it is a date.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>", extend("format" = "date"))]
    pub day: Option<jiff::civil::Date>,
    /// True when the push corrects an earlier one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updating: Option<bool>,
    /// In the order they came. Equal rows are kept: two instalments of one decision look alike.
    pub notices: Vec<TaxNotice>,
}

#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct TaxNotice {
    #[schemars(extend("x-searchable" = "exact"))]
    pub tax_code: Personal<String>,
    #[schemars(extend("x-searchable" = "exact"))]
    pub decision_number: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>", extend("format" = "date"))]
    pub decision_date: Option<jiff::civil::Date>,
    /// What came where a date belongs, when it is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decision_date_text: Option<String>,
    pub subject: String,
    /// Đồng, as decimal digits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount: Option<String>,
    /// What came where an amount belongs, when it is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount_text: Option<String>,
}

/// Body of `tax-receipt-received`: a payment of one dossier's obligation.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct TaxReceiptReceived {
    pub code: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updating: Option<bool>,
    pub payer: Payer,
    #[schemars(extend("x-searchable" = "exact"))]
    pub tax_code: Personal<String>,
    /// Where the receipt's file is to be fetched.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub receipt_url: Option<String>,
    pub payment: TaxPayment,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Payer {
    #[schemars(extend("x-searchable" = "text"))]
    pub name: Personal<String>,
    #[schemars(extend("x-searchable" = "exact"))]
    pub identity_number: Personal<String>,
    pub address: Personal<String>,
    pub province_code: String,
    pub district_code: String,
    pub commune_code: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct TaxPayment {
    /// The notice's decision number.
    #[schemars(extend("x-searchable" = "exact"))]
    pub notice_number: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub paid_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub paid_at_text: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount_text: Option<String>,
    pub content: String,
    /// The portal's code: `1` is paid.
    pub status_code: String,
    pub paid: bool,
}
