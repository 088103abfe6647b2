//! How runs and differences look: facts, counts, rows, and the names of what was found. Never what a message holds.

use lienthong_engine::reconcile::{Aspect, Cell, Found, Newer, Phase, Place, Sent, State, Why};
use lienthong_engine::service::RunView;
use maud::{Markup, html};

use super::super::parts::{dossier_link, exchange_link, number};
use super::can_send;
use crate::form::Fields;
use crate::guard::Visit;
use crate::shown::{cell, shown};
use crate::text::{Words, fill};
use crate::time;

pub(super) fn phase(words: &Words, phase: Phase) -> &'static str {
    let words = &words.reconciliation;
    match phase {
        Phase::Receiving => words.receiving,
        Phase::Comparing => words.comparing,
        Phase::Done => words.done,
        Phase::Stopped => words.stopped,
        Phase::Failed => words.failed,
    }
}

pub(super) fn aspects(words: &Words, aspect: Aspect) -> &'static str {
    let words = &words.reconciliation;
    match aspect {
        Aspect::MissingThere => words.missing_there,
        Aspect::MissingHere => words.missing_here,
        Aspect::Status => words.status_differs,
        Aspect::Due => words.due_differs,
        Aspect::Returned => words.returned_differs,
    }
}

pub(super) fn newer(words: &Words, newer: Newer) -> &'static str {
    let words = &words.reconciliation;
    match newer {
        Newer::Here => words.newer_is_here,
        Newer::There => words.newer_is_there,
        Newer::Undecided => words.newer_is_unknown,
    }
}

pub(super) fn why(words: &Words, why: Why) -> &'static str {
    let words = &words.reconciliation;
    match why {
        Why::NeverHandedOver => words.never_handed_over,
        Why::OlderHandedOver => words.older_handed_over,
        Why::Parked => words.parked,
        Why::OnItsWay => words.on_its_way,
        Why::DeliveredNotShown => words.delivered_not_shown,
        Why::NewerThere => words.is_newer_there,
        Why::Undecided => words.undecided,
        Why::NotInTheList => words.not_in_the_list,
    }
}

fn who(words: &Words, why: Why) -> &'static str {
    let words = &words.reconciliation;
    match why {
        Why::NeverHandedOver | Why::OlderHandedOver | Why::NewerThere | Why::Undecided | Why::NotInTheList => {
            words.province_acts
        }
        Why::Parked | Why::OnItsWay => words.gateway_acts,
        Why::DeliveredNotShown => words.target_acts,
    }
}

/// What a run is, and what it found.
pub(super) fn facts(visit: &Visit, view: &RunView) -> Markup {
    let (words, run) = (&visit.words().reconciliation, &view.run);
    let counts = &run.counts;
    let told = [
        (words.keys, counts.keys),
        (words.equal, counts.equal),
        (words.different, counts.different),
        (words.missing_there, counts.missing_there),
        (words.missing_here, counts.missing_here),
        (words.status_differs, counts.status),
        (words.due_differs, counts.due),
        (words.returned_differs, counts.returned),
        (words.newer_there, counts.newer_there),
        (words.refused_rows, run.here.refused),
        (words.repeated, counts.repeated),
        (words.conflicting, counts.conflicting),
        (words.unanswered, counts.unanswered),
    ];
    let because = run.because.as_ref().or(view.waits.as_ref()).filter(|_| run.missing.is_none());
    let of_files = match (run.phase, &run.missing) {
        (_, Some(file)) => Some(fill(words.never_came, &[("file", file)])),
        (Phase::Receiving, None) if run.from_files => Some(words.waits_for_files.to_owned()),
        (Phase::Receiving | Phase::Comparing | Phase::Done | Phase::Stopped | Phase::Failed, None) => None,
    };
    html! {
        p {
            strong { (phase(visit.words(), run.phase)) } " · " (words.from) " " (run.from) " · " (words.to) " " (run.to) " · "
            (words.by) " " (cell(&run.by)) " · " (words.began) " " (time::moment(run.began))
        }
        @if let Some(told) = of_files { p.notice role="status" { (shown(&told)) } }
        @if let Some(because) = because { p.notice role="status" { (cell(because)) } }
        @if run.phase == Phase::Comparing { p { (words.progress) ": " (run.compared) "/" (run.here.chunks) } }
        @if let Some(sending) = &run.sending {
            p.notice role="status" { (words.sending) ": " (number(sending.sent)) " · " (words.not_sent) ": " (number(sending.not_sent)) }
        }
        table { tbody { @for (name, count) in told { tr { th scope="row" { (name) } td.number { (number(count)) } } } } }
        @if !run.here.told.is_empty() {
            h2 { (words.refused_rows) }
            ul { @for (line, problem) in run.here.told.iter().take(20) { li { (line) ": " (cell(problem)) } } }
        }
        @for sending in run.sent.iter().rev() {
            p.quiet { (words.sent) " " (time::moment(sending.began)) " · " (cell(&sending.by)) ": " (number(sending.sent)) " · " (words.not_sent) ": " (number(sending.not_sent)) " · " (cell(&sending.reason)) }
        }
    }
}

pub(super) fn totals(visit: &Visit, cells: &[(Place, Cell)]) -> Markup {
    let words = &visit.words().reconciliation;
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    html! {
        div.wide tabindex="0" role="region" aria-label=(words.totals) { table {
            thead { tr {
                @for head in [words.unit, words.procedure, words.status, words.day] { th scope="col" { (head) } }
                @for head in [words.here, words.handed, words.there, words.different] { th.number scope="col" { (head) } }
            } }
            tbody { @for (place, counts) in cells { tr {
                th scope="row" { (cell(&text(&place.unit))) }
                td { (cell(&text(&place.procedure))) }
                td { (cell(&text(&place.status))) }
                td { @if let Some(day) = place.day { (day) } }
                @for count in [counts.here, counts.handed, counts.there, counts.different] { td.number { (number(count)) } }
            } } }
        } }
    }
}

/// Rows that can be chosen where something may be sent.
pub(super) fn differences(visit: &Visit, view: &RunView, found: &[Found], asked: &Fields) -> Markup {
    let words = &visit.words().reconciliation;
    let choosing = can_send(visit, view);
    let path = format!("/console/reconciliations/{}/send", view.id);
    let rows = html! {
        div.wide tabindex="0" role="region" aria-label=(words.differences) { table {
            thead { tr {
                @if choosing { th scope="col" { (words.choose) } }
                @for head in heads(visit.words()) { th scope="col" { (head) } }
            } }
            tbody { @for one in found { tr {
                @if choosing { td { @if one.body.is_some() { input type="checkbox" name="place" value=(one.place) aria-label={ (words.choose) " " (one.key) }; } } }
                th scope="row" { (dossier_link(&one.key)) }
                @for text in cells(visit.words(), one).iter().skip(1).take(9) { td { (cell(text)) } }
                td { @match &one.sent { Some(Sent::As(exchange)) => { (exchange_link(*exchange)) }, Some(Sent::Not(why)) => { (words.not_sent) ": " (cell(why)) }, None => {} } }
            } } }
        } }
    };
    html! {
        @if choosing {
            form method="get" action=(path) {
                (rows)
                p.buttons {
                    button type="submit" { (words.send) }
                    a href=(asked.link(&path, "after", "")) { (words.send_all) }
                }
            }
        } @else { (rows) }
    }
}

pub(super) fn heads(words: &Words) -> [&'static str; 11] {
    let own = &words.reconciliation;
    [
        words.common.key,
        own.unit,
        own.procedure,
        own.day,
        own.differs_in,
        own.here,
        own.there,
        own.newer,
        own.why,
        words.common.who_acts,
        own.outcome,
    ]
}

/// A difference as texts, in the order of [`heads`].
pub(super) fn cells(words: &Words, found: &Found) -> [String; 11] {
    let state = found.here.as_ref().or(found.there.as_ref());
    let of = |pick: fn(&State) -> &Option<String>| state.and_then(|state| pick(state).clone()).unwrap_or_default();
    let differs: Vec<&str> = found.difference.aspects.iter().map(|aspect| aspects(words, *aspect)).collect();
    let outcome = match &found.sent {
        Some(Sent::As(exchange)) => exchange.to_string(),
        Some(Sent::Not(why)) => format!("{}: {why}", words.reconciliation.not_sent),
        None => String::new(),
    };
    [
        found.key.to_string(),
        of(|state| &state.unit),
        of(|state| &state.procedure),
        state.and_then(|state| state.day).map(|day| day.to_string()).unwrap_or_default(),
        differs.join(", "),
        side(words, found.here.as_ref(), &found.difference.aspects),
        side(words, found.there.as_ref(), &found.difference.aspects),
        newer(words, found.difference.newer).to_owned(),
        why(words, found.why).to_owned(),
        who(words, found.why).to_owned(),
        outcome,
    ]
}

/// What a side says of what differs.
fn side(words: &Words, state: Option<&State>, aspects: &[Aspect]) -> String {
    let Some(state) = state else { return String::new() };
    let own = &words.reconciliation;
    let day = |name: &str, told: lienthong_engine::reconcile::Told| told.day().map(|day| format!("{name}: {day}"));
    let told = aspects.iter().filter_map(|aspect| match aspect {
        Aspect::MissingThere | Aspect::MissingHere | Aspect::Status => state.status.clone(),
        Aspect::Due => day(own.due_differs, state.due),
        Aspect::Returned => day(own.returned_differs, state.returned),
    });
    told.collect::<Vec<_>>().join("; ")
}
