//! Servers made of sockets for the tests: plain, encrypted, silent, a proxy. They share no code with what is tested.

use std::net::SocketAddr;
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

/// An authority with one certificate it made.
pub(super) struct Authority {
    pub(super) pem: String,
    chain: Vec<rustls::pki_types::CertificateDer<'static>>,
    key: Vec<u8>,
}

/// A certificate for `name`, valid in these years.
pub(super) fn authority(name: &str, years: std::ops::Range<i32>) -> Authority {
    let mut root = CertificateParams::new(Vec::new()).unwrap();
    root.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    root.distinguished_name.push(rcgen::DnType::CommonName, "Co quan chung thuc mau");
    let root = CertifiedIssuer::self_signed(root, KeyPair::generate().unwrap()).unwrap();
    let mut leaf = CertificateParams::new(vec![name.to_owned()]).unwrap();
    leaf.distinguished_name.push(rcgen::DnType::CommonName, name);
    leaf.not_before = rcgen::date_time_ymd(years.start, 1, 1);
    leaf.not_after = rcgen::date_time_ymd(years.end, 1, 1);
    let key = KeyPair::generate().unwrap();
    let certificate = leaf.signed_by(&key, &root).unwrap();
    Authority { pem: root.pem(), chain: vec![certificate.der().clone()], key: key.serialize_der() }
}

/// What a server does with a request's head.
const ANSWER: &str = "HTTP/1.1 404 Not Found\r\nDate: {date}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

async fn listener() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    (listener, addr)
}

/// Answers everything with 404 and a date in RFC 2822 form.
async fn answer(mut line: impl AsyncRead + AsyncWrite + Unpin, date: &str) -> std::io::Result<()> {
    let mut asked = Vec::new();
    while !asked.ends_with(b"\r\n\r\n") {
        if line.read_buf(&mut asked).await? == 0 {
            return Ok(());
        }
    }
    line.write_all(ANSWER.replace("{date}", date).as_bytes()).await?;
    line.shutdown().await
}

/// Speaks TLS with the authority's certificate; `client_ca`: wants certificates of theirs.
pub(super) async fn encrypted(authority: &Authority, date: String, client_ca: Option<&Authority>) -> SocketAddr {
    let (listener, addr) = listener().await;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = rustls::ServerConfig::builder_with_provider(Arc::clone(&provider));
    let builder = builder.with_safe_default_protocol_versions().unwrap();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(authority.key.clone()));
    let builder = match client_ca {
        None => builder.with_no_client_auth(),
        Some(theirs) => {
            let mut roots = rustls::RootCertStore::empty();
            roots.add(theirs.chain[0].clone()).unwrap();
            let verifier = rustls::server::WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
            builder.with_client_cert_verifier(verifier.build().unwrap())
        }
    };
    let config = builder.with_single_cert(authority.chain.clone(), key).unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (acceptor, date) = (acceptor.clone(), date.clone());
            tokio::spawn(async move {
                if let Ok(stream) = acceptor.accept(stream).await {
                    answer(stream, &date).await.ok();
                }
            });
        }
    });
    addr
}

/// Takes connections and never says a word.
pub(super) async fn silent() -> SocketAddr {
    let (listener, addr) = listener().await;
    tokio::spawn(async move {
        let mut all = Vec::new();
        while let Ok((stream, _)) = listener.accept().await {
            all.push(stream);
        }
    });
    addr
}

/// A port on which nobody listens.
pub(super) async fn nobody() -> SocketAddr {
    listener().await.1
}

/// An HTTP proxy that wants `user:password` in Basic form and connects everything to one address.
pub(super) async fn proxy(proof: &'static str, to: SocketAddr) -> SocketAddr {
    let (listener, addr) = listener().await;
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(through(stream, proof, to));
        }
    });
    addr
}

async fn through(mut stream: TcpStream, proof: &str, to: SocketAddr) -> std::io::Result<()> {
    let mut asked = Vec::new();
    while !asked.ends_with(b"\r\n\r\n") {
        if stream.read_buf(&mut asked).await? == 0 {
            return Ok(());
        }
    }
    let asked = String::from_utf8_lossy(&asked).into_owned();
    if !asked.contains(&format!("Proxy-Authorization: Basic {proof}\r\n"))
        && !asked.contains(&format!("proxy-authorization: Basic {proof}\r\n"))
    {
        return stream.write_all(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n").await;
    }
    assert!(asked.starts_with("CONNECT system.invalid:443 HTTP/1.1\r\n"), "{asked}");
    let mut onwards = TcpStream::connect(to).await?;
    stream.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await?;
    tokio::io::copy_bidirectional(&mut stream, &mut onwards).await.map(|_| ())
}

/// Now, as a `Date` header, moved by so many seconds.
pub(super) fn date(offset: i64) -> String {
    use lienthong_core::Clock as _;
    let now = lienthong_engine::clock::SystemClock::new().now() + lienthong_core::SignedDuration::from_secs(offset);
    now.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}
