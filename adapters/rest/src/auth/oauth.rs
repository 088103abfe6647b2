//! OAuth 2 client credentials (RFC 6749 §4.4): one request for a token. When to make it is the sessions' business.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use http::HeaderValue;
use http::header::{ACCEPT, AUTHORIZATION};
use lienthong_core::secret::{ExposeSecret, SecretSource, SecretString};
use lienthong_core::{Clock, Fault, FaultKind};
use lienthong_kit::auth;
use lienthong_kit::fault::{self, Expected};
use lienthong_kit::session::{Granted, Login, Sessions};
use lienthong_kit::transport::{Outgoing, ReplyLimits, Transport};
use lienthong_kit::words::{Phrases, Words};
use serde::Deserialize;
use serde_json::Value;

use crate::config::{ClientProof, OAuth2Config};

/// Largest answer of a token end point.
const LIMITS: ReplyLimits = ReplyLimits { bytes: 64 * 1024 };
const FORM: HeaderValue = HeaderValue::from_static("application/x-www-form-urlencoded");
const JSON: HeaderValue = HeaderValue::from_static("application/json");

struct TokenRequest {
    transport: Transport,
    clock: Arc<dyn Clock>,
    words: Words,
    config: OAuth2Config,
    id: SecretString,
    secret: SecretString,
    basic: Option<HeaderValue>,
}

/// RFC 6749 §5.1. Numbers come as texts from some servers.
#[derive(Deserialize)]
struct TokenAnswer {
    access_token: SecretString,
    #[serde(default)]
    token_type: Option<String>,
    #[serde(default)]
    expires_in: Option<Value>,
}

pub(super) fn sessions(
    config: &OAuth2Config,
    secrets: &dyn SecretSource,
    transport: &Transport,
    clock: &Arc<dyn Clock>,
) -> Result<Sessions<SecretString>, String> {
    let (id, secret) = (secrets.read(&config.client_id)?, secrets.read(&config.client_secret)?);
    let basic = match config.proof {
        // §2.3.1: both parts are form-encoded before they are put together.
        ClientProof::Basic => {
            let password = SecretString::from(encoded(secret.expose_secret()));
            let value = auth::basic(&encoded(id.expose_secret()), &password);
            Some(value.map_err(|problem| format!("{} {problem}", config.client_secret))?)
        }
        ClientProof::Form => None,
    };
    let login = TokenRequest {
        transport: transport.clone(),
        clock: Arc::clone(clock),
        words: Words::new(&nothing_said()),
        config: config.clone(),
        id,
        secret,
        basic,
    };
    let host = config.token_url.host();
    Ok(Sessions::new(format!("token end point {host}"), Arc::new(login), config.timeout.0, Arc::clone(clock)))
}

/// Token end points are judged by status and shape; their words are nobody's standard.
fn nothing_said() -> Phrases {
    let none = Vec::new;
    Phrases {
        success: none(),
        failure: none(),
        exists: none(),
        not_found: none(),
        session_expired: none(),
        throttled: none(),
        maintenance: none(),
    }
}

fn encoded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

#[async_trait]
impl Login<SecretString> for TokenRequest {
    async fn log_in(&self) -> Result<Granted<SecretString>, Fault> {
        let reply = self.transport.send(self.request(), LIMITS).await?;
        if let Some(fault) = fault::of_reply(&self.words, &reply, Expected::Json, self.clock.now()) {
            let code = error_code(&reply.body);
            return Err(match code {
                Some(code) => Fault { system_code: Some(code), ..fault },
                None => fault,
            });
        }
        let unreadable = |why: &str| Fault::of(FaultKind::Unintelligible, format!("the token's answer {why}"));
        let answer: TokenAnswer =
            serde_json::from_slice(&reply.body).map_err(|_| unreadable("holds no access_token"))?;
        let TokenAnswer { access_token, token_type, expires_in } = answer;
        if token_type.is_some_and(|kind| !kind.eq_ignore_ascii_case("bearer")) {
            return Err(unreadable("is for another use than Bearer"));
        }
        if access_token.expose_secret().is_empty() {
            return Err(unreadable("holds an empty access_token"));
        }
        let lives = seconds(expires_in.as_ref()).unwrap_or(self.config.lifetime.0);
        Ok(Granted { value: access_token, lifetime: Some(kept(lives, self.config.renew_before.0)) })
    }
}

impl TokenRequest {
    fn request(&self) -> Outgoing {
        let Self { config, id, secret, basic, .. } = self;
        let OAuth2Config { scope, fields, proof, .. } = config;
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("grant_type", "client_credentials");
        if let Some(scope) = scope {
            form.append_pair("scope", scope);
        }
        form.extend_pairs(fields);
        match proof {
            ClientProof::Basic => {}
            ClientProof::Form => {
                form.append_pair("client_id", id.expose_secret());
                form.append_pair("client_secret", secret.expose_secret());
            }
        }
        let outgoing = Outgoing::post(config.token_url.url().clone(), FORM, form.finish()).with_header(ACCEPT, JSON);
        match basic {
            Some(value) => outgoing.with_header(AUTHORIZATION, value.clone()),
            None => outgoing,
        }
    }
}

/// How long a token is used: renewed before it ends, and a short one for half its life at least.
fn kept(lives: Duration, before: Duration) -> Duration {
    lives.saturating_sub(before).max(lives / 2)
}

fn seconds(value: Option<&Value>) -> Option<Duration> {
    let number = match value? {
        Value::Number(number) => number.as_u64()?,
        Value::String(text) => text.trim().parse().ok()?,
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => return None,
    };
    Some(Duration::from_secs(number))
}

/// §5.2's `error`: one of a list of codes.
fn error_code(body: &[u8]) -> Option<String> {
    let value: Value = serde_json::from_slice(body).ok()?;
    let code = value.get("error")?.as_str()?;
    let plain = code.len() <= 40 && code.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    plain.then(|| code.to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_token_is_renewed_before_it_ends_and_never_fetched_for_every_call() {
        let seconds = Duration::from_secs;
        assert_eq!(kept(seconds(3600), seconds(10)), seconds(3590));
        assert_eq!(kept(seconds(12), seconds(10)), seconds(6));
    }

    #[test]
    fn a_lifetime_is_a_number_or_a_text_of_one() {
        assert_eq!(seconds(Some(&json!(60))), Some(Duration::from_secs(60)));
        assert_eq!(seconds(Some(&json!("60"))), Some(Duration::from_secs(60)));
        for none in [json!(null), json!("soon"), json!(-1), json!([60])] {
            assert_eq!(seconds(Some(&none)), None);
        }
    }

    #[test]
    fn only_the_standards_error_codes_are_repeated() {
        assert_eq!(error_code(br#"{"error":"invalid_client"}"#), Some("invalid_client".into()));
        assert_eq!(error_code(br#"{"error":"Sai mat khau 1234"}"#), None);
        assert_eq!(error_code(b"<html>"), None);
    }
}
