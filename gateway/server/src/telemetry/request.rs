//! A span per request, joined to the trace the caller sent (W3C). It reads no body and names no personal data.

use std::collections::HashMap;

use axum::extract::{MatchedPath, Request};
use axum::middleware::Next;
use axum::response::Response;
use lienthong_core::exchange::TraceContext;
use opentelemetry::propagation::Extractor;
use tracing::{Instrument as _, Span, field};
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

/// Middleware: runs the request inside a span named after its route.
pub async fn trace_requests(request: Request, next: Next) -> Response {
    let span = span_of(&request);
    let response = next.run(request).instrument(span.clone()).await;
    span.record("http.response.status_code", response.status().as_u16());
    response
}

fn span_of(request: &Request) -> Span {
    let route = request.extensions().get::<MatchedPath>().map_or("unmatched", MatchedPath::as_str);
    // Enabled for the exporter alone (`EXPORTED`), so that a gateway without one pays nothing for it.
    let span = tracing::debug_span!(
        target: "lienthong::request",
        "request",
        otel.name = format!("{} {route}", request.method()),
        otel.kind = "server",
        http.request.method = %request.method(),
        http.route = route,
        http.response.status_code = field::Empty,
    );
    let header = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
    if let (Some(parent), false) = (header("traceparent"), span.is_disabled()) {
        adopt(&span, &TraceContext { parent: parent.to_owned(), state: header("tracestate").map(str::to_owned) });
    }
    span
}

/// Makes `span` a child of the trace a message came with.
pub fn adopt(span: &Span, trace: &TraceContext) {
    let mut carrier = HashMap::from([("traceparent", trace.parent.as_str())]);
    if let Some(state) = &trace.state {
        carrier.insert("tracestate", state);
    }
    let carrier = Carrier(carrier);
    let context = opentelemetry::global::get_text_map_propagator(|propagator| propagator.extract(&carrier));
    // Refused only when nothing exports traces, or the span is disabled: then there is nothing to join.
    let _joined: Result<(), _> = span.set_parent(context);
}

pub(super) fn context_of(span: &Span) -> Option<TraceContext> {
    let mut fields = HashMap::new();
    opentelemetry::global::get_text_map_propagator(|propagator| {
        propagator.inject_context(&span.context(), &mut fields)
    });
    let parent = fields.remove("traceparent")?;
    Some(TraceContext { parent, state: fields.remove("tracestate").filter(|state| !state.is_empty()) })
}

struct Carrier<'t>(HashMap<&'static str, &'t str>);

impl Extractor for Carrier<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key).copied()
    }

    fn keys(&self) -> Vec<&str> {
        self.0.keys().copied().collect()
    }
}
