//! One error group: its cause and case, its counts, its parked deliveries. What is done to them is done by other pages.

use axum::Router;
use axum::extract::{Path, State};
use axum::routing::get;
use http::StatusCode;
use lienthong_core::{Fault, Fingerprint, Role, limits};
use lienthong_engine::desk::CaseState;
use lienthong_engine::service::{CASE_REACH, CaseView, GroupKeys};
use lienthong_journal::DeliveryRecord;
use maud::{Markup, html};

use super::case;
use super::marks::case_state;
use super::parts::{ROWS, again, dossier_link, exchange_link, fault, number, standing};
use crate::export::{Export, ROWS as EXPORTED};
use crate::form::{Fields, Query, bad};
use crate::guard::Visit;
use crate::refused::{Answer, Refused};
use crate::shown::{cell, shown};
use crate::text::{Words, fill};
use crate::{Console, layout, time};

pub(super) fn routes() -> Router<Console> {
    Router::new()
        .route("/console/errors/{group}", get(show))
        .route("/console/errors/{group}/members.csv", get(export))
        .route("/console/errors/{group}/keys.csv", get(export_keys))
}

/// The group a path names.
pub(super) fn named(text: &str) -> Result<Fingerprint, Refused> {
    text.parse().map_err(|_| bad("group"))
}

/// A form that was not carried out, on the page again: what was typed, why not, and the status that says so.
pub(super) struct Told {
    pub(super) typed: Fields,
    pub(super) notice: Markup,
    pub(super) status: u16,
}

impl Told {
    /// Nothing yet.
    fn nothing() -> Self {
        Self { typed: Fields::default(), notice: html! {}, status: StatusCode::OK.as_u16() }
    }

    /// The session changed while somebody typed.
    pub(super) fn again(words: &Words, typed: Fields) -> Self {
        Self { typed, notice: again(words, true), status: StatusCode::OK.as_u16() }
    }
}

pub(super) fn path_of(group: &Fingerprint) -> String {
    format!("/console/errors/{group}")
}

async fn show(State(console): State<Console>, visit: Visit, Path(id): Path<String>, Query(asked): Query) -> Answer {
    whole(&console, &visit, &named(&id)?, &asked, &Told::nothing()).await
}

/// The page, with what a form of it has to be told.
pub(super) async fn whole(console: &Console, visit: &Visit, id: &Fingerprint, asked: &Fields, told: &Told) -> Answer {
    let (view, reach) = console.service().case(id).await?;
    let (_, members) = console.service().group(id, asked.cursor()?, ROWS).await?;
    let keys = console.service().group_keys(id, CASE_REACH).await?;
    let words = visit.words();
    let path = path_of(id);
    let running = match view.state {
        CaseState::Releasing => running(console, id).await?,
        CaseState::New | CaseState::Acknowledged | CaseState::Assigned | CaseState::Resolved | CaseState::Reopened => {
            None
        }
    };
    let content = html! {
        (told.notice)
        div #group data-live { div.side {
            div {
                (cause(visit, &view))
                @if let Some(release) = &running { p.notice role="status" { a href={ "/console/releases/" (release) } { (words.case.running) } } }
                @if visit.has(Role::Operator) && view.group.parked > 0 { (ways(words, &path, running.is_some())) }
            }
            div { (case::about(visit, console.now(), &view, &reach)) }
        } }
        @if visit.has(Role::Operator) { (case::forms(visit, &view, &told.typed)) }
        h2 { (words.errors.keys) }
        div #keys data-live { (affected(words, &path, &keys)) }
        h2 { (words.errors.members) }
        div #members data-live {
            @if members.rows.is_empty() { p { (words.common.nothing) } } @else { (table(visit, &members.rows)) }
            p.below {
                @if asked.some("cursor").is_some() { a href=(path) { (words.common.first) } }
                @if let Some(next) = &members.next { a rel="next" href=(asked.link(&path, "cursor", &next.0)) { (words.common.next) } }
                a href={ (path) "/members.csv" } { (words.common.csv) }
            }
        }
    };
    let mut page = layout::page(visit, words.errors.group, &content);
    *page.status_mut() = StatusCode::from_u16(told.status).unwrap_or(StatusCode::OK);
    Ok(page)
}

/// What can be done with what is parked.
fn ways(words: &Words, path: &str, running: bool) -> Markup {
    html! {
        p.buttons {
            a.button href={ (path) "/preview" } { (words.preview.open) }
            @if !running { a.button href={ (path) "/release" } { (words.errors.release) } }
            a.button href={ (path) "/discard" } { (words.errors.discard) }
        }
    }
}

/// The release of a group that is not over.
pub(super) async fn running(console: &Console, group: &Fingerprint) -> Result<Option<String>, Refused> {
    let all = console.service().releases().await?;
    Ok(all
        .into_iter()
        .rev()
        .find(|view| view.release.group == *group && !view.release.going.is_over())
        .map(|view| view.id))
}

fn cause(visit: &Visit, view: &CaseView) -> Markup {
    let (words, group, sample) = (visit.words(), &view.group, &view.group.sample);
    let errors = &words.errors;
    html! {
        table.facts { tbody {
            tr { th scope="row" { (errors.cause) } td { (shown(visit.language.public(sample))) " " span.code { (sample.code.as_str()) } } }
            tr { th scope="row" { (words.common.state) } td { (case_state(words, view.state)) } }
            tr { th scope="row" { (words.common.who_acts) } td { strong { (words.party(view.verdict.party)) } } }
            tr { th scope="row" { (words.case.why) } td { ul.plain { @for reason in &view.verdict.reasons { li { (shown(visit.language.of_both(reason))) } } } } }
            tr { th scope="row" { (words.case.owner) } td { @match &view.case.owner { Some(owner) => (cell(owner)), None => span.quiet { (words.case.nobody) } } } }
            tr { th scope="row" { (words.common.system) } td { (group.system) } }
            tr { th scope="row" { (words.common.operation) } td { (group.operation) } }
            @for (label, count) in [(errors.parked, group.parked), (errors.waiting, group.waiting), (errors.held_behind, group.held_behind), (errors.seen, group.seen)] {
                tr { th scope="row" { (label) } td { (number(count)) } }
            }
            @if group.reopened > 0 { tr { th scope="row" { (words.case.reopened) } td { (number(group.reopened)) } } }
            tr { th scope="row" { (errors.first_seen) } td { (time::moment(group.first_seen)) } }
            tr { th scope="row" { (errors.last_seen) } td { (time::moment(group.last_seen)) } }
            (said(visit, sample))
        } }
    }
}

/// What the fault says beyond its public text; much of it for operators only, since it may hold personal data.
fn said(visit: &Visit, sample: &Fault) -> Markup {
    let errors = &visit.words().errors;
    let inside = visit.has(Role::Operator);
    html! {
        tr { th scope="row" { (errors.kind) } td { (visit.words().kind(sample.kind)) } }
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
    }
}

/// The dossiers concerned; of many the first.
fn affected(words: &Words, path: &str, found: &GroupKeys) -> Markup {
    let GroupKeys { keys, hidden, truncated } = found;
    let more = keys.len().saturating_sub(ROWS) as u64;
    html! {
        @if keys.is_empty() { p { (words.common.nothing) } } @else {
            div.wide tabindex="0" role="region" aria-label=(words.errors.keys) { table {
                thead { tr { th scope="col" { (words.common.key) } th.number scope="col" { (words.errors.parked) } } }
                tbody { @for (key, parked) in keys.iter().take(ROWS) { tr {
                    th scope="row" { (dossier_link(key)) }
                    td.number { (number(*parked)) }
                } } }
            } }
        }
        @if more > 0 || *truncated { p.quiet { (fill(words.errors.keys_more, &[("count", &number(more))])) @if *truncated { "+" } } }
        @if *hidden > 0 { p.quiet { (fill(words.errors.keys_hidden, &[("count", &number(*hidden))])) } }
        p.below { a href={ (path) "/keys.csv" } { (words.common.csv) } }
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

async fn export_keys(State(console): State<Console>, visit: Visit, Path(id): Path<String>) -> Answer {
    let (words, id) = (visit.words(), named(&id)?);
    let GroupKeys { keys, hidden, truncated } = console.service().group_keys(&id, EXPORTED).await?;
    let mut export = Export::new(&[words.common.key, words.errors.parked])?;
    for (key, parked) in &keys {
        if !export.row(&[key.as_str(), &parked.to_string()])? {
            break;
        }
    }
    let hidden = (hidden > 0).then(|| fill(words.errors.keys_hidden, &[("count", &hidden)]));
    let more = if truncated { Some(words.common.csv_more.to_owned()) } else { hidden };
    export.finish("error-keys", more.as_deref())
}
