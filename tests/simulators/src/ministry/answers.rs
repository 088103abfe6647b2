//! What the ministry says, in both dialects: outcomes, refusals and pages; it must not decide which one a call gets.

use bytes::Bytes;
use serde_json::{Map, Value, json};

use super::store::{Permit, PermitState};

pub(super) const JSON: &str = "application/json";
const XML: &str = "application/xml; charset=utf-8";
const HTML: &str = "text/html; charset=utf-8";

/// A whole HTTP answer.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) content_type: &'static str,
    pub(super) retry_after: Option<u32>,
    pub(super) location: Option<String>,
    pub(super) body: Bytes,
}

/// Which dialect a call came in.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    Json,
    Legacy,
}

/// What a call came to, before it is put into words.
pub(super) enum Outcome {
    Registered(Permit),
    Found(Permit),
    List(Vec<Permit>),
    Cancelled(Permit),
    Up,
    /// The request's own id is known.
    Duplicate(Permit),
    NotFound,
    IllegalState,
    Invalid(Vec<(&'static str, &'static str)>),
    Full,
}

impl Outcome {
    pub(super) fn is_success(&self) -> bool {
        match self {
            Self::Registered(_) | Self::Found(_) | Self::List(_) | Self::Cancelled(_) | Self::Up => true,
            Self::Duplicate(_) | Self::NotFound | Self::IllegalState | Self::Invalid(_) | Self::Full => false,
        }
    }

    pub(super) fn said(&self, dialect: Dialect) -> Answer {
        match dialect {
            Dialect::Json => self.json(),
            Dialect::Legacy => self.xml(),
        }
    }

    /// Refusals of data come with HTTP 200: the ministry's framework knows no other way.
    fn json(&self) -> Answer {
        let said = |code: Value, message: &str, data: Value| json!({ "code": code, "message": message, "data": data });
        let success = |data: Value| said(json!(0), "Thành công", data);
        match self {
            Self::Registered(permit) => Answer {
                location: Some(format!("/v2/permits/{}", permit.number)),
                ..Answer::json(201, &success(json!(permit)))
            },
            Self::Found(permit) | Self::Cancelled(permit) => Answer::json(200, &success(json!(permit))),
            Self::List(permits) => Answer::json(200, &success(json!({ "items": permits, "total": permits.len() }))),
            Self::Up => Answer::json(200, &json!({ "status": "UP" })),
            Self::Duplicate(permit) => {
                let data = json!({ "number": permit.number });
                Answer::json(409, &said(json!("DUPLICATE"), "Yêu cầu đã được tiếp nhận", data))
            }
            Self::NotFound => Answer::json(404, &said(json!("NOT_FOUND"), "Không tìm thấy giấy phép", Value::Null)),
            Self::IllegalState => {
                Answer::json(409, &said(json!("ILLEGAL_STATE"), "Giấy phép đã bị hủy trước đó", Value::Null))
            }
            Self::Invalid(fields) => {
                let errors: Vec<Value> =
                    fields.iter().map(|(field, code)| json!({ "field": field, "code": code })).collect();
                let mut body = said(json!("INVALID"), "Dữ liệu không hợp lệ", Value::Null);
                if let Some(body) = body.as_object_mut() {
                    body.insert("errors".into(), Value::Array(errors));
                }
                Answer::json(200, &body)
            }
            Self::Full => Answer::json(507, &json!({ "error": "full" })),
        }
    }

    /// The legacy dialect says everything with HTTP 200 and a two-digit code.
    fn xml(&self) -> Answer {
        let (code, words, inside) = match self {
            Self::Registered(permit) | Self::Found(permit) | Self::Cancelled(permit) => {
                ("00", "Thành công", xml_permit(permit))
            }
            Self::List(permits) => {
                let inside: String = permits.iter().map(xml_permit).collect();
                ("00", "Thành công", format!("<DanhSach>{inside}</DanhSach>"))
            }
            Self::Up => ("00", "Thành công", String::new()),
            Self::Duplicate(permit) => {
                ("02", "Yêu cầu đã tồn tại", format!("<SoGiayPhep>{}</SoGiayPhep>", permit.number))
            }
            Self::NotFound => ("01", "Không tìm thấy giấy phép", String::new()),
            Self::IllegalState => ("03", "Giấy phép đã bị hủy trước đó", String::new()),
            Self::Invalid(fields) => {
                let names: Vec<&str> = fields.iter().map(|(field, _)| *field).collect();
                ("04", "Dữ liệu không hợp lệ", format!("<Truong>{}</Truong>", names.join(",")))
            }
            Self::Full => ("99", "Lỗi hệ thống", String::new()),
        };
        Answer::xml(&format!("<KetQua><Ma>{code}</Ma><MoTa>{words}</MoTa>{inside}</KetQua>"))
    }
}

fn xml_permit(permit: &Permit) -> String {
    let Permit { number, holder, holder_id, kind, request_id, state, scan_bytes: _ } = permit;
    let state = match state {
        PermitState::Active => "1",
        PermitState::Cancelled => "0",
    };
    format!(
        "<GiayPhep><SoGiayPhep>{}</SoGiayPhep><ChuSoHuu>{}</ChuSoHuu><CCCD>{}</CCCD><Loai>{}</Loai>\
         <MaYeuCau>{}</MaYeuCau><HieuLuc>{state}</HieuLuc></GiayPhep>",
        escaped(number),
        escaped(holder),
        escaped(holder_id),
        escaped(kind),
        escaped(request_id)
    )
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

impl Answer {
    pub(super) fn json(status: u16, value: &Value) -> Self {
        Self { status, content_type: JSON, retry_after: None, location: None, body: value.to_string().into() }
    }

    fn xml(inside: &str) -> Self {
        let text = format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{inside}");
        Self { status: 200, content_type: XML, retry_after: None, location: None, body: text.into() }
    }

    pub(super) fn page(status: u16, title: &str) -> Self {
        let html =
            format!("<!DOCTYPE html>\n<html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>\n");
        Self { status, content_type: HTML, retry_after: None, location: None, body: html.into() }
    }

    pub(super) fn bad_token() -> Self {
        Self::json(401, &json!({ "error": "invalid_token", "error_description": "The access token expired" }))
    }

    pub(super) fn throttled(retry_after: u32) -> Self {
        Self { retry_after: Some(retry_after), ..Self::json(429, &json!({ "error": "too many requests" })) }
    }

    /// "Không thành công" under code 0 and HTTP 200.
    pub(super) fn not_successful(dialect: Dialect) -> Self {
        let words = "Thực hiện không thành công";
        match dialect {
            Dialect::Json => Self::json(200, &json!({ "code": 0, "message": words, "data": null })),
            Dialect::Legacy => Self::xml(&format!("<KetQua><Ma>00</Ma><MoTa>{words}</MoTa></KetQua>")),
        }
    }

    /// The code wrapped in an object; XML gets an element where its text belongs.
    pub(super) fn with_object_code(self) -> Self {
        let body = match serde_json::from_slice::<Map<String, Value>>(&self.body) {
            Ok(mut fields) => {
                let code = fields.remove("code").unwrap_or(Value::Null);
                fields.insert("code".into(), json!({ "value": code }));
                Value::Object(fields).to_string()
            }
            Err(_) => String::from_utf8_lossy(&self.body).replace("<Ma>", "<Ma><v>").replace("</Ma>", "</v></Ma>"),
        };
        Self { body: body.into(), ..self }
    }
}
