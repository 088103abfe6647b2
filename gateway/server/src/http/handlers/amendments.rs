//! Amending a parked delivery: its content to edit, what would change, the amendment itself, and the second person's decision.

use axum::Json;
use axum::extract::{Request, State};
use axum::response::IntoResponse;
use http::Uri;
use lienthong_core::DeliveryId;
use lienthong_engine::service::{Amendment, Content, OperatorAct};

use super::exchanges::reason_missing;
use super::{Answer, act};
use crate::http::body::{self, ActBody, note, parsed};
use crate::http::extract::{Admitted, PathValues};
use crate::http::model::{
    Act, AmendRequest, AmendmentResult, Delivery, EditableContent, Insight, Proposal, ProposalList,
};
use crate::http::params::Parameters;
use crate::reading;
use crate::security::Role;
use crate::state::AppState;

/// A parked delivery's content, to be amended, with its schema.
///
/// It may hold personal data: that it was shown is an act, kept with the reason.
#[utoipa::path(
    get, path = "/v1/deliveries/{id}/content", tag = "errors", operation_id = "getDeliveryContent",
    params(("id" = String, Path, description = "The delivery's id."),
           ("reason" = String, Query, description = "Why it is looked at.")),
    responses((status = 200, description = "The content as it stands, with what helps to mend it.", body = EditableContent))
)]
pub(crate) async fn content(State(state): State<AppState>, call: Admitted, path: PathValues, uri: Uri) -> Answer {
    call.identity.require(Role::Operator)?;
    let mut query = Parameters::of(&uri);
    let reason = query.take::<String>("reason");
    query.finish()?;
    let reason = note("?reason", reason)?.ok_or_else(reason_missing)?;
    let id: DeliveryId = path.get("id")?;
    let editable = reading::content(&state, &call.identity, id, &reason).await?;
    Ok(Json(EditableContent::of(editable, Insight::of(&call.identity))).into_response())
}

/// Puts other content in the place of what a parked delivery was to send, and sends it.
///
/// What was received stays as it is, and so does the place in the lane. Where the configuration asks for a second person it is
/// kept as a proposal.
#[utoipa::path(
    post, path = "/v1/deliveries/{id}/amend", tag = "errors", operation_id = "amendDelivery",
    params(("id" = String, Path, description = "The delivery's id.")),
    request_body = AmendRequest,
    responses((status = 200, description = "What became of it, or would.", body = AmendmentResult))
)]
pub(crate) async fn amend(State(state): State<AppState>, call: Admitted, path: PathValues, request: Request) -> Answer {
    call.identity.require(Role::Operator)?;
    let id = path.get("id")?;
    let (parts, body) = request.into_parts();
    let received = body::json(&state, &parts.headers, body).await?;
    let asked: AmendRequest<'_> = parsed(&received.bytes)?;
    let act =
        OperatorAct { operator: call.identity.client().to_string(), reason: asked.reason()?, confirmed: asked.confirm };
    let insight = Insight::of(&call.identity);
    if asked.dry_run {
        let content = Content::New(asked.content());
        let trial = state.service.try_amendment(&act, id, content, asked.reveal).await?;
        return Ok(Json(AmendmentResult::tried(trial, insight)).into_response());
    }
    let amendment = Amendment { content: asked.content(), seen: asked.seen };
    let amended = state.service.amend(&act, id, amendment).await?;
    Ok(Json(AmendmentResult::of(amended, insight)).into_response())
}

/// Lists the amendments that wait for a second person.
#[utoipa::path(
    get, path = "/v1/amendments", tag = "errors", operation_id = "listAmendments",
    responses((status = 200, description = "The open proposals.", body = ProposalList))
)]
pub(crate) async fn list(State(state): State<AppState>, call: Admitted) -> Answer {
    call.identity.require(Role::Viewer)?;
    let proposals = state.service.proposals().await?.into_iter().map(Proposal::from).collect();
    Ok(Json(ProposalList { proposals }).into_response())
}

/// What a proposal would change. With a reason, which is kept with the act, marked fields are shown.
#[utoipa::path(
    get, path = "/v1/deliveries/{id}/amendments/{number}", tag = "errors", operation_id = "compareAmendment",
    params(("id" = String, Path, description = "The delivery's id."),
           ("number" = u32, Path, description = "The amendment's number."),
           ("reason" = Option<String>, Query, description = "Why marked fields are to be shown.")),
    responses((status = 200, description = "Field by field.", body = AmendmentResult))
)]
pub(crate) async fn compare(State(state): State<AppState>, call: Admitted, path: PathValues, uri: Uri) -> Answer {
    call.identity.require(Role::Operator)?;
    let mut query = Parameters::of(&uri);
    let reason = query.take::<String>("reason");
    query.finish()?;
    let reason = note("?reason", reason)?;
    let reveal = reason.is_some();
    let act = OperatorAct { operator: call.identity.client().to_string(), reason, confirmed: false };
    let content = Content::Kept(number(&path)?);
    let trial = state.service.try_amendment(&act, path.get("id")?, content, reveal).await?;
    Ok(Json(AmendmentResult::tried(trial, Insight::of(&call.identity))).into_response())
}

/// Approves an amendment that somebody else proposed; it goes at once.
#[utoipa::path(
    post, path = "/v1/deliveries/{id}/amendments/{number}/approve", tag = "errors", operation_id = "approveAmendment",
    params(("id" = String, Path, description = "The delivery's id."),
           ("number" = u32, Path, description = "The amendment's number.")),
    request_body = Act,
    responses((status = 200, description = "The delivery as it stands now.", body = Delivery))
)]
pub(crate) async fn approve(
    State(state): State<AppState>,
    call: Admitted,
    path: PathValues,
    ActBody(asked): ActBody<Act>,
) -> Answer {
    call.identity.require(Role::Approver)?;
    let act = act(&call.identity, asked)?;
    let outcome = state.service.approve_amendment(&act, path.get("id")?, number(&path)?).await?;
    Ok(Json(Delivery::of(&outcome.delivery, &[], Insight::of(&call.identity))).into_response())
}

/// Refuses a proposed amendment, or takes one's own back; the reason is mandatory.
#[utoipa::path(
    post, path = "/v1/deliveries/{id}/amendments/{number}/refuse", tag = "errors", operation_id = "refuseAmendment",
    params(("id" = String, Path, description = "The delivery's id."),
           ("number" = u32, Path, description = "The amendment's number.")),
    request_body = Act,
    responses((status = 204, description = "It is refused; the delivery stays parked."))
)]
pub(crate) async fn refuse(
    State(state): State<AppState>,
    call: Admitted,
    path: PathValues,
    ActBody(asked): ActBody<Act>,
) -> Answer {
    call.identity.require(Role::Operator)?;
    let decides = call.identity.has(Role::Approver);
    let act = act(&call.identity, asked)?;
    state.service.refuse_amendment(&act, path.get("id")?, number(&path)?, decides).await?;
    Ok(http::StatusCode::NO_CONTENT.into_response())
}

fn number(path: &PathValues) -> Result<u32, lienthong_core::Fault> {
    path.get("number")
}
