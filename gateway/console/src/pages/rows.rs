//! Adding a missing row to a code table: a form for the code, what would pass with it, then the row and the release of what waited. It edits no file.

use axum::Router;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::{get, post};
use http::StatusCode;
use lienthong_core::Role;
use lienthong_engine::service::{OperatorAct, RowOutcome};
use lienthong_engine::tables::{AddedRow, EditedRow, Laid, Table, VALID_FROM, VALID_TO};
use maud::{Markup, html};

use super::parts::{again, number, reason};
use crate::form::{Fields, Form, Query, query};
use crate::guard::{Visit, see};
use crate::layout::{fault_text, once, token};
use crate::refused::{Answer, Refused, no_such_page};
use crate::shown::{cell, shown};
use crate::text::fill;
use crate::{Console, layout, time};

const TABLES: &str = "/console/tables";
/// Fields of cells begin so.
const CELL: &str = "cell.";

pub(super) fn routes() -> Router<Console> {
    Router::new()
        .route("/console/tables/{table}/add", get(ask).post(act))
        .route("/console/rows/{id}/remove", post(remove))
}

/// Where a row of a table is added; the code is filled in.
pub(super) fn path_of(table: &str, code: &str) -> String {
    format!("{TABLES}/{table}/add{}", query("code", code))
}

fn columns(table: &Table) -> Vec<&str> {
    let own = table.spec.key.iter().chain(&table.spec.values).map(String::as_str);
    own.chain([VALID_FROM, VALID_TO]).collect()
}

async fn ask(State(console): State<Console>, visit: Visit, Path(name): Path<String>, Query(asked): Query) -> Answer {
    visit.require(Role::Approver)?;
    let table = found(&console, &name)?;
    let parts = asked.get("code").split('/');
    let typed = table
        .spec
        .key
        .iter()
        .zip(parts)
        .fold(Fields::default(), |typed, (column, part)| typed.with(&format!("{CELL}{column}"), part));
    Ok(page(&visit, &table, &typed, &html! {}, None))
}

fn found(console: &Console, name: &str) -> Result<std::sync::Arc<Table>, Refused> {
    console.service().configuration().tables.get(name).cloned().ok_or_else(no_such_page)
}

async fn act(State(console): State<Console>, visit: Visit, Path(name): Path<String>, form: Form) -> Answer {
    visit.require(Role::Approver)?;
    let table = found(&console, &name)?;
    let typed = match form {
        Form::Sent(fields) => fields,
        Form::Again(fields) => return Ok(page(&visit, &table, &fields, &again(visit.words(), true), None)),
    };
    match added(&console, &visit, &table, &typed).await {
        Ok(outcome) if outcome.row.is_none() => Ok(page(&visit, &table, &typed, &html! {}, Some(&outcome))),
        Ok(outcome) => Ok(told(&visit, &outcome)),
        Err(Refused(why)) => {
            let mut page = page(&visit, &table, &typed, &fault_text(visit.language, &why), None);
            *page.status_mut() = StatusCode::from_u16(why.http_status()).unwrap_or(StatusCode::BAD_REQUEST);
            Ok(page)
        }
    }
}

async fn added(console: &Console, visit: &Visit, table: &Table, typed: &Fields) -> Result<RowOutcome, Refused> {
    let cells: EditedRow = columns(table)
        .into_iter()
        .map(|column| (column.to_owned(), typed.get(&format!("{CELL}{column}")).trim().to_owned()))
        .collect();
    let dry_run = typed.get("do") != "add";
    let reason = if dry_run { typed.note("reason")? } else { Some(typed.reason()?) };
    let act = OperatorAct { operator: visit.user.name.clone(), reason, confirmed: false };
    Ok(console.service().add_row(&act, &table.spec.name, cells, (dry_run, true)).await?)
}

fn page(visit: &Visit, table: &Table, typed: &Fields, notice: &Markup, tried: Option<&RowOutcome>) -> Response {
    let words = visit.words();
    let of = &words.rows;
    let name = &table.spec.name;
    let content = html! {
        (notice)
        p { strong { (cell(name)) } " · " (cell(&table.spec.description)) }
        p { (of.says) }
        @if let Some(outcome) = tried { p role="status" { (fill(of.tried, &[("passes", &number(outcome.passes)), ("fails", &number(outcome.fails))])) } }
        form.act method="post" action={ (TABLES) "/" (name) "/add" } {
            (token(visit))
            (once(visit))
            button type="submit" name="do" value="try" hidden tabindex="-1" { (of.attempt) }
            @for column in columns(table) {
                label { (cell(column))
                    @if column == VALID_FROM || column == VALID_TO {
                        input type="date" name={ (CELL) (column) } value=(typed.get(&format!("{CELL}{column}")));
                    } @else {
                        input name={ (CELL) (column) } value=(typed.get(&format!("{CELL}{column}"))) maxlength="500" required;
                    }
                }
            }
            p.quiet { (of.days) }
            (reason(words, typed.get("reason"), false))
            p.buttons {
                button type="submit" name="do" value="try" { (of.attempt) }
                button.main type="submit" name="do" value="add" { (of.add) }
                a href=(TABLES) { (words.common.cancel) }
            }
        }
    };
    layout::page(visit, of.title, &content)
}

fn told(visit: &Visit, outcome: &RowOutcome) -> Response {
    let words = visit.words();
    let of = &words.rows;
    let refused = outcome.released.refused.len() as u64 + outcome.released.refused_unlisted;
    let content = html! {
        p.notice role="status" { (fill(of.added, &[("moved", &number(outcome.released.moved)), ("refused", &number(refused))])) }
        @for release in &outcome.releases { p { a href={ "/console/releases/" (release) } { (fill(words.releases.one, &[("id", release)])) } } }
        p { a href=(TABLES) { (words.common.back) } }
    };
    layout::page(visit, of.title, &content)
}

/// The rows that were added, each with what became of it.
pub(super) fn list(console: &Console, visit: &Visit) -> Markup {
    let words = visit.words();
    let of = &words.rows;
    let rows = console.service().added_rows();
    html! {
        @if !rows.is_empty() {
            h2 { (of.list) }
            div.wide tabindex="0" role="region" aria-label=(of.list) { table {
                thead { tr { @for head in [words.tables.table, of.cells, of.by, words.common.reason, words.common.state] { th scope="col" { (head) } } } }
                tbody { @for (row, laid) in &rows { (one(console, visit, row, laid)) } }
            } }
        }
    }
}

fn one(console: &Console, visit: &Visit, row: &AddedRow, laid: &Laid) -> Markup {
    let words = visit.words();
    let config = console.service().configuration();
    let personal = |column: &str| {
        let table = config.tables.get(&row.table);
        table.is_none_or(|table| table.spec.personal.iter().any(|one| one == column))
    };
    html! {
        tr {
            th scope="row" { (cell(&row.table)) }
            td.code { @for (column, text) in &row.cells { (cell(column)) "=" @if personal(column) { "•••" } @else { (cell(text)) } " " } }
            td { (cell(&row.by)) br; (time::moment(row.at)) }
            td { (cell(&row.reason)) }
            td {
                @match laid {
                    Laid::InForce => (words.rows.in_force),
                    Laid::InFile => (words.rows.in_file),
                    Laid::SetAside(why) => { (words.rows.set_aside) " " span.quiet { (shown(why)) } },
                }
                @if visit.has(Role::Approver) {
                    form method="post" action={ "/console/rows/" (row.id) "/remove" } {
                        (token(visit)) (once(visit))
                        label { (words.common.reason) input name="reason" maxlength="500" required; }
                        button type="submit" { (words.rows.remove) }
                    }
                }
            }
        }
    }
}

async fn remove(State(console): State<Console>, visit: Visit, Path(id): Path<String>, form: Form) -> Answer {
    visit.require(Role::Approver)?;
    let Form::Sent(fields) = form else { return Ok(see(TABLES)) };
    let act = OperatorAct { operator: visit.user.name.clone(), reason: Some(fields.reason()?), confirmed: false };
    console.service().remove_row(&act, &id).await?;
    Ok(see(TABLES))
}
