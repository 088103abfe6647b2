//! Traces leave by OTLP and belong to the trace the caller began; metrics are shared by the process.

use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::http::StatusCode;
use opentelemetry::trace::TracerProvider as _;
use parking_lot::Mutex;

use super::*;

const PARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

/// A collector that notes what it is sent.
async fn collector() -> (String, Arc<Mutex<Vec<(String, Vec<u8>)>>>) {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let noted = Arc::clone(&seen);
    let router = Router::new().fallback(move |request: Request| async move {
        let path = request.uri().path().to_owned();
        let body = http_body_util::BodyExt::collect(request.into_body()).await.unwrap().to_bytes();
        noted.lock().push((path, body.to_vec()));
        (StatusCode::OK, [("content-type", "application/grpc"), ("grpc-status", "0")])
    });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    (url, seen)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn spans_are_exported_within_the_callers_trace() {
    let (endpoint, seen) = collector().await;
    let provider = tracer(&OtlpModel { endpoint, sample: 1.0 }, "H56").unwrap();
    opentelemetry::global::set_text_map_propagator(TraceContextPropagator::new());
    let spans = tracing_opentelemetry::layer().with_tracer(provider.tracer("lienthong"));
    let own = tracing::subscriber::with_default(Registry::default().with(spans), || {
        let span = tracing::info_span!("attempt");
        adopt(&span, &TraceContext { parent: PARENT.to_owned(), state: Some("province=h56".to_owned()) });
        span.in_scope(current_context).unwrap()
    });
    assert_eq!(own.trace_id(), Some("4bf92f3577b34da6a3ce929d0e0e4736"));
    assert_ne!(own.parent, PARENT, "the span has an id of its own");
    assert_eq!(own.state.as_deref(), Some("province=h56"));
    let flushed = tokio::task::spawn_blocking(move || provider.shutdown_with_timeout(FLUSH)).await.unwrap();
    let seen = seen.lock();
    let (path, body) = seen.first().unwrap_or_else(|| panic!("nothing arrived: {flushed:?}"));
    assert_eq!(path, "/opentelemetry.proto.collector.trace.v1.TraceService/Export");
    let holds = |word: &[u8]| body.windows(word.len()).any(|window| window == word);
    let trace_id = 0x4bf9_2f35_77b3_4da6_a3ce_929d_0e0e_4736_u128.to_be_bytes();
    assert!(holds(b"attempt") && holds(b"lienthong.organisation") && holds(&trace_id));
}

#[test]
fn without_an_exporter_there_is_no_context_to_pass_on() {
    let context = tracing::subscriber::with_default(Registry::default(), || {
        tracing::info_span!("attempt").in_scope(current_context)
    });
    assert_eq!(context, None);
}

#[test]
fn the_metrics_recorder_is_one_for_the_process() {
    let (one, two) = (metrics().unwrap(), metrics().unwrap());
    metrics::counter!("lienthong_telemetry_test_total").increment(1);
    assert!(
        one.render().contains("lienthong_telemetry_test_total")
            && two.render().contains("lienthong_telemetry_test_total")
    );
}

#[test]
fn no_log_holds_the_messages_that_a_broker_returns_whatever_its_level() {
    for level in [None, Some("trace"), Some("lapin=trace,info")] {
        let model = TelemetryModel { level: level.map(str::to_owned), ..TelemetryModel::default() };
        assert!(filter(&model).to_string().contains("lapin::returned_messages=off"), "{level:?}");
    }
}
