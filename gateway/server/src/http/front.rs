//! What every request passes: its trace, a net for panics, its measure, and the rendering of refusals. It knows no path.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use futures::FutureExt;
use http::{HeaderMap, HeaderValue, Method, Version, header};
use lienthong_core::exchange::TraceContext;
use lienthong_core::{Fault, FaultCode, FaultKind};

use super::problem::Refusal;
use super::trace;
use crate::listener::PeerAddress;
use crate::state::AppState;
use crate::telemetry;

/// The trace a request belongs to: a request extension.
#[derive(Debug, Clone)]
pub(crate) struct RequestTrace(pub(crate) Arc<TraceContext>);

/// What a response is measured as where no route of ours matched: a response extension, out of a bounded set.
#[derive(Debug, Clone)]
pub(crate) struct ServedAs(pub(crate) String);

/// Wraps every handler.
pub(crate) async fn front(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    let began = state.clock.monotonic();
    let trace = Arc::new(trace_of(request.headers()));
    request.extensions_mut().insert(RequestTrace(Arc::clone(&trace)));
    let mut told = Told {
        method: request.method().clone(),
        route: request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned()),
        version: request.version(),
        peer: request.extensions().get::<PeerAddress>().copied(),
    };
    let outcome = AssertUnwindSafe(next.run(request)).catch_unwind().await;
    let mut response = outcome.unwrap_or_else(|panic| panicked(panic.as_ref()));
    told.route = told.route.or(response.extensions_mut().remove::<ServedAs>().map(|ServedAs(path)| path));
    let response = rendered(response, &trace, &told);
    told.measure(state.clock.monotonic().saturating_sub(began), response.status().as_u16());
    response
}

/// Our own span where requests are traced, else what the caller sent, else a new trace.
fn trace_of(headers: &HeaderMap) -> TraceContext {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let traced = if tracing::Span::current().is_disabled() { None } else { telemetry::current_context() };
    traced.or_else(|| trace::context_of(text("traceparent"), text("tracestate"))).unwrap_or_else(trace::new_context)
}

/// What is told of a request after it is done.
struct Told {
    method: Method,
    route: Option<String>,
    version: Version,
    peer: Option<PeerAddress>,
}

impl Told {
    fn route(&self) -> &str {
        self.route.as_deref().unwrap_or("unmatched")
    }

    fn measure(&self, took: std::time::Duration, status: u16) {
        metrics::histogram!(
            "http_server_request_duration_seconds",
            "http_route" => self.route().to_owned(),
            "http_request_method" => method_name(&self.method),
            "http_response_status_code" => status.to_string(),
        )
        .record(took.as_secs_f64());
    }
}

/// Methods a metric may name; anything else would let callers invent labels.
fn method_name(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        _other => "_OTHER",
    }
}

fn rendered(mut response: Response, trace: &TraceContext, told: &Told) -> Response {
    if let Some(refusal) = response.extensions_mut().remove::<Refusal>() {
        log(&refusal, trace, told);
        let mut rendered = refusal.render(trace.trace_id());
        if let Some(allow) = response.headers_mut().remove(header::ALLOW) {
            rendered.headers_mut().insert(header::ALLOW, allow);
        }
        if refusal.fault().code == FaultCode::SlowRequest && told.version < Version::HTTP_2 {
            rendered.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        response = rendered;
    }
    let headers = response.headers_mut();
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

/// The fault's inside goes to the log here, once: our defects as errors, what callers got wrong for those who look for it.
fn log(refusal: &Refusal, trace: &TraceContext, told: &Told) {
    let fault = refusal.fault();
    let (code, trace_id, route) = (fault.code.as_str(), trace.trace_id(), told.route());
    let peer = told.peer.map(|PeerAddress(address)| tracing::field::display(address));
    match fault.kind {
        FaultKind::Internal | FaultKind::Mapping => {
            tracing::error!(code, trace_id, route, peer, detail = %fault.detail, "request failed");
        }
        FaultKind::Unreachable
        | FaultKind::Timeout
        | FaultKind::Interrupted
        | FaultKind::Throttled
        | FaultKind::Unavailable
        | FaultKind::Unauthenticated
        | FaultKind::Forbidden
        | FaultKind::Rejected
        | FaultKind::Conflict
        | FaultKind::NotFound
        | FaultKind::Unintelligible
        | FaultKind::Invalid
        | FaultKind::Expired => {
            tracing::debug!(code, trace_id, route, peer, detail = %fault.detail, "request refused");
        }
    }
}

fn panicked(panic: &(dyn std::any::Any + Send)) -> Response {
    let said = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let said = said.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default();
    let fault = Fault::new(FaultKind::Internal, FaultCode::Internal, format!("a handler panicked: {said}"));
    axum::response::IntoResponse::into_response(Refusal::from(fault))
}
