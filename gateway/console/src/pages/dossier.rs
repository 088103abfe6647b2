//! Everything known of one dossier across all systems: a picture of its journey, flows, what happened. It shows no content.

use axum::Router;
use axum::extract::State;
use axum::routing::get;
use lienthong_core::BusinessKey;
use lienthong_engine::flow::StepState;
use lienthong_engine::service::{FlowView, KeyTimeline, TIMELINE_EXCHANGES};
use maud::{Markup, html};

use super::journey::journey;
use super::parts::{exchange_link, fault, standing};
use crate::export::Export;
use crate::form::{Fields, Query};
use crate::guard::Visit;
use crate::refused::Answer;
use crate::shown::{cell, shown};
use crate::text::{Words, fill};
use crate::{Console, layout, time};

const PATH: &str = "/console/dossier";

pub(super) fn routes() -> Router<Console> {
    Router::new().route(PATH, get(show)).route("/console/dossier.csv", get(export))
}

async fn show(State(console): State<Console>, visit: Visit, Query(asked): Query) -> Answer {
    let words = visit.words();
    let key: Option<BusinessKey> = asked.parsed("key")?;
    let timeline = match &key {
        Some(key) => Some(console.service().timeline(key).await?),
        None => None,
    };
    let content = html! {
        form.filters method="get" action=(PATH) role="search" {
            label { (words.common.key) input type="search" name="key" value=(asked.get("key")) maxlength="128" required; }
            button type="submit" { (words.dossier.show) }
        }
        @if let Some(timeline) = &timeline { div #dossier data-live { (known(&visit, &asked, timeline)) } }
    };
    let title = if timeline.is_some() { words.dossier.title } else { words.dossier.find };
    Ok(layout::page(&visit, title, &content))
}

fn known(visit: &Visit, asked: &Fields, timeline: &KeyTimeline) -> Markup {
    let words = visit.words();
    if timeline.exchanges.is_empty() {
        return html! { p { (words.dossier.unknown) } };
    }
    html! {
        h2 { (shown(timeline.key.as_str())) }
        @if timeline.truncated { p.notice { (fill(words.dossier.truncated, &[("count", &TIMELINE_EXCHANGES)])) } }
        (journey(words, timeline))
        @if !timeline.stood_still.is_empty() { (stood_still(words, timeline)) }
        @for flow in &timeline.flows { (flow_table(words, flow)) }
        h2 { (words.dossier.events) }
        (events(visit, timeline))
        @if !timeline.copies.is_empty() {
            h2 { (words.dossier.copies) }
            ul { @for copy in &timeline.copies { li { (time::moment(copy.at)) " " @if let Some(id) = copy.exchange { (exchange_link(id)) } " " (cell(copy.note.as_deref().unwrap_or_default())) } } }
        }
        p.below { a href=(asked.link("/console/dossier.csv", "cursor", "")) { (words.common.csv) } }
    }
}

fn stood_still(words: &Words, timeline: &KeyTimeline) -> Markup {
    html! {
        p { (words.dossier.stood_still) }
        ul { @for stood in &timeline.stood_still { li { (time::moment(stood.since)) " – " (time::maybe(stood.until, words.dossier.until_now)) } } }
    }
}

fn flow_table(words: &Words, FlowView { name, summary, standing }: &FlowView) -> Markup {
    html! {
        h2 { (words.dossier.flows) ": " (cell(if summary.is_empty() { name } else { summary })) }
        p.quiet {
            (words.dossier.began) " " (time::moment(standing.began_at))
            @if let Some(ended) = &standing.ended { " · " (words.dossier.over) " " (time::moment(ended.at)) @if let Some(by) = &ended.by { " (" (cell(by)) ")" } }
        }
        table {
            thead { tr {
                @for head in [words.dossier.step, words.common.state, words.message.due, words.common.who_acts] { th scope="col" { (head) } }
                th.number scope="col" { (words.dossier.times) }
            } }
            tbody { @for step in &standing.steps { tr {
                th scope="row" { (cell(&step.name)) }
                td { (words.step(step.state)) }
                td { (time::maybe(due(step.state), "")) }
                td { (cell(&step.who_acts)) }
                td.number { (step.times) }
            } } }
        }
    }
}

fn due(state: StepState) -> Option<lienthong_core::Timestamp> {
    match state {
        StepState::Waiting { due, .. } => due,
        StepState::Late { due, .. } => Some(due),
        StepState::Ahead | StepState::Paused { .. } | StepState::Done { .. } | StepState::Skipped => None,
    }
}

fn events(visit: &Visit, timeline: &KeyTimeline) -> Markup {
    let words = visit.words();
    let heads = [
        words.common.received,
        words.common.operation,
        words.common.system,
        words.common.state,
        words.errors.last_seen,
        words.errors.cause,
        words.common.exchange,
    ];
    html! {
        div.wide tabindex="0" role="region" aria-label=(words.dossier.events) { table {
            thead { tr { @for head in heads { th scope="col" { (head) } } } }
            tbody { @for detail in &timeline.exchanges { @for delivery in &detail.record.deliveries { tr {
                td { (time::moment(detail.record.meta.received_at)) }
                td { (delivery.operation) }
                td { (delivery.system) }
                td { (standing(words, delivery)) }
                td { (time::moment(delivery.updated_at)) }
                td { @if let Some(why) = &delivery.fault { (fault(visit, why)) } }
                td { (exchange_link(detail.record.meta.id)) }
            } } } }
        } }
    }
}

async fn export(State(console): State<Console>, visit: Visit, Query(asked): Query) -> Answer {
    let words = visit.words();
    let key: BusinessKey = asked.parsed("key")?.ok_or_else(|| crate::form::bad("key"))?;
    let timeline = console.service().timeline(&key).await?;
    let mut export = Export::new(&[
        words.common.received,
        words.common.operation,
        words.common.system,
        words.common.state,
        words.errors.last_seen,
        words.errors.cause,
        words.common.exchange,
    ])?;
    for detail in &timeline.exchanges {
        for delivery in &detail.record.deliveries {
            let (at, changed) = (time::text(detail.record.meta.received_at), time::text(delivery.updated_at));
            let cause = delivery.fault.as_ref().map_or("", |fault| visit.language.public(fault));
            let (state, id) = (words.state(delivery.state.name()), detail.record.meta.id.to_string());
            export.row(&[&at, delivery.operation.as_str(), delivery.system.as_str(), state, &changed, cause, &id])?;
        }
    }
    export.finish("dossier", timeline.truncated.then_some(words.common.csv_more))
}
