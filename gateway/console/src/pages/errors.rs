//! The list of error groups with their cases, its filters, and as a file. It changes nothing.

use axum::Router;
use axum::extract::State;
use axum::routing::get;
use lienthong_core::{FaultKind, Role, limits};
use lienthong_engine::desk::{CaseState, Party};
use lienthong_engine::service::CaseView;
use lienthong_journal::GroupFilter;
use maud::{Markup, html};

use super::marks::case_state;
use super::parts::{ROWS, below, choice, number, systems};
use crate::export::{Export, ROWS as EXPORTED};
use crate::form::{Fields, Query, bad};
use crate::guard::Visit;
use crate::refused::{Answer, Refused};
use crate::shown::{cell, plain, shown};
use crate::text::fill;
use crate::{Console, layout, time};

const PATH: &str = "/console/errors";
/// Pages looked through for one page of a list whose filter the journal does not know.
const LOOKED_THROUGH: usize = 10;

pub(super) fn routes() -> Router<Console> {
    Router::new().route(PATH, get(show)).route("/console/errors.csv", get(export))
}

/// The owner asked for who is nobody.
const NOBODY: &str = "-";

fn filter(asked: &Fields) -> Result<GroupFilter, Refused> {
    let kind = |text: &str| FaultKind::ALL.into_iter().find(|kind| kind.as_str() == text).ok_or_else(|| bad("kind"));
    Ok(GroupFilter {
        system: asked.parsed("system")?,
        operation: asked.parsed("operation")?,
        kind: asked.some("kind").map(kind).transpose()?,
        include_closed: asked.ticked("closed") || asked.get("state") == CaseState::Resolved.as_str(),
        brief: false,
    })
}

/// Whether a group is of the unit, in the state and of the owner asked for.
fn is_asked(asked: &Fields, view: &CaseView) -> bool {
    let is = |field: &str, value: &str| asked.some(field).is_none_or(|wanted| wanted == value);
    let owner = view.case.owner.as_deref().unwrap_or(NOBODY);
    is("party", view.verdict.party.as_str()) && is("state", view.state.as_str()) && is("owner", owner)
}

async fn show(State(console): State<Console>, visit: Visit, Query(asked): Query) -> Answer {
    let (mut rows, mut cursor) = (Vec::new(), asked.cursor()?);
    for _ in 0..LOOKED_THROUGH {
        let page = console.service().cases(filter(&asked)?, cursor, ROWS).await?;
        rows.extend(page.rows.into_iter().filter(|view| is_asked(&asked, view)));
        cursor = page.next;
        if cursor.is_none() || rows.len() >= ROWS {
            break;
        }
    }
    let words = visit.words();
    let proposals = console.service().proposals().await?.len();
    let content = html! {
        @if proposals > 0 { p.notice { a href=(super::amendments::PATH) { (fill(words.amend.waiting, &[("count", &proposals)])) } } }
        (filters(&console, &visit, &asked, &rows))
        div #groups data-live {
            @if rows.is_empty() { p { (words.common.nothing) } } @else { (table(&visit, &rows)) }
            (below(words, PATH, &asked, cursor.as_ref()))
            @if visit.has(Role::Operator) { p.below { a href="/console/acts" { (words.acts.title) } } }
        }
    };
    Ok(layout::page(&visit, words.errors.title, &content))
}

/// The owners who are found on the page, and who may be asked for always.
fn owners(visit: &Visit, asked: &Fields, rows: &[CaseView]) -> Vec<(String, String)> {
    let (me, case) = (visit.user.name.clone(), &visit.words().case);
    let found = rows.iter().filter_map(|view| view.case.owner.clone()).chain(asked.some("owner").map(str::to_owned));
    let others: std::collections::BTreeSet<String> = found.filter(|owner| *owner != me && owner != NOBODY).collect();
    let always = [(me, case.mine.to_owned()), (NOBODY.to_owned(), case.nobody.to_owned())];
    always.into_iter().chain(others.into_iter().map(|owner| (owner.clone(), plain(&owner)))).collect()
}

fn filters(console: &Console, visit: &Visit, asked: &Fields, rows: &[CaseView]) -> Markup {
    let words = visit.words();
    let kinds: Vec<_> =
        FaultKind::ALL.into_iter().map(|kind| (kind.as_str().to_owned(), words.kind(kind).to_owned())).collect();
    let parties: Vec<_> =
        Party::ALL.into_iter().map(|party| (party.as_str().to_owned(), words.party(party).to_owned())).collect();
    let states: Vec<_> = CaseState::ALL
        .into_iter()
        .map(|state| (state.as_str().to_owned(), words.case_state(state).to_owned()))
        .collect();
    let all = words.common.all;
    html! {
        form.filters method="get" action=(PATH) {
            (choice("state", words.common.state, all, asked.get("state"), &states))
            (choice("party", words.common.who_acts, all, asked.get("party"), &parties))
            (choice("owner", words.case.owner, all, asked.get("owner"), &owners(visit, asked, rows)))
            (choice("system", words.common.system, all, asked.get("system"), &systems(console)))
            (choice("kind", words.errors.kind, all, asked.get("kind"), &kinds))
            label { (words.common.operation) input name="operation" value=(asked.get("operation")) maxlength="64"; }
            label.tick { input type="checkbox" name="closed" value="yes" checked[asked.ticked("closed")]; (words.errors.closed) }
            button type="submit" { (words.common.filter) }
        }
    }
}

fn table(visit: &Visit, rows: &[CaseView]) -> Markup {
    let words = visit.words();
    let errors = &words.errors;
    html! {
        div.wide tabindex="0" role="region" aria-label=(errors.title) { table {
            thead { tr {
                @for head in [errors.cause, words.common.state, words.case.owner, words.common.who_acts, words.common.system, words.common.operation] { th scope="col" { (head) } }
                @for head in [errors.parked, errors.waiting, errors.held_behind] { th.number scope="col" { (head) } }
                th scope="col" { (errors.first_seen) }
                th scope="col" { (errors.last_seen) }
            } }
            tbody { @for view in rows { @let group = &view.group; tr {
                th scope="row" {
                    a href={ (PATH) "/" (group.fingerprint) } { (shown(visit.language.public(&group.sample))) }
                    " " span.code { (group.sample.code.as_str()) }
                    @for problem in group.sample.problems.iter().take(3) { br; span.code { (cell(&problem.pointer)) " " (cell(problem.value_class.as_deref().unwrap_or_default())) } }
                }
                td { (case_state(words, view.state)) }
                td { @match &view.case.owner { Some(owner) => (cell(owner)), None => span.quiet { (words.case.nobody) } } }
                td { (words.party(view.verdict.party)) }
                td { (group.system) }
                td { (group.operation) }
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
        words.common.state,
        words.case.owner,
        words.common.who_acts,
        words.common.system,
        words.common.operation,
        errors.parked,
        errors.waiting,
        errors.held_behind,
        errors.seen,
        errors.first_seen,
        errors.last_seen,
    ])?;
    let (mut cursor, mut room) = (None, true);
    for _ in 0..EXPORTED.div_ceil(limits::PAGE_ROWS) {
        let page = console.service().cases(filter(&asked)?, cursor, limits::PAGE_ROWS).await?;
        for view in page.rows.iter().filter(|view| is_asked(&asked, view)) {
            room = room && export.row(&cells(&visit, view).each_ref().map(String::as_str))?;
        }
        cursor = page.next;
        if cursor.is_none() || !room {
            break;
        }
    }
    export.finish("errors", (cursor.is_some() || !room).then_some(words.common.csv_more))
}

fn cells(visit: &Visit, view: &CaseView) -> [String; 14] {
    let (words, group, sample) = (visit.words(), &view.group, &view.group.sample);
    [
        group.fingerprint.to_string(),
        format!("{} ({})", visit.language.public(sample), sample.code.as_str()),
        words.kind(sample.kind).to_owned(),
        words.case_state(view.state).to_owned(),
        view.case.owner.clone().unwrap_or_default(),
        words.party(view.verdict.party).to_owned(),
        group.system.to_string(),
        group.operation.to_string(),
        group.parked.to_string(),
        group.waiting.to_string(),
        group.held_behind.to_string(),
        group.seen.to_string(),
        time::text(group.first_seen),
        time::text(group.last_seen),
    ]
}
