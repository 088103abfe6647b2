//! Alerts: what fires, what did, how the targets are doing, a test of one. It decides nothing about any of them.

use axum::Router;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::get;
use lienthong_core::Role;
use lienthong_engine::alert::{self, Alert, TargetView};
use lienthong_engine::service::OperatorAct;
use maud::{Markup, html};

use super::parts::{acting, again, number, reason};
use crate::export::Export;
use crate::form::{Fields, Form};
use crate::guard::Visit;
use crate::refused::{Answer, Refused, no_such_page};
use crate::shown::{cell, shown};
use crate::text::fill;
use crate::{Console, layout, time};

const PATH: &str = "/console/alerts";

pub(super) fn routes() -> Router<Console> {
    Router::new()
        .route(PATH, get(show))
        .route("/console/alerts.csv", get(export))
        .route("/console/alerts/targets/{target}/test", get(ask).post(test))
}

async fn show(State(console): State<Console>, visit: Visit) -> Answer {
    let board = console.service().alerts();
    let words = &visit.words().alerts;
    let (mut firing, mut over): (Vec<&Alert>, Vec<&Alert>) =
        board.alerts.values().partition(|alert| alert.resolved.is_none());
    firing.sort_by_key(|alert| std::cmp::Reverse(alert.fired));
    over.sort_by_key(|alert| std::cmp::Reverse(alert.resolved));
    let content = html! {
        div #alerts data-live {
            h2 #firing { (words.firing) }
            (table(&visit, &firing, "firing", words.none_firing))
            h2 #over { (words.over) }
            (table(&visit, &over, "over", words.none_over))
            h2 #targets { (words.targets) }
            (targets(&visit, &board.targets))
        }
        p.below { a href="/console/drills" { (visit.words().drills.title) } a href="/console/alerts.csv" { (visit.words().common.csv) } }
    };
    Ok(layout::page(&visit, words.title, &content))
}

fn told(visit: &Visit, alert: &Alert) -> String {
    visit.language.of_both(&alert::words(&alert.seen)).to_owned()
}

fn table(visit: &Visit, alerts: &[&Alert], label: &str, none: &str) -> Markup {
    let words = &visit.words().alerts;
    if alerts.is_empty() {
        return html! { p.quiet { (none) } };
    }
    html! {
        div.wide tabindex="0" role="region" aria-labelledby=(label) {
            table {
                thead { tr {
                    @for head in [words.what, words.rule, words.since, words.fired, words.resolved] { th scope="col" { (head) } }
                    th.number scope="col" { (words.count) }
                } }
                tbody { @for alert in alerts { tr {
                    th scope="row" {
                        @if alert.urgent { span.badge.bad { span aria-hidden="true" { "!" } " " (words.urgent) } " " }
                        @if alert.seen.drill { span.badge.warn { span aria-hidden="true" { "▷" } " " (visit.words().drills.running) } " " }
                        a href=(alert.seen.page) { (cell(&told(visit, alert))) }
                        @if let Some(key) = alert.seen.sample.as_ref().and_then(|sample| sample.key.as_ref()) { br; span.quiet { (shown(key)) } }
                    }
                    td { span.code { (alert.rule) } }
                    td { (time::moment(alert.seen.since)) }
                    td { (time::moment(alert.fired)) }
                    td { (time::maybe(alert.resolved, words.still)) }
                    td.number { (number(alert.seen.count)) }
                } } }
            }
        }
    }
}

fn targets(visit: &Visit, targets: &[TargetView]) -> Markup {
    let words = &visit.words().alerts;
    if targets.is_empty() {
        return html! { p.quiet { (words.no_targets) } };
    }
    let operator = visit.has(Role::Operator);
    html! {
        div.wide tabindex="0" role="region" aria-labelledby="targets" {
            table {
                thead { tr {
                    @for head in [words.target, words.last_sent, words.trouble] { th scope="col" { (head) } }
                    th.number scope="col" { (words.waiting) }
                    @if operator { th scope="col" { (words.test) } }
                } }
                tbody { @for target in targets { tr {
                    th scope="row" { (target.name) br; span.quiet { (kind(visit, target)) } }
                    td { (time::maybe(target.health.last_sent, visit.words().common.never)) }
                    td {
                        @if let Some((at, why)) = &target.health.last_trouble { (time::moment(*at)) br; span.quiet { (cell(why)) } }
                        @if let Some(next) = target.health.next_try { br; span.quiet { (words.next_try) " " (time::moment(next)) } }
                    }
                    td.number { (number(target.waiting as u64)) }
                    @if operator { td.acts { a.button href={ (PATH) "/targets/" (target.name) "/test" } { (words.send_test) } } }
                } } }
            }
        }
    }
}

fn kind(visit: &Visit, target: &TargetView) -> &'static str {
    let words = &visit.words().alerts;
    if target.kind == "email" { words.email } else { words.webhook }
}

fn named(console: &Console, target: &str) -> Result<(), Refused> {
    let config = console.service().configuration();
    if config.watch.alerting.target(target).is_some() { Ok(()) } else { Err(no_such_page()) }
}

async fn ask(State(console): State<Console>, visit: Visit, Path(target): Path<String>) -> Answer {
    visit.require(Role::Operator)?;
    named(&console, &target)?;
    Ok(asking(&visit, &target, &Fields::default(), false))
}

fn asking(visit: &Visit, target: &str, typed: &Fields, repeated: bool) -> Response {
    let words = visit.words();
    let fields = reason(words, typed.get("reason"), false);
    let content = html! {
        (again(words, repeated))
        p { (fill(words.alerts.test_says, &[("target", &target)])) }
        (acting(visit, &format!("{PATH}/targets/{target}/test"), words.alerts.send_test, PATH, &fields))
    };
    layout::page(visit, words.alerts.send_test, &content)
}

async fn test(State(console): State<Console>, visit: Visit, Path(target): Path<String>, form: Form) -> Answer {
    visit.require(Role::Operator)?;
    named(&console, &target)?;
    let fields = match form {
        Form::Sent(fields) => fields,
        Form::Again(fields) => return Ok(asking(&visit, &target, &fields, true)),
    };
    let act = OperatorAct { operator: visit.user.name.clone(), reason: fields.note("reason")?, confirmed: true };
    let test = console.service().test_alert_target(&act, &target).await?;
    let words = visit.words();
    let content = html! {
        @match &test.trouble {
            None => p.notice role="status" { (fill(words.alerts.taken, &[("target", &target)])) },
            Some(why) => p.notice role="alert" { (fill(words.alerts.not_taken, &[("target", &target)])) " " (cell(why)) },
        }
        p { a href=(PATH) { (words.common.back) } }
    };
    Ok(layout::page(&visit, words.alerts.send_test, &content))
}

async fn export(State(console): State<Console>, visit: Visit) -> Answer {
    let words = &visit.words().alerts;
    let heads = [words.what, words.rule, words.since, words.fired, words.resolved, words.count];
    let mut export = Export::new(&heads)?;
    for alert in console.service().alerts().alerts.values() {
        let row = [
            told(&visit, alert),
            alert.rule.clone(),
            time::text(alert.seen.since),
            time::text(alert.fired),
            alert.resolved.map(time::text).unwrap_or_default(),
            alert.seen.count.to_string(),
        ];
        export.row(&row.each_ref().map(String::as_str))?;
    }
    export.finish("alerts", None)
}
