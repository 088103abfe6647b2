//! An operator's call: who, by which role, within which bounds. It carries no verb out.

use lienthong_core::Fault;
use lienthong_engine::service::{OperatorAct, Service};

use super::identity::Call;
use super::parse;
use crate::http::model::Insight;
use crate::security::{Identity, Role};
use crate::state::{AppState, Load, Pass};

/// A call of someone who holds the role it needs. Its place inside and the room of its message are held as long as this lives.
pub(crate) struct Desk {
    pub(crate) state: AppState,
    pub(crate) identity: Identity,
    load: Load,
    _pass: Pass,
}

impl Desk {
    /// Admits a caller with this role, and its message of so many bytes.
    pub(crate) fn admit(state: &AppState, call: &Call, role: Role, bytes: usize) -> Result<Self, Fault> {
        call.identity.require(role)?;
        let pass = state.doors.enter_as_operator()?;
        let mut desk =
            Self { state: state.clone(), identity: call.identity.clone(), load: Load::default(), _pass: pass };
        desk.carry(bytes)?;
        Ok(desk)
    }

    /// Makes room for so many bytes of one message.
    pub(crate) fn carry(&mut self, bytes: usize) -> Result<(), Fault> {
        self.state.doors.carry(&mut self.load, bytes)
    }

    pub(crate) fn service(&self) -> &Service {
        &self.state.service
    }

    pub(crate) fn insight(&self) -> Insight {
        Insight::of(&self.identity)
    }

    /// An act with its reason.
    pub(crate) fn act(&self, reason: String, confirmed: bool) -> Result<OperatorAct, Fault> {
        parse::act(self.identity.client().as_str(), reason, confirmed)
    }
}
