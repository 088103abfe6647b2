//! The first page: what is not at its target, who must act, which systems are down. It names no person and no dossier.

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use lienthong_journal::AtLeast;
use maud::{Markup, html};

use super::counts::{Counts, open};
use super::parts::{gate, number};
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
    ];
    html! {
        section {
            h2 { (words.overview.open) }
            table.facts { tbody {
                @for (label, count) in &rows {
                    tr { th scope="row" { (label) } td.number { (count) } td { (copy(words, &format!("{}: {label}: {count}", words.overview.open))) } }
                }
            } }
        }
    }
}

fn errors_section(words: &Words, counts: &Counts) -> Markup {
    let heads = [words.overview.groups, words.overview.parked, words.overview.waiting];
    html! {
        section {
            h2 { (words.overview.errors) }
            @if counts.errors.is_empty() { p { (words.overview.no_errors) } } @else {
                table {
                    thead { tr { th scope="col" { (words.common.who_acts) } @for head in heads { th.number scope="col" { (head) } } td {} } }
                    tbody { @for (name, (origin, errors)) in &counts.errors {
                        @let unit = words.origin(*origin);
                        @let text = format!("{unit}: {} {}, {} {}, {} {}", words.overview.groups, errors.groups, words.overview.parked, errors.parked, words.overview.waiting, errors.waiting);
                        tr {
                            th scope="row" { a href={ "/console/errors?origin=" (name) } { (unit) } }
                            td.number { (number(errors.groups)) }
                            td.number { (number(errors.parked)) }
                            td.number { (number(errors.waiting)) }
                            td { (copy(words, &text)) }
                        }
                    } }
                }
                @if counts.more_groups { p.notice { (words.tables.more) } }
            }
        }
    }
}

fn systems_section(words: &Words, counts: &Counts) -> Markup {
    let heads = [words.common.system, words.systems.gate, words.overview.since, words.overview.last_success];
    let counts_of = [words.overview.backlog, words.overview.parked];
    html! {
        section {
            h2 { (words.overview.systems) }
            table {
                thead { tr { @for head in heads { th scope="col" { (head) } } @for head in counts_of { th.number scope="col" { (head) } } td {} } }
                tbody { @for view in &counts.systems {
                    @let last = view.gate.last_success.map_or_else(|| words.common.never.to_owned(), time::text);
                    @let text = format!("{}: {}, {} {}; {} {last}; {} {}, {} {}", view.system, words.gate(view.gate.state), words.overview.since, time::text(view.gate.since), words.overview.last_success, words.overview.backlog, open(view) - view.parked, words.overview.parked, view.parked);
                    tr {
                        th scope="row" { a href={ "/console/exchanges?system=" (view.system) } { (view.system) } }
                        td { (gate(words, view.gate.state)) }
                        td { (time::moment(view.gate.since)) }
                        td { (time::maybe(view.gate.last_success, words.common.never)) }
                        td.number { (number(open(view) - view.parked)) }
                        td.number { (number(view.parked)) }
                        td { (copy(words, &text)) }
                    }
                } }
            }
        }
    }
}

async fn export(State(console): State<Console>, visit: Visit) -> Answer {
    let (words, counts) = (visit.words(), Counts::of(&console).await?);
    let mut export = Export::new(&[words.overview.title, "", "", "", "", ""])?;
    export.row(&[words.overview.open, &day(&console, words), &told(words, counts.today), "", "", ""])?;
    export.row(&[words.overview.open, words.overview.open_all, &counts.open.to_string(), "", "", ""])?;
    export.row(&[
        words.common.who_acts,
        "",
        words.overview.groups,
        words.overview.parked,
        words.overview.waiting,
        "",
    ])?;
    for (origin, errors) in counts.errors.values() {
        let [groups, parked, waiting] = [errors.groups, errors.parked, errors.waiting].map(|count| count.to_string());
        export.row(&[words.origin(*origin), "", &groups, &parked, &waiting, ""])?;
    }
    let heads = [words.common.system, words.systems.gate, words.overview.since, words.overview.last_success];
    let [system, state, since, last] = heads;
    export.row(&[system, state, since, last, words.overview.backlog, words.overview.parked])?;
    for view in &counts.systems {
        let last = view.gate.last_success.map(time::text).unwrap_or_default();
        let (backlog, parked) = ((open(view) - view.parked).to_string(), view.parked.to_string());
        let state = words.gate(view.gate.state);
        export.row(&[view.system.as_str(), state, &time::text(view.gate.since), &last, &backlog, &parked])?;
    }
    export.finish("overview", None)
}
