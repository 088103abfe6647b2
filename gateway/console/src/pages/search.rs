//! Search by what an operator has in hand. The text travels in a form and stands in no address: it may be a person's name.

use axum::Router;
use axum::extract::State;
use axum::routing::get;
use lienthong_engine::service::{Found, FoundBy};
use lienthong_journal::{Cursor, ExchangeFilter};
use maud::{Markup, html};

use super::messages;
use super::parts::{ROWS, again};
use crate::form::{Fields, Form};
use crate::guard::Visit;
use crate::layout::token;
use crate::refused::{Answer, Refused};
use crate::text::Words;
use crate::{Console, layout};

const PATH: &str = "/console/search";

pub(super) fn routes() -> Router<Console> {
    Router::new().route(PATH, get(ask).post(search))
}

async fn ask(State(console): State<Console>, visit: Visit) -> Answer {
    let content = form(&console, &visit, &Fields::default());
    Ok(layout::page(&visit, visit.words().search.title, &content))
}

async fn search(State(console): State<Console>, visit: Visit, form: Form) -> Answer {
    let words = visit.words();
    let fields = match form {
        Form::Sent(fields) => fields,
        Form::Again(fields) => {
            let content = html! { (again(words, true)) (self::form(&console, &visit, &fields)) };
            return Ok(layout::page(&visit, words.search.title, &content));
        }
    };
    let filter = messages::filter(&fields)?;
    tracing::info!(target: "lienthong::audit", operator = visit.user.name, "searched");
    let found = found(&console, &fields, filter).await?;
    let content = html! {
        (self::form(&console, &visit, &fields))
        (results(&visit, &fields, &found))
    };
    Ok(layout::page(&visit, words.search.title, &content))
}

async fn found(console: &Console, fields: &Fields, filter: ExchangeFilter) -> Result<Found, Refused> {
    Ok(console.service().search(fields.some("text"), filter, fields.cursor()?, ROWS).await?)
}

fn form(console: &Console, visit: &Visit, typed: &Fields) -> Markup {
    let words = visit.words();
    html! {
        form.filters method="post" action=(PATH) role="search" {
            (token(visit))
            label { (words.search.text)
                input type="search" name="text" value=(typed.get("text")) maxlength="200" autofocus autocomplete="off" aria-describedby="search-rule";
            }
            (messages::narrowing(console, words, typed))
            button.main type="submit" { (words.search.find) }
        }
        p.quiet #search-rule { (words.search.rule) }
    }
}

fn results(visit: &Visit, fields: &Fields, found: &Found) -> Markup {
    let words = visit.words();
    html! {
        @if let Some(by) = found.by { p role="status" { (words.search.found_by) " " strong { (by_word(words, by)) } } }
        @if found.page.rows.is_empty() {
            p role="status" { @if found.page.next.is_some() { (words.search.not_yet) } @else { (words.search.nothing) } }
        } @else { (messages::table(visit, &found.page.rows)) }
        @if let Some(next) = &found.page.next { (further(visit, fields, next)) }
    }
}

/// The next page is a form too, so that the text stays out of addresses.
fn further(visit: &Visit, fields: &Fields, Cursor(next): &Cursor) -> Markup {
    html! {
        form method="post" action=(PATH) {
            (token(visit))
            @for name in ["text", "key", "system", "state", "operation", "client", "from", "to"] {
                @if let Some(value) = fields.some(name) { input type="hidden" name=(name) value=(value); }
            }
            input type="hidden" name="cursor" value=(next);
            p.buttons { button type="submit" { (visit.words().common.next) } }
        }
    }
}

fn by_word(words: &Words, by: FoundBy) -> &'static str {
    match by {
        FoundBy::Id => words.search.by_id,
        FoundBy::Group => words.search.by_group,
        FoundBy::Key => words.search.by_key,
        FoundBy::Number => words.search.by_number,
        FoundBy::Words => words.search.by_words,
        FoundBy::IdPrefix => words.search.by_prefix,
    }
}
