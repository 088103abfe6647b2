//! `kill -9` under load, again and again: whatever was acknowledged arrives, in order, and nothing that must not happen twice does.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use lienthong_simulators::portal::FaultProfile;
use serde_json::{Value, json};
use tokio::sync::{Mutex, RwLock};

use crate::harness::{API_KEY, Bench, Gateway, http};

const KILLS: usize = 20;
const WRITERS: u64 = 12;

/// What one writer was promised: (dossier, mark, operation, exchange id).
type Promise = (String, u64, &'static str, String);

struct Load {
    base: RwLock<String>,
    stop: AtomicBool,
    promises: Mutex<Vec<Promise>>,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nothing_acknowledged_is_lost_doubled_or_reordered_by_kills_at_random_instants() {
    let bench = Bench::new(FaultProfile::None).await;
    let mut gateway = bench.gateway().await;
    let load = Arc::new(Load {
        base: RwLock::new(gateway.base.clone()),
        stop: AtomicBool::new(false),
        promises: Mutex::new(Vec::new()),
    });
    let writers: Vec<_> = (0..WRITERS).map(|writer| tokio::spawn(write(Arc::clone(&load), writer))).collect();
    for kill in 0..KILLS {
        tokio::time::sleep(Duration::from_millis(random_pause(kill))).await;
        gateway.kill();
        gateway = bench.restart().await;
        gateway.base.clone_into(&mut *load.base.write().await);
    }
    load.stop.store(true, Ordering::Release);
    for writer in writers {
        writer.await.unwrap();
    }
    gateway.settle().await;
    let promises = load.promises.lock().await.clone();
    assert!(promises.len() > KILLS, "the writers wrote under load: {}", promises.len());
    judge(&bench, &gateway, &promises).await;
    assert_eq!(gateway.terminate(), 0);
}

/// Spread over 60..640 ms, differing from run to run: the instants need not repeat, the counts must hold at all of them.
fn random_pause(kill: usize) -> u64 {
    let noise = uuid::Uuid::new_v4().as_u128() % 500;
    60 + u64::try_from(noise).unwrap() + 4 * u64::try_from(kill).unwrap()
}

/// One provincial desk: snapshots and progress steps of its own dossiers in turn, each sent again with the same key until acknowledged.
async fn write(load: Arc<Load>, writer: u64) {
    let client = http();
    let mut number = 0;
    while !load.stop.load(Ordering::Acquire) {
        number += 1;
        let code = format!("H56.14-260115-{:06}", writer * 10_000 + number);
        for mark in 1..=6_u64 {
            let (operation, envelope) = message(&code, mark);
            let Some(id) = submit(&load, &client, &format!("{code}-{mark}"), &envelope).await else { return };
            load.promises.lock().await.push((code.clone(), mark, operation, id));
        }
    }
}

/// The acknowledged exchange's id; `None` only when the test stops before it was acknowledged.
async fn submit(load: &Load, client: &reqwest::Client, key: &str, envelope: &Value) -> Option<String> {
    loop {
        let url = format!("{}/v1/exchanges", load.base.read().await);
        let request = client.post(url).bearer_auth(API_KEY).header("Idempotency-Key", key).json(envelope);
        if let Some(id) = acknowledged(request).await {
            return Some(id);
        }
        if load.stop.load(Ordering::Acquire) {
            return None;
        }
        tokio::time::sleep(Duration::from_millis(30)).await;
    }
}
async fn acknowledged(request: reqwest::RequestBuilder) -> Option<String> {
    let response = request.timeout(Duration::from_secs(5)).send().await.ok()?;
    let status = response.status().as_u16();
    let answer: Value = response.json().await.ok()?;
    assert!(matches!(status, 200 | 202 | 429 | 503), "{status} {answer}");
    (status < 300).then(|| answer["id"].as_str().unwrap().to_owned())
}

fn message(code: &str, mark: u64) -> (&'static str, Value) {
    if mark.is_multiple_of(3) {
        let step = json!({
            "officer": "Trần Thị Mẫu", "at": "2026-01-15T08:30:00+07:00", "status": "processing",
            "content": format!("Thẩm định hồ sơ [#{mark}]"),
        });
        let body = json!({ "code": code, "steps": [step] });
        return ("portal.sync-progress", json!({ "operation": "portal.sync-progress", "key": code, "body": body }));
    }
    let statuses = ["received", "processing", "processing", "finished", "returned", "returned"];
    let body = json!({
        "code": code, "procedure_code": "1.000094.000.00.00.H56", "received_at": "2026-01-15T08:00:00+07:00",
        "owner": { "name": "NGUYỄN VĂN MẪU", "kind": "citizen" }, "other_information": format!("lienthong-seq={mark}"),
        "status": statuses[usize::try_from(mark - 1).unwrap()],
    });
    ("portal.sync-dossier", json!({ "operation": "portal.sync-dossier", "key": code, "body": body }))
}

/// Counts at the portal. What is missing there must be parked as *outcome unknown*.
async fn judge(bench: &Bench, gateway: &Gateway, promises: &[Promise]) {
    let totals = bench.portal.report().stored;
    assert_eq!((totals.duplicated, totals.out_of_order), (0, 0), "{totals:?}");
    let received = bench.portal.last_sequences();
    let mut missing = BTreeMap::new();
    for (code, mark, operation, id) in promises {
        let summary = received.get(code);
        let marks = summary.map(|s| if *operation == "portal.sync-dossier" { &s.snapshots } else { &s.steps });
        let arrived: HashSet<u64> = marks.into_iter().flatten().copied().collect();
        if !arrived.contains(mark) {
            missing.insert(id.clone(), (code.clone(), *mark, *operation));
        }
    }
    for (id, what) in &missing {
        let (status, exchange) = gateway.get(&format!("/v1/exchanges/{id}")).await;
        assert_eq!(status, 200, "{what:?} was acknowledged and must be known");
        let delivery = &exchange["deliveries"][0];
        let unknown = delivery["state"] == "parked" && delivery["fault"]["code"] == "LT-OUTCOME-UNKNOWN";
        assert!(unknown && what.2 == "portal.sync-progress", "{what:?} is missing at the portal: {exchange}");
    }
}
