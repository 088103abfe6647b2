//! A code without a row parks dossiers; an operator adds the row to the running gateway, what waited arrives, and the row outlives a restart until its file says otherwise.

use std::process::{Command, Output};

use lienthong_simulators::portal::FaultProfile;
use serde_json::{Value, json};

use crate::harness::{API_KEY, Bench, Gateway, program};

const TABLES: &str = "\
tables:
  - name: desk-statuses
    file: desk-statuses.csv
    description: What the desk calls a status, and the status meant.
    key: [desk]
    values: [status]
";
const ROUTES: &str = "\
routes:
  - name: dossiers
    from: any_client
    operations: [portal.sync-dossier]
    to: { operation: portal.sync-dossier }
    transform: |
      .status = lookup!(\"desk-statuses\", .status, at: .received_at)
";

fn envelope(code: &str, status: &str, mark: u64) -> Value {
    let body = json!({
        "code": code, "procedure_code": "1.000094.000.00.00.H56", "received_at": "2026-01-15T08:00:00+07:00",
        "owner": { "name": "NGUYỄN VĂN MẪU", "kind": "citizen" }, "other_information": format!("lienthong-seq={mark}"),
        "status": status,
    });
    json!({ "operation": "portal.sync-dossier", "key": code, "body": body })
}

fn rows(bench: &Bench, rows: &str) {
    let text = format!("desk,status,valid_from,valid_to\n{rows}");
    std::fs::write(bench.config().join("tables/desk-statuses.csv"), text).unwrap();
}

fn tables(gateway: &Gateway, arguments: &[&str]) -> Output {
    let mut command = Command::new(program());
    command.args(["tables", "--json", "--url", &gateway.base, "--api-key", API_KEY]).args(arguments);
    command.output().unwrap()
}

fn told(output: &Output) -> Value {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_row_is_added_and_what_waited_for_it_arrives() {
    let bench = Bench::new(FaultProfile::None).await;
    bench.write_config();
    std::fs::create_dir_all(bench.config().join("tables")).unwrap();
    std::fs::write(bench.config().join("routes/portal.yaml"), ROUTES).unwrap();
    std::fs::write(bench.config().join("tables/tables.yaml"), TABLES).unwrap();
    rows(&bench, "received,received,,\n");
    let gateway = bench.restart().await;
    for (place, status) in ["processing", "processing", "finished"].into_iter().enumerate() {
        let code = format!("H56.14-260115-000{place}");
        let (_, exchange) = gateway.submit_and_wait(&format!("m{place}"), &envelope(&code, status, 1)).await;
        assert_eq!(exchange["deliveries"][0]["fault"]["code"], "LT-CODE-UNMAPPED", "{exchange}");
    }
    // A half-finished edit of the folder does not go live with a row.
    std::fs::write(bench.config().join("routes/portal.yaml"), "routes: [").unwrap();

    let row = ["desk-statuses", "desk=processing", "status=processing", "valid_from=2026-01-01"];
    let with = |verb: &'static str, rest: &[&'static str]| [&[verb], row.as_slice(), rest].concat();
    let tried = told(&tables(&gateway, &with("add", &["--dry-run"])));
    assert_eq!((&tried["passes"], &tried["fails"], &tried["id"]), (&json!(2), &json!(0), &Value::Null), "{tried}");
    assert!(!tables(&gateway, &with("add", &[])).status.success(), "a reason is needed");
    let added = told(&tables(&gateway, &with("add", &["--reason", "decision 12"])));
    assert_eq!(added["released"]["moved"], 2, "{added}");
    let twice = tables(&gateway, &with("add", &["--reason", "again"]));
    assert!(!twice.status.success(), "rows of one code do not overlap");
    gateway.settle().await;
    let (_, left) = gateway.get("/v1/errors").await;
    assert_eq!(left["groups"][0]["parked"], 1, "what waits for another code waits on: {left}");
    assert_eq!(bench.portal.dossier("H56.14-260115-0000").unwrap().writes[0].status, 4);

    // It outlives a restart.
    std::fs::write(bench.config().join("routes/portal.yaml"), ROUTES).unwrap();
    gateway.kill();
    let gateway = bench.restart().await;
    let (_, exchange) = gateway.submit_and_wait("m9", &envelope("H56.14-260115-0009", "processing", 1)).await;
    assert_eq!(exchange["state"], "delivered", "{exchange}");
    let mine = told(&tables(&gateway, &["added", "desk-statuses"]));
    assert_eq!(
        (&mine["standing"], &mine["by"], &mine["reason"]),
        (&json!("in_force"), &json!("one-stop"), &json!("decision 12"))
    );
    let csv = tables(&gateway, &["added", "desk-statuses", "--csv"]);
    assert!(String::from_utf8_lossy(&csv.stdout).contains("processing,processing,2026-01-01,"), "{csv:?}");

    // The file wins.
    let reload = async || {
        let (status, answer) = gateway.post("/v1/configuration/reload", &json!({})).await;
        assert_eq!(status, 200, "{answer}");
        told(&tables(&gateway, &["added", "desk-statuses"]))["standing"].clone()
    };
    rows(&bench, "received,received,,\nprocessing,processing,2026-01-01,\n");
    assert_eq!(reload().await, "in_file");
    rows(&bench, "received,received,,\nprocessing,stopped,2026-01-01,\n");
    assert_eq!(reload().await, "set_aside");
    let (_, exchange) = gateway.submit_and_wait("m10", &envelope("H56.14-260115-0010", "processing", 1)).await;
    assert_eq!(exchange["state"], "delivered", "{exchange}");
    assert_eq!(bench.portal.dossier("H56.14-260115-0010").unwrap().writes[0].status, 8);
    let id = mine["id"].as_str().unwrap();
    assert!(tables(&gateway, &["remove", id, "--reason", "moved into the file"]).status.success());
    let (_, none) = gateway.get("/v1/tables/added").await;
    assert_eq!(none["rows"], json!([]));
}
