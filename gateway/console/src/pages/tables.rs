//! Code tables: the codes that messages failed on for want of a row, rows that were added, and the tables in use. It changes no table.

use axum::Router;
use axum::extract::State;
use axum::routing::get;
use lienthong_core::Role;
use lienthong_engine::service::UnmappedCode;
use maud::{Markup, html};

use super::parts::number;
use super::rows;
use crate::export::Export;
use crate::guard::Visit;
use crate::refused::Answer;
use crate::shown::cell;
use crate::{Console, layout, time};

pub(super) fn routes() -> Router<Console> {
    Router::new().route("/console/tables", get(show)).route("/console/tables.csv", get(export))
}

async fn show(State(console): State<Console>, visit: Visit) -> Answer {
    let unmapped = console.service().unmapped().await?;
    let words = visit.words();
    let content = html! {
        div #unmapped data-live {
            h2 { (words.tables.unmapped) }
            @if unmapped.codes.is_empty() { p { (words.common.nothing) } } @else {
                p { (words.tables.remedy) }
                (table(&console, &visit, &unmapped.codes))
            }
            @if unmapped.truncated { p.notice { (words.tables.more) } }
        }
        p.below { a href="/console/tables.csv" { (words.common.csv) } }
        (rows::list(&console, &visit))
        h2 { (words.tables.configured) }
        (configured(&console, &visit))
    };
    Ok(layout::page(&visit, words.tables.title, &content))
}

fn joined(texts: &std::collections::BTreeSet<String>) -> String {
    texts.iter().map(String::as_str).collect::<Vec<_>>().join(", ")
}

fn table(console: &Console, visit: &Visit, codes: &[UnmappedCode]) -> Markup {
    let words = visit.words();
    let tables = &words.tables;
    let adds = visit.has(Role::Approver);
    let has_row = |code: &UnmappedCode| console.service().configuration().tables.get(&code.table).is_some();
    html! {
        div.wide tabindex="0" role="region" aria-label=(tables.unmapped) { table {
            thead { tr {
                @for head in [tables.table, tables.code, tables.problem, tables.fields, words.common.operation] { th scope="col" { (head) } }
                @for head in [tables.parked, tables.waiting, tables.seen] { th.number scope="col" { (head) } }
                th scope="col" { (tables.last_seen) }
                @if adds { th scope="col" { (words.systems.acts) } }
            } }
            tbody { @for code in codes { tr {
                th scope="row" { (cell(&code.table)) }
                td.code { (cell(&code.code)) }
                td { (cell(&code.problem)) }
                td.code { (cell(&joined(&code.fields))) }
                td { (cell(&joined(&code.operations))) }
                @for count in [code.parked, code.waiting, code.seen] { td.number { (number(count)) } }
                td { (time::moment(code.last_seen)) }
                @if adds { td { @if has_row(code) { a.button href=(rows::path_of(&code.table, &code.code)) { (words.rows.add_one) } } } }
            } } }
        } }
    }
}

fn configured(console: &Console, visit: &Visit) -> Markup {
    let words = visit.words();
    let tables = console.service().tables();
    html! {
        @if tables.is_empty() { p { (words.common.nothing) } } @else { table {
            thead { tr { th scope="col" { (words.tables.table) } th scope="col" { (words.tables.columns) } } }
            tbody { @for table in &tables { tr {
                th scope="row" { (cell(&table.spec.name)) }
                td { (cell(&table.spec.key.iter().chain(&table.spec.values).map(String::as_str).collect::<Vec<_>>().join(", "))) }
            } } }
        } }
    }
}

async fn export(State(console): State<Console>, visit: Visit) -> Answer {
    let (words, unmapped) = (visit.words(), console.service().unmapped().await?);
    let tables = &words.tables;
    let heads = [tables.table, tables.code, tables.problem, tables.fields, words.common.operation];
    let [table, code, problem, fields, operation] = heads;
    let counts = [tables.parked, tables.waiting, tables.seen, tables.last_seen];
    let [parked, waiting, seen, last] = counts;
    let mut export = Export::new(&[table, code, problem, fields, operation, parked, waiting, seen, last])?;
    for code in &unmapped.codes {
        let [parked, waiting, seen] = [code.parked, code.waiting, code.seen].map(|count| count.to_string());
        let (fields, operations, last) = (joined(&code.fields), joined(&code.operations), time::text(code.last_seen));
        let row = [&code.table, &code.code, &code.problem, &fields, &operations, &parked, &waiting, &seen, &last];
        if !export.row(&row.map(String::as_str))? {
            break;
        }
    }
    export.finish("unmapped-codes", unmapped.truncated.then_some(words.common.csv_more))
}
