//! What pages are put together from: states by word and shape, links, numbers, filters, the next page. It asks nothing of the service.

use http::StatusCode;
use lienthong_core::delivery::ExchangeState;
use lienthong_core::{BusinessKey, ExchangeId, Fault, Role, StateName, SystemId};
use lienthong_engine::desk::health::{Sign, SystemState};
use lienthong_engine::dispatch::GateState;
use lienthong_journal::{Cursor, DeliveryRecord};
use maud::{Markup, html};

use crate::Console;
use crate::form::{Fields, query};
use crate::guard::Visit;
use crate::layout::{once, token};
use crate::shown::{cell, shown};
use crate::text::Words;

/// Rows of a page.
pub(crate) const ROWS: usize = 50;

/// Good, bad, or neither: a class; the word and the shape say it too.
fn tone(state: StateName) -> (&'static str, &'static str) {
    match state {
        StateName::Delivered => ("good", "✓"),
        StateName::Parked => ("bad", "■"),
        StateName::Queued => ("calm", "○"),
        StateName::Waiting => ("calm", "◔"),
        StateName::InFlight => ("calm", "▷"),
        StateName::Verifying => ("warn", "?"),
        StateName::Cancelled | StateName::Discarded => ("over", "✕"),
        StateName::Superseded => ("over", "»"),
    }
}

pub(super) fn badge((tone, shape): (&str, &str), word: &str) -> Markup {
    html! { span class={ "badge " (tone) } { span aria-hidden="true" { (shape) } " " (word) } }
}

pub(crate) fn state(words: &Words, name: StateName) -> Markup {
    badge(tone(name), words.state(name))
}

pub(crate) fn shape(name: StateName) -> (&'static str, &'static str) {
    tone(name)
}

pub(crate) fn whole(words: &Words, state: ExchangeState) -> Markup {
    let tone = match state {
        ExchangeState::Delivered => ("good", "✓"),
        ExchangeState::Attention => ("bad", "■"),
        ExchangeState::InProgress => ("calm", "▷"),
        ExchangeState::Closed => ("over", "✕"),
    };
    badge(tone, words.whole(state))
}

pub(crate) fn gate(words: &Words, state: GateState) -> Markup {
    let tone = match state {
        GateState::Open => ("good", "✓"),
        GateState::Probing => ("warn", "?"),
        GateState::Closed => ("bad", "■"),
        GateState::Paused => ("warn", "‖"),
        GateState::Maintenance => ("calm", "◔"),
    };
    badge(tone, words.gate(state))
}

pub(crate) fn condition(words: &Words, state: SystemState) -> Markup {
    let tone = match state {
        SystemState::Up => ("good", "✓"),
        SystemState::Degraded => ("warn", "▽"),
        SystemState::Down => ("bad", "■"),
        SystemState::Paused => ("warn", "‖"),
        SystemState::Maintenance => ("calm", "◔"),
    };
    badge(tone, words.health.state(state))
}

/// What shows a system's state, one line each.
pub(crate) fn signs(words: &Words, signs: &[Sign]) -> Markup {
    html! {
        @for sign in signs {
            @let (says, why) = words.health.sign(sign);
            br; span.quiet { (says) @if let Some(why) = why { ": " (cell(why)) } }
        }
    }
}

/// A number with the separators of the country.
pub(crate) fn number(count: u64) -> String {
    let digits = count.to_string();
    let mut shown = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.char_indices() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            shown.push('.');
        }
        shown.push(digit);
    }
    shown
}

pub(crate) fn exchange_path(id: ExchangeId) -> String {
    format!("/console/exchanges/{id}")
}

/// The first part of an id is enough to tell two rows apart; the whole is in the link.
pub(crate) fn exchange_link(id: ExchangeId) -> Markup {
    let text = id.to_string();
    html! { a.code href=(exchange_path(id)) title=(text) { (text) } }
}

pub(crate) fn dossier_link(key: &BusinessKey) -> Markup {
    html! { a href={ "/console/dossier" (query("key", key.as_str())) } { (cell(key.as_str())) } }
}

/// What a fault says: its public text and code; for operators the system's own words too, which may hold personal data.
pub(crate) fn fault(visit: &Visit, fault: &Fault) -> Markup {
    html! {
        (shown(visit.language.public(fault))) " " span.code { (fault.code.as_str()) }
        @if let Some(code) = &fault.system_code { " " span.code { (cell(code)) } }
        @if visit.has(Role::Operator) { @if let Some(words) = &fault.system_text { br; span.quiet { (cell(words)) } } }
    }
}

/// One delivery's state, and until when it waits.
pub(crate) fn standing(words: &Words, delivery: &DeliveryRecord) -> Markup {
    html! {
        (state(words, delivery.state.name()))
        @if let Some(until) = delivery.state.wake_at() { " " span.quiet { (words.message.next_at) " " (crate::time::moment(until)) } }
    }
}

/// A choice of a filter; the empty one means all.
pub(crate) fn choice(name: &str, label: &str, all: &str, chosen: &str, options: &[(String, String)]) -> Markup {
    html! {
        label { (label)
            select name=(name) {
                option value="" { (all) }
                @for (value, text) in options { option value=(value) selected[value == chosen] { (text) } }
            }
        }
    }
}

/// The configured systems as options.
pub(crate) fn systems(console: &Console) -> Vec<(String, String)> {
    let config = console.service().configuration();
    config.systems.keys().map(|system: &SystemId| (system.to_string(), system.to_string())).collect()
}

/// Links below a list: its next page, its beginning, the list as a file.
pub(crate) fn below(words: &Words, path: &str, asked: &Fields, next: Option<&Cursor>) -> Markup {
    html! {
        p.below {
            @if asked.some("cursor").is_some() { a href=(asked.link(path, "cursor", "")) { (words.common.first) } }
            @if let Some(Cursor(next)) = next { a rel="next" href=(asked.link(path, "cursor", next)) { (words.common.next) } }
            a href=(asked.link(&format!("{path}.csv"), "cursor", "")) { (words.common.csv) }
        }
    }
}

/// A field for a reason, as it was typed.
pub(crate) fn reason(words: &Words, typed: &str, required: bool) -> Markup {
    html! {
        label { (words.common.reason)
            textarea name="reason" rows="3" maxlength="500" required[required] aria-describedby="reason-rule" { "\n" (typed) }
        }
        p.quiet #reason-rule { (words.common.reason_rule) }
    }
}

/// What a form that was not carried out begins with.
pub(crate) fn again(words: &Words, again: bool) -> Markup {
    html! { @if again { p.notice role="alert" { (words.common.again) } } }
}

/// A form of a page of its own: its fields, the button that does it, the way back.
pub(crate) fn acting(visit: &Visit, action: &str, button: &str, back: &str, fields: &Markup) -> Markup {
    html! {
        form.act method="post" action=(action) {
            (token(visit))
            (once(visit))
            (fields)
            p.buttons {
                button.main type="submit" { (button) }
                a href=(back) { (visit.words().common.cancel) }
            }
        }
    }
}

/// A page that was not done because something in it is missing.
pub(crate) fn unprocessable(mut response: axum::response::Response) -> axum::response::Response {
    *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    response
}

#[cfg(test)]
mod unit {
    use super::*;

    #[test]
    fn numbers_are_grouped() {
        let shown: Vec<String> = [0, 999, 1000, 1_234_567].into_iter().map(number).collect();
        assert_eq!(shown, ["0", "999", "1.000", "1.234.567"]);
    }
}
