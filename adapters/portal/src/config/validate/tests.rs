//! Tests of configuration: what is refused, with the pointer, and what defaults hold. They open nothing.

use serde_json::{Value, json};

use crate::PortalConfig;

fn axis() -> Value {
    json!({
        "endpoints": [{
            "name": "axis",
            "axis": {
                "base": "http://ss.test:8080/XrdAdapter/RestService/forward",
                "organisation": "000.00.00.H56",
                "username": "env:U", "password": "env:P"
            }
        }],
        "transport": { "plain_http": ["ss.test"] }
    })
}

fn problems(value: Value) -> Vec<String> {
    let config: PortalConfig = serde_json::from_value(value).unwrap();
    config.validate().into_iter().map(|(pointer, _)| pointer).collect()
}

#[test]
fn the_smallest_configuration_is_complete() {
    let config: PortalConfig = serde_json::from_value(axis()).unwrap();
    assert!(config.validate().is_empty());
    assert_eq!(config.progress_steps.get(), 10);
    assert_eq!(config.phrases.failure, ["không thành công"]);
    assert!(config.phrases.session_expired.is_empty(), "not public, hence not guessed");
    assert!(config.lossy_statuses.is_empty());
}

#[test]
fn every_problem_is_reported_at_once() {
    let mut value = axis();
    value["active"] = json!("nowhere");
    value["dossier_codes"] = json!({"organisations": ["h56"], "serial_digits_min": 0});
    value["phrases"] = json!({"success": [], "maintenance": ["b"]});
    value["lossy_statuses"] = json!({"finished": "finished"});
    value["field_limits"] = json!({"note": 0});
    value["endpoints"][0]["lgsp"] = json!({"base": "https://lgsp.test/a", "token": "env:T", "paths": {}});
    value["endpoints"].as_array_mut().unwrap().push(json!({
        "name": "axis", "from": "2026-01-02T00:00:00Z", "until": "2026-01-01T00:00:00Z",
        "destination": {"dstcode": "a b"},
        "lgsp": {"base": "https://lgsp.test/a", "token": "env:T", "paths": {"add_dossier": "add"}}
    }));
    assert_eq!(
        problems(value),
        [
            "/endpoints/1/name",
            "/endpoints/1/until",
            "/endpoints/0",
            "/endpoints/1/lgsp/paths",
            "/endpoints/1/destination/dstcode",
            "/active",
            "/dossier_codes/serial_digits_min",
            "/dossier_codes/organisations/0",
            "/phrases/maintenance/0",
            "/phrases/success",
            "/lossy_statuses/finished",
            "/field_limits/note",
        ]
    );
}

#[test]
fn an_address_without_tls_must_be_named() {
    let mut value = axis();
    value["transport"] = json!({});
    assert_eq!(problems(value), ["/endpoints/0/axis/base"]);
}

#[test]
fn an_unknown_key_or_a_bare_secret_is_an_error() {
    let mut value = axis();
    value["endpoints"][0]["axis"]["pasword"] = json!("env:P");
    assert!(serde_json::from_value::<PortalConfig>(value).is_err());
    let mut value = axis();
    value["endpoints"][0]["axis"]["password"] = json!("hunter2");
    let refusal = serde_json::from_value::<PortalConfig>(value).unwrap_err().to_string();
    assert!(!refusal.contains("hunter2"), "{refusal}");
}

#[test]
fn the_schema_of_the_configuration_names_every_part() {
    let schema = serde_json::to_value(schemars::schema_for!(PortalConfig)).unwrap();
    for key in ["endpoints", "dossier_codes", "phrases", "codes", "field_limits", "transport", "inbound"] {
        assert!(schema.pointer(&format!("/properties/{key}")).is_some(), "{key}");
    }
}
