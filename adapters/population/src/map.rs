//! Pure translation between callers' English and the database's shapes, with every check that needs no network. No I/O, no clock.

pub(crate) mod answer;
pub(crate) mod citizen;
pub(crate) mod question;
pub(crate) mod reference;

use lienthong_core::{Body, Fault, FaultKind};
use serde::Serialize;

/// A model of ours as a body.
pub(crate) fn json(model: &impl Serialize) -> Result<Body, Fault> {
    serde_json::to_vec(model)
        .map(Body::json)
        .map_err(|error| Fault::of(FaultKind::Internal, format!("a model could not be written as JSON: {error}")))
}
