//! The words and laws of Lienthong: ids, exchanges, the delivery state machine, faults, and the traits adapters implement. It does no I/O.

pub mod adapter;
pub mod body;
pub mod clock;
pub mod delivery;
pub mod exchange;
pub mod fault;
pub mod file;
pub mod id;
pub mod inbound;
pub mod limits;
pub mod machine;
pub mod network;
pub mod operation;
pub mod poller;
pub mod program;
pub mod retry;
pub mod role;
pub mod secret;
pub mod text;

pub use adapter::{Adapter, AttemptContext, CallContext, Lookup, Surroundings};
pub use body::{Body, ContentType};
pub use clock::Clock;
pub use delivery::{DeliveryState, StateName, Verify};
pub use exchange::{Class, ExchangeMeta, OnBehalfOf};
pub use fault::{Fault, FaultCode, FaultKind, FieldProblem, Fingerprint};
pub use id::{
    BusinessKey, ClientId, ConfigVersion, DeliveryId, ExchangeId, OperationName, OrderKey, RouteName, SystemId,
};
pub use inbound::Inbound;
pub use jiff::{SignedDuration, Timestamp};
pub use operation::{Effect, OperationSpec};
pub use poller::Poller;
pub use retry::RetryPolicy;
pub use role::Role;
