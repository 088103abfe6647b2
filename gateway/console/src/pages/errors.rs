//! The list of error groups with its filters, and as a file. It changes nothing.

use axum::Router;
use axum::extract::State;
use axum::routing::get;
use lienthong_core::{FaultKind, limits};
use lienthong_journal::{GroupFilter, GroupRecord};
use maud::{Markup, html};

use super::counts::name;
use super::parts::{ROWS, below, choice, number, systems};
use crate::export::{Export, ROWS as EXPORTED};
use crate::form::{Fields, Query, bad};
use crate::guard::Visit;
use crate::refused::{Answer, Refused};
use crate::shown::{cell, shown};
use crate::{Console, layout, time};

const PATH: &str = "/console/errors";
/// Pages looked through for one page of a list whose filter the journal does not know.
const LOOKED_THROUGH: usize = 10;

pub(super) fn routes() -> Router<Console> {
    Router::new().route(PATH, get(show)).route("/console/errors.csv", get(export))
}

fn filter(asked: &Fields) -> Result<GroupFilter, Refused> {
    let kind = |text: &str| FaultKind::ALL.into_iter().find(|kind| kind.as_str() == text).ok_or_else(|| bad("kind"));
    Ok(GroupFilter {
        system: asked.parsed("system")?,
        operation: asked.parsed("operation")?,
        kind: asked.some("kind").map(kind).transpose()?,
        include_closed: asked.ticked("closed"),
    })
}

/// Whether a group is of the unit asked for.
fn is_asked(asked: &Fields, group: &GroupRecord) -> bool {
    asked.some("origin").is_none_or(|origin| origin == name(group.sample.kind.origin()))
}

async fn show(State(console): State<Console>, visit: Visit, Query(asked): Query) -> Answer {
    let (mut rows, mut cursor) = (Vec::new(), asked.cursor()?);
    for _ in 0..LOOKED_THROUGH {
        let page = console.service().groups(filter(&asked)?, cursor, ROWS).await?;
        rows.extend(page.rows.into_iter().filter(|group| is_asked(&asked, group)));
        cursor = page.next;
        if cursor.is_none() || rows.len() >= ROWS {
            break;
        }
    }
    let words = visit.words();
    let content = html! {
        (filters(&console, &visit, &asked))
        div #groups data-live {
            @if rows.is_empty() { p { (words.common.nothing) } } @else { (table(&visit, &rows)) }
            (below(words, PATH, &asked, cursor.as_ref()))
        }
    };
    Ok(layout::page(&visit, words.errors.title, &content))
}

fn filters(console: &Console, visit: &Visit, asked: &Fields) -> Markup {
    let words = visit.words();
    let kinds: Vec<_> =
        FaultKind::ALL.into_iter().map(|kind| (kind.as_str().to_owned(), words.kind(kind).to_owned())).collect();
    let origins: Vec<_> =
        FaultKind::ALL.into_iter().map(FaultKind::origin).map(|origin| (name(origin), origin)).collect();
    let origins: std::collections::BTreeMap<_, _> = origins.into_iter().collect();
    let origins: Vec<_> =
        origins.into_iter().map(|(value, origin)| (value.to_owned(), words.origin(origin).to_owned())).collect();
    let all = words.common.all;
    html! {
        form.filters method="get" action=(PATH) {
            (choice("system", words.common.system, all, asked.get("system"), &systems(console)))
            (choice("origin", words.common.who_acts, all, asked.get("origin"), &origins))
            (choice("kind", words.errors.kind, all, asked.get("kind"), &kinds))
            label { (words.common.operation) input name="operation" value=(asked.get("operation")) maxlength="64"; }
            label.tick { input type="checkbox" name="closed" value="yes" checked[asked.ticked("closed")]; (words.errors.closed) }
            button type="submit" { (words.common.filter) }
        }
    }
}

fn table(visit: &Visit, rows: &[GroupRecord]) -> Markup {
    let words = visit.words();
    let errors = &words.errors;
    html! {
        div.wide tabindex="0" role="region" aria-label=(errors.title) { table {
            thead { tr {
                @for head in [errors.cause, words.common.system, words.common.operation, words.common.who_acts] { th scope="col" { (head) } }
                @for head in [errors.parked, errors.waiting, errors.held_behind] { th.number scope="col" { (head) } }
                th scope="col" { (errors.first_seen) }
                th scope="col" { (errors.last_seen) }
            } }
            tbody { @for group in rows { tr {
                th scope="row" {
                    a href={ (PATH) "/" (group.fingerprint) } { (shown(visit.language.public(&group.sample))) }
                    " " span.code { (group.sample.code.as_str()) }
                    @for problem in group.sample.problems.iter().take(3) { br; span.code { (cell(&problem.pointer)) } }
                }
                td { (group.system) }
                td { (group.operation) }
                td { (words.origin(group.sample.kind.origin())) }
                td.number { (number(group.parked)) }
                td.number { (number(group.waiting)) }
                td.number { (number(group.held_behind)) }
                td { (time::moment(group.first_seen)) }
                td { (time::moment(group.last_seen)) }
            } } }
        } }
    }
}

async fn export(State(console): State<Console>, visit: Visit, Query(asked): Query) -> Answer {
    let words = visit.words();
    let errors = &words.errors;
    let mut export = Export::new(&[
        errors.group,
        errors.cause,
        errors.kind,
        words.common.system,
        words.common.operation,
        words.common.who_acts,
        errors.parked,
        errors.waiting,
        errors.held_behind,
        errors.seen,
        errors.first_seen,
        errors.last_seen,
    ])?;
    let (mut cursor, mut room) = (None, true);
    for _ in 0..EXPORTED.div_ceil(limits::PAGE_ROWS) {
        let page = console.service().groups(filter(&asked)?, cursor, limits::PAGE_ROWS).await?;
        for group in page.rows.iter().filter(|group| is_asked(&asked, group)) {
            room = room && export.row(&cells(&visit, group).each_ref().map(String::as_str))?;
        }
        cursor = page.next;
        if cursor.is_none() || !room {
            break;
        }
    }
    export.finish("errors", (cursor.is_some() || !room).then_some(words.common.csv_more))
}

fn cells(visit: &Visit, group: &GroupRecord) -> [String; 12] {
    let (words, sample) = (visit.words(), &group.sample);
    [
        group.fingerprint.to_string(),
        format!("{} ({})", visit.language.public(sample), sample.code.as_str()),
        words.kind(sample.kind).to_owned(),
        group.system.to_string(),
        group.operation.to_string(),
        words.origin(sample.kind.origin()).to_owned(),
        group.parked.to_string(),
        group.waiting.to_string(),
        group.held_behind.to_string(),
        group.seen.to_string(),
        time::text(group.first_seen),
        time::text(group.last_seen),
    ]
}
