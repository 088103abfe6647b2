//! Pushes: stored whole, recognised, kept when unreadable or unrouted, never lost.

use lienthong_core::delivery::ExchangeState;
use lienthong_core::exchange::Link;
use lienthong_core::inbound::{InboundReply, InboundRequest};
use lienthong_core::{FaultCode, FaultKind, StateName};
use lienthong_journal::{ExchangeFilter, ExchangeRecord, Journal as _};
use serde_json::{Value, json};

use super::fixture::{CODE, World, dossier, operator, province, refused, routes, straight, system};

fn push(body: impl ToString) -> InboundRequest {
    let parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".to_owned();
    InboundRequest {
        method: "POST".to_owned(),
        path: "/notify".to_owned(),
        query: None,
        headers: vec![("traceparent".to_owned(), parent)],
        body: body.to_string().into(),
    }
}

fn notices(id: u32, notices: &Value) -> InboundRequest {
    push(json!({"secret": "s3cret", "id": id, "notices": notices}))
}

async fn pushed(world: &World, request: InboundRequest) -> String {
    let InboundReply { status, content_type: _, body } = world.service.inbound(&system(), request).await.unwrap();
    format!("{status} {}", String::from_utf8(body.to_vec()).unwrap())
}

async fn records(world: &World) -> Vec<ExchangeRecord> {
    let filter = ExchangeFilter { oldest_first: true, ..ExchangeFilter::default() };
    world.journal.exchanges(filter, None, 100).await.unwrap().rows
}

#[tokio::test]
async fn a_push_commits_whole_and_reaches_the_inbox() {
    let world = World::new().await;
    let both = json!([{"code": CODE, "amount": 1}, {"code": "H56.14-250115-0008", "amount": 2}]);
    assert_eq!(pushed(&world, notices(1, &both)).await, "200 accepted");
    let kept = records(&world).await;
    assert_eq!(kept.len(), 2);
    assert_eq!(kept[0].meta.client.as_str(), "system-portal");
    assert!(kept[0].meta.trace.is_some());
    let inbox = world.service.inbox(&province().client, 10).await.unwrap();
    assert_eq!(inbox.len(), 2);
    assert_eq!(&inbox[0].body.bytes[..], both[0].to_string().as_bytes());
}

#[tokio::test]
async fn a_repeated_push_gets_the_first_answer_again_within_its_window() {
    let world = World::new().await;
    let one = json!([{"code": CODE, "amount": 4}]);
    assert_eq!(pushed(&world, notices(1, &one)).await, "200 accepted");
    assert_eq!(pushed(&world, notices(1, &one)).await, "200 repeated");
    assert_eq!(world.kept().await, 1);
    world.clock.advance(std::time::Duration::from_secs(3601));
    assert_eq!(pushed(&world, notices(1, &one)).await, "200 accepted");
    assert_eq!(world.kept().await, 2);
}

#[tokio::test]
async fn other_content_under_the_same_identity_is_never_taken_for_a_repeat() {
    let world = World::new().await;
    for amount in [4, 5] {
        assert_eq!(pushed(&world, notices(1, &json!([{"code": CODE, "amount": amount}]))).await, "200 accepted");
    }
    assert_eq!(pushed(&world, notices(1, &json!([{"code": CODE, "amount": 4}]))).await, "200 repeated");
    assert_eq!(world.kept().await, 2);
}

#[tokio::test]
async fn an_unreadable_push_is_kept_raw_and_parked_for_a_person() {
    let world = World::new().await;
    for _twice in 0..2 {
        assert_eq!(pushed(&world, push("{\"secret\": \"s3cret\"}")).await, "200 kept");
    }
    let kept = records(&world).await;
    assert_eq!(kept.len(), 1);
    assert_eq!(&world.journal.body(kept[0].body).await.unwrap().unwrap()[..], b"{\"secret\": \"\"}");
    let delivery = &kept[0].deliveries[0];
    assert_eq!((delivery.state.name(), delivery.route.as_str()), (StateName::Parked, "gateway.unreadable"));
    refused(world.service.release(&operator(), delivery.id).await, FaultCode::WrongState);
    world.service.discard(&operator(), delivery.id).await.unwrap();
    world.until(kept[0].meta.id, ExchangeState::Closed).await;
    // Nor is it ever routed by the back door.
    refused(world.service.resend(&province(), kept[0].meta.id, "again", None).await, FaultCode::WrongState);
}

#[tokio::test]
async fn what_is_not_authenticated_leaves_nothing() {
    let world = World::new().await;
    let fault = world.service.inbound(&system(), push("hello")).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::Unauthenticated);
    let nowhere = world.service.inbound(&"tax".parse().unwrap(), push("s3cret")).await;
    assert_eq!(nowhere.unwrap_err().code, FaultCode::NoSuchPath);
    assert_eq!(world.kept().await, 0);
}

#[tokio::test]
async fn a_push_no_route_takes_is_parked_and_routed_when_a_route_comes() {
    let world = World::with(vec![straight("portal.sync-dossier")]).await;
    assert_eq!(pushed(&world, notices(1, &json!([{"code": CODE}]))).await, "200 accepted");
    let kept = records(&world).await;
    let delivery = &kept[0].deliveries[0];
    let fault = delivery.fault.as_ref().unwrap();
    assert_eq!(
        (delivery.state.name(), fault.kind, fault.code),
        (StateName::Parked, FaultKind::Mapping, FaultCode::NoRoute)
    );
    refused(world.service.release(&operator(), delivery.id).await, FaultCode::NoRoute);
    assert_eq!(world.reload("v2", vec![straight("portal.sync-dossier")]).await, 0);
    assert_eq!(world.reload("v3", routes()).await, 1);
    assert_eq!(world.states(kept[0].meta.id).await, [StateName::Delivered]);
    let inbox = world.service.inbox(&province().client, 10).await.unwrap();
    assert_eq!(inbox[0].exchange.link, Some(Link::Child { parent: delivery.id, index: 0 }));
    assert_eq!(&inbox[0].body.bytes[..], json!({"code": CODE}).to_string().as_bytes());
    assert_eq!(world.reload("v4", routes()).await, 0);
}

#[tokio::test]
async fn a_push_whose_alias_leads_elsewhere_is_kept_for_a_person() {
    let world = World::new().await;
    world.hold().await;
    let mut first = dossier("H56.14-250115-0008", "k1");
    first.aliases = vec!["G22.99-250115-000001".parse().unwrap()];
    world.service.submit(&province(), first).await.unwrap();
    let clash = json!([{"code": CODE, "alias": "G22.99-250115-000001"}, {"code": CODE}]);
    assert_eq!(pushed(&world, notices(1, &clash)).await, "200 accepted");
    assert_eq!(pushed(&world, notices(1, &clash)).await, "200 repeated");
    let kept = records(&world).await;
    assert_eq!(kept.len(), 3);
    let parked: Vec<_> = kept.iter().flat_map(|r| &r.deliveries).filter(|d| d.fault.is_some()).collect();
    assert_eq!(parked.len(), 1);
    assert_eq!(parked[0].fault.as_ref().unwrap().code, FaultCode::AliasTaken);
}

#[tokio::test]
async fn a_full_disk_is_told_in_their_dialect() {
    let world = World::new().await;
    world.disk.set(900 * 1024 * 1024);
    world.clock.advance(std::time::Duration::from_secs(2));
    super::fixture::until(async || {
        let said = pushed(&world, notices(7, &json!([]))).await;
        (said == "503 LT-DISK-FULL").then_some(())
    })
    .await;
    assert_eq!(pushed(&world, notices(1, &json!([{"code": CODE}]))).await, "503 LT-DISK-FULL");
    assert_eq!(world.kept().await, 0);
}
