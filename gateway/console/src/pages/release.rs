//! Beginning a release of an error group in steps: a page that asks how, and what it came to. A group that changed since the page was opened is told.

use axum::Router;
use axum::extract::{Path, State};
use axum::routing::get;
use http::StatusCode;
use lienthong_core::{ExchangeId, Role};
use lienthong_engine::desk::Pace;
use lienthong_engine::service::OperatorAct;
use lienthong_journal::GroupRecord;
use maud::{Markup, html};

use super::group::{named, path_of, running};
use super::parts::{acting, again, number, reason};
use crate::form::{Fields, Form, bad};
use crate::guard::{Visit, see};
use crate::layout::fault_text;
use crate::refused::{Answer, Refused};
use crate::shown::cell;
use crate::text::{Words, fill};
use crate::{Console, layout};

pub(super) fn routes() -> Router<Console> {
    Router::new().route("/console/errors/{group}/release", get(ask).post(begin))
}

async fn ask(State(console): State<Console>, visit: Visit, Path(group): Path<String>) -> Answer {
    visit.require(Role::Operator)?;
    asking(&console, &visit, &group, &Fields::default(), &html! {}, StatusCode::OK).await
}

async fn begin(State(console): State<Console>, visit: Visit, Path(group): Path<String>, form: Form) -> Answer {
    visit.require(Role::Operator)?;
    let fields = match form {
        Form::Sent(fields) => fields,
        Form::Again(fields) => {
            let notice = again(visit.words(), true);
            return asking(&console, &visit, &group, &fields, &notice, StatusCode::OK).await;
        }
    };
    match begun(&console, &visit, &group, &fields).await {
        Ok(Begun::Release(id)) => Ok(see(&format!("/console/releases/{id}"))),
        Ok(Begun::Changed(notice)) => asking(&console, &visit, &group, &fields, &notice, StatusCode::CONFLICT).await,
        Err(Refused(fault)) => {
            let status = StatusCode::from_u16(fault.http_status()).unwrap_or(StatusCode::BAD_REQUEST);
            asking(&console, &visit, &group, &fields, &fault_text(visit.language, &fault), status).await
        }
    }
}

/// What a form came to.
enum Begun {
    Release(String),
    /// The group is not the one its operator saw.
    Changed(Markup),
}

async fn begun(console: &Console, visit: &Visit, group: &str, fields: &Fields) -> Result<Begun, Refused> {
    let id: ExchangeId = fields.parsed("release")?.ok_or_else(|| bad("release"))?;
    let pace = pace(fields)?;
    let act = OperatorAct {
        operator: visit.user.name.clone(),
        reason: fields.note("reason")?,
        confirmed: fields.ticked("confirmed"),
    };
    let fingerprint = named(group)?;
    if console.service().a_release(&id.to_string()).await.is_err() {
        let (now, _) = console.service().group(&fingerprint, None, 1).await?;
        if fields.get("seen") != seen(&now) {
            let before: u64 = fields.parsed("parked")?.unwrap_or_default();
            let told =
                fill(visit.words().releases.changed, &[("before", &number(before)), ("now", &number(now.parked))]);
            return Ok(Begun::Changed(html! { p.notice role="alert" { (told) } }));
        }
    }
    let view = console.service().begin_release_once(&act, &fingerprint, pace, id).await?;
    Ok(Begun::Release(view.id))
}

/// What a group was when its operator looked: it failed so often, and so many are parked.
fn seen(group: &GroupRecord) -> String {
    format!("{}-{}", group.seen, group.parked)
}

fn pace(fields: &Fields) -> Result<Pace, Refused> {
    let usual = Pace::default();
    let steps = match fields.some("steps") {
        None => usual.steps,
        Some(text) => text
            .split([',', ';', ' '])
            .filter(|part| !part.is_empty())
            .map(|part| part.parse().map_err(|_| bad("steps")))
            .collect::<Result<_, _>>()?,
    };
    Ok(Pace {
        steps,
        per_second: fields.parsed("per_second")?,
        stop_above: fields.parsed("stop_above")?.unwrap_or(usual.stop_above),
    })
}

async fn asking(
    console: &Console,
    visit: &Visit,
    id: &str,
    typed: &Fields,
    notice: &Markup,
    status: StatusCode,
) -> Answer {
    let group = named(id)?;
    let (record, _) = console.service().group(&group, None, 1).await?;
    let (words, back) = (visit.words(), path_of(&group));
    let at_work = running(console, &group).await?;
    let content = html! {
        (notice)
        p { strong { (cell(visit.language.public(&record.sample))) } " " span.code { (record.sample.code.as_str()) } " · " (record.system) " · " (record.operation) }
        @match &at_work {
            Some(release) => p.notice role="status" { (words.releases.busy) " " a href={ "/console/releases/" (release) } { (words.case.running) } },
            None if record.parked == 0 => p.notice role="status" { (words.releases.nothing) },
            None => {
                p { (fill(words.errors.release_says, &[("parked", &number(record.parked))])) }
                p { a href={ (back) "/preview" } { (words.preview.title) } }
                (acting(visit, &format!("{back}/release"), words.releases.begin, &back, &fields(console, words, &record, typed)))
            }
        }
        @if at_work.is_some() || record.parked == 0 { p { a href=(back) { (words.common.back) } } }
    };
    let mut page = layout::page(visit, words.errors.release_title, &content);
    *page.status_mut() = status;
    Ok(page)
}

fn fields(console: &Console, words: &Words, group: &GroupRecord, typed: &Fields) -> Markup {
    let (releases, usual) = (&words.releases, Pace::default());
    let steps = usual.steps.iter().map(u32::to_string).collect::<Vec<_>>().join(", ");
    let or = |name: &str, usual: String| typed.some(name).map_or(usual, str::to_owned);
    html! {
        input type="hidden" name="release" value=(console.service().an_id());
        input type="hidden" name="seen" value=(seen(group));
        input type="hidden" name="parked" value=(group.parked);
        label { (releases.steps) input name="steps" value=(or("steps", steps)) maxlength="120" required aria-describedby="steps-rule"; }
        p.quiet #steps-rule { (releases.steps_rule) }
        label { (releases.rate) input type="number" name="per_second" min="1" max="10000" value=(typed.get("per_second")) aria-describedby="rate-rule"; }
        p.quiet #rate-rule { (releases.rate_rule) }
        label { (releases.stop_above) input type="number" name="stop_above" min="0" max="100" required value=(or("stop_above", usual.stop_above.to_string())); }
        (reason(words, typed.get("reason"), false))
        label.tick { input type="checkbox" name="confirmed" value="yes" checked[typed.ticked("confirmed")]; (releases.confirmed) }
    }
}
