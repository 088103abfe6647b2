//! How one simulated population database is set up; it must hold no behaviour.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use crate::net::profile::FaultProfile;

/// How one simulated population database behaves. The default is well-behaved, on a free loopback port, and takes all three
/// authentications with the accounts below.
#[derive(Clone)]
pub struct PopulationOptions {
    /// Where to listen; port 0 takes a free one, which is kept through outages.
    pub listen: SocketAddr,
    /// How badly it misbehaves by itself.
    pub profile: FaultProfile,
    /// The same seed makes the same citizens and the same faults.
    pub seed: u64,
    /// How many citizens are registered.
    pub citizens: usize,
    /// What the NDXP generation checks; `None` refuses it.
    pub ndxp: Option<NdxpAccount>,
    /// What the provincial LGSP generation checks; `None` refuses it.
    pub lgsp: Option<LgspAccount>,
    /// A token that is always good for the JSON wrapper, besides those the token service gives; `None`: only those.
    pub static_token: Option<String>,
    /// How far a timestamp may lie from this machine's clock.
    pub clock_tolerance: Duration,
    /// Which unit a timestamp must have. Clients are seen with both.
    pub timestamps: TimestampUnit,
    /// How long a token of the token service lives.
    pub token_ttl: Duration,
    /// Whether `MaDonVi` must be there: the newer document asks for it, the clients of 2021 do not send it.
    pub require_unit: bool,
    /// Whether a name must come as `NGUYENVANMAU`; otherwise accents, case and blanks make no difference.
    pub strict_names: bool,
    /// Procedure codes that may use the database; empty: any.
    pub procedures: Vec<String>,
    /// Request ids (`MaYeuCau`) remembered at most.
    pub remembered_ids: usize,
    /// Bytes of one request body; more is answered 413.
    pub body_limit: usize,
    /// Words nobody published.
    pub texts: Texts,
}

impl Default for PopulationOptions {
    fn default() -> Self {
        Self {
            listen: SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0),
            profile: FaultProfile::None,
            seed: 1,
            citizens: 200,
            ndxp: Some(NdxpAccount::default()),
            lgsp: Some(LgspAccount::default()),
            static_token: Some("simulated-token".to_owned()),
            clock_tolerance: Duration::from_mins(5),
            timestamps: TimestampUnit::Either,
            token_ttl: Duration::from_hours(1),
            require_unit: false,
            strict_names: true,
            procedures: Vec::new(),
            remembered_ids: 1_000_000,
            body_limit: 1 << 20,
            texts: Texts::default(),
        }
    }
}

/// The unit of the NDXP timestamp.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TimestampUnit {
    /// Milliseconds or seconds, told by size.
    #[default]
    Either,
    /// Milliseconds since the epoch.
    Millis,
    /// Seconds since the epoch.
    Seconds,
}

/// `Basic user:sha256hex(sv_url + user + timestamp + secretKey)` with `Timestamp`, `X-Road-Client` and `ApiKey`.
#[derive(Clone)]
pub struct NdxpAccount {
    pub user: String,
    pub secret_key: String,
    /// What stands for `sv_url` in the hash; `None`: the address that was asked, as `http://host/path`.
    pub service_url: Option<String>,
    pub road_client: String,
    pub api_key: String,
}

impl Default for NdxpAccount {
    fn default() -> Self {
        Self {
            user: "province".to_owned(),
            secret_key: "simulated-secret".to_owned(),
            service_url: None,
            road_client: "CS/GOV/SIM/province".to_owned(),
            api_key: "simulated-api-key".to_owned(),
        }
    }
}

/// `lgspaccesstoken` for the token and for every call, and one key per officer in `AuthHash`.
#[derive(Clone)]
pub struct LgspAccount {
    pub access_key: String,
    pub secret_key: String,
    pub app_name: String,
    pub partner_code: String,
    pub partner_code_cus: String,
    /// (key name, key password) of each officer.
    pub officers: Vec<(String, String)>,
}

impl Default for LgspAccount {
    fn default() -> Self {
        Self {
            access_key: "simulated-access".to_owned(),
            secret_key: "simulated-secret".to_owned(),
            app_name: "one-stop".to_owned(),
            partner_code: "SIM".to_owned(),
            partner_code_cus: "SIM01".to_owned(),
            officers: vec![("canbo01".to_owned(), "simulated".to_owned())],
        }
    }
}

/// Words and codes the real system surely has and nobody published: change them to what a province sees.
#[derive(Clone)]
pub struct Texts {
    pub unauthenticated: String,
    pub malformed: String,
    pub duplicate: String,
    pub not_permitted: String,
    /// `error_code` of a refusal in the JSON wrapper.
    pub wrapper_refused_code: String,
}

impl Default for Texts {
    fn default() -> Self {
        Self {
            unauthenticated: "Thông tin xác thực không hợp lệ".to_owned(),
            malformed: "Bản tin không đúng cấu trúc".to_owned(),
            duplicate: "Mã yêu cầu đã được sử dụng".to_owned(),
            not_permitted: "Thủ tục chưa được cấp phép khai thác CSDL dân cư".to_owned(),
            wrapper_refused_code: "-1".to_owned(),
        }
    }
}
