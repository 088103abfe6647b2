//! The main job on one machine: dossiers' lives through simulated systems that misbehave, counted where they arrive.

mod citizen;
mod client;
mod desks;
mod judge;
mod land;
pub(crate) mod life;
mod people;
mod progress;
mod province;
mod stage;
mod summary;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use anyhow::Context;
use clap::{Args, ValueEnum};
use lienthong_simulators::portal::FaultProfile;
use tokio::signal::unix::{SignalKind, signal};

use crate::cli::{Failure, Out};
use citizen::CitizenRun;
use desks::{Desks, Tally};
use land::{LandRun, Neighbours};
use progress::Progress;
use stage::Stage;
use summary::Summary;

/// How often the run is looked at.
const LOOK: Duration = Duration::from_millis(100);
/// Looks in a row at which nothing moved before the run counts as finished.
const STILL: u32 = 3;
/// A run of everything has one land dossier, and one citizen, for so many dossiers.
const SHARE: u64 = 10;

/// Options of `lienthong sandbox`.
#[derive(Debug, Args)]
pub(crate) struct Sandbox {
    /// What is played: dossiers to the portal, land dossiers through land office, tax and portal, citizens whose data need not
    /// be typed, or everything.
    #[arg(long, value_enum, default_value_t = Scenario::All)]
    scenario: Scenario,
    /// Dossiers that live through the run; of everything, a tenth as many land dossiers and citizens besides.
    #[arg(long, default_value_t = 200, value_name = "N")]
    dossiers: u64,
    /// How badly the systems misbehave: none, real or harsh.
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

/// What a run plays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Scenario {
    /// Dossiers of all kinds, to the portal.
    Dossier,
    /// Land dossiers with a financial obligation, from the desk over land office and tax back to the citizen.
    Land,
    /// Dossiers filled in from the population database, and questions about citizens.
    Citizen,
    /// All of them at once.
    All,
}

impl Scenario {
    /// How many dossiers, land dossiers and citizens take part.
    fn dossiers(self, count: u64) -> [u64; 3] {
        match self {
            Self::Dossier => [count, 0, 0],
            Self::Land => [0, count, 0],
            Self::Citizen => [0, 0, count],
            Self::All => [count, count.div_ceil(SHARE), count.div_ceil(SHARE)],
        }
    }
}

impl Sandbox {
    pub(crate) async fn run(self, out: Out) -> Result<(), Failure> {
        let summary = Box::pin(self.live(out)).await.map_err(|error| Failure::Failed(format!("{error:#}")))?;
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
        out.note(format_args!("population database (simulated, {}) at {}", self.faults, stage.population.base_url()));
        out.note(format_args!("land office (simulated, {}) at {}", self.faults, stage.land.base_url()));
        out.note(format_args!("tax office (simulated, {}) at {}", self.faults, stage.tax.base_url()));
        out.note(format_args!("gateway at {}, journal in {}", stage.gateway.base, stage.folder.display()));
        let summary = self.play(stage, out).await?;
        if out.is_json() {
            out.line(summary.json());
        } else {
            out.line(summary.text());
            out.line(summary.directions());
        }
        Ok(summary)
    }

    async fn play(&self, stage: &Stage, out: Out) -> anyhow::Result<Summary> {
        let tally = Arc::new(Tally::default());
        let began = stage.clock.monotonic();
        let [ordinary, of_land, of_citizens] = self.scenario.dossiers(self.dossiers);
        let now = stage.clock.now();
        let desks = Desks { gateway: stage.gateway.clone(), seed: self.seed, now, tally: Arc::clone(&tally) };
        let neighbours =
            Neighbours { portal: &stage.portal, population: &stage.population, tax: &stage.tax, land: &stage.land };
        let mut land = LandRun::new(
            (stage.gateway.clone(), neighbours),
            (Arc::clone(&stage.clock), Arc::clone(&tally)),
            self.seed,
            of_land,
            now,
        );
        let mut citizens =
            CitizenRun::new(&stage.gateway, (&stage.population, &stage.portal), &tally, of_citizens, now);
        let submitting = tokio::spawn(async move { desks.submit_all(ordinary).await });
        let living = async {
            tokio::try_join!(land.live(), citizens.live())?;
            submitting.await?
        };
        self.follow(living, stage, &tally, out).await?;
        let seconds = stage.clock.monotonic().saturating_sub(began).as_secs_f64();
        let promises = std::mem::take(&mut *tally.promises.lock());
        let service = &stage.app.state().service;
        let verdict = judge::judge(service, &stage.portal, &promises).await?;
        let land = if of_land > 0 { Some(land.judge(service).await?) } else { None };
        let citizens = if of_citizens > 0 { Some(citizens.judge(service).await?) } else { None };
        Ok(Summary {
            submitted: tally.submitted.load(Ordering::Relaxed),
            accepted: tally.accepted.load(Ordering::Relaxed),
            verdict,
            land,
            citizens,
            seconds,
            address: stage.gateway.base.clone(),
            api_key: stage.gateway.api_key.clone(),
            password: stage.password.clone(),
        })
    }

    /// Shows progress until everything was played and nothing moves any more but what a person must see to.
    async fn follow(
        &self,
        living: impl Future<Output = anyhow::Result<()>>,
        stage: &Stage,
        tally: &Tally,
        out: Out,
    ) -> anyhow::Result<()> {
        let began = stage.clock.monotonic();
        let mut progress = Progress::new(out);
        let mut living = std::pin::pin!(living);
        let (mut played, mut still) = (false, 0);
        while still < STILL {
            tokio::select! {
                lived = &mut living, if !played => {
                    lived?;
                    played = true;
                }
                () = tokio::time::sleep(LOOK) => {}
            }
            let backlog = stage.backlog().await?;
            let now = stage.clock.monotonic().saturating_sub(began);
            progress.tell(now, tally.accepted.load(Ordering::Relaxed), backlog.open, backlog.parked);
            still = if played && !backlog.moving { still + 1 } else { 0 };
        }
        progress.finish();
        Ok(())
    }
}

/// Ctrl-C or SIGTERM.
async fn ended() -> anyhow::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        said = tokio::signal::ctrl_c() => said.context("Ctrl-C cannot be heard"),
        _ = terminate.recv() => Ok(()),
    }
}
