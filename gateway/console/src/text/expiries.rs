//! Words of certificates and secrets that end, in both languages. It formats nothing.

use serde::Serialize;

#[derive(Debug, Serialize)]
pub(crate) struct Expiries {
    pub(crate) title: &'static str,
    pub(crate) what: &'static str,
    pub(crate) until: &'static str,
    pub(crate) left: &'static str,
    pub(crate) certificate: &'static str,
    pub(crate) secret: &'static str,
    pub(crate) ended: &'static str,
    pub(crate) none: &'static str,
}

pub(super) const VI: Expiries = Expiries {
    title: "Hạn của chứng thư và mật khẩu",
    what: "Thiết lập",
    until: "Hết hạn",
    left: "Còn (ngày)",
    certificate: "Chứng thư",
    secret: "Mật khẩu",
    ended: "đã hết hạn",
    none: "Không biết hạn của chứng thư hay mật khẩu nào.",
};

pub(super) const EN: Expiries = Expiries {
    title: "Certificates and secrets that end",
    what: "Setting",
    until: "Ends",
    left: "Days left",
    certificate: "Certificate",
    secret: "Secret",
    ended: "has ended",
    none: "Of no certificate or secret is it known when it ends.",
};
