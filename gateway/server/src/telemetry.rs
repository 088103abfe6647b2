//! Logs, traces and metrics of the process: set up once, flushed at the end. It decides nothing about what is logged.

mod request;

use std::io::IsTerminal as _;
use std::sync::OnceLock;
use std::time::Duration;

use lienthong_core::exchange::TraceContext;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use opentelemetry::KeyValue;
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_otlp::WithExportConfig as _;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::{Sampler, SdkTracerProvider};
use tokio_util::sync::CancellationToken;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer, Registry};

use crate::config::{LogFormat, OtlpModel, TelemetryModel};

pub use request::{adopt, trace_requests};

/// The environment variable whose filter wins over the configuration's.
pub const LOG_VARIABLE: &str = "LIENTHONG_LOG";
/// What is exported as spans: whatever the logs show, and every request.
const EXPORTED: &str = "info,lienthong::request=debug,lapin::returned_messages=off";
/// How often what histograms were told is taken up.
const UPKEEP: Duration = Duration::from_secs(5);
/// Longest wait for traces to leave at the end.
const FLUSH: Duration = Duration::from_secs(5);
/// Upper bounds of histogram buckets, in seconds: from a local commit to a system that hangs.
const BUCKETS: [f64; 15] =
    [0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0];

/// Keeps traces flowing; [`Telemetry::shut_down`] sends the last ones.
#[must_use]
pub struct Telemetry {
    tracer: Option<SdkTracerProvider>,
}

/// Sets up logs and traces for the whole process, once; must be called inside a runtime when traces are exported.
/// Logs go to standard error, so that a command's output stays clean.
pub fn init(model: &TelemetryModel, organisation: &str) -> anyhow::Result<Telemetry> {
    let tracer = model.otlp.as_ref().map(|otlp| tracer(otlp, organisation)).transpose()?;
    opentelemetry::global::set_text_map_propagator(TraceContextPropagator::new());
    let mut layers = vec![log_layer(model)];
    if let Some(provider) = &tracer {
        lienthong_engine::trace::join_with(adopt);
        let spans = tracing_opentelemetry::layer().with_tracer(provider.tracer("lienthong"));
        layers.push(spans.with_filter(EnvFilter::new(EXPORTED)).boxed());
    }
    Registry::default().with(layers).try_init()?;
    Ok(Telemetry { tracer })
}

/// Readable logs of the programs' own commands (`sandbox`, `bench`, `simulate`); set up once, a second call changes nothing.
pub fn init_readable(level: &str) {
    let model = TelemetryModel { format: LogFormat::Readable, level: Some(level.to_owned()), otlp: None };
    // Already set up by someone else in this process: theirs stays.
    let _already: Result<(), _> = Registry::default().with(log_layer(&model)).try_init();
}

fn log_layer(model: &TelemetryModel) -> Box<dyn Layer<Registry> + Send + Sync> {
    let layer =
        tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_ansi(std::io::stderr().is_terminal());
    match model.format {
        LogFormat::Json => layer
            .json()
            .flatten_event(true)
            .with_current_span(true)
            .with_span_list(false)
            .with_filter(filter(model))
            .boxed(),
        LogFormat::Readable => layer.with_target(false).with_filter(filter(model)).boxed(),
    }
}

fn filter(model: &TelemetryModel) -> EnvFilter {
    let level = std::env::var(LOG_VARIABLE).ok().or_else(|| model.level.clone());
    // Whole messages stand in what this library says of those that a broker returns: nobody's log may hold them.
    EnvFilter::new(level.as_deref().unwrap_or("info").to_owned() + ",lapin::returned_messages=off")
}

fn tracer(otlp: &OtlpModel, organisation: &str) -> anyhow::Result<SdkTracerProvider> {
    let exporter = opentelemetry_otlp::SpanExporter::builder().with_tonic().with_endpoint(&otlp.endpoint).build()?;
    let resource = Resource::builder()
        .with_service_name("lienthong")
        .with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
        .with_attribute(KeyValue::new("lienthong.organisation", organisation.to_owned()))
        .build();
    // A trace begun by a client is continued as it decided; only traces begun here are sampled.
    let sampler = Sampler::ParentBased(Box::new(Sampler::TraceIdRatioBased(otlp.sample)));
    Ok(SdkTracerProvider::builder().with_batch_exporter(exporter).with_sampler(sampler).with_resource(resource).build())
}

impl Telemetry {
    /// Sends what is left, within a bound. Blocks: call it last.
    pub fn shut_down(self) {
        if let Some(Err(error)) = self.tracer.map(|tracer| tracer.shutdown_with_timeout(FLUSH)) {
            tracing::warn!(%error, "the last traces were not sent");
        }
    }
}

/// The process's metrics recorder, installed on first use. A second gateway in one process shares it.
pub fn metrics() -> anyhow::Result<PrometheusHandle> {
    static HANDLE: OnceLock<PrometheusHandle> = OnceLock::new();
    if let Some(handle) = HANDLE.get() {
        return Ok(handle.clone());
    }
    let recorder = PrometheusBuilder::new().set_buckets(&BUCKETS)?.build_recorder();
    let handle = HANDLE.get_or_init(|| recorder.handle()).clone();
    // Another thread may have been faster; the handle in the cell then belongs to its recorder.
    if let Err(error) = metrics::set_global_recorder(recorder) {
        tracing::debug!(%error, "a metrics recorder was installed already");
    }
    Ok(handle)
}

/// Histograms keep what they are told until someone reads them: takes it up every few seconds, so that a gateway nobody scrapes
/// does not grow.
pub(crate) fn keep_up(handle: PrometheusHandle, stopping: CancellationToken) {
    tokio::spawn(async move {
        let mut ticks = tokio::time::interval(UPKEEP);
        loop {
            tokio::select! {
                () = stopping.cancelled() => return,
                _ = ticks.tick() => handle.run_upkeep(),
            }
        }
    });
}

/// The trace of the span we are in, as it is passed on and stored; `None` when nothing is traced.
pub fn current_context() -> Option<TraceContext> {
    request::context_of(&tracing::Span::current())
}

#[cfg(test)]
mod tests;
