//! Certificates of the port: what is right is taken, what is wrong is named.

use std::path::PathBuf;

use rcgen::{BasicConstraints, CertificateParams, IsCa, KeyPair};

use super::*;

struct Files {
    folder: tempfile::TempDir,
}

impl Files {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let server = rcgen::generate_simple_self_signed(["gateway.test".to_owned()]).unwrap();
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority = params.self_signed(&KeyPair::generate().unwrap()).unwrap();
        let other = KeyPair::generate().unwrap();
        for (name, text) in [
            ("server.pem", server.cert.pem()),
            ("server.key", server.signing_key.serialize_pem()),
            ("other.key", other.serialize_pem()),
            ("ca.pem", authority.pem()),
            ("empty.pem", String::new()),
        ] {
            std::fs::write(folder.path().join(name), text).unwrap();
        }
        Self { folder }
    }

    fn build(&self, certificate: &str, key: &str, client_ca: Option<&str>) -> Result<Arc<ServerConfig>, Vec<String>> {
        let model = TlsModel {
            certificate: PathBuf::from(certificate),
            key: format!("file:{key}").parse().unwrap(),
            client_ca: client_ca.map(PathBuf::from),
        };
        let root = self.folder.path();
        let secrets = Secrets { root: root.to_owned() };
        build(&model, root, &secrets).map_err(|found| found.into_iter().map(|(problem, _)| problem).collect())
    }
}

#[test]
fn a_certificate_with_its_key_offers_both_http_versions() {
    let files = Files::new();
    for client_ca in [None, Some("ca.pem")] {
        let config = files.build("server.pem", "server.key", client_ca).unwrap();
        assert_eq!(config.alpn_protocols, [b"h2".to_vec(), b"http/1.1".to_vec()]);
    }
}

#[test]
fn everything_that_is_missing_is_named_at_once() {
    let found = Files::new().build("nowhere.pem", "nowhere.key", Some("empty.pem")).unwrap_err();
    let settings: Vec<_> = found.iter().filter_map(|problem| problem.split(':').next()).collect();
    assert_eq!(settings, ["listen.tls.certificate", "listen.tls.client_ca", "listen.tls.key"], "{found:?}");
}

#[test]
fn a_key_of_another_certificate_is_refused() {
    let found = Files::new().build("server.pem", "other.key", None).unwrap_err();
    assert!(found.len() == 1 && found[0].starts_with("listen.tls:"), "{found:?}");
    let found = Files::new().build("server.pem", "server.pem", None).unwrap_err();
    assert!(found[0].contains("holds no PEM private key"), "{found:?}");
}
