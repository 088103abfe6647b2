//! What a release would come to, now or with changes that are not live: the form, and the preview it asks for. Nothing is sent and nothing moves.

use axum::Router;
use axum::extract::{Path, State};
use axum::routing::get;
use http::StatusCode;
use lienthong_core::{DeliveryId, Fingerprint, Role};
use lienthong_engine::Configuration;
use lienthong_engine::service::{Edits, Extent, OperatorAct, PREVIEW_MOST, Preview, Selection, Verdict};
use maud::{Markup, html};

use super::delivery;
use super::group::{self, path_of};
use super::parts::{again, choice, exchange_path};
use super::previewed::{compared, told};
use crate::form::{Fields, Form, Query, bad};
use crate::guard::Visit;
use crate::layout::{fault_text, token};
use crate::refused::{Answer, Refused};
use crate::text::fill;
use crate::{Console, layout};

/// Deliveries told of one by one.
pub(super) const ROWS: usize = 50;
/// Deliveries tried when the page is opened; a press of the button tries as many as there may be.
const AT_FIRST: usize = 500;

pub(super) fn routes() -> Router<Console> {
    Router::new()
        .route("/console/errors/{group}/preview", get(of_group).post(of_group_tried))
        .route("/console/deliveries/{id}/preview", get(of_one).post(of_one_tried))
}

/// What is previewed.
#[derive(Debug, Clone)]
enum Subject {
    Group(Fingerprint),
    One(DeliveryId),
}

impl Subject {
    fn back(&self) -> String {
        match self {
            Self::Group(group) => path_of(group),
            Self::One(id) => exchange_path(id.exchange),
        }
    }

    fn path(&self) -> String {
        match self {
            Self::Group(group) => format!("{}/preview", path_of(group)),
            Self::One(id) => delivery::path(*id, "preview"),
        }
    }

    fn selection(&self) -> Selection {
        match self {
            Self::Group(group) => Selection::Group { group: group.clone(), cursor: None },
            Self::One(id) => Selection::Deliveries(vec![*id]),
        }
    }
}

async fn of_group(console: State<Console>, visit: Visit, Path(id): Path<String>, query: Query) -> Answer {
    opened(console, visit, Subject::Group(group::named(&id)?), query).await
}

async fn of_one(console: State<Console>, visit: Visit, Path(id): Path<String>, query: Query) -> Answer {
    opened(console, visit, Subject::One(delivery::named(&id)?), query).await
}

async fn of_group_tried(console: State<Console>, visit: Visit, Path(id): Path<String>, form: Form) -> Answer {
    tried(console, visit, Subject::Group(group::named(&id)?), form).await
}

async fn of_one_tried(console: State<Console>, visit: Visit, Path(id): Path<String>, form: Form) -> Answer {
    tried(console, visit, Subject::One(delivery::named(&id)?), form).await
}

/// As things stand, and with a row begun where a code has none.
async fn opened(State(console): State<Console>, visit: Visit, subject: Subject, Query(asked): Query) -> Answer {
    visit.require(Role::Operator)?;
    let extent = Extent { limit: AT_FIRST, rows: ROWS, ..Extent::default() };
    let act = OperatorAct { operator: visit.user.name.clone(), reason: None, confirmed: false };
    let preview = console.service().preview(&act, subject.selection(), Edits::default(), extent).await?;
    let typed = if asked.is_empty() { begun(&console.service().configuration(), &preview) } else { asked };
    let results = results(&visit, &preview, None);
    Ok(page(&console, &visit, &subject, &typed, &html! {}, &results))
}

async fn tried(State(console): State<Console>, visit: Visit, subject: Subject, form: Form) -> Answer {
    visit.require(Role::Operator)?;
    let fields = match form {
        Form::Sent(fields) => fields,
        Form::Again(fields) => {
            return Ok(page(&console, &visit, &subject, &fields, &again(visit.words(), true), &html! {}));
        }
    };
    if fields.ticked("load") {
        let loaded = loaded(&console.service().configuration(), &fields);
        return Ok(page(&console, &visit, &subject, &loaded, &html! {}, &html! {}));
    }
    match asked(&console, &visit, &subject, &fields).await {
        Ok(results) => Ok(page(&console, &visit, &subject, &fields, &html! {}, &results)),
        Err(Refused(fault)) => {
            let notice = fault_text(visit.language, &fault);
            let mut page = page(&console, &visit, &subject, &fields, &notice, &html! {});
            *page.status_mut() = StatusCode::from_u16(fault.http_status()).unwrap_or(StatusCode::BAD_REQUEST);
            Ok(page)
        }
    }
}

async fn asked(console: &Console, visit: &Visit, subject: &Subject, fields: &Fields) -> Result<Markup, Refused> {
    let edits = edits(fields)?;
    let act = OperatorAct { operator: visit.user.name.clone(), reason: fields.note("reason")?, confirmed: false };
    let only = match fields.some("only") {
        None => None,
        Some(text) => Some(Verdict::ALL.into_iter().find(|one| one.as_str() == text).ok_or_else(|| bad("only"))?),
    };
    let extent = Extent { limit: PREVIEW_MOST, rows: ROWS, only, ..Extent::default() };
    let preview = console.service().preview(&act, subject.selection(), edits.clone(), extent).await?;
    let one = match (fields.parsed::<DeliveryId>("delivery")?, subject) {
        (Some(id), _) => Some(id),
        (None, Subject::One(id)) => Some(*id),
        (None, Subject::Group(_)) => None,
    };
    let Some(id) = one else { return Ok(results(visit, &preview, None)) };
    let extent = Extent { limit: 1, rows: 1, only: None, differences: true, reveal: fields.ticked("reveal") };
    let compared = console.service().preview(&act, Selection::Deliveries(vec![id]), edits, extent).await?;
    Ok(results(visit, &preview, Some(&compared)))
}

fn results(visit: &Visit, preview: &Preview, one: Option<&Preview>) -> Markup {
    html! {
        @if let Some(one) = one { (compared(visit, one)) }
        (told(visit, preview))
    }
}

/// The rows and the transform of a form, as edits.
fn edits(fields: &Fields) -> Result<Edits, Refused> {
    let mut edits = Edits::default();
    if let (Some(table), Some(text)) = (fields.some("table"), fields.some("rows")) {
        edits.tables.insert(table.to_owned(), rows(text)?);
    }
    if let (Some(route), Some(text)) = (fields.some("route"), fields.some("transform")) {
        edits.transforms.insert(route.to_owned(), text.replace("\r\n", "\n"));
    }
    Ok(edits)
}

/// Each record as cells by the names of the first line.
fn rows(text: &str) -> Result<Vec<std::collections::BTreeMap<String, String>>, Refused> {
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text.as_bytes());
    let heads = reader.headers().map_err(|_| bad("rows"))?.clone();
    let record = |record: csv::Result<csv::StringRecord>| {
        let record = record.map_err(|_| bad("rows"))?;
        Ok(heads.iter().zip(record.iter()).map(|(name, cell)| (name.to_owned(), cell.to_owned())).collect())
    };
    reader.records().map(record).collect()
}

/// A row begun for the first code that has none, so that only its meaning is left to be typed.
fn begun(config: &Configuration, preview: &Preview) -> Fields {
    let problems = preview.causes.iter().flat_map(|cause| &cause.fault.problems);
    let missing = problems.filter_map(|problem| Some((problem.table.as_deref()?, problem.value_class.as_deref())));
    let found = missing.filter_map(|(table, code)| Some((config.tables.get(table)?, code))).next();
    let Some((table, code)) = found else { return Fields::default() };
    let columns = columns(&table.spec);
    let cells = columns.iter().enumerate().map(|(place, _)| if place == 0 { code.unwrap_or_default() } else { "" });
    let cells: Vec<&str> = cells.collect();
    Fields::default()
        .with("table", &table.spec.name)
        .with("rows", &format!("{}\n{}", columns.join(","), cells.join(",")))
}

/// The columns of a table's file.
fn columns(spec: &lienthong_engine::tables::TableSpec) -> Vec<&str> {
    let own = spec.key.iter().chain(&spec.values).map(String::as_str);
    own.chain(["valid_from", "valid_to"]).collect()
}

/// What is in use of what was chosen, where nothing was typed.
fn loaded(config: &Configuration, typed: &Fields) -> Fields {
    let mut fields = typed.clone();
    if let Some(table) = typed.some("table").and_then(|name| config.tables.get(name))
        && typed.some("rows").is_none()
    {
        fields = fields.with("rows", &columns(&table.spec).join(","));
    }
    let route = config.routes.iter().find(|route| Some(route.spec.name.as_str()) == typed.some("route"));
    if let Some(transform) = route.and_then(|route| route.spec.transform.as_ref()) {
        fields = fields.with("transform", &transform.text);
    }
    fields
}

fn page(
    console: &Console,
    visit: &Visit,
    subject: &Subject,
    typed: &Fields,
    notice: &Markup,
    results: &Markup,
) -> axum::response::Response {
    let words = visit.words();
    let content = html! {
        (notice)
        p { (words.preview.says) }
        form.preview method="post" action=(subject.path()) {
            (token(visit))
            // What a press of the return key means, wherever it is pressed.
            button type="submit" name="do" value="try" hidden tabindex="-1" { (words.preview.attempt) }
            (results)
            (fields(console, visit, typed))
        }
        p.buttons {
            @if let Subject::Group(group) = subject { a.button href={ (path_of(group)) "/release" } { (words.errors.release) } }
            @if let Subject::One(id) = subject { a.button href=(delivery::path(*id, "release")) { (words.errors.release) } }
            a href=(subject.back()) { (words.common.back) }
        }
    };
    layout::page(visit, words.preview.title, &content)
}

fn fields(console: &Console, visit: &Visit, typed: &Fields) -> Markup {
    let (words, config) = (visit.words(), console.service().configuration());
    let named = |name: &str| (name.to_owned(), name.to_owned());
    let tables: Vec<_> = config.tables.iter().map(|table| named(&table.spec.name)).collect();
    let routes: Vec<_> = config.routes.iter().map(|route| named(route.spec.name.as_str())).collect();
    let chosen = typed.some("table").and_then(|name| config.tables.get(name));
    let verdicts: Vec<_> =
        Verdict::ALL.into_iter().map(|one| (one.as_str().to_owned(), words.verdict(one).to_owned())).collect();
    html! {
        h2 { (words.preview.edits) }
        div.side {
            fieldset {
                legend { (words.tables.table) }
                (choice("table", words.tables.table, words.preview.none, typed.get("table"), &tables))
                @if let Some(table) = chosen {
                    p.quiet { (fill(words.preview.columns, &[("table", &table.spec.name), ("columns", &columns(&table.spec).join(", "))])) }
                }
                label { (words.preview.rows) textarea.code name="rows" rows="4" spellcheck="false" { "\n" (typed.get("rows")) } }
            }
            fieldset {
                legend { (words.message.route) }
                (choice("route", words.message.route, words.preview.none, typed.get("route"), &routes))
                label { (words.preview.transform) textarea.code name="transform" rows="8" spellcheck="false" { "\n" (typed.get("transform")) } }
            }
        }
        (choice("only", words.preview.only, words.common.all, typed.get("only"), &verdicts))
        label.tick { input type="checkbox" name="reveal" value="yes" checked[typed.ticked("reveal")]; (words.preview.reveal) }
        label { (words.common.reason) input name="reason" maxlength="500" value=(typed.get("reason")); }
        p.buttons {
            button.main type="submit" name="do" value="try" { (words.preview.attempt) }
            button type="submit" name="load" value="yes" { (words.preview.load) }
        }
    }
}

#[cfg(test)]
mod unit {
    use super::*;

    #[test]
    fn rows_are_read_by_the_names_of_the_first_line() {
        let read = rows("code, name\r\n27412, Phường 1\r\n\"a,b\",\"c\"").unwrap();
        assert_eq!(read.len(), 2);
        assert_eq!((read[0]["code"].as_str(), read[0]["name"].as_str()), ("27412", "Phường 1"));
        assert_eq!(read[1]["code"], "a,b");
        assert!(rows("code,name\n1,2,3").is_err(), "a row longer than its head is no row");
        assert!(edits(&Fields::default().with("table", "x")).unwrap().is_empty());
    }
}
