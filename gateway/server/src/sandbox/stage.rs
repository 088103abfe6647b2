//! The stage of a run: the simulated systems and the gateway, started, looked at and taken down. It plays nothing.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use lienthong_core::{Clock, StateName, SystemId};
use lienthong_engine::clock::SystemClock;
use lienthong_engine::internal;
use lienthong_journal::{BacklogRow, GroupFilter};
use lienthong_simulators::land::{self, Desk, Land, LandOptions, TaxDesk};
use lienthong_simulators::population::{NdxpAccount, Population, PopulationOptions};
use lienthong_simulators::portal::{Portal, PortalOptions};
use lienthong_simulators::tax::{Proof, Tax, TaxOptions};

use super::Sandbox;
use super::client::Gateway;
use super::province::{self, Addresses, LandAddress, PopulationAddress, TaxAddress};
use crate::app::{App, Options};
use crate::cli::hash_password::made;
use crate::config;
use crate::fixture::Fixture;

const API_KEY: &str = "sandbox";
/// The land office and the gateway use one account at the simulated tax gateway.
const TAX_ACCOUNT: &str = "PARTNER";
const TAX_PASSWORD: &str = "simulated";
const PUSH_SECRET: &str = "sandbox-land-pushes";
/// How long one call may take before its answer counts as lost.
const TIMEOUT: &str = "2s";

/// Simulated systems and gateway, running.
pub(super) struct Stage {
    pub(super) portal: Portal,
    pub(super) population: Population,
    pub(super) tax: Tax,
    pub(super) land: Land,
    pub(super) app: App,
    pub(super) gateway: Gateway,
    pub(super) folder: PathBuf,
    /// Of the console's user.
    pub(super) password: String,
    pub(super) clock: Arc<dyn Clock>,
}

/// What is not settled yet.
pub(super) struct Backlog {
    /// Neither settled nor parked; what waits for something to come, or for a client to fetch it, is left out.
    pub(super) open: u64,
    pub(super) parked: u64,
    /// Whether anything of it moves by itself.
    pub(super) moving: bool,
}

impl Stage {
    pub(super) async fn set(options: &Sandbox) -> anyhow::Result<Self> {
        let folder = std::path::absolute(options.data.clone().unwrap_or_else(fresh_folder))?;
        if folder.join("journal").exists() {
            anyhow::bail!(
                "{} holds a journal already; a run counts from an empty one: name another folder",
                folder.display()
            );
        }
        let (profile, seed) = (options.faults, options.seed);
        let simulated = PortalOptions { profile, seed, ..PortalOptions::default() };
        let (username, password) = (simulated.username.clone(), simulated.password.clone());
        let security_key = simulated.security_key.clone();
        let portal = Portal::start(simulated).await?;
        let account = NdxpAccount::default();
        let population =
            Population::start(PopulationOptions { profile, seed, ndxp: Some(account.clone()), ..Default::default() })
                .await?;
        let proof = Proof::Digest { username: TAX_ACCOUNT.to_owned(), password: TAX_PASSWORD.to_owned() };
        let tax = Tax::start(TaxOptions { profile, seed, proof, ..TaxOptions::default() }).await?;
        let land = Land::start(land_options(options, &tax)).await?;
        let fixture = Fixture {
            listen: options.listen,
            journal: folder.join("journal"),
            portal: portal.base_url(),
            portal_username: username,
            portal_password: password,
            security_key,
            api_key: API_KEY.to_owned(),
            concurrency: 16,
            timeout: TIMEOUT,
        };
        let settings = folder.join("config");
        let addresses = Addresses {
            land: LandAddress {
                base: land.base_url(),
                security_code: LandOptions::default().security_code,
                push_secret: PUSH_SECRET.to_owned(),
            },
            population: reached(population.base_url(), account),
            tax: TaxAddress {
                base: tax.base_url(),
                username: TAX_ACCOUNT.to_owned(),
                password: TAX_PASSWORD.to_owned(),
            },
        };
        province::write(&settings, &fixture, &addresses)
            .with_context(|| format!("{} cannot be written", settings.display()))?;
        let password = made();
        province::write_operator(&settings, &password)?;
        let loaded = config::load(&settings).map_err(problems)?;
        let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
        let app = App::start(loaded, Options { clock: Arc::clone(&clock), ..Options::default() }).await?;
        let base = format!("http://{}", app.addr());
        land.set_desk(Desk { base: format!("{base}/in/land"), secret: PUSH_SECRET.to_owned() });
        let http = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(30)).build()?;
        let gateway = Gateway { http, base, api_key: API_KEY.to_owned() };
        Ok(Self { portal, population, tax, land, app, gateway, folder, password, clock })
    }

    pub(super) async fn backlog(&self) -> anyhow::Result<Backlog> {
        let rows = self.app.state().journal.backlog().await?;
        let sum = |wanted: &dyn Fn(&BacklogRow) -> bool| {
            rows.iter().filter(|row| wanted(row)).map(|row| row.count).sum::<u64>()
        };
        // Timers of flows, and what waits for another message, wait inside the gateway: for days where nothing comes. What lies
        // in an inbox is for its client to fetch.
        let timer = |row: &BacklogRow| row.system.as_str() == internal::SYSTEM && row.state == StateName::Waiting;
        let ours = |row: &BacklogRow| !timer(row) && row.system.as_str() != SystemId::INBOX;
        let parked = sum(&|row| row.state == StateName::Parked);
        let open = sum(&|row| row.state != StateName::Parked && !row.state.is_final() && ours(row));
        let queued = sum(&|row| row.state == StateName::Queued && ours(row));
        let held = match parked {
            0 => 0,
            _some => {
                let groups = self.app.state().service.groups(GroupFilter::default(), None, 500).await?;
                groups.rows.iter().map(|group| group.held_behind).sum()
            }
        };
        Ok(Backlog { open, parked, moving: open > queued || queued > held })
    }

    pub(super) async fn strike(self, remove: bool) {
        self.app.stop().await;
        self.land.stop().await;
        self.tax.stop().await;
        self.population.stop().await;
        self.portal.stop().await;
        if remove && let Err(error) = std::fs::remove_dir_all(&self.folder) {
            tracing::warn!(folder = %self.folder.display(), %error, "the sandbox's folder was not removed");
        }
    }
}

fn reached(base: String, account: NdxpAccount) -> PopulationAddress {
    let NdxpAccount { user, secret_key, service_url: _, road_client, api_key } = account;
    PopulationAddress { base, user, secret_key, api_key, road_client }
}

/// An office that works by itself and sends its slips to the simulated tax gateway.
fn land_options(options: &Sandbox, tax: &Tax) -> LandOptions {
    let (username, password) = (TAX_ACCOUNT.to_owned(), TAX_PASSWORD.to_owned());
    LandOptions {
        profile: options.faults,
        seed: options.seed,
        tax: Some(TaxDesk { url: tax.base_url(), username, password }),
        script: land::Script::auto(),
        ..LandOptions::default()
    }
}

fn fresh_folder() -> PathBuf {
    std::env::temp_dir().join(format!("lienthong-sandbox-{}", uuid::Uuid::new_v4().simple()))
}

fn problems(found: Vec<config::Problem>) -> anyhow::Error {
    let lines: Vec<String> = found.iter().map(ToString::to_string).collect();
    anyhow::anyhow!("the sandbox's own configuration has problems:\n{}", lines.join("\n"))
}
