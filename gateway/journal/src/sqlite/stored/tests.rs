//! Tests that what is stored is read back whole.

use std::time::Duration;

use lienthong_core::exchange::{Descent, Recognition, Stage};
use lienthong_core::{DeliveryId, SystemId};
use uuid::Uuid;

use super::*;

fn at(micros: i64) -> Timestamp {
    Timestamp::from_microsecond(micros).unwrap()
}

fn full() -> ExchangeMeta {
    let parent = DeliveryId { exchange: ExchangeId(Uuid::from_u128(3)), index: 2 };
    ExchangeMeta {
        id: ExchangeId(Uuid::from_u128(9)),
        client: "province-1".parse().unwrap(),
        authenticated_by: AuthenticatedBy::ClientCertificate,
        source: Source::System("portal".parse::<SystemId>().unwrap()),
        operation: "portal.sync-dossier".parse().unwrap(),
        key: "H56.14-250115-0007".parse().unwrap(),
        aliases: vec!["000.00.14.H56-250115-0007".parse().unwrap()],
        purpose: Some("tiếp nhận \"hồ sơ\"\n".to_owned()),
        on_behalf_of: Some(OnBehalfOf { unit: Some("H56.14".to_owned()), officer: None }),
        due_at: Some(at(5)),
        expires_at: Some(at(6)),
        not_before: Some(at(7)),
        class: Class::Bulk,
        trace: Some(TraceContext { parent: "00-a-b-01".to_owned(), state: Some("x=1".to_owned()) }),
        callback: Some("https://one-stop.example/done".to_owned()),
        link: Some(Link::Child { parent, index: 4 }),
        descent: Some(Descent {
            depth: 3,
            route: "notices".parse().unwrap(),
            item: Some(7),
            stage: Some(Stage::Enrich),
            recognition: Some(Recognition { identity: "a1".to_owned(), content: "b2".to_owned(), until: at(8) }),
            version: Some(2),
        }),
        call: true,
        config: "c1".parse().unwrap(),
        received_at: at(1),
    }
}

fn columns(meta: &ExchangeMeta) -> MetaColumns {
    MetaColumns {
        id: meta.id,
        client: meta.client.clone(),
        operation: meta.operation.clone(),
        key: meta.key.clone(),
        class: meta.class,
        config: meta.config.clone(),
        received_at: meta.received_at,
    }
}

#[test]
fn an_exchange_is_read_back_whole() {
    let mut meta = full();
    assert_eq!(meta_from_text(columns(&meta), &meta_to_text(&meta).unwrap()).unwrap(), meta);
    meta.link = Some(Link::Resend { of: meta.id, reason: "mất ở đích".to_owned() });
    meta.aliases.clear();
    (meta.purpose, meta.on_behalf_of, meta.trace, meta.due_at, meta.callback) = (None, None, None, None, None);
    meta.descent = None;
    for source in [Source::Client(meta.client.clone()), Source::Gateway, Source::Answer("tax".parse().unwrap())] {
        meta.source = source;
        assert_eq!(meta_from_text(columns(&meta), &meta_to_text(&meta).unwrap()).unwrap(), meta);
    }
    assert_eq!(meta_from_text(columns(&meta), &meta_to_text(&meta).unwrap()).unwrap(), meta);
}

#[test]
fn a_fault_is_read_back_whole_and_its_own_text_takes_no_room() {
    let mut problem = FieldProblem::new("/owner/name", "is \"missing\"").of_class("missing");
    problem.table = Some("province".to_owned());
    let mut fault = Fault::new(FaultKind::Rejected, FaultCode::Rejected, "chain: one\ntwo")
        .with_system_answer(Some("-1".to_owned()), Some("Không thành công"))
        .with_problem(problem)
        .with_retry_after(Duration::from_millis(1500));
    let print: Fingerprint = "1-0123456789abcdef0123456789abcdef".parse().unwrap();
    let json = fault_to_text(&fault, Some(&print)).unwrap();
    assert!(!json.contains("từ chối"), "{json}");
    assert_eq!(fault_from_text(&json).unwrap(), (fault.clone(), Some(print)));
    fault.public = PublicText { vi: "khác".to_owned(), en: "other".to_owned() };
    assert_eq!(fault_from_text(&fault_to_text(&fault, None).unwrap()).unwrap(), (fault, None));
}

#[test]
fn what_makes_no_sense_is_corrupt() {
    assert!(fault_from_text("{}").is_err());
    assert!(fault_kind("nonsense").is_err());
    assert!(meta_from_text(columns(&full()), "[]").is_err());
}
