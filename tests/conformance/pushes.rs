//! Law: a push is read or kept when it proves who sent it, refused when it does not, and answered in any case; no bytes panic.

use bytes::Bytes;
use lienthong_core::Fault;
use lienthong_core::FaultKind;
use lienthong_core::inbound::{InboundContent, InboundRequest, InboundResult};

use crate::bench::build;
use crate::bytes::{Chance, damaged};
use crate::subject::Subject;
use crate::subjects::all;

/// Mutated pushes per good one.
const ROUNDS: u64 = 1500;

fn each(mut law: impl FnMut(&dyn Subject, &dyn lienthong_core::Inbound, &InboundRequest)) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let _inside = runtime.enter();
    for subject in all() {
        let (built, _) = build(subject.as_ref(), "http://127.0.0.1:1");
        let pushes = subject.pushes();
        assert_eq!(built.inbound.is_some(), !pushes.is_empty(), "{}: pushes without a side for them", subject.name());
        for push in &pushes {
            law(subject.as_ref(), built.inbound.as_deref().unwrap(), push);
        }
    }
}

/// The push with its secret exchanged for another of the same length, wherever it stands.
fn with_a_wrong_secret(subject: &dyn Subject, push: &InboundRequest) -> InboundRequest {
    let (right, wrong) = (subject.push_secret(), "x".repeat(subject.push_secret().len()));
    let changed = |text: &str| text.replace(right, &wrong);
    InboundRequest {
        method: push.method.clone(),
        path: changed(&push.path),
        query: push.query.as_deref().map(changed),
        headers: push.headers.iter().map(|(name, value)| (name.clone(), changed(value))).collect(),
        body: Bytes::from(changed(&String::from_utf8_lossy(&push.body))),
    }
}

#[test]
fn a_good_push_is_read_and_its_secret_is_not_kept() {
    each(|subject, inbound, push| {
        let message = inbound.read(push).unwrap_or_else(|fault| panic!("{}: {}: {fault}", subject.name(), push.path));
        match &message.content {
            InboundContent::Submissions(all) => {
                assert!(!all.is_empty(), "{}: {}", subject.name(), push.path);
                for one in all {
                    let known = inbound.operations().iter().any(|operation| operation.name == one.operation);
                    assert!(known, "{}: {} is not declared", subject.name(), one.operation);
                    assert!(!text(&one.body.bytes).contains(subject.push_secret()), "{}: secret kept", subject.name());
                }
            }
            InboundContent::Partly { unreadable, .. } => panic!("{}: {}: {unreadable:?}", subject.name(), push.path),
            InboundContent::Unreadable { fault, .. } => panic!("{}: {}: {fault}", subject.name(), push.path),
        }
        assert!(!text(&message.raw.bytes).contains(subject.push_secret()), "{}: secret kept raw", subject.name());
        assert!(!message.dedupe_key.contains(subject.push_secret()) && !message.dedupe_window.is_zero());
    });
}

#[test]
fn a_push_that_does_not_prove_who_sent_it_leaves_nothing_behind() {
    each(|subject, inbound, push| {
        let forged = with_a_wrong_secret(subject, push);
        let fault = inbound.read(&forged).err().unwrap_or_else(|| panic!("{}: {} forged", subject.name(), push.path));
        assert!(!format!("{fault:?}").contains(subject.push_secret()), "{}: secret in a fault", subject.name());
    });
}

#[test]
fn the_same_push_again_is_recognised_and_another_is_not() {
    each(|subject, inbound, push| {
        let (first, again) = (inbound.read(push).unwrap(), inbound.read(push).unwrap());
        assert_eq!(first.dedupe_key, again.dedupe_key, "{}: {}", subject.name(), push.path);
    });
}

#[test]
fn every_result_has_an_answer_in_the_systems_dialect() {
    each(|subject, inbound, push| {
        let refused = Fault::of(FaultKind::Internal, "the disk is full");
        let results = [
            InboundResult::Accepted,
            InboundResult::Repeated,
            InboundResult::Kept,
            InboundResult::NotAccepted(refused),
        ];
        let replies: Vec<_> = results.iter().map(|result| inbound.reply(push, result)).collect();
        for reply in &replies {
            assert!((200..600).contains(&reply.status), "{}", subject.name());
            assert!(!text(&reply.body).contains(subject.push_secret()), "{}: secret in a reply", subject.name());
        }
        let same = (replies[0].status, &replies[0].body) == (replies[3].status, &replies[3].body);
        assert!(!same, "{}: {}: acceptance and refusal are told alike", subject.name(), push.path);
    });
}

#[test]
fn no_bytes_of_a_push_panic_and_no_secret_is_kept_whatever_they_are() {
    each(|subject, inbound, push| {
        let mut chance = Chance::new(11);
        for _ in 0..ROUNDS {
            let damaged = InboundRequest { body: damaged(&push.body, &mut chance).into(), ..push.clone() };
            let read = inbound.read(&damaged);
            let result = match &read {
                Ok(message) => {
                    let kept = text(&message.raw.bytes).contains(subject.push_secret());
                    assert!(!kept, "{}: a secret is kept of {}", subject.name(), text(&damaged.body));
                    InboundResult::Kept
                }
                Err(fault) => InboundResult::NotAccepted(fault.clone()),
            };
            let _reply = inbound.reply(&damaged, &result);
        }
        for path in ["", "/", "//", "/../..", "/%00", "/nowhere"] {
            let lost = InboundRequest { path: path.to_owned(), ..push.clone() };
            let _reply = inbound
                .reply(&lost, &inbound.read(&lost).map_or_else(InboundResult::NotAccepted, |_| InboundResult::Kept));
        }
    });
}

fn text(bytes: &Bytes) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
