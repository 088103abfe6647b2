//! One file a subject. Handlers parse, call, convert; nothing else.

pub(crate) mod alerts;
pub(crate) mod amendments;
pub(crate) mod cases;
pub(crate) mod configuration;
pub(crate) mod deliveries;
pub(crate) mod drills;
pub(crate) mod errors;
pub(crate) mod events;
pub(crate) mod exchanges;
pub(crate) mod fallback;
pub(crate) mod files;
pub(crate) mod flows;
pub(crate) mod health;
pub(crate) mod inbound;
pub(crate) mod inbox;
pub(crate) mod keys;
pub(crate) mod operations;
pub(crate) mod previews;
pub(crate) mod reconciliations;
pub(crate) mod releases;
pub(crate) mod reports;
pub(crate) mod rows;
pub(crate) mod search;
pub(crate) mod systems;
pub(crate) mod tables;
pub(crate) mod windows;

use axum::response::Response;
use lienthong_core::Fault;
use lienthong_engine::service::OperatorAct;

use super::body::note;
use super::model::Act;
use super::problem::Refusal;
use crate::security::Identity;

/// What every handler answers.
pub(crate) type Answer = Result<Response, Refusal>;

/// An operator's act with who does it.
fn act(identity: &Identity, act: Act) -> Result<OperatorAct, Fault> {
    let Act { reason, confirm } = act;
    Ok(OperatorAct { operator: identity.client().to_string(), reason: note("/reason", reason)?, confirmed: confirm })
}
