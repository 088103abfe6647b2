//! `systems diagnose`: what keeps us from a system, on the gateway's machine, from its configuration alone. It opens no journal and asks no running gateway.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use lienthong_core::{Clock, SystemId};
use lienthong_engine::clock::SystemClock;

use crate::cli::{Failure, Out};
use crate::config::{self, Around};
use crate::diagnose::{Report, Subject, diagnose, json, page, table};

#[derive(Debug, Args)]
pub(crate) struct Diagnose {
    /// As the configuration names it; a disabled system too.
    system: SystemId,
    /// The configuration folder.
    #[arg(long, env = "LIENTHONG_CONFIG", default_value = "config", value_name = "DIR")]
    config: PathBuf,
    /// Also writes a page to print or to attach to a letter, in Vietnamese and English.
    #[arg(long, value_name = "FILE.html")]
    page: Option<PathBuf>,
    /// How many seconds the login and the read may take, each.
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=600))]
    timeout: u64,
}

impl Diagnose {
    pub(crate) async fn run(self, out: &Out) -> Result<(), Failure> {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
        let subject = self.subject(&clock)?;
        let report = diagnose(subject, &clock, Duration::from_secs(self.timeout)).await;
        if out.is_json() {
            out.value(&json(&report));
        } else {
            let (headings, rows) = table(&report);
            out.table(&headings, rows);
        }
        if let Some(path) = &self.page {
            written(path, &report)?;
            out.note(format_args!("wrote {}", path.display()));
        }
        if report.is_ok() { Ok(()) } else { Err(told(&report, *out)) }
    }

    fn subject(&self, clock: &Arc<dyn Clock>) -> Result<Subject, Failure> {
        let loaded = config::load(&self.config).map_err(Failure::Configuration)?;
        let around = Around::without_files(Arc::clone(clock));
        match config::build_system(&loaded, &self.system, &around) {
            Some(Ok(adapter)) => {
                let organisation = loaded.gateway.organisation;
                Ok(Subject { organisation, system: self.system.clone(), adapter })
            }
            Some(Err(problems)) => Err(Failure::Configuration(problems)),
            None => {
                let known: Vec<&str> = loaded.all_systems().map(SystemId::as_str).collect();
                Err(Failure::Usage(format!("no system is called {}; there are: {}", self.system, known.join(", "))))
            }
        }
    }
}

fn written(path: &Path, report: &Report) -> Result<(), Failure> {
    std::fs::write(path, page(report))
        .map_err(|error| Failure::because(&format!("{} cannot be written", path.display()), error))
}

/// For programs the result says it.
fn told(report: &Report, out: Out) -> Failure {
    match out.is_json() {
        true => Failure::Told,
        false => Failure::Failed(format!("{} cannot be used as it is; the table says who must act", report.system)),
    }
}

#[cfg(test)]
mod tests {
    use lienthong_simulators::portal::{Portal, PortalOptions};

    use super::*;
    use crate::fixture::Fixture;

    #[tokio::test]
    async fn a_diagnosis_writes_its_page_opens_no_journal_and_ends_as_the_system_is() {
        let folder = tempfile::tempdir().unwrap();
        let portal = Portal::start(PortalOptions::default()).await.unwrap();
        let options = PortalOptions::default();
        let fixture = Fixture {
            listen: "127.0.0.1:0".parse().unwrap(),
            journal: folder.path().join("journal"),
            portal: portal.base_url(),
            portal_username: options.username,
            portal_password: options.password,
            security_key: options.security_key,
            api_key: "a key long enough to be one".to_owned(),
            concurrency: 4,
            timeout: "5s",
        };
        let config = folder.path().join("config");
        fixture.write(&config).unwrap();
        let page = folder.path().join("page.html");
        let diagnose = |system: &str| Diagnose {
            system: SystemId::new(system).unwrap(),
            config: config.clone(),
            page: Some(page.clone()),
            timeout: 10,
        };
        let out = Out::new(true);
        diagnose("portal").run(&out).await.unwrap();
        let written = std::fs::read_to_string(&page).unwrap();
        assert!(written.contains("Mọi bước đã thử đều đạt."), "{written}");
        std::fs::write(config.join("secrets/password"), "another").unwrap();
        assert!(matches!(diagnose("portal").run(&out).await, Err(Failure::Told)));
        assert!(std::fs::read_to_string(&page).unwrap().contains("Có bước không đạt."));
        assert!(matches!(diagnose("tax").run(&out).await, Err(Failure::Usage(_))));
        std::fs::remove_file(config.join("secrets/password")).unwrap();
        assert!(matches!(diagnose("portal").run(&out).await, Err(Failure::Configuration(_))));
        assert!(!folder.path().join("journal").exists());
    }
}
