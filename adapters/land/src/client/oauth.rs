//! OAuth2 password grant: a token, renewed with its refresh token, and with the password again when that is refused. It makes no calls.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::HeaderValue;
use lienthong_core::secret::{ExposeSecret, SecretString};
use lienthong_core::{Clock, Fault, FaultKind, text};
use lienthong_kit::fault::{Expected, of_reply, without_mark};
use lienthong_kit::session::{Granted, Login};
use lienthong_kit::transport::{Outgoing, Reply, ReplyLimits, Transport};
use lienthong_kit::words::Words;
use parking_lot::Mutex;
use reqwest::Url;

use super::site::Parts;
use crate::config::OauthConfig;
use crate::wire::answer::Token;

const FORM: HeaderValue = HeaderValue::from_static("application/x-www-form-urlencoded");
/// A token's answer is short.
const LIMITS: ReplyLimits = ReplyLimits { bytes: 64 * 1024 };
/// Longest life of a token that is believed.
const LONGEST: Duration = Duration::from_secs(30 * 24 * 3600);

pub(super) struct Oauth {
    transport: Transport,
    words: Words,
    clock: Arc<dyn Clock>,
    url: Url,
    username: SecretString,
    password: SecretString,
    client_id: SecretString,
    client_secret: SecretString,
    scope: Option<String>,
    lifetime: Duration,
    renew_before: Duration,
    refresh: Mutex<Option<SecretString>>,
}

impl Oauth {
    pub(super) fn build(config: &OauthConfig, parts: Parts<'_>) -> Result<Self, String> {
        let OauthConfig {
            token_url,
            username,
            password,
            client_id,
            client_secret,
            scope,
            lifetime,
            renew_before,
            timeout: _,
        } = config;
        let read = |reference| parts.secrets.read(reference);
        Ok(Self {
            transport: parts.transport.clone(),
            words: parts.words.clone(),
            clock: Arc::clone(parts.clock),
            url: token_url.url().clone(),
            username: read(username)?,
            password: read(password)?,
            client_id: read(client_id)?,
            client_secret: read(client_secret)?,
            scope: scope.clone(),
            lifetime: lifetime.0,
            renew_before: renew_before.0,
            refresh: Mutex::new(None),
        })
    }

    async fn ask(&self, grant: &[(&str, &str)]) -> Result<Granted<SecretString>, Fault> {
        let mut fields = grant.to_vec();
        fields.push(("client_id", self.client_id.expose_secret()));
        fields.push(("client_secret", self.client_secret.expose_secret()));
        fields.extend(self.scope.as_deref().map(|scope| ("scope", scope)));
        let reply = self.transport.send(Outgoing::post(self.url.clone(), FORM, form(&fields)), LIMITS).await?;
        self.granted(&reply)
    }

    fn granted(&self, reply: &Reply) -> Result<Granted<SecretString>, Fault> {
        let token: Option<Token> = serde_json::from_slice(without_mark(&reply.body)).ok();
        if let Some(fault) = of_reply(&self.words, reply, Expected::Json, self.clock.now()) {
            return Err(match token {
                Some(token) if matches!(reply.status, 400 | 401) => refused(&token),
                Some(_) | None => fault,
            });
        }
        let Some(Token { access_token, refresh_token, expires_in, error }) = token else {
            return Err(Fault::of(FaultKind::Unintelligible, "the token's answer is no JSON object"));
        };
        if !error.0.is_empty() {
            return Err(refused(&Token { access_token: None, refresh_token: None, expires_in, error }));
        }
        let Some(access) = access_token.filter(|token| !token.trim().is_empty()) else {
            return Err(Fault::of(FaultKind::Unintelligible, "the token's answer has no access_token"));
        };
        let refresh = refresh_token.filter(|token| !token.trim().is_empty()).map(SecretString::from);
        if refresh.is_some() {
            *self.refresh.lock() = refresh;
        }
        let life = expires_in.0.trim().parse().ok().map_or(self.lifetime, Duration::from_secs).min(LONGEST);
        Ok(Granted { value: SecretString::from(access), lifetime: Some(self.used_for(life)) })
    }

    /// A token is renewed before its end, and a short one after half of its life.
    fn used_for(&self, life: Duration) -> Duration {
        life.saturating_sub(self.renew_before).max(life / 2)
    }
}

/// RFC 6749 §5.2: `error` is one of a few ASCII words; nothing else of the answer is repeated.
fn refused(token: &Token) -> Fault {
    let word: String = token.error.0.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
    Fault::of(FaultKind::Unauthenticated, "the account or its token is refused")
        .with_system_answer(Some(text::excerpt(&word, 32)).filter(|word| !word.is_empty()), None)
}

fn form(fields: &[(&str, &str)]) -> Bytes {
    let mut address = match Url::parse("http://form.invalid/") {
        Ok(address) => address,
        Err(_) => return Bytes::new(),
    };
    address.query_pairs_mut().extend_pairs(fields);
    Bytes::from(address.query().unwrap_or_default().to_owned())
}

#[async_trait]
impl Login<SecretString> for Oauth {
    async fn log_in(&self) -> Result<Granted<SecretString>, Fault> {
        let refresh = self.refresh.lock().take();
        if let Some(refresh) = refresh {
            let grant = [("grant_type", "refresh_token"), ("refresh_token", refresh.expose_secret())];
            match self.ask(&grant).await {
                Ok(granted) => {
                    // An answer without a new refresh token leaves the old one in force (RFC 6749 §6).
                    self.refresh.lock().get_or_insert(refresh);
                    return Ok(granted);
                }
                Err(fault) if is_refusal(fault.kind) => {
                    tracing::debug!(
                        code = fault.code.as_str(),
                        "the refresh token is refused; the password is used again"
                    );
                }
                Err(fault) => {
                    *self.refresh.lock() = Some(refresh);
                    return Err(fault);
                }
            }
        }
        let (username, password) = (self.username.expose_secret(), self.password.expose_secret());
        self.ask(&[("grant_type", "password"), ("username", username), ("password", password)]).await
    }
}

/// The token server read the request and says no.
fn is_refusal(kind: FaultKind) -> bool {
    match kind {
        FaultKind::Unauthenticated | FaultKind::Rejected | FaultKind::Forbidden => true,
        FaultKind::Unreachable
        | FaultKind::Timeout
        | FaultKind::Interrupted
        | FaultKind::Throttled
        | FaultKind::Unavailable
        | FaultKind::Conflict
        | FaultKind::NotFound
        | FaultKind::Unintelligible
        | FaultKind::Mapping
        | FaultKind::Invalid
        | FaultKind::Expired
        | FaultKind::Internal => false,
    }
}
