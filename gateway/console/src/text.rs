//! The two languages of the console: which one a visitor reads, and the names of states, faults and roles in it.

mod acts;
mod alerts;
mod amend;
mod desk;
mod drills;
mod en;
mod expiries;
mod health;
mod reconciliation;
mod report;
mod rows;
mod systems;
mod vi;
mod windows;
mod words;

use std::fmt::Display;

use http::HeaderMap;
use lienthong_core::delivery::ExchangeState;
use lienthong_core::fault::PublicText;
use lienthong_core::{Fault, FaultKind, Role, StateName};
use lienthong_engine::dispatch::GateState;
use lienthong_engine::flow::StepState;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::guard::cookie_of;

pub(crate) use health::Health;
pub(crate) use windows::Windows;
pub(crate) use words::Words;

const COOKIE: &str = "lienthong-language";
/// The choice is remembered for a year.
const REMEMBERED: u32 = 365 * 86_400;

/// A language of the console.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// Vietnamese.
    #[default]
    Vi,
    /// English.
    En,
}

impl Language {
    pub(crate) const ALL: [Self; 2] = [Self::Vi, Self::En];

    pub(crate) fn of(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|language| language.as_str() == text)
    }

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Vi => "vi",
            Self::En => "en",
        }
    }

    /// In the language itself.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Vi => "Tiếng Việt",
            Self::En => "English",
        }
    }

    pub(crate) fn other(self) -> Self {
        match self {
            Self::Vi => Self::En,
            Self::En => Self::Vi,
        }
    }

    pub(crate) fn words(self) -> &'static Words {
        match self {
            Self::Vi => &vi::WORDS,
            Self::En => &en::WORDS,
        }
    }

    /// What a fault says to anyone.
    pub(crate) fn public(self, fault: &Fault) -> &str {
        self.of_both(&fault.public)
    }

    /// A text that is kept in both languages.
    pub(crate) fn of_both(self, text: &PublicText) -> &str {
        match self {
            Self::Vi => &text.vi,
            Self::En => &text.en,
        }
    }

    /// The `Set-Cookie` value that remembers the choice.
    pub(crate) fn cookie(self, secure: bool) -> String {
        let secure = if secure { "; Secure" } else { "" };
        format!("{COOKIE}={}; Path=/console; Max-Age={REMEMBERED}; HttpOnly; SameSite=Lax{secure}", self.as_str())
    }
}

/// The language a visitor has chosen.
pub(crate) fn language_of(headers: &HeaderMap) -> Option<Language> {
    cookie_of(headers, COOKIE).and_then(Language::of)
}

/// A sentence with its gaps filled: `{name}` by the value of that name.
pub(crate) fn fill(sentence: &str, values: &[(&str, &dyn Display)]) -> String {
    values
        .iter()
        .fold(sentence.to_owned(), |text, (name, value)| text.replace(&format!("{{{name}}}"), &value.to_string()))
}

impl Words {
    pub(crate) fn state(&self, state: StateName) -> &'static str {
        let names = &self.states;
        match state {
            StateName::Queued => names.queued,
            StateName::Waiting => names.waiting,
            StateName::InFlight => names.in_flight,
            StateName::Verifying => names.verifying,
            StateName::Delivered => names.delivered,
            StateName::Parked => names.parked,
            StateName::Cancelled => names.cancelled,
            StateName::Discarded => names.discarded,
            StateName::Superseded => names.superseded,
        }
    }

    pub(crate) fn whole(&self, state: ExchangeState) -> &'static str {
        match state {
            ExchangeState::Delivered => self.wholes.delivered,
            ExchangeState::Attention => self.wholes.attention,
            ExchangeState::InProgress => self.wholes.in_progress,
            ExchangeState::Closed => self.wholes.closed,
        }
    }

    pub(crate) fn gate(&self, state: GateState) -> &'static str {
        match state {
            GateState::Open => self.gates.open,
            GateState::Probing => self.gates.probing,
            GateState::Closed => self.gates.closed,
            GateState::Paused => self.gates.paused,
            GateState::Maintenance => self.gates.maintenance,
        }
    }

    pub(crate) fn kind(&self, kind: FaultKind) -> &'static str {
        let names = &self.faults;
        match kind {
            FaultKind::Unreachable => names.unreachable,
            FaultKind::Timeout => names.timeout,
            FaultKind::Interrupted => names.interrupted,
            FaultKind::Throttled => names.throttled,
            FaultKind::Unavailable => names.unavailable,
            FaultKind::Unauthenticated => names.unauthenticated,
            FaultKind::Forbidden => names.forbidden,
            FaultKind::Rejected => names.rejected,
            FaultKind::Conflict => names.conflict,
            FaultKind::NotFound => names.not_found,
            FaultKind::Unintelligible => names.unintelligible,
            FaultKind::Mapping => names.mapping,
            FaultKind::Invalid => names.invalid,
            FaultKind::Expired => names.expired,
            FaultKind::Internal => names.internal,
        }
    }

    pub(crate) fn role(&self, role: Role) -> &'static str {
        match role {
            Role::Viewer => self.roles.viewer,
            Role::Operator => self.roles.operator,
            Role::Approver => self.roles.approver,
            Role::Administrator => self.roles.administrator,
        }
    }

    pub(crate) fn step(&self, state: StepState) -> &'static str {
        match state {
            StepState::Ahead => self.steps.ahead,
            StepState::Waiting { .. } => self.steps.waiting,
            StepState::Late { .. } => self.steps.late,
            StepState::Paused { .. } => self.steps.paused,
            StepState::Done { .. } => self.steps.done,
            StepState::Skipped => self.steps.skipped,
        }
    }
}
