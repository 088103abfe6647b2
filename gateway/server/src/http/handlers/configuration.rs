//! Reloading the configuration.

use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;

use super::Answer;
use crate::http::extract::Admitted;
use crate::http::model::Reloaded;
use crate::http::problem::Refusal;
use crate::security::Role;
use crate::state::AppState;

/// Reads the configuration again.
///
/// Checked whole first; with any problem the old one keeps running and every problem is told.
#[utoipa::path(
    post, path = "/v1/configuration/reload", tag = "systems", operation_id = "reloadConfiguration",
    responses((status = 200, description = "The new configuration runs.", body = Reloaded))
)]
pub(crate) async fn reload(State(state): State<AppState>, call: Admitted) -> Answer {
    call.identity.require(Role::Administrator)?;
    let version = state.reload.reload().await.map_err(Refusal::of_configuration)?;
    tracing::info!(target: "lienthong::audit", operator = %call.identity.client(), %version, "configuration reloaded");
    Ok(Json(Reloaded::from(version)).into_response())
}
