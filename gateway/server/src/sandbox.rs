//! The main job on one machine: dossiers' lives through a simulated portal that misbehaves, counted at the portal.

mod client;
mod judge;
pub(crate) mod life;
mod people;
mod progress;
mod summary;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use anyhow::Context;
use clap::Args;
use lienthong_core::{Clock, StateName};
use lienthong_engine::clock::SystemClock;
use lienthong_journal::{BacklogRow, GroupFilter};
use lienthong_simulators::portal::{FaultProfile, Portal, PortalOptions};
use tokio::signal::unix::{SignalKind, signal};

use crate::app::{App, Options};
use crate::cli::{Failure, Out};
use crate::config;
use crate::fixture::Fixture;
use client::{Client, Tally};
use progress::Progress;
use summary::Summary;

/// How often the run is looked at.
const LOOK: Duration = Duration::from_millis(100);
/// Looks in a row at which nothing moved before the run counts as finished.
const STILL: u32 = 3;

/// Options of `lienthong sandbox`.
#[derive(Debug, Args)]
pub(crate) struct Sandbox {
    /// Dossiers that live through the run.
    #[arg(long, default_value_t = 200, value_name = "N")]
    dossiers: u64,
    /// How badly the portal misbehaves: none, real or harsh.
    #[arg(long, default_value_t = FaultProfile::Real, value_name = "PROFILE")]
    faults: FaultProfile,
    /// The same seed gives the same dossiers and the same faults.
    #[arg(long, default_value_t = 1, value_name = "S")]
    seed: u64,
    /// Where the gateway listens; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:0", value_name = "ADDR")]
    listen: SocketAddr,
    /// Where configuration and journal are kept; a fresh folder for temporary files when left out.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Ends after the summary instead of running until Ctrl-C.
    #[arg(long)]
    exit: bool,
}

impl Sandbox {
    pub(crate) async fn run(self, out: Out) -> Result<(), Failure> {
        let summary = self.live(out).await.map_err(|error| Failure::Failed(format!("{error:#}")))?;
        if summary.is_clean() {
            return Ok(());
        }
        out.note("something was lost, doubled, out of order or not accepted: see the summary");
        Err(Failure::Told)
    }

    async fn live(&self, out: Out) -> anyhow::Result<Summary> {
        let stage = Stage::set(self).await?;
        let ended_early = async {
            ended().await?;
            anyhow::bail!("ended before the run was over")
        };
        let outcome = tokio::select! {
            outcome = self.watch(&stage, out) => outcome,
            ended = ended_early => ended,
        };
        if outcome.is_ok() && !self.exit {
            out.note("running until Ctrl-C");
            ended().await?;
        }
        stage.strike(self.data.is_none() && (self.exit || outcome.is_err())).await;
        outcome
    }

    async fn watch(&self, stage: &Stage, out: Out) -> anyhow::Result<Summary> {
        out.note(format_args!("portal (simulated, {}) at {}", self.faults, stage.portal.base_url()));
        out.note(format_args!("gateway at {}, journal in {}", stage.base, stage.folder.display()));
        let summary = stage.play(self, out).await?;
        if out.is_json() {
            out.line(summary.json());
        } else {
            out.line(summary.text());
            out.line(summary.directions());
        }
        Ok(summary)
    }
}

/// Portal and gateway, running.
struct Stage {
    portal: Portal,
    app: App,
    base: String,
    api_key: String,
    folder: PathBuf,
    clock: Arc<dyn Clock>,
}

impl Stage {
    async fn set(options: &Sandbox) -> anyhow::Result<Self> {
        let folder = std::path::absolute(options.data.clone().unwrap_or_else(fresh_folder))?;
        if folder.join("journal").exists() {
            anyhow::bail!(
                "{} holds a journal already; a run counts from an empty one: name another folder",
                folder.display()
            );
        }
        let simulated = PortalOptions { profile: options.faults, seed: options.seed, ..PortalOptions::default() };
        let api_key = "sandbox".to_owned();
        let (username, password) = (simulated.username.clone(), simulated.password.clone());
        let security_key = simulated.security_key.clone();
        let portal = Portal::start(simulated).await?;
        let fixture = Fixture {
            listen: options.listen,
            journal: folder.join("journal"),
            portal: portal.base_url(),
            portal_username: username,
            portal_password: password,
            security_key,
            api_key: api_key.clone(),
            concurrency: 16,
            timeout: "2s",
        };
        let settings = folder.join("config");
        fixture.write(&settings).with_context(|| format!("{} cannot be written", settings.display()))?;
        let loaded = config::load(&settings).map_err(problems)?;
        let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
        let app = App::start(loaded, Options { clock: Arc::clone(&clock), ..Options::default() }).await?;
        let base = format!("http://{}", app.addr());
        Ok(Self { portal, app, base, api_key, folder, clock })
    }

    async fn play(&self, options: &Sandbox, out: Out) -> anyhow::Result<Summary> {
        let tally = Arc::new(Tally::default());
        let http = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(30)).build()?;
        let client = Client {
            http,
            base: self.base.clone(),
            api_key: self.api_key.clone(),
            seed: options.seed,
            now: self.clock.now(),
            tally: Arc::clone(&tally),
        };
        let began = self.clock.monotonic();
        let dossiers = options.dossiers;
        let submitting = tokio::spawn(async move { client.submit_all(dossiers).await });
        self.follow(submitting, &tally, out).await?;
        let seconds = self.clock.monotonic().saturating_sub(began).as_secs_f64();
        let promises = std::mem::take(&mut *tally.promises.lock());
        let verdict = judge::judge(&self.app.state().service, &self.portal, &promises).await?;
        Ok(Summary {
            submitted: tally.submitted.load(Ordering::Relaxed),
            accepted: tally.accepted.load(Ordering::Relaxed),
            verdict,
            seconds,
            address: self.base.clone(),
            api_key: self.api_key.clone(),
        })
    }

    /// Shows progress until everything is submitted and nothing moves any more but what a person must see to.
    async fn follow(
        &self,
        submitting: tokio::task::JoinHandle<anyhow::Result<()>>,
        tally: &Tally,
        out: Out,
    ) -> anyhow::Result<()> {
        let began = self.clock.monotonic();
        let mut progress = Progress::new(out);
        let mut still = 0;
        while still < STILL {
            tokio::time::sleep(LOOK).await;
            let (open, parked, moving) = self.backlog().await?;
            progress.tell(
                self.clock.monotonic().saturating_sub(began),
                tally.accepted.load(Ordering::Relaxed),
                open,
                parked,
            );
            still = if submitting.is_finished() && !moving { still + 1 } else { 0 };
        }
        progress.finish();
        submitting.await?
    }

    /// (open, parked, whether anything moves by itself).
    async fn backlog(&self) -> anyhow::Result<(u64, u64, bool)> {
        let rows = self.app.state().journal.backlog().await?;
        let sum = |wanted: &dyn Fn(StateName) -> bool| {
            rows.iter().filter(|row: &&BacklogRow| wanted(row.state)).map(|row| row.count).sum::<u64>()
        };
        let parked = sum(&|state| state == StateName::Parked);
        let open = sum(&|state| state != StateName::Parked && !state.is_final());
        let queued = sum(&|state| state == StateName::Queued);
        let held = match parked {
            0 => 0,
            _some => {
                let groups = self.app.state().service.groups(GroupFilter::default(), None, 500).await?;
                groups.rows.iter().map(|group| group.held_behind).sum()
            }
        };
        Ok((open, parked, open > queued || queued > held))
    }

    async fn strike(self, remove: bool) {
        self.app.stop().await;
        self.portal.stop().await;
        if remove && let Err(error) = std::fs::remove_dir_all(&self.folder) {
            tracing::warn!(folder = %self.folder.display(), %error, "the sandbox's folder was not removed");
        }
    }
}

fn fresh_folder() -> PathBuf {
    std::env::temp_dir().join(format!("lienthong-sandbox-{}", uuid::Uuid::new_v4().simple()))
}

fn problems(found: Vec<config::Problem>) -> anyhow::Error {
    let lines: Vec<String> = found.iter().map(ToString::to_string).collect();
    anyhow::anyhow!("the sandbox's own configuration has problems:\n{}", lines.join("\n"))
}

/// Ctrl-C or SIGTERM.
async fn ended() -> anyhow::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        said = tokio::signal::ctrl_c() => said.context("Ctrl-C cannot be heard"),
        _ = terminate.recv() => Ok(()),
    }
}
