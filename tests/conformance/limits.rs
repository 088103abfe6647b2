//! Law: nothing is read without a limit, and what is longer than it is of unknown outcome.

use std::time::Duration;

use lienthong_core::fault::Retry;
use lienthong_core::limits;

use crate::bench::Bench;
use crate::server::Step;
use crate::subjects::all;

/// What may stand in sockets and buffers beside what was read, in bytes.
const UNDER_WAY: u64 = 16 * 1024 * 1024;

#[tokio::test]
async fn an_answer_that_announces_too_much_is_not_read() {
    for subject in all() {
        let bench = Bench::answering(subject, Step::Long(4 * limits::ANSWER_BYTES)).await;
        let cx = bench.context(Duration::from_secs(20));
        let fault = bench.call_in(&cx, &bench.subject.write()).await.unwrap_err();
        assert_eq!(fault.kind.retry(), Retry::OutcomeUnknown, "{}", bench.says(&fault.to_string()));
        assert!(bench.server.written() <= UNDER_WAY, "{}", bench.says("read what it would refuse anyway"));
    }
}

#[tokio::test]
async fn an_answer_without_end_is_read_up_to_its_limit() {
    for subject in all() {
        let bench = Bench::answering(subject, Step::Endless).await;
        let cx = bench.context(Duration::from_secs(20));
        let fault = bench.call_in(&cx, &bench.subject.write()).await.unwrap_err();
        assert_eq!(fault.kind.retry(), Retry::OutcomeUnknown, "{}", bench.says(&fault.to_string()));
        let most = limits::ANSWER_BYTES as u64 + UNDER_WAY;
        assert!(bench.server.written() <= most, "{}", bench.says("read more than the limit"));
    }
}

#[test]
fn every_operation_limits_its_input_and_describes_itself() {
    for subject in all() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let _inside = runtime.enter();
        let (built, _) = crate::bench::build(subject.as_ref(), "http://127.0.0.1:1");
        for spec in built.adapter.operations() {
            let told = format!("{}: {}", subject.name(), spec.name);
            assert!((1..=limits::BODY_BYTES).contains(&spec.body_limit), "{told}");
            assert!(spec.summary.ends_with('.') && !spec.example.is_null(), "{told}");
            assert!(built.adapter.check(&spec.name, &spec.example).is_ok(), "{told}: refuses its own example");
        }
        for operation in built.inbound.iter().flat_map(|inbound| inbound.operations().iter()) {
            assert!(operation.summary.ends_with('.'), "{}: {}", subject.name(), operation.name);
        }
    }
}
