//! The closed list of public fault codes, each with its kind and public text. Every code has a section in `docs/faults.md`; a test holds that.

use serde::{Deserialize, Serialize};

use super::{FaultKind, PublicText};

/// A stable public code. Clients may switch on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum FaultCode {
    #[serde(rename = "LT-UNREACHABLE")]
    Unreachable,
    #[serde(rename = "LT-TIMEOUT")]
    Timeout,
    #[serde(rename = "LT-INTERRUPTED")]
    Interrupted,
    #[serde(rename = "LT-OUTCOME-UNKNOWN")]
    OutcomeUnknown,
    #[serde(rename = "LT-THROTTLED")]
    Throttled,
    #[serde(rename = "LT-UNAVAILABLE")]
    Unavailable,
    #[serde(rename = "LT-MAINTENANCE")]
    Maintenance,
    #[serde(rename = "LT-SESSION-REFUSED")]
    SessionRefused,
    #[serde(rename = "LT-FORBIDDEN")]
    Forbidden,
    #[serde(rename = "LT-REJECTED")]
    Rejected,
    #[serde(rename = "LT-CONFLICT")]
    Conflict,
    #[serde(rename = "LT-NOT-FOUND")]
    NotFound,
    #[serde(rename = "LT-UNINTELLIGIBLE")]
    Unintelligible,
    #[serde(rename = "LT-MAPPING")]
    Mapping,
    #[serde(rename = "LT-INVALID")]
    Invalid,
    #[serde(rename = "LT-EXPIRED")]
    Expired,
    #[serde(rename = "LT-INTERNAL")]
    Internal,
    #[serde(rename = "LT-BAD-JSON")]
    BadJson,
    #[serde(rename = "LT-UNKNOWN-OPERATION")]
    UnknownOperation,
    #[serde(rename = "LT-BODY-TOO-LARGE")]
    BodyTooLarge,
    #[serde(rename = "LT-DOSSIER-CODE")]
    DossierCode,
    #[serde(rename = "LT-EXPIRY-PAST")]
    ExpiryPast,
    #[serde(rename = "LT-BAD-PARAMETER")]
    BadParameter,
    #[serde(rename = "LT-BAD-CURSOR")]
    BadCursor,
    #[serde(rename = "LT-IDEMPOTENCY-KEY-MISSING")]
    IdempotencyKeyMissing,
    #[serde(rename = "LT-IDEMPOTENCY-CONFLICT")]
    IdempotencyConflict,
    #[serde(rename = "LT-ALIAS-TAKEN")]
    AliasTaken,
    #[serde(rename = "LT-NOT-CALLABLE")]
    NotCallable,
    #[serde(rename = "LT-CALLBACK-UNAVAILABLE")]
    CallbackUnavailable,
    #[serde(rename = "LT-NO-ROUTE")]
    NoRoute,
    #[serde(rename = "LT-NO-CREDENTIALS")]
    NoCredentials,
    #[serde(rename = "LT-NOT-PERMITTED")]
    NotPermitted,
    #[serde(rename = "LT-OVERLOADED")]
    Overloaded,
    #[serde(rename = "LT-QUOTA-EXCEEDED")]
    QuotaExceeded,
    #[serde(rename = "LT-DISK-FULL")]
    DiskFull,
    #[serde(rename = "LT-JOURNAL-UNAVAILABLE")]
    JournalUnavailable,
    #[serde(rename = "LT-SHUTTING-DOWN")]
    ShuttingDown,
    #[serde(rename = "LT-NO-SUCH-RECORD")]
    NoSuchRecord,
    #[serde(rename = "LT-NO-SUCH-PATH")]
    NoSuchPath,
    #[serde(rename = "LT-METHOD-NOT-ALLOWED")]
    MethodNotAllowed,
    #[serde(rename = "LT-WRONG-STATE")]
    WrongState,
    #[serde(rename = "LT-CONFIRMATION-NEEDED")]
    ConfirmationNeeded,
    #[serde(rename = "LT-REASON-MISSING")]
    ReasonMissing,
    #[serde(rename = "LT-CONFIGURATION-REFUSED")]
    ConfigurationRefused,
}

/// Code, kind, Vietnamese and English public text of each variant, in the order of the enum.
type Row = (FaultCode, &'static str, FaultKind, &'static str, &'static str);

const TABLE: [Row; 44] = [
    (
        FaultCode::Unreachable,
        "LT-UNREACHABLE",
        FaultKind::Unreachable,
        "Không kết nối được tới hệ thống đích; chưa gửi gì.",
        "The target system cannot be reached; nothing was sent.",
    ),
    (
        FaultCode::Timeout,
        "LT-TIMEOUT",
        FaultKind::Timeout,
        "Hệ thống đích không trả lời trong thời gian cho phép; chưa rõ kết quả.",
        "The target system did not answer in time; the outcome is unknown.",
    ),
    (
        FaultCode::Interrupted,
        "LT-INTERRUPTED",
        FaultKind::Interrupted,
        "Mất kết nối sau khi đã bắt đầu gửi; chưa rõ kết quả.",
        "The connection was lost after sending began; the outcome is unknown.",
    ),
    (
        FaultCode::OutcomeUnknown,
        "LT-OUTCOME-UNKNOWN",
        FaultKind::Interrupted,
        "Chưa rõ hệ thống đích đã xử lý hay chưa và không thể hỏi lại; cần người kiểm tra.",
        "It is unknown whether the target processed this, and it cannot be asked; a person must check.",
    ),
    (
        FaultCode::Throttled,
        "LT-THROTTLED",
        FaultKind::Throttled,
        "Hệ thống đích yêu cầu gửi chậm lại.",
        "The target system asks to slow down.",
    ),
    (
        FaultCode::Unavailable,
        "LT-UNAVAILABLE",
        FaultKind::Unavailable,
        "Hệ thống đích tạm ngừng phục vụ.",
        "The target system is not serving at the moment.",
    ),
    (
        FaultCode::Maintenance,
        "LT-MAINTENANCE",
        FaultKind::Unavailable,
        "Hệ thống đích đang bảo trì.",
        "The target system is in maintenance.",
    ),
    (
        FaultCode::SessionRefused,
        "LT-SESSION-REFUSED",
        FaultKind::Unauthenticated,
        "Hệ thống đích không chấp nhận phiên làm việc hoặc tài khoản kết nối.",
        "The target system does not accept our session or account.",
    ),
    (
        FaultCode::Forbidden,
        "LT-FORBIDDEN",
        FaultKind::Forbidden,
        "Hệ thống đích không cho phép đơn vị kết nối thực hiện thao tác này.",
        "The target system does not permit us this operation.",
    ),
    (
        FaultCode::Rejected,
        "LT-REJECTED",
        FaultKind::Rejected,
        "Hệ thống đích từ chối dữ liệu.",
        "The target system refused the data.",
    ),
    (
        FaultCode::Conflict,
        "LT-CONFLICT",
        FaultKind::Conflict,
        "Hệ thống đích từ chối vì trạng thái hiện tại không cho phép.",
        "The target system refused because its present state does not allow it.",
    ),
    (
        FaultCode::NotFound,
        "LT-NOT-FOUND",
        FaultKind::NotFound,
        "Hệ thống đích không có bản ghi được nêu.",
        "The target system does not have the record named.",
    ),
    (
        FaultCode::Unintelligible,
        "LT-UNINTELLIGIBLE",
        FaultKind::Unintelligible,
        "Không đọc được câu trả lời của hệ thống đích; chưa rõ kết quả.",
        "The target system's answer cannot be read; the outcome is unknown.",
    ),
    (
        FaultCode::Mapping,
        "LT-MAPPING",
        FaultKind::Mapping,
        "Quy tắc chuyển đổi hoặc định tuyến của cổng bị lỗi.",
        "A transform or route of the gateway failed.",
    ),
    (
        FaultCode::Invalid,
        "LT-INVALID",
        FaultKind::Invalid,
        "Bản tin không đúng cấu trúc của thao tác.",
        "The message breaks the operation's schema.",
    ),
    (
        FaultCode::Expired,
        "LT-EXPIRED",
        FaultKind::Expired,
        "Đã quá hạn gửi trước khi gửi được.",
        "The message expired before it could be sent.",
    ),
    (
        FaultCode::Internal,
        "LT-INTERNAL",
        FaultKind::Internal,
        "Lỗi nội bộ của cổng kết nối.",
        "A defect of the gateway.",
    ),
    (
        FaultCode::BadJson,
        "LT-BAD-JSON",
        FaultKind::Invalid,
        "Nội dung không phải JSON hợp lệ.",
        "The body is not valid JSON.",
    ),
    (
        FaultCode::UnknownOperation,
        "LT-UNKNOWN-OPERATION",
        FaultKind::NotFound,
        "Không có thao tác này.",
        "There is no such operation.",
    ),
    (
        FaultCode::BodyTooLarge,
        "LT-BODY-TOO-LARGE",
        FaultKind::Invalid,
        "Nội dung vượt quá giới hạn của thao tác.",
        "The body is over the operation's limit.",
    ),
    (
        FaultCode::DossierCode,
        "LT-DOSSIER-CODE",
        FaultKind::Invalid,
        "Mã số hồ sơ không đúng quy tắc.",
        "The dossier code breaks the rule.",
    ),
    (
        FaultCode::ExpiryPast,
        "LT-EXPIRY-PAST",
        FaultKind::Invalid,
        "Hạn gửi đã qua ngay khi tiếp nhận.",
        "The expiry has passed already.",
    ),
    (
        FaultCode::BadParameter,
        "LT-BAD-PARAMETER",
        FaultKind::Invalid,
        "Tham số không hợp lệ.",
        "A parameter or header is not valid.",
    ),
    (
        FaultCode::BadCursor,
        "LT-BAD-CURSOR",
        FaultKind::Invalid,
        "Con trỏ trang không hợp lệ.",
        "The cursor is not one of ours.",
    ),
    (
        FaultCode::IdempotencyKeyMissing,
        "LT-IDEMPOTENCY-KEY-MISSING",
        FaultKind::Invalid,
        "Thiếu Idempotency-Key.",
        "The Idempotency-Key is missing.",
    ),
    (
        FaultCode::IdempotencyConflict,
        "LT-IDEMPOTENCY-CONFLICT",
        FaultKind::Conflict,
        "Idempotency-Key đã dùng cho nội dung khác.",
        "The Idempotency-Key was used for other content.",
    ),
    (
        FaultCode::AliasTaken,
        "LT-ALIAS-TAKEN",
        FaultKind::Conflict,
        "Bí danh đã thuộc về hồ sơ khác.",
        "An alias already leads to another key.",
    ),
    (
        FaultCode::NotCallable,
        "LT-NOT-CALLABLE",
        FaultKind::Invalid,
        "Chỉ gọi đồng bộ được thao tác đọc.",
        "Only read operations can be called synchronously.",
    ),
    (
        FaultCode::CallbackUnavailable,
        "LT-CALLBACK-UNAVAILABLE",
        FaultKind::Invalid,
        "Chưa hỗ trợ gọi lại (callback).",
        "Callbacks are not yet available.",
    ),
    (
        FaultCode::NoRoute,
        "LT-NO-ROUTE",
        FaultKind::Forbidden,
        "Không có quy tắc định tuyến nào nhận bản tin này.",
        "No route takes this message.",
    ),
    (
        FaultCode::NoCredentials,
        "LT-NO-CREDENTIALS",
        FaultKind::Unauthenticated,
        "Thiếu hoặc sai thông tin xác thực.",
        "Credentials are missing or wrong.",
    ),
    (
        FaultCode::NotPermitted,
        "LT-NOT-PERMITTED",
        FaultKind::Forbidden,
        "Không có quyền thực hiện thao tác này.",
        "This client may not do this.",
    ),
    (
        FaultCode::Overloaded,
        "LT-OVERLOADED",
        FaultKind::Throttled,
        "Cổng kết nối đang quá tải; hãy gửi lại sau.",
        "The gateway is overloaded; send again later.",
    ),
    (
        FaultCode::QuotaExceeded,
        "LT-QUOTA-EXCEEDED",
        FaultKind::Throttled,
        "Vượt hạn mức gửi của đơn vị.",
        "The client's quota is used up for now.",
    ),
    (
        FaultCode::DiskFull,
        "LT-DISK-FULL",
        FaultKind::Unavailable,
        "Cổng kết nối tạm ngừng tiếp nhận vì sắp hết dung lượng lưu trữ.",
        "The gateway accepts nothing: its storage is nearly full.",
    ),
    (
        FaultCode::JournalUnavailable,
        "LT-JOURNAL-UNAVAILABLE",
        FaultKind::Unavailable,
        "Sổ lưu trữ của cổng tạm thời không ghi được.",
        "The gateway's journal cannot be written at the moment.",
    ),
    (
        FaultCode::ShuttingDown,
        "LT-SHUTTING-DOWN",
        FaultKind::Unavailable,
        "Cổng kết nối đang dừng.",
        "The gateway is shutting down.",
    ),
    (
        FaultCode::NoSuchRecord,
        "LT-NO-SUCH-RECORD",
        FaultKind::NotFound,
        "Không tìm thấy.",
        "There is no such exchange, delivery, group or system.",
    ),
    (
        FaultCode::NoSuchPath,
        "LT-NO-SUCH-PATH",
        FaultKind::NotFound,
        "Không có đường dẫn này.",
        "There is no such path.",
    ),
    (
        FaultCode::MethodNotAllowed,
        "LT-METHOD-NOT-ALLOWED",
        FaultKind::Invalid,
        "Phương thức không được hỗ trợ ở đường dẫn này.",
        "This path does not take that method.",
    ),
    (
        FaultCode::WrongState,
        "LT-WRONG-STATE",
        FaultKind::Conflict,
        "Trạng thái hiện tại không cho phép thao tác này.",
        "The present state does not allow this.",
    ),
    (
        FaultCode::ConfirmationNeeded,
        "LT-CONFIRMATION-NEEDED",
        FaultKind::Conflict,
        "Thao tác có thể gây gửi trùng hoặc sai thứ tự; cần xác nhận.",
        "This may send twice or out of order; it must be confirmed.",
    ),
    (FaultCode::ReasonMissing, "LT-REASON-MISSING", FaultKind::Invalid, "Phải nêu lý do.", "A reason is required."),
    (
        FaultCode::ConfigurationRefused,
        "LT-CONFIGURATION-REFUSED",
        FaultKind::Conflict,
        "Cấu hình mới có lỗi; cấu hình cũ vẫn chạy.",
        "The new configuration has problems; the old one keeps running.",
    ),
];

impl FaultCode {
    /// Every code there is.
    pub fn all() -> impl Iterator<Item = Self> {
        TABLE.iter().map(|row| row.0)
    }

    fn row(self) -> &'static Row {
        TABLE.get(self as usize).unwrap_or(&TABLE[0])
    }

    /// The code as clients see it: `LT-…`.
    pub fn as_str(self) -> &'static str {
        self.row().1
    }

    /// The kind this code belongs to.
    pub fn kind(self) -> FaultKind {
        self.row().2
    }

    /// The code's own text, safe to show.
    pub fn public(self) -> PublicText {
        let row = self.row();
        PublicText { vi: row.3.to_owned(), en: row.4.to_owned() }
    }
}

impl std::str::FromStr for FaultCode {
    type Err = ();
    fn from_str(value: &str) -> Result<Self, ()> {
        TABLE.iter().find(|row| row.1 == value).map(|row| row.0).ok_or(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_stands_in_the_order_of_the_enum() {
        for (place, row) in TABLE.iter().enumerate() {
            assert_eq!(row.0 as usize, place, "{}", row.1);
            assert_eq!(row.1.parse(), Ok(row.0));
            let json = serde_json::to_string(&row.0).unwrap();
            assert_eq!(json, format!("\"{}\"", row.1));
        }
    }
}
