//! Outages and maintenance: refused connections and pages, bounded, over by themselves, the port kept.

use std::io::ErrorKind;

use serde_json::json;

use super::super::{Fault, Portal, PortalOptions};
use super::client::{CODE, Client, dossier, send};

#[tokio::test]
async fn an_outage_refuses_connections_and_ends_on_the_same_port() {
    let client = Client::new().await;
    let addr = client.portal.addr();
    client.portal.inject(Fault::Outage { millis: 300 }, 1);
    let mut refused = 0;
    let got = loop {
        match client.insert(dossier(json!({}))).await {
            Err(error) if error.kind() == ErrorKind::ConnectionRefused => refused += 1,
            Err(_) => {}
            Ok(got) if refused > 0 => break got,
            // Not begun yet, or over before we looked.
            Ok(_) => {
                client.portal.inject(Fault::Outage { millis: 300 }, 1);
            }
        }
        tokio::task::yield_now().await;
    };
    assert_eq!(got.status, 200);
    assert_eq!(client.portal.addr(), addr);
    assert!(client.portal.report().tally.outages >= 1);
    assert!(client.portal.dossier(CODE).is_some(), "what was stored survives an outage");
}

#[tokio::test]
async fn maintenance_shows_a_page_with_either_status_and_ends() {
    for status in [200, 503] {
        let client = Client::new().await;
        client.portal.inject(Fault::Maintenance { millis: 250_000, status }, 1);
        let got = client.insert(dossier(json!({}))).await.unwrap();
        assert_eq!(got.status, status);
        assert!(got.head.contains("text/html") && got.body.contains("bảo trì"));
        assert!(client.portal.dossier(CODE).is_none());
        let report = client.control("GET", "/_sim/report", "").await;
        assert_eq!(report.status, 200, "the control side stays open");
        // A shorter one takes the place of the long one.
        client.portal.inject(Fault::Maintenance { millis: 1, status }, 1);
        while client.insert(dossier(json!({}))).await.unwrap().body.contains("bảo trì") {
            tokio::task::yield_now().await;
        }
        assert!(client.portal.dossier(CODE).is_some());
        assert_eq!(client.portal.report().tally.maintenances, 2);
    }
}

#[tokio::test]
async fn the_simulator_stops_during_an_outage_and_with_an_answer_held() {
    let portal = Portal::start(PortalOptions::default()).await.unwrap();
    let addr = portal.addr();
    portal.inject(Fault::Outage { millis: 250_000 }, 1);
    while send(addr, "GET", "/_sim/report", "", "").await.is_ok() {
        tokio::task::yield_now().await;
    }
    portal.stop().await;

    let portal = Portal::start(PortalOptions::default()).await.unwrap();
    let addr = portal.addr();
    portal.inject(Fault::AnswerLost { hold_millis: 250_000 }, 1);
    let login = json!({"username": "province", "password": "simulated"}).to_string();
    let held = tokio::spawn(async move { send(addr, "POST", "/mapi/login", "", &login).await });
    while portal.report().tally.answers.is_empty() {
        tokio::task::yield_now().await;
    }
    portal.stop().await;
    assert!(held.await.unwrap().is_err());
    let after = send(addr, "GET", "/_sim/report", "", "").await.unwrap_err();
    assert_eq!(after.kind(), ErrorKind::ConnectionRefused);
}
