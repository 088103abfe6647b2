//! Until when certificates and secrets hold: what PEM texts in use say, and what configuration declares. It verifies nothing and keeps no secret.

use std::path::Path;

use lienthong_core::secret::{ExposeSecret as _, SecretRef, SecretSource, SecretString};
use lienthong_core::{SystemId, Timestamp};
use lienthong_engine::expiry::{Expiry, Material};
use lienthong_engine::internal;
use parking_lot::Mutex;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use schemars::JsonSchema;
use serde::Deserialize;

use super::gateway::GatewayModel;
use super::tree::{Entry, Kind, Node};
use super::types::Day;
use crate::diagnose::chain::Certificate;

/// Certificates looked at in one text; bundles of a whole world's authorities tell of the soonest.
const MOST_READ: usize = 1_000;
/// Of those, so many are shown.
const MOST_SHOWN: usize = 5;
const MARK: &str = "-----BEGIN CERTIFICATE-----";

/// A secret of which somebody knows until when it is accepted.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExpiresModel {
    /// The reference as it stands elsewhere in this file.
    pub secret: SecretRef,
    /// The last day on which it is accepted, local to Asia/Ho_Chi_Minh.
    pub(crate) until: Day,
}

impl ExpiresModel {
    /// Its reference must stand in the file it belongs to; answers the problem and its remedy.
    pub(crate) fn check(&self, node: &Node) -> Option<(String, &'static str)> {
        let Kind::Map(entries) = &node.kind else { return None };
        let text = self.secret.to_string();
        let elsewhere = |entry: &&Entry| entry.key != "expires";
        let known = entries.iter().filter(elsewhere).any(|entry| entry.value.find_text(&text).is_some());
        let remedy = "write the reference exactly as the setting that uses it does, or remove this entry";
        (!known).then(|| (format!("`{}` is not used in this file", self.secret), remedy))
    }

    fn expiry(&self, system: &SystemId, settings: &serde_json::Value) -> Option<Expiry> {
        let next = self.until.0.tomorrow().ok()?;
        let until = lienthong_engine::local::begins(next)?;
        let reference = self.secret.to_string();
        let setting = setting_of(settings, &reference).unwrap_or_else(|| reference.clone());
        Some(Expiry { system: system.clone(), material: Material::Secret, setting, reference, subject: None, until })
    }
}

/// A system's declared expiries.
pub(crate) fn declared(models: &[ExpiresModel], system: &SystemId, settings: &serde_json::Value) -> Vec<Expiry> {
    models.iter().filter_map(|model| model.expiry(system, settings)).collect()
}

/// A certificate found in a secret that was read.
#[derive(Debug, Clone)]
pub(crate) struct Found {
    pub(crate) reference: String,
    subject: String,
    until: Timestamp,
}

impl Found {
    /// Of a system whose settings name the reference; `otherwise` where they do not.
    pub(crate) fn expiry(&self, system: &SystemId, settings: &serde_json::Value, otherwise: &str) -> Expiry {
        Expiry {
            system: system.clone(),
            material: Material::Certificate,
            setting: setting_of(settings, &self.reference).unwrap_or_else(|| otherwise.to_owned()),
            reference: self.reference.clone(),
            subject: Some(self.subject.clone()),
            until: self.until,
        }
    }
}

/// The certificates in a PEM text, those that end first; nothing of a text that holds none.
pub(crate) fn certificates(reference: &str, text: &str) -> Vec<Found> {
    if !text.contains(MARK) {
        return Vec::new();
    }
    let read = CertificateDer::pem_slice_iter(text.as_bytes()).take(MOST_READ).filter_map(Result::ok);
    let mut found: Vec<Found> = read
        .filter_map(|der| Certificate::read(&der))
        .map(|read| Found { reference: reference.to_owned(), subject: read.subject, until: read.until })
        .collect();
    found.sort_by_key(|one| one.until);
    found.truncate(MOST_SHOWN);
    found
}

/// Remembers the certificates in what is read through it.
pub(crate) struct Noticing<'s> {
    secrets: &'s dyn SecretSource,
    found: Mutex<Vec<Found>>,
}

impl<'s> Noticing<'s> {
    pub(crate) fn new(secrets: &'s dyn SecretSource) -> Self {
        Self { secrets, found: Mutex::default() }
    }

    pub(crate) fn into_found(self) -> Vec<Found> {
        self.found.into_inner()
    }
}

impl SecretSource for Noticing<'_> {
    fn read(&self, reference: &SecretRef) -> Result<SecretString, String> {
        let value = self.secrets.read(reference)?;
        self.found.lock().extend(certificates(&reference.to_string(), value.expose_secret()));
        Ok(value)
    }
}

/// The gateway's own: the port's certificate and the authorities of clients, what else was read for it, what is declared.
pub(crate) fn of_gateway(gateway: &GatewayModel, root: &Path, found: &[Found]) -> Vec<Expiry> {
    let Ok(system) = SystemId::new(internal::SYSTEM) else { return Vec::new() };
    let nowhere = serde_json::Value::Null;
    let mut all = Vec::new();
    if let Some(tls) = &gateway.listen.tls {
        let files =
            [("listen.tls.certificate", Some(&tls.certificate)), ("listen.tls.client_ca", tls.client_ca.as_ref())];
        for (setting, path) in files {
            let Some(path) = path else { continue };
            // One that cannot be read was told when the port's TLS was built.
            let text = std::fs::read_to_string(root.join(path)).unwrap_or_default();
            let read = certificates(&path.display().to_string(), &text);
            all.extend(read.iter().map(|one| one.expiry(&system, &nowhere, setting)));
        }
    }
    all.extend(found.iter().map(|one| one.expiry(&system, &nowhere, &one.reference)));
    all.extend(declared(&gateway.expires, &system, &nowhere));
    all
}

/// Where settings hold exactly this text, as a dotted path.
fn setting_of(settings: &serde_json::Value, text: &str) -> Option<String> {
    let below = |name: &str, value: &serde_json::Value| {
        let rest = setting_of(value, text)?;
        Some(if rest.is_empty() { name.to_owned() } else { format!("{name}.{rest}") })
    };
    match settings {
        serde_json::Value::String(found) => (found == text).then(String::new),
        serde_json::Value::Array(items) => {
            items.iter().enumerate().find_map(|(place, item)| below(&place.to_string(), item))
        }
        serde_json::Value::Object(fields) => fields.iter().find_map(|(name, value)| below(name, value)),
        serde_json::Value::Null | serde_json::Value::Bool(_) | serde_json::Value::Number(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn made(name: &str, year: i32) -> String {
        let mut params = rcgen::CertificateParams::default();
        params.distinguished_name = rcgen::DistinguishedName::new();
        params.distinguished_name.push(rcgen::DnType::CommonName, name);
        params.not_after = rcgen::date_time_ymd(year, 5, 1);
        params.self_signed(&rcgen::KeyPair::generate().unwrap()).unwrap().pem()
    }

    #[test]
    fn certificates_are_found_in_any_pem_text_and_the_soonest_comes_first() {
        let text = made("late", 2031) + &made("soon", 2027);
        let found = certificates("file:x.pem", &text);
        let told: Vec<_> = found.iter().map(|one| (one.subject.as_str(), one.until.to_string())).collect();
        assert_eq!(
            told,
            [("CN=soon", "2027-05-01T00:00:00Z".to_owned()), ("CN=late", "2031-05-01T00:00:00Z".to_owned())]
        );
        assert!(certificates("env:PASSWORD", "hunter2").is_empty());
        assert!(certificates("file:x.pem", &format!("{MARK}\nnonsense")).is_empty());
    }

    #[test]
    fn a_reference_is_told_by_the_setting_that_holds_it() {
        let settings = json!({ "endpoints": [{ "axis": { "password": "env:P" } }], "transport": { "ca": "file:ca" } });
        assert_eq!(setting_of(&settings, "env:P").as_deref(), Some("endpoints.0.axis.password"));
        assert_eq!(setting_of(&settings, "file:ca").as_deref(), Some("transport.ca"));
        assert_eq!(setting_of(&settings, "env:Q"), None);
    }

    #[test]
    fn a_declared_secret_holds_to_the_end_of_its_day_in_vietnam() {
        let model: ExpiresModel = serde_json::from_value(json!({ "secret": "env:P", "until": "2027-03-31" })).unwrap();
        let all = declared(&[model], &"portal".parse().unwrap(), &json!({ "password": "env:P" }));
        assert_eq!(
            (all[0].setting.as_str(), all[0].until.to_string()),
            ("password", "2027-03-31T17:00:00Z".to_owned())
        );
    }
}
