//! What the tests share: a server on loopback that is told what to say, secrets and a clock. No assertions.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use lienthong_core::secret::{SecretRef, SecretSource, SecretString};
use lienthong_core::{CallContext, Clock, Timestamp};
use parking_lot::Mutex;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;

/// Secrets by name.
pub(crate) struct Secrets(pub(crate) Vec<(&'static str, String)>);

impl SecretSource for Secrets {
    fn read(&self, reference: &SecretRef) -> Result<SecretString, String> {
        let found = self.0.iter().find(|(name, _)| reference.to_string() == format!("env:{name}"));
        found.map(|(_, value)| value.clone().into()).ok_or_else(|| format!("{reference} is not set"))
    }
}

pub(crate) struct Still;

impl Clock for Still {
    fn now(&self) -> Timestamp {
        "2026-01-15T00:00:00Z".parse().unwrap()
    }
    fn monotonic(&self) -> Duration {
        Duration::ZERO
    }
}

pub(crate) fn context() -> CallContext {
    CallContext::new("0.0.1", Duration::from_secs(10), Arc::new(Still))
}

/// A request as it arrived: its first line and headers, its body, and where it came from.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
    pub(crate) from: std::net::IpAddr,
}

/// Answers every request with the same bytes and closes.
pub(crate) struct Server {
    pub(crate) port: u16,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Server {
    pub(crate) async fn start(answer: impl Into<Vec<u8>>) -> Self {
        let (listener, port, seen) = Self::listen().await;
        let (answer, shared) = (answer.into(), Arc::clone(&seen));
        tokio::spawn(async move {
            while let Ok((stream, from)) = listener.accept().await {
                let (answer, seen) = (answer.clone(), Arc::clone(&shared));
                tokio::spawn(async move { serve(stream, from.ip(), &answer, &seen).await });
            }
        });
        Self { port, seen }
    }

    pub(crate) async fn start_tls(config: tokio_rustls::rustls::ServerConfig, answer: &'static str) -> Self {
        let (listener, port, seen) = Self::listen().await;
        let (acceptor, shared) = (tokio_rustls::TlsAcceptor::from(Arc::new(config)), Arc::clone(&seen));
        tokio::spawn(async move {
            while let Ok((stream, from)) = listener.accept().await {
                let (acceptor, seen) = (acceptor.clone(), Arc::clone(&shared));
                tokio::spawn(async move {
                    if let Ok(stream) = acceptor.accept(stream).await {
                        serve(stream, from.ip(), answer.as_bytes(), &seen).await.ok();
                    }
                });
            }
        });
        Self { port, seen }
    }

    async fn listen() -> (TcpListener, u16, Arc<Mutex<Vec<Seen>>>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        (listener, port, Arc::default())
    }

    pub(crate) fn url(&self, path: &str) -> reqwest::Url {
        format!("http://127.0.0.1:{}{path}", self.port).parse().unwrap()
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().clone()
    }
}

async fn serve<S: AsyncRead + AsyncWrite + Unpin>(
    mut stream: S,
    from: std::net::IpAddr,
    answer: &[u8],
    seen: &Mutex<Vec<Seen>>,
) -> io::Result<()> {
    let mut bytes = Vec::new();
    let end = loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break end + 4;
        }
        if stream.read_buf(&mut bytes).await? == 0 {
            return Ok(());
        }
    };
    let head = String::from_utf8_lossy(&bytes[..end]).to_ascii_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).map_or(0, |n| n.parse().unwrap());
    while bytes.len() < end + length {
        if stream.read_buf(&mut bytes).await? == 0 {
            return Ok(());
        }
    }
    seen.lock().push(Seen { head, body: bytes[end..].to_vec(), from });
    stream.write_all(answer).await?;
    stream.shutdown().await
}

/// An answer with its length.
pub(crate) fn answer(status: u16, body: &str) -> String {
    format!("HTTP/1.1 {status} X\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len())
}

/// One crypto provider for the process, whichever test is first.
pub(crate) fn install_crypto() {
    drop(rustls::crypto::ring::default_provider().install_default());
}
