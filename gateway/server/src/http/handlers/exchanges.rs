//! Exchanges: submit, list, show, the body as received, cancel, send again.

use axum::Json;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use http::{HeaderName, HeaderValue, StatusCode, Uri, header};
use lienthong_core::delivery::ExchangeState;
use lienthong_core::{ExchangeId, Fault, FaultCode};
use lienthong_engine::service::{self, ExchangeDetail};

use super::{Answer, search};
use crate::http::body::{self, ActBody, note};
use crate::http::extract::{Admitted, PathValues, accepting};
use crate::http::model::submission::submission;
use crate::http::model::{ComparedList, Envelope, Exchange, ExchangePage, Insight, Receipt, ResendRequest};
use crate::http::params::{Parameters, bad};
use crate::http::problem::Refusal;
use crate::http::{documented, headers};
use crate::reading::{self, visible};
use crate::security::Identity;
use crate::state::AppState;

const PREFERENCE_APPLIED: HeaderName = HeaderName::from_static("preference-applied");

/// Submits a message.
///
/// Answered when the message is on disk. With `Prefer: wait=N` the answer comes when the exchange is delivered or needs attention, or after N seconds.
#[utoipa::path(
    post, path = "/v1/exchanges", tag = "exchanges", operation_id = "submit",
    params(documented::IdempotencyKey, documented::PreferWait, documented::TraceParent),
    request_body(content = Envelope, content_type = "application/json", example = json!({
        "operation": "portal.sync-status", "key": "000.00.14.H56-250115-0007",
        "body": {"dossier": "000.00.14.H56-250115-0007", "status": "processing"}, "due_at": "2025-01-22T17:00:00+07:00"
    })),
    responses(
        (status = 202, description = "Accepted: it is on disk and will reach an end state.", body = Receipt,
         headers(("Location" = String, description = "Where its state is told."))),
        (status = 200, description = "Accepted, and settled within the wait.", body = Receipt,
         headers(("Location" = String), ("Preference-Applied" = String))),
    )
)]
pub(crate) async fn submit(State(state): State<AppState>, call: Admitted, request: Request) -> Answer {
    accepting(&state)?;
    let (parts, body) = request.into_parts();
    let wait = headers::wait(&parts.headers);
    let idempotency_key = headers::idempotency_key(&parts.headers)?;
    let received = body::json(&state, &parts.headers, body).await?;
    let Admitted { identity, trace, pass } = call;
    let submission = submission(&received.bytes, idempotency_key, trace)?;
    identity.may_ask(&submission.operation)?;
    let receipt = state.service.submit(&identity.caller(), submission).await?;
    drop((received, pass));
    let id = receipt.id;
    let Some(wait) = wait else { return Ok(accepted(receipt)) };
    // So many wait already that this wish is not granted: the preference is not applied, the message is accepted all the same.
    let Some(_place) = state.doors.wait() else { return Ok(accepted(receipt)) };
    let outcome = tokio::select! {
        outcome = state.service.wait(id, wait) => outcome,
        () = state.stopping.cancelled() => state.service.exchange(id).await,
    };
    match outcome {
        Ok(detail) => Ok(waited(receipt, &detail, wait.as_secs(), &identity)),
        // It is on disk: whatever keeps us from telling more, it was accepted.
        Err(fault) => {
            tracing::warn!(exchange = %id, code = fault.code.as_str(), detail = %fault.detail, "wait for an outcome failed");
            Ok(accepted(receipt))
        }
    }
}

fn accepted(receipt: service::Receipt) -> Response {
    let id = receipt.id;
    located(id, (StatusCode::ACCEPTED, Json(Receipt::from(receipt))).into_response())
}

fn waited(receipt: service::Receipt, detail: &ExchangeDetail, seconds: u64, identity: &Identity) -> Response {
    let id = receipt.id;
    let status = match detail.state {
        ExchangeState::Delivered | ExchangeState::Attention | ExchangeState::Closed => StatusCode::OK,
        ExchangeState::InProgress => StatusCode::ACCEPTED,
    };
    let mut shown = Receipt::from(service::Receipt { state: detail.state, ..receipt });
    shown.exchange = Some(Box::new(Exchange::of_detail(detail, Insight::of(identity))));
    let mut response = located(id, (status, Json(shown)).into_response());
    if let Ok(applied) = HeaderValue::from_str(&format!("wait={seconds}")) {
        response.headers_mut().insert(PREFERENCE_APPLIED, applied);
    }
    response
}

fn located(id: ExchangeId, mut response: Response) -> Response {
    if let Ok(location) = HeaderValue::from_str(&format!("/v1/exchanges/{id}")) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    response
}

/// Lists exchanges, newest first.
///
/// All given conditions hold. A page may hold fewer rows than asked, even none, and still have a `next_cursor`. Without a role a client
/// sees its own only.
#[utoipa::path(
    get, path = "/v1/exchanges", tag = "exchanges", operation_id = "listExchanges",
    params(documented::ExchangeQuery, documented::PageQuery),
    responses((status = 200, description = "One page.", body = ExchangePage))
)]
pub(crate) async fn list(State(state): State<AppState>, call: Admitted, uri: Uri) -> Answer {
    let mut query = Parameters::of(&uri);
    let mut filter = search::filter(&mut query);
    let (limit, cursor) = (query.limit(), query.cursor()?);
    query.finish()?;
    filter.client = call.identity.only_own(filter.client)?;
    let found = state.service.search(None, filter, cursor, limit).await.map_err(search::as_query)?;
    Ok(Json(ExchangePage::of(&found.page, Insight::of(&call.identity))).into_response())
}

/// Shows one exchange with its deliveries and every attempt.
#[utoipa::path(
    get, path = "/v1/exchanges/{id}", tag = "exchanges", operation_id = "getExchange",
    params(("id" = String, Path, description = "The exchange's id.")),
    responses((status = 200, description = "The exchange.", body = Exchange))
)]
pub(crate) async fn show(State(state): State<AppState>, call: Admitted, path: PathValues) -> Answer {
    let detail = visible(&state, &call.identity, path.get("id")?).await?;
    Ok(Json(Exchange::of_detail(&detail, Insight::of(&call.identity))).into_response())
}

/// The body as it was received.
///
/// For the client that sent it. Operators see it too, with a reason that is kept with the act: it may hold personal data.
#[utoipa::path(
    get, path = "/v1/exchanges/{id}/body", tag = "exchanges", operation_id = "getExchangeBody",
    params(("id" = String, Path, description = "The exchange's id."),
           ("reason" = Option<String>, Query, description = "Why an operator looks; mandatory unless the exchange is the caller's own.")),
    responses((status = 200, description = "The body, in the type it was received in.", content_type = "application/json"))
)]
pub(crate) async fn body_of(State(state): State<AppState>, call: Admitted, path: PathValues, uri: Uri) -> Answer {
    let mut query = Parameters::of(&uri);
    let reason = query.take::<String>("reason");
    query.finish()?;
    let reason = note("?reason", reason)?;
    let reason = reason.ok_or_else(reason_missing);
    let (content_type, bytes) = reading::body(&state, &call.identity, path.get("id")?, reason).await?;
    let media_type = HeaderValue::from_static(content_type.media_type());
    Ok(([(header::CONTENT_TYPE, media_type)], bytes).into_response())
}

pub(super) fn reason_missing() -> Fault {
    Fault { code: FaultCode::ReasonMissing, public: FaultCode::ReasonMissing.public(), ..bad("?reason", "is required") }
}

/// What the routes made of it: the newest attempts beside what was received, field by field.
///
/// For the client that sent it, and for operators. Values that an operation marks as personal are hidden.
#[utoipa::path(
    get, path = "/v1/exchanges/{id}/differences", tag = "exchanges", operation_id = "getExchangeDifferences",
    params(("id" = String, Path, description = "The exchange's id.")),
    responses((status = 200, description = "The newest attempts of each delivery.", body = ComparedList))
)]
pub(crate) async fn differences(State(state): State<AppState>, call: Admitted, path: PathValues) -> Answer {
    let compared = reading::compared(&state, &call.identity, path.get("id")?).await?;
    Ok(Json(ComparedList::from(compared)).into_response())
}

/// Cancels every delivery of an exchange that is unsent.
#[utoipa::path(
    post, path = "/v1/exchanges/{id}/cancel", tag = "exchanges", operation_id = "cancelExchange",
    params(("id" = String, Path, description = "The exchange's id.")),
    responses((status = 200, description = "The exchange as it stands now.", body = Exchange))
)]
pub(crate) async fn cancel(State(state): State<AppState>, call: Admitted, path: PathValues) -> Answer {
    let seen = changeable(&state, &call.identity, path.get("id")?).await?;
    let detail = state.service.cancel(&call.identity.caller(), seen.record.meta.id).await?;
    Ok(Json(Exchange::of_detail(&detail, Insight::of(&call.identity))).into_response())
}

/// Sends a delivered exchange again, as a new one linked to it.
#[utoipa::path(
    post, path = "/v1/exchanges/{id}/resend", tag = "exchanges", operation_id = "resendExchange",
    params(("id" = String, Path, description = "The exchange's id."), documented::IdempotencyKey),
    request_body(content = ResendRequest, example = json!({"reason": "the portal restored an older backup"})),
    responses((status = 202, description = "The new exchange is on disk.", body = Receipt,
               headers(("Location" = String, description = "Where its state is told."))))
)]
pub(crate) async fn resend(
    State(state): State<AppState>,
    call: Admitted,
    path: PathValues,
    headers: http::HeaderMap,
    ActBody(ResendRequest { reason }): ActBody<ResendRequest>,
) -> Answer {
    accepting(&state)?;
    let idempotency_key = headers::idempotency_key(&headers)?;
    let seen = changeable(&state, &call.identity, path.get("id")?).await?;
    let (id, reason) = (seen.record.meta.id, reason.unwrap_or_default());
    let receipt = state.service.resend(&call.identity.caller(), id, &reason, idempotency_key).await?;
    Ok(accepted(receipt))
}

async fn changeable(state: &AppState, identity: &Identity, id: ExchangeId) -> Result<ExchangeDetail, Refusal> {
    let detail = visible(state, identity, id).await?;
    identity.may_change(&detail.record.meta.client)?;
    Ok(detail)
}
