//! Where a delivery stands. It names states; [`crate::machine`] moves between them.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// How an unknown outcome is being settled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verify {
    /// Exactly the bytes of the unsettled attempt go again (`read` and `upsert`).
    Repeat,
    /// The adapter asks the target whether it happened (`once`).
    Lookup,
}

/// The state of one delivery. Attempts count from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum DeliveryState {
    /// Ready to be admitted when it is its lane's head.
    Queued,
    /// Queued again by itself at `until`.
    Waiting {
        until: Timestamp,
    },
    /// Attempt `attempt` has an intent on disk and no outcome.
    InFlight {
        attempt: u32,
    },
    /// The outcome of `attempt` is unknown; the next step is due at `until`.
    Verifying {
        attempt: u32,
        how: Verify,
        until: Timestamp,
    },
    Delivered,
    /// Needs a person, or a change of configuration.
    Parked,
    /// By its client, before anything was sent.
    Cancelled,
    /// By an operator, with a reason.
    Discarded,
    /// A newer snapshot of the same key took its place before it was sent.
    Superseded,
}

/// A delivery's state without its details: what lists filter by and metrics count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StateName {
    Queued,
    Waiting,
    InFlight,
    Verifying,
    Delivered,
    Parked,
    Cancelled,
    Discarded,
    Superseded,
}

impl StateName {
    pub const ALL: [Self; 9] = [
        Self::Queued,
        Self::Waiting,
        Self::InFlight,
        Self::Verifying,
        Self::Delivered,
        Self::Parked,
        Self::Cancelled,
        Self::Discarded,
        Self::Superseded,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Waiting => "waiting",
            Self::InFlight => "in_flight",
            Self::Verifying => "verifying",
            Self::Delivered => "delivered",
            Self::Parked => "parked",
            Self::Cancelled => "cancelled",
            Self::Discarded => "discarded",
            Self::Superseded => "superseded",
        }
    }

    /// Nothing more happens by itself or by an operator.
    pub fn is_final(self) -> bool {
        match self {
            Self::Delivered | Self::Cancelled | Self::Discarded | Self::Superseded => true,
            Self::Queued | Self::Waiting | Self::InFlight | Self::Verifying | Self::Parked => false,
        }
    }
}

impl std::str::FromStr for StateName {
    type Err = ();
    fn from_str(value: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|state| state.as_str() == value).ok_or(())
    }
}

impl DeliveryState {
    pub fn name(self) -> StateName {
        match self {
            Self::Queued => StateName::Queued,
            Self::Waiting { .. } => StateName::Waiting,
            Self::InFlight { .. } => StateName::InFlight,
            Self::Verifying { .. } => StateName::Verifying,
            Self::Delivered => StateName::Delivered,
            Self::Parked => StateName::Parked,
            Self::Cancelled => StateName::Cancelled,
            Self::Discarded => StateName::Discarded,
            Self::Superseded => StateName::Superseded,
        }
    }

    /// When the dispatcher must look at it next, for states that wait for a time.
    pub fn wake_at(self) -> Option<Timestamp> {
        match self {
            Self::Waiting { until } | Self::Verifying { until, .. } => Some(until),
            Self::Queued
            | Self::InFlight { .. }
            | Self::Delivered
            | Self::Parked
            | Self::Cancelled
            | Self::Discarded
            | Self::Superseded => None,
        }
    }
}

/// What a parked head does to the lane behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OnParked {
    /// The lane waits for a person.
    #[default]
    Hold,
    /// The next delivery moves up.
    Skip,
}

/// An exchange's state, told from its deliveries'.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExchangeState {
    /// All deliveries are delivered.
    Delivered,
    /// At least one is parked.
    Attention,
    InProgress,
    /// Nothing moves any more and not all was delivered: cancelled, discarded or superseded.
    Closed,
}

impl ExchangeState {
    pub fn of(states: impl IntoIterator<Item = StateName>) -> Self {
        let (mut parked, mut open, mut undelivered) = (false, false, false);
        for state in states {
            match state {
                StateName::Parked => parked = true,
                StateName::Queued | StateName::Waiting | StateName::InFlight | StateName::Verifying => open = true,
                StateName::Cancelled | StateName::Discarded | StateName::Superseded => undelivered = true,
                StateName::Delivered => {}
            }
        }
        match (parked, open, undelivered) {
            (true, _, _) => Self::Attention,
            (false, true, _) => Self::InProgress,
            (false, false, true) => Self::Closed,
            (false, false, false) => Self::Delivered,
        }
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Delivered => "delivered",
            Self::Attention => "attention",
            Self::InProgress => "in_progress",
            Self::Closed => "closed",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exchange_is_what_its_deliveries_are() {
        use StateName::{Cancelled, Delivered, Parked, Queued};
        assert_eq!(ExchangeState::of([Delivered, Delivered]), ExchangeState::Delivered);
        assert_eq!(ExchangeState::of([Delivered, Queued]), ExchangeState::InProgress);
        assert_eq!(ExchangeState::of([Parked, Queued]), ExchangeState::Attention);
        assert_eq!(ExchangeState::of([Delivered, Cancelled]), ExchangeState::Closed);
    }
}
