//! What the portal says: replies, refusals and pages, in its own words; it must not decide which one a call gets.

use bytes::Bytes;
use serde_json::{Map, Value, json};

/// A whole HTTP answer.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) content_type: &'static str,
    pub(super) retry_after: Option<u32>,
    pub(super) body: Bytes,
}

pub(super) const JSON: &str = "application/json; charset=utf-8";
const HTML: &str = "text/html; charset=utf-8";

const BAD_GATEWAY: &str = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n";
const FORBIDDEN: &str = "<html>\r\n<head><title>403 Forbidden</title></head>\r\n<body>\r\n<center><h1>403 Forbidden</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n";
const UNKNOWN_ADDRESS: &str = "<!DOCTYPE html>\n<html lang=\"vi\"><head><meta charset=\"utf-8\"><title>Từ chối truy cập</title></head>\n<body><p>Địa chỉ IP chưa được đăng ký kết nối.</p></body></html>\n";
const MAINTENANCE: &str = "<!DOCTYPE html>\n<html lang=\"vi\"><head><meta charset=\"utf-8\"><title>Thông báo</title></head>\n<body><h2>Hệ thống đang bảo trì</h2><p>Vui lòng quay lại sau.</p></body></html>\n";

impl Answer {
    pub(super) fn json(status: u16, value: &Value) -> Self {
        Self { status, content_type: JSON, retry_after: None, body: Bytes::from(value.to_string()) }
    }

    pub(super) fn bad_gateway() -> Self {
        Self::page(502, BAD_GATEWAY)
    }

    pub(super) fn forbidden() -> Self {
        Self::page(403, FORBIDDEN)
    }

    pub(super) fn unknown_address() -> Self {
        Self::page(403, UNKNOWN_ADDRESS)
    }

    pub(super) fn maintenance(status: u16) -> Self {
        Self::page(status, MAINTENANCE)
    }

    pub(super) fn throttled(retry_after: u32) -> Self {
        let body = json!({"message": "Too Many Requests"});
        Self { retry_after: Some(retry_after), ..Self::json(429, &body) }
    }

    /// What WSO2 API Manager says of a bad token: the LGSP answers, not the portal.
    pub(super) fn bad_token() -> Self {
        let fault = json!({"fault": {
            "code": 900_901, "message": "Invalid Credentials",
            "description": "Access failure for API. Make sure you have provided the correct security credentials"
        }});
        Self::json(401, &fault)
    }

    pub(super) fn plain(status: u16, text: &'static str) -> Self {
        Self {
            status,
            content_type: "text/plain; charset=utf-8",
            retry_after: None,
            body: Bytes::from_static(text.as_bytes()),
        }
    }

    fn page(status: u16, html: &'static str) -> Self {
        Self { status, content_type: HTML, retry_after: None, body: Bytes::from_static(html.as_bytes()) }
    }
}

/// A reply in the portal's envelope, before it becomes bytes.
#[derive(Debug)]
pub(super) struct Reply {
    pub(super) code: Value,
    pub(super) message: Value,
    pub(super) result: Option<Value>,
    pub(super) session: Option<String>,
}

impl Reply {
    pub(super) fn new(code: Value, message: &str) -> Self {
        Self { code, message: Value::from(message), result: None, session: None }
    }

    pub(super) fn into_value(self) -> Value {
        let mut fields = Map::new();
        if let Some(session) = self.session {
            fields.insert("session".to_owned(), Value::from(session));
        }
        fields.insert("error_code".to_owned(), self.code);
        fields.insert("message".to_owned(), self.message);
        if let Some(result) = self.result {
            fields.insert("result".to_owned(), result);
        }
        Value::Object(fields)
    }
}

/// Why a call was refused: what the portal says, and a stable name for the report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) reason: &'static str,
    pub(super) code: String,
    pub(super) message: String,
}

impl Refusal {
    pub(super) fn other(reason: &'static str, code: &str, message: impl Into<String>) -> Self {
        Self { reason, code: code.to_owned(), message: message.into() }
    }

    /// The real texts of refused data are not public; only "không thành công" and "đã tồn tại", "không tồn tại" are.
    fn data(reason: &'static str, detail: &str) -> Self {
        Self::other(reason, "3", format!("Đồng bộ không thành công: {detail}"))
    }

    pub(super) fn missing(field: &str) -> Self {
        Self::data("missing-field", &format!("trường {field} là bắt buộc"))
    }

    pub(super) fn not_a_string(field: &str) -> Self {
        Self::data("not-a-string", &format!("trường {field} sai kiểu dữ liệu"))
    }

    pub(super) fn bad_date(field: &str) -> Self {
        Self::data("bad-date", &format!("trường {field} không đúng định dạng yyyyMMddHHmmss"))
    }

    pub(super) fn too_long(field: &str, most: usize) -> Self {
        Self::data("too-long", &format!("trường {field} vượt quá {most} ký tự"))
    }

    pub(super) fn bad_status(value: &str) -> Self {
        Self::data("bad-status", &format!("trạng thái {value} không hợp lệ"))
    }

    pub(super) fn foreign_code(code: &str) -> Self {
        Self::data("foreign-code", &format!("mã hồ sơ {code} không thuộc đơn vị"))
    }

    pub(super) fn too_many_steps(most: usize) -> Self {
        Self::data("too-many-steps", &format!("vượt quá {most} bước trong một lần gửi"))
    }

    pub(super) fn bad_request(detail: &str) -> Self {
        Self::data("bad-request", detail)
    }

    pub(super) fn unreachable_file(words: &str, link: &str) -> Self {
        Self::other("unreachable-file", "3", format!("{words} {link}"))
    }

    /// Code `-3` and `3` are both seen beside these words.
    pub(super) fn already_exists(code: &str, turn: u64) -> Self {
        let number = if turn.is_multiple_of(2) { "-3" } else { "3" };
        Self::other("already-exists", number, format!("Mã hồ sơ {code} đã tồn tại"))
    }

    pub(super) fn unknown_dossier(code: &str) -> Self {
        Self::other("unknown-dossier", "3", format!("Mã hồ sơ {code} không tồn tại"))
    }

    pub(super) fn reply(&self) -> Reply {
        Reply::new(Value::from(self.code.as_str()), &self.message)
    }
}
