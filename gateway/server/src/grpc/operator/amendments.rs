//! Amendments over gRPC: parse, call, convert; nothing else.

use lienthong_core::{DeliveryId, Fault};
use lienthong_engine::service;
use lienthong_proto::v1;

use crate::grpc::convert::{all, instant, json, name};
use crate::grpc::desk::Desk;
use crate::grpc::parse;
use crate::http::model::{AmendmentOf, AmendmentResult, Delivery, EditableContent, OtherDelivery, Proposal};
use crate::reading;
use crate::security::Role;

type Answer<T> = Result<T, Fault>;

pub(super) async fn content(desk: Desk, asked: v1::GetDeliveryContentRequest) -> Answer<v1::EditableContent> {
    let reason = parse::note("reason", asked.reason)?.ok_or_else(parse::reason_missing)?;
    let id: DeliveryId = parse::required("id", &asked.id)?;
    let editable = reading::content(&desk.state, &desk.identity, id, &reason).await?;
    Ok(EditableContent::of(editable, desk.insight()).into())
}

pub(super) async fn amend(desk: Desk, asked: v1::AmendDeliveryRequest) -> Answer<v1::AmendmentResult> {
    let v1::AmendDeliveryRequest { id, body, reason, seen, confirm, dry_run, reveal } = asked;
    let (id, act) = (parse::required("id", &id)?, desk.act(reason, confirm)?);
    if dry_run {
        let trial = desk.service().try_amendment(&act, id, service::Content::New(body), reveal).await?;
        return Ok(AmendmentResult::tried(trial, desk.insight()).into());
    }
    let amended = desk.service().amend(&act, id, service::Amendment { content: body, seen }).await?;
    Ok(AmendmentResult::of(amended, desk.insight()).into())
}

pub(super) async fn list(desk: Desk, _asked: v1::ListAmendmentsRequest) -> Answer<v1::ListAmendmentsResponse> {
    let proposals = desk.service().proposals().await?;
    Ok(v1::ListAmendmentsResponse {
        proposals: proposals.into_iter().map(|view| Proposal::from(view).into()).collect(),
    })
}

pub(super) async fn compare(desk: Desk, asked: v1::AmendmentActRequest) -> Answer<v1::AmendmentResult> {
    let act = desk.act(asked.reason, false)?;
    let (id, content) = (parse::required("id", &asked.id)?, service::Content::Kept(asked.number));
    let reveal = act.reason.is_some();
    let trial = desk.service().try_amendment(&act, id, content, reveal).await?;
    Ok(AmendmentResult::tried(trial, desk.insight()).into())
}

pub(super) async fn approve(desk: Desk, asked: v1::AmendmentActRequest) -> Answer<v1::Delivery> {
    let act = desk.act(asked.reason, false)?;
    let outcome = desk.service().approve_amendment(&act, parse::required("id", &asked.id)?, asked.number).await?;
    Ok(Delivery::of(&outcome.delivery, &[], desk.insight()).into())
}

pub(super) async fn refuse(desk: Desk, asked: v1::AmendmentActRequest) -> Answer<v1::RefuseAmendmentResponse> {
    let act = desk.act(asked.reason, false)?;
    let (id, decides) = (parse::required("id", &asked.id)?, desk.identity.has(Role::Approver));
    desk.service().refuse_amendment(&act, id, asked.number, decides).await?;
    Ok(v1::RefuseAmendmentResponse {})
}

impl From<EditableContent> for v1::EditableContent {
    fn from(editable: EditableContent) -> Self {
        let EditableContent {
            delivery,
            key,
            edited,
            operation,
            schema,
            personal,
            content,
            second_person,
            confirmation,
            others,
            amendments,
            proposals,
        } = editable;
        Self {
            delivery: Some(delivery.into()),
            key,
            edited: name(edited),
            operation,
            schema: schema.as_ref().map(json).unwrap_or_default(),
            personal,
            content: json(&content),
            second_person,
            confirmation: confirmation.map(Into::into),
            others: all(others),
            amendments: all(amendments),
            proposals: all(proposals),
        }
    }
}

impl From<OtherDelivery> for v1::OtherDelivery {
    fn from(OtherDelivery { id, system, state }: OtherDelivery) -> Self {
        Self { id, system, state: name(state) }
    }
}

impl From<AmendmentOf> for v1::Amendment {
    fn from(amendment: AmendmentOf) -> Self {
        let AmendmentOf { number, at, by, reason, bytes, in_force } = amendment;
        let (by, reason) = (by.unwrap_or_default(), reason.unwrap_or_default());
        Self { number, at: Some(instant(at)), by, reason, bytes, in_force }
    }
}

impl From<Proposal> for v1::Proposal {
    fn from(proposal: Proposal) -> Self {
        let Proposal {
            delivery,
            number,
            by,
            at,
            reason,
            confirmed,
            changed,
            more,
            stale,
            key,
            system,
            operation,
            state,
        } = proposal;
        Self {
            delivery,
            number,
            by,
            at: Some(instant(at)),
            reason,
            confirmed,
            changed,
            more,
            stale,
            key: key.unwrap_or_default(),
            system: system.unwrap_or_default(),
            operation: operation.unwrap_or_default(),
            state: state.map(name).unwrap_or_default(),
        }
    }
}

impl From<AmendmentResult> for v1::AmendmentResult {
    fn from(result: AmendmentResult) -> Self {
        let AmendmentResult { outcome, delivery, proposal, difference, second_person, confirmation } = result;
        Self {
            outcome: name(outcome),
            delivery: delivery.map(Into::into),
            proposal: proposal.map(Into::into),
            difference: difference.map(Into::into),
            second_person,
            confirmation: confirmation.map(Into::into),
        }
    }
}
