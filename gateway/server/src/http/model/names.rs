//! Closed lists of names in the public JSON, each written out so that a new inner variant must be named before it compiles.

use lienthong_core::delivery::ExchangeState;
use lienthong_core::fault::Origin;
use lienthong_core::{Class, Effect, FaultKind, StateName};
use lienthong_engine::dispatch::GateState;
use lienthong_engine::service::FoundBy;
use lienthong_journal::{AttemptOutcome, EventKind};
use serde::Serialize;
use utoipa::ToSchema;

/// Declares a public list and its conversion from the inner one, variant by variant.
macro_rules! names {
    ($(#[$doc:meta])* $name:ident of $source:ident { $($variant:ident),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
        #[serde(rename_all = "snake_case")]
        pub enum $name {
            $($variant),+
        }

        impl From<$source> for $name {
            fn from(value: $source) -> Self {
                match value {
                    $($source::$variant => Self::$variant),+
                }
            }
        }
    };
}

names!(
    /// Where an exchange stands, told from its deliveries.
    ExchangeStateName of ExchangeState { InProgress, Delivered, Attention, Closed }
);
names!(
    /// Where a delivery stands.
    DeliveryStateName of StateName {
        Queued, Waiting, InFlight, Verifying, Delivered, Parked, Cancelled, Discarded, Superseded
    }
);
names!(
    /// `bulk` follows live traffic.
    ClassName of Class { Live, Bulk }
);
names!(
    /// What happens when the same content is sent twice: nothing (`read`), no harm (`upsert`), harm (`once`).
    EffectName of Effect { Read, Upsert, Once }
);
names!(
    /// How the text of a search was understood.
    FoundByName of FoundBy { Id, Group, Key, Number, Words, IdPrefix }
);
names!(
    /// Whether a system is open for sending.
    GateName of GateState { Open, Probing, Closed, Paused, Maintenance }
);
names!(
    /// Why something failed.
    FaultKindName of FaultKind {
        Unreachable, Timeout, Interrupted, Throttled, Unavailable, Unauthenticated, Forbidden, Rejected, Conflict,
        NotFound, Unintelligible, Mapping, Invalid, Expired, Internal
    }
);
names!(
    /// Where the cause lies, hence who must act.
    OriginName of Origin { Source, Gateway, Network, Target }
);
names!(
    /// What happened.
    EventKindName of EventKind {
        Accepted, Admitted, Delivered, Waiting, Verifying, Parked, Released, Discarded, Cancelled, Superseded,
        InboxLeased, GateChanged, SystemSet, ConfigurationLoaded, Recognised, MemoChanged, Amended
    }
);

/// How an attempt ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AttemptOutcomeName {
    InFlight,
    Delivered,
    Failed,
    /// The process ended in flight.
    Lost,
    /// Settled later by a lookup: it had happened.
    FoundDone,
    /// Settled later by a lookup: it had not happened.
    FoundNotDone,
}

impl From<Option<&AttemptOutcome>> for AttemptOutcomeName {
    fn from(outcome: Option<&AttemptOutcome>) -> Self {
        match outcome {
            None => Self::InFlight,
            Some(AttemptOutcome::Delivered) => Self::Delivered,
            Some(AttemptOutcome::Failed(_)) => Self::Failed,
            Some(AttemptOutcome::Lost) => Self::Lost,
            Some(AttemptOutcome::FoundDone) => Self::FoundDone,
            Some(AttemptOutcome::FoundNotDone) => Self::FoundNotDone,
        }
    }
}
