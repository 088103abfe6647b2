//! The test stand: simulated portal and yardstick proxy as child processes, and loads towards them. It knows no gateway.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use http::StatusCode;

use super::child::Child;
use super::control::Control;
use super::load::{self, Load, Make, Measured, Until};
use super::progress::Progress;

/// Connections of a full load, each with one request at a time.
pub(crate) const CONNECTIONS: usize = 64;
/// Where every child listens.
pub(crate) const ANY: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

/// What every bench uses.
pub(crate) struct Stand {
    program: PathBuf,
    folder: PathBuf,
    /// How long a load is measured.
    pub(crate) seconds: Duration,
    pub(crate) portal: Child,
    proxy: Child,
    pub(crate) progress: Progress,
}

/// A load and what the measured process spent on it.
pub(crate) struct Sample {
    pub(crate) per_second: f64,
    pub(crate) p50_ms: f64,
    pub(crate) p99_ms: f64,
    /// Processor time of the measured process per answer, in microseconds.
    pub(crate) cpu_micros: f64,
    pub(crate) answered: u64,
}

impl Sample {
    /// The middle of two runs of the same.
    pub(crate) fn mean(before: &Self, after: &Self) -> Self {
        let mean = |part: fn(&Self) -> f64| f64::midpoint(part(before), part(after));
        Self {
            per_second: mean(|sample| sample.per_second),
            p50_ms: mean(|sample| sample.p50_ms),
            p99_ms: mean(|sample| sample.p99_ms),
            cpu_micros: mean(|sample| sample.cpu_micros),
            answered: before.answered + after.answered,
        }
    }

    fn of(measured: &Measured, cpu_seconds: f64) -> Self {
        #[expect(clippy::cast_precision_loss, reason = "counts of a run are far below 2^52")]
        let answered = measured.answered as f64;
        Self {
            per_second: measured.per_second(),
            p50_ms: measured.quantile_ms(0.5),
            p99_ms: measured.quantile_ms(0.99),
            cpu_micros: cpu_seconds * 1e6 / answered.max(1.0),
            answered: measured.answered,
        }
    }
}

impl Stand {
    /// Starts the portal in its cheap mode and the proxy towards it.
    pub(crate) async fn start(folder: &Path, seconds: Duration, progress: Progress) -> anyhow::Result<Self> {
        let program = std::env::current_exe().context("the program's own path is not known")?;
        let mut command = Command::new(&program);
        command.args(["simulate", "portal", "--cheap", "--listen", &ANY.to_string()]);
        let portal = Child::start("portal", command, &folder.join("portal.log")).await?;
        let mut command = Command::new(&program);
        command.args(["bench-proxy", "--listen", &ANY.to_string(), "--target", &portal.address().to_string()]);
        let proxy = Child::start("proxy", command, &folder.join("proxy.log")).await?;
        Ok(Self { program, folder: folder.to_owned(), seconds, portal, proxy, progress })
    }

    /// This program, to be started as something else.
    pub(crate) fn program(&self) -> Command {
        Command::new(&self.program)
    }

    /// A fresh folder of one bench.
    pub(crate) fn folder(&self, name: &str) -> anyhow::Result<PathBuf> {
        let folder = self.folder.join(name);
        std::fs::create_dir(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
        Ok(folder)
    }

    /// The disk everything is on.
    pub(crate) fn disk(&self) -> &Path {
        &self.folder
    }

    /// What the portal has received so far, logins left out.
    pub(crate) async fn received(&self) -> anyhow::Result<u64> {
        let report = Control::towards(self.portal.address(), None)?.get("/_sim/report").await?;
        let count = |name: &str| report.get(name).and_then(serde_json::Value::as_u64).context("the report has counts");
        Ok(count("requests")?.saturating_sub(count("logins")?))
    }

    /// A load on the bare proxy, towards the same portal.
    pub(crate) async fn yardstick(&self, make: Make, connections: usize) -> anyhow::Result<Sample> {
        self.progress.step(&format!("bare proxy, {connections} in flight"));
        self.timed(&self.proxy, connections, StatusCode::OK, make).await
    }

    /// A load for the run's time, with a warm-up before.
    pub(crate) async fn timed(
        &self,
        child: &Child,
        connections: usize,
        expect: StatusCode,
        make: Make,
    ) -> anyhow::Result<Sample> {
        let until = Until::Time { warm_up: (self.seconds / 5).min(Duration::from_secs(2)), measured: self.seconds };
        let load = Load { to: child.address(), connections, until, expect, make, progress: Arc::default() };
        sampled(child, load).await
    }
}

/// Runs a load, and counts what `child` spends meanwhile.
pub(crate) async fn sampled(child: &Child, load: Load) -> anyhow::Result<Sample> {
    let before = child.cpu_seconds()?;
    let measured = load::run(load).await.with_context(|| child.last_words())?;
    Ok(Sample::of(&measured, child.cpu_seconds()? - before))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mean_of_two_runs_lies_between_them() {
        let sample = |per_second: f64| Sample { per_second, p50_ms: 1.0, p99_ms: 2.0, cpu_micros: 3.0, answered: 10 };
        let mean = Sample::mean(&sample(10_000.0), &sample(20_000.0));
        assert!((mean.per_second - 15_000.0).abs() < 1e-9);
        assert_eq!(mean.answered, 20);
    }
}
