//! How a system is told to be through the real program: over HTTP and on the command line, with what was measured kept over a restart.

use std::process::Command;
use std::time::{Duration, Instant};

use lienthong_core::{SignedDuration, Timestamp};
use lienthong_simulators::portal::FaultProfile;
use serde_json::{Value, json};

use crate::harness::{API_KEY, Bench, Gateway, PATIENCE, program};

fn dossier(code: &str) -> Value {
    let body = json!({
        "code": code, "procedure_code": "1.000094.000.00.00.H56", "received_at": "2026-01-15T08:00:00+07:00",
        "owner": { "name": "NGUYỄN VĂN MẪU", "kind": "citizen" }, "status": "received",
    });
    json!({ "operation": "portal.sync-dossier", "key": code, "body": body })
}

async fn portal(gateway: &Gateway) -> Value {
    let (status, shown) = gateway.get("/v1/systems/portal").await;
    assert_eq!(status, 200, "{shown}");
    shown
}

async fn until(gateway: &Gateway, what: &str, holds: impl Fn(&Value) -> bool) -> Value {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let shown = portal(gateway).await;
        if holds(&shown) {
            return shown;
        }
        assert!(Instant::now() < deadline, "never {what}: {shown}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

fn on_the_command_line(gateway: &Gateway, arguments: &[&str]) -> String {
    let mut command = Command::new(program());
    command.args(arguments).env("LIENTHONG_URL", &gateway.base).env("LIENTHONG_API_KEY", API_KEY);
    let ended = command.output().unwrap();
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
    String::from_utf8(ended.stdout).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_system_is_told_as_it_is_and_what_was_measured_outlives_the_program() {
    let bench = Bench::new(FaultProfile::None).await;
    let gateway = bench.gateway().await;
    let code = "H56.14-260115-0007";
    assert_eq!(gateway.submit_and_wait("k1", &dossier(code)).await.0, 200);
    let shown =
        until(&gateway, "looked at", |shown| shown["system"]["condition"]["backlog"]["looked_at"].is_object()).await;
    let condition = &shown["system"]["condition"];
    assert_eq!((condition["state"].as_str(), condition["session"].as_str()), (Some("up"), Some("open")), "{shown}");
    assert_eq!(condition["recent"]["answered"], 1);
    assert_eq!(
        (condition["backlog"]["drained"].as_str(), condition["backlog"]["will_miss"].as_u64()),
        (Some("nothing"), Some(0))
    );
    let last_success = shown["system"]["last_success"].clone();
    assert!(last_success.is_string());
    assert_eq!(gateway.terminate(), 0);

    let gateway = bench.restart().await;
    let shown = until(&gateway, "restored", |shown| shown["system"]["last_success"].is_string()).await;
    assert_eq!(shown["system"]["last_success"], last_success);
    let answered = |shown: &Value| {
        shown["hours"].as_array().unwrap().iter().map(|hour| hour["answered"].as_u64().unwrap()).sum::<u64>()
    };
    assert_eq!(answered(&shown), 1, "{shown}");

    bench.portal.stop().await;
    let late = "H56.14-260115-0008";
    assert_eq!(gateway.submit("k2", &dossier(late)).await.0, 202);
    let shown = until(&gateway, "down", |shown| shown["system"]["condition"]["state"] == "down").await;
    let backlog = &shown["system"]["condition"]["backlog"];
    assert_eq!(
        (backlog["drained"].as_str(), backlog["unknown_because"].as_str()),
        (Some("unknown"), Some("nothing_goes"))
    );
    assert!(backlog["will_miss"].is_null(), "{backlog}");
    assert_eq!(shown["system"]["condition"]["signs"][0]["code"], "closed");
    let listed = on_the_command_line(&gateway, &["systems", "show", "portal"]);
    assert!(listed.contains("down") && listed.contains("unknown: nothing goes"), "{listed}");
    let (status, problem) = gateway.get("/v1/systems/portal?days=93").await;
    assert_eq!((status, problem["field_problems"][0]["pointer"].as_str()), (400, Some("?days")), "{problem}");
    assert_eq!(gateway.get("/v1/systems/nowhere").await.0, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_window_of_an_operator_holds_traffic_over_a_kill_and_lets_it_go_when_it_is_removed() {
    let bench = Bench::new(FaultProfile::None).await;
    let gateway = bench.gateway().await;
    let now = Timestamp::now();
    let hour = SignedDuration::from_hours(1);
    let (from, to) = ((now - hour).to_string(), (now + hour).to_string());
    let set =
        ["systems", "windows", "set", "portal", "--from", &from, "--until", &to, "--reason", "nâng cấp", "--json"];
    let set: Value = serde_json::from_str(&on_the_command_line(&gateway, &set)).unwrap();
    assert_eq!(set["open"], true);
    until(&gateway, "in maintenance", |shown| shown["system"]["condition"]["state"] == "maintenance").await;
    let code = "H56.14-260115-0007";
    assert_eq!(gateway.submit("k1", &dossier(code)).await.0, 202);
    gateway.kill();
    let gateway = bench.restart().await;
    let shown = portal(&gateway).await;
    assert_eq!(shown["system"]["condition"]["state"], "maintenance", "{shown}");
    assert_eq!((shown["system"]["reason"].as_str(), shown["system"]["queued"].as_u64()), (Some("nâng cấp"), Some(1)));
    assert!(bench.portal.dossier(code).is_none());
    let path = format!("/v1/systems/portal/windows/{}/remove", set["id"].as_str().unwrap());
    let (status, problem) = gateway.post(&path, &json!({ "version": 1 })).await;
    assert_eq!((status, problem["code"].as_str()), (400, Some("LT-REASON-MISSING")), "{problem}");
    assert_eq!(gateway.post(&path, &json!({ "reason": "xong sớm", "version": 1 })).await.0, 200);
    until(&gateway, "delivered", |shown| {
        shown["system"]["queued"] == 0 && shown["system"]["condition"]["state"] == "up"
    })
    .await;
    assert!(bench.portal.dossier(code).is_some());
}
