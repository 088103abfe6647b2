//! Times as people here read them: Asia/Ho_Chi_Minh, day first. It reads no clock.

use jiff::civil::{Date, DateTime};
use jiff::tz::Offset;
use lienthong_core::Timestamp;
use maud::{Markup, html};

/// Asia/Ho_Chi_Minh has been UTC+7 without summer time since 1975; a fixed offset needs no zone files.
const OFFSET: Offset = Offset::constant(7);

/// The time zone's name, as pages tell it.
pub(crate) const ZONE: &str = "Asia/Ho_Chi_Minh";

fn local(at: Timestamp) -> DateTime {
    OFFSET.to_datetime(at)
}

/// Day and time to the second.
pub(crate) fn text(at: Timestamp) -> String {
    local(at).strftime("%d/%m/%Y %H:%M:%S").to_string()
}

/// The same on a page; machines read the exact instant.
pub(crate) fn moment(at: Timestamp) -> Markup {
    html! { time datetime=(at) { (text(at)) } }
}

/// Nothing where there is none.
pub(crate) fn maybe(at: Option<Timestamp>, never: &str) -> Markup {
    at.map_or_else(|| html! { span.quiet { (never) } }, moment)
}

/// As it is typed: to the minute.
pub(crate) fn typed(at: Timestamp) -> String {
    local(at).strftime("%Y-%m-%dT%H:%M").to_string()
}

/// The hour and minute.
pub(crate) fn clock(at: Timestamp) -> String {
    local(at).strftime("%H:%M").to_string()
}

/// The day.
pub(crate) fn day(at: Timestamp) -> String {
    local(at).strftime("%d/%m/%Y").to_string()
}

/// When the day of this instant began.
pub(crate) fn midnight(at: Timestamp) -> Timestamp {
    begins(local(at).date()).unwrap_or(at)
}

/// When a day begins, if such a time can be told.
pub(crate) fn begins(day: Date) -> Option<Timestamp> {
    OFFSET.to_timestamp(day.at(0, 0, 0, 0)).ok()
}

#[cfg(test)]
mod unit {
    use super::*;

    #[test]
    fn times_are_those_of_the_province() {
        let at: Timestamp = "2026-01-15T17:30:05Z".parse().unwrap();
        assert_eq!(text(at), "16/01/2026 00:30:05");
        assert_eq!((clock(at), day(at)), ("00:30".to_owned(), "16/01/2026".to_owned()));
        assert_eq!(midnight(at).to_string(), "2026-01-15T17:00:00Z");
    }
}
