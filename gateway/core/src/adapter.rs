//! What the gateway asks of an adapter: one attempt, one lookup, one probe. Adapters do not retry, queue, store or know routes.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use serde_json::Value;

use crate::body::Body;
use crate::clock::Clock;
use crate::exchange::{OnBehalfOf, TraceContext};
use crate::fault::Fault;
use crate::file::FileStore;
use crate::network::{NetworkEndpoint, Opened, SessionState};
use crate::program::Compiler;
use crate::secret::SecretSource;
use crate::{BusinessKey, DeliveryId, OperationName, OperationSpec, SystemId, Timestamp};

/// Translates to and from one external system's protocol and speaks it. Keeps the system's session: one login at a time,
/// shared, renewed on expiry; a cancelled call does not cancel a shared login.
#[async_trait]
pub trait Adapter: Send + Sync + 'static {
    fn system(&self) -> &SystemId;

    fn operations(&self) -> &[OperationSpec];

    /// Exactly one attempt. Calls [`CallContext::mark_sent`] when the first byte leaves; a fault before that means nothing was sent.
    /// A refused session is forgotten and answered as `unauthenticated`; the caller decides about another attempt.
    async fn call(&self, cx: &CallContext, operation: &OperationName, body: &Body) -> Result<Body, Fault>;

    /// Asks whether an earlier attempt happened. `Done` only when the system can tell *this* content from an earlier one.
    async fn lookup(
        &self,
        cx: &CallContext,
        operation: &OperationName,
        attempt: &AttemptContext,
    ) -> Result<Lookup, Fault>;

    /// The cheapest harmless exchange that shows the system serves us.
    async fn probe(&self, cx: &CallContext) -> Result<(), Fault>;

    /// The hosts it speaks to at this time and how it gets there, for a diagnosis. The default names none.
    fn endpoints(&self, _now: Timestamp) -> Vec<NetworkEndpoint> {
        Vec::new()
    }

    /// Opens the session a call would use now, or finds it open: the login alone, for a diagnosis. The default has none.
    async fn open_session(&self, _cx: &CallContext) -> Result<Opened, Fault> {
        Ok(Opened::Sessionless)
    }

    /// How the session stands that a call would use now. Asks nobody. The default does not tell.
    fn session(&self, _now: Timestamp) -> SessionState {
        SessionState::Unknown
    }

    /// What the operation's schema cannot say of an input (a code's rule, fields that exclude each other): pure and cheap, asked at the
    /// door after the schema held. The fault's problems point into the input. The default accepts.
    fn check(&self, _operation: &OperationName, _input: &Value) -> Result<(), Fault> {
        Ok(())
    }

    /// When one delivery's content needs several ordered requests, splits it so that each has one effect. The default keeps it whole.
    fn split(&self, _operation: &OperationName, body: &Body) -> Result<Vec<Body>, Fault> {
        Ok(vec![body.clone()])
    }
}

/// What an adapter is built with, besides its own settings.
#[derive(Clone)]
pub struct Surroundings<'a> {
    pub secrets: &'a dyn SecretSource,
    pub clock: Arc<dyn Clock>,
    /// Where files that come with messages are kept.
    pub files: Arc<dyn FileStore>,
    /// Compiles the programs of a system that configuration describes.
    pub programs: Arc<dyn Compiler>,
}

/// What a lookup found.
#[derive(Debug, Clone)]
pub enum Lookup {
    /// It happened; the target's answer as far as it can be told.
    Done(Body),
    /// It did not happen, and will not any more.
    NotDone,
    /// The system cannot tell.
    Unknown,
}

/// An earlier attempt whose outcome is unknown.
#[derive(Debug, Clone)]
pub struct AttemptContext {
    /// Its number, from 1.
    pub attempt: u32,
    /// The reference it carried.
    pub reference: String,
    /// Exactly what was handed to [`Adapter::call`].
    pub sent: Body,
    /// How long ago it began.
    pub age: Duration,
}

/// What a call may use besides its body.
#[derive(Clone)]
pub struct CallContext {
    /// Deterministic per attempt (`<exchange>.<index>.<attempt>`): becomes the system's own message id.
    pub reference: String,
    pub delivery: Option<DeliveryId>,
    pub key: Option<BusinessKey>,
    pub purpose: Option<String>,
    pub on_behalf_of: Option<OnBehalfOf>,
    /// How long the whole call may take; the engine cuts it off shortly after.
    pub timeout: Duration,
    pub trace: Option<TraceContext>,
    pub clock: Arc<dyn Clock>,
    sent: Arc<AtomicBool>,
}

impl CallContext {
    pub fn new(reference: impl Into<String>, timeout: Duration, clock: Arc<dyn Clock>) -> Self {
        Self {
            reference: reference.into(),
            delivery: None,
            key: None,
            purpose: None,
            on_behalf_of: None,
            timeout,
            trace: None,
            clock,
            sent: Arc::new(AtomicBool::new(false)),
        }
    }

    /// From here on the target may have seen something of this attempt's effect. A login before it does not count.
    pub fn mark_sent(&self) {
        self.sent.store(true, Ordering::Release);
    }

    pub fn was_sent(&self) -> bool {
        self.sent.load(Ordering::Acquire)
    }

    /// A handle that marks this attempt as sent, for a request body that knows when it is first read.
    pub fn sent_flag(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.sent)
    }
}
