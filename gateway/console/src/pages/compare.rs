//! What the routes made of a message: each attempt beside what was received. It reveals nothing that is marked as personal.

use axum::Router;
use axum::extract::{Path, State};
use axum::routing::get;
use lienthong_core::Role;
use lienthong_engine::service::Compared;
use maud::{Markup, html};

use super::difference::difference;
use super::message::named;
use super::parts::exchange_path;
use crate::guard::Visit;
use crate::refused::Answer;
use crate::text::{Words, fill};
use crate::{Console, layout};

pub(super) fn routes() -> Router<Console> {
    Router::new().route("/console/exchanges/{id}/differences", get(show))
}

async fn show(State(console): State<Console>, visit: Visit, Path(id): Path<String>) -> Answer {
    visit.require(Role::Operator)?;
    let (id, words) = (named(&id)?, visit.words());
    let compared = console.service().compared(id).await?;
    let content = html! {
        p { (words.difference.says) }
        @if compared.is_empty() { p { (words.difference.nothing_sent) } }
        @for one in &compared { (attempt(words, one)) }
        p { a href=(exchange_path(id)) { (words.common.back) } }
    };
    Ok(layout::page(&visit, words.difference.title, &content))
}

fn attempt(words: &Words, one: &Compared) -> Markup {
    let called = fill(words.difference.attempt, &[("delivery", &one.delivery.index), ("attempt", &one.attempt)]);
    html! {
        h2 { (called) }
        @match &one.difference {
            Some(found) => (difference(words, &called, found)),
            None => p { (words.message.gone) },
        }
    }
}
