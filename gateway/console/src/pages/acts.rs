//! What operators did: who, when, why, to what, and whose contents they were shown. It does nothing itself.

use axum::Router;
use axum::extract::State;
use axum::routing::get;
use lienthong_core::{DeliveryId, ExchangeId, Role, limits};
use lienthong_journal::{ActFilter, ActRecord, Actor};
use maud::{Markup, html};
use serde_json::Value;

use super::parts::{ROWS, below, exchange_link};
use crate::export::{Export, ROWS as EXPORTED};
use crate::form::{Fields, Query, bad, query};
use crate::guard::Visit;
use crate::refused::{Answer, Refused};
use crate::shown::cell;
use crate::{Console, layout, time};

const PATH: &str = "/console/acts";
/// Longest kind or id asked for, in bytes.
const ASKED: usize = 200;

pub(super) fn routes() -> Router<Console> {
    Router::new().route(PATH, get(show)).route("/console/acts.csv", get(export))
}

/// Those on one exchange.
pub(super) fn path_of(id: ExchangeId) -> String {
    format!("{PATH}{}&id={id}", query("kind", "exchange"))
}

fn filter(asked: &Fields) -> Result<ActFilter, Refused> {
    let some = |name: &str| match asked.some(name) {
        Some(text) if text.len() > ASKED => Err(bad(name)),
        other => Ok(other.map(str::to_owned)),
    };
    Ok(ActFilter { kind: some("kind")?, id: some("id")? })
}

async fn show(State(console): State<Console>, visit: Visit, Query(asked): Query) -> Answer {
    visit.require(Role::Operator)?;
    let page = console.service().acts(filter(&asked)?, asked.cursor()?, ROWS).await?;
    let words = visit.words();
    let content = html! {
        form.filters method="get" action=(PATH) {
            label { (words.acts.kind) input name="kind" value=(asked.get("kind")) maxlength="32"; }
            label { (words.acts.id) input name="id" value=(asked.get("id")) maxlength="128"; }
            button type="submit" { (words.common.filter) }
        }
        div #acts data-live {
            @if page.rows.is_empty() { p { (words.common.nothing) } } @else { (table(&visit, &page.rows)) }
            (below(words, PATH, &asked, page.next.as_ref()))
        }
    };
    Ok(layout::page(&visit, words.acts.title, &content))
}

fn table(visit: &Visit, acts: &[ActRecord]) -> Markup {
    let words = visit.words();
    let heads = [words.acts.at, words.acts.who, words.acts.did, words.acts.kind, words.acts.id, words.acts.shown];
    html! {
        div.wide tabindex="0" role="region" aria-label=(words.acts.title) { table {
            thead { tr { @for head in heads { th scope="col" { (head) } } th scope="col" { (words.common.reason) } } }
            tbody { @for act in acts { tr {
                td { (time::moment(act.at)) }
                th scope="row" { (cell(who(act))) }
                td { span.code { (cell(&act.verb)) } }
                td { span.code { (cell(&act.kind)) } }
                td { (which(act)) }
                td { span.code { (cell(&shown(act))) } }
                td { @if let Some(reason) = &act.reason { (cell(reason)) } }
            } } }
        } }
    }
}

fn who(act: &ActRecord) -> &str {
    match &act.actor {
        Actor::Operator(name) => name,
        Actor::Client(client) => client.as_str(),
        Actor::Gateway => "",
    }
}

fn which(act: &ActRecord) -> Markup {
    let exchange = match act.kind.as_str() {
        "exchange" => act.id.parse().ok(),
        "delivery" => act.id.parse().ok().map(|id: DeliveryId| id.exchange),
        _another => None,
    };
    html! {
        @match exchange {
            Some(id) => (exchange_link(id)),
            None if act.kind == "case" => a.code href={ "/console/errors/" (act.id) } { (cell(&act.id)) },
            None => span.code { (cell(&act.id)) },
        }
    }
}

/// Which contents were shown: their names, never what stands in them.
fn shown(act: &ActRecord) -> String {
    let after = act.after.as_deref().filter(|_| act.verb == "revealed");
    let told: Option<Value> = after.and_then(|text| serde_json::from_str(text).ok());
    let told = told.unwrap_or(Value::Null);
    let text = |name: &str| told.get(name).and_then(Value::as_str).map(str::to_owned);
    let piece = told.get("piece").and_then(Value::as_u64).filter(|piece| *piece > 1).map(|piece| piece.to_string());
    [text("shown"), text("delivery"), piece].into_iter().flatten().collect::<Vec<_>>().join(" ")
}

async fn export(State(console): State<Console>, visit: Visit, Query(asked): Query) -> Answer {
    visit.require(Role::Operator)?;
    let words = visit.words();
    let of = &words.acts;
    let mut export = Export::new(&[of.at, of.who, of.did, of.kind, of.id, of.shown, words.common.reason])?;
    let (mut cursor, mut room) = (None, true);
    for _ in 0..EXPORTED.div_ceil(limits::PAGE_ROWS) {
        let page = console.service().acts(filter(&asked)?, cursor, limits::PAGE_ROWS).await?;
        for act in &page.rows {
            let (at, shown, reason) = (time::text(act.at), shown(act), act.reason.as_deref().unwrap_or_default());
            room = room && export.row(&[&at, who(act), &act.verb, &act.kind, &act.id, &shown, reason])?;
        }
        cursor = page.next;
        if cursor.is_none() || !room {
            break;
        }
    }
    export.finish("acts", (cursor.is_some() || !room).then_some(words.common.csv_more))
}
