//! The database's operations as the catalogue shows them: schemas, examples, personal data field by field, limits. It runs none of them.

use lienthong_core::operation::{Effect, Text};
use lienthong_core::{OperationName, OperationSpec, SystemId};
use schemars::JsonSchema;
use serde_json::{Value, json};

use crate::config::{OperationsConfig, PopulationConfig};
use crate::model::{
    Citizen, CitizenQuestion, CitizenVerified, Household, MaritalStatusConfirmed, input_schema, output_schema,
};
use crate::wire::operation;

#[cfg(test)]
mod tests;

/// Which operation a name asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asked {
    FindCitizen,
    VerifyCitizen,
    FindHousehold,
    ConfirmMaritalStatus,
}

impl Asked {
    pub(crate) const ALL: [Self; 4] =
        [Self::FindCitizen, Self::VerifyCitizen, Self::FindHousehold, Self::ConfirmMaritalStatus];

    pub(crate) fn verb(self) -> &'static str {
        match self {
            Self::FindCitizen => "find-citizen",
            Self::VerifyCitizen => "verify-citizen",
            Self::FindHousehold => "find-household",
            Self::ConfirmMaritalStatus => "confirm-marital-status",
        }
    }

    /// The name of its element in SOAP.
    pub(crate) fn element(self) -> &'static str {
        match self {
            Self::FindCitizen => operation::FIND_CITIZEN,
            Self::VerifyCitizen => operation::VERIFY_CITIZEN,
            Self::FindHousehold => operation::FIND_HOUSEHOLD,
            Self::ConfirmMaritalStatus => operation::CONFIRM_MARITAL_STATUS,
        }
    }

    /// Its integration code, where a province has one: without it the operation is not offered.
    pub(crate) fn integration_code(self, config: &OperationsConfig) -> Option<&str> {
        match self {
            Self::FindCitizen => Some(config.find_citizen.integration_code.as_str()),
            Self::VerifyCitizen => config.verify_citizen.as_ref().map(|one| one.integration_code.as_str()),
            Self::FindHousehold => config.find_household.as_ref().map(|one| one.integration_code.as_str()),
            Self::ConfirmMaritalStatus => {
                config.confirm_marital_status.as_ref().map(|one| one.integration_code.as_str())
            }
        }
    }

    /// The operation of this system with that name.
    pub(crate) fn of(system: &SystemId, name: &OperationName) -> Option<Self> {
        let verb = name.as_str().strip_prefix(system.as_str())?.strip_prefix('.')?;
        Self::ALL.into_iter().find(|asked| asked.verb() == verb)
    }
}

/// Everything a database reached so offers, under the system's own name.
pub(crate) fn all(system: &SystemId, config: &PopulationConfig) -> Result<Vec<OperationSpec>, String> {
    let offered = |asked: &Asked| asked.integration_code(&config.operations).is_some();
    Asked::ALL.into_iter().filter(offered).map(|asked| spec(asked, system)).collect()
}

fn spec(asked: Asked, system: &SystemId) -> Result<OperationSpec, String> {
    let name = OperationName::new(&format!("{system}.{}", asked.verb()))
        .map_err(|error| format!("{system} cannot name operations: {error}"))?;
    Ok(match asked {
        Asked::FindCitizen => OperationSpec {
            summary: "Finds the one citizen who has this number and name; nobody who fits is a fault.".into(),
            ..read::<Citizen>(name, citizen(""))
        },
        Asked::VerifyCitizen => OperationSpec {
            summary: "Tells whether there is a citizen with this number and name, and nothing else.".into(),
            ..read::<CitizenVerified>(name, vec!["/exists".into()])
        },
        Asked::FindHousehold => OperationSpec {
            summary: "Lists everybody of the household of the citizen who has this number and name.".into(),
            ..read::<Household>(name, citizen("/members/*"))
        },
        Asked::ConfirmMaritalStatus => OperationSpec {
            summary: "Tells the marital status of the citizen who has this number and name, and the spouse.".into(),
            ..read::<MaritalStatusConfirmed>(name, marital_status())
        },
    })
}

/// The input has no pointer that is not one of the output too, but for what is listed here.
fn read<O: JsonSchema>(name: OperationName, answered: Vec<Text>) -> OperationSpec {
    let mut personal: Vec<Text> =
        ["/identity_number", "/old_identity_number", "/name", "/birth_date"].map(Text::from).to_vec();
    personal.extend(answered.into_iter().filter(|pointer| !QUESTION.contains(&pointer.as_ref())));
    OperationSpec {
        name,
        summary: Text::default(),
        effect: Effect::Read,
        snapshot: false,
        splits: false,
        lookup: None,
        input: input_schema::<CitizenQuestion>(),
        output: output_schema::<O>(),
        example: example(),
        key_field: None,
        personal,
        body_limit: 16 * 1024,
    }
}

/// Personal fields of every question.
const QUESTION: [&str; 4] = ["/identity_number", "/old_identity_number", "/name", "/birth_date"];

/// Every field of a citizen that stands at `at`.
fn citizen(at: &str) -> Vec<Text> {
    const FIELDS: [&str; 15] = [
        "identity_number",
        "old_identity_number",
        "name",
        "sex",
        "sex_code",
        "ethnicity_code",
        "religion_code",
        "marital_status",
        "marital_status_code",
        "blood_group",
        "blood_group_code",
        "nationality",
        "household_book_number",
        "birth/date",
        "birth/year",
    ];
    const PLACES: [&str; 4] = ["birth_registration", "origin", "permanent_residence", "current_residence"];
    const PLACE: [&str; 5] = ["province_code", "district_code", "commune_code", "detail", "country"];
    const RELATIVES: [&str; 4] = ["father", "mother", "spouse", "representative"];
    let below = |parents: &[&str], fields: &[&str]| -> Vec<Text> {
        let of = |parent: &&str| {
            fields.iter().map(move |field| format!("{at}/{parent}/{field}").into()).collect::<Vec<Text>>()
        };
        parents.iter().flat_map(of).collect()
    };
    let mut all: Vec<Text> = FIELDS.into_iter().map(|field| format!("{at}/{field}").into()).collect();
    all.push(format!("{at}/birth/text").into());
    all.extend(below(&PLACES, &PLACE));
    all.extend(below(&RELATIVES, &RELATIVE));
    all.extend(below(&["household_head"], &["relation_code", "name", "identity_number", "old_identity_number"]));
    all
}

const RELATIVE: [&str; 4] = ["name", "identity_number", "old_identity_number", "nationality"];

fn marital_status() -> Vec<Text> {
    let own = ["/marital_status", "/marital_status_code"].map(Text::from);
    own.into_iter().chain(RELATIVE.map(|field| format!("/spouse/{field}").into())).collect()
}

fn example() -> Value {
    json!({
        "purpose": { "procedure_code": "1.000094", "officer": "canbo01", "unit": "H56.14" },
        "identity_number": "038199000001",
        "name": "Nguyễn Văn Mẫu",
        "birth_date": "1999-01-02"
    })
}
