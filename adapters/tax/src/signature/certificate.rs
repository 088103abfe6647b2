//! Certificates: read from PEM, chosen from a signature, checked for dates, use, strength and issuer. It reads no clock.

use lienthong_core::Timestamp;
use lienthong_core::secret::{ExposeSecret as _, SecretString};
use x509_parser::certificate::X509Certificate;
use x509_parser::pem::Pem;
use x509_parser::prelude::FromDer as _;
use x509_parser::public_key::PublicKey;

use super::Unverified;

/// Longest way from a signer to a pinned authority.
const STEPS: usize = 4;
/// Smallest RSA modulus, in bits.
const RSA_BITS: usize = 2048;

/// The DER of every certificate in a PEM text.
pub(crate) fn authorities(pem: &SecretString, named: &str) -> Result<Vec<Vec<u8>>, String> {
    let found = blocks(pem.expose_secret(), "CERTIFICATE");
    let readable = found.iter().all(|der| parse(der).is_some());
    if found.is_empty() || !readable { Err(format!("{named} holds no PEM certificate")) } else { Ok(found) }
}

/// The contents of every PEM block with that label.
pub(super) fn blocks(pem: &str, label: &str) -> Vec<Vec<u8>> {
    let all = Pem::iter_from_buffer(pem.as_bytes()).filter_map(Result::ok);
    all.filter(|block| block.label == label).map(|block| block.contents).collect()
}

pub(super) fn parse(der: &[u8]) -> Option<X509Certificate<'_>> {
    X509Certificate::from_der(der).ok().filter(|(rest, _)| rest.is_empty()).map(|(_, certificate)| certificate)
}

/// The signer's certificate among those a signature shows, when it is good now and issued by who may issue.
pub(super) fn signer<'c>(
    shown: &'c [Vec<u8>],
    authorities: &[Vec<u8>],
    now: Timestamp,
) -> Result<&'c [u8], Unverified> {
    let parsed: Vec<_> = shown.iter().map(|der| parse(der)).collect::<Option<_>>().ok_or(NOT_READABLE)?;
    let issues_another = |one: &X509Certificate<'_>| {
        parsed
            .iter()
            .any(|other| other.raw_serial() != one.raw_serial() && other.issuer().as_raw() == one.subject().as_raw())
    };
    let place =
        parsed.iter().position(|one| !issues_another(one)).ok_or(Unverified::Certificate("holds no certificate"))?;
    let (Some(der), Some(leaf)) = (shown.get(place), parsed.get(place)) else { return Err(NOT_READABLE) };
    if !is_within_dates(leaf, now) {
        return Err(Unverified::Certificate("is signed with a certificate that is not valid now"));
    }
    check_use(leaf)?;
    check_strength(leaf)?;
    if !authorities.is_empty() && !is_issued(leaf, &parsed, authorities, now) {
        return Err(Unverified::Certificate("is signed with a certificate of an authority that is not pinned"));
    }
    Ok(der)
}

const NOT_READABLE: Unverified = Unverified::Certificate("holds a certificate that cannot be read");

fn is_within_dates(certificate: &X509Certificate<'_>, now: Timestamp) -> bool {
    let validity = certificate.validity();
    (validity.not_before.timestamp()..=validity.not_after.timestamp()).contains(&now.as_second())
}

fn check_use(leaf: &X509Certificate<'_>) -> Result<(), Unverified> {
    match leaf.key_usage() {
        Ok(None) => Ok(()),
        Ok(Some(usage)) if usage.value.digital_signature() || usage.value.non_repudiation() => Ok(()),
        Ok(Some(_)) => Err(Unverified::Certificate("is signed with a certificate that is not for signing")),
        Err(_) => Err(NOT_READABLE),
    }
}

fn check_strength(leaf: &X509Certificate<'_>) -> Result<(), Unverified> {
    match leaf.public_key().parsed() {
        Ok(PublicKey::RSA(key)) if key.key_size() >= RSA_BITS => Ok(()),
        Ok(PublicKey::RSA(_)) => Err(Unverified::Certificate("is signed with a key of less than 2048 bits")),
        Ok(PublicKey::EC(_)) => Ok(()),
        Ok(PublicKey::DSA(_) | PublicKey::GostR3410(_) | PublicKey::GostR3410_2012(_) | PublicKey::Unknown(_)) => {
            Err(Unverified::Certificate("is signed with a key of a kind that is not taken"))
        }
        Err(_) => Err(NOT_READABLE),
    }
}

/// Whether a pinned authority issued the certificate, directly or through authorities the signature shows.
fn is_issued(leaf: &X509Certificate<'_>, shown: &[X509Certificate<'_>], pinned: &[Vec<u8>], now: Timestamp) -> bool {
    let mut current = leaf;
    for _ in 0..STEPS {
        let by_pinned = |der: &Vec<u8>| parse(der).is_some_and(|authority| issued(current, &authority, now));
        if pinned.iter().any(by_pinned) {
            return true;
        }
        match shown.iter().find(|between| between.raw_serial() != current.raw_serial() && issued(current, between, now))
        {
            Some(between) => current = between,
            None => return false,
        }
    }
    false
}

fn issued(one: &X509Certificate<'_>, by: &X509Certificate<'_>, now: Timestamp) -> bool {
    one.issuer().as_raw() == by.subject().as_raw()
        && by.is_ca()
        && is_within_dates(by, now)
        && one.verify_signature(Some(by.public_key())).is_ok()
}
