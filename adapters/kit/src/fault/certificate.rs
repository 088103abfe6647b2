//! Refusals of our own certificate: a TLS alert, or an end date that has passed. It judges nobody else's certificate.

use std::error::Error;
use std::io;

use lienthong_core::{Fault, FaultCode, FaultKind, Timestamp};
use rustls::AlertDescription;

/// Our certificate has ended; nothing was asked.
pub(crate) fn expired(ended: Timestamp) -> Fault {
    let detail = format!("our client certificate (transport.identity) ended on {ended}; renew it and reload");
    Fault::new(FaultKind::Unauthenticated, FaultCode::CertificateExpired, detail)
}

/// What a server says of our certificate in the handshake or, in TLS 1.3, at the first read. It reads no request before that, so
/// that nothing was processed whatever had left.
pub(super) fn refused(error: &(dyn Error + 'static)) -> Option<Fault> {
    let why = of_ours(alert(error)?)?;
    let detail = format!("the server refuses our client certificate (transport.identity): {why}");
    Some(
        Fault::new(FaultKind::Unauthenticated, FaultCode::CertificateRefused, detail)
            .with_system_answer(Some(format!("TLS {why}")), None),
    )
}

/// The alert a peer sent, wherever it lies below.
fn alert(error: &(dyn Error + 'static)) -> Option<AlertDescription> {
    let mut at = Some(error);
    while let Some(one) = at {
        if let Some(rustls::Error::AlertReceived(alert)) = one.downcast_ref() {
            return Some(*alert);
        }
        // An I/O error names what it wraps by `get_ref`, and what is below that by `source`.
        let wrapped = one.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        at = match wrapped {
            Some(wrapped) => Some(wrapped as &(dyn Error + 'static)),
            None => one.source(),
        };
    }
    None
}

/// Alerts about the certificate a client shows, by their names in RFC 8446.
fn of_ours(alert: AlertDescription) -> Option<&'static str> {
    match alert {
        AlertDescription::NoCertificate => Some("no_certificate"),
        AlertDescription::BadCertificate => Some("bad_certificate"),
        AlertDescription::UnsupportedCertificate => Some("unsupported_certificate"),
        AlertDescription::CertificateRevoked => Some("certificate_revoked"),
        AlertDescription::CertificateExpired => Some("certificate_expired"),
        AlertDescription::CertificateUnknown => Some("certificate_unknown"),
        AlertDescription::UnknownCA => Some("unknown_ca"),
        AlertDescription::CertificateRequired => Some("certificate_required"),
        // The list is the protocol's, open, and everything else is about the line or the versions spoken.
        _another => None,
    }
}
