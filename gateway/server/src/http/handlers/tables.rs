//! Code tables: list, rows, and the codes that have none.

use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;

use super::Answer;
use crate::http::extract::{Admitted, PathValues};
use crate::http::model::{Table, TableDetail, TableList, UnmappedCodes};
use crate::security::Role;
use crate::state::AppState;

/// Lists the code tables of the running configuration.
#[utoipa::path(
    get, path = "/v1/tables", tag = "tables", operation_id = "listTables",
    responses((status = 200, description = "Every table.", body = TableList))
)]
pub(crate) async fn list(State(state): State<AppState>, call: Admitted) -> Answer {
    call.identity.require(Role::Viewer)?;
    let tables = state.service.tables().iter().map(|table| Table::from(table.as_ref())).collect();
    Ok(Json(TableList { tables }).into_response())
}

/// Lists the codes that messages failed on because no row has them, with counts.
#[utoipa::path(
    get, path = "/v1/tables/unmapped", tag = "tables", operation_id = "listUnmappedCodes",
    responses((status = 200, description = "The most parked first.", body = UnmappedCodes))
)]
pub(crate) async fn unmapped(State(state): State<AppState>, call: Admitted) -> Answer {
    call.identity.require(Role::Viewer)?;
    Ok(Json(UnmappedCodes::from(state.service.unmapped().await?)).into_response())
}

/// Shows one table with its rows, and what another system's own list lacks of it.
#[utoipa::path(
    get, path = "/v1/tables/{table}", tag = "tables", operation_id = "getTable",
    params(("table" = String, Path, description = "The table's name.")),
    responses((status = 200, description = "The table.", body = TableDetail))
)]
pub(crate) async fn show(State(state): State<AppState>, call: Admitted, path: PathValues) -> Answer {
    call.identity.require(Role::Viewer)?;
    let name: String = path.get("table")?;
    Ok(Json(TableDetail::from(state.service.table(&name).await?)).into_response())
}
