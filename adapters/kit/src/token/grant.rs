//! One request for a token (RFC 6749 §4.4) and what its answer means. When to make it is the sessions' business.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue};
use lienthong_core::secret::{ExposeSecret, SecretString};
use lienthong_core::{Clock, Fault, FaultKind, Timestamp};
use reqwest::Url;
use serde::Deserialize;

use super::TokenParts;
use crate::fault::{Expected, of_reply, without_mark};
use crate::loose::Text;
use crate::session::{Granted, Login, Sessions};
use crate::transport::{Outgoing, Reply, ReplyLimits, Transport};
use crate::words::Words;

const FORM: HeaderValue = HeaderValue::from_static("application/x-www-form-urlencoded");
/// A token's answer is short.
const LIMITS: ReplyLimits = ReplyLimits { bytes: 64 * 1024 };
/// Longest life of a token that is believed.
const LONGEST: Duration = Duration::from_secs(30 * 24 * 3600);

/// What is asked at a token end point.
pub struct TokenRequest {
    pub url: Url,
    pub headers: HeaderMap,
    /// The fields of the form, in their order.
    pub form: Vec<(String, SecretString)>,
    /// Of a token that does not say how long it lives.
    pub lifetime: Duration,
    pub renew_before: Duration,
}

impl TokenRequest {
    /// The tokens this request gives: never two requests at a time, each token shared until it is old or refused.
    pub fn sessions(self, timeout: Duration, parts: TokenParts<'_>) -> Sessions<SecretString> {
        let TokenParts { system, secrets: _, clock, transport, words } = parts;
        let login =
            TokenLogin { request: self, transport: transport.clone(), words: words.clone(), clock: Arc::clone(clock) };
        Sessions::new(system, Arc::new(login), timeout, Arc::clone(clock))
    }

    fn outgoing(&self) -> Outgoing {
        let pairs = self.form.iter().map(|(name, value)| (name.as_str(), value.expose_secret()));
        Outgoing::post(self.url.clone(), FORM, form(pairs)).with_headers(&self.headers)
    }
}

/// Pairs as a form writes them.
fn form<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)>) -> Bytes {
    let Ok(mut address) = Url::parse("http://form.invalid/") else { return Bytes::new() };
    address.query_pairs_mut().extend_pairs(pairs);
    Bytes::from(address.query().unwrap_or_default().to_owned())
}

struct TokenLogin {
    request: TokenRequest,
    transport: Transport,
    words: Words,
    clock: Arc<dyn Clock>,
}

#[async_trait]
impl Login<SecretString> for TokenLogin {
    async fn log_in(&self) -> Result<Granted<SecretString>, Fault> {
        let reply = self.transport.send(self.request.outgoing(), LIMITS).await?;
        let TokenRequest { lifetime, renew_before, .. } = &self.request;
        let (token, life) = read(&self.words, &reply, self.clock.now())?;
        let life = life.unwrap_or(*lifetime).min(LONGEST);
        Ok(Granted { value: token, lifetime: Some(used_for(life, *renew_before)) })
    }
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

/// The token, and how long it says it lives.
fn read(words: &Words, reply: &Reply, now: Timestamp) -> Result<(SecretString, Option<Duration>), Fault> {
    let answer = serde_json::from_slice::<TokenAnswer>(without_mark(&reply.body));
    let error = answer.as_ref().ok().and_then(|answer| error_code(&answer.error.0));
    if let Some(fault) = of_reply(words, reply, Expected::Json, now) {
        return Err(match error {
            Some(error) => Fault { system_code: Some(error), ..fault },
            None => fault,
        });
    }
    let unreadable = |why: &str| Fault::of(FaultKind::Unintelligible, format!("the token's answer {why}"));
    let answer = answer.map_err(|_| unreadable("is no JSON object of a token"))?;
    let TokenAnswer { access_token: Text(token), token_type: Text(kind), expires_in: Text(seconds), error: Text(said) } =
        answer;
    if !said.trim().is_empty() {
        return Err(Fault::of(FaultKind::Unauthenticated, "the account is refused").with_system_answer(error, None));
    }
    if !(kind.is_empty() || kind.eq_ignore_ascii_case("bearer")) {
        return Err(unreadable("is for another use than Bearer"));
    }
    if token.trim().is_empty() {
        return Err(unreadable("holds no access_token"));
    }
    Ok((SecretString::from(token), seconds.trim().parse().ok().map(Duration::from_secs)))
}

/// How long a token is used: renewed before it ends, and a short one for half its life at least.
fn used_for(life: Duration, before: Duration) -> Duration {
    life.saturating_sub(before).max(life / 2)
}

/// §5.2's `error`: one of a list of words; nothing else of the answer is repeated.
fn error_code(said: &str) -> Option<String> {
    let plain = (1..=40).contains(&said.len()) && said.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    plain.then(|| said.to_owned())
}

#[cfg(test)]
mod tests {
    use crate::words::Phrases;

    use super::*;

    fn answered(status: u16, body: &str) -> Result<(SecretString, Option<Duration>), Fault> {
        let reply = Reply { status, headers: HeaderMap::new(), body: Bytes::from(body.to_owned()) };
        read(&Words::new(&Phrases::default()), &reply, Timestamp::UNIX_EPOCH)
    }

    #[test]
    fn a_token_is_renewed_before_it_ends_and_never_fetched_for_every_call() {
        let seconds = Duration::from_secs;
        assert_eq!(used_for(seconds(3600), seconds(30)), seconds(3570));
        assert_eq!(used_for(seconds(12), seconds(10)), seconds(6));
    }

    #[test]
    fn the_answer_of_the_national_axis_is_read_and_a_number_may_be_a_text() {
        let axis =
            r#"{"access_token":"t-1","scope":"am_application_scope default","token_type":"Bearer","expires_in":3600}"#;
        let (token, life) = answered(200, axis).unwrap();
        assert_eq!((token.expose_secret(), life), ("t-1", Some(Duration::from_secs(3600))));
        assert_eq!(
            answered(200, r#"{"access_token":"t","expires_in":"60"}"#).unwrap().1,
            Some(Duration::from_secs(60))
        );
        for unsaid in ["null", "\"soon\"", "-1"] {
            let body = format!(r#"{{"access_token":"t","expires_in":{unsaid}}}"#);
            assert_eq!(answered(200, &body).unwrap().1, None, "{unsaid}");
        }
    }

    #[test]
    fn what_is_no_token_is_told_apart_and_repeats_nothing_of_the_answer() {
        let cases = [
            (200, r#"{"error":"invalid_client"}"#, FaultKind::Unauthenticated, Some("invalid_client")),
            (200, r#"{"error":"Sai mat khau 1234"}"#, FaultKind::Unauthenticated, None),
            (401, r#"{"error":"invalid_client"}"#, FaultKind::Unauthenticated, Some("invalid_client")),
            (200, r#"{"access_token":""}"#, FaultKind::Unintelligible, None),
            (200, r#"{"access_token":"t","token_type":"mac"}"#, FaultKind::Unintelligible, None),
            (200, "<html></html>", FaultKind::Unintelligible, None),
            (503, "", FaultKind::Unavailable, Some("HTTP 503")),
        ];
        for (status, body, kind, code) in cases {
            let fault = answered(status, body).map(|_| ()).unwrap_err();
            assert_eq!(fault.kind, kind, "{body}");
            if body.starts_with('{') {
                assert_eq!(fault.system_code.as_deref(), code, "{body}");
            }
            assert!(!fault.detail.contains("1234"), "{}", fault.detail);
        }
    }

    #[test]
    fn a_form_is_written_as_forms_are() {
        let pairs = [("scope", "a b"), ("client_secret", "x&y=ố")];
        assert_eq!(form(pairs.into_iter()), "scope=a+b&client_secret=x%26y%3D%E1%BB%91");
    }
}
