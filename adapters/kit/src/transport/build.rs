//! Prepares the HTTP client as configured: certificates, proxy, addresses. It opens no connection.

use std::net::SocketAddr;
use std::sync::Arc;

use lienthong_core::secret::{ExposeSecret, SecretRef, SecretSource, SecretString};
use lienthong_core::{Clock, Timestamp};
use reqwest::{Certificate, Client, ClientBuilder, Identity, Proxy, redirect, retry};
use x509_parser::certificate::X509Certificate;
use x509_parser::pem::Pem;
use x509_parser::prelude::FromDer as _;

use super::{Kept, Transport};
use crate::config::{ProxyConfig, TransportConfig};

impl Transport {
    /// Reads the secrets and prepares connections. `encrypted`: whether any address may be https; without one, the machine's
    /// certificates are not needed and may well be missing. The text says what is wrong and what to do.
    pub fn build(
        config: &TransportConfig,
        encrypted: bool,
        secrets: &dyn SecretSource,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, String> {
        let TransportConfig {
            connect_timeout,
            idle_timeout,
            idle_connections,
            ca,
            identity,
            pass_trace: _,
            source_address,
            proxy,
            dns,
            plain_http: _,
        } = config;
        if rustls::crypto::CryptoProvider::get_default().is_none() {
            return Err("no TLS provider is installed in this process; install rustls's ring provider first".into());
        }
        let mut builder = Client::builder()
            .redirect(redirect::Policy::none())
            .retry(retry::never())
            .no_proxy()
            .referer(false)
            .http1_only()
            .local_address(*source_address)
            .connect_timeout(connect_timeout.0)
            .pool_idle_timeout(idle_timeout.0)
            .pool_max_idle_per_host(*idle_connections);
        let mut kept = Kept {
            authorities: ca.as_ref().map(|reference| secrets.read(reference)).transpose()?,
            identity: identity.as_ref().map(|reference| secrets.read(reference)).transpose()?,
            proxy: proxy
                .as_ref()
                .and_then(|proxy| proxy.credentials.as_ref())
                .map(|reference| secrets.read(reference))
                .transpose()?,
            ends: None,
        };
        let trusted = both(ca, &kept.authorities).map(|(reference, pem)| certificates(reference, pem)).transpose()?;
        if let Some(trusted) = trusted.or_else(|| (!encrypted).then(Vec::new)) {
            builder = builder.tls_certs_only(trusted);
        }
        if let Some((reference, pem)) = both(identity, &kept.identity) {
            let identity = Identity::from_pem(pem.expose_secret().as_bytes())
                .map_err(|_| format!("{reference} holds no PEM certificate with its key"))?;
            builder = builder.identity(identity);
            kept.ends = end_of(pem);
        }
        if let Some(proxy) = proxy {
            builder = through(builder, proxy, kept.proxy.as_ref())?;
        }
        for (host, addresses) in dns {
            // Port 0 leaves the address's own port.
            let fixed: Vec<SocketAddr> = addresses.iter().map(|address| SocketAddr::new(*address, 0)).collect();
            builder = builder.resolve_to_addrs(host, &fixed);
        }
        let http = builder.build().map_err(|error| format!("the HTTP client cannot be prepared: {error:?}"))?;
        Ok(Self { http, clock, config: Arc::new(config.clone()), kept: Arc::new(kept) })
    }
}

/// When the first certificate of a PEM text, which is the one shown, ends.
fn end_of(pem: &SecretString) -> Option<Timestamp> {
    let blocks = Pem::iter_from_buffer(pem.expose_secret().as_bytes()).filter_map(Result::ok);
    let shown = blocks.into_iter().find(|block| block.label == "CERTIFICATE")?;
    let (_, certificate) = X509Certificate::from_der(&shown.contents).ok()?;
    Timestamp::from_second(certificate.validity().not_after.timestamp()).ok()
}

/// A reference with what it led to.
fn both<'a>(
    reference: &'a Option<SecretRef>,
    read: &'a Option<SecretString>,
) -> Option<(&'a SecretRef, &'a SecretString)> {
    reference.as_ref().zip(read.as_ref())
}

fn through(builder: ClientBuilder, config: &ProxyConfig, pair: Option<&SecretString>) -> Result<ClientBuilder, String> {
    let ProxyConfig { url, credentials } = config;
    let mut proxy = Proxy::all(url.url().clone()).map_err(|_| "the proxy's address cannot be used".to_owned())?;
    if let Some((reference, pair)) = credentials.as_ref().zip(pair) {
        let (user, password) = pair
            .expose_secret()
            .split_once(':')
            .ok_or_else(|| format!("{reference} must hold the proxy's credentials as user:password"))?;
        proxy = proxy.basic_auth(user, password);
    }
    Ok(builder.proxy(proxy))
}

fn certificates(reference: &SecretRef, pem: &SecretString) -> Result<Vec<Certificate>, String> {
    match Certificate::from_pem_bundle(pem.expose_secret().as_bytes()) {
        Ok(trusted) if !trusted.is_empty() => Ok(trusted),
        Ok(_) | Err(_) => Err(format!("{reference} holds no PEM certificate")),
    }
}
