//! What can go wrong on command or by profile, and which call meets it; it must not answer anything itself.

use serde::{Deserialize, Serialize};

use crate::net::profile::FaultProfile;
use crate::net::rng::Rng;

/// Waiting commands kept at most; later ones are refused.
const MAX_COMMANDS: usize = 1000;
/// The longest outage or maintenance, so that every run ends.
pub(super) const MAX_PERIOD_MILLIS: u64 = 300_000;

/// One way the database, or what stands before it, misbehaves. In JSON: `{"kind": "slow", "millis": 500}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Fault {
    /// Answered late.
    Slow {
        /// Delay of the answer, milliseconds.
        millis: u64,
    },
    /// Read, then the connection is reset.
    Reset,
    /// Processed, and the answer never comes: after `hold_millis` the connection closes.
    AnswerLost {
        /// How long the connection stays open without an answer, milliseconds.
        hold_millis: u64,
    },
    /// A proxy's HTML page with 502.
    BadGateway,
    /// An HTML page with 200 where an answer belongs; in the wrapper, inside `message`.
    HtmlPage,
    /// A SOAP fault with HTTP 500; in the wrapper, inside `message` with `error_code` 0.
    SoapFault,
    /// The answer is cut in the middle.
    TruncatedBody,
    /// HTTP 200 with an empty body.
    EmptyBody,
    /// HTTP 429 with `Retry-After`.
    Throttled {
        /// Value of `Retry-After`, seconds.
        retry_after: u32,
    },
    /// The caller's token ends with this call, which is refused.
    TokenExpired,
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
            Self::Reset => "reset",
            Self::AnswerLost { .. } => "answer-lost",
            Self::BadGateway => "bad-gateway",
            Self::HtmlPage => "html-page",
            Self::SoapFault => "soap-fault",
            Self::TruncatedBody => "truncated-body",
            Self::EmptyBody => "empty-body",
            Self::Throttled { .. } => "throttled",
            Self::TokenExpired => "token-expired",
            Self::Outage { .. } => "outage",
            Self::Maintenance { .. } => "maintenance",
        }
    }
}

/// What the choice of a fault may look at.
#[derive(Clone, Copy)]
pub(super) struct Facts<'a> {
    /// The operation's name, or `token`.
    pub(super) service: &'a str,
    /// Whether the caller showed a token.
    pub(super) with_token: bool,
}

impl Facts<'_> {
    fn meets(&self, fault: &Fault) -> bool {
        match fault {
            Fault::TokenExpired => self.with_token,
            Fault::Slow { .. }
            | Fault::Reset
            | Fault::AnswerLost { .. }
            | Fault::BadGateway
            | Fault::HtmlPage
            | Fault::SoapFault
            | Fault::TruncatedBody
            | Fault::EmptyBody
            | Fault::Throttled { .. }
            | Fault::Outage { .. }
            | Fault::Maintenance { .. } => true,
        }
    }
}

struct Command {
    fault: Fault,
    left: u32,
    service: Option<String>,
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
    (10, |_| Fault::Reset),
    (6, |rng| Fault::AnswerLost { hold_millis: 200 + rng.below(1800) }),
    (12, |_| Fault::BadGateway),
    (8, |_| Fault::HtmlPage),
    (8, |_| Fault::SoapFault),
    (8, |_| Fault::TruncatedBody),
    (6, |_| Fault::EmptyBody),
    (6, |_| Fault::Throttled { retry_after: 1 }),
    (6, |_| Fault::TokenExpired),
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
    pub(super) fn command(&mut self, fault: Fault, times: u32, service: Option<String>) -> bool {
        if times == 0 {
            return true;
        }
        if self.commands.len() >= MAX_COMMANDS {
            return false;
        }
        self.commands.push(Command { fault, left: times, service });
        true
    }

    /// Commanded faults that no call has met yet.
    pub(super) fn waiting(&self) -> u64 {
        self.commands.iter().map(|command| u64::from(command.left)).sum()
    }

    pub(super) fn next(&mut self, facts: Facts<'_>) -> Option<Fault> {
        let fits = |command: &Command| {
            facts.meets(&command.fault) && command.service.as_deref().is_none_or(|wanted| wanted == facts.service)
        };
        match self.commands.iter().position(fits) {
            Some(at) => self.take(at),
            None => self.weather(facts),
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

    fn weather(&mut self, facts: Facts<'_>) -> Option<Fault> {
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
                return Some(make(&mut self.rng)).filter(|fault| facts.meets(fault));
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
        (0..10_000).map(|_| faults.next(Facts { service: "TraCuuThongTinCongDan", with_token: true })).collect()
    }

    #[test]
    fn the_same_seed_gives_the_same_faults() {
        assert_eq!(run(FaultProfile::Harsh, 7), run(FaultProfile::Harsh, 7));
        assert_ne!(run(FaultProfile::Harsh, 7), run(FaultProfile::Harsh, 8));
        assert!(run(FaultProfile::None, 7).iter().all(Option::is_none));
    }

    #[test]
    fn profiles_differ_in_how_often_and_harsh_draws_everything() {
        let hit = |faults: Vec<Option<Fault>>| faults.into_iter().flatten().collect::<Vec<_>>();
        let (real, harsh) = (hit(run(FaultProfile::Real, 3)), hit(run(FaultProfile::Harsh, 3)));
        assert!((200..450).contains(&real.len()), "{}", real.len());
        assert!((1600..2200).contains(&harsh.len()), "{}", harsh.len());
        let names: std::collections::BTreeSet<_> = harsh.iter().map(Fault::name).collect();
        assert_eq!(names.len(), MIX.len());
    }
}
