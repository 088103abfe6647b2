//! The TLS step: the handshake the transport would make, with everything it shows written down. Nothing is said on a connection that is not trusted.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use lienthong_core::fault::PublicText;
use lienthong_core::network::NetworkEndpoint;
use lienthong_core::{Clock, Timestamp};
use rustls::CertificateError;
use rustls::pki_types::ServerName;
use tokio_rustls::TlsConnector;

use super::chain::Certificate;
use super::line::Line;
use super::step::{Label, Outcome, Step, StepName, Who, text};
use super::trust::{Shown, trusting};

/// A certificate that ends sooner is worth a word.
const SOON_DAYS: i64 = 30;

/// Encrypts the line towards `host`. `None`: it is not to be used.
pub(super) async fn encrypt(
    clock: &dyn Clock,
    endpoint: &NetworkEndpoint,
    host: &str,
    line: Line,
) -> (Step, Option<Line>) {
    let pinned = endpoint.authorities.is_some();
    let authorities = if pinned { "transport.ca" } else { "the machine's" };
    let step = Step::ok(StepName::Tls).with(Label::Authorities, authorities);
    let (config, witness) = match trusting(endpoint) {
        Ok(made) => made,
        Err(problem) => return (step.with(Label::Error, problem).but(Who::Configuration, unusable()), None),
    };
    let Ok(name) = ServerName::try_from(host.to_owned()) else {
        return (
            step.but(Who::Configuration, text("Tên máy chủ không hợp lệ.", "The host's name is not valid.")),
            None,
        );
    };
    let began = clock.monotonic();
    let handshake = TlsConnector::from(Arc::new(config)).connect(name, line);
    let made = tokio::time::timeout(patience(endpoint), handshake).await;
    let step = step.after(clock.monotonic().saturating_sub(began));
    let shown = witness.shown();
    let now = clock.now();
    match made.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into())) {
        Ok(stream) => {
            let (_, session) = stream.get_ref();
            let version = session.protocol_version().map_or("?", |version| version.as_str().unwrap_or("?"));
            let cipher = session.negotiated_cipher_suite().map(|suite| suite.suite());
            let cipher = cipher.and_then(|suite| suite.as_str()).unwrap_or("?");
            let step = described(step.with(Label::Version, version).with(Label::Cipher, cipher), &shown, now);
            let step = judged(step, &shown, pinned, now);
            let line = (step.outcome == Outcome::Ok).then(|| Box::new(stream) as Line);
            (step, line)
        }
        Err(error) => (refused(described(step, &shown, now), &shown, &error), None),
    }
}

/// A handshake is three round trips with some arithmetic on both sides.
fn patience(endpoint: &NetworkEndpoint) -> Duration {
    endpoint.connect_timeout.saturating_mul(2)
}

fn unusable() -> PublicText {
    text(
        "Không dùng được chứng thư tin cậy hoặc chứng thư của cổng như đã cấu hình.",
        "The trusted authorities or our own certificate cannot be used as they are configured.",
    )
}

/// The chain as it was shown, each certificate after the one it signed.
fn described(step: Step, shown: &Shown, now: Timestamp) -> Step {
    let certificates = shown.chain.iter().filter_map(|der| Certificate::read(der));
    let step = certificates.enumerate().fold(step, |step, (place, certificate)| {
        let step = step
            .with(Label::Subject, &certificate.subject)
            .with(Label::Issuer, &certificate.issuer)
            .with(Label::ValidUntil, certificate.until)
            .with(Label::DaysLeft, certificate.days_left(now));
        match (place, certificate.names.is_empty()) {
            (0, false) => step.with(Label::Names, certificate.names.join(", ")),
            (_, _) => step,
        }
    });
    match (shown.asked_for_ours, shown.has_ours) {
        (false, _) => step,
        (true, true) => step.with(Label::ClientCertificate, "asked for, shown"),
        (true, false) => step.with(Label::ClientCertificate, "asked for, none configured"),
    }
}

/// What our own verification said of the chain.
fn judged(step: Step, shown: &Shown, pinned: bool, now: Timestamp) -> Step {
    match &shown.verdict {
        Some(Err(error)) => {
            let (who, said) = distrusted(error, pinned);
            step.but(who, said)
        }
        Some(Ok(())) | None => {
            let first = shown.chain.first().and_then(|der| Certificate::read(der));
            match first.map(|certificate| certificate.days_left(now)) {
                Some(days) if days <= SOON_DAYS => step.minding(text(
                    format!("Chứng thư hết hạn sau {days} ngày: hãy báo đơn vị quản lý gia hạn."),
                    format!("The certificate ends in {days} days: tell whoever manages it to renew it."),
                )),
                Some(_) | None => step,
            }
        }
    }
}

fn distrusted(error: &rustls::Error, pinned: bool) -> (Who, PublicText) {
    let rustls::Error::InvalidCertificate(why) = error else {
        return (Who::Certificate, text("Chứng thư không kiểm tra được.", "The certificate cannot be verified."));
    };
    match why {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => (
            Who::Target,
            text("Chứng thư của hệ thống đích đã hết hạn.", "The target system's certificate has expired."),
        ),
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => (
            Who::Certificate,
            text(
                "Chứng thư chưa có hiệu lực, hoặc đồng hồ của cổng chạy chậm.",
                "The certificate is not valid yet, or this machine's clock is slow.",
            ),
        ),
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => (
            Who::Certificate,
            text("Chứng thư không cấp cho tên máy chủ này.", "The certificate was not issued for this host's name."),
        ),
        // A new key under the same name is a signature that does not hold.
        CertificateError::UnknownIssuer | CertificateError::BadSignature if pinned => (
            Who::Certificate,
            text(
                "Chứng thư không do bên chứng thực đã ghim (transport.ca) cấp: hệ thống đích đã đổi chứng thư, hoặc kết nối bị chen giữa.",
                "The certificate was not issued by the pinned authorities (transport.ca): they changed it, or somebody is in between.",
            ),
        ),
        CertificateError::UnknownIssuer | CertificateError::BadSignature => (
            Who::Certificate,
            text(
                "Bên cấp chứng thư không được máy này tin cậy; nếu là bên chứng thực nội bộ thì đặt ở transport.ca.",
                "The issuer is not trusted by this machine; put an internal authority into transport.ca.",
            ),
        ),
        // The library's own list is open; whatever else it finds wrong is wrong with the certificate.
        _another => (Who::Certificate, text("Chứng thư không được chấp nhận.", "The certificate is not acceptable.")),
    }
}

/// The handshake did not come about.
fn refused(step: Step, shown: &Shown, error: &io::Error) -> Step {
    let step = step.with(Label::Error, error);
    if shown.asked_for_ours && !shown.has_ours {
        let said = text(
            "Hệ thống đích yêu cầu chứng thư của cổng; đặt chứng thư đã được cấp ở transport.identity.",
            "The target system asks for a client certificate; put the one it issued into transport.identity.",
        );
        return step.but(Who::Configuration, said);
    }
    if shown.asked_for_ours {
        let said = text(
            "Hệ thống đích không chấp nhận chứng thư của cổng.",
            "The target system does not accept our client certificate.",
        );
        return step.but(Who::Certificate, said);
    }
    match error.kind() {
        io::ErrorKind::TimedOut => {
            let said = text("Bắt tay TLS không xong kịp thời.", "The TLS handshake did not end in time.");
            step.but(Who::Target, said)
        }
        _another => {
            let said = text(
                "Bắt tay TLS không thành: hệ thống đích không nói TLS ở cổng này, chỉ nói phiên bản cũ, hoặc có thiết bị chặn ở giữa.",
                "No TLS handshake: they speak no TLS on this port, or old versions only, or a device in between cuts it.",
            );
            step.but(Who::Target, said)
        }
    }
}
