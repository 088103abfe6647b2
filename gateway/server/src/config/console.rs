//! The operators' console: how long a login lasts and how its cookie travels. Who may log in stands in `operators`.

use std::time::Duration;

use lienthong_console::{SessionKey, Sessions};
use lienthong_core::secret::{ExposeSecret as _, SecretRef, SecretSource};
use schemars::JsonSchema;
use serde::Deserialize;
use url::Url;

use super::problems::Problems;
use super::tree::Place;
use super::types::Span;
use super::{GatewayModel, folder};

/// Shortest secret that sessions are signed with, in bytes.
const KEY_BYTES: usize = 32;

/// Sessions of the console.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ConsoleModel {
    /// A login is over when nothing was asked for so long.
    pub idle: Span,
    /// A login is over after this, however busy.
    pub longest: Span,
    /// Whether a proxy before the gateway encrypts: cookies then travel by HTTPS only, as they do with the gateway's own TLS.
    pub behind_tls: bool,
    /// What sessions are signed with, as a reference: they then outlive a restart. At least 32 characters nobody can guess. Without it
    /// each start signs with a key of its own. A change needs a restart.
    pub session_key: Option<SecretRef>,
    /// Where the gateway is found from outside, such as `https://gateway.h56.example`: links in alerts begin so. Without it they have none.
    #[schemars(with = "Option<String>")]
    pub public_url: Option<Url>,
}

impl Default for ConsoleModel {
    fn default() -> Self {
        Self {
            idle: Span(Duration::from_secs(30 * 60)),
            longest: Span(Duration::from_secs(10 * 3600)),
            behind_tls: false,
            session_key: None,
            public_url: None,
        }
    }
}

impl ConsoleModel {
    /// What is wrong beyond single values.
    pub(crate) fn check(&self) -> Option<(&'static str, &'static str, &'static str)> {
        if let Some(url) = &self.public_url
            && (!matches!(url.scheme(), "http" | "https") || !url.has_host() || url.query().is_some())
        {
            let remedy = "write it like https://gateway.h56.example";
            return Some(("/console/public_url", "`public_url` is no address that links can begin with", remedy));
        }
        let remedy = "let a login last at least as long as it may be idle";
        (self.longest < self.idle).then_some(("/console/longest", "`longest` is shorter than `idle`", remedy))
    }
}

/// How sessions are limited.
pub(crate) fn sessions(gateway: &GatewayModel) -> Sessions {
    let ConsoleModel { idle, longest, behind_tls, session_key: _, public_url: _ } = &gateway.console;
    Sessions { idle: idle.0, longest: longest.0, secure: gateway.listen.tls.is_some() || *behind_tls }
}

/// The configured key of sessions; `None` without one, or with a problem.
pub(crate) fn session_key(
    gateway: &GatewayModel,
    secrets: &dyn SecretSource,
    problems: &mut Problems,
) -> Option<SessionKey> {
    let reference = gateway.console.session_key.as_ref()?;
    let problem = match secrets.read(reference) {
        Ok(secret) if secret.expose_secret().len() >= KEY_BYTES => {
            return Some(SessionKey::of(secret.expose_secret().as_bytes()));
        }
        Ok(_) => format!("console: the session key in {reference} has fewer than {KEY_BYTES} characters"),
        Err(problem) => format!("console: {problem}"),
    };
    problems.note(folder::GATEWAY, Place::default(), problem, "give a long random text, or leave session_key out");
    None
}
