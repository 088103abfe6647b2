//! What can go wrong at the ministry, by command or by profile; it must not answer anything itself.

use serde::{Deserialize, Serialize};

use crate::net::profile::FaultProfile;
use crate::net::rng::Rng;

/// Commanded faults that may wait at once.
const MAX_COMMANDS: usize = 1000;
const REAL_PER_MILLE: u64 = 30;
const HARSH_PER_MILLE: u64 = 190;
/// In the harsh profile: the calls at which the outage and the maintenance begin, and how long each lasts.
const OUTAGE_AT: u64 = 25;
const OUTAGE_MILLIS: u64 = 1200;
const MAINTENANCE_AT: u64 = 80;
const MAINTENANCE_MILLIS: u64 = 1500;

/// One misbehaviour. "Before" and "after" say whether the call was processed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Fault {
    /// Answers late.
    Slow {
        millis: u64,
    },
    ResetBefore,
    ResetAfter,
    /// A page of HTML with 502.
    BadGatewayBefore,
    BadGatewayAfter,
    /// 500 with a body that tells nothing.
    InternalError,
    /// The token is ended and refused.
    TokenExpired,
    /// 429 with `Retry-After`.
    Throttled {
        retry_after: u32,
    },
    /// Processed; the answer is held and the connection closed.
    AnswerLost {
        hold_millis: u64,
    },
    /// Not processed, though HTTP and code say success: only the words say otherwise.
    NotSuccessfulWithCodeZero,
    /// Processed; the code is an object.
    ObjectCode,
    /// Processed; half the body is sent as if it were the whole.
    TruncatedBody,
    /// Processed; nothing is said.
    EmptyBody,
    /// Processed; a proxy shows its login page with 200.
    PageWithSuccess,
    /// Connections are refused.
    Outage {
        millis: u64,
    },
    /// A page with 503.
    Maintenance {
        millis: u64,
    },
}

type Make = fn(&mut Rng) -> Fault;

const MIX: &[(u64, Make)] = &[
    (24, |rng| Fault::Slow { millis: 100 + rng.below(600) }),
    (9, |_| Fault::ResetBefore),
    (7, |_| Fault::ResetAfter),
    (9, |_| Fault::BadGatewayBefore),
    (6, |_| Fault::BadGatewayAfter),
    (5, |_| Fault::InternalError),
    (6, |_| Fault::TokenExpired),
    (8, |_| Fault::Throttled { retry_after: 1 }),
    (6, |rng| Fault::AnswerLost { hold_millis: 100 + rng.below(900) }),
    (1, |_| Fault::NotSuccessfulWithCodeZero),
    (2, |_| Fault::ObjectCode),
    (4, |_| Fault::TruncatedBody),
    (4, |_| Fault::EmptyBody),
    (2, |_| Fault::PageWithSuccess),
];

impl Fault {
    /// Its name in reports and commands.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Slow { .. } => "slow",
            Self::ResetBefore => "reset-before",
            Self::ResetAfter => "reset-after",
            Self::BadGatewayBefore => "bad-gateway-before",
            Self::BadGatewayAfter => "bad-gateway-after",
            Self::InternalError => "internal-error",
            Self::TokenExpired => "token-expired",
            Self::Throttled { .. } => "throttled",
            Self::AnswerLost { .. } => "answer-lost",
            Self::NotSuccessfulWithCodeZero => "not-successful-with-code-zero",
            Self::ObjectCode => "object-code",
            Self::TruncatedBody => "truncated-body",
            Self::EmptyBody => "empty-body",
            Self::PageWithSuccess => "page-with-success",
            Self::Outage { .. } => "outage",
            Self::Maintenance { .. } => "maintenance",
        }
    }

    fn applies_to(&self, write: bool) -> bool {
        match self {
            Self::NotSuccessfulWithCodeZero => write,
            Self::Slow { .. }
            | Self::ResetBefore
            | Self::ResetAfter
            | Self::BadGatewayBefore
            | Self::BadGatewayAfter
            | Self::InternalError
            | Self::TokenExpired
            | Self::Throttled { .. }
            | Self::AnswerLost { .. }
            | Self::ObjectCode
            | Self::TruncatedBody
            | Self::EmptyBody
            | Self::PageWithSuccess
            | Self::Outage { .. }
            | Self::Maintenance { .. } => true,
        }
    }
}

/// Chooses the fault of each call: commands first, then the profile.
pub(super) struct Faults {
    commands: Vec<(Fault, u32)>,
    profile: FaultProfile,
    rng: Rng,
    seen: u64,
}

impl Faults {
    pub(super) fn new(profile: FaultProfile, seed: u64) -> Self {
        Self { commands: Vec::new(), profile, rng: Rng::new(seed), seen: 0 }
    }

    pub(super) fn set_profile(&mut self, profile: FaultProfile) {
        self.profile = profile;
        self.seen = 0;
    }

    /// Adds a command; false when too many are waiting.
    pub(super) fn command(&mut self, fault: Fault, times: u32) -> bool {
        let room = self.commands.len() < MAX_COMMANDS;
        if room && times > 0 {
            self.commands.push((fault, times));
        }
        room
    }

    /// Commanded faults that no call has met yet.
    pub(super) fn waiting(&self) -> u64 {
        self.commands.iter().map(|(_, left)| u64::from(*left)).sum()
    }

    pub(super) fn next(&mut self, write: bool) -> Option<Fault> {
        let waiting = self.commands.iter_mut().find(|(fault, _)| fault.applies_to(write));
        if let Some((fault, left)) = waiting {
            *left = left.saturating_sub(1);
            let fault = *fault;
            self.commands.retain(|(_, left)| *left > 0);
            return Some(fault);
        }
        self.seen += 1;
        let chance = match self.profile {
            FaultProfile::None => return None,
            FaultProfile::Real => REAL_PER_MILLE,
            FaultProfile::Harsh if self.seen == OUTAGE_AT => return Some(Fault::Outage { millis: OUTAGE_MILLIS }),
            FaultProfile::Harsh if self.seen == MAINTENANCE_AT => {
                return Some(Fault::Maintenance { millis: MAINTENANCE_MILLIS });
            }
            FaultProfile::Harsh => HARSH_PER_MILLE,
        };
        let hit = self.rng.per_mille(chance);
        hit.then(|| draw(&mut self.rng)).filter(|fault| fault.applies_to(write))
    }
}

fn draw(rng: &mut Rng) -> Fault {
    let total = MIX.iter().map(|(weight, _)| weight).sum();
    let mut point = rng.below(total);
    for (weight, make) in MIX {
        if point < *weight {
            return make(rng);
        }
        point -= weight;
    }
    Fault::ResetBefore
}
