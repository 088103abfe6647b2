//! `multipart/form-data` (RFC 7578): fields and files, with a boundary that does not occur in them. It reads no file.

use bytes::{Bytes, BytesMut};
use lienthong_core::fault::FieldProblem;
use lienthong_formats::base64;
use serde_json::Value;

use super::{Encoded, fields, items, not_flat};
use crate::template::{class, scalar};

/// One part with its head written.
struct Part {
    head: String,
    content: Bytes,
}

pub(super) fn encode(body: &Value, files: &[String], reference: &str) -> Result<Encoded, Vec<FieldProblem>> {
    let mut parts = Vec::new();
    let mut problems = Vec::new();
    for (name, value) in fields(body)? {
        let is_file = files.iter().any(|file| file == name);
        for (pointer, item) in items(name, value) {
            if item.is_null() {
                continue;
            }
            match if is_file { file(name, &pointer, item) } else { field(name, pointer, item) } {
                Ok(part) => parts.push(part),
                Err(found) => problems.extend(found),
            }
        }
    }
    if problems.is_empty() { Ok(joined(&parts, reference)) } else { Err(problems) }
}

fn field(name: &str, pointer: String, value: &Value) -> Result<Part, Vec<FieldProblem>> {
    let text = scalar(value).ok_or_else(|| vec![not_flat(pointer, value)])?;
    let head = format!("Content-Disposition: form-data; name=\"{}\"", quoted(name));
    Ok(Part { head, content: text.into() })
}

fn file(name: &str, pointer: &str, value: &Value) -> Result<Part, Vec<FieldProblem>> {
    let mut problems = Vec::new();
    let mut text = |key: &str| {
        let found = value.get(key);
        let text = found.and_then(Value::as_str).filter(|text| key != "name" || !text.is_empty());
        if text.is_none() {
            let problem = "a file needs `name`, `type` and `content`, each a text";
            problems.push(FieldProblem::new(format!("{pointer}/{key}"), problem).of_class(class(found)));
        }
        text.unwrap_or_default().to_owned()
    };
    let (file_name, media_type, content) = (text("name"), text("type"), text("content"));
    if media_type.contains(|c: char| c.is_control()) {
        problems.push(FieldProblem::new(format!("{pointer}/type"), "must be a media type such as application/pdf"));
    }
    let content = base64::decode(&content);
    if content.is_err() && problems.is_empty() {
        problems.push(FieldProblem::new(format!("{pointer}/content"), "is not base64").of_class("text"));
    }
    match content {
        Ok(content) if problems.is_empty() => {
            let (name, file_name) = (quoted(name), quoted(&file_name));
            let head = format!(
                "Content-Disposition: form-data; name=\"{name}\"; filename=\"{file_name}\"\r\nContent-Type: {media_type}"
            );
            Ok(Part { head, content: content.into() })
        }
        Ok(_) | Err(_) => Err(problems),
    }
}

/// RFC 7578 §2, as browsers write it: quotes and line breaks percent-encoded, everything else as UTF-8.
fn quoted(name: &str) -> String {
    name.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A")
}

fn joined(parts: &[Part], reference: &str) -> Encoded {
    let boundary = boundary(parts, reference);
    let mut bytes = BytesMut::new();
    for Part { head, content } in parts {
        bytes.extend_from_slice(format!("--{boundary}\r\n{head}\r\n\r\n").as_bytes());
        bytes.extend_from_slice(content);
        bytes.extend_from_slice(b"\r\n");
    }
    bytes.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    Encoded { content_type: format!("multipart/form-data; boundary={boundary}"), bytes: bytes.freeze() }
}

/// The attempt's reference, with a number where the content holds it already: the same for the same attempt.
fn boundary(parts: &[Part], reference: &str) -> String {
    let plain: String = reference.chars().filter(char::is_ascii_alphanumeric).take(48).collect();
    let occurs = |candidate: &str| {
        let wanted = candidate.as_bytes();
        parts.iter().any(|part| part.content.windows(wanted.len()).any(|window| window == wanted))
    };
    let mut number: u32 = 0;
    loop {
        let candidate = format!("lienthong{plain}x{number}");
        if !occurs(&candidate) {
            return candidate;
        }
        number = number.saturating_add(1);
    }
}
