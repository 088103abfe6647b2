//! `simulate ministry`: the simulated ministry by itself. It knows no adapter.

use std::net::SocketAddr;
use std::time::Duration;

use clap::Args;
use lienthong_simulators::ministry::{FaultProfile, Ministry, MinistryOptions};
use serde_json::json;

use crate::cli::{Failure, Out};
use crate::telemetry;

#[derive(Debug, Args)]
pub(super) struct MinistryArgs {
    /// Where to listen; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:9084", value_name = "ADDR")]
    listen: SocketAddr,
    /// How badly it misbehaves by itself: none, real or harsh.
    #[arg(long, default_value_t = FaultProfile::None)]
    profile: FaultProfile,
    /// The same seed meets the same faults.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The client its token end point knows.
    #[arg(long, default_value = "province")]
    client_id: String,
    /// The client's secret.
    #[arg(long, default_value = "simulated")]
    client_secret: String,
    /// The key of the legacy dialect.
    #[arg(long, default_value = "simulated-key")]
    api_key: String,
    /// Seconds a token lives.
    #[arg(long, default_value_t = 300, value_name = "SECONDS")]
    token: u64,
    /// How much is logged.
    #[arg(long, default_value = "info")]
    level: String,
}

impl MinistryArgs {
    pub(super) async fn run(self, out: &Out) -> Result<(), Failure> {
        telemetry::init_readable(&self.level);
        let options = MinistryOptions {
            listen: self.listen,
            profile: self.profile,
            seed: self.seed,
            token_ttl: Duration::from_secs(self.token),
            client_id: self.client_id,
            client_secret: self.client_secret,
            api_key: self.api_key,
            ..MinistryOptions::default()
        };
        let ministry = Ministry::start(options).await.map_err(|error| Failure::Failed(format!("{error:#}")))?;
        if out.is_json() {
            out.value(&json!({ "address": ministry.addr().to_string(), "url": ministry.base_url() }));
        } else {
            out.line(format_args!("simulated ministry at {}; Ctrl-C ends it", ministry.base_url()));
        }
        tokio::signal::ctrl_c().await.map_err(|error| Failure::because("signals cannot be heard", error))?;
        let report = ministry.report();
        ministry.stop().await;
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
