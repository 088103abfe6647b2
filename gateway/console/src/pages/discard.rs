//! Giving up an error group: a page that asks, then a page that tells. Only what was parked when the operator looked is given up.

use axum::Router;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::get;
use lienthong_core::{Role, Timestamp};
use lienthong_engine::service::{GroupOutcome, OperatorAct};
use lienthong_journal::GroupRecord;
use maud::{Markup, html};

use super::group::{named, path_of};
use super::parts::{acting, again, exchange_link, number, reason, unprocessable};
use crate::form::{Fields, Form, bad};
use crate::guard::Visit;
use crate::refused::Answer;
use crate::shown::cell;
use crate::text::fill;
use crate::{Console, layout};

pub(super) fn routes() -> Router<Console> {
    Router::new().route("/console/errors/{group}/discard", get(ask).post(discard))
}

async fn ask(State(console): State<Console>, visit: Visit, Path(id): Path<String>) -> Answer {
    visit.require(Role::Operator)?;
    let (group, _) = console.service().group(&named(&id)?, None, 1).await?;
    Ok(asking(&visit, console.now(), &group, &Fields::default(), &html! {}))
}

async fn discard(State(console): State<Console>, visit: Visit, Path(id): Path<String>, form: Form) -> Answer {
    visit.require(Role::Operator)?;
    let (id, words) = (named(&id)?, visit.words());
    let (group, _) = console.service().group(&id, None, 1).await?;
    let fields = match form {
        Form::Sent(fields) => fields,
        Form::Again(fields) => return Ok(asking(&visit, console.now(), &group, &fields, &again(words, true))),
    };
    if !fields.ticked("confirmed") {
        let notice = html! { p.notice role="alert" { (words.errors.unsure) } };
        return Ok(unprocessable(asking(&visit, console.now(), &group, &fields, &notice)));
    }
    let act = OperatorAct { operator: visit.user.name.clone(), reason: Some(fields.reason()?), confirmed: true };
    let seen: Timestamp = fields.parsed("looked_at")?.ok_or_else(|| bad("looked_at"))?;
    let outcome = console.service().discard_group_seen(&act, &id, seen).await?;
    let (left, _) = console.service().group(&id, None, 1).await?;
    Ok(told(&visit, &left, &outcome))
}

fn asking(visit: &Visit, now: Timestamp, group: &GroupRecord, typed: &Fields, notice: &Markup) -> Response {
    let words = visit.words();
    let back = path_of(&group.fingerprint);
    let fields = html! {
        input type="hidden" name="looked_at" value=(now);
        (reason(words, typed.get("reason"), true))
        label.tick { input type="checkbox" name="confirmed" value="yes" required checked[typed.ticked("confirmed")]; (words.errors.sure) }
    };
    let content = html! {
        (notice)
        p { strong { (cell(visit.language.public(&group.sample))) } " " span.code { (group.sample.code.as_str()) } " · " (group.system) " · " (group.operation) }
        p { (fill(words.errors.discard_says, &[("parked", &number(group.parked))])) }
        (acting(visit, &format!("{back}/discard"), words.errors.discard, &back, &fields))
    };
    layout::page(visit, words.errors.discard_title, &content)
}

fn told(visit: &Visit, group: &GroupRecord, outcome: &GroupOutcome) -> Response {
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
        @if group.parked > refused { p.notice role="alert" { (fill(words.errors.came_later, &[("count", &number(group.parked - refused))])) } }
        p { a href=(path_of(&group.fingerprint)) { (words.common.back) } }
    };
    layout::page(visit, words.errors.discard_title, &content)
}
