//! The list of exchanges with its filters, and as a file. It shows no content.

use axum::Router;
use axum::extract::State;
use axum::routing::get;
use jiff::civil::Date;
use lienthong_core::delivery::ExchangeState;
use lienthong_core::{StateName, Timestamp, limits};
use lienthong_journal::{ExchangeFilter, ExchangeRecord};
use maud::{Markup, html};

use super::parts::{ROWS, below, choice, dossier_link, exchange_link, systems, whole};
use crate::export::{Export, ROWS as EXPORTED};
use crate::form::{Fields, Query, bad};
use crate::guard::Visit;
use crate::refused::{Answer, Refused};
use crate::text::Words;
use crate::{Console, layout, time};

const PATH: &str = "/console/exchanges";

pub(super) fn routes() -> Router<Console> {
    Router::new().route(PATH, get(show)).route("/console/exchanges.csv", get(export))
}

/// The conditions of a list, as fields name them.
pub(super) fn filter(asked: &Fields) -> Result<ExchangeFilter, Refused> {
    let state = |text: &str| text.parse::<StateName>().map_err(|()| bad("state"));
    Ok(ExchangeFilter {
        key: asked.parsed("key")?,
        operation: asked.parsed("operation")?,
        system: asked.parsed("system")?,
        state: asked.some("state").map(state).transpose()?,
        client: asked.parsed("client")?,
        from: day(asked, "from", 0)?,
        to: day(asked, "to", 1)?,
        ..ExchangeFilter::default()
    })
}

/// The beginning of a day here, or of one some days later.
fn day(asked: &Fields, name: &str, later: i64) -> Result<Option<Timestamp>, Refused> {
    let Some(day) = asked.parsed::<Date>(name)? else { return Ok(None) };
    let day = day.checked_add(jiff::Span::new().days(later)).map_err(|_| bad(name))?;
    time::begins(day).map(Some).ok_or_else(|| bad(name))
}

fn state(record: &ExchangeRecord) -> ExchangeState {
    ExchangeState::of(record.deliveries.iter().map(|delivery| delivery.state.name()))
}

async fn show(State(console): State<Console>, visit: Visit, Query(asked): Query) -> Answer {
    let page = console.service().exchanges(filter(&asked)?, asked.cursor()?, ROWS).await?;
    let words = visit.words();
    let content = html! {
        (filters(&console, &visit, &asked))
        div #exchanges data-live {
            @if page.rows.is_empty() { p { (words.common.nothing) } } @else { (table(&visit, &page.rows)) }
            (below(words, PATH, &asked, page.next.as_ref()))
        }
    };
    Ok(layout::page(&visit, words.messages.title, &content))
}

fn filters(console: &Console, visit: &Visit, asked: &Fields) -> Markup {
    let words = visit.words();
    html! {
        form.filters method="get" action=(PATH) {
            label { (words.common.key) input name="key" value=(asked.get("key")) maxlength="128"; }
            (narrowing(console, words, asked))
            button type="submit" { (words.common.filter) }
        }
    }
}

/// The fields that narrow a list of exchanges, whatever it is a list of.
pub(super) fn narrowing(console: &Console, words: &Words, asked: &Fields) -> Markup {
    let states: Vec<_> =
        StateName::ALL.into_iter().map(|state| (state.as_str().to_owned(), words.state(state).to_owned())).collect();
    let all = words.common.all;
    html! {
        (choice("system", words.common.system, all, asked.get("system"), &systems(console)))
        (choice("state", words.common.state, all, asked.get("state"), &states))
        label { (words.common.operation) input name="operation" value=(asked.get("operation")) maxlength="64"; }
        label { (words.common.client) input name="client" value=(asked.get("client")) maxlength="64"; }
        label { (words.messages.from_day) input type="date" name="from" value=(asked.get("from")); }
        label { (words.messages.to_day) input type="date" name="to" value=(asked.get("to")); }
    }
}

/// Exchanges, a row each.
pub(super) fn table(visit: &Visit, rows: &[ExchangeRecord]) -> Markup {
    let words = visit.words();
    let heads = [
        words.common.received,
        words.common.key,
        words.common.operation,
        words.common.state,
        words.common.system,
        words.common.client,
        words.common.exchange,
    ];
    html! {
        div.wide tabindex="0" role="region" aria-label=(words.messages.title) { table {
            thead { tr { @for head in heads { th scope="col" { (head) } } } }
            tbody { @for record in rows { tr {
                td { (time::moment(record.meta.received_at)) }
                td { (dossier_link(&record.meta.key)) }
                td { (record.meta.operation) }
                td { (whole(words, state(record))) }
                td { @for (place, delivery) in record.deliveries.iter().enumerate() { @if place > 0 { ", " } (delivery.system) } }
                td { (record.meta.client) }
                td { (exchange_link(record.meta.id)) }
            } } }
        } }
    }
}

async fn export(State(console): State<Console>, visit: Visit, Query(asked): Query) -> Answer {
    let words = visit.words();
    let mut export = Export::new(&[
        words.common.exchange,
        words.common.received,
        words.common.key,
        words.common.operation,
        words.common.state,
        words.common.system,
        words.common.client,
    ])?;
    let (mut cursor, mut room) = (None, true);
    for _ in 0..EXPORTED.div_ceil(limits::PAGE_ROWS) {
        let page = console.service().exchanges(filter(&asked)?, cursor, limits::PAGE_ROWS).await?;
        for record in &page.rows {
            let systems: Vec<&str> = record.deliveries.iter().map(|delivery| delivery.system.as_str()).collect();
            let (meta, systems, id) = (&record.meta, systems.join(" "), record.meta.id.to_string());
            let (at, state) = (time::text(meta.received_at), words.whole(state(record)));
            let (operation, client) = (meta.operation.as_str(), meta.client.as_str());
            room = room && export.row(&[&id, &at, meta.key.as_str(), operation, state, &systems, client])?;
        }
        cursor = page.next;
        if cursor.is_none() || !room {
            break;
        }
    }
    export.finish("exchanges", (cursor.is_some() || !room).then_some(words.common.csv_more))
}
