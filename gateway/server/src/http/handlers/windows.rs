//! Maintenance windows of a system: list, set, change, remove.

use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;
use http::StatusCode;
use lienthong_core::SystemId;

use super::{Answer, act};
use crate::http::body::ActBody;
use crate::http::extract::{Admitted, PathValues};
use crate::http::model::{Act, MaintenanceWindow, WindowList, WindowRemoval, WindowRequest};
use crate::security::Role;
use crate::state::AppState;

/// Lists the maintenance windows of a system, or of all (`*`).
#[utoipa::path(
    get, path = "/v1/systems/{system}/windows", tag = "systems", operation_id = "listWindows",
    params(("system" = String, Path, description = "The system's name, or `*` for all.")),
    responses((status = 200, description = "Operators' windows and configured ones.", body = WindowList))
)]
pub(crate) async fn list(State(state): State<AppState>, call: Admitted, path: PathValues) -> Answer {
    call.identity.require(Role::Viewer)?;
    let system: Option<SystemId> = path.one_or_all("system")?;
    let windows = state.service.windows(system.as_ref()).await?;
    Ok(Json(WindowList { windows: windows.into_iter().map(MaintenanceWindow::from).collect() }).into_response())
}

/// Sets a maintenance window: traffic waits while it is open, and afterwards one message goes first.
#[utoipa::path(
    post, path = "/v1/systems/{system}/windows", tag = "systems", operation_id = "setWindow",
    params(("system" = String, Path, description = "The system's name.")),
    request_body = WindowRequest,
    responses((status = 201, description = "The window.", body = MaintenanceWindow))
)]
pub(crate) async fn set(
    State(state): State<AppState>,
    call: Admitted,
    path: PathValues,
    ActBody(asked): ActBody<WindowRequest>,
) -> Answer {
    call.identity.require(Role::Operator)?;
    let (system, when): (SystemId, _) = (path.get("system")?, asked.when()?);
    let act = act(&call.identity, Act { reason: asked.reason, confirm: false })?;
    let view = state.service.set_window(&act, &system, when).await?;
    Ok((StatusCode::CREATED, Json(MaintenanceWindow::from(view))).into_response())
}

/// Changes a maintenance window; one that is open is in force as changed at once.
#[utoipa::path(
    post, path = "/v1/systems/{system}/windows/{window}/change", tag = "systems", operation_id = "changeWindow",
    params(
        ("system" = String, Path, description = "The system's name."),
        ("window" = String, Path, description = "The window's id."),
    ),
    request_body = WindowRequest,
    responses((status = 200, description = "The window as changed.", body = MaintenanceWindow))
)]
pub(crate) async fn change(
    State(state): State<AppState>,
    call: Admitted,
    path: PathValues,
    ActBody(asked): ActBody<WindowRequest>,
) -> Answer {
    call.identity.require(Role::Operator)?;
    let (system, id): (SystemId, String) = (path.get("system")?, path.get("window")?);
    let (when, seen) = (asked.when()?, asked.version);
    let act = act(&call.identity, Act { reason: asked.reason, confirm: false })?;
    let view = state.service.change_window(&act, (&system, &id), seen, when).await?;
    Ok(Json(MaintenanceWindow::from(view)).into_response())
}

/// Removes a maintenance window; one that is open ends now.
#[utoipa::path(
    post, path = "/v1/systems/{system}/windows/{window}/remove", tag = "systems", operation_id = "removeWindow",
    params(
        ("system" = String, Path, description = "The system's name."),
        ("window" = String, Path, description = "The window's id."),
    ),
    request_body = WindowRemoval,
    responses((status = 200, description = "The window that was removed.", body = MaintenanceWindow))
)]
pub(crate) async fn remove(
    State(state): State<AppState>,
    call: Admitted,
    path: PathValues,
    ActBody(asked): ActBody<WindowRemoval>,
) -> Answer {
    call.identity.require(Role::Operator)?;
    let (system, id): (SystemId, String) = (path.get("system")?, path.get("window")?);
    let WindowRemoval { reason, version } = asked;
    let act = act(&call.identity, Act { reason, confirm: false })?;
    let view = state.service.remove_window(&act, (&system, &id), version).await?;
    Ok(Json(MaintenanceWindow::from(view)).into_response())
}
