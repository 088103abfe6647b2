//! Tests of transport faults: waits, pages, titles, logins. No sockets.

use lienthong_core::{FaultKind, Timestamp};
use proptest::prelude::*;

use super::*;
use crate::words::Phrases;

fn now() -> Timestamp {
    "2025-01-15T00:00:00Z".parse().unwrap()
}

#[test]
fn a_wait_is_bounded_whatever_they_ask() {
    assert_eq!(wait("18446744073709551615", now()), Some(LONGEST_WAIT));
    assert_eq!(wait("Wed, 15 Jan 9998 00:00:00 GMT", now()), Some(LONGEST_WAIT));
    assert_eq!(wait(" 3 ", now()), Some(Duration::from_secs(3)));
    assert_eq!(wait("-3", now()), None);
}

#[test]
fn a_page_shows_its_title_and_nothing_else() {
    assert_eq!(page_title(b"<html><TITLE> 503 </TITLE><body>secret</body>").as_deref(), Some("503"));
    assert_eq!(page_title(b"<html><title>unclosed"), None);
    assert_eq!(page_title(b"{\"title\":\"<title>x</title>\"}"), None);
}

#[test]
fn every_kind_of_login_failure_is_one_that_leaves_nothing_unknown() {
    use lienthong_core::fault::Retry;
    for kind in FaultKind::ALL {
        let fault = of_login(Fault::of(kind, "x"));
        assert_ne!(fault.kind.retry(), Retry::OutcomeUnknown, "{}", kind.as_str());
        assert_eq!(fault.code.kind(), fault.kind);
    }
}

#[test]
fn a_call_that_ran_out_of_time_before_sending_was_unreachable() {
    assert_eq!(of_elapsed(Duration::from_secs(1), false).kind, FaultKind::Unreachable);
    assert_eq!(of_elapsed(Duration::from_secs(1), true).kind, FaultKind::Timeout);
}

fn reply(status: u16, body: &str) -> Reply {
    Reply { status, headers: http::HeaderMap::new(), body: body.to_owned().into() }
}

#[test]
fn a_soap_fault_is_data_where_xml_is_expected_and_a_page_elsewhere() {
    let words = Words::new(&Phrases::default());
    let soap = "<?xml version=\"1.0\"?><!-- gw --><soap:Envelope><soap:Body><soap:Fault/></soap:Body></soap:Envelope>";
    let kind = |status, body, expected| of_reply(&words, &reply(status, body), expected, now()).map(|fault| fault.kind);
    for status in [200, 400, 500] {
        assert_eq!(kind(status, soap, Expected::Xml), None, "{status}");
        assert_eq!(kind(status, soap, Expected::Json), Some(FaultKind::Unintelligible), "{status}");
    }
    assert_eq!(kind(401, soap, Expected::Xml), Some(FaultKind::Unauthenticated));
    assert_eq!(kind(502, soap, Expected::Xml), Some(FaultKind::Unintelligible));
    for page in
        ["<!DOCTYPE html><html>", "<HTML lang=vi>", "<?xml version='1.0'?>\n<!DOCTYPE HTML PUBLIC>", "<h1>502</h1>"]
    {
        for status in [200, 500] {
            assert_eq!(kind(status, page, Expected::Xml), Some(FaultKind::Unintelligible), "{status} {page}");
        }
    }
}

#[test]
fn data_that_begins_like_html_is_data() {
    assert!(!is_html(b"<DATA><HEADER/></DATA>"));
    assert!(!is_html(b"<header/>") && !is_html(b"<person/>") && !is_html(b"<?xml version") && !is_html(b"{}"));
}

proptest! {
    #[test]
    fn no_answer_panics(
        status in any::<u16>(), retry in proptest::option::of("\\PC{0,40}"), body in proptest::collection::vec(any::<u8>(), 0..200)
    ) {
        let words = Words::new(&Phrases::default());
        let mut headers = http::HeaderMap::new();
        if let Some(value) = retry.and_then(|text| http::HeaderValue::from_str(&text).ok()) {
            headers.insert(http::header::RETRY_AFTER, value);
        }
        let reply = Reply { status, headers, body: body.into() };
        let fault = of_reply(&words, &reply, Expected::Json, now());
        prop_assert_eq!(fault.is_none(), (200..300).contains(&status) && !is_page(&reply.body));
        let fault = of_reply(&words, &reply, Expected::Xml, now());
        prop_assert!(fault.is_some() || (200..300).contains(&status) || is_page(&reply.body));
    }
}

#[test]
fn the_page_that_refuses_our_certificate_is_no_refusal_of_the_request() {
    let words = Words::new(&Phrases::default());
    let page = "<html>\r\n<head><title>400 The SSL certificate error</title></head>\r\n<body>nginx</body></html>";
    for (status, body) in [(400, page), (403, page), (495, ""), (496, "")] {
        let fault = of_reply(&words, &reply(status, body), Expected::Xml, now()).unwrap();
        assert_eq!((fault.kind, fault.code), (FaultKind::Unauthenticated, FaultCode::CertificateRefused), "{status}");
    }
    let other = of_reply(&words, &reply(400, "{\"ssl certificate\":1}"), Expected::Json, now()).unwrap();
    assert_eq!(other.kind, FaultKind::Rejected);
}
