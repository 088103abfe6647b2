//! How often a cause was seen, hour by hour, as a picture of bars. Its words say the same to whoever does not see it.

use jiff::SignedDuration;
use lienthong_core::Timestamp;
use maud::{Markup, html};

use super::parts::number;
use crate::text::{Words, fill};
use crate::time;

/// Bars drawn, the last one of the hour that is not over.
const HOURS: usize = 48;
const STEP: usize = 14;
const BAR: usize = 10;
const HEIGHT: usize = 90;
const LEFT: usize = 46;
/// Hours between two labels.
const APART: usize = 8;

/// One hour: when it began, how often.
struct Hour {
    began: Timestamp,
    seen: u64,
}

/// The hours that end now, those without any too.
fn hours(now: Timestamp, trend: &[(Timestamp, u64)]) -> Vec<Hour> {
    let this = now.as_second().div_euclid(3600);
    let ago = |hours: usize| this.saturating_sub(i64::try_from(hours).unwrap_or(0));
    let seen = |hour: i64| trend.iter().filter(move |(at, _)| at.as_second().div_euclid(3600) == hour);
    let made = (0..HOURS).rev().filter_map(|back| {
        let hour = ago(back);
        let began = Timestamp::UNIX_EPOCH.checked_add(SignedDuration::from_hours(hour)).ok()?;
        Some(Hour { began, seen: seen(hour).map(|(_, count)| *count).sum() })
    });
    made.collect()
}

/// The picture; nothing where nothing was seen.
pub(super) fn growth(words: &Words, now: Timestamp, trend: &[(Timestamp, u64)]) -> Markup {
    let hours = hours(now, trend);
    let Some(most) = hours.iter().max_by_key(|hour| hour.seen).filter(|hour| hour.seen > 0) else {
        return html! { p.quiet { (words.common.nothing) } };
    };
    let total: u64 = hours.iter().map(|hour| hour.seen).sum();
    let says = fill(
        words.case.growth_says,
        &[("total", &number(total)), ("most", &number(most.seen)), ("hour", &time::text(most.began))],
    );
    let width = LEFT + HOURS * STEP + 10;
    html! {
        figure.growth tabindex="0" {
            svg viewBox={ "0 0 " (width) " " (HEIGHT + 34) } width=(width) height=(HEIGHT + 34) role="img" aria-label=(says) {
                text.count x=(LEFT - 6) y="18" text-anchor="end" { (number(most.seen)) }
                text.count x=(LEFT - 6) y=(HEIGHT + 10) text-anchor="end" { "0" }
                line.lane x1=(LEFT) x2=(width) y1=(HEIGHT + 10) y2=(HEIGHT + 10) {}
                @for (place, hour) in hours.iter().enumerate() { (bar(place, hour, most.seen)) }
            }
            figcaption.quiet { (says) }
        }
    }
}

fn bar(place: usize, hour: &Hour, most: u64) -> Markup {
    let x = LEFT + place * STEP + 2;
    // A single one among thousands is still seen.
    let scaled = (hour.seen.saturating_mul(HEIGHT as u64) / most.max(1)).max(u64::from(hour.seen > 0) * 2);
    let height = usize::try_from(scaled).unwrap_or(HEIGHT).min(HEIGHT);
    let label = place % APART == APART - 1;
    html! {
        @if height > 0 {
            rect x=(x) y=(HEIGHT + 10 - height) width=(BAR) height=(height) { title { (time::text(hour.began)) ": " (number(hour.seen)) } }
        }
        @if label { text.hour x=(x + BAR / 2) y=(HEIGHT + 28) text-anchor="middle" { (time::clock(hour.began)) } }
    }
}

#[cfg(test)]
mod unit {
    use super::*;
    use crate::Language;

    #[test]
    fn every_hour_has_its_bar_and_the_words_say_what_the_picture_shows() {
        let now: Timestamp = "2026-01-15T08:40:00Z".parse().unwrap();
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let trend =
            [(at("2026-01-14T23:00:00Z"), 1), (at("2026-01-15T08:00:00Z"), 4_000), (at("2026-01-10T00:00:00Z"), 9)];
        let made = hours(now, &trend);
        assert_eq!((made.len(), made[HOURS - 1].seen, made[HOURS - 10].seen), (HOURS, 4_000, 1));
        let page = growth(Language::En.words(), now, &trend).into_string();
        assert!(page.contains("4.001 times in the last 48 hours; most at 15/01/2026 15:00:00, 4.000 times."), "{page}");
        assert_eq!(page.matches("<rect").count(), 2, "{page}");
        assert!(!growth(Language::En.words(), now, &[]).into_string().contains("<svg"));
    }
}
