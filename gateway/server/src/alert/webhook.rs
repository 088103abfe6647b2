//! Alerts as webhooks, signed after the Standard Webhooks specification. It follows no redirect and reaches no address that is not allowed.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use http::header::{CONTENT_TYPE, USER_AGENT};
use ipnet::IpNet;
use lienthong_core::Timestamp;
use lienthong_core::secret::{ExposeSecret as _, SecretRef, SecretSource};
use lienthong_engine::alert::{Courier, Message, Undelivered};
use reqwest::{Certificate, Client, redirect, retry};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use url::Url;

use crate::callback::address::Guard;
use crate::callback::chain;
use crate::callback::signature::{self, Key};
use crate::config::Span;

const CONNECT_WITHIN: Duration = Duration::from_secs(5);
const OURSELVES: &str = concat!("lienthong/", env!("CARGO_PKG_VERSION"));

/// Where and how alerts are posted.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WebhookModel {
    #[schemars(with = "String")]
    pub(crate) url: Url,
    /// What signs: `whsec_…` or `whsk_…` of the Standard Webhooks specification; two while it is being changed.
    pub(crate) secrets: Vec<SecretRef>,
    /// PEM authorities to trust instead of the machine's.
    #[serde(default)]
    pub(crate) ca: Option<SecretRef>,
    /// Networks that are not public and may be reached nevertheless.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub(crate) allow: Vec<IpNet>,
    /// Whether `http://` is allowed, inside a network of your own.
    #[serde(default)]
    pub(crate) plain_http: bool,
    /// How long one try may take.
    #[serde(default = "ten_seconds")]
    pub(crate) timeout: Span,
}

fn ten_seconds() -> Span {
    Span(Duration::from_secs(10))
}

impl WebhookModel {
    /// What is wrong beyond single values, as (pointer, problem, remedy).
    pub(crate) fn check(&self) -> Vec<(&'static str, String, &'static str)> {
        let mut found = Vec::new();
        if !matches!(self.url.scheme(), "http" | "https") || !self.url.has_host() || !self.url.username().is_empty() {
            found.push(("/url", format!("`{}` is no address of a webhook", self.url), "write https://host/path"));
        } else if self.url.scheme() == "http" && !self.plain_http {
            let remedy = "use https, or set `plain_http: true` inside a network of your own";
            found.push(("/url", format!("`{}` is not encrypted", self.url), remedy));
        }
        if self.secrets.is_empty() || self.secrets.len() > 2 {
            let problem = format!("has {} secrets", self.secrets.len());
            found.push(("/secrets", problem, "give one, or two while it is being changed"));
        }
        found
    }
}

struct Webhook {
    url: Url,
    keys: Vec<Key>,
    guard: Arc<Guard>,
    http: Client,
}

/// Reads the secrets and prepares the HTTP client; the text names what is wrong, never a secret.
pub(crate) fn build(model: &WebhookModel, secrets: &dyn SecretSource) -> Result<Arc<dyn Courier>, String> {
    let key = |reference: &SecretRef| {
        let secret = secrets.read(reference)?;
        Key::read(secret.expose_secret()).map_err(|problem| format!("{reference} {problem}"))
    };
    let keys = model.secrets.iter().map(key).collect::<Result<Vec<Key>, String>>()?;
    let guard = Arc::new(Guard::new(model.allow.clone()));
    let mut builder = Client::builder()
        .redirect(redirect::Policy::none())
        .retry(retry::never())
        .no_proxy()
        .referer(false)
        .connect_timeout(CONNECT_WITHIN)
        .timeout(model.timeout.0)
        .dns_resolver(Arc::clone(&guard));
    if let Some(trusted) = trusted(model, secrets)? {
        builder = builder.tls_certs_only(trusted);
    }
    let http = builder.build().map_err(|error| format!("the HTTP client cannot be prepared: {error:?}"))?;
    Ok(Arc::new(Webhook { url: model.url.clone(), keys, guard, http }))
}

/// Without TLS the machine's certificates are not needed, and may well be missing.
fn trusted(model: &WebhookModel, secrets: &dyn SecretSource) -> Result<Option<Vec<Certificate>>, String> {
    let Some(reference) = &model.ca else { return Ok((model.url.scheme() == "http").then(Vec::new)) };
    let pem = secrets.read(reference)?;
    match Certificate::from_pem_bundle(pem.expose_secret().as_bytes()) {
        Ok(trusted) if !trusted.is_empty() => Ok(Some(trusted)),
        Ok(_) | Err(_) => Err(format!("{reference} holds no PEM certificate")),
    }
}

/// What is posted: the type names what happened, `data` holds the alert and its words.
pub(super) fn payload(message: &Message) -> Vec<u8> {
    let value = json!({
        "type": format!("alert.{}", message.kind.as_str()),
        "timestamp": message.at,
        "data": message.data,
    });
    value.to_string().into_bytes()
}

#[async_trait]
impl Courier for Webhook {
    async fn carry(&self, message: &Message, now: Timestamp) -> Result<(), Undelivered> {
        // A literal address is never looked up: it is held against the guard here.
        self.guard.literal(&self.url).map_err(|refused| Undelivered(refused.to_string()))?;
        let body = payload(message);
        // The receiver measures the age of what it gets: a letter that waited is signed when it is sent.
        let timestamp = now.as_second();
        let signatures = signature::header(&self.keys, &message.id, timestamp, &body);
        let request = self
            .http
            .post(self.url.clone())
            .header(CONTENT_TYPE, "application/json")
            .header(USER_AGENT, OURSELVES)
            .header("webhook-id", &message.id)
            .header("webhook-timestamp", timestamp)
            .header("webhook-signature", signatures)
            .body(body);
        let response = request.send().await.map_err(|error| Undelivered(chain(&error.without_url())))?;
        let status = response.status();
        if status.is_success() { Ok(()) } else { Err(Undelivered(format!("answered HTTP {}", status.as_u16()))) }
    }
}
