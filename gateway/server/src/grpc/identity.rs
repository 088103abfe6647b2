//! Who calls, and in which trace: read once per call from metadata and the connection.

use lienthong_core::Fault;
use lienthong_core::exchange::TraceContext;
use tonic::{Request, Response, Status};

use super::status;
use crate::http::extract::enter;
use crate::http::model::Insight;
use crate::http::trace;
use crate::security::{Credentials, Identity, PeerCertificate, authenticate};
use crate::state::{AppState, Pass};

/// One authenticated call.
pub(crate) struct Call {
    pub(crate) identity: Identity,
    pub(crate) trace: Option<TraceContext>,
}

impl Call {
    /// Authenticates and takes the message out; the refusal is a status already.
    pub(crate) fn of<T>(state: &AppState, request: Request<T>) -> Result<(Self, T), Status> {
        let directory = state.directory.load();
        let text = |name: &str| request.metadata().get(name).and_then(|value| value.to_str().ok());
        let shown = Credentials {
            authorization: text("authorization"),
            api_key: text("x-api-key"),
            certificate: request.extensions().get::<PeerCertificate>(),
        };
        let given = trace::context_of(text("traceparent"), text("tracestate"));
        let trace = Some(given.unwrap_or_else(trace::new_context));
        match authenticate(&directory, &shown) {
            Ok(identity) => Ok((Self { identity, trace }, request.into_inner())),
            Err(refused) => {
                metrics::counter!("lienthong_authentication_failures_total").increment(1);
                Err(status::status_of(&refused, trace.as_ref().and_then(TraceContext::trace_id)))
            }
        }
    }

    /// As [`Call::of`], with a place inside; the place is held as long as its pass lives.
    pub(crate) fn admitted<T>(state: &AppState, request: Request<T>) -> Result<(Self, T, Pass), Status> {
        let (call, message) = Self::of(state, request)?;
        let pass = enter(state, &call.identity).map_err(|full| call.refusal(&full))?;
        Ok((call, message, pass))
    }

    /// How much of a fault the caller is shown.
    pub(crate) fn insight(&self) -> Insight {
        Insight::of(&self.identity)
    }

    pub(crate) fn trace_id(&self) -> Option<&str> {
        self.trace.as_ref().and_then(TraceContext::trace_id)
    }

    /// The result as gRPC says it.
    pub(crate) fn answer<T>(&self, result: Result<T, Fault>) -> Result<Response<T>, Status> {
        result.map(Response::new).map_err(|fault| self.refusal(&fault))
    }

    /// The fault as gRPC says it; its inside goes to the log here, once.
    fn refusal(&self, fault: &Fault) -> Status {
        tracing::debug!(client = %self.identity.client(), %fault, trace_id = self.trace_id(), "call refused");
        status::status_of(fault, self.trace_id())
    }
}
