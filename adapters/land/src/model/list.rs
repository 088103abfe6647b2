//! The other side's own lists: officers, procedures, statuses. It knows no code table.

use lienthong_core::Timestamp;
use lienthong_core::secret::Personal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// An operation that needs nothing.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NoInput {}

/// Which list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ListKind {
    Officers,
    Procedures,
    Statuses,
}

impl ListKind {
    pub(crate) const ALL: [Self; 3] = [Self::Officers, Self::Procedures, Self::Statuses];

    /// `officers`, `procedures`, `statuses`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Officers => "officers",
            Self::Procedures => "procedures",
            Self::Statuses => "statuses",
        }
    }
}

/// One row: what messages name it by, and what people do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Entry {
    pub code: String,
    pub name: Personal<String>,
}

/// A whole list as it stood. Answer of the `list-` operations, and body of `list-received`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ListReceived {
    pub list: ListKind,
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub taken_at: Timestamp,
    /// By code; a code that came twice stands once.
    pub entries: Vec<Entry>,
}

/// Which of our codes the land office does not know.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CheckCounterparts {
    pub list: ListKind,
    /// What our messages would name: the codes a table leads to.
    #[schemars(length(max = 10_000))]
    pub codes: Vec<String>,
}

/// Answer of `check-counterparts`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct CounterpartCheck {
    pub list: ListKind,
    /// Rows the land office has.
    pub known: usize,
    /// Codes asked about that it does not have, each once, in the order asked.
    pub missing: Vec<String>,
}
