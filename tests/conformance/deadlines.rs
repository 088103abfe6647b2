//! Law: a call ends when its time is over, wherever the system is slow, and says whether anything was sent.

use std::time::Duration;

use lienthong_core::FaultKind;
use lienthong_core::fault::Retry;
use tokio::time::Instant;

use crate::bench::{Bench, PATIENCE};
use crate::server::Step;
use crate::subjects::all;

const SHORT: Duration = Duration::from_millis(250);
/// What a busy machine may take to notice.
const SLACK: Duration = Duration::from_secs(5);

#[tokio::test]
async fn a_system_that_never_answers_ends_as_a_timeout_after_sending() {
    for subject in all() {
        for ask in [subject.read(), subject.write()] {
            let bench = Bench::answering(subject.clone(), Step::Hang).await;
            let (cx, begun) = (bench.context(SHORT), Instant::now());
            let fault = bench.call_in(&cx, &ask).await.unwrap_err();
            assert!(begun.elapsed() < SHORT + SLACK, "{}", bench.says("took too long"));
            assert_eq!((fault.kind, cx.was_sent()), (FaultKind::Timeout, true), "{}", bench.says(&fault.to_string()));
        }
    }
}

#[tokio::test]
async fn a_login_that_never_ends_leaves_the_call_unsent() {
    for subject in all().into_iter().filter(|subject| subject.has_session()) {
        let bench = Bench::new(subject).await;
        bench.server.logins_get([Step::Hang]);
        let (cx, begun) = (bench.context(SHORT), Instant::now());
        let fault = bench.call_in(&cx, &bench.subject.write()).await.unwrap_err();
        assert!(begun.elapsed() < SHORT + SLACK, "{}", bench.says("took too long"));
        assert_eq!((fault.kind, cx.was_sent()), (FaultKind::Unreachable, false), "{}", bench.says(&fault.to_string()));
        assert_eq!(bench.server.calls(), 0);
    }
}

#[tokio::test]
async fn a_head_and_a_body_without_end_are_cut_off_in_time() {
    for subject in all() {
        for step in [Step::EndlessHead, Step::Endless] {
            let bench = Bench::answering(subject.clone(), step).await;
            let (cx, begun) = (bench.context(Duration::from_secs(2)), Instant::now());
            let fault = bench.call_in(&cx, &bench.subject.write()).await.unwrap_err();
            assert!(begun.elapsed() < Duration::from_secs(2) + SLACK, "{}", bench.says("took too long"));
            assert_eq!(fault.kind.retry(), Retry::OutcomeUnknown, "{}", bench.says(&fault.to_string()));
            assert!(cx.was_sent(), "{}", bench.says(&fault.to_string()));
        }
    }
}

#[tokio::test]
async fn a_probe_ends_in_time_too() {
    for subject in all() {
        let bench = Bench::answering(subject, Step::Hang).await;
        let begun = Instant::now();
        bench.built.adapter.probe(&bench.context(SHORT)).await.unwrap_err();
        assert!(begun.elapsed() < SHORT + SLACK, "{}", bench.says("took too long"));
        let again = bench.built.adapter.probe(&bench.context(PATIENCE)).await;
        assert!(again.is_ok(), "{}", bench.says(&format!("{again:?}")));
    }
}
