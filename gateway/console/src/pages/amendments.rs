//! Amendments that wait for a second person: the list, one of them with what it changes, approval and refusal. It amends nothing itself.

use axum::Router;
use axum::extract::{Path, State};
use axum::routing::{get, post};
use http::StatusCode;
use lienthong_core::{DeliveryId, Role};
use lienthong_engine::service::{Content, OperatorAct, ProposalView};
use maud::{Markup, html};

use super::delivery::{named, path};
use super::parts::{again, dossier_link, exchange_link, exchange_path, reason, state};
use super::previewed::differing;
use crate::form::{Fields, Form};
use crate::guard::{Visit, see};
use crate::layout::{fault_text, once, token};
use crate::refused::{Answer, Refused, no_such_page};
use crate::shown::cell;
use crate::text::fill;
use crate::{Console, layout, time};

/// Where they are listed.
pub(super) const PATH: &str = "/console/amendments";

pub(super) fn routes() -> Router<Console> {
    Router::new()
        .route(PATH, get(list))
        .route("/console/deliveries/{id}/amendments/{number}", get(show).post(reveal))
        .route("/console/deliveries/{id}/amendments/{number}/approve", post(approve))
        .route("/console/deliveries/{id}/amendments/{number}/refuse", post(refuse))
}

fn path_of(id: DeliveryId, number: u32) -> String {
    format!("{}/{number}", path(id, "amendments"))
}

async fn list(State(console): State<Console>, visit: Visit) -> Answer {
    let proposals = console.service().proposals().await?;
    let words = visit.words();
    let heads = [words.common.exchange, words.common.key, words.common.operation, words.amend.by, words.common.reason];
    let content = html! {
        div #amendments data-live {
            @if proposals.is_empty() { p { (words.common.nothing) } } @else {
                div.wide tabindex="0" role="region" aria-label=(words.amend.proposals) { table {
                    thead { tr { @for head in heads { th scope="col" { (head) } } th scope="col" { (words.common.state) } } }
                    tbody { @for one in &proposals { (row(&visit, one)) } }
                } }
            }
        }
    };
    Ok(layout::page(&visit, words.amend.proposals, &content))
}

fn row(visit: &Visit, one: &ProposalView) -> Markup {
    let words = visit.words();
    html! {
        tr {
            th scope="row" { a href=(path_of(one.delivery, one.number)) { (fill(words.amend.proposal, &[("number", &one.number)])) } br; (exchange_link(one.delivery.exchange)) }
            td { @if let Some(about) = &one.about { (dossier_link(&about.key)) } }
            td { @if let Some(about) = &one.about { (about.operation) } }
            td { (cell(&one.by)) br; (time::moment(one.at)) }
            td { (cell(&one.reason)) }
            td { @if let Some(about) = &one.about { (state(words, about.state)) } @if one.stale { br; (words.amend.stale) } }
        }
    }
}

async fn show(state: State<Console>, visit: Visit, path: Path<(String, String)>) -> Answer {
    shown(state, visit, path, Fields::default(), &html! {}, StatusCode::OK).await
}

async fn reveal(state: State<Console>, visit: Visit, path: Path<(String, String)>, form: Form) -> Answer {
    let (fields, notice) = match form {
        Form::Sent(fields) => (fields.with("reveal", "yes"), html! {}),
        Form::Again(fields) => (fields, again(visit.words(), true)),
    };
    shown(state, visit, path, fields, &notice, StatusCode::OK).await
}

async fn shown(
    State(console): State<Console>,
    visit: Visit,
    Path((id, number)): Path<(String, String)>,
    typed: Fields,
    notice: &Markup,
    status: StatusCode,
) -> Answer {
    visit.require(Role::Operator)?;
    let (id, number) = (named(&id)?, place(&number)?);
    let words = visit.words();
    let open = console.service().proposals().await?.into_iter().find(|one| (one.delivery, one.number) == (id, number));
    let open = open.ok_or_else(no_such_page)?;
    let revealed = typed.ticked("reveal");
    let reason_given = if revealed { Some(typed.reason()?) } else { None };
    let act = OperatorAct { operator: visit.user.name.clone(), reason: reason_given, confirmed: false };
    let trial = console.service().try_amendment(&act, id, Content::Kept(number), revealed).await;
    let content = html! {
        (notice)
        table.facts { tbody {
            tr { th scope="row" { (words.common.exchange) } td { (exchange_link(id.exchange)) } }
            @if let Some(about) = &open.about { tr { th scope="row" { (words.common.operation) } td { (about.operation) } } }
            tr { th scope="row" { (words.amend.by) } td { (cell(&open.by)) " · " (time::moment(open.at)) } }
            tr { th scope="row" { (words.common.reason) } td { (cell(&open.reason)) } }
            tr { th scope="row" { (words.amend.changes) } td.code { @for pointer in &open.changed { (cell(pointer)) " " } } }
        } }
        @if open.stale { p.notice role="alert" { (words.amend.stale) } }
        @match &trial {
            Ok(trial) => section.compared id="compared" { (differing(words, &trial.difference)) },
            Err(fault) => (fault_text(visit.language, fault)),
        }
        (forms(&visit, &open, &typed))
        p { a href=(PATH) { (words.common.back) } }
    };
    let mut page = layout::page(&visit, &fill(words.amend.proposal, &[("number", &number)]), &content);
    *page.status_mut() = status;
    Ok(page)
}

fn forms(visit: &Visit, open: &ProposalView, typed: &Fields) -> Markup {
    let words = visit.words();
    let at = path_of(open.delivery, open.number);
    let own = open.by == visit.user.name;
    let decides = visit.has(Role::Approver);
    html! {
        @if decides && !own && !open.stale {
            form.act method="post" action={ (at) "/approve" } {
                (token(visit)) (once(visit))
                p { (words.amend.approve_says) }
                p.buttons { button.main type="submit" { (words.amend.approve) } }
            }
        }
        @if own { p { (words.amend.own_proposal) } }
        form.act method="post" action={ (at) "/refuse" } {
            (token(visit)) (once(visit))
            (reason(words, typed.get("reason"), true))
            p.buttons {
                @if own || decides { button type="submit" { (if own { words.amend.take_back } else { words.amend.refuse }) } }
                button type="submit" formaction=(at) { (words.amend.reveal) }
            }
        }
    }
}

fn place(text: &str) -> Result<u32, Refused> {
    text.parse().map_err(|_| no_such_page())
}

async fn approve(state: State<Console>, visit: Visit, at: Path<(String, String)>, form: Form) -> Answer {
    visit.require(Role::Approver)?;
    let Form::Sent(fields) = form else {
        let notice = again(visit.words(), true);
        return shown(state, visit, at, Fields::default(), &notice, StatusCode::OK).await;
    };
    let (id, number) = (named(&at.0.0)?, place(&at.0.1)?);
    let act = OperatorAct { operator: visit.user.name.clone(), reason: None, confirmed: false };
    match state.0.service().approve_amendment(&act, id, number).await {
        Ok(_) => Ok(see(&exchange_path(id.exchange))),
        Err(fault) => not_done(state, visit, at, fields, Refused::from(fault)).await,
    }
}

async fn refuse(state: State<Console>, visit: Visit, at: Path<(String, String)>, form: Form) -> Answer {
    visit.require(Role::Operator)?;
    let fields = match form {
        Form::Sent(fields) => fields,
        Form::Again(fields) => {
            let notice = again(visit.words(), true);
            return shown(state, visit, at, fields, &notice, StatusCode::OK).await;
        }
    };
    let (id, number) = (named(&at.0.0)?, place(&at.0.1)?);
    let reason = match fields.reason() {
        Ok(reason) => reason,
        Err(refused) => return not_done(state, visit, at, fields, refused).await,
    };
    let act = OperatorAct { operator: visit.user.name.clone(), reason: Some(reason), confirmed: false };
    match state.0.service().refuse_amendment(&act, id, number, visit.has(Role::Approver)).await {
        Ok(()) => Ok(see(PATH)),
        Err(fault) => not_done(state, visit, at, fields, Refused::from(fault)).await,
    }
}

async fn not_done(
    console: State<Console>,
    visit: Visit,
    at: Path<(String, String)>,
    typed: Fields,
    Refused(why): Refused,
) -> Answer {
    let status = StatusCode::from_u16(why.http_status()).unwrap_or(StatusCode::BAD_REQUEST);
    let notice = fault_text(visit.language, &why);
    shown(console, visit, at, typed, &notice, status).await
}
