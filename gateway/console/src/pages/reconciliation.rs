//! Reconciliation (đối soát): runs, begin one, one run with its counts and differences, stop it, send what was chosen. It compares nothing.

mod lists;
mod send;
mod shown;

use axum::Router;
use axum::extract::{Path, State};
use axum::response::IntoResponse as _;
use axum::response::Redirect;
use axum::routing::{get, post};
use lienthong_core::Role;
use lienthong_engine::reconcile::run::Wanted;
use lienthong_engine::reconcile::{Aspect, Newer, Phase, Why};
use lienthong_engine::service::{OperatorAct, RunAsked, RunView};
use maud::{Markup, html};

use super::parts::{ROWS, again, choice, number};
use crate::export::Export;
use crate::form::{Fields, Form, Query, bad};
use crate::guard::Visit;
use crate::layout::{once, token};
use crate::refused::{Answer, Refused};
use crate::shown::cell;
use crate::text::Words;
use crate::{Console, layout, time};
pub(super) use lists::FILES;
use shown::{aspects, newer, phase, why};

const PATH: &str = "/console/reconciliations";
/// Where lists are handed over as files.
pub(super) const LISTS: &str = "/console/reconciliations/lists";
/// Cells of the counts shown; all are in the file.
const CELLS: usize = 200;

pub(super) fn routes() -> Router<Console> {
    Router::new()
        .route(PATH, get(list).post(begin))
        .route(LISTS, get(list).post(lists::take))
        .route("/console/reconciliations/{run}", get(show))
        .route("/console/reconciliations/{run}/stop", post(stop))
        .route("/console/reconciliations/{run}/send", get(send::ask).post(send::send))
        .route("/console/reconciliations/{run}/totals.csv", get(totals_csv))
        .route("/console/reconciliations/{run}/differences.csv", get(differences_csv))
}

async fn list(State(console): State<Console>, visit: Visit) -> Answer {
    listed(&console, &visit, &Fields::default(), &html! {}).await
}

async fn listed(console: &Console, visit: &Visit, typed: &Fields, notice: &Markup) -> Answer {
    let words = &visit.words().reconciliation;
    let configured = console.service().configuration();
    let specs = &configured.reconciliations.0;
    let runs = console.service().reconciliations().await?;
    let content = html! {
        (notice)
        p { (words.says) }
        @if specs.is_empty() { p { (words.none_configured) } } @else {
            h2 { (words.configured) }
            table {
                thead { tr { th scope="col" { (words.name) } th scope="col" { (visit.words().common.operation) } th scope="col" { (words.daily) } } }
                tbody { @for spec in specs.iter() { tr {
                    th scope="row" { (cell(&spec.name)) br; span.quiet { (cell(&spec.summary)) } }
                    td { (spec.operation) }
                    td { @if let Some(daily) = &spec.daily { (daily.at.strftime("%H:%M").to_string()) } }
                } } }
            }
        }
        @let daily: Vec<(String, String)> = specs.iter().filter(|spec| spec.daily.is_some()).map(|spec| (spec.name.clone(), spec.name.clone())).collect();
        @if visit.has(Role::Operator) && !daily.is_empty() {
            form.filters method="post" action=(PATH) {
                (token(visit))
                (once(visit))
                label { (words.name) select name="name" { @for (value, text) in &daily { option value=(value) selected[*value == typed.get("name")] { (text) } } } }
                label { (words.from) input type="date" name="from" value=(typed.get("from")); }
                label { (words.to) input type="date" name="to" value=(typed.get("to")); }
                button type="submit" { (words.begin) }
            }
            p.quiet { (words.begin_says) }
        }
        @if visit.has(Role::Operator) && !specs.is_empty() { (lists::form(visit, specs, typed)) }
        h2 { (words.runs) }
        div #reconciliations data-live {
            @if runs.is_empty() { p { (visit.words().common.nothing) } } @else { (table(visit, &runs)) }
        }
    };
    Ok(layout::page(visit, words.title, &content))
}

fn table(visit: &Visit, runs: &[RunView]) -> Markup {
    let words = &visit.words().reconciliation;
    html! {
        div.wide tabindex="0" role="region" aria-label=(words.runs) { table {
            thead { tr {
                @for head in [words.began, words.name, words.from, words.to, visit.words().common.state] { th scope="col" { (head) } }
                th.number scope="col" { (words.different) }
            } }
            tbody { @for view in runs.iter().rev() { tr {
                th scope="row" { a href={ (PATH) "/" (view.id) } { (time::moment(view.run.began)) } }
                td { (cell(&view.run.name)) }
                td { (view.run.from) }
                td { (view.run.to) }
                td { (phase(visit.words(), view.run.phase)) }
                td.number { (number(view.run.counts.different)) }
            } } }
        } }
    }
}

async fn begin(State(console): State<Console>, visit: Visit, form: Form) -> Answer {
    visit.require(Role::Operator)?;
    let fields = match form {
        Form::Sent(fields) => fields,
        Form::Again(fields) => return listed(&console, &visit, &fields, &again(visit.words(), true)).await,
    };
    let act = OperatorAct { operator: visit.user.name.clone(), reason: None, confirmed: false };
    let asked = RunAsked {
        name: fields.get("name").to_owned(),
        from: fields.parsed("from")?,
        to: fields.parsed("to")?,
        from_files: true,
    };
    let view = console.service().begin_reconciliation(&act, asked).await?;
    Ok(Redirect::to(&format!("{PATH}/{}", view.id)).into_response())
}

async fn stop(State(console): State<Console>, visit: Visit, Path(id): Path<String>, form: Form) -> Answer {
    visit.require(Role::Operator)?;
    if let Form::Sent(_) = form {
        let act = OperatorAct { operator: visit.user.name.clone(), reason: None, confirmed: false };
        console.service().stop_reconciliation(&act, &id).await?;
        return Ok(Redirect::to(&format!("{PATH}/{id}")).into_response());
    }
    shown_run(&console, &visit, &id, &Fields::default(), &again(visit.words(), true)).await
}

async fn show(State(console): State<Console>, visit: Visit, Path(id): Path<String>, Query(asked): Query) -> Answer {
    shown_run(&console, &visit, &id, &asked, &html! {}).await
}

async fn shown_run(console: &Console, visit: &Visit, id: &str, asked: &Fields, notice: &Markup) -> Answer {
    let view = console.service().a_reconciliation(id).await?;
    let words = &visit.words().reconciliation;
    let goes_on = !view.run.phase.is_over() || view.run.sending.is_some();
    let cells = match view.run.phase.is_over() {
        true => console.service().reconciliation_totals(id).await?,
        false => Vec::new(),
    };
    let after = after(asked)?;
    let page = console.service().differences(id, &wanted(asked)?, after, ROWS).await?;
    let path = format!("{PATH}/{id}");
    let content = html! {
        (notice)
        div #run data-live { (shown::facts(visit, &view)) }
        @if goes_on && visit.has(Role::Operator) {
            form.act method="post" action={ (path) "/stop" } { (token(visit)) (once(visit)) p.buttons { button type="submit" { (words.stop) } } }
        }
        @if !cells.is_empty() {
            h2 { (words.totals) }
            (shown::totals(visit, cells.get(..CELLS.min(cells.len())).unwrap_or_default()))
            p.below { a href={ (path) "/totals.csv" } { (visit.words().common.csv) } }
        }
        h2 { (words.differences) }
        (filters(visit, &path, asked))
        div #differences data-live {
            @if page.found.is_empty() { p { (visit.words().common.nothing) } } @else {
                (shown::differences(visit, &view, &page.found, asked))
            }
            p.below {
                @if after.is_some() { a href=(asked.link(&path, "after", "")) { (visit.words().common.first) } }
                @if let Some(next) = page.next { a rel="next" href=(asked.link(&path, "after", &next.to_string())) { (visit.words().common.next) } }
                a href=(asked.link(&format!("{path}/differences.csv"), "after", "")) { (visit.words().common.csv) }
            }
        }
    };
    Ok(layout::page(visit, &format!("{} · {}", words.title, view.run.name), &content))
}

fn filters(visit: &Visit, path: &str, asked: &Fields) -> Markup {
    let (words, all) = (&visit.words().reconciliation, visit.words().common.all);
    let option = |value: &'static str, text: &'static str| (value.to_owned(), text.to_owned());
    let aspects_of: Vec<_> = Aspect::ALL.map(|one| option(one.as_str(), aspects(visit.words(), one))).into();
    let newer_of: Vec<_> = Newer::ALL.map(|one| option(one.as_str(), newer(visit.words(), one))).into();
    let why_of: Vec<_> = Why::ALL.map(|one| option(one.as_str(), why(visit.words(), one))).into();
    html! {
        form.filters method="get" action=(path) {
            (choice("aspect", words.differs_in, all, asked.get("aspect"), &aspects_of))
            (choice("newer", words.newer, all, asked.get("newer"), &newer_of))
            (choice("why", words.why, all, asked.get("why"), &why_of))
            label { (words.unit) input name="unit" value=(asked.get("unit")) maxlength="200"; }
            label { (words.procedure) input name="procedure" value=(asked.get("procedure")) maxlength="200"; }
            label { (words.status) input name="status" value=(asked.get("status")) maxlength="64"; }
            label { (visit.words().common.key) input name="key" value=(asked.get("key")) maxlength="128"; }
            button type="submit" { (visit.words().common.filter) }
        }
    }
}

/// The conditions of a list, as its query says them.
fn wanted(asked: &Fields) -> Result<Wanted, Refused> {
    fn named<T: Copy, const N: usize>(
        asked: &Fields,
        name: &str,
        all: [T; N],
        of: fn(T) -> &'static str,
    ) -> Result<Option<T>, Refused> {
        let Some(text) = asked.some(name) else { return Ok(None) };
        all.into_iter().find(|one| of(*one) == text).map(Some).ok_or_else(|| bad(name))
    }
    let text = |name: &str| asked.some(name).map(str::to_owned);
    Ok(Wanted {
        places: Vec::new(),
        aspect: named(asked, "aspect", Aspect::ALL, Aspect::as_str)?,
        newer: named(asked, "newer", Newer::ALL, Newer::as_str)?,
        why: named(asked, "why", Why::ALL, Why::as_str)?,
        unit: text("unit"),
        procedure: text("procedure"),
        status: text("status"),
        key: asked.parsed("key")?,
    })
}

fn after(asked: &Fields) -> Result<Option<u32>, Refused> {
    asked.parsed("after")
}

async fn totals_csv(State(console): State<Console>, visit: Visit, Path(id): Path<String>) -> Answer {
    let words = &visit.words().reconciliation;
    let cells = console.service().reconciliation_totals(&id).await?;
    let heads =
        [words.unit, words.procedure, words.status, words.day, words.here, words.handed, words.there, words.different];
    let mut export = Export::new(&heads)?;
    let mut room = true;
    for (place, cell) in cells {
        let day = place.day.map(|day| day.to_string()).unwrap_or_default();
        let counts = [cell.here, cell.handed, cell.there, cell.different].map(|count| count.to_string());
        let [unit, procedure, status] =
            [&place.unit, &place.procedure, &place.status].map(|text| text.as_deref().unwrap_or_default());
        let [here, handed, there, different] = counts.each_ref().map(String::as_str);
        room = room && export.row(&[unit, procedure, status, &day, here, handed, there, different])?;
    }
    export.finish("reconciliation-totals", (!room).then_some(visit.words().common.csv_more))
}

async fn differences_csv(
    State(console): State<Console>,
    visit: Visit,
    Path(id): Path<String>,
    Query(asked): Query,
) -> Answer {
    let mut export = Export::new(&shown::heads(visit.words()))?;
    let (wanted, mut after, mut room) = (wanted(&asked)?, None, true);
    loop {
        let page = console.service().differences(&id, &wanted, after, 500).await?;
        for found in &page.found {
            let cells = shown::cells(visit.words(), found);
            room = room && export.row(&cells.each_ref().map(String::as_str))?;
        }
        after = page.next;
        if after.is_none() || !room {
            break;
        }
    }
    export.finish("differences", (!room).then_some(visit.words().common.csv_more))
}

/// Whether anything can be sent of a run now.
fn can_send(visit: &Visit, view: &RunView) -> bool {
    visit.has(Role::Operator) && view.run.phase == Phase::Done && view.run.sending.is_none()
}

/// What every page of this subject is called.
fn title(words: &Words) -> &'static str {
    words.reconciliation.send_title
}
