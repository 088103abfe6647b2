//! Rows that operators add, in the public JSON. Cells of personal columns are never shown.

use std::collections::BTreeMap;

use jiff::Timestamp;
use lienthong_engine::service::{self, Service};
use lienthong_engine::tables::{AddedRow as Added, Laid};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::operator::GroupOutcome;
use super::preview::Cell;

/// Stands for a cell of a personal column.
const HIDDEN: &str = "***";

/// A row to be added.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RowRequest {
    /// Cells by the names of their columns; `valid_from` and `valid_to` are days.
    #[schema(value_type = std::collections::HashMap<String, String>)]
    pub cells: BTreeMap<String, Cell>,
    /// Mandatory, but where it is only tried; kept with the row.
    #[schema(max_length = 500)]
    pub reason: Option<String>,
    /// Only tells what would pass.
    pub dry_run: bool,
    /// Whether what waited for exactly this code goes again; it does unless this is false.
    pub release: Option<bool>,
}

/// What an added row means now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RowStanding {
    InForce,
    /// The file says the same by now: remove it here.
    InFile,
    /// The file says otherwise, and wins.
    SetAside,
}

/// A row that an operator added.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AddedRow {
    pub id: String,
    pub table: String,
    pub cells: BTreeMap<String, String>,
    pub by: String,
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    pub reason: String,
    pub standing: RowStanding,
    /// Why it is set aside.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

/// The rows that operators added.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AddedRowList {
    pub rows: Vec<AddedRow>,
}

/// What adding a row came to, or would.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RowResult {
    /// The row's id; nothing when it was only tried.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Parked deliveries that waited for this code and pass with it.
    pub passes: u64,
    /// Those that would be parked again for another reason, or need a confirmation.
    pub fails: u64,
    pub error_groups: Vec<String>,
    /// What was released at once.
    pub released: GroupOutcome,
    /// Releases in steps that were begun.
    pub releases: Vec<String>,
}

impl AddedRowList {
    pub(crate) fn of(service: &Service) -> Self {
        let tables = service.configuration();
        let personal = |table: &str, column: &str| {
            let spec = tables.tables.get(table).map(|table| &table.spec);
            spec.is_none_or(|spec| spec.personal.iter().any(|one| one == column))
        };
        let row = |(row, laid): &(Added, Laid)| {
            let Added { id, table, cells, by, at, reason } = row.clone();
            let shown = |(column, cell): (String, String)| {
                let cell = if personal(&table, &column) { HIDDEN.to_owned() } else { cell };
                (column, cell)
            };
            let (standing, why) = match laid {
                Laid::InForce => (RowStanding::InForce, None),
                Laid::InFile => (RowStanding::InFile, None),
                Laid::SetAside(why) => (RowStanding::SetAside, Some(why.clone())),
            };
            AddedRow {
                id,
                cells: cells.into_iter().map(shown).collect(),
                table: table.clone(),
                by,
                at,
                reason,
                standing,
                why,
            }
        };
        Self { rows: tables.tables.added().iter().map(row).collect() }
    }
}

impl From<service::RowOutcome> for RowResult {
    fn from(outcome: service::RowOutcome) -> Self {
        let service::RowOutcome { row, passes, fails, groups, released, releases } = outcome;
        Self {
            id: row.map(|row| row.id),
            passes,
            fails,
            error_groups: groups.iter().map(ToString::to_string).collect(),
            released: released.into(),
            releases,
        }
    }
}
