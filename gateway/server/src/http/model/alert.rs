//! Alerts and their targets in the public JSON. It decides nothing.

use lienthong_core::Timestamp;
use lienthong_engine::alert::{self, Board, Health, Seen, TargetView};
use lienthong_engine::service;
use serde::Serialize;
use utoipa::ToSchema;

/// What fires, what did in the last seven days, and how targets are doing.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AlertList {
    /// When it was looked last; absent before the first look.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub at: Option<Timestamp>,
    /// Firing ones first, the newest first.
    pub alerts: Vec<Alert>,
    pub targets: Vec<AlertTarget>,
}

/// One instance of a rule's condition.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Alert {
    pub id: String,
    pub rule: String,
    pub urgent: bool,
    pub firing: bool,
    /// Made by a fire drill.
    pub drill: bool,
    /// What it is, in Vietnamese and English.
    pub summary_vi: String,
    pub summary_en: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub system: Option<String>,
    /// Where the window of time begins.
    #[schema(value_type = String, format = DateTime)]
    pub since: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    pub fired_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub resolved_at: Option<Timestamp>,
    pub count: u64,
    /// One exchange of those concerned.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sample_exchange: Option<String>,
    /// Its business key, where that is no personal datum.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sample_key: Option<String>,
    /// The console's page that shows it.
    pub page: String,
    /// Messages about it that were not sent yet.
    pub waiting: u64,
}

/// Somebody who is told.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AlertTarget {
    pub name: String,
    /// `webhook` or `email`.
    #[schema(example = "webhook")]
    pub kind: &'static str,
    /// Messages it has not been sent yet.
    pub waiting: u64,
    /// Tries in a row that failed.
    pub failures: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub next_try: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_sent: Option<Timestamp>,
    /// Of the last try that failed since the start.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_trouble_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_trouble: Option<String>,
}

/// What became of a test.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AlertTest {
    pub target: String,
    /// Whether the target took it.
    pub ok: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trouble: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
}

impl From<&Board> for AlertList {
    fn from(board: &Board) -> Self {
        let Board { at, alerts, targets } = board;
        let mut alerts: Vec<Alert> = alerts.iter().map(|(id, alert)| Alert::of(id, alert)).collect();
        alerts.sort_by_key(|alert| (!alert.firing, std::cmp::Reverse(alert.fired_at)));
        Self { at: *at, alerts, targets: targets.iter().map(AlertTarget::from).collect() }
    }
}

impl Alert {
    fn of(id: &str, alert: &alert::Alert) -> Self {
        let alert::Alert { rule, urgent, seen, fired, resolved, letters_made: _, letters, told: _ } = alert;
        let words = alert::words(seen);
        let Seen { instance: _, what: _, system, since, count, sample, page, drill } = seen;
        Self {
            id: id.to_owned(),
            rule: rule.clone(),
            urgent: *urgent,
            firing: resolved.is_none(),
            drill: *drill,
            summary_vi: words.vi,
            summary_en: words.en,
            system: system.as_ref().map(ToString::to_string),
            since: *since,
            fired_at: *fired,
            resolved_at: *resolved,
            count: *count,
            sample_exchange: sample.as_ref().map(|sample| sample.exchange.clone()),
            sample_key: sample.as_ref().and_then(|sample| sample.key.clone()),
            page: page.clone(),
            waiting: letters.len() as u64,
        }
    }
}

impl From<&TargetView> for AlertTarget {
    fn from(view: &TargetView) -> Self {
        let TargetView { name, kind, waiting, health } = view;
        let Health { failures, next_try, last_sent, last_trouble } = health;
        Self {
            name: name.clone(),
            kind,
            waiting: *waiting as u64,
            failures: *failures,
            next_try: *next_try,
            last_sent: *last_sent,
            last_trouble_at: last_trouble.as_ref().map(|(at, _)| *at),
            last_trouble: last_trouble.as_ref().map(|(_, why)| why.clone()),
        }
    }
}

impl From<service::TargetTest> for AlertTest {
    fn from(test: service::TargetTest) -> Self {
        let service::TargetTest { target, by: _, at, trouble } = test;
        Self { target, ok: trouble.is_none(), trouble, at }
    }
}
