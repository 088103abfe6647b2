//! Who must act on an error group, and why that is thought. Pure: what is known of the cause in, a verdict with its reasons out.

use lienthong_core::fault::PublicText;
use lienthong_core::{Fault, FaultCode, FaultKind};

use crate::dispatch::GateState;

/// Whose turn it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Party {
    /// The system that sent the message corrects it.
    SourceSystem,
    /// Our route, transform or code table.
    Mapping,
    /// A code list that the other side keeps and we follow.
    CodeList,
    /// The way between us.
    Network,
    /// The system that should have taken it.
    TargetSystem,
    /// Our certificate, password, token, or what the other side allows us.
    Credentials,
    /// A defect of the gateway itself.
    Gateway,
}

impl Party {
    pub const ALL: [Self; 7] = [
        Self::SourceSystem,
        Self::Mapping,
        Self::CodeList,
        Self::Network,
        Self::TargetSystem,
        Self::Credentials,
        Self::Gateway,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::SourceSystem => "source_system",
            Self::Mapping => "mapping",
            Self::CodeList => "code_list",
            Self::Network => "network",
            Self::TargetSystem => "target_system",
            Self::Credentials => "credentials",
            Self::Gateway => "gateway",
        }
    }
}

/// A party with what speaks for it, the strongest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    pub party: Party,
    pub reasons: Vec<PublicText>,
}

/// What is known of a cause.
#[derive(Debug, Clone, Copy)]
pub struct Evidence<'a> {
    pub fault: &'a Fault,
    /// Of the target system, where it has one.
    pub gate: Option<GateState>,
    /// Whether a table a look-up failed in follows a list of the other side.
    pub follows_their_list: bool,
    /// Clients whose messages are parked, where that was counted.
    pub clients: Option<usize>,
    /// Times the group came back after it was closed.
    pub reopened: u64,
}

/// Weighs what is known.
pub fn verdict(evidence: &Evidence<'_>) -> Verdict {
    let party = party(evidence);
    let mut reasons = vec![of_kind(evidence.fault.kind)];
    reasons.extend(of_code(evidence));
    reasons.extend(of_gate(evidence));
    reasons.extend(of_clients(party, evidence.clients));
    if evidence.reopened > 0 {
        let times = evidence.reopened;
        reasons.push(text(
            format!("Lỗi này đã tái diễn {times} lần sau khi được xử lý."),
            format!("It came back {times} times after it had been closed."),
        ));
    }
    Verdict { party, reasons }
}

fn party(evidence: &Evidence<'_>) -> Party {
    if evidence.fault.code == FaultCode::CodeUnmapped && evidence.follows_their_list {
        return Party::CodeList;
    }
    match evidence.fault.kind {
        FaultKind::Unreachable | FaultKind::Interrupted => Party::Network,
        FaultKind::Timeout | FaultKind::Throttled | FaultKind::Unavailable | FaultKind::Unintelligible => {
            Party::TargetSystem
        }
        FaultKind::Unauthenticated | FaultKind::Forbidden => Party::Credentials,
        FaultKind::Mapping => Party::Mapping,
        FaultKind::Rejected | FaultKind::Conflict | FaultKind::NotFound | FaultKind::Invalid | FaultKind::Expired => {
            Party::SourceSystem
        }
        FaultKind::Internal => Party::Gateway,
    }
}

fn of_kind(kind: FaultKind) -> PublicText {
    let (vi, en) = match kind {
        FaultKind::Unreachable => ("Không kết nối được; chưa gửi gì.", "No connection came about; nothing was sent."),
        FaultKind::Timeout => {
            ("Đã gửi nhưng không nhận được trả lời đúng hạn.", "It was sent, and no answer came in time.")
        }
        FaultKind::Interrupted => {
            ("Mất kết nối sau khi bắt đầu gửi.", "The connection was lost after sending had begun.")
        }
        FaultKind::Throttled => ("Hệ thống đích yêu cầu gửi chậm lại.", "The target asks for slower sending."),
        FaultKind::Unavailable => {
            ("Hệ thống đích báo tạm ngừng phục vụ.", "The target says that it does not serve now.")
        }
        FaultKind::Unauthenticated => (
            "Hệ thống đích không chấp nhận phiên, mã truy cập hoặc chứng thư của ta.",
            "The target does not accept our session, token or certificate.",
        ),
        FaultKind::Forbidden => {
            ("Hệ thống đích không cho phép ta gọi.", "The target knows who we are and does not allow us.")
        }
        FaultKind::Rejected => {
            ("Hệ thống đích đã đọc dữ liệu và từ chối.", "The target has read the data and refused them.")
        }
        FaultKind::Conflict => (
            "Hệ thống đích báo dữ liệu đã cũ hoặc sai trình tự.",
            "The target says that the data are stale or out of turn.",
        ),
        FaultKind::NotFound => {
            ("Hệ thống đích không biết hồ sơ được nêu.", "The target does not know what the message names.")
        }
        FaultKind::Unintelligible => ("Hệ thống đích trả lời không đọc được.", "The target's answer cannot be read."),
        FaultKind::Mapping => (
            "Quy tắc chuyển đổi hoặc bảng mã của ta không xử lý được.",
            "Our own transform, route or code table could not handle it.",
        ),
        FaultKind::Invalid => {
            ("Bản tin không đúng cấu trúc đã công bố.", "The message breaks the published structure.")
        }
        FaultKind::Expired => ("Bản tin quá hạn trước khi gửi.", "The message expired before it was sent."),
        FaultKind::Internal => ("Lỗi của chính trục liên thông.", "The gateway itself failed."),
    };
    text(vi, en)
}

fn of_code(evidence: &Evidence<'_>) -> Option<PublicText> {
    let problem = evidence.fault.problems.first()?;
    let field = if problem.pointer.is_empty() { "/" } else { problem.pointer.as_str() };
    let said = match (&problem.table, &problem.value_class) {
        (Some(table), Some(code)) => text(
            format!("Trường {field}: mã {code} không có trong bảng {table}."),
            format!("Field {field}: code {code} is not in table {table}."),
        ),
        (Some(table), None) => {
            text(format!("Trường {field}: thiếu trong bảng {table}."), format!("Field {field}: not in table {table}."))
        }
        (None, Some(_) | None) => {
            text(format!("Trường {field}: {}.", problem.problem), format!("Field {field}: {}.", problem.problem))
        }
    };
    Some(said)
}

fn of_gate(evidence: &Evidence<'_>) -> Option<PublicText> {
    let told = match evidence.gate? {
        GateState::Open => text("Hệ thống đích vẫn nhận các bản tin khác.", "The target takes other messages."),
        GateState::Probing => {
            text("Đang thử kết nối lại hệ thống đích.", "The target is being tried with one message at a time.")
        }
        GateState::Closed => text("Hệ thống đích đang ngừng với mọi bản tin.", "The target is down for all messages."),
        GateState::Paused => text("Người vận hành đã tạm dừng hệ thống đích.", "Operators have paused the target."),
        GateState::Maintenance => text("Hệ thống đích đang bảo trì.", "The target is in maintenance."),
    };
    Some(told)
}

fn of_clients(party: Party, clients: Option<usize>) -> Option<PublicText> {
    let told = match (party, clients?) {
        (Party::SourceSystem, 1) => text("Chỉ một đơn vị gửi gặp lỗi này.", "Only one sender meets it."),
        (_, many @ 2..) => text(
            format!("{many} đơn vị gửi cùng gặp lỗi này."),
            format!("{many} senders meet it, so it is hardly one sender's data."),
        ),
        (
            Party::SourceSystem
            | Party::Mapping
            | Party::CodeList
            | Party::Network
            | Party::TargetSystem
            | Party::Credentials
            | Party::Gateway,
            0 | 1,
        ) => return None,
    };
    Some(told)
}

fn text(vi: impl Into<String>, en: impl Into<String>) -> PublicText {
    PublicText { vi: vi.into(), en: en.into() }
}

#[cfg(test)]
mod tests {
    use lienthong_core::fault::FieldProblem;

    use super::*;

    fn judged(fault: &Fault, follows_their_list: bool) -> Verdict {
        verdict(&Evidence { fault, gate: Some(GateState::Open), follows_their_list, clients: Some(2), reopened: 0 })
    }

    #[test]
    fn each_kind_names_one_party() {
        for kind in FaultKind::ALL {
            let verdict = judged(&Fault::of(kind, "x"), false);
            assert!(!verdict.reasons.is_empty(), "{kind:?}");
            let agrees = match kind.origin() {
                lienthong_core::fault::Origin::Source => verdict.party == Party::SourceSystem,
                lienthong_core::fault::Origin::Network => verdict.party == Party::Network,
                lienthong_core::fault::Origin::Target => verdict.party == Party::TargetSystem,
                lienthong_core::fault::Origin::Gateway => {
                    [Party::Mapping, Party::Credentials, Party::Gateway].contains(&verdict.party)
                }
            };
            assert!(agrees, "{kind:?}: {verdict:?}");
        }
    }

    #[test]
    fn a_missing_code_is_ours_unless_the_list_is_theirs() {
        let mut problem = FieldProblem::new("/ward", "is not in the table on 2025-07-03").of_class("27412");
        problem.table = Some("admin-units".to_owned());
        let fault = Fault::new(FaultKind::Mapping, FaultCode::CodeUnmapped, "x").with_problem(problem);
        assert_eq!(judged(&fault, false).party, Party::Mapping);
        let theirs = judged(&fault, true);
        assert_eq!(theirs.party, Party::CodeList);
        let named =
            theirs.reasons.iter().any(|reason| reason.en == "Field /ward: code 27412 is not in table admin-units.");
        assert!(named, "{theirs:?}");
    }
}
