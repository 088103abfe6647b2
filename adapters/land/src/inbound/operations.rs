//! What may come in from a land office, as the catalogue shows it: names, schemas, examples. It reads nothing.

use lienthong_core::inbound::InboundOperation;
use lienthong_core::operation::texts;
use lienthong_core::{OperationName, SystemId};
use serde_json::{Value, json};

use crate::model::{
    DossierFinished, DossierForwarded, ListReceived, SupplementReceived, SupplementRequested, TaxResultReceived,
    UndocumentedPush, output_schema,
};

/// What comes in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Forwarded,
    SupplementRequested,
    SupplementReceived,
    TaxResult,
    Finished,
    ReceivedForDesk,
    UpdateRequested,
    WrongProcedure,
    TaxSentBack,
    /// Pulled, not pushed.
    List,
}

/// What is pushed; the list is pulled and stands in the catalogue where lists are configured.
const PUSHED: [Kind; 9] = [
    Kind::Forwarded,
    Kind::SupplementRequested,
    Kind::SupplementReceived,
    Kind::TaxResult,
    Kind::Finished,
    Kind::ReceivedForDesk,
    Kind::UpdateRequested,
    Kind::WrongProcedure,
    Kind::TaxSentBack,
];

impl Kind {
    fn verb(self) -> &'static str {
        match self {
            Self::Forwarded => "dossier-forwarded",
            Self::SupplementRequested => "supplement-requested",
            Self::SupplementReceived => "supplement-received",
            Self::TaxResult => "tax-result-received",
            Self::Finished => "dossier-finished",
            Self::ReceivedForDesk => "dossier-received-for-desk",
            Self::UpdateRequested => "update-requested",
            Self::WrongProcedure => "wrong-procedure-reported",
            Self::TaxSentBack => "sent-back-by-tax",
            Self::List => "list-received",
        }
    }

    pub(crate) fn name(self, system: &SystemId) -> Result<OperationName, String> {
        OperationName::new(&format!("{system}.{}", self.verb()))
            .map_err(|error| format!("{system} cannot name operations: {error}"))
    }

    pub(crate) fn operation(self, system: &SystemId) -> Result<InboundOperation, String> {
        let (summary, body, example, personal) = self.described();
        Ok(InboundOperation {
            name: self.name(system)?,
            summary: summary.into(),
            body,
            example,
            personal: texts(personal),
        })
    }

    fn described(self) -> (&'static str, Value, Value, &'static [&'static str]) {
        const UNDOCUMENTED: &[&str] = &[""];
        let undocumented = |summary| (summary, output_schema::<UndocumentedPush>(), json!({}), UNDOCUMENTED);
        match self {
            Self::Forwarded => (
                "The dossier moved from one officer of the land office to another.",
                output_schema::<DossierForwarded>(),
                forwarded_example(),
                &["/content", "/files/*/name", "/files/*/link", "/other"],
            ),
            Self::SupplementRequested => (
                "The land office asks the applicant for more papers.",
                output_schema::<SupplementRequested>(),
                supplement_requested_example(),
                &["/note", "/files/*/name", "/files/*/link", "/other"],
            ),
            Self::SupplementReceived => (
                "The land office took the papers it had asked for.",
                output_schema::<SupplementReceived>(),
                json!({
                    "code": "H56.14-250115-0007",
                    "received_at": "2025-01-22T02:15:00Z",
                    "new_due_at": "2025-02-25T10:00:00Z"
                }),
                &["/other"],
            ),
            Self::TaxResult => (
                "The tax office's notices for the dossier arrived at the land office.",
                output_schema::<TaxResultReceived>(),
                tax_result_example(),
                &["/note", "/notices/*/owner_name", "/notices/*/link", "/other"],
            ),
            Self::Finished => (
                "The land office is done with the dossier: with a result, or returned or withdrawn.",
                output_schema::<DossierFinished>(),
                finished_example(),
                &["/results/*/name", "/results/*/link", "/other"],
            ),
            Self::ReceivedForDesk => {
                undocumented("The land office received a dossier on behalf of the one-stop desk; kept as it came.")
            }
            Self::UpdateRequested => undocumented("The land office asks for a dossier to be updated; kept as it came."),
            Self::WrongProcedure => undocumented(
                "The land office says that a dossier was entered under a wrong procedure; kept as it came.",
            ),
            Self::TaxSentBack => undocumented("The tax office sent a dossier back as wrong; kept as it came."),
            Self::List => (
                "One of the land office's own lists, as it stands today.",
                output_schema::<ListReceived>(),
                json!({
                    "list": "officers",
                    "taken_at": "2025-01-15T22:00:00Z",
                    "entries": [{ "code": "canbo01", "name": "Trần Thị Mẫu" }]
                }),
                &["/entries/*/name"],
            ),
        }
    }
}

/// What a land office of this name may push.
pub(crate) fn all(system: &SystemId) -> Result<Vec<InboundOperation>, String> {
    PUSHED.into_iter().map(|kind| kind.operation(system)).collect()
}

fn forwarded_example() -> Value {
    json!({
        "code": "H56.14-250115-0007",
        "from_officer": "canbo01",
        "to_officer": "canbo02",
        "status_code": "THAMDINH",
        "sent_back": false,
        "content": "Chuyển thẩm định",
        "forwarded_at": "2025-01-16T01:30:00Z",
        "due_at": "2025-01-20T10:00:00Z",
        "files": [{ "name": "Tờ trình", "link": "/files/1.pdf", "kind": "pdf", "originals": 1, "copies": 0 }]
    })
}

fn supplement_requested_example() -> Value {
    json!({
        "code": "H56.14-250115-0007",
        "requested_at": "2025-01-18T03:00:00Z",
        "officer": "canbo02",
        "paused": true,
        "note": "Bổ sung trích đo thửa đất",
        "files": []
    })
}

fn tax_result_example() -> Value {
    json!({
        "code": "H56.14-250115-0007",
        "officer": "canbo02",
        "received_at": "2025-01-25T02:00:00Z",
        "notices": [{
            "notice_number": "LTB2512345-TK0000002/TB-CCT",
            "owner_name": "Nguyễn Văn Mẫu",
            "subject": "Lệ phí trước bạ",
            "link": "/files/tb.pdf"
        }]
    })
}

fn finished_example() -> Value {
    json!({
        "code": "H56.14-250115-0007",
        "finished_at": "2025-02-10T03:00:00Z",
        "officer": "canbo02",
        "end": "result",
        "end_code": "0",
        "results": [{ "name": "Giấy chứng nhận", "link": "/files/gcn.pdf" }]
    })
}
