//! The cheap mode: constant answers, counted requests, connections that stay usable, nothing stored.

use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::super::{Fault, FaultProfile, PortalOptions};
use super::client::{CODE, Client, dossier};

async fn cheap() -> Client {
    let options = PortalOptions { cheap: true, profile: FaultProfile::Harsh, ..PortalOptions::default() };
    Client::with(options).await
}

#[tokio::test]
async fn it_answers_success_counts_and_stores_nothing() {
    let client = cheap().await;
    client.portal.inject(Fault::EmptyBody, 5);
    for _ in 0..100 {
        assert!(client.insert(dossier(json!({}))).await.unwrap().succeeded());
    }
    let report = client.portal.report();
    assert_eq!((report.requests, report.logins, report.cheap), (101, 1, true));
    assert_eq!(report.stored.inserts, 0);
    assert!(client.portal.dossier(CODE).is_none());
    assert_eq!(client.control("GET", "/_sim/report", "").await.status, 200);
}

#[tokio::test]
async fn reads_get_a_result_that_is_not_empty() {
    let client = cheap().await;
    for (service, fields) in [
        ("TraCuuHoSo", json!({"mahoso": CODE})),
        ("LayThuTuc", json!({"maTTHC": "1.000094"})),
        ("LayDanhSachTTHC", json!({})),
    ] {
        let got = client.call(service, fields).await.unwrap().json();
        assert!(got["result"][0].is_object(), "{service}");
    }
    let path = "/KetNoiMotCuaQuocGia/LayDanhSachTTHC";
    let got = client.control("GET", path, "").await.json();
    assert!(got["result"][0].is_object());
}

#[tokio::test]
async fn a_connection_serves_request_after_request() {
    let client = cheap().await;
    let mut stream = TcpStream::connect(client.portal.addr()).await.unwrap();
    let body = dossier(json!({"GhiChu": "x".repeat(100_000)})).to_string();
    let request = format!("POST /mapi/g HTTP/1.1\r\nHost: portal.test\r\nContent-Length: {}\r\n\r\n{body}", body.len());
    for _ in 0..3 {
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut seen = Vec::new();
        while !String::from_utf8_lossy(&seen).contains("\"result\":[]}") {
            let mut chunk = [0; 1024];
            let count = stream.read(&mut chunk).await.unwrap();
            assert!(count > 0, "closed early");
            seen.extend_from_slice(&chunk[..count]);
        }
    }
    assert_eq!(client.portal.report().requests, 4);
}
