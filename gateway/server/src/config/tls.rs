//! The port's TLS configuration from PEM files. It opens no socket.

use std::path::Path;
use std::sync::Arc;

use lienthong_core::secret::{ExposeSecret as _, SecretSource as _};
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;

use super::gateway::TlsModel;
use super::secrets::Secrets;

/// What is wrong and what to do.
type Found = Vec<(String, String)>;

/// Reads certificate, key and client authorities. Clients without a certificate are let in: they may show an API key.
pub(crate) fn build(model: &TlsModel, root: &Path, secrets: &Secrets) -> Result<Arc<ServerConfig>, Found> {
    let mut found = Found::new();
    let chain = certificates(&root.join(&model.certificate), "listen.tls.certificate", &mut found);
    let authorities =
        model.client_ca.as_ref().map(|path| certificates(&root.join(path), "listen.tls.client_ca", &mut found));
    let key = match secrets.read(&model.key) {
        Ok(pem) => PrivateKeyDer::from_pem_slice(pem.expose_secret().as_bytes()).map_err(|_| {
            let remedy = "give an unencrypted private key, `-----BEGIN PRIVATE KEY-----`";
            found.push((format!("listen.tls.key: {} holds no PEM private key", model.key), remedy.to_owned()));
        }),
        Err(problem) => {
            found.push((format!("listen.tls.key: {problem}"), "the port cannot speak TLS without its key".to_owned()));
            Err(())
        }
    };
    let (Ok(key), true) = (key, found.is_empty()) else { return Err(found) };
    assemble(chain, key, authorities).map(Arc::new).map_err(|problem| {
        let remedy =
            "check that certificate and key belong together and that the authorities' file holds CA certificates";
        vec![(format!("listen.tls: {problem}"), remedy.to_owned())]
    })
}

fn assemble(
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
    authorities: Option<Vec<CertificateDer<'static>>>,
) -> Result<ServerConfig, String> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let told = |error: &dyn std::error::Error| error.to_string();
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider));
    let builder = builder.with_safe_default_protocol_versions().map_err(|error| told(&error))?;
    let builder = match authorities {
        None => builder.with_no_client_auth(),
        Some(authorities) => {
            let mut roots = rustls::RootCertStore::empty();
            for authority in authorities {
                roots.add(authority).map_err(|error| told(&error))?;
            }
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
            let verifier = verifier.allow_unauthenticated().build().map_err(|error| told(&error))?;
            builder.with_client_cert_verifier(verifier)
        }
    };
    let mut config = builder.with_single_cert(chain, key).map_err(|error| told(&error))?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

fn certificates(path: &Path, setting: &str, found: &mut Found) -> Vec<CertificateDer<'static>> {
    let shown = path.display();
    let read = CertificateDer::pem_file_iter(path).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    match read {
        Ok(certificates) if certificates.is_empty() => {
            let remedy = "put PEM certificates into it, `-----BEGIN CERTIFICATE-----`";
            found.push((format!("{setting}: {shown} holds no certificate"), remedy.to_owned()));
            certificates
        }
        Ok(certificates) => certificates,
        Err(error) => {
            found.push((
                format!("{setting}: {shown} cannot be read: {error}"),
                "create the file or correct the path".to_owned(),
            ));
            Vec::new()
        }
    }
}

#[cfg(test)]
mod tests;
