//! The simulated ministry by a bare client: both dialects, tokens, each fault and whether the call was processed.

use std::io;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::{Fault, FaultProfile, Ministry, MinistryOptions, PermitState};

struct Got {
    status: u16,
    head: String,
    body: String,
}

impl Got {
    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("not JSON: {}", self.body))
    }
}

async fn send(ministry: &Ministry, method: &str, path: &str, headers: &str, body: &str) -> io::Result<Got> {
    let mut stream = TcpStream::connect(ministry.addr()).await?;
    let length = body.len();
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: ministry.test\r\nConnection: close\r\nContent-Length: {length}\r\n{headers}\r\n"
    );
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(body.as_bytes()).await?;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).await?;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let Some((head, body)) = text.split_once("\r\n\r\n") else {
        return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "closed without an answer"));
    };
    let status = head.split(' ').nth(1).and_then(|code| code.parse().ok()).unwrap_or_default();
    Ok(Got { status, head: head.to_lowercase(), body: body.to_owned() })
}

async fn started() -> (Ministry, String) {
    let ministry = Ministry::start(MinistryOptions::default()).await.unwrap();
    let token = token(&ministry).await;
    (ministry, format!("Authorization: Bearer {token}\r\nContent-Type: application/json\r\n"))
}

async fn token(ministry: &Ministry) -> String {
    let form = "grant_type=client_credentials&client_id=province&client_secret=simulated";
    let got = send(ministry, "POST", "/oauth/token", "", form).await.unwrap();
    got.json()["access_token"].as_str().unwrap().to_owned()
}

fn application(request: &str) -> String {
    json!({
        "holder": { "name": "Nguyễn Văn Mẫu", "id_number": "038199000001" }, "kind": "XD", "request_id": request
    })
    .to_string()
}

#[tokio::test]
async fn a_permit_is_registered_read_listed_and_cancelled() {
    let (ministry, auth) = started().await;
    let made = send(&ministry, "POST", "/v2/permits", &auth, &application("r1")).await.unwrap();
    let number = made.json()["data"]["number"].as_str().unwrap().to_owned();
    assert!(made.status == 201 && made.head.contains("location: /v2/permits/gp-2026-000001"), "{}", made.head);
    let read = send(&ministry, "GET", &format!("/v2/permits/{number}"), &auth, "").await.unwrap();
    assert_eq!(read.json()["data"]["state"], "ACTIVE");
    let list = send(&ministry, "GET", "/v2/permits?holder_id=038199000001", &auth, "").await.unwrap();
    assert_eq!(list.json()["data"]["total"], 1);
    let again = send(&ministry, "POST", "/v2/permits", &auth, &application("r1")).await.unwrap();
    assert_eq!((again.status, again.json()["code"].clone()), (409, json!("DUPLICATE")));
    let cancel = format!("/v2/permits/{number}/cancel");
    let reason = r#"{"reason":"Theo đề nghị"}"#;
    assert_eq!(send(&ministry, "POST", &cancel, &auth, reason).await.unwrap().status, 200);
    assert_eq!(send(&ministry, "POST", &cancel, &auth, reason).await.unwrap().status, 409);
    assert_eq!(ministry.permit(&number).unwrap().state, PermitState::Cancelled);
    assert_eq!(send(&ministry, "GET", "/v2/permits/none", &auth, "").await.unwrap().status, 404);
    let report = ministry.report();
    assert_eq!((report.permits, report.cancelled, report.duplicates, report.tokens), (1, 1, 1, 1));
    ministry.stop().await;
}

#[tokio::test]
async fn wrong_data_is_told_by_field_with_http_200() {
    let (ministry, auth) = started().await;
    let got = send(&ministry, "POST", "/v2/permits", &auth, "{}").await.unwrap();
    assert_eq!((got.status, got.json()["code"].clone()), (200, json!("INVALID")));
    assert_eq!(got.json()["errors"][0], json!({ "field": "holder.name", "code": "REQUIRED" }));
}

#[tokio::test]
async fn the_legacy_dialect_takes_forms_and_xml_and_says_everything_with_200() {
    let ministry = Ministry::start(MinistryOptions::default()).await.unwrap();
    let key = "X-Api-Key: simulated-key\r\n";
    let form = "ChuSoHuu=Nguy%E1%BB%85n+V%C4%83n&CCCD=038199000001&Loai=XD&MaYeuCau=r1";
    let made = send(&ministry, "POST", "/v1/TaoGiayPhep", key, form).await.unwrap();
    assert!(made.status == 200 && made.body.contains("<Ma>00</Ma>"), "{}", made.body);
    assert!(made.body.contains("<ChuSoHuu>Nguyễn Văn</ChuSoHuu>"), "{}", made.body);
    let none = send(&ministry, "GET", "/v1/TraCuuGiayPhep?so=none", key, "").await.unwrap();
    assert!(none.status == 200 && none.body.contains("<Ma>01</Ma>"), "{}", none.body);
    let xml = format!("{key}Content-Type: application/xml\r\n");
    let cancel = "<HuyGiayPhep><SoGiayPhep>GP-2026-000001</SoGiayPhep><LyDo>A &amp; B</LyDo></HuyGiayPhep>";
    let done = send(&ministry, "POST", "/v1/HuyGiayPhep", &xml, cancel).await.unwrap();
    assert!(done.body.contains("<HieuLuc>0</HieuLuc>"), "{}", done.body);
    assert_eq!(send(&ministry, "GET", "/v1/TraCuuGiayPhep?so=x", "", "").await.unwrap().status, 401);
}

#[tokio::test]
async fn a_scan_comes_as_a_part_of_its_own() {
    let (ministry, auth) = started().await;
    let auth = auth.replace("application/json", "multipart/form-data; boundary=bb");
    let part =
        |head: &str, content: &str| format!("--bb\r\nContent-Disposition: form-data; {head}\r\n\r\n{content}\r\n");
    let body = [
        part("name=\"holder.name\"", "Nguyễn Văn Mẫu"),
        part("name=\"holder.id_number\"", "038199000001"),
        part("name=\"kind\"", "XD"),
        part("name=\"request_id\"", "r9"),
        part("name=\"scan\"; filename=\"a.pdf\"", "%PDF"),
        "--bb--\r\n".to_owned(),
    ];
    let got = send(&ministry, "POST", "/v2/permits", &auth, &body.concat()).await.unwrap();
    assert_eq!(got.status, 201, "{}", got.body);
    assert_eq!(ministry.registered("r9")[0].scan_bytes, 4);
}

#[tokio::test]
async fn each_fault_is_seen_and_the_call_processed_or_not() {
    let cases: [(Fault, bool); 11] = [
        (Fault::ResetBefore, false),
        (Fault::ResetAfter, true),
        (Fault::BadGatewayBefore, false),
        (Fault::BadGatewayAfter, true),
        (Fault::InternalError, false),
        (Fault::NotSuccessfulWithCodeZero, false),
        (Fault::ObjectCode, true),
        (Fault::EmptyBody, true),
        (Fault::TruncatedBody, true),
        (Fault::PageWithSuccess, true),
        (Fault::AnswerLost { hold_millis: 5 }, true),
    ];
    for (fault, processed) in cases {
        let (ministry, auth) = started().await;
        assert!(ministry.inject(fault, 1));
        let got = send(&ministry, "POST", "/v2/permits", &auth, &application("r1")).await;
        let plain = got.is_ok_and(|got| {
            serde_json::from_str::<Value>(&got.body)
                .is_ok_and(|body| body["data"]["number"].is_string() && body["code"] == 0)
        });
        assert!(!plain, "{fault:?} looks like success");
        assert_eq!(ministry.registered("r1").len(), usize::from(processed), "{fault:?}");
        assert_eq!(ministry.report().answers.get(fault.name()), Some(&1));
    }
}

#[tokio::test]
async fn tokens_end_by_themselves_and_on_command() {
    let options = MinistryOptions { token_ttl: std::time::Duration::ZERO, ..MinistryOptions::default() };
    let short = Ministry::start(options).await.unwrap();
    let auth = format!("Authorization: Bearer {}\r\n", token(&short).await);
    assert_eq!(send(&short, "GET", "/v2/permits?holder_id=1", &auth, "").await.unwrap().status, 401);
    let (ministry, auth) = started().await;
    ministry.expire_tokens();
    assert_eq!(send(&ministry, "GET", "/v2/permits?holder_id=1", &auth, "").await.unwrap().status, 401);
    let wrong =
        send(&ministry, "POST", "/oauth/token", "Authorization: Basic eDp5\r\n", "grant_type=client_credentials");
    assert_eq!(wrong.await.unwrap().json()["error"], "invalid_client");
}

#[tokio::test]
async fn maintenance_an_outage_and_the_control_path_act_at_once() {
    let (ministry, auth) = started().await;
    let command = r#"{"kind":"maintenance","millis":60000}"#;
    assert_eq!(send(&ministry, "POST", "/_sim/fault", "", command).await.unwrap().status, 200);
    assert_eq!(send(&ministry, "GET", "/v2/health", &auth, "").await.unwrap().status, 503);
    assert_eq!(send(&ministry, "POST", "/_sim/fault", "", r#"{"kind":"none"}"#).await.unwrap().status, 400);
    let report = send(&ministry, "GET", "/_sim/report", "", "").await.unwrap();
    assert_eq!(report.json()["answers"]["maintenance"], 1);
    assert!(ministry.inject(Fault::Outage { millis: 60_000 }, 1));
    while TcpStream::connect(ministry.addr()).await.is_ok() {
        tokio::task::yield_now().await;
    }
    ministry.set_profile(FaultProfile::Harsh);
}
