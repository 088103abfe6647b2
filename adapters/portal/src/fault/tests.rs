//! Tests of transport faults: waits, pages, titles, logins. No sockets.

use lienthong_core::{FaultKind, Timestamp};
use proptest::prelude::*;

use super::words::Words;
use super::*;
use crate::config::Phrases;

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

proptest! {
    #[test]
    fn no_answer_panics(
        status in any::<u16>(), retry in proptest::option::of("\\PC{0,40}"), body in proptest::collection::vec(any::<u8>(), 0..200)
    ) {
        let words = Words::new(&Phrases::default());
        let reply = Reply { status, retry_after: retry, body: body.into() };
        let fault = of_reply(&words, &reply, now());
        prop_assert_eq!(fault.is_none(), (200..300).contains(&status) && !is_page(&reply.body));
    }
}
