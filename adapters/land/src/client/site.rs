//! One dated address of the land office: a URL per message and list, and its token. It sends nothing.

use std::sync::Arc;

use lienthong_core::network::SessionState;
use lienthong_core::secret::{ExposeSecret, SecretSource, SecretString};
use lienthong_core::{Clock, Fault, FaultKind};
use lienthong_kit::config::Address;
use lienthong_kit::session::Sessions;
use lienthong_kit::transport::Transport;
use lienthong_kit::words::Words;
use reqwest::Url;

use super::Session;
use super::oauth::Oauth;
use crate::config::{Dialect, EndpointConfig, LandConfig, ListConfig, Paths};
use crate::map::answer::Writing;
use crate::model::ListKind;
use crate::wire::request::{LIST_SECRET, path};

pub(super) struct Site {
    pub(super) base: Address,
    /// Where tokens are given, when they are.
    pub(super) tokens: Option<Address>,
    receive: Url,
    supplement: Url,
    returned: Url,
    wrong: Option<Url>,
    lists: Vec<(ListKind, ListConfig, Url)>,
    sessions: Option<Sessions<SecretString>>,
}

/// What a site is made with.
#[derive(Clone, Copy)]
pub(super) struct Parts<'a> {
    pub(super) system: &'a str,
    pub(super) config: &'a LandConfig,
    pub(super) secrets: &'a dyn SecretSource,
    pub(super) clock: &'a Arc<dyn Clock>,
    pub(super) transport: &'a Transport,
    pub(super) words: &'a Words,
}

impl Site {
    pub(super) fn build(endpoint: &EndpointConfig, parts: Parts<'_>) -> Result<Self, String> {
        let EndpointConfig { name: _, from: _, until: _, base, paths, oauth } = endpoint;
        let Paths { receive_dossier, supplement_dossier, return_result, report_wrong_dossier } = paths;
        let [receive, supplement, returned, wrong] = own_paths(parts.config.dialect);
        let below = |given: &Option<String>, own: &str| {
            base.below(given.as_deref().unwrap_or(own)).map_err(|problem| format!("a path {problem}"))
        };
        let wrong = match (report_wrong_dossier, wrong) {
            (None, None) => None,
            (given, own) => Some(below(given, own.unwrap_or_default())?),
        };
        let sessions = match oauth {
            None => None,
            Some(oauth) => {
                let login = Oauth::build(oauth, parts)?;
                let (timeout, clock) = (oauth.timeout.0, Arc::clone(parts.clock));
                Some(Sessions::new(parts.system, Arc::new(login), timeout, clock))
            }
        };
        Ok(Self {
            receive: below(receive_dossier, receive.unwrap_or_default())?,
            supplement: below(supplement_dossier, supplement.unwrap_or_default())?,
            returned: below(return_result, returned.unwrap_or_default())?,
            wrong,
            lists: lists(base, parts)?,
            base: base.clone(),
            tokens: oauth.as_ref().map(|oauth| oauth.token_url.clone()),
            sessions,
        })
    }

    pub(super) fn url(&self, what: Writing) -> Option<&Url> {
        match what {
            Writing::Receive => Some(&self.receive),
            Writing::Supplement => Some(&self.supplement),
            Writing::Return => Some(&self.returned),
            Writing::Wrong => self.wrong.as_ref(),
        }
    }

    pub(super) fn list(&self, kind: ListKind) -> Option<(&ListConfig, &Url)> {
        self.lists.iter().find(|(found, ..)| *found == kind).map(|(_, config, url)| (config, url))
    }

    pub(super) fn standing(&self) -> SessionState {
        self.sessions.as_ref().map_or(SessionState::Sessionless, Sessions::standing)
    }

    /// The token, where this address needs one.
    pub(super) async fn session(&self) -> Result<Option<Session>, Fault> {
        match &self.sessions {
            Some(sessions) => sessions.get().await.map(Some),
            None => Ok(None),
        }
    }

    /// A token the land office refused is not used again.
    pub(super) fn forget_refused<T>(&self, session: Option<&Session>, outcome: &Result<T, Fault>) {
        let refused = outcome.as_ref().is_err_and(|fault| fault.kind == FaultKind::Unauthenticated);
        if let (true, Some(sessions), Some(session)) = (refused, &self.sessions, session) {
            sessions.forget(session);
        }
    }
}

/// Receive, supplement, return, wrong.
fn own_paths(dialect: Dialect) -> [Option<&'static str>; 4] {
    match dialect {
        Dialect::Vbdlis => [
            Some(path::VBDLIS_RECEIVE),
            Some(path::VBDLIS_SUPPLEMENT),
            Some(path::VBDLIS_RETURN),
            Some(path::VBDLIS_WRONG),
        ],
        Dialect::Ilis => [Some(path::ILIS_RECEIVE), Some(path::ILIS_SUPPLEMENT), Some(path::ILIS_STATUS), None],
    }
}

fn lists(base: &Address, parts: Parts<'_>) -> Result<Vec<(ListKind, ListConfig, Url)>, String> {
    let Some(config) = &parts.config.lists else { return Ok(Vec::new()) };
    let code = config.security_code.as_ref().map(|reference| parts.secrets.read(reference)).transpose()?;
    let mut all = Vec::new();
    for kind in ListKind::ALL {
        let Some(list) = config.of(kind) else { continue };
        let mut url = base.below(&list.path).map_err(|problem| format!("{} {problem}", list.path))?;
        if let Some(code) = &code {
            url.query_pairs_mut().append_pair(LIST_SECRET, code.expose_secret());
        }
        all.push((kind, list.clone(), url));
    }
    Ok(all)
}
