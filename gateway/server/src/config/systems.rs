//! `systems/*.yaml`: external systems and how each is treated. An adapter's own settings are read by its own type.

use std::collections::BTreeMap;
use std::num::{NonZeroU32, NonZeroUsize};

use lienthong_core::{FaultKind, RetryPolicy, SystemId};
use lienthong_engine::SystemPolicy;
use lienthong_engine::callback::is_callback;
use lienthong_engine::config::{BulkPolicy, GatePolicy, MaintenanceWindow};
use lienthong_engine::queue::is_queue;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;

use super::expiry::ExpiresModel;
use super::silence::SilenceModel;
use super::types::{Instant, RateModel, Span, TimeOfDay};

/// One external system.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SystemModel {
    /// The name operations and routes use: `portal` gives `portal.sync-dossier`.
    #[schemars(with = "String")]
    pub(crate) id: SystemId,
    /// Which adapter speaks to it.
    pub(crate) adapter: AdapterKind,
    /// A disabled system is not there at all: its routes must be disabled too. To stop sending for a while, pause it.
    #[serde(default = "yes")]
    pub(crate) enabled: bool,
    #[serde(default)]
    pub(crate) policy: PolicyModel,
    /// How long it may push and answer polls with nothing before that is reported; learned from earlier weeks when left out.
    #[serde(default)]
    pub(crate) silence: Option<SilenceModel>,
    /// Secrets of which somebody knows until when they are accepted, so that it is shown and told in time.
    #[serde(default)]
    pub(crate) expires: Vec<ExpiresModel>,
    /// The adapter's own settings.
    #[serde(default)]
    #[schemars(schema_with = "any_settings")]
    #[expect(dead_code, reason = "keeps the key known; the adapter's type reads what stands there")]
    pub(crate) settings: Settings,
}

/// The adapters this program has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum AdapterKind {
    /// The land registry: VBDLIS or VNPT iLIS.
    Land,
    /// The national population database.
    Population,
    /// The national public service portal.
    Portal,
    /// A system that its settings alone describe.
    Rest,
    /// The tax authority's gateway (GIP).
    Tax,
}

/// The settings of whichever adapter it is.
fn any_settings(generator: &mut SchemaGenerator) -> Schema {
    let of = [
        generator.subschema_for::<lienthong_land::LandConfig>(),
        generator.subschema_for::<lienthong_population::PopulationConfig>(),
        generator.subschema_for::<lienthong_portal::PortalConfig>(),
        generator.subschema_for::<lienthong_rest::RestConfig>(),
        generator.subschema_for::<lienthong_tax::TaxConfig>(),
    ];
    json_schema!({ "anyOf": of })
}

/// Stands where an adapter's settings stand; they are read from the tree by the adapter's type.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Settings;

impl<'de> Deserialize<'de> for Settings {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        serde::de::IgnoredAny::deserialize(deserializer).map(|_| Self)
    }
}

/// How one system is treated. Everything has a default.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct PolicyModel {
    /// Calls in flight at once (16).
    pub(crate) concurrency: Option<NonZeroU32>,
    /// Calls begun per second; unlimited when left out.
    pub(crate) rate: Option<RateModel>,
    /// How long one call may take (30s).
    pub(crate) timeout: Option<Span>,
    /// Waits between failed attempts of one delivery.
    pub(crate) retry: RetryModel,
    /// Other waits after faults of one kind, by the kind's name (`internal`, `timeout`, …).
    pub(crate) retry_by_kind: BTreeMap<KindName, RetryModel>,
    /// When the system counts as down, and how it is tried again.
    pub(crate) gate: GateModel,
    /// Times in which nothing is sent.
    pub(crate) maintenance: Vec<WindowModel>,
    /// When and how fast traffic of class bulk goes.
    pub(crate) bulk: BulkModel,
    /// Ready deliveries kept in memory per client and class (1024); the rest waits on disk.
    pub(crate) window: Option<NonZeroUsize>,
}

/// A fault kind that can be retried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct KindName(pub(crate) FaultKind);

impl Ord for KindName {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.as_str().cmp(other.0.as_str())
    }
}

impl PartialOrd for KindName {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl<'de> Deserialize<'de> for KindName {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let kind = FaultKind::ALL.into_iter().find(|kind| kind.as_str() == text);
        kind.map(Self).ok_or_else(|| {
            let known: Vec<_> = FaultKind::ALL.iter().map(|kind| kind.as_str()).collect();
            serde::de::Error::custom(format!("`{text}` is no fault kind; there are {}", known.join(", ")))
        })
    }
}

impl JsonSchema for KindName {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "FaultKind".into()
    }
    fn inline_schema() -> bool {
        true
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let known: Vec<_> = FaultKind::ALL.iter().map(|kind| kind.as_str()).collect();
        json_schema!({ "type": "string", "enum": known })
    }
}

/// Exponential backoff with full jitter.
#[derive(Debug, Clone, Copy, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct RetryModel {
    /// Failed attempts before the delivery is parked (8).
    pub(crate) budget: Option<NonZeroU32>,
    /// The first wait is drawn from nothing to this (1s).
    pub(crate) first: Option<Span>,
    /// No wait is longer (15m).
    pub(crate) longest: Option<Span>,
}

/// When a system counts as down.
#[derive(Debug, Clone, Copy, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct GateModel {
    /// Failures of the system (not of the data) in a row that close the gate (5).
    pub(crate) failures: Option<NonZeroU32>,
    /// Wait before the first probe (1s); doubles after each that fails.
    pub(crate) probe_first: Option<Span>,
    /// Longest wait between probes (60s).
    pub(crate) probe_longest: Option<Span>,
    /// After reopening, calls at once double each time this many succeeded (4).
    pub(crate) ramp_every: Option<NonZeroU32>,
}

/// A time in which nothing is sent.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
pub(crate) enum WindowModel {
    /// Every day, local to Asia/Ho_Chi_Minh; across midnight when `until` is earlier than `from`.
    Daily {
        from: TimeOfDay,
        until: TimeOfDay,
    },
    Once {
        from: Instant,
        until: Instant,
    },
}

/// What traffic of class bulk may use.
#[derive(Debug, Clone, Copy, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct BulkModel {
    /// Only in this daily window, local to Asia/Ho_Chi_Minh; always when left out.
    pub(crate) window: Option<DailyModel>,
    /// Deliveries an hour; unlimited when left out.
    pub(crate) per_hour: Option<NonZeroU32>,
}

/// From one time of day to another.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DailyModel {
    pub(crate) from: TimeOfDay,
    pub(crate) until: TimeOfDay,
}

fn yes() -> bool {
    true
}

impl SystemModel {
    /// What is wrong beyond single values, as (pointer, problem, remedy).
    pub(crate) fn check(&self) -> Vec<(String, String, String)> {
        let below =
            |(pointer, problem, remedy): (String, String, String)| (format!("/policy{pointer}"), problem, remedy);
        let mut found: Vec<_> = self.policy.check().into_iter().map(below).collect();
        let reserved = "choose another name: `inbox` stands for clients' own inboxes, `callback-…` for their callbacks, `queue-…` for their queues, `gateway` for this one, and operations need a name without a dot";
        let gateway = self.id.as_str() == lienthong_engine::internal::SYSTEM;
        if self.id.is_inbox()
            || gateway
            || is_callback(&self.id)
            || is_queue(&self.id)
            || self.id.as_str().contains('.')
        {
            found.push(("/id".to_owned(), format!("`{}` cannot name a system", self.id), reserved.to_owned()));
        }
        found
    }
}

impl RetryModel {
    pub(crate) fn policy(self, otherwise: RetryPolicy) -> RetryPolicy {
        RetryPolicy {
            budget: self.budget.map_or(otherwise.budget, NonZeroU32::get),
            first: self.first.map_or(otherwise.first, |span| span.0),
            longest: self.longest.map_or(otherwise.longest, |span| span.0),
        }
    }
}

impl PolicyModel {
    pub(crate) fn policy(&self) -> SystemPolicy {
        let base = SystemPolicy::default();
        let retry = self.retry.policy(base.retry);
        SystemPolicy {
            concurrency: self.concurrency.unwrap_or(base.concurrency),
            rate: self.rate.map(RateModel::policy),
            timeout: self.timeout.map_or(base.timeout, |span| span.0),
            retry,
            retry_by_kind: self
                .retry_by_kind
                .iter()
                .map(|(kind, model)| (kind.0.as_str(), model.policy(retry)))
                .collect(),
            gate: self.gate.policy(base.gate),
            maintenance: self.maintenance.iter().map(|window| window.window()).collect(),
            bulk: BulkPolicy {
                window: self.bulk.window.map(|window| (window.from.0, window.until.0)),
                per_hour: self.bulk.per_hour,
            },
            window: self.window.map_or(base.window, NonZeroUsize::get),
        }
    }

    /// What is wrong beyond single values, as (pointer below the policy, problem, remedy).
    fn check(&self) -> Vec<(String, String, String)> {
        let mut found = Vec::new();
        let mut note =
            |pointer: String, problem: &str, remedy: &str| found.push((pointer, problem.to_owned(), remedy.to_owned()));
        let policy = self.policy();
        if policy.retry.first > policy.retry.longest {
            note(
                "/retry/first".into(),
                "`first` is longer than `longest`",
                "the first wait is the shortest: exchange them",
            );
        }
        for (kind, retry) in &policy.retry_by_kind {
            if retry.first > retry.longest {
                let remedy = "the first wait is the shortest: exchange them, or give both";
                note(format!("/retry_by_kind/{kind}/first"), "`first` is longer than `longest`", remedy);
            }
        }
        if policy.gate.probe_first > policy.gate.probe_longest {
            note(
                "/gate/probe_first".into(),
                "`probe_first` is longer than `probe_longest`",
                "exchange them, or give both",
            );
        }
        for (place, window) in self.maintenance.iter().enumerate() {
            let empty = match window {
                WindowModel::Daily { from, until } => from == until,
                WindowModel::Once { from, until } => from >= until,
            };
            if empty {
                note(format!("/maintenance/{place}"), "this window is empty", "`until` must be later than `from`");
            }
        }
        if self.bulk.window.is_some_and(|window| window.from == window.until) {
            note("/bulk/window".into(), "this window is empty", "leave it out to allow bulk traffic at any time");
        }
        found
    }
}

impl GateModel {
    pub(crate) fn policy(self, base: GatePolicy) -> GatePolicy {
        GatePolicy {
            failures: self.failures.unwrap_or(base.failures),
            probe_first: self.probe_first.map_or(base.probe_first, |span| span.0),
            probe_longest: self.probe_longest.map_or(base.probe_longest, |span| span.0),
            ramp_every: self.ramp_every.unwrap_or(base.ramp_every),
        }
    }
}

impl WindowModel {
    fn window(self) -> MaintenanceWindow {
        match self {
            Self::Daily { from, until } => MaintenanceWindow::Daily { from: from.0, until: until.0 },
            Self::Once { from, until } => MaintenanceWindow::Once { from: from.0, until: until.0 },
        }
    }
}
