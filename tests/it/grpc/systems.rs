//! Systems over gRPC: how one is, a maintenance window that holds traffic, a fire drill, alerts, silences, flows.

use lienthong_core::{SignedDuration, Timestamp};
use lienthong_proto::v1;
use lienthong_simulators::portal::FaultProfile;
use tonic::Code;

use super::{Operators, connect, dossier, exchanges, operators, refused, start, until};
use crate::harness::Bench;

async fn portal(operator: &mut Operators) -> v1::System {
    let asked = v1::GetSystemRequest { system: "portal".to_owned(), days: 1 };
    operator.get_system(asked).await.unwrap().into_inner().system.unwrap()
}

fn state(system: &v1::System) -> &str {
    &system.condition.as_ref().unwrap().state
}

#[tokio::test(flavor = "multi_thread")]
async fn a_window_holds_traffic_is_changed_by_who_saw_it_and_lets_it_go() {
    let (bench, gateway, channel) = start().await;
    let mut operator = operators(&channel);
    let (now, hour) = (Timestamp::now(), SignedDuration::from_hours(1));
    let times = |until: Timestamp| {
        Some(v1::WindowTimes { days: Vec::new(), from: (now - hour).to_string(), until: until.to_string() })
    };
    let set =
        v1::SetWindowRequest {
            system: "portal".to_owned(), times: times(now + hour), reason: "nâng cấp".to_owned()
        };
    let bare = v1::SetWindowRequest { reason: String::new(), ..set.clone() };
    assert_eq!(refused(operator.set_window(bare).await).1, "LT-REASON-MISSING");
    let window = operator.set_window(set).await.unwrap().into_inner();
    assert!(window.open && window.by == "one-stop", "{window:?}");
    let mut asking = operator.clone();
    let shown = until(async || portal(&mut asking).await, |system| state(system) == "maintenance").await;
    assert_eq!((shown.gate.as_str(), shown.reason.as_str()), ("maintenance", "nâng cấp"));
    exchanges(&channel).submit(dossier(90, "received")).await.unwrap();

    let change = |version| v1::ChangeWindowRequest {
        system: "portal".to_owned(),
        id: window.id.clone(),
        times: times(now + hour + hour),
        reason: "kéo dài".to_owned(),
        version: Some(version),
    };
    let changed = operator.change_window(change(window.version)).await.unwrap().into_inner();
    let stale = refused(operator.change_window(change(window.version)).await);
    assert_eq!(stale, (Code::Aborted, "LT-WRONG-STATE".to_owned()), "two operators: the second one meets the first");
    let list = v1::ListWindowsRequest { system: "*".to_owned() };
    let listed = operator.list_windows(list).await.unwrap().into_inner().windows;
    assert_eq!((listed.len(), listed[0].reason.as_str(), listed[0].version), (1, "kéo dài", changed.version));
    assert_eq!(bench.portal.report().stored.dossiers, 0, "it waits");
    let remove = v1::RemoveWindowRequest {
        system: "portal".to_owned(),
        id: window.id.clone(),
        reason: "xong sớm".to_owned(),
        version: Some(changed.version),
    };
    operator.remove_window(remove).await.unwrap();
    gateway.settle().await;
    assert_eq!(bench.portal.report().stored.dossiers, 1);
    let shown = until(async || portal(&mut asking).await, |system| state(system) == "up").await;
    assert_eq!(shown.condition.unwrap().recent.unwrap().answered, 1);
    let long = v1::GetSystemRequest { system: "portal".to_owned(), days: 93 };
    assert_eq!(refused(operator.get_system(long).await).0, Code::InvalidArgument);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_silent_and_where_dossiers_wait_are_told() {
    const FLOW: &str = "name: dossier\nsummary: A dossier and its return.\nbegins_with:\n  \
        - { operation: portal.sync-dossier, on: accepted }\nsteps:\n  - name: returned\n    completed_by:\n      \
        - { operation: portal.sync-dossier, on: delivered, when: .status == \"returned\" }\n    \
        within: 30d\n    who_acts: the one-stop desk\n";
    let bench = Bench::new(FaultProfile::None).await;
    bench.write_config();
    let client = bench.config().join("clients/one-stop.yaml");
    let text = std::fs::read_to_string(&client).unwrap();
    std::fs::write(&client, format!("{text}silence: {{ after: 1s }}\n")).unwrap();
    std::fs::create_dir_all(bench.config().join("flows")).unwrap();
    std::fs::write(bench.config().join("flows/dossier.yaml"), FLOW).unwrap();
    let gateway = bench.restart().await;
    let channel = connect(&gateway).await;
    let mut operator = operators(&channel);
    exchanges(&channel).submit(v1::SubmitRequest { wait_seconds: 30, ..dossier(95, "received") }).await.unwrap();

    let mut asking = operator.clone();
    let list = async || asking.list_silences(v1::ListSilencesRequest {}).await.unwrap().into_inner().silences;
    let silences = until(list, |silences| silences.iter().any(|silence| silence.last.is_some())).await;
    let told: Vec<_> =
        silences.iter().map(|told| (told.client.as_str(), told.by.as_str(), told.after_seconds)).collect();
    assert_eq!(told, [("one-stop", "declared", Some(1))]);
    assert_eq!((silences[0].system.as_str(), silences[0].since), ("", silences[0].last));
    let list = async || operator.list_flows(v1::ListFlowsRequest {}).await.unwrap().into_inner().flows;
    let flows = until(list, |flows| flows[0].steps[0].waiting > 0).await;
    let step = &flows[0].steps[0];
    assert_eq!((flows.len(), flows[0].name.as_str(), step.name.as_str()), (1, "dossier", "returned"));
    assert_eq!((step.who_acts.as_str(), step.limited, step.waiting, step.late), ("the one-stop desk", true, 1, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_drill_fails_its_test_key_alone_and_is_ended() {
    let bench = Bench::new(FaultProfile::None).await;
    bench.write_config();
    let gateway = bench.config().join("gateway.yaml");
    let text = std::fs::read_to_string(&gateway).unwrap();
    std::fs::write(&gateway, format!("{text}drills:\n  test_keys: [\"H56.14-260117-*\"]\n")).unwrap();
    let gateway = bench.restart().await;
    let channel = connect(&gateway).await;
    let mut operator = operators(&channel);
    let plan = v1::BeginDrillRequest {
        system: "portal".to_owned(),
        key: "H56.14-260117-0001".to_owned(),
        fails: "rejected".to_owned(),
        reason: "diễn tập".to_owned(),
        ..v1::BeginDrillRequest::default()
    };
    let wrong = v1::BeginDrillRequest { fails: "earthquake".to_owned(), ..plan.clone() };
    assert_eq!(refused(operator.begin_drill(wrong).await), (Code::InvalidArgument, "LT-BAD-PARAMETER".to_owned()));
    let begun = operator.begin_drill(plan).await.unwrap().into_inner();
    assert!(begun.running && begun.by == "one-stop", "{begun:?}");
    let (began, ends) = (begun.began.unwrap(), begun.until.unwrap());
    assert_eq!(ends.seconds - began.seconds, 600, "ten minutes unless said otherwise");
    let asked = v1::SubmitRequest { wait_seconds: 60, ..dossier(1, "received") };
    assert_eq!(exchanges(&channel).submit(asked).await.unwrap().into_inner().state, "attention");
    assert_eq!(bench.portal.report().stored.dossiers, 0, "nothing of a drill reaches the portal");
    let end = v1::SystemActRequest { system: "portal".to_owned(), reason: "đã xem".to_owned() };
    assert!(!operator.end_drill(end).await.unwrap().into_inner().running);
    let drills = operator.list_drills(v1::ListDrillsRequest {}).await.unwrap().into_inner().drills;
    assert_eq!((drills.len(), drills[0].ended.is_some()), (1, true));
    assert!(operator.list_alerts(v1::ListAlertsRequest {}).await.unwrap().into_inner().targets.is_empty());
    let test = v1::TestAlertTargetRequest { target: "duty".to_owned(), reason: "thử".to_owned() };
    assert_eq!(refused(operator.test_alert_target(test).await).0, Code::NotFound);
}
