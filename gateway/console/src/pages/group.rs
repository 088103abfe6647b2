//! One error group: its cause, its counts, its parked deliveries. What is done to it is done by `acts`.

use axum::Router;
use axum::extract::{Path, State};
use axum::routing::get;
use lienthong_core::{Fingerprint, Role, limits};
use lienthong_journal::{DeliveryRecord, GroupRecord};
use maud::{Markup, html};

use super::parts::{ROWS, exchange_link, fault, number, standing};
use crate::export::{Export, ROWS as EXPORTED};
use crate::form::{Query, bad};
use crate::guard::Visit;
use crate::refused::{Answer, Refused};
use crate::shown::{cell, shown};
use crate::{Console, layout, time};

pub(super) fn routes() -> Router<Console> {
    Router::new().route("/console/errors/{group}", get(show)).route("/console/errors/{group}/members.csv", get(export))
}

/// The group a path names.
pub(super) fn named(text: &str) -> Result<Fingerprint, Refused> {
    text.parse().map_err(|_| bad("group"))
}

async fn show(State(console): State<Console>, visit: Visit, Path(id): Path<String>, Query(asked): Query) -> Answer {
    let (group, members) = console.service().group(&named(&id)?, asked.cursor()?, ROWS).await?;
    let words = visit.words();
    let path = format!("/console/errors/{id}");
    let content = html! {
        div #group data-live {
            (cause(&visit, &group))
            @if visit.has(Role::Operator) && group.parked > 0 {
                p.buttons {
                    a.button href={ (path) "/release" } { (words.errors.release) }
                    a.button href={ (path) "/discard" } { (words.errors.discard) }
                }
            }
            h2 { (words.errors.members) }
            @if members.rows.is_empty() { p { (words.common.nothing) } } @else { (table(&visit, &members.rows)) }
            p.below {
                @if asked.some("cursor").is_some() { a href=(path) { (words.common.first) } }
                @if let Some(next) = &members.next { a rel="next" href=(asked.link(&path, "cursor", &next.0)) { (words.common.next) } }
                a href={ (path) "/members.csv" } { (words.common.csv) }
            }
        }
    };
    Ok(layout::page(&visit, words.errors.group, &content))
}

fn cause(visit: &Visit, group: &GroupRecord) -> Markup {
    let (words, sample) = (visit.words(), &group.sample);
    let errors = &words.errors;
    let inside = visit.has(Role::Operator);
    html! {
        table.facts { tbody {
            tr { th scope="row" { (errors.cause) } td { (shown(visit.language.public(sample))) " " span.code { (sample.code.as_str()) } } }
            tr { th scope="row" { (errors.kind) } td { (words.kind(sample.kind)) } }
            tr { th scope="row" { (words.common.who_acts) } td { (words.origin(sample.kind.origin())) } }
            tr { th scope="row" { (words.common.system) } td { (group.system) } }
            tr { th scope="row" { (words.common.operation) } td { (group.operation) } }
            @for (label, count) in [(errors.parked, group.parked), (errors.waiting, group.waiting), (errors.held_behind, group.held_behind), (errors.seen, group.seen)] {
                tr { th scope="row" { (label) } td { (number(count)) } }
            }
            tr { th scope="row" { (errors.first_seen) } td { (time::moment(group.first_seen)) } }
            tr { th scope="row" { (errors.last_seen) } td { (time::moment(group.last_seen)) } }
            @if let Some(code) = &sample.system_code { tr { th scope="row" { (errors.system_code) } td.code { (cell(code)) } } }
            @if inside { @if let Some(text) = &sample.system_text { tr { th scope="row" { (errors.system_text) } td { (cell(text)) } } } }
            @if inside && !sample.detail.is_empty() { tr { th scope="row" { (errors.detail) } td { (cell(&sample.detail)) } } }
            @if !sample.problems.is_empty() { tr { th scope="row" { (errors.fields) } td { ul.plain {
                @for problem in &sample.problems { li {
                    span.code { (cell(&problem.pointer)) } " " (cell(&problem.problem))
                    @if let Some(class) = &problem.value_class { " " span.code { (cell(class)) } }
                    @if let Some(table) = &problem.table { " " a href="/console/tables" { (cell(table)) } }
                } }
            } } } }
        } }
    }
}

fn table(visit: &Visit, members: &[DeliveryRecord]) -> Markup {
    let words = visit.words();
    let heads = [words.common.exchange, words.common.state, words.common.client, words.message.route];
    html! {
        div.wide tabindex="0" role="region" aria-label=(words.errors.members) { table {
            thead { tr {
                @for head in heads { th scope="col" { (head) } }
                th.number scope="col" { (words.message.attempts) }
                th scope="col" { (words.errors.last_seen) }
                th scope="col" { (words.errors.cause) }
            } }
            tbody { @for member in members { tr {
                th scope="row" { (exchange_link(member.id.exchange)) }
                td { (standing(words, member)) }
                td { (member.client) }
                td { (member.route) }
                td.number { (member.attempts) }
                td { (time::moment(member.updated_at)) }
                td { @if let Some(why) = &member.fault { (fault(visit, why)) } }
            } } }
        } }
    }
}

async fn export(State(console): State<Console>, visit: Visit, Path(id): Path<String>) -> Answer {
    let (words, id) = (visit.words(), named(&id)?);
    let mut export = Export::new(&[
        words.common.delivery,
        words.common.state,
        words.common.client,
        words.message.route,
        words.message.attempts,
        words.errors.last_seen,
        words.errors.cause,
    ])?;
    let (mut cursor, mut room) = (None, true);
    for _ in 0..EXPORTED.div_ceil(limits::PAGE_ROWS) {
        let (_, page) = console.service().group(&id, cursor, limits::PAGE_ROWS).await?;
        for member in &page.rows {
            let cause = member.fault.as_ref().map_or("", |fault| visit.language.public(fault));
            let state = words.state(member.state.name());
            let (name, tries, at) = (member.id.to_string(), member.attempts.to_string(), time::text(member.updated_at));
            let row = [name.as_str(), state, member.client.as_str(), member.route.as_str(), &tries, &at, cause];
            room = room && export.row(&row)?;
        }
        cursor = page.next;
        if cursor.is_none() || !room {
            break;
        }
    }
    export.finish("error-group", (cursor.is_some() || !room).then_some(words.common.csv_more))
}
