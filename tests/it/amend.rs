//! A status the desk should not use parks a dossier and holds the next one behind it; one person mends it, a second approves, and both arrive in order.

use std::process::{Command, Output};

use lienthong_server::fixture::Fixture;
use lienthong_simulators::portal::FaultProfile;
use serde_json::{Value, json};

use crate::harness::{API_KEY, Bench, Gateway, program};

pub(crate) const SECOND: &str = "second-person-test-key";
pub(crate) const CODE: &str = "H56.14-260115-0001";

pub(crate) fn body(status: &str, mark: u64) -> Value {
    json!({
        "code": CODE, "procedure_code": "1.000094.000.00.00.H56", "received_at": "2026-01-15T08:00:00+07:00",
        "owner": { "name": "NGUYỄN VĂN MẪU", "kind": "citizen" }, "other_information": format!("lienthong-seq={mark}"),
        "status": status,
    })
}

/// Dossiers of which the desk uses two statuses only, and amendments by two.
pub(crate) fn configure(bench: &Bench) {
    let fixture = Fixture { api_key: SECOND.to_owned(), ..bench.fixture() };
    let elsewhere = bench.folder.path().join("second");
    fixture.write(&elsewhere).unwrap();
    bench.write_config();
    let second = std::fs::read_to_string(elsewhere.join("clients/one-stop.yaml")).unwrap();
    let second = second.replace("id: one-stop", "id: second-person").replace("operator,", "operator, approver,");
    std::fs::write(bench.config().join("clients/second-person.yaml"), second).unwrap();
    let gateway = bench.config().join("gateway.yaml");
    let text = std::fs::read_to_string(&gateway).unwrap();
    std::fs::write(&gateway, format!("{text}approval:\n  amend: [\"portal.*\"]\n")).unwrap();
    std::fs::create_dir_all(bench.config().join("tables")).unwrap();
    let tables = "tables:\n  - name: desk-statuses\n    file: desk-statuses.csv\n    description: What the desk says.\n    \
         key: [desk]\n    values: [status]\n";
    std::fs::write(bench.config().join("tables/tables.yaml"), tables).unwrap();
    let rows = "desk,status\nreceived,received\nprocessing,processing\n";
    std::fs::write(bench.config().join("tables/desk-statuses.csv"), rows).unwrap();
    let routes = "routes:\n  - name: dossiers\n    from: any_client\n    operations: [portal.sync-dossier]\n    \
         to: { operation: portal.sync-dossier }\n    transform: |\n      \
         .status = lookup!(\"desk-statuses\", .status, at: .received_at)\n";
    std::fs::write(bench.config().join("routes/portal.yaml"), routes).unwrap();
}

fn run(gateway: &Gateway, key: &str, arguments: &[&str]) -> Output {
    let mut command = Command::new(program());
    command.args(["errors", "--json", "--url", &gateway.base, "--api-key", key]).args(arguments);
    command.output().unwrap()
}

fn told(output: &Output) -> Value {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_is_mended_by_two_persons_and_arrives_before_what_it_held_up() {
    let bench = Bench::new(FaultProfile::None).await;
    configure(&bench);
    let gateway = bench.restart().await;
    let envelope = |body: &Value| json!({ "operation": "portal.sync-dossier", "key": CODE, "body": body });
    let (_, first) = gateway.submit_and_wait("m1", &envelope(&body("new", 1))).await;
    assert_eq!(first["state"], "attention", "{first}");
    let delivery = first["deliveries"][0]["id"].as_str().unwrap();
    let (status, _) = gateway.post("/v1/exchanges", &envelope(&body("processing", 2))).await;
    assert_eq!(status, 400, "an idempotency key is needed");
    let (_, second) = gateway.submit("m2", &envelope(&body("processing", 2))).await;

    let content = told(&run(&gateway, API_KEY, &["content", delivery, "--reason", "the portal refuses it"]));
    assert_eq!((&content["content"]["status"], &content["second_person"]), (&json!("new"), &json!(true)));
    let file = bench.folder.path().join("mended.json");
    let path = file.display().to_string();
    let mut mended = content["content"].clone();
    mended["status"] = json!(7);
    std::fs::write(&file, mended.to_string()).unwrap();
    let wrong = run(&gateway, API_KEY, &["amend", delivery, "--body", &path, "--reason", "misspelt"]);
    assert!(!wrong.status.success());
    assert!(String::from_utf8_lossy(&wrong.stdout).contains("/body/status"), "{wrong:?}");
    mended["status"] = json!("received");
    std::fs::write(&file, mended.to_string()).unwrap();
    let seen = content["delivery"]["version"].to_string();
    let asked = ["amend", delivery, "--body", &path, "--reason", "misspelt at the desk", "--seen", &seen];
    let proposed = told(&run(&gateway, API_KEY, &asked));
    assert_eq!((&proposed["outcome"], &proposed["proposal"]["changed"]), (&json!("proposed"), &json!(["/status"])));
    assert!(!run(&gateway, API_KEY, &["amendments", "approve", delivery, "1"]).status.success(), "not by its author");
    let listed = told(&run(&gateway, SECOND, &["amendments", "list"]));
    assert_eq!((&listed["by"], &listed["stale"]), (&json!("one-stop"), &json!(false)), "{listed}");
    assert!(bench.portal.dossier(CODE).is_none(), "nothing was sent so far");
    // What was proposed outlives the process.
    gateway.kill();
    let gateway = bench.restart().await;
    told(&run(&gateway, SECOND, &["amendments", "approve", delivery, "1"]));
    gateway.settle().await;
    let (_, after) = gateway.get(&format!("/v1/exchanges/{}", second["id"].as_str().unwrap())).await;
    assert_eq!(after["state"], "delivered", "{after}");
    let statuses: Vec<_> = bench.portal.dossier(CODE).unwrap().writes.iter().map(|write| write.status).collect();
    assert_eq!(statuses, [2, 4], "in order, once each");
    let (_, acts) = gateway.get("/v1/acts").await;
    assert!(!acts.to_string().contains("MẪU"), "{acts}");
    let verbs: Vec<_> = acts["acts"].as_array().unwrap().iter().map(|act| act["verb"].as_str().unwrap()).collect();
    assert_eq!(verbs, ["approved", "amended", "proposed", "revealed"]);
}
