//! Looking closer at exchanges over gRPC: searches, bodies, differences. Parse, call, convert; nothing else.

use lienthong_core::Fault;
use lienthong_engine::service::Found;
use lienthong_proto::v1;

use super::identity::Call;
use super::{convert, parse};
use crate::http::model::{ComparedAttempt, ComparedList};
use crate::reading;
use crate::state::AppState;

type Answer<T> = Result<T, Fault>;

pub(super) async fn search(state: &AppState, call: &Call, asked: v1::SearchRequest) -> Answer<v1::SearchResponse> {
    let filter = parse::search_filter(&asked)?;
    let page = (parse::cursor(asked.cursor)?, parse::rows(asked.limit)?);
    let text = parse::text(asked.text);
    let Found { by, page } = reading::search(state, &call.identity, (text.as_deref(), filter), page).await?;
    Ok(v1::SearchResponse {
        exchanges: page.rows.iter().map(|record| convert::record(record, call.insight())).collect(),
        next_cursor: page.next.map(|cursor| cursor.0).unwrap_or_default(),
        found_by: by.map(|by| by.as_str().to_owned()).unwrap_or_default(),
    })
}

pub(super) async fn body(state: &AppState, call: &Call, asked: v1::GetBodyRequest) -> Answer<v1::GetBodyResponse> {
    let reason = parse::note("reason", asked.reason)?.ok_or_else(parse::reason_missing);
    let (content_type, body) = reading::body(state, &call.identity, parse::required("id", &asked.id)?, reason).await?;
    Ok(v1::GetBodyResponse { body, content_type: content_type.media_type().to_owned() })
}

pub(super) async fn differences(
    state: &AppState,
    call: &Call,
    asked: v1::GetDifferencesRequest,
) -> Answer<v1::GetDifferencesResponse> {
    let compared = reading::compared(state, &call.identity, parse::required("id", &asked.id)?).await?;
    Ok(v1::GetDifferencesResponse { attempts: convert::all(ComparedList::from(compared).attempts) })
}

impl From<ComparedAttempt> for v1::ComparedAttempt {
    fn from(ComparedAttempt { delivery, attempt, difference }: ComparedAttempt) -> Self {
        Self { delivery, attempt, difference: difference.map(Into::into) }
    }
}
