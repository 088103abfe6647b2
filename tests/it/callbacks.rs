//! Callbacks end to end: a client's own server takes them, is away, comes back; the gateway is killed in between.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use lienthong_simulators::portal::FaultProfile;
use parking_lot::Mutex;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::harness::{Bench, PATIENCE};

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// What arrived, in the order in which it was answered: (webhook-id, body).
type Arrived = Arc<Mutex<Vec<(String, Value)>>>;

/// A client's server: one request a connection, answered 204.
async fn serve(address: SocketAddr) -> (Arrived, SocketAddr, tokio::task::JoinHandle<()>) {
    let listener = TcpListener::bind(address).await.unwrap();
    let address = listener.local_addr().unwrap();
    let arrived = Arrived::default();
    let into = Arc::clone(&arrived);
    let task = tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            tokio::spawn(answer(stream, Arc::clone(&into)));
        }
    });
    (arrived, address, task)
}

async fn answer(mut stream: TcpStream, into: Arrived) {
    let mut read = Vec::new();
    loop {
        if let Some((head, body)) = whole(&read) {
            let id = header(&head, "webhook-id").unwrap_or_default();
            assert!(header(&head, "webhook-signature").unwrap_or_default().starts_with("v1,"), "{head}");
            into.lock().push((id, serde_json::from_slice(&body).unwrap()));
            stream.write_all(b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n").await.unwrap();
            return;
        }
        if stream.read_buf(&mut read).await.unwrap_or(0) == 0 {
            return;
        }
    }
}

fn whole(read: &[u8]) -> Option<(String, Vec<u8>)> {
    let end = read.windows(4).position(|window| window == b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(&read[..end]).into_owned();
    let length: usize = header(&head, "content-length")?.parse().unwrap();
    let body = read.get(end + 4..end + 4 + length)?;
    Some((head, body.to_vec()))
}

fn header(head: &str, name: &str) -> Option<String> {
    let line = head.lines().find(|line| line.to_ascii_lowercase().starts_with(&format!("{name}:")))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

fn configure(bench: &Bench, address: SocketAddr) {
    bench.write_config();
    let secret = bench.config().join("secrets/webhook");
    std::fs::write(&secret, SECRET).unwrap();
    let file = std::fs::File::options().append(true).open(bench.config().join("clients/one-stop.yaml"));
    write!(
        file.unwrap(),
        "callback:\n  url: http://{address}/outcomes\n  secrets: [\"file:{}\"]\n  plain_http: true\n  \
         allow: [127.0.0.0/8]\n  retry: {{ budget: 50, first: 50ms, longest: 300ms }}\n  \
         gate: {{ failures: 3, probe_first: 100ms, probe_longest: 300ms }}\n",
        secret.display()
    )
    .unwrap();
}

fn dossier(code: &str, mark: u64, status: &str) -> Value {
    json!({ "operation": "portal.sync-dossier", "key": code, "body": {
        "code": code, "procedure_code": "1.000094.000.00.00.H56", "received_at": "2026-01-15T08:00:00+07:00",
        "owner": { "name": "NGUYỄN VĂN MẪU", "kind": "citizen" }, "status": status,
        "other_information": format!("lienthong-seq={mark}"),
    }})
}

const STATUSES: [&str; 4] = ["received", "processing", "processing", "processing"];

#[tokio::test(flavor = "multi_thread")]
async fn kills_between_outcome_and_callback_lose_no_callback_and_keep_their_order() {
    let bench = Bench::new(FaultProfile::None).await;
    // Nobody listens there yet: outcomes are recorded, and their callbacks wait.
    let (_, address, away) = serve("127.0.0.1:0".parse().unwrap()).await;
    away.abort();
    let _ended = away.await;
    configure(&bench, address);
    let mut gateway = bench.restart().await;
    let mut expected: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (mark, status) in STATUSES.into_iter().enumerate() {
        for number in 0..6 {
            let code = format!("H56.14-260115-{number:04}");
            let envelope = dossier(&code, u64::try_from(mark).unwrap() + 1, status);
            let (answered, exchange) = gateway.submit_and_wait(&format!("{code}-{mark}"), &envelope).await;
            assert_eq!((answered, exchange["state"].as_str()), (200, Some("delivered")), "{exchange}");
            expected.entry(code).or_default().push(exchange["id"].as_str().unwrap().to_owned());
        }
        gateway.kill();
        gateway = bench.restart().await;
    }
    let (arrived, _, server) = serve(address).await;
    let deadline = Instant::now() + PATIENCE;
    while distinct(&arrived) < 24 {
        assert!(Instant::now() < deadline, "{} of 24 callbacks came", distinct(&arrived));
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(in_order(&arrived), expected);
    server.abort();
    assert_eq!(gateway.terminate(), 0);
}

fn distinct(arrived: &Arrived) -> usize {
    let arrived = arrived.lock();
    arrived.iter().map(|(id, _)| id).collect::<std::collections::HashSet<_>>().len()
}

/// The exchanges told of, by key, each at its first arrival.
fn in_order(arrived: &Arrived) -> BTreeMap<String, Vec<String>> {
    let mut told: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (_, body) in arrived.lock().iter() {
        assert_eq!(body["type"], "delivery.delivered", "{body}");
        let exchange = body["data"]["exchange"].as_str().unwrap().to_owned();
        let of_key = told.entry(body["data"]["key"].as_str().unwrap().to_owned()).or_default();
        if !of_key.contains(&exchange) {
            of_key.push(exchange);
        }
    }
    told
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_whose_address_is_not_allowed_is_not_reached_and_the_operators_see_why() {
    let bench = Bench::new(FaultProfile::None).await;
    let (arrived, address, _server) = serve("127.0.0.1:0".parse().unwrap()).await;
    configure(&bench, address);
    let file = bench.config().join("clients/one-stop.yaml");
    let open = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, open.replace("allow: [127.0.0.0/8]", "allow: [10.0.0.0/8]")).unwrap();
    let gateway = bench.restart().await;
    let code = "H56.14-260115-0001";
    let (_, exchange) = gateway.submit_and_wait("one", &dossier(code, 1, "received")).await;
    assert_eq!(exchange["state"], "delivered", "{exchange}");
    let deadline = Instant::now() + PATIENCE;
    loop {
        let (_, groups) = gateway.get("/v1/errors").await;
        if groups["groups"][0]["system"] == "callback-one-stop" {
            break;
        }
        assert!(Instant::now() < deadline, "{groups}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(arrived.lock().is_empty());
    // The configuration is mended: what was parked for it goes by itself.
    std::fs::write(&file, open).unwrap();
    assert_eq!(gateway.post("/v1/configuration/reload", &json!({})).await.0, 200);
    while distinct(&arrived) == 0 {
        assert!(Instant::now() < deadline, "the callback did not come after the repair");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
