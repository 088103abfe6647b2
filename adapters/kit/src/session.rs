//! A system's session: logged in once, shared, renewed when it is old or refused, never two logins at a time. It knows no way to log in.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use lienthong_core::network::SessionState;
use lienthong_core::{Clock, Fault, FaultKind};
use parking_lot::Mutex;
use tokio::sync::watch;

use crate::fault;

/// How to log in, or to obtain a token.
#[async_trait]
pub trait Login<T>: Send + Sync + 'static {
    /// One login: exactly one attempt, cut off by [`Sessions`]. Its faults are turned into those of a login there.
    async fn log_in(&self) -> Result<Granted<T>, Fault>;
}

/// What a login gave.
pub struct Granted<T> {
    pub value: T,
    /// How long it may be used, counted from before the login was sent; `None`: until it is refused.
    pub lifetime: Option<Duration>,
}

/// A session and until when it may be used, in monotonic time.
pub struct Session<T> {
    pub value: T,
    until: Option<Duration>,
}

type Outcome<T> = Result<Arc<Session<T>>, Fault>;
type Pending<T> = watch::Receiver<Option<Outcome<T>>>;

/// The sessions of one end point: at most one in use, at most one login under way.
pub struct Sessions<T>(Arc<Inner<T>>);

struct Inner<T> {
    /// What is logged in to, for the log.
    name: String,
    login: Arc<dyn Login<T>>,
    timeout: Duration,
    clock: Arc<dyn Clock>,
    state: Mutex<State<T>>,
}

struct State<T> {
    current: Option<Arc<Session<T>>>,
    pending: Option<Pending<T>>,
}

impl<T: Send + Sync + 'static> Sessions<T> {
    /// `timeout`: how long one login may take.
    pub fn new(name: impl Into<String>, login: Arc<dyn Login<T>>, timeout: Duration, clock: Arc<dyn Clock>) -> Self {
        let state = Mutex::new(State { current: None, pending: None });
        Self(Arc::new(Inner { name: name.into(), login, timeout, clock, state }))
    }

    /// The session in use, or that of the login under way, or of one begun now. The login runs on its own: a caller that
    /// gives up does not take it away from the others.
    ///
    /// # Errors
    /// The login's fault, as one that leaves nothing unknown: nothing of the attempt was sent.
    pub async fn get(&self) -> Result<Arc<Session<T>>, Fault> {
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

    /// How it stands now.
    pub fn standing(&self) -> SessionState {
        let state = self.0.state.lock();
        match state.current.as_ref().filter(|session| self.0.is_fresh(session)) {
            Some(session) => {
                SessionState::Open(session.until.map(|until| until.saturating_sub(self.0.clock.monotonic())))
            }
            None if state.pending.as_ref().is_some_and(|pending| pending.has_changed().is_ok()) => {
                SessionState::Opening
            }
            None => SessionState::Closed,
        }
    }

    /// Forgets the session the system refused, unless another has taken its place already.
    pub fn forget(&self, refused: &Arc<Session<T>>) {
        let mut state = self.0.state.lock();
        if state.current.as_ref().is_some_and(|current| Arc::ptr_eq(current, refused)) {
            state.current = None;
        }
    }
}

impl<T: Send + Sync + 'static> Inner<T> {
    fn is_fresh(&self, session: &Session<T>) -> bool {
        session.until.is_none_or(|until| self.clock.monotonic() < until)
    }

    fn begin_login(self: &Arc<Self>) -> Pending<T> {
        let (done, pending) = watch::channel(None);
        let inner = Arc::clone(self);
        tokio::spawn(async move {
            let outcome = inner.log_in().await;
            {
                let mut state = inner.state.lock();
                state.current = outcome.as_ref().ok().cloned();
                state.pending = None;
            }
            let system = inner.name.as_str();
            match &outcome {
                Ok(_) => tracing::debug!(system, "session opened"),
                Err(fault) => {
                    tracing::warn!(system, code = fault.code.as_str(), detail = %fault.detail, "login failed");
                }
            }
            done.send_replace(Some(outcome));
        });
        pending
    }

    async fn log_in(&self) -> Outcome<T> {
        let born = self.clock.monotonic();
        let answered = tokio::time::timeout(self.timeout, self.login.log_in()).await;
        let granted =
            answered.unwrap_or_else(|_| Err(fault::of_elapsed(self.timeout, false))).map_err(fault::of_login)?;
        let Granted { value, lifetime } = granted;
        Ok(Arc::new(Session { value, until: lifetime.map(|lifetime| born.saturating_add(lifetime)) }))
    }
}

#[cfg(test)]
mod tests;
