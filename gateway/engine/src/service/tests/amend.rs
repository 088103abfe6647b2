//! Amendments: other content in the place of what was to be sent, its place in the lane kept, refused where it is unfit, and by two persons where the configuration says so.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::Bytes;
use lienthong_core::delivery::ExchangeState;
use lienthong_core::{DeliveryId, Fault, FaultCode, FaultKind, Lookup, StateName};
use lienthong_journal::sqlite::{Deed, Hooks, Point};
use lienthong_journal::{ActFilter, EventKind, Journal as _};
use serde_json::{Value, json};

use super::fixture::{
    Behaviour, CODE, World, dossier, operator, program, province, refused, routes, straight, submission,
};
use crate::config::{Approval, Configuration};
use crate::routing::RouteSpec;
use crate::service::{Amended, Amendment, Content, Edited, OperatorAct, ProposalView, Shown};

fn rejected() -> Fault {
    Fault::of(FaultKind::Rejected, "sai tên")
}

fn content(value: &Value) -> Amendment {
    Amendment { content: Bytes::from(value.to_string()), seen: None }
}

fn by(operator: &str) -> OperatorAct {
    OperatorAct { operator: operator.to_owned(), reason: Some("the ward confirmed it".to_owned()), confirmed: false }
}

async fn sent(world: &World, id: DeliveryId, value: &Value) {
    match world.service.amend(&operator(), id, content(value)).await.unwrap() {
        Amended::Sent(_) => {}
        Amended::Proposed(view) => panic!("{view:?}"),
    }
}

/// Where amendments of this operation need two persons.
fn by_two(world: &World, operation: &str) {
    let running = world.config.load_full();
    let approval = Approval { amend: HashSet::from([operation.parse().unwrap()]) };
    let Configuration {
        version,
        systems,
        clients,
        adapters,
        inbound,
        pollers,
        catalogue,
        tables,
        routes: _,
        flows: _,
        digests,
        watch,
        reconciliations,
        reports,
        ..
    } = &*running;
    let table = crate::routing::RouteTable::compile(routes(), catalogue).unwrap();
    world.config.store(Arc::new(Configuration {
        version: version.clone(),
        systems: systems.clone(),
        clients: clients.clone(),
        adapters: adapters.clone(),
        inbound: inbound.clone(),
        pollers: pollers.clone(),
        catalogue: catalogue.clone(),
        tables: Arc::clone(tables),
        routes: table,
        flows: crate::flow::Flows::default(),
        paces: Arc::clone(&running.paces),
        digests: digests.clone(),
        watch: watch.clone(),
        reconciliations: reconciliations.clone(),
        reports: reports.clone(),
        approval,
    }));
}

async fn proposed(world: &World, who: &str, id: DeliveryId, value: &Value) -> ProposalView {
    match world.service.amend(&by(who), id, content(value)).await.unwrap() {
        Amended::Proposed(view) => view,
        Amended::Sent(outcome) => panic!("{outcome:?}"),
    }
}

#[tokio::test]
async fn an_amended_message_takes_its_own_place_and_what_was_held_behind_follows() {
    let world = World::new().await;
    let id = world.parked(dossier(CODE, "k1"), rejected()).await;
    let behind = world.service.submit(&province(), dossier(CODE, "k2")).await.unwrap();
    let amended = json!({"code": CODE, "status": 4, "note": "mended"});
    sent(&world, id, &amended).await;
    world.until(behind.id, ExchangeState::Delivered).await;
    let received = world.portal.sent();
    assert_eq!(received[1..], [amended, json!({"code": CODE, "status": 4})], "in its place, before what was behind it");

    let record = world.service.exchange(id.exchange).await.unwrap().record;
    let original = world.journal.body(record.body).await.unwrap().unwrap();
    assert_eq!(serde_json::from_slice::<Value>(&original).unwrap(), json!({"code": CODE, "status": 4}));
    let delivery = &record.deliveries[0];
    assert_eq!((delivery.state.name(), delivery.amended), (StateName::Delivered, Some(1)));
    let kept = world.journal.amendments(id).await.unwrap();
    assert_eq!((kept.len(), kept[0].reason.as_deref()), (1, Some("repaired at the source")));
    let events = world.journal.events(0, 100).await.unwrap();
    assert!(events.iter().any(|event| event.kind == EventKind::Amended && event.delivery == Some(id)));
}

#[tokio::test]
async fn the_record_of_acts_holds_places_and_never_what_stood_there() {
    let world = World::new().await;
    let id = world.parked(dossier(CODE, "k1"), rejected()).await;
    sent(&world, id, &json!({"code": CODE, "status": 4, "note": "NGUYỄN VĂN MẪU"})).await;
    world.until(id.exchange, ExchangeState::Delivered).await;
    by_two(&world, "portal.sync-dossier");
    let id = world.parked(dossier("H56.14-250115-0008", "k2"), rejected()).await;
    let view =
        proposed(&world, "an", id, &json!({"code": "H56.14-250115-0008", "status": 4, "note": "TRẦN MẪU"})).await;
    world.service.approve_amendment(&by("binh"), id, view.number).await.unwrap();
    let acts = world.journal.acts(ActFilter::default(), None, 50).await.unwrap().rows;
    let told = format!("{acts:?}");
    assert!(!told.contains("MẪU"), "{told}");
    let amended: Vec<_> = acts.iter().filter(|act| act.verb == "amended").collect();
    let [second, first] = amended.as_slice() else { panic!("{told}") };
    let after: Value = serde_json::from_str(first.after.as_deref().unwrap()).unwrap();
    assert_eq!(after, json!({"state": "queued", "amendment": 1, "changed": ["/note"]}));
    let after: Value = serde_json::from_str(second.after.as_deref().unwrap()).unwrap();
    assert_eq!(after["proposed_by"], "an");
    let verbs: Vec<_> = acts.iter().filter(|act| act.kind == "amendment").map(|act| act.verb.as_str()).collect();
    assert_eq!(verbs, ["approved", "proposed"]);
}

#[tokio::test]
async fn what_is_unfit_is_refused_with_its_places_and_nothing_moves() {
    let world = World::new().await;
    let id = world.parked(dossier(CODE, "k1"), rejected()).await;
    let amend = async |text: &str| {
        let asked = Amendment { content: Bytes::from(text.to_owned()), seen: None };
        world.service.amend(&operator(), id, asked).await.map(|_| ())
    };
    let fault = refused(amend(&json!({"code": CODE, "note": 7}).to_string()).await, FaultCode::Invalid);
    let mut pointers: Vec<_> = fault.problems.iter().map(|problem| problem.pointer.as_str()).collect();
    pointers.sort_unstable();
    assert_eq!(pointers, ["/body/note", "/body/status"]);
    refused(amend("{\"code\": ").await, FaultCode::BadJson);
    let twice = format!("{{\"code\": \"{CODE}\", \"status\": 4, \"status\": 5}}");
    assert_eq!(refused(amend(&twice).await, FaultCode::Invalid).problems[0].pointer, "/body/status");
    let large = json!({"code": CODE, "status": 4, "note": "a".repeat(5000)}).to_string();
    refused(amend(&large).await, FaultCode::BodyTooLarge);
    let other = json!({"code": "H56.14-250115-9999", "status": 4}).to_string();
    assert_eq!(refused(amend(&other).await, FaultCode::Invalid).problems[0].pointer, "/body/code");
    let same = json!({"status": 4, "code": CODE}).to_string();
    refused(amend(&same).await, FaultCode::BadParameter);
    let silent = OperatorAct { reason: None, ..operator() };
    let good = content(&json!({"code": CODE, "status": 5}));
    refused(world.service.amend(&silent, id, good.clone()).await.map(|_| ()), FaultCode::ReasonMissing);
    assert_eq!(world.states(id.exchange).await, [StateName::Parked]);
    assert_eq!(world.journal.amendments(id).await.unwrap(), []);
    assert_eq!(world.portal.sent().len(), 1);

    let late = Amendment { seen: Some(1), ..good.clone() };
    refused(world.service.amend(&operator(), id, late).await.map(|_| ()), FaultCode::WrongState);
    world.service.release(&operator(), id).await.unwrap();
    world.until(id.exchange, ExchangeState::Delivered).await;
    refused(world.service.amend(&operator(), id, good).await.map(|_| ()), FaultCode::WrongState);
}

#[tokio::test]
async fn the_route_goes_to_work_on_what_was_amended_and_a_content_it_cannot_map_is_refused() {
    let mapped =
        RouteSpec { transform: program(".status = to_int!(.note)\ndel(.note)"), ..straight("portal.sync-dossier") };
    let world = World::with(vec![mapped]).await;
    let body = json!({"code": CODE, "status": 1, "note": "four"});
    let receipt =
        world.service.submit(&province(), submission("portal.sync-dossier", CODE, &body, "k1")).await.unwrap();
    let detail = world.until(receipt.id, ExchangeState::Attention).await;
    let id = detail.record.deliveries[0].id;
    let wrong = content(&json!({"code": CODE, "status": 1, "note": "five"}));
    let fault = refused(world.service.amend(&operator(), id, wrong).await.map(|_| ()), FaultCode::Mapping);
    assert!(fault.public.en.contains("parked again"), "{}", fault.public.en);
    sent(&world, id, &json!({"code": CODE, "status": 1, "note": "4"})).await;
    world.until(receipt.id, ExchangeState::Delivered).await;
    assert_eq!(world.portal.sent(), [json!({"code": CODE, "status": 4})]);
}

#[tokio::test]
async fn a_part_of_a_split_is_amended_by_itself_and_what_needs_more_requests_is_refused() {
    let world = World::new().await;
    world.portal.next(Behaviour::Refuses(rejected()));
    let body = json!({"steps": ["one", "two", "three"]});
    let receipt = world.service.submit(&province(), submission("portal.sync-steps", CODE, &body, "k1")).await.unwrap();
    let detail = world.until(receipt.id, ExchangeState::Attention).await;
    let id = detail.record.deliveries[0].id;
    let editable = world.service.editable(id).await.unwrap();
    assert_eq!((editable.edited, editable.others.len()), (Edited::Own, 1));
    let content_now: Value = serde_json::from_slice(&editable.content.bytes).unwrap();
    assert_eq!(content_now, json!({"steps": ["one", "two"]}), "its own part");
    let more = content(&json!({"steps": ["one", "two", "again"]}));
    let fault = refused(world.service.amend(&operator(), id, more).await.map(|_| ()), FaultCode::Invalid);
    assert_eq!(fault.problems[0].pointer, "/body");
    sent(&world, id, &json!({"steps": ["uno", "two"]})).await;
    world.until(receipt.id, ExchangeState::Delivered).await;
    assert_eq!(world.portal.sent()[1..], [json!({"steps": ["uno", "two"]}), json!({"steps": ["three"]})]);
    let kept = world.journal.amendments(id).await.unwrap();
    assert_eq!(kept.iter().map(|record| record.number).collect::<Vec<_>>(), [0, 1], "as it was born, too");
}

#[tokio::test]
async fn what_may_have_happened_is_not_amended_before_its_target_was_asked() {
    let world = World::with(vec![straight("portal.pay-fee")]).await;
    world.portal.next(Behaviour::Loses);
    world.portal.finds.lock().extend([Lookup::Unknown, Lookup::Unknown, Lookup::Unknown]);
    let ask = |key| submission("portal.pay-fee", CODE, &json!({"code": CODE}), key);
    let receipt = world.service.submit(&province(), ask("k1")).await.unwrap();
    let detail = world.until(receipt.id, ExchangeState::Attention).await;
    let id = detail.record.deliveries[0].id;
    let other = content(&json!({"code": "H56.14-250115-0009"}));
    let fault =
        refused(world.service.amend(&operator(), id, other.clone()).await.map(|_| ()), FaultCode::ConfirmationNeeded);
    assert!(fault.public.en.contains("asked first"), "{}", fault.public.en);
    assert!(world.service.editable(id).await.unwrap().confirmation.is_some(), "said before anything is typed");
    assert_eq!(world.portal.sent().len(), 1);
    let confirmed = OperatorAct { confirmed: true, ..operator() };
    world.service.amend(&confirmed, id, other).await.unwrap();
    world.until(receipt.id, ExchangeState::Delivered).await;
    assert_eq!(world.portal.sent().len(), 2);
}

#[tokio::test]
async fn an_amendment_is_tried_before_it_is_made_and_people_stay_hidden() {
    let world = World::new().await;
    let id = world.parked(dossier(CODE, "k1"), rejected()).await;
    let before = world.journal.last_event().await.unwrap();
    let other = Bytes::from(json!({"code": CODE, "status": 5, "note": "MẪU"}).to_string());
    let trial = world.service.try_amendment(&operator(), id, Content::New(other.clone()), false).await.unwrap();
    let mut fields: Vec<_> =
        trial.difference.fields.iter().map(|field| (field.pointer.as_str(), &field.after)).collect();
    fields.sort_by_key(|(pointer, _)| *pointer);
    assert_eq!(fields, [("/note", &Some(Shown::Hidden)), ("/status", &Some(Shown::Value(json!(5))))]);
    let silent = OperatorAct { reason: None, ..operator() };
    refused(
        world.service.try_amendment(&silent, id, Content::New(other.clone()), true).await,
        FaultCode::ReasonMissing,
    );
    let shown = world.service.try_amendment(&operator(), id, Content::New(other), true).await.unwrap();
    assert!(shown.difference.fields.iter().any(|field| field.after == Some(Shown::Value(json!("MẪU")))));
    let since = world.journal.events(before, 10).await.unwrap();
    let told: Vec<_> = since.into_iter().map(|event| event.note.unwrap_or_default()).collect();
    assert_eq!(told, [format!("exchange/{}: revealed", id.exchange)], "nothing is kept but who was shown it");
}

#[tokio::test]
async fn an_amendment_by_two_is_what_the_second_person_saw_and_never_by_its_author() {
    let world = World::new().await;
    by_two(&world, "portal.sync-dossier");
    let id = world.parked(dossier(CODE, "k1"), rejected()).await;
    let mended = json!({"code": CODE, "status": 6});
    let first = proposed(&world, "an", id, &mended).await;
    assert_eq!((first.number, first.changed.as_slice(), first.stale), (1, ["/status".to_owned()].as_slice(), false));
    assert_eq!(world.states(id.exchange).await, [StateName::Parked], "nothing goes before it is approved");
    assert_eq!(proposed(&world, "an", id, &mended).await.number, 1, "posted twice it is one");
    let fault = world.service.amend(&by("cuc"), id, content(&json!({"code": CODE, "status": 7}))).await.map(|_| ());
    assert!(refused(fault, FaultCode::WrongState).public.en.contains("an has proposed"), "two at once");

    refused(world.service.approve_amendment(&by("an"), id, 1).await, FaultCode::NotPermitted);
    refused(world.service.refuse_amendment(&by("cuc"), id, 1, false).await, FaultCode::NotPermitted);
    let silent = OperatorAct { reason: None, ..by("binh") };
    refused(world.service.refuse_amendment(&silent, id, 1, true).await, FaultCode::ReasonMissing);
    world.service.refuse_amendment(&by("binh"), id, 1, true).await.unwrap();
    refused(world.service.approve_amendment(&by("binh"), id, 1).await, FaultCode::NoSuchRecord);

    let second = proposed(&world, "an", id, &json!({"code": CODE, "status": 8})).await;
    assert_eq!(second.number, 2, "a number is never given twice");
    world.service.approve_amendment(&by("binh"), id, 2).await.unwrap();
    world.until(id.exchange, ExchangeState::Delivered).await;
    assert_eq!(world.portal.sent()[1], json!({"code": CODE, "status": 8}));
    assert_eq!(world.service.proposals().await.unwrap(), []);
}

#[tokio::test]
async fn a_proposal_whose_delivery_moved_is_told_as_stale_and_never_sent() {
    let world = World::new().await;
    by_two(&world, "portal.sync-dossier");
    let id = world.parked(dossier(CODE, "k1"), rejected()).await;
    proposed(&world, "an", id, &json!({"code": CODE, "status": 6})).await;
    world.portal.next(Behaviour::Refuses(rejected()));
    world.service.release(&operator(), id).await.unwrap();
    world.until(id.exchange, ExchangeState::Attention).await;
    let listed = world.service.proposals().await.unwrap();
    assert!(listed[0].stale, "{listed:?}");
    let fault = refused(world.service.approve_amendment(&by("binh"), id, 1).await, FaultCode::WrongState);
    assert!(fault.public.en.contains("moved after amendment 1"), "{}", fault.public.en);
    let anew = proposed(&world, "cuc", id, &json!({"code": CODE, "status": 7})).await;
    assert_eq!(anew.number, 2);
    world.service.refuse_amendment(&by("an"), id, 1, false).await.unwrap();
    world.service.approve_amendment(&by("binh"), id, 2).await.unwrap();
    world.until(id.exchange, ExchangeState::Delivered).await;
    assert_eq!(world.portal.sent().last().unwrap(), &json!({"code": CODE, "status": 7}));
}

#[tokio::test]
async fn a_message_no_route_took_is_amended_into_one_that_a_route_takes() {
    let wanted = RouteSpec { when: program(".note == \"wanted\""), ..straight("portal.sync-dossier") };
    let world = World::new().await;
    let id = world.parked(dossier(CODE, "k1"), rejected()).await;
    world.reload("v2", vec![wanted]).await;
    let unwanted = content(&json!({"code": CODE, "status": 4, "note": "other"}));
    refused(world.service.amend(&operator(), id, unwanted).await.map(|_| ()), FaultCode::NoRoute);
    sent(&world, id, &json!({"code": CODE, "status": 4, "note": "wanted"})).await;
    world.until(id.exchange, ExchangeState::Delivered).await;
    let again = world.service.resend(&province(), id.exchange, "lost there", Some("r1".to_owned())).await.unwrap();
    world.until(again.id, ExchangeState::Delivered).await;
    assert_eq!(world.portal.sent()[2]["note"], "wanted", "what is sent again is what went out");
}

/// A process that dies at the commit of the amendment: it is whole or it is not there.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_death_while_an_amendment_is_written_leaves_it_whole_or_not_there() {
    for point in [Point::BeforeCommit, Point::AfterCommit] {
        let armed = Arc::new(AtomicBool::new(false));
        let trap = Arc::clone(&armed);
        let dead = Arc::new(AtomicBool::new(false));
        let dying = Arc::clone(&dead);
        let hooks = Hooks::new(move |at| {
            if (at == point && trap.swap(false, Ordering::SeqCst)) || dying.load(Ordering::SeqCst) {
                dying.store(true, Ordering::SeqCst);
                return Deed::Die;
            }
            Deed::Go
        });
        let world = World::made(routes(), hooks, |_| {}).await;
        let id = world.parked(dossier(CODE, "k1"), rejected()).await;
        armed.store(true, Ordering::SeqCst);
        let mended = json!({"code": CODE, "status": 6});
        assert!(world.service.amend(&operator(), id, content(&mended)).await.is_err());
        let world = world.restarted(routes()).await;
        let whole = point == Point::AfterCommit;
        let delivery = world.journal.delivery(id).await.unwrap().unwrap().delivery;
        assert_eq!(delivery.amended, whole.then_some(1));
        assert_eq!(world.journal.amendments(id).await.unwrap().len(), usize::from(whole));
        assert_eq!(delivery.state.name() == StateName::Parked, !whole);
        if !whole {
            sent(&world, id, &mended).await;
        }
        world.until(id.exchange, ExchangeState::Delivered).await;
        assert_eq!(world.portal.sent()[1..], [mended], "once, and with the other content");
    }
}
