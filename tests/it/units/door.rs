//! Hosts the stories need: one whose port is closed until it is opened, and a TLS door that asks for certificates. They judge no message.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::{PrivateKeyDer, UnixTime};
use rustls::server::WebPkiClientVerifier;
use rustls::time_provider::{DefaultTimeProvider, TimeProvider};
use rustls::{RootCertStore, ServerConfig};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

const FILE: &[u8] =
    b"HTTP/1.1 200 OK\r\nContent-Type: application/pdf\r\nContent-Length: 8\r\nConnection: close\r\n\r\n%PDF-1.7";

/// A host of files that refuses connections.
pub(super) struct Closed {
    socket: TcpSocket,
    pub(super) address: SocketAddr,
}

/// The port is ours from now on, and nobody is there.
pub(super) fn closed() -> Closed {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let address = socket.local_addr().unwrap();
    Closed { socket, address }
}

impl Closed {
    /// Every path is a file from now on.
    pub(super) fn open(self) -> Ended {
        let listener = self.socket.listen(64).unwrap();
        Ended(tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(file(stream));
            }
        }))
    }
}

async fn file(mut stream: TcpStream) -> std::io::Result<()> {
    let mut head = [0; 4096];
    let _request = stream.read(&mut head).await?;
    stream.write_all(FILE).await?;
    stream.shutdown().await
}

/// A task that ends with the test.
pub(super) struct Ended(JoinHandle<()>);

impl Drop for Ended {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Who issues the door's certificate and those of its callers.
pub(super) struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    pub(super) fn new() -> Self {
        let mut params = CertificateParams::new(Vec::<String>::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    pub(super) fn pem(&self) -> String {
        self.0.pem()
    }

    fn issued(&self, name: &str, year: i32) -> (rcgen::Certificate, KeyPair) {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        params.not_after = rcgen::date_time_ymd(year, 1, 1);
        (params.signed_by(&key, &self.0).unwrap(), key)
    }

    /// A caller's certificate that ends with that year's beginning, and its key.
    pub(super) fn client_until(&self, year: i32) -> String {
        let (certificate, key) = self.issued("gateway.test", year);
        format!("{}{}", certificate.pem(), key.serialize_pem())
    }
}

/// What day it is at the door.
#[derive(Clone, Copy)]
pub(super) enum Day {
    Today,
    /// The first of January of that year.
    Of(u64),
}

#[derive(Debug)]
struct Fixed(UnixTime);

impl TimeProvider for Fixed {
    fn current_time(&self) -> Option<UnixTime> {
        Some(self.0)
    }
}

fn clock(day: Day) -> Arc<dyn TimeProvider> {
    match day {
        Day::Today => Arc::new(DefaultTimeProvider),
        // Leap days make no difference to a year's certificates.
        Day::Of(year) => {
            let seconds = (year - 1970) * 31_557_600;
            Arc::new(Fixed(UnixTime::since_unix_epoch(Duration::from_secs(seconds))))
        }
    }
}

/// TLS in front of a simulated system, for callers whose certificate is good on that day.
pub(super) struct Door {
    port: u16,
    knocks: Arc<AtomicUsize>,
    _task: Ended,
}

impl Door {
    pub(super) async fn start(authority: &Authority, behind: SocketAddr, day: Day) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let acceptor = TlsAcceptor::from(Arc::new(server(authority, day)));
        let knocks = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&knocks);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                counted.fetch_add(1, Ordering::Relaxed);
                tokio::spawn(pass(acceptor.clone(), stream, behind));
            }
        });
        Self { port, knocks, _task: Ended(task) }
    }

    pub(super) fn base_url(&self) -> String {
        format!("https://localhost:{}", self.port)
    }

    /// Connections so far.
    pub(super) fn knocks(&self) -> usize {
        self.knocks.load(Ordering::Relaxed)
    }
}

fn server(authority: &Authority, day: Day) -> ServerConfig {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut roots = RootCertStore::empty();
    roots.add(authority.0.der().clone()).unwrap();
    let callers = WebPkiClientVerifier::builder_with_provider(roots.into(), Arc::clone(&provider)).build().unwrap();
    let (certificate, key) = authority.issued("localhost", 2300);
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let builder =
        ServerConfig::builder_with_details(provider, clock(day)).with_safe_default_protocol_versions().unwrap();
    builder.with_client_cert_verifier(callers).with_single_cert(vec![certificate.der().clone()], key).unwrap()
}

/// A connection that is refused is told why and ends.
async fn pass(acceptor: TlsAcceptor, stream: TcpStream, behind: SocketAddr) {
    let Ok(mut caller) = acceptor.accept(stream).await else { return };
    let Ok(mut system) = TcpStream::connect(behind).await else { return };
    let _ended_by_either = tokio::io::copy_bidirectional(&mut caller, &mut system).await;
}
