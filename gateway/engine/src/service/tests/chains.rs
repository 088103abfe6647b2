//! What follows from messages: declared messages, chains of answers, lists split into messages, taps, copies recognised.

use lienthong_core::delivery::ExchangeState;
use lienthong_core::exchange::{Descent, Link, Source};
use lienthong_core::inbound::InboundRequest;
use lienthong_core::{Body, ExchangeMeta, Fault, FaultCode, FaultKind, StateName, limits};
use lienthong_journal::{EventKind, ExchangeRecord, Journal as _};
use serde_json::{Value, json};

use super::fixture::{Behaviour, CODE, World, dossier, operator, program, province, route, straight, system};
use crate::draft;
use crate::routing::{Patterns, RecogniseSpec, RouteSource, RouteSpec, RouteTarget, SplitSpec};

const OTHER: &str = "H56.14-250115-0008";

fn message(name: &str) -> RouteTarget {
    RouteTarget::Message(name.parse().unwrap())
}

/// What takes the declared notices: as dossiers to the portal.
fn taking() -> RouteSpec {
    RouteSpec {
        from: RouteSource::Gateway,
        transform: program(".status = .amount\ndel(.amount)\ndel(.channel)\ndel(.owner)"),
        ..route("taking", "obligation.notice", RouteTarget::Operation("portal.sync-dossier".parse().unwrap()))
    }
}

/// A push whose notices are split into ours.
fn splitting() -> RouteSpec {
    RouteSpec {
        from: RouteSource::System(system()),
        patterns: Patterns {
            split: Some(SplitSpec { items: "/rows".to_owned(), each: program(EACH).unwrap() }),
            ..Patterns::default()
        },
        ..route("splitting", "portal.notify-tax", message("obligation.notice"))
    }
}

const EACH: &str = ". = {\"code\": .item.code, \"amount\": int!(.item.amount), \"channel\": .message.channel}";

fn push(world: &World, id: u32, notice: &Value) -> impl Future<Output = u16> {
    let body = json!({"secret": "s3cret", "id": id, "notices": [notice]});
    let request = InboundRequest {
        method: "POST".to_owned(),
        path: "/notify".to_owned(),
        query: None,
        headers: Vec::new(),
        body: body.to_string().into(),
    };
    let service = world.service.clone();
    async move { service.inbound(&system(), request).await.unwrap().status }
}

fn states(record: &ExchangeRecord) -> Vec<StateName> {
    record.deliveries.iter().map(|delivery| delivery.state.name()).collect()
}

fn all_delivered(records: &[ExchangeRecord]) -> bool {
    records.iter().all(|record| states(record).iter().all(|state| *state == StateName::Delivered))
}

#[tokio::test]
async fn a_push_becomes_a_message_of_ours_and_that_goes_on() {
    let making = RouteSpec {
        from: RouteSource::System(system()),
        ..route("making", "portal.notify-tax", message("obligation.notice"))
    };
    let world = World::with(vec![making, taking()]).await;
    assert_eq!(push(&world, 1, &json!({"code": CODE, "amount": 4})).await, 200);
    let records = world.once(CODE, |records| records.len() == 2 && all_delivered(records)).await;
    assert_eq!(world.portal.sent(), [json!({"code": CODE, "status": 4})]);
    let child = &records[1].meta;
    assert_eq!((&child.source, child.operation.as_str()), (&Source::Gateway, "obligation.notice"));
    let parent = records[0].deliveries[0].id;
    assert_eq!(child.link, Some(Link::Child { parent, index: 0 }));
    let descent = child.descent.as_ref().unwrap();
    assert_eq!((descent.depth, descent.route.as_str(), descent.item), (1, "making", None));
}

#[tokio::test]
async fn a_client_may_submit_a_declared_message() {
    let world = World::with(vec![
        RouteSpec { from: RouteSource::AnyClient, ..taking() },
        RouteSpec { name: "made".parse().unwrap(), ..taking() },
    ])
    .await;
    let notice = super::fixture::submission("obligation.notice", CODE, &json!({"code": CODE, "amount": 4}), "k1");
    let receipt = world.service.submit(&province(), notice).await.unwrap();
    world.until(receipt.id, ExchangeState::Delivered).await;
    let wrong = super::fixture::submission("obligation.notice", OTHER, &json!({"code": CODE, "amount": 4}), "k2");
    super::fixture::refused(world.service.submit(&province(), wrong).await, FaultCode::Invalid);
}

#[tokio::test]
async fn an_answer_becomes_a_message_with_what_was_asked() {
    let noting = RouteSpec {
        from: RouteSource::AnswerOf("portal.sync-dossier".parse().unwrap()),
        when: program("is_boolean(.answer.ok)"),
        ..route("noting", "portal.sync-dossier", RouteTarget::Inbox(province().client))
    };
    let world = World::with(vec![straight("portal.sync-dossier"), noting]).await;
    let receipt = world.service.submit(&province(), dossier(CODE, "k1")).await.unwrap();
    let records = world.once(CODE, |records| records.len() == 2).await;
    assert_eq!(records[0].meta.id, receipt.id);
    assert_eq!(records[1].meta.source, Source::Answer(system()));
    let inbox = world.service.inbox(&province().client, 10).await.unwrap();
    let body: Value = serde_json::from_slice(&inbox[0].body.bytes).unwrap();
    assert_eq!(body, json!({"input": {"code": CODE, "status": 4}, "answer": {"ok": true}}));
    // An answer that no route wants is nobody's message, and no error.
    world.portal.next(Behaviour::Answers(json!({"other": 1})));
    let receipt = world.service.submit(&province(), dossier(CODE, "k2")).await.unwrap();
    world.until(receipt.id, ExchangeState::Delivered).await;
    assert_eq!(world.of_key(CODE).await.len(), 3);
}

#[tokio::test]
async fn a_list_becomes_a_message_each_and_a_bad_row_does_not_stop_the_others() {
    let world = World::with(vec![splitting(), taking()]).await;
    let rows = json!([
        {"code": CODE, "amount": 3}, {"code": OTHER, "amount": "three"}, {"code": "", "amount": 2}, {"code": OTHER, "amount": 5},
    ]);
    assert_eq!(push(&world, 1, &json!({"code": "FILE-1", "channel": "portal", "rows": rows})).await, 200);
    world.once(OTHER, |records| records.len() == 1 && all_delivered(records)).await;
    world.once(CODE, |records| records.len() == 1 && all_delivered(records)).await;
    let sent = world.portal.sent();
    assert!(sent.contains(&json!({"code": CODE, "status": 3})) && sent.contains(&json!({"code": OTHER, "status": 5})));
    let file = world.of_key("FILE-1").await;
    assert_eq!(states(&file[0]), [StateName::Delivered]);
    let bad: Vec<_> = file.iter().filter(|record| states(record) == [StateName::Parked]).collect();
    let told = |record: &ExchangeRecord| {
        let fault = record.deliveries[0].fault.clone().unwrap();
        (record.meta.descent.as_ref().unwrap().item, fault.kind, fault.detail)
    };
    let told: Vec<_> = bad.iter().map(|record| told(record)).collect();
    assert_eq!(
        (told[0].0, told[0].1, told[1].0, told[1].1),
        (Some(1), FaultKind::Mapping, Some(2), FaultKind::Invalid)
    );
    assert!(told[0].2.starts_with("row 1: ") && told[1].2.starts_with("row 2: "), "{told:?}");
    let kept = world.journal.body(bad[0].body).await.unwrap().unwrap();
    assert_eq!(serde_json::from_slice::<Value>(&kept).unwrap(), rows[1]);
}

#[tokio::test]
async fn a_bad_row_goes_again_with_the_route_that_was_repaired() {
    let world = World::with(vec![splitting(), taking()]).await;
    let rows = json!([{"code": CODE, "amount": "7"}]);
    push(&world, 1, &json!({"code": "FILE-1", "channel": "land", "rows": rows})).await;
    world.once("FILE-1", |records| records.len() == 2).await;
    let repaired = EACH.replace("int!(.item.amount)", "to_int!(.item.amount)");
    let mut route = splitting();
    route.patterns.split = Some(SplitSpec { items: "/rows".to_owned(), each: program(&repaired).unwrap() });
    assert_eq!(world.reload("v2", vec![route, taking()]).await, 1);
    let records = world.once(CODE, |records| records.len() == 1 && all_delivered(records)).await;
    assert_eq!(world.portal.sent(), [json!({"code": CODE, "status": 7})]);
    assert_eq!(records[0].meta.descent.as_ref().unwrap().item, Some(0));
    assert!(all_delivered(&world.of_key("FILE-1").await));
}

#[tokio::test]
async fn a_list_that_is_none_parks_the_whole() {
    let world = World::with(vec![splitting(), taking()]).await;
    push(&world, 1, &json!({"code": "FILE-1", "channel": "portal", "rows": "none"})).await;
    let records = world.once("FILE-1", |records| states(&records[0]) == [StateName::Parked]).await;
    assert_eq!(records.len(), 1);
    assert_eq!(records[0].deliveries[0].fault.as_ref().unwrap().problems[0].pointer, "/rows");
}

#[tokio::test]
async fn copies_by_two_channels_become_one_and_other_content_a_new_version() {
    let mut recognising = splitting();
    recognising.patterns.recognise = Some(RecogniseSpec {
        by: program("[.code]").unwrap(),
        content: program(".amount"),
        within: std::time::Duration::from_secs(30 * 86_400),
    });
    let mut versioned = taking();
    versioned.transform =
        program(".status = int!(.amount) * 100 + int!(%exchange.version)\ndel(.amount)\ndel(.channel)");
    let world = World::with(vec![recognising, versioned]).await;
    for (id, channel, amount) in [(1, "portal", 4), (2, "land", 4), (3, "portal", 5), (4, "land", 4)] {
        let rows = json!([{"code": CODE, "amount": amount}]);
        push(&world, id, &json!({"code": format!("FILE-{id}"), "channel": channel, "rows": rows})).await;
        world.once(&format!("FILE-{id}"), all_delivered).await;
    }
    let records = world.once(CODE, |records| records.len() == 2 && all_delivered(records)).await;
    let versions: Vec<_> = records.iter().map(|record| record.meta.descent.as_ref().unwrap().version).collect();
    assert_eq!(versions, [Some(1), Some(2)]);
    assert_eq!(world.portal.sent(), [json!({"code": CODE, "status": 401}), json!({"code": CODE, "status": 502})]);
    let copies = world.journal.recognitions(&CODE.parse().unwrap(), 10).await.unwrap();
    let told: Vec<_> = copies.iter().map(|event| (event.kind, event.exchange)).collect();
    assert_eq!(told, vec![(EventKind::Recognised, Some(records[0].meta.id)); 2]);
    assert!(copies[0].note.as_ref().unwrap().contains("splitting"));
}

#[tokio::test]
async fn a_channel_that_tells_nothing_that_could_differ_brings_a_copy_of_what_is_known() {
    let mut recognising = splitting();
    recognising.patterns.recognise = Some(RecogniseSpec {
        by: program("[.code]").unwrap(),
        content: program(r#"if .channel == "portal" { .amount } else { null }"#),
        within: std::time::Duration::from_secs(30 * 86_400),
    });
    let mut versioned = taking();
    versioned.transform =
        program(".status = int!(.amount) * 100 + int!(%exchange.version)\ndel(.amount)\ndel(.channel)");
    let world = World::with(vec![recognising, versioned]).await;
    for (id, channel, amount) in [(1, "land", 0), (2, "portal", 4), (3, "land", 0), (4, "portal", 5), (5, "land", 0)] {
        let rows = json!([{"code": CODE, "amount": amount}]);
        push(&world, id, &json!({"code": format!("FILE-{id}"), "channel": channel, "rows": rows})).await;
        world.once(&format!("FILE-{id}"), all_delivered).await;
    }
    world.once(CODE, |records| records.len() == 3 && all_delivered(records)).await;
    let sent = world.portal.sent();
    assert_eq!(sent.iter().map(|body| body["status"].clone()).collect::<Vec<_>>(), [1, 402, 503]);
    assert_eq!(world.journal.recognitions(&CODE.parse().unwrap(), 10).await.unwrap().len(), 2);
}

#[tokio::test]
async fn recipients_have_each_their_own_fate() {
    let second = RouteSpec {
        name: "second".parse().unwrap(),
        ..route("second", "portal.sync-dossier", RouteTarget::Inbox(province().client))
    };
    let world = World::with(vec![straight("portal.sync-dossier"), second]).await;
    world.portal.next(Behaviour::Refuses(Fault::of(FaultKind::Rejected, "no")));
    let receipt = world.service.submit(&province(), dossier(CODE, "k1")).await.unwrap();
    world.until(receipt.id, ExchangeState::Attention).await;
    assert_eq!(world.states(receipt.id).await, [StateName::Parked, StateName::Queued]);
    let inbox = world.service.inbox(&province().client, 10).await.unwrap();
    world.service.acknowledge(&province().client, inbox[0].id).await.unwrap();
    assert_eq!(world.states(receipt.id).await, [StateName::Parked, StateName::Delivered]);
    world.service.release(&operator(), inbox_sibling(receipt.id)).await.unwrap();
    world.until(receipt.id, ExchangeState::Delivered).await;
}

fn inbox_sibling(exchange: lienthong_core::ExchangeId) -> lienthong_core::DeliveryId {
    lienthong_core::DeliveryId { exchange, index: 0 }
}

#[tokio::test]
async fn a_tap_takes_a_copy_that_never_concerns_the_original() {
    let tap = RouteSpec {
        transform: program(".status = int!(.note)"),
        patterns: Patterns { tap: true, ..Patterns::default() },
        ..route("tap", "portal.sync-dossier", RouteTarget::Operation("portal.sync-dossier".parse().unwrap()))
    };
    let world = World::with(vec![tap.clone(), straight("portal.sync-dossier")]).await;
    let receipt = world.service.submit(&province(), dossier(CODE, "k1")).await.unwrap();
    let original = world.until(receipt.id, ExchangeState::Delivered).await;
    assert_eq!(original.record.deliveries.len(), 1);
    let records = world.once(CODE, |records| records.len() == 2 && states(&records[1]) == [StateName::Parked]).await;
    assert_eq!(records[1].meta.link, Some(Link::Child { parent: original.record.deliveries[0].id, index: Link::TAPS }));
    assert_ne!(records[1].deliveries[0].lane, original.record.deliveries[0].lane);
    let again = world.service.submit(&province(), dossier(CODE, "k1")).await.unwrap();
    assert!(again.replayed);
    assert_eq!(world.of_key(CODE).await.len(), 2);
    // A tap alone takes no message.
    world.reload("v2", vec![tap]).await;
    super::fixture::refused(world.service.submit(&province(), dossier(OTHER, "k2")).await, FaultCode::NoRoute);
}

#[tokio::test]
async fn a_tap_whose_condition_fails_is_kept_and_the_original_goes() {
    let tap = RouteSpec {
        when: program("int!(.note) > 3"),
        patterns: Patterns { tap: true, ..Patterns::default() },
        ..route("tap", "portal.sync-dossier", RouteTarget::Inbox(province().client))
    };
    let world = World::with(vec![tap, straight("portal.sync-dossier")]).await;
    let receipt = world.service.submit(&province(), dossier(CODE, "k1")).await.unwrap();
    world.until(receipt.id, ExchangeState::Delivered).await;
    let records = world.of_key(CODE).await;
    assert_eq!(states(&records[1]), [StateName::Parked]);
    assert_eq!(records[1].deliveries[0].fault.as_ref().unwrap().kind, FaultKind::Mapping);
}

#[tokio::test]
async fn a_chain_is_bounded_when_it_runs() {
    let world = World::with(vec![straight("portal.sync-dossier"), taking()]).await;
    let receipt = world.service.submit(&province(), dossier(CODE, "k1")).await.unwrap();
    let record = world.until(receipt.id, ExchangeState::Delivered).await.record;
    let (input, config) = (json!({"code": CODE, "status": 4}), world.config.load_full());
    let body = Body::json(input.to_string());
    let drafted = async |depth| {
        let descent = Descent {
            depth,
            route: "noting".parse().unwrap(),
            item: None,
            stage: None,
            recognition: None,
            version: None,
        };
        let mut meta = ExchangeMeta { descent: Some(descent), ..ExchangeMeta::clone(&record.meta) };
        draft::deliveries(&*world.journal, &config, &mut meta, &body, &input)
            .await
            .map(|drafted| drafted.deliveries.len())
    };
    assert_eq!(drafted(limits::CHAIN_DEPTH).await.unwrap(), 1);
    assert_eq!(drafted(limits::CHAIN_DEPTH + 1).await.unwrap_err().kind, FaultKind::Mapping);
}

#[tokio::test]
async fn a_list_of_xml_is_split_after_the_transform_that_reads_it() {
    let mut route = splitting();
    route.transform = program(".rows = xml_to_value!(.file, arrays: [\"ROW\"])\ndel(.file)");
    let each = program(". = {\"code\": .item.CODE, \"amount\": to_int!(.item.AMOUNT)}").unwrap();
    route.patterns.split = Some(SplitSpec { items: "/rows/LIST/ROW".to_owned(), each });
    let world = World::with(vec![route, taking()]).await;
    let file = format!("<LIST><ROW><CODE>{CODE}</CODE><AMOUNT>3</AMOUNT></ROW></LIST>");
    push(&world, 1, &json!({"code": "FILE-1", "file": file})).await;
    world.once(CODE, |records| records.len() == 1 && all_delivered(records)).await;
    assert_eq!(world.portal.sent(), [json!({"code": CODE, "status": 3})]);
}
