//! Code tables and the rows operators add to them, over gRPC: parse, call, convert; nothing else.

use lienthong_core::Fault;
use lienthong_proto::v1;

use crate::grpc::convert::{all, instant, name};
use crate::grpc::desk::Desk;
use crate::http::model::{
    AddedRow, AddedRowList, Observed, RowResult, Table, TableDetail, TableRow, Unmapped, UnmappedCodes,
};

type Answer<T> = Result<T, Fault>;

pub(super) async fn list(desk: Desk, _asked: v1::ListTablesRequest) -> Answer<v1::ListTablesResponse> {
    let tables = desk.service().tables();
    Ok(v1::ListTablesResponse { tables: tables.iter().map(|table| Table::from(table.as_ref()).into()).collect() })
}

pub(super) async fn show(desk: Desk, asked: v1::GetTableRequest) -> Answer<v1::GetTableResponse> {
    Ok(TableDetail::from(desk.service().table(&asked.table).await?).into())
}

pub(super) async fn unmapped(
    desk: Desk,
    _asked: v1::ListUnmappedCodesRequest,
) -> Answer<v1::ListUnmappedCodesResponse> {
    let UnmappedCodes { codes, truncated } = desk.service().unmapped().await?.into();
    Ok(v1::ListUnmappedCodesResponse { codes: all(codes), truncated })
}

pub(super) async fn added(desk: Desk, _asked: v1::ListAddedRowsRequest) -> Answer<v1::ListAddedRowsResponse> {
    Ok(rows(&desk))
}

pub(super) async fn add(desk: Desk, asked: v1::AddTableRowRequest) -> Answer<v1::AddTableRowResponse> {
    let v1::AddTableRowRequest { table, cells, reason, dry_run, release } = asked;
    let act = desk.act(reason, false)?;
    let outcome = desk.service().add_row(&act, &table, cells, (dry_run, release.unwrap_or(true))).await?;
    Ok(RowResult::from(outcome).into())
}

pub(super) async fn remove(desk: Desk, asked: v1::RemoveAddedRowRequest) -> Answer<v1::ListAddedRowsResponse> {
    desk.service().remove_row(&desk.act(asked.reason, false)?, &asked.id).await?;
    Ok(rows(&desk))
}

fn rows(desk: &Desk) -> v1::ListAddedRowsResponse {
    v1::ListAddedRowsResponse { rows: all(AddedRowList::of(desk.service()).rows) }
}

impl From<Table> for v1::Table {
    fn from(table: Table) -> Self {
        let Table { name, description, source, key, values, total, one_to_one, rows } = table;
        let (source, rows) = (source.unwrap_or_default(), rows as u64);
        Self { name, description, source, key, values, total, one_to_one, rows }
    }
}

impl From<TableDetail> for v1::GetTableResponse {
    fn from(detail: TableDetail) -> Self {
        let TableDetail { table, rows, truncated, observed } = detail;
        Self { table: Some(table.into()), rows: all(rows), truncated, observed: observed.map(Into::into) }
    }
}

impl From<TableRow> for v1::TableRow {
    fn from(row: TableRow) -> Self {
        let TableRow { key, values, valid_from, valid_to, line } = row;
        let (valid_from, valid_to) = (valid_from.unwrap_or_default(), valid_to.unwrap_or_default());
        Self { key, values, valid_from, valid_to, line: line as u64 }
    }
}

impl From<Observed> for v1::ObservedList {
    fn from(list: Observed) -> Self {
        let Observed { operation, received_at, unknown_there, unknown_here } = list;
        Self { operation, received_at: Some(instant(received_at)), unknown_there, unknown_here }
    }
}

impl From<Unmapped> for v1::UnmappedCode {
    fn from(code: Unmapped) -> Self {
        let Unmapped { table, code, problem, fields, operations, seen, parked, waiting, first_seen, last_seen } = code;
        let (first_seen, last_seen) = (Some(instant(first_seen)), Some(instant(last_seen)));
        Self { table, code, problem, fields, operations, seen, parked, waiting, first_seen, last_seen }
    }
}

impl From<AddedRow> for v1::AddedRow {
    fn from(row: AddedRow) -> Self {
        let AddedRow { id, table, cells, by, at, reason, standing, why } = row;
        let (at, standing, why) = (Some(instant(at)), name(standing), why.unwrap_or_default());
        Self { id, table, cells, by, at, reason, standing, why }
    }
}

impl From<RowResult> for v1::AddTableRowResponse {
    fn from(result: RowResult) -> Self {
        let RowResult { id, passes, fails, error_groups, released, releases } = result;
        let (id, released) = (id.unwrap_or_default(), Some(released.into()));
        Self { id, passes, fails, error_groups, released, releases }
    }
}
