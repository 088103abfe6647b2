//! AMQP end to end, against a real RabbitMQ: submissions, dead letters, a broker that dies in mid-run.

mod mortal;
mod out;
mod queues;

use std::time::{Duration, Instant};

use lapin::BasicProperties;
use lienthong_simulators::broker::Broker;
use lienthong_simulators::portal::FaultProfile;
use serde_json::{Value, json};

use crate::harness::{Bench, Gateway, PATIENCE};
use mortal::Mortal;
use queues::{Client, Names, append, arrived, configure, dossier, named, shared};

fn code(number: u64) -> String {
    format!("H56.14-260115-{number:04}")
}

/// A gateway with queues, and a client of the same broker.
async fn start() -> (Bench, Gateway, Client, Names) {
    let (bench, url, names) = (Bench::new(FaultProfile::None).await, shared().await, Names::new());
    configure(&bench, &url, &names);
    let client = Client::connect(&url).await;
    client.declare(&names.submissions).await;
    client.declare(&names.replies).await;
    client.declare(&names.dead).await;
    let gateway = bench.restart().await;
    (bench, gateway, client, names)
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_submissions_by_queue_arrive_once_each_in_order() {
    let (bench, gateway, client, names) = start().await;
    for mark in 1..=5 {
        for number in 0..40 {
            let id = format!("{number}-{mark}");
            let body = dossier(&code(number), mark).to_string();
            client.publish(&names.submissions, named(&id), body.as_bytes()).await;
            if mark == 2 {
                // The same message again, as a client sends it that was not told whether it had come.
                client.publish(&names.submissions, named(&id), body.as_bytes()).await;
            }
        }
    }
    arrived(&bench, 40, 5).await;
    gateway.settle().await;
    let (_, listed) = gateway.get("/v1/exchanges?limit=500").await;
    assert_eq!(listed["exchanges"].as_array().unwrap().len(), 200, "copies made no exchange");
    assert!(client.look(&names.dead).await.is_none());
    assert_eq!(gateway.terminate(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_killed_in_mid_run_loses_nothing_and_doubles_nothing() {
    let (bench, names) = (Bench::new(FaultProfile::None).await, Names::new());
    // Its own broker, which it may kill.
    let mut broker = Mortal::start().await;
    configure(&bench, &broker.url(), &names);
    let mut client = Client::connect(&broker.url()).await;
    client.declare(&names.submissions).await;
    client.declare(&names.dead).await;
    let gateway = bench.restart().await;
    for mark in 1..=5_u64 {
        if mark == 2 {
            // Queues that were only just made are not safe from a kill. Now all are, and a restart in order is survived too.
            arrived(&bench, 40, 1).await;
            broker.stop().await;
            broker.restart().await;
        }
        for number in 0..40_u64 {
            if mark > 1 && mark < 5 && number == 20 {
                broker.kill().await;
                broker.restart().await;
            }
            let body = dossier(&code(number), mark).to_string();
            let id = format!("{number}-{mark}");
            // Nobody confirmed: a client sends it again, as the same message.
            while !client.has_published(&names.submissions, named(&id), body.as_bytes()).await {
                tokio::time::sleep(Duration::from_millis(50)).await;
                client = Client::connect(&broker.url()).await;
            }
        }
    }
    arrived(&bench, 40, 5).await;
    assert!(client.look(&names.dead).await.is_none());
    let (_, listed) = gateway.get("/v1/exchanges?limit=500").await;
    assert_eq!(listed["exchanges"].as_array().unwrap().len(), 200, "redelivered copies made no exchange");
    assert_eq!(gateway.terminate(), 0);
}

/// Publishes one and expects it among the dead letters, as it was, with this code and field.
async fn is_refused(client: &Client, names: &Names, properties: BasicProperties, body: &[u8], code: &str, field: &str) {
    client.publish(&names.submissions, properties.clone(), body).await;
    let dead = client.next(&names.dead).await;
    assert_eq!(dead.body, body, "{code}");
    assert_eq!((dead.header("x-lienthong-code").as_str(), dead.header("x-lienthong-field").as_str()), (code, field));
    assert_eq!(dead.header("x-lienthong-queue"), names.submissions);
    assert_eq!(dead.header("x-lienthong-client"), "one-stop");
    assert!(!dead.header("x-lienthong-reason").is_empty() && !dead.header("x-lienthong-reason-vi").is_empty());
    assert_eq!(dead.properties.message_id(), properties.message_id());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_accepted_is_a_dead_letter_with_its_reason_and_holds_up_nothing() {
    let (bench, gateway, client, names) = start().await;
    let good = dossier(&code(1), 1);
    let text = good.to_string().into_bytes();
    let with = |pointer: &str, value: Value| {
        let mut changed = good.clone();
        *changed.pointer_mut(pointer).unwrap() = value;
        changed.to_string().into_bytes()
    };
    is_refused(&client, &names, named("a"), b"{\"operation\": \"portal.", "LT-BAD-JSON", "").await;
    is_refused(&client, &names, named("b"), &[0xff, 0xfe, 0x00], "LT-BAD-JSON", "").await;
    is_refused(
        &client,
        &names,
        named("c"),
        &with("/operation", json!("portal.no-such")),
        "LT-UNKNOWN-OPERATION",
        "/operation",
    )
    .await;
    is_refused(&client, &names, named("d"), &with("/body/status", json!(7)), "LT-INVALID", "/body/status").await;
    let unnamed = BasicProperties::default();
    is_refused(&client, &names, unnamed, &text, "LT-IDEMPOTENCY-KEY-MISSING", "message_id").await;
    let zipped = named("e").with_content_encoding("gzip".into());
    is_refused(&client, &names, zipped, &text, "LT-MEDIA-TYPE", "content_type").await;
    let brief = named("f").with_expiration("600000".into()).with_content_type("text/xml".into());
    is_refused(&client, &names, brief, &text, "LT-MEDIA-TYPE", "content_type").await;
    client.publish(&names.submissions, named("g"), &text).await;
    arrived(&bench, 1, 1).await;
    let other = dossier(&code(1), 2).to_string();
    is_refused(&client, &names, named("g"), other.as_bytes(), "LT-IDEMPOTENCY-CONFLICT", "").await;
    assert_eq!(gateway.terminate(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_may_do_by_queue_what_it_may_on_http_and_no_more() {
    let (bench, gateway, client, names) = start().await;
    let file = bench.config().join("clients/one-stop.yaml");
    let everything = std::fs::read_to_string(&file).unwrap();
    let reload = async |text: &str| {
        std::fs::write(&file, text).unwrap();
        assert_eq!(gateway.post("/v1/configuration/reload", &json!({})).await.0, 200);
    };
    reload(&everything.replace("operations: [\"*\"]", "operations: [portal.sync-status]")).await;
    let text = dossier(&code(1), 1).to_string().into_bytes();
    is_refused(&client, &names, named("a"), &text, "LT-NOT-PERMITTED", "").await;
    reload(&everything.replace("operations: [\"*\"]", "operations: [\"*\"]\nenabled: false")).await;
    is_refused(&client, &names, named("b"), &text, "LT-NO-CREDENTIALS", "").await;
    assert!(bench.portal.last_sequences().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn over_its_quota_a_client_waits_in_its_queue_and_nothing_overtakes() {
    let (bench, names) = (Bench::new(FaultProfile::None).await, Names::new());
    let url = shared().await;
    configure(&bench, &url, &names);
    append(&bench, "clients/one-stop.yaml", "rate: { per_second: 10, burst: 3 }\n");
    let client = Client::connect(&url).await;
    client.declare(&names.submissions).await;
    client.declare(&names.dead).await;
    for mark in 1..=5 {
        for number in 0..3 {
            let body = dossier(&code(number), mark).to_string();
            client.publish(&names.submissions, named(&format!("{number}-{mark}")), body.as_bytes()).await;
        }
    }
    let began = Instant::now();
    let gateway = bench.restart().await;
    arrived(&bench, 3, 5).await;
    assert!(began.elapsed() > Duration::from_secs(1), "twelve of fifteen had to wait for their turn");
    assert!(client.look(&names.dead).await.is_none());
    assert_eq!(gateway.terminate(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sender_is_told_where_it_may_ask_to_be_told() {
    let (_bench, gateway, client, names) = start().await;
    let text = dossier(&code(1), 1).to_string();
    let asking = |id: &str, to: &str| named(id).with_reply_to(to.into()).with_correlation_id("mine".into());
    client.publish(&names.submissions, asking("a", &names.replies), text.as_bytes()).await;
    let accepted = client.next(&names.replies).await;
    assert_eq!(accepted.properties.correlation_id().as_ref().unwrap().as_str(), "mine");
    let (status, exchange) = gateway.get(&format!("/v1/exchanges/{}", accepted.json()["id"].as_str().unwrap())).await;
    assert_eq!((status, exchange["key"].as_str()), (200, Some(code(1).as_str())));
    client.publish(&names.submissions, asking("b", &names.replies), b"nonsense").await;
    let refused = client.next(&names.replies).await;
    assert_eq!(refused.properties.content_type().as_ref().unwrap().as_str(), "application/problem+json");
    assert_eq!(refused.json()["code"], "LT-BAD-JSON");
    // Not into anybody's queue: this one would read the reply as a submission.
    client.publish(&names.submissions, asking("c", &names.submissions), text.as_bytes()).await;
    for id in ["d", "e"] {
        client.publish(&names.submissions, asking(id, &names.replies), text.as_bytes()).await;
        assert_eq!(client.next(&names.replies).await.json()["key"], code(1));
    }
    assert_eq!(client.next(&names.dead).await.header("x-lienthong-code"), "LT-BAD-JSON");
    assert!(client.look(&names.dead).await.is_none(), "only the nonsense went to the dead letters");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_encrypted_broker_is_believed_by_its_authority_only() {
    let _installed_before = rustls::crypto::ring::default_provider().install_default();
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let (certificate, key) = (made.cert.pem(), made.signing_key.serialize_pem());
    let broker = Broker::encrypted(&certificate, &key).await.unwrap();
    let (bench, names) = (Bench::new(FaultProfile::None).await, Names::new());
    configure(&bench, &broker.encrypted_url(), &names);
    let client = Client::connect(&broker.url()).await;
    client.declare(&names.submissions).await;
    let body = dossier(&code(1), 1).to_string();
    client.publish(&names.submissions, named("a"), body.as_bytes()).await;
    // Nobody vouches for it: not one message is read.
    let gateway = bench.restart().await;
    refuses_the_broker(&bench).await;
    assert!(bench.portal.last_sequences().is_empty());
    let authority = bench.config().join("secrets/authority");
    std::fs::write(&authority, certificate).unwrap();
    append(&bench, "gateway.yaml", &format!("  ca: file:{}\n", authority.display()));
    assert_eq!(gateway.post("/v1/configuration/reload", &json!({})).await.0, 200);
    arrived(&bench, 1, 1).await;
    assert_eq!(gateway.terminate(), 0);
}

async fn refuses_the_broker(bench: &Bench) {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let log = std::fs::read_to_string(bench.folder.path().join("gateway.log")).unwrap();
        if log.contains("the broker cannot be reached") {
            return;
        }
        assert!(Instant::now() < deadline, "{log}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
