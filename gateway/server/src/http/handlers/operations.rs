//! Operations: what can be asked, and asking a read operation synchronously.

use axum::Json;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use http::{HeaderName, HeaderValue, header};
use lienthong_core::{Fault, FaultCode, OperationName};
use lienthong_engine::service::{CallAnswer, CallSubmission};

use super::Answer;
use crate::http::extract::{Admitted, PathValues, accepting};
use crate::http::model::{Operation, OperationList, OperationSummary};
use crate::http::{body, documented, headers};
use crate::state::AppState;

const EXCHANGE: HeaderName = HeaderName::from_static("lienthong-exchange");

/// Lists the operations of use to the caller.
#[utoipa::path(
    get, path = "/v1/operations", tag = "operations", operation_id = "listOperations",
    responses((status = 200, description = "What can be asked.", body = OperationList))
)]
pub(crate) async fn list(State(state): State<AppState>, call: Admitted) -> Answer {
    let config = state.service.configuration();
    let known = config.catalogue.iter().filter(|entry| call.identity.may_read_about(&entry.spec.name));
    let operations = known.map(OperationSummary::from).collect();
    Ok(Json(OperationList { operations }).into_response())
}

/// Shows one operation with its schemas and an example.
#[utoipa::path(
    get, path = "/v1/operations/{operation}", tag = "operations", operation_id = "getOperation",
    params(("operation" = String, Path, description = "`system.verb-noun`.", example = "portal.sync-dossier")),
    responses((status = 200, description = "The operation.", body = Operation))
)]
pub(crate) async fn show(State(state): State<AppState>, call: Admitted, path: PathValues) -> Answer {
    let name = operation(&path)?;
    if !call.identity.may_read_about(&name) {
        call.identity.may_ask(&name)?;
    }
    let config = state.service.configuration();
    let entry = config.catalogue.get(&name).ok_or_else(|| unknown("no such operation in the catalogue"))?;
    Ok(Json(Operation::from(entry)).into_response())
}

/// Asks a read operation and waits for its answer.
///
/// The body is the operation's input, the answer its output. `Prefer: wait=N` shortens the time the call may take.
#[utoipa::path(
    post, path = "/v1/operations/{operation}/call", tag = "operations", operation_id = "call",
    params(("operation" = String, Path, description = "`system.verb-noun`.", example = "portal.find-dossier"),
           documented::Purpose, documented::Unit, documented::Officer, documented::RecordKey, documented::PreferWait,
           documented::TraceParent),
    request_body(content = Object, content_type = "application/json", description = "The operation's input.",
                 example = json!({"dossier": "000.00.14.H56-250115-0007"})),
    responses((status = 200, description = "The operation's output.", body = Object,
               headers(("Lienthong-Exchange" = String, description = "The id the call is recorded under."))))
)]
pub(crate) async fn call(State(state): State<AppState>, call: Admitted, path: PathValues, request: Request) -> Answer {
    accepting(&state)?;
    let operation = operation(&path)?;
    call.identity.may_ask(&operation)?;
    let (parts, body) = request.into_parts();
    let (purpose, on_behalf_of) = (headers::purpose(&parts.headers)?, headers::on_behalf_of(&parts.headers)?);
    let key = headers::key(&parts.headers)?;
    let received = body::json(&state, &parts.headers, body).await?;
    let question = CallSubmission {
        operation,
        body: received.bytes.clone(),
        key,
        purpose,
        on_behalf_of,
        trace: Some(call.trace),
        timeout: headers::wait(&parts.headers),
    };
    let answer = state.service.call(&call.identity.caller(), question).await?;
    Ok(answered(answer))
}

fn answered(answer: CallAnswer) -> Response {
    let media_type = HeaderValue::from_static(answer.body.content_type.media_type());
    let mut response = ([(header::CONTENT_TYPE, media_type)], answer.body.bytes).into_response();
    if let Ok(id) = HeaderValue::from_str(&answer.exchange.to_string()) {
        response.headers_mut().insert(EXCHANGE, id);
    }
    response
}

/// A name that is no operation's name is an operation that does not exist.
fn operation(path: &PathValues) -> Result<OperationName, Fault> {
    path.get("operation").map_err(|bad| Fault { problems: bad.problems, ..unknown("not an operation's name") })
}

fn unknown(detail: &str) -> Fault {
    Fault::new(FaultCode::UnknownOperation.kind(), FaultCode::UnknownOperation, detail)
}
