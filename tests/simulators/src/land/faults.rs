//! What can go wrong on command or by profile, and which call meets it; it must not answer anything itself.

use serde::{Deserialize, Serialize};

use super::weather::Weather;
use crate::net::profile::FaultProfile;

/// Waiting commands kept at most; later ones are refused.
const MAX_COMMANDS: usize = 1000;
/// The longest outage or maintenance, so that every run ends.
pub(super) const MAX_PERIOD_MILLIS: u64 = 300_000;

/// One way the land office, or what stands before it, misbehaves. In JSON: `{"kind": "slow", "millis": 500}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Fault {
    /// Processed at once and answered late.
    Slow {
        /// Delay of the answer, milliseconds.
        millis: u64,
    },
    /// Read, nothing is kept, the connection is reset.
    ResetBeforeStore,
    /// Read and kept, then the connection is reset.
    ResetAfterStore,
    /// Kept, and the answer never comes: after `hold_millis` the connection closes.
    AnswerLost {
        /// How long the connection stays open without an answer, milliseconds.
        hold_millis: u64,
    },
    /// A proxy's HTML page with 502; nothing is kept.
    BadGatewayBeforeStore,
    /// A proxy's HTML page with 502; the message was kept.
    BadGatewayAfterStore,
    /// A login page with 200 where JSON belongs; nothing is kept.
    HtmlPage,
    /// HTTP 500 with the envelope; nothing is kept.
    ServerError,
    /// HTTP 429 with `Retry-After`; nothing is kept.
    Throttled {
        /// Value of `Retry-After`, seconds.
        retry_after: u32,
    },
    /// Throttling told in words with HTTP 200; nothing is kept.
    ThrottledText,
    /// iLIS: the caller's token ends with this call, which is refused.
    TokenExpired,
    /// A dossier is kept, as if an earlier try had arrived, and answered "đã tồn tại".
    AlreadyExists,
    /// "đã tồn tại", said of a file; nothing is kept.
    FileExists,
    /// "đã tồn tại", said of another dossier; nothing is kept.
    OtherExists,
    /// `success: true` beside words of failure; nothing is kept.
    NotSuccessfulWithCode200,
    /// `success: true` beside `data: 0`; the message was kept.
    ContradictingData,
    /// `success`, `code` and `data` are texts; the message was kept.
    TextsForTypes,
    /// The answer is cut in the middle; the message was kept.
    TruncatedBody,
    /// HTTP 200 with an empty body; the message was kept.
    EmptyBody,
    /// A list answers its first half as if it were whole.
    PartialList,
    /// The port refuses connections for a while.
    Outage {
        /// Length, milliseconds; at most five minutes.
        millis: u64,
    },
    /// Every call is answered with an HTML page for a while.
    Maintenance {
        /// Length, milliseconds; at most five minutes.
        millis: u64,
        /// HTTP status of the page.
        status: u16,
    },
}

impl Fault {
    /// The name under which the report counts it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Slow { .. } => "slow",
            Self::ResetBeforeStore => "reset-before-store",
            Self::ResetAfterStore => "reset-after-store",
            Self::AnswerLost { .. } => "answer-lost",
            Self::BadGatewayBeforeStore => "bad-gateway-before-store",
            Self::BadGatewayAfterStore => "bad-gateway-after-store",
            Self::HtmlPage => "html-page",
            Self::ServerError => "server-error",
            Self::Throttled { .. } => "throttled",
            Self::ThrottledText => "throttled-text",
            Self::TokenExpired => "token-expired",
            Self::AlreadyExists => "already-exists",
            Self::FileExists => "file-exists",
            Self::OtherExists => "other-exists",
            Self::NotSuccessfulWithCode200 => "not-successful-with-code-200",
            Self::ContradictingData => "contradicting-data",
            Self::TextsForTypes => "texts-for-types",
            Self::TruncatedBody => "truncated-body",
            Self::EmptyBody => "empty-body",
            Self::PartialList => "partial-list",
            Self::Outage { .. } => "outage",
            Self::Maintenance { .. } => "maintenance",
        }
    }

    /// Whether the fault makes sense for this sort of call.
    pub(super) fn applies_to(&self, sort: Sort) -> bool {
        match self {
            Self::AlreadyExists => sort == Sort::Receive,
            Self::FileExists
            | Self::OtherExists
            | Self::NotSuccessfulWithCode200
            | Self::ContradictingData
            | Self::TextsForTypes => matches!(sort, Sort::Receive | Sort::Write),
            Self::PartialList => sort == Sort::List,
            Self::TokenExpired => matches!(sort, Sort::Receive | Sort::Write | Sort::List),
            Self::ServerError | Self::ThrottledText => sort != Sort::File,
            Self::Slow { .. }
            | Self::ResetBeforeStore
            | Self::ResetAfterStore
            | Self::AnswerLost { .. }
            | Self::BadGatewayBeforeStore
            | Self::BadGatewayAfterStore
            | Self::HtmlPage
            | Self::Throttled { .. }
            | Self::TruncatedBody
            | Self::EmptyBody
            | Self::Outage { .. }
            | Self::Maintenance { .. } => true,
        }
    }
}

/// What sort of call it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sort {
    Receive,
    Write,
    List,
    File,
}

struct Command {
    fault: Fault,
    left: u32,
    on: Option<String>,
}

/// Chooses the fault of each call: commands first, then the profile.
pub(super) struct Faults {
    commands: Vec<Command>,
    weather: Weather,
}

impl Faults {
    pub(super) fn new(profile: FaultProfile, seed: u64) -> Self {
        Self { commands: Vec::new(), weather: Weather::new(profile, seed) }
    }

    pub(super) fn profile(&self) -> FaultProfile {
        self.weather.profile()
    }

    pub(super) fn set_profile(&mut self, profile: FaultProfile) {
        self.weather.set_profile(profile);
    }

    /// Adds a command; false when too many are waiting. `on`: the call's name, such as `tiepnhan`.
    pub(super) fn command(&mut self, fault: Fault, times: u32, on: Option<String>) -> bool {
        if times == 0 {
            return true;
        }
        if self.commands.len() >= MAX_COMMANDS {
            return false;
        }
        self.commands.push(Command { fault, left: times, on });
        true
    }

    /// Commanded faults that no call has met yet.
    pub(super) fn waiting(&self) -> u64 {
        self.commands.iter().map(|command| u64::from(command.left)).sum()
    }

    pub(super) fn next(&mut self, sort: Sort, name: &str) -> Option<Fault> {
        let fits = |command: &Command| {
            command.fault.applies_to(sort) && command.on.as_deref().is_none_or(|on| on.eq_ignore_ascii_case(name))
        };
        match self.commands.iter().position(fits) {
            Some(at) => self.take(at),
            None => self.weather.next(sort),
        }
    }

    fn take(&mut self, at: usize) -> Option<Fault> {
        let command = self.commands.get_mut(at)?;
        command.left = command.left.saturating_sub(1);
        let (fault, over) = (command.fault, command.left == 0);
        if over {
            self.commands.remove(at);
        }
        Some(fault)
    }
}
