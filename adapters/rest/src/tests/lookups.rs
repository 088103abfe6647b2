//! Tests of lookups: what the program decides, when "not done" counts, and what tells nothing.

use lienthong_core::{FaultKind, Lookup};
use serde_json::json;

use super::server::{Server, Step};
use super::support::{bench, permits};

#[tokio::test]
async fn a_lookup_is_true_to_what_its_program_decides() {
    let done = Step::json(200, json!({ "found": "done", "data": { "no": "GP-1" } }));
    let not_done = || Step::json(404, json!({ "found": "not_done" }));
    let server = Server::start([done, not_done(), not_done(), Step::json(200, json!({ "found": "unknown" }))]).await;
    let bench = bench(permits(&server.address));
    match bench.look_up(5).await.unwrap() {
        Lookup::Done(body) => assert_eq!(&body.bytes[..], br#"{"no":"GP-1"}"#),
        other => panic!("{other:?}"),
    }
    assert!(matches!(bench.look_up(29).await.unwrap(), Lookup::Unknown), "it may still be working");
    assert!(matches!(bench.look_up(30).await.unwrap(), Lookup::NotDone));
    assert!(matches!(bench.look_up(99).await.unwrap(), Lookup::Unknown));
    let calls = server.calls();
    assert_eq!(calls.len(), 4);
    assert!(calls.iter().all(|call| call.target == "/permits/v1/permits?request=0190.0.1"), "{calls:?}");
}

#[tokio::test]
async fn what_tells_nothing_is_a_fault_and_never_a_decision() {
    for (step, kind) in [
        (Step::json(200, json!({ "found": "perhaps" })), FaultKind::Unintelligible),
        (Step::text(200, "<html></html>"), FaultKind::Unintelligible),
        (Step::text(404, "<html>no route</html>"), FaultKind::Unintelligible),
        (Step::json(500, json!({ "found": "not_done" })), FaultKind::Unintelligible),
        (Step::text(503, ""), FaultKind::Unavailable),
        (Step::text(401, ""), FaultKind::Unauthenticated),
        (Step::text(200, "hệ thống đang bảo trì"), FaultKind::Unavailable),
    ] {
        let server = Server::start([step]).await;
        let fault = bench(permits(&server.address)).look_up(99).await.unwrap_err();
        assert_eq!(fault.kind, kind, "{}", fault.detail);
    }
}
