//! One external system: its state with what shows it, what waits and by when it is drained, how it was over hours and days. It decides nothing.

use axum::Router;
use axum::extract::{Path, State};
use axum::routing::get;
use lienthong_core::{Role, SignedDuration, SystemId, Timestamp};
use lienthong_engine::desk::bulk::BulkPlan;
use lienthong_engine::service::{Course, SystemHealth};
use lienthong_engine::vitals::{MINUTES, Rates};
use maud::{Markup, html};

use super::chart::{Series, took};
use super::parts::{condition, gate, number, signs};
use super::systems::{PATH, acts, misses};
use crate::form::bad;
use crate::guard::Visit;
use crate::refused::Answer;
use crate::shown::cell;
use crate::text::{Words, fill};
use crate::{Console, layout, time};

/// Hours shown as a picture.
const HOURS: usize = 7 * 24;

pub(super) fn routes() -> Router<Console> {
    Router::new().route("/console/systems/{system}", get(show))
}

async fn show(State(console): State<Console>, visit: Visit, Path(system): Path<String>) -> Answer {
    let system: SystemId = system.parse().map_err(|_| bad("system"))?;
    let (words, now) = (visit.words(), console.now());
    let week = i64::try_from(HOURS).unwrap_or(0);
    let from = now.saturating_sub(SignedDuration::from_hours(week)).unwrap_or(now);
    let (health, course) = console.service().system(&system, from).await?;
    let configured = console.service().configuration().systems.contains_key(&system);
    let content = html! {
        div #system data-live {
            (facts(words, &health))
            (backlog(words, &health))
            (pictures(words, &course, now))
        }
        p.buttons {
            @if visit.has(Role::Operator) && configured { (acts(words, &health.view)) }
            @if configured { a href={ (PATH) "/" (system) "/windows" } { (words.windows.title) } }
            a href={ "/console/exchanges?system=" (system) } { (words.health.exchanges) }
            a href=(PATH) { (words.common.back) }
        }
    };
    Ok(layout::page(&visit, system.as_str(), &content))
}

fn row(name: &str, value: &Markup) -> Markup {
    html! { tr { th scope="row" { (name) } td { (value) } } }
}

fn facts(words: &Words, health: &SystemHealth) -> Markup {
    let SystemHealth { view, recent, .. } = health;
    let unknown = words.health.unknown;
    let attempts = html! {
        (words.health.answered) " " (number(recent.answered)) ", " (words.health.refused) " " (number(recent.refused)) ", "
        (words.health.failed) " " (number(recent.failed))
    };
    html! {
        table.facts { tbody {
            (row(words.health.state, &html! { (condition(words, health.state)) (signs(words, &health.signs)) }))
            (row(words.systems.since, &time::maybe(health.since, unknown)))
            (row(words.systems.gate, &html! {
                (gate(words, view.gate.state))
                @if let Some(why) = &view.gate.reason { " " span.quiet { (cell(why)) } }
                @if let Some(next) = view.gate.next_probe { " " span.quiet { (words.systems.next_probe) " " (time::moment(next)) } }
            }))
            (row(words.health.session, &html! { (words.health.session(health.session)) }))
            (row(words.systems.last_success, &time::maybe(recent.last_success, unknown)))
            (row(words.health.lately, &attempts))
            (row(words.health.latency, &html! { (recent.quantiles.map_or_else(|| unknown.to_owned(), took)) }))
        } }
    }
}

fn backlog(words: &Words, health: &SystemHealth) -> Markup {
    let unknown = words.health.unknown;
    let rate = |of: fn(&Rates) -> f64| {
        let rates = health.recent.rates.as_ref();
        html! { (rates.map_or_else(|| unknown.to_owned(), |rates| format!("{:.1}", of(rates) * 60.0))) }
    };
    html! {
        section {
            h2 { (words.health.backlog) }
            table.facts { tbody {
                (row(words.health.open, &html! { (number(health.open)) }))
                (row(words.states.parked, &html! { (number(health.view.parked)) }))
                (row(words.health.came, &rate(|rates| rates.came)))
                (row(words.health.went, &rate(|rates| rates.went)))
                (row(words.health.drained, &html! { (words.health.drain(health.drain)) }))
                (row(words.health.will_miss, &html! { (misses(words, health)) }))
                @if let Some(bulk) = &health.bulk { (row(words.health.bulk, &bulk_told(words, bulk))) }
            } }
            (looked_at(words, health))
        }
    }
}

fn bulk_told(words: &Words, bulk: &BulkPlan) -> Markup {
    let BulkPlan { count, per_hour, begins, takes: _, ends } = bulk;
    let cap = per_hour.map_or_else(|| words.health.unknown.to_owned(), number);
    let says = [("count", &number(*count) as &dyn std::fmt::Display), ("cap", &cap), ("begins", &time::text(*begins))];
    html! { (fill(words.health.bulk_says, &says)) " " (time::maybe(*ends, words.health.unknown)) }
}

fn looked_at(words: &Words, health: &SystemHealth) -> Markup {
    let Some((backlog, at, complete)) = &health.backlog else { return html! {} };
    let dates = [
        (words.health.overdue, backlog.overdue),
        (words.health.near, backlog.near),
        (words.health.parked_at_risk, backlog.parked_at_risk),
        (words.health.later, backlog.later),
        (words.health.undated, backlog.undated),
    ];
    html! {
        div.wide tabindex="0" role="region" aria-label=(words.health.backlog) { table {
            thead { tr { @for (name, _) in dates { th.number scope="col" { (name) } } } }
            tbody { tr { @for (_, count) in dates { td.number { (number(count)) } } } }
        } }
        div.wide tabindex="0" role="region" aria-label=(words.health.age) { table {
            thead { tr { th scope="col" { (words.health.age) } @for age in words.health.ages() { th.number scope="col" { (age) } } } }
            tbody { tr {
                th scope="row" { @if let Some(oldest) = backlog.oldest { (words.health.oldest) " " (time::moment(oldest)) } }
                @for count in backlog.ages { td.number { (number(count)) } }
            } }
        } }
        p.quiet { (words.health.looked_at) " " (time::moment(*at)) }
        @if !complete { p.notice { (words.health.incomplete) } }
    }
}

fn pictures(words: &Words, course: &Course, now: Timestamp) -> Markup {
    html! {
        section {
            h2 { (words.health.by_minute) }
            (Series::minutes(&course.minutes, now, MINUTES).drawn(words))
        }
        section {
            h2 { (words.health.by_hour) }
            (Series::hours(&course.hours, now, HOURS).drawn(words))
        }
    }
}
