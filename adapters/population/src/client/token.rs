//! Bearer tokens: one that does not change, or client credentials whose token is fetched, shared and renewed. It asks nothing else.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::{ACCEPT, AUTHORIZATION};
use http::{HeaderMap, HeaderName, HeaderValue};
use lienthong_core::network::Opened;
use lienthong_core::secret::{ExposeSecret, SecretSource, SecretString};
use lienthong_core::{Clock, Fault, FaultKind};
use lienthong_kit::auth;
use lienthong_kit::fault::{Expected, of_reply, without_mark};
use lienthong_kit::loose::Text;
use lienthong_kit::session::{self, Granted, Login, Sessions};
use lienthong_kit::transport::{Outgoing, Reply, ReplyLimits, Transport};
use lienthong_kit::words::Words;
use reqwest::Url;
use serde::Deserialize;
use serde_json::json;

use super::access::Token;
use super::site::Parts;
use crate::config::{ApplicationConfig, ClientConfig, GrantConfig, TokenConfig, TokenProof};

const FORM: HeaderValue = HeaderValue::from_static("application/x-www-form-urlencoded");
const JSON: HeaderValue = HeaderValue::from_static("application/json");
const APPLICATION: HeaderName = HeaderName::from_static("lgspaccesstoken");
const GRANT: &[u8] = b"grant_type=client_credentials";
/// A token's answer is short.
const LIMITS: ReplyLimits = ReplyLimits { bytes: 64 * 1024 };
/// Longest life of a token that is believed.
const LONGEST: Duration = Duration::from_secs(30 * 24 * 3600);

pub(super) enum Tokens {
    Static(SecretString),
    Granted {
        sessions: Sessions<SecretString>,
        /// What every call shows beside the token, where the platform wants it.
        application: Option<HeaderValue>,
    },
}

impl Tokens {
    pub(super) fn build(config: &TokenConfig, parts: Parts<'_>) -> Result<Self, String> {
        let grant = match config {
            TokenConfig::Static(reference) => {
                let token = parts.secrets.read(reference)?;
                auth::bearer(&token).map_err(|problem| format!("{reference} {problem}"))?;
                return Ok(Self::Static(token));
            }
            TokenConfig::Granted(grant) => grant,
        };
        let GrantConfig { address, proof, lifetime, renew_before, timeout } = grant.as_ref();
        let (headers, application) = proof_headers(proof, parts.secrets)?;
        let login = Grant {
            transport: parts.transport.clone(),
            words: parts.words.clone(),
            clock: Arc::clone(parts.clock),
            url: address.url().clone(),
            headers,
            lifetime: lifetime.0,
            renew_before: renew_before.0,
        };
        let sessions = Sessions::new(parts.system, Arc::new(login), timeout.0, Arc::clone(parts.clock));
        Ok(Self::Granted { sessions, application })
    }

    /// A token to show; what goes beside it is put into the headers.
    pub(super) async fn show(&self, headers: &mut HeaderMap) -> Result<Token, Fault> {
        match self {
            Self::Static(token) => Ok(Token { value: token.clone(), session: None }),
            Self::Granted { sessions, application } => {
                if let Some(application) = application {
                    headers.insert(APPLICATION, application.clone());
                }
                let session = sessions.get().await?;
                Ok(Token { value: session.value.clone(), session: Some(session) })
            }
        }
    }

    /// The token alone, fetched when there is none.
    pub(super) async fn open(&self) -> Result<Opened, Fault> {
        match self {
            Self::Static(_) => Ok(Opened::Sessionless),
            Self::Granted { sessions, application: _ } => sessions.get().await.map(|_| Opened::Session),
        }
    }

    pub(super) fn forget(&self, refused: &Arc<session::Session<SecretString>>) {
        match self {
            Self::Static(_) => {}
            Self::Granted { sessions, application: _ } => sessions.forget(refused),
        }
    }
}

/// The headers of a request for a token, and what later calls show again.
fn proof_headers(proof: &TokenProof, secrets: &dyn SecretSource) -> Result<(HeaderMap, Option<HeaderValue>), String> {
    let mut headers = HeaderMap::new();
    headers.insert(ACCEPT, JSON);
    match proof {
        TokenProof::Client(ClientConfig { key, secret }) => {
            let (key, secret) = (secrets.read(key)?, secrets.read(secret)?);
            headers.insert(AUTHORIZATION, auth::basic(key.expose_secret(), &secret)?);
            Ok((headers, None))
        }
        TokenProof::Application(ApplicationConfig {
            access_key,
            secret_key,
            app_name,
            partner_code,
            partner_code_cus,
        }) => {
            let (access_key, secret_key) = (secrets.read(access_key)?, secrets.read(secret_key)?);
            let told = json!({
                "AccessKey": access_key.expose_secret(), "SecretKey": secret_key.expose_secret(), "AppName": app_name,
                "PartnerCode": partner_code, "PartnerCodeCus": partner_code_cus
            });
            let value = auth::sensitive(&STANDARD.encode(told.to_string()))?;
            headers.insert(APPLICATION, value.clone());
            Ok((headers, Some(value)))
        }
    }
}

/// One request for a token. When to make it is the sessions' business.
struct Grant {
    transport: Transport,
    words: Words,
    clock: Arc<dyn Clock>,
    url: Url,
    headers: HeaderMap,
    lifetime: Duration,
    renew_before: Duration,
}

/// RFC 6749 §5.1 and §5.2. Numbers come as texts from some servers.
#[derive(Deserialize)]
struct TokenAnswer {
    #[serde(default)]
    access_token: Text,
    #[serde(default)]
    token_type: Text,
    #[serde(default)]
    expires_in: Text,
    #[serde(default)]
    error: Text,
}

#[async_trait]
impl Login<SecretString> for Grant {
    async fn log_in(&self) -> Result<Granted<SecretString>, Fault> {
        let outgoing = Outgoing::post(self.url.clone(), FORM, GRANT).with_headers(&self.headers);
        let reply = self.transport.send(outgoing, LIMITS).await?;
        self.granted(&reply)
    }
}

impl Grant {
    fn granted(&self, reply: &Reply) -> Result<Granted<SecretString>, Fault> {
        let answer = serde_json::from_slice::<TokenAnswer>(without_mark(&reply.body));
        let error = answer.as_ref().ok().and_then(|answer| error_code(&answer.error.0));
        if let Some(fault) = of_reply(&self.words, reply, Expected::Json, self.clock.now()) {
            return Err(match error {
                Some(error) => Fault { system_code: Some(error), ..fault },
                None => fault,
            });
        }
        let unreadable = |why: &str| Fault::of(FaultKind::Unintelligible, format!("the token's answer {why}"));
        let answer = answer.map_err(|_| unreadable("is no JSON object of a token"))?;
        let TokenAnswer {
            access_token: Text(token),
            token_type: Text(kind),
            expires_in: Text(seconds),
            error: Text(said),
        } = answer;
        if !said.trim().is_empty() {
            return Err(Fault::of(FaultKind::Unauthenticated, "the account is refused").with_system_answer(error, None));
        }
        if !(kind.is_empty() || kind.eq_ignore_ascii_case("bearer")) {
            return Err(unreadable("is for another use than Bearer"));
        }
        if token.trim().is_empty() {
            return Err(unreadable("holds no access_token"));
        }
        let life = seconds.trim().parse().map_or(self.lifetime, Duration::from_secs).min(LONGEST);
        Ok(Granted { value: SecretString::from(token), lifetime: Some(kept(life, self.renew_before)) })
    }
}

/// How long a token is used: renewed before it ends, and a short one for half its life at least.
fn kept(life: Duration, before: Duration) -> Duration {
    life.saturating_sub(before).max(life / 2)
}

/// §5.2's `error`: one of a list of words; nothing else of the answer is repeated.
fn error_code(said: &str) -> Option<String> {
    let plain = (1..=40).contains(&said.len()) && said.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    plain.then(|| said.to_owned())
}
