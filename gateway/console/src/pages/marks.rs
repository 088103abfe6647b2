//! States of cases, releases and previews as badges: a word and a shape, so that colour is not needed. It decides none of them.

use lienthong_engine::desk::{CaseState, Going};
use lienthong_engine::service::Verdict;
use maud::Markup;

use super::parts::badge;
use crate::text::Words;

pub(super) fn case_state(words: &Words, state: CaseState) -> Markup {
    let tone = match state {
        CaseState::New => ("bad", "●"),
        CaseState::Reopened => ("bad", "↺"),
        CaseState::Acknowledged => ("warn", "◐"),
        CaseState::Assigned => ("calm", "◑"),
        CaseState::Releasing => ("calm", "▷"),
        CaseState::Resolved => ("good", "✓"),
    };
    badge(tone, words.case_state(state))
}

pub(super) fn going(words: &Words, going: Going) -> Markup {
    let tone = match going {
        Going::Running => ("calm", "▷"),
        Going::Paused => ("warn", "‖"),
        Going::Stopped => ("over", "✕"),
        Going::Done => ("good", "✓"),
    };
    badge(tone, words.going(going))
}

pub(super) fn verdict(words: &Words, verdict: Verdict) -> Markup {
    let tone = match verdict {
        Verdict::Passes => ("good", "✓"),
        Verdict::Fails => ("bad", "■"),
        Verdict::NeedsConfirmation => ("warn", "!"),
        Verdict::LookedUpFirst => ("warn", "?"),
        Verdict::Waits => ("calm", "◔"),
        Verdict::Refused | Verdict::NotPreviewed => ("over", "✕"),
    };
    badge(tone, words.verdict(verdict))
}
