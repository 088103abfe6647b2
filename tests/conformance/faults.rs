//! Law: every misbehaviour is one kind of fault, the same for every system; nothing is success but what says so.

use std::time::Duration;

use lienthong_core::fault::Retry;
use lienthong_core::{Fault, FaultKind};

use crate::bench::Bench;
use crate::server::{Raw, Step};
use crate::subject::Means;
use crate::subjects::all;

/// What any system, or what stands before it, may answer, and what it must be taken for.
fn misbehaviours() -> Vec<(&'static str, Raw, Means)> {
    let kind = Means::Kind;
    vec![
        ("500 with a page", Raw::page(500), Means::Unknown),
        ("500 without a body", Raw::new(500, "text/plain", ""), Means::Unknown),
        ("502 with a page", Raw::page(502), Means::Unknown),
        ("504 with a page", Raw::page(504), Means::Unknown),
        ("503", Raw::page(503), kind(FaultKind::Unavailable)),
        ("503 that says when", Raw::page(503).with("Retry-After", "120"), kind(FaultKind::Unavailable)),
        ("429", Raw::new(429, "text/plain", "slow down"), kind(FaultKind::Throttled)),
        ("401", Raw::new(401, "text/plain", ""), kind(FaultKind::Unauthenticated)),
        ("403 with a page", Raw::page(403), kind(FaultKind::Forbidden)),
        ("302 to a login", Raw::page(302).with("Location", "/login"), Means::Unknown),
        ("404 with a page", Raw::page(404), Means::Unknown),
        ("200 with a page", Raw::page(200), Means::Unknown),
        ("200 with nothing", Raw::new(200, "application/json", ""), Means::Unknown),
        ("204", Raw::new(204, "text/plain", ""), Means::Unknown),
        ("200 with blanks", Raw::new(200, "application/json", "  \r\n "), Means::Unknown),
        ("200 with garbage", Raw::new(200, "application/json", vec![0, 159, 146, 150, 7]), Means::Unknown),
        ("200 with a word", Raw::new(200, "application/json", "OK"), Means::Unknown),
        ("200 with a text", Raw::new(200, "application/json", "\"OK\""), Means::Unknown),
        ("200 with a number", Raw::new(200, "application/json", "1"), Means::Unknown),
        ("200 with null", Raw::new(200, "application/json", "null"), Means::Unknown),
        ("200 with an empty object", Raw::new(200, "application/json", "{}"), Means::Unknown),
        ("200 with an empty list", Raw::new(200, "application/json", "[]"), Means::Unknown),
        ("200 with strange XML", Raw::new(200, "text/xml", "<a><b/></a>"), Means::Unknown),
        (
            "200 in a legacy encoding",
            Raw::new(200, "application/json", b"{\"message\":\"Th\xe0nh c\xf4ng\"}".to_vec()),
            Means::Unknown,
        ),
        ("200 in UTF-16", Raw::new(200, "application/json", b"\xff\xfe{\0}\0".to_vec()), Means::Unknown),
    ]
}

fn holds(fault: &Fault, means: Means) -> bool {
    match means {
        Means::Unknown => fault.kind.retry() == Retry::OutcomeUnknown,
        Means::Kind(kind) => fault.kind == kind,
        Means::Fault => true,
    }
}

#[tokio::test]
async fn each_misbehaviour_is_one_kind_of_fault_for_every_system() {
    for subject in all() {
        for (what, answer, means) in misbehaviours() {
            for ask in [subject.write(), subject.read()] {
                let bench = Bench::answering(subject.clone(), Step::Say(answer.clone())).await;
                let luck = ask.operation == subject.read().operation && subject.also_good().contains(&what);
                match bench.call(&ask).await {
                    Ok(_) if luck => {}
                    Ok(_) => panic!("{}", bench.says(&format!("{what}: taken for success by {}", ask.operation))),
                    Err(fault) => {
                        let told = bench.says(&format!("{what}: {:?}, not {means:?}: {fault}", fault.kind));
                        assert!(holds(&fault, means), "{told}");
                        assert_eq!(fault.code.kind(), fault.kind, "{told}");
                    }
                }
            }
        }
    }
}

#[tokio::test]
async fn what_the_system_is_known_to_mislead_with_is_seen_through() {
    for subject in all() {
        for case in subject.misleading() {
            let bench = Bench::answering(subject.clone(), Step::Say(case.answer)).await;
            match bench.call(&bench.subject.write()).await {
                Ok(_) => panic!("{}", bench.says(&format!("{}: taken for success", case.what))),
                Err(fault) => {
                    let told = bench.says(&format!("{}: {:?}, not {:?}: {fault}", case.what, fault.kind, case.means));
                    assert!(holds(&fault, case.means), "{told}");
                }
            }
        }
    }
}

#[tokio::test]
async fn how_long_to_wait_is_taken_from_the_answer() {
    for subject in all() {
        for status in [429, 503] {
            let answer = Raw::new(status, "text/plain", "").with("Retry-After", "120");
            let bench = Bench::answering(subject.clone(), Step::Say(answer)).await;
            let fault = bench.call(&bench.subject.write()).await.unwrap_err();
            assert_eq!(fault.retry_after, Some(Duration::from_secs(120)), "{}", bench.says(&fault.to_string()));
        }
    }
}

#[tokio::test]
async fn a_probe_is_true_to_what_the_system_does() {
    for subject in all() {
        let bench = Bench::new(subject.clone()).await;
        let good = bench.built.adapter.probe(&bench.context(crate::bench::PATIENCE)).await;
        assert!(good.is_ok(), "{}", bench.says(&format!("{good:?}")));
        for step in [Step::Cut, Step::Say(Raw::page(502)), Step::Say(Raw::page(503)), Step::Say(Raw::page(401))] {
            let bench = Bench::answering(subject.clone(), step).await;
            let probed = bench.built.adapter.probe(&bench.context(crate::bench::PATIENCE)).await;
            assert!(probed.is_err(), "{}", bench.says("a probe took a failure for service"));
        }
    }
}
