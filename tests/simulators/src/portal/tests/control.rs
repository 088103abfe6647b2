//! The control side: what a separate process asks and commands.

use std::collections::HashMap;

use serde_json::json;

use super::super::{DossierHistory, FaultProfile, Report, SeqSummary};
use super::client::{CODE, Client, dossier};

#[tokio::test]
async fn the_report_reads_back_what_the_library_says() {
    let client = Client::new().await;
    client.insert(dossier(json!({}))).await.unwrap();
    let text = client.control("GET", "/_sim/report", "").await.body;
    let over_http: Report = serde_json::from_str(&text).unwrap();
    let mut direct = client.portal.report();
    assert_eq!(over_http.requests, 2, "control calls are not traffic");
    direct.connections = over_http.connections;
    assert_eq!(over_http, direct);
    for name in ["duplicated", "out_of_order", "requests", "history_capped"] {
        let flat: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert!(flat.get(name).is_some(), "{name} stands at the top of {text}");
    }
}

#[tokio::test]
async fn dossiers_and_sequences_are_told() {
    let client = Client::new().await;
    client.insert(dossier(json!({"ThongTinKhac": "lienthong-seq=4"}))).await.unwrap();
    let got = client.control("GET", &format!("/_sim/dossiers/{CODE}"), "").await;
    let history: DossierHistory = serde_json::from_str(&got.body).unwrap();
    assert_eq!(history, client.portal.dossier(CODE).unwrap());
    let got = client.control("GET", "/_sim/sequences", "").await;
    let sequences: HashMap<String, SeqSummary> = serde_json::from_str(&got.body).unwrap();
    assert_eq!(sequences[CODE].last_snapshot, Some(4));
    assert_eq!(client.control("GET", "/_sim/dossiers/H56-1", "").await.status, 404);
}

#[tokio::test]
async fn faults_profiles_and_sessions_are_commanded() {
    let client = Client::new().await;
    let command = json!({
        "kind": "throttled", "retry_after": 3, "times": 2, "service": "DongBoHoSoMC", "dossier": CODE,
    });
    let got = client.control("POST", "/_sim/fault", &command.to_string()).await;
    assert_eq!(got.status, 200, "{}", got.body);
    assert_eq!(client.call("LayDanhSachTTHC", json!({})).await.unwrap().status, 200);
    for status in [429, 429, 200] {
        assert_eq!(client.insert(dossier(json!({}))).await.unwrap().status, status);
    }
    let got = client.control("POST", "/_sim/profile", r#"{"profile":"harsh"}"#).await;
    assert_eq!(got.status, 200);
    assert_eq!(client.portal.report().profile, FaultProfile::Harsh);
    client.portal.set_profile(FaultProfile::None);
    assert_eq!(client.control("POST", "/_sim/expire-sessions", "").await.status, 200);
    assert_eq!(client.portal.report().sessions_open, 0);
}

#[tokio::test]
async fn bad_commands_are_told_and_change_nothing() {
    let client = Client::new().await;
    for body in [
        "",
        "{}",
        r#"{"kind":"flood"}"#,
        r#"{"kind":"slow"}"#,
        r#"{"kind":"empty-body","times":-1}"#,
        r#"{"kind":"empty-body","service":7}"#,
    ] {
        assert_eq!(client.control("POST", "/_sim/fault", body).await.status, 400, "{body}");
    }
    assert_eq!(client.control("POST", "/_sim/profile", r#"{"profile":"wild"}"#).await.status, 400);
    let report = client.portal.report();
    assert_eq!((report.faults_waiting, report.profile), (0, FaultProfile::None));
}
