//! Who pushes and what: the service and the secret in the address of a push. It reads no body and never repeats the secret.

use lienthong_core::inbound::InboundRequest;
use lienthong_core::secret::{ExposeSecret, SecretString};
use lienthong_core::{Fault, FaultCode, FaultKind};
use reqwest::Url;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::Kind;
use crate::config::Dialect;
use crate::wire::inbound::{QUERY_SECRET, service};

/// What is pushed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Service {
    Forward,
    RequestSupplement,
    SupplementReceived,
    TaxResult,
    Finished,
    /// Known by name only.
    Undocumented(Undocumented),
}

/// Pushes whose fields are not public.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Undocumented {
    ReceivedForDesk,
    UpdateRequested,
    WrongProcedure,
    TaxSentBack,
}

const NAMES: [(&str, Service); 10] = [
    (service::FORWARD, Service::Forward),
    (service::REQUEST_SUPPLEMENT, Service::RequestSupplement),
    (service::SUPPLEMENT_RECEIVED, Service::SupplementReceived),
    (service::TAX_RESULT, Service::TaxResult),
    (service::TAX_RESULT_ILIS, Service::TaxResult),
    (service::FINISHED, Service::Finished),
    (service::RECEIVED_FOR_DESK, Service::Undocumented(Undocumented::ReceivedForDesk)),
    (service::UPDATE_REQUESTED, Service::Undocumented(Undocumented::UpdateRequested)),
    (service::WRONG_PROCEDURE, Service::Undocumented(Undocumented::WrongProcedure)),
    (service::TAX_SENT_BACK, Service::Undocumented(Undocumented::TaxSentBack)),
];

impl Service {
    /// By its name in the address, whatever its case: the servers seen do not mind it.
    pub(super) fn named(name: &str) -> Option<Self> {
        NAMES.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, service)| *service)
    }

    pub(super) fn name(self) -> &'static str {
        NAMES.iter().find(|(_, service)| *service == self).map_or("", |(name, _)| name)
    }

    pub(super) fn kind(self) -> Kind {
        match self {
            Self::Forward => Kind::Forwarded,
            Self::RequestSupplement => Kind::SupplementRequested,
            Self::SupplementReceived => Kind::SupplementReceived,
            Self::TaxResult => Kind::TaxResult,
            Self::Finished => Kind::Finished,
            Self::Undocumented(Undocumented::ReceivedForDesk) => Kind::ReceivedForDesk,
            Self::Undocumented(Undocumented::UpdateRequested) => Kind::UpdateRequested,
            Self::Undocumented(Undocumented::WrongProcedure) => Kind::WrongProcedure,
            Self::Undocumented(Undocumented::TaxSentBack) => Kind::TaxSentBack,
        }
    }
}

/// The service's name, when the address carries the secret: `…/<service>/<secret>` of VBDLIS, `…/<service>?CodeGet=<secret>` of iLIS.
pub(super) fn authenticated(
    dialect: Dialect,
    request: &InboundRequest,
    secret: &SecretString,
) -> Result<String, Fault> {
    // Read as an address, so that escapes are undone; the host is nobody's.
    let address = format!("http://land.invalid{}?{}", request.path, request.query.as_deref().unwrap_or_default());
    let unreadable = || Fault::new(FaultKind::NotFound, FaultCode::NoSuchPath, "the address of a push cannot be read");
    let url = Url::parse(&address).map_err(|_| unreadable())?;
    let mut parts: Vec<&str> = url.path_segments().into_iter().flatten().filter(|part| !part.is_empty()).collect();
    let given: Vec<String> = match dialect {
        Dialect::Vbdlis => match parts.len() {
            0 | 1 => Vec::new(),
            _more => parts.pop().and_then(crate::map::link::decoded).into_iter().collect(),
        },
        Dialect::Ilis => {
            let secrets = url.query_pairs().filter(|(name, _)| name.eq_ignore_ascii_case(QUERY_SECRET));
            secrets.map(|(_, value)| value.into_owned()).collect()
        }
    };
    // Digests have one length, so that comparing them tells nothing of the secret's.
    let expected = Sha256::digest(secret.expose_secret().as_bytes());
    let same = |given: &String| bool::from(Sha256::digest(given.as_bytes()).as_slice().ct_eq(expected.as_slice()));
    if given.is_empty() || !given.iter().all(same) {
        let detail = if given.is_empty() { "the push carries no secret" } else { "the push carries another secret" };
        return Err(Fault::new(FaultKind::Unauthenticated, FaultCode::NoCredentials, detail));
    }
    parts.pop().map(str::to_owned).ok_or_else(unreadable)
}
