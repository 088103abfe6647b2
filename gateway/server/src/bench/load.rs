//! The load generator: keep-alive HTTP/1.1 connections that send prepared requests one after the other. It knows nothing of what it measures.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::{Context, bail};
use bytes::Bytes;
use hdrhistogram::Histogram;
use http::{Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

#[cfg(test)]
mod tests;

/// Makes the nth request of a load; cheap, because its time is the measured process's loss.
pub(crate) type Make = Arc<dyn Fn(u64) -> anyhow::Result<Request<Full<Bytes>>> + Send + Sync>;

/// Longest latency told apart, in nanoseconds.
const LONGEST: u64 = 120_000_000_000;
/// How much of a wrong answer an error repeats, in characters.
const SHOWN: usize = 400;
/// Longest wait for answers beyond what a load was to take.
const GRACE: Duration = Duration::from_secs(60);
/// Below so many answers a second a counted load is given up.
const SLOWEST: u64 = 200;

/// How long a load goes on.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Until {
    /// Answers that come within `measured` after `warm_up` count.
    Time { warm_up: Duration, measured: Duration },
    /// So many requests, all of them counted.
    Count(u64),
}

/// One load.
#[derive(Clone)]
pub(crate) struct Load {
    pub(crate) to: SocketAddr,
    pub(crate) connections: usize,
    pub(crate) until: Until,
    /// The only right answer; any other ends the load with an error.
    pub(crate) expect: StatusCode,
    pub(crate) make: Make,
    /// Counts right answers while the load runs.
    pub(crate) progress: Arc<AtomicU64>,
}

/// What a load came to.
pub(crate) struct Measured {
    /// Right answers in all, those of the warm-up included.
    pub(crate) answered: u64,
    /// Right answers that count.
    pub(crate) counted: u64,
    /// The time they took together.
    pub(crate) over: Duration,
    /// Their latencies, in nanoseconds.
    latencies: Histogram<u64>,
}

impl Measured {
    pub(crate) fn per_second(&self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "counts of a run are far below 2^52")]
        let counted = self.counted as f64;
        counted / self.over.as_secs_f64().max(f64::EPSILON)
    }

    pub(crate) fn quantile_ms(&self, quantile: f64) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "at most two minutes in nanoseconds")]
        let nanos = self.latencies.value_at_quantile(quantile) as f64;
        nanos / 1e6
    }
}

/// Runs a load on a thread of its own, so that it never waits for the caller's tasks. Dropping the future ends it.
///
/// # Errors
/// When a connection fails, an answer is another one than expected, or the load takes far too long.
pub(crate) async fn run(load: Load) -> anyhow::Result<Measured> {
    let ended = CancellationToken::new();
    let guard = ended.clone().drop_guard();
    let (answer, measured) = oneshot::channel();
    std::thread::Builder::new().name("bench-load".to_owned()).spawn(move || {
        // Nobody listens any more when the caller has gone.
        drop(answer.send(on_this_thread(&load, &ended)));
    })?;
    let measured = measured.await.context("the load generator ended without a result")?;
    drop(guard);
    measured
}

fn on_this_thread(load: &Load, ended: &CancellationToken) -> anyhow::Result<Measured> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        tokio::select! {
            measured = tokio::time::timeout(load.bound(), load.all()) => measured.context("the load took far too long")?,
            () = ended.cancelled() => bail!("the load was stopped"),
        }
    })
}

/// What the connections of a running load share.
struct Running {
    load: Load,
    next: AtomicU64,
    count_from: Instant,
    count_until: Option<Instant>,
}

/// What one connection measured.
struct Part {
    answered: u64,
    latencies: Histogram<u64>,
}

impl Load {
    fn bound(&self) -> Duration {
        match self.until {
            Until::Time { warm_up, measured } => warm_up + measured + GRACE,
            Until::Count(count) => Duration::from_secs(count / SLOWEST) + GRACE,
        }
    }

    async fn all(&self) -> anyhow::Result<Measured> {
        let senders = self.connect().await?;
        let began = Instant::now();
        let (count_from, count_until) = match self.until {
            Until::Time { warm_up, measured } => (began + warm_up, Some(began + warm_up + measured)),
            Until::Count(_) => (began, None),
        };
        let running = Arc::new(Running { load: self.clone(), next: AtomicU64::new(0), count_from, count_until });
        let mut connections = JoinSet::new();
        for sender in senders {
            connections.spawn(one_connection(Arc::clone(&running), sender));
        }
        let mut whole = Part::empty()?;
        while let Some(part) = connections.join_next().await {
            let part = part??;
            whole.answered += part.answered;
            whole.latencies.add(part.latencies)?;
        }
        let until = count_until.unwrap_or_else(Instant::now);
        let Part { answered, latencies } = whole;
        Ok(Measured { answered, counted: latencies.len(), over: until - count_from, latencies })
    }

    async fn connect(&self) -> anyhow::Result<Vec<SendRequest<Full<Bytes>>>> {
        let mut senders = Vec::with_capacity(self.connections);
        for _ in 0..self.connections {
            let stream = TcpStream::connect(self.to).await.with_context(|| format!("cannot connect to {}", self.to))?;
            stream.set_nodelay(true)?;
            let (sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
            // Its failure is seen by the sender.
            tokio::spawn(async move { drop(connection.await) });
            senders.push(sender);
        }
        Ok(senders)
    }
}

impl Running {
    /// The next request's number, unless the load is over.
    fn next(&self) -> Option<u64> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let over = match self.load.until {
            Until::Time { .. } => self.count_until.is_some_and(|until| Instant::now() >= until),
            Until::Count(count) => number >= count,
        };
        (!over).then_some(number)
    }

    fn counts(&self, at: Instant) -> bool {
        at >= self.count_from && self.count_until.is_none_or(|until| at <= until)
    }
}

impl Part {
    fn empty() -> anyhow::Result<Self> {
        Ok(Self { answered: 0, latencies: Histogram::new_with_bounds(1, LONGEST, 3)? })
    }
}

async fn one_connection(running: Arc<Running>, mut sender: SendRequest<Full<Bytes>>) -> anyhow::Result<Part> {
    let mut part = Part::empty()?;
    while let Some(number) = running.next() {
        let request = (running.load.make)(number)?;
        let began = Instant::now();
        sender.ready().await?;
        let mut response = sender.send_request(request).await.with_context(|| format!("request {number} failed"))?;
        if response.status() != running.load.expect {
            bail!("request {number} was answered {}: {}", response.status(), shown(response.into_body()).await);
        }
        while let Some(frame) = response.frame().await {
            frame?;
        }
        let ended = Instant::now();
        part.answered += 1;
        running.load.progress.fetch_add(1, Ordering::Relaxed);
        if running.counts(ended) {
            let nanos = u64::try_from((ended - began).as_nanos()).unwrap_or(LONGEST);
            part.latencies.saturating_record(nanos.clamp(1, LONGEST));
        }
    }
    Ok(part)
}

/// The beginning of an answer nobody expected.
async fn shown(mut body: Incoming) -> String {
    let mut bytes = Vec::new();
    while let Some(Ok(frame)) = body.frame().await {
        if let Ok(data) = frame.into_data() {
            bytes.extend_from_slice(&data);
        }
        if bytes.len() > SHOWN * 4 {
            break;
        }
    }
    String::from_utf8_lossy(&bytes).chars().take(SHOWN).collect()
}
