//! Reports through the real program: counted while it runs, the same after a kill, as JSON, CSV and on the command line.

use std::process::Command;
use std::time::Instant;

use lienthong_simulators::portal::{Fault, FaultProfile};
use serde_json::{Value, json};

use crate::harness::{API_KEY, Bench, Gateway, PATIENCE, program};

const FIELDS: &str = "reports:\n  fields:\n    - operation: portal.sync-dossier\n      unit: /handling_unit\n      procedure: /procedure_code\n      due: /due_at\n";

async fn start() -> (Bench, Gateway) {
    let bench = Bench::new(FaultProfile::None).await;
    bench.write_config();
    let path = bench.config().join("gateway.yaml");
    let text = std::fs::read_to_string(&path).unwrap() + FIELDS;
    std::fs::write(&path, text).unwrap();
    let gateway = bench.restart().await;
    (bench, gateway)
}

fn dossier(code: &str, unit: &str, due: Option<&str>) -> Value {
    let mut body = json!({
        "code": code, "procedure_code": "1.000094", "received_at": "2026-01-15T08:00:00+07:00", "handling_unit": unit,
        "owner": { "name": "NGUYỄN VĂN MẪU", "kind": "citizen" }, "status": "received",
    });
    if let Some(due) = due {
        body["due_at"] = json!(due);
    }
    json!({ "operation": "portal.sync-dossier", "key": code, "body": body })
}

/// The report once it says what is wanted.
async fn until(gateway: &Gateway, query: &str, wanted: impl Fn(&[Value]) -> bool) -> Vec<Value> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let (status, report) = gateway.get(&format!("/v1/reports{query}")).await;
        assert_eq!(status, 200, "{report}");
        let rows = report["rows"].as_array().unwrap().clone();
        if wanted(&rows) {
            return rows;
        }
        assert!(Instant::now() < deadline, "{report}");
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_on_time_late_failed_repaired_and_reused_is_reported_and_counted_once_over_a_kill() {
    let (bench, gateway) = start().await;
    for (code, unit, due) in [
        ("H56.14-260115-0001", "H56.14", Some("2050-01-20T17:00:00+07:00")),
        ("H56.14-260115-0002", "H56.14", Some("2020-01-20T17:00:00+07:00")),
        ("H56.15-260115-0003", "H56.15", None),
    ] {
        let (status, exchange) = gateway.submit_and_wait(code, &dossier(code, unit, due)).await;
        assert_eq!((status, exchange["state"].as_str()), (200, Some("delivered")), "{exchange}");
    }
    let (status, answer) =
        gateway.post("/v1/operations/portal.find-dossier/call", &json!({ "code": "H56.14-260115-0001" })).await;
    assert_eq!(status, 200, "{answer}");
    assert!(bench.portal.inject(Fault::NotSuccessfulWithCodeZero, 1));
    let code = "H56.15-260115-0004";
    let (_, exchange) = gateway.submit_and_wait(code, &dossier(code, "H56.15", None)).await;
    assert_eq!(exchange["state"], "attention", "{exchange}");
    let id = exchange["deliveries"][0]["id"].as_str().unwrap();
    let (status, answer) =
        gateway.post(&format!("/v1/deliveries/{id}/release"), &json!({ "reason": "Cổng đã sửa" })).await;
    assert_eq!(status, 200, "{answer}");
    gateway.settle().await;

    let of = |row: &Value, name: &str| row[name].as_u64().unwrap();
    let rows = until(&gateway, "?split=unit,procedure,system", |rows| {
        rows.iter().map(|row| of(row, "repaired")).sum::<u64>() == 1
    })
    .await;
    let told: Vec<(&str, &str, [u64; 6])> = rows
        .iter()
        .map(|row| {
            let names = ["exchanged", "on_time", "late", "undated", "failed", "repaired"];
            (
                row["unit"].as_str().unwrap_or("-"),
                row["procedure"].as_str().unwrap_or("-"),
                names.map(|name| of(row, name)),
            )
        })
        .collect();
    let expected =
        [("-", "-", [0; 6]), ("H56.14", "1.000094", [2, 1, 1, 0, 0, 0]), ("H56.15", "1.000094", [2, 0, 0, 2, 1, 1])];
    assert_eq!(told, expected, "{rows:?}");
    assert_eq!((of(&rows[0], "reused"), rows[2]["repair_median_seconds"].is_u64()), (1, true));

    gateway.kill();
    let gateway = bench.restart().await;
    let (_, exchange) = gateway.submit_and_wait("last", &dossier("H56.15-260115-0005", "H56.15", None)).await;
    assert_eq!(exchange["state"], "delivered", "{exchange}");
    let rows = until(&gateway, "?by=month", |rows| rows.iter().map(|row| of(row, "exchanged")).sum::<u64>() >= 5).await;
    let [month] = rows.as_slice() else { panic!("one month: {rows:?}") };
    assert_eq!((of(month, "exchanged"), of(month, "failed"), of(month, "repaired"), of(month, "reused")), (5, 1, 1, 1));

    let mut command = Command::new(program());
    command.args(["report", "--split", "unit", "--csv"]);
    let ended = command.env("LIENTHONG_URL", &gateway.base).env("LIENTHONG_API_KEY", API_KEY).output().unwrap();
    let sheet = String::from_utf8(ended.stdout).unwrap();
    assert!(ended.status.success() && sheet.lines().any(|line| line.contains(",H56.14,,,2,1,1,")), "{sheet}");
    let (status, problem) = gateway.get("/v1/reports?from=2020-01-01&to=2026-01-01").await;
    assert_eq!((status, problem["code"].as_str()), (400, Some("LT-BAD-PARAMETER")), "{problem}");
}
