//! What an operator types finds what is meant, page by page; what is personal lies nowhere in clear for it.

use bytes::Bytes;
use lienthong_core::{ExchangeId, Fault, FaultCode, FaultKind, delivery::ExchangeState};
use lienthong_journal::sqlite::Hooks;
use lienthong_journal::{Cursor, ExchangeFilter, FaultFilter, Journal as _};
use serde_json::json;

use super::fixture::{Behaviour, CODE, World, dossier, province, refused, routes};
use crate::service::{Found, FoundBy};

const NAME: &str = "NGUYỄN Thị Đào";
const NUMBER: &str = "038199000001";

async fn submit(world: &World, code: &str, owner: &str, number: &str, receipt: &str) -> ExchangeId {
    let body = json!({"code": code, "status": 4, "receipt": receipt, "owner": {"name": owner, "number": number}});
    let mut submission = dossier(code, receipt);
    submission.body = Bytes::from(body.to_string());
    world.service.submit(&province(), submission).await.unwrap().id
}

async fn find(world: &World, text: &str) -> Found {
    world.service.search(Some(text), ExchangeFilter::default(), None, 10).await.unwrap()
}

fn ids(found: &Found) -> Vec<ExchangeId> {
    found.page.rows.iter().map(|row| row.meta.id).collect()
}

#[tokio::test]
async fn what_is_typed_is_taken_for_what_it_is() {
    let world = World::new().await;
    let refusal = Fault::of(FaultKind::Rejected, "x").with_system_answer(Some("7".into()), Some("sai"));
    world.portal.next(Behaviour::Refuses(refusal));
    let first = submit(&world, CODE, NAME, NUMBER, "BL-2026/0007").await;
    let record = world.until(first, ExchangeState::Attention).await.record;
    let second = submit(&world, "H56.14-250115-0008", "Nguyễn Văn Mẫu", "001099000002", "BL-2026/0008").await;
    let delivery = &record.deliveries[0];
    let attempt = &world.service.exchange(first).await.unwrap().attempts[0].1[0];
    let group = delivery.fingerprint.clone().unwrap().to_string();
    for (typed, by, want) in [
        (first.to_string(), FoundBy::Id, vec![first]),
        (delivery.id.to_string(), FoundBy::Id, vec![first]),
        (attempt.reference.clone(), FoundBy::Id, vec![first]),
        (group, FoundBy::Group, vec![first]),
        (CODE.to_owned(), FoundBy::Key, vec![first]),
        ("bl 2026 0008".to_owned(), FoundBy::Number, vec![second]),
        (" 0381 9900 0001 ".to_owned(), FoundBy::Number, vec![first]),
        (NUMBER.to_owned(), FoundBy::Words, vec![first]),
        ("dao nguyen".to_owned(), FoundBy::Words, vec![first]),
        ("NGUYỄN".to_owned(), FoundBy::Words, vec![second, first]),
        (second.to_string()[..35].to_owned(), FoundBy::IdPrefix, vec![second]),
    ] {
        let found = find(&world, &typed).await;
        assert_eq!((found.by, ids(&found)), (Some(by), want), "{typed}");
    }
    for nothing in ["nguyen thi mau", "03819900000", "00000000", "H56.14-250115-0999"] {
        let found = find(&world, nothing).await;
        assert_eq!((found.by, ids(&found).len(), found.page.next), (None, 0, None), "{nothing}");
    }
    let parked = FaultFilter { kind: Some(FaultKind::Rejected), ..FaultFilter::default() };
    let filter = ExchangeFilter { fault: parked, ..ExchangeFilter::default() };
    let both = world.service.search(Some("nguyen"), filter, None, 10).await.unwrap();
    assert_eq!(ids(&both), [first], "the text and the filter hold together");
}

#[tokio::test]
async fn an_alias_finds_the_key_and_what_was_asked_synchronously_is_found_too() {
    let world = World::new().await;
    let mut submission = dossier(CODE, "k1");
    submission.aliases = vec!["G22.99-250115-000001".parse().unwrap()];
    let first = world.service.submit(&province(), submission).await.unwrap().id;
    let found = find(&world, "G22.99-250115-000001").await;
    assert_eq!((found.by, ids(&found)), (Some(FoundBy::Key), vec![first]));
}

#[tokio::test]
async fn pages_go_on_in_the_way_the_first_was_found() {
    let world = World::new().await;
    world.hold().await;
    let mut all = Vec::new();
    for number in 0..7 {
        all.push(submit(&world, &format!("H56.14-250115-{number:04}"), NAME, NUMBER, &format!("R-{number}")).await);
    }
    let (mut seen, mut cursor) = (Vec::new(), None);
    loop {
        let found = world.service.search(Some("dao"), ExchangeFilter::default(), cursor, 3).await.unwrap();
        assert_eq!(found.by, Some(FoundBy::Words));
        seen.extend(ids(&found));
        // An alias of that very name changes nothing for who is reading on.
        let mut named = dossier("H56.14-250115-0900", &format!("k-{}", seen.len()));
        named.aliases = vec!["dao".parse().unwrap()];
        world.service.submit(&province(), named).await.unwrap();
        match found.page.next {
            Some(next) => cursor = Some(next),
            None => break,
        }
    }
    all.reverse();
    assert_eq!(seen, all);
    assert_eq!(find(&world, "dao").await.by, Some(FoundBy::Key), "and is meant by who begins now");
    let foreign = world.service.search(Some("dao"), ExchangeFilter::default(), Some(Cursor("x1.2".into())), 3).await;
    assert_eq!(foreign.unwrap_err().code, FaultCode::BadCursor);
}

#[tokio::test]
async fn what_cannot_be_looked_for_is_refused_with_its_field() {
    let world = World::new().await;
    let nothing = ExchangeFilter::default;
    let from = "2026-01-02T00:00:00Z".parse().ok();
    let field = FaultFilter { field: Some("owner".into()), ..FaultFilter::default() };
    for (text, filter, pointer) in [
        (Some("a".repeat(201)), nothing(), "/text"),
        (Some("  ".to_owned()), nothing(), "/text"),
        (Some("-- / *".to_owned()), nothing(), "/text"),
        (None, ExchangeFilter { from, to: from, ..nothing() }, "/to"),
        (None, ExchangeFilter { fault: field, ..nothing() }, "/field"),
    ] {
        let fault = refused(world.service.search(text.as_deref(), filter, None, 10).await, FaultCode::BadParameter);
        assert_eq!(fault.problems[0].pointer, pointer);
    }
}

#[tokio::test]
async fn names_and_numbers_of_people_lie_nowhere_in_clear_for_search() {
    // Bodies go to files, so that whatever is in the database is there for another reason.
    let world = World::made(routes(), Hooks::default(), |options| options.inline_bytes = 0).await;
    let id = submit(&world, CODE, NAME, NUMBER, "BL-2026/0007").await;
    world.until(id, ExchangeState::Delivered).await;
    assert_eq!(ids(&find(&world, "dao").await), [id]);
    assert_eq!(ids(&find(&world, NUMBER).await), [id]);
    world.journal.close().await;
    let mut database = Vec::new();
    for entry in std::fs::read_dir(world.folder()).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() && path.file_name().unwrap().to_string_lossy().starts_with("journal.db") {
            database.extend(std::fs::read(path).unwrap());
        }
    }
    let holds = |text: &str| database.windows(text.len()).any(|window| window == text.as_bytes());
    assert!(holds(CODE), "the database was read");
    for personal in [NAME, NUMBER, "NGUYỄN", "Đào", "nguyễn", "nguyen", "đào", "bl20260007"] {
        assert!(!holds(personal), "{personal}");
    }
}
