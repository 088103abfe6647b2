//! The one port: accept loop, TLS, peer identity, connection limits, graceful end. It knows no path.

mod connection;
mod guard;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use axum::Router;
use rustls::ServerConfig;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

pub use connection::PeerAddress;

/// The TLS configuration of new connections. Swapping it changes certificate, key and client authorities together; open
/// connections keep what they began with.
pub type TlsSwitch = Arc<ArcSwap<ServerConfig>>;

/// Pause after the system refused to give us a connection (out of file descriptors): it passes by itself.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Bounds on connections.
#[derive(Debug, Clone)]
pub struct ConnectionLimits {
    /// Open at once; more wait in the system's backlog.
    pub connections: usize,
    /// For the TLS handshake.
    pub handshake: Duration,
    /// For a request's head, and how long an idle connection is kept.
    pub head: Duration,
    /// A peer that takes none of what we write for this long is cut off.
    pub stall: Duration,
    /// Requests at once on one HTTP/2 connection.
    pub streams: u32,
}

impl Default for ConnectionLimits {
    fn default() -> Self {
        Self {
            connections: 8192,
            handshake: Duration::from_secs(10),
            head: Duration::from_secs(60),
            stall: Duration::from_secs(30),
            streams: 256,
        }
    }
}

/// A bound port, not yet serving.
pub struct Listener {
    tcp: TcpListener,
    addr: SocketAddr,
    limits: ConnectionLimits,
}

impl Listener {
    /// Binds; port 0 takes a free one. Must be called inside a runtime.
    pub fn bind(address: SocketAddr) -> std::io::Result<Self> {
        let tcp = std::net::TcpListener::bind(address)?;
        tcp.set_nonblocking(true)?;
        let tcp = TcpListener::from_std(tcp)?;
        let addr = tcp.local_addr()?;
        Ok(Self { tcp, addr, limits: ConnectionLimits::default() })
    }

    #[must_use]
    pub fn with_limits(mut self, limits: ConnectionLimits) -> Self {
        self.limits = limits;
        self
    }

    /// Where it listens.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Serves HTTP/1.1 and HTTP/2, in TLS when a configuration is given, until `stopping`. Then it accepts nothing more, tells open
    /// connections to finish what they do (GOAWAY), and cuts off what is left after `drain`. True when nothing had to be cut off.
    pub async fn serve(
        self,
        router: Router,
        tls: Option<TlsSwitch>,
        stopping: CancellationToken,
        drain: Duration,
    ) -> bool {
        let Self { tcp, addr: _, limits } = self;
        let places = Arc::new(Semaphore::new(limits.connections.clamp(1, Semaphore::MAX_PERMITS)));
        let (connections, killed) = (TaskTracker::new(), CancellationToken::new());
        // When this future is dropped instead of finished, its connections end too.
        let _kill_on_drop = killed.clone().drop_guard();
        let server = Arc::new(connection::Server::new(router, limits, stopping.clone(), killed.clone()));
        while let Some((stream, peer, place)) = next(&tcp, &places, &stopping).await {
            let tls = tls.as_ref().map(|tls| tls.load_full());
            connections.spawn(connection::serve(Arc::clone(&server), stream, peer, tls, place));
        }
        drop(tcp);
        connections.close();
        let finished = tokio::time::timeout(drain, connections.wait()).await.is_ok();
        if !finished {
            tracing::warn!(open = connections.len(), "connections cut off at the end of the drain");
            killed.cancel();
            connections.wait().await;
        }
        finished
    }
}

/// The next connection with its place; `None` once stopping.
async fn next(
    tcp: &TcpListener,
    places: &Arc<Semaphore>,
    stopping: &CancellationToken,
) -> Option<(TcpStream, SocketAddr, OwnedSemaphorePermit)> {
    let accept = async {
        let place = Arc::clone(places).acquire_owned().await.ok()?;
        loop {
            match tcp.accept().await {
                Ok((stream, peer)) => return Some((stream, peer, place)),
                Err(error) if is_of_the_connection(&error) => {}
                Err(error) => {
                    tracing::warn!(%error, "no connection could be accepted");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            }
        }
    };
    tokio::select! {
        biased;
        () = stopping.cancelled() => None,
        accepted = accept => accepted,
    }
}

/// The peer left before we took the connection: nothing is wrong with us.
fn is_of_the_connection(error: &std::io::Error) -> bool {
    use std::io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

#[cfg(test)]
mod tests;
