//! The portal's own shapes and names. They never leave this crate and hold no rule.

pub(crate) mod answer;
pub(crate) mod catalogue;
pub(crate) mod dossier;
pub(crate) mod inbound;
pub(crate) use lienthong_kit::loose;
pub(crate) mod request;
pub(crate) mod work;

use serde::Serialize;

/// Values of `service`.
pub(crate) mod service {
    pub(crate) const SYNC_DOSSIER: &str = "DongBoHoSoMC";
    pub(crate) const SYNC_PROGRESS: &str = "CapNhatTienDoHoSoMC";
    pub(crate) const SYNC_STATUS: &str = "DongBoTrangThaiHoSo";
    pub(crate) const FIND_DOSSIER: &str = "TraCuuHoSo";
    pub(crate) const LIST_PROCEDURES: &str = "LayDanhSachTTHC";
    pub(crate) const GET_PROCEDURE: &str = "LayThuTuc";
    pub(crate) const LIST_AGENCIES: &str = "LayDanhMucCoQuan";
    pub(crate) const LIST_FIELDS: &str = "LayDanhMucLinhVuc";
    pub(crate) const TAX_NOTICE: &str = "NhanThongBaoThueDat";
    pub(crate) const TAX_RECEIPT: &str = "NhanChungTuThueDat";
}

/// Body of `mapi/login`.
#[derive(Serialize)]
pub(crate) struct Login<'a> {
    pub(crate) username: &'a str,
    pub(crate) password: &'a str,
}

/// Body of `mapi/g`.
#[derive(Serialize)]
pub(crate) struct Call<'a, P> {
    pub(crate) session: &'a str,
    pub(crate) madonvi: &'a str,
    pub(crate) service: &'static str,
    #[serde(flatten)]
    pub(crate) parameters: P,
}

/// `isUpdating` is a text, not a boolean.
pub(crate) fn flag(value: bool) -> &'static str {
    if value { "True" } else { "False" }
}

/// What `sync-dossier` adds to a call.
#[derive(Serialize)]
pub(crate) struct DossierParameters<'a> {
    #[serde(rename = "isUpdating")]
    pub(crate) is_updating: &'static str,
    pub(crate) data: [&'a dossier::Dossier<'a>; 1],
}

/// What `sync-progress` adds to a call.
#[derive(Serialize)]
pub(crate) struct ProgressParameters<'a> {
    pub(crate) data: &'a [work::Step<'a>],
}

/// What `sync-status` adds to a call: a type that is always `"2"` and a single object.
#[derive(Serialize)]
pub(crate) struct StatusParameters<'a> {
    #[serde(rename = "type")]
    pub(crate) kind: &'static str,
    pub(crate) data: &'a work::Status<'a>,
}

/// What `find-dossier` adds to a call.
#[derive(Serialize)]
pub(crate) struct FindParameters<'a> {
    pub(crate) mahoso: &'a str,
}

/// What `get-procedure` adds to a call.
#[derive(Serialize)]
pub(crate) struct ProcedureParameters<'a> {
    #[serde(rename = "maTTHC")]
    pub(crate) code: &'a str,
}

/// What the list services add: nothing.
#[derive(Serialize)]
pub(crate) struct NoParameters {}
