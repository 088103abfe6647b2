//! The yardstick: a bare reverse proxy, axum in and an HTTP client out. It checks, stores and retries nothing.

use std::net::SocketAddr;

use anyhow::Context;
use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use axum::serve::ListenerExt;
use http::uri::{Authority, PathAndQuery, Scheme};
use http::{StatusCode, Uri, header};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use tokio::net::TcpListener;

/// A bound proxy.
pub(crate) struct Proxy {
    listener: TcpListener,
    router: Router,
}

#[derive(Clone)]
struct Way {
    client: Client<HttpConnector, Body>,
    target: Authority,
}

impl Proxy {
    /// Listens on `listen`; every request will go to `target` as it came.
    pub(crate) async fn bind(listen: SocketAddr, target: SocketAddr) -> anyhow::Result<Self> {
        let listener = TcpListener::bind(listen).await.with_context(|| format!("cannot listen on {listen}"))?;
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        let client = Client::builder(TokioExecutor::new()).build(connector);
        let target = Authority::try_from(target.to_string())?;
        Ok(Self { listener, router: Router::new().fallback(forward).with_state(Way { client, target }) })
    }

    pub(crate) fn address(&self) -> anyhow::Result<SocketAddr> {
        Ok(self.listener.local_addr()?)
    }

    /// Serves until the future is dropped.
    pub(crate) async fn serve(self) -> anyhow::Result<()> {
        let listener = self.listener.tap_io(|stream| {
            // A connection that ended before it was accepted shows itself on its first read.
            drop(stream.set_nodelay(true));
        });
        Ok(axum::serve(listener, self.router).await?)
    }
}

async fn forward(State(way): State<Way>, mut request: Request) -> Response {
    let path = request.uri().path_and_query().cloned().unwrap_or(PathAndQuery::from_static("/"));
    let uri = Uri::builder().scheme(Scheme::HTTP).authority(way.target).path_and_query(path).build();
    let Ok(uri) = uri else { return StatusCode::BAD_REQUEST.into_response() };
    *request.uri_mut() = uri;
    request.headers_mut().remove(header::HOST);
    match way.client.request(request).await {
        Ok(response) => response.map(Body::new),
        Err(error) => {
            tracing::warn!(%error, "the target did not answer");
            StatusCode::BAD_GATEWAY.into_response()
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use http::Request;
    use http_body_util::Full;
    use lienthong_simulators::portal::{Portal, PortalOptions};

    use super::super::load::{Load, Make, Until, run};
    use super::*;

    const ANY: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 0);

    async fn proxy_to(target: SocketAddr) -> SocketAddr {
        let proxy = Proxy::bind(ANY, target).await.unwrap();
        let address = proxy.address().unwrap();
        tokio::spawn(proxy.serve());
        address
    }

    fn load(to: SocketAddr, expect: StatusCode) -> Load {
        let make: Make =
            Arc::new(|_| Ok(Request::post("/mapi/g?a=b").header("host", "x.test").body(Full::from("{}"))?));
        Load { to, connections: 2, until: Until::Count(20), expect, make, progress: Arc::default() }
    }

    #[tokio::test]
    async fn every_request_reaches_the_cheap_portal_and_its_answer_comes_back() {
        let portal = Portal::start(PortalOptions { cheap: true, ..PortalOptions::default() }).await.unwrap();
        let proxy = proxy_to(portal.addr()).await;
        run(load(proxy, StatusCode::OK)).await.unwrap();
        assert_eq!(portal.report().requests, 20);
        portal.stop().await;
    }

    #[tokio::test]
    async fn a_target_that_is_not_there_is_a_bad_gateway() {
        let closed = TcpListener::bind(ANY).await.unwrap();
        let target = closed.local_addr().unwrap();
        drop(closed);
        run(load(proxy_to(target).await, StatusCode::BAD_GATEWAY)).await.unwrap();
    }
}
