//! What is alerted about, to whom, and when not to: rules and targets as configuration has them. It looks at nothing.

use std::collections::BTreeSet;
use std::fmt;
use std::num::NonZeroU64;
use std::sync::Arc;
use std::time::Duration;

use jiff::civil::Time;
use lienthong_core::{ClientId, SystemId, Timestamp};

use super::message::Message;
use crate::local;

/// Rules, targets, and where the console is found from outside.
#[derive(Clone, Default)]
pub struct Alerting {
    pub rules: Vec<Rule>,
    pub targets: Vec<Target>,
    /// The beginning of links, without a slash at its end; alerts have no links without it.
    pub public_url: Option<String>,
}

/// One rule.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    pub name: String,
    pub condition: Condition,
    /// Systems it looks at; all of them when empty.
    pub systems: BTreeSet<SystemId>,
    /// Clients it looks at, with `systems` whoever is of either; everybody when both are empty.
    pub clients: BTreeSet<ClientId>,
    /// Names of its targets.
    pub to: Vec<String>,
    /// Told again after this while it lasts; once only when `None`.
    pub repeat: Option<Duration>,
    /// Neither quiet hours nor a digest hold it back.
    pub urgent: bool,
}

/// What is looked for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Condition {
    /// A cause that was not there before, or came back.
    NewGroup,
    /// More open deliveries with one cause than this.
    GroupOver(u64),
    /// Promised dates that have passed or are near, of deliveries parked with one cause: this many.
    DeadlineAtRisk(NonZeroU64),
    /// A gate closed for longer than this.
    SystemDown(Duration),
    /// At the present rates a system's backlog is not drained within this.
    DrainOver(Duration),
    /// A certificate or secret ends within so many days.
    Expiry(u32),
    /// The disk is short, or the journal does not answer.
    Trouble,
    /// A release in steps paused by itself.
    ReleasePaused,
    /// A client or system that normally sends has stopped.
    Silence,
    /// An amendment waits for a second person for longer than this.
    ApprovalWaiting(Duration),
}

/// A daily time in which only what is urgent is told, local to Asia/Ho_Chi_Minh.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quiet {
    pub from: Time,
    pub until: Time,
}

/// When a target is told of everything at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Digest {
    Hourly,
    /// Local to Asia/Ho_Chi_Minh.
    Daily(Time),
}

impl Digest {
    /// The first time for a digest after this instant.
    pub fn after(self, at: Timestamp) -> Timestamp {
        match self {
            Self::Hourly => local::next_hour(at),
            Self::Daily(time) => local::next(at, time),
        }
    }
}

/// Who is told.
#[derive(Clone)]
pub struct Target {
    pub name: String,
    /// `webhook` or `email`.
    pub kind: &'static str,
    pub quiet: Option<Quiet>,
    pub digest: Option<Digest>,
    pub courier: Arc<dyn Courier>,
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, kind, quiet, digest, courier: _ } = self;
        f.debug_struct("Target")
            .field("name", name)
            .field("kind", kind)
            .field("quiet", quiet)
            .field("digest", digest)
            .finish()
    }
}

impl Target {
    /// From when something that is not urgent may be told.
    pub fn speaks_from(&self, now: Timestamp) -> Timestamp {
        match self.quiet {
            Some(Quiet { from, until }) if local::within(local::time_of_day(now), from, until) => {
                local::next(now, until)
            }
            Some(_) | None => now,
        }
    }
}

/// Why a message was not taken; for operators, without secrets.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Undelivered(pub String);

/// Carries messages to one target: one try each, bounded in time. The same message may come twice, with the same id.
#[async_trait::async_trait]
pub trait Courier: Send + Sync + 'static {
    async fn carry(&self, message: &Message, now: Timestamp) -> Result<(), Undelivered>;
}

impl Alerting {
    pub fn rule(&self, name: &str) -> Option<&Rule> {
        self.rules.iter().find(|rule| rule.name == name)
    }

    pub fn target(&self, name: &str) -> Option<&Target> {
        self.targets.iter().find(|target| target.name == name)
    }
}

impl Rule {
    pub(super) fn concerns(&self, system: &SystemId) -> bool {
        self.systems.is_empty() || self.systems.contains(system)
    }

    /// Whether it looks at whoever sends under this name, which is an external system or not.
    pub(super) fn listens_to(&self, client: &ClientId, system: Option<&SystemId>) -> bool {
        let everybody = self.systems.is_empty() && self.clients.is_empty();
        everybody || self.clients.contains(client) || system.is_some_and(|system| self.systems.contains(system))
    }
}
