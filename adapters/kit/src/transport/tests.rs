//! Tests of the client over real sockets on loopback: what leaves, from where, through what, and what comes back.

mod download;
mod network;

use http::{HeaderValue, Method};
use lienthong_core::FaultKind;
use serde_json::{Value, json};

use super::*;
use crate::tests::{Secrets, Server, Still, answer, context, install_crypto};

pub(super) fn transport_with(config: Value, secrets: Vec<(&'static str, String)>) -> Result<Transport, String> {
    install_crypto();
    let encrypted = config.get("ca").is_some();
    Transport::build(&serde_json::from_value(config).unwrap(), encrypted, &Secrets(secrets), Arc::new(Still))
}

pub(super) fn transport(config: Value) -> Transport {
    transport_with(config, Vec::new()).unwrap()
}

const MULTIPART: HeaderValue = HeaderValue::from_static("multipart/form-data; boundary=b1");

#[tokio::test]
async fn bodies_of_any_kind_go_with_their_length_and_count_as_sent() {
    let server = Server::start(answer(200, "ok")).await;
    let transport = transport(json!({}));
    let bytes: &[u8] = b"--b1\r\n\r\n\x00\xff\r\n--b1--";
    for (outgoing, line) in [
        (Outgoing::post(server.url("/a"), MULTIPART, bytes), "post /a "),
        (Outgoing::put(server.url("/b?x=1"), MULTIPART, bytes), "put /b?x=1 "),
    ] {
        let cx = context();
        let reply = transport.call(&cx, outgoing, ReplyLimits::default()).await.unwrap();
        assert_eq!((reply.status, reply.body.as_ref(), cx.was_sent()), (200, b"ok".as_ref(), true));
        let seen = server.seen().pop().unwrap();
        assert!(seen.head.starts_with(line), "{}", seen.head);
        assert!(seen.head.contains("content-type: multipart/form-data; boundary=b1"), "{}", seen.head);
        assert_eq!(seen.body, bytes);
    }
}

#[tokio::test]
async fn a_request_without_body_counts_as_sent_unless_the_connection_failed() {
    let server = Server::start(answer(204, "")).await;
    let transport = transport(json!({}));
    let empty = Outgoing::post(server.url("/"), MULTIPART, Vec::new());
    for (outgoing, line) in
        [(Outgoing::get(server.url("/")), "get"), (Outgoing::delete(server.url("/")), "delete"), (empty, "post")]
    {
        let cx = context();
        transport.call(&cx, outgoing, ReplyLimits::default()).await.unwrap();
        assert!(cx.was_sent());
        let head = server.seen().pop().unwrap().head;
        assert!(head.starts_with(line), "{head}");
        assert_eq!(head.contains("content-length: 0"), line == "post", "old servers want a length: {head}");
    }
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let cx = context();
    let refused = Outgoing::get(format!("http://{nobody}/").parse().unwrap());
    let fault = transport.call(&cx, refused, ReplyLimits::default()).await.unwrap_err();
    assert_eq!((fault.kind, cx.was_sent()), (FaultKind::Unreachable, false));
}

#[tokio::test]
async fn headers_of_the_callers_own_replace_and_add() {
    let server = Server::start(answer(200, "")).await;
    let outgoing = Outgoing::new(Method::POST, server.url("/"))
        .with_body(MULTIPART, "x")
        .with_header(CONTENT_TYPE, HeaderValue::from_static("text/xml; charset=utf-8"))
        .with_header(HeaderName::from_static("soapaction"), HeaderValue::from_static("\"\""));
    transport(json!({})).send(outgoing, ReplyLimits::default()).await.unwrap();
    let head = server.seen().pop().unwrap().head;
    assert!(
        head.contains("content-type: text/xml; charset=utf-8\r\n") && head.contains("soapaction: \"\"\r\n"),
        "{head}"
    );
    assert!(!head.contains("multipart"), "{head}");
}

#[tokio::test]
async fn an_answer_over_its_own_limit_is_not_read() {
    let limits = ReplyLimits { bytes: 10 };
    for (announced, body) in [("Content-Length: 11\r\n", "eleven byte"), ("", "eleven byte")] {
        let server = Server::start(format!("HTTP/1.1 200 X\r\n{announced}Connection: close\r\n\r\n{body}")).await;
        let fault = transport(json!({})).send(Outgoing::get(server.url("/")), limits).await.unwrap_err();
        assert_eq!(fault.kind, FaultKind::Unintelligible);
    }
    let server = Server::start(answer(200, "ten bytes!")).await;
    assert!(transport(json!({})).send(Outgoing::get(server.url("/")), limits).await.is_ok());
}

#[tokio::test]
async fn an_address_without_tls_that_is_not_named_is_not_spoken_to() {
    let cx = context();
    let link = Outgoing::get("http://elsewhere.test/file.pdf".parse().unwrap());
    let fault = transport(json!({})).call(&cx, link, ReplyLimits::default()).await.unwrap_err();
    assert_eq!((fault.kind, cx.was_sent()), (FaultKind::Mapping, false));
    assert!(fault.detail.contains("elsewhere.test") && !fault.detail.contains("file.pdf"), "{}", fault.detail);
}

#[test]
fn neither_requests_nor_answers_print_their_content() {
    let outgoing = Outgoing::post("http://a.test/citizen/038199000001".parse().unwrap(), MULTIPART, "hidden");
    let reply = Reply { status: 200, headers: HeaderMap::new(), body: "hidden".into() };
    let shown = format!("{outgoing:?} {reply:?}");
    assert!(!shown.contains("hidden") && !shown.contains("038199000001"), "{shown}");
}
