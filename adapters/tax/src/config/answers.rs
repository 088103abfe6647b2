//! What questions are called and what answers mean, where it is not public: types, states, error codes. It judges none.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The question about a taxpayer. Its type is public, that of its answer is not.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct TaxpayerConfig {
    /// `TYPE` of the question (`00003`).
    pub r#type: String,
    /// `NAME` of the question (`Truy vấn theo MST`).
    pub name: String,
    /// Absent: the type, as the bank's client has it.
    pub tran_code: Option<String>,
    /// `TYPE` of answers that are believed. Empty: any answer that describes a taxpayer, since the type is not public.
    pub answer_types: Vec<String>,
    /// What it means that an answer describes nobody.
    pub empty_answer: EmptyAnswer,
    /// Whether a dependent unit's code is sent with its hyphen.
    pub branch_hyphen: bool,
}

impl Default for TaxpayerConfig {
    fn default() -> Self {
        Self {
            r#type: "00003".to_owned(),
            name: "Truy vấn theo MST".to_owned(),
            tran_code: None,
            answer_types: Vec::new(),
            empty_answer: EmptyAnswer::Unintelligible,
            branch_hyphen: true,
        }
    }
}

/// How the gateway says that nobody has a tax code is not public.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum EmptyAnswer {
    /// Such an answer says nothing.
    #[default]
    Unintelligible,
    /// It says that there is no such taxpayer.
    NotFound,
}

/// The question of a dossier's debts in the land ledger. Only its answer (`00110`) is public.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LedgerConfig {
    /// `TYPE` of the question: 00109 by adjacency, which is an inference.
    pub r#type: String,
    /// `NAME` of the question.
    pub name: String,
    /// Absent: the type.
    #[serde(default)]
    pub tran_code: Option<String>,
    /// Element of `TRUYVAN` that holds the dossier code.
    pub dossier_element: String,
    /// Element of `TRUYVAN` that holds the owner's number.
    pub owner_element: String,
    /// `TYPE` of answers that are believed.
    #[serde(default = "ledger_answer")]
    pub answer_types: Vec<String>,
    /// `TRANGTHAI` of a dossier that owes something (`01`).
    #[serde(default = "owed")]
    pub owed: Vec<String>,
    /// `TRANGTHAI` of a dossier that owes nothing; not public.
    #[serde(default)]
    pub nothing_owed: Vec<String>,
    /// `TRANGTHAI` of a dossier or owner nobody knows; not public.
    #[serde(default)]
    pub unknown: Vec<String>,
}

/// What an `ERROR_CODE` means. One that is not here is judged by the words beside it, and is unintelligible when they say nothing.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct ErrorsConfig(pub BTreeMap<String, ErrorMeaning>);

/// What an error code may mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ErrorMeaning {
    /// It is no error at all.
    None,
    NotFound,
    Rejected,
    Conflict,
    Throttled,
    /// Said before anything is processed.
    Maintenance,
    Unauthenticated,
    Forbidden,
}

fn ledger_answer() -> Vec<String> {
    vec!["00110".to_owned()]
}

fn owed() -> Vec<String> {
    vec!["01".to_owned()]
}
