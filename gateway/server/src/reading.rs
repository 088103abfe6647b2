//! Looking at what may be people's data, whichever way it was asked: who may, and what of it is an act. It shows nothing itself.

use bytes::Bytes;
use lienthong_core::{ContentType, DeliveryId, ExchangeId, Fault, FaultCode};
use lienthong_engine::service::{Compared, Editable, ExchangeDetail, Found, OperatorAct, Revealed};
use lienthong_journal::{Cursor, ExchangeFilter, JournalError};

use crate::security::{Identity, Role, no_such_record};
use crate::state::AppState;

/// The exchange, if the caller may see it; otherwise it does not exist for them.
pub(crate) async fn visible(state: &AppState, identity: &Identity, id: ExchangeId) -> Result<ExchangeDetail, Fault> {
    let detail = state.service.exchange(id).await?;
    identity.may_see_exchange(&detail.record)?;
    Ok(detail)
}

/// The body as it was received; whoever did not send it is an operator with a reason, or is told that it is missing.
pub(crate) async fn body(
    state: &AppState,
    identity: &Identity,
    id: ExchangeId,
    reason: Result<String, Fault>,
) -> Result<(ContentType, Bytes), Fault> {
    let record = visible(state, identity, id).await?.record;
    if record.meta.client != *identity.client() {
        identity.require(Role::Operator)?;
        let shown = Revealed::Body { exchange: record.meta.id, which: "received".to_owned(), piece: None };
        reveal(state, identity, reason?, shown).await?;
    }
    let bytes = state.journal.body(record.body).await.map_err(unreadable)?.ok_or_else(no_such_record)?;
    Ok((record.content_type, bytes))
}

fn unreadable(cause: JournalError) -> Fault {
    let code = FaultCode::JournalUnavailable;
    Fault::new(code.kind(), code, format!("a body cannot be read: {cause}"))
}

/// The attempts of an exchange beside what was received: for whoever sent it, and for operators.
pub(crate) async fn compared(state: &AppState, identity: &Identity, id: ExchangeId) -> Result<Vec<Compared>, Fault> {
    let record = visible(state, identity, id).await?.record;
    if record.meta.client != *identity.client() {
        identity.require(Role::Operator)?;
    }
    state.service.compared(record.meta.id).await
}

/// A parked delivery's content, for an operator with a reason.
pub(crate) async fn content(
    state: &AppState,
    identity: &Identity,
    id: DeliveryId,
    reason: &str,
) -> Result<Editable, Fault> {
    let editable = state.service.editable(id).await?;
    reveal(state, identity, reason.to_owned(), Revealed::Content(id)).await?;
    Ok(editable)
}

/// On record before it is shown.
pub(crate) async fn reveal(state: &AppState, who: &Identity, reason: String, shown: Revealed) -> Result<(), Fault> {
    let act = OperatorAct { operator: who.client().to_string(), reason: Some(reason), confirmed: false };
    state.service.reveal(&act, &[shown]).await
}

/// What a text and conditions find, among the caller's own without a role.
pub(crate) async fn search(
    state: &AppState,
    identity: &Identity,
    (text, mut filter): (Option<&str>, ExchangeFilter),
    (cursor, rows): (Option<Cursor>, usize),
) -> Result<Found, Fault> {
    filter.client = identity.only_own(filter.client)?;
    let found = state.service.search(text, filter, cursor, rows).await?;
    // That somebody searched is kept, for what is not: it may be a person's name.
    let (caller, found_by) = (identity.client(), found.by.map(|by| by.as_str()));
    tracing::info!(target: "lienthong::audit", %caller, found_by, rows = found.page.rows.len(), "exchanges searched");
    Ok(found)
}
