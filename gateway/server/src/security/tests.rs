//! Who is let in, and what for.

use std::collections::BTreeSet;

use lienthong_core::exchange::AuthenticatedBy;
use lienthong_core::{ClientId, FaultCode, OperationName, SystemId};

use super::*;

fn entry(name: &str, keys: &[&str], patterns: Vec<OperationPattern>, roles: &[Role]) -> ClientEntry {
    ClientEntry {
        id: ClientId::new(name).unwrap(),
        key_hashes: keys.iter().map(|key| hash_key(key)).collect(),
        certificates: Vec::new(),
        operations: patterns,
        roles: roles.iter().copied().collect::<BTreeSet<_>>(),
        enabled: true,
    }
}

fn operation(name: &str) -> OperationName {
    OperationName::new(name).unwrap()
}

fn bearer(key: &str) -> String {
    format!("Bearer {key}")
}

fn certificate(name: &str) -> PeerCertificate {
    let mut parameters = rcgen::CertificateParams::new(Vec::<String>::new()).unwrap();
    parameters.distinguished_name = rcgen::DistinguishedName::new();
    parameters.distinguished_name.push(rcgen::DnType::CommonName, name);
    let key = rcgen::KeyPair::generate().unwrap();
    PeerCertificate::from_der(parameters.self_signed(&key).unwrap().der())
}

fn refusal(directory: &ClientDirectory, shown: Credentials<'_>) -> FaultCode {
    authenticate(directory, &shown).unwrap_err().code
}

#[test]
fn a_key_proves_its_client_in_either_header() {
    let directory =
        ClientDirectory::new([entry("one-stop", &["k-1", "k-2"], vec![], &[]), entry("docs", &["k-3"], vec![], &[])]);
    let authorization = bearer("k-2");
    let by_bearer = Credentials { authorization: Some(&authorization), ..Credentials::default() };
    let identity = authenticate(&directory, &by_bearer).unwrap();
    assert_eq!(identity.client().as_str(), "one-stop");
    assert_eq!(identity.authenticated_by(), AuthenticatedBy::ApiKey);
    let by_header = Credentials { api_key: Some("k-3"), ..Credentials::default() };
    assert_eq!(authenticate(&directory, &by_header).unwrap().client().as_str(), "docs");
}

#[test]
fn nothing_a_wrong_key_or_another_scheme_lets_nobody_in() {
    let directory = ClientDirectory::new([entry("one-stop", &["k-1"], vec![], &[])]);
    for authorization in ["Bearer k-9", "Bearer ", "Basic k-1", "k-1", ""] {
        let shown = Credentials { authorization: Some(authorization), ..Credentials::default() };
        assert_eq!(refusal(&directory, shown), FaultCode::NoCredentials, "{authorization}");
    }
    assert_eq!(refusal(&directory, Credentials::default()), FaultCode::NoCredentials);
    let two = Credentials { authorization: Some("Bearer k-1"), api_key: Some("k-9"), certificate: None };
    assert_eq!(refusal(&directory, two), FaultCode::NoCredentials);
}

#[test]
fn a_disabled_client_is_a_stranger() {
    let mut disabled = entry("one-stop", &["k-1"], vec![], &[]);
    disabled.enabled = false;
    let directory = ClientDirectory::new([disabled]);
    assert_eq!(
        refusal(&directory, Credentials { api_key: Some("k-1"), ..Credentials::default() }),
        FaultCode::NoCredentials
    );
}

#[test]
fn a_certificate_is_known_by_its_name_or_its_hash() {
    let (named, hashed, stranger) = (certificate("one-stop.test"), certificate("any.test"), certificate("other.test"));
    let mut by_name = entry("by-name", &[], vec![], &[]);
    by_name.certificates.push(CertificateMatch::CommonName("one-stop.test".into()));
    let mut by_hash = entry("by-hash", &["k-1"], vec![], &[]);
    by_hash.certificates.push(CertificateMatch::Sha256(hashed.sha256()));
    let directory = ClientDirectory::new([by_name, by_hash]);
    let client = |certificate: &PeerCertificate| {
        let shown = Credentials { certificate: Some(certificate), ..Credentials::default() };
        authenticate(&directory, &shown).map(|identity| identity.client().to_string())
    };
    assert_eq!(client(&named).unwrap(), "by-name");
    assert_eq!(client(&hashed).unwrap(), "by-hash");
    assert_eq!(client(&stranger).unwrap_err().code, FaultCode::NoCredentials);
    let wrong_key = Credentials { api_key: Some("k-9"), certificate: Some(&named), authorization: None };
    assert_eq!(refusal(&directory, wrong_key), FaultCode::NoCredentials);
}

#[test]
fn a_proof_that_two_clients_share_recognises_neither_and_is_named() {
    let directory =
        ClientDirectory::new([entry("a", &["same", "own"], vec![], &[]), entry("b", &["same"], vec![], &[])]);
    assert_eq!(directory.shared().len(), 1);
    assert_eq!(
        refusal(&directory, Credentials { api_key: Some("same"), ..Credentials::default() }),
        FaultCode::NoCredentials
    );
    assert!(authenticate(&directory, &Credentials { api_key: Some("own"), ..Credentials::default() }).is_ok());
}

fn identity(patterns: Vec<OperationPattern>, roles: &[Role]) -> Identity {
    let directory = ClientDirectory::new([entry("me", &["k"], patterns, roles)]);
    authenticate(&directory, &Credentials { api_key: Some("k"), ..Credentials::default() }).unwrap()
}

#[test]
fn patterns_say_which_operations() {
    let one = identity(vec![OperationPattern::One(operation("portal.sync-dossier"))], &[]);
    assert!(one.may_ask(&operation("portal.sync-dossier")).is_ok());
    assert_eq!(one.may_ask(&operation("portal.sync-status")).unwrap_err().code, FaultCode::NotPermitted);
    let system = identity(vec![OperationPattern::System(SystemId::new("portal").unwrap())], &[]);
    assert!(system.may_ask(&operation("portal.sync-status")).is_ok());
    assert!(system.may_ask(&operation("portals.sync-status")).is_err());
    assert!(identity(vec![OperationPattern::Any], &[]).may_ask(&operation("tax.find-notice")).is_ok());
    assert!(identity(vec![], &[Role::Administrator]).may_ask(&operation("tax.find-notice")).is_err());
}

#[test]
fn a_role_includes_the_ones_before_it() {
    let operator = identity(vec![], &[Role::Operator]);
    assert!(operator.require(Role::Viewer).is_ok());
    assert!(operator.require(Role::Operator).is_ok());
    assert_eq!(operator.require(Role::Administrator).unwrap_err().code, FaultCode::NotPermitted);
}

#[test]
fn what_is_anothers_does_not_exist_without_a_role() {
    let (me, other) = (ClientId::new("me").unwrap(), ClientId::new("other").unwrap());
    let plain = identity(vec![], &[]);
    assert!(plain.may_see(&me).is_ok() && plain.may_change(&me).is_ok());
    assert_eq!(plain.may_see(&other).unwrap_err().code, FaultCode::NoSuchRecord);
    assert_eq!(plain.may_change(&other).unwrap_err().code, FaultCode::NoSuchRecord);
    assert_eq!(plain.only_own(None).unwrap(), Some(me));
    assert_eq!(plain.only_own(Some(other.clone())).unwrap_err().code, FaultCode::NotPermitted);
    let viewer = identity(vec![], &[Role::Viewer]);
    assert!(viewer.may_see(&other).is_ok());
    assert_eq!(viewer.may_change(&other).unwrap_err().code, FaultCode::NotPermitted);
    assert_eq!(viewer.only_own(None).unwrap(), None);
    assert!(identity(vec![], &[Role::Operator]).may_change(&other).is_ok());
}
