//! Flows over all dossiers: at which step how many stand, which are late, and who must act. It names dossiers by their codes only.

use axum::Router;
use axum::extract::State;
use axum::routing::get;
use lienthong_engine::service::{FlowStalls, STALLS_MOST, StepStalls};
use maud::{Markup, html};

use super::parts::{dossier_link, number};
use crate::export::Export;
use crate::guard::Visit;
use crate::refused::Answer;
use crate::shown::cell;
use crate::text::{Words, fill};
use crate::{Console, layout, time};

pub(super) fn routes() -> Router<Console> {
    Router::new().route("/console/flows", get(show)).route("/console/flows.csv", get(export))
}

async fn show(State(console): State<Console>, visit: Visit) -> Answer {
    let stalls = console.service().stalls().await?;
    let words = visit.words();
    let content = html! {
        div #flows data-live {
            @if stalls.flows.is_empty() { p { (words.flows.none) } }
            @if stalls.truncated { p.notice { (fill(words.flows.truncated, &[("count", &number(STALLS_MOST as u64))])) } }
            @for flow in &stalls.flows { (section(words, flow)) }
        }
        p.below { a href="/console/flows.csv" { (words.common.csv) } }
    };
    Ok(layout::page(&visit, words.flows.title, &content))
}

fn section(words: &Words, flow: &FlowStalls) -> Markup {
    let most = flow.steps.iter().map(|step| step.waiting.saturating_add(step.late)).max().unwrap_or_default();
    html! {
        section {
            h2 { (cell(if flow.summary.is_empty() { &flow.name } else { &flow.summary })) }
            div.wide tabindex="0" role="region" aria-label=(flow.name) { table {
                thead { tr {
                    th scope="col" { (words.dossier.step) }
                    th scope="col" { (words.common.who_acts) }
                    th.number scope="col" { (words.flows.waiting) }
                    th.number scope="col" { (words.flows.late) }
                    th scope="col" { (words.flows.share) }
                } }
                tbody { @for step in &flow.steps { (row(words, step, most)) } }
            } }
            @for step in flow.steps.iter().filter(|step| !step.longest.is_empty()) { (longest(words, step)) }
        }
    }
}

fn row(words: &Words, step: &StepStalls, most: u64) -> Markup {
    html! {
        tr {
            th scope="row" { (cell(&step.name)) }
            td { (cell(&step.who_acts)) }
            @if step.limited {
                td.number { (number(step.waiting)) }
                td.number { @match &step.group {
                    Some(group) => a href={ "/console/errors/" (group) } { (number(step.late)) },
                    None => (number(step.late)),
                } }
                td { (bar(words, step, most)) }
            } @else { td.quiet colspan="3" { (words.flows.unlimited) } }
        }
    }
}

/// Width of the longest bar.
const BAR: u64 = 240;

/// How many stand here beside the other steps: late ones first, in a shape of their own.
fn bar(words: &Words, step: &StepStalls, most: u64) -> Markup {
    let width = |count: u64| count.saturating_mul(BAR).checked_div(most).unwrap_or_default();
    let (late, waiting) = (width(step.late), width(step.waiting));
    let says = format!(
        "{}: {} {}, {} {}",
        step.name,
        words.flows.late,
        number(step.late),
        words.flows.waiting,
        number(step.waiting)
    );
    html! {
        svg.bar viewBox={ "0 0 " (BAR) " 14" } width=(BAR) height="14" role="img" aria-label=(says) {
            title { (says) }
            rect.late x="0" y="1" width=(late) height="12" {}
            rect.open x=(late) y="1" width=(waiting) height="12" {}
        }
    }
}

fn longest(words: &Words, step: &StepStalls) -> Markup {
    html! {
        h3 { (words.flows.longest) ": " (cell(&step.name)) }
        table {
            thead { tr { @for head in [words.common.key, words.flows.since, words.flows.late_since] { th scope="col" { (head) } } } }
            tbody { @for late in &step.longest { tr {
                th scope="row" { (dossier_link(&late.key)) }
                td { (time::moment(late.since)) }
                td { (time::moment(late.late_since)) }
            } } }
        }
    }
}

async fn export(State(console): State<Console>, visit: Visit) -> Answer {
    let (words, stalls) = (visit.words(), console.service().stalls().await?);
    let mut export = Export::new(&[
        words.dossier.flows,
        words.dossier.step,
        words.common.who_acts,
        words.flows.waiting,
        words.flows.late,
    ])?;
    for flow in &stalls.flows {
        for step in &flow.steps {
            let count = |count: u64| if step.limited { count.to_string() } else { String::new() };
            let (waiting, late) = (count(step.waiting), count(step.late));
            export.row(&[&flow.name, &step.name, &step.who_acts, &waiting, &late])?;
        }
    }
    export.finish("flows", stalls.truncated.then_some(words.common.csv_more))
}
