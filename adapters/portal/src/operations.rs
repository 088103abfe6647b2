//! The portal's operations as the catalogue shows them: effects, schemas, examples, limits. It runs none of them.

use lienthong_core::operation::{Effect, texts};
use lienthong_core::{OperationName, OperationSpec, SystemId};
use serde_json::{Value, json};

use crate::config::FieldLimits;
use crate::model::{
    Accepted, Agencies, Dossier, DossierQuery, DossierSynced, Fields, FoundDossier, NoInput, ProcedureInput,
    ProcedureOutput, Procedures, Progress, StatusUpdate, input_schema, output_schema,
};

#[cfg(test)]
mod tests;

/// Which operation a name asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asked {
    SyncDossier,
    SyncProgress,
    SyncStatus,
    FindDossier,
    ListProcedures,
    GetProcedure,
    ListAgencies,
    ListFields,
}

impl Asked {
    pub(crate) const ALL: [Self; 8] = [
        Self::SyncDossier,
        Self::SyncProgress,
        Self::SyncStatus,
        Self::FindDossier,
        Self::ListProcedures,
        Self::GetProcedure,
        Self::ListAgencies,
        Self::ListFields,
    ];

    pub(crate) fn verb(self) -> &'static str {
        match self {
            Self::SyncDossier => "sync-dossier",
            Self::SyncProgress => "sync-progress",
            Self::SyncStatus => "sync-status",
            Self::FindDossier => "find-dossier",
            Self::ListProcedures => "list-procedures",
            Self::GetProcedure => "get-procedure",
            Self::ListAgencies => "list-agencies",
            Self::ListFields => "list-fields",
        }
    }

    /// The operation of this system with that name.
    pub(crate) fn of(system: &SystemId, name: &OperationName) -> Option<Self> {
        let verb = name.as_str().strip_prefix(system.as_str())?.strip_prefix('.')?;
        Self::ALL.into_iter().find(|asked| asked.verb() == verb)
    }
}

/// Everything the portal offers, under the system's own name.
pub(crate) fn all(system: &SystemId, limits: &FieldLimits) -> Result<Vec<OperationSpec>, String> {
    Asked::ALL.into_iter().map(|asked| spec(asked, system, limits)).collect()
}

fn spec(asked: Asked, system: &SystemId, limits: &FieldLimits) -> Result<OperationSpec, String> {
    let name = OperationName::new(&format!("{system}.{}", asked.verb()))
        .map_err(|error| format!("{system} cannot name operations: {error}"))?;
    let spec = match asked {
        Asked::SyncDossier => sync_dossier(name, limits),
        Asked::SyncProgress => sync_progress(name, limits),
        Asked::SyncStatus => sync_status(name, limits),
        Asked::FindDossier => OperationSpec {
            input: input_schema::<DossierQuery>(),
            output: output_schema::<FoundDossier>(),
            example: json!({ "code": "H56.14-250115-0007" }),
            key_field: Some("/code".into()),
            ..read(name, "Asks whether the portal has a dossier; it tells nothing else about it.")
        },
        Asked::ListProcedures => OperationSpec {
            output: output_schema::<Procedures>(),
            ..read(name, "Lists the published procedures; a short list may be a partial answer.")
        },
        Asked::GetProcedure => OperationSpec {
            input: input_schema::<ProcedureInput>(),
            output: output_schema::<ProcedureOutput>(),
            example: json!({ "code": "1.000094" }),
            ..read(name, "Reads one procedure of the national catalogue.")
        },
        Asked::ListAgencies => {
            OperationSpec { output: output_schema::<Agencies>(), ..read(name, "Lists the agencies the portal knows.") }
        }
        Asked::ListFields => {
            OperationSpec { output: output_schema::<Fields>(), ..read(name, "Lists the fields of administration.") }
        }
    };
    Ok(spec)
}

/// A read without input; the others replace what they have of their own.
fn read(name: OperationName, summary: &'static str) -> OperationSpec {
    OperationSpec {
        name,
        summary: summary.into(),
        effect: Effect::Read,
        snapshot: false,
        splits: false,
        lookup: None,
        input: input_schema::<NoInput>(),
        output: Value::Bool(true),
        example: json!({}),
        key_field: None,
        personal: Vec::new(),
        body_limit: 4 * 1024,
    }
}

fn sync_dossier(name: OperationName, limits: &FieldLimits) -> OperationSpec {
    let mut input = input_schema::<Dossier>();
    for (pointer, most) in [
        ("/properties/summary", limits.summary),
        ("/properties/note", limits.note),
        ("/properties/papers/items/properties/file_name", limits.paper_name),
        ("/properties/results/items/properties/name", limits.result_name),
    ] {
        set_most(&mut input, pointer, most);
    }
    OperationSpec {
        name,
        summary:
            "Tells the portal the whole present state of a dossier; inserts it when it is new, updates it otherwise."
                .into(),
        effect: Effect::Upsert,
        snapshot: true,
        splits: false,
        lookup: None,
        input,
        output: output_schema::<DossierSynced>(),
        example: dossier_example(),
        key_field: Some("/code".into()),
        personal: texts(&[
            "/owner/name",
            "/owner/tech_id",
            "/owner/document_number",
            "/owner/identities/*/number",
            "/owner/email",
            "/owner/phone",
            "/owner/fax",
            "/summary",
            "/other_information",
            "/note",
            "/return_information",
            "/papers/*/file_name",
            "/papers/*/url",
            "/supplements/*/requested_by",
            "/supplements/*/received_by",
            "/supplements/*/content",
            "/supplements/*/reception_information",
            "/results/*/name",
            "/results/*/url",
            "/extensions",
            "/message",
        ]),
        body_limit: 2 * 1024 * 1024,
    }
}

fn sync_progress(name: OperationName, limits: &FieldLimits) -> OperationSpec {
    let mut input = input_schema::<Progress>();
    set_most(&mut input, "/properties/steps/items/properties/officer", limits.officer);
    if let Some(steps) = input.pointer_mut("/properties/steps").and_then(Value::as_object_mut) {
        steps.insert("minItems".into(), json!(1));
    }
    OperationSpec {
        name,
        summary: "Adds steps to a dossier's history at the portal, in order; the portal has no way to take one back."
            .into(),
        effect: Effect::Once,
        snapshot: false,
        splits: true,
        // The portal tells nothing about steps: an unknown outcome is for a person.
        lookup: None,
        input,
        output: output_schema::<Accepted>(),
        example: json!({
            "code": "H56.14-250115-0007",
            "steps": [{
                "officer": "Trần Thị Mẫu",
                "position": "Chuyên viên",
                "at": "2025-01-15T08:30:00+07:00",
                "department": "Bộ phận Một cửa",
                "content": "Tiếp nhận hồ sơ",
                "status": "received",
                "started_at": "2025-01-15T08:30:00+07:00",
                "due_at": "2025-01-16T08:30:00+07:00"
            }]
        }),
        key_field: Some("/code".into()),
        personal: texts(&["/steps/*/officer", "/steps/*/content", "/message"]),
        body_limit: 1024 * 1024,
    }
}

fn sync_status(name: OperationName, limits: &FieldLimits) -> OperationSpec {
    let mut input = input_schema::<StatusUpdate>();
    set_most(&mut input, "/properties/papers/items/properties/file_name", limits.paper_name);
    OperationSpec {
        name,
        summary: "Tells the portal the status of a dossier that began there.".into(),
        effect: Effect::Upsert,
        snapshot: true,
        splits: false,
        lookup: None,
        input,
        output: output_schema::<Accepted>(),
        example: json!({
            "code": "H56.14-250115-0009",
            "portal_code": "G02-250115-000001",
            "content": "Đã tiếp nhận",
            "at": "2025-01-15T09:00:00+07:00",
            "status": "received"
        }),
        key_field: Some("/code".into()),
        personal: texts(&["/owner_tech_id", "/content", "/papers/*/file_name", "/papers/*/url", "/message"]),
        body_limit: 1024 * 1024,
    }
}

/// The configured length into the schema, so that it is refused at the door.
fn set_most(schema: &mut Value, pointer: &str, most: usize) {
    if let Some(field) = schema.pointer_mut(pointer).and_then(Value::as_object_mut) {
        field.insert("maxLength".into(), json!(most));
    }
}

fn dossier_example() -> Value {
    json!({
        "code": "H56.14-250115-0007",
        "procedure_code": "1.000094.000.00.00.H56",
        "procedure_name": "Đăng ký kết hôn có yếu tố nước ngoài (mẫu)",
        "field_code": "G15-TP01",
        "field_name": "Hộ tịch",
        "channel": "online",
        "owner": {
            "name": "NGUYỄN VĂN MẪU",
            "kind": "citizen",
            "identities": [{ "kind": "citizen_id", "number": "038199000001" }],
            "phone": "0900000000"
        },
        "summary": "Đề nghị đăng ký kết hôn",
        "submitted_at": "2025-01-15T07:45:12+07:00",
        "received_at": "2025-01-15T08:30:00+07:00",
        "due_at": "2025-01-22T17:00:00+07:00",
        "status": "processing",
        "return_method": "direct",
        "handling_unit": "UBND huyện Mẫu",
        "papers": [{
            "id": "1",
            "file_name": "ToKhai.pdf",
            "component_code": "KQ.G15.000001",
            "url": "https://dvc.example/file/abc"
        }],
        "fees": [{ "name": "Lệ phí", "code": "LP01", "collection": "2", "amount": 20000, "kind": "2" }]
    })
}
