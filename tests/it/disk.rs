//! What the program refuses to start on, and a backup taken while it runs.

use std::process::Command;

use lienthong_simulators::portal::FaultProfile;
use serde_json::{Value, json};

use crate::harness::{API_KEY, Bench, program};

fn step(code: &str) -> Value {
    let steps = json!([{ "officer": "Mẫu", "at": "2026-01-15T08:30:00+07:00", "status": "received" }]);
    json!({ "operation": "portal.sync-progress", "key": code, "body": { "code": code, "steps": steps } })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_journal_another_process_holds_is_refused_and_said_so() {
    let bench = Bench::new(FaultProfile::None).await;
    let _first = bench.gateway().await;
    let second = Command::new(program()).arg("serve").arg("--config").arg(bench.config()).output().unwrap();
    assert_ne!(second.status.code(), Some(0));
    let words = String::from_utf8_lossy(&second.stderr).into_owned() + &String::from_utf8_lossy(&second.stdout);
    assert!(words.contains("in use by another process"), "{words}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_taken_under_load_opens_as_a_journal_with_everything_acknowledged_before_it() {
    let bench = Bench::new(FaultProfile::None).await;
    let gateway = bench.gateway().await;
    gateway.post("/v1/systems/portal/pause", &json!({ "reason": "sao lưu" })).await;
    let mut ids = Vec::new();
    for number in 0..30 {
        let (status, answer) =
            gateway.submit(&format!("b{number}"), &step(&format!("H56.14-260118-{number:04}"))).await;
        assert_eq!(status, 202, "{answer}");
        ids.push(answer["id"].as_str().unwrap().to_owned());
    }
    let copy = bench.folder.path().join("copy");
    let backup = Command::new(program())
        .args(["backup", "--to"])
        .arg(&copy)
        .arg("--journal")
        .arg(bench.journal())
        .env("LIENTHONG_URL", &gateway.base)
        .env("LIENTHONG_API_KEY", API_KEY)
        .output()
        .unwrap();
    assert!(backup.status.success(), "{}", String::from_utf8_lossy(&backup.stderr));
    gateway.kill();
    let restored = bench.folder.path().join("restored");
    let mut fixture = bench.fixture();
    fixture.journal = copy;
    fixture.write(&restored).unwrap();
    let gateway = crate::harness::Gateway::start(&restored, bench.folder.path()).await;
    for id in ids {
        let (status, exchange) = gateway.get(&format!("/v1/exchanges/{id}")).await;
        assert_eq!((status, exchange["state"].as_str()), (200, Some("in_progress")), "{exchange}");
    }
    assert_eq!(gateway.terminate(), 0);
}
