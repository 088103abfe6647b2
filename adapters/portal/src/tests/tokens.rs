//! Tests of the re-publication's granted tokens: fetched once, shared, renewed before they end, never lost to a cancelled call.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use lienthong_core::network::{Opened, Purpose};
use lienthong_core::{Adapter as _, FaultKind};
use serde_json::{Value, json};
use tokio::sync::Notify;

use super::server::{Server, Step};
use super::support::{Bench, PASSWORD, bench, lgsp};
use crate::PortalConfig;

fn granted(base: &str, proof: Value) -> Value {
    let mut config = lgsp(base);
    let lgsp = config["endpoints"][0]["lgsp"].as_object_mut().unwrap();
    lgsp.remove("token");
    lgsp.insert("grant".into(), json!({ "address": format!("{base}/token"), "proof": proof }));
    config
}

fn client() -> Value {
    json!({ "client": { "key": "env:USER", "secret": "env:PASSWORD" } })
}

fn bench_at(server: &Server) -> Bench {
    bench(granted(&server.address, client()))
}

#[tokio::test]
async fn an_hourly_token_is_fetched_with_basic_shared_and_renewed_before_it_ends() {
    let server = Server::start([]).await;
    server.logins_answer([Step::Json(json!({
        "access_token": "token-1", "scope": "am_application_scope default", "token_type": "Bearer", "expires_in": 3600
    }))]);
    let bench = bench_at(&server);
    bench.call_example("sync-progress").await.unwrap();
    bench.clock.advance(3569);
    bench.call("list-procedures", json!({})).await.unwrap();
    assert_eq!(server.logins().len(), 1);
    bench.clock.advance(1);
    bench.call("list-procedures", json!({})).await.unwrap();
    let (logins, calls) = (server.logins(), server.calls());
    assert_eq!(logins.len(), 2);
    assert_eq!((logins[0].method.as_str(), logins[0].target.as_str()), ("POST", "/token"));
    assert_eq!(logins[0].body, b"grant_type=client_credentials");
    let basic = format!("Basic {}", STANDARD.encode(format!("tai-khoan:{PASSWORD}")));
    assert_eq!(logins[0].header("authorization"), Some(basic.as_str()));
    assert_eq!(calls[1].header("authorization"), Some("Bearer token-1"));
    assert_eq!(calls[2].header("authorization"), Some("Bearer token-2"));
}

#[tokio::test]
async fn a_platform_that_wants_its_application_is_shown_it_with_every_call_too() {
    let server = Server::start([]).await;
    let application = json!({
        "access_key": "env:USER", "secret_key": "env:PASSWORD", "app_name": "mot-cua", "partner_code": "000.00.00.H56",
        "partner_code_cus": "000.00.00.H56"
    });
    let bench = bench(granted(&server.address, json!({ "application": application })));
    bench.call_example("sync-progress").await.unwrap();
    let (login, call) = (&server.logins()[0], &server.calls()[0]);
    let shown = login.header("lgspaccesstoken").unwrap();
    assert_eq!(call.header("lgspaccesstoken"), Some(shown));
    assert_eq!(call.header("authorization"), Some("Bearer token-1"));
    assert_eq!(login.header("authorization"), None);
    let told: Value = serde_json::from_slice(&STANDARD.decode(shown).unwrap()).unwrap();
    let expected = json!({
        "AccessKey": "tai-khoan", "SecretKey": PASSWORD, "AppName": "mot-cua", "PartnerCode": "000.00.00.H56",
        "PartnerCodeCus": "000.00.00.H56"
    });
    assert_eq!(told, expected);
}

#[tokio::test]
async fn many_calls_share_one_token_and_a_cancelled_one_takes_it_from_nobody() {
    let server = Server::start([]).await;
    let go = Arc::new(Notify::new());
    server.logins_answer([Step::After(Arc::clone(&go), json!({ "access_token": "shared", "expires_in": "600" }))]);
    let bench = Arc::new(bench_at(&server));
    let begin = || {
        let bench = Arc::clone(&bench);
        tokio::spawn(async move { bench.call("list-procedures", json!({})).await })
    };
    let cancelled = begin();
    server.arrived(1).await;
    let others: Vec<_> = (0..20).map(|_| begin()).collect();
    cancelled.abort();
    assert!(cancelled.await.unwrap_err().is_cancelled());
    go.notify_one();
    for call in others {
        call.await.unwrap().unwrap();
    }
    assert_eq!((server.logins().len(), server.calls().len()), (1, 20));
    assert!(server.calls().iter().all(|call| call.header("authorization") == Some("Bearer shared")));
}

#[tokio::test]
async fn a_refused_token_is_forgotten_and_the_attempt_ends_there() {
    let server = Server::start([Step::Http { status: 401, headers: vec![], body: vec![] }]).await;
    let bench = bench_at(&server);
    let fault = bench.call("list-procedures", json!({})).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::Unauthenticated);
    assert_eq!((server.logins().len(), server.calls().len()), (1, 1), "exactly one attempt");
    bench.call("list-procedures", json!({})).await.unwrap();
    assert_eq!(server.calls()[1].header("authorization"), Some("Bearer token-2"));
}

#[tokio::test]
async fn a_token_that_could_not_be_had_leaves_nothing_sent_and_nothing_unknown() {
    let cases = [
        (
            Step::Http { status: 401, headers: vec![], body: b"{\"error\":\"invalid_client\"}".to_vec() },
            FaultKind::Unauthenticated,
        ),
        (Step::Http { status: 503, headers: vec![], body: vec![] }, FaultKind::Unavailable),
        (Step::Json(json!({ "token_type": "Bearer" })), FaultKind::Unavailable),
        (Step::page(200, "<html></html>"), FaultKind::Unavailable),
        (Step::Reset, FaultKind::Unreachable),
    ];
    for (step, kind) in cases {
        let server = Server::start([]).await;
        server.logins_answer([step]);
        let bench = bench_at(&server);
        let cx = bench.context();
        let fault = bench.call_in(&cx, "list-procedures", json!({})).await.unwrap_err();
        assert_eq!((fault.kind, cx.was_sent(), server.calls().len()), (kind, false, 0), "{}", fault.detail);
        assert!(!format!("{fault:?}").contains(PASSWORD));
    }
}

#[tokio::test]
async fn a_token_repeated_by_the_portal_does_not_show() {
    let server = Server::start([Step::says(json!("1"), "token-1 không thành công")]).await;
    let fault = bench_at(&server).call_example("sync-progress").await.unwrap_err();
    assert!(!format!("{fault:?}").contains("token-1"), "{fault:?}");
}

#[tokio::test]
async fn a_diagnosis_is_told_where_tokens_are_given_and_opens_one_alone() {
    let server = Server::start([]).await;
    let bench = bench_at(&server);
    let cx = bench.context();
    let places: Vec<_> = bench.portal.endpoints(cx.clock.now()).into_iter().map(|place| place.purpose).collect();
    assert_eq!(places, [Purpose::System, Purpose::Login]);
    assert_eq!(bench.portal.open_session(&cx).await.unwrap(), Opened::Session);
    assert_eq!((server.logins().len(), server.calls().len()), (1, 0));
    let fixed = super::support::bench(lgsp(&server.address));
    assert_eq!(fixed.portal.open_session(&cx).await.unwrap(), Opened::Sessionless);
    assert_eq!(fixed.portal.endpoints(cx.clock.now()).len(), 1);
}

#[test]
fn a_token_is_given_in_exactly_one_way() {
    let problems = |config: Value| -> Vec<String> {
        let config: PortalConfig = serde_json::from_value(config).unwrap();
        config.validate().into_iter().map(|(pointer, _)| pointer).collect()
    };
    let mut both = granted("https://lgsp.example", client());
    assert_eq!(problems(both.clone()), [""; 0]);
    both["endpoints"][0]["lgsp"]["token"] = json!("env:TOKEN");
    assert_eq!(problems(both), ["/endpoints/0/lgsp"]);
    let mut none = lgsp("https://lgsp.example");
    none["endpoints"][0]["lgsp"].as_object_mut().unwrap().remove("token");
    assert_eq!(problems(none), ["/endpoints/0/lgsp"]);
    let mut plain = granted("https://lgsp.example", client());
    plain["endpoints"][0]["lgsp"]["grant"]["address"] = json!("http://tokens.example/token");
    plain["endpoints"][0]["lgsp"]["grant"]["fields"] = json!({ "grant_type": "password" });
    assert_eq!(problems(plain), ["/endpoints/0/lgsp/grant/fields", "/endpoints/0/lgsp/grant/address"]);
}
