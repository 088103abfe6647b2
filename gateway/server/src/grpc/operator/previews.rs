//! Previews of releases over gRPC: parse, call, convert; nothing else.

use lienthong_core::Fault;
use lienthong_engine::service::Selection;
use lienthong_proto::v1;
use lienthong_proto::v1::preview_release_request::Subject;

use crate::grpc::convert::{all, instant, name};
use crate::grpc::desk::Desk;
use crate::grpc::parse;
use crate::http::model::{
    Preview, PreviewCause, PreviewCounts, PreviewEdits, PreviewRequest, PreviewedDelivery, PreviewedSending,
};

pub(super) async fn preview(desk: Desk, asked: v1::PreviewReleaseRequest) -> Result<v1::Preview, Fault> {
    let v1::PreviewReleaseRequest { subject, cursor, limit, rows, only, differences, reveal, reason, edits } = asked;
    let act = desk.act(reason, false)?;
    let (group, deliveries) = match subject {
        None => return Err(parse::bad("subject", "names neither a group nor deliveries")),
        Some(Subject::Group(group)) => (Some(parse::required("group", &group)?), None),
        Some(Subject::Deliveries(v1::DeliveryIds { ids })) => (None, Some(ids)),
    };
    let asked = PreviewRequest {
        deliveries,
        cursor: parse::text(cursor),
        limit: if limit == 0 { None } else { Some(parse::count(limit)) },
        rows: rows.map(parse::count),
        only: parse::name("only", &only)?,
        differences,
        reveal,
        reason: None,
        edits: edits.unwrap_or_default().into(),
    };
    let selection = match group {
        Some(group) => Selection::Group { group, cursor: asked.cursor() },
        None => Selection::Deliveries(asked.listed()?),
    };
    let extent = asked.extent()?;
    let preview = desk.service().preview(&act, selection, asked.edits.into(), extent).await?;
    Ok(Preview::of(preview, desk.insight()).into())
}

impl From<v1::PreviewEdits> for PreviewEdits {
    fn from(v1::PreviewEdits { tables, transforms }: v1::PreviewEdits) -> Self {
        let row = |v1::EditedRow { cells }| cells.into_iter().map(|(column, cell)| (column, cell.into())).collect();
        let rows = |v1::EditedRows { rows }| rows.into_iter().map(row).collect();
        Self { tables: tables.into_iter().map(|(table, edited)| (table, rows(edited))).collect(), transforms }
    }
}

impl From<Preview> for v1::Preview {
    fn from(preview: Preview) -> Self {
        let Preview { configuration, edited, at, parked, previewed, counts, causes, deliveries, next_cursor } = preview;
        Self {
            configuration: configuration.to_string(),
            edited,
            at: Some(instant(at)),
            parked,
            previewed,
            counts: Some(counts.into()),
            causes: all(causes),
            deliveries: all(deliveries),
            next_cursor: next_cursor.unwrap_or_default(),
        }
    }
}

impl From<PreviewCounts> for v1::VerdictCounts {
    fn from(counts: PreviewCounts) -> Self {
        let PreviewCounts { passes, fails, needs_confirmation, looked_up_first, waits, refused, not_previewed } =
            counts;
        Self { passes, fails, needs_confirmation, looked_up_first, waits, refused, not_previewed }
    }
}

impl From<PreviewCause> for v1::PreviewCause {
    fn from(cause: PreviewCause) -> Self {
        let PreviewCause { verdict, error_group, system, operation, fault, sample_delivery, count } = cause;
        let (verdict, fault) = (name(verdict), Some(fault.into()));
        Self { verdict, error_group, system, operation, fault, sample_delivery, count }
    }
}

impl From<PreviewedDelivery> for v1::PreviewedDelivery {
    fn from(delivery: PreviewedDelivery) -> Self {
        let PreviewedDelivery { id, verdict, key, system, operation, route, fault, confirmation, until, note, sends } =
            delivery;
        Self {
            id,
            verdict: name(verdict),
            key: key.unwrap_or_default(),
            system: system.unwrap_or_default(),
            operation: operation.unwrap_or_default(),
            route: route.unwrap_or_default(),
            fault: fault.map(Into::into),
            confirmation: confirmation.map(Into::into),
            until: until.map(instant),
            note: note.unwrap_or_default(),
            sends: all(sends),
        }
    }
}

impl From<PreviewedSending> for v1::PreviewedSending {
    fn from(sending: PreviewedSending) -> Self {
        let PreviewedSending { system, operation, route, bytes, difference } = sending;
        Self { system, operation, route, bytes, difference: difference.map(Into::into) }
    }
}
