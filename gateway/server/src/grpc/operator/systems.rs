//! External systems, who is silent, and where flows stall, over gRPC: parse, call, convert; nothing else.

mod health;

use jiff::SignedDuration;
use lienthong_core::{Fault, SystemId, Timestamp};
use lienthong_engine::service::OperatorAct;
use lienthong_engine::vitals::KEPT_DAYS;
use lienthong_proto::v1;

use crate::grpc::convert::{all, instant, name};
use crate::grpc::desk::Desk;
use crate::grpc::{parse, status};
use crate::http::model::{
    Expiry, FlowList, Poller, ProbeOutcome, ProbeResult, Silence, StalledFlow, StalledKey, StalledStep, System,
    SystemDetail, SystemList,
};

/// Days of hours shown unless more are asked for.
const WEEK: u32 = 7;

type Answer<T> = Result<T, Fault>;

pub(super) async fn list(desk: Desk, _asked: v1::ListSystemsRequest) -> Answer<v1::ListSystemsResponse> {
    shown(&desk).await
}

pub(super) async fn show(desk: Desk, asked: v1::GetSystemRequest) -> Answer<v1::GetSystemResponse> {
    let system: SystemId = parse::required("system", &asked.system)?;
    let days = i64::from(if asked.days == 0 { WEEK } else { asked.days });
    if days > KEPT_DAYS {
        return Err(parse::bad("days", format!("must be a number from 1 to {KEPT_DAYS}")));
    }
    let from = desk.state.clock.now().saturating_sub(SignedDuration::from_hours(days.saturating_mul(24)));
    let (health, course) = desk.service().system(&system, from.unwrap_or(Timestamp::UNIX_EPOCH)).await?;
    Ok(SystemDetail::of(health, &course).into())
}

pub(super) async fn pause(desk: Desk, asked: v1::SystemActRequest) -> Answer<v1::ListSystemsResponse> {
    let (act, system) = act(&desk, asked)?;
    desk.service().pause(&act, system.as_ref()).await?;
    shown(&desk).await
}

pub(super) async fn resume(desk: Desk, asked: v1::SystemActRequest) -> Answer<v1::ListSystemsResponse> {
    let (act, system) = act(&desk, asked)?;
    desk.service().resume(&act, system.as_ref()).await?;
    shown(&desk).await
}

pub(super) async fn probe(desk: Desk, asked: v1::SystemActRequest) -> Answer<v1::ProbeResponse> {
    let (_, system) = act(&desk, asked)?;
    let results = desk.service().probe(system.as_ref()).await?;
    Ok(v1::ProbeResponse { results: all(ProbeOutcome::of(results, desk.insight()).results) })
}

pub(super) async fn silences(desk: Desk, _asked: v1::ListSilencesRequest) -> Answer<v1::ListSilencesResponse> {
    let silences = desk.service().silences().into_iter().map(|silence| Silence::from(silence).into()).collect();
    Ok(v1::ListSilencesResponse { silences })
}

pub(super) async fn flows(desk: Desk, _asked: v1::ListFlowsRequest) -> Answer<v1::ListFlowsResponse> {
    let FlowList { flows, truncated } = desk.service().stalls().await?.into();
    Ok(v1::ListFlowsResponse { flows: all(flows), truncated })
}

pub(super) async fn reload(
    desk: Desk,
    _asked: v1::ReloadConfigurationRequest,
) -> Answer<v1::ReloadConfigurationResponse> {
    let version = desk.state.reload.reload().await.map_err(|problems| status::configuration(&problems))?;
    let operator = desk.identity.client();
    tracing::info!(target: "lienthong::audit", %operator, %version, "configuration reloaded");
    Ok(v1::ReloadConfigurationResponse { version: version.to_string() })
}

fn act(desk: &Desk, asked: v1::SystemActRequest) -> Answer<(OperatorAct, Option<SystemId>)> {
    Ok((desk.act(asked.reason, false)?, parse::one_or_all(&asked.system)?))
}

async fn shown(desk: &Desk) -> Answer<v1::ListSystemsResponse> {
    let SystemList { systems } = desk.service().health().await?.into();
    Ok(v1::ListSystemsResponse { systems: all(systems) })
}

impl From<System> for v1::System {
    fn from(system: System) -> Self {
        let System {
            name: system_name,
            gate,
            since,
            reason,
            next_probe,
            until,
            last_success,
            concurrency,
            in_flight,
            queued,
            waiting,
            verifying,
            parked,
            condition,
            pollers,
            expiries,
        } = system;
        Self {
            name: system_name,
            gate: name(gate),
            since: Some(instant(since)),
            reason: reason.unwrap_or_default(),
            next_probe: next_probe.map(instant),
            last_success: last_success.map(instant),
            in_flight: u32::try_from(in_flight).unwrap_or(u32::MAX),
            concurrency,
            queued,
            waiting,
            verifying,
            parked,
            pollers: all(pollers),
            until: until.map(instant),
            condition: Some(condition.into()),
            expiries: all(expiries),
        }
    }
}

impl From<Poller> for v1::Poller {
    fn from(poller: Poller) -> Self {
        let Poller { name, running, last_success, fault, next_at, messages } = poller;
        let (last_success, next_at) = (last_success.map(instant), next_at.map(instant));
        Self { name, running, last_success, fault: fault.unwrap_or_default(), next_at, messages }
    }
}

impl From<Expiry> for v1::Expiry {
    fn from(expiry: Expiry) -> Self {
        let Expiry { material, setting, reference, subject, until } = expiry;
        let (material, subject) = (material.to_owned(), subject.unwrap_or_default());
        Self { material, setting, reference, subject, until: Some(instant(until)) }
    }
}

impl From<ProbeResult> for v1::ProbeResult {
    fn from(ProbeResult { system, ok, fault }: ProbeResult) -> Self {
        Self { system, ok, fault: fault.map(Into::into) }
    }
}

impl From<SystemDetail> for v1::GetSystemResponse {
    fn from(SystemDetail { system, minutes, hours }: SystemDetail) -> Self {
        Self { system: Some(system.into()), minutes: all(minutes), hours: all(hours) }
    }
}

impl From<Silence> for v1::Silence {
    fn from(silence: Silence) -> Self {
        let Silence { client, system, last, since, by, after_seconds, least, weeks } = silence;
        Self {
            client,
            system: system.unwrap_or_default(),
            last: last.map(instant),
            since: Some(instant(since)),
            by: by.to_owned(),
            after_seconds,
            least,
            weeks: weeks.map(|weeks| u32::try_from(weeks).unwrap_or_default()),
        }
    }
}

impl From<StalledFlow> for v1::StalledFlow {
    fn from(StalledFlow { name, summary, steps }: StalledFlow) -> Self {
        Self { name, summary, steps: all(steps) }
    }
}

impl From<StalledStep> for v1::StalledStep {
    fn from(step: StalledStep) -> Self {
        let StalledStep { name, who_acts, limited, waiting, late, group, longest } = step;
        let (error_group, longest) = (group.unwrap_or_default(), all(longest));
        Self { name, who_acts, limited, waiting, late, error_group, longest }
    }
}

impl From<StalledKey> for v1::StalledKey {
    fn from(StalledKey { key, since, late_since }: StalledKey) -> Self {
        Self { key, since: Some(instant(since)), late_since: Some(instant(late_since)) }
    }
}
