//! Error groups: list, show, release, discard.

use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;
use http::Uri;
use lienthong_core::{FaultKind, Fingerprint};
use lienthong_engine::service::CASE_REACH;
use lienthong_journal::GroupFilter;

use super::{Answer, act};
use crate::http::body::ActBody;
use crate::http::documented;
use crate::http::extract::{Admitted, PathValues};
use crate::http::model::{Act, AffectedKeys, ErrorGroupDetail, ErrorGroupPage, GroupOutcome, Insight};
use crate::http::params::Parameters;
use crate::security::Role;
use crate::state::AppState;

/// Lists sync errors grouped by their cause.
#[utoipa::path(
    get, path = "/v1/errors", tag = "errors", operation_id = "listErrorGroups",
    params(documented::ErrorQuery, documented::PageQuery),
    responses((status = 200, description = "One page.", body = ErrorGroupPage))
)]
pub(crate) async fn list(State(state): State<AppState>, call: Admitted, uri: Uri) -> Answer {
    call.identity.require(Role::Viewer)?;
    let mut query = Parameters::of(&uri);
    let filter = GroupFilter {
        system: query.take("system"),
        operation: query.take("operation"),
        kind: query.take_as("kind", kind),
        include_closed: query.flag("include_closed"),
        brief: false,
    };
    let (limit, cursor) = (query.limit(), query.cursor()?);
    query.finish()?;
    let page = state.service.cases(filter, cursor, limit).await?;
    Ok(Json(ErrorGroupPage::of(&page, Insight::of(&call.identity))).into_response())
}

fn kind(text: &str) -> Result<FaultKind, String> {
    FaultKind::ALL.into_iter().find(|kind| kind.as_str() == text).ok_or_else(|| "is no kind of fault".to_owned())
}

/// Shows one error group with its parked deliveries, oldest first.
#[utoipa::path(
    get, path = "/v1/errors/{group}", tag = "errors", operation_id = "getErrorGroup",
    params(("group" = String, Path, description = "The group's id."), documented::PageQuery),
    responses((status = 200, description = "The group and one page of its deliveries.", body = ErrorGroupDetail))
)]
pub(crate) async fn show(State(state): State<AppState>, call: Admitted, path: PathValues, uri: Uri) -> Answer {
    call.identity.require(Role::Viewer)?;
    let id: Fingerprint = path.get("group")?;
    let mut query = Parameters::of(&uri);
    let (limit, cursor) = (query.limit(), query.cursor()?);
    query.finish()?;
    let (view, reach) = state.service.case(&id).await?;
    let (_, members) = state.service.group(&id, cursor, limit).await?;
    Ok(Json(ErrorGroupDetail::of(&view, &reach, &members, Insight::of(&call.identity))).into_response())
}

/// The business keys that a group concerns, with how many parked deliveries each; of its oldest 2,000.
#[utoipa::path(
    get, path = "/v1/errors/{group}/keys", tag = "errors", operation_id = "listErrorGroupKeys",
    params(("group" = String, Path, description = "The group's id."),
           ("limit" = Option<usize>, Query, description = "Keys at most, up to 500; 100 when left out.")),
    responses((status = 200, description = "Those with the oldest first; personal ones are only counted.", body = AffectedKeys))
)]
pub(crate) async fn keys(State(state): State<AppState>, call: Admitted, path: PathValues, uri: Uri) -> Answer {
    call.identity.require(Role::Viewer)?;
    let mut query = Parameters::of(&uri);
    let limit = query.limit();
    query.finish()?;
    let found = state.service.group_keys(&path.get("group")?, CASE_REACH).await?;
    Ok(Json(AffectedKeys::of(found, limit)).into_response())
}

/// Sends every parked delivery of a group again.
#[utoipa::path(
    post, path = "/v1/errors/{group}/release", tag = "errors", operation_id = "releaseErrorGroup",
    params(("group" = String, Path, description = "The group's id.")),
    request_body = Act,
    responses((status = 200, description = "What was moved and what was not.", body = GroupOutcome))
)]
pub(crate) async fn release(
    State(state): State<AppState>,
    call: Admitted,
    path: PathValues,
    ActBody(asked): ActBody<Act>,
) -> Answer {
    call.identity.require(Role::Operator)?;
    let outcome = state.service.release_group(&act(&call.identity, asked)?, &path.get("group")?).await?;
    Ok(Json(GroupOutcome::from(outcome)).into_response())
}

/// Gives every parked delivery of a group up; the reason is mandatory.
#[utoipa::path(
    post, path = "/v1/errors/{group}/discard", tag = "errors", operation_id = "discardErrorGroup",
    params(("group" = String, Path, description = "The group's id.")),
    request_body = Act,
    responses((status = 200, description = "What was moved and what was not.", body = GroupOutcome))
)]
pub(crate) async fn discard(
    State(state): State<AppState>,
    call: Admitted,
    path: PathValues,
    ActBody(asked): ActBody<Act>,
) -> Answer {
    call.identity.require(Role::Operator)?;
    let outcome = state.service.discard_group(&act(&call.identity, asked)?, &path.get("group")?).await?;
    Ok(Json(GroupOutcome::from(outcome)).into_response())
}
