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

/// The bar with its legend.
pub(super) fn progress(words: &Words, release: &Release) -> Markup {
    let parts = parts(words, release);
    let all: u64 = parts.iter().map(|part| part.count).sum::<u64>().max(1);
    let says = said(words, release);
    let drawn = placed(&parts, all);
    html! {
        figure.progress {
            svg viewBox={ "0 0 " (WIDTH) " 28" } role="img" aria-label=(says) preserveAspectRatio="none" {
                @for (part, from, width) in drawn { rect class={ "part-" (part.tone) } x=(from) y="0" width=(width) height="28" { title { (part.name) ": " (number(part.count)) } } }
            }
            figcaption { (says) }
            ul.legend { @for part in &parts { @if part.count > 0 { li { span class={ "swatch part-" (part.tone) } aria-hidden="true" {} " " (part.name) ": " (number(part.count)) } } } }
        }
    }
}
