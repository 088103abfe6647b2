//! What can go wrong on command or by profile, and which call meets it; it must not answer anything itself.

use serde::{Deserialize, Serialize};

use super::profile::{FaultProfile, Weather};

/// Waiting commands kept at most; later ones are refused.
const MAX_COMMANDS: usize = 1000;
/// The longest outage or maintenance, so that every run ends.
pub(super) const MAX_PERIOD_MILLIS: u64 = 300_000;

/// One way the portal misbehaves. In JSON: `{"kind": "slow", "millis": 500}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Fault {
    /// The call is processed at once and answered late.
    Slow {
        /// Delay of the answer, milliseconds.
        millis: u64,
    },
    /// The request is read, nothing is stored, the connection is reset.
    ResetBeforeStore,
    /// The request is read and stored, then the connection is reset.
    ResetAfterStore,
    /// A proxy's HTML page with 502; nothing is stored.
    BadGatewayBeforeStore,
    /// A proxy's HTML page with 502; the write was stored.
    BadGatewayAfterStore,
    /// The caller's session (or token) ends with this call, which is refused.
    SessionExpired,
    /// HTTP 429 with `Retry-After`; nothing is stored.
    Throttled {
        /// Value of `Retry-After`, seconds.
        retry_after: u32,
    },
    /// Throttling told in words in a 200 body; nothing is stored.
    ThrottledText,
    /// The write is stored and the answer never comes: after `hold_millis` the connection closes.
    AnswerLost {
        /// How long the connection stays open without an answer, milliseconds.
        hold_millis: u64,
    },
    /// An insert is stored (as if an earlier attempt had arrived) and answered "đã tồn tại".
    AlreadyExists,
    /// A write is not stored and answered "không thành công" with code 0.
    NotSuccessfulWithCodeZero,
    /// `error_code` is an object; the write was stored.
    ObjectCode,
    /// `message` is a number; the write was stored.
    NumericMessage,
    /// `message` is an array; the write was stored.
    ArrayMessage,
    /// The JSON body is cut in the middle; the write was stored.
    TruncatedBody,
    /// HTTP 200 with an empty body; the write was stored.
    EmptyBody,
    /// `LayDanhSachTTHC` answers half of its list as if it were whole.
    PartialList,
    /// The port refuses connections for a while; open connections are closed after their running answer.
    Outage {
        /// Length, milliseconds; at most five minutes.
        millis: u64,
    },
    /// Every call is answered with an HTML page for a while.
    Maintenance {
        /// Length, milliseconds; at most five minutes.
        millis: u64,
        /// HTTP status of the page: 200 and 503 are both seen.
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
            Self::BadGatewayBeforeStore => "bad-gateway-before-store",
            Self::BadGatewayAfterStore => "bad-gateway-after-store",
            Self::SessionExpired => "session-expired",
            Self::Throttled { .. } => "throttled",
            Self::ThrottledText => "throttled-text",
            Self::AnswerLost { .. } => "answer-lost",
            Self::AlreadyExists => "already-exists",
            Self::NotSuccessfulWithCodeZero => "not-successful-with-code-zero",
            Self::ObjectCode => "object-code",
            Self::NumericMessage => "numeric-message",
            Self::ArrayMessage => "array-message",
            Self::TruncatedBody => "truncated-body",
            Self::EmptyBody => "empty-body",
            Self::PartialList => "partial-list",
            Self::Outage { .. } => "outage",
            Self::Maintenance { .. } => "maintenance",
        }
    }

    /// Whether the fault makes sense for this kind of call.
    pub(super) fn applies_to(&self, facts: &CallFacts<'_>) -> bool {
        match self {
            Self::SessionExpired => facts.class != CallClass::Login,
            Self::AlreadyExists => facts.class == CallClass::Insert,
            Self::NotSuccessfulWithCodeZero => {
                matches!(facts.class, CallClass::Insert | CallClass::Write)
            }
            Self::PartialList => facts.service == "LayDanhSachTTHC",
            Self::Slow { .. }
            | Self::ResetBeforeStore
            | Self::ResetAfterStore
            | Self::BadGatewayBeforeStore
            | Self::BadGatewayAfterStore
            | Self::Throttled { .. }
            | Self::ThrottledText
            | Self::AnswerLost { .. }
            | Self::ObjectCode
            | Self::NumericMessage
            | Self::ArrayMessage
            | Self::TruncatedBody
            | Self::EmptyBody
            | Self::Outage { .. }
            | Self::Maintenance { .. } => true,
        }
    }
}

/// Which calls a commanded fault waits for; empty = the next call it makes sense for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Matcher {
    /// `service` of the call (`DongBoHoSoMC`, …, `login`), in the LGSP form the service it stands for.
    pub service: Option<String>,
    /// `MaHoSo` of a dossier in the call.
    pub dossier: Option<String>,
}

impl Matcher {
    /// Waits for a call of this service.
    pub fn service(name: &str) -> Self {
        Self { service: Some(name.to_owned()), dossier: None }
    }

    /// Waits for a call that carries this dossier code.
    pub fn dossier(code: &str) -> Self {
        Self { service: None, dossier: Some(code.to_owned()) }
    }

    /// Narrows to calls that carry this dossier code as well.
    #[must_use]
    pub fn and_dossier(mut self, code: &str) -> Self {
        self.dossier = Some(code.to_owned());
        self
    }

    fn accepts(&self, facts: &CallFacts<'_>) -> bool {
        self.service.as_deref().is_none_or(|wanted| wanted == facts.service)
            && self.dossier.as_deref().is_none_or(|wanted| facts.dossiers.contains(&wanted))
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum CallClass {
    Login,
    Insert,
    Write,
    Read,
}

/// What the choice of a fault may look at.
pub(super) struct CallFacts<'a> {
    pub(super) class: CallClass,
    pub(super) service: &'a str,
    pub(super) dossiers: Vec<&'a str>,
}

struct Command {
    fault: Fault,
    left: u32,
    matcher: Matcher,
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

    /// Adds a command; false when too many are waiting.
    pub(super) fn command(&mut self, fault: Fault, times: u32, matcher: Matcher) -> bool {
        if times == 0 {
            return true;
        }
        if self.commands.len() >= MAX_COMMANDS {
            return false;
        }
        self.commands.push(Command { fault, left: times, matcher });
        true
    }

    /// Commanded faults that no call has met yet.
    pub(super) fn waiting(&self) -> u64 {
        self.commands.iter().map(|command| u64::from(command.left)).sum()
    }

    pub(super) fn next(&mut self, facts: &CallFacts<'_>) -> Option<Fault> {
        let position =
            self.commands.iter().position(|command| command.fault.applies_to(facts) && command.matcher.accepts(facts));
        match position {
            Some(at) => self.take(at),
            None => self.weather.next(facts),
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
