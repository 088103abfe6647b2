//! `gateway.yaml`: the process itself. It names no system, client or route.

use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use lienthong_core::OperationName;
use lienthong_core::secret::SecretRef;
use lienthong_engine::drill::TestKeys;
use lienthong_engine::report::{ReportFields, Reports};
use schemars::JsonSchema;
use serde::Deserialize;

use super::amqp::BrokerModel;
use super::approval::ApprovalModel;
use super::console::ConsoleModel;
use super::expiry::ExpiresModel;
use super::promises::PromisesModel;
use super::types::{Size, Span};

/// The gateway's own settings.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GatewayModel {
    /// The organisation this gateway works for, as its logs and metrics name it.
    pub organisation: String,
    pub listen: ListenModel,
    pub journal: JournalModel,
    /// The message broker that clients' queues are at; none when left out.
    #[serde(default)]
    pub amqp: Option<BrokerModel>,
    /// The operators' console.
    #[serde(default)]
    pub console: ConsoleModel,
    /// What one person alone may not do.
    #[serde(default)]
    pub approval: ApprovalModel,
    #[serde(default)]
    pub limits: LimitsModel,
    #[serde(default)]
    pub retention: RetentionModel,
    #[serde(default)]
    pub telemetry: TelemetryModel,
    #[serde(default)]
    pub search: SearchModel,
    #[serde(default)]
    pub drills: DrillsModel,
    /// Secrets of this file of which somebody knows until when they are accepted.
    #[serde(default)]
    pub expires: Vec<ExpiresModel>,
    #[serde(default)]
    pub reports: ReportsModel,
    /// When the time of promised dates stands still.
    #[serde(default)]
    pub promises: PromisesModel,
    #[serde(default)]
    pub shutdown: ShutdownModel,
}

/// The one port for HTTP and gRPC.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ListenModel {
    /// Address and port; port 0 takes a free one.
    #[schemars(with = "String")]
    pub address: SocketAddr,
    /// Without it the port speaks plain HTTP: only on loopback or behind a proxy that encrypts.
    #[serde(default)]
    pub tls: Option<TlsModel>,
}

/// PEM files; they are read again on reload. A relative path begins at the configuration folder.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TlsModel {
    /// The certificate with its chain.
    pub certificate: PathBuf,
    /// The certificate's private key, as a reference: `file:` or `env:`.
    pub key: SecretRef,
    /// Authorities that sign clients' certificates; without it clients can use API keys only.
    #[serde(default)]
    pub client_ca: Option<PathBuf>,
}

/// Where everything is kept.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct JournalModel {
    /// The journal's folder; a relative path begins at the configuration folder. One gateway per folder.
    pub folder: PathBuf,
    /// With less free space nothing new is accepted (503), while outcomes are still written.
    #[serde(default = "two_gib")]
    pub accept_above: Size,
    /// With less free space sending stops too.
    #[serde(default = "half_gib")]
    pub send_above: Size,
}

/// Limits of the port.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct LimitsModel {
    /// Largest request body; an operation may allow less.
    pub body: Size,
    /// Requests handled at once; more are answered 429 with Retry-After.
    pub concurrent_requests: NonZeroUsize,
    /// Request bodies in memory at once.
    pub bytes_in_flight: Size,
    /// Longest wait for a request's body.
    pub read_timeout: Span,
    /// Event streams open at once.
    pub event_streams: NonZeroUsize,
    /// Largest file kept that came with a message; a system may allow less.
    pub file: Size,
    /// Files sent to clients at once; more are answered 429 with Retry-After.
    pub file_downloads: NonZeroUsize,
}

/// How long things are kept. Idempotency keys are kept 400 days whatever stands here.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RetentionModel {
    /// Bodies of finished exchanges.
    pub bodies: Span,
    /// Files that came with messages, counted from when they were stored last; at least as long as bodies, which tell of them.
    pub files: Span,
    /// Finished exchanges with their deliveries and attempts; at least as long as bodies.
    pub exchanges: Span,
    /// The event log; at least as long as exchanges.
    pub events: Span,
    /// How often the removal of what is too old begins.
    pub every: Span,
}

/// Logs and traces.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct TelemetryModel {
    /// `json` for machines, `readable` for people.
    pub format: LogFormat,
    /// A level (`info`) or a filter (`info,lienthong_engine=debug`). The environment variable LIENTHONG_LOG wins.
    pub level: Option<String>,
    /// Where traces are sent by OTLP over gRPC; nowhere when left out.
    pub otlp: Option<OtlpModel>,
}

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    #[default]
    Json,
    Readable,
}

/// An OpenTelemetry collector.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OtlpModel {
    /// The collector's gRPC address, such as `http://127.0.0.1:4317`.
    pub endpoint: String,
    /// The share of exchanges that begin a trace here, from 0 to 1; a trace begun by a client is always continued.
    #[serde(default = "everything")]
    pub sample: f64,
}

/// What operators find exchanges by.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SearchModel {
    /// The key under which names and numbers of people are made searchable: only keyed digests of them are stored for it. At least 32
    /// random bytes, as a reference: `file:` or `env:`. Without it people are not found by name or number. With another key, what was
    /// accepted before is not found by them any more.
    pub personal_key: Option<SecretRef>,
}

/// Fire drills.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct DrillsModel {
    /// Keys of test dossiers, exactly or with a star at the end (`H56.14-000101-*`): drills are for these alone. None: no drills.
    pub test_keys: Vec<String>,
}

/// What reports tell units and procedures by.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ReportsModel {
    /// One entry an operation. What of it is not told here is counted without procedure, for the unit its client acted for.
    pub fields: Vec<ReportFieldsModel>,
}

/// Where an operation's body tells what is reported by: JSON pointers.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReportFieldsModel {
    /// An operation, or a message that systems push.
    #[schemars(with = "String")]
    pub operation: OperationName,
    #[serde(default)]
    pub unit: Option<String>,
    #[serde(default)]
    pub procedure: Option<String>,
    /// The date promised, where the message itself carries it: a time with its offset.
    #[serde(default)]
    pub due: Option<String>,
}

/// How the gateway stops.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ShutdownModel {
    /// Longest wait for requests and sends in flight; what is still in flight then is settled at the next start.
    pub drain: Span,
}

impl ReportsModel {
    pub(crate) fn reports(&self) -> Reports {
        let of = |model: &ReportFieldsModel| {
            let ReportFieldsModel { operation, unit, procedure, due } = model.clone();
            (operation, ReportFields { unit, procedure, due })
        };
        Reports(self.fields.iter().map(of).collect())
    }

    fn check(&self, note: &mut impl FnMut(&'static str, &str, &str)) {
        let pointers = self.fields.iter().flat_map(|of| [&of.unit, &of.procedure, &of.due]);
        if pointers.flatten().any(|pointer| !pointer.starts_with('/')) {
            note("/reports/fields", "a field is no JSON pointer", "write it as in RFC 6901: `/owner/name`");
        }
    }
}

impl Default for LimitsModel {
    fn default() -> Self {
        Self {
            body: Size(lienthong_core::limits::BODY_BYTES as u64),
            concurrent_requests: nonzero(512),
            bytes_in_flight: Size(256 << 20),
            read_timeout: seconds(30),
            event_streams: nonzero(256),
            file: Size(1 << 30),
            file_downloads: nonzero(16),
        }
    }
}

impl Default for RetentionModel {
    fn default() -> Self {
        Self {
            bodies: seconds(90 * DAY),
            files: seconds(180 * DAY),
            exchanges: seconds(400 * DAY),
            events: seconds(400 * DAY),
            every: seconds(3600),
        }
    }
}

impl Default for ShutdownModel {
    fn default() -> Self {
        Self { drain: seconds(30) }
    }
}

const DAY: u64 = 86_400;

fn seconds(seconds: u64) -> Span {
    Span(Duration::from_secs(seconds))
}

fn nonzero(number: usize) -> NonZeroUsize {
    NonZeroUsize::new(number).unwrap_or(NonZeroUsize::MIN)
}

fn two_gib() -> Size {
    Size(2 << 30)
}

fn half_gib() -> Size {
    Size(512 << 20)
}

fn everything() -> f64 {
    1.0
}

impl DrillsModel {
    fn check(&self) -> Vec<String> {
        let problem = |pattern: &String| {
            let problem = TestKeys::problem(pattern)?;
            Some(format!("`{pattern}` cannot name test keys: {problem}"))
        };
        self.test_keys.iter().filter_map(problem).collect()
    }
}

impl GatewayModel {
    /// What is wrong beyond single values, as (pointer, problem, remedy).
    pub(crate) fn check(&self) -> Vec<(&'static str, String, String)> {
        let mut found = Vec::new();
        let mut note =
            |pointer, problem: &str, remedy: &str| found.push((pointer, problem.to_owned(), remedy.to_owned()));
        if self.organisation.trim().is_empty() {
            note("/organisation", "`organisation` is empty", "name the organisation, for example its code H56");
        }
        if self.journal.send_above > self.journal.accept_above {
            let remedy = "accepting must stop first, to keep room for the outcomes of what is sent";
            note("/journal/send_above", "`send_above` is larger than `accept_above`", remedy);
        }
        if self.retention.exchanges < self.retention.bodies {
            note(
                "/retention/exchanges",
                "`exchanges` is shorter than `bodies`",
                "keep exchanges at least as long as their bodies",
            );
        }
        if self.retention.files < self.retention.bodies {
            note(
                "/retention/files",
                "`files` is shorter than `bodies`",
                "keep files at least as long as the bodies that tell of them",
            );
        }
        if self.retention.events < self.retention.exchanges {
            note(
                "/retention/events",
                "`events` is shorter than `exchanges`",
                "keep events at least as long as exchanges",
            );
        }
        if (self.limits.bytes_in_flight.0) < self.limits.body.0 {
            let remedy = "allow at least one whole request body";
            note("/limits/bytes_in_flight", "`bytes_in_flight` is smaller than `body`", remedy);
        }
        for (pointer, size) in [("/limits/body", self.limits.body), ("/limits/file", self.limits.file)] {
            if size.0 == 0 {
                let name = pointer.rsplit('/').next().unwrap_or_default();
                note(pointer, &format!("`{name}` is 0"), "allow at least a few KiB");
            }
        }
        self.drills.check().iter().for_each(|problem| {
            note("/drills/test_keys", problem, "name test keys narrowly: H56.14-000101-*");
        });
        self.reports.check(&mut note);
        if let Some((pointer, problem, remedy)) = self.console.check() {
            note(pointer, problem, remedy);
        }
        if let Some(otlp) = &self.telemetry.otlp {
            if !(0.0..=1.0).contains(&otlp.sample) {
                note("/telemetry/otlp/sample", "`sample` is not a share", "give a number from 0 to 1");
            }
            let url = reqwest::Url::parse(&otlp.endpoint).ok();
            if !url.is_some_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host()) {
                note("/telemetry/otlp/endpoint", "`endpoint` is not an address", "write it like http://127.0.0.1:4317");
            }
        }
        if let Some(level) = &self.telemetry.level
            && tracing_subscriber::EnvFilter::builder().parse(level).is_err()
        {
            note(
                "/telemetry/level",
                "`level` is no log filter",
                "write a level such as info, or info,lienthong_engine=debug",
            );
        }
        found
    }
}
