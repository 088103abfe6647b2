//! Clients' quotas: a token bucket each on monotonic time, and open deliveries from a count read at most once a second. It stores nothing durable.

use std::collections::HashMap;
use std::time::Duration;

use lienthong_core::ClientId;
use lienthong_journal::{BacklogRow, Journal, JournalError};
use parking_lot::Mutex;

use crate::config::{ClientPolicy, RatePolicy};
use crate::queue::is_queue;

/// How old the count of open deliveries may be.
const OPEN_COUNTED_EVERY: Duration = Duration::from_secs(1);
/// When a client over its open deliveries may try again.
const OPEN_RETRY_AFTER: Duration = Duration::from_secs(5);
/// The longest wait told to a client whose rate is (nearly) nothing.
const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(3600);

/// Why a submission is over the quota.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Excess {
    Rate { retry_after: Duration },
    Open { limit: u64, retry_after: Duration },
}

impl Excess {
    pub(super) fn retry_after(self) -> Duration {
        match self {
            Self::Rate { retry_after } | Self::Open { retry_after, .. } => retry_after,
        }
    }
}

/// All clients' quotas. Holds a bucket per client that has a rate, so no more than are configured.
#[derive(Default)]
pub(super) struct Quotas {
    buckets: Mutex<HashMap<ClientId, Bucket>>,
    open: tokio::sync::Mutex<OpenCounts>,
}

struct Bucket {
    tokens: f64,
    filled_at: Duration,
}

#[derive(Default)]
struct OpenCounts {
    read_at: Option<Duration>,
    by_client: HashMap<ClientId, u64>,
}

impl Quotas {
    /// Takes one submission's worth of the client's quota. `now` is monotonic.
    pub(super) async fn take(
        &self,
        journal: &dyn Journal,
        client: &ClientId,
        policy: &ClientPolicy,
        now: Duration,
    ) -> Result<Option<Excess>, JournalError> {
        if let Some(rate) = &policy.rate
            && let Some(retry_after) = self.over_rate(client, rate, now)
        {
            return Ok(Some(Excess::Rate { retry_after }));
        }
        match policy.open_deliveries {
            None => Ok(None),
            Some(limit) => self.over_open(journal, client, limit, now).await,
        }
    }

    fn over_rate(&self, client: &ClientId, rate: &RatePolicy, now: Duration) -> Option<Duration> {
        let burst = f64::from(rate.burst.get());
        let mut buckets = self.buckets.lock();
        if !buckets.contains_key(client) {
            buckets.insert(client.clone(), Bucket { tokens: burst, filled_at: now });
        }
        let bucket = buckets.get_mut(client)?;
        let gained = now.saturating_sub(bucket.filled_at).as_secs_f64() * rate.per_second;
        bucket.tokens = (bucket.tokens + gained).min(burst);
        bucket.filled_at = now;
        if bucket.tokens >= 1.0 {
            bucket.tokens -= 1.0;
            return None;
        }
        let seconds = (1.0 - bucket.tokens) / rate.per_second;
        Some(Duration::try_from_secs_f64(seconds).unwrap_or(LONGEST_RETRY_AFTER).min(LONGEST_RETRY_AFTER))
    }

    /// Between two counts each submission let through counts as one more, so that a burst cannot run past the limit unseen.
    async fn over_open(
        &self,
        journal: &dyn Journal,
        client: &ClientId,
        limit: u64,
        now: Duration,
    ) -> Result<Option<Excess>, JournalError> {
        let mut counts = self.open.lock().await;
        if counts.read_at.is_none_or(|at| now.saturating_sub(at) >= OPEN_COUNTED_EVERY) {
            counts.by_client = by_client(journal.backlog().await?);
            counts.read_at = Some(now);
        }
        let open = counts.by_client.entry(client.clone()).or_default();
        if *open >= limit {
            return Ok(Some(Excess::Open { limit, retry_after: OPEN_RETRY_AFTER }));
        }
        *open += 1;
        Ok(None)
    }
}

/// What lies in an inbox or a queue is what others sent to a client; it is not its own traffic.
fn by_client(rows: Vec<BacklogRow>) -> HashMap<ClientId, u64> {
    let mut counts = HashMap::new();
    for row in rows.into_iter().filter(|row| !row.system.is_inbox() && !is_queue(&row.system)) {
        *counts.entry(row.client).or_default() += row.count;
    }
    counts
}
