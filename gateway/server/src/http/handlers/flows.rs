//! Flows over all keys: where dossiers stall.

use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;

use super::Answer;
use crate::http::extract::Admitted;
use crate::http::model::FlowList;
use crate::security::Role;
use crate::state::AppState;

/// Lists the flows of the running configuration with how many keys stand at each step, and which have been late longest.
#[utoipa::path(
    get, path = "/v1/flows", tag = "flows", operation_id = "listFlows",
    responses((status = 200, description = "Every flow.", body = FlowList))
)]
pub(crate) async fn list(State(state): State<AppState>, call: Admitted) -> Answer {
    call.identity.require(Role::Viewer)?;
    Ok(Json(FlowList::from(state.service.stalls().await?)).into_response())
}
