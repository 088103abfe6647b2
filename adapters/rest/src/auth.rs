//! Proves who we are: adds what the configured way wants to a request. Tokens are fetched once, shared and renewed; it makes no calls.

mod oauth;

use std::sync::Arc;

use http::header::AUTHORIZATION;
use http::{HeaderName, HeaderValue};
use lienthong_core::network::{Opened, SessionState};
use lienthong_core::secret::{ExposeSecret, SecretRef, SecretSource, SecretString};
use lienthong_core::{Clock, Fault, FaultKind};
use lienthong_kit::auth;
use lienthong_kit::session::{Session, Sessions};
use lienthong_kit::token::TokenParts;
use lienthong_kit::transport::{Outgoing, Transport};

use crate::config::{ApiKeyConfig, AuthenticationConfig, BasicConfig, BearerConfig, Where};

/// One end point's way.
pub(crate) enum Proof {
    None,
    Header { name: HeaderName, value: HeaderValue, secret: SecretString },
    Query { name: String, secret: SecretString },
    Token(Sessions<SecretString>),
}

/// What was shown with a request: kept to take it out of texts, and to forget it when it is refused.
pub(crate) enum Shown<'p> {
    Nothing,
    Secret(&'p SecretString),
    Token(Arc<Session<SecretString>>),
}

impl Proof {
    /// Reads the secrets; tokens are fetched when first needed.
    pub(crate) fn build(
        config: &AuthenticationConfig,
        secrets: &dyn SecretSource,
        transport: &Transport,
        clock: &Arc<dyn Clock>,
    ) -> Result<Self, String> {
        let said = |reference: &SecretRef| {
            let reference = reference.clone();
            move |problem: String| format!("{reference} {problem}")
        };
        match config {
            AuthenticationConfig::None => Ok(Self::None),
            AuthenticationConfig::ApiKey(ApiKeyConfig { name, place: Where::Query, value }) => {
                Ok(Self::Query { name: name.clone(), secret: secrets.read(value)? })
            }
            AuthenticationConfig::ApiKey(ApiKeyConfig { name, place: Where::Header, value }) => {
                let secret = secrets.read(value)?;
                let name = name.parse().map_err(|_| format!("{name} is no name of a header"))?;
                let header = auth::sensitive(secret.expose_secret()).map_err(said(value))?;
                Ok(Self::Header { name, value: header, secret })
            }
            AuthenticationConfig::Basic(BasicConfig { username, password }) => {
                let (user, secret) = (secrets.read(username)?, secrets.read(password)?);
                let value = auth::basic(user.expose_secret(), &secret).map_err(said(password))?;
                Ok(Self::Header { name: AUTHORIZATION, value, secret })
            }
            AuthenticationConfig::Bearer(BearerConfig { token }) => {
                let secret = secrets.read(token)?;
                let value = auth::bearer(&secret).map_err(said(token))?;
                Ok(Self::Header { name: AUTHORIZATION, value, secret })
            }
            AuthenticationConfig::OAuth2(config) => {
                let system = format!("token end point {}", config.token_url.host());
                let words = oauth::nothing_said();
                let parts = TokenParts { system: &system, secrets, clock, transport, words: &words };
                oauth::sessions(config, parts).map(Self::Token)
            }
        }
    }

    /// The request with the proof on it, after a token was fetched where one is needed.
    pub(crate) async fn show(&self, outgoing: Outgoing) -> Result<(Outgoing, Shown<'_>), Fault> {
        match self {
            Self::None => Ok((outgoing, Shown::Nothing)),
            Self::Header { name, value, secret } => {
                Ok((outgoing.with_header(name.clone(), value.clone()), Shown::Secret(secret)))
            }
            Self::Query { name, secret } => {
                let mut outgoing = outgoing;
                outgoing.url.query_pairs_mut().append_pair(name, secret.expose_secret());
                Ok((outgoing, Shown::Secret(secret)))
            }
            Self::Token(sessions) => {
                let session = sessions.get().await?;
                let value = auth::bearer(&session.value)
                    .map_err(|problem| Fault::of(FaultKind::Unauthenticated, format!("the token given {problem}")))?;
                Ok((outgoing.with_header(AUTHORIZATION, value), Shown::Token(session)))
            }
        }
    }

    pub(crate) fn standing(&self) -> SessionState {
        match self {
            Self::Token(sessions) => sessions.standing(),
            Self::None | Self::Header { .. } | Self::Query { .. } => SessionState::Sessionless,
        }
    }

    /// The token alone, fetched when there is none.
    pub(crate) async fn open(&self) -> Result<Opened, Fault> {
        match self {
            Self::Token(sessions) => sessions.get().await.map(|_| Opened::Session),
            Self::None | Self::Header { .. } | Self::Query { .. } => Ok(Opened::Sessionless),
        }
    }

    /// The system does not accept what was shown: a token is forgotten, so that the next attempt fetches another.
    pub(crate) fn refused(&self, shown: &Shown<'_>) {
        match (self, shown) {
            (Self::Token(sessions), Shown::Token(session)) => sessions.forget(session),
            (Self::Token(_), Shown::Nothing | Shown::Secret(_))
            | (Self::None | Self::Header { .. } | Self::Query { .. }, _) => {}
        }
    }
}

impl Shown<'_> {
    /// What must not appear in a fault.
    pub(crate) fn secret(&self) -> Option<&str> {
        match self {
            Self::Nothing => None,
            Self::Secret(secret) => Some(secret.expose_secret()),
            Self::Token(session) => Some(session.value.expose_secret()),
        }
    }
}
