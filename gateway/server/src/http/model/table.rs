//! Code tables in the public JSON: what they hold, what they lack. Cells of personal columns are never shown.

use jiff::Timestamp;
use lienthong_engine::service::{self, ObservedList, TableView, UnmappedCode};
use lienthong_engine::tables;
use serde::Serialize;
use utoipa::ToSchema;

/// Most rows one answer shows.
const ROWS: usize = 5_000;
/// Stands for a cell of a personal column.
const HIDDEN: &str = "***";

/// One code table as a list shows it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Table {
    #[schema(example = "provinces")]
    pub name: String,
    pub description: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// The columns that make a code.
    pub key: Vec<String>,
    /// The columns a code leads to.
    pub values: Vec<String>,
    /// Once a code holds, there is a row for every later day.
    pub total: bool,
    /// Value columns that lead back to one code.
    pub one_to_one: Vec<String>,
    pub rows: usize,
}

/// The tables of the running configuration.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct TableList {
    pub tables: Vec<Table>,
}

/// One row of a table.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct TableRow {
    /// In the order of the table's `key`.
    pub key: Vec<String>,
    /// In the order of the table's `values`.
    pub values: Vec<String>,
    /// First day it holds; absent: always has.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = Date)]
    pub valid_from: Option<String>,
    /// Last day it holds, included; absent: still does.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = Date)]
    pub valid_to: Option<String>,
    /// Its line in the table's file.
    pub line: usize,
}

/// Another system's own list of a table's codes, as it came last.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Observed {
    #[schema(example = "land.list-received")]
    pub operation: String,
    #[schema(value_type = String, format = DateTime)]
    pub received_at: Timestamp,
    /// Codes of ours that the other side does not have: a message with one will fail there.
    pub unknown_there: Vec<String>,
    /// Codes of theirs that have no row here: a message with one will fail here.
    pub unknown_here: Vec<String>,
}

/// One table with its rows.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct TableDetail {
    pub table: Table,
    pub rows: Vec<TableRow>,
    /// Whether rows were left out.
    pub truncated: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub observed: Option<Observed>,
}

/// A code that messages failed on because no row has it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Unmapped {
    pub table: String,
    /// The code, or only its kind where it may be a person's.
    pub code: String,
    pub problem: String,
    /// JSON pointers of the fields it came in.
    pub fields: Vec<String>,
    pub operations: Vec<String>,
    /// Times a delivery failed on it, ever.
    pub seen: u64,
    /// Deliveries parked for it now.
    pub parked: u64,
    pub waiting: u64,
    #[schema(value_type = String, format = DateTime)]
    pub first_seen: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    pub last_seen: Timestamp,
}

/// Codes without a row, the most parked first.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct UnmappedCodes {
    pub codes: Vec<Unmapped>,
    /// Whether more error groups exist than were looked through.
    pub truncated: bool,
}

impl From<&tables::Table> for Table {
    fn from(table: &tables::Table) -> Self {
        let tables::TableSpec {
            name,
            file: _,
            line: _,
            description,
            source,
            key,
            values,
            total,
            one_to_one,
            personal: _,
            observed: _,
        } = &table.spec;
        Self {
            name: name.clone(),
            description: description.clone(),
            source: source.clone(),
            key: key.clone(),
            values: values.clone(),
            total: *total,
            one_to_one: one_to_one.clone(),
            rows: table.rows().len(),
        }
    }
}

impl From<TableView> for TableDetail {
    fn from(view: TableView) -> Self {
        let TableView { table, observed } = view;
        let rows = table.rows().iter().take(ROWS).map(|row| shown(&table, row)).collect();
        Self {
            table: Table::from(table.as_ref()),
            rows,
            truncated: table.rows().len() > ROWS,
            observed: observed.map(Observed::from),
        }
    }
}

fn shown(table: &tables::Table, row: &tables::Row) -> TableRow {
    let tables::Row { key, values, from, to, line } = row;
    let cells = |columns: &[String], cells: &[String]| -> Vec<String> {
        let hidden =
            |column: &String, cell: &String| if table.is_personal(column) { HIDDEN.to_owned() } else { cell.clone() };
        columns.iter().zip(cells).map(|(column, cell)| hidden(column, cell)).collect()
    };
    TableRow {
        key: cells(&table.spec.key, key),
        values: cells(&table.spec.values, values),
        valid_from: from.map(|day| day.to_string()),
        valid_to: to.map(|day| day.to_string()),
        line: *line,
    }
}

impl From<ObservedList> for Observed {
    fn from(list: ObservedList) -> Self {
        let ObservedList { operation, received_at, counterparts } = list;
        let tables::Counterparts { unknown_there, unknown_here } = counterparts;
        Self { operation, received_at, unknown_there, unknown_here }
    }
}

impl From<service::UnmappedCodes> for UnmappedCodes {
    fn from(found: service::UnmappedCodes) -> Self {
        let service::UnmappedCodes { codes, truncated } = found;
        Self { codes: codes.into_iter().map(Unmapped::from).collect(), truncated }
    }
}

impl From<UnmappedCode> for Unmapped {
    fn from(code: UnmappedCode) -> Self {
        let UnmappedCode { table, code, problem, fields, operations, seen, parked, waiting, first_seen, last_seen } =
            code;
        Self {
            table,
            code,
            problem,
            fields: fields.into_iter().collect(),
            operations: operations.into_iter().collect(),
            seen,
            parked,
            waiting,
            first_seen,
            last_seen,
        }
    }
}
