//! The land office's operations as the catalogue shows them: effects, schemas, examples, limits. It runs none of them.

use lienthong_core::operation::{Effect, Text, texts};
use lienthong_core::{OperationName, OperationSpec, SystemId, limits};
use schemars::JsonSchema;
use serde_json::{Value, json};

use crate::config::{Dialect, EndpointConfig, LandConfig, ListsConfig};
use crate::model::{
    CheckCounterparts, CounterpartCheck, DossierSent, FetchFile, FetchedFile, ListKind, ListReceived, NewDossier,
    NoInput, ResultReturned, Supplement, WrongDossier, input_schema, output_schema,
};

#[cfg(test)]
mod tests;

/// Which operation a name asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asked {
    ReceiveDossier,
    SupplementDossier,
    ReturnResult,
    ReportWrongDossier,
    FetchFile,
    List(ListKind),
    CheckCounterparts,
}

impl Asked {
    pub(crate) const ALL: [Self; 9] = [
        Self::ReceiveDossier,
        Self::SupplementDossier,
        Self::ReturnResult,
        Self::ReportWrongDossier,
        Self::FetchFile,
        Self::List(ListKind::Officers),
        Self::List(ListKind::Procedures),
        Self::List(ListKind::Statuses),
        Self::CheckCounterparts,
    ];

    pub(crate) fn verb(self) -> &'static str {
        match self {
            Self::ReceiveDossier => "receive-dossier",
            Self::SupplementDossier => "supplement-dossier",
            Self::ReturnResult => "return-result",
            Self::ReportWrongDossier => "report-wrong-dossier",
            Self::FetchFile => "fetch-file",
            Self::List(ListKind::Officers) => "list-officers",
            Self::List(ListKind::Procedures) => "list-procedures",
            Self::List(ListKind::Statuses) => "list-statuses",
            Self::CheckCounterparts => "check-counterparts",
        }
    }

    /// The operation of this system with that name.
    pub(crate) fn of(system: &SystemId, name: &OperationName) -> Option<Self> {
        let verb = name.as_str().strip_prefix(system.as_str())?.strip_prefix('.')?;
        Self::ALL.into_iter().find(|asked| asked.verb() == verb)
    }

    /// Whether a land office configured so can be asked it.
    fn is_offered(self, config: &LandConfig) -> bool {
        let list = |kind| config.lists.as_ref().is_some_and(|lists| lists.of(kind).is_some());
        match self {
            Self::ReceiveDossier | Self::SupplementDossier | Self::ReturnResult => true,
            Self::ReportWrongDossier => match config.dialect {
                Dialect::Vbdlis => true,
                Dialect::Ilis => config.endpoints.iter().any(EndpointConfig::takes_wrong_dossiers),
            },
            Self::FetchFile => config.files.is_some(),
            Self::List(kind) => list(kind),
            Self::CheckCounterparts => ListKind::ALL.into_iter().any(list),
        }
    }
}

impl EndpointConfig {
    fn takes_wrong_dossiers(&self) -> bool {
        self.paths.report_wrong_dossier.is_some()
    }
}

impl ListsConfig {
    pub(crate) fn of(&self, kind: ListKind) -> Option<&crate::config::ListConfig> {
        match kind {
            ListKind::Officers => self.officers.as_ref(),
            ListKind::Procedures => self.procedures.as_ref(),
            ListKind::Statuses => self.statuses.as_ref(),
        }
    }
}

/// Everything a land office configured so offers, under the system's own name.
pub(crate) fn all(system: &SystemId, config: &LandConfig) -> Result<Vec<OperationSpec>, String> {
    Asked::ALL.into_iter().filter(|asked| asked.is_offered(config)).map(|asked| spec(asked, system)).collect()
}

fn spec(asked: Asked, system: &SystemId) -> Result<OperationSpec, String> {
    let name = OperationName::new(&format!("{system}.{}", asked.verb()))
        .map_err(|error| format!("{system} cannot name operations: {error}"))?;
    Ok(match asked {
        Asked::ReceiveDossier => receive_dossier(name),
        Asked::SupplementDossier => supplement_dossier(name),
        Asked::ReturnResult => return_result(name),
        Asked::ReportWrongDossier => report_wrong_dossier(name),
        Asked::FetchFile => fetch_file(name),
        Asked::List(kind) => OperationSpec {
            summary: format!("Lists the land office's {}, as its messages name them.", kind.name()).into(),
            ..read::<NoInput, ListReceived>(name, &["/entries/*/name"], json!({}))
        },
        Asked::CheckCounterparts => OperationSpec {
            summary: "Tells which of the codes we would send the land office does not know.".into(),
            body_limit: 1024 * 1024,
            ..read::<CheckCounterparts, CounterpartCheck>(
                name,
                &[],
                json!({ "list": "officers", "codes": ["canbo01", "canbo02"] }),
            )
        },
    })
}

fn read<I: JsonSchema, O: JsonSchema>(name: OperationName, personal: &[&'static str], example: Value) -> OperationSpec {
    OperationSpec { effect: Effect::Read, body_limit: 4 * 1024, ..bare::<I, O>(name, personal, example) }
}

/// A message about one dossier; the others replace what they have of their own.
fn write<I: JsonSchema>(
    name: OperationName,
    effect: Effect,
    personal: &[&'static str],
    example: Value,
) -> OperationSpec {
    let key_field: Option<Text> = Some("/code".into());
    OperationSpec { effect, key_field, ..bare::<I, DossierSent>(name, personal, example) }
}

/// Nothing here can be looked up: the land office tells nobody whether it has a dossier.
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
        body_limit: limits::BODY_BYTES,
    }
}

/// Repeated it is answered "đã tồn tại" and changes nothing: an upsert. An existing dossier is not brought up to date by it, so
/// that it is no snapshot.
fn receive_dossier(name: OperationName) -> OperationSpec {
    let personal = [
        "/asset_address",
        "/applicant/name",
        "/applicant/identity_number",
        "/applicant/address",
        "/applicant/phone",
        "/applicant/email",
        "/parcels/*/address",
        "/papers/*/name",
        "/papers/*/file",
        "/message",
    ];
    OperationSpec {
        summary: "Hands a dossier received at the one-stop desk to the land office; one that is there already stays as it is.".into(),
        ..write::<NewDossier>(name, Effect::Upsert, &personal, receive_example())
    }
}

/// It answers one request for supplement. Repeated later it could answer another one that came meanwhile: once.
fn supplement_dossier(name: OperationName) -> OperationSpec {
    let example = json!({
        "code": "H56.14-250115-0007",
        "new_due_at": "2025-02-25T17:00:00+07:00",
        "note": "Đã bổ sung trích đo",
        "papers": [{ "name": "Trích đo thửa đất", "originals": 1, "copies": 0 }]
    });
    OperationSpec {
        summary: "Tells the land office that the papers it asked for were handed in.".into(),
        ..write::<Supplement>(name, Effect::Once, &["/note", "/papers/*/name", "/papers/*/file", "/message"], example)
    }
}

/// Repeated it is answered "đã được trả" and changes nothing: an upsert.
fn return_result(name: OperationName) -> OperationSpec {
    let example = json!({ "code": "H56.14-250115-0007", "returned_at": "2025-02-12T09:00:00+07:00" });
    OperationSpec {
        summary: "Tells the land office that the applicant has the result.".into(),
        body_limit: 16 * 1024,
        ..write::<ResultReturned>(name, Effect::Upsert, &["/message"], example)
    }
}

/// Each one is a report of its own: once.
fn report_wrong_dossier(name: OperationName) -> OperationSpec {
    let example = json!({ "code": "H56.14-250115-0007", "content": "Sai tên chủ sử dụng đất" });
    OperationSpec {
        summary: "Tells the land office that the result it sent is wrong.".into(),
        ..write::<WrongDossier>(
            name,
            Effect::Once,
            &["/content", "/papers/*/name", "/papers/*/file", "/message"],
            example,
        )
    }
}

/// Its effect is here: the file is kept. Fetched again, the same content is kept once: an upsert, so that routes deliver it.
fn fetch_file(name: OperationName) -> OperationSpec {
    let example = json!({ "link": "/files/gcn.pdf", "code": "H56.14-250115-0007", "name": "Giấy chứng nhận" });
    OperationSpec {
        summary: "Fetches a file of the land office by its link and keeps it here, under the hash of its content."
            .into(),
        effect: Effect::Upsert,
        body_limit: 16 * 1024,
        ..bare::<FetchFile, FetchedFile>(name, &["/link", "/name"], example)
    }
}

fn receive_example() -> Value {
    json!({
        "code": "H56.14-250115-0007",
        "area": { "province_code": "38", "district_code": "380", "commune_code": "14758" },
        "received_by": "canbo01",
        "received_at": "2025-01-15T08:30:00+07:00",
        "due_at": "2025-02-15T17:00:00+07:00",
        "asset_address": "Xã Mẫu",
        "applicant": {
            "name": "Nguyễn Văn Mẫu",
            "identity_number": "038199000001",
            "address": "Số 1, xã Mẫu",
            "phone": "0900000000"
        },
        "process": { "code": "1.012786", "name": "Đăng ký biến động (mẫu)" },
        "parcels": [{ "number": "35", "map_sheet": "45", "square_metres": "120.5" }],
        "papers": [{
            "name": "Đơn đăng ký",
            "originals": 1,
            "file": { "name": "don.pdf", "data": "JVBERi0xLjQK" }
        }]
    })
}
