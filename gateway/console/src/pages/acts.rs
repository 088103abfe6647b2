//! Releasing and discarding an error group: a page that asks, then a page that tells. Who did it and why goes to the service.

use axum::Router;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::get;
use lienthong_core::Role;
use lienthong_engine::service::{GroupOutcome, OperatorAct};
use lienthong_journal::GroupRecord;
use maud::{Markup, html};

use super::group::named;
use super::parts::{acting, again, exchange_link, number, reason, unprocessable};
use crate::form::{Fields, Form};
use crate::guard::Visit;
use crate::refused::Answer;
use crate::shown::cell;
use crate::text::{Words, fill};
use crate::{Console, layout};

/// What is done to a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verb {
    Release,
    Discard,
}

pub(super) fn routes() -> Router<Console> {
    Router::new()
        .route("/console/errors/{group}/release", get(ask_release).post(release))
        .route("/console/errors/{group}/discard", get(ask_discard).post(discard))
}

impl Verb {
    fn path(self) -> &'static str {
        match self {
            Self::Release => "release",
            Self::Discard => "discard",
        }
    }

    fn title(self, words: &Words) -> &'static str {
        match self {
            Self::Release => words.errors.release_title,
            Self::Discard => words.errors.discard_title,
        }
    }

    fn button(self, words: &Words) -> &'static str {
        match self {
            Self::Release => words.errors.release,
            Self::Discard => words.errors.discard,
        }
    }
}

async fn ask_release(state: State<Console>, visit: Visit, path: Path<String>) -> Answer {
    ask(state, visit, path, Verb::Release).await
}

async fn ask_discard(state: State<Console>, visit: Visit, path: Path<String>) -> Answer {
    ask(state, visit, path, Verb::Discard).await
}

async fn release(state: State<Console>, visit: Visit, path: Path<String>, form: Form) -> Answer {
    act(state, visit, path, Verb::Release, form).await
}

async fn discard(state: State<Console>, visit: Visit, path: Path<String>, form: Form) -> Answer {
    act(state, visit, path, Verb::Discard, form).await
}

async fn ask(State(console): State<Console>, visit: Visit, Path(id): Path<String>, verb: Verb) -> Answer {
    visit.require(Role::Operator)?;
    let (group, _) = console.service().group(&named(&id)?, None, 1).await?;
    Ok(asking(&visit, &group, verb, &Fields::default(), &html! {}))
}

async fn act(State(console): State<Console>, visit: Visit, Path(id): Path<String>, verb: Verb, form: Form) -> Answer {
    visit.require(Role::Operator)?;
    let (id, words) = (named(&id)?, visit.words());
    let (group, _) = console.service().group(&id, None, 1).await?;
    let fields = match form {
        Form::Sent(fields) => fields,
        Form::Again(fields) => return Ok(asking(&visit, &group, verb, &fields, &again(words, true))),
    };
    let confirmed = fields.ticked("confirmed");
    if verb == Verb::Discard && !confirmed {
        let notice = html! { p.notice role="alert" { (words.errors.unsure) } };
        return Ok(unprocessable(asking(&visit, &group, verb, &fields, &notice)));
    }
    let reason = match verb {
        Verb::Release => fields.note("reason")?,
        Verb::Discard => Some(fields.reason()?),
    };
    let act = OperatorAct { operator: visit.user.name.clone(), reason, confirmed };
    let outcome = match verb {
        Verb::Release => console.service().release_group(&act, &id).await?,
        Verb::Discard => console.service().discard_group(&act, &id).await?,
    };
    Ok(told(&visit, &group, verb, &outcome))
}

fn asking(visit: &Visit, group: &GroupRecord, verb: Verb, typed: &Fields, notice: &Markup) -> Response {
    let words = visit.words();
    let (says, confirm) = match verb {
        Verb::Release => (words.errors.release_says, words.errors.confirmed),
        Verb::Discard => (words.errors.discard_says, words.errors.sure),
    };
    let back = format!("/console/errors/{}", group.fingerprint);
    let fields = html! {
        (reason(words, typed.get("reason"), verb == Verb::Discard))
        label.tick { input type="checkbox" name="confirmed" value="yes" required[verb == Verb::Discard] checked[typed.ticked("confirmed")]; (confirm) }
    };
    let content = html! {
        (notice)
        p { strong { (cell(visit.language.public(&group.sample))) } " " span.code { (group.sample.code.as_str()) } " · " (group.system) " · " (group.operation) }
        p { (fill(says, &[("parked", &number(group.parked))])) }
        (acting(visit, &format!("{back}/{}", verb.path()), verb.button(words), &back, &fields))
    };
    layout::page(visit, verb.title(words), &content)
}

fn told(visit: &Visit, group: &GroupRecord, verb: Verb, outcome: &GroupOutcome) -> Response {
    let words = visit.words();
    let refused = outcome.refused.len() as u64 + outcome.refused_unlisted;
    let content = html! {
        p.notice role="status" { (fill(words.errors.moved, &[("moved", &number(outcome.moved))])) }
        @if refused > 0 {
            p.notice role="alert" { (fill(words.errors.refused, &[("refused", &number(refused))])) }
            table {
                thead { tr { th scope="col" { (words.common.exchange) } th scope="col" { (words.errors.why) } } }
                tbody { @for (id, why) in &outcome.refused { tr { th scope="row" { (exchange_link(id.exchange)) } td { (cell(why)) } } } }
            }
        }
        p { a href={ "/console/errors/" (group.fingerprint) } { (words.common.back) } }
    };
    layout::page(visit, verb.title(words), &content)
}
