//! Law: what was sent and not answered is of unknown outcome, and only that. Nothing sent is never unknown.

use lienthong_core::FaultKind;
use lienthong_core::fault::Retry;

use crate::bench::{Bench, PATIENCE, build, context};
use crate::server::Step;
use crate::subjects::all;

#[tokio::test]
async fn a_lost_or_half_an_answer_leaves_the_outcome_unknown() {
    for subject in all() {
        for ask in [subject.read(), subject.write()] {
            for step in [Step::Cut, Step::Half] {
                let bench = Bench::answering(subject.clone(), step).await;
                let cx = bench.context(PATIENCE);
                let fault = bench.call_in(&cx, &ask).await.unwrap_err();
                assert_eq!(fault.kind.retry(), Retry::OutcomeUnknown, "{}", bench.says(&fault.to_string()));
                assert!(cx.was_sent(), "{}", bench.says(&fault.to_string()));
            }
        }
    }
}

#[tokio::test]
async fn a_refused_connection_is_unreachable_and_nothing_was_sent() {
    for subject in all() {
        for ask in [subject.read(), subject.write()] {
            // Port 1 of loopback: nobody listens.
            let (built, clock) = build(subject.as_ref(), "http://127.0.0.1:1");
            let cx = context(&clock, PATIENCE);
            let body = lienthong_core::Body::json(ask.input.to_string());
            let fault = built.adapter.call(&cx, &crate::bench::name(&ask.operation), &body).await.unwrap_err();
            let told = format!("{}: {fault}", subject.name());
            assert_eq!((fault.kind, cx.was_sent()), (FaultKind::Unreachable, false), "{told}");
        }
    }
}

#[tokio::test]
async fn a_login_that_fails_anyhow_leaves_nothing_unknown() {
    for subject in all().into_iter().filter(|subject| subject.has_session()) {
        let steps = [
            Step::Cut,
            Step::Half,
            Step::Say(crate::server::Raw::page(500)),
            Step::Say(crate::server::Raw::page(200)),
            Step::Say(crate::server::Raw::page(401)),
            Step::Say(crate::server::Raw::new(200, "application/json", "{}")),
        ];
        for step in steps {
            let bench = Bench::new(subject.clone()).await;
            bench.server.logins_get([step]);
            let cx = bench.context(PATIENCE);
            let fault = bench.call_in(&cx, &bench.subject.write()).await.unwrap_err();
            let told = bench.says(&fault.to_string());
            assert!(matches!(fault.kind.retry(), Retry::Gate | Retry::AfterLogin), "{told}");
            assert_eq!((cx.was_sent(), bench.server.calls()), (false, 0), "{told}");
            let again = bench.call(&bench.subject.write()).await;
            assert!(again.is_ok(), "{}", bench.says("a failed login is not kept"));
        }
    }
}
