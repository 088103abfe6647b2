//! `simulate land`: the simulated land registration office by itself. It knows no adapter.

use std::net::SocketAddr;
use std::time::Duration;

use clap::Args;
use lienthong_simulators::land::{Account, Desk, Dialect, Entry, FaultProfile, Land, LandOptions, Script, TaxDesk};
use serde_json::json;

use crate::cli::{Failure, Out};
use crate::telemetry;

#[derive(Debug, Args)]
pub(super) struct LandArgs {
    /// Where to listen; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:9083", value_name = "ADDR")]
    listen: SocketAddr,
    /// Which software the office runs: vbdlis or ilis.
    #[arg(long, default_value_t = Dialect::Vbdlis)]
    dialect: Dialect,
    /// How badly it misbehaves by itself: none, real or harsh.
    #[arg(long, default_value_t = FaultProfile::None)]
    profile: FaultProfile,
    /// The same seed works on a dossier in the same way and meets the same faults.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// An account besides canbo01 to canbo04; may be given again. Dossiers received by others are refused.
    #[arg(long, value_name = "NAME")]
    officer: Vec<String>,
    /// Where the gateway takes its pushes: http://127.0.0.1:8443/in/land. Without it nothing is pushed.
    #[arg(long, value_name = "URL", requires = "secret")]
    desk: Option<String>,
    /// What it puts into the address of its pushes.
    #[arg(long, value_name = "SECRET")]
    secret: Option<String>,
    /// A tax gateway (`simulate tax`) that takes its signed slips and decides; without it the office writes the notices itself.
    #[arg(long, value_name = "URL")]
    tax: Option<String>,
    /// Its name at the tax gateway.
    #[arg(long, default_value = "PARTNER")]
    tax_username: String,
    /// Its password there.
    #[arg(long, default_value = "simulated")]
    tax_password: String,
    /// Takes no step by itself: `POST /_sim/step {"dossier": …}` does.
    #[arg(long)]
    by_hand: bool,
    /// Milliseconds of rest before each step.
    #[arg(long, default_value_t = 1000, value_name = "MILLIS")]
    pace: u64,
    /// Dossiers of a thousand that are asked for a supplement.
    #[arg(long, default_value_t = 250, value_name = "N")]
    supplements: u64,
    /// iLIS: the account a token needs.
    #[arg(long, default_value = "province")]
    username: String,
    /// iLIS: its password.
    #[arg(long, default_value = "simulated")]
    password: String,
    /// iLIS: seconds a token lives.
    #[arg(long, default_value_t = 600, value_name = "SECONDS")]
    token: u64,
    /// What its lists want as SecurityCode.
    #[arg(long, default_value = "simulated-code")]
    list_code: String,
    /// How much is logged.
    #[arg(long, default_value = "info")]
    level: String,
}

impl LandArgs {
    pub(super) async fn run(self, out: &Out) -> Result<(), Failure> {
        telemetry::init_readable(&self.level);
        let land = Land::start(self.options()).await.map_err(|error| Failure::Failed(format!("{error:#}")))?;
        if out.is_json() {
            out.value(&json!({ "address": land.addr().to_string(), "url": land.base_url() }));
        } else {
            out.line(format_args!("simulated land office at {}; Ctrl-C ends it", land.base_url()));
        }
        tokio::signal::ctrl_c().await.map_err(|error| Failure::because("signals cannot be heard", error))?;
        let report = land.report();
        land.stop().await;
        let shown =
            serde_json::to_value(report).map_err(|error| Failure::because("the report cannot be written", error))?;
        if out.is_json() {
            out.value(&shown);
        } else {
            out.line(serde_json::to_string_pretty(&shown).unwrap_or_default());
        }
        Ok(())
    }

    fn options(self) -> LandOptions {
        let standard = LandOptions::default();
        let mut officers = standard.officers.clone();
        officers.extend(self.officer.iter().map(|account| Entry::new(account, account)));
        let tax = self.tax.map(|url| TaxDesk { url, username: self.tax_username, password: self.tax_password });
        LandOptions {
            listen: self.listen,
            dialect: self.dialect,
            profile: self.profile,
            seed: self.seed,
            desk: self.desk.zip(self.secret).map(|(base, secret)| Desk { base, secret }),
            tax,
            script: Script {
                auto: !self.by_hand,
                pace: Duration::from_millis(self.pace),
                supplements: self.supplements,
                ..Script::default()
            },
            officers,
            account: Account { username: self.username, password: self.password, ..Account::default() },
            token_ttl: Duration::from_secs(self.token),
            security_code: self.list_code,
            ..standard
        }
    }
}
