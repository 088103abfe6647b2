//! What goes out by queue: a client's own messages, outcomes, and the events of everything.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use lienthong_simulators::portal::{FaultProfile, PushShape, TaxLine, TaxNotice, TermSpelling};
use serde_json::Value;

use super::code;
use super::mortal::Mortal;
use super::queues::{Client, Names, Received, append, configure, dossier, named, shared};
use crate::harness::{Bench, Gateway, PATIENCE};

/// Adds the client's own queue and the exchange of events.
fn configure_out(bench: &Bench, names: &Names) {
    let (messages, events) = (&names.messages, &names.events);
    append(bench, "gateway.yaml", &format!("  events: {{ exchange: {events} }}\n"));
    append(
        bench,
        "clients/one-stop.yaml",
        &format!(
            "  messages:\n    queue: {messages}\n    outcomes: [delivered, parked]\n    \
             gate: {{ failures: 1, probe_first: 100ms, probe_longest: 500ms }}\n"
        ),
    );
}

fn kind(received: &Received) -> &str {
    received.properties.kind().as_ref().unwrap().as_str()
}

fn notice(code: &str) -> TaxNotice {
    let line = TaxLine {
        tax_code: "2800000002".to_owned(),
        decision: "LTB2612345-TK0000001/TB-CCT".to_owned(),
        decided_on: "15-01-2026".to_owned(),
        term: "Thuế thu nhập cá nhân".to_owned(),
        amount: "4634000".to_owned(),
    };
    TaxNotice {
        day: "20260115".to_owned(),
        dossiers: vec![(code.to_owned(), vec![line])],
        spelling: TermSpelling::Joined,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clients_own_queue_holds_its_outcomes_and_what_routes_send_to_its_inbox() {
    let (bench, url, names) = (Bench::new(FaultProfile::None).await, shared().await, Names::new());
    configure(&bench, &url, &names);
    configure_out(&bench, &names);
    let client = Client::connect(&url).await;
    for queue in [&names.submissions, &names.dead, &names.messages] {
        client.declare(queue).await;
    }
    let gateway = bench.restart().await;
    client.publish(&names.submissions, named("a"), dossier(&code(1), 1).to_string().as_bytes()).await;
    let outcome = client.next(&names.messages).await;
    assert_eq!((kind(&outcome), outcome.header("key")), ("delivery.delivered", code(1)));
    let said = outcome.json();
    assert_eq!((said["type"].as_str(), said["data"]["system"].as_str()), (Some("delivery.delivered"), Some("portal")));
    let (status, exchange) =
        gateway.get(&format!("/v1/exchanges/{}", said["data"]["exchange"].as_str().unwrap())).await;
    assert_eq!((status, exchange["key"].as_str()), (200, Some(code(1).as_str())), "{exchange}");
    let address = format!("{}/in/portal/nhantbthuedvcqg", gateway.base);
    let pushed = bench.portal.pusher().push_tax_notice(&address, &notice(&code(2)), PushShape::Correct).await.unwrap();
    assert_eq!(pushed.error_code(), Some(0), "{pushed:?}");
    let message = client.next(&names.messages).await;
    assert_eq!((kind(&message), message.header("key")), ("portal.tax-notice-received", code(2)));
    let id = message.properties.message_id().as_ref().unwrap().to_string();
    let (_, exchange) = gateway.get(&format!("/v1/exchanges/{}", id.split('.').next().unwrap())).await;
    assert_eq!(exchange["operation"], "portal.tax-notice-received", "the id leads to it, and the client may see it");
    let (_, inbox) = gateway.get("/v1/inbox?limit=50").await;
    assert!(inbox["messages"].as_array().unwrap().is_empty(), "{inbox}");
    assert_eq!(gateway.terminate(), 0);
}

/// The exchanges that events told of as delivered, and the places of all events read so far.
#[derive(Default)]
struct Told {
    delivered: BTreeSet<String>,
    places: BTreeSet<u64>,
}

impl Told {
    fn read(&mut self, event: &Value) {
        self.places.insert(event["seq"].as_u64().unwrap());
        if event["kind"] == "delivered" {
            self.delivered.insert(event["exchange"].as_str().unwrap().to_owned());
        }
    }
}

async fn submit(gateway: &Gateway, number: u64, mark: u64) -> String {
    let (status, exchange) = gateway.submit_and_wait(&format!("{number}-{mark}"), &dossier(&code(number), mark)).await;
    assert_eq!((status, exchange["state"].as_str()), (200, Some("delivered")), "{exchange}");
    exchange["id"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_goes_out_outlives_a_broker_that_is_away_in_order_and_without_a_gap() {
    let (bench, names) = (Bench::new(FaultProfile::None).await, Names::new());
    let mut broker = Mortal::start().await;
    configure(&bench, &broker.url(), &names);
    configure_out(&bench, &names);
    let client = Client::connect(&broker.url()).await;
    client.declare(&names.messages).await;
    client.subscribe(&names.events, "portal.sync-dossier.#", &names.replies).await;
    let gateway = bench.restart().await;
    let first = submit(&gateway, 0, 1).await;
    assert_eq!(client.next(&names.messages).await.json()["data"]["exchange"], first.as_str());
    broker.stop().await;
    let mut expected: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut all = BTreeSet::from([first]);
    for mark in 1..=3 {
        for number in 1..=4 {
            let id = submit(&gateway, number, mark).await;
            all.insert(id.clone());
            expected.entry(code(number)).or_default().push(id);
        }
    }
    is_closed_and_parks_nothing(&gateway).await;
    gateway.kill();
    let gateway = bench.restart().await;
    broker.restart().await;
    let client = Client::connect(&broker.url()).await;
    assert_eq!(outcomes(&client, &names.messages, 12).await, expected);
    let mut told = Told::default();
    while told.delivered.len() < all.len() {
        told.read(&client.next(&names.replies).await.json());
    }
    assert_eq!(told.delivered, all);
    // Of each: accepted, admitted, delivered. Whatever came twice counts once.
    assert_eq!(told.places.len(), 3 * all.len());
    assert_eq!(gateway.terminate(), 0);
}

/// The broker is away: that is the queue's gate's affair, and nobody has to do anything.
async fn is_closed_and_parks_nothing(gateway: &Gateway) {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let (_, systems) = gateway.get("/v1/systems").await;
        let systems = systems["systems"].as_array().unwrap().clone();
        let queue = systems.iter().find(|system| system["name"] == "queue-one-stop").unwrap();
        assert_eq!(queue["parked"], 0, "{queue}");
        if queue["gate"]["state"] != "open" && queue["queued"].as_u64() > Some(0) {
            return;
        }
        assert!(Instant::now() < deadline, "{queue}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// The exchanges told of by key, each at its first arrival.
async fn outcomes(client: &Client, queue: &str, count: usize) -> BTreeMap<String, Vec<String>> {
    let mut ids = BTreeSet::new();
    let mut told: BTreeMap<String, Vec<String>> = BTreeMap::new();
    while ids.len() < count {
        let message = client.next(queue).await;
        if !ids.insert(message.properties.message_id().as_ref().unwrap().to_string()) {
            continue;
        }
        let exchange = message.json()["data"]["exchange"].as_str().unwrap().to_owned();
        told.entry(message.header("key")).or_default().push(exchange);
    }
    told
}
