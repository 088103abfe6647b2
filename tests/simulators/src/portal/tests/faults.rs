//! Every fault: what the caller sees, and whether the write was stored.

use std::io::ErrorKind;
use std::time::Duration;

use serde_json::json;
use tokio::time::Instant;

use super::super::{Fault, FaultProfile, Matcher, PortalOptions};
use super::client::{CODE, Client, dossier, send, step};

fn stored(client: &Client) -> bool {
    client.portal.dossier(CODE).is_some()
}

fn met(client: &Client, fault: Fault) -> u64 {
    client.portal.report().tally.answers.get(fault.name()).copied().unwrap_or(0)
}

async fn inject(fault: Fault) -> Client {
    let client = Client::new().await;
    assert!(client.portal.inject(fault, 1));
    client
}

#[tokio::test]
async fn a_slow_answer_is_stored_at_once_and_comes_late() {
    let fault = Fault::Slow { millis: 300 };
    let client = inject(fault).await;
    let begun = Instant::now();
    let got = client.insert(dossier(json!({}))).await.unwrap();
    assert!(got.succeeded() && begun.elapsed() >= Duration::from_millis(300));
    assert!(stored(&client));
    assert_eq!(met(&client, fault), 1);
}

#[tokio::test]
async fn a_reset_comes_before_or_after_storing() {
    for (fault, kept) in [(Fault::ResetBeforeStore, false), (Fault::ResetAfterStore, true)] {
        let client = inject(fault).await;
        let error = client.insert(dossier(json!({}))).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionReset, "{fault:?}");
        assert_eq!(stored(&client), kept, "{fault:?}");
        assert_eq!(met(&client, fault), 1);
    }
}

#[tokio::test]
async fn a_502_page_comes_before_or_after_storing() {
    for (fault, kept) in [(Fault::BadGatewayBeforeStore, false), (Fault::BadGatewayAfterStore, true)] {
        let client = inject(fault).await;
        let got = client.insert(dossier(json!({}))).await.unwrap();
        assert_eq!(got.status, 502);
        assert!(got.head.contains("text/html") && got.body.contains("<html>"));
        assert_eq!(stored(&client), kept, "{fault:?}");
    }
}

#[tokio::test]
async fn throttling_is_told_by_status_or_in_words() {
    let client = inject(Fault::Throttled { retry_after: 7 }).await;
    let got = client.insert(dossier(json!({}))).await.unwrap();
    assert_eq!(got.status, 429);
    assert!(got.head.contains("retry-after: 7"), "{}", got.head);
    assert!(!stored(&client));

    let client = inject(Fault::ThrottledText).await;
    let got = client.insert(dossier(json!({}))).await.unwrap();
    assert_eq!((got.status, got.is_code_zero()), (200, false));
    assert!(got.message().contains("quá tải"));
    assert!(!stored(&client));
}

#[tokio::test]
async fn an_answer_is_lost_after_the_dossier_was_stored() {
    let fault = Fault::AnswerLost { hold_millis: 100 };
    let client = inject(fault).await;
    let begun = Instant::now();
    let error = client.insert(dossier(json!({}))).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnexpectedEof);
    assert!(begun.elapsed() >= Duration::from_millis(100));
    assert!(stored(&client));
}

#[tokio::test]
async fn already_exists_means_that_it_is_there() {
    let client = inject(Fault::AlreadyExists).await;
    let got = client.insert(dossier(json!({}))).await.unwrap();
    assert_eq!(got.message(), format!("Mã hồ sơ {CODE} đã tồn tại"));
    assert!(stored(&client));
    assert!(client.update(dossier(json!({}))).await.unwrap().succeeded());
}

#[tokio::test]
async fn already_exists_waits_for_an_insert() {
    let client = Client::new().await;
    client.insert(dossier(json!({}))).await.unwrap();
    client.portal.inject(Fault::AlreadyExists, 1);
    assert!(client.update(dossier(json!({}))).await.unwrap().succeeded());
    assert_eq!(client.portal.report().faults_waiting, 1);
}

#[tokio::test]
async fn not_successful_with_code_zero_stores_nothing() {
    let client = Client::new().await;
    client.insert(dossier(json!({"TrangThaiHoSo": "2"}))).await.unwrap();
    client.portal.inject(Fault::NotSuccessfulWithCodeZero, 2);
    let got = client.update(dossier(json!({"TrangThaiHoSo": "4"}))).await.unwrap();
    assert!(got.is_code_zero());
    assert_eq!(got.message(), "Cập nhật không thành công");
    let got = client.steps(vec![step(json!({}))]).await.unwrap();
    assert!(got.is_code_zero() && got.message().contains("không thành công"));
    assert_eq!(client.portal.dossier(CODE).unwrap().status, 2);
    assert_eq!(client.portal.report().stored.steps, 0);
}

#[tokio::test]
async fn an_answer_has_a_wrong_type() {
    for fault in [Fault::ObjectCode, Fault::NumericMessage, Fault::ArrayMessage] {
        let client = inject(fault).await;
        let got = client.insert(dossier(json!({}))).await.unwrap().json();
        match fault {
            Fault::ObjectCode => assert!(got["error_code"].is_object()),
            Fault::NumericMessage => assert!(got["message"].is_number()),
            _ => assert!(got["message"].is_array()),
        }
        assert!(stored(&client), "{fault:?}");
    }
}

#[tokio::test]
async fn an_answer_is_cut_or_empty_after_storing() {
    let client = inject(Fault::TruncatedBody).await;
    let got = client.insert(dossier(json!({}))).await.unwrap();
    assert_eq!(got.status, 200);
    assert!(!got.body.is_empty());
    assert!(serde_json::from_str::<serde_json::Value>(&got.body).is_err(), "{}", got.body);
    assert!(stored(&client));

    let client = inject(Fault::EmptyBody).await;
    let got = client.insert(dossier(json!({}))).await.unwrap();
    assert_eq!((got.status, got.body.as_str()), (200, ""));
    assert!(stored(&client));
}

#[tokio::test]
async fn a_list_is_cut_in_half() {
    let client = Client::new().await;
    let whole = client.call("LayDanhSachTTHC", json!({})).await.unwrap().json();
    client.portal.inject(Fault::PartialList, 1);
    let half = client.call("LayDanhSachTTHC", json!({})).await.unwrap().json();
    let count = |list: &serde_json::Value| list["result"].as_array().unwrap().len();
    assert_eq!(count(&half), count(&whole) / 2);
}

#[tokio::test]
async fn a_command_waits_for_its_service_and_dossier_as_often_as_asked() {
    let client = Client::new().await;
    let other = "H56.14-250115-0008";
    let wanted = Matcher::service("DongBoHoSoMC").and_dossier(other);
    client.portal.inject_on(wanted, Fault::BadGatewayBeforeStore, 2);
    assert!(client.insert(dossier(json!({}))).await.unwrap().succeeded());
    for status in [502, 502, 200] {
        let got = client.insert(dossier(json!({"MaHoSo": other}))).await.unwrap();
        assert_eq!(got.status, status);
    }
    assert_eq!(client.portal.report().faults_waiting, 0);
}

#[tokio::test]
async fn commands_are_bounded() {
    let client = Client::new().await;
    let never = || Matcher::dossier("H56.99-250115-0001");
    for _ in 0..1000 {
        assert!(client.portal.inject_on(never(), Fault::EmptyBody, 1));
    }
    assert!(!client.portal.inject_on(never(), Fault::EmptyBody, 1));
}

#[tokio::test]
async fn a_seed_gives_the_same_run_again() {
    let mut runs = Vec::new();
    for _ in 0..2 {
        let options = PortalOptions { profile: FaultProfile::Harsh, seed: 9, ..PortalOptions::default() };
        let portal = super::super::Portal::start(options).await.unwrap();
        let mut seen = Vec::new();
        // Before the outage of the harsh profile.
        for _ in 0..20 {
            let login = json!({"username": "province", "password": "simulated"}).to_string();
            let got = send(portal.addr(), "POST", "/mapi/login", "", &login).await;
            seen.push(got.map(|got| got.body).map_err(|error| error.kind()));
        }
        runs.push(seen);
        portal.stop().await;
    }
    assert_eq!(runs[0], runs[1]);
}
