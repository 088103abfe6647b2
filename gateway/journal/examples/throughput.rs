//! Measures the embedded journal: acceptances, whole exchanges, and both behind a backlog. It is no test and asserts no number.
#![expect(clippy::print_stdout, reason = "a measuring program prints its numbers")]

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use lienthong_core::{Clock, ContentType, DeliveryState, Timestamp};
use lienthong_journal::contract::make::{Desk, admit, delivered, draft, text};
use lienthong_journal::sqlite::{SqliteJournal, SqliteOptions};
use lienthong_journal::{BodyInput, Committed, ExchangeFilter, Head, HeadQuery};

type Failure = Box<dyn std::error::Error + Send + Sync>;

struct Real(Instant);

impl Real {
    #[expect(clippy::disallowed_methods, reason = "the program under the trait is where real time comes from")]
    fn start() -> Self {
        Self(Instant::now())
    }
}

impl Clock for Real {
    #[expect(clippy::disallowed_methods, reason = "the program under the trait is where real time comes from")]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    fn monotonic(&self) -> Duration {
        self.0.elapsed()
    }
}

/// `throughput FOLDER [SECONDS] [BACKLOG]`; the folder is made, and left for a look.
#[tokio::main]
async fn main() -> Result<(), Failure> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().ok_or("throughput FOLDER [SECONDS] [BACKLOG]")?;
    let seconds = arguments.next().map_or(Ok(5), |text| text.parse())?;
    let backlog = arguments.next().map_or(Ok(0), |text| text.parse())?;
    let time = Duration::from_secs(seconds);
    let clock = Arc::new(Real::start());
    let desk = open(Path::new(&folder), &clock)?;
    if backlog > 0 {
        fill(&desk, &clock, backlog).await?;
        desk.0.close().await;
        let before = clock.monotonic();
        let desk = open(Path::new(&folder), &clock)?;
        println!("open with the backlog: {:?}", clock.monotonic().saturating_sub(before));
        look_up(&desk, &clock).await?;
        measure("exchange behind the backlog", &desk, &clock, time, 256, true).await?;
        memory();
        desk.0.close().await;
        return Ok(());
    }
    for tasks in [64, 256] {
        measure("accept", &desk, &clock, time, tasks, false).await?;
        measure("exchange", &desk, &clock, time, tasks, true).await?;
    }
    memory();
    desk.0.close().await;
    Ok(())
}

fn open(folder: &Path, clock: &Arc<Real>) -> Result<Desk, Failure> {
    let clock: Arc<dyn Clock> = Arc::<Real>::clone(clock);
    Ok(Desk(Arc::new(SqliteJournal::open(SqliteOptions::new(folder, clock))?)))
}

static NUMBER: AtomicU64 = AtomicU64::new(0);

/// A dossier of 2 KiB with idempotency key, each under a key of its own.
fn dossier(clock: &Real) -> Result<lienthong_journal::contract::make::Draft, Failure> {
    let now = clock.now();
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let mixed = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let id = uuid::Uuid::now_v7();
    let key = format!("000.00.14.H56-{:06}-{:010}", number % 400_000, mixed % 10_000_000_000);
    let body = bytes::Bytes::from(format!("{key}{}", "x".repeat(2048 - key.len())));
    let draft = draft(&key)?.once(&format!("{key}/{}", number % 7), 1)?;
    Ok(draft.with(|acceptance| {
        acceptance.exchange.id = lienthong_core::ExchangeId(id);
        acceptance.exchange.received_at = now;
        let kept = lienthong_core::limits::IDEMPOTENCY_KEPT;
        let until = now.saturating_add(kept).unwrap_or(now);
        acceptance.idempotency.iter_mut().for_each(|idempotency| idempotency.expires_at = until);
        acceptance.body = BodyInput::New { content_type: ContentType::Json, bytes: body };
    }))
}

async fn measure(
    what: &str,
    desk: &Desk,
    clock: &Arc<Real>,
    time: Duration,
    tasks: usize,
    whole: bool,
) -> Result<(), Failure> {
    let (before, cpu) = (clock.monotonic(), writer_cpu());
    let end = before.saturating_add(time);
    let mut running = Vec::new();
    for _ in 0..tasks {
        let (desk, clock) = (desk.clone(), Arc::clone(clock));
        running.push(tokio::spawn(async move { work(&desk, &clock, end, whole).await }));
    }
    let mut waits = Vec::new();
    for runner in running {
        waits.extend(runner.await??);
    }
    let passed = clock.monotonic().saturating_sub(before);
    waits.sort_unstable();
    let at = |part: usize| waits.get((waits.len() * part / 1000).min(waits.len().saturating_sub(1))).copied();
    let each = writer_cpu().saturating_sub(cpu).as_micros() / u128::try_from(waits.len().max(1))?;
    println!(
        "{what:>28} x{tasks:<4} {:>8.0}/s  p50 {:?}  p99 {:?}  writer {each} us each",
        waits.len() as f64 / passed.as_secs_f64(),
        at(500).unwrap_or_default(),
        at(990).unwrap_or_default(),
    );
    Ok(())
}

async fn work(desk: &Desk, clock: &Real, end: Duration, whole: bool) -> Result<Vec<Duration>, Failure> {
    let mut waits = Vec::new();
    while clock.monotonic() < end {
        let begun = clock.monotonic();
        let mut taken = desk.accept(&dossier(clock)?).await?;
        if whole && let Some(head) = taken.heads.pop() {
            send(desk, head).await?;
        }
        waits.push(clock.monotonic().saturating_sub(begun));
    }
    Ok(waits)
}

/// Intent and outcome, as the dispatcher writes them.
async fn send(desk: &Desk, mut head: Head) -> Result<(), Failure> {
    let mut intent = admit(&head);
    let sent = head.body.clone().unwrap_or_default();
    intent.start.iter_mut().for_each(|start| start.sent = text(sent.clone()));
    head.delivery.version = desk.go(intent).await?.version;
    head.delivery.attempts += 1;
    head.delivery.state = DeliveryState::InFlight { attempt: 1 };
    desk.go(delivered(&head)).await?;
    Ok(())
}

async fn fill(desk: &Desk, clock: &Arc<Real>, backlog: u64) -> Result<(), Failure> {
    let mut running = Vec::new();
    for _ in 0..64 {
        let (desk, clock) = (desk.clone(), Arc::clone(clock));
        running.push(tokio::spawn(async move {
            for _ in 0..backlog / 64 / 16 {
                let batch =
                    (0..16).map(|_| dossier(&clock).map(|draft| draft.command())).collect::<Result<Vec<_>, _>>()?;
                for result in desk.0.commit(batch).await? {
                    if !matches!(result?, Committed::Accepted { .. }) {
                        return Err(Failure::from("not accepted"));
                    }
                }
            }
            Ok(())
        }));
    }
    for runner in running {
        runner.await??;
    }
    memory();
    Ok(())
}

async fn look_up(desk: &Desk, clock: &Arc<Real>) -> Result<(), Failure> {
    let newest = desk.0.exchanges(ExchangeFilter::default(), None, 50).await?;
    let time = |before: Duration| clock.monotonic().saturating_sub(before);
    for row in newest.rows.iter().take(2) {
        let before = clock.monotonic();
        let filter = ExchangeFilter { key: Some(row.meta.key.clone()), ..ExchangeFilter::default() };
        let found = desk.0.exchanges(filter, None, 50).await?;
        println!("look-up by key: {} in {:?}", found.rows.len(), time(before));
    }
    let before = clock.monotonic();
    let query = HeadQuery {
        system: "portal".parse()?,
        class: lienthong_core::Class::Live,
        client: None,
        now: clock.now(),
        limit: 256,
        inline: 65536,
        skip: Arc::default(),
    };
    println!("{} heads in {:?}", desk.0.heads(query).await?.len(), time(before));
    let before = clock.monotonic();
    println!("backlog {:?} in {:?}", desk.0.backlog().await?.first().map(|row| row.count), time(before));
    Ok(())
}

/// Time on the processor of the thread called `journal`, from procfs.
fn writer_cpu() -> Duration {
    let ticks = std::fs::read_dir("/proc/self/task").into_iter().flatten().flatten().filter_map(|task| {
        let stat = std::fs::read_to_string(task.path().join("stat")).ok()?;
        let (_, rest) = stat.split_once("(journal) ")?;
        let mut fields = rest.split(' ');
        let user: u64 = fields.nth(11)?.parse().ok()?;
        let system: u64 = fields.next()?.parse().ok()?;
        Some(user + system)
    });
    Duration::from_millis(ticks.sum::<u64>() * 10)
}

fn memory() {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    for line in status.lines().filter(|line| line.starts_with("VmHWM") || line.starts_with("VmRSS")) {
        println!("{line}");
    }
}
