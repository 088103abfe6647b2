//! Which operations are offered, by the integration codes a province was given, and how their answers name things. It asks nothing.

use schemars::JsonSchema;
use serde::Deserialize;

/// `MaTichHop` of each operation. Only that of `find-citizen` is public.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct OperationsConfig {
    pub find_citizen: FindCitizenConfig,
    pub verify_citizen: Option<VerifyCitizenConfig>,
    pub find_household: Option<FindHouseholdConfig>,
    pub confirm_marital_status: Option<ConfirmMaritalStatusConfig>,
}

/// `TraCuuThongTinCongDan`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct FindCitizenConfig {
    pub integration_code: String,
}

impl Default for FindCitizenConfig {
    fn default() -> Self {
        Self { integration_code: "037".to_owned() }
    }
}

/// `XacThucThongTinCongDan`. Where in the answer its boolean stands is not public: it is found by its name, wherever it is.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct VerifyCitizenConfig {
    pub integration_code: String,
    /// The boolean's element.
    #[serde(default = "exists")]
    pub exists: String,
}

/// `CungCapThongTinHoGiaDinh`. The answer's shape is not public.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FindHouseholdConfig {
    pub integration_code: String,
    /// The element of one member, wherever it stands; inside, the fields of a citizen are looked for.
    #[serde(default = "citizen")]
    pub member: String,
}

/// `XacMinhTinhTrangHonNhan`. The answer's shape is not public.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ConfirmMaritalStatusConfig {
    pub integration_code: String,
    /// The element of the person asked about, wherever it stands.
    #[serde(default = "citizen")]
    pub person: String,
    /// The element of the status code inside it.
    #[serde(default = "status")]
    pub status: String,
}

fn exists() -> String {
    "TonTai".to_owned()
}

fn citizen() -> String {
    "CongDan".to_owned()
}

fn status() -> String {
    "TinhTrangHonNhan".to_owned()
}
