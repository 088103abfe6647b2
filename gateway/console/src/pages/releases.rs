//! Releases in steps as they go: the list, one of them with its progress, pause, go on, stop. It sends nothing itself.

use axum::Router;
use axum::extract::{Path, State};
use axum::routing::get;
use lienthong_core::{FaultCode, Role};
use lienthong_engine::desk::{Because, Going, Pace, Release};
use lienthong_engine::service::{OperatorAct, ReleaseView};
use maud::{Markup, html};

use super::marks::going;
use super::parts::{acting, again, exchange_link, number};
use super::progress::{bar, progress};
use crate::export::Export;
use crate::form::{Form, ONCE};
use crate::guard::{Visit, see};
use crate::layout::token;
use crate::refused::{Answer, Refused, no_such_page};
use crate::shown::{cell, plain};
use crate::text::{Words, fill};
use crate::{Console, layout, time};

const PATH: &str = "/console/releases";

pub(super) fn routes() -> Router<Console> {
    Router::new()
        .route(PATH, get(list))
        .route("/console/releases.csv", get(export))
        .route("/console/releases/{release}", get(show))
        .route("/console/releases/{release}/{verb}", get(ask).post(turn))
}

async fn list(State(console): State<Console>, visit: Visit) -> Answer {
    let releases = console.service().releases().await?;
    let words = visit.words();
    let content = html! {
        div #releases data-live {
            @if releases.is_empty() { p { (words.releases.none) } } @else { (table(&console, &visit, &releases)) }
        }
        p.below { a href="/console/releases.csv" { (words.common.csv) } }
    };
    Ok(layout::page(&visit, words.releases.title, &content))
}

fn table(console: &Console, visit: &Visit, releases: &[ReleaseView]) -> Markup {
    let words = visit.words();
    let of = &words.releases;
    html! {
        div.wide tabindex="0" role="region" aria-label=(of.title) { table {
            thead { tr {
                @for head in [of.began, words.common.state, of.progress, words.errors.group, of.by, of.eta] { th scope="col" { (head) } }
            } }
            // The newest first.
            tbody { @for view in releases.iter().rev() { tr {
                th scope="row" { a href={ (PATH) "/" (view.id) } { (time::moment(view.release.began)) } }
                td { (going(words, view.release.going)) @if let Some(why) = &view.release.because { br; span.quiet { (because(words, why)) } } }
                td { (bar(words, &view.release)) span.quiet { (said(words, &view.release)) } }
                td { a.code href={ "/console/errors/" (view.release.group) } { (view.release.group) } }
                td { (cell(&view.release.by)) }
                td { (time::maybe(view.eta(console.now()).or(view.release.ended), "")) }
            } } }
        } }
    }
}

/// The progress in words.
pub(super) fn said(words: &Words, release: &Release) -> String {
    fill(
        words.releases.progress_says,
        &[
            ("over", &number(release.over())),
            ("total", &number(release.total)),
            ("delivered", &number(release.delivered)),
            ("failed", &number(release.failed)),
            ("refused", &number(release.refused)),
        ],
    )
}

async fn show(State(console): State<Console>, visit: Visit, Path(id): Path<String>) -> Answer {
    let view = console.service().a_release(&id).await?;
    let parked = console.service().group(&view.release.group, None, 1).await.ok().map(|(group, _)| group.parked);
    let words = visit.words();
    let content = html! {
        div #release data-live {
            (progress(words, &view.release))
            (facts(&console, words, &view, parked))
            @if visit.has(Role::Operator) && !view.release.going.is_over() { (ways(&visit, &view)) }
            @if !view.release.refusals.is_empty() { (refusals(words, &view.release)) }
        }
        p { a href=(PATH) { (words.releases.title) } }
    };
    Ok(layout::page(&visit, &fill(words.releases.one, &[("id", &view.id)]), &content))
}

fn facts(console: &Console, words: &Words, view: &ReleaseView, parked: Option<u64>) -> Markup {
    let (of, release) = (&words.releases, &view.release);
    html! {
        table.facts { tbody {
            tr { th scope="row" { (words.common.state) } td { (going(words, release.going)) } }
            @if let Some(why) = &release.because { tr { th scope="row" { (of.because) } td { (because(words, why)) } } }
            @if let Some(eta) = view.eta(console.now()) { tr { th scope="row" { (of.eta) } td { (time::moment(eta)) } } }
            tr { th scope="row" { (words.errors.group) } td { a.code href={ "/console/errors/" (release.group) } { (release.group) } } }
            @if let Some(parked) = parked { tr { th scope="row" { (of.group_now) } td { (number(parked)) } } }
            tr { th scope="row" { (of.step) } td { (release.step) } }
            @if !release.going.is_over() { tr { th scope="row" { (of.next) } td { (number(u64::from(release.next_size()))) } } }
            tr { th scope="row" { (of.pace) } td { (pace(words, &release.pace)) } }
            tr { th scope="row" { (of.by) } td { (cell(&release.by)) } }
            @if let Some(reason) = &release.reason { tr { th scope="row" { (words.common.reason) } td { (cell(reason)) } } }
            tr { th scope="row" { (of.began) } td { (time::moment(release.began)) } }
            @if let Some(ended) = release.ended { tr { th scope="row" { (of.ended) } td { (time::moment(ended)) } } }
        } }
    }
}

fn because(words: &Words, because: &Because) -> String {
    let of = &words.releases;
    match because {
        Because::Operator(name) => fill(of.paused_by, &[("who", &plain(name))]),
        Because::FailedAgain { failed, sent, step } => {
            fill(of.failed_again, &[("failed", &number(*failed)), ("sent", &number(*sent)), ("step", step)])
        }
    }
}

fn pace(words: &Words, pace: &Pace) -> String {
    let of = &words.releases;
    let steps = pace.steps.iter().map(u32::to_string).collect::<Vec<_>>().join(", ");
    let stops = fill(of.stops_at, &[("share", &pace.stop_above)]);
    match pace.per_second {
        Some(rate) => format!("{steps}; {}; {stops}", fill(of.per_second, &[("rate", &rate)])),
        None => format!("{steps}; {stops}"),
    }
}

/// Known again by the version they were drawn for, so that a page that renews itself keeps the same forms.
fn ways(visit: &Visit, view: &ReleaseView) -> Markup {
    let of = &visit.words().releases;
    let path = format!("{PATH}/{}", view.id);
    let button = |verb: &str, word: &str| {
        html! {
            form.inline method="post" action={ (path) "/" (verb) } {
                (token(visit))
                input type="hidden" name=(ONCE) value={ (view.version) "-" (verb) };
                button id={ "way-" (verb) } type="submit" { (word) }
            }
        }
    };
    html! {
        div.buttons {
            @if view.release.going == Going::Running { (button("pause", of.pause)) } @else { (button("resume", of.resume)) }
            a.button href={ (path) "/stop" } { (of.stop) }
        }
    }
}

fn refusals(words: &Words, release: &Release) -> Markup {
    html! {
        h2 { (words.releases.refusals) }
        table {
            thead { tr { th scope="col" { (words.common.exchange) } th scope="col" { (words.errors.why) } } }
            tbody { @for (id, why) in &release.refusals { tr { th scope="row" { (exchange_link(id.exchange)) } td { (cell(why)) } } } }
        }
    }
}

/// Only what cannot be taken back is asked for first.
async fn ask(State(console): State<Console>, visit: Visit, Path((id, verb)): Path<(String, String)>) -> Answer {
    visit.require(Role::Operator)?;
    if verb_of(&verb)? != Going::Stopped {
        return Err(no_such_page());
    }
    let view = console.service().a_release(&id).await?;
    Ok(stopping(&visit, &view, false))
}

fn stopping(visit: &Visit, view: &ReleaseView, repeated: bool) -> axum::response::Response {
    let words = visit.words();
    let back = format!("{PATH}/{}", view.id);
    let content = html! {
        (again(words, repeated))
        p { (said(words, &view.release)) }
        p { (words.releases.stop_says) }
        (acting(visit, &format!("{back}/stop"), words.releases.stop, &back, &html! {}))
    };
    layout::page(visit, words.releases.stop_title, &content)
}

/// What is done to a release.
fn verb_of(text: &str) -> Result<Going, Refused> {
    match text {
        "pause" => Ok(Going::Paused),
        "resume" => Ok(Going::Running),
        "stop" => Ok(Going::Stopped),
        _unknown => Err(no_such_page()),
    }
}

async fn turn(
    State(console): State<Console>,
    visit: Visit,
    Path((id, verb)): Path<(String, String)>,
    form: Form,
) -> Answer {
    visit.require(Role::Operator)?;
    let (to, service) = (verb_of(&verb)?, console.service());
    let path = format!("{PATH}/{id}");
    if let Form::Again(_) = form {
        let view = service.a_release(&id).await?;
        return Ok(if to == Going::Stopped { stopping(&visit, &view, true) } else { see(&path) });
    }
    let act = OperatorAct { operator: visit.user.name.clone(), reason: None, confirmed: false };
    let turned = match to {
        Going::Paused => service.pause_release(&act, &id).await,
        Going::Running => service.resume_release(&act, &id).await,
        Going::Stopped => service.stop_release(&act, &id).await,
        Going::Done => return Err(no_such_page()),
    };
    match turned {
        Ok(_) => Ok(see(&path)),
        // Somebody did the same a moment before.
        Err(fault) if fault.code == FaultCode::WrongState && service.a_release(&id).await?.release.going == to => {
            Ok(see(&path))
        }
        Err(fault) => Err(fault.into()),
    }
}

async fn export(State(console): State<Console>, visit: Visit) -> Answer {
    let words = visit.words();
    let of = &words.releases;
    let mut export = Export::new(&[
        of.began,
        of.ended,
        words.common.state,
        words.errors.group,
        of.by,
        words.common.reason,
        of.delivered,
        of.failed,
        of.refused,
        of.because,
    ])?;
    for view in console.service().releases().await?.into_iter().rev() {
        let release = &view.release;
        let [delivered, failed, refused] = [release.delivered, release.failed, release.refused].map(|n| n.to_string());
        let (began, ended) = (time::text(release.began), release.ended.map(time::text).unwrap_or_default());
        let (group, reason) = (release.group.to_string(), release.reason.clone().unwrap_or_default());
        let because = release.because.as_ref().map(|why| because(words, why)).unwrap_or_default();
        let state = words.going(release.going);
        let row = [&began, &ended, state, &group, &release.by, &reason, &delivered, &failed, &refused, &because];
        if !export.row(&row)? {
            break;
        }
    }
    export.finish("releases", None)
}
