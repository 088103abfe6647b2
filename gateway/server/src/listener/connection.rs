//! One connection: handshake, who the peer is, HTTP/1.1 or HTTP/2, its end. It accepts none.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use rustls::ServerConfig;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::OwnedSemaphorePermit;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tower::Service as _;

use super::ConnectionLimits;
use super::guard::Guarded;
use crate::security::PeerCertificate;

/// Largest request head, in bytes, in either version of HTTP.
const HEAD_BYTES: u32 = 32 * 1024;
/// Bytes one HTTP/2 connection may have under way to us before a handler reads them.
const WINDOW: u32 = 1024 * 1024;
/// An HTTP/2 peer that is silent is asked this often whether it lives.
const PING_EVERY: std::time::Duration = std::time::Duration::from_secs(30);

/// Where a request came from: a request extension.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PeerAddress(pub SocketAddr);

/// What all connections share.
pub(super) struct Server {
    router: Router,
    http: Builder<TokioExecutor>,
    limits: ConnectionLimits,
    stopping: CancellationToken,
    killed: CancellationToken,
}

impl Server {
    pub(super) fn new(
        router: Router,
        limits: ConnectionLimits,
        stopping: CancellationToken,
        killed: CancellationToken,
    ) -> Self {
        let mut http = Builder::new(TokioExecutor::new());
        http.http1().timer(TokioTimer::new()).header_read_timeout(limits.head).max_buf_size(HEAD_BYTES as usize * 4);
        http.http2()
            .timer(TokioTimer::new())
            .max_concurrent_streams(limits.streams)
            .max_header_list_size(HEAD_BYTES)
            .initial_stream_window_size(WINDOW)
            .initial_connection_window_size(WINDOW)
            .keep_alive_interval(PING_EVERY)
            .keep_alive_timeout(limits.stall);
        Self { router, http, limits, stopping, killed }
    }
}

/// Serves one connection to its end. `_place` is given back then.
pub(super) async fn serve(
    server: Arc<Server>,
    stream: TcpStream,
    peer: SocketAddr,
    tls: Option<Arc<ServerConfig>>,
    _place: OwnedSemaphorePermit,
) {
    let killed = server.killed.clone();
    let work = async {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "connection without TCP_NODELAY");
        }
        let stream = Guarded::new(stream, server.limits.head, server.limits.stall);
        match tls {
            None => speak(&server, stream, peer, None).await,
            Some(config) => speak_tls(&server, stream, peer, config).await,
        }
    };
    tokio::select! {
        biased;
        () = killed.cancelled() => {}
        () = work => {}
    }
}

async fn speak_tls(server: &Server, stream: Guarded<TcpStream>, peer: SocketAddr, config: Arc<ServerConfig>) {
    let handshake =
        tokio::time::timeout(server.limits.handshake, TlsAcceptor::from(config).accept(stream.without_preface()));
    let stream = tokio::select! {
        done = handshake => match done {
            Ok(Ok(stream)) => stream,
            Ok(Err(error)) => return tracing::debug!(%peer, %error, "handshake failed"),
            Err(_) => return tracing::debug!(%peer, "handshake took too long"),
        },
        () = server.stopping.cancelled() => return,
    };
    let certificate = stream.get_ref().1.peer_certificates().and_then(|chain| chain.first());
    let certificate = certificate.map(|end_entity| PeerCertificate::from_der(end_entity));
    let stream = Guarded::new(stream, server.limits.head, server.limits.stall);
    speak(server, stream, peer, certificate).await;
}

async fn speak<S>(server: &Server, stream: Guarded<S>, peer: SocketAddr, certificate: Option<PeerCertificate>)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let router = server.router.clone();
    let service = service_fn(move |request: http::Request<Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(PeerAddress(peer));
        if let Some(certificate) = &certificate {
            request.extensions_mut().insert(certificate.clone());
        }
        let mut router = router.clone();
        async move {
            let answered: Result<_, Infallible> = router.call(request).await;
            answered
        }
    });
    let mut connection = pin!(server.http.serve_connection(TokioIo::new(stream), service));
    let result = tokio::select! {
        result = connection.as_mut() => result,
        () = server.stopping.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = result {
        tracing::debug!(%peer, %error, "connection ended");
    }
}
