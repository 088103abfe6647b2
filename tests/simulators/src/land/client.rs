//! How the office calls others: HTTP/1.1, one try, bounded in time and size; it must not repeat.

use std::time::Duration;

use anyhow::Context as _;
use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::Request;
use hyper::header::CONTENT_TYPE;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;

const TIMEOUT: Duration = Duration::from_secs(30);
const MAX_REPLY: usize = 4 << 20;

/// A whole reply.
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) body: String,
}

#[derive(Clone)]
pub(super) struct Caller(Client<HttpConnector, Full<Bytes>>);

impl Default for Caller {
    fn default() -> Self {
        Self(Client::builder(TokioExecutor::new()).build_http())
    }
}

impl Caller {
    pub(super) async fn post(&self, url: &str, content_type: &str, body: Bytes) -> anyhow::Result<Reply> {
        let request = Request::post(url).header(CONTENT_TYPE, content_type).body(Full::new(body));
        self.send(request.with_context(|| format!("not an address: {url}"))?).await
    }

    pub(super) async fn get(&self, url: &str) -> anyhow::Result<Reply> {
        let request = Request::get(url).body(Full::default());
        self.send(request.with_context(|| format!("not an address: {url}"))?).await
    }

    async fn send(&self, request: Request<Full<Bytes>>) -> anyhow::Result<Reply> {
        let exchange = async {
            let response = self.0.request(request).await.context("the call did not arrive")?;
            let status = response.status().as_u16();
            let body = Limited::new(response.into_body(), MAX_REPLY).collect().await;
            let body = body.map_err(|error| anyhow::anyhow!("the reply broke off: {error}"))?;
            Ok(Reply { status, body: String::from_utf8_lossy(&body.to_bytes()).into_owned() })
        };
        tokio::time::timeout(TIMEOUT, exchange).await.context("no reply in time")?
    }
}
