//! How one simulated portal is set up; it must hold no behaviour.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use super::profile::FaultProfile;

/// How one simulated portal behaves. `PortalOptions::default()` is a well-behaved portal on a free loopback port.
#[derive(Clone)]
pub struct PortalOptions {
    /// Where to listen; port 0 takes a free one, which is kept through outages.
    pub listen: SocketAddr,
    /// How badly the portal misbehaves by itself.
    pub profile: FaultProfile,
    /// With the same seed the nth call meets the same fault.
    pub seed: u64,
    /// Life of a session from its login. Clients are seen to keep one for 10 minutes; the real limit is not public.
    pub session_ttl: Duration,
    /// The account `mapi/login` accepts.
    pub username: String,
    /// The password `mapi/login` accepts.
    pub password: String,
    /// The token the LGSP form asks for; `None` asks for none.
    pub bearer: Option<String>,
    /// The `madonvi` of the caller, old form (`000.00.00.H56`).
    pub organisation: String,
    /// Root ids a dossier code may carry (`H56`), in either order of its parts. A merged province keeps its old ones.
    pub org_prefixes: Vec<String>,
    /// When set, the raw axis form must carry it as header or query parameter.
    pub dstcode: Option<String>,
    /// Answers a constant success, stores nothing, never misbehaves: for measuring.
    pub cheap: bool,
    /// Fetches the files behind the links of a dossier before it takes the dossier, and refuses it when one cannot be fetched.
    pub fetches_files: bool,
    /// What callers from an address meet that is not registered; see [`super::Portal::register`].
    pub strangers: Strangers,
    /// The key the portal puts in its own pushes towards the province.
    pub security_key: String,
    /// Codes and texts that are not public.
    pub texts: Texts,
    /// Bounds of memory.
    pub limits: Limits,
}

impl Default for PortalOptions {
    fn default() -> Self {
        Self {
            listen: SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0),
            profile: FaultProfile::None,
            seed: 1,
            session_ttl: Duration::from_mins(10),
            username: "province".to_owned(),
            password: "simulated".to_owned(),
            bearer: None,
            organisation: "000.00.00.H56".to_owned(),
            org_prefixes: vec!["H56".to_owned()],
            dstcode: None,
            cheap: false,
            fetches_files: false,
            strangers: Strangers::Page,
            security_key: "simulated-key".to_owned(),
            texts: Texts::default(),
            limits: Limits::default(),
        }
    }
}

/// What callers from an address meet that is not registered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strangers {
    /// A page with 403 that names no reason.
    Page,
    /// A page with 403 that says it is the address.
    NamedPage,
    /// The connection closes before anything is read, as a firewall does it.
    Closed,
}

/// Codes and texts the real portal surely has and nobody published: change them to what a province sees.
#[derive(Clone)]
pub struct Texts {
    /// `error_code` of a call whose session is unknown or too old.
    pub session_expired_code: String,
    /// `message` of such a call.
    pub session_expired: String,
    /// `error_code` of throttling told in a 200 body.
    pub throttled_code: String,
    /// `message` of throttling told in a 200 body.
    pub throttled: String,
    /// `message` of a login with the wrong account.
    pub login_refused: String,
    /// How the `message` of a dossier begins one of whose links cannot be fetched; the link follows.
    pub unreachable_file: String,
}

impl Default for Texts {
    fn default() -> Self {
        Self {
            session_expired_code: "-1".to_owned(),
            session_expired: "Phiên làm việc đã hết hạn".to_owned(),
            throttled_code: "-1".to_owned(),
            throttled: "Hệ thống đang quá tải, vui lòng thử lại sau".to_owned(),
            login_refused: "Tài khoản hoặc mật khẩu không đúng".to_owned(),
            unreachable_file: "Đồng bộ không thành công: không tải được tệp".to_owned(),
        }
    }
}

/// What the simulator keeps at most. When a bound is passed the report says `history_capped`.
#[derive(Clone, Copy)]
pub struct Limits {
    /// Accepted writes kept over all dossiers (about 64 bytes each).
    pub writes: usize,
    /// Dossiers kept.
    pub dossiers: usize,
    /// Bytes of one request body; more is answered 413.
    pub body: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { writes: 2_000_000, dossiers: 500_000, body: 16 << 20 }
    }
}
