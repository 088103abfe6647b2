//! What can go wrong on command or by profile, and which call meets it; it must not answer anything itself.

use serde::{Deserialize, Serialize};

use crate::net::profile::FaultProfile;
use crate::net::rng::Rng;

/// Waiting commands kept at most; later ones are refused.
const MAX_COMMANDS: usize = 1000;
/// The longest outage or maintenance, so that every run ends.
pub(super) const MAX_PERIOD_MILLIS: u64 = 300_000;

/// One way the gateway, or what stands before it, misbehaves. In JSON: `{"kind": "slow", "millis": 500}`.
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
    /// A proxy's HTML page with 502; the slip was kept.
    BadGatewayAfterStore,
    /// An HTML page with 200 where SOAP belongs; nothing is kept.
    HtmlPage,
    /// A SOAP fault with HTTP 500 that tells nothing; nothing is kept.
    SoapFault,
    /// `ERROR_CODE` and `ERROR_DESC` in the answer's header; nothing is kept.
    ErrorHeader,
    /// The answer is cut in the middle; the slip was kept.
    TruncatedBody,
    /// The SOAP is whole and the `<DATA>` inside it is cut; the slip was kept.
    TruncatedData,
    /// HTTP 200 with an empty body; the slip was kept.
    EmptyBody,
    /// The answer belongs to another question: another TYPE; the slip was kept.
    OtherType,
    /// HTTP 429 with `Retry-After`; nothing is kept.
    Throttled {
        /// Value of `Retry-After`, seconds.
        retry_after: u32,
    },
    /// The caller's proof is refused once; nothing is kept.
    Unauthenticated,
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
            Self::SoapFault => "soap-fault",
            Self::ErrorHeader => "error-header",
            Self::TruncatedBody => "truncated-body",
            Self::TruncatedData => "truncated-data",
            Self::EmptyBody => "empty-body",
            Self::OtherType => "other-type",
            Self::Throttled { .. } => "throttled",
            Self::Unauthenticated => "unauthenticated",
            Self::Outage { .. } => "outage",
            Self::Maintenance { .. } => "maintenance",
        }
    }

    /// Whether the call is processed before it goes wrong.
    pub(super) fn comes_after(&self) -> bool {
        match self {
            Self::Slow { .. }
            | Self::ResetAfterStore
            | Self::AnswerLost { .. }
            | Self::BadGatewayAfterStore
            | Self::TruncatedBody
            | Self::TruncatedData
            | Self::EmptyBody
            | Self::OtherType => true,
            Self::ResetBeforeStore
            | Self::BadGatewayBeforeStore
            | Self::HtmlPage
            | Self::SoapFault
            | Self::ErrorHeader
            | Self::Throttled { .. }
            | Self::Unauthenticated
            | Self::Outage { .. }
            | Self::Maintenance { .. } => false,
        }
    }
}

struct Command {
    fault: Fault,
    left: u32,
    kind: Option<String>,
}

/// Chooses the fault of each call: commands first, then the profile.
pub(super) struct Faults {
    commands: Vec<Command>,
    profile: FaultProfile,
    rng: Rng,
}

type Make = fn(&mut Rng) -> Fault;

/// What goes wrong by itself, by weight.
const MIX: &[(u64, Make)] = &[
    (30, |rng| Fault::Slow { millis: 100 + rng.below(900) }),
    (8, |_| Fault::ResetBeforeStore),
    (6, |_| Fault::ResetAfterStore),
    (6, |rng| Fault::AnswerLost { hold_millis: 200 + rng.below(1800) }),
    (8, |_| Fault::BadGatewayBeforeStore),
    (6, |_| Fault::BadGatewayAfterStore),
    (6, |_| Fault::HtmlPage),
    (6, |_| Fault::SoapFault),
    (4, |_| Fault::ErrorHeader),
    (4, |_| Fault::TruncatedBody),
    (4, |_| Fault::TruncatedData),
    (4, |_| Fault::EmptyBody),
    (2, |_| Fault::OtherType),
    (6, |_| Fault::Throttled { retry_after: 1 }),
];

impl Faults {
    pub(super) fn new(profile: FaultProfile, seed: u64) -> Self {
        Self { commands: Vec::new(), profile, rng: Rng::new(seed) }
    }

    pub(super) fn profile(&self) -> FaultProfile {
        self.profile
    }

    pub(super) fn set_profile(&mut self, profile: FaultProfile) {
        self.profile = profile;
    }

    /// Adds a command; false when too many are waiting.
    pub(super) fn command(&mut self, fault: Fault, times: u32, kind: Option<String>) -> bool {
        if times == 0 {
            return true;
        }
        if self.commands.len() >= MAX_COMMANDS {
            return false;
        }
        self.commands.push(Command { fault, left: times, kind });
        true
    }

    /// Commanded faults that no call has met yet.
    pub(super) fn waiting(&self) -> u64 {
        self.commands.iter().map(|command| u64::from(command.left)).sum()
    }

    pub(super) fn next(&mut self, kind: &str) -> Option<Fault> {
        let fits = |command: &Command| command.kind.as_deref().is_none_or(|wanted| wanted == kind);
        match self.commands.iter().position(fits) {
            Some(at) => self.take(at),
            None => self.weather(),
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

    fn weather(&mut self) -> Option<Fault> {
        let chance = match self.profile {
            FaultProfile::None => return None,
            FaultProfile::Real => 30,
            FaultProfile::Harsh => 190,
        };
        if !self.rng.per_mille(chance) {
            return None;
        }
        let mut point = self.rng.below(MIX.iter().map(|(weight, _)| weight).sum());
        for (weight, make) in MIX {
            if point < *weight {
                return Some(make(&mut self.rng));
            }
            point -= weight;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(profile: FaultProfile, seed: u64) -> Vec<Option<Fault>> {
        let mut faults = Faults::new(profile, seed);
        (0..10_000).map(|_| faults.next("00003")).collect()
    }

    #[test]
    fn the_same_seed_gives_the_same_faults_and_harsh_draws_everything() {
        assert_eq!(run(FaultProfile::Harsh, 7), run(FaultProfile::Harsh, 7));
        assert_ne!(run(FaultProfile::Harsh, 7), run(FaultProfile::Harsh, 8));
        assert!(run(FaultProfile::None, 7).iter().all(Option::is_none));
        let harsh: Vec<Fault> = run(FaultProfile::Harsh, 3).into_iter().flatten().collect();
        assert!((1600..2200).contains(&harsh.len()), "{}", harsh.len());
        let names: std::collections::BTreeSet<_> = harsh.iter().map(Fault::name).collect();
        assert_eq!(names.len(), MIX.len());
    }
}
