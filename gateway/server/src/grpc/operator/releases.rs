//! Releases in steps over gRPC: parse, call, convert; nothing else.

use lienthong_core::Fault;
use lienthong_engine::service::ReleaseView;
use lienthong_proto::v1;

use crate::grpc::convert::{all, instant};
use crate::grpc::desk::Desk;
use crate::grpc::parse;
use crate::http::model::{ReleaseInSteps, ReleaseRequest};

type Answer<T> = Result<T, Fault>;

pub(super) async fn begin(desk: Desk, asked: v1::BeginReleaseRequest) -> Answer<v1::ReleaseInSteps> {
    let v1::BeginReleaseRequest { group, steps, per_second, stop_above, reason, confirm } = asked;
    let stop_above = stop_above.map(|share| u8::try_from(share).map_err(|_| parse::bad("stop_above", "is over 100")));
    let asked = ReleaseRequest {
        steps: if steps.is_empty() { None } else { Some(steps) },
        per_second,
        stop_above: stop_above.transpose()?,
        reason: None,
        confirm,
    };
    let act = desk.act(reason, confirm)?;
    let view = desk.service().begin_release(&act, &parse::required("group", &group)?, asked.pace()).await?;
    Ok(shown(&desk, view))
}

pub(super) async fn list(desk: Desk, _asked: v1::ListReleasesRequest) -> Answer<v1::ListReleasesResponse> {
    let views = desk.service().releases().await?;
    Ok(v1::ListReleasesResponse { releases: views.into_iter().rev().map(|view| shown(&desk, view)).collect() })
}

pub(super) async fn show(desk: Desk, asked: v1::GetReleaseRequest) -> Answer<v1::ReleaseInSteps> {
    Ok(shown(&desk, desk.service().a_release(&asked.id).await?))
}

pub(super) async fn pause(desk: Desk, asked: v1::ReleaseActRequest) -> Answer<v1::ReleaseInSteps> {
    let act = desk.act(asked.reason, asked.confirm)?;
    Ok(shown(&desk, desk.service().pause_release(&act, &asked.id).await?))
}

pub(super) async fn resume(desk: Desk, asked: v1::ReleaseActRequest) -> Answer<v1::ReleaseInSteps> {
    let act = desk.act(asked.reason, asked.confirm)?;
    Ok(shown(&desk, desk.service().resume_release(&act, &asked.id).await?))
}

pub(super) async fn stop(desk: Desk, asked: v1::ReleaseActRequest) -> Answer<v1::ReleaseInSteps> {
    let act = desk.act(asked.reason, asked.confirm)?;
    Ok(shown(&desk, desk.service().stop_release(&act, &asked.id).await?))
}

fn shown(desk: &Desk, view: ReleaseView) -> v1::ReleaseInSteps {
    ReleaseInSteps::of(view, desk.state.clock.now()).into()
}

impl From<ReleaseInSteps> for v1::ReleaseInSteps {
    fn from(release: ReleaseInSteps) -> Self {
        let ReleaseInSteps {
            id,
            group,
            by,
            reason,
            state,
            because,
            began,
            ended,
            eta,
            steps,
            per_second,
            stop_above,
            step,
            in_step,
            total,
            delivered,
            failed,
            refused,
            refusals,
        } = release;
        Self {
            id,
            group,
            by,
            reason: reason.unwrap_or_default(),
            state: state.to_owned(),
            because: because.unwrap_or_default(),
            began: Some(instant(began)),
            ended: ended.map(instant),
            eta: eta.map(instant),
            steps,
            per_second,
            stop_above: u32::from(stop_above),
            step,
            in_step,
            total,
            delivered,
            failed,
            refused,
            refusals: all(refusals),
        }
    }
}
