//! What subjects share on the way into the contract: exchanges, faults, differences; every field named so that a new one breaks the
//! conversion. What operators see is made of the public JSON's types, so that both say the same.

use bytes::Bytes;
use jiff::civil::Date;
use lienthong_core::delivery::ExchangeState;
use lienthong_core::exchange::Link;
use lienthong_core::{Class, DeliveryId, ExchangeMeta, Timestamp, fault};
use lienthong_engine::routing::Entry;
use lienthong_engine::service::{ExchangeDetail, InboxMessage, KeyTimeline, Receipt};
use lienthong_journal::{Actor, AttemptRecord, DeliveryRecord, EventRecord, ExchangeRecord};
use lienthong_proto::v1;
use serde::Serialize;
use serde_json::Value;

use crate::http::model::{Attempt, ChangedField, Delivery, Difference, FieldProblem, Insight, ShownFault};

pub(crate) fn instant(at: Timestamp) -> prost_types::Timestamp {
    prost_types::Timestamp { seconds: at.as_second(), nanos: at.subsec_nanosecond() }
}

/// A day as yyyy-MM-dd.
pub(crate) fn day(day: Option<Date>) -> String {
    day.map(|day| day.to_string()).unwrap_or_default()
}

/// A name of a closed list, as the JSON writes it.
pub(crate) fn name(listed: impl Serialize) -> String {
    let written = serde_json::to_value(listed).ok();
    written.and_then(|name| name.as_str().map(str::to_owned)).unwrap_or_default()
}

/// A message, or a piece of one.
pub(crate) fn json(value: &Value) -> Bytes {
    Bytes::from(value.to_string())
}

/// Each of a list.
pub(crate) fn all<T, U: From<T>>(rows: Vec<T>) -> Vec<U> {
    rows.into_iter().map(U::from).collect()
}

pub(crate) fn receipt(receipt: Receipt) -> v1::SubmitResponse {
    let Receipt { id, state, key, replayed } = receipt;
    v1::SubmitResponse {
        id: id.to_string(),
        state: state.as_str().to_owned(),
        key: key.to_string(),
        replayed,
        exchange: None,
    }
}

/// An exchange as a list shows it: deliveries without their attempts.
pub(crate) fn record(record: &ExchangeRecord, insight: Insight) -> v1::Exchange {
    let state = ExchangeState::of(record.deliveries.iter().map(|delivery| delivery.state.name()));
    let deliveries = record.deliveries.iter().map(|delivery| self::delivery(delivery, &[], insight)).collect();
    exchange(&record.meta, state, deliveries)
}

pub(crate) fn detail(detail: &ExchangeDetail, insight: Insight) -> v1::Exchange {
    let attempts_of = |id: DeliveryId| {
        detail.attempts.iter().find(|(of, _)| *of == id).map_or(&[][..], |(_, attempts)| attempts.as_slice())
    };
    let delivery = |delivery: &DeliveryRecord| self::delivery(delivery, attempts_of(delivery.id), insight);
    let deliveries = detail.record.deliveries.iter().map(delivery).collect();
    exchange(&detail.record.meta, detail.state, deliveries)
}

fn exchange(meta: &ExchangeMeta, state: ExchangeState, deliveries: Vec<v1::Delivery>) -> v1::Exchange {
    let (linked_to, link) = match &meta.link {
        None => (String::new(), String::new()),
        Some(Link::Resend { of, reason: _ }) => (of.to_string(), "resend".to_owned()),
        Some(Link::Child { parent, index: _ }) => (parent.exchange.to_string(), "child".to_owned()),
    };
    v1::Exchange {
        id: meta.id.to_string(),
        client: meta.client.to_string(),
        operation: meta.operation.to_string(),
        key: meta.key.to_string(),
        aliases: meta.aliases.iter().map(ToString::to_string).collect(),
        state: state.as_str().to_owned(),
        received_at: Some(instant(meta.received_at)),
        due_at: meta.due_at.map(instant),
        expires_at: meta.expires_at.map(instant),
        class: class(meta.class).to_owned(),
        purpose: meta.purpose.clone().unwrap_or_default(),
        on_behalf_of: meta.on_behalf_of.clone().map(|behalf| v1::OnBehalfOf {
            unit: behalf.unit.unwrap_or_default(),
            officer: behalf.officer.unwrap_or_default(),
        }),
        configuration: meta.config.to_string(),
        trace_id: meta.trace.as_ref().and_then(|trace| trace.trace_id()).unwrap_or_default().to_owned(),
        deliveries,
        linked_to,
        link,
    }
}

fn class(class: Class) -> &'static str {
    match class {
        Class::Live => "live",
        Class::Bulk => "bulk",
    }
}

pub(crate) fn delivery(record: &DeliveryRecord, attempts: &[AttemptRecord], insight: Insight) -> v1::Delivery {
    Delivery::of(record, attempts, insight).into()
}

pub(crate) fn field_problem(problem: &fault::FieldProblem) -> v1::FieldProblem {
    FieldProblem::from(problem).into()
}

pub(crate) fn timeline(timeline: &KeyTimeline, insight: Insight) -> v1::TimelineResponse {
    v1::TimelineResponse {
        key: timeline.key.to_string(),
        exchanges: timeline.exchanges.iter().map(|exchange| detail(exchange, insight)).collect(),
        truncated: timeline.truncated,
        flows: timeline.flows.iter().map(super::flow::flow).collect(),
        copies: timeline.copies.iter().map(super::flow::copy).collect(),
        stood_still: timeline.stood_still.iter().map(super::flow::stood_still).collect(),
    }
}

pub(crate) fn operation(entry: &Entry) -> v1::Operation {
    let spec = &entry.spec;
    v1::Operation {
        name: spec.name.to_string(),
        summary: spec.summary.to_string(),
        effect: format!("{:?}", spec.effect).to_lowercase(),
        snapshot: spec.snapshot,
        callable: spec.is_callable() && !entry.inbound,
        inbound: entry.inbound,
        input_schema: json(&spec.input),
        output_schema: json(&spec.output),
        example: json(&spec.example),
        body_limit: spec.body_limit as u64,
    }
}

pub(crate) fn inbox_message(message: InboxMessage) -> v1::InboxMessage {
    let InboxMessage { id, exchange, body, handed_out, visible_again_at } = message;
    v1::InboxMessage {
        id: id.to_string(),
        exchange: exchange.id.to_string(),
        operation: exchange.operation.to_string(),
        key: exchange.key.to_string(),
        content_type: body.content_type.media_type().to_owned(),
        body: body.bytes,
        handed_out,
        visible_again_at: Some(instant(visible_again_at)),
        received_at: Some(instant(exchange.received_at)),
    }
}

pub(crate) fn event(event: &EventRecord) -> v1::Event {
    let actor = match &event.actor {
        Actor::Gateway => "gateway".to_owned(),
        Actor::Client(client) => format!("client:{client}"),
        Actor::Operator(name) => format!("operator:{name}"),
    };
    v1::Event {
        seq: event.seq,
        at: Some(instant(event.at)),
        kind: name(event.kind),
        exchange: event.exchange.map(|id| id.to_string()).unwrap_or_default(),
        delivery: event.delivery.map(|id| id.to_string()).unwrap_or_default(),
        system: event.system.as_ref().map(ToString::to_string).unwrap_or_default(),
        client: event.client.as_ref().map(ToString::to_string).unwrap_or_default(),
        operation: event.operation.as_ref().map(ToString::to_string).unwrap_or_default(),
        key: event.key.as_ref().map(ToString::to_string).unwrap_or_default(),
        state: event.state.map(|state| state.as_str()).unwrap_or_default().to_owned(),
        attempt: event.attempt.unwrap_or_default(),
        code: event.fault.map(|code| code.as_str()).unwrap_or_default().to_owned(),
        error_group: event.fingerprint.as_ref().map(ToString::to_string).unwrap_or_default(),
        actor,
        note: event.note.clone().unwrap_or_default(),
    }
}

/// Retention has removed these events before they were read.
pub(crate) fn gap(from: u64, to: u64) -> v1::Event {
    v1::Event {
        seq: to,
        kind: "gap".to_owned(),
        note: format!("events {from} to {to} are no longer kept"),
        ..v1::Event::default()
    }
}

impl From<Delivery> for v1::Delivery {
    fn from(delivery: Delivery) -> Self {
        let Delivery {
            id,
            system,
            operation,
            route,
            state,
            order_key,
            is_head,
            version,
            amended,
            attempts,
            next_at,
            updated_at,
            fault,
            error_group,
            attempt_records,
        } = delivery;
        Self {
            id,
            system,
            operation,
            route,
            state: name(state),
            attempts,
            next_at: next_at.map(instant),
            updated_at: Some(instant(updated_at)),
            fault: fault.map(Into::into),
            error_group: error_group.unwrap_or_default(),
            attempt_records: all(attempt_records),
            is_head,
            order_key: order_key.unwrap_or_default(),
            version,
            amended,
        }
    }
}

impl From<Attempt> for v1::Attempt {
    fn from(attempt: Attempt) -> Self {
        let Attempt { number, reference, started_at, ended_at, configuration, outcome, fault } = attempt;
        Self {
            number,
            reference,
            started_at: Some(instant(started_at)),
            ended_at: ended_at.map(instant),
            outcome: name(outcome),
            fault: fault.map(Into::into),
            configuration,
        }
    }
}

impl From<ShownFault> for v1::Fault {
    fn from(fault: ShownFault) -> Self {
        let ShownFault { kind, code, origin, text_vi, text_en, system_code, field_problems, system_text, internal } =
            fault;
        Self {
            kind: name(kind),
            code: code.to_owned(),
            origin: name(origin),
            text_vi,
            text_en,
            system_code: system_code.unwrap_or_default(),
            field_problems: all(field_problems),
            system_text: system_text.unwrap_or_default(),
            internal: internal.unwrap_or_default(),
        }
    }
}

impl From<FieldProblem> for v1::FieldProblem {
    fn from(problem: FieldProblem) -> Self {
        let FieldProblem { pointer, problem, value_class, table } = problem;
        Self { pointer, problem, value_class: value_class.unwrap_or_default(), table: table.unwrap_or_default() }
    }
}

impl From<Difference> for v1::Difference {
    fn from(difference: Difference) -> Self {
        let Difference { against, attempt, identical, fields, more } = difference;
        Self { against: name(against), attempt, identical, fields: all(fields), more }
    }
}

impl From<ChangedField> for v1::ChangedField {
    fn from(field: ChangedField) -> Self {
        let ChangedField { pointer, before, after, hidden, cut } = field;
        let shown = |value: Option<Value>| value.as_ref().map(json).unwrap_or_default();
        Self { pointer, before: shown(before), after: shown(after), hidden, cut }
    }
}
