//! Our own signature: RSA-SHA256 over the canonical HEADER and BODY, which the message is written in already. The key never leaves this file.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use lienthong_core::secret::{ExposeSecret as _, SecretString};
use lienthong_core::{Fault, FaultKind, Timestamp};
use ring::rand::SystemRandom;
use ring::rsa::{KeyPair, PublicKeyComponents};
use ring::signature::RSA_PKCS1_SHA256;
use sha2::{Digest as _, Sha256};
use x509_parser::certificate::X509Certificate;
use x509_parser::public_key::PublicKey;
use x509_parser::x509::X509Name;

use super::certificate::{blocks, parse};
use crate::wire::request::Data;
use crate::wire::security;

/// The partner's key with its certificate.
pub(crate) struct Signer {
    key: KeyPair,
    /// DER in base64, without line breaks.
    certificate: String,
    subject: String,
    /// Seconds since 1970 between which the certificate is good.
    valid: std::ops::RangeInclusive<i64>,
}

impl Signer {
    /// The text says what is wrong and shows neither.
    pub(crate) fn build(key: &SecretString, certificate: &SecretString) -> Result<Self, String> {
        let ders = blocks(certificate.expose_secret(), "CERTIFICATE");
        let [der, ..] = ders.as_slice() else { return Err("the certificate is not PEM".into()) };
        let parsed = parse(der).ok_or("the certificate cannot be read")?;
        let key = private_key(key.expose_secret())?;
        if !fits(&key, &parsed) {
            return Err("the certificate is not that of the key, or not of an RSA key".into());
        }
        let validity = parsed.validity();
        Ok(Self {
            key,
            certificate: STANDARD.encode(der),
            subject: subject(parsed.subject()),
            valid: validity.not_before.timestamp()..=validity.not_after.timestamp(),
        })
    }

    /// `Signature` over the message's HEADER and BODY.
    pub(crate) fn sign(&self, data: &Data, now: Timestamp) -> Result<String, Fault> {
        if !self.valid.contains(&now.as_second()) {
            return Err(Fault::of(FaultKind::Unauthenticated, "our certificate is not valid now: renew it"));
        }
        let digest = STANDARD.encode(Sha256::digest(data.signed_part().as_bytes()));
        let signed = security::signed_info(&digest, true);
        let mut value = vec![0; self.key.public().modulus_len()];
        self.key
            .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), signed.as_bytes(), &mut value)
            .map_err(|_| Fault::of(FaultKind::Internal, "our key could not sign"))?;
        Ok(security::signature(&digest, &STANDARD.encode(value), &self.subject, &self.certificate))
    }
}

fn private_key(pem: &str) -> Result<KeyPair, String> {
    let weak = |_| "the key must be RSA of 2048 to 4096 bits".to_owned();
    if let [der, ..] = blocks(pem, "PRIVATE KEY").as_slice() {
        return KeyPair::from_pkcs8(der).map_err(weak);
    }
    match blocks(pem, "RSA PRIVATE KEY").as_slice() {
        [der, ..] => KeyPair::from_der(der).map_err(weak),
        [] => Err("the key is not PEM (PRIVATE KEY or RSA PRIVATE KEY), or is encrypted".into()),
    }
}

fn fits(key: &KeyPair, certificate: &X509Certificate<'_>) -> bool {
    let components: PublicKeyComponents<Vec<u8>> = PublicKeyComponents::from(key.public());
    let bare = |number: &[u8]| number.iter().copied().skip_while(|byte| *byte == 0).collect::<Vec<u8>>();
    match certificate.public_key().parsed() {
        Ok(PublicKey::RSA(public)) => {
            bare(public.modulus) == bare(&components.n) && bare(public.exponent) == bare(&components.e)
        }
        Ok(_) | Err(_) => false,
    }
}

/// The subject as RFC 2253 writes it: the last part first.
fn subject(name: &X509Name<'_>) -> String {
    let mut parts: Vec<String> = name.iter_attributes().map(part).collect();
    parts.reverse();
    parts.join(", ")
}

fn part(attribute: &x509_parser::x509::AttributeTypeAndValue<'_>) -> String {
    let kind = x509_parser::objects::oid2abbrev(attribute.attr_type(), x509_parser::objects::oid_registry())
        .map_or_else(|_| attribute.attr_type().to_id_string(), str::to_owned);
    let mut text = format!("{kind}=");
    for c in attribute.as_str().unwrap_or_default().chars() {
        if matches!(c, ',' | '+' | '"' | '\\' | '<' | '>' | ';' | '=') {
            text.push('\\');
        }
        text.push(if c.is_control() { ' ' } else { c });
    }
    text
}
