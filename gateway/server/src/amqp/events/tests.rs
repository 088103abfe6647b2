//! Tests of how events are named on their way out.

use lienthong_core::Timestamp;
use lienthong_journal::Actor;

use super::*;

fn event(kind: EventKind, operation: Option<&str>, system: Option<&str>) -> EventRecord {
    EventRecord {
        seq: 7,
        at: Timestamp::UNIX_EPOCH,
        kind,
        exchange: None,
        delivery: None,
        system: system.map(|name| name.parse().unwrap()),
        client: None,
        operation: operation.map(|name| name.parse().unwrap()),
        key: None,
        state: None,
        attempt: None,
        fault: None,
        fingerprint: None,
        actor: Actor::Gateway,
        note: None,
    }
}

#[test]
fn routing_keys_begin_with_what_it_is_about_and_end_with_what_happened() {
    let delivered = event(EventKind::Delivered, Some("portal.sync-dossier"), Some("portal"));
    assert_eq!(routing_key(&delivered), "portal.sync-dossier.delivered");
    assert_eq!(routing_key(&event(EventKind::GateChanged, None, Some("portal"))), "portal.gate_changed");
    assert_eq!(routing_key(&event(EventKind::ConfigurationLoaded, None, None)), "gateway.configuration_loaded");
}

#[test]
fn an_events_last_word_is_its_kind_as_the_public_json_names_it() {
    for kind in [EventKind::Accepted, EventKind::InboxLeased, EventKind::Recognised, EventKind::SystemSet] {
        let shown = serde_json::to_value(Event::from(&event(kind, None, None))).unwrap();
        assert_eq!(shown["kind"], word(kind));
    }
}
