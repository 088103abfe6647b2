//! The timeline of one business key across all systems.

use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;
use lienthong_core::BusinessKey;

use super::Answer;
use crate::http::extract::{Admitted, PathValues};
use crate::http::model::{Copied, Exchange, Flow, Insight, StoodStill, Timeline};
use crate::security::no_such_record;
use crate::state::AppState;

/// Everything known of one key, oldest first.
///
/// An alias leads to the key it belongs to. Without a role a client sees its own exchanges only.
#[utoipa::path(
    get, path = "/v1/keys/{key}", tag = "exchanges", operation_id = "getTimeline",
    params(("key" = String, Path, description = "A business key or an alias.", example = "000.00.14.H56-250115-0007")),
    responses((status = 200, description = "The timeline.", body = Timeline))
)]
pub(crate) async fn show(State(state): State<AppState>, call: Admitted, path: PathValues) -> Answer {
    let key: BusinessKey = path.get("key")?;
    let timeline = state.service.timeline(&key).await?;
    let timeline = timeline.seen_by(|record| call.identity.may_see_exchange(record).is_ok());
    if timeline.exchanges.is_empty() {
        return Err(no_such_record().into());
    }
    let insight = Insight::of(&call.identity);
    let shown = Timeline {
        key: timeline.key.to_string(),
        exchanges: timeline.exchanges.iter().map(|detail| Exchange::of_detail(detail, insight)).collect(),
        truncated: timeline.truncated,
        flows: timeline.flows.iter().map(Flow::from).collect(),
        copies: timeline.copies.iter().map(Copied::from).collect(),
        stood_still: timeline.stood_still.iter().map(StoodStill::from).collect(),
    };
    Ok(Json(shown).into_response())
}
