//! How external systems are, in the public JSON. What is not known is absent, or says so; it is never a guess.

use std::time::Duration;

use lienthong_core::Timestamp;
use lienthong_core::network::SessionState;
use lienthong_engine::desk::backlog::{AGES, Drain, SystemBacklog, Why};
use lienthong_engine::desk::bulk::BulkPlan;
use lienthong_engine::desk::health::{Sign, SystemState};
use lienthong_engine::service::{Course, SystemHealth};
use lienthong_engine::vitals::{Hour, Latencies, Minute, Quantiles, RECENT_MINUTES, Rates, Recent};
use serde::Serialize;
use utoipa::ToSchema;

use super::operator::System;

/// How a system is.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Condition {
    #[schema(value_type = String, example = "up")]
    pub state: &'static str,
    /// Since when, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub since: Option<Timestamp>,
    /// What shows it.
    pub signs: Vec<ShownSign>,
    /// `open`, `opening`, `closed`, `sessionless` or `unknown`.
    #[schema(value_type = String, example = "open")]
    pub session: &'static str,
    /// How long an open session lasts yet, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session_seconds: Option<u64>,
    pub recent: RecentAttempts,
    pub backlog: Backlog,
}

/// One sign of a state.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ShownSign {
    #[schema(value_type = String, example = "closed")]
    pub code: &'static str,
    pub text: String,
}

/// What was measured in the last minutes.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RecentAttempts {
    /// Over how long, at most.
    pub minutes: i64,
    pub answered: u64,
    /// It served us, and refused the data.
    pub refused: u64,
    /// It did not serve us.
    pub failed: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub latency: Option<Latency>,
    /// What 95 in a hundred attempts took at most in the last week; absent before enough was measured.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub usual_p95_ms: Option<u64>,
    /// Deliveries that came, and that went, a minute; absent before enough was measured.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub came_a_minute: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub went_a_minute: Option<f64>,
}

/// How long attempts took at most, of so many in a hundred; up to an eighth too high.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Latency {
    pub p50_ms: u64,
    pub p95_ms: u64,
    pub p99_ms: u64,
}

/// What waits for a system.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Backlog {
    /// What goes by itself, parked ones apart.
    pub open: u64,
    /// `nothing`, `at`, `never` (as much comes as goes) or `unknown`.
    #[schema(value_type = String, example = "at")]
    pub drained: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub drained_at: Option<Timestamp>,
    /// Why it is unknown: `nothing_goes`, `not_measured`, `not_a_system`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub unknown_because: Option<&'static str>,
    /// How long bulk traffic takes, where any waits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bulk: Option<Bulk>,
    /// Promised dates that have not passed and will have when their turn comes; absent where that cannot be told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub will_miss: Option<u64>,
    /// What waits by age and date, as it was last looked at; absent before the first look.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub looked_at: Option<LookedAt>,
}

/// How long bulk traffic takes within its hours and its hourly cap; it goes after live traffic.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Bulk {
    pub count: u64,
    /// An hour, at most; absent where nothing limits it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub per_hour: Option<u64>,
    #[schema(value_type = String, format = DateTime)]
    pub begins_at: Timestamp,
    /// Absent where no cap tells.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub takes_seconds: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub ends_at: Option<Timestamp>,
}

/// What waits by age and date, parked ones included.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct LookedAt {
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// Whether it was all that waits; otherwise these are the least.
    pub complete: bool,
    pub ages: Vec<Age>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub oldest: Option<Timestamp>,
    /// The promised date has passed, the time the system was down not counted.
    pub overdue: u64,
    /// It passes within four working hours.
    pub near: u64,
    pub later: u64,
    pub undated: u64,
    /// What is parked, among those overdue and near.
    pub parked_at_risk: u64,
    pub bulk: u64,
}

/// How many are so old.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Age {
    /// Younger than this; absent for what is older than all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub below_seconds: Option<u64>,
    pub count: u64,
}

/// One system with what was measured over time.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SystemDetail {
    pub system: System,
    /// The last three hours; minutes in which nothing was watched are left out.
    pub minutes: Vec<Measured>,
    /// By hour, the last week unless asked for more.
    pub hours: Vec<Measured>,
}

/// A minute or an hour.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Measured {
    /// When it began.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    pub answered: u64,
    pub refused: u64,
    pub failed: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub latency: Option<Latency>,
    pub came: u64,
    pub went: u64,
    /// Minutes of it in which the system was watched, and of those in which it was down.
    pub watched_minutes: u32,
    pub down_minutes: u32,
}

impl From<&SystemHealth> for Condition {
    fn from(health: &SystemHealth) -> Self {
        let (session, session_seconds) = match health.session {
            SessionState::Open(left) => ("open", left.map(|left| left.as_secs())),
            SessionState::Opening => ("opening", None),
            SessionState::Closed => ("closed", None),
            SessionState::Sessionless => ("sessionless", None),
            SessionState::Unknown => ("unknown", None),
        };
        let sign = |sign: &Sign| ShownSign { code: sign.code(), text: sign.to_string() };
        Self {
            state: SystemState::as_str(health.state),
            since: health.since,
            signs: health.signs.iter().map(sign).collect(),
            session,
            session_seconds,
            recent: RecentAttempts::from(&health.recent),
            backlog: Backlog::from(health),
        }
    }
}

impl From<&Recent> for RecentAttempts {
    fn from(recent: &Recent) -> Self {
        let Recent { answered, refused, failed, quantiles, rates, usual_p95, last_success: _ } = recent;
        let a_minute = |rate: fn(&Rates) -> f64| rates.as_ref().map(|rates| (rate(rates) * 600.0).round() / 10.0);
        Self {
            minutes: RECENT_MINUTES,
            answered: *answered,
            refused: *refused,
            failed: *failed,
            latency: quantiles.map(Latency::from),
            usual_p95_ms: usual_p95.map(millis),
            came_a_minute: a_minute(|rates| rates.came),
            went_a_minute: a_minute(|rates| rates.went),
        }
    }
}

impl From<Quantiles> for Latency {
    fn from(Quantiles { p50, p95, p99 }: Quantiles) -> Self {
        Self { p50_ms: millis(p50), p95_ms: millis(p95), p99_ms: millis(p99) }
    }
}

impl From<&SystemHealth> for Backlog {
    fn from(health: &SystemHealth) -> Self {
        let (drained, drained_at, unknown_because) = match health.drain {
            Drain::Nothing => ("nothing", None, None),
            Drain::At(at) => ("at", Some(at), None),
            Drain::Never => ("never", None, None),
            Drain::Unknown(Why::NothingGoes) => ("unknown", None, Some("nothing_goes")),
            Drain::Unknown(Why::NotMeasured) => ("unknown", None, Some("not_measured")),
            Drain::Unknown(Why::NotASystem) => ("unknown", None, Some("not_a_system")),
        };
        let looked_at = health.backlog.as_ref().map(|(backlog, at, complete)| LookedAt::of(backlog, *at, *complete));
        let bulk = health.bulk.map(|BulkPlan { count, per_hour, begins, takes, ends }| Bulk {
            count,
            per_hour,
            begins_at: begins,
            takes_seconds: takes.map(|takes| takes.as_secs()),
            ends_at: ends,
        });
        Self { open: health.open, drained, drained_at, unknown_because, bulk, will_miss: health.will_miss, looked_at }
    }
}

impl LookedAt {
    fn of(backlog: &SystemBacklog, at: Timestamp, complete: bool) -> Self {
        let SystemBacklog { ages, oldest, overdue, near, later, undated, parked_at_risk, queue: _, bulk } = backlog;
        let bounds = AGES.iter().map(|bound| Some(bound.as_secs())).chain([None]);
        let ages = bounds.zip(ages).map(|(below_seconds, count)| Age { below_seconds, count: *count }).collect();
        Self {
            at,
            complete,
            ages,
            oldest: *oldest,
            overdue: *overdue,
            near: *near,
            later: *later,
            undated: *undated,
            parked_at_risk: *parked_at_risk,
            bulk: *bulk,
        }
    }
}

impl SystemDetail {
    pub fn of(health: SystemHealth, course: &Course) -> Self {
        let Course { minutes, hours } = course;
        Self {
            system: System::from(health),
            minutes: minutes.iter().map(Measured::from).collect(),
            hours: hours.iter().map(Measured::from).collect(),
        }
    }
}

fn latency(latencies: &Latencies) -> Option<Latency> {
    latencies.quantiles().map(Latency::from)
}

impl From<&Minute> for Measured {
    fn from(measured: &Minute) -> Self {
        let Minute { minute: _, answered, refused, failed, latencies, came, went, open: _, down } = measured;
        Self {
            at: measured.begins(),
            answered: u64::from(*answered),
            refused: u64::from(*refused),
            failed: u64::from(*failed),
            latency: latency(latencies),
            came: *came,
            went: *went,
            watched_minutes: u32::from(down.is_some()),
            down_minutes: u32::from(*down == Some(true)),
        }
    }
}

impl From<&(Timestamp, Hour)> for Measured {
    fn from((at, hour): &(Timestamp, Hour)) -> Self {
        let Hour { answered, refused, failed, latencies, came, went, watched, down, last_success: _ } = hour;
        Self {
            at: *at,
            answered: *answered,
            refused: *refused,
            failed: *failed,
            latency: latency(latencies),
            came: *came,
            went: *went,
            watched_minutes: watched.count_ones(),
            down_minutes: down.count_ones(),
        }
    }
}

fn millis(of: Duration) -> u64 {
    u64::try_from(of.as_millis()).unwrap_or(u64::MAX)
}
