//! The three generations over a socket: what proves who asks, tokens shared and renewed, keys per officer, addresses and destinations.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use lienthong_core::{Adapter, FaultKind};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tokio::sync::Notify;

use super::server::{Received, Server, Step};
use super::support::{Bench, CITIZEN, across_the_axis, behind_a_wrapper, bench, config, lgsp, ndxp, question, wrapper};

fn basic(call: &Received) -> String {
    let told = call.header("authorization").unwrap().strip_prefix("Basic ").unwrap();
    String::from_utf8(STANDARD.decode(told).unwrap()).unwrap()
}

fn hashed(parts: [&str; 4]) -> String {
    Sha256::digest(parts.concat()).iter().map(|byte| format!("{byte:02x}")).collect()
}

async fn lgsp_bench(steps: impl IntoIterator<Item = Step>) -> (Server, Bench) {
    let server = Server::start(Step::xml(CITIZEN), steps).await;
    let bench = bench(config(&server.address, &lgsp(&server.address)));
    (server, bench)
}

#[tokio::test]
async fn the_axis_is_shown_a_hash_of_the_time_in_milliseconds() {
    let (server, bench) = across_the_axis([]).await;
    assert_eq!(bench.find().await.unwrap()["name"], "Nguyễn Văn Mẫu");
    let call = &server.calls()[0];
    let stamp = "1736904600123";
    let address = format!("{}/dancu", server.address);
    assert_eq!(call.header("timestamp"), Some(stamp));
    assert_eq!(basic(call), format!("secret-USER:{}", hashed([&address, "secret-USER", stamp, "secret-KEY"])));
    assert_eq!(call.header("x-road-client"), Some("CS/GOV/SS1MC/SS1IS1"));
    assert_eq!(call.header("apikey"), Some("secret-APIKEY"));
    assert_eq!(call.header("soapaction"), Some("\"\""));
    assert_eq!(call.header("content-type"), Some("application/xml"));
    assert!(call.text().contains("<dan:MaYeuCau>01994f3e000070008000000000000001-0-1</dan:MaYeuCau>"));
    assert!(call.text().contains("<dan:MaTichHop>037</dan:MaTichHop>"));
}

#[tokio::test]
async fn the_axis_of_another_client_counts_in_seconds_and_knows_the_service_by_another_address() {
    let server = Server::start(Step::xml(CITIZEN), []).await;
    let mut access = ndxp();
    access["ndxp"]["timestamps"] = json!("seconds");
    access["ndxp"]["service_url"] = json!("http://dancu.bca/service");
    access["ndxp"]["api_key"] = Value::Null;
    let bench = bench(config(&server.address, &access));
    bench.find().await.unwrap();
    let call = &server.calls()[0];
    let hash = hashed(["http://dancu.bca/service", "secret-USER", "1736904600", "secret-KEY"]);
    assert_eq!((call.header("timestamp"), basic(call)), (Some("1736904600"), format!("secret-USER:{hash}")));
    assert_eq!(call.header("apikey"), None);
}

#[tokio::test]
async fn a_destination_goes_in_the_query_or_in_a_header_and_is_no_part_of_the_hash() {
    let server = Server::start(Step::xml(CITIZEN), []).await;
    for sent_as in ["query", "header"] {
        let mut settings = config(&server.address, &ndxp());
        settings["endpoints"][0]["destination"] = json!({
            "dstcode": "VN:GOV:000.00.00.G01:dancu", "provider_url": "http://dancu.bca/x?y=1", "sent_as": sent_as
        });
        settings["endpoints"][0]["headers"] = json!({ "ESB_SOURCE_TYPE": "one-stop" });
        bench(settings).find().await.unwrap();
    }
    let [first, second] = [&server.calls()[0], &server.calls()[1]];
    let provider = "providerurl=http%3A%2F%2Fdancu.bca%2Fx%3Fy%3D1";
    assert_eq!(first.target, format!("/dancu?dstcode=VN%3AGOV%3A000.00.00.G01%3Adancu&{provider}"));
    assert_eq!(
        (second.target.as_str(), second.header("dstcode")),
        (format!("/dancu?{provider}").as_str(), Some("VN:GOV:000.00.00.G01:dancu"))
    );
    assert_eq!(basic(first), basic(second));
    assert_eq!(first.header("esb_source_type"), Some("one-stop"));
}

#[tokio::test]
async fn the_platform_is_shown_its_token_its_application_and_the_officers_key() {
    let (server, bench) = lgsp_bench([]).await;
    bench.find().await.unwrap();
    bench.find().await.unwrap();
    assert_eq!(server.logins().len(), 1);
    let login = &server.logins()[0];
    assert_eq!(login.text(), "grant_type=client_credentials");
    let application = login.header("lgspaccesstoken").unwrap();
    let told: Value = serde_json::from_slice(&STANDARD.decode(application).unwrap()).unwrap();
    assert_eq!(
        told,
        json!({ "AccessKey": "secret-ACCESS", "SecretKey": "secret-SECRET", "AppName": "one-stop", "PartnerCode": "P", "PartnerCodeCus": "P01" })
    );
    for call in server.calls() {
        assert_eq!(call.header("authorization"), Some("Bearer token-1"));
        assert_eq!(call.header("lgspaccesstoken"), Some(application));
        assert_eq!(call.header("authhash"), Some(STANDARD.encode("secret-CB01:secret-CB01PW").as_str()));
        assert!(call.text().contains("TraCuuThongTinCongDan"));
    }
}

#[tokio::test]
async fn an_officer_without_a_key_may_not_ask_and_nothing_is_sent() {
    let (server, bench) = lgsp_bench([]).await;
    let mut input = question();
    input["purpose"]["officer"] = json!("canbo02");
    let cx = bench.context();
    let fault = bench.call_in(&cx, "find-citizen", input).await.unwrap_err();
    assert_eq!((fault.kind, fault.problems[0].pointer.as_str()), (FaultKind::Forbidden, "/purpose/officer"));
    assert!(fault.detail.contains("005"));
    assert_eq!((cx.was_sent(), server.calls().len(), server.logins().len()), (false, 0, 0));
}

#[tokio::test]
async fn an_old_token_is_renewed_once_however_many_call() {
    let (server, bench) = lgsp_bench([]).await;
    bench.find().await.unwrap();
    bench.clock.advance(571);
    let go = Arc::new(Notify::new());
    server.logins_answer([Step::After(Arc::clone(&go), json!({ "access_token": "token-2", "expires_in": "600" }))]);
    let released = async {
        while server.logins().len() < 2 {
            tokio::task::yield_now().await;
        }
        go.notify_one();
    };
    let (a, b, c, ()) = tokio::join!(bench.find(), bench.find(), bench.find(), released);
    assert!([a, b, c].iter().all(Result::is_ok));
    assert_eq!(server.logins().len(), 2);
    assert!(server.calls()[1..].iter().all(|call| call.header("authorization") == Some("Bearer token-2")));
}

#[tokio::test]
async fn a_token_that_is_refused_is_forgotten_and_the_attempt_ends() {
    let (server, bench) = behind_a_wrapper([Step::http(401, "application/json", r#"{"fault":{"code":900901}}"#)]).await;
    assert_eq!(bench.find().await.unwrap_err().kind, FaultKind::Unauthenticated);
    assert_eq!((server.logins().len(), server.calls().len()), (1, 1));
    bench.find().await.unwrap();
    assert_eq!((server.logins().len(), server.calls().len()), (2, 2));
}

#[tokio::test]
async fn a_refused_application_is_told_without_its_secrets_and_nothing_is_sent() {
    let (server, bench) = lgsp_bench([]).await;
    let refusal = r#"{"error":"invalid_client","error_description":"sai secret-SECRET"}"#;
    let empty = json!({ "access_token": "", "expires_in": 60 });
    server.logins_answer([
        Step::http(401, "application/json", refusal),
        Step::json(&empty),
        Step::http(500, "text/html", "<html></html>"),
    ]);
    let cx = bench.context();
    let fault = bench.call_in(&cx, "find-citizen", question()).await.unwrap_err();
    assert_eq!((fault.kind, fault.system_code.as_deref()), (FaultKind::Unauthenticated, Some("invalid_client")));
    assert!(!format!("{fault:?}").contains("secret-SECRET"));
    for _ in 0..2 {
        assert_eq!(bench.find().await.unwrap_err().kind, FaultKind::Unavailable);
    }
    assert!(!cx.was_sent() && server.calls().is_empty());
}

#[tokio::test]
async fn the_wrapper_is_asked_in_json_with_a_token_alone() {
    let (server, bench) = behind_a_wrapper([]).await;
    assert_eq!(bench.find().await.unwrap()["name"], "Nguyễn Văn Mẫu");
    let login = &server.logins()[0];
    assert_eq!(basic(login), "secret-CLIENT:secret-CLIENTSECRET");
    let call = &server.calls()[0];
    assert_eq!(
        (call.header("authorization"), call.header("content-type")),
        (Some("Bearer token-1"), Some("application/json"))
    );
    assert_eq!(
        (call.header("soapaction"), call.header("authhash"), call.header("lgspaccesstoken")),
        (None, None, None)
    );
    assert_eq!(call.json()["HoVaTen"], "NGUYENVANMAU");
    assert_eq!(call.json()["MaYeuCau"], "01994f3e000070008000000000000001-0-1");
}

#[tokio::test]
async fn a_static_token_is_shown_as_it_is() {
    let server = Server::start(Step::json(&json!({ "error_code": 0, "message": CITIZEN })), []).await;
    let mut access = wrapper(&server.address);
    access["wrapper"] =
        json!({ "token": { "static": "env:TOKEN" }, "field_names": "camel", "user_name_service": "one-stop" });
    let bench = bench(config(&server.address, &access));
    bench.find().await.unwrap();
    let call = &server.calls()[0];
    assert_eq!(call.header("authorization"), Some("Bearer secret-TOKEN"));
    assert_eq!(
        (call.json()["hoVaTen"].clone(), call.json()["userNameService"].clone()),
        (json!("NGUYENVANMAU"), json!("one-stop"))
    );
    assert!(server.logins().is_empty());
}

#[tokio::test]
async fn each_operation_has_its_code_its_element_and_its_address() {
    let person = |inner: &str| CITIZEN.replace("</ns1:CongDan>", &format!("{inner}</ns1:CongDan>"));
    let steps = [Step::xml(&person("<ns1:TonTai>true</ns1:TonTai>")), Step::xml(CITIZEN), Step::xml(CITIZEN)];
    let (server, bench) = across_the_axis(steps).await;
    assert_eq!(bench.call("verify-citizen", question()).await.unwrap(), json!({ "exists": true }));
    assert_eq!(bench.call("find-household", question()).await.unwrap()["members"][0]["sex"], "male");
    let marital = bench.call("confirm-marital-status", question()).await.unwrap();
    assert_eq!((marital["marital_status"].clone(), marital.get("father")), (json!("married"), None));
    let seen: Vec<_> = server.calls().iter().map(|call| (call.target.clone(), call.text())).collect();
    let wanted = [
        ("/verify", "XacThucThongTinCongDan"),
        ("/household", "CungCapThongTinHoGiaDinh"),
        ("/marital", "XacMinhTinhTrangHonNhan"),
    ];
    for ((target, text), (path, element)) in seen.iter().zip(wanted) {
        assert!(target == path && text.contains(&format!("<dan:{element}")), "{target} {text}");
        assert!(text.contains("<dan:MaTichHop>999</dan:MaTichHop>"));
    }
}

#[tokio::test]
async fn the_end_point_that_is_valid_now_is_asked() {
    let server = Server::start(Step::xml(CITIZEN), []).await;
    let mut settings = config(&server.address, &ndxp());
    let mut later = settings["endpoints"][0].clone();
    later["name"] = json!("later");
    later["from"] = json!("2025-01-15T02:00:00Z");
    later["address"] = json!(format!("{}/new", server.address));
    settings["endpoints"].as_array_mut().unwrap().push(later);
    let bench = bench(settings);
    bench.find().await.unwrap();
    bench.clock.advance(3600);
    bench.find().await.unwrap();
    let targets: Vec<String> = server.calls().into_iter().map(|call| call.target).collect();
    assert_eq!(targets, ["/dancu", "/new"]);
}

#[tokio::test]
async fn a_probe_asks_about_nobody_and_shows_who_we_are() {
    let refused = Step::http(405, "text/html", "<html></html>");
    let (server, bench) =
        lgsp_bench([refused, Step::http(401, "text/plain", ""), Step::http(502, "text/html", "<html></html>")]).await;
    bench.population.probe(&bench.context()).await.unwrap();
    assert_eq!(bench.population.probe(&bench.context()).await.unwrap_err().kind, FaultKind::Unauthenticated);
    assert_eq!(bench.population.probe(&bench.context()).await.unwrap_err().kind, FaultKind::Unintelligible);
    assert!(server.calls().iter().all(|call| call.method == "GET" && call.body.is_empty()));
    assert_eq!(server.calls()[0].header("authorization"), Some("Bearer token-1"));
    assert_eq!(server.logins().len(), 2);
}
