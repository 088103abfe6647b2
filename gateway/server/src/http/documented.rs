//! Parameters as the OpenAPI document shows them. They only describe: `headers.rs` and `params.rs` read.
#![expect(dead_code, reason = "the fields exist for the document")]

use utoipa::IntoParams;

#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
pub(crate) struct IdempotencyKey {
    /// Makes sending again safe: the same key and content answer the same exchange for 400 days; other content is refused.
    #[param(rename = "Idempotency-Key", max_length = 255, example = "h56-250115-0007-status-3")]
    idempotency_key: Option<String>,
}

#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
pub(crate) struct PreferWait {
    /// `wait=N`: at most N seconds (60 at most).
    #[param(rename = "Prefer", example = "wait=10")]
    prefer: Option<String>,
}

#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
pub(crate) struct TraceParent {
    /// W3C trace context: kept with the exchange and passed on. A new trace is begun without it.
    #[param(example = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")]
    traceparent: Option<String>,
    tracestate: Option<String>,
}

#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
pub(crate) struct Purpose {
    /// Why, for the record. UTF-8, plain or percent-encoded.
    #[param(rename = "Lienthong-Purpose", max_length = 500)]
    purpose: Option<String>,
}

#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
pub(crate) struct Unit {
    /// The unit the client acts for. UTF-8, plain or percent-encoded.
    #[param(rename = "Lienthong-Unit", max_length = 500, example = "H56.14")]
    unit: Option<String>,
}

#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
pub(crate) struct Officer {
    /// The officer's account at the client. UTF-8, plain or percent-encoded.
    #[param(rename = "Lienthong-Officer", max_length = 500)]
    officer: Option<String>,
}

#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
pub(crate) struct RecordKey {
    /// The business key the call is recorded under.
    #[param(rename = "Lienthong-Key", max_length = 128)]
    key: Option<String>,
}

#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
pub(crate) struct LastEventId {
    /// Resume after this event; sent by readers of server-sent events when they come again. It counts before `after`.
    #[param(rename = "Last-Event-ID")]
    last_event_id: Option<u64>,
}

#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct LimitQuery {
    /// Rows at most.
    #[param(minimum = 1, maximum = 500, default = 100)]
    limit: Option<usize>,
}

#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct PageQuery {
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// Rows at most.
    #[param(minimum = 1, maximum = 500, default = 100)]
    limit: Option<usize>,
}

#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ExchangeQuery {
    /// A business key or an alias.
    key: Option<String>,
    operation: Option<String>,
    /// Of any delivery.
    system: Option<String>,
    /// Of any delivery.
    #[param(value_type = Option<super::model::DeliveryStateName>)]
    state: Option<String>,
    client: Option<String>,
    /// Received at or after.
    #[param(format = DateTime)]
    from: Option<String>,
    /// Received before.
    #[param(format = DateTime)]
    to: Option<String>,
    /// Of any delivery.
    route: Option<String>,
    /// Kind of the present fault of a delivery.
    #[param(value_type = Option<super::model::FaultKindName>)]
    fault: Option<String>,
    /// Code of the present fault of a delivery.
    #[param(example = "LT-REJECTED")]
    code: Option<String>,
    /// Error group of a delivery.
    group: Option<String>,
    /// A field the present fault of a delivery complains about, or what it lies in, as a JSON pointer.
    #[param(example = "/owner/name")]
    field: Option<String>,
    /// A delivery moved at or after.
    #[param(format = DateTime)]
    updated_since: Option<String>,
    /// The first 8 or more digits of an exchange's id.
    id: Option<String>,
}

#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ErrorQuery {
    system: Option<String>,
    operation: Option<String>,
    #[param(value_type = Option<super::model::FaultKindName>)]
    kind: Option<String>,
    /// Also groups with nothing parked any more.
    include_closed: Option<bool>,
}

#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct EventQuery {
    /// Resume after this sequence number; without it only what happens from now on is sent.
    after: Option<u64>,
    key: Option<String>,
    system: Option<String>,
}

#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct PartQuery {
    /// Whose list: `here` (the province's) or `there`.
    #[param(example = "here")]
    side: Option<String>,
    /// Which part of it, from 1.
    part: Option<u32>,
}

#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct SheetQuery {
    /// `json`, or `csv` for spreadsheets.
    #[param(example = "json")]
    format: Option<String>,
}

#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct DifferenceQuery {
    /// `missing_there`, `missing_here`, `status`, `due` or `returned`.
    aspect: Option<String>,
    /// Which side is newer: `here`, `there` or `undecided`.
    newer: Option<String>,
    /// Why it is there.
    #[param(example = "delivered_not_shown")]
    why: Option<String>,
    unit: Option<String>,
    procedure: Option<String>,
    /// Of the province's list; of the other side where that has none.
    status: Option<String>,
    key: Option<String>,
}

#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ReportQuery {
    /// The first day, yyyy-MM-dd; the first of the last day's month where left out.
    from: Option<String>,
    /// The last day; today where left out. A report covers 366 days at most.
    to: Option<String>,
    /// One row a `day` or a `month`.
    #[param(example = "month")]
    by: Option<String>,
    /// What rows are told apart by besides: `unit`, `procedure`, `system`, with commas between.
    #[param(example = "unit,system")]
    split: Option<String>,
    unit: Option<String>,
    procedure: Option<String>,
    system: Option<String>,
}
