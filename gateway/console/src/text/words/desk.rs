//! The words of what operators do with errors: cases, previews, releases. One structure, one file a language; it formats nothing.

use serde::Serialize;

/// The case of an error group.
#[derive(Debug, Serialize)]
pub(crate) struct Case {
    pub(crate) why: &'static str,
    pub(crate) owner: &'static str,
    pub(crate) nobody: &'static str,
    pub(crate) mine: &'static str,
    pub(crate) reopened: &'static str,
    pub(crate) reach: &'static str,
    pub(crate) keys: &'static str,
    pub(crate) overdue: &'static str,
    pub(crate) at_risk: &'static str,
    pub(crate) next_due: &'static str,
    pub(crate) first_only: &'static str,
    pub(crate) growth: &'static str,
    pub(crate) growth_says: &'static str,
    pub(crate) fixes: &'static str,
    pub(crate) notes: &'static str,
    pub(crate) no_notes: &'static str,
    pub(crate) acts: &'static str,
    pub(crate) acknowledge: &'static str,
    pub(crate) assign: &'static str,
    pub(crate) assign_to: &'static str,
    pub(crate) assign_me: &'static str,
    pub(crate) give_back: &'static str,
    pub(crate) note: &'static str,
    pub(crate) note_text: &'static str,
    pub(crate) resolve: &'static str,
    pub(crate) resolve_how: &'static str,
    pub(crate) changed: &'static str,
    pub(crate) running: &'static str,
    pub(crate) when: &'static str,
    pub(crate) who: &'static str,
}

/// Where cases stand.
#[derive(Debug, Serialize)]
pub(crate) struct CaseStates {
    pub(crate) new: &'static str,
    pub(crate) acknowledged: &'static str,
    pub(crate) assigned: &'static str,
    pub(crate) releasing: &'static str,
    pub(crate) resolved: &'static str,
    pub(crate) reopened: &'static str,
}

/// Who must act on an error group.
#[derive(Debug, Serialize)]
pub(crate) struct Parties {
    pub(crate) source_system: &'static str,
    pub(crate) mapping: &'static str,
    pub(crate) code_list: &'static str,
    pub(crate) network: &'static str,
    pub(crate) target_system: &'static str,
    pub(crate) credentials: &'static str,
    pub(crate) gateway: &'static str,
}

/// Previews of releases.
#[derive(Debug, Serialize)]
pub(crate) struct Preview {
    pub(crate) title: &'static str,
    pub(crate) open: &'static str,
    pub(crate) says: &'static str,
    pub(crate) previewed: &'static str,
    pub(crate) one: &'static str,
    pub(crate) edited: &'static str,
    pub(crate) verdict: &'static str,
    pub(crate) count: &'static str,
    pub(crate) causes: &'static str,
    pub(crate) each: &'static str,
    pub(crate) first_rows: &'static str,
    pub(crate) difference: &'static str,
    pub(crate) difference_title: &'static str,
    pub(crate) against_sent: &'static str,
    pub(crate) against_received: &'static str,
    pub(crate) identical: &'static str,
    pub(crate) no_fields: &'static str,
    pub(crate) gone: &'static str,
    pub(crate) nothing_sent: &'static str,
    pub(crate) field: &'static str,
    pub(crate) before: &'static str,
    pub(crate) after: &'static str,
    pub(crate) absent: &'static str,
    pub(crate) hidden: &'static str,
    pub(crate) more_fields: &'static str,
    pub(crate) edits: &'static str,
    pub(crate) rows: &'static str,
    pub(crate) columns: &'static str,
    pub(crate) transform: &'static str,
    pub(crate) none: &'static str,
    pub(crate) load: &'static str,
    pub(crate) attempt: &'static str,
    pub(crate) only: &'static str,
    pub(crate) until: &'static str,
    pub(crate) reveal: &'static str,
    pub(crate) confirm: &'static str,
    pub(crate) bytes: &'static str,
}

/// What a release of a delivery would come to.
#[derive(Debug, Serialize)]
pub(crate) struct Verdicts {
    pub(crate) passes: &'static str,
    pub(crate) fails: &'static str,
    pub(crate) needs_confirmation: &'static str,
    pub(crate) looked_up_first: &'static str,
    pub(crate) waits: &'static str,
    pub(crate) refused: &'static str,
    pub(crate) not_previewed: &'static str,
}

/// Releases in steps.
#[derive(Debug, Serialize)]
pub(crate) struct Releases {
    pub(crate) title: &'static str,
    pub(crate) one: &'static str,
    pub(crate) none: &'static str,
    pub(crate) steps: &'static str,
    pub(crate) steps_rule: &'static str,
    pub(crate) rate: &'static str,
    pub(crate) rate_rule: &'static str,
    pub(crate) stop_above: &'static str,
    pub(crate) begin: &'static str,
    pub(crate) busy: &'static str,
    pub(crate) nothing: &'static str,
    pub(crate) changed: &'static str,
    pub(crate) progress: &'static str,
    pub(crate) progress_says: &'static str,
    pub(crate) delivered: &'static str,
    pub(crate) failed: &'static str,
    pub(crate) refused: &'static str,
    pub(crate) at_work: &'static str,
    pub(crate) left: &'static str,
    pub(crate) group_now: &'static str,
    pub(crate) step: &'static str,
    pub(crate) next: &'static str,
    pub(crate) pace: &'static str,
    pub(crate) per_second: &'static str,
    pub(crate) stops_at: &'static str,
    pub(crate) by: &'static str,
    pub(crate) began: &'static str,
    pub(crate) ended: &'static str,
    pub(crate) eta: &'static str,
    pub(crate) because: &'static str,
    pub(crate) paused_by: &'static str,
    pub(crate) failed_again: &'static str,
    pub(crate) pause: &'static str,
    pub(crate) resume: &'static str,
    pub(crate) stop: &'static str,
    pub(crate) stop_title: &'static str,
    pub(crate) stop_says: &'static str,
    pub(crate) refusals: &'static str,
    pub(crate) confirmed: &'static str,
}

/// Whether a release goes on.
#[derive(Debug, Serialize)]
pub(crate) struct Goings {
    pub(crate) running: &'static str,
    pub(crate) paused: &'static str,
    pub(crate) stopped: &'static str,
    pub(crate) done: &'static str,
}

/// What is done to one delivery.
#[derive(Debug, Serialize)]
pub(crate) struct Single {
    pub(crate) release_title: &'static str,
    pub(crate) discard_title: &'static str,
    pub(crate) release_says: &'static str,
    pub(crate) discard_says: &'static str,
    pub(crate) confirm: &'static str,
    pub(crate) changed: &'static str,
}
