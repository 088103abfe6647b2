//! Fire drills: what runs and what did, beginning and ending one. It decides nothing about them.

use std::time::Duration;

use axum::Router;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::get;
use http::StatusCode;
use lienthong_core::{BusinessKey, Role, SystemId, Timestamp};
use lienthong_engine::drill::{Drill, Fails};
use lienthong_engine::service::{DrillPlan, OperatorAct};
use maud::{Markup, html};

use super::parts::{acting, again, choice, dossier_link, reason, systems};
use crate::form::{Fields, Form, bad};
use crate::guard::{Visit, see};
use crate::layout::fault_text;
use crate::refused::{Answer, Refused};
use crate::shown::cell;
use crate::text::{Words, fill};
use crate::{Console, layout, time};

const PATH: &str = "/console/drills";
/// Minutes a drill lasts unless somebody says otherwise.
const MINUTES: &str = "10";

pub(super) fn routes() -> Router<Console> {
    Router::new().route(PATH, get(show).post(begin)).route("/console/drills/{system}/end", get(ask_end).post(end))
}

async fn show(State(console): State<Console>, visit: Visit) -> Answer {
    page(&console, &visit, &Fields::default(), (&html! {}, StatusCode::OK)).await
}

async fn page(console: &Console, visit: &Visit, typed: &Fields, (notice, status): (&Markup, StatusCode)) -> Answer {
    let words = visit.words();
    let (drills, now) = (console.service().drills().await?, console.now());
    let content = html! {
        (notice)
        p { (words.drills.says) }
        @if drills.is_empty() { p.quiet { (words.drills.none) } } @else { (table(visit, &drills, now)) }
        @if visit.has(Role::Operator) {
            h2 { (words.drills.begin) }
            (acting(visit, PATH, words.drills.begin, PATH, &fields(console, words, typed)))
        }
    };
    let mut response = layout::page(visit, words.drills.title, &content);
    *response.status_mut() = status;
    Ok(response)
}

fn fields(console: &Console, words: &Words, typed: &Fields) -> Markup {
    let hows: Vec<(String, String)> =
        Fails::ALL.iter().map(|fails| (fails.as_str().to_owned(), told(words, *fails).to_owned())).collect();
    let minutes = typed.some("minutes").unwrap_or(MINUTES);
    html! {
        (choice("system", words.common.system, words.drills.choose, typed.get("system"), &systems(console)))
        label { (words.drills.key) input type="text" name="key" required maxlength="200" value=(typed.get("key")); }
        (choice("fails", words.drills.fails, words.drills.choose, typed.get("fails"), &hows))
        label { (words.drills.minutes) input type="number" name="minutes" min="1" max="120" required value=(minutes); }
        (reason(words, typed.get("reason"), true))
    }
}

fn told(words: &Words, fails: Fails) -> &'static str {
    match fails {
        Fails::Refused => words.drills.refused,
        Fails::Timeout => words.drills.timeout,
        Fails::Rejected => words.drills.rejected,
        Fails::Certificate => words.drills.certificate,
        Fails::Maintenance => words.drills.maintenance,
    }
}

fn table(visit: &Visit, drills: &[Drill], now: Timestamp) -> Markup {
    let words = visit.words();
    html! {
        div.wide tabindex="0" role="region" aria-label=(words.drills.title) {
            table {
                thead { tr {
                    @for head in [words.common.system, words.common.key, words.drills.fails, words.drills.until, words.drills.by, words.common.reason] { th scope="col" { (head) } }
                    @if visit.has(Role::Operator) { th scope="col" { (words.drills.end) } }
                } }
                tbody { @for drill in drills { tr {
                    th scope="row" { (drill.system) br; (standing(words, drill, now)) }
                    td { (dossier_link(&drill.key)) }
                    td { (told(words, drill.fails)) }
                    td { (time::moment(drill.ended.unwrap_or(drill.until))) }
                    td { (cell(&drill.by)) }
                    td { (cell(&drill.reason)) }
                    @if visit.has(Role::Operator) { td.acts {
                        @if drill.is_running(now) { a.button href={ (PATH) "/" (drill.system) "/end" } { (words.drills.end) } }
                    } }
                } } }
            }
        }
    }
}

fn standing(words: &Words, drill: &Drill, now: Timestamp) -> Markup {
    if drill.is_running(now) {
        html! { span.badge.warn { span aria-hidden="true" { "▷" } " " (words.drills.running) } }
    } else {
        html! { span.badge.over { span aria-hidden="true" { "✓" } " " (words.drills.over) } }
    }
}

async fn begin(State(console): State<Console>, visit: Visit, form: Form) -> Answer {
    visit.require(Role::Operator)?;
    let fields = match form {
        Form::Sent(fields) => fields,
        Form::Again(fields) => {
            let notice = again(visit.words(), true);
            return page(&console, &visit, &fields, (&notice, StatusCode::OK)).await;
        }
    };
    match begun(&console, &visit, &fields).await {
        Ok(()) => Ok(see(PATH)),
        Err(Refused(fault)) => {
            let status = StatusCode::from_u16(fault.http_status()).unwrap_or(StatusCode::BAD_REQUEST);
            page(&console, &visit, &fields, (&fault_text(visit.language, &fault), status)).await
        }
    }
}

async fn begun(console: &Console, visit: &Visit, fields: &Fields) -> Result<(), Refused> {
    let minutes: u64 = fields.parsed("minutes")?.ok_or_else(|| bad("minutes"))?;
    let system: SystemId = fields.parsed("system")?.ok_or_else(|| bad("system"))?;
    let key: BusinessKey = fields.parsed("key")?.ok_or_else(|| bad("key"))?;
    let fails = Fails::of(fields.get("fails")).ok_or_else(|| bad("fails"))?;
    let plan = DrillPlan { system, key, fails, lasts: Duration::from_secs(minutes.saturating_mul(60)) };
    console.service().begin_drill(&act(visit, fields)?, plan).await?;
    Ok(())
}

fn act(visit: &Visit, fields: &Fields) -> Result<OperatorAct, Refused> {
    Ok(OperatorAct { operator: visit.user.name.clone(), reason: fields.note("reason")?, confirmed: true })
}

async fn ask_end(visit: Visit, Path(system): Path<String>) -> Answer {
    visit.require(Role::Operator)?;
    let system: SystemId = system.parse().map_err(|_| bad("system"))?;
    Ok(ending(&visit, &system, &Fields::default(), false))
}

fn ending(visit: &Visit, system: &SystemId, typed: &Fields, repeated: bool) -> Response {
    let words = visit.words();
    let content = html! {
        (again(words, repeated))
        p { (fill(words.drills.end_says, &[("system", system)])) }
        (acting(visit, &format!("{PATH}/{system}/end"), words.drills.end, PATH, &reason(words, typed.get("reason"), false)))
    };
    layout::page(visit, words.drills.end, &content)
}

async fn end(State(console): State<Console>, visit: Visit, Path(system): Path<String>, form: Form) -> Answer {
    visit.require(Role::Operator)?;
    let system: SystemId = system.parse().map_err(|_| bad("system"))?;
    let fields = match form {
        Form::Sent(fields) => fields,
        Form::Again(fields) => return Ok(ending(&visit, &system, &fields, true)),
    };
    console.service().end_drill(&act(&visit, &fields)?, &system).await?;
    Ok(see(PATH))
}
