//! The tax gateway's operations as the catalogue shows them: effects, schemas, examples, limits. It runs none of them.

use lienthong_core::operation::{Effect, Text, texts};
use lienthong_core::{OperationName, OperationSpec, SystemId};
use schemars::JsonSchema;
use serde_json::{Value, json};

use crate::config::TaxConfig;
use crate::model::{
    FindLandLedger, FindTaxpayer, LandLedger, ObligationSubmitted, SubmitLandObligation, TaxpayerFound, input_schema,
    output_schema,
};

/// A slip in a form of our own, signed by somebody who does not exist: the real form is not public.
const EXAMPLE: &str = include_str!("../testdata/slip.signed.xml");

/// Which operation a name asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asked {
    FindTaxpayer,
    FindLandLedger,
    SubmitLandObligation,
}

impl Asked {
    pub(crate) const ALL: [Self; 3] = [Self::FindTaxpayer, Self::FindLandLedger, Self::SubmitLandObligation];

    pub(crate) fn verb(self) -> &'static str {
        match self {
            Self::FindTaxpayer => "find-taxpayer",
            Self::FindLandLedger => "find-land-ledger",
            Self::SubmitLandObligation => "submit-land-obligation",
        }
    }

    /// The operation of this system with that name.
    pub(crate) fn of(system: &SystemId, name: &OperationName) -> Option<Self> {
        let verb = name.as_str().strip_prefix(system.as_str())?.strip_prefix('.')?;
        Self::ALL.into_iter().find(|asked| asked.verb() == verb)
    }

    /// Whether a gateway configured so can be asked it.
    fn is_offered(self, config: &TaxConfig) -> bool {
        match self {
            Self::FindTaxpayer => true,
            Self::FindLandLedger => config.ledger.is_some(),
            Self::SubmitLandObligation => config.slip.is_some(),
        }
    }
}

/// Everything a gateway configured so offers, under the system's own name.
pub(crate) fn all(system: &SystemId, config: &TaxConfig) -> Result<Vec<OperationSpec>, String> {
    Asked::ALL.into_iter().filter(|asked| asked.is_offered(config)).map(|asked| spec(asked, system, config)).collect()
}

fn spec(asked: Asked, system: &SystemId, config: &TaxConfig) -> Result<OperationSpec, String> {
    let name = OperationName::new(&format!("{system}.{}", asked.verb()))
        .map_err(|error| format!("{system} cannot name operations: {error}"))?;
    Ok(match asked {
        Asked::FindTaxpayer => find_taxpayer(name),
        Asked::FindLandLedger => find_land_ledger(name),
        Asked::SubmitLandObligation => submit_land_obligation(name, config),
    })
}

fn bare<I: JsonSchema, O: JsonSchema>(name: OperationName, personal: &[&'static str], example: Value) -> OperationSpec {
    OperationSpec {
        name,
        summary: Text::default(),
        effect: Effect::Read,
        snapshot: false,
        splits: false,
        lookup: None,
        input: input_schema::<I>(),
        output: output_schema::<O>(),
        example,
        key_field: None,
        personal: texts(personal),
        body_limit: 4 * 1024,
    }
}

fn find_taxpayer(name: OperationName) -> OperationSpec {
    let personal =
        ["/tax_code", "/taxpayers/*/tax_code", "/taxpayers/*/name", "/taxpayers/*/number", "/addresses/*/text"];
    OperationSpec {
        summary: "Finds a taxpayer by tax code, with status, tax office and addresses.".into(),
        ..bare::<FindTaxpayer, TaxpayerFound>(name, &personal, json!({ "tax_code": "2800000002" }))
    }
}

fn find_land_ledger(name: OperationName) -> OperationSpec {
    let personal = [
        "/owner_number",
        "/totals/*/tax_code",
        "/totals/*/entries/*/tax_code",
        "/totals/*/entries/*/owner/name",
        "/totals/*/entries/*/owner/number",
        "/totals/*/entries/*/owner/identity_number",
        "/totals/*/entries/*/owner/address",
        "/totals/*/entries/*/parcel/address",
    ];
    let example = json!({ "dossier_code": "000.00.32.H19-250108-0001", "owner_number": "038199000001" });
    OperationSpec {
        summary: "Tells what is still owed for a land dossier, decision by decision and instalment by instalment."
            .into(),
        key_field: Some("/dossier_code".into()),
        ..bare::<FindLandLedger, LandLedger>(name, &personal, example)
    }
}

/// Tax makes notices of every slip it takes, and nothing public tells whether it knows one: once, without a lookup.
fn submit_land_obligation(name: OperationName, config: &TaxConfig) -> OperationSpec {
    let most = config.slip.as_ref().map_or(0, |slip| slip.max_bytes);
    let slip = lienthong_formats::base64::encode(EXAMPLE.as_bytes());
    let example = json!({ "dossier_code": "H56.14-250115-0007", "slip": slip });
    OperationSpec {
        summary: "Hands a signed transfer slip to tax as it was signed, byte for byte, after verifying it.".into(),
        effect: Effect::Once,
        key_field: Some("/dossier_code".into()),
        body_limit: most.div_ceil(3).saturating_mul(4).saturating_add(4 * 1024),
        ..bare::<SubmitLandObligation, ObligationSubmitted>(name, &["/slip", "/message"], example)
    }
}
