//! Cases of error groups: take note, assign, write down, say what fixed it; and what operators did.

use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;
use http::Uri;
use lienthong_core::Fault;
use lienthong_engine::service::{CaseView, OperatorAct};
use lienthong_journal::ActFilter;

use super::{Answer, act};
use crate::http::body::{ActBody, note};
use crate::http::documented;
use crate::http::extract::{Admitted, PathValues};
use crate::http::model::{Act, ActList, CaseAct, ErrorGroup, Insight, NoteText};
use crate::http::params::{Parameters, bad};
use crate::security::{Identity, Role};
use crate::state::AppState;

/// Says that somebody looks at an error group.
#[utoipa::path(
    post, path = "/v1/errors/{group}/acknowledge", tag = "errors", operation_id = "acknowledgeErrorGroup",
    params(("group" = String, Path, description = "The group's id.")),
    request_body = CaseAct,
    responses((status = 200, description = "The group with its case.", body = ErrorGroup))
)]
pub(crate) async fn acknowledge(
    State(state): State<AppState>,
    call: Admitted,
    path: PathValues,
    ActBody(asked): ActBody<CaseAct>,
) -> Answer {
    let (act, version, owner) = operator(&call.identity, asked)?;
    nobody(owner)?;
    let view = state.service.acknowledge_case(&act, &path.get("group")?, version).await?;
    Ok(shown(&view, &call.identity))
}

/// Gives an error group to a person or unit, or back.
#[utoipa::path(
    post, path = "/v1/errors/{group}/assign", tag = "errors", operation_id = "assignErrorGroup",
    params(("group" = String, Path, description = "The group's id.")),
    request_body = CaseAct,
    responses((status = 200, description = "The group with its case.", body = ErrorGroup))
)]
pub(crate) async fn assign(
    State(state): State<AppState>,
    call: Admitted,
    path: PathValues,
    ActBody(asked): ActBody<CaseAct>,
) -> Answer {
    let (act, version, owner) = operator(&call.identity, asked)?;
    let view = state.service.assign_case(&act, &path.get("group")?, version, owner).await?;
    Ok(shown(&view, &call.identity))
}

/// Writes something down about an error group.
#[utoipa::path(
    post, path = "/v1/errors/{group}/note", tag = "errors", operation_id = "annotateErrorGroup",
    params(("group" = String, Path, description = "The group's id.")),
    request_body = NoteText,
    responses((status = 200, description = "The group with its case.", body = ErrorGroup))
)]
pub(crate) async fn annotate(
    State(state): State<AppState>,
    call: Admitted,
    path: PathValues,
    ActBody(asked): ActBody<NoteText>,
) -> Answer {
    call.identity.require(Role::Operator)?;
    let NoteText { text } = asked;
    let text = note("/text", Some(text))?.unwrap_or_default();
    let act = act(&call.identity, Act::default())?;
    let view = state.service.annotate_case(&act, &path.get("group")?, None, &text).await?;
    Ok(shown(&view, &call.identity))
}

/// Says what fixed an error group, for the next time it is seen. Refused while anything of it is open.
#[utoipa::path(
    post, path = "/v1/errors/{group}/resolve", tag = "errors", operation_id = "resolveErrorGroup",
    params(("group" = String, Path, description = "The group's id.")),
    request_body = CaseAct,
    responses((status = 200, description = "The group with its case.", body = ErrorGroup))
)]
pub(crate) async fn resolve(
    State(state): State<AppState>,
    call: Admitted,
    path: PathValues,
    ActBody(asked): ActBody<CaseAct>,
) -> Answer {
    let (act, version, owner) = operator(&call.identity, asked)?;
    nobody(owner)?;
    let view = state.service.resolve_case(&act, &path.get("group")?, version).await?;
    Ok(shown(&view, &call.identity))
}

/// Lists what operators did, newest first: who, when, why, before and after.
#[utoipa::path(
    get, path = "/v1/acts", tag = "errors", operation_id = "listActs",
    params(documented::PageQuery,
           ("kind" = Option<String>, Query, description = "What it was done to: `case`, `delivery`, `exchange` (its contents were shown), `system`, …"),
           ("id" = Option<String>, Query, description = "Which of that kind.")),
    responses((status = 200, description = "One page.", body = ActList))
)]
pub(crate) async fn acts(State(state): State<AppState>, call: Admitted, uri: Uri) -> Answer {
    call.identity.require(Role::Operator)?;
    let mut query = Parameters::of(&uri);
    let filter = ActFilter { kind: query.take("kind"), id: query.take("id") };
    let (limit, cursor) = (query.limit(), query.cursor()?);
    query.finish()?;
    Ok(Json(ActList::from(state.service.acts(filter, cursor, limit).await?)).into_response())
}

fn operator(identity: &Identity, asked: CaseAct) -> Result<(OperatorAct, Option<u32>, Option<String>), Fault> {
    identity.require(Role::Operator)?;
    let CaseAct { reason, owner, version } = asked;
    let act = act(identity, Act { reason, confirm: false })?;
    Ok((act, version, note("/owner", owner)?))
}

fn nobody(owner: Option<String>) -> Result<(), Fault> {
    owner.map_or(Ok(()), |_| Err(bad("/owner", "is given by assigning")))
}

fn shown(view: &CaseView, identity: &Identity) -> axum::response::Response {
    Json(ErrorGroup::of(view, Insight::of(identity))).into_response()
}
