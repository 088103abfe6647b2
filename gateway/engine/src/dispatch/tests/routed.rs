//! Deliveries through real routes: transformed when they are sent, pinned while their outcome is unknown.

use std::sync::Arc;

use lienthong_core::delivery::OnParked;
use lienthong_core::{DeliveryId, FaultKind, OperationName, RouteName, StateName};
use lienthong_journal::{Command, Journal};

use super::portal::{Does, PortalAdapter};
use super::rig::{Message, Rig, configuration, fails, message, portal_id};
use crate::config::{Configuration, SystemPolicy};
use crate::routing::{Catalogue, OrderKeySpec, ProgramSource, RouteSource, RouteSpec, RouteTable, RouteTarget};

fn routed(rig: &Rig, transform: Option<&str>) -> Configuration {
    let adapter = Arc::new(PortalAdapter(Arc::clone(&rig.portal)));
    let operations = lienthong_core::Adapter::operations(&*adapter).to_vec();
    let operation = OperationName::new("portal.sync-dossier").unwrap();
    let spec = RouteSpec {
        name: RouteName::new("to-portal").unwrap(),
        file: "routes.yaml".into(),
        line: 1,
        enabled: true,
        from: RouteSource::AnyClient,
        operations: vec![operation.clone()],
        when: None,
        transform: transform.map(|text| ProgramSource { file: "to-portal.vrl".into(), line: 1, text: text.into() }),
        to: RouteTarget::Operation(operation),
        order_key: OrderKeySpec::BusinessKey,
        class: None,
        retry: None,
        on_parked: OnParked::Hold,
        supersede: false,
        stop: false,
        patterns: crate::routing::Patterns::default(),
    };
    let catalogue = Catalogue::build(&operations, &[]).unwrap();
    let routes = RouteTable::compile(vec![spec], &catalogue).unwrap();
    Configuration { catalogue, routes, ..configuration(SystemPolicy::default(), adapter) }
}

fn reload(rig: &Rig, transform: Option<&str>) {
    rig.config.store(Arc::new(routed(rig, transform)));
    rig.dispatcher.reloaded();
}

/// Without content of its own: what is sent is made by the route.
async fn submit(rig: &Rig, message: Message) -> DeliveryId {
    let mut acceptance = rig.acceptance(&message);
    acceptance.deliveries[0].body = None;
    let id = DeliveryId { exchange: acceptance.id(), index: 0 };
    rig.journal.commit(vec![Command::Accept(Box::new(acceptance))]).await.unwrap();
    rig.dispatcher.nudge(&portal_id());
    id
}

fn dossier() -> Message {
    Message { body: "{\"owner\":\"Mau\"}".into(), ..message("a") }
}

#[tokio::test(start_paused = true)]
async fn without_a_transform_the_received_body_is_sent_and_not_stored_again() {
    let rig = Rig::start(SystemPolicy::default()).await;
    reload(&rig, None);
    let id = submit(&rig, dossier()).await;
    rig.until_state(id, StateName::Delivered).await;
    assert_eq!(rig.seen()[0].body, "{\"owner\":\"Mau\"}");
    let store = rig.journal.store.lock();
    assert_eq!(store.attempts[&id][0].sent, store.deliveries[&id].body_id);
}

#[tokio::test(start_paused = true)]
async fn an_unknown_outcome_repeats_the_sent_bytes_whatever_the_configuration_says_now() {
    let rig = Rig::start(SystemPolicy::default()).await;
    reload(&rig, Some(".by = \"first\""));
    let mut first = true;
    rig.portal.does(move |_| match std::mem::take(&mut first) {
        true => fails(FaultKind::Interrupted, true),
        false => Does::Answers,
    });
    let id = submit(&rig, dossier()).await;
    rig.until_state(id, StateName::Verifying).await;
    reload(&rig, Some(".by = \"second\""));
    rig.until_state(id, StateName::Delivered).await;
    let bodies: Vec<_> = rig.seen().into_iter().map(|seen| seen.body).collect();
    assert_eq!(bodies[0], bodies[1]);
    assert!(std::str::from_utf8(&bodies[0]).unwrap().contains("first"));
}

#[tokio::test(start_paused = true)]
async fn after_an_explicit_refusal_it_is_transformed_again() {
    let rig = Rig::start(SystemPolicy::default()).await;
    reload(&rig, Some(".by = \"first\""));
    let mut first = true;
    rig.portal.does(move |_| match std::mem::take(&mut first) {
        true => fails(FaultKind::Unavailable, true),
        false => Does::Answers,
    });
    let id = submit(&rig, dossier()).await;
    rig.until("refused", |rig| rig.portal.count() == 1).await;
    reload(&rig, Some(".by = \"second\""));
    rig.until_state(id, StateName::Delivered).await;
    assert!(std::str::from_utf8(&rig.seen()[1].body).unwrap().contains("second"));
}

#[tokio::test(start_paused = true)]
async fn a_transform_that_fails_parks_with_its_place_and_no_attempt() {
    let rig = Rig::start(SystemPolicy::default()).await;
    reload(&rig, Some(".age = to_int!(.owner)"));
    let id = submit(&rig, dossier()).await;
    rig.until_state(id, StateName::Parked).await;
    let fault = rig.record(id).fault.unwrap();
    assert_eq!((fault.kind, rig.record(id).attempts, rig.portal.count()), (FaultKind::Mapping, 0, 0));
    assert!(fault.detail.contains("to-portal.vrl"), "{}", fault.detail);
}
