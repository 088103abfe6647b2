//! Releases in steps: begin, list, show, pause, resume, stop.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};
use lienthong_core::Fault;
use lienthong_engine::service::{OperatorAct, ReleaseView};

use super::{Answer, act};
use crate::http::body::ActBody;
use crate::http::extract::{Admitted, PathValues};
use crate::http::model::{Act, ReleaseInSteps, ReleaseList, ReleaseRequest};
use crate::security::Role;
use crate::state::AppState;

/// Begins to release a group in growing steps; it goes on by itself, over restarts too, and pauses when too much fails again.
#[utoipa::path(
    post, path = "/v1/errors/{group}/releases", tag = "errors", operation_id = "beginRelease",
    params(("group" = String, Path, description = "The group's id.")),
    request_body = ReleaseRequest,
    responses((status = 202, description = "Begun; `Location` tells where it is shown.", body = ReleaseInSteps))
)]
pub(crate) async fn begin(
    State(state): State<AppState>,
    call: Admitted,
    path: PathValues,
    ActBody(asked): ActBody<ReleaseRequest>,
) -> Answer {
    call.identity.require(Role::Operator)?;
    let pace = asked.pace();
    let ReleaseRequest { reason, confirm, .. } = asked;
    let act = act(&call.identity, Act { reason, confirm })?;
    let view = state.service.begin_release(&act, &path.get("group")?, pace).await?;
    let location = format!("/v1/releases/{}", view.id);
    Ok((StatusCode::ACCEPTED, [(header::LOCATION, location)], shown(&state, view)).into_response())
}

/// Lists releases in steps, the newest first; the last 200 are kept.
#[utoipa::path(
    get, path = "/v1/releases", tag = "errors", operation_id = "listReleases",
    responses((status = 200, description = "Every release that is kept.", body = ReleaseList))
)]
pub(crate) async fn list(State(state): State<AppState>, call: Admitted) -> Answer {
    call.identity.require(Role::Viewer)?;
    let now = state.clock.now();
    let views = state.service.releases().await?;
    let releases = views.into_iter().rev().map(|view| ReleaseInSteps::of(view, now)).collect();
    Ok(Json(ReleaseList { releases }).into_response())
}

/// Shows one release in steps.
#[utoipa::path(
    get, path = "/v1/releases/{release}", tag = "errors", operation_id = "getRelease",
    params(("release" = String, Path, description = "Its id.")),
    responses((status = 200, description = "The release.", body = ReleaseInSteps))
)]
pub(crate) async fn show(State(state): State<AppState>, call: Admitted, path: PathValues) -> Answer {
    call.identity.require(Role::Viewer)?;
    let id: String = path.get("release")?;
    let view = state.service.a_release(&id).await?;
    Ok(shown(&state, view))
}

/// Pauses a release; what was released already goes on.
#[utoipa::path(
    post, path = "/v1/releases/{release}/pause", tag = "errors", operation_id = "pauseRelease",
    params(("release" = String, Path, description = "Its id.")),
    request_body = Act,
    responses((status = 200, description = "The release.", body = ReleaseInSteps))
)]
pub(crate) async fn pause(
    State(state): State<AppState>,
    call: Admitted,
    path: PathValues,
    ActBody(asked): ActBody<Act>,
) -> Answer {
    let (act, id) = turned(&call, &path, asked)?;
    let view = state.service.pause_release(&act, &id).await?;
    Ok(shown(&state, view))
}

/// Lets a paused release go on, with its first step again.
#[utoipa::path(
    post, path = "/v1/releases/{release}/resume", tag = "errors", operation_id = "resumeRelease",
    params(("release" = String, Path, description = "Its id.")),
    request_body = Act,
    responses((status = 200, description = "The release.", body = ReleaseInSteps))
)]
pub(crate) async fn resume(
    State(state): State<AppState>,
    call: Admitted,
    path: PathValues,
    ActBody(asked): ActBody<Act>,
) -> Answer {
    let (act, id) = turned(&call, &path, asked)?;
    let view = state.service.resume_release(&act, &id).await?;
    Ok(shown(&state, view))
}

/// Stops a release for good; what was released already goes on.
#[utoipa::path(
    post, path = "/v1/releases/{release}/stop", tag = "errors", operation_id = "stopRelease",
    params(("release" = String, Path, description = "Its id.")),
    request_body = Act,
    responses((status = 200, description = "The release.", body = ReleaseInSteps))
)]
pub(crate) async fn stop(
    State(state): State<AppState>,
    call: Admitted,
    path: PathValues,
    ActBody(asked): ActBody<Act>,
) -> Answer {
    let (act, id) = turned(&call, &path, asked)?;
    let view = state.service.stop_release(&act, &id).await?;
    Ok(shown(&state, view))
}

fn turned(call: &Admitted, path: &PathValues, asked: Act) -> Result<(OperatorAct, String), Fault> {
    call.identity.require(Role::Operator)?;
    Ok((act(&call.identity, asked)?, path.get("release")?))
}

fn shown(state: &AppState, view: ReleaseView) -> Response {
    Json(ReleaseInSteps::of(view, state.clock.now())).into_response()
}
