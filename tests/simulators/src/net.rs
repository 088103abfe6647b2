//! What every simulator listens with: a port that can refuse, connections that can be cut, requests read whole, seeded chance. It knows no system.

pub(crate) mod digest;
pub(crate) mod listener;
pub(crate) mod profile;
pub(crate) mod request;
pub(crate) mod rng;
pub(crate) mod wire;
pub(crate) mod xml;
