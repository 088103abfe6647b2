//! Submitting against a small server that behaves like a gateway: nothing twice, order per key, refusals kept.

use std::collections::{BTreeSet, HashMap};
use std::io::Write as _;
use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use axum::{Json, Router};
use clap::Parser;
use parking_lot::Mutex;
use serde_json::{Value, json};

use super::*;

mod exports;

/// What the server has accepted, in order, and what it was asked.
#[derive(Default)]
struct Seen {
    keys: BTreeSet<String>,
    accepted: Vec<Value>,
    requests: usize,
}

#[derive(Parser)]
struct Command {
    #[command(flatten)]
    submit: Submit,
}

async fn accept(State(seen): State<Arc<Mutex<Seen>>>, headers: HeaderMap, body: String) -> (StatusCode, Json<Value>) {
    let envelope: Value = serde_json::from_str(&body).unwrap();
    let key = headers.get("idempotency-key").unwrap().to_str().unwrap().to_owned();
    let mut seen = seen.lock();
    seen.requests += 1;
    // Every seventh request is turned away for a moment, as an overloaded gateway does.
    if seen.requests.is_multiple_of(7) {
        return (
            StatusCode::TOO_MANY_REQUESTS,
            Json(json!({ "detail": "too many", "code": "LT-OVERLOADED", "fault": "throttled" })),
        );
    }
    let refused =
        |status, code: &str, fault: &str| (status, Json(json!({ "detail": "refused", "code": code, "fault": fault })));
    match envelope["operation"].as_str().unwrap() {
        "portal.fly" => return refused(StatusCode::NOT_FOUND, "LT-UNKNOWN-OPERATION", "not_found"),
        "portal.unrouted" => return refused(StatusCode::BAD_GATEWAY, "LT-NO-ROUTE", "forbidden"),
        _ => {}
    }
    let replayed = !seen.keys.insert(key);
    if !replayed {
        seen.accepted.push(envelope);
    }
    (StatusCode::ACCEPTED, Json(json!({ "id": "x", "state": "in_progress", "replayed": replayed })))
}

async fn gateway() -> (String, Arc<Mutex<Seen>>) {
    let seen = Arc::new(Mutex::new(Seen::default()));
    let router = Router::new().route("/v1/exchanges", post(accept)).with_state(Arc::clone(&seen));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    (url, seen)
}

async fn submit(file: &Path, url: &str) -> Result<(), Failure> {
    crate::app::install_crypto();
    let file = file.to_str().unwrap();
    let command = Command::try_parse_from(["submit", file, "--url", url, "--concurrency", "8"]).unwrap();
    command.submit.run(&Out::new(true)).await
}

fn lines(count: usize) -> Vec<Value> {
    // Every dossier goes 4, 5, 4: the third is the same text as the first and must be sent all the same.
    let state = |step: usize| if step.is_multiple_of(2) { 4 } else { 5 };
    let line = |step: usize, dossier: usize| json!({ "operation": "portal.sync-dossier", "key": format!("H56-{dossier}"), "body": { "status": state(step) } });
    (0..3).flat_map(|step| (0..count).map(move |dossier| line(step, dossier))).collect()
}

fn write(path: &Path, lines: &[Value]) {
    let mut file = std::fs::File::create(path).unwrap();
    for line in lines {
        writeln!(file, "{line}").unwrap();
    }
}

#[tokio::test]
async fn every_line_arrives_once_in_the_order_of_its_key_and_again_changes_nothing() {
    let (url, seen) = gateway().await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("in.jsonl");
    write(&path, &lines(40));
    submit(&path, &url).await.unwrap();
    submit(&path, &url).await.unwrap();
    let mut by_key: HashMap<String, Vec<i64>> = HashMap::new();
    for line in &seen.lock().accepted {
        by_key
            .entry(line["key"].as_str().unwrap().to_owned())
            .or_default()
            .push(line["body"]["status"].as_i64().unwrap());
    }
    assert_eq!(by_key.len(), 40);
    assert!(by_key.values().all(|states| states == &[4, 5, 4]), "{by_key:?}");
}

#[tokio::test]
async fn a_run_that_was_cut_short_goes_on_where_it_stopped() {
    let (url, seen) = gateway().await;
    let folder = tempfile::tempdir().unwrap();
    let (half, whole) = (folder.path().join("half.jsonl"), folder.path().join("whole.jsonl"));
    let all = lines(20);
    write(&half, &all[..25]);
    write(&whole, &all);
    submit(&half, &url).await.unwrap();
    assert_eq!(seen.lock().accepted.len(), 25);
    submit(&whole, &url).await.unwrap();
    assert_eq!(seen.lock().accepted.len(), 60);
}

#[tokio::test]
async fn refused_lines_are_kept_with_their_reasons_and_the_rest_goes_on() {
    let (url, seen) = gateway().await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("in.jsonl");
    let text = "{\"operation\":\"portal.fly\",\"key\":\"a\",\"body\":{}}\nnot json\n\n{\"operation\":\"portal.x\",\"body\":{}}\n\
                {\"operation\":\"portal.unrouted\",\"key\":\"c\",\"body\":{}}\n\
                {\"operation\":\"portal.x\",\"key\":\"b\",\"body\":{\"n\":1.10},\"idempotency_key\":\"mine\"}\n";
    std::fs::write(&path, text).unwrap();
    let failure = submit(&path, &url).await.unwrap_err();
    assert!(failure.to_string().contains("4 lines were refused"), "{failure}");
    let kept = std::fs::read_to_string(folder.path().join("in.jsonl.rejected.jsonl")).unwrap();
    let mut kept: Vec<Value> = kept.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    kept.sort_by_key(|line| line["line"].as_u64());
    let told: Vec<_> =
        kept.iter().map(|line| (line["line"].as_u64().unwrap(), line["reason"].as_str().unwrap())).collect();
    assert_eq!(told.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [1, 2, 4, 5]);
    assert!(
        told[0].1.contains("LT-UNKNOWN-OPERATION")
            && told[2].1.contains("`key` is missing")
            && told[3].1.contains("LT-NO-ROUTE"),
        "{told:?}"
    );
    let seen = seen.lock();
    assert_eq!(seen.accepted.len(), 1);
    assert!(seen.keys.contains("mine") && seen.accepted[0].get("idempotency_key").is_none());
}

#[tokio::test]
async fn a_gateway_that_is_not_there_is_said_so() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("in.jsonl");
    write(&path, &lines(1));
    crate::app::install_crypto();
    // Port 9 of the loopback address: nobody listens there.
    let arguments = ["submit", path.to_str().unwrap(), "--url", "http://127.0.0.1:9", "--patience", "0"];
    let command = Command::try_parse_from(arguments).unwrap();
    let failure = command.submit.run(&Out::new(true)).await.unwrap_err().to_string();
    assert!(failure.contains("cannot be reached") && failure.contains("run the same command again"), "{failure}");
}
