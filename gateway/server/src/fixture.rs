//! A small complete configuration towards a simulated portal, written to a folder: what the sandbox, the bench and the tests run on.

use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use crate::config::KeyHash;

/// Under which people are found: known to everybody, so of no use but here.
pub(crate) const SEARCH_KEY: &str = "a key of no use but in this very fixture";

/// What varies between those who use it.
#[derive(Debug, Clone)]
pub struct Fixture {
    /// Where the gateway listens; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Where the journal is kept.
    pub journal: PathBuf,
    /// The simulated portal: `http://host:port`.
    pub portal: String,
    pub portal_username: String,
    pub portal_password: String,
    pub security_key: String,
    /// The one client's key; it may do everything.
    pub api_key: String,
    /// Calls in flight at once towards the portal.
    pub concurrency: u32,
    /// How long one call may take, such as `2s`.
    pub timeout: &'static str,
}

impl Fixture {
    /// Writes the configuration into `folder`, which is made when it is missing.
    pub fn write(&self, folder: &Path) -> io::Result<()> {
        self.write_without_routes(folder)?;
        std::fs::write(folder.join("routes/portal.yaml"), ROUTES)
    }

    /// The same, for those who bring routes of their own.
    pub(crate) fn write_without_routes(&self, folder: &Path) -> io::Result<()> {
        for part in ["secrets", "clients", "systems", "routes"] {
            std::fs::create_dir_all(folder.join(part))?;
        }
        let secrets = folder.join("secrets");
        std::fs::write(secrets.join("username"), &self.portal_username)?;
        std::fs::write(secrets.join("password"), &self.portal_password)?;
        std::fs::write(secrets.join("security-key"), &self.security_key)?;
        std::fs::write(secrets.join("search-key"), SEARCH_KEY)?;
        std::fs::write(folder.join("gateway.yaml"), self.gateway(&secrets))?;
        std::fs::write(folder.join("clients/one-stop.yaml"), self.client())?;
        std::fs::write(folder.join("systems/portal.yaml"), self.system(&secrets))
    }

    fn gateway(&self, secrets: &Path) -> String {
        let search_key = quoted(&format!("file:{}", secrets.join("search-key").display()));
        let journal = quoted(&self.journal.display().to_string());
        format!(
            "organisation: H56\nlisten:\n  address: {}\njournal:\n  folder: {journal}\n  accept_above: 256MiB\n  \
             send_above: 64MiB\ntelemetry:\n  format: readable\n  level: warn\nsearch:\n  personal_key: {search_key}\nshutdown:\n  drain: 10s\n",
            self.listen
        )
    }

    fn client(&self) -> String {
        let hash = KeyHash::of(&self.api_key);
        format!(
            "id: one-stop\ndescription: A provincial one-stop platform.\nkeys: [\"{hash}\"]\noperations: [\"*\"]\n\
             roles: [viewer, operator, administrator]\n"
        )
    }

    fn system(&self, secrets: &Path) -> String {
        let secret = |name: &str| quoted(&format!("file:{}", secrets.join(name).display()));
        let Self { concurrency, timeout, portal, .. } = self;
        format!(
            "id: portal\nadapter: portal\npolicy:\n  concurrency: {concurrency}\n  timeout: {timeout}\n  \
             retry: {{ budget: 12, first: 100ms, longest: 2s }}\n  \
             gate: {{ failures: 3, probe_first: 200ms, probe_longest: 1s, ramp_every: 2 }}\nsettings:\n  \
             dossier_codes: {{ organisations: [H56] }}\n  \
             phrases:\n    session_expired: [\"phiên làm việc đã hết hạn\"]\n    throttled: [\"đang quá tải\"]\n    \
             maintenance: [\"đang bảo trì\"]\n  endpoints:\n    - name: simulated\n      axis:\n        \
             base: {portal}\n        organisation: 000.00.00.H56\n        username: {}\n        password: {}\n  \
             transport: {{ idle_timeout: 15s }}\n  inbound:\n    security_key: {}\n",
            secret("username"),
            secret("password"),
            secret("security-key"),
        )
    }
}

/// A text as a YAML scalar, whatever stands in it.
pub(crate) fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

const ROUTES: &str = "\
routes:
  - name: dossiers
    from: any_client
    operations: [portal.sync-dossier]
    to: { operation: portal.sync-dossier }
  # A step whose outcome is unknown waits for a person; it must not hold back the dossier's status.
  - name: progress
    from: any_client
    operations: [portal.sync-progress]
    to: { operation: portal.sync-progress }
    on_parked: skip
  - name: statuses
    from: any_client
    operations: [portal.sync-status]
    to: { operation: portal.sync-status }
  - name: find-dossier
    from: any_client
    operations: [portal.find-dossier]
    to: { operation: portal.find-dossier }
  - name: list-procedures
    from: any_client
    operations: [portal.list-procedures]
    to: { operation: portal.list-procedures }
  - name: get-procedure
    from: any_client
    operations: [portal.get-procedure]
    to: { operation: portal.get-procedure }
  - name: list-agencies
    from: any_client
    operations: [portal.list-agencies]
    to: { operation: portal.list-agencies }
  - name: list-fields
    from: any_client
    operations: [portal.list-fields]
    to: { operation: portal.list-fields }
  - name: tax-notices
    from: { system: portal }
    operations: [portal.tax-notice-received]
    to: { inbox: one-stop }
  - name: tax-receipts
    from: { system: portal }
    operations: [portal.tax-receipt-received]
    to: { inbox: one-stop }
";
