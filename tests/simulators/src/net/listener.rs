//! The listening port of a simulated system: accepts, refuses during an outage, stops; it must not read a request.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

const BACKLOG: u32 = 1024;
/// Open connections at most; further ones wait in the backlog.
const MAX_CONNECTIONS: usize = 4096;
/// How long running answers may take when the simulator stops.
const STOP_GRACE: Duration = Duration::from_secs(1);
/// After a failed accept or bind (descriptors used up, port taken for a moment).
const PAUSE: Duration = Duration::from_millis(20);

pub(crate) fn bind(addr: SocketAddr) -> anyhow::Result<TcpListener> {
    hold(addr)?.listen(BACKLOG).with_context(|| format!("cannot listen on {addr}"))
}

/// A bound socket that does not listen: the port stays ours and connections to it are refused.
fn hold(addr: SocketAddr) -> anyhow::Result<TcpSocket> {
    let socket = if addr.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    socket.set_reuseaddr(true)?;
    socket.bind(addr).with_context(|| format!("cannot bind {addr}"))?;
    Ok(socket)
}

/// Who lives behind a port.
pub(crate) trait Host: Send + Sync + 'static {
    /// Connections are refused from now on, for a while.
    fn outage_begins(&self);

    /// One connection, until it ends, or, once `drain` changes, until its running answer is out.
    fn serve(
        self: Arc<Self>,
        stream: TcpStream,
        drain: watch::Receiver<u64>,
    ) -> impl Future<Output = ()> + Send + 'static;
}

pub(crate) struct Port<H> {
    pub(crate) addr: SocketAddr,
    pub(crate) host: Arc<H>,
    pub(crate) outages: mpsc::Receiver<Duration>,
    pub(crate) stop: watch::Receiver<bool>,
}

enum Next {
    Connection(TcpStream),
    Failed,
    Outage(Duration),
    Stop,
}

/// Serves until told to stop.
pub(crate) async fn run<H: Host>(mut port: Port<H>, listener: TcpListener) {
    let (drain, _) = watch::channel(0_u64);
    let mut connections = JoinSet::new();
    let mut listener = Some(listener);
    while let Some(open) = listener.take() {
        match port.next(&open, &mut connections).await {
            Next::Connection(stream) => {
                connections.spawn(Arc::clone(&port.host).serve(stream, drain.subscribe()));
                listener = Some(open);
            }
            Next::Failed => {
                tokio::time::sleep(PAUSE).await;
                listener = Some(open);
            }
            Next::Outage(length) => {
                drop(open);
                drain.send_modify(|generation| *generation += 1);
                listener = port.outage(length).await;
            }
            Next::Stop => break,
        }
    }
    drain.send_modify(|generation| *generation += 1);
    let ended = async { while connections.join_next().await.is_some() {} };
    if tokio::time::timeout(STOP_GRACE, ended).await.is_err() {
        connections.shutdown().await;
    }
}

impl<H: Host> Port<H> {
    async fn next(&mut self, listener: &TcpListener, connections: &mut JoinSet<()>) -> Next {
        loop {
            tokio::select! {
                _ = self.stop.changed() => return Next::Stop,
                Some(length) = self.outages.recv() => return Next::Outage(length),
                Some(_) = connections.join_next(), if !connections.is_empty() => {}
                accepted = listener.accept(), if connections.len() < MAX_CONNECTIONS => return match accepted {
                    Ok((stream, _)) => Next::Connection(stream),
                    Err(error) => {
                        tracing::warn!(%error, "cannot accept a connection");
                        Next::Failed
                    }
                },
            }
        }
    }

    /// Refuses connections for a while. `None`: told to stop meanwhile.
    async fn outage(&mut self, length: Duration) -> Option<TcpListener> {
        self.host.outage_begins();
        let held = hold(self.addr).ok();
        tokio::select! {
            _ = self.stop.changed() => return None,
            () = tokio::time::sleep(length) => {}
        }
        if let Some(listener) = held.and_then(|socket| socket.listen(BACKLOG).ok()) {
            return Some(listener);
        }
        self.reopen().await
    }

    async fn reopen(&mut self) -> Option<TcpListener> {
        loop {
            match bind(self.addr) {
                Ok(listener) => return Some(listener),
                Err(error) => tracing::warn!(%error, "cannot open the port again"),
            }
            tokio::select! {
                _ = self.stop.changed() => return None,
                () = tokio::time::sleep(PAUSE) => {}
            }
        }
    }
}
