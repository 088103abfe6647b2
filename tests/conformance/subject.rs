//! What an adapter brings to be tested: how it is built, what to ask it, how its system answers. It states no law.

use std::sync::Arc;
use std::time::Duration;

use lienthong_core::inbound::InboundRequest;
use lienthong_core::{Adapter, FaultKind, Inbound, Surroundings};
use serde_json::Value;

use crate::server::{Raw, Received};

/// One adapter with a system it could speak to.
pub(crate) trait Subject: Send + Sync {
    /// As it is named in failures.
    fn name(&self) -> &'static str;

    /// The adapter towards `base`. Its operations need no other preparation.
    fn build(&self, base: &str, around: &Surroundings<'_>) -> Built;

    /// A read of one request.
    fn read(&self) -> Ask;

    /// A change of one request, its input full of [`Subject::markers`].
    fn write(&self) -> Ask;

    /// Personal data inside the inputs, and inside good answers where the system answers with some.
    fn markers(&self) -> Vec<String>;

    /// What a well-behaved system answers to any request, logins included.
    fn good(&self, received: &Received) -> Raw;

    /// Whether a request is a login or one for a token.
    fn is_login(&self, _received: &Received) -> bool {
        false
    }

    /// Whether there is a session at all.
    fn has_session(&self) -> bool {
        false
    }

    /// The secret that goes with each call: a token, a session, a key.
    fn shown(&self) -> Option<&'static str> {
        None
    }

    /// Names of misbehaviours that, by luck, are good answers to [`Subject::read`]: an empty list is a list.
    fn also_good(&self) -> &'static [&'static str] {
        &[]
    }

    /// An answer whose own words repeat `words`: a refusal of the data.
    fn refusal(&self, words: &str) -> Raw;

    /// The ways this system is known to mislead, for [`Subject::write`].
    fn misleading(&self) -> Vec<Misleading>;

    /// How a lookup of [`Subject::write`] is answered; none when it has no lookup.
    fn lookups(&self) -> Vec<LookupCase> {
        Vec::new()
    }

    /// Good pushes of the system, with their secret in them.
    fn pushes(&self) -> Vec<InboundRequest> {
        Vec::new()
    }

    /// The secret of [`Subject::pushes`].
    fn push_secret(&self) -> &'static str {
        ""
    }
}

pub(crate) struct Built {
    pub(crate) adapter: Arc<dyn Adapter>,
    pub(crate) inbound: Option<Arc<dyn Inbound>>,
    /// The adapter's own `Debug`.
    pub(crate) shown: String,
}

/// An operation and an input of it.
#[derive(Clone)]
pub(crate) struct Ask {
    pub(crate) operation: String,
    pub(crate) input: Value,
}

impl Ask {
    pub(crate) fn new(operation: &str, input: Value) -> Self {
        Self { operation: operation.to_owned(), input }
    }
}

/// An answer and what it may be taken for.
pub(crate) struct Misleading {
    pub(crate) what: &'static str,
    pub(crate) answer: Raw,
    pub(crate) means: Means,
}

/// What a fault must be.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Means {
    /// Nobody knows whether it happened.
    Unknown,
    Kind(FaultKind),
    /// Any fault.
    Fault,
}

/// A lookup's answer and what must be told.
pub(crate) struct LookupCase {
    pub(crate) what: &'static str,
    pub(crate) answer: Raw,
    /// Age of the unsettled attempt.
    pub(crate) age: Duration,
    pub(crate) told: Told,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Told {
    Done,
    NotDone,
    Unknown,
}
