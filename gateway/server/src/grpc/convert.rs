//! The service's own types as messages of the contract, every field named so that a new one breaks the conversion.

use lienthong_core::delivery::ExchangeState;
use lienthong_core::exchange::Link;
use lienthong_core::{Class, DeliveryId, ExchangeMeta, Fault, FieldProblem, Timestamp};
use lienthong_engine::dispatch::GateState;
use lienthong_engine::poll::PollView;
use lienthong_engine::routing::Entry;
use lienthong_engine::service::{ExchangeDetail, InboxMessage, KeyTimeline, Receipt, SystemView};
use lienthong_journal::{
    Actor, AttemptOutcome, AttemptRecord, DeliveryRecord, EventRecord, ExchangeRecord, GroupRecord,
};
use lienthong_proto::v1;

pub(crate) fn instant(at: Timestamp) -> prost_types::Timestamp {
    prost_types::Timestamp { seconds: at.as_second(), nanos: at.subsec_nanosecond() }
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
pub(crate) fn record(record: &ExchangeRecord) -> v1::Exchange {
    let state = ExchangeState::of(record.deliveries.iter().map(|delivery| delivery.state.name()));
    let deliveries = record.deliveries.iter().map(|delivery| self::delivery(delivery, &[])).collect();
    exchange(&record.meta, state, deliveries)
}

pub(crate) fn detail(detail: &ExchangeDetail) -> v1::Exchange {
    let attempts_of = |id: DeliveryId| {
        detail.attempts.iter().find(|(of, _)| *of == id).map_or(&[][..], |(_, attempts)| attempts.as_slice())
    };
    let deliveries =
        detail.record.deliveries.iter().map(|delivery| self::delivery(delivery, attempts_of(delivery.id))).collect();
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

pub(crate) fn delivery(record: &DeliveryRecord, attempts: &[AttemptRecord]) -> v1::Delivery {
    v1::Delivery {
        id: record.id.to_string(),
        system: record.system.to_string(),
        operation: record.operation.to_string(),
        route: record.route.to_string(),
        state: record.state.name().as_str().to_owned(),
        attempts: record.attempts,
        next_at: record.state.wake_at().map(instant),
        updated_at: Some(instant(record.updated_at)),
        fault: record.fault.as_ref().map(fault),
        error_group: record.fingerprint.as_ref().map(ToString::to_string).unwrap_or_default(),
        attempt_records: attempts.iter().map(attempt).collect(),
        is_head: record.is_head,
    }
}

fn attempt(record: &AttemptRecord) -> v1::Attempt {
    let (outcome, failed) = match &record.outcome {
        None => ("in_flight", None),
        Some(AttemptOutcome::Delivered) => ("delivered", None),
        Some(AttemptOutcome::Failed(cause)) => ("failed", Some(fault(cause))),
        Some(AttemptOutcome::Lost) => ("lost", None),
        Some(AttemptOutcome::FoundDone) => ("found_done", None),
        Some(AttemptOutcome::FoundNotDone) => ("found_not_done", None),
    };
    v1::Attempt {
        number: record.attempt,
        reference: record.reference.clone(),
        started_at: Some(instant(record.started_at)),
        ended_at: record.ended_at.map(instant),
        outcome: outcome.to_owned(),
        fault: failed,
    }
}

/// What may be shown of a fault: the system's own words may hold personal data and stay inside.
pub(crate) fn fault(fault: &Fault) -> v1::Fault {
    v1::Fault {
        kind: fault.kind.as_str().to_owned(),
        code: fault.code.as_str().to_owned(),
        origin: format!("{:?}", fault.kind.origin()).to_lowercase(),
        text_vi: fault.public.vi.clone(),
        text_en: fault.public.en.clone(),
        system_code: fault.system_code.clone().unwrap_or_default(),
        field_problems: fault.problems.iter().map(field_problem).collect(),
    }
}

pub(crate) fn field_problem(problem: &FieldProblem) -> v1::FieldProblem {
    let FieldProblem { pointer, problem, value_class, table } = problem.clone();
    v1::FieldProblem {
        pointer,
        problem,
        value_class: value_class.unwrap_or_default(),
        table: table.unwrap_or_default(),
    }
}

pub(crate) fn timeline(timeline: &KeyTimeline) -> v1::TimelineResponse {
    v1::TimelineResponse {
        key: timeline.key.to_string(),
        exchanges: timeline.exchanges.iter().map(detail).collect(),
        truncated: timeline.truncated,
        flows: timeline.flows.iter().map(super::flow::flow).collect(),
        copies: timeline.copies.iter().map(super::flow::copy).collect(),
        stood_still: timeline.stood_still.iter().map(super::flow::stood_still).collect(),
    }
}

pub(crate) fn operation(entry: &Entry) -> v1::Operation {
    let spec = &entry.spec;
    let json = |value: &serde_json::Value| bytes::Bytes::from(value.to_string());
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

pub(crate) fn group(group: &GroupRecord) -> v1::ErrorGroup {
    v1::ErrorGroup {
        id: group.fingerprint.to_string(),
        system: group.system.to_string(),
        operation: group.operation.to_string(),
        fault: Some(fault(&group.sample)),
        first_seen: Some(instant(group.first_seen)),
        last_seen: Some(instant(group.last_seen)),
        seen: group.seen,
        parked: group.parked,
        waiting: group.waiting,
        held_behind: group.held_behind,
        sample_delivery: group.sample_delivery.to_string(),
    }
}

pub(crate) fn system(view: &SystemView) -> v1::System {
    let gate = match view.gate.state {
        GateState::Open => "open",
        GateState::Probing => "probing",
        GateState::Closed => "closed",
        GateState::Paused => "paused",
        GateState::Maintenance => "maintenance",
    };
    v1::System {
        name: view.system.to_string(),
        gate: gate.to_owned(),
        since: Some(instant(view.gate.since)),
        reason: view.gate.reason.clone().unwrap_or_default(),
        next_probe: view.gate.next_probe.map(instant),
        last_success: view.gate.last_success.map(instant),
        in_flight: view.gate.in_flight,
        concurrency: view.gate.concurrency,
        queued: view.queued,
        waiting: view.waiting,
        verifying: view.verifying,
        parked: view.parked,
        pollers: view.pollers.iter().map(poller).collect(),
    }
}

fn poller(view: &PollView) -> v1::Poller {
    v1::Poller {
        name: view.name.clone(),
        running: view.running,
        last_success: view.last_success.map(instant),
        fault: view.fault.as_ref().map(|fault| fault.code.as_str().to_owned()).unwrap_or_default(),
        next_at: view.next_at.map(instant),
        messages: view.messages,
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
    let kind = serde_json::to_value(event.kind).ok().and_then(|kind| kind.as_str().map(str::to_owned));
    let actor = match &event.actor {
        Actor::Gateway => "gateway".to_owned(),
        Actor::Client(client) => format!("client:{client}"),
        Actor::Operator(name) => format!("operator:{name}"),
    };
    v1::Event {
        seq: event.seq,
        at: Some(instant(event.at)),
        kind: kind.unwrap_or_default(),
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
