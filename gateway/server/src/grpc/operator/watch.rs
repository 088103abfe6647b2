//! What keeps watch over systems, over gRPC: maintenance windows, fire drills, alerts. Parse, call, convert; nothing else.

use lienthong_core::{Fault, SystemId};
use lienthong_proto::v1;

use crate::grpc::convert::{all, instant};
use crate::grpc::desk::Desk;
use crate::grpc::parse;
use crate::http::model::{
    Alert, AlertList, AlertTarget, AlertTest, Drill, DrillRequest, MaintenanceWindow, WindowRequest,
};

type Answer<T> = Result<T, Fault>;

pub(super) async fn windows(desk: Desk, asked: v1::ListWindowsRequest) -> Answer<v1::ListWindowsResponse> {
    let windows = desk.service().windows(parse::system_or_all(&asked.system)?.as_ref()).await?;
    let windows = windows.into_iter().map(|view| MaintenanceWindow::from(view).into()).collect();
    Ok(v1::ListWindowsResponse { windows })
}

pub(super) async fn set_window(desk: Desk, asked: v1::SetWindowRequest) -> Answer<v1::MaintenanceWindow> {
    let system: SystemId = parse::required("system", &asked.system)?;
    let when = times(asked.times).when()?;
    let view = desk.service().set_window(&desk.act(asked.reason, false)?, &system, when).await?;
    Ok(MaintenanceWindow::from(view).into())
}

pub(super) async fn change_window(desk: Desk, asked: v1::ChangeWindowRequest) -> Answer<v1::MaintenanceWindow> {
    let v1::ChangeWindowRequest { system, id, times: asked, reason, version } = asked;
    let system: SystemId = parse::required("system", &system)?;
    let when = times(asked).when()?;
    let view = desk.service().change_window(&desk.act(reason, false)?, (&system, &id), version, when).await?;
    Ok(MaintenanceWindow::from(view).into())
}

pub(super) async fn remove_window(desk: Desk, asked: v1::RemoveWindowRequest) -> Answer<v1::MaintenanceWindow> {
    let v1::RemoveWindowRequest { system, id, reason, version } = asked;
    let system: SystemId = parse::required("system", &system)?;
    let view = desk.service().remove_window(&desk.act(reason, false)?, (&system, &id), version).await?;
    Ok(MaintenanceWindow::from(view).into())
}

fn times(times: Option<v1::WindowTimes>) -> WindowRequest {
    let v1::WindowTimes { days, from, until } = times.unwrap_or_default();
    WindowRequest { days, from, until, reason: None, version: None }
}

pub(super) async fn begin_drill(desk: Desk, asked: v1::BeginDrillRequest) -> Answer<v1::Drill> {
    let v1::BeginDrillRequest { system, key, fails, seconds, reason } = asked;
    let act = desk.act(reason, false)?;
    let mut asked = DrillRequest { system, key, fails, ..DrillRequest::default() };
    if seconds > 0 {
        asked.seconds = seconds;
    }
    let drill = desk.service().begin_drill(&act, asked.plan()?).await?;
    Ok(Drill::of(drill, desk.state.clock.now()).into())
}

pub(super) async fn drills(desk: Desk, _asked: v1::ListDrillsRequest) -> Answer<v1::ListDrillsResponse> {
    let now = desk.state.clock.now();
    let drills = desk.service().drills().await?.into_iter().map(|drill| Drill::of(drill, now).into()).collect();
    Ok(v1::ListDrillsResponse { drills })
}

pub(super) async fn end_drill(desk: Desk, asked: v1::SystemActRequest) -> Answer<v1::Drill> {
    let act = desk.act(asked.reason, false)?;
    let drill = desk.service().end_drill(&act, &parse::required("system", &asked.system)?).await?;
    Ok(Drill::of(drill, desk.state.clock.now()).into())
}

pub(super) async fn alerts(desk: Desk, _asked: v1::ListAlertsRequest) -> Answer<v1::ListAlertsResponse> {
    let AlertList { at, alerts, targets } = AlertList::from(&*desk.service().alerts());
    Ok(v1::ListAlertsResponse { at: at.map(instant), alerts: all(alerts), targets: all(targets) })
}

pub(super) async fn test_target(desk: Desk, asked: v1::TestAlertTargetRequest) -> Answer<v1::TestAlertTargetResponse> {
    let test = desk.service().test_alert_target(&desk.act(asked.reason, false)?, &asked.target).await?;
    Ok(AlertTest::from(test).into())
}

impl From<MaintenanceWindow> for v1::MaintenanceWindow {
    fn from(window: MaintenanceWindow) -> Self {
        let MaintenanceWindow { id, version, system, days, from, until, reason, by, at, open, opens_at, closes_at } =
            window;
        let days = days.into_iter().map(str::to_owned).collect();
        Self {
            id: id.unwrap_or_default(),
            version,
            system,
            times: Some(v1::WindowTimes { days, from, until }),
            reason: reason.unwrap_or_default(),
            by: by.unwrap_or_default(),
            at: at.map(instant),
            open,
            opens_at: opens_at.map(instant),
            closes_at: closes_at.map(instant),
        }
    }
}

impl From<Drill> for v1::Drill {
    fn from(drill: Drill) -> Self {
        let Drill { system, key, fails, running, by, reason, began, until, ended } = drill;
        let (began, until, ended) = (Some(instant(began)), Some(instant(until)), ended.map(instant));
        Self { system, key, fails: fails.to_owned(), running, by, reason, began, until, ended }
    }
}

impl From<Alert> for v1::Alert {
    fn from(alert: Alert) -> Self {
        let Alert {
            id,
            rule,
            urgent,
            firing,
            drill,
            summary_vi,
            summary_en,
            system,
            since,
            fired_at,
            resolved_at,
            count,
            sample_exchange,
            sample_key,
            page,
            waiting,
        } = alert;
        Self {
            id,
            rule,
            urgent,
            firing,
            drill,
            summary_vi,
            summary_en,
            system: system.unwrap_or_default(),
            since: Some(instant(since)),
            fired_at: Some(instant(fired_at)),
            resolved_at: resolved_at.map(instant),
            count,
            sample_exchange: sample_exchange.unwrap_or_default(),
            sample_key: sample_key.unwrap_or_default(),
            page,
            waiting,
        }
    }
}

impl From<AlertTarget> for v1::AlertTarget {
    fn from(target: AlertTarget) -> Self {
        let AlertTarget { name, kind, waiting, failures, next_try, last_sent, last_trouble_at, last_trouble } = target;
        Self {
            name,
            kind: kind.to_owned(),
            waiting,
            failures,
            next_try: next_try.map(instant),
            last_sent: last_sent.map(instant),
            last_trouble_at: last_trouble_at.map(instant),
            last_trouble: last_trouble.unwrap_or_default(),
        }
    }
}

impl From<AlertTest> for v1::TestAlertTargetResponse {
    fn from(AlertTest { target, ok, trouble, at }: AlertTest) -> Self {
        Self { target, ok, trouble: trouble.unwrap_or_default(), at: Some(instant(at)) }
    }
}
