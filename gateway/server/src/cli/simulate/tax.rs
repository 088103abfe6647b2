//! `simulate tax`: the simulated tax gateway by itself. It knows no adapter.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;
use lienthong_simulators::tax::{FaultProfile, Proof, Tax, TaxOptions};
use serde_json::json;

use crate::cli::{Failure, Out};
use crate::telemetry;

#[derive(Debug, Args)]
pub(super) struct TaxArgs {
    /// Where to listen; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:9082", value_name = "ADDR")]
    listen: SocketAddr,
    /// How badly it misbehaves by itself: none, real or harsh.
    #[arg(long, default_value_t = FaultProfile::None)]
    profile: FaultProfile,
    /// The same seed registers the same taxpayers and meets the same faults.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many synthetic taxpayers are registered; `/_sim/taxpayers` lists them.
    #[arg(long, default_value_t = 100)]
    taxpayers: usize,
    /// The partner's name in the password digest.
    #[arg(long, default_value = "PARTNER")]
    username: String,
    /// The partner's password.
    #[arg(long, default_value = "simulated")]
    password: String,
    /// The partner's certificate (PEM): messages must be signed with its key instead; needs the program xmlsec1.
    #[arg(long, value_name = "FILE")]
    certificate: Option<PathBuf>,
    /// How much is logged.
    #[arg(long, default_value = "info")]
    level: String,
}

impl TaxArgs {
    pub(super) async fn run(self, out: &Out) -> Result<(), Failure> {
        telemetry::init_readable(&self.level);
        let proof = match self.certificate {
            None => Proof::Digest { username: self.username, password: self.password },
            Some(path) => {
                let certificate = std::fs::read_to_string(&path)
                    .map_err(|error| Failure::because("the certificate cannot be read", error))?;
                Proof::Signed { certificate }
            }
        };
        let options = TaxOptions {
            listen: self.listen,
            profile: self.profile,
            seed: self.seed,
            taxpayers: self.taxpayers,
            proof,
            ..TaxOptions::default()
        };
        let tax = Tax::start(options).await.map_err(|error| Failure::Failed(format!("{error:#}")))?;
        if out.is_json() {
            out.value(&json!({ "address": tax.addr().to_string(), "url": tax.base_url() }));
        } else {
            out.line(format_args!("simulated tax gateway at {}; Ctrl-C ends it", tax.base_url()));
        }
        tokio::signal::ctrl_c().await.map_err(|error| Failure::because("signals cannot be heard", error))?;
        let report = tax.report();
        tax.stop().await;
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
