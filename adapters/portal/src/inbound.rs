//! What the portal pushes to the province: authenticated, read, and answered in its dialect. Pure; it stores and routes nothing.

mod push;
mod raw;

use std::time::Duration;

use lienthong_core::fault::{FaultCode, FaultKind, FieldProblem};
use lienthong_core::inbound::{
    InboundContent, InboundMessage, InboundOperation, InboundPart, InboundReply, InboundRequest, InboundResult,
    InboundSubmission,
};
use lienthong_core::operation::texts;
use lienthong_core::secret::SecretString;
use lienthong_core::{BusinessKey, Fault, Inbound, OperationName, SystemId, limits};
use lienthong_formats::encoding;
use serde::Serialize;
use serde_json::json;

use crate::config::{RepeatReply, UnreadableReply};
use crate::map;
use crate::map::tax::{self, Sorted};
use crate::model::{TaxNoticeReceived, TaxReceiptReceived, output_schema};
use crate::wire::inbound::{NoticeData, ReceiptData};
use crate::wire::loose::Many;
use crate::wire::service;
use push::Push;

#[cfg(test)]
mod tests;

/// Where the portal pushes, below `/in/{system}`.
const PATHS: [&str; 2] = ["/nhanhsdvcqg", "/nhantbthuedvcqg"];
/// What clients answer to what is not theirs.
const NOT_OURS: &str = "request body incorrect";

/// The inbound side of one portal.
pub(crate) struct PortalInbound {
    system: SystemId,
    key: SecretString,
    window: Duration,
    repeated: RepeatReply,
    unreadable: UnreadableReply,
    notice: OperationName,
    receipt: OperationName,
    operations: [InboundOperation; 2],
}

/// How a push is recognised and answered.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Manners {
    pub(crate) window: Duration,
    pub(crate) repeated: RepeatReply,
    pub(crate) unreadable: UnreadableReply,
}

/// What of a push is understood.
struct Understood {
    submissions: Vec<InboundSubmission>,
    unreadable: Vec<InboundPart>,
    /// Names the push without personal data.
    natural: String,
}

impl PortalInbound {
    pub(crate) fn new(system: SystemId, key: SecretString, manners: Manners) -> Result<Self, String> {
        let operations = operations(&system)?;
        let [notice, receipt] = operations.each_ref().map(|operation| operation.name.clone());
        let Manners { window, repeated, unreadable } = manners;
        Ok(Self { system, key, window, repeated, unreadable, notice, receipt, operations })
    }

    /// By the service named in the body; where none is, by the path's own.
    fn operation(&self, push: &Push<'_>, path: &str) -> &OperationName {
        match push.service.as_deref() {
            Some(service::TAX_NOTICE) => &self.notice,
            Some(service::TAX_RECEIPT) => &self.receipt,
            Some(_) | None if path == "/nhantbthuedvcqg" => &self.notice,
            Some(_) | None => &self.receipt,
        }
    }

    fn understand(&self, push: &Push<'_>) -> Result<Understood, Fault> {
        match push.service.as_deref() {
            Some(service::TAX_NOTICE) => self.notices(push),
            Some(service::TAX_RECEIPT) => self.receipts(push),
            Some(_) => Err(unreadable("/Service", "is no service this gateway takes")),
            None => Err(unreadable("/Service", "is missing")),
        }
    }

    fn notices(&self, push: &Push<'_>) -> Result<Understood, Fault> {
        let data: NoticeData = push.data()?;
        let document = push::decoded(&data.file).map_err(|problem| unreadable(FILE, &problem))?;
        let dossiers = tax::read_notices(&document).map_err(|problem| unreadable(FILE, &problem))?;
        let natural = dossiers.first().map(|first| first.ma_hso.clone()).unwrap_or_default();
        let day = push.day.as_deref().and_then(map::dates::read_day);
        let mut understood = Understood { submissions: Vec::new(), unreadable: Vec::new(), natural };
        for dossier in dossiers {
            let Sorted { whole, broken } = tax::sorted(dossier);
            if let Some(rows) = whole {
                let read = tax::notice(rows, day, push.updating);
                match BusinessKey::new(&read.code) {
                    Ok(key) => understood.submissions.push(self.notice_about(key, &read)?),
                    Err(error) => understood.unreadable.push(self.part(&read, "/code", &error.to_string())?),
                }
            }
            for (rows, pointer, problem) in broken {
                let read = tax::notice(rows, day, push.updating);
                understood.unreadable.push(self.part(&read, &pointer, problem)?);
            }
        }
        Ok(understood)
    }

    fn notice_about(&self, key: BusinessKey, read: &TaxNoticeReceived) -> Result<InboundSubmission, Fault> {
        let numbers: Vec<&str> = read.notices.iter().map(|notice| notice.decision_number.as_str()).collect();
        about(&self.notice, key, &numbers, read)
    }

    /// Notices that lack what would make them some.
    fn part(&self, read: &TaxNoticeReceived, pointer: &str, problem: &str) -> Result<InboundPart, Fault> {
        Ok(InboundPart {
            operation: self.notice.clone(),
            key: BusinessKey::new(&read.code).ok(),
            fault: unreadable(pointer, problem),
            body: map::json(read)?,
        })
    }

    fn receipts(&self, push: &Push<'_>) -> Result<Understood, Fault> {
        let Many(receipts) = push.data::<Many<ReceiptData>>()?;
        let mut submissions = Vec::with_capacity(receipts.len());
        let mut natural = String::new();
        for (place, data) in receipts.into_iter().enumerate() {
            let item = push.item(place);
            let read = tax::receipt(data, push.updating)
                .map_err(|(field, problem)| unreadable(&format!("{item}{field}"), problem))?;
            if natural.is_empty() {
                natural = format!("{}:{}", read.code, read.payment.notice_number);
            }
            let key = BusinessKey::new(&read.code)
                .map_err(|error| unreadable(&format!("{item}{}", tax::RECEIPT_CODE), &error.to_string()))?;
            submissions.push(about(&self.receipt, key, &[&read.payment.notice_number], &read)?);
        }
        match submissions.is_empty() {
            true => Err(unreadable("/data", "holds no receipt")),
            false => Ok(Understood { submissions, unreadable: Vec::new(), natural }),
        }
    }
}

const FILE: &str = "/data/FileThongBaoThue";

fn unreadable(pointer: &str, problem: &str) -> Fault {
    Fault::of(FaultKind::Invalid, format!("an authenticated push cannot be read: {pointer} {problem}"))
        .with_problem(FieldProblem::new(pointer, problem))
}

fn about(
    operation: &OperationName,
    key: BusinessKey,
    notice_numbers: &[&str],
    read: &impl Serialize,
) -> Result<InboundSubmission, Fault> {
    let mut aliases: Vec<BusinessKey> = Vec::new();
    for alias in notice_numbers.iter().filter_map(|number| BusinessKey::new(number).ok()) {
        if alias != key && !aliases.contains(&alias) && aliases.len() < limits::ALIASES {
            aliases.push(alias);
        }
    }
    Ok(InboundSubmission { operation: operation.clone(), key, aliases, body: map::json(read)? })
}

impl Inbound for PortalInbound {
    fn system(&self) -> &SystemId {
        &self.system
    }

    fn operations(&self) -> &[InboundOperation] {
        &self.operations
    }

    fn read(&self, request: &InboundRequest) -> Result<InboundMessage, Fault> {
        let path = request.path.trim_end_matches('/');
        if !PATHS.contains(&path) {
            return Err(Fault::new(FaultKind::NotFound, FaultCode::NoSuchPath, "the portal pushes to other paths"));
        }
        if request.method != "POST" {
            return Err(Fault::new(FaultKind::Invalid, FaultCode::MethodNotAllowed, "the portal pushes with POST"));
        }
        let raw = raw::authenticated(&request.body, &self.key)?;
        let (content, natural) = match &raw.push {
            Some(push) => match self.understand(push) {
                Ok(Understood { submissions, unreadable, natural }) if unreadable.is_empty() => {
                    (InboundContent::Submissions(submissions), natural)
                }
                Ok(Understood { submissions, unreadable, natural }) => {
                    (InboundContent::Partly { submissions, unreadable }, natural)
                }
                Err(fault) => (unread(self.operation(push, path), fault), "unreadable".to_owned()),
            },
            None => {
                let problem =
                    encoding::utf8(&request.body).err().map_or("is not UTF-8".into(), |error| error.to_string());
                let fault = unreadable("", &problem);
                let operation = if path == "/nhantbthuedvcqg" { &self.notice } else { &self.receipt };
                (unread(operation, fault), "unreadable".to_owned())
            }
        };
        let dedupe_key = format!("{path}:{natural}:{}", raw.digest);
        Ok(InboundMessage { content, dedupe_key, dedupe_window: self.window, raw: raw.body })
    }

    fn reply(&self, _: &InboundRequest, result: &InboundResult) -> InboundReply {
        match result {
            InboundResult::Accepted => said(0, "Thành công"),
            InboundResult::Repeated => match self.repeated {
                RepeatReply::Duplicate => said(1, "Bản tin đã được tiếp nhận trước đó"),
                RepeatReply::Success => said(0, "Thành công"),
            },
            InboundResult::Kept => match self.unreadable {
                UnreadableReply::Error => said(-1, "Đã lưu bản tin nhưng không đọc được nội dung"),
                UnreadableReply::Success => said(0, "Thành công"),
            },
            InboundResult::NotAccepted(fault) => not_accepted(fault),
        }
    }
}

fn unread(operation: &OperationName, fault: Fault) -> InboundContent {
    InboundContent::Unreadable { operation: operation.clone(), fault }
}

/// What is not theirs is a 500 with fixed words; everything else is HTTP 200 with the outcome in the body.
fn not_accepted(fault: &Fault) -> InboundReply {
    match fault.kind {
        FaultKind::Invalid | FaultKind::NotFound => {
            InboundReply { status: 500, content_type: "text/plain; charset=utf-8", body: NOT_OURS.into() }
        }
        FaultKind::Unauthenticated
        | FaultKind::Forbidden
        | FaultKind::Unreachable
        | FaultKind::Timeout
        | FaultKind::Interrupted
        | FaultKind::Throttled
        | FaultKind::Unavailable
        | FaultKind::Rejected
        | FaultKind::Conflict
        | FaultKind::Unintelligible
        | FaultKind::Mapping
        | FaultKind::Expired
        | FaultKind::Internal => said(-1, &fault.public.vi),
    }
}

fn said(code: i8, message: &str) -> InboundReply {
    let body = json!({ "error_code": code, "message": message }).to_string();
    InboundReply { status: 200, content_type: "application/json; charset=utf-8", body: body.into() }
}

/// What a portal of this name may push: notice, then receipt.
pub(crate) fn operations(system: &SystemId) -> Result<[InboundOperation; 2], String> {
    let named = |verb: &str| OperationName::new(&format!("{system}.{verb}")).map_err(|error| error.to_string());
    Ok([notice_operation(named("tax-notice-received")?), receipt_operation(named("tax-receipt-received")?)])
}

fn notice_operation(name: OperationName) -> InboundOperation {
    InboundOperation {
        name,
        summary: "The tax office's notices of a land dossier's financial obligation arrived.".into(),
        body: output_schema::<TaxNoticeReceived>(),
        example: json!({
            "code": "H56.14-250115-0007",
            "day": "2025-01-15",
            "updating": false,
            "notices": [{
                "tax_code": "2800000002",
                "decision_number": "LTB2512345-TK0000001/TB-CCT",
                "decision_date": "2025-01-15",
                "subject": "Thuế thu nhập từ chuyển nhượng bất động sản",
                "amount": "4634000"
            }]
        }),
        personal: texts(&["/notices/*/tax_code"]),
    }
}

fn receipt_operation(name: OperationName) -> InboundOperation {
    InboundOperation {
        name,
        summary: "A citizen's payment of a land dossier's financial obligation arrived.".into(),
        body: output_schema::<TaxReceiptReceived>(),
        example: json!({
            "code": "H56.14-250115-0007",
            "updating": false,
            "payer": {
                "name": "NGUYỄN VĂN MẪU", "identity_number": "038199000001", "address": "Số 1",
                "province_code": "38", "district_code": "380", "commune_code": "14758"
            },
            "tax_code": "2800000002",
            "receipt_url": "https://portal.test/chungtu.pdf",
            "payment": {
                "notice_number": "LTB2512345-TK0000001/TB-CCT",
                "paid_at": "2025-01-20T03:15:00Z",
                "amount": "4634000",
                "content": "Thuế TNCN chuyển nhượng BĐS",
                "status_code": "1",
                "paid": true
            }
        }),
        personal: texts(&["/payer/name", "/payer/identity_number", "/payer/address", "/tax_code", "/receipt_url"]),
    }
}
