//! One request to the portal in either form: with session and service around it, or bare. It sends nothing.

use serde::Serialize;

use super::{
    Call, DossierParameters, FindParameters, NoParameters, ProcedureParameters, ProgressParameters, StatusParameters,
    dossier, flag, service, work,
};

/// `type` of `DongBoTrangThaiHoSo`; no other value was ever seen.
const STATUS_TYPE: &str = "2";

/// What is asked, as data of the wire.
#[derive(Clone, Copy)]
pub(crate) enum Request<'a> {
    Dossier { data: &'a dossier::Dossier<'a>, updating: bool },
    Progress(&'a [work::Step<'a>]),
    Status(&'a work::Status<'a>),
    Find { code: &'a str },
    Procedures,
    Procedure { code: &'a str },
    Agencies,
    Fields,
}

/// A session and who it belongs to.
#[derive(Clone, Copy)]
pub(crate) struct Caller<'a> {
    pub(crate) session: &'a str,
    pub(crate) organisation: &'a str,
}

impl Request<'_> {
    pub(crate) fn service(&self) -> &'static str {
        match self {
            Self::Dossier { .. } => service::SYNC_DOSSIER,
            Self::Progress(_) => service::SYNC_PROGRESS,
            Self::Status(_) => service::SYNC_STATUS,
            Self::Find { .. } => service::FIND_DOSSIER,
            Self::Procedures => service::LIST_PROCEDURES,
            Self::Procedure { .. } => service::GET_PROCEDURE,
            Self::Agencies => service::LIST_AGENCIES,
            Self::Fields => service::LIST_FIELDS,
        }
    }

    pub(crate) fn is_read(&self) -> bool {
        match self {
            Self::Dossier { .. } | Self::Progress(_) | Self::Status(_) => false,
            Self::Find { .. } | Self::Procedures | Self::Procedure { .. } | Self::Agencies | Self::Fields => true,
        }
    }

    /// The body of `mapi/g`.
    pub(crate) fn enveloped(&self, caller: Caller<'_>) -> serde_json::Result<Vec<u8>> {
        match *self {
            Self::Dossier { data, updating } => {
                self.call(caller, DossierParameters { is_updating: flag(updating), data: [data] })
            }
            Self::Progress(data) => self.call(caller, ProgressParameters { data }),
            Self::Status(data) => self.call(caller, StatusParameters { kind: STATUS_TYPE, data }),
            Self::Find { code } => self.call(caller, FindParameters { mahoso: code }),
            Self::Procedure { code } => self.call(caller, ProcedureParameters { code }),
            Self::Procedures | Self::Agencies | Self::Fields => self.call(caller, NoParameters {}),
        }
    }

    fn call<P: Serialize>(&self, caller: Caller<'_>, parameters: P) -> serde_json::Result<Vec<u8>> {
        let Caller { session, organisation } = caller;
        let call = Call { session, madonvi: organisation, service: self.service(), parameters };
        serde_json::to_vec(&call)
    }

    /// The body where the address says the service: what the raw form has in `data`, or the parameters alone.
    pub(crate) fn bare(&self) -> serde_json::Result<Vec<u8>> {
        match *self {
            Self::Dossier { data, updating: _ } => serde_json::to_vec(&[data]),
            Self::Progress(data) => serde_json::to_vec(data),
            Self::Status(data) => serde_json::to_vec(data),
            Self::Find { code } => serde_json::to_vec(&FindParameters { mahoso: code }),
            Self::Procedure { code } => serde_json::to_vec(&ProcedureParameters { code }),
            Self::Procedures | Self::Agencies | Self::Fields => serde_json::to_vec(&NoParameters {}),
        }
    }

    /// The same parameters as a query.
    pub(crate) fn query(&self) -> Option<(&'static str, &str)> {
        match self {
            Self::Find { code } => Some(("mahoso", code)),
            Self::Procedure { code } => Some(("maTTHC", code)),
            Self::Dossier { .. }
            | Self::Progress(_)
            | Self::Status(_)
            | Self::Procedures
            | Self::Agencies
            | Self::Fields => None,
        }
    }
}
