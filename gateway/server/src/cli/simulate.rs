//! `simulate`: external systems to try the gateway against. They share no code with the adapters.

mod land;
mod ministry;
mod population;
mod tax;

use std::net::SocketAddr;
use std::time::Duration;

use clap::{Args, Subcommand};
use lienthong_simulators::portal::{FaultProfile, Portal, PortalOptions};
use serde_json::json;

use super::{Failure, Out};
use crate::telemetry;

#[derive(Debug, Args)]
pub(crate) struct Simulate {
    #[command(subcommand)]
    system: System,
}

#[derive(Debug, Subcommand)]
enum System {
    /// A land registration office, in both its dialects: works on dossiers, pushes, sends its slips to tax.
    Land(land::LandArgs),
    /// A ministry with an API of permits: JSON behind tokens, forms and XML behind a key.
    Ministry(ministry::MinistryArgs),
    /// The national public service portal, in both its forms.
    Portal(PortalArgs),
    /// The national population database, in its three ways of authentication.
    Population(population::PopulationArgs),
    /// The tax directorate's gateway (GIP), with a password digest or signatures.
    Tax(tax::TaxArgs),
}

#[derive(Debug, Args)]
struct PortalArgs {
    /// Where to listen; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:9080", value_name = "ADDR")]
    listen: SocketAddr,
    /// How badly it misbehaves by itself: none, real or harsh.
    #[arg(long, default_value_t = FaultProfile::None)]
    profile: FaultProfile,
    /// The same seed meets the same faults.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The account a login needs.
    #[arg(long, default_value = "province")]
    username: String,
    /// The password a login needs.
    #[arg(long, default_value = "simulated")]
    password: String,
    /// The token the LGSP form asks for; none when left out.
    #[arg(long)]
    bearer: Option<String>,
    /// The caller's organisation id, old form.
    #[arg(long, default_value = "000.00.00.H56")]
    organisation: String,
    /// Seconds a session lives.
    #[arg(long, default_value_t = 600, value_name = "SECONDS")]
    session: u64,
    /// Answers success and stores nothing: for measuring.
    #[arg(long)]
    cheap: bool,
    /// How much is logged.
    #[arg(long, default_value = "info")]
    level: String,
}

impl Simulate {
    pub(crate) async fn run(self, out: &Out) -> Result<(), Failure> {
        match self.system {
            System::Land(args) => args.run(out).await,
            System::Ministry(args) => args.run(out).await,
            System::Portal(args) => args.run(out).await,
            System::Population(args) => args.run(out).await,
            System::Tax(args) => args.run(out).await,
        }
    }
}

impl PortalArgs {
    async fn run(self, out: &Out) -> Result<(), Failure> {
        telemetry::init_readable(&self.level);
        let options = PortalOptions {
            listen: self.listen,
            profile: self.profile,
            seed: self.seed,
            session_ttl: Duration::from_secs(self.session),
            username: self.username,
            password: self.password,
            bearer: self.bearer,
            organisation: self.organisation,
            cheap: self.cheap,
            ..PortalOptions::default()
        };
        let portal = Portal::start(options).await.map_err(|error| Failure::Failed(format!("{error:#}")))?;
        if out.is_json() {
            out.value(&json!({ "address": portal.addr().to_string(), "url": portal.base_url() }));
        } else {
            out.line(format_args!("simulated portal at {}; Ctrl-C ends it", portal.base_url()));
        }
        tokio::signal::ctrl_c().await.map_err(|error| Failure::because("signals cannot be heard", error))?;
        let report = portal.report();
        portal.stop().await;
        let shown =
            serde_json::to_value(report).map_err(|error| Failure::because("the report cannot be written", error))?;
        if out.is_json() {
            out.value(&shown);
        } else {
            out.line(serde_json::to_string_pretty(&shown).unwrap_or_default());
        }
        Ok(())
    }
}
