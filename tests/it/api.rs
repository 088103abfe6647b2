//! The HTTP contract used as its clients use it: submit, wait, call, list, cancel, resend, timeline, events, systems, reload.

use futures::StreamExt;
use lienthong_simulators::portal::FaultProfile;
use serde_json::{Value, json};

use crate::harness::{API_KEY, Bench, Gateway};

fn dossier(code: &str, mark: u64, status: &str) -> Value {
    let body = json!({
        "code": code, "procedure_code": "1.000094", "received_at": "2026-01-15T08:00:00+07:00", "status": status,
        "owner": { "name": "NGUYỄN VĂN MẪU", "kind": "citizen" }, "other_information": format!("lienthong-seq={mark}"),
    });
    json!({ "operation": "portal.sync-dossier", "key": code, "body": body })
}

async fn start() -> (Bench, Gateway) {
    let bench = Bench::new(FaultProfile::None).await;
    let gateway = bench.gateway().await;
    (bench, gateway)
}

#[tokio::test(flavor = "multi_thread")]
async fn operations_are_listed_with_schemas_and_examples_that_work() {
    let (_bench, gateway) = start().await;
    let (status, list) = gateway.get("/v1/operations").await;
    assert_eq!(status, 200);
    let names: Vec<&str> = list["operations"].as_array().unwrap().iter().map(|o| o["name"].as_str().unwrap()).collect();
    for name in [
        "sync-dossier",
        "sync-progress",
        "sync-status",
        "find-dossier",
        "list-procedures",
        "get-procedure",
        "list-agencies",
        "list-fields",
    ] {
        assert!(names.contains(&format!("portal.{name}").as_str()), "{name} in {names:?}");
    }
    let (_, shown) = gateway.get("/v1/operations/portal.sync-dossier").await;
    assert_eq!(shown["effect"], "upsert");
    assert!(shown["input"].is_object() && shown["example"].is_object(), "{shown}");
    let key = shown["example"]["code"].clone();
    let envelope = json!({ "operation": "portal.sync-dossier", "key": key, "body": shown["example"] });
    let (status, exchange) = gateway.submit_and_wait("example", &envelope).await;
    assert_eq!((status, exchange["state"].as_str()), (200, Some("delivered")), "{exchange}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_is_called_and_recorded() {
    let (_bench, gateway) = start().await;
    let (status, answer) =
        gateway.post("/v1/operations/portal.get-procedure/call", &json!({ "code": "1.000094" })).await;
    assert_eq!(status, 200, "{answer}");
    let (status, found) =
        gateway.post("/v1/operations/portal.find-dossier/call", &json!({ "code": "H56.14-260120-0404" })).await;
    assert!(matches!(status, 200 | 404), "{found}");
    let (_, calls) = gateway.get("/v1/exchanges?operation=portal.get-procedure").await;
    assert_eq!(calls["exchanges"][0]["call"], true, "{calls}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_unsent_is_cancelled_and_what_was_delivered_is_resent_with_a_reason() {
    let (bench, gateway) = start().await;
    let code = "H56.14-260120-0001";
    gateway.post("/v1/systems/portal/pause", &json!({ "reason": "chờ" })).await;
    let (_, first) = gateway.submit("c1", &dossier(code, 1, "received")).await;
    let id = first["id"].as_str().unwrap();
    let (status, cancelled) = gateway.post(&format!("/v1/exchanges/{id}/cancel"), &json!({})).await;
    assert_eq!((status, cancelled["state"].as_str()), (200, Some("closed")), "{cancelled}");
    gateway.post("/v1/systems/*/resume", &json!({ "reason": "xong" })).await;
    let (_, second) = gateway.submit_and_wait("c2", &dossier(code, 2, "received")).await;
    let id = second["id"].as_str().unwrap();
    let (status, problem) = gateway.post(&format!("/v1/exchanges/{id}/cancel"), &json!({})).await;
    assert_eq!((status, problem["code"].as_str()), (409, Some("LT-WRONG-STATE")), "{problem}");
    let resend = gateway.http.post(format!("{}/v1/exchanges/{id}/resend", gateway.base)).bearer_auth(API_KEY);
    let (status, again) =
        gateway.send(resend.header("Idempotency-Key", "c3").json(&json!({ "reason": "Cổng làm mất" }))).await;
    assert_eq!(status, 202, "{again}");
    gateway.settle().await;
    let (_, linked) = gateway.get(&format!("/v1/exchanges/{}", again["id"].as_str().unwrap())).await;
    assert_eq!((linked["link"]["of"].as_str(), linked["state"].as_str()), (Some(id), Some("delivered")), "{linked}");
    let (_, timeline) = gateway.get(&format!("/v1/keys/{code}")).await;
    assert_eq!(timeline["exchanges"].as_array().unwrap().len(), 3, "{timeline}");
    assert_eq!(bench.portal.dossier(code).unwrap().writes.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn aliases_lead_to_the_dossier() {
    let (_bench, gateway) = start().await;
    let code = "H56.14-260120-0002";
    let mut envelope = dossier(code, 1, "received");
    envelope["aliases"] = json!(["G22-260120-000001"]);
    gateway.submit_and_wait("al1", &envelope).await;
    let (status, timeline) = gateway.get("/v1/keys/G22-260120-000001").await;
    assert_eq!((status, timeline["key"].as_str()), (200, Some(code)), "{timeline}");
    let mut other = dossier("H56.14-260120-0003", 1, "received");
    other["aliases"] = json!(["G22-260120-000001"]);
    let (status, problem) = gateway.submit("al2", &other).await;
    assert_eq!((status, problem["code"].as_str()), (409, Some("LT-ALIAS-TAKEN")), "{problem}");
}

#[tokio::test(flavor = "multi_thread")]
async fn events_stream_live_and_resume_after_the_last_one_seen() {
    let (_bench, gateway) = start().await;
    let code = "H56.14-260120-0004";
    let open = |after: &str| {
        let url = format!("{}/v1/events?key={code}{after}", gateway.base);
        gateway.http.get(url).bearer_auth(API_KEY).header("Accept", "text/event-stream")
    };
    let live = open("").send().await.unwrap();
    gateway.submit_and_wait("ev1", &dossier(code, 1, "received")).await;
    let seen = read_events(live, 3).await;
    let resumed = open(&format!("&after={}", seen[0].0)).send().await.unwrap();
    assert_eq!(read_events(resumed, 2).await, seen[1..]);
    let kinds: Vec<&str> = seen.iter().map(|(_, event)| event["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["accepted", "admitted", "delivered"]);
}

/// (id, data) of the first `count` events.
async fn read_events(response: reqwest::Response, count: usize) -> Vec<(String, Value)> {
    let (mut text, mut chunks) = (String::new(), response.bytes_stream());
    loop {
        let events: Vec<(String, Value)> =
            text.split("\n\n").filter(|block| text.contains(&format!("{block}\n\n"))).filter_map(event).collect();
        if events.len() >= count {
            return events.into_iter().take(count).collect();
        }
        let chunk = chunks.next().await.expect("the stream goes on").unwrap();
        text.push_str(std::str::from_utf8(&chunk).unwrap());
    }
}

fn event(block: &str) -> Option<(String, Value)> {
    let field = |name: &str| block.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
    Some((field("id:")?.to_owned(), serde_json::from_str(field("data:")?).ok()?))
}

#[tokio::test(flavor = "multi_thread")]
async fn health_readiness_metrics_and_the_contract_are_served() {
    let (_bench, gateway) = start().await;
    for path in ["/healthz", "/readyz"] {
        assert_eq!(gateway.get(path).await.0, 200, "{path}");
    }
    let (_, contract) = gateway.get("/openapi.json").await;
    assert_eq!(contract["openapi"].as_str().map(|version| &version[..3]), Some("3.1"));
    gateway.submit_and_wait("m1", &dossier("H56.14-260120-0005", 1, "received")).await;
    let metrics = gateway.http.get(format!("{}/metrics", gateway.base)).send().await.unwrap();
    let text = read_text(metrics).await;
    assert!(text.contains("lienthong_attempts_total"), "{text}");
}
async fn read_text(response: reqwest::Response) -> String {
    response.text().await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reload_takes_a_good_configuration_and_keeps_the_old_one_on_error() {
    let (bench, gateway) = start().await;
    let routes = bench.config().join("routes/portal.yaml");
    let text = std::fs::read_to_string(&routes).unwrap();
    let (status, before) = gateway.post("/v1/configuration/reload", &json!({})).await;
    assert_eq!(status, 200, "{before}");
    std::fs::write(&routes, format!("{text}  - name: broken\n    from: any_client\n    colour: red\n")).unwrap();
    let (status, problem) = gateway.post("/v1/configuration/reload", &json!({})).await;
    assert_eq!((status, problem["code"].as_str()), (409, Some("LT-CONFIGURATION-REFUSED")), "{problem}");
    let first = &problem["configuration_problems"][0];
    assert!(first["line"].as_u64().unwrap() > 0 && first["remedy"].is_string(), "{problem}");
    std::fs::write(&routes, format!("{text}# changed\n")).unwrap();
    let (status, after) = gateway.post("/v1/configuration/reload", &json!({})).await;
    assert_eq!(status, 200, "{after}");
    assert_ne!(before["version"], after["version"]);
    let (_, exchange) = gateway.submit_and_wait("r1", &dossier("H56.14-260120-0006", 1, "received")).await;
    assert_eq!(exchange["configuration"], after["version"], "{exchange}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_terminated_gateway_drains_and_ends_well() {
    let (bench, gateway) = start().await;
    for number in 100..140 {
        let code = format!("H56.14-260120-{number:04}");
        assert_eq!(gateway.submit(&code, &dossier(&code, 1, "received")).await.0, 202);
    }
    assert_eq!(gateway.terminate(), 0);
    let gateway = bench.restart().await;
    gateway.settle().await;
    let stored = bench.portal.report().stored;
    assert_eq!(
        (stored.dossiers, stored.repeated_snapshots),
        (40, 0),
        "what was in flight had ended before the process did"
    );
}
