//! A release in growing steps: how many next, what became of them, when it stops by itself. Pure: a release and what happened in, the next release out.

use std::fmt;

use lienthong_core::{DeliveryId, Fingerprint, Timestamp};
use serde::{Deserialize, Serialize};

/// Most members of one step.
pub const MOST_AT_ONCE: u32 = 1_000;
/// Most growing steps that can be given.
pub const MOST_STEPS: usize = 20;
/// Refusals remembered one by one.
pub const MOST_REFUSALS: usize = 20;

/// How a release is to go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Pace {
    /// Members of each step; the last one repeats.
    pub steps: Vec<u32>,
    /// Releases a second, at most.
    pub per_second: Option<u32>,
    /// It pauses by itself when more than this share of a step, in hundredths, failed again.
    pub stop_above: u8,
}

impl Default for Pace {
    fn default() -> Self {
        Self { steps: vec![1, 5, 20, 100], per_second: None, stop_above: 20 }
    }
}

impl Pace {
    /// What is wrong with it, as (field, problem).
    pub fn problem(&self) -> Option<(&'static str, &'static str)> {
        if self.steps.is_empty() || self.steps.len() > MOST_STEPS {
            return Some(("/steps", "names 1 to 20 steps"));
        }
        if self.steps.iter().any(|step| *step == 0 || *step > MOST_AT_ONCE) {
            return Some(("/steps", "each is from 1 to 1000"));
        }
        if self.per_second == Some(0) {
            return Some(("/per_second", "is at least 1"));
        }
        if self.stop_above > 100 {
            return Some(("/stop_above", "is from 0 to 100"));
        }
        None
    }
}

/// Whether it goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Going {
    Running,
    /// By itself, or by an operator; it can be resumed.
    Paused,
    /// By an operator, for good.
    Stopped,
    /// Every member that was parked when it began has gone.
    Done,
}

impl Going {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Stopped => "stopped",
            Self::Done => "done",
        }
    }

    pub fn is_over(self) -> bool {
        match self {
            Self::Running | Self::Paused => false,
            Self::Stopped | Self::Done => true,
        }
    }
}

/// Why a release is paused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Because {
    /// This operator paused it.
    Operator(String),
    /// So many of those sent in a step failed again.
    FailedAgain { failed: u64, sent: u64, step: u32 },
}

impl fmt::Display for Because {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Operator(name) => write!(f, "paused by {name}"),
            Self::FailedAgain { failed, sent, step } => write!(f, "{failed} of {sent} in step {step} failed again"),
        }
    }
}

/// A member of the step at hand, as it was when the step was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    pub id: DeliveryId,
    /// Parked at this version; another one tells that it was released.
    pub version: u32,
}

/// A release of an error group in steps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Release {
    pub group: Fingerprint,
    pub by: String,
    pub reason: Option<String>,
    /// Its operator knows that it may send twice, or out of order.
    pub confirmed: bool,
    pub pace: Pace,
    pub going: Going,
    /// Why it is paused.
    pub because: Option<Because>,
    pub began: Timestamp,
    pub ended: Option<Timestamp>,
    /// Parked when it began.
    pub total: u64,
    /// Steps that are over.
    pub step: u32,
    /// The step at hand; what of it has not settled.
    pub batch: Vec<Member>,
    /// Members of the step at hand that were sent, and how many of those failed again.
    pub sent_in_step: u32,
    pub failed_in_step: u32,
    /// Where the next step begins among the members.
    pub after: Option<String>,
    pub delivered: u64,
    pub failed: u64,
    /// Not released: changed meanwhile, or needing a confirmation.
    pub refused: u64,
    pub refusals: Vec<(DeliveryId, String)>,
}

/// What became of a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Became {
    /// Delivered, or over in another way that is no failure.
    Over,
    /// Parked again.
    Parked,
}

impl Release {
    /// Members of the next step.
    pub fn next_size(&self) -> u32 {
        let place = usize::try_from(self.step).unwrap_or(usize::MAX);
        self.pace.steps.get(place).or(self.pace.steps.last()).copied().unwrap_or(1)
    }

    pub fn begin(&mut self, batch: Vec<Member>, after: Option<String>) {
        self.batch = batch;
        self.after = after;
        (self.sent_in_step, self.failed_in_step) = (0, 0);
    }

    pub fn settled(&mut self, id: DeliveryId, became: Became) {
        self.batch.retain(|member| member.id != id);
        self.sent_in_step = self.sent_in_step.saturating_add(1);
        match became {
            Became::Over => self.delivered = self.delivered.saturating_add(1),
            Became::Parked => {
                self.failed = self.failed.saturating_add(1);
                self.failed_in_step = self.failed_in_step.saturating_add(1);
            }
        }
    }

    pub fn not_released(&mut self, id: DeliveryId, why: String) {
        self.batch.retain(|member| member.id != id);
        self.refused = self.refused.saturating_add(1);
        if self.refusals.len() < MOST_REFUSALS {
            self.refusals.push((id, why));
        }
    }

    /// The step at hand is over: goes on, or pauses when too much of it failed again.
    pub fn step_over(&mut self) {
        self.step = self.step.saturating_add(1);
        let (sent, failed) = (u64::from(self.sent_in_step), u64::from(self.failed_in_step));
        if failed.saturating_mul(100) > sent.saturating_mul(u64::from(self.pace.stop_above)) {
            self.going = Going::Paused;
            self.because = Some(Because::FailedAgain { failed, sent, step: self.step });
        }
    }

    /// Whether it paused because too much failed again, and not by an operator.
    pub fn paused_by_itself(&self) -> bool {
        self.going == Going::Paused && matches!(self.because, Some(Because::FailedAgain { .. }))
    }

    /// Nothing is left to release.
    pub fn done(&mut self, at: Timestamp) {
        self.going = Going::Done;
        self.ended = Some(at);
    }

    /// Members that have settled, whichever way.
    pub fn over(&self) -> u64 {
        self.delivered.saturating_add(self.failed).saturating_add(self.refused)
    }
}

#[cfg(test)]
mod tests {
    use lienthong_core::ExchangeId;

    use super::*;

    fn release(pace: Pace) -> Release {
        Release {
            group: "1-00000000000000000000000000000000".parse().unwrap(),
            by: "lan".into(),
            reason: None,
            confirmed: false,
            pace,
            going: Going::Running,
            because: None,
            began: Timestamp::UNIX_EPOCH,
            ended: None,
            total: 10,
            step: 0,
            batch: Vec::new(),
            sent_in_step: 0,
            failed_in_step: 0,
            after: None,
            delivered: 0,
            failed: 0,
            refused: 0,
            refusals: Vec::new(),
        }
    }

    fn id(index: u16) -> DeliveryId {
        DeliveryId { exchange: ExchangeId(uuid::Uuid::nil()), index }
    }

    fn step(release: &mut Release, outcomes: &[Became]) {
        let batch = (0..).zip(outcomes).map(|(index, _)| Member { id: id(index), version: 1 }).collect();
        release.begin(batch, None);
        (0..).zip(outcomes).for_each(|(index, became)| release.settled(id(index), *became));
        release.step_over();
    }

    #[test]
    fn steps_grow_and_the_last_one_repeats() {
        let mut release = release(Pace { steps: vec![1, 5], ..Pace::default() });
        let mut sizes = Vec::new();
        for _ in 0..3 {
            sizes.push(release.next_size());
            step(&mut release, &[Became::Over]);
        }
        assert_eq!(sizes, [1, 5, 5]);
        assert_eq!((release.going, release.delivered), (Going::Running, 3));
    }

    #[test]
    fn a_step_that_fails_too_often_pauses_the_release_and_one_that_does_not_goes_on() {
        let mut calm = release(Pace { stop_above: 50, ..Pace::default() });
        step(&mut calm, &[Became::Over, Became::Parked]);
        assert_eq!(calm.going, Going::Running, "half is not more than half");
        let mut strict = release(Pace { stop_above: 0, ..Pace::default() });
        step(&mut strict, &[Became::Over, Became::Over, Became::Parked]);
        assert_eq!(strict.going, Going::Paused);
        assert!(strict.paused_by_itself() && !calm.paused_by_itself());
        assert_eq!(strict.because.as_ref().map(ToString::to_string).as_deref(), Some("1 of 3 in step 1 failed again"));
        strict.because = Some(Because::Operator("lan".into()));
        assert!(!strict.paused_by_itself());
    }

    #[test]
    fn a_step_of_which_nothing_was_sent_pauses_nothing() {
        let mut release = release(Pace { stop_above: 0, ..Pace::default() });
        release.begin(vec![Member { id: id(0), version: 1 }], None);
        release.not_released(id(0), "needs a confirmation".into());
        release.step_over();
        assert_eq!((release.going, release.refused, release.over()), (Going::Running, 1, 1));
    }

    #[test]
    fn a_pace_is_checked() {
        assert_eq!(Pace::default().problem(), None);
        for (pace, field) in [
            (Pace { steps: Vec::new(), ..Pace::default() }, "/steps"),
            (Pace { steps: vec![0], ..Pace::default() }, "/steps"),
            (Pace { steps: vec![1_001], ..Pace::default() }, "/steps"),
            (Pace { per_second: Some(0), ..Pace::default() }, "/per_second"),
            (Pace { stop_above: 101, ..Pace::default() }, "/stop_above"),
        ] {
            assert_eq!(pace.problem().map(|(field, _)| field), Some(field));
        }
    }
}
