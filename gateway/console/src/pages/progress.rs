//! How far a release has come, as one bar of parts in their order; the words below it say the same. It counts nothing itself.

use lienthong_engine::desk::Release;
use maud::{Markup, html};

use super::parts::number;
use super::releases::said;
use crate::text::Words;

const WIDTH: u64 = 640;

/// One part of the bar.
struct Part {
    tone: &'static str,
    name: &'static str,
    count: u64,
}

fn parts(words: &Words, release: &Release) -> [Part; 5] {
    let of = &words.releases;
    let at_work = release.batch.len() as u64;
    let left = release.total.saturating_sub(release.over()).saturating_sub(at_work);
    [
        Part { tone: "good", name: of.delivered, count: release.delivered },
        Part { tone: "bad", name: of.failed, count: release.failed },
        Part { tone: "warn", name: of.refused, count: release.refused },
        Part { tone: "calm", name: of.at_work, count: at_work },
        Part { tone: "left", name: of.left, count: left },
    ]
}

/// The parts there are, where each begins and how wide it is; one of the smallest is still seen.
fn placed(parts: &[Part], all: u64) -> Vec<(&Part, u64, u64)> {
    let at = |count: u64| count.saturating_mul(WIDTH) / all;
    let mut drawn = Vec::new();
    let mut before = 0_u64;
    for part in parts {
        let from = at(before);
        before = before.saturating_add(part.count);
        if part.count > 0 {
            drawn.push((part, from, at(before).saturating_sub(from).max(1)));
        }
    }
    drawn
}

/// The bar alone, for a list that says the rest in words.
pub(super) fn bar(words: &Words, release: &Release) -> Markup {
    drawn(&parts(words, release), &said(words, release))
}

fn drawn(parts: &[Part], says: &str) -> Markup {
    let all: u64 = parts.iter().map(|part| part.count).sum::<u64>().max(1);
    html! {
        svg.bar viewBox={ "0 0 " (WIDTH) " 28" } role="img" aria-label=(says) preserveAspectRatio="none" {
            @for (part, from, width) in placed(parts, all) {
                rect class={ "part-" (part.tone) } x=(from) y="0" width=(width) height="28" { title { (part.name) ": " (number(part.count)) } }
            }
        }
    }
}

/// The bar with its legend.
pub(super) fn progress(words: &Words, release: &Release) -> Markup {
    let (parts, says) = (parts(words, release), said(words, release));
    html! {
        figure.progress {
            (drawn(&parts, &says))
            figcaption { (says) }
            ul.legend { @for part in &parts { @if part.count > 0 { li { span class={ "swatch part-" (part.tone) } aria-hidden="true" {} " " (part.name) ": " (number(part.count)) } } } }
        }
    }
}

#[cfg(test)]
mod unit {
    use super::*;

    #[test]
    fn the_parts_fill_the_bar_in_their_order_and_the_smallest_is_seen() {
        let part = |count| Part { tone: "good", name: "x", count };
        let parts = [part(1), part(0), part(999_999)];
        let drawn: Vec<(u64, u64)> = placed(&parts, 1_000_000).iter().map(|(_, from, width)| (*from, *width)).collect();
        assert_eq!(drawn, [(0, 1), (0, WIDTH)]);
        let halves = [part(5), part(5)];
        let drawn: Vec<(u64, u64)> = placed(&halves, 10).iter().map(|(_, from, width)| (*from, *width)).collect();
        assert_eq!(drawn, [(0, WIDTH / 2), (WIDTH / 2, WIDTH / 2)]);
    }
}
