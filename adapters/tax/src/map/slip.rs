//! A slip from its base64, and what the answer to it says. It verifies no signature and sends nothing.

use lienthong_core::text::excerpt;
use lienthong_core::{Fault, FaultKind, FieldProblem, limits};
use lienthong_formats::base64;
use lienthong_kit::hidden::{self, Hidden};
use lienthong_kit::words::{Said, Words};

use super::some;
use crate::config::{SlipAnswerConfig, SlipConfig};
use crate::wire::answer::Row;
use crate::wire::envelope::Unread;

/// Where the slip stands in the input.
const SLIP: &str = "/slip";

/// A fault about the slip that leaves nothing done.
pub(crate) fn refused(problem: impl Into<String>) -> Fault {
    let problem = problem.into();
    Fault::of(FaultKind::Invalid, format!("the slip {problem}")).with_problem(FieldProblem::new(SLIP, problem))
}

/// The slip's text, exactly its bytes.
pub(crate) fn text(encoded: &str, config: &SlipConfig) -> Result<String, Fault> {
    let most = config.max_bytes;
    if encoded.len() / 4 * 3 > most.saturating_add(3) {
        return Err(refused(format!("is larger than {most} bytes")));
    }
    let bytes = base64::decode(encoded).map_err(|error| refused(error.to_string()))?;
    if bytes.len() > most {
        return Err(refused(format!("is larger than {most} bytes")));
    }
    // A byte order mark is part of the bytes and stays.
    String::from_utf8(bytes).map_err(|error| match lienthong_formats::encoding::utf8(error.as_bytes()) {
        Err(encoding) => refused(encoding.to_string()),
        Ok(_) => refused("is not UTF-8"),
    })
}

/// What the answer says of the slip.
pub(crate) struct Taken {
    pub(crate) state: String,
    pub(crate) words: Option<String>,
}

/// Judges the answer's row: only a configured state is success, and words that tell of a failure make it none.
pub(crate) fn judge(
    row: &Row,
    config: &SlipAnswerConfig,
    words: &Words,
    hidden: Hidden<'_>,
) -> Result<Result<Taken, Fault>, Unread> {
    let state = row.text(&config.state_element)?;
    let message = row.text(&config.words_element)?;
    let is = |list: &[String]| !state.is_empty() && list.iter().any(|one| one.trim() == state);
    let shown = hidden::without(&excerpt(&message, 16 * limits::SYSTEM_TEXT_CHARS), hidden);
    let told = |kind: FaultKind, detail: &str| {
        Fault::of(kind, detail).with_system_answer(some(state.clone()), some(shown.clone()).as_deref())
    };
    let denied = match words.said(&message) {
        Said::Failure | Said::NotFound => true,
        Said::SessionExpired | Said::Maintenance | Said::Throttled | Said::Exists | Said::Success | Said::Unknown => {
            false
        }
    };
    Ok(match (is(&config.accepted), is(&config.refused)) {
        (true, _) if denied => Err(told(FaultKind::Unintelligible, "the answer takes the slip and denies it in words")),
        (true, _) => Ok(Taken { state, words: some(message) }),
        (false, true) => Err(told(FaultKind::Rejected, "tax refuses the slip")),
        (false, false) if denied => Err(told(FaultKind::Rejected, "tax refuses the slip in words")),
        (false, false) => Err(told(
            FaultKind::Unintelligible,
            "a state of the answer that is not configured; say in slip.answer.accepted or refused what it means",
        )),
    })
}
