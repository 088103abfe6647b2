//! The typed tables of words: one structure, one file a language; a missing translation does not compile. It formats nothing.

pub(crate) mod desk;
mod names;

use serde::Serialize;

pub(crate) use super::systems::Systems;

use super::amend::Amend;
use super::rows::Rows;

pub(crate) use names::{Faults, Gates, Roles, States, Steps, Wholes};

/// All words of one language.
#[derive(Debug, Serialize)]
pub(crate) struct Words {
    pub(crate) common: Common,
    pub(crate) login: Login,
    pub(crate) refusal: Refusal,
    pub(crate) overview: Overview,
    pub(crate) errors: Errors,
    pub(crate) messages: Messages,
    pub(crate) message: Message,
    pub(crate) difference: Difference,
    pub(crate) search: Search,
    pub(crate) dossier: Dossier,
    pub(crate) flows: Flows,
    pub(crate) systems: Systems,
    pub(crate) health: super::Health,
    pub(crate) windows: super::Windows,
    pub(crate) tables: Tables,
    pub(crate) reconciliation: super::reconciliation::Reconciliation,
    pub(crate) report: super::report::Report,
    pub(crate) settings: Settings,
    pub(crate) states: States,
    pub(crate) wholes: Wholes,
    pub(crate) gates: Gates,
    pub(crate) faults: Faults,
    pub(crate) roles: Roles,
    pub(crate) steps: Steps,
    pub(crate) expiries: super::expiries::Expiries,
    pub(crate) amend: Amend,
    pub(crate) rows: Rows,
    pub(crate) case: desk::Case,
    pub(crate) case_states: desk::CaseStates,
    pub(crate) parties: desk::Parties,
    pub(crate) preview: desk::Preview,
    pub(crate) verdicts: desk::Verdicts,
    pub(crate) releases: desk::Releases,
    pub(crate) goings: desk::Goings,
    pub(crate) single: desk::Single,
    pub(crate) alerts: super::alerts::Alerts,
    pub(crate) acts: super::acts::Acts,
    pub(crate) drills: super::drills::Drills,
}

/// What every page says.
#[derive(Debug, Serialize)]
pub(crate) struct Common {
    pub(crate) product: &'static str,
    pub(crate) skip: &'static str,
    pub(crate) navigation: &'static str,
    pub(crate) log_out: &'static str,
    pub(crate) zone: &'static str,
    pub(crate) live: &'static str,
    pub(crate) stale: &'static str,
    pub(crate) csv: &'static str,
    pub(crate) csv_more: &'static str,
    pub(crate) next: &'static str,
    pub(crate) first: &'static str,
    pub(crate) filter: &'static str,
    pub(crate) all: &'static str,
    pub(crate) nothing: &'static str,
    pub(crate) never: &'static str,
    pub(crate) cancel: &'static str,
    pub(crate) reason: &'static str,
    pub(crate) reason_rule: &'static str,
    pub(crate) again: &'static str,
    pub(crate) system: &'static str,
    pub(crate) operation: &'static str,
    pub(crate) key: &'static str,
    pub(crate) state: &'static str,
    pub(crate) client: &'static str,
    pub(crate) received: &'static str,
    pub(crate) exchange: &'static str,
    pub(crate) delivery: &'static str,
    pub(crate) copy: &'static str,
    pub(crate) copied: &'static str,
    pub(crate) who_acts: &'static str,
    pub(crate) back: &'static str,
    pub(crate) done: &'static str,
}

/// The login page.
#[derive(Debug, Serialize)]
pub(crate) struct Login {
    pub(crate) title: &'static str,
    pub(crate) name: &'static str,
    pub(crate) password: &'static str,
    pub(crate) submit: &'static str,
    pub(crate) wrong: &'static str,
    pub(crate) wait: &'static str,
    pub(crate) ended: &'static str,
    pub(crate) kept: &'static str,
}

/// Pages that say no.
#[derive(Debug, Serialize)]
pub(crate) struct Refusal {
    pub(crate) title: &'static str,
    pub(crate) home: &'static str,
}

/// The overview.
#[derive(Debug, Serialize)]
pub(crate) struct Overview {
    pub(crate) title: &'static str,
    pub(crate) open: &'static str,
    pub(crate) open_today: &'static str,
    pub(crate) open_all: &'static str,
    pub(crate) due: &'static str,
    pub(crate) due_counts: &'static str,
    pub(crate) due_more: &'static str,
    pub(crate) more: &'static str,
    pub(crate) counts: &'static str,
    pub(crate) exchanges: &'static str,
    pub(crate) errors: &'static str,
    pub(crate) groups: &'static str,
    pub(crate) parked: &'static str,
    pub(crate) waiting: &'static str,
    pub(crate) no_errors: &'static str,
    pub(crate) systems: &'static str,
    pub(crate) since: &'static str,
    pub(crate) last_success: &'static str,
    pub(crate) backlog: &'static str,
}

/// Error groups: list, one group, release, discard.
#[derive(Debug, Serialize)]
pub(crate) struct Errors {
    pub(crate) title: &'static str,
    pub(crate) group: &'static str,
    pub(crate) cause: &'static str,
    pub(crate) kind: &'static str,
    pub(crate) closed: &'static str,
    pub(crate) parked: &'static str,
    pub(crate) waiting: &'static str,
    pub(crate) held_behind: &'static str,
    pub(crate) seen: &'static str,
    pub(crate) first_seen: &'static str,
    pub(crate) last_seen: &'static str,
    pub(crate) fields: &'static str,
    pub(crate) system_code: &'static str,
    pub(crate) system_text: &'static str,
    pub(crate) detail: &'static str,
    pub(crate) members: &'static str,
    pub(crate) keys: &'static str,
    pub(crate) keys_more: &'static str,
    pub(crate) keys_hidden: &'static str,
    pub(crate) release: &'static str,
    pub(crate) discard: &'static str,
    pub(crate) release_title: &'static str,
    pub(crate) discard_title: &'static str,
    pub(crate) release_says: &'static str,
    pub(crate) discard_says: &'static str,
    pub(crate) confirmed: &'static str,
    pub(crate) sure: &'static str,
    pub(crate) unsure: &'static str,
    pub(crate) came_later: &'static str,
    pub(crate) moved: &'static str,
    pub(crate) refused: &'static str,
    pub(crate) why: &'static str,
}

/// The list of exchanges.
#[derive(Debug, Serialize)]
pub(crate) struct Messages {
    pub(crate) title: &'static str,
    pub(crate) from_day: &'static str,
    pub(crate) to_day: &'static str,
}

/// One exchange.
#[derive(Debug, Serialize)]
pub(crate) struct Message {
    pub(crate) title: &'static str,
    pub(crate) purpose: &'static str,
    pub(crate) unit: &'static str,
    pub(crate) officer: &'static str,
    pub(crate) due: &'static str,
    pub(crate) expires: &'static str,
    pub(crate) aliases: &'static str,
    pub(crate) route: &'static str,
    pub(crate) version: &'static str,
    pub(crate) deliveries: &'static str,
    pub(crate) attempts: &'static str,
    pub(crate) attempt: &'static str,
    pub(crate) reference: &'static str,
    pub(crate) started: &'static str,
    pub(crate) ended: &'static str,
    pub(crate) outcome: &'static str,
    pub(crate) next_at: &'static str,
    pub(crate) body: &'static str,
    pub(crate) bytes: &'static str,
    pub(crate) masked: &'static str,
    pub(crate) unmaskable: &'static str,
    pub(crate) gone: &'static str,
    pub(crate) reveal: &'static str,
    pub(crate) reveal_title: &'static str,
    pub(crate) reveal_says: &'static str,
    pub(crate) which: &'static str,
    pub(crate) sent: &'static str,
    pub(crate) answered: &'static str,
    pub(crate) piece: &'static str,
    pub(crate) next_piece: &'static str,
    pub(crate) timeline: &'static str,
    pub(crate) outcome_delivered: &'static str,
    pub(crate) outcome_lost: &'static str,
    pub(crate) outcome_found: &'static str,
    pub(crate) outcome_not_found: &'static str,
    pub(crate) outcome_flying: &'static str,
}

/// The timeline of a key.
#[derive(Debug, Serialize)]
pub(crate) struct Dossier {
    pub(crate) title: &'static str,
    pub(crate) find: &'static str,
    pub(crate) show: &'static str,
    pub(crate) unknown: &'static str,
    pub(crate) picture: &'static str,
    pub(crate) events: &'static str,
    pub(crate) flows: &'static str,
    pub(crate) step: &'static str,
    pub(crate) times: &'static str,
    pub(crate) truncated: &'static str,
    pub(crate) copies: &'static str,
    pub(crate) stood_still: &'static str,
    pub(crate) until_now: &'static str,
    pub(crate) began: &'static str,
    pub(crate) over: &'static str,
}

/// Two contents beside each other.
#[derive(Debug, Serialize)]
pub(crate) struct Difference {
    pub(crate) title: &'static str,
    pub(crate) says: &'static str,
    pub(crate) attempt: &'static str,
    pub(crate) nothing_sent: &'static str,
}

/// Search.
#[derive(Debug, Serialize)]
pub(crate) struct Search {
    pub(crate) title: &'static str,
    pub(crate) text: &'static str,
    pub(crate) find: &'static str,
    pub(crate) rule: &'static str,
    pub(crate) found_by: &'static str,
    pub(crate) nothing: &'static str,
    pub(crate) not_yet: &'static str,
    pub(crate) by_id: &'static str,
    pub(crate) by_group: &'static str,
    pub(crate) by_key: &'static str,
    pub(crate) by_number: &'static str,
    pub(crate) by_words: &'static str,
    pub(crate) by_prefix: &'static str,
}

/// Flows over all dossiers.
#[derive(Debug, Serialize)]
pub(crate) struct Flows {
    pub(crate) title: &'static str,
    pub(crate) none: &'static str,
    pub(crate) waiting: &'static str,
    pub(crate) late: &'static str,
    pub(crate) share: &'static str,
    pub(crate) unlimited: &'static str,
    pub(crate) longest: &'static str,
    pub(crate) since: &'static str,
    pub(crate) late_since: &'static str,
    pub(crate) truncated: &'static str,
}

/// Code tables.
#[derive(Debug, Serialize)]
pub(crate) struct Tables {
    pub(crate) title: &'static str,
    pub(crate) unmapped: &'static str,
    pub(crate) table: &'static str,
    pub(crate) code: &'static str,
    pub(crate) problem: &'static str,
    pub(crate) fields: &'static str,
    pub(crate) parked: &'static str,
    pub(crate) waiting: &'static str,
    pub(crate) seen: &'static str,
    pub(crate) last_seen: &'static str,
    pub(crate) more: &'static str,
    pub(crate) remedy: &'static str,
    pub(crate) configured: &'static str,
    pub(crate) columns: &'static str,
}

/// Settings.
#[derive(Debug, Serialize)]
pub(crate) struct Settings {
    pub(crate) title: &'static str,
    pub(crate) you: &'static str,
    pub(crate) roles: &'static str,
    pub(crate) language: &'static str,
    pub(crate) change: &'static str,
    pub(crate) configuration: &'static str,
    pub(crate) version: &'static str,
    pub(crate) at_once: &'static str,
    pub(crate) timeout: &'static str,
    pub(crate) retries: &'static str,
}
