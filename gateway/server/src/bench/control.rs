//! Single requests of a bench: pause a system, read a count, wait until ready. It is not for loads.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context, bail};
use serde_json::Value;

/// Longest wait for one answer: some are asked of a process that is busy.
const PATIENCE: Duration = Duration::from_secs(30);
/// Largest answer, in bytes.
const ANSWER_BYTES: usize = 4 << 20;

/// One server's control side.
pub(crate) struct Control {
    http: reqwest::Client,
    base: String,
    api_key: Option<String>,
}

impl Control {
    pub(crate) fn towards(address: SocketAddr, api_key: Option<&str>) -> anyhow::Result<Self> {
        let http = reqwest::Client::builder().timeout(PATIENCE).no_proxy().build()?;
        Ok(Self { http, base: format!("http://{address}"), api_key: api_key.map(str::to_owned) })
    }

    /// Whether `path` is answered with success now.
    pub(crate) async fn is_well(&self, path: &str) -> bool {
        self.http.get(format!("{}{path}", self.base)).send().await.is_ok_and(|answer| answer.status().is_success())
    }

    pub(crate) async fn get(&self, path: &str) -> anyhow::Result<Value> {
        self.ask(self.http.get(format!("{}{path}", self.base)), path).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        self.ask(self.http.post(format!("{}{path}", self.base)).json(body), path).await
    }

    async fn ask(&self, request: reqwest::RequestBuilder, path: &str) -> anyhow::Result<Value> {
        let request = match &self.api_key {
            Some(key) => request.bearer_auth(key),
            None => request,
        };
        let answer = request.send().await.with_context(|| format!("{path} was not answered"))?;
        let status = answer.status();
        let bytes = whole(answer).await.with_context(|| format!("{path} was not answered whole"))?;
        if !status.is_success() {
            bail!("{path} was answered {status}: {}", String::from_utf8_lossy(&bytes));
        }
        match bytes.is_empty() {
            true => Ok(Value::Null),
            false => serde_json::from_slice(&bytes).with_context(|| format!("{path} was not answered with JSON")),
        }
    }
}

/// An answer's body, within the limit.
pub(crate) async fn whole(mut answer: reqwest::Response) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    while let Some(chunk) = answer.chunk().await? {
        bytes.extend_from_slice(&chunk);
        if bytes.len() > ANSWER_BYTES {
            bail!("it has more than {ANSWER_BYTES} bytes");
        }
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::routing::get;
    use http::StatusCode;

    use super::*;

    async fn server() -> Control {
        // Another test may have been first.
        drop(rustls::crypto::ring::default_provider().install_default());
        let router = Router::new()
            .route("/ok", get(async || r#"{"n":1}"#).post(async |body: String| body))
            .route("/no", get(async || (StatusCode::CONFLICT, "because")));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Control::towards(address, Some("key")).unwrap()
    }

    #[tokio::test]
    async fn answers_are_read_and_refusals_say_why() {
        let control = server().await;
        assert_eq!(control.get("/ok").await.unwrap()["n"], 1);
        assert_eq!(control.post("/ok", &serde_json::json!({ "a": 2 })).await.unwrap()["a"], 2);
        assert!(control.is_well("/ok").await && !control.is_well("/no").await);
        let error = control.get("/no").await.unwrap_err().to_string();
        assert!(error.contains("409") && error.contains("because"), "{error}");
    }
}
