//! What a caller asks, the same for both forms; it must not know how the request was spelled.

use serde_json::Value;

use super::faults::{CallClass, CallFacts};

/// One understood request.
pub(super) struct Incoming {
    pub(super) call: Call,
    pub(super) credentials: Credentials,
}

/// How the caller says who it is.
pub(super) enum Credentials {
    /// A login carries its own.
    None,
    /// Raw axis form: fields of the body.
    Session { session: String, unit: String },
    /// LGSP form: a token that was checked at the door.
    Bearer,
}

pub(super) enum Call {
    Login { username: String, password: String },
    SyncDossiers { updating: bool, data: Vec<Value> },
    SyncSteps { data: Vec<Value> },
    SyncStatus { data: Value },
    FindDossier { code: String },
    ListProcedures,
    GetProcedure { code: String },
    ListAgencies,
    ListFields,
}

impl Call {
    /// The portal's name of the service, `login` for a login.
    pub(super) fn service(&self) -> &'static str {
        match self {
            Self::Login { .. } => "login",
            Self::SyncDossiers { .. } => "DongBoHoSoMC",
            Self::SyncSteps { .. } => "CapNhatTienDoHoSoMC",
            Self::SyncStatus { .. } => "DongBoTrangThaiHoSo",
            Self::FindDossier { .. } => "TraCuuHoSo",
            Self::ListProcedures => "LayDanhSachTTHC",
            Self::GetProcedure { .. } => "LayThuTuc",
            Self::ListAgencies => "LayDanhMucCoQuan",
            Self::ListFields => "LayDanhMucLinhVuc",
        }
    }

    pub(super) fn facts(&self) -> CallFacts<'_> {
        CallFacts { class: self.class(), service: self.service(), dossiers: self.dossiers() }
    }

    fn class(&self) -> CallClass {
        match self {
            Self::Login { .. } => CallClass::Login,
            Self::SyncDossiers { updating: false, .. } => CallClass::Insert,
            Self::SyncDossiers { updating: true, .. } | Self::SyncSteps { .. } | Self::SyncStatus { .. } => {
                CallClass::Write
            }
            Self::FindDossier { .. }
            | Self::ListProcedures
            | Self::GetProcedure { .. }
            | Self::ListAgencies
            | Self::ListFields => CallClass::Read,
        }
    }

    fn dossiers(&self) -> Vec<&str> {
        match self {
            Self::SyncDossiers { data, .. } | Self::SyncSteps { data } => {
                data.iter().filter_map(|record| code_in(record, "MaHoSo")).collect()
            }
            Self::SyncStatus { data } => code_in(data, "MaHoSoDonVi").into_iter().collect(),
            Self::FindDossier { code } => vec![code],
            Self::Login { .. }
            | Self::ListProcedures
            | Self::GetProcedure { .. }
            | Self::ListAgencies
            | Self::ListFields => Vec::new(),
        }
    }
}

fn code_in<'a>(record: &'a Value, field: &str) -> Option<&'a str> {
    record.get(field).and_then(Value::as_str)
}
