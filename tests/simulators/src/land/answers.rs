//! Answers as the land office writes them: `{data, status: {success, code, type, time, message}}`, lists, tokens, pages; it must not decide one.

use bytes::Bytes;
use serde_json::{Value, json};

use super::files::Content;

const BAD_GATEWAY: &str = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body><center><h1>502 Bad Gateway</h1></center></body>\r\n</html>\r\n";
const LOGIN: &str = "<!DOCTYPE html>\n<html lang=\"vi\"><head><meta charset=\"utf-8\"><title>Đăng nhập</title></head><body><form action=\"/account/login\"></form></body></html>\n";
const MAINTENANCE: &str = "<!DOCTYPE html>\n<html lang=\"vi\"><head><meta charset=\"utf-8\"><title>Thông báo</title></head>\n<body><h2>Hệ thống đang bảo trì</h2></body></html>\n";

/// A whole HTTP answer.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) content_type: &'static str,
    pub(super) retry_after: Option<u32>,
    pub(super) location: Option<String>,
    /// Told as `Content-Length`; `None`: the body comes in chunks of unknown number.
    pub(super) length: Option<u64>,
    pub(super) body: Content,
}

/// What was decided about a message of the desk.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Done,
    /// Refused in these words.
    Refused(String),
}

impl Answer {
    pub(super) fn json(status: u16, value: &Value) -> Self {
        Self::whole(status, "application/json; charset=utf-8", Bytes::from(value.to_string()))
    }

    pub(super) fn whole(status: u16, content_type: &'static str, body: Bytes) -> Self {
        let length = Some(body.len() as u64);
        Self { status, content_type, retry_after: None, location: None, length, body: Content::whole(body) }
    }

    fn page(status: u16, html: &'static str) -> Self {
        Self::whole(status, "text/html; charset=utf-8", Bytes::from_static(html.as_bytes()))
    }

    pub(super) fn bad_gateway() -> Self {
        Self::page(502, BAD_GATEWAY)
    }

    pub(super) fn login_page() -> Self {
        Self::page(200, LOGIN)
    }

    pub(super) fn maintenance(status: u16) -> Self {
        Self::page(status, MAINTENANCE)
    }

    pub(super) fn plain(status: u16, text: &'static str) -> Self {
        Self::page(status, text)
    }

    pub(super) fn throttled(retry_after: u32) -> Self {
        Self { retry_after: Some(retry_after), ..Self::plain(429, "Too Many Requests") }
    }

    /// iLIS: no token, or one that is over.
    pub(super) fn unauthorized() -> Self {
        Self::json(401, &json!({ "message": "Authorization has been denied for this request." }))
    }

    pub(super) fn outcome(outcome: &Outcome, time: &str) -> Self {
        Self::json(200, &envelope(outcome, time))
    }

    /// The first two thirds of the body, as valid HTTP.
    pub(super) fn cut(self) -> Self {
        match self.body.whole_bytes().cloned() {
            Some(body) => Self::whole(self.status, self.content_type, body.slice(..body.len() * 2 / 3)),
            None => Self::bad_gateway(),
        }
    }

    /// `success`, `code` and `data` as texts.
    pub(super) fn with_texts(self) -> Self {
        self.changed(|value| {
            let text = |value: &Value| Value::from(value.to_string().trim_matches('"').to_owned());
            for pointer in ["/data", "/status/success", "/status/code"] {
                if let Some(field) = value.pointer_mut(pointer) {
                    *field = text(field);
                }
            }
        })
    }

    pub(super) fn with_half_of_its_rows(self) -> Self {
        self.changed(|value| {
            if let Some(rows) = value.get_mut("data").and_then(Value::as_array_mut) {
                rows.truncate(rows.len() / 2);
            }
        })
    }

    /// The JSON of the body changed; what is none stays.
    fn changed(self, change: impl FnOnce(&mut Value)) -> Self {
        let Self { status, content_type, retry_after, location, length, body } = self;
        match body.whole_bytes().and_then(|bytes| serde_json::from_slice::<Value>(bytes).ok()) {
            Some(mut value) => {
                change(&mut value);
                Self::json(status, &value)
            }
            None => Self { status, content_type, retry_after, location, length, body },
        }
    }

    pub(super) fn emptied(self) -> Self {
        Self::whole(self.status, self.content_type, Bytes::new())
    }
}

/// `{data, status}`
pub(super) fn envelope(outcome: &Outcome, time: &str) -> Value {
    match outcome {
        Outcome::Done => status(json!(1), (json!(true), json!(200)), time, "Thành công"),
        Outcome::Refused(words) => status(json!(0), (json!(false), json!(400)), time, words),
    }
}

/// The envelope with any types in it.
pub(super) fn status(data: Value, said: (Value, Value), time: &str, words: &str) -> Value {
    let (success, code) = said;
    json!({
        "data": data,
        "status": { "success": success, "code": code, "type": "", "time": time, "message": words },
    })
}
