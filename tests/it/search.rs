//! Operators find an exchange by what they have in hand, through the real program: over HTTP and on the command line, across a restart.

use std::process::Command;

use lienthong_simulators::portal::FaultProfile;
use serde_json::{Value, json};

use crate::harness::{API_KEY, Bench, Gateway, program};

const CODE: &str = "H56.14-260115-0007";

fn dossier(code: &str, name: &str, number: &str, receipt: &str) -> Value {
    let owner = json!({"name": name, "kind": "citizen", "identities": [{"kind": "citizen_id", "number": number}]});
    let body = json!({
        "code": code, "procedure_code": "1.000094", "received_at": "2026-01-15T08:00:00+07:00", "status": "received",
        "owner": owner, "receipt_number": receipt, "summary": "Đăng ký kết hôn",
    });
    json!({ "operation": "portal.sync-dossier", "key": code, "body": body })
}

async fn found(gateway: &Gateway, text: &str) -> (Vec<String>, Value) {
    let (status, answer) = gateway.post("/v1/search", &json!({ "text": text })).await;
    assert_eq!(status, 200, "{answer}");
    let keys = answer["exchanges"].as_array().unwrap().iter().map(|one| one["key"].as_str().unwrap().to_owned());
    (keys.collect(), answer["found_by"].clone())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_exchange_is_found_by_name_number_and_receipt_before_and_after_a_restart() {
    let bench = Bench::new(FaultProfile::None).await;
    let gateway = bench.gateway().await;
    let other = "H56.14-260115-0008";
    for envelope in [
        dossier(CODE, "NGUYỄN THỊ ĐÀO", "038199000001", "BL-2026/0007"),
        dossier(other, "Nguyễn Văn Mẫu", "001099000002", "BL-2026/0008"),
    ] {
        let (status, _) = gateway.submit_and_wait(envelope["key"].as_str().unwrap(), &envelope).await;
        assert_eq!(status, 200);
    }
    gateway.kill();
    let gateway = bench.restart().await;
    for (text, found_by, want) in [
        ("thi dao", "words", vec![CODE]),
        ("038199000001", "words", vec![CODE]),
        ("0381 9900 0001", "number", vec![CODE]),
        ("bl-2026/0008", "number", vec![other]),
        ("ket hon nguyen", "words", vec![other, CODE]),
        (CODE, "key", vec![CODE]),
    ] {
        assert_eq!(
            found(&gateway, text).await,
            (want.iter().map(ToString::to_string).collect(), json!(found_by)),
            "{text}"
        );
    }
    assert_eq!(found(&gateway, "tran").await, (Vec::new(), Value::Null));
    let listed =
        on_the_command_line(&gateway, &["exchanges", "search", "nguyễn đào", "--state", "delivered", "--json"]);
    assert_eq!(listed.lines().count(), 1, "{listed}");
    assert_eq!(serde_json::from_str::<Value>(&listed).unwrap()["key"], CODE);
    let by_id = on_the_command_line(
        &gateway,
        &["exchanges", "list", "--operation", "portal.sync-dossier", "--fault", "rejected"],
    );
    assert!(!by_id.contains(CODE), "{by_id}");
}

fn on_the_command_line(gateway: &Gateway, arguments: &[&str]) -> String {
    let mut command = Command::new(program());
    command.args(arguments).env("LIENTHONG_URL", &gateway.base).env("LIENTHONG_API_KEY", API_KEY);
    let ended = command.output().unwrap();
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
    String::from_utf8(ended.stdout).unwrap()
}
