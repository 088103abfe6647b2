//! Answers as values: JSON, XML and text, read strictly. It judges nothing, and what it cannot read it says without repeating it.

mod exact;
#[cfg(test)]
mod tests;

use std::borrow::Cow;

use lienthong_formats::{encoding, xml};
use lienthong_kit::fault;
use serde_json::{Map, Value, json};

use crate::config::{AnswerConfig, AnswerForm};

/// Bounds of an answer in XML, besides the operation's own limit of bytes. An element may carry a document.
const XML_LIMITS: xml::Limits = xml::Limits::CARRIER;
/// How much of an answer is looked through for phrases, in bytes.
const PAGE_BYTES: usize = 64 * 1024;

/// How one operation's answers are read.
#[derive(Debug, Clone)]
pub(crate) struct Reader {
    form: AnswerForm,
    lists: xml::Arrays,
    may_be_empty: bool,
    headers: Vec<String>,
    pub(crate) limit: usize,
}

/// An answer as rules and programs see it.
#[derive(Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Map<String, Value>,
    /// The body, or why it cannot be read.
    pub(crate) body: Result<Value, String>,
    /// The beginning of the body as it came, for phrases on pages.
    pub(crate) page: String,
}

impl Reader {
    pub(crate) fn new(config: &AnswerConfig) -> Self {
        let AnswerConfig { form, lists, may_be_empty, headers, limit, map: _ } = config;
        Self {
            form: *form,
            lists: xml::Arrays::new(lists),
            may_be_empty: *may_be_empty,
            headers: headers.clone(),
            limit: *limit,
        }
    }

    /// For a probe, whose content nobody looks at.
    pub(crate) fn probe() -> Self {
        Self::new(&AnswerConfig { form: AnswerForm::Text, may_be_empty: true, ..AnswerConfig::default() })
    }

    pub(crate) fn read(&self, status: u16, headers: &http::HeaderMap, body: &[u8]) -> Answer {
        let body = body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body);
        let shown = |name: &String| {
            let value = headers.get(name.as_str())?.to_str().ok()?;
            Some((name.clone(), json!(value)))
        };
        Answer {
            status,
            headers: self.headers.iter().filter_map(shown).collect(),
            body: self.content(status, body),
            page: String::from_utf8_lossy(body.get(..PAGE_BYTES).unwrap_or(body)).into_owned(),
        }
    }

    fn content(&self, status: u16, body: &[u8]) -> Result<Value, String> {
        if matches!(status, 204 | 205) || body.iter().all(u8::is_ascii_whitespace) {
            let allowed = matches!(status, 204 | 205) || self.may_be_empty;
            return if allowed { Ok(Value::Null) } else { Err("an answer without a body".to_owned()) };
        }
        if is_page(body) {
            return Err("a page of HTML where an answer belongs".to_owned());
        }
        match self.form {
            AnswerForm::Json => json_value(body),
            AnswerForm::Xml => {
                let root =
                    xml::read(body, &XML_LIMITS).map_err(|error| format!("an answer that is no XML: {error}"))?;
                Ok(xml::to_value(&root, &self.lists))
            }
            AnswerForm::Text => {
                let text = encoding::utf8(body).map_err(|error| format!("an answer that is no UTF-8 text: {error}"))?;
                Ok(json!(text))
            }
        }
    }
}

/// serde_json's errors name position and expectation, never content.
fn json_value(body: &[u8]) -> Result<Value, String> {
    let text = encoding::utf8(body).map_err(|error| format!("an answer that is no UTF-8 text: {error}"))?;
    serde_json::from_str(&exact::numbers_kept(text))
        .map_err(|error| format!("an answer that is no JSON, at line {}, column {}", error.line(), error.column()))
}

/// Whether it is a page: some gateways answer for the system behind them, with any status.
pub(crate) fn is_page(body: &[u8]) -> bool {
    fault::is_html(body)
}

/// Whether every number of a JSON text survives what programs compute with.
pub(crate) fn is_exact(text: &str) -> bool {
    matches!(exact::numbers_kept(text), Cow::Borrowed(_))
}

impl Answer {
    /// What programs see of it, beside the input.
    pub(crate) fn event(&self, input: &Value) -> Value {
        let body = self.body.as_ref().ok();
        json!({ "status": self.status, "headers": self.headers, "body": body, "input": input })
    }
}

/// The size only: answers hold personal data.
impl std::fmt::Debug for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Answer(HTTP {}, {} bytes shown)", self.status, self.page.len())
    }
}
