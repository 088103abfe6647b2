//! `serve`: the gateway as a service. It ends when a signal asks it to.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use clap::Args;

use super::Failure;
use crate::app::{App, Options, Signals, StartError, run_until_signal};
use crate::{config, telemetry};

#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// The configuration folder.
    #[arg(long, env = "LIENTHONG_CONFIG", default_value = "config", value_name = "DIR")]
    config: PathBuf,
    /// Listens here instead of where the configuration says.
    #[arg(long, value_name = "ADDR")]
    listen: Option<SocketAddr>,
    /// Keeps the journal here instead of where the configuration says.
    #[arg(long, value_name = "DIR")]
    journal: Option<PathBuf>,
    /// Writes its address here once it serves, as `http://HOST:PORT` or `https://…`: for whoever starts it on port 0.
    #[arg(long, value_name = "FILE")]
    ready_file: Option<PathBuf>,
}

impl Serve {
    pub(crate) async fn run(self) -> Result<(), Failure> {
        let loaded = config::load(&self.config).map_err(Failure::Configuration)?;
        let telemetry = telemetry::init(&loaded.gateway.telemetry, &loaded.gateway.organisation)
            .map_err(|error| Failure::Failed(format!("telemetry does not start: {error:#}")))?;
        let signals = Signals::listen().map_err(|error| Failure::because("signals cannot be heard", error))?;
        let options = Options { listen: self.listen, journal: self.journal, ..Options::default() };
        let scheme = if loaded.gateway.listen.tls.is_some() { "https" } else { "http" };
        let app = App::start(loaded, options).await.map_err(refused)?;
        if let Some(file) = &self.ready_file {
            let told = tell(file, &format!("{scheme}://{}", app.addr()));
            told.map_err(|error| Failure::because(&format!("{} cannot be written", file.display()), error))?;
        }
        let drained = run_until_signal(app, signals).await;
        let flushed = tokio::task::spawn_blocking(move || telemetry.shut_down()).await;
        flushed.map_err(|error| Failure::because("telemetry ended badly", error))?;
        if !drained {
            tracing::warn!("work was left in flight; the next start settles it");
        }
        Ok(())
    }
}

/// Whole or not at all: a reader never sees half an address.
fn tell(file: &Path, address: &str) -> std::io::Result<()> {
    let draft = file.with_extension("draft");
    std::fs::write(&draft, address)?;
    std::fs::rename(&draft, file)
}

pub(super) fn refused(error: StartError) -> Failure {
    match error {
        StartError::Configuration(problems) => Failure::Configuration(problems),
        StartError::Journal(_) | StartError::Recovery(_) | StartError::Listen { .. } | StartError::Assembly(_) => {
            Failure::Failed(error.to_string())
        }
    }
}
