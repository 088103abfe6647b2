//! Reconciliations over gRPC: parse, call; nothing else.

mod shown;

use lienthong_core::{Fault, FaultCode, FaultKind};
use lienthong_engine::reconcile::Side;
use lienthong_engine::reconcile::read::Form;
use lienthong_engine::reconcile::run::Wanted;
use lienthong_engine::service::{PartGiven, RunAsked, RunView};
use lienthong_proto::v1;
use lienthong_proto::v1::add_to_reconciliation_request::Rows;
use tonic::{Status, Streaming};

use crate::grpc::desk::Desk;
use crate::grpc::parse;
use crate::http::model::{Reconciliation, ReconciliationDifference, SendRequest};

type Answer<T> = Result<T, Fault>;

pub(super) async fn list(
    desk: Desk,
    _asked: v1::ListReconciliationsRequest,
) -> Answer<v1::ListReconciliationsResponse> {
    let runs = desk.service().reconciliations().await?.into_iter().rev().map(shown).collect();
    let config = desk.service().configuration();
    let configured = config.reconciliations.0.iter().map(|spec| shown::configured(spec)).collect();
    Ok(v1::ListReconciliationsResponse { configured, runs })
}

pub(super) async fn begin(desk: Desk, asked: v1::BeginReconciliationRequest) -> Answer<v1::Reconciliation> {
    let v1::BeginReconciliationRequest { name, from, to, from_files, reason } = asked;
    let act = desk.act(reason, false)?;
    let (from, to) = (parse::optional("from", &from)?, parse::optional("to", &to)?);
    Ok(shown(desk.service().begin_reconciliation(&act, RunAsked { name, from, to, from_files }).await?))
}

pub(super) async fn show(desk: Desk, asked: v1::GetReconciliationRequest) -> Answer<v1::Reconciliation> {
    Ok(shown(desk.service().a_reconciliation(&asked.id).await?))
}

/// Takes the parts in turn; what was taken before a part that is refused stays taken.
pub(super) async fn add(
    mut desk: Desk,
    mut parts: Streaming<v1::AddToReconciliationRequest>,
) -> Answer<v1::Reconciliation> {
    let mut taken = Taken::default();
    let mut view = None;
    while let Some(part) = next(&desk, &mut parts).await? {
        let (side, number, rows) = taken.place(part)?;
        let (form, bytes) = match rows {
            Rows::Csv(bytes) => (Form::Csv, bytes),
            Rows::JsonLines(bytes) => (Form::JsonLines, bytes),
        };
        desk.carry(bytes.len())?;
        let given = PartGiven { side, number, form, bytes: &bytes };
        view = Some(desk.service().add_to_reconciliation(&taken.run, given).await?);
    }
    view.map(shown).ok_or_else(|| parse::bad("rows", "is missing: the stream held no part"))
}

/// The next message, if it comes within the port's time.
async fn next(
    desk: &Desk,
    parts: &mut Streaming<v1::AddToReconciliationRequest>,
) -> Answer<Option<v1::AddToReconciliationRequest>> {
    let limit = desk.state.limits.read_timeout;
    match tokio::time::timeout(limit, parts.message()).await {
        Ok(Ok(part)) => Ok(part),
        Ok(Err(broken)) => Err(broke_off(&broken)),
        Err(_late) => Err(Fault::new(
            FaultKind::Invalid,
            FaultCode::SlowRequest,
            format!("no further part of the list within {limit:?}"),
        )),
    }
}

fn broke_off(status: &Status) -> Fault {
    let (code, detail) = (status.code(), format!("the list broke off: {status}"));
    let code = if code == tonic::Code::OutOfRange { FaultCode::BodyTooLarge } else { FaultCode::BadParameter };
    Fault::new(code.kind(), code, detail)
}

/// What the parts of one stream belong to, as far as it was read.
#[derive(Debug, Default)]
struct Taken {
    run: String,
    here: u32,
    there: u32,
}

impl Taken {
    /// Which part a message is: one without a number follows the one before it of its side.
    fn place(&mut self, part: v1::AddToReconciliationRequest) -> Answer<(Side, u32, Rows)> {
        let v1::AddToReconciliationRequest { id, side, part, rows } = part;
        if self.run.is_empty() {
            self.run = parse::required("id", &id)?;
        } else if !id.is_empty() && id != self.run {
            return Err(parse::bad("id", "names another run than the first part of the stream"));
        }
        let side = parse::name("side", &side)?.unwrap_or(Side::Here);
        let last = match side {
            Side::Here => &mut self.here,
            Side::There => &mut self.there,
        };
        *last = if part == 0 { last.saturating_add(1) } else { part };
        Ok((side, *last, rows.ok_or_else(|| parse::bad("rows", "is missing"))?))
    }
}

pub(super) async fn compare(desk: Desk, asked: v1::ReconciliationActRequest) -> Answer<v1::Reconciliation> {
    let act = desk.act(asked.reason, false)?;
    Ok(shown(desk.service().compare_reconciliation(&act, &asked.id).await?))
}

pub(super) async fn stop(desk: Desk, asked: v1::ReconciliationActRequest) -> Answer<v1::Reconciliation> {
    let act = desk.act(asked.reason, false)?;
    Ok(shown(desk.service().stop_reconciliation(&act, &asked.id).await?))
}

pub(super) async fn totals(desk: Desk, asked: v1::GetReconciliationRequest) -> Answer<v1::ReconciliationTotals> {
    let cells = desk.service().reconciliation_totals(&asked.id).await?;
    Ok(v1::ReconciliationTotals { totals: cells.into_iter().map(shown::totals).collect() })
}

pub(super) async fn differences(desk: Desk, asked: v1::ListDifferencesRequest) -> Answer<v1::ListDifferencesResponse> {
    let v1::ListDifferencesRequest { id, conditions, key, cursor, limit } = asked;
    let wanted = Wanted { key: parse::optional("key", &key)?, ..conditions_of(conditions)?.wanted() };
    let cursor = parse::cursor(cursor)?;
    let after = cursor.map(|cursor| cursor.0.parse().map_err(|_| parse::bad_cursor())).transpose()?;
    let page = desk.service().differences(&id, &wanted, after, parse::rows(limit)?).await?;
    let differences = page.found.into_iter().map(|found| ReconciliationDifference::from(found).into()).collect();
    let next_cursor = page.next.map(|next| next.to_string()).unwrap_or_default();
    Ok(v1::ListDifferencesResponse { differences, next_cursor })
}

pub(super) async fn send(desk: Desk, asked: v1::SendDifferencesRequest) -> Answer<v1::Reconciliation> {
    let v1::SendDifferencesRequest { id, reason, confirm, places, conditions } = asked;
    let act = desk.act(reason, confirm)?;
    let wanted = SendRequest { places, ..conditions_of(conditions)? }.wanted();
    Ok(shown(desk.service().send_differences(&act, &id, wanted).await?))
}

fn conditions_of(conditions: Option<v1::DifferenceConditions>) -> Answer<SendRequest> {
    let v1::DifferenceConditions { aspect, newer, why, unit, procedure, status } = conditions.unwrap_or_default();
    Ok(SendRequest {
        aspect: parse::name("conditions/aspect", &aspect)?,
        newer: parse::name("conditions/newer", &newer)?,
        why: parse::name("conditions/why", &why)?,
        unit: parse::text(unit),
        procedure: parse::text(procedure),
        status: parse::text(status),
        ..SendRequest::default()
    })
}

fn shown(view: RunView) -> v1::Reconciliation {
    Reconciliation::from(view).into()
}
