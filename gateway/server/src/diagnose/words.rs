//! What steps, outcomes and values are called, for people in both languages and for programs. It decides nothing.

use lienthong_core::network::Purpose;

use super::step::{Label, Outcome, StepName, Who};

/// A thing's names: for programs, in Vietnamese, in English.
pub(crate) struct Called {
    pub(crate) key: &'static str,
    pub(crate) vi: &'static str,
    pub(crate) en: &'static str,
}

const fn called(key: &'static str, vi: &'static str, en: &'static str) -> Called {
    Called { key, vi, en }
}

impl StepName {
    pub(crate) fn called(self) -> Called {
        match self {
            Self::Name => called("name", "Phân giải tên miền", "Name resolution"),
            Self::Route => called("route", "Định tuyến", "Route"),
            Self::Connect => called("tcp", "Kết nối TCP", "TCP connection"),
            Self::Proxy => called("proxy", "Máy chủ proxy", "Proxy"),
            Self::Tls => called("tls", "TLS và chứng thư số", "TLS and certificate"),
            Self::Clock => called("clock", "Đồng hồ", "Clock"),
            Self::Login => called("login", "Đăng nhập", "Login"),
            Self::Read => called("read", "Đọc thử", "One read"),
        }
    }
}

impl Outcome {
    pub(crate) fn called(self) -> Called {
        match self {
            Self::Ok => called("ok", "Đạt", "OK"),
            Self::Failed => called("failed", "Không đạt", "Failed"),
            Self::Skipped => called("skipped", "Bỏ qua", "Skipped"),
        }
    }
}

impl Who {
    pub(crate) fn called(self) -> Called {
        match self {
            Self::Network => called(
                "network",
                "Đơn vị quản trị mạng (đường truyền, tường lửa, DNS, proxy)",
                "The network's administrators (line, firewall, DNS, proxy)",
            ),
            Self::Target => {
                called("target_system", "Đơn vị vận hành hệ thống đích", "The operator of the target system")
            }
            Self::Configuration => called(
                "our_configuration",
                "Đơn vị vận hành cổng liên thông này (cấu hình, tài khoản)",
                "The operator of this gateway (configuration, account)",
            ),
            Self::Certificate => called(
                "certificate",
                "Đơn vị quản lý chứng thư số của hệ thống đích, hoặc của tệp chứng thư tin cậy ở cổng này",
                "Whoever manages the target system's certificate, or the trusted authorities of this gateway",
            ),
        }
    }
}

impl Label {
    pub(crate) fn called(self) -> Called {
        match self {
            Self::Host => called("host", "Tên máy chủ", "Host"),
            Self::Addresses => called("addresses", "Địa chỉ", "Addresses"),
            Self::FixedAddresses => {
                called("fixed_addresses", "Địa chỉ đặt trong cấu hình", "Addresses fixed in the configuration")
            }
            Self::SourceAddress => called("source_address", "Địa chỉ nguồn", "Source address"),
            Self::Address => called("address", "Đã kết nối tới", "Connected to"),
            Self::HttpStatus => called("http_status", "Mã HTTP", "HTTP status"),
            Self::Version => called("version", "Phiên bản TLS", "TLS version"),
            Self::Cipher => called("cipher", "Bộ mã hoá", "Cipher suite"),
            Self::Subject => called("subject", "Chứng thư: chủ thể", "Certificate: subject"),
            Self::Issuer => called("issuer", "Chứng thư: bên cấp", "Certificate: issuer"),
            Self::Names => called("names", "Tên trong chứng thư", "Names in the certificate"),
            Self::ValidUntil => called("valid_until", "Có hiệu lực đến", "Valid until"),
            Self::DaysLeft => called("days_left", "Số ngày còn lại", "Days left"),
            Self::Authorities => called("authorities", "Bên chứng thực được tin cậy", "Trusted authorities"),
            Self::ClientCertificate => called("client_certificate", "Chứng thư của cổng", "Our client certificate"),
            Self::TheirTime => called("their_time", "Giờ của hệ thống đích", "Their time"),
            Self::OurTime => called("our_time", "Giờ của cổng", "Our time"),
            Self::Offset => called("offset", "Chênh lệch", "Offset"),
            Self::Fault => called("fault", "Mã lỗi", "Fault code"),
            Self::SystemCode => called("system_code", "Mã của hệ thống đích", "The system's own code"),
            Self::Error => called("error", "Lỗi của hệ điều hành", "Error of the operating system"),
        }
    }
}

pub(crate) fn purpose(purpose: Purpose) -> Called {
    match purpose {
        Purpose::System => called("system", "hệ thống", "system"),
        Purpose::Login => called("login", "cấp phiên, mã truy cập", "sessions, tokens"),
        Purpose::Files => called("files", "tệp", "files"),
    }
}
