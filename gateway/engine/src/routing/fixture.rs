//! What the tests of routing share: a catalogue, messages, routes and any JSON. It is no part of the program.

use std::time::Duration;

use lienthong_core::delivery::OnParked;
use lienthong_core::exchange::{AuthenticatedBy, Source};
use lienthong_core::inbound::InboundOperation;
use lienthong_core::operation::LookupSpec;
use lienthong_core::{Class, ConfigVersion, Effect, ExchangeId, ExchangeMeta, OnBehalfOf, OperationSpec, Timestamp};
use proptest::prelude::*;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Catalogue, OrderKeySpec, Patterns, ProgramSource, RouteSource, RouteSpec, RouteTable, RouteTarget};

pub(super) const NOW: &str = "2025-01-15T01:02:03.5Z";

pub(super) fn outbound(name: &str, effect: Effect, input: Value, example: Value) -> OperationSpec {
    OperationSpec {
        name: name.parse().unwrap(),
        summary: "An operation of the tests.".into(),
        effect,
        snapshot: effect == Effect::Upsert,
        lookup: (effect == Effect::Once).then_some(LookupSpec { settle: Duration::from_secs(30) }),
        input,
        output: json!({"type": "object"}),
        example,
        key_field: None,
        personal: Vec::new(),
        body_limit: 1024 * 1024,
        splits: false,
    }
}

pub(super) fn dossier_schema() -> Value {
    json!({
        "type": "object",
        "additionalProperties": false,
        "required": ["code", "status"],
        "properties": {
            "code": {"type": "string", "maxLength": 30, "pattern": "^[A-Z0-9.]+-[0-9]{6}-[0-9]+$"},
            "status": {"type": "integer", "minimum": 1, "maximum": 10},
            "due": {"anyOf": [{"type": "string", "format": "date"}, {"type": "null"}]},
            "fees": {"type": "array", "maxItems": 3, "items": {
                "type": "object", "required": ["amount"], "additionalProperties": false,
                "properties": {"amount": {"type": "number"}, "name": {"enum": ["fee", "charge"]}}
            }},
            "owner": {"anyOf": [
                {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}, "additionalProperties": false},
                {"type": "null"}
            ]}
        }
    })
}

pub(super) fn dossier() -> Value {
    json!({"code": "H56.14-250115-0007", "status": 4, "owner": {"name": "Nguyễn Văn Mẫu"}, "fees": [{"amount": 150000}]})
}

/// `portal`: sync-dossier (upsert, snapshot), add-step (once), find-dossier (read); `tax` pushes tax.notify.
pub(super) fn catalogue() -> Catalogue {
    let any = || json!({"type": "object"});
    let push = InboundOperation {
        name: "tax.notify".parse().unwrap(),
        summary: "A tax notice.".into(),
        body: any(),
        example: json!({"notice": "TB-1"}),
        personal: Vec::new(),
    };
    let operations = [
        outbound("portal.sync-dossier", Effect::Upsert, dossier_schema(), dossier()),
        outbound("portal.add-step", Effect::Once, any(), json!({})),
        outbound("portal.find-dossier", Effect::Read, any(), json!({})),
        outbound("registry.find-dossier", Effect::Read, any(), json!({})),
    ];
    Catalogue::build(&operations, &[push]).unwrap()
}

pub(super) fn meta(client: &str, operation: &str) -> ExchangeMeta {
    ExchangeMeta {
        id: ExchangeId(Uuid::from_u128(7)),
        client: client.parse().unwrap(),
        authenticated_by: AuthenticatedBy::ApiKey,
        source: Source::Client(client.parse().unwrap()),
        operation: operation.parse().unwrap(),
        key: "H56.14-250115-0007".parse().unwrap(),
        aliases: Vec::new(),
        purpose: Some("settle".to_owned()),
        on_behalf_of: Some(OnBehalfOf { unit: Some("H56.14".to_owned()), officer: None }),
        due_at: Some(NOW.parse().unwrap()),
        expires_at: None,
        not_before: None,
        class: Class::Live,
        trace: None,
        callback: None,
        link: None,
        descent: None,
        call: false,
        config: ConfigVersion::new("test").unwrap(),
        received_at: NOW.parse::<Timestamp>().unwrap(),
    }
}

pub(super) fn route(name: &str, operation: &str, to: &str) -> RouteSpec {
    RouteSpec {
        name: name.parse().unwrap(),
        file: "routes.yaml".to_owned(),
        line: 10,
        enabled: true,
        from: RouteSource::AnyClient,
        operations: vec![operation.parse().unwrap()],
        when: None,
        transform: None,
        to: RouteTarget::Operation(to.parse().unwrap()),
        order_key: OrderKeySpec::BusinessKey,
        class: None,
        retry: None,
        on_parked: OnParked::Hold,
        supersede: false,
        stop: false,
        patterns: Patterns::default(),
    }
}

/// A route of dossiers to the portal.
pub(super) fn dossiers(name: &str) -> RouteSpec {
    route(name, "portal.sync-dossier", "portal.sync-dossier")
}

pub(super) fn program(text: &str) -> Option<ProgramSource> {
    Some(ProgramSource { file: "routes.yaml".to_owned(), line: 20, text: text.to_owned() })
}

pub(super) fn table(specs: Vec<RouteSpec>) -> RouteTable {
    RouteTable::compile(specs, &catalogue()).unwrap_or_else(|problems| panic!("{problems:#?}"))
}

/// Any JSON a body can be, with the numbers that are hard to keep.
pub(super) fn any_json() -> impl Strategy<Value = Value> {
    let number = prop_oneof![
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_filter("finite", |float| float.is_finite()).prop_map(Value::from),
    ];
    let text = prop_oneof![".*", "[0-9]{1,20}", Just("H56.14-250115-0007".to_owned())];
    let leaf = prop_oneof![Just(Value::Null), any::<bool>().prop_map(Value::from), number, text.prop_map(Value::from)];
    leaf.prop_recursive(4, 32, 6, |inner| {
        let name = prop_oneof!["[a-d]", ".{0,3}", Just("status".to_owned()), Just("fees".to_owned())];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map(name, inner, 0..6).prop_map(|fields| fields.into_iter().collect()),
        ]
    })
}
