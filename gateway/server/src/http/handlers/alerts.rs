//! Alerts: what fires, and a test of a target.

use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;

use super::{Answer, act};
use crate::http::body::ActBody;
use crate::http::extract::{Admitted, PathValues};
use crate::http::model::{Act, AlertList, AlertTest};
use crate::security::Role;
use crate::state::AppState;

/// Lists what fires and what did in the last seven days, and how the targets are doing.
#[utoipa::path(
    get, path = "/v1/alerts", tag = "alerts", operation_id = "listAlerts",
    responses((status = 200, description = "Alerts and targets.", body = AlertList))
)]
pub(crate) async fn list(State(state): State<AppState>, call: Admitted) -> Answer {
    call.identity.require(Role::Viewer)?;
    Ok(Json(AlertList::from(&*state.service.alerts())).into_response())
}

/// Sends a target a message that says it is a test, once and at once.
#[utoipa::path(
    post, path = "/v1/alerts/targets/{target}/test", tag = "alerts", operation_id = "testAlertTarget",
    params(("target" = String, Path, description = "The target's name.")),
    request_body = Act,
    responses((status = 200, description = "Whether the target took it.", body = AlertTest))
)]
pub(crate) async fn test(
    State(state): State<AppState>,
    call: Admitted,
    path: PathValues,
    ActBody(asked): ActBody<Act>,
) -> Answer {
    call.identity.require(Role::Operator)?;
    let target: String = path.get("target")?;
    let test = state.service.test_alert_target(&act(&call.identity, asked)?, &target).await?;
    Ok(Json(AlertTest::from(test)).into_response())
}
