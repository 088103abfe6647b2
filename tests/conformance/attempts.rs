//! Law: a call is one attempt. Whatever the system answers, it hears of the same change once.

use std::time::Duration;

use lienthong_core::fault::Retry;

use crate::bench::Bench;
use crate::server::{Raw, Step};
use crate::subjects::all;

#[tokio::test]
async fn a_good_answer_is_a_success_of_one_request() {
    for subject in all() {
        for ask in [subject.read(), subject.write()] {
            let bench = Bench::new(subject.clone()).await;
            let cx = bench.context(Duration::from_secs(20));
            let answer = bench.call_in(&cx, &ask).await;
            assert!(answer.is_ok(), "{}", bench.says(&format!("{}: {:?}", ask.operation, answer.err())));
            assert!(cx.was_sent(), "{}", bench.says(&ask.operation));
            assert_eq!(bench.server.calls(), 1, "{}", bench.says(&ask.operation));
        }
    }
}

#[tokio::test]
async fn whatever_is_answered_a_change_is_asked_for_once_and_nobody_else_tries_again() {
    let bad = [
        Step::Cut,
        Step::Half,
        Step::Say(Raw::page(500)),
        Step::Say(Raw::page(502)),
        Step::Say(Raw::page(503)),
        Step::Say(Raw::page(429).with("Retry-After", "0")),
        Step::Say(Raw::page(401)),
        Step::Say(Raw::page(307).with("Location", "/elsewhere")),
        Step::Say(Raw::new(200, "application/json", "")),
    ];
    for subject in all() {
        for step in &bad {
            let bench = Bench::answering(subject.clone(), step.clone()).await;
            let cx = bench.context(Duration::from_secs(20));
            let fault = bench.call_in(&cx, &bench.subject.write()).await.unwrap_err();
            assert_eq!(bench.server.calls(), 1, "{}", bench.says(&fault.to_string()));
            assert!(cx.was_sent(), "{}", bench.says(&fault.to_string()));
            let backoff = matches!(fault.kind.retry(), Retry::Backoff | Retry::OnConfigurationChange);
            assert!(
                !backoff || fault.kind == lienthong_core::FaultKind::Forbidden,
                "{}",
                bench.says(&fault.to_string())
            );
        }
    }
}

#[tokio::test]
async fn an_operation_nobody_offers_and_an_input_nobody_can_read_send_nothing() {
    for subject in all() {
        let bench = Bench::new(subject).await;
        let system = bench.built.adapter.system().clone();
        let nobody = crate::subject::Ask::new(&format!("{system}.bend-spoon"), serde_json::json!({}));
        let fault = bench.call(&nobody).await.unwrap_err();
        assert_eq!(fault.code, lienthong_core::FaultCode::UnknownOperation, "{}", bench.says(&fault.to_string()));
        let write = bench.subject.write();
        for bytes in [&b"{"[..], b"", b"[]", b"null", b"\xff\xfe"] {
            let cx = bench.context(Duration::from_secs(5));
            let body = lienthong_core::Body::json(bytes);
            let fault = bench.built.adapter.call(&cx, &crate::bench::name(&write.operation), &body).await.unwrap_err();
            assert!(!cx.was_sent(), "{}", bench.says(&fault.to_string()));
        }
        assert_eq!(bench.server.calls(), 0, "{}", bench.says("an unreadable input was sent"));
    }
}

#[tokio::test]
async fn a_diagnosis_is_told_where_the_adapter_goes_and_that_is_where_it_went() {
    for subject in all() {
        let bench = Bench::new(subject).await;
        let cx = bench.context(Duration::from_secs(20));
        let places = bench.built.adapter.endpoints(cx.clock.now());
        let system = places.iter().find(|place| place.purpose == lienthong_core::network::Purpose::System);
        let named = system.map(|system| system.place.to_string());
        let server = bench.server.base.trim_end_matches('/');
        assert_eq!(named.as_deref(), Some(server), "{}", bench.says("endpoints"));
    }
}
