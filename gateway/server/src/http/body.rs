//! Request bodies, read within the port's limits: size while reading, time, and bytes in memory at once. It parses JSON and nothing of its meaning.

use std::time::Duration;

use axum::body::Body;
use axum::extract::{FromRequest, Request};
use bytes::{Bytes, BytesMut};
use http::{HeaderMap, header};
use http_body_util::BodyExt;
use lienthong_core::{Fault, FaultCode, FaultKind, FieldProblem, limits};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::problem::Refusal;
use crate::state::{AppState, Load};

/// Largest body of an operator's act: a reason of [`limits::NOTE_CHARS`], whatever its escapes, fits.
const ACT_BYTES: usize = 16 * 1024;
/// Of a refused body this much is read and thrown away, for this long at most.
const THROWN_AWAY_BYTES: usize = 64 * 1024 * 1024;
const THROWN_AWAY_FOR: Duration = Duration::from_secs(5);

/// A body in memory, with the room it takes.
#[derive(Debug)]
pub(crate) struct Received {
    pub(crate) bytes: Bytes,
    pub(crate) _load: Load,
}

/// Reads a whole body of at most the port's limit.
pub(crate) async fn whole(state: &AppState, headers: &HeaderMap, body: Body) -> Result<Received, Fault> {
    limited(state, headers, body, state.limits.body_bytes).await
}

/// The same for a body that says it is JSON (or says nothing).
pub(crate) async fn json(state: &AppState, headers: &HeaderMap, body: Body) -> Result<Received, Fault> {
    says_json(headers)?;
    whole(state, headers, body).await
}

/// The same for a limit of the path's own.
pub(crate) async fn limited(
    state: &AppState,
    headers: &HeaderMap,
    mut body: Body,
    limit: usize,
) -> Result<Received, Fault> {
    let announced = announced(headers);
    if announced.is_some_and(|length| length > limit as u64) {
        throw_away(body).await;
        return Err(too_large(limit));
    }
    let mut load = Load::default();
    state.doors.carry(&mut load, announced.and_then(|length| usize::try_from(length).ok()).unwrap_or(0))?;
    let reading = read(state, &mut body, limit, &mut load);
    match tokio::time::timeout(state.limits.read_timeout, reading).await {
        Ok(Ok(bytes)) => Ok(Received { bytes, _load: load }),
        Ok(Err(refused)) => {
            drop(load);
            throw_away(body).await;
            Err(refused)
        }
        Err(_) => Err(slow(state.limits.read_timeout)),
    }
}

/// Reads on without keeping anything, for a while: a client that is still writing would otherwise meet a closed connection
/// instead of our answer.
async fn throw_away(mut body: Body) {
    let reading = async {
        let mut thrown = 0;
        while let Some(Ok(frame)) = body.frame().await {
            thrown += frame.data_ref().map_or(0, Bytes::len);
            if thrown > THROWN_AWAY_BYTES {
                return;
            }
        }
    };
    if tokio::time::timeout(THROWN_AWAY_FOR, reading).await.is_err() {
        tracing::debug!("a refused body kept coming and is cut off");
    }
}

/// One chunk is taken as it is; several are joined.
async fn read(state: &AppState, body: &mut Body, limit: usize, load: &mut Load) -> Result<Bytes, Fault> {
    let mut first = Bytes::new();
    let mut joined = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(broken)?.into_data() else { continue };
        let length = first.len() + joined.len() + data.len();
        if length > limit {
            return Err(too_large(limit));
        }
        state.doors.carry(load, length)?;
        if first.is_empty() && joined.is_empty() {
            first = data;
        } else {
            joined.extend_from_slice(&std::mem::take(&mut first));
            joined.extend_from_slice(&data);
        }
    }
    Ok(if joined.is_empty() { first } else { joined.freeze() })
}

fn announced(headers: &HeaderMap) -> Option<u64> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// `application/json`, anything `+json`, in UTF-8; a body without a type is taken at its word.
fn says_json(headers: &HeaderMap) -> Result<(), Fault> {
    let Some(value) = headers.get(header::CONTENT_TYPE) else { return Ok(()) };
    if is_json(&value.to_str().unwrap_or_default().to_ascii_lowercase()) {
        return Ok(());
    }
    let problem = FieldProblem::new("Content-Type", "must be application/json in UTF-8");
    Err(Fault::new(FaultKind::Invalid, FaultCode::MediaType, "not JSON by its content type").with_problem(problem))
}

/// Whether a media type in small letters says JSON in UTF-8.
pub(crate) fn is_json(text: &str) -> bool {
    let mut parts = text.split(';').map(str::trim);
    let essence = parts.next().unwrap_or_default();
    let json = essence == "application/json" || (essence.starts_with("application/") && essence.ends_with("+json"));
    let utf8 = parts.all(|parameter| match parameter.split_once('=') {
        Some(("charset", charset)) => matches!(charset.trim_matches('"'), "utf-8" | "utf8"),
        Some(_) | None => true,
    });
    json && utf8
}

fn too_large(limit: usize) -> Fault {
    Fault::new(FaultKind::Invalid, FaultCode::BodyTooLarge, format!("more than {limit} bytes"))
        .with_problem(FieldProblem::new("", format!("is over {limit} bytes")))
}

fn slow(limit: Duration) -> Fault {
    Fault::new(FaultKind::Invalid, FaultCode::SlowRequest, format!("no whole body within {limit:?}"))
}

fn broken(cause: axum::Error) -> Fault {
    Fault::new(FaultKind::Invalid, FaultCode::BadJson, format!("the body broke off: {cause}"))
        .with_problem(FieldProblem::new("", "broke off before its end"))
}

/// JSON as `T`. What is wrong is told with its place: line and column where it is no JSON, the field where it is not what we expect.
/// The second reading, which finds the field, happens only after a failure.
pub(crate) fn parsed<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Result<T, Fault> {
    serde_json::from_slice(bytes).map_err(|error| {
        let mut reader = serde_json::Deserializer::from_slice(bytes);
        match serde_path_to_error::deserialize::<_, T>(&mut reader) {
            Ok(_) => unreadable(&error),
            Err(located) => misread(&pointer(located.path()), located.inner()),
        }
    })
}

fn misread(pointer: &str, error: &serde_json::Error) -> Fault {
    match error.classify() {
        serde_json::error::Category::Data => {
            let problem = without_value(&error.to_string());
            Fault::new(FaultKind::Invalid, FaultCode::BadParameter, format!("{pointer}: {problem}"))
                .with_problem(FieldProblem::new(field_pointer(pointer, &problem), problem))
        }
        serde_json::error::Category::Io | serde_json::error::Category::Syntax | serde_json::error::Category::Eof => {
            unreadable(error)
        }
    }
}

fn unreadable(error: &serde_json::Error) -> Fault {
    let problem = error.to_string();
    Fault::new(FaultKind::Invalid, FaultCode::BadJson, problem.clone()).with_problem(FieldProblem::new("", problem))
}

/// Missing and unknown fields are reported with the object's place: the field's own is added.
fn field_pointer(object: &str, problem: &str) -> String {
    let named = ["missing field `", "unknown field `", "duplicate field `"]
        .iter()
        .find_map(|prefix| problem.strip_prefix(prefix)?.split('`').next());
    match named.map(escaped) {
        Some(field) if !object.ends_with(&format!("/{field}")) => format!("{object}/{field}"),
        Some(_) | None => object.to_owned(),
    }
}

/// A name as RFC 6901 writes it in a pointer.
fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

fn pointer(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;
    let segment = |segment: &Segment| match segment {
        Segment::Seq { index } => format!("/{index}"),
        Segment::Map { key } => format!("/{}", escaped(key)),
        Segment::Enum { .. } | Segment::Unknown => String::new(),
    };
    path.iter().map(segment).collect()
}

/// What the reader says, without the sender's value (it may be personal) and without line and column, which the pointer replaces.
fn without_value(message: &str) -> String {
    let message = message.split(" at line ").next().unwrap_or(message);
    match message.split_once(", expected ") {
        Some((wrong, expected)) if wrong.starts_with("invalid ") => format!("must be {expected}"),
        Some(_) => message.to_owned(),
        None if message.starts_with("missing ")
            || message.starts_with("unknown ")
            || message.starts_with("duplicate ") =>
        {
            message.to_owned()
        }
        None => "is not well formed".to_owned(),
    }
}

/// The small body of an operator's act. An empty one is the default.
#[derive(Debug)]
pub(crate) struct ActBody<T>(pub(crate) T);

impl<T: DeserializeOwned + Default> FromRequest<AppState> for ActBody<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, Refusal> {
        let (parts, body) = request.into_parts();
        let limit = ACT_BYTES.min(state.limits.body_bytes);
        let received = limited(state, &parts.headers, body, limit).await?;
        if received.bytes.is_empty() {
            return Ok(Self(T::default()));
        }
        says_json(&parts.headers)?;
        Ok(Self(parsed(&received.bytes)?))
    }
}

/// A person's words: not longer than the limit.
pub(crate) fn note(place: &str, text: Option<String>) -> Result<Option<String>, Fault> {
    match text {
        Some(long) if long.chars().count() > limits::NOTE_CHARS => {
            Err(super::params::bad(place, format!("is longer than {} characters", limits::NOTE_CHARS)))
        }
        Some(hostile) if !lienthong_core::text::is_plain(&hostile) => {
            Err(super::params::bad(place, "holds control characters or marks that turn the direction of text"))
        }
        Some(blank) if blank.trim().is_empty() => Ok(None),
        other => Ok(other),
    }
}

#[cfg(test)]
mod tests;
