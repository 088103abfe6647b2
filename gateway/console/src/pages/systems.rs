//! External systems: gate, backlog, last success; pause, resume, probe. It decides nothing about a gate.

use axum::Router;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::get;
use lienthong_core::{Fault, Role, SystemId, Timestamp};
use lienthong_engine::desk::silence::SilentBy;
use lienthong_engine::dispatch::GateState;
use lienthong_engine::service::{OperatorAct, Silence, SystemHealth, SystemView};
use maud::{Markup, html};

use super::parts::{acting, again, condition, fault, number, reason, signs};
use crate::export::Export;
use crate::form::{Fields, Form, bad};
use crate::guard::{Visit, see};
use crate::refused::{Answer, Refused, no_such_page};
use crate::text::{Words, fill};
use crate::{Console, layout, time};

pub(super) const PATH: &str = "/console/systems";

pub(super) fn routes() -> Router<Console> {
    Router::new()
        .route(PATH, get(show))
        .route("/console/systems.csv", get(export))
        .route("/console/systems/{system}/{verb}", get(ask).post(act))
}

async fn show(State(console): State<Console>, visit: Visit) -> Answer {
    let systems = console.service().health().await?;
    let views: Vec<SystemView> = systems.iter().map(|health| health.view.clone()).collect();
    let words = visit.words();
    let content = html! {
        div #silences data-live { (silences(words, &console.service().silences())) }
        div #systems data-live { div.wide tabindex="0" role="region" aria-label=(words.systems.title) { (table(&console, &visit, &systems)) } }
        p.below { a href="/console/systems.csv" { (words.common.csv) } }
        (super::expiries::section(&visit, &views, console.now()))
    };
    Ok(layout::page(&visit, words.systems.title, &content))
}

/// Who normally sends and has stopped.
fn silences(words: &Words, silences: &[Silence]) -> Markup {
    let told = &words.health;
    let why = |by: SilentBy| match by {
        SilentBy::Declared { after } => {
            fill(told.silent_declared, &[("hours", &format!("{:.1}", after.as_secs_f64() / 3600.0))])
        }
        SilentBy::Learned { least, weeks } => fill(told.silent_learned, &[("least", &least), ("weeks", &weeks)]),
    };
    html! {
        @if !silences.is_empty() {
            section {
                h2 { (told.silences) }
                table {
                    thead { tr { @for head in [words.common.client, words.systems.since, told.because] { th scope="col" { (head) } } } }
                    tbody { @for silence in silences { tr {
                        th scope="row" { (silence.client) }
                        td { (time::moment(silence.since)) }
                        td { (why(silence.by)) }
                    } } }
                }
            }
        }
    }
}

fn counts(view: &SystemView) -> [u64; 5] {
    [view.queued, view.waiting, view.in_flight, view.verifying, view.parked]
}

fn count_heads(words: &Words) -> [&'static str; 5] {
    let states = &words.states;
    [states.queued, states.waiting, states.in_flight, states.verifying, states.parked]
}

fn table(console: &Console, visit: &Visit, systems: &[SystemHealth]) -> Markup {
    let (words, config) = (visit.words(), console.service().configuration());
    html! {
        table {
            thead { tr {
                @for head in [words.common.system, words.health.state, words.systems.since, words.systems.last_success] { th scope="col" { (head) } }
                @for head in count_heads(words) { th.number scope="col" { (head) } }
                @for head in [words.health.drained, words.health.will_miss] { th scope="col" { (head) } }
                @if visit.has(Role::Operator) { th scope="col" { (words.systems.acts) } }
            } }
            tbody { @for health in systems { @let view = &health.view; tr {
                th scope="row" { a href={ (PATH) "/" (view.system) } { (view.system) } }
                td {
                    (condition(words, health.state))
                    (signs(words, &health.signs))
                    @if let Some(next) = view.gate.next_probe { br; span.quiet { (words.systems.next_probe) " " (time::moment(next)) } }
                }
                td { (time::maybe(health.since, words.health.unknown)) }
                td { (time::maybe(health.recent.last_success, words.health.unknown)) }
                @for count in counts(view) { td.number { (number(count)) } }
                td { (words.health.drain(health.drain)) }
                td { (misses(words, health)) }
                @if visit.has(Role::Operator) { td.acts { @if config.systems.contains_key(&view.system) { (acts(words, view)) } } }
            } } }
        }
    }
}

/// How many promised dates will be missed, as far as that can be told.
pub(super) fn misses(words: &Words, health: &SystemHealth) -> String {
    health.will_miss.map_or_else(|| words.health.unknown.to_owned(), number)
}

pub(super) fn acts(words: &Words, view: &SystemView) -> Markup {
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
    let heads = [words.common.system, words.health.state, words.systems.since, words.systems.last_success];
    let more = [words.health.drained, words.health.will_miss, words.systems.gate, words.systems.why];
    let heads: Vec<&str> = heads.into_iter().chain(count_heads(words)).chain(more).collect();
    let mut export = Export::new(&heads)?;
    for health in console.service().health().await? {
        let view = &health.view;
        let known = |at: Option<Timestamp>| at.map_or_else(|| words.health.unknown.to_owned(), time::text);
        let state = words.health.state(health.state).to_owned();
        let mut row = vec![view.system.to_string(), state, known(health.since), known(health.recent.last_success)];
        row.extend(counts(view).map(|count| count.to_string()));
        row.extend([words.health.drain(health.drain), misses(words, &health)]);
        row.extend([words.gate(view.gate.state).to_owned(), view.gate.reason.clone().unwrap_or_default()]);
        export.row(&row.iter().map(String::as_str).collect::<Vec<_>>())?;
    }
    export.finish("systems", None)
}
