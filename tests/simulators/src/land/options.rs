//! How one simulated land office is set up; it must hold no behaviour.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::net::profile::FaultProfile;

/// `LandOptions::default()` is a well-behaved VBDLIS office on a free loopback port that does nothing by itself.
#[derive(Clone)]
pub struct LandOptions {
    /// Where to listen; port 0 takes a free one, which is kept through outages.
    pub listen: SocketAddr,
    /// How badly it misbehaves by itself.
    pub profile: FaultProfile,
    /// The same seed meets the same faults and works on a dossier in the same way.
    pub seed: u64,
    pub dialect: Dialect,
    /// Where the one-stop desk takes pushes; often known later.
    pub desk: Option<Desk>,
    /// Where slips go. Without it the office writes the notices itself.
    pub tax: Option<TaxDesk>,
    pub script: Script,
    /// Accounts: a dossier received by anybody else is refused.
    pub officers: Vec<Entry>,
    pub procedures: Vec<Entry>,
    /// Whether a dossier of another procedure is refused. Not public: by default it is taken.
    pub strict_procedures: bool,
    pub statuses: Vec<Entry>,
    /// iLIS only.
    pub account: Account,
    /// iLIS only: life of a token.
    pub token_ttl: Duration,
    /// What a list wants as `SecurityCode`.
    pub security_code: String,
    /// Where a file that is said to lie elsewhere lies.
    pub elsewhere: String,
    /// Whether times are written with their `Z`; they are UTC either way.
    pub marked_times: bool,
    /// Words nobody published.
    pub texts: Texts,
    pub limits: Limits,
}

impl Default for LandOptions {
    fn default() -> Self {
        let all = |entries: &[(&str, &str)]| entries.iter().map(|(code, name)| Entry::new(code, name)).collect();
        Self {
            listen: SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0),
            profile: FaultProfile::None,
            seed: 1,
            dialect: Dialect::default(),
            desk: None,
            tax: None,
            script: Script::default(),
            officers: all(&[
                ("canbo01", "Nguyễn Thị Mẫu"),
                ("canbo02", "Trần Văn Mẫu"),
                ("canbo03", "Lê Thị Mẫu"),
                ("canbo04", "Phạm Văn Mẫu"),
            ]),
            procedures: all(&[
                ("1.012786", "Đăng ký biến động quyền sử dụng đất (mẫu)"),
                ("1.012781", "Cấp đổi Giấy chứng nhận (mẫu)"),
                ("1.012784", "Tách thửa hoặc hợp thửa đất (mẫu)"),
            ]),
            strict_procedures: false,
            statuses: all(&[
                ("TN", "Tiếp nhận"),
                ("TD", "Thẩm định"),
                ("BS", "Chờ bổ sung"),
                ("NVTC", "Chờ nghĩa vụ tài chính"),
                ("KY", "Trình ký"),
                ("KT", "Kết thúc"),
            ]),
            account: Account::default(),
            token_ttl: Duration::from_mins(10),
            security_code: "simulated-code".to_owned(),
            elsewhere: "http://files.elsewhere.example".to_owned(),
            marked_times: true,
            texts: Texts::default(),
            limits: Limits::default(),
        }
    }
}

/// Which software the office runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Dialect {
    #[default]
    Vbdlis,
    Ilis,
}

impl FromStr for Dialect {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "vbdlis" => Ok(Self::Vbdlis),
            "ilis" => Ok(Self::Ilis),
            other => anyhow::bail!("unknown dialect `{other}`: use vbdlis or ilis"),
        }
    }
}

impl fmt::Display for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Vbdlis => "vbdlis",
            Self::Ilis => "ilis",
        })
    }
}

/// Where the one-stop desk takes what the office pushes.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Desk {
    /// `http://host:port/in/land`: VBDLIS adds `/VBDLIS/<name>/<secret>`, iLIS `/<name>?CodeGet=<secret>`.
    pub base: String,
    pub secret: String,
}

/// A tax gateway that takes slips over SOAP with a password digest, and shows a dossier's notices at `/_sim/notices`.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TaxDesk {
    pub url: String,
    pub username: String,
    pub password: String,
}

/// One row of a list: an account, a procedure or a status.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    pub code: String,
    #[serde(default)]
    pub name: String,
}

impl Entry {
    pub fn new(code: &str, name: &str) -> Self {
        Self { code: code.to_owned(), name: name.to_owned() }
    }
}

/// The account of the OAuth2 password grant.
#[derive(Clone)]
pub struct Account {
    pub username: String,
    pub password: String,
    pub client_id: String,
    pub client_secret: String,
}

impl Default for Account {
    fn default() -> Self {
        Self {
            username: "province".to_owned(),
            password: "simulated".to_owned(),
            client_id: "one-stop".to_owned(),
            client_secret: "simulated-secret".to_owned(),
        }
    }
}

/// What the office does with a dossier it received. Chances are per thousand dossiers (or pushes).
#[derive(Clone)]
pub struct Script {
    /// Goes on by itself; else each step is asked for.
    pub auto: bool,
    /// Rest before each step.
    pub pace: Duration,
    /// `ChuyenHoSo` at most; at least one.
    pub forwards: u64,
    /// Asked for a supplement.
    pub supplements: u64,
    /// Owes nothing: no slip, no notices, no payment.
    pub exempt: u64,
    /// Ends as returned or withdrawn, without result files.
    pub withdrawn: u64,
    /// A push that was answered goes again, byte for byte. `None`: as the profile says.
    pub repeats: Option<u64>,
    /// Tries of one push or slip that gets no answer.
    pub tries: u32,
    /// Rest between two of them.
    pub again: Duration,
}

impl Default for Script {
    fn default() -> Self {
        Self {
            auto: false,
            pace: Duration::from_millis(10),
            forwards: 3,
            supplements: 250,
            exempt: 0,
            withdrawn: 0,
            repeats: None,
            tries: 1_000,
            again: Duration::from_millis(200),
        }
    }
}

impl Script {
    /// Goes on by itself.
    pub fn auto() -> Self {
        Self { auto: true, ..Self::default() }
    }
}

/// What the simulator keeps at most.
#[derive(Clone, Copy)]
pub struct Limits {
    /// Dossiers kept; further ones are refused.
    pub dossiers: usize,
    /// Bytes of one request body; more is answered 413.
    pub body: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { dossiers: 200_000, body: 16 << 20 }
    }
}

/// Words the real office surely has. `{}` stands for the code or account; only the phrases in quotation marks are public: "đã tồn
/// tại", "đã được trả", "không tìm thấy", "không tồn tại", "Hồ sơ không chờ bổ sung".
#[derive(Clone)]
pub struct Texts {
    pub exists: String,
    pub returned: String,
    pub no_dossier: String,
    pub not_waiting: String,
    pub unknown_officer: String,
    pub unknown_procedure: String,
    pub throttled: String,
    pub wrong_code: String,
    pub full: String,
}

impl Default for Texts {
    fn default() -> Self {
        Self {
            exists: "Số biên nhận {} đã tồn tại".to_owned(),
            returned: "Hồ sơ {} đã được trả kết quả".to_owned(),
            no_dossier: "Không tìm thấy hồ sơ {}".to_owned(),
            not_waiting: "Hồ sơ không chờ bổ sung".to_owned(),
            unknown_officer: "Người tiếp nhận {} không tồn tại trên hệ thống".to_owned(),
            unknown_procedure: "Quy trình {} không tồn tại trên hệ thống".to_owned(),
            throttled: "Hệ thống đang quá tải, vui lòng thử lại sau".to_owned(),
            wrong_code: "Mã bảo mật không đúng".to_owned(),
            full: "Hệ thống không nhận thêm hồ sơ".to_owned(),
        }
    }
}
