//! Whether a system is up, degraded, down, paused or in maintenance, and by what signs. Pure: what was measured in, a judgement out.

use std::time::Duration;

use lienthong_core::Timestamp;

use crate::dispatch::{GateState, GateView};
use crate::vitals::Recent;

/// Fewer attempts than this prove nothing.
const ENOUGH: u64 = 20;
/// One in so many that is not served is too many.
const FAILS_ONE_IN: u64 = 20;
/// So many times slower than usual is slow.
const SLOWER: u32 = 2;
/// Nothing faster than this is called slow.
const FAST: Duration = Duration::from_secs(1);

/// A system's state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SystemState {
    Up,
    /// It serves, but not as it should.
    Degraded,
    Down,
    /// By an operator.
    Paused,
    /// By its calendar, by an operator's window, or because it says so itself.
    Maintenance,
}

impl SystemState {
    pub const ALL: [Self; 5] = [Self::Up, Self::Degraded, Self::Down, Self::Paused, Self::Maintenance];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Degraded => "degraded",
            Self::Down => "down",
            Self::Paused => "paused",
            Self::Maintenance => "maintenance",
        }
    }
}

/// What shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sign {
    Paused(Option<String>),
    Maintenance(Option<String>),
    /// The fault that closed its gate.
    Closed(Option<String>),
    /// Lately so many of so many attempts were not served.
    Fails {
        failed: u64,
        of: u64,
    },
    /// Of 95 in a hundred attempts the slowest took so long, and usually so long.
    Slow {
        p95: Duration,
        usually: Duration,
    },
    /// The same, near the time after which an attempt is given up.
    NearTimeout {
        p95: Duration,
        timeout: Duration,
    },
    /// It is opened again step by step: so many calls at once of so many.
    Opening {
        calls: u32,
        of: u32,
    },
    /// Nothing was heard of it since the gateway started.
    Untried,
}

impl Sign {
    pub fn code(&self) -> &'static str {
        match self {
            Self::Paused(_) => "paused",
            Self::Maintenance(_) => "maintenance",
            Self::Closed(_) => "closed",
            Self::Fails { .. } => "fails",
            Self::Slow { .. } => "slow",
            Self::NearTimeout { .. } => "near_timeout",
            Self::Opening { .. } => "opening",
            Self::Untried => "untried",
        }
    }
}

impl std::fmt::Display for Sign {
    /// In English, for programs and logs.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let told = |f: &mut std::fmt::Formatter<'_>, what: &str, why: &Option<String>| match why {
            Some(why) => write!(f, "{what}: {why}"),
            None => f.write_str(what),
        };
        let seconds = Duration::as_secs_f32;
        match self {
            Self::Paused(why) => told(f, "paused by an operator", why),
            Self::Maintenance(why) => told(f, "in maintenance", why),
            Self::Closed(why) => told(f, "does not serve", why),
            Self::Fails { failed, of } => write!(f, "{failed} of {of} attempts were not served lately"),
            Self::Slow { p95, usually } => {
                write!(f, "95 in 100 attempts take up to {:.1} s, usually {:.1} s", seconds(p95), seconds(usually))
            }
            Self::NearTimeout { p95, timeout } => {
                let (p95, timeout) = (seconds(p95), seconds(timeout));
                write!(f, "95 in 100 attempts take up to {p95:.1} s, and {timeout:.1} s is given up")
            }
            Self::Opening { calls, of } => write!(f, "opened step by step: {calls} of {of} calls at once"),
            Self::Untried => f.write_str("nothing was heard of it yet"),
        }
    }
}

/// What a state is judged by.
#[derive(Debug, Clone, Copy)]
pub struct Signs<'a> {
    pub gate: &'a GateView,
    /// Calls at once when fully open.
    pub calls: u32,
    pub timeout: Duration,
    /// What waits to be sent.
    pub queued: u64,
    pub recent: &'a Recent,
}

/// The state, since when where that is known, and what shows it: the gate's word first, then what was measured.
pub fn judged(signs: &Signs<'_>) -> (SystemState, Option<Timestamp>, Vec<Sign>) {
    let gate = signs.gate;
    let why = gate.reason.clone();
    let shut = |state, sign| (state, Some(gate.since), vec![sign]);
    match gate.state {
        GateState::Paused => shut(SystemState::Paused, Sign::Paused(why)),
        GateState::Maintenance => shut(SystemState::Maintenance, Sign::Maintenance(why)),
        GateState::Closed | GateState::Probing => shut(SystemState::Down, Sign::Closed(why)),
        GateState::Open => {
            let mut found = degrading(signs);
            if !found.is_empty() {
                return (SystemState::Degraded, None, found);
            }
            found.extend(signs.recent.last_success.is_none().then_some(Sign::Untried));
            (SystemState::Up, Some(gate.since), found)
        }
    }
}

fn degrading(signs: &Signs<'_>) -> Vec<Sign> {
    let Signs { gate, calls, timeout, queued, recent } = signs;
    let of = recent.answered.saturating_add(recent.refused).saturating_add(recent.failed);
    let mut found = Vec::new();
    if of >= ENOUGH && recent.failed.saturating_mul(FAILS_ONE_IN) >= of {
        found.push(Sign::Fails { failed: recent.failed, of });
    }
    let p95 = recent.quantiles.map(|quantiles| quantiles.p95).filter(|p95| of >= ENOUGH && *p95 > FAST);
    if let Some(p95) = p95 {
        match recent.usual_p95 {
            Some(usually) if p95 >= usually.saturating_mul(SLOWER) => found.push(Sign::Slow { p95, usually }),
            Some(_) | None if p95.saturating_mul(2) >= *timeout => {
                found.push(Sign::NearTimeout { p95, timeout: *timeout });
            }
            Some(_) | None => {}
        }
    }
    // Where nothing waits for more calls at once, nothing opens them: that degrades nobody.
    if gate.concurrency < *calls && *queued > 0 {
        found.push(Sign::Opening { calls: gate.concurrency, of: *calls });
    }
    found
}

#[cfg(test)]
mod tests;
