//! Logins and sessions: wrong accounts, expiry by time, by command and in the middle of a run.

use std::time::Duration;

use serde_json::json;

use super::super::{Fault, Matcher, PortalOptions, Texts};
use super::client::{CODE, Client, dossier, send};

const EXPIRED: &str = "Phiên làm việc đã hết hạn";

#[tokio::test]
async fn a_wrong_account_gets_no_session() {
    let client = Client::new().await;
    let body = json!({"username": "province", "password": "guess"}).to_string();
    let got = client.post("/mapi/login", &body).await.unwrap();
    assert!(!got.is_code_zero() && got.json().get("session").is_none());
    assert_eq!(client.portal.report().tally.refusals["login-refused"], 1);
}

#[tokio::test]
async fn a_session_ends_with_its_time() {
    let options = PortalOptions { session_ttl: Duration::ZERO, ..PortalOptions::default() };
    let client = Client::with(options).await;
    let got = client.insert(dossier(json!({}))).await.unwrap();
    assert_eq!(got.message(), EXPIRED);
    assert!(client.portal.dossier(CODE).is_none());
}

#[tokio::test]
async fn an_unknown_session_is_told_as_expired() {
    let mut client = Client::new().await;
    client.session = "00000000-0000-4000-8000-000000000000".to_owned();
    let got = client.call("LayDanhSachTTHC", json!({})).await.unwrap();
    assert_eq!((got.message().as_str(), &got.json()["error_code"]), (EXPIRED, &json!("-1")));
}

#[tokio::test]
async fn sessions_end_on_command_and_a_new_login_goes_on() {
    let mut client = Client::new().await;
    client.portal.expire_sessions();
    assert_eq!(client.insert(dossier(json!({}))).await.unwrap().message(), EXPIRED);
    client.log_in().await;
    assert!(client.insert(dossier(json!({}))).await.unwrap().succeeded());
    assert_eq!(client.portal.report().tally.logins_while_valid, 0);
}

#[tokio::test]
async fn a_session_ends_in_the_middle_of_a_run_with_the_texts_of_the_options() {
    let texts = Texts {
        session_expired_code: "401".to_owned(),
        session_expired: "Invalid session".to_owned(),
        ..Texts::default()
    };
    let mut client = Client::with(PortalOptions { texts, ..PortalOptions::default() }).await;
    client.portal.inject(Fault::SessionExpired, 1);
    for _ in 0..2 {
        let got = client.insert(dossier(json!({}))).await.unwrap();
        assert_eq!(got.message(), "Invalid session");
        assert_eq!(got.json()["error_code"], "401");
    }
    client.log_in().await;
    assert!(client.insert(dossier(json!({}))).await.unwrap().succeeded());
}

#[tokio::test]
async fn logins_are_counted_also_how_many_at_once() {
    let client = Client::new().await;
    client.portal.inject_on(Matcher::service("login"), Fault::Slow { millis: 250_000 }, 3);
    let body = json!({"username": "province", "password": "simulated"}).to_string();
    for _ in 0..3 {
        let (addr, body) = (client.portal.addr(), body.clone());
        tokio::spawn(async move { send(addr, "POST", "/mapi/login", "", &body).await });
    }
    while client.portal.report().logins_at_once < 3 {
        tokio::task::yield_now().await;
    }
    while client.portal.report().sessions_open < 4 {
        tokio::task::yield_now().await;
    }
    let report = client.portal.report();
    assert_eq!((report.logins, report.logins_at_once), (4, 3));
    assert_eq!(report.tally.logins_while_valid, 3);
}
