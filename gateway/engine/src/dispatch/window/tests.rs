//! The window's laws: bounded, fair, ordered by rank, and never losing sight of what it turned away.

use std::sync::Arc;

use bytes::Bytes;
use lienthong_core::delivery::OnParked;
use lienthong_core::{ContentType, DeliveryState, StateName};
use lienthong_journal::{BodyId, DeliveryRecord};
use proptest::prelude::*;

use super::*;
use crate::dispatch::tests::rig::{Message, acceptance, message};

fn head(n: u64, client: &'static str, class: Class, due: i64) -> Box<Head> {
    let due_at = Some(Timestamp::from_second(due).unwrap());
    let acceptance = acceptance(&Message { client, class, due_at, ..message(n.to_string()) }, Timestamp::UNIX_EPOCH);
    let new = &acceptance.deliveries[0];
    let delivery = DeliveryRecord {
        id: DeliveryId { exchange: acceptance.exchange.id, index: 0 },
        system: new.system.clone(),
        operation: new.operation.clone(),
        route: new.route.clone(),
        client: new.client.clone(),
        class,
        lane: None,
        lane_seq: 0,
        on_parked: OnParked::Hold,
        version: 1,
        state: DeliveryState::Queued,
        attempts: 0,
        spent: 0,
        unsettled: None,
        fault: None,
        fingerprint: None,
        body: None,
        amended: None,
        instead: None,
        updated_at: Timestamp::UNIX_EPOCH,
        is_head: true,
    };
    let exchange = Arc::new(acceptance.exchange);
    Box::new(Head {
        delivery,
        exchange,
        body_id: BodyId(1),
        content_type: ContentType::Json,
        body_bytes: 0,
        body: None,
    })
}

fn window(limit: usize) -> Window {
    let mut window = Window::new();
    window.retune(limit, HashMap::new());
    window
}

fn due(head: &Head) -> i64 {
    head.exchange.due_at.unwrap().as_second()
}

#[test]
fn an_earlier_head_takes_the_place_of_the_last_and_the_client_thirsts_again() {
    let mut window = window(4);
    for n in 0..8 {
        window.insert(head(n, "a", Class::Live, 100 - i64::try_from(n).unwrap()));
    }
    assert_eq!(window.len(Class::Live), 4);
    let mut order = Vec::new();
    while let Some(head) = window.pop(Class::Live) {
        order.push(due(&head));
        window.landed(&head);
    }
    assert_eq!(order, [93, 94, 95, 96]);
    assert_eq!(window.thirsty(Class::Live), Some((ClientId::new("a").unwrap(), 4)));
}

#[test]
fn a_head_on_its_way_is_not_taken_in_twice_and_a_newer_version_is_not_forgotten() {
    let mut window = window(4);
    let first = head(1, "a", Class::Live, 1);
    window.insert(first.clone());
    let moving = window.pop(Class::Live).unwrap();
    window.insert(first.clone());
    assert_eq!((window.len(Class::Live), window.held(Class::Live, None).len()), (0, 1));
    window.landed(&moving);
    assert_eq!(window.thirsty(Class::Live), None);
    window.insert(first.clone());
    let moving = window.pop(Class::Live).unwrap();
    let mut newer = first;
    newer.delivery.version = 7;
    window.insert(newer);
    window.landed(&moving);
    assert!(window.thirsty(Class::Live).is_some());
}

#[test]
fn large_bodies_and_too_many_of_them_are_left_on_disk() {
    let mut window = window(4096);
    let with_body = |n: u64, bytes: usize| {
        let mut head = head(n, "a", Class::Live, 1);
        head.body = Some(Bytes::from(vec![0; bytes]));
        head
    };
    window.insert(with_body(0, INLINE_BYTES + 1));
    assert!(window.pop(Class::Live).unwrap().body.is_none());
    for n in 0..2000 {
        window.insert(with_body(n, INLINE_BYTES));
    }
    assert!(window.bytes <= MOST_BYTES);
    assert_eq!(window.inline(100), 0);
    while window.pop(Class::Live).is_some() {}
    assert_eq!((window.bytes, window.heads, window.inline(100)), (0, 0, INLINE_BYTES));
}

#[test]
fn what_cools_down_comes_back_when_its_time_has_come() {
    let mut window = window(4);
    window.insert(head(1, "a", Class::Bulk, 1));
    let taken = window.pop(Class::Bulk).unwrap();
    window.landed(&taken);
    window.cool(taken, Duration::from_secs(5));
    window.thaw(Duration::from_secs(4));
    assert_eq!((window.len(Class::Bulk), window.next_thaw()), (0, Some(Duration::from_secs(5))));
    window.thaw(Duration::from_secs(5));
    assert_eq!((window.len(Class::Bulk), window.cooling()), (1, 0));
}

#[test]
fn a_total_bound_holds_whatever_the_number_of_clients() {
    let mut window = window(2048);
    for client in 0..40 {
        let name: &'static str = Box::leak(format!("client-{client}").into_boxed_str());
        for n in 0..1000 {
            window.insert(head(n, name, Class::Live, 1));
        }
    }
    assert!(window.heads <= MOST_HEADS + 40 * LEAST_ROOM);
    assert_eq!(window.heads, window.len(Class::Live));
}

#[derive(Debug, Clone)]
enum Act {
    Insert(usize, i64, bool),
    Pop(bool),
    Land,
}

fn any_act() -> impl Strategy<Value = Act> {
    prop_oneof![
        3 => (0_usize..4, 0_i64..50, any::<bool>()).prop_map(|(client, due, bulk)| Act::Insert(client, due, bulk)),
        2 => any::<bool>().prop_map(Act::Pop),
        1 => Just(Act::Land),
    ]
}

proptest! {
    /// Counts agree, each client keeps its bound, one client's heads leave in rank order, and whatever was turned away
    /// leaves its client marked.
    #[test]
    fn no_order_of_events_breaks_it(acts in prop::collection::vec(any_act(), 0..200)) {
        const CLIENTS: [&str; 4] = ["a", "b", "c", "d"];
        let class = |bulk: bool| if bulk { Class::Bulk } else { Class::Live };
        let mut window = window(5);
        let mut moving = Vec::new();
        let mut known = 0_usize;
        let mut out = 0_usize;
        for (n, act) in acts.into_iter().enumerate() {
            match act {
                Act::Insert(client, due, bulk) => {
                    let before = window.heads;
                    let overflows = window.overflows(class(bulk));
                    window.insert(head(u64::try_from(n).unwrap(), CLIENTS[client], class(bulk), due));
                    known += 1;
                    let turned_away = window.heads == before;
                    prop_assert_eq!(turned_away, window.overflows(class(bulk)) > overflows);
                    out += usize::from(turned_away);
                }
                Act::Pop(bulk) => {
                    let peeked = window.peek(class(bulk)).map(|head| head.delivery.id);
                    let popped = window.pop(class(bulk));
                    prop_assert_eq!(peeked, popped.as_ref().map(|head| head.delivery.id));
                    if let Some(head) = popped {
                        prop_assert_eq!(head.delivery.state.name(), StateName::Queued);
                        moving.push(head);
                    }
                }
                Act::Land => if let Some(head) = moving.pop() {
                    window.landed(&head);
                    out += 1;
                }
            }
            prop_assert_eq!(window.heads, window.len(Class::Live) + window.len(Class::Bulk));
            prop_assert_eq!(window.heads + moving.len() + out, known);
            prop_assert!(window.heads <= 2 * 4 * 5);
        }
    }
}
