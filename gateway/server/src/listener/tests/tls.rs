//! TLS and client certificates, made for the test.

use axum::Extension;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;

use super::*;
use crate::security::PeerCertificate;

/// An authority and what it issues.
struct Authority {
    issuer: Issuer<'static, KeyPair>,
    certificate: CertificateDer<'static>,
}

struct Issued {
    certificate: CertificateDer<'static>,
    pem: String,
    key: KeyPair,
}

impl Authority {
    fn new() -> Self {
        let mut parameters = CertificateParams::new(Vec::<String>::new()).unwrap();
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let certificate = parameters.self_signed(&key).unwrap().der().clone();
        Self { issuer: Issuer::new(parameters, key), certificate }
    }

    fn issue(&self, name: &str) -> Issued {
        let mut parameters = CertificateParams::new(vec!["localhost".to_owned(), "127.0.0.1".to_owned()]).unwrap();
        parameters.distinguished_name.push(DnType::CommonName, name);
        let key = KeyPair::generate().unwrap();
        let certificate = parameters.signed_by(&key, &self.issuer).unwrap();
        Issued { certificate: certificate.der().clone(), pem: certificate.pem(), key }
    }

    fn root(&self) -> reqwest::Certificate {
        reqwest::Certificate::from_der(&self.certificate).unwrap()
    }

    /// A server of this authority that asks for (but does not insist on) certificates of `clients`.
    fn server(&self, clients: &Self, insist: bool) -> Arc<rustls::ServerConfig> {
        let issued = self.issue("gateway.test");
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut roots = rustls::RootCertStore::empty();
        roots.add(clients.certificate.clone()).unwrap();
        let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider));
        let verifier = if insist { verifier } else { verifier.allow_unauthenticated() };
        let key = PrivateKeyDer::try_from(issued.key.serialize_der()).unwrap();
        let mut config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_client_cert_verifier(verifier.build().unwrap())
            .with_single_cert(vec![issued.certificate], key)
            .unwrap();
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Arc::new(config)
    }
}

impl Issued {
    fn identity(&self) -> reqwest::Identity {
        reqwest::Identity::from_pem(format!("{}{}", self.pem, self.key.serialize_pem()).as_bytes()).unwrap()
    }
}

fn whoami() -> Router {
    let name = |certificate: Option<Extension<PeerCertificate>>| async move {
        certificate.and_then(|Extension(found)| found.common_name().map(str::to_owned)).unwrap_or("nobody".to_owned())
    };
    Router::new().route("/", get(name))
}

fn client(server: &Authority, shown: Option<&Issued>) -> reqwest::Client {
    reqwest_client(|builder| {
        let builder = builder.tls_certs_only([server.root()]);
        match shown {
            Some(issued) => builder.identity(issued.identity()),
            None => builder,
        }
    })
}

async fn ask(client: &reqwest::Client, port: &Port) -> Result<(http::Version, String), reqwest::Error> {
    let mut answer = client.get(format!("https://127.0.0.1:{}/", port.addr.port())).send().await?;
    let chunk = answer.chunk().await?.unwrap_or_default();
    Ok((answer.version(), String::from_utf8_lossy(&chunk).into_owned()))
}

#[tokio::test]
async fn a_certificate_of_the_client_authority_names_its_holder() {
    let (server, clients, strangers) = (Authority::new(), Authority::new(), Authority::new());
    let switch: TlsSwitch = Arc::new(ArcSwap::new(server.server(&clients, false)));
    let port = Port::open(whoami(), Some(switch), ConnectionLimits::default(), Duration::from_secs(5));
    let known = client(&server, Some(&clients.issue("one-stop.test")));
    assert_eq!(ask(&known, &port).await.unwrap(), (http::Version::HTTP_2, "one-stop.test".to_owned()));
    assert_eq!(ask(&client(&server, None), &port).await.unwrap().1, "nobody");
    let stranger = client(&server, Some(&strangers.issue("one-stop.test")));
    assert!(ask(&stranger, &port).await.is_err(), "a certificate of another authority is refused");
    assert!(ask(&client(&strangers, None), &port).await.is_err(), "and clients refuse a server they do not know");
    drop(known);
    port.stopped().await;
}

#[tokio::test]
async fn where_certificates_are_demanded_nobody_comes_without() {
    let (server, clients) = (Authority::new(), Authority::new());
    let switch: TlsSwitch = Arc::new(ArcSwap::new(server.server(&clients, true)));
    let port = Port::open(whoami(), Some(switch), ConnectionLimits::default(), Duration::from_secs(5));
    assert!(ask(&client(&server, None), &port).await.is_err());
    assert_eq!(ask(&client(&server, Some(&clients.issue("a.test"))), &port).await.unwrap().1, "a.test");
    port.stopped().await;
}

#[tokio::test]
async fn a_swapped_configuration_counts_for_new_connections_and_leaves_old_ones() {
    let (old, new, clients) = (Authority::new(), Authority::new(), Authority::new());
    let switch: TlsSwitch = Arc::new(ArcSwap::new(old.server(&clients, false)));
    let port = Port::open(whoami(), Some(Arc::clone(&switch)), ConnectionLimits::default(), Duration::from_secs(5));
    let early = client(&old, None);
    assert_eq!(ask(&early, &port).await.unwrap().1, "nobody");
    switch.store(new.server(&clients, false));
    assert_eq!(ask(&early, &port).await.unwrap().1, "nobody", "its connection goes on");
    assert!(ask(&client(&old, None), &port).await.is_err(), "new connections meet the new certificate");
    assert_eq!(ask(&client(&new, None), &port).await.unwrap().1, "nobody");
    drop(early);
    port.stopped().await;
}

#[tokio::test]
async fn a_handshake_that_does_not_come_or_is_no_handshake_is_given_up() {
    let (server, clients) = (Authority::new(), Authority::new());
    let switch: TlsSwitch = Arc::new(ArcSwap::new(server.server(&clients, false)));
    let port = Port::open(whoami(), Some(switch), quick(), Duration::ZERO);
    let mut silent = port.connect().await;
    assert_eq!(rest(&mut silent).await, "");
    let mut plain = port.connect().await;
    say(&mut plain, GET).await;
    assert!(!rest(&mut plain).await.contains("200"));
    port.stopped().await;
}
