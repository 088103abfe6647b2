//! Bearer tokens: one that does not change, or one that is granted, shared by all calls and renewed. It makes no calls but for tokens.

mod config;
mod grant;

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::{ACCEPT, AUTHORIZATION};
use http::{HeaderMap, HeaderName, HeaderValue};
use lienthong_core::network::{Opened, SessionState};
use lienthong_core::secret::{ExposeSecret, SecretRef, SecretSource, SecretString};
use lienthong_core::{Clock, Fault, FaultKind};
use serde_json::json;

use crate::auth;
use crate::session::{Session, Sessions};
use crate::transport::Transport;
use crate::words::Words;

pub use config::{ApplicationConfig, ClientConfig, FormConfig, GrantConfig, TokenConfig, TokenProof};
pub use grant::TokenRequest;

const JSON: HeaderValue = HeaderValue::from_static("application/json");
const APPLICATION: HeaderName = HeaderName::from_static("lgspaccesstoken");

/// What tokens are made with.
#[derive(Clone, Copy)]
pub struct TokenParts<'a> {
    /// Whose tokens they are, for the log.
    pub system: &'a str,
    pub secrets: &'a dyn SecretSource,
    pub clock: &'a Arc<dyn Clock>,
    pub transport: &'a Transport,
    /// Phrases by which a page tells of maintenance; nothing else of a token's answer is judged by words.
    pub words: &'a Words,
}

/// The tokens of one end point.
pub struct Tokens {
    given: Given,
    /// What every call shows beside the token, where the platform wants it.
    application: Option<HeaderValue>,
}

enum Given {
    Static(SecretString),
    Granted(Sessions<SecretString>),
}

/// A token as it was shown with one request.
pub struct ShownToken {
    /// `Authorization`, and what goes beside it.
    pub headers: HeaderMap,
    value: SecretString,
    session: Option<Arc<Session<SecretString>>>,
}

impl Tokens {
    /// Reads the secrets; tokens are fetched when first needed. The text says what is wrong and what to do.
    pub fn build(config: &TokenConfig, parts: TokenParts<'_>) -> Result<Self, String> {
        match config {
            TokenConfig::Static(reference) => Self::fixed(reference, parts.secrets),
            TokenConfig::Granted(grant) => Self::granted(grant, parts),
        }
    }

    /// One that does not change.
    pub fn fixed(reference: &SecretRef, secrets: &dyn SecretSource) -> Result<Self, String> {
        let token = secrets.read(reference)?;
        auth::bearer(&token).map_err(|problem| format!("{reference} {problem}"))?;
        Ok(Self { given: Given::Static(token), application: None })
    }

    /// One that is fetched, shared and renewed.
    pub fn granted(config: &GrantConfig, parts: TokenParts<'_>) -> Result<Self, String> {
        let GrantConfig { address, proof, scope, fields, lifetime, renew_before, timeout } = config;
        let mut form = vec![("grant_type".to_owned(), SecretString::from("client_credentials"))];
        form.extend(scope.iter().map(|scope| ("scope".to_owned(), SecretString::from(scope.as_str()))));
        form.extend(fields.iter().map(|(name, value)| (name.clone(), SecretString::from(value.as_str()))));
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, JSON);
        let mut application = None;
        match proof {
            TokenProof::Client(ClientConfig { key, secret }) => {
                let (key, secret) = (parts.secrets.read(key)?, parts.secrets.read(secret)?);
                headers.insert(AUTHORIZATION, auth::basic(key.expose_secret(), &secret)?);
            }
            TokenProof::Form(FormConfig { client_id, client_secret }) => {
                form.push(("client_id".to_owned(), parts.secrets.read(client_id)?));
                form.push(("client_secret".to_owned(), parts.secrets.read(client_secret)?));
            }
            TokenProof::Application(config) => {
                let value = application_header(config, parts.secrets)?;
                headers.insert(APPLICATION, value.clone());
                application = Some(value);
            }
        }
        let request = TokenRequest {
            url: address.url().clone(),
            headers,
            form,
            lifetime: lifetime.0,
            renew_before: renew_before.0,
        };
        Ok(Self { given: Given::Granted(request.sessions(timeout.0, parts)), application })
    }

    /// A token to show with one request.
    ///
    /// # Errors
    /// What a login may come to; nothing of the attempt was sent.
    pub async fn show(&self) -> Result<ShownToken, Fault> {
        let (value, session) = match &self.given {
            Given::Static(token) => (token.clone(), None),
            Given::Granted(sessions) => {
                let session = sessions.get().await?;
                (session.value.clone(), Some(session))
            }
        };
        let authorization = auth::bearer(&value)
            .map_err(|problem| Fault::of(FaultKind::Unauthenticated, format!("the token {problem}")))?;
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, authorization);
        headers.extend(self.application.iter().map(|value| (APPLICATION, value.clone())));
        Ok(ShownToken { headers, value, session })
    }

    /// A token that was refused is not used again, unless another has taken its place already.
    pub fn forget_refused<T>(&self, shown: &ShownToken, outcome: &Result<T, Fault>) {
        let refused = outcome.as_ref().is_err_and(|fault| fault.kind == FaultKind::Unauthenticated);
        match (&self.given, &shown.session) {
            (Given::Granted(sessions), Some(session)) if refused => sessions.forget(session),
            (Given::Granted(_), Some(_) | None) | (Given::Static(_), _) => {}
        }
    }

    /// How it stands now, without asking for one.
    pub fn standing(&self) -> SessionState {
        match &self.given {
            Given::Static(_) => SessionState::Sessionless,
            Given::Granted(sessions) => sessions.standing(),
        }
    }

    /// The token alone, fetched when there is none.
    pub async fn open(&self) -> Result<Opened, Fault> {
        match &self.given {
            Given::Static(_) => Ok(Opened::Sessionless),
            Given::Granted(sessions) => sessions.get().await.map(|_| Opened::Session),
        }
    }
}

impl ShownToken {
    /// What must not show in a fault, should the system repeat it.
    pub fn secrets(&self) -> impl Iterator<Item = &str> {
        let beside = self.headers.values().filter_map(|value| value.to_str().ok());
        beside.chain(std::iter::once(self.value.expose_secret()))
    }
}

/// `b64({AccessKey, SecretKey, AppName, PartnerCode, PartnerCodeCus})`.
fn application_header(config: &ApplicationConfig, secrets: &dyn SecretSource) -> Result<HeaderValue, String> {
    let ApplicationConfig { access_key, secret_key, app_name, partner_code, partner_code_cus } = config;
    let (access_key, secret_key) = (secrets.read(access_key)?, secrets.read(secret_key)?);
    let told = json!({
        "AccessKey": access_key.expose_secret(), "SecretKey": secret_key.expose_secret(), "AppName": app_name,
        "PartnerCode": partner_code, "PartnerCodeCus": partner_code_cus
    });
    auth::sensitive(&STANDARD.encode(told.to_string()))
}
