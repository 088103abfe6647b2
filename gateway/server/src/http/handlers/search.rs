//! Search: what an operator types travels in the body, since addresses are logged on the way and people are searched for by name and number.

use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;
use lienthong_core::{Fault, FaultKind};
use lienthong_engine::service::Found;
use lienthong_journal::{ExchangeFilter, FaultFilter};

use super::Answer;
use crate::http::body::ActBody;
use crate::http::extract::Admitted;
use crate::http::model::{ExchangePage, Insight, SearchRequest};
use crate::http::params::Parameters;
use crate::reading;
use crate::state::AppState;

/// Searches exchanges, newest first.
///
/// The answer says in `found_by` how the text was understood: as an id, an error group, a key or alias, a number or code, words, or the
/// beginning of an id; the first that finds something is meant. Words are found with accents or without, numbers as a whole. The other
/// conditions are those of the list, and all hold. A page may hold fewer rows than asked, even none, and still have a `next_cursor`.
/// Without a role a client sees its own only.
#[utoipa::path(
    post, path = "/v1/search", tag = "exchanges", operation_id = "searchExchanges",
    request_body(content = SearchRequest, example = json!({"text": "nguyen van mau", "state": "parked"})),
    responses((status = 200, description = "One page.", body = ExchangePage))
)]
pub(crate) async fn search(
    State(state): State<AppState>,
    call: Admitted,
    ActBody(request): ActBody<SearchRequest>,
) -> Answer {
    let (text, fields) = request.fields();
    let mut query = Parameters::of_fields(fields);
    let filter = filter(&mut query);
    let (limit, cursor) = (query.limit(), query.cursor()?);
    query.finish()?;
    let asked = (text.as_deref(), filter);
    let Found { by, page } = reading::search(&state, &call.identity, asked, (cursor, limit)).await?;
    let shown = ExchangePage { found_by: by.map(Into::into), ..ExchangePage::of(&page, Insight::of(&call.identity)) };
    Ok(Json(shown).into_response())
}

/// The same refusal of what stands in a query.
pub(super) fn as_query(mut fault: Fault) -> Fault {
    for problem in &mut fault.problems {
        if let Some(name) = problem.pointer.strip_prefix('/') {
            problem.pointer = format!("?{name}");
        }
    }
    fault
}

/// The conditions that lists and searches share.
pub(super) fn filter(query: &mut Parameters) -> ExchangeFilter {
    let fault = FaultFilter {
        kind: query.take_as("fault", |text| {
            FaultKind::ALL
                .into_iter()
                .find(|kind| kind.as_str() == text)
                .ok_or_else(|| "is no kind of fault".to_owned())
        }),
        code: query.take_as("code", |text| text.parse().map_err(|_| "is no code of a fault".to_owned())),
        group: query.take("group"),
        field: query.take("field"),
    };
    ExchangeFilter {
        key: query.take("key"),
        operation: query.take("operation"),
        system: query.take("system"),
        state: query.take_as("state", |text| text.parse().map_err(|()| "is no state of a delivery".to_owned())),
        client: query.take("client"),
        from: query.take_as("from", instant),
        to: query.take_as("to", instant),
        route: query.take("route"),
        fault,
        updated_since: query.take_as("updated_since", instant),
        id: query.take("id"),
        ..ExchangeFilter::default()
    }
}

fn instant(text: &str) -> Result<lienthong_core::Timestamp, String> {
    text.parse().map_err(|_| "must be an RFC 3339 instant such as 2025-01-15T08:00:00+07:00".to_owned())
}
