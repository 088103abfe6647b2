//! Whom a handshake trusts, as the transport does, with a witness that writes down what was shown. It decides nothing else.

use std::sync::Arc;

use lienthong_core::network::NetworkEndpoint;
use lienthong_core::secret::{ExposeSecret as _, SecretString};
use parking_lot::Mutex;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{ResolvesClientCert, WebPkiServerVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::sign::CertifiedKey;
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};

/// What was shown and what we made of it.
#[derive(Debug, Clone, Default)]
pub(super) struct Shown {
    /// In DER form, the host's own first.
    pub(super) chain: Vec<Vec<u8>>,
    /// `None`: it never came so far.
    pub(super) verdict: Option<Result<(), rustls::Error>>,
    pub(super) asked_for_ours: bool,
    pub(super) has_ours: bool,
}

/// Stands in for verifier and key, and lets the handshake end whatever the verdict: nothing is sent on it when it is bad.
#[derive(Debug)]
pub(super) struct Witness {
    inner: Arc<dyn ServerCertVerifier>,
    ours: Option<Arc<CertifiedKey>>,
    shown: Mutex<Shown>,
}

/// The configuration of a handshake as the transport makes it. The text says what cannot be used.
pub(super) fn trusting(endpoint: &NetworkEndpoint) -> Result<(ClientConfig, Arc<Witness>), String> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let inner = verifier(endpoint.authorities.as_ref(), &provider)?;
    let ours = endpoint.identity.as_ref().map(|pem| identity(pem, &provider)).transpose()?.map(Arc::new);
    let shown = Mutex::new(Shown { has_ours: ours.is_some(), ..Shown::default() });
    let witness = Arc::new(Witness { inner, ours, shown });
    let builder = ClientConfig::builder_with_provider(provider);
    let mut config = builder
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .dangerous()
        .with_custom_certificate_verifier(Arc::clone(&witness) as Arc<dyn ServerCertVerifier>)
        .with_client_cert_resolver(Arc::clone(&witness) as Arc<dyn ResolvesClientCert>);
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok((config, witness))
}

fn verifier(
    pinned: Option<&SecretString>,
    provider: &Arc<CryptoProvider>,
) -> Result<Arc<dyn ServerCertVerifier>, String> {
    let Some(pem) = pinned else {
        let machine = rustls_platform_verifier::Verifier::new(Arc::clone(provider));
        return machine.map(|verifier| Arc::new(verifier) as _).map_err(|error| error.to_string());
    };
    let mut roots = RootCertStore::empty();
    for authority in certificates(pem)? {
        roots.add(authority).map_err(|error| error.to_string())?;
    }
    let built = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider)).build();
    built.map(|verifier| verifier as _).map_err(|error| error.to_string())
}

fn certificates(pem: &SecretString) -> Result<Vec<CertificateDer<'static>>, String> {
    let read = CertificateDer::pem_slice_iter(pem.expose_secret().as_bytes()).collect::<Result<Vec<_>, _>>();
    read.map_err(|_| "no PEM certificate".to_owned())
}

fn identity(pem: &SecretString, provider: &CryptoProvider) -> Result<CertifiedKey, String> {
    let key = PrivateKeyDer::from_pem_slice(pem.expose_secret().as_bytes()).map_err(|_| "no PEM private key")?;
    CertifiedKey::from_der(certificates(pem)?, key, provider).map_err(|error| error.to_string())
}

impl Witness {
    pub(super) fn shown(&self) -> Shown {
        self.shown.lock().clone()
    }
}

impl ServerCertVerifier for Witness {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let verdict = self.inner.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now);
        let mut shown = self.shown.lock();
        shown.chain = std::iter::once(end_entity).chain(intermediates).map(|der| der.to_vec()).collect();
        shown.verdict = Some(verdict.map(|_| ()));
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.inner.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.inner.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.inner.supported_verify_schemes()
    }
}

impl ResolvesClientCert for Witness {
    fn resolve(&self, _hints: &[&[u8]], _schemes: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        self.shown.lock().asked_for_ours = true;
        self.ours.clone()
    }

    fn has_certs(&self) -> bool {
        true
    }
}
