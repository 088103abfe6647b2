//! Reconciliations: begin, hand lists over, compare, look, send what was chosen.

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode, Uri, header};
use lienthong_core::{Fault, FaultCode, FieldProblem};
use lienthong_engine::reconcile::read::Form;
use lienthong_engine::reconcile::run::Wanted;
use lienthong_engine::reconcile::{Aspect, Newer, Side, Why};
use lienthong_engine::service::{PartGiven, RunAsked, RunView};
use lienthong_engine::sheet;

use super::{Answer, act};
use crate::http::body::{ActBody, whole};
use crate::http::documented;
use crate::http::extract::{Admitted, PathValues};
use crate::http::model::{
    Act, Reconciliation, ReconciliationDifference, ReconciliationList, ReconciliationPage, ReconciliationRequest,
    SendRequest, Totals,
};
use crate::http::params::Parameters;
use crate::security::Role;
use crate::state::AppState;

/// Most rows of one CSV.
const SHEET_ROWS: usize = 100_000;
/// Differences read at once for a CSV.
const SHEET_PAGE: usize = 500;
const DIFFERENCE_COLUMNS: [&str; 19] = [
    "place",
    "key",
    "line",
    "aspects",
    "newer",
    "why",
    "who_must_act",
    "unit",
    "procedure",
    "day",
    "status_here",
    "status_there",
    "due_here",
    "due_there",
    "returned_here",
    "returned_there",
    "exchange",
    "sent_as",
    "not_sent",
];

/// Lists runs, the newest first, and what is configured; the last 200 runs are kept.
#[utoipa::path(
    get, path = "/v1/reconciliations", tag = "reconciliations", operation_id = "listReconciliations",
    responses((status = 200, description = "Every run that is kept.", body = ReconciliationList))
)]
pub(crate) async fn list(State(state): State<AppState>, call: Admitted) -> Answer {
    call.identity.require(Role::Viewer)?;
    let runs = state.service.reconciliations().await?.into_iter().rev().map(Into::into).collect();
    let configured = state.service.configuration().reconciliations.0.iter().map(|spec| (&**spec).into()).collect();
    Ok(Json(ReconciliationList { configured, runs }).into_response())
}

/// Begins a run: hand the province's list over next, part by part, then compare.
#[utoipa::path(
    post, path = "/v1/reconciliations", tag = "reconciliations", operation_id = "beginReconciliation",
    request_body = ReconciliationRequest,
    responses((status = 202, description = "Begun; `Location` tells where it is shown.", body = Reconciliation))
)]
pub(crate) async fn begin(
    State(state): State<AppState>,
    call: Admitted,
    ActBody(asked): ActBody<ReconciliationRequest>,
) -> Answer {
    call.identity.require(Role::Operator)?;
    let ReconciliationRequest { name, from, to, from_files, reason } = asked;
    let act = act(&call.identity, Act { reason, confirm: false })?;
    let view = state.service.begin_reconciliation(&act, RunAsked { name, from, to, from_files }).await?;
    let location = format!("/v1/reconciliations/{}", view.id);
    Ok((StatusCode::ACCEPTED, [(header::LOCATION, location)], shown(view)).into_response())
}

/// Shows one run.
#[utoipa::path(
    get, path = "/v1/reconciliations/{run}", tag = "reconciliations", operation_id = "getReconciliation",
    params(("run" = String, Path, description = "Its id.")),
    responses((status = 200, description = "The run.", body = Reconciliation))
)]
pub(crate) async fn show(State(state): State<AppState>, call: Admitted, path: PathValues) -> Answer {
    call.identity.require(Role::Viewer)?;
    let id: String = path.get("run")?;
    Ok(shown(state.service.a_reconciliation(&id).await?))
}

/// Takes a part of a list: CSV with a header in every part, or JSON lines. A part that was taken already is taken no second time, so
/// it may be sent again when its answer was lost.
#[utoipa::path(
    post, path = "/v1/reconciliations/{run}/rows", tag = "reconciliations", operation_id = "addToReconciliation",
    params(("run" = String, Path, description = "Its id."), documented::PartQuery),
    request_body(content((String = "text/csv"), (String = "application/x-ndjson"))),
    responses((status = 200, description = "The run with what was taken so far.", body = Reconciliation))
)]
pub(crate) async fn add(
    State(state): State<AppState>,
    call: Admitted,
    path: PathValues,
    uri: Uri,
    headers: HeaderMap,
    body: Body,
) -> Answer {
    call.identity.require(Role::Operator)?;
    let id: String = path.get("run")?;
    let mut query = Parameters::of(&uri);
    let side = query.take_as("side", |text| named([Side::Here, Side::There], Side::as_str, text));
    let number = query.take("part");
    query.finish()?;
    let form = form(&headers)?;
    let received = whole(&state, &headers, body).await?;
    let part =
        PartGiven { side: side.unwrap_or(Side::Here), number: number.unwrap_or(1), form, bytes: &received.bytes };
    Ok(shown(state.service.add_to_reconciliation(&id, part).await?))
}

/// Compares what was handed over; it goes on by itself, over restarts too.
#[utoipa::path(
    post, path = "/v1/reconciliations/{run}/compare", tag = "reconciliations", operation_id = "compareReconciliation",
    params(("run" = String, Path, description = "Its id.")), request_body = Act,
    responses((status = 202, description = "The run.", body = Reconciliation))
)]
pub(crate) async fn compare(
    State(state): State<AppState>,
    call: Admitted,
    path: PathValues,
    ActBody(asked): ActBody<Act>,
) -> Answer {
    call.identity.require(Role::Operator)?;
    let id: String = path.get("run")?;
    let view = state.service.compare_reconciliation(&act(&call.identity, asked)?, &id).await?;
    Ok((StatusCode::ACCEPTED, shown(view)).into_response())
}

/// Stops comparing, or sending; what was sent goes on.
#[utoipa::path(
    post, path = "/v1/reconciliations/{run}/stop", tag = "reconciliations", operation_id = "stopReconciliation",
    params(("run" = String, Path, description = "Its id.")), request_body = Act,
    responses((status = 200, description = "The run.", body = Reconciliation))
)]
pub(crate) async fn stop(
    State(state): State<AppState>,
    call: Admitted,
    path: PathValues,
    ActBody(asked): ActBody<Act>,
) -> Answer {
    call.identity.require(Role::Operator)?;
    let id: String = path.get("run")?;
    Ok(shown(state.service.stop_reconciliation(&act(&call.identity, asked)?, &id).await?))
}

/// Counts by unit, procedure, status and day on each side, once the run is over.
#[utoipa::path(
    get, path = "/v1/reconciliations/{run}/totals", tag = "reconciliations", operation_id = "getReconciliationTotals",
    params(("run" = String, Path, description = "Its id."), documented::SheetQuery),
    responses((status = 200, description = "The counts.", content((Totals = "application/json"), (String = "text/csv"))))
)]
pub(crate) async fn totals(State(state): State<AppState>, call: Admitted, path: PathValues, uri: Uri) -> Answer {
    call.identity.require(Role::Viewer)?;
    let id: String = path.get("run")?;
    let mut query = Parameters::of(&uri);
    let as_csv = as_csv(&mut query);
    query.finish()?;
    let cells = state.service.reconciliation_totals(&id).await?;
    if !as_csv {
        return Ok(Json(Totals { totals: cells.into_iter().map(Into::into).collect() }).into_response());
    }
    let head = ["unit", "procedure", "status", "day", "here", "handed", "there", "different"];
    let rows = cells.into_iter().map(|(place, cell)| {
        let day = place.day.map(|day| day.to_string());
        let names = [place.unit, place.procedure, place.status, day].map(Option::unwrap_or_default);
        let counts = [cell.here, cell.handed, cell.there, cell.different].map(|count| count.to_string());
        names.into_iter().chain(counts).collect::<Vec<_>>()
    });
    Ok(sheet_of("reconciliation-totals", sheet::csv(&head, rows)))
}

/// Differences of a run in the order they were found. A page may hold fewer rows than asked, even none, and still have a `next_cursor`.
#[utoipa::path(
    get, path = "/v1/reconciliations/{run}/differences", tag = "reconciliations", operation_id = "listDifferences",
    params(("run" = String, Path, description = "Its id."), documented::DifferenceQuery, documented::PageQuery, documented::SheetQuery),
    responses((status = 200, description = "One page; all rows as CSV.", content((ReconciliationPage = "application/json"), (String = "text/csv"))))
)]
pub(crate) async fn differences(State(state): State<AppState>, call: Admitted, path: PathValues, uri: Uri) -> Answer {
    call.identity.require(Role::Viewer)?;
    let id: String = path.get("run")?;
    let mut query = Parameters::of(&uri);
    let wanted = Wanted {
        places: Vec::new(),
        aspect: query.take_as("aspect", |text| named(Aspect::ALL, Aspect::as_str, text)),
        newer: query.take_as("newer", |text| named(Newer::ALL, Newer::as_str, text)),
        why: query.take_as("why", |text| named(Why::ALL, Why::as_str, text)),
        unit: query.take("unit"),
        procedure: query.take("procedure"),
        status: query.take("status"),
        key: query.take("key"),
    };
    let as_csv = as_csv(&mut query);
    let (limit, cursor) = (query.limit(), query.cursor()?);
    query.finish()?;
    let after = cursor.map(|cursor| cursor.0.parse::<u32>().map_err(|_| bad_cursor())).transpose()?;
    if as_csv {
        return Ok(sheet_of("differences", all(&state, &id, &wanted).await?));
    }
    let page = state.service.differences(&id, &wanted, after, limit).await?;
    let differences = page.found.into_iter().map(Into::into).collect();
    let next_cursor = page.next.map(|next| next.to_string());
    Ok(Json(ReconciliationPage { differences, next_cursor }).into_response())
}

/// Sends the chosen differences, each once; the reason is mandatory. What the other side may hold newer goes only with `confirm`.
#[utoipa::path(
    post, path = "/v1/reconciliations/{run}/send", tag = "reconciliations", operation_id = "sendDifferences",
    params(("run" = String, Path, description = "Its id.")), request_body = SendRequest,
    responses((status = 202, description = "They are on their way; the run tells how far.", body = Reconciliation))
)]
pub(crate) async fn send(
    State(state): State<AppState>,
    call: Admitted,
    path: PathValues,
    headers: HeaderMap,
    body: Body,
) -> Answer {
    call.identity.require(Role::Operator)?;
    let id: String = path.get("run")?;
    // Ten thousand places are longer than an ordinary act.
    let received = crate::http::body::json(&state, &headers, body).await?;
    let asked: SendRequest = crate::http::body::parsed(&received.bytes)?;
    let wanted = asked.wanted();
    let act = act(&call.identity, Act { reason: asked.reason, confirm: asked.confirm })?;
    let view = state.service.send_differences(&act, &id, wanted).await?;
    Ok((StatusCode::ACCEPTED, shown(view)).into_response())
}

async fn all(state: &AppState, id: &str, wanted: &Wanted) -> Result<Vec<u8>, Fault> {
    let (mut rows, mut after) = (Vec::new(), None);
    loop {
        let page = state.service.differences(id, wanted, after, SHEET_PAGE).await?;
        rows.extend(page.found.into_iter().map(|found| row(ReconciliationDifference::from(found))));
        after = page.next;
        if after.is_none() {
            break;
        }
        if rows.len() >= SHEET_ROWS {
            let mut more = vec![String::new(); DIFFERENCE_COLUMNS.len()];
            if let Some(first) = more.first_mut() {
                *first = format!("more than {SHEET_ROWS} differences: narrow the conditions");
            }
            rows.push(more);
            break;
        }
    }
    Ok(sheet::csv(&DIFFERENCE_COLUMNS, rows))
}

fn row(found: ReconciliationDifference) -> Vec<String> {
    let ReconciliationDifference {
        place,
        key,
        line,
        aspects,
        newer,
        why,
        who_must_act,
        here,
        there,
        exchange,
        sent_as,
        not_sent,
    } = found;
    let either = here.clone().or_else(|| there.clone());
    let day = |day: Option<jiff::civil::Date>| day.map(|day| day.to_string()).unwrap_or_default();
    let of = |text: Option<String>| text.unwrap_or_default();
    let both = |told: fn(&crate::http::model::SideState) -> String| {
        [here.as_ref().map(told).unwrap_or_default(), there.as_ref().map(told).unwrap_or_default()]
    };
    let mut cells = vec![
        place.to_string(),
        key,
        line.map(|line| line.to_string()).unwrap_or_default(),
        aspects.join(" "),
        newer.to_owned(),
        why.to_owned(),
        who_must_act.to_owned(),
        of(either.as_ref().and_then(|state| state.unit.clone())),
        of(either.as_ref().and_then(|state| state.procedure.clone())),
        day(either.as_ref().and_then(|state| state.day)),
    ];
    cells.extend(both(|state| state.status.clone().unwrap_or_default()));
    cells.extend(both(|state| state.due.map(|day| day.to_string()).unwrap_or_default()));
    cells.extend(both(|state| state.returned.map(|day| day.to_string()).unwrap_or_default()));
    cells.extend([of(exchange), of(sent_as), of(not_sent)]);
    cells
}

fn shown(view: RunView) -> Response {
    Json(Reconciliation::from(view)).into_response()
}

/// `format=csv`, or JSON.
pub(super) fn as_csv(query: &mut Parameters) -> bool {
    let read = |text: &str| match text {
        "csv" => Ok(true),
        "json" => Ok(false),
        _other => Err("must be json or csv".to_owned()),
    };
    query.take_as("format", read).unwrap_or(false)
}

pub(super) fn sheet_of(name: &str, bytes: Vec<u8>) -> Response {
    let disposition = format!("attachment; filename=\"lienthong-{name}.csv\"");
    let head =
        [(header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()), (header::CONTENT_DISPOSITION, disposition)];
    (head, bytes).into_response()
}

fn named<T: Copy, const N: usize>(all: [T; N], name: fn(T) -> &'static str, text: &str) -> Result<T, String> {
    let known = || all.map(name).join(", ");
    all.into_iter().find(|one| name(*one) == text).ok_or_else(|| format!("must be one of {}", known()))
}

fn form(headers: &HeaderMap) -> Result<Form, Fault> {
    let given = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    match given.split(';').next().unwrap_or_default().trim().to_ascii_lowercase().as_str() {
        "text/csv" => Ok(Form::Csv),
        "application/x-ndjson" | "application/jsonl" => Ok(Form::JsonLines),
        _other => {
            let problem = FieldProblem::new("Content-Type", "must be text/csv or application/x-ndjson");
            Err(Fault::new(FaultCode::MediaType.kind(), FaultCode::MediaType, "neither CSV nor JSON lines")
                .with_problem(problem))
        }
    }
}

fn bad_cursor() -> Fault {
    Fault::new(FaultCode::BadCursor.kind(), FaultCode::BadCursor, "the cursor is none of a list of differences")
}
