//! Fire drills: begin, list, end.

use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;

use super::{Answer, act};
use crate::http::body::ActBody;
use crate::http::extract::{Admitted, PathValues};
use crate::http::model::{Act, Drill, DrillList, DrillRequest};
use crate::security::Role;
use crate::state::AppState;

/// Lets a system fail for one test key, for a bounded time; nothing of it reaches the system.
#[utoipa::path(
    post, path = "/v1/drills", tag = "alerts", operation_id = "beginDrill",
    request_body = DrillRequest,
    responses((status = 200, description = "Begun.", body = Drill))
)]
pub(crate) async fn begin(
    State(state): State<AppState>,
    call: Admitted,
    ActBody(asked): ActBody<DrillRequest>,
) -> Answer {
    call.identity.require(Role::Operator)?;
    let plan = asked.plan()?;
    let act = act(&call.identity, Act { reason: asked.reason, confirm: false })?;
    let drill = state.service.begin_drill(&act, plan).await?;
    Ok(Json(Drill::of(drill, state.clock.now())).into_response())
}

/// Lists every system's latest drill, running or over.
#[utoipa::path(
    get, path = "/v1/drills", tag = "alerts", operation_id = "listDrills",
    responses((status = 200, description = "Drills.", body = DrillList))
)]
pub(crate) async fn list(State(state): State<AppState>, call: Admitted) -> Answer {
    call.identity.require(Role::Viewer)?;
    let now = state.clock.now();
    let drills = state.service.drills().await?.into_iter().map(|drill| Drill::of(drill, now)).collect();
    Ok(Json(DrillList { drills }).into_response())
}

/// Ends a system's drill before its time.
#[utoipa::path(
    post, path = "/v1/drills/{system}/end", tag = "alerts", operation_id = "endDrill",
    params(("system" = String, Path, description = "The system's name.")),
    request_body = Act,
    responses((status = 200, description = "Ended.", body = Drill))
)]
pub(crate) async fn end(
    State(state): State<AppState>,
    call: Admitted,
    path: PathValues,
    ActBody(asked): ActBody<Act>,
) -> Answer {
    call.identity.require(Role::Operator)?;
    let drill = state.service.end_drill(&act(&call.identity, asked)?, &path.get("system")?).await?;
    Ok(Json(Drill::of(drill, state.clock.now())).into_response())
}
