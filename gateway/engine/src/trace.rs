//! Joins the engine's spans to the trace a message came with, where someone exports traces. It knows no exporter.

use std::sync::OnceLock;

use lienthong_core::exchange::TraceContext;
use tracing::Span;

type Join = fn(&Span, &TraceContext);

static JOIN: OnceLock<Join> = OnceLock::new();

/// Says how a span becomes part of a trace; the first to say it is kept for the process.
pub fn join_with(join: Join) {
    JOIN.get_or_init(|| join);
}

/// Makes `span` a child of `trace`, when there is one and spans are exported.
pub(crate) fn join(span: &Span, trace: Option<&TraceContext>) {
    if let (Some(join), Some(trace)) = (JOIN.get(), trace) {
        join(span, trace);
    }
}
