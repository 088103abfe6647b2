//! One parked delivery: send it again, or give it up.

use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;

use super::{Answer, act};
use crate::http::body::ActBody;
use crate::http::extract::{Admitted, PathValues};
use crate::http::model::{Act, Delivery, Insight};
use crate::security::Role;
use crate::state::AppState;

/// Sends a parked delivery again.
///
/// Where that may send twice or out of order it must be confirmed.
#[utoipa::path(
    post, path = "/v1/deliveries/{id}/release", tag = "errors", operation_id = "releaseDelivery",
    params(("id" = String, Path, description = "The delivery's id.")),
    request_body = Act,
    responses((status = 200, description = "The delivery as it stands now.", body = Delivery))
)]
pub(crate) async fn release(
    State(state): State<AppState>,
    call: Admitted,
    path: PathValues,
    ActBody(asked): ActBody<Act>,
) -> Answer {
    call.identity.require(Role::Operator)?;
    let outcome = state.service.release(&act(&call.identity, asked)?, path.get("id")?).await?;
    Ok(Json(Delivery::of(&outcome.delivery, &[], Insight::of(&call.identity))).into_response())
}

/// Gives a parked delivery up; the reason is mandatory, and what was held behind it moves on.
#[utoipa::path(
    post, path = "/v1/deliveries/{id}/discard", tag = "errors", operation_id = "discardDelivery",
    params(("id" = String, Path, description = "The delivery's id.")),
    request_body = Act,
    responses((status = 200, description = "The delivery as it stands now.", body = Delivery))
)]
pub(crate) async fn discard(
    State(state): State<AppState>,
    call: Admitted,
    path: PathValues,
    ActBody(asked): ActBody<Act>,
) -> Answer {
    call.identity.require(Role::Operator)?;
    let outcome = state.service.discard(&act(&call.identity, asked)?, path.get("id")?).await?;
    Ok(Json(Delivery::of(&outcome.delivery, &[], Insight::of(&call.identity))).into_response())
}
