//! Tests of the network a transport stands in: source address, proxy, fixed addresses, pinned authorities, client certificates.

use std::net::IpAddr;

use lienthong_core::FaultCode;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tokio_rustls::rustls::{RootCertStore, ServerConfig, server::WebPkiClientVerifier};

use super::*;

#[tokio::test]
async fn calls_leave_from_the_configured_address_of_this_machine() {
    let server = Server::start(answer(200, "")).await;
    let from: IpAddr = "127.0.0.2".parse().unwrap();
    let transport = transport(json!({"source_address": "127.0.0.2"}));
    transport.send(Outgoing::get(server.url("/")), ReplyLimits::default()).await.unwrap();
    assert_eq!(server.seen()[0].from, from);
}

#[tokio::test]
async fn everything_goes_through_the_proxy_with_its_credentials() {
    let target = Server::start(answer(200, "not asked")).await;
    let proxy = Server::start(answer(200, "by proxy")).await;
    let config = json!({"proxy": {"url": proxy.url("").as_str(), "credentials": "env:PROXY"}});
    let transport = transport_with(config, vec![("PROXY", "tinh:m\u{1ead}t:kh\u{1ea9}u".into())]).unwrap();
    for _ in 0..3 {
        let reply = transport.send(Outgoing::get(target.url("/x")), ReplyLimits::default()).await.unwrap();
        assert_eq!(reply.body.as_ref(), b"by proxy");
    }
    let seen = proxy.seen();
    assert_eq!((seen.len(), target.seen().len()), (3, 0), "the proxy counts every request, the target none by itself");
    assert!(seen[0].head.starts_with(&format!("get http://127.0.0.1:{}/x ", target.port)), "{}", seen[0].head);
    let sent = crate::auth::basic("tinh", &"m\u{1ead}t:kh\u{1ea9}u".into()).unwrap().to_str().unwrap().to_lowercase();
    assert!(seen[0].head.contains(&format!("proxy-authorization: {sent}")), "{}", seen[0].head);
}

#[tokio::test]
async fn an_encrypted_target_is_asked_for_through_the_proxys_tunnel() {
    let proxy = Server::start("HTTP/1.1 502 no route\r\nContent-Length: 0\r\n\r\n").await;
    let authority = authority("one");
    let config = json!({"proxy": {"url": proxy.url("").as_str()}, "ca": "env:CA"});
    let transport = transport_with(config, vec![("CA", authority.pem())]).unwrap();
    let cx = context();
    let outgoing = Outgoing::post("https://target.test/".parse().unwrap(), MULTIPART, "x");
    let fault = transport.call(&cx, outgoing, ReplyLimits::default()).await.unwrap_err();
    assert_eq!((fault.kind, cx.was_sent()), (FaultKind::Unreachable, false), "{}", fault.detail);
    assert!(proxy.seen()[0].head.starts_with("connect target.test:443 "), "{}", proxy.seen()[0].head);
}

#[tokio::test]
async fn a_proxy_that_refuses_our_credentials_passed_nothing_on() {
    let proxy = Server::start(answer(407, "")).await;
    let transport = transport(json!({"proxy": {"url": proxy.url("").as_str()}}));
    let cx = context();
    let fault = transport
        .call(&cx, Outgoing::get("http://127.0.0.1:9/".parse().unwrap()), ReplyLimits::default())
        .await
        .unwrap_err();
    assert_eq!((fault.kind, cx.was_sent()), (FaultKind::Unreachable, false));
}

#[tokio::test]
async fn a_proxys_credentials_are_a_pair() {
    let config = json!({"proxy": {"url": "http://127.0.0.1:3128", "credentials": "env:PROXY"}});
    let problem = transport_with(config, vec![("PROXY", "hunter2".into())]).err().unwrap();
    assert!(problem.contains("env:PROXY") && !problem.contains("hunter2"), "{problem}");
}

#[tokio::test]
async fn a_host_with_a_fixed_address_is_not_looked_up() {
    let server = Server::start(answer(200, "")).await;
    let transport = transport(json!({"dns": {"Security-Server.test": ["127.0.0.1"]}}));
    let url = format!("http://security-server.test:{}/mapi", server.port).parse().unwrap();
    transport.send(Outgoing::get(url), ReplyLimits::default()).await.unwrap();
    assert!(server.seen()[0].head.contains(&format!("host: security-server.test:{}", server.port)));
}

fn authority(name: &str) -> CertifiedIssuer<'static, KeyPair> {
    let mut params = CertificateParams::new(Vec::<String>::new()).unwrap();
    params.distinguished_name.push(rcgen::DnType::CommonName, format!("authority {name}"));
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

/// A certificate of `authority` for `name`, and its key.
fn issued(authority: &CertifiedIssuer<'static, KeyPair>, name: &str) -> (rcgen::Certificate, KeyPair) {
    issued_until(authority, name, (2100, 1))
}

fn issued_until(
    authority: &CertifiedIssuer<'static, KeyPair>,
    name: &str,
    (year, month): (i32, u8),
) -> (rcgen::Certificate, KeyPair) {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
    params.not_after = rcgen::date_time_ymd(year, month, 1);
    let certificate = params.signed_by(&key, authority).unwrap();
    (certificate, key)
}

async fn tls_server(authority: &CertifiedIssuer<'static, KeyPair>, clients: bool) -> Server {
    install_crypto();
    let (certificate, key) = issued(authority, "localhost");
    let builder = ServerConfig::builder();
    let builder = if clients {
        let mut roots = RootCertStore::empty();
        roots.add(authority.der().clone()).unwrap();
        builder.with_client_cert_verifier(WebPkiClientVerifier::builder(roots.into()).build().unwrap())
    } else {
        builder.with_no_client_auth()
    };
    let key = rustls::pki_types::PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let config = builder.with_single_cert(vec![certificate.der().clone()], key).unwrap();
    Server::start_tls(config, "HTTP/1.1 200 X\r\nContent-Length: 6\r\nConnection: close\r\n\r\nsecret").await
}

async fn asked(server: &Server, config: Value, secrets: Vec<(&'static str, String)>) -> Result<Reply, FaultKind> {
    let transport = transport_with(config, secrets).unwrap();
    let url = format!("https://localhost:{}/", server.port).parse().unwrap();
    let cx = context();
    let outgoing = Outgoing::post(url, MULTIPART, "x");
    let reply = transport.call(&cx, outgoing, ReplyLimits::default()).await;
    reply.map_err(|fault| {
        assert!(!cx.was_sent(), "{}", fault.detail);
        fault.kind
    })
}

#[tokio::test]
async fn pinned_authorities_refuse_the_server_of_another() {
    let (ours, other) = (authority("ours"), authority("other"));
    let server = tls_server(&ours, false).await;
    let config = json!({"ca": "env:CA"});
    let reply = asked(&server, config.clone(), vec![("CA", ours.pem())]).await.unwrap();
    assert_eq!(reply.body.as_ref(), b"secret");
    assert_eq!(asked(&server, config.clone(), vec![("CA", other.pem())]).await.unwrap_err(), FaultKind::Unreachable);
    let both = format!("{}{}", other.pem(), ours.pem());
    assert!(asked(&server, config, vec![("CA", both)]).await.is_ok(), "a bundle may hold several");
}

#[tokio::test]
async fn our_certificate_is_shown_to_a_server_that_asks_for_it() {
    let authority = authority("ours");
    let server = tls_server(&authority, true).await;
    let (certificate, key) = issued(&authority, "gateway.test");
    let identity = format!("{}{}", certificate.pem(), key.serialize_pem());
    let config = json!({"ca": "env:CA", "identity": "env:ID"});
    let secrets = vec![("CA", authority.pem()), ("ID", identity)];
    assert_eq!(asked(&server, config, secrets).await.unwrap().status, 200);
}

/// The fault of a call that shows `identity`, or nothing, to a server that wants a certificate of `ours`.
async fn refused(
    server: &Server,
    ours: &CertifiedIssuer<'static, KeyPair>,
    identity: Option<&(rcgen::Certificate, KeyPair)>,
) -> Fault {
    let mut secrets = vec![("CA", ours.pem())];
    let mut config = json!({"ca": "env:CA"});
    if let Some((certificate, key)) = identity {
        secrets.push(("ID", format!("{}{}", certificate.pem(), key.serialize_pem())));
        config["identity"] = json!("env:ID");
    }
    let transport = transport_with(config, secrets).unwrap();
    let url: reqwest::Url = format!("https://localhost:{}/", server.port).parse().unwrap();
    let outgoing = Outgoing::post(url, MULTIPART, "x");
    transport.call(&context(), outgoing, ReplyLimits::default()).await.unwrap_err()
}

#[tokio::test]
async fn a_server_that_refuses_our_certificate_says_so_before_it_reads_a_request() {
    let (ours, other) = (authority("ours"), authority("other"));
    let server = tls_server(&ours, true).await;
    // Our clock stands in January 2026, the server's does not.
    let ended_for_them = issued_until(&ours, "gateway.test", (2026, 2));
    let unknown = issued(&other, "gateway.test");
    for (identity, alert) in [
        (None, "TLS certificate_required"),
        (Some(&ended_for_them), "TLS certificate_expired"),
        (Some(&unknown), "TLS unknown_ca"),
    ] {
        let fault = refused(&server, &ours, identity).await;
        let told = (fault.kind, fault.code, fault.system_code.as_deref());
        let expected = (FaultKind::Unauthenticated, FaultCode::CertificateRefused, Some(alert));
        assert_eq!(told, expected, "{}", fault.detail);
    }
    assert!(server.seen().is_empty(), "no request was read");
}

#[tokio::test]
async fn a_certificate_of_ours_that_has_ended_is_told_without_asking() {
    let ours = authority("ours");
    let ended = issued_until(&ours, "gateway.test", (2026, 1));
    let server = tls_server(&ours, true).await;
    let fault = refused(&server, &ours, Some(&ended)).await;
    assert_eq!((fault.kind, fault.code), (FaultKind::Unauthenticated, FaultCode::CertificateExpired));
    assert!(fault.detail.contains("2026-01-01"), "{}", fault.detail);
}
