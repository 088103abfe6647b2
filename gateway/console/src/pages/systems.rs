//! External systems: gate, backlog, last success; pause, resume, probe. It decides nothing about a gate.

use axum::Router;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::get;
use lienthong_core::{Fault, Role, SystemId};
use lienthong_engine::dispatch::GateState;
use lienthong_engine::service::{OperatorAct, SystemView};
use maud::{Markup, html};

use super::parts::{acting, again, fault, gate, number, reason};
use crate::export::Export;
use crate::form::{Fields, Form, bad};
use crate::guard::{Visit, see};
use crate::refused::{Answer, Refused, no_such_page};
use crate::shown::cell;
use crate::text::{Words, fill};
use crate::{Console, layout, time};

const PATH: &str = "/console/systems";

pub(super) fn routes() -> Router<Console> {
    Router::new()
        .route(PATH, get(show))
        .route("/console/systems.csv", get(export))
        .route("/console/systems/{system}/{verb}", get(ask).post(act))
}

async fn show(State(console): State<Console>, visit: Visit) -> Answer {
    let views = console.service().systems().await?;
    let words = visit.words();
    let content = html! {
        div #systems data-live { div.wide tabindex="0" role="region" aria-label=(words.systems.title) { (table(&console, &visit, &views)) } }
        p.below { a href="/console/systems.csv" { (words.common.csv) } }
        (super::expiries::section(&visit, &views, console.now()))
    };
    Ok(layout::page(&visit, words.systems.title, &content))
}

fn counts(view: &SystemView) -> [u64; 5] {
    [view.queued, view.waiting, view.in_flight, view.verifying, view.parked]
}

fn count_heads(words: &Words) -> [&'static str; 5] {
    let states = &words.states;
    [states.queued, states.waiting, states.in_flight, states.verifying, states.parked]
}

fn table(console: &Console, visit: &Visit, views: &[SystemView]) -> Markup {
    let (words, config) = (visit.words(), console.service().configuration());
    html! {
        table {
            thead { tr {
                @for head in [words.common.system, words.systems.gate, words.systems.since, words.systems.last_success] { th scope="col" { (head) } }
                @for head in count_heads(words) { th.number scope="col" { (head) } }
                @if visit.has(Role::Operator) { th scope="col" { (words.systems.acts) } }
            } }
            tbody { @for view in views { tr {
                th scope="row" { (view.system) }
                td {
                    (gate(words, view.gate.state))
                    @if let Some(why) = &view.gate.reason { br; span.quiet { (cell(why)) } }
                    @if let Some(next) = view.gate.next_probe { br; span.quiet { (words.systems.next_probe) " " (time::moment(next)) } }
                }
                td { (time::moment(view.gate.since)) }
                td { (time::maybe(view.gate.last_success, words.common.never)) }
                @for count in counts(view) { td.number { (number(count)) } }
                @if visit.has(Role::Operator) { td.acts { @if config.systems.contains_key(&view.system) { (acts(words, view)) } } }
            } } }
        }
    }
}

fn acts(words: &Words, view: &SystemView) -> Markup {
    let path = format!("{PATH}/{}", view.system);
    html! {
        @if view.gate.state == GateState::Paused { a.button href={ (path) "/resume" } { (words.systems.resume) } }
        @else { a.button href={ (path) "/pause" } { (words.systems.pause) } }
        " " a.button href={ (path) "/probe" } { (words.systems.probe) }
    }
}

/// What is done to a system.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verb {
    Pause,
    Resume,
    Probe,
}

impl Verb {
    fn of(text: &str) -> Result<Self, Refused> {
        match text {
            "pause" => Ok(Self::Pause),
            "resume" => Ok(Self::Resume),
            "probe" => Ok(Self::Probe),
            _unknown => Err(no_such_page()),
        }
    }

    /// Its path, its button, and what it does.
    fn told(self, words: &Words) -> (&'static str, &'static str, &'static str) {
        let systems = &words.systems;
        match self {
            Self::Pause => ("pause", systems.pause, systems.pause_says),
            Self::Resume => ("resume", systems.resume, systems.resume_says),
            Self::Probe => ("probe", systems.probe, systems.probe_says),
        }
    }
}

fn named(console: &Console, text: &str) -> Result<SystemId, Refused> {
    let system: SystemId = text.parse().map_err(|_| bad("system"))?;
    if console.service().configuration().systems.contains_key(&system) { Ok(system) } else { Err(no_such_page()) }
}

async fn ask(State(console): State<Console>, visit: Visit, Path((system, verb)): Path<(String, String)>) -> Answer {
    visit.require(Role::Operator)?;
    let (system, verb) = (named(&console, &system)?, Verb::of(&verb)?);
    Ok(asking(&visit, &system, verb, &Fields::default(), false))
}

fn asking(visit: &Visit, system: &SystemId, verb: Verb, typed: &Fields, repeated: bool) -> Response {
    let words = visit.words();
    let (path, button, says) = verb.told(words);
    let fields = html! { @if verb != Verb::Probe { (reason(words, typed.get("reason"), false)) } };
    let content = html! {
        (again(words, repeated))
        p { (fill(says, &[("system", system)])) }
        (acting(visit, &format!("{PATH}/{system}/{path}"), button, PATH, &fields))
    };
    layout::page(visit, &format!("{button}: {system}"), &content)
}

async fn act(
    State(console): State<Console>,
    visit: Visit,
    Path((system, verb)): Path<(String, String)>,
    form: Form,
) -> Answer {
    visit.require(Role::Operator)?;
    let (system, verb) = (named(&console, &system)?, Verb::of(&verb)?);
    let fields = match form {
        Form::Sent(fields) => fields,
        Form::Again(fields) => return Ok(asking(&visit, &system, verb, &fields, true)),
    };
    let act = OperatorAct { operator: visit.user.name.clone(), reason: fields.note("reason")?, confirmed: true };
    match verb {
        Verb::Pause => console.service().pause(&act, Some(&system)).await?,
        Verb::Resume => console.service().resume(&act, Some(&system)).await?,
        Verb::Probe => {
            let found = console.service().probe(Some(&system)).await?;
            return Ok(probed(&visit, &found));
        }
    }
    Ok(see(PATH))
}

fn probed(visit: &Visit, found: &[(SystemId, Result<(), Fault>)]) -> Response {
    let words = visit.words();
    let content = html! {
        @for (system, result) in found {
            @match result {
                Ok(()) => p.notice role="status" { (fill(words.systems.reached, &[("system", system)])) },
                Err(why) => p.notice role="alert" { (fill(words.systems.unreached, &[("system", system)])) " " (fault(visit, why)) },
            }
        }
        p { a href=(PATH) { (words.common.back) } }
    };
    layout::page(visit, words.systems.probe, &content)
}

async fn export(State(console): State<Console>, visit: Visit) -> Answer {
    let words = visit.words();
    let heads = [words.common.system, words.systems.gate, words.systems.since, words.systems.last_success];
    let heads: Vec<&str> = heads.into_iter().chain(count_heads(words)).chain([words.systems.why]).collect();
    let mut export = Export::new(&heads)?;
    for view in console.service().systems().await? {
        let (since, last) = (time::text(view.gate.since), view.gate.last_success.map(time::text).unwrap_or_default());
        let mut row = vec![view.system.to_string(), words.gate(view.gate.state).to_owned(), since, last];
        row.extend(counts(&view).map(|count| count.to_string()));
        row.push(view.gate.reason.clone().unwrap_or_default());
        export.row(&row.iter().map(String::as_str).collect::<Vec<_>>())?;
    }
    export.finish("systems", None)
}
