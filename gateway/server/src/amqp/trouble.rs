//! What can go wrong between us and the broker, and which fault that is for a delivery. It repeats no content of any message.

use lapin::protocol::{AMQPErrorKind, AMQPHardError, AMQPSoftError};
use lapin::{Error, ErrorKind};
use lienthong_core::{Fault, FaultKind};

/// Why the broker did not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Trouble {
    #[error("the broker cannot be reached: {0}")]
    Unreachable(String),
    #[error("the broker does not let us in: {0}")]
    Unauthenticated(String),
    #[error("the broker does not permit it: {0}")]
    Forbidden(String),
    #[error("the broker does not have it: {0}")]
    Missing(String),
    #[error("the broker refused the message")]
    NotTaken,
    #[error("no queue took the message")]
    Unroutable,
    #[error("the connection to the broker was lost: {0}")]
    Lost(String),
    /// Our own side: what we would say is longer than the protocol can carry.
    #[error("it cannot be said in AMQP: {0}")]
    Unsayable(String),
}

impl Trouble {
    /// On a connection that stood.
    pub(super) fn of(error: &Error) -> Self {
        match told(error) {
            Some(told) => told,
            None => Self::Lost(error.to_string()),
        }
    }

    /// While connecting: nothing of ours was sent.
    pub(super) fn of_connecting(error: &Error) -> Self {
        match told(error) {
            Some(Self::Forbidden(why)) => Self::Unauthenticated(why),
            Some(told) => told,
            None => Self::Unreachable(error.to_string()),
        }
    }

    /// What it is for a delivery; `sent`: the message may have arrived.
    pub(super) fn fault(&self, sent: bool) -> Fault {
        let kind = match self {
            Self::Lost(_) if sent => FaultKind::Interrupted,
            Self::Unreachable(_) | Self::Lost(_) => FaultKind::Unreachable,
            Self::Unauthenticated(_) => FaultKind::Unauthenticated,
            Self::Forbidden(_) => FaultKind::Forbidden,
            // Explicit, and mended at the broker: it goes again by itself.
            Self::Missing(_) | Self::NotTaken | Self::Unroutable => FaultKind::Unavailable,
            Self::Unsayable(_) => FaultKind::Internal,
        };
        Fault::of(kind, self.to_string())
    }
}

/// What the broker itself said.
fn told(error: &Error) -> Option<Trouble> {
    let ErrorKind::ProtocolError(told) = error.kind() else { return None };
    let words = told.to_string();
    match told.kind() {
        AMQPErrorKind::Soft(AMQPSoftError::ACCESSREFUSED) | AMQPErrorKind::Hard(AMQPHardError::NOTALLOWED) => {
            Some(Trouble::Forbidden(words))
        }
        AMQPErrorKind::Soft(AMQPSoftError::NOTFOUND) => Some(Trouble::Missing(words)),
        _other => Some(Trouble::Lost(words)),
    }
}
