//! `simulate population`: the simulated population database by itself. It knows no adapter.

use std::net::SocketAddr;
use std::time::Duration;

use clap::Args;
use lienthong_simulators::population::{FaultProfile, Population, PopulationOptions};
use serde_json::json;

use crate::cli::{Failure, Out};
use crate::telemetry;

#[derive(Debug, Args)]
pub(super) struct PopulationArgs {
    /// Where to listen; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:9081", value_name = "ADDR")]
    listen: SocketAddr,
    /// How badly it misbehaves by itself: none, real or harsh.
    #[arg(long, default_value_t = FaultProfile::None)]
    profile: FaultProfile,
    /// The same seed registers the same citizens and meets the same faults.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many synthetic citizens are registered; `/_sim/citizens` lists them.
    #[arg(long, default_value_t = 200)]
    citizens: usize,
    /// The token the JSON wrapper takes besides those it gives.
    #[arg(long, default_value = "simulated-token")]
    token: String,
    /// Seconds a given token lives.
    #[arg(long, default_value_t = 3600, value_name = "SECONDS")]
    token_life: u64,
    /// Refuses requests without the unit's organisation id, as the newer document does.
    #[arg(long)]
    require_unit: bool,
    /// Takes names with accents and blanks too.
    #[arg(long)]
    lenient_names: bool,
    /// How much is logged.
    #[arg(long, default_value = "info")]
    level: String,
}

impl PopulationArgs {
    pub(super) async fn run(self, out: &Out) -> Result<(), Failure> {
        telemetry::init_readable(&self.level);
        let options = PopulationOptions {
            listen: self.listen,
            profile: self.profile,
            seed: self.seed,
            citizens: self.citizens,
            static_token: Some(self.token),
            token_ttl: Duration::from_secs(self.token_life),
            require_unit: self.require_unit,
            strict_names: !self.lenient_names,
            ..PopulationOptions::default()
        };
        let population = Population::start(options).await.map_err(|error| Failure::Failed(format!("{error:#}")))?;
        if out.is_json() {
            out.value(&json!({ "address": population.addr().to_string(), "url": population.base_url() }));
        } else {
            out.line(format_args!("simulated population database at {}; Ctrl-C ends it", population.base_url()));
        }
        tokio::signal::ctrl_c().await.map_err(|error| Failure::because("signals cannot be heard", error))?;
        let report = population.report();
        population.stop().await;
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
