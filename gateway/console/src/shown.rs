//! Foreign text on a page: isolated in its direction, with whatever would be obeyed or unseen made visible. It shortens nothing by itself.

use lienthong_core::text::excerpt;
use maud::{Markup, html};

/// Most characters of one value in a cell.
const CELL_CHARS: usize = 200;

/// A foreign text within a line.
pub(crate) fn shown(text: &str) -> Markup {
    html! { bdi { (pieces(text, false)) } }
}

/// The same, cut to what fits a cell.
pub(crate) fn cell(text: &str) -> Markup {
    if text.chars().nth(CELL_CHARS).is_none() {
        return shown(text);
    }
    let cut: String = text.chars().take(CELL_CHARS).collect();
    html! { bdi { (pieces(&cut, false)) "…" } }
}

/// A foreign text as a block: line breaks and tabs stay.
pub(crate) fn block(text: &str) -> Markup {
    html! { pre.foreign dir="ltr" tabindex="0" { bdi { (pieces(text, true)) } } }
}

/// For attributes and downloads, where nothing can be marked up.
pub(crate) fn plain(text: &str) -> String {
    text.chars().map(|c| if is_unseen(c) { '\u{fffd}' } else { c }).collect()
}

/// One line for the log.
pub(crate) fn logged(text: &str) -> String {
    excerpt(&plain(text), lienthong_core::limits::NOTE_CHARS)
}

fn pieces(text: &str, lines: bool) -> Markup {
    let hidden = |c: char| is_unseen(c) && !(lines && matches!(c, '\n' | '\t'));
    html! {
        @for part in text.split_inclusive(hidden) {
            @match part.char_indices().next_back().filter(|(_, last)| hidden(*last)) {
                Some((at, last)) => { (part.get(..at).unwrap_or_default()) span.mark { (glyph(last)) } },
                None => (part),
            }
        }
    }
}

/// What has no shape of its own, or turns the direction of what follows.
fn is_unseen(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{feff}')
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
        || matches!(c, '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

fn glyph(c: char) -> String {
    match c {
        '\0'..='\u{1f}' => char::from_u32(0x2400 + u32::from(c)).map_or_else(String::new, String::from),
        '\u{7f}' => "\u{2421}".to_owned(),
        other => format!("[U+{:04X}]", u32::from(other)),
    }
}

#[cfg(test)]
mod unit {
    use super::*;

    #[test]
    fn scripts_controls_and_turning_marks_are_seen_and_not_obeyed() {
        let hostile = "<script>alert(1)</script>\0\u{1b}[31m\u{202e}gnp.exe\u{200b}";
        let page = shown(hostile).into_string();
        assert!(page.starts_with("<bdi>&lt;script&gt;"), "{page}");
        for visible in ["\u{2400}", "\u{241b}", "[U+202E]", "[U+200B]"] {
            assert!(page.contains(&format!("<span class=\"mark\">{visible}</span>")), "{page}");
        }
        assert!(!page.chars().any(is_unseen), "{page}");
    }

    #[test]
    fn lines_of_a_block_stay_lines() {
        let page = block("a\n\tb\rc").into_string();
        assert!(page.contains("a\n\tb<span class=\"mark\">\u{240d}</span>c"), "{page}");
        assert!(cell(&"đ".repeat(300)).into_string().ends_with("…</bdi>"));
        assert_eq!(plain("a\u{202e}b"), "a\u{fffd}b");
    }
}
