//! External systems: their gates and backlogs; pause, resume, probe.

use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;
use http::Uri;
use lienthong_core::{SignedDuration, SystemId, Timestamp};
use lienthong_engine::vitals::KEPT_DAYS;

use super::{Answer, act};
use crate::http::body::ActBody;
use crate::http::extract::{Admitted, PathValues};
use crate::http::model::{Act, Insight, ProbeOutcome, Silence, SilenceList, SystemDetail, SystemList};
use crate::http::params::Parameters;
use crate::security::Role;
use crate::state::AppState;

/// Days of hours shown unless more are asked for.
const WEEK: i64 = 7;

/// Lists all systems.
#[utoipa::path(
    get, path = "/v1/systems", tag = "systems", operation_id = "listSystems",
    responses((status = 200, description = "Gate and backlog of every system.", body = SystemList))
)]
pub(crate) async fn list(State(state): State<AppState>, call: Admitted) -> Answer {
    call.identity.require(Role::Viewer)?;
    all(&state).await
}

/// Shows one system, and how it was over the last hours and days.
#[utoipa::path(
    get, path = "/v1/systems/{system}", tag = "systems", operation_id = "getSystem",
    params(
        ("system" = String, Path, description = "The system's name."),
        ("days" = Option<u32>, Query, description = "Days of hours to show, 1 to 92; 7 unless said otherwise."),
    ),
    responses((status = 200, description = "State, backlog, and what was measured by minute and hour.", body = SystemDetail))
)]
pub(crate) async fn show(State(state): State<AppState>, call: Admitted, path: PathValues, uri: Uri) -> Answer {
    call.identity.require(Role::Viewer)?;
    let system: SystemId = path.get("system")?;
    let mut asked = Parameters::of(&uri);
    let days = asked.take_as("days", days).unwrap_or(WEEK);
    asked.finish()?;
    let from = state.clock.now().saturating_sub(SignedDuration::from_hours(days.saturating_mul(24)));
    let (health, course) = state.service.system(&system, from.unwrap_or(Timestamp::UNIX_EPOCH)).await?;
    Ok(Json(SystemDetail::of(health, &course)).into_response())
}

fn days(text: &str) -> Result<i64, String> {
    let days = text.parse().ok().filter(|days| (1..=KEPT_DAYS).contains(days));
    days.ok_or_else(|| format!("must be a number from 1 to {KEPT_DAYS}"))
}

async fn all(state: &AppState) -> Answer {
    Ok(Json(SystemList::from(state.service.health().await?)).into_response())
}

/// Stops sending to a system, or to all (`*`); outlives a restart.
#[utoipa::path(
    post, path = "/v1/systems/{system}/pause", tag = "systems", operation_id = "pauseSystem",
    params(("system" = String, Path, description = "The system's name, or `*` for all.")),
    request_body = Act,
    responses((status = 200, description = "All systems as they stand now.", body = SystemList))
)]
pub(crate) async fn pause(
    State(state): State<AppState>,
    call: Admitted,
    path: PathValues,
    ActBody(asked): ActBody<Act>,
) -> Answer {
    call.identity.require(Role::Operator)?;
    let system: Option<SystemId> = path.one_or_all("system")?;
    state.service.pause(&act(&call.identity, asked)?, system.as_ref()).await?;
    all(&state).await
}

/// Sends to a system again, or to all (`*`).
#[utoipa::path(
    post, path = "/v1/systems/{system}/resume", tag = "systems", operation_id = "resumeSystem",
    params(("system" = String, Path, description = "The system's name, or `*` for all.")),
    request_body = Act,
    responses((status = 200, description = "All systems as they stand now.", body = SystemList))
)]
pub(crate) async fn resume(
    State(state): State<AppState>,
    call: Admitted,
    path: PathValues,
    ActBody(asked): ActBody<Act>,
) -> Answer {
    call.identity.require(Role::Operator)?;
    let system: Option<SystemId> = path.one_or_all("system")?;
    state.service.resume(&act(&call.identity, asked)?, system.as_ref()).await?;
    all(&state).await
}

/// Tries a system now, or all (`*`), whatever its gate says.
#[utoipa::path(
    post, path = "/v1/systems/{system}/probe", tag = "systems", operation_id = "probeSystem",
    params(("system" = String, Path, description = "The system's name, or `*` for all.")),
    responses((status = 200, description = "What was found, per system.", body = ProbeOutcome))
)]
pub(crate) async fn probe(State(state): State<AppState>, call: Admitted, path: PathValues) -> Answer {
    call.identity.require(Role::Operator)?;
    let system: Option<SystemId> = path.one_or_all("system")?;
    let results = state.service.probe(system.as_ref()).await?;
    Ok(Json(ProbeOutcome::of(results, Insight::of(&call.identity))).into_response())
}

/// Lists clients and systems that normally send and have stopped.
#[utoipa::path(
    get, path = "/v1/silences", tag = "systems", operation_id = "listSilences",
    responses((status = 200, description = "All who are silent now.", body = SilenceList))
)]
pub(crate) async fn silences(State(state): State<AppState>, call: Admitted) -> Answer {
    call.identity.require(Role::Viewer)?;
    let silences = state.service.silences().into_iter().map(Silence::from).collect();
    Ok(Json(SilenceList { silences }).into_response())
}
