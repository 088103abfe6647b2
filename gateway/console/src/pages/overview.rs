//! The first page: what is not at its target, who must act, which systems are down. It names no person and no dossier.

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use lienthong_engine::service::SystemHealth;
use lienthong_journal::AtLeast;
use maud::{Markup, html};

use super::counts::{Counts, Due, open};
use super::parts::{condition, number};
use crate::export::Export;
use crate::guard::Visit;
use crate::refused::Answer;
use crate::text::{Words, fill};
use crate::{Console, layout, time};

pub(super) fn routes() -> Router<Console> {
    Router::new().route("/console", get(show)).route("/console/overview.csv", get(export))
}

async fn show(State(console): State<Console>, visit: Visit) -> Answer {
    let counts = Counts::of(&console).await?;
    Ok(page(&console, &visit, &counts))
}

fn page(console: &Console, visit: &Visit, counts: &Counts) -> Response {
    let words = visit.words();
    let content = html! {
        div #overview data-live {
            (open_section(console, words, counts))
            (errors_section(words, counts))
            (systems_section(words, counts))
        }
        p.below { a href="/console/overview.csv" { (words.common.csv) } }
    };
    layout::page(visit, words.overview.title, &content)
}

fn told(words: &Words, AtLeast { count, more }: AtLeast) -> String {
    if more { fill(words.overview.more, &[("count", &number(count))]) } else { number(count) }
}

/// What is overdue and what is due within four working hours, as far as it was looked at.
fn due(words: &Words, Due { overdue, near, at, more }: Due) -> String {
    if at.is_none() {
        return words.health.unknown.to_owned();
    }
    let said = if more { words.overview.due_more } else { words.overview.due_counts };
    fill(said, &[("near", &number(near)), ("overdue", &number(overdue))])
}

fn day(console: &Console, words: &Words) -> String {
    fill(words.overview.open_today, &[("day", &time::day(console.now()))])
}

/// The button that copies a row's text is shown where scripts run.
fn copy(words: &Words, row: &str) -> Markup {
    html! { button.copy type="button" data-copy=(row) data-done=(words.common.copied) hidden { (words.common.copy) } }
}

fn open_section(console: &Console, words: &Words, counts: &Counts) -> Markup {
    let rows = [
        (day(console, words), fill(words.overview.exchanges, &[("count", &told(words, counts.today))])),
        (words.overview.open_all.to_owned(), fill(words.overview.counts, &[("count", &number(counts.open))])),
        (words.overview.due.to_owned(), due(words, counts.due)),
    ];
    html! {
        section {
            h2 { (words.overview.open) }
            div.wide tabindex="0" role="region" aria-label=(words.overview.open) { table.facts { tbody {
                @for (label, count) in &rows {
                    tr { th scope="row" { (label) } td.number { (count) } td { (copy(words, &format!("{}: {label}: {count}", words.overview.open))) } }
                }
            } } }
        }
    }
}

fn errors_section(words: &Words, counts: &Counts) -> Markup {
    let heads = [words.overview.groups, words.overview.parked, words.overview.waiting];
    html! {
        section {
            h2 { (words.overview.errors) }
            @if counts.errors.is_empty() { p { (words.overview.no_errors) } } @else {
                div.wide tabindex="0" role="region" aria-label=(words.overview.errors) { table {
                    thead { tr { th scope="col" { (words.common.who_acts) } @for head in heads { th.number scope="col" { (head) } } td {} } }
                    tbody { @for (party, errors) in &counts.errors {
                        @let unit = words.party(*party);
                        @let text = format!("{unit}: {} {}, {} {}, {} {}", words.overview.groups, errors.groups, words.overview.parked, errors.parked, words.overview.waiting, errors.waiting);
                        tr {
                            th scope="row" { a href={ "/console/errors?party=" (party.as_str()) } { (unit) } }
                            td.number { (number(errors.groups)) }
                            td.number { (number(errors.parked)) }
                            td.number { (number(errors.waiting)) }
                            td { (copy(words, &text)) }
                        }
                    } }
                } }
                @if counts.more_groups { p.notice { (words.tables.more) } }
            }
        }
    }
}

/// A system's row as it is read, copied and exported.
fn cells(words: &Words, health: &SystemHealth) -> [String; 7] {
    let view = &health.view;
    let last = health.recent.last_success.or(view.gate.last_success);
    [
        view.system.to_string(),
        words.health.state(health.state).to_owned(),
        health.since.map_or_else(|| words.health.unknown.to_owned(), time::text),
        last.map_or_else(|| words.common.never.to_owned(), time::text),
        (open(view) - view.parked).to_string(),
        words.health.drain(health.drain),
        view.parked.to_string(),
    ]
}

fn heads(words: &Words) -> [&'static str; 7] {
    let Words { overview, health, common, .. } = words;
    [
        common.system,
        health.state,
        overview.since,
        overview.last_success,
        overview.backlog,
        health.drained,
        overview.parked,
    ]
}

fn systems_section(words: &Words, counts: &Counts) -> Markup {
    let heads = heads(words);
    html! {
        section {
            h2 { (words.overview.systems) }
            div.wide tabindex="0" role="region" aria-label=(words.overview.systems) { table {
                thead { tr { @for head in heads { th scope="col" { (head) } } td {} } }
                tbody { @for health in &counts.systems { (system(words, &heads, health)) } }
            } }
        }
    }
}

fn system(words: &Words, heads: &[&str; 7], health: &SystemHealth) -> Markup {
    let cells = cells(words, health);
    let [name, _, since, last, backlog, drained, parked] = &cells;
    let told: Vec<String> = heads.iter().zip(&cells).skip(1).map(|(head, cell)| format!("{head} {cell}")).collect();
    html! {
        tr {
            th scope="row" { a href={ "/console/systems/" (name) } { (name) } }
            td { (condition(words, health.state)) }
            td { (since) }
            td { (last) }
            td.number { a href={ "/console/exchanges?system=" (name) } { (backlog) } }
            td { (drained) }
            td.number { (parked) }
            td { (copy(words, &format!("{name}: {}", told.join(", ")))) }
        }
    }
}

async fn export(State(console): State<Console>, visit: Visit) -> Answer {
    let (words, counts) = (visit.words(), Counts::of(&console).await?);
    let mut export = Export::new(&[words.overview.title, "", "", "", "", "", ""])?;
    export.row(&[words.overview.open, &day(&console, words), &told(words, counts.today), "", "", "", ""])?;
    export.row(&[words.overview.open, words.overview.open_all, &counts.open.to_string(), "", "", "", ""])?;
    export.row(&[words.overview.open, words.overview.due, &due(words, counts.due), "", "", "", ""])?;
    export.row(&[
        words.common.who_acts,
        "",
        words.overview.groups,
        words.overview.parked,
        words.overview.waiting,
        "",
        "",
    ])?;
    for (party, errors) in &counts.errors {
        let [groups, parked, waiting] = [errors.groups, errors.parked, errors.waiting].map(|count| count.to_string());
        export.row(&[words.party(*party), "", &groups, &parked, &waiting, "", ""])?;
    }
    export.row(&heads(words))?;
    for health in &counts.systems {
        export.row(&cells(words, health).each_ref().map(String::as_str))?;
    }
    export.finish("overview", None)
}
