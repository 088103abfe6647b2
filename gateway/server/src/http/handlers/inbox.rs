//! Messages for clients that poll: fetch, acknowledge.

use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;
use http::{StatusCode, Uri};

use super::Answer;
use crate::http::documented;
use crate::http::extract::{Admitted, PathValues};
use crate::http::model::{Inbox, InboxMessage};
use crate::http::params::Parameters;
use crate::state::AppState;

/// Fetches the caller's messages, oldest first.
///
/// Each comes again unless it is acknowledged; the next message of one key comes only after the one before it.
#[utoipa::path(
    get, path = "/v1/inbox", tag = "inbox", operation_id = "fetchInbox",
    params(documented::LimitQuery),
    responses((status = 200, description = "Messages handed out now.", body = Inbox))
)]
pub(crate) async fn fetch(State(state): State<AppState>, call: Admitted, uri: Uri) -> Answer {
    let mut query = Parameters::of(&uri);
    let limit = query.limit();
    query.finish()?;
    let messages = state.service.inbox(call.identity.client(), limit).await?;
    Ok(Json(Inbox { messages: messages.into_iter().map(InboxMessage::from).collect() }).into_response())
}

/// Acknowledges a message: it does not come again. Doing so twice is no error.
#[utoipa::path(
    post, path = "/v1/inbox/{id}/ack", tag = "inbox", operation_id = "acknowledge",
    params(("id" = String, Path, description = "The message's id.")),
    responses((status = 204, description = "Acknowledged."))
)]
pub(crate) async fn acknowledge(State(state): State<AppState>, call: Admitted, path: PathValues) -> Answer {
    state.service.acknowledge(call.identity.client(), path.get("id")?).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
