//! A dossier's journey across systems as a picture: one row a system, one mark a delivery, in the order they came. The table below it says the same in words.

use lienthong_core::{StateName, Timestamp};
use lienthong_engine::service::KeyTimeline;
use lienthong_journal::DeliveryRecord;
use maud::{Markup, html};

use super::parts::{exchange_path, shape};
use crate::shown::plain;
use crate::text::Words;
use crate::time;

/// Marks drawn; the newest, where there are more.
const MARKS: usize = 60;
const LEFT: usize = 120;
const STEP: usize = 58;
const ROW: usize = 44;
const TOP: usize = 30;

struct Mark<'t> {
    delivery: &'t DeliveryRecord,
    at: Timestamp,
    x: usize,
    row: usize,
}

/// The picture, or nothing where there is nothing to draw.
pub(super) fn journey(words: &Words, timeline: &KeyTimeline) -> Markup {
    let all: Vec<(&DeliveryRecord, Timestamp)> = timeline
        .exchanges
        .iter()
        .flat_map(|detail| detail.record.deliveries.iter().map(|one| (one, detail.record.meta.received_at)))
        .collect();
    let newest = all.get(all.len().saturating_sub(MARKS)..).unwrap_or_default();
    let mut systems: Vec<&str> = Vec::new();
    let mut marks = Vec::with_capacity(newest.len());
    for (place, (delivery, at)) in newest.iter().enumerate() {
        let name = delivery.system.as_str();
        let row = systems.iter().position(|system| *system == name).unwrap_or_else(|| {
            systems.push(name);
            systems.len() - 1
        });
        marks.push(Mark { delivery, at: *at, x: LEFT + 30 + place * STEP, row });
    }
    let (width, height) = (LEFT + 30 + marks.len().max(4) * STEP, TOP + systems.len() * ROW + 10);
    html! {
        figure.journey tabindex="0" {
            svg viewBox={ "0 0 " (width) " " (height) } width=(width) height=(height) role="group" aria-label=(words.dossier.picture) {
                @for (row, system) in systems.iter().enumerate() { (lane(row, system, width)) }
                (way(&marks))
                @for (place, mark) in marks.iter().enumerate() { (drawn(words, mark, day_before(&marks, place))) }
            }
            figcaption.quiet { (words.dossier.picture) }
        }
    }
}

fn y(row: usize) -> usize {
    TOP + row * ROW + ROW / 2
}

fn lane(row: usize, system: &str, width: usize) -> Markup {
    html! {
        line.lane x1=(LEFT) x2=(width - 10) y1=(y(row)) y2=(y(row)) {}
        text.system x=(LEFT - 12) y=(y(row) + 5) text-anchor="end" { (short(system)) }
    }
}

/// Names that fit the margin; the table has them whole.
fn short(system: &str) -> String {
    lienthong_core::text::excerpt(&plain(system), 14)
}

/// A line through all marks, in their order.
fn way(marks: &[Mark<'_>]) -> Markup {
    let points: Vec<String> = marks.iter().map(|mark| format!("{},{}", mark.x, y(mark.row))).collect();
    html! { polyline.way points=(points.join(" ")) {} }
}

fn day_before(marks: &[Mark<'_>], place: usize) -> Option<String> {
    place.checked_sub(1).and_then(|before| marks.get(before)).map(|mark| time::day(mark.at))
}

fn drawn(words: &Words, mark: &Mark<'_>, day_before: Option<String>) -> Markup {
    let state = mark.delivery.state.name();
    let (tone, _) = shape(state);
    let day = time::day(mark.at);
    let says = format!(
        "{}: {}, {}, {}",
        mark.delivery.system,
        mark.delivery.operation,
        words.state(state),
        time::text(mark.at)
    );
    html! {
        @if day_before.as_deref() != Some(day.as_str()) { text.day x=(mark.x) y="12" text-anchor="middle" { (day.get(..5).unwrap_or_default()) } }
        text.hour x=(mark.x) y="25" text-anchor="middle" { (time::clock(mark.at)) }
        a href=(exchange_path(mark.delivery.id.exchange)) aria-label=(says) { g class={ "mark-" (tone) } { title { (says) } (figure(state, mark.x, y(mark.row))) } }
    }
}

/// A shape of its own for each kind of state, so that colour is not needed.
fn figure(state: StateName, x: usize, y: usize) -> Markup {
    match state {
        StateName::Delivered => html! {
            circle cx=(x) cy=(y) r="10" {}
            polyline.sign points={ (x - 5) "," (y) " " (x - 1) "," (y + 4) " " (x + 5) "," (y - 4) } {}
        },
        StateName::Parked => html! { rect x=(x - 10) y=(y - 10) width="20" height="20" {} },
        StateName::Queued | StateName::Waiting => html! { circle.hollow cx=(x) cy=(y) r="9" {} },
        StateName::InFlight => {
            html! { polygon points={ (x - 8) "," (y - 10) " " (x + 10) "," (y) " " (x - 8) "," (y + 10) } {} }
        }
        StateName::Verifying => {
            html! { polygon points={ (x) "," (y - 12) " " (x + 12) "," (y) " " (x) "," (y + 12) " " (x - 12) "," (y) } {} }
        }
        StateName::Cancelled | StateName::Discarded | StateName::Superseded => html! {
            circle.hollow cx=(x) cy=(y) r="9" {}
            polyline.cross points={ (x - 5) "," (y - 5) " " (x + 5) "," (y + 5) } {}
            polyline.cross points={ (x - 5) "," (y + 5) " " (x + 5) "," (y - 5) } {}
        },
    }
}
