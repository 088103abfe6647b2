//! Previews: what a release of a group, of one delivery or of a list would come to. Nothing is sent and nothing moves.

use axum::Json;
use axum::extract::{Request, State};
use axum::response::IntoResponse;
use lienthong_engine::service::{OperatorAct, Selection};

use super::Answer;
use crate::http::body::{self, note, parsed};
use crate::http::extract::{Admitted, PathValues};
use crate::http::model::{Insight, Preview, PreviewRequest};
use crate::security::Role;
use crate::state::AppState;

/// Tells what a release of a group would come to now, or with edits that are not yet live.
///
/// Each parked delivery, oldest first, is taken through routes, transforms, tables and checks to its adapter's door. Nothing is sent.
#[utoipa::path(
    post, path = "/v1/errors/{group}/preview", tag = "errors", operation_id = "previewErrorGroup",
    params(("group" = String, Path, description = "The group's id.")),
    request_body = PreviewRequest,
    responses((status = 200, description = "What would pass, and why what would not.", body = Preview))
)]
pub(crate) async fn group(State(state): State<AppState>, call: Admitted, path: PathValues, request: Request) -> Answer {
    call.identity.require(Role::Operator)?;
    let asked = asked(&state, request).await?;
    asked.names_nothing_else()?;
    let selection = Selection::Group { group: path.get("group")?, cursor: asked.cursor() };
    answered(&state, &call, selection, asked).await
}

/// Tells what a release of one delivery would come to now, or with edits that are not yet live.
#[utoipa::path(
    post, path = "/v1/deliveries/{id}/preview", tag = "errors", operation_id = "previewDelivery",
    params(("id" = String, Path, description = "The delivery's id.")),
    request_body = PreviewRequest,
    responses((status = 200, description = "Whether it would pass, and why if not.", body = Preview))
)]
pub(crate) async fn one(State(state): State<AppState>, call: Admitted, path: PathValues, request: Request) -> Answer {
    call.identity.require(Role::Operator)?;
    let asked = asked(&state, request).await?;
    asked.names_nothing_else()?;
    answered(&state, &call, Selection::Deliveries(vec![path.get("id")?]), asked).await
}

/// Tells what releases of these deliveries would come to now, or with edits that are not yet live.
#[utoipa::path(
    post, path = "/v1/deliveries/preview", tag = "errors", operation_id = "previewDeliveries",
    request_body = PreviewRequest,
    responses((status = 200, description = "What would pass, and why what would not.", body = Preview))
)]
pub(crate) async fn list(State(state): State<AppState>, call: Admitted, request: Request) -> Answer {
    call.identity.require(Role::Operator)?;
    let asked = asked(&state, request).await?;
    let selection = Selection::Deliveries(asked.listed()?);
    answered(&state, &call, selection, asked).await
}

/// An empty body asks for nothing special.
async fn asked(state: &AppState, request: Request) -> Result<PreviewRequest, lienthong_core::Fault> {
    let (parts, body) = request.into_parts();
    let received = body::json(state, &parts.headers, body).await?;
    if received.bytes.is_empty() {
        return Ok(PreviewRequest::default());
    }
    parsed(&received.bytes)
}

async fn answered(state: &AppState, call: &Admitted, selection: Selection, asked: PreviewRequest) -> Answer {
    let extent = asked.extent()?;
    let reason = note("/reason", asked.reason)?;
    let act = OperatorAct { operator: call.identity.client().to_string(), reason, confirmed: false };
    let preview = state.service.preview(&act, selection, asked.edits.into(), extent).await?;
    Ok(Json(Preview::of(preview, Insight::of(&call.identity))).into_response())
}
