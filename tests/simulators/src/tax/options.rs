//! How one simulated tax gateway is set up; it must hold no behaviour.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use crate::net::profile::FaultProfile;

/// How one simulated tax gateway behaves. The default is well-behaved, on a free loopback port, and wants a password digest.
#[derive(Clone)]
pub struct TaxOptions {
    /// Where to listen; port 0 takes a free one, which is kept through outages.
    pub listen: SocketAddr,
    /// How badly it misbehaves by itself.
    pub profile: FaultProfile,
    /// The same seed makes the same taxpayers, debts and faults.
    pub seed: u64,
    /// How a caller proves itself.
    pub proof: Proof,
    /// How far `Created` may lie from this machine's clock, read as UTC or as local time with a literal `Z` (one client writes
    /// that). `None`: anything goes.
    pub clock_tolerance: Option<Duration>,
    /// How the answer's `<DATA>` stands in its SOAP.
    pub wrapping: Wrapping,
    /// How many taxpayers are registered.
    pub taxpayers: usize,
    /// How "no such taxpayer" is told; it is not public.
    pub not_found: NotFound,
    /// Whether a slip makes debts of its dossier, as the tax office does some days later.
    pub slips_make_debts: bool,
    /// Nonces and message ids remembered at most.
    pub remembered: usize,
    /// Bytes of one request body; more is answered 413.
    pub body_limit: usize,
    /// Codes and words nobody published.
    pub texts: Texts,
}

impl Default for TaxOptions {
    fn default() -> Self {
        Self {
            listen: SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0),
            profile: FaultProfile::None,
            seed: 1,
            proof: Proof::default(),
            clock_tolerance: Some(Duration::from_mins(10)),
            wrapping: Wrapping::default(),
            taxpayers: 100,
            not_found: NotFound::default(),
            slips_make_debts: true,
            remembered: 1_000_000,
            body_limit: 8 << 20,
            texts: Texts::default(),
        }
    }
}

/// How a caller proves itself.
#[derive(Clone)]
pub enum Proof {
    /// WS-Security `UsernameToken` with `PasswordDigest` = base64(SHA-1(nonce + created + password)); a nonce is good once.
    Digest {
        /// `wsse:Username`
        username: String,
        /// The password both sides know.
        password: String,
    },
    /// XML-DSig in `<SECURITY>` over HEADER and BODY, by the key of this certificate. Verified by the program `xmlsec1`.
    Signed {
        /// The partner's certificate, PEM.
        certificate: String,
    },
}

impl Default for Proof {
    fn default() -> Self {
        Self::Digest { username: "PARTNER".to_owned(), password: "simulated".to_owned() }
    }
}

/// How an answer's `<DATA>` stands in its SOAP.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Wrapping {
    Cdata,
    Escaped,
    /// By turns.
    #[default]
    Both,
}

/// How "no such taxpayer" is told. INFERENCE, each of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum NotFound {
    /// The row stands there with nobody in it.
    #[default]
    EmptyRow,
    /// `ERROR_CODE` and `ERROR_DESC` in the header, and no row.
    ErrorHeader,
}

/// Codes and words the real gateway surely has and nobody published: change them to what a partner sees.
#[derive(Clone)]
pub struct Texts {
    /// `TYPE` of the answer to 00003.
    pub taxpayer_answer: String,
    /// `TYPE` of the land ledger's question, by adjacency to its answer 00110.
    pub ledger_question: String,
    /// `TRANGTHAI` of a dossier that owes nothing.
    pub nothing_owed: String,
    /// `TRANGTHAI` of a dossier or owner nobody knows.
    pub no_dossier: String,
    /// `TYPE` of the answer to a slip.
    pub slip_answer: String,
    /// `ERROR_CODE` of a request that breaks a rule.
    pub bad_request: String,
    /// `ERROR_CODE` of an unknown taxpayer, where it is told so.
    pub no_taxpayer: String,
    /// The fault's words for a caller who does not prove itself.
    pub unauthenticated: String,
}

impl Default for Texts {
    fn default() -> Self {
        Self {
            taxpayer_answer: "00004".to_owned(),
            ledger_question: "00109".to_owned(),
            nothing_owed: "02".to_owned(),
            no_dossier: "03".to_owned(),
            slip_answer: "00101".to_owned(),
            bad_request: "99".to_owned(),
            no_taxpayer: "01".to_owned(),
            unauthenticated: "The security token could not be authenticated or authorized".to_owned(),
        }
    }
}
