//! Maintenance windows of a system: the list, and the forms that set, change and remove one. It decides nothing about them.

use axum::Router;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::get;
use lienthong_core::{Fault, FaultCode, FieldProblem, Role, SystemId};
use lienthong_engine::desk::window::{Day, When};
use lienthong_engine::service::{OperatorAct, WindowView};
use maud::{Markup, html};

use super::parts::{acting, again, reason, unprocessable};
use super::systems::PATH;
use crate::form::{Fields, Form, bad};
use crate::guard::{Visit, see};
use crate::layout::fault_text;
use crate::refused::{Answer, Refused, no_such_page};
use crate::shown::cell;
use crate::text::{Windows, Words};
use crate::{Console, layout, time};

pub(super) fn routes() -> Router<Console> {
    Router::new()
        .route("/console/systems/{system}/windows", get(show).post(set))
        .route("/console/systems/{system}/windows/{window}/change", get(ask_change).post(change))
        .route("/console/systems/{system}/windows/{window}/remove", get(ask_remove).post(remove))
}

fn path(system: &SystemId) -> String {
    format!("{PATH}/{system}/windows")
}

fn named(console: &Console, text: &str) -> Result<SystemId, Refused> {
    let system: SystemId = text.parse().map_err(|_| bad("system"))?;
    if console.service().configuration().systems.contains_key(&system) { Ok(system) } else { Err(no_such_page()) }
}

async fn found(console: &Console, system: &SystemId, id: &str) -> Result<WindowView, Refused> {
    let windows = console.service().windows(Some(system)).await?;
    windows.into_iter().find(|window| window.id.as_deref() == Some(id)).ok_or_else(no_such_page)
}

async fn show(State(console): State<Console>, visit: Visit, Path(system): Path<String>) -> Answer {
    let system = named(&console, &system)?;
    listed(&console, &visit, &system, &Fields::default(), &html! {}).await
}

async fn listed(console: &Console, visit: &Visit, system: &SystemId, typed: &Fields, notice: &Markup) -> Answer {
    let words = visit.words();
    let windows = console.service().windows(Some(system)).await?;
    let content = html! {
        (notice)
        p { (words.windows.says) }
        @if windows.is_empty() { p { (words.windows.none) } } @else { (table(visit, system, &windows)) }
        @if visit.has(Role::Operator) {
            h2 { (words.windows.set) }
            (acting(visit, &path(system), words.windows.set, &format!("{PATH}/{system}"), &fields(words, typed)))
        }
    };
    Ok(layout::page(visit, &format!("{}: {system}", words.windows.title), &content))
}

fn table(visit: &Visit, system: &SystemId, windows: &[WindowView]) -> Markup {
    let (words, told) = (visit.words(), &visit.words().windows);
    html! {
        div.wide tabindex="0" role="region" aria-label=(told.title) { table {
            thead { tr { @for head in [told.standing, told.days, told.from, told.until, words.common.reason, told.by, words.systems.acts] { th scope="col" { (head) } } } }
            tbody { @for window in windows { tr {
                td { (standing(told, window)) }
                @let (days, from, until) = written(&window.when);
                td { (day_names(told, &days)) }
                td { (from) } td { (until) }
                td { (window.reason.as_deref().map_or_else(|| html! { (told.configured) }, cell)) }
                td { @if let Some((who, at)) = &window.by { (cell(who)) br; (time::moment(*at)) } }
                td.acts { @if let (Some(id), true) = (&window.id, visit.has(Role::Operator)) {
                    a.button href={ (path(system)) "/" (id) "/change" } { (told.change) } " "
                    a.button href={ (path(system)) "/" (id) "/remove" } { (told.remove) }
                } }
            } } }
        } }
    }
}

fn standing(told: &Windows, window: &WindowView) -> Markup {
    html! {
        @match window.opening {
            Some((_, until)) if window.open => { (told.open) " " (time::moment(until)) },
            Some((from, _)) => { (told.opens) " " (time::moment(from)) },
            None => (told.over),
        }
    }
}

/// Days, and both ends as they are typed.
fn written(when: &When) -> (Vec<Day>, String, String) {
    match when {
        When::Once { from, until } => (Vec::new(), time::typed(*from), time::typed(*until)),
        When::Weekly { days, from, until } => {
            let time = |time: &jiff::civil::Time| time.strftime("%H:%M").to_string();
            (days.clone(), time(from), time(until))
        }
    }
}

fn day_names(told: &Windows, days: &[Day]) -> String {
    match days.len() {
        0 => told.once.to_owned(),
        7 => told.daily.to_owned(),
        _some => days.iter().map(|day| told.day(*day)).collect::<Vec<_>>().join(", "),
    }
}

fn fields(words: &Words, typed: &Fields) -> Markup {
    let told = &words.windows;
    html! {
        fieldset {
            legend { (told.days) }
            @for day in Day::ALL {
                label.tick { input type="checkbox" name=(day.as_str()) value="on" checked[typed.ticked(day.as_str())]; (told.day(day)) }
            }
            p.quiet { (told.days_rule) }
        }
        label { (told.from) input name="from" required maxlength="40" value=(typed.get("from")) placeholder="2026-03-02T22:00" aria-describedby="moment-rule"; }
        label { (told.until) input name="until" required maxlength="40" value=(typed.get("until")) placeholder="2026-03-03T05:00" aria-describedby="moment-rule"; }
        p.quiet #moment-rule { (told.moment_rule) }
        input type="hidden" name="version" value=(typed.get("version"));
        (reason(words, typed.get("reason"), true))
    }
}

fn asked(fields: &Fields) -> Result<When, Refused> {
    let days = Day::ALL.into_iter().map(Day::as_str).filter(|day| fields.ticked(day)).map(str::to_owned);
    let days: Vec<String> = days.collect();
    When::read(&days, fields.some("from").unwrap_or_default(), fields.some("until").unwrap_or_default()).map_err(
        |(field, problem)| {
            let code = FaultCode::BadParameter;
            let problem = FieldProblem::new(field, problem);
            Refused::from(Fault::new(code.kind(), code, "the window cannot be read").with_problem(problem))
        },
    )
}

fn by(visit: &Visit, fields: &Fields) -> Result<OperatorAct, Refused> {
    Ok(OperatorAct { operator: visit.user.name.clone(), reason: Some(fields.reason()?), confirmed: true })
}

async fn set(State(console): State<Console>, visit: Visit, Path(system): Path<String>, form: Form) -> Answer {
    visit.require(Role::Operator)?;
    let system = named(&console, &system)?;
    let fields = match form {
        Form::Sent(fields) => fields,
        Form::Again(fields) => {
            return listed(&console, &visit, &system, &fields, &again(visit.words(), true)).await;
        }
    };
    let done = async {
        let act = by(&visit, &fields)?;
        Ok::<_, Refused>(console.service().set_window(&act, &system, asked(&fields)?).await?)
    };
    match done.await {
        Ok(_) => Ok(see(&path(&system))),
        Err(Refused(fault)) => {
            let notice = fault_text(visit.language, &fault);
            listed(&console, &visit, &system, &fields, &notice).await.map(unprocessable)
        }
    }
}

async fn ask_change(
    State(console): State<Console>,
    visit: Visit,
    Path((system, id)): Path<(String, String)>,
) -> Answer {
    visit.require(Role::Operator)?;
    let system = named(&console, &system)?;
    let window = found(&console, &system, &id).await?;
    let (days, from, until) = written(&window.when);
    let mut typed = Fields::default().with("from", &from).with("until", &until);
    typed = typed.with("version", &window.version.to_string());
    typed = typed.with("reason", window.reason.as_deref().unwrap_or_default());
    typed = days.into_iter().fold(typed, |typed, day| typed.with(day.as_str(), "on"));
    Ok(changing(&visit, &system, &id, &typed, &html! {}))
}

fn changing(visit: &Visit, system: &SystemId, id: &str, typed: &Fields, notice: &Markup) -> Response {
    let words = visit.words();
    let action = format!("{}/{id}/change", path(system));
    let content = html! {
        (notice)
        p { (words.windows.change_says) }
        (acting(visit, &action, words.windows.change, &path(system), &fields(words, typed)))
    };
    layout::page(visit, &format!("{}: {system}", words.windows.change), &content)
}

async fn change(
    State(console): State<Console>,
    visit: Visit,
    Path((system, id)): Path<(String, String)>,
    form: Form,
) -> Answer {
    visit.require(Role::Operator)?;
    let system = named(&console, &system)?;
    let fields = match form {
        Form::Sent(fields) => fields,
        Form::Again(fields) => return Ok(changing(&visit, &system, &id, &fields, &again(visit.words(), true))),
    };
    let done = async {
        let act = by(&visit, &fields)?;
        let (when, seen) = (asked(&fields)?, fields.parsed("version")?);
        Ok::<_, Refused>(console.service().change_window(&act, (&system, &id), seen, when).await?)
    };
    match done.await {
        Ok(_) => Ok(see(&path(&system))),
        Err(Refused(fault)) => {
            let notice = fault_text(visit.language, &fault);
            Ok(unprocessable(changing(&visit, &system, &id, &fields, &notice)))
        }
    }
}

async fn ask_remove(
    State(console): State<Console>,
    visit: Visit,
    Path((system, id)): Path<(String, String)>,
) -> Answer {
    visit.require(Role::Operator)?;
    let system = named(&console, &system)?;
    let version = found(&console, &system, &id).await?.version;
    let typed = Fields::default().with("version", &version.to_string());
    Ok(removing(&visit, &system, &id, &typed, &html! {}))
}

fn removing(visit: &Visit, system: &SystemId, id: &str, typed: &Fields, notice: &Markup) -> Response {
    let words = visit.words();
    let fields = html! {
        input type="hidden" name="version" value=(typed.get("version"));
        (reason(words, typed.get("reason"), true))
    };
    let action = format!("{}/{id}/remove", path(system));
    let content = html! {
        (notice)
        p { (words.windows.remove_says) }
        (acting(visit, &action, words.windows.remove, &path(system), &fields))
    };
    layout::page(visit, &format!("{}: {system}", words.windows.remove), &content)
}

async fn remove(
    State(console): State<Console>,
    visit: Visit,
    Path((system, id)): Path<(String, String)>,
    form: Form,
) -> Answer {
    visit.require(Role::Operator)?;
    let system = named(&console, &system)?;
    let fields = match form {
        Form::Sent(fields) => fields,
        Form::Again(fields) => return Ok(removing(&visit, &system, &id, &fields, &again(visit.words(), true))),
    };
    let done = async {
        let (act, seen) = (by(&visit, &fields)?, fields.parsed("version")?);
        Ok::<_, Refused>(console.service().remove_window(&act, (&system, &id), seen).await?)
    };
    match done.await {
        Ok(_) => Ok(see(&path(&system))),
        Err(Refused(fault)) => {
            let notice = fault_text(visit.language, &fault);
            Ok(unprocessable(removing(&visit, &system, &id, &fields, &notice)))
        }
    }
}
