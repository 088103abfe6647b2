//! How systems are, as the gRPC contract says it. It measures nothing.

use lienthong_proto::v1;

use crate::grpc::convert::{all, instant};
use crate::http::model::{Age, Backlog, Bulk, Condition, Latency, LookedAt, Measured, RecentAttempts, ShownSign};

impl From<Condition> for v1::Condition {
    fn from(condition: Condition) -> Self {
        let Condition { state, since, signs, session, session_seconds, recent, backlog } = condition;
        Self {
            state: state.to_owned(),
            since: since.map(instant),
            signs: all(signs),
            session: session.to_owned(),
            session_seconds,
            recent: Some(recent.into()),
            backlog: Some(backlog.into()),
        }
    }
}

impl From<ShownSign> for v1::Sign {
    fn from(ShownSign { code, text }: ShownSign) -> Self {
        Self { code: code.to_owned(), text }
    }
}

impl From<RecentAttempts> for v1::RecentAttempts {
    fn from(recent: RecentAttempts) -> Self {
        let RecentAttempts { minutes, answered, refused, failed, latency, usual_p95_ms, came_a_minute, went_a_minute } =
            recent;
        let (minutes, latency) = (u32::try_from(minutes).unwrap_or_default(), latency.map(Into::into));
        Self { minutes, answered, refused, failed, latency, usual_p95_ms, came_a_minute, went_a_minute }
    }
}

impl From<Latency> for v1::Latency {
    fn from(Latency { p50_ms, p95_ms, p99_ms }: Latency) -> Self {
        Self { p50_ms, p95_ms, p99_ms }
    }
}

impl From<Backlog> for v1::Backlog {
    fn from(backlog: Backlog) -> Self {
        let Backlog { open, drained, drained_at, unknown_because, bulk, will_miss, looked_at } = backlog;
        Self {
            open,
            drained: drained.to_owned(),
            drained_at: drained_at.map(instant),
            unknown_because: unknown_because.unwrap_or_default().to_owned(),
            bulk: bulk.map(Into::into),
            will_miss,
            looked_at: looked_at.map(Into::into),
        }
    }
}

impl From<Bulk> for v1::Bulk {
    fn from(bulk: Bulk) -> Self {
        let Bulk { count, per_hour, begins_at, takes_seconds, ends_at } = bulk;
        Self { count, per_hour, begins_at: Some(instant(begins_at)), takes_seconds, ends_at: ends_at.map(instant) }
    }
}

impl From<LookedAt> for v1::LookedAt {
    fn from(looked_at: LookedAt) -> Self {
        let LookedAt { at, complete, ages, oldest, overdue, near, later, undated, parked_at_risk, bulk } = looked_at;
        let (at, ages, oldest) = (Some(instant(at)), all(ages), oldest.map(instant));
        Self { at, complete, ages, oldest, overdue, near, later, undated, parked_at_risk, bulk }
    }
}

impl From<Age> for v1::AgeCount {
    fn from(Age { below_seconds, count }: Age) -> Self {
        Self { below_seconds, count }
    }
}

impl From<Measured> for v1::Measured {
    fn from(measured: Measured) -> Self {
        let Measured { at, answered, refused, failed, latency, came, went, watched_minutes, down_minutes } = measured;
        let (at, latency) = (Some(instant(at)), latency.map(Into::into));
        Self { at, answered, refused, failed, latency, came, went, watched_minutes, down_minutes }
    }
}
