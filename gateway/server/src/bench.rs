//! `lienthong bench`: measures this gateway beside a bare proxy in the same run, all on loopback. It judges no code, only numbers.

mod backlog;
mod cases;
mod child;
mod control;
mod desk;
mod disk;
mod gateway;
mod load;
mod messages;
mod patterns;
mod progress;
mod proxy;
mod queues;
mod report;
mod scratch;
mod search;
mod stand;
mod transform;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, bail};
use clap::{Args, ValueEnum};
use tokio::signal::unix::{SignalKind, signal};

use self::progress::Progress;
use self::proxy::Proxy;
use self::report::Row;
use self::scratch::Scratch;
use self::stand::Stand;
use crate::cli::{Failure, Out};

/// What `bench` measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Only {
    /// Durable acceptance.
    Accept,
    /// From acceptance to delivery.
    Deliver,
    /// Synchronous calls.
    Call,
    /// What a second recipient costs.
    Recipients,
    /// Files split into messages.
    Split,
    /// A transform with look-ups in code tables.
    Transform,
    /// A large backlog.
    Backlog,
    /// Searches among many exchanges.
    Search,
    /// What operators wait for: the overview, a preview, a release, a live update.
    Desk,
    /// From a queue of a message broker to delivery, beside HTTP: needs `rabbitmq-server`, or a broker named in LIENTHONG_TEST_AMQP.
    Amqp,
}

/// Measures this machine's gateway beside a bare proxy: portal, proxy and gateway as processes on loopback.
#[derive(Debug, Clone, Args)]
pub(crate) struct Bench {
    /// Measure this one only.
    #[arg(long, value_enum)]
    only: Option<Only>,
    /// How long each load is measured, in seconds.
    #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u64).range(1..=600))]
    seconds: u64,
    /// Waiting exchanges of the backlog, and exchanges searched or shown; a million take some 5 GB of disk and a few minutes.
    #[arg(long, default_value_t = 1_000_000, value_parser = clap::value_parser!(u64).range(1..=100_000_000))]
    backlog: u64,
    /// Where journals are made, in a folder of this run that is removed at the end; it decides which disk is measured.
    #[arg(long, default_value = ".")]
    data: PathBuf,
}

/// The yardstick, started by `bench` as a process of its own.
#[derive(Debug, Clone, Args)]
pub(crate) struct BenchProxy {
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// Where every request goes.
    #[arg(long)]
    target: SocketAddr,
}

impl Bench {
    /// Measures; for programs rows appear as they are measured, for people as one table at the end. Fails when something could not
    /// be measured, when a target is missed, and on Ctrl-C; child processes are gone by then.
    pub(crate) async fn run(self, out: Out) -> Result<(), Failure> {
        crate::telemetry::init_readable("warn");
        match self.until_signal(out).await {
            Ok(true) => Ok(()),
            Ok(false) => Err(Failure::Failed("a target was missed: see the rows that are not ok".to_owned())),
            Err(error) => Err(Failure::Failed(format!("{error:#}"))),
        }
    }

    async fn until_signal(&self, out: Out) -> anyhow::Result<bool> {
        let mut terminate = signal(SignalKind::terminate())?;
        tokio::select! {
            measured = measure(self, out) => measured,
            _ = terminate.recv() => bail!("terminated"),
            interrupted = tokio::signal::ctrl_c() => {
                interrupted?;
                bail!("interrupted")
            }
        }
    }
}

impl BenchProxy {
    /// Serves the yardstick until the process is ended; prints where it listens.
    pub(crate) async fn run(self, out: Out) -> Result<(), Failure> {
        crate::telemetry::init_readable("warn");
        self.serve(out).await.map_err(|error| Failure::Failed(format!("{error:#}")))
    }

    async fn serve(&self, out: Out) -> anyhow::Result<()> {
        let proxy = Proxy::bind(self.listen, self.target).await?;
        out.line(format_args!("bare proxy at http://{}", proxy.address()?));
        proxy.serve().await
    }
}

async fn measure(args: &Bench, out: Out) -> anyhow::Result<bool> {
    let scratch = Scratch::within(&args.data)?;
    let stand = Stand::start(scratch.path(), Duration::from_secs(args.seconds), Progress::new(out)).await?;
    let mut rows = disk_rows(&stand, ["disk.sync_p50", "disk.sync_p99"]).await?;
    tell(&rows, out)?;
    for case in [
        Only::Accept,
        Only::Deliver,
        Only::Call,
        Only::Recipients,
        Only::Split,
        Only::Transform,
        Only::Backlog,
        Only::Search,
        Only::Desk,
        Only::Amqp,
    ] {
        if args.only.is_none_or(|only| only == case) {
            let measured =
                one(&stand, case, args.backlog).await.with_context(|| format!("{case:?} was not measured"))?;
            tell(&measured, out)?;
            rows.extend(measured);
        }
    }
    let disk = disk_rows(&stand, ["disk.sync_p50_after", "disk.sync_p99_after"]).await?;
    tell(&disk, out)?;
    rows.extend(disk);
    if !out.is_json() {
        out.table(&report::HEADINGS, report::cells(&rows));
    }
    Ok(report::all_met(&rows))
}

/// Rows for programs, as soon as they are known.
fn tell(rows: &[Row], out: Out) -> anyhow::Result<()> {
    if out.is_json() {
        for row in rows {
            out.line(serde_json::to_string(row)?);
        }
    }
    Ok(())
}

async fn one(stand: &Stand, case: Only, backlog: u64) -> anyhow::Result<Vec<Row>> {
    match case {
        Only::Accept => cases::accept(stand).await,
        Only::Deliver => cases::deliver(stand).await,
        Only::Call => cases::call(stand).await,
        Only::Recipients => patterns::recipients(stand).await,
        Only::Split => patterns::split(stand).await,
        Only::Transform => transform::transform(stand).await,
        Only::Amqp => queues::queues(stand).await,
        Only::Backlog => backlog::backlog(stand, backlog).await,
        Only::Search => search::search(stand, backlog).await,
        Only::Desk => desk::desk(stand, backlog).await,
    }
}

async fn disk_rows(stand: &Stand, names: [&'static str; 2]) -> anyhow::Result<Vec<Row>> {
    let disk: &Path = stand.disk();
    let sync = disk::measure(disk).await.with_context(|| format!("the disk at {} was not measured", disk.display()))?;
    let [p50, p99] = names;
    Ok(vec![Row::told(p50, sync.p50, "ms"), Row::told(p99, sync.p99, "ms")])
}
