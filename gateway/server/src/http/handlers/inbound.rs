//! What external systems push, handed on as it came; the answer is in their dialect.

use axum::extract::{Request, State};
use axum::response::IntoResponse;
use http::request::Parts;
use http::{HeaderValue, StatusCode, header};
use lienthong_core::inbound::InboundRequest;
use lienthong_core::{Fault, FaultCode, SystemId};

use super::Answer;
use crate::http::body;
use crate::http::extract::{Entered, PathValues};
use crate::state::AppState;

/// Takes what an external system pushes.
///
/// Method, path, body and answer are the system's own; it proves itself in its own way.
#[utoipa::path(
    post, path = "/in/{system}/{path}", tag = "inbound", operation_id = "push", security(()),
    params(("system" = String, Path, description = "The system that pushes.", example = "portal"),
           ("path" = String, Path, description = "The rest of the path, as the system's dialect has it.")),
    request_body(content = String, content_type = "*/*", description = "In the system's dialect."),
    responses((status = 200, description = "In the system's dialect; other statuses too, as the dialect has them.", content_type = "*/*", body = String))
)]
pub(crate) async fn push(State(state): State<AppState>, _place: Entered, path: PathValues, request: Request) -> Answer {
    let system: SystemId = path.get("system").map_err(|_| no_such_path())?;
    let (parts, body) = request.into_parts();
    let received = body::whole(&state, &parts.headers, body).await?;
    let reply = state.service.inbound(&system, as_pushed(&parts, received.bytes.clone())).await?;
    let status = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let media_type = HeaderValue::from_static(reply.content_type);
    Ok((status, [(header::CONTENT_TYPE, media_type)], reply.body).into_response())
}

fn as_pushed(parts: &Parts, body: bytes::Bytes) -> InboundRequest {
    let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let after_system = parts.uri.path().splitn(4, '/').nth(3).unwrap_or_default();
    InboundRequest {
        method: parts.method.to_string(),
        path: format!("/{after_system}"),
        query: parts.uri.query().map(str::to_owned),
        headers: parts.headers.iter().map(|(name, value)| (name.as_str().to_owned(), text(value))).collect(),
        body,
    }
}

fn no_such_path() -> Fault {
    Fault::new(FaultCode::NoSuchPath.kind(), FaultCode::NoSuchPath, "no system of that name can exist")
}
