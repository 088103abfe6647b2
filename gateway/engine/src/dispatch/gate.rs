//! Whether a system is believed to serve: open, closed by its own failures, tried by one call, opened again step by step. Pure: it sends and sleeps nothing.

use std::time::Duration;

use lienthong_core::{Fault, FaultCode, FaultKind};

use crate::config::GatePolicy;

#[cfg(test)]
mod tests;

/// A system that asks for a longer wait is tried again after this.
const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(24 * 3600);
/// Failures in a row that close a gate which is still opening.
const FAILURES_WHILE_OPENING: u32 = 2;

/// What the gate knows of its system. All times are monotonic.
#[derive(Debug, Clone)]
pub(super) struct Gate {
    policy: GatePolicy,
    /// Calls at once when fully open.
    full: u32,
    phase: Phase,
    /// While it opens.
    ramp: Option<Ramp>,
    /// Before the next probe, if it closes now.
    wait: Duration,
    failures: u32,
    /// Attempts from this number on began after the system refused our session: they carry a new login.
    refused_from: Option<u64>,
    last_success: Option<Duration>,
    /// Rises whenever it closes, so that what began before is told from what began after.
    epoch: u64,
    issued: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    Open,
    Closed { until: Duration },
    Probing,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Ramp {
    limit: u32,
    successes: u32,
}

/// One attempt's permission.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ticket {
    number: u64,
    epoch: u64,
    probe: bool,
}

/// What an attempt tells about the system.
#[derive(Debug, Clone, Copy)]
pub(super) enum Heard<'a> {
    /// It answered, be it a refusal of the data.
    Alive,
    /// Nothing was learnt: our own defect, or nothing was sent.
    Nothing,
    Failing(&'a Fault),
}

/// What the gate makes of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Verdict {
    /// Whether a failure counts against the delivery: not while the system itself is failing.
    pub(super) spends: bool,
    /// Whether the gate is open now.
    pub(super) open: bool,
}

enum Weight {
    Alive,
    Nothing,
    /// An explicit "not now", or no way to reach it.
    Down,
    Throttled,
    Refused,
    /// Sent, and nobody knows.
    Doubtful,
}

fn weight(kind: FaultKind) -> Weight {
    match kind {
        FaultKind::Unreachable | FaultKind::Unavailable => Weight::Down,
        FaultKind::Throttled => Weight::Throttled,
        FaultKind::Unauthenticated => Weight::Refused,
        FaultKind::Timeout | FaultKind::Interrupted | FaultKind::Unintelligible => Weight::Doubtful,
        FaultKind::Rejected | FaultKind::Conflict | FaultKind::NotFound | FaultKind::Forbidden => Weight::Alive,
        FaultKind::Mapping | FaultKind::Invalid | FaultKind::Expired | FaultKind::Internal => Weight::Nothing,
    }
}

impl<'a> Heard<'a> {
    pub(super) fn of(fault: Option<&'a Fault>) -> Self {
        let Some(fault) = fault else { return Self::Alive };
        match weight(fault.kind) {
            Weight::Alive => Self::Alive,
            Weight::Nothing => Self::Nothing,
            Weight::Down | Weight::Throttled | Weight::Refused | Weight::Doubtful => Self::Failing(fault),
        }
    }
}

impl Gate {
    pub(super) fn new(policy: GatePolicy, full: u32) -> Self {
        Self {
            policy,
            full,
            phase: Phase::Open,
            ramp: None,
            wait: policy.probe_first,
            failures: 0,
            refused_from: None,
            last_success: None,
            epoch: 0,
            issued: 0,
        }
    }

    pub(super) fn retune(&mut self, policy: GatePolicy, full: u32) {
        self.policy = policy;
        self.full = full;
        self.wait = self.wait.clamp(policy.probe_first, policy.probe_longest.max(policy.probe_first));
    }

    pub(super) fn phase(&self) -> Phase {
        self.phase
    }

    pub(super) fn is_open(&self) -> bool {
        self.phase == Phase::Open
    }

    /// Calls it allows at once now, a probe apart.
    pub(super) fn limit(&self) -> u32 {
        match (self.phase, self.ramp) {
            (Phase::Open, None) => self.full,
            (Phase::Open, Some(ramp)) => ramp.limit.min(self.full),
            (Phase::Closed { .. } | Phase::Probing, _) => 0,
        }
    }

    /// Permission for an ordinary attempt; the caller has asked [`Gate::limit`].
    pub(super) fn ticket(&mut self) -> Ticket {
        self.issue(false)
    }

    /// Permission for the one attempt that tries a closed system, when its time has come.
    pub(super) fn begin_probe(&mut self, now: Duration) -> Option<Ticket> {
        match self.phase {
            Phase::Closed { until } if until <= now => Some(self.probe()),
            Phase::Closed { .. } | Phase::Open | Phase::Probing => None,
        }
    }

    /// Permission for a probe somebody asks for, whatever the gate says.
    pub(super) fn probe_now(&mut self) -> Ticket {
        match self.phase {
            Phase::Closed { .. } => self.probe(),
            Phase::Open | Phase::Probing => self.issue(false),
        }
    }

    /// What it knew is from before a break: one call goes first, and what was begun before tells nothing.
    pub(super) fn try_first(&mut self, now: Duration) {
        if self.is_open() {
            self.close_until(now);
        }
    }

    fn probe(&mut self) -> Ticket {
        self.phase = Phase::Probing;
        self.issue(true)
    }

    fn issue(&mut self, probe: bool) -> Ticket {
        self.issued += 1;
        Ticket { number: self.issued, epoch: self.epoch, probe }
    }

    /// The permission was not used: nothing was sent.
    pub(super) fn abandon(&mut self, ticket: Ticket, now: Duration) {
        if self.is_probe(ticket) {
            self.phase = Phase::Closed { until: now };
        }
    }

    /// Learns from an attempt. `draw` in `0.0..1.0` spreads the probes of many gateways.
    pub(super) fn hear(&mut self, ticket: Ticket, heard: Heard<'_>, now: Duration, draw: f64) -> Verdict {
        match heard {
            Heard::Alive => self.succeeded(ticket, now),
            Heard::Nothing if self.is_probe(ticket) => self.phase = Phase::Closed { until: now + self.wait },
            Heard::Nothing => {}
            Heard::Failing(fault) => self.failing(ticket, fault, now, draw),
        }
        Verdict { spends: self.is_open() && ticket.epoch == self.epoch, open: self.is_open() }
    }

    fn is_probe(&self, ticket: Ticket) -> bool {
        ticket.probe && ticket.epoch == self.epoch && self.phase == Phase::Probing
    }

    fn succeeded(&mut self, ticket: Ticket, now: Duration) {
        self.last_success = Some(now);
        if ticket.epoch != self.epoch {
            return;
        }
        self.failures = 0;
        self.refused_from = None;
        match self.phase {
            Phase::Probing => {
                self.phase = Phase::Open;
                self.ramp = Some(Ramp { limit: 1, successes: 0 });
            }
            Phase::Open => self.climb(),
            Phase::Closed { .. } => {}
        }
    }

    fn climb(&mut self) {
        let Some(ramp) = &mut self.ramp else { return };
        ramp.successes += 1;
        if ramp.successes >= self.policy.ramp_every.get() {
            *ramp = Ramp { limit: ramp.limit.saturating_mul(2), successes: 0 };
        }
        if ramp.limit >= self.full {
            self.ramp = None;
            self.wait = self.policy.probe_first;
        }
    }

    fn failing(&mut self, ticket: Ticket, fault: &Fault, now: Duration, draw: f64) {
        let asked = fault.retry_after.map(|wait| now + wait.min(LONGEST_RETRY_AFTER));
        if ticket.epoch != self.epoch || (self.phase == Phase::Probing && !ticket.probe) {
            return self.heed(asked);
        }
        match weight(fault.kind) {
            Weight::Alive | Weight::Nothing => {}
            Weight::Throttled if asked.is_none() && !ticket.probe => self.slow_down(now, draw),
            Weight::Throttled => self.close(asked, now, draw),
            Weight::Refused => self.refused(ticket, now, draw),
            // It says so itself: no second opinion is asked for.
            Weight::Down if fault.code == FaultCode::Maintenance => self.close(asked, now, draw),
            Weight::Down => {
                let fresh = self.last_success.is_some_and(|at| now.saturating_sub(at) < self.policy.probe_first);
                self.count(ticket.probe || !fresh, asked, now, draw);
            }
            Weight::Doubtful => self.count(ticket.probe, asked, now, draw),
        }
    }

    /// A late word of an attempt from before: the wait it asks for is honoured, nothing else is concluded from it.
    fn heed(&mut self, asked: Option<Duration>) {
        match (self.phase, asked) {
            (Phase::Closed { until }, Some(asked)) => self.phase = Phase::Closed { until: until.max(asked) },
            (Phase::Open, Some(asked)) => self.close_until(asked),
            (Phase::Probing, _) | (_, None) => {}
        }
    }

    fn count(&mut self, at_once: bool, asked: Option<Duration>, now: Duration, draw: f64) {
        self.failures += 1;
        let enough = match &mut self.ramp {
            None => self.policy.failures.get(),
            Some(ramp) => {
                *ramp = Ramp { limit: (ramp.limit / 2).max(1), successes: 0 };
                self.policy.failures.get().min(FAILURES_WHILE_OPENING)
            }
        };
        if at_once || asked.is_some() || self.failures >= enough {
            self.close(asked, now, draw);
        }
    }

    /// Asked to slow down without being told for how long: half as many at once, and nothing for a while when that does not help.
    fn slow_down(&mut self, now: Duration, draw: f64) {
        self.failures += 1;
        let limit = self.limit() / 2;
        if limit == 0 || self.failures >= self.policy.failures.get() {
            self.close(None, now, draw);
        } else {
            self.ramp = Some(Ramp { limit, successes: 0 });
        }
    }

    /// The first refusal of a session is an expired one; a refusal of a new login closes.
    fn refused(&mut self, ticket: Ticket, now: Duration, draw: f64) {
        match self.refused_from {
            Some(from) if ticket.number >= from => self.close(None, now, draw),
            Some(_before_the_new_login) => self.abandon(ticket, now),
            None => {
                self.refused_from = Some(self.issued + 1);
                self.abandon(ticket, now);
            }
        }
    }

    fn close(&mut self, asked: Option<Duration>, now: Duration, draw: f64) {
        let until = asked.unwrap_or_else(|| {
            let wait = self.wait.mul_f64(0.5 + 0.5 * draw.clamp(0.0, 1.0));
            self.wait = self.wait.saturating_mul(2).min(self.policy.probe_longest.max(self.policy.probe_first));
            now + wait
        });
        self.close_until(until);
    }

    fn close_until(&mut self, until: Duration) {
        self.epoch += 1;
        self.phase = Phase::Closed { until };
        self.ramp = None;
        self.failures = 0;
    }
}
