//! One exchange: what was asked, its deliveries, every attempt, its content masked. It reveals nothing.

use axum::Router;
use axum::extract::{Path, State};
use axum::routing::get;
use lienthong_core::{ExchangeId, Role, StateName};
use lienthong_engine::service::ExchangeDetail;
use lienthong_journal::{AttemptOutcome, AttemptRecord, DeliveryRecord};
use maud::{Markup, html};

use super::delivery::path;
use super::masked::masked;
use super::parts::{dossier_link, exchange_path, fault, number, standing, whole};
use crate::form::bad;
use crate::guard::Visit;
use crate::refused::{Answer, Refused, unreadable};
use crate::shown::{block, cell};
use crate::text::{Words, fill};
use crate::{Console, layout, time};

/// Larger contents are not shown masked: they are revealed in pieces.
const MASKED_BYTES: u64 = 256 * 1024;

pub(super) fn routes() -> Router<Console> {
    Router::new().route("/console/exchanges/{id}", get(show))
}

/// The exchange a path names.
pub(super) fn named(text: &str) -> Result<ExchangeId, Refused> {
    text.parse().map_err(|_| bad("exchange"))
}

async fn show(State(console): State<Console>, visit: Visit, Path(id): Path<String>) -> Answer {
    let detail = console.service().exchange(named(&id)?).await?;
    let (words, id) = (visit.words(), detail.record.meta.id);
    let body = content(&console, &visit, &detail).await?;
    let page = html! {
        div #exchange data-live {
            (facts(&visit, &detail))
            h2 { (words.message.deliveries) }
            (deliveries(&visit, &detail.record.deliveries))
            h2 { (words.message.attempts) }
            (attempts(&visit, &detail))
        }
        h2 { (words.message.body) }
        p.quiet { (fill(words.message.bytes, &[("bytes", &number(detail.record.body_bytes))])) }
        (body)
        @if visit.has(Role::Operator) { p.buttons { a.button href={ (exchange_path(id)) "/reveal" } { (words.message.reveal) } a.button href={ (exchange_path(id)) "/differences" } { (words.difference.title) } a href=(super::acts::path_of(id)) { (words.acts.of_it) } } }
    };
    Ok(layout::page(&visit, &fill(words.message.title, &[("id", &id)]), &page))
}

fn facts(visit: &Visit, detail: &ExchangeDetail) -> Markup {
    let (words, meta) = (visit.words(), &detail.record.meta);
    let behalf = meta.on_behalf_of.as_ref();
    let texts = [
        (words.message.purpose, meta.purpose.as_deref()),
        (words.message.unit, behalf.and_then(|behalf| behalf.unit.as_deref())),
        (words.message.officer, behalf.and_then(|behalf| behalf.officer.as_deref())),
    ];
    let times = [(words.message.due, meta.due_at), (words.message.expires, meta.expires_at)];
    html! {
        table.facts { tbody {
            tr { th scope="row" { (words.common.state) } td { (whole(words, detail.state)) } }
            tr { th scope="row" { (words.common.key) } td { (dossier_link(&meta.key)) } }
            @if !meta.aliases.is_empty() { tr { th scope="row" { (words.message.aliases) } td { @for alias in &meta.aliases { (cell(alias.as_str())) " " } } } }
            tr { th scope="row" { (words.common.operation) } td { (meta.operation) } }
            tr { th scope="row" { (words.common.client) } td { (meta.client) } }
            tr { th scope="row" { (words.common.received) } td { (time::moment(meta.received_at)) } }
            @for (label, at) in times { @if let Some(at) = at { tr { th scope="row" { (label) } td { (time::moment(at)) } } } }
            @for (label, text) in texts { @if let Some(text) = text { tr { th scope="row" { (label) } td { (cell(text)) } } } }
            tr { th scope="row" { (words.message.version) } td.code { (meta.config) } }
        } }
    }
}

fn deliveries(visit: &Visit, deliveries: &[DeliveryRecord]) -> Markup {
    let words = visit.words();
    let acts = visit.has(Role::Operator) && deliveries.iter().any(is_parked);
    html! {
        div.wide tabindex="0" role="region" aria-label=(words.message.deliveries) { table {
            thead { tr {
                @for head in [words.common.system, words.common.operation, words.common.state] { th scope="col" { (head) } }
                th.number scope="col" { (words.message.attempts) }
                th scope="col" { (words.message.route) }
                th scope="col" { (words.errors.cause) }
                @if acts { th scope="col" { (words.systems.acts) } }
            } }
            tbody { @for delivery in deliveries { tr {
                th scope="row" { (delivery.system) }
                td { (delivery.operation) }
                td { (standing(words, delivery)) }
                td.number { (delivery.attempts) }
                td { (delivery.route) }
                td {
                    @if let Some(why) = &delivery.fault { (fault(visit, why)) }
                    @if let Some(group) = &delivery.fingerprint { " " a href={ "/console/errors/" (group) } { (words.errors.group) } }
                }
                @if acts { td.acts { @if is_parked(delivery) { (ways(words, delivery)) } } }
            } } }
        } }
    }
}

fn is_parked(delivery: &DeliveryRecord) -> bool {
    delivery.state.name() == StateName::Parked
}

/// What can be done with a parked delivery.
fn ways(words: &Words, delivery: &DeliveryRecord) -> Markup {
    html! {
        a.button href=(path(delivery.id, "preview")) { (words.preview.open) }
        " " a.button href=(path(delivery.id, "release")) { (words.errors.release) }
        " " a.button href=(path(delivery.id, "amend")) { (words.amend.open) }
        " " a.button href=(path(delivery.id, "discard")) { (words.errors.discard) }
    }
}

fn attempts(visit: &Visit, detail: &ExchangeDetail) -> Markup {
    let words = visit.words();
    let tried: Vec<(&DeliveryRecord, &AttemptRecord)> = detail
        .record
        .deliveries
        .iter()
        .flat_map(|delivery| {
            let of = detail.attempts.iter().filter(|(id, _)| *id == delivery.id);
            of.flat_map(move |(_, attempts)| attempts.iter().map(move |attempt| (delivery, attempt)))
        })
        .collect();
    if tried.is_empty() {
        return html! { p { (words.common.nothing) } };
    }
    html! {
        div.wide tabindex="0" role="region" aria-label=(words.message.attempts) { table {
            thead { tr {
                th scope="col" { (words.common.system) }
                th.number scope="col" { (words.message.attempt) }
                @for head in [words.message.started, words.message.ended, words.message.outcome, words.message.reference] { th scope="col" { (head) } }
            } }
            tbody { @for (delivery, attempt) in tried { tr {
                th scope="row" { (delivery.system) }
                td.number { (attempt.attempt) }
                td { (time::moment(attempt.started_at)) }
                td { (time::maybe(attempt.ended_at, "")) }
                td { (outcome(visit, attempt.outcome.as_ref())) }
                td.code { (cell(&attempt.reference)) }
            } } }
        } }
    }
}

/// How an attempt ended.
fn outcome(visit: &Visit, outcome: Option<&AttemptOutcome>) -> Markup {
    let message = &visit.words().message;
    match outcome {
        None => html! { (message.outcome_flying) },
        Some(AttemptOutcome::Delivered) => html! { (message.outcome_delivered) },
        Some(AttemptOutcome::Failed(why)) => fault(visit, why),
        Some(AttemptOutcome::Lost) => html! { (message.outcome_lost) },
        Some(AttemptOutcome::FoundDone) => html! { (message.outcome_found) },
        Some(AttemptOutcome::FoundNotDone) => html! { (message.outcome_not_found) },
    }
}

async fn content(console: &Console, visit: &Visit, detail: &ExchangeDetail) -> Result<Markup, Refused> {
    let message = &visit.words().message;
    if detail.record.body_bytes > MASKED_BYTES {
        return Ok(html! { p { (message.unmaskable) } });
    }
    let body = console.journal().body(detail.record.body).await.map_err(|cause| unreadable(&cause))?;
    Ok(match body.as_deref().map(masked) {
        None => html! { p { (message.gone) } },
        Some(None) => html! { p { (message.unmaskable) } },
        Some(Some(text)) => html! { p.quiet { (message.masked) } (block(&text)) },
    })
}
