//! A code without a row parks dossiers; the row is tried before it is live, and what was foretold is what the portal then receives.

use std::path::Path;
use std::process::Command;

use lienthong_simulators::portal::FaultProfile;
use serde_json::{Value, json};

use crate::harness::{API_KEY, Bench, DESK_ROUTES, DESK_TABLES, Gateway, program};

const STRAIGHT: &str = "\
routes:
  - name: dossiers
    from: any_client
    operations: [portal.sync-dossier]
    to: { operation: portal.sync-dossier }
";
const ROW: &str = "desk,status,valid_from\nprocessing,supplement_required,2026-01-01\n";

fn body(code: &str, mark: u64) -> Value {
    json!({
        "code": code, "procedure_code": "1.000094.000.00.00.H56", "received_at": "2026-01-15T08:00:00+07:00",
        "owner": { "name": "NGUYỄN VĂN MẪU", "kind": "citizen" }, "other_information": format!("lienthong-seq={mark}"),
        "status": "processing",
    })
}

fn envelope(body: &Value) -> Value {
    json!({ "operation": "portal.sync-dossier", "key": body["code"], "body": body })
}

fn write(config: &Path, routes: &str, rows: &str) {
    std::fs::create_dir_all(config.join("tables")).unwrap();
    std::fs::write(config.join("routes/portal.yaml"), routes).unwrap();
    std::fs::write(config.join("tables/tables.yaml"), DESK_TABLES).unwrap();
    std::fs::write(config.join("tables/desk-statuses.csv"), rows).unwrap();
}

/// The command as an operator types it, for programs.
fn preview(gateway: &Gateway, arguments: &[&str]) -> Value {
    let mut command = Command::new(program());
    command.args(["errors", "preview", "--json", "--url", &gateway.base, "--api-key", API_KEY]).args(arguments);
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// A body with the fields a preview says would be otherwise.
fn foretold(body: &Value, difference: &Value) -> Value {
    let mut made = body.clone();
    for field in difference["fields"].as_array().unwrap() {
        made[field["pointer"].as_str().unwrap().trim_start_matches('/')] = field["after"].clone();
    }
    made
}

async fn reload(gateway: &Gateway) {
    let (status, answer) = gateway.post("/v1/configuration/reload", &json!({})).await;
    assert_eq!(status, 200, "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_is_tried_before_it_is_live_and_what_was_foretold_is_what_arrives() {
    let bench = Bench::new(FaultProfile::None).await;
    bench.write_config();
    write(&bench.config(), DESK_ROUTES, "desk,status\nreceived,received\n");
    let gateway = bench.restart().await;
    let bodies: Vec<Value> = (1..=3).map(|n| body(&format!("H56.14-260115-000{n}"), n)).collect();
    for (place, body) in bodies.iter().enumerate() {
        let (_, exchange) = gateway.submit_and_wait(&format!("m{place}"), &envelope(body)).await;
        assert_eq!(exchange["deliveries"][0]["fault"]["code"], "LT-CODE-UNMAPPED", "{exchange}");
    }
    let (_, groups) = gateway.get("/v1/errors").await;
    let group = groups["groups"][0]["id"].as_str().unwrap();

    let now = preview(&gateway, &[group]);
    assert_eq!((&now["counts"]["fails"], &now["counts"]["passes"]), (&json!(3), &json!(0)), "{now}");
    assert_eq!((&now["causes"][0]["error_group"], &now["causes"][0]["count"]), (&json!(group), &json!(3)));
    let file = bench.folder.path().join("row.csv");
    std::fs::write(&file, ROW).unwrap();
    let rows = format!("desk-statuses={}", file.display());
    let tried = preview(&gateway, &[group, "--rows", &rows, "--differences"]);
    assert_eq!((&tried["counts"]["passes"], &tried["edited"]), (&json!(3), &json!(true)), "{tried}");
    let difference = |place: usize| &tried["deliveries"][place]["sends"][0]["difference"];
    let status = json!({
        "pointer": "/status", "before": "processing", "after": "supplement_required", "hidden": false, "cut": false
    });
    assert_eq!((&difference(0)["fields"], &difference(0)["against"]), (&json!([status]), &json!("received")));
    let code = |body: &Value| body["code"].as_str().unwrap().to_owned();
    assert!(bodies.iter().all(|body| bench.portal.dossier(&code(body)).is_none()), "nothing was sent");

    write(&bench.config(), DESK_ROUTES, &format!("{ROW}received,received,\n"));
    reload(&gateway).await;
    gateway.settle().await;
    let (_, left) = gateway.get("/v1/errors").await;
    assert_eq!(left["groups"], json!([]), "what the row was missing for went by itself");
    // The foretold body, sent as it is, is the same content to the portal.
    write(&bench.config(), STRAIGHT, "desk,status\nreceived,received\n");
    reload(&gateway).await;
    for (place, body) in bodies.iter().enumerate() {
        let (_, exchange) =
            gateway.submit_and_wait(&format!("f{place}"), &envelope(&foretold(body, difference(place)))).await;
        assert_eq!(exchange["state"], "delivered", "{exchange}");
        let kept = bench.portal.dossier(&code(body)).unwrap();
        let [first, second] = kept.writes.as_slice() else { panic!("{:?}", kept.writes) };
        assert_eq!((first.status, first.digest), (5, second.digest));
    }
}
