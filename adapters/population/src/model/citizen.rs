//! A citizen as the database knows one. Codes stay as they were told beside what they are known to mean; what was blank is absent.

use lienthong_core::secret::Personal;
use schemars::JsonSchema;
use serde::Serialize;

/// One person.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, JsonSchema)]
pub struct Citizen {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub identity_number: Option<Personal<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub old_identity_number: Option<Personal<String>>,
    /// The whole name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<Personal<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub birth: Option<Birth>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sex: Option<Personal<Sex>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sex_code: Option<Personal<String>>,
    /// 2 digits, leading zero included.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ethnicity_code: Option<Personal<String>>,
    /// 2 digits, leading zero included.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub religion_code: Option<Personal<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub marital_status: Option<Personal<MaritalStatus>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub marital_status_code: Option<Personal<String>>,
    /// Absent also where the database says that it knows none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub blood_group: Option<Personal<BloodGroup>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub blood_group_code: Option<Personal<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nationality: Option<Personal<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub birth_registration: Option<Place>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub origin: Option<Place>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub permanent_residence: Option<Place>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub current_residence: Option<Place>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub father: Option<Relative>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mother: Option<Relative>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub spouse: Option<Relative>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub representative: Option<Relative>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub household_head: Option<Head>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub household_book_number: Option<Personal<String>>,
}

/// When somebody was born, as precisely as it is known.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, JsonSchema)]
pub struct Birth {
    /// `yyyy-MM-dd`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date: Option<Personal<String>>,
    /// `yyyy`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub year: Option<Personal<String>>,
    /// What was told, where it is no date that exists.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<Personal<String>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Sex {
    Male,
    Female,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MaritalStatus {
    Single,
    Married,
    DivorcedOrWidowed,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
pub enum BloodGroup {
    A,
    B,
    #[serde(rename = "AB")]
    Ab,
    O,
}

/// Codes of administrative units as they were when it was recorded: the same code may mean another place today.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, JsonSchema)]
pub struct Place {
    /// 2 digits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub province_code: Option<Personal<String>>,
    /// 3 digits; there is none since 1 July 2025.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub district_code: Option<Personal<String>>,
    /// 5 digits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub commune_code: Option<Personal<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<Personal<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<Personal<String>>,
}

/// A relative or representative.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, JsonSchema)]
pub struct Relative {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<Personal<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub identity_number: Option<Personal<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub old_identity_number: Option<Personal<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nationality: Option<Personal<String>>,
}

/// The head of the citizen's household.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, JsonSchema)]
pub struct Head {
    /// What the citizen is to the head, as a code: `CH01` is the head.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub relation_code: Option<Personal<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<Personal<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub identity_number: Option<Personal<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub old_identity_number: Option<Personal<String>>,
}
