//! Talks to a running gateway over HTTP, for the client commands. It retries nothing by itself and reads every answer within a bound.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use reqwest::{Method, Response, StatusCode, Url};
use serde_json::Value;

use super::Failure;

/// Largest answer read, in bytes.
const ANSWER_BYTES: usize = 64 << 20;
/// Longest wait for an answer; the gateway's own longest wait for an outcome is a minute.
const TIMEOUT: Duration = Duration::from_secs(90);

/// Which gateway, and who asks.
#[derive(Debug, Clone, Args)]
pub(crate) struct Remote {
    /// The gateway's address.
    #[arg(long, global = true, env = "LIENTHONG_URL", default_value = "http://127.0.0.1:8443", value_name = "URL")]
    url: Url,
    /// The API key to show.
    #[arg(long, global = true, env = "LIENTHONG_API_KEY", hide_env_values = true, value_name = "KEY")]
    api_key: Option<String>,
    /// PEM certificates to trust instead of the machine's.
    #[arg(long, global = true, env = "LIENTHONG_CA", value_name = "FILE")]
    ca: Option<PathBuf>,
}

/// A connection to one gateway.
#[derive(Debug, Clone)]
pub(crate) struct Gateway {
    client: reqwest::Client,
    url: Url,
    api_key: Option<String>,
}

/// What a gateway answered: its JSON, or its problem document.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) value: Value,
    /// What `Retry-After` asks for.
    pub(crate) retry_after: Option<Duration>,
}

/// Nobody answered.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NoAnswer {
    #[error("{url} cannot be reached ({error}); is the gateway running, and is --url right?")]
    Unreachable { url: String, error: String },
    #[error("{url} did not answer completely ({error})")]
    Interrupted { url: String, error: String },
}

impl From<NoAnswer> for Failure {
    fn from(error: NoAnswer) -> Self {
        Self::Failed(error.to_string())
    }
}

impl Remote {
    pub(crate) fn connect(&self) -> Result<Gateway, Failure> {
        let mut builder = reqwest::Client::builder()
            .timeout(TIMEOUT)
            .redirect(reqwest::redirect::Policy::none())
            .user_agent(concat!("lienthong/", env!("CARGO_PKG_VERSION")));
        if let Some(path) = &self.ca {
            let pem =
                std::fs::read(path).map_err(|error| Failure::because(&format!("--ca {}", path.display()), error))?;
            let certificates = reqwest::Certificate::from_pem_bundle(&pem)
                .map_err(|error| Failure::because(&format!("--ca {}", path.display()), error))?;
            builder = builder.tls_certs_only(certificates);
        }
        let client = builder.build().map_err(|error| Failure::because("the HTTP client cannot be made", error))?;
        Ok(Gateway { client, url: self.url.clone(), api_key: self.api_key.clone() })
    }
}

impl Gateway {
    /// The address of a path whose parts may hold any character.
    pub(crate) fn address(&self, parts: &[&str], query: &[(&str, String)]) -> Result<Url, Failure> {
        let mut url = self.url.clone();
        url.path_segments_mut()
            .map_err(|()| Failure::Usage(format!("--url {} is no address of a gateway", self.url)))?
            .pop_if_empty()
            .extend(parts);
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        Ok(url)
    }

    pub(crate) async fn get(&self, parts: &[&str], query: &[(&str, String)]) -> Result<Value, Failure> {
        let url = self.address(parts, query)?;
        self.send(Method::GET, url, &[], None).await?.accepted()
    }

    pub(crate) async fn post(&self, parts: &[&str], body: &Value, headers: &[(&str, &str)]) -> Result<Value, Failure> {
        let url = self.address(parts, &[])?;
        self.send(Method::POST, url, headers, Some(body.to_string())).await?.accepted()
    }

    /// One request; the answer whatever its status.
    pub(crate) async fn send(
        &self,
        method: Method,
        url: Url,
        headers: &[(&str, &str)],
        body: Option<String>,
    ) -> Result<Answer, NoAnswer> {
        let shown = url.as_str().to_owned();
        let mut request = self.client.request(method, url);
        if let Some(key) = &self.api_key {
            request = request.bearer_auth(key);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body);
        }
        answered(request, shown).await
    }

    /// Bytes of another type than JSON; the answer whatever its status.
    pub(crate) async fn upload(&self, url: Url, content_type: &str, bytes: Vec<u8>) -> Result<Answer, NoAnswer> {
        let shown = url.as_str().to_owned();
        let mut request = self.client.post(url).header("content-type", content_type).body(bytes);
        if let Some(key) = &self.api_key {
            request = request.bearer_auth(key);
        }
        answered(request, shown).await
    }
}

async fn answered(request: reqwest::RequestBuilder, shown: String) -> Result<Answer, NoAnswer> {
    match request.send().await {
        Ok(response) => read(response).await.map_err(|error| NoAnswer::Interrupted { url: shown, error }),
        Err(error) if error.is_connect() => Err(NoAnswer::Unreachable { url: shown, error: chain(&error) }),
        Err(error) => Err(NoAnswer::Interrupted { url: shown, error: chain(&error) }),
    }
}

/// Every cause, outermost first: reqwest's own text says little.
fn chain(error: &reqwest::Error) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        text = inner.to_string();
        cause = inner.source();
    }
    text
}

async fn read(mut response: Response) -> Result<Answer, String> {
    let status = response.status();
    let seconds = response.headers().get("retry-after").and_then(|value| value.to_str().ok()?.parse().ok());
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| chain(&error))? {
        if bytes.len() + chunk.len() > ANSWER_BYTES {
            return Err(format!("the answer is longer than {ANSWER_BYTES} bytes"));
        }
        bytes.extend_from_slice(&chunk);
    }
    let value =
        serde_json::from_slice(&bytes).unwrap_or_else(|_| Value::String(String::from_utf8_lossy(&bytes).into()));
    Ok(Answer { status, value, retry_after: seconds.map(Duration::from_secs) })
}

impl Answer {
    /// The JSON of a success, or what the problem document says.
    pub(crate) fn accepted(self) -> Result<Value, Failure> {
        if self.status.is_success() { Ok(self.value) } else { Err(Failure::Failed(self.refusal())) }
    }

    /// A refusal in one text: code, detail, fields.
    pub(crate) fn refusal(&self) -> String {
        let text = |key: &str| self.value.get(key).and_then(Value::as_str);
        let Some(detail) = text("detail").or_else(|| text("title")) else {
            let hint = "that is no answer of a gateway; is --url right?";
            return format!("HTTP {}: {hint}", self.status.as_u16());
        };
        let mut told = format!("{} (HTTP {}, {})", detail, self.status.as_u16(), text("code").unwrap_or("no code"));
        for field in self.value.get("field_problems").and_then(Value::as_array).into_iter().flatten() {
            let part = |key: &str| field.get(key).and_then(Value::as_str).unwrap_or_default();
            told.push_str(&format!("\n  {}: {}", part("pointer"), part("problem")));
        }
        if self.status == StatusCode::UNAUTHORIZED {
            told.push_str("\n  give a key with --api-key or in LIENTHONG_API_KEY");
        }
        told
    }
}
