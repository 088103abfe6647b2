//! Tests of how messages are read and what is said of them, without a broker.

use std::collections::BTreeSet;
use std::sync::Arc;

use lienthong_core::exchange::AuthenticatedBy;
use proptest::prelude::*;

use super::*;
use crate::security::{ClientEntry, OperationPattern};

const ENVELOPE: &str = r#"{"operation":"portal.sync-dossier","key":"H56.14-260115-0007","body":{"a":1}}"#;

fn identity(operations: Vec<OperationPattern>) -> Identity {
    let entry = ClientEntry {
        id: "one-stop".parse().unwrap(),
        key_hashes: Vec::new(),
        certificates: Vec::new(),
        operations,
        roles: BTreeSet::new(),
        enabled: true,
    };
    Identity::new(Arc::new(entry), AuthenticatedBy::Broker)
}

fn read_as(properties: &BasicProperties, text: &str) -> Result<Submission, Fault> {
    let identity = identity(vec![OperationPattern::Any]);
    super::read(properties, &Bytes::from(text.to_owned()), &identity, 1000)
}

fn named() -> BasicProperties {
    BasicProperties::default().with_message_id("m-1".into())
}

fn headers(pairs: &[(&str, &str)]) -> FieldTable {
    let mut table = FieldTable::default();
    for (name, value) in pairs {
        table.insert((*name).into(), AMQPValue::LongString((*value).into()));
    }
    table
}

fn text(table: &Option<FieldTable>, name: &str) -> Option<String> {
    match table.as_ref()?.inner().get(name)? {
        AMQPValue::LongString(text) => Some(text.to_string()),
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_message_id_is_the_idempotency_key_unless_a_header_gives_one() {
    assert_eq!(read_as(&named(), ENVELOPE).unwrap().idempotency_key.unwrap(), "m-1");
    let both = named().with_headers(headers(&[("idempotency-key", "k-1")]));
    assert_eq!(read_as(&both, ENVELOPE).unwrap().idempotency_key.unwrap(), "k-1");
    for without in [BasicProperties::default(), BasicProperties::default().with_message_id("".into())] {
        assert_eq!(read_as(&without, ENVELOPE).unwrap_err().code, FaultCode::IdempotencyKeyMissing);
    }
}

#[test]
fn a_trace_is_continued_or_begun() {
    let parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    let continued = read_as(&named().with_headers(headers(&[("traceparent", parent)])), ENVELOPE).unwrap();
    assert_eq!(continued.trace.unwrap().parent, parent);
    assert!(read_as(&named(), ENVELOPE).unwrap().trace.is_some());
}

#[test]
fn what_says_it_is_something_else_or_is_too_large_or_not_permitted_is_told_apart() {
    for kind in ["application/json", "application/json; charset=utf-8", "application/problem+json", ""] {
        assert!(read_as(&named().with_content_type(kind.into()), ENVELOPE).is_ok(), "{kind}");
    }
    for kind in ["text/xml", "application/json; charset=latin1"] {
        let refused = read_as(&named().with_content_type(kind.into()), ENVELOPE).unwrap_err();
        assert_eq!((refused.code, refused.problems[0].pointer.as_str()), (FaultCode::MediaType, "content_type"));
    }
    let large = format!("{ENVELOPE}{}", " ".repeat(1000));
    assert_eq!(read_as(&named(), &large).unwrap_err().code, FaultCode::BodyTooLarge);
    let nobody = identity(Vec::new());
    let refused = super::read(&named(), &Bytes::from(ENVELOPE), &nobody, 1000).unwrap_err();
    assert_eq!(refused.code, FaultCode::NotPermitted);
}

#[test]
fn replies_go_to_direct_replies_and_to_queues_the_configuration_allows() {
    let allowed = ["one-stop.".to_owned()];
    let asking = |to: &str| named().with_reply_to(to.into());
    for fine in ["amq.rabbitmq.reply-to.g1h2AA5yZXBseUAxMzE", "one-stop.replies"] {
        assert!(reply_to(&asking(fine), &allowed).is_some(), "{fine}");
    }
    for refused in ["land.submissions", "", "amq.rabbitmq.trace", "xone-stop.replies"] {
        assert!(reply_to(&asking(refused), &allowed).is_none(), "{refused}");
    }
    assert!(reply_to(&asking("one-stop.replies"), &[]).is_none());
}

fn letter(came: &BasicProperties) -> BasicProperties {
    let origin = Origin { queue: "in", client: "one-stop", exchange: "", routing_key: "in" };
    let fault = Fault::new(FaultCode::Invalid.kind(), FaultCode::Invalid, "inside")
        .with_problem(FieldProblem::new("/body/status", "must be a string"));
    dead(came, &origin, &fault, Timestamp::UNIX_EPOCH)
}

#[test]
fn a_dead_letter_says_why_and_keeps_what_it_came_with() {
    let came = named()
        .with_content_type("application/json".into())
        .with_correlation_id("c".into())
        .with_timestamp(7)
        .with_headers(headers(&[("their", "own"), ("x-lienthong-code", "forged")]));
    let dead = letter(&came);
    let said = |name: &str| text(dead.headers(), name).unwrap();
    assert_eq!((said("x-lienthong-code").as_str(), said("x-lienthong-field").as_str()), ("LT-INVALID", "/body/status"));
    assert!(said("x-lienthong-reason").contains("/body/status: must be a string"), "{}", said("x-lienthong-reason"));
    assert_eq!((said("x-lienthong-queue").as_str(), said("their").as_str()), ("in", "own"));
    assert!(!format!("{dead:?}").contains("inside"), "the inside stays inside");
    assert_eq!(
        (dead.message_id(), dead.correlation_id(), dead.timestamp()),
        (came.message_id(), came.correlation_id(), came.timestamp())
    );
}

#[test]
fn a_dead_letter_never_expires_and_names_no_user_that_the_broker_would_refuse() {
    let came = named().with_expiration("1000".into()).with_user_id("somebody".into()).with_timestamp(7);
    let dead = letter(&came);
    assert_eq!((dead.expiration(), dead.user_id()), (&None, &None));
    assert_eq!((dead.message_id(), dead.timestamp()), (came.message_id(), came.timestamp()));
    assert!(text(dead.headers(), "x-lienthong-code").is_some());
}

#[test]
fn headers_too_large_to_carry_on_are_left_behind_and_the_reason_is_not() {
    let large = "x".repeat(40_000);
    let dead = letter(&named().with_headers(headers(&[("large", &large), ("small", "kept")])));
    assert_eq!((text(dead.headers(), "large"), text(dead.headers(), "small")), (None, Some("kept".to_owned())));
    assert!(text(dead.headers(), "x-lienthong-reason").is_some());
}

proptest! {
    #[test]
    fn whatever_lies_in_a_queue_is_a_submission_or_a_fault_and_nothing_else(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let identity = identity(vec![OperationPattern::Any]);
        if let Err(fault) = super::read(&named(), &Bytes::from(bytes), &identity, 1000) {
            prop_assert_eq!(fault.kind, fault.code.kind());
        }
    }
}
