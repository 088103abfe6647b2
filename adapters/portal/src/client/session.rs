//! The portal's session: logged in once, shared, renewed when it is old or refused, never two logins at a time. It makes no calls.

use std::sync::Arc;
use std::time::Duration;

use http::HeaderMap;
use lienthong_core::secret::{ExposeSecret, SecretString};
use lienthong_core::{Clock, Fault, FaultKind};
use parking_lot::Mutex;
use reqwest::Url;
use tokio::sync::watch;

use super::login_body;
use super::transport::{Outgoing, Transport};
use crate::fault;
use crate::map::answer::Judge;

/// How to log in.
pub(crate) struct Credentials {
    pub(crate) username: SecretString,
    pub(crate) password: SecretString,
    pub(crate) url: Url,
    pub(crate) headers: HeaderMap,
    pub(crate) lifetime: Duration,
    pub(crate) timeout: Duration,
}

/// A session and when it began, in monotonic time.
pub(crate) struct Session {
    pub(crate) value: SecretString,
    born: Duration,
}

type Outcome = Result<Arc<Session>, Fault>;
type Pending = watch::Receiver<Option<Outcome>>;

/// The sessions of one end point: at most one in use, at most one login under way.
pub(crate) struct Sessions(Arc<Inner>);

struct Inner {
    credentials: Credentials,
    transport: Transport,
    judge: Arc<Judge>,
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    current: Option<Arc<Session>>,
    pending: Option<Pending>,
}

impl Sessions {
    pub(crate) fn new(
        credentials: Credentials,
        transport: Transport,
        judge: Arc<Judge>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self(Arc::new(Inner { credentials, transport, judge, clock, state: Mutex::default() }))
    }

    /// The session in use, or that of the login under way, or of one begun now. The login runs on its own: a caller that
    /// gives up does not take it away from the others.
    pub(crate) async fn get(&self) -> Outcome {
        let mut pending = {
            let mut state = self.0.state.lock();
            if let Some(session) = state.current.as_ref().filter(|session| self.0.is_fresh(session)) {
                return Ok(Arc::clone(session));
            }
            state.current = None;
            match state.pending.as_ref().filter(|pending| pending.has_changed().is_ok()) {
                Some(pending) => pending.clone(),
                None => {
                    let pending = self.0.begin_login();
                    state.pending = Some(pending.clone());
                    pending
                }
            }
        };
        match pending.wait_for(Option::is_some).await.map(|outcome| outcome.clone()) {
            Ok(Some(outcome)) => outcome,
            Ok(None) | Err(_) => Err(Fault::of(FaultKind::Internal, "the shared login ended without an outcome")),
        }
    }

    /// Forgets the session the portal refused, unless another has taken its place already.
    pub(crate) fn forget(&self, refused: &Arc<Session>) {
        let mut state = self.0.state.lock();
        if state.current.as_ref().is_some_and(|current| Arc::ptr_eq(current, refused)) {
            state.current = None;
        }
    }
}

impl Inner {
    fn is_fresh(&self, session: &Session) -> bool {
        self.clock.monotonic().saturating_sub(session.born) < self.credentials.lifetime
    }

    fn begin_login(self: &Arc<Self>) -> Pending {
        let (done, pending) = watch::channel(None);
        let inner = Arc::clone(self);
        tokio::spawn(async move {
            let outcome = inner.log_in().await;
            {
                let mut state = inner.state.lock();
                state.current = outcome.as_ref().ok().cloned();
                state.pending = None;
            }
            match &outcome {
                Ok(_) => tracing::debug!("portal session opened"),
                Err(fault) => tracing::warn!(code = fault.code.as_str(), detail = %fault.detail, "portal login failed"),
            }
            done.send_replace(Some(outcome));
        });
        pending
    }

    async fn log_in(&self) -> Outcome {
        let limit = self.credentials.timeout;
        let answered = tokio::time::timeout(limit, self.ask()).await;
        answered.unwrap_or_else(|_| Err(fault::of_elapsed(limit, false))).map_err(fault::of_login)
    }

    async fn ask(&self) -> Outcome {
        let Credentials { username, password, url, headers, lifetime: _, timeout: _ } = &self.credentials;
        let (username, password) = (username.expose_secret(), password.expose_secret());
        let body = login_body(username, password)
            .map_err(|error| Fault::of(FaultKind::Internal, format!("the login could not be written: {error}")))?;
        let born = self.clock.monotonic();
        let reply = self.transport.send(Outgoing::post(url.clone(), body, headers), None, None).await?;
        if let Some(fault) = fault::of_reply(&self.judge.words, &reply, self.clock.now()) {
            return Err(fault);
        }
        let value = self.judge.login(&reply.body, &[username, password])?;
        Ok(Arc::new(Session { value: SecretString::from(value), born }))
    }
}
