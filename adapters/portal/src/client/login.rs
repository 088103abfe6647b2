//! How to log in to the portal's raw form: one request, and the session of its answer. It keeps none.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use http::HeaderMap;
use lienthong_core::secret::{ExposeSecret, SecretString};
use lienthong_core::{Clock, Fault, FaultKind};
use lienthong_kit::fault::{Expected, of_reply};
use lienthong_kit::session::{Granted, Login};
use lienthong_kit::transport::{ReplyLimits, Transport};
use reqwest::Url;

use super::endpoint;
use crate::map::answer::Judge;
use crate::wire;

pub(crate) struct PortalLogin {
    pub(crate) username: SecretString,
    pub(crate) password: SecretString,
    pub(crate) url: Url,
    pub(crate) headers: HeaderMap,
    pub(crate) lifetime: Duration,
    pub(crate) transport: Transport,
    pub(crate) judge: Arc<Judge>,
    pub(crate) clock: Arc<dyn Clock>,
}

#[async_trait]
impl Login<SecretString> for PortalLogin {
    async fn log_in(&self) -> Result<Granted<SecretString>, Fault> {
        let (username, password) = (self.username.expose_secret(), self.password.expose_secret());
        let body = serde_json::to_vec(&wire::Login { username, password })
            .map_err(|error| Fault::of(FaultKind::Internal, format!("the login could not be written: {error}")))?;
        let outgoing = endpoint::json(self.url.clone(), body, &self.headers);
        let reply = self.transport.send(outgoing, ReplyLimits::default()).await?;
        if let Some(fault) = of_reply(&self.judge.words, &reply, Expected::Json, self.clock.now()) {
            return Err(fault);
        }
        let value = self.judge.login(&reply.body, &[username, password])?;
        Ok(Granted { value: SecretString::from(value), lifetime: Some(self.lifetime) })
    }
}
