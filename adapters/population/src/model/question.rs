//! The one question of every operation: about whom, and, because the law makes it so, what for and who asks. Rules are checked in `map`.

use lienthong_core::secret::Personal;
use schemars::JsonSchema;
use serde::Deserialize;

/// About one citizen.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CitizenQuestion {
    pub purpose: Purpose,
    /// 12 digits. Without it the old number is needed.
    #[serde(default)]
    #[schemars(regex(pattern = r"^[0-9]{12}$"), extend("x-searchable" = "exact"))]
    pub identity_number: Option<Personal<String>>,
    /// The number of an old identity card, 9 digits.
    #[serde(default)]
    #[schemars(regex(pattern = r"^[0-9]{9}$"), extend("x-searchable" = "exact"))]
    pub old_identity_number: Option<Personal<String>>,
    /// The whole name, as people write it.
    #[schemars(length(min = 1, max = 200), extend("x-searchable" = "text"))]
    pub name: Personal<String>,
    /// `yyyy-MM-dd`, or `yyyy` where no more is known.
    #[serde(default)]
    #[schemars(regex(pattern = r"^[0-9]{4}(-[0-9]{2}-[0-9]{2})?$"))]
    pub birth_date: Option<Personal<String>>,
}

/// What the data are used for, and by whom. The database keeps it with every question.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Purpose {
    /// The national code of the procedure (`1.000094`), or `VPCP`.
    #[schemars(length(min = 1, max = 20))]
    pub procedure_code: String,
    /// The code of the officer who asks.
    #[schemars(length(min = 1, max = 20))]
    pub officer: String,
    /// The organisation id of the officer's unit; the configured one where left out.
    #[serde(default)]
    #[schemars(length(min = 1, max = 35))]
    pub unit: Option<String>,
}
