//! The JSON dialect: what each path asks and what it comes to; it must not misbehave.

use hyper::Method;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE};
use serde_json::{Value, json};
use tokio::time::Instant;

use super::answers::{Answer, Outcome};
use super::options::MinistryOptions;
use super::store::{Application, Cancelled, Registered, Store};
use super::tokens::Tokens;
use crate::net::request::{Query, Received};

/// Longest name of a holder, in characters.
const NAME_CHARS: usize = 100;

/// A call understood. Reads change nothing.
pub(super) enum Call {
    Register(Application),
    Get(String),
    ListOfRequest(String),
    ListOfHolder(String),
    Cancel(String),
    Health,
    /// What is wrong with the fields of a call.
    Invalid(Vec<(&'static str, &'static str)>),
}

impl Call {
    pub(super) fn is_write(&self) -> bool {
        match self {
            Self::Register(_) | Self::Cancel(_) => true,
            Self::Get(_) | Self::ListOfRequest(_) | Self::ListOfHolder(_) | Self::Health | Self::Invalid(_) => false,
        }
    }

    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Register(_) => "register",
            Self::Get(_) => "get",
            Self::ListOfRequest(_) | Self::ListOfHolder(_) => "list",
            Self::Cancel(_) => "cancel",
            Self::Health => "health",
            Self::Invalid(_) => "invalid",
        }
    }

    pub(super) fn perform(self, store: &mut Store) -> Outcome {
        match self {
            Self::Register(application) => match store.register(application) {
                Registered::New(permit) => Outcome::Registered(permit),
                Registered::Known(permit) => Outcome::Duplicate(permit),
                Registered::Full => Outcome::Full,
            },
            Self::Get(number) => store.get(&number).cloned().map_or(Outcome::NotFound, Outcome::Found),
            Self::ListOfRequest(request) => Outcome::List(store.of_request(&request)),
            Self::ListOfHolder(holder) => Outcome::List(store.of_holder(&holder)),
            Self::Cancel(number) => match store.cancel(&number) {
                Cancelled::Done(permit) => Outcome::Cancelled(permit),
                Cancelled::Already => Outcome::IllegalState,
                Cancelled::Unknown => Outcome::NotFound,
            },
            Self::Health => Outcome::Up,
            Self::Invalid(fields) => Outcome::Invalid(fields),
        }
    }
}

/// `None`: no such path or method.
pub(super) fn understand(received: &Received, path: &str) -> Option<Call> {
    let segments: Vec<&str> = path.trim_matches('/').split('/').collect();
    match (&received.method, segments.as_slice()) {
        (&Method::GET, ["health"]) => Some(Call::Health),
        (&Method::POST, ["permits"]) => Some(register(received)),
        (&Method::GET, ["permits"]) => Some(list(&received.query)),
        (&Method::GET, ["permits", number]) => Some(Call::Get((*number).to_owned())),
        (&Method::POST, ["permits", number, "cancel"]) => Some(cancel(&received.body, number)),
        (_, _) => None,
    }
}

fn register(received: &Received) -> Call {
    let content_type = received.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let (value, scan_bytes) = match content_type.split_once("boundary=") {
        Some((_, boundary)) => parts(&received.body, boundary),
        None => (serde_json::from_slice(&received.body).unwrap_or(Value::Null), 0),
    };
    let text = |pointer: &str| value.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
    applied(Application {
        holder: text("/holder/name"),
        holder_id: text("/holder/id_number"),
        kind: text("/kind"),
        request_id: text("/request_id"),
        scan_bytes,
    })
}

/// Checks what both dialects check.
pub(super) fn applied(application: Application) -> Call {
    let mut wrong = Vec::new();
    let Application { holder, holder_id, kind, request_id, scan_bytes: _ } = &application;
    if holder.is_empty() {
        wrong.push(("holder.name", "REQUIRED"));
    }
    if holder.chars().count() > NAME_CHARS {
        wrong.push(("holder.name", "TOO_LONG"));
    }
    if holder_id.len() != 12 || !holder_id.bytes().all(|byte| byte.is_ascii_digit()) {
        wrong.push(("holder.id_number", "FORMAT"));
    }
    for (name, value) in [("kind", kind), ("request_id", request_id)] {
        if value.is_empty() {
            wrong.push((name, "REQUIRED"));
        }
    }
    if wrong.is_empty() { Call::Register(application) } else { Call::Invalid(wrong) }
}

/// A multipart body's fields as JSON, dots as nesting, and the bytes of its files.
fn parts(body: &[u8], boundary: &str) -> (Value, usize) {
    let text = String::from_utf8_lossy(body);
    let mut value = json!({ "holder": {} });
    let mut files = 0;
    for part in text.split(&format!("--{boundary}")).filter_map(|part| part.strip_prefix("\r\n")) {
        let Some((head, content)) = part.split_once("\r\n\r\n") else { continue };
        let content = content.strip_suffix("\r\n").unwrap_or(content);
        let named = head.split_once("; name=\"").and_then(|(_, rest)| rest.split_once('"'));
        let Some((name, _)) = named else { continue };
        if head.contains("; filename=\"") {
            files += content.len();
            continue;
        }
        let pointer = name.split_once('.').map_or(format!("/{name}"), |(outer, inner)| format!("/{outer}/{inner}"));
        let (parent, last) = pointer.rsplit_once('/').unwrap_or_default();
        if let Some(fields) = value.pointer_mut(parent).and_then(Value::as_object_mut) {
            fields.insert(last.to_owned(), content.into());
        }
    }
    (value, files)
}

fn list(query: &Query) -> Call {
    match (query.get("request_id"), query.get("holder_id")) {
        (Some(request), _) => Call::ListOfRequest(request.to_owned()),
        (None, Some(holder)) => Call::ListOfHolder(holder.to_owned()),
        (None, None) => Call::Invalid(vec![("holder_id", "REQUIRED")]),
    }
}

fn cancel(body: &[u8], number: &str) -> Call {
    let body: Value = serde_json::from_slice(body).unwrap_or(Value::Null);
    match body.get("reason").and_then(Value::as_str) {
        Some(reason) if !reason.trim().is_empty() => Call::Cancel(number.to_owned()),
        Some(_) | None => Call::Invalid(vec![("reason", "REQUIRED")]),
    }
}

/// RFC 6749 §4.4: the client by Basic or in the form.
pub(super) fn token(options: &MinistryOptions, tokens: &mut Tokens, received: &Received) -> Answer {
    let form = Query::parse(&String::from_utf8_lossy(&received.body));
    let basic = received.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()?.strip_prefix("Basic "));
    let pair = |id: &str, secret: &str| (id.to_owned(), secret.to_owned());
    let client = match basic {
        Some(encoded) => decoded(encoded),
        None => form.get("client_id").zip(form.get("client_secret")).map(|(id, secret)| pair(id, secret)),
    };
    if form.get("grant_type") != Some("client_credentials") {
        return Answer::json(400, &json!({ "error": "unsupported_grant_type" }));
    }
    if client != Some(pair(&options.client_id, &options.client_secret)) {
        return Answer::json(401, &json!({ "error": "invalid_client" }));
    }
    let (token, lives) = tokens.give(Instant::now());
    // The number as a text: seen in the field.
    Answer::json(200, &json!({ "access_token": token, "token_type": "bearer", "expires_in": lives.to_string() }))
}

fn decoded(encoded: &str) -> Option<(String, String)> {
    use base64::Engine as _;
    let bytes = base64::engine::general_purpose::STANDARD.decode(encoded).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    let query = Query::parse(&text.replace(':', "&"));
    let mut both = query.names();
    Some((both.next()?.to_owned(), both.next()?.to_owned()))
}
