//! Rows that operators add to code tables while the gateway runs: try, add, list, take back.

use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;

use super::{Answer, act};
use crate::http::body::ActBody;
use crate::http::extract::{Admitted, PathValues};
use crate::http::model::{Act, AddedRowList, RowRequest, RowResult};
use crate::security::Role;
use crate::state::AppState;

/// Adds a dated row to a code table, and releases what waited for exactly its code.
///
/// It is tried first on what waits; kept with author and reason; in force at once and after every start. With `dry_run` it is only tried.
#[utoipa::path(
    post, path = "/v1/tables/{table}/rows", tag = "tables", operation_id = "addTableRow",
    params(("table" = String, Path, description = "The table's name.")),
    request_body = RowRequest,
    responses((status = 200, description = "What it came to, or would.", body = RowResult))
)]
pub(crate) async fn add(
    State(state): State<AppState>,
    call: Admitted,
    path: PathValues,
    ActBody(asked): ActBody<RowRequest>,
) -> Answer {
    call.identity.require(Role::Approver)?;
    let table: String = path.get("table")?;
    let RowRequest { cells, reason, dry_run, release } = asked;
    let act = act(&call.identity, Act { reason, confirm: false })?;
    let cells = cells.into_iter().map(|(column, cell)| (column, cell.into())).collect();
    let outcome = state.service.add_row(&act, &table, cells, (dry_run, release.unwrap_or(true))).await?;
    Ok(Json(RowResult::from(outcome)).into_response())
}

/// Lists the rows that operators added, with what became of each.
#[utoipa::path(
    get, path = "/v1/tables/added", tag = "tables", operation_id = "listAddedRows",
    responses((status = 200, description = "Oldest first.", body = AddedRowList))
)]
pub(crate) async fn list(State(state): State<AppState>, call: Admitted) -> Answer {
    call.identity.require(Role::Viewer)?;
    Ok(Json(AddedRowList::of(&state.service)).into_response())
}

/// Takes an added row back, or clears one away that stands in the file by now; the reason is mandatory.
#[utoipa::path(
    post, path = "/v1/tables/added/{id}/remove", tag = "tables", operation_id = "removeAddedRow",
    params(("id" = String, Path, description = "The row's id.")),
    request_body = Act,
    responses((status = 200, description = "The rows that are left.", body = AddedRowList))
)]
pub(crate) async fn remove(
    State(state): State<AppState>,
    call: Admitted,
    path: PathValues,
    ActBody(asked): ActBody<Act>,
) -> Answer {
    call.identity.require(Role::Approver)?;
    let id: String = path.get("id")?;
    state.service.remove_row(&act(&call.identity, asked)?, &id).await?;
    Ok(Json(AddedRowList::of(&state.service)).into_response())
}
