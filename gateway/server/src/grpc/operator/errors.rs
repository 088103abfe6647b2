//! Error groups, their cases and their deliveries over gRPC: parse, call, convert; nothing else.

use lienthong_core::Fault;
use lienthong_engine::service::{CASE_REACH, CaseView};
use lienthong_journal::ActFilter;
use lienthong_proto::v1;

use crate::grpc::convert::{all, instant};
use crate::grpc::desk::Desk;
use crate::grpc::parse;
use crate::http::model::{
    ActList, AffectedKey, AffectedKeys, CaseFix, CaseNote, CaseSummary, ConcernedClient, Concerns, Deed, Delivery,
    ErrorGroup, ErrorGroupDetail, ErrorGroupPage, GroupOutcome, Hour, Reason, RefusedDelivery,
};

type Answer<T> = Result<T, Fault>;

pub(super) async fn list(desk: Desk, asked: v1::ListErrorGroupsRequest) -> Answer<v1::ListErrorGroupsResponse> {
    let filter = parse::group_filter(&asked)?;
    let page = desk.service().cases(filter, parse::cursor(asked.cursor)?, parse::rows(asked.limit)?).await?;
    let ErrorGroupPage { groups, next_cursor } = ErrorGroupPage::of(&page, desk.insight());
    Ok(v1::ListErrorGroupsResponse { groups: all(groups), next_cursor: next_cursor.unwrap_or_default() })
}

pub(super) async fn show(desk: Desk, asked: v1::GetErrorGroupRequest) -> Answer<v1::GetErrorGroupResponse> {
    let id = parse::required("id", &asked.id)?;
    let (cursor, rows) = (parse::cursor(asked.cursor)?, parse::rows(asked.limit)?);
    let (view, reach) = desk.service().case(&id).await?;
    let (_, members) = desk.service().group(&id, cursor, rows).await?;
    Ok(ErrorGroupDetail::of(&view, &reach, &members, desk.insight()).into())
}

pub(super) async fn keys(desk: Desk, asked: v1::ListErrorGroupKeysRequest) -> Answer<v1::ListErrorGroupKeysResponse> {
    let (id, rows) = (parse::required("id", &asked.id)?, parse::rows(asked.limit)?);
    let found = desk.service().group_keys(&id, CASE_REACH).await?;
    Ok(AffectedKeys::of(found, rows).into())
}

pub(super) async fn release(desk: Desk, asked: v1::GroupActRequest) -> Answer<v1::GroupActResponse> {
    let act = desk.act(asked.reason, asked.confirm)?;
    let outcome = desk.service().release_group(&act, &parse::required("id", &asked.id)?).await?;
    Ok(GroupOutcome::from(outcome).into())
}

pub(super) async fn discard(desk: Desk, asked: v1::GroupActRequest) -> Answer<v1::GroupActResponse> {
    let act = desk.act(asked.reason, asked.confirm)?;
    let outcome = desk.service().discard_group(&act, &parse::required("id", &asked.id)?).await?;
    Ok(GroupOutcome::from(outcome).into())
}

pub(super) async fn release_one(desk: Desk, asked: v1::DeliveryActRequest) -> Answer<v1::Delivery> {
    let act = desk.act(asked.reason, asked.confirm)?;
    let outcome = desk.service().release(&act, parse::required("id", &asked.id)?).await?;
    Ok(Delivery::of(&outcome.delivery, &[], desk.insight()).into())
}

pub(super) async fn discard_one(desk: Desk, asked: v1::DeliveryActRequest) -> Answer<v1::Delivery> {
    let act = desk.act(asked.reason, asked.confirm)?;
    let outcome = desk.service().discard(&act, parse::required("id", &asked.id)?).await?;
    Ok(Delivery::of(&outcome.delivery, &[], desk.insight()).into())
}

pub(super) async fn acknowledge(desk: Desk, asked: v1::CaseActRequest) -> Answer<v1::ErrorGroup> {
    let act = desk.act(asked.reason, false)?;
    let view = desk.service().acknowledge_case(&act, &parse::required("id", &asked.id)?, asked.version).await?;
    Ok(shown(&desk, &view))
}

pub(super) async fn assign(desk: Desk, asked: v1::AssignErrorGroupRequest) -> Answer<v1::ErrorGroup> {
    let (act, owner) = (desk.act(asked.reason, false)?, parse::note("owner", asked.owner)?);
    let view = desk.service().assign_case(&act, &parse::required("id", &asked.id)?, asked.version, owner).await?;
    Ok(shown(&desk, &view))
}

pub(super) async fn annotate(desk: Desk, asked: v1::AnnotateErrorGroupRequest) -> Answer<v1::ErrorGroup> {
    let text = parse::note("text", asked.text)?.unwrap_or_default();
    let act = desk.act(String::new(), false)?;
    let view = desk.service().annotate_case(&act, &parse::required("id", &asked.id)?, None, &text).await?;
    Ok(shown(&desk, &view))
}

pub(super) async fn resolve(desk: Desk, asked: v1::CaseActRequest) -> Answer<v1::ErrorGroup> {
    let act = desk.act(asked.reason, false)?;
    let view = desk.service().resolve_case(&act, &parse::required("id", &asked.id)?, asked.version).await?;
    Ok(shown(&desk, &view))
}

pub(super) async fn acts(desk: Desk, asked: v1::ListActsRequest) -> Answer<v1::ListActsResponse> {
    let filter = ActFilter { kind: parse::text(asked.kind), id: parse::text(asked.id) };
    let page = desk.service().acts(filter, parse::cursor(asked.cursor)?, parse::rows(asked.limit)?).await?;
    let ActList { acts, next_cursor } = page.into();
    Ok(v1::ListActsResponse { acts: all(acts), next_cursor: next_cursor.unwrap_or_default() })
}

impl From<AffectedKeys> for v1::ListErrorGroupKeysResponse {
    fn from(affected: AffectedKeys) -> Self {
        let AffectedKeys { keys, more, hidden, truncated } = affected;
        let key = |AffectedKey { key, parked }: AffectedKey| v1::AffectedKey { key, parked };
        Self { keys: keys.into_iter().map(key).collect(), more, hidden, truncated }
    }
}

fn shown(desk: &Desk, view: &CaseView) -> v1::ErrorGroup {
    ErrorGroup::of(view, desk.insight()).into()
}

impl From<ErrorGroup> for v1::ErrorGroup {
    fn from(group: ErrorGroup) -> Self {
        let ErrorGroup {
            id,
            system,
            operation,
            fault,
            first_seen,
            last_seen,
            seen,
            parked,
            waiting,
            held_behind,
            sample_delivery,
            opened_at,
            reopened,
            case,
        } = group;
        Self {
            id,
            system,
            operation,
            fault: Some(fault.into()),
            first_seen: Some(instant(first_seen)),
            last_seen: Some(instant(last_seen)),
            seen,
            parked,
            waiting,
            held_behind,
            sample_delivery,
            opened_at: Some(instant(opened_at)),
            reopened,
            case: Some(case.into()),
        }
    }
}

impl From<ErrorGroupDetail> for v1::GetErrorGroupResponse {
    fn from(detail: ErrorGroupDetail) -> Self {
        let ErrorGroupDetail { group, concerns, notes, fixes, deliveries, next_cursor } = detail;
        Self {
            group: Some(group.into()),
            deliveries: all(deliveries),
            next_cursor: next_cursor.unwrap_or_default(),
            concerns: Some(concerns.into()),
            notes: all(notes),
            fixes: all(fixes),
        }
    }
}

impl From<CaseSummary> for v1::Case {
    fn from(case: CaseSummary) -> Self {
        let CaseSummary { state, owner, version, who_must_act, reasons, last_fix } = case;
        Self {
            state: state.to_owned(),
            owner: owner.unwrap_or_default(),
            version,
            who_must_act: who_must_act.to_owned(),
            reasons: all(reasons),
            last_fix: last_fix.map(Into::into),
        }
    }
}

impl From<Reason> for v1::Reason {
    fn from(Reason { vi, en }: Reason) -> Self {
        Self { text_vi: vi, text_en: en }
    }
}

impl From<Concerns> for v1::Concerns {
    fn from(concerns: Concerns) -> Self {
        let Concerns { keys, clients, overdue, at_risk, next_due, truncated, trend } = concerns;
        let (clients, trend, next_due) = (all(clients), all(trend), next_due.map(instant));
        Self { keys, clients, overdue, at_risk, next_due, truncated, trend }
    }
}

impl From<ConcernedClient> for v1::ConcernedClient {
    fn from(ConcernedClient { client, parked }: ConcernedClient) -> Self {
        Self { client, parked }
    }
}

impl From<Hour> for v1::GrowthHour {
    fn from(Hour { from, seen }: Hour) -> Self {
        Self { from: Some(instant(from)), seen }
    }
}

impl From<CaseNote> for v1::CaseNote {
    fn from(CaseNote { at, who, text }: CaseNote) -> Self {
        Self { at: Some(instant(at)), who, text }
    }
}

impl From<CaseFix> for v1::CaseFix {
    fn from(CaseFix { at, who, how }: CaseFix) -> Self {
        Self { at: Some(instant(at)), who, how }
    }
}

impl From<GroupOutcome> for v1::GroupActResponse {
    fn from(outcome: GroupOutcome) -> Self {
        let GroupOutcome { moved, refused, refused_unlisted } = outcome;
        Self { moved, refused: all(refused), refused_unlisted }
    }
}

impl From<RefusedDelivery> for v1::RefusedDelivery {
    fn from(RefusedDelivery { delivery, reason }: RefusedDelivery) -> Self {
        Self { delivery, reason }
    }
}

impl From<Deed> for v1::Act {
    fn from(deed: Deed) -> Self {
        let Deed { at, who, verb, kind, id, reason, before, after } = deed;
        Self {
            at: Some(instant(at)),
            who: who.unwrap_or_default(),
            verb,
            kind,
            id,
            reason: reason.unwrap_or_default(),
            before: before.unwrap_or_default(),
            after: after.unwrap_or_default(),
        }
    }
}
