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
        .route("/console/systems/{system}/windows/{window}/{verb}", get(ask).post(act))
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

/// What is done to one window.
#[derive(Clone, Copy)]
enum Turn {
    Change,
    Remove,
}

impl Turn {
    fn of(verb: &str) -> Result<Self, Refused> {
        [Self::Change, Self::Remove].into_iter().find(|turn| turn.verb() == verb).ok_or_else(no_such_page)
    }

    fn verb(self) -> &'static str {
        match self {
            Self::Change => "change",
            Self::Remove => "remove",
        }
    }

    /// The button, which is the title too, and what it does.
    fn told(self, told: &Windows) -> (&'static str, &'static str) {
        match self {
            Self::Change => (told.change, told.change_says),
            Self::Remove => (told.remove, told.remove_says),
        }
    }

    fn fields(self, words: &Words, typed: &Fields) -> Markup {
        match self {
            Self::Change => fields(words, typed),
            Self::Remove => html! {
                input type="hidden" name="version" value=(typed.get("version"));
                (reason(words, typed.get("reason"), true))
            },
        }
    }
}

type Named = Path<(String, String, String)>;

async fn ask(State(console): State<Console>, visit: Visit, Path((system, id, verb)): Named) -> Answer {
    visit.require(Role::Operator)?;
    let (system, turn) = (named(&console, &system)?, Turn::of(&verb)?);
    let window = found(&console, &system, &id).await?;
    let typed = match turn {
        Turn::Change => as_it_stands(&window),
        Turn::Remove => Fields::default(),
    };
    let typed = typed.with("version", &window.version.to_string());
    Ok(asking(&visit, turn, (&system, &id), &typed, &html! {}))
}

fn as_it_stands(window: &WindowView) -> Fields {
    let (days, from, until) = written(&window.when);
    let typed = Fields::default().with("from", &from).with("until", &until);
    let typed = typed.with("reason", window.reason.as_deref().unwrap_or_default());
    days.into_iter().fold(typed, |typed, day| typed.with(day.as_str(), "on"))
}

fn asking(visit: &Visit, turn: Turn, (system, id): (&SystemId, &str), typed: &Fields, notice: &Markup) -> Response {
    let words = visit.words();
    let (name, says) = turn.told(&words.windows);
    let action = format!("{}/{id}/{}", path(system), turn.verb());
    let content = html! {
        (notice)
        p { (says) }
        (acting(visit, &action, name, &path(system), &turn.fields(words, typed)))
    };
    layout::page(visit, &format!("{name}: {system}"), &content)
}

async fn act(State(console): State<Console>, visit: Visit, Path((system, id, verb)): Named, form: Form) -> Answer {
    visit.require(Role::Operator)?;
    let (system, turn) = (named(&console, &system)?, Turn::of(&verb)?);
    let fields = match form {
        Form::Sent(fields) => fields,
        Form::Again(fields) => {
            return Ok(asking(&visit, turn, (&system, &id), &fields, &again(visit.words(), true)));
        }
    };
    match turned(&console, &visit, turn, (&system, &id), &fields).await {
        Ok(()) => Ok(see(&path(&system))),
        Err(Refused(fault)) => {
            let notice = fault_text(visit.language, &fault);
            Ok(unprocessable(asking(&visit, turn, (&system, &id), &fields, &notice)))
        }
    }
}

async fn turned(
    console: &Console,
    visit: &Visit,
    turn: Turn,
    which: (&SystemId, &str),
    fields: &Fields,
) -> Result<(), Refused> {
    let (act, seen) = (by(visit, fields)?, fields.parsed("version")?);
    match turn {
        Turn::Change => drop(console.service().change_window(&act, which, seen, asked(fields)?).await?),
        Turn::Remove => drop(console.service().remove_window(&act, which, seen).await?),
    }
    Ok(())
}
