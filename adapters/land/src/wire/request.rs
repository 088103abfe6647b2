//! Bodies of what is sent: one shape for both dialects but for the type of area ids. They hold no rule.

use std::borrow::Cow;

use serde::{Serialize, Serializer};

/// The last part of each operation's address, as public clients have it.
pub(crate) mod path {
    pub(crate) const VBDLIS_RECEIVE: &str = "tiepnhan";
    pub(crate) const VBDLIS_SUPPLEMENT: &str = "capnhattrangthaibosunghoso";
    pub(crate) const VBDLIS_RETURN: &str = "capnhattrangthaitraketquahoso";
    pub(crate) const VBDLIS_WRONG: &str = "phanhoihososaiketqua";
    pub(crate) const ILIS_RECEIVE: &str = "TiepNhanHoSo";
    pub(crate) const ILIS_SUPPLEMENT: &str = "BoSungHoSo";
    pub(crate) const ILIS_STATUS: &str = "CapNhatTrangThaiHoSo";
}

/// The secret's name in the query of a list.
pub(crate) const LIST_SECRET: &str = "SecurityCode";

/// A code of an administrative unit: VBDLIS takes numbers, so that `01` becomes 1; iLIS takes texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AreaId<'a> {
    Number(u32),
    Text(&'a str),
}

impl Serialize for AreaId<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Number(number) => to.serialize_u32(*number),
            Self::Text(text) => to.serialize_str(text),
        }
    }
}

/// A dossier received at the one-stop desk.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Receive<'a> {
    pub(crate) la_quy_trinh_cap_tinh: bool,
    pub(crate) tinh_id: AreaId<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) huyen_id: Option<AreaId<'a>>,
    pub(crate) xa_id: AreaId<'a>,
    pub(crate) so_bien_nhan: &'a str,
    pub(crate) ma_ho_so_mot_cua: &'a str,
    pub(crate) nguoi_tiep_nhan: &'a str,
    pub(crate) ngay_tiep_nhan: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) ngay_hen_tra: Option<String>,
    pub(crate) dia_chi_tai_san: Cow<'a, str>,
    pub(crate) thong_tin_nguoi_nop_don: Applicant<'a>,
    pub(crate) thong_tin_quy_trinh: Process<'a>,
    pub(crate) thong_tin_thua_dat: Vec<Parcel<'a>>,
    pub(crate) danh_sach_giay_to_dinh_kem: Vec<Paper<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Applicant<'a> {
    pub(crate) ho_ten: Cow<'a, str>,
    pub(crate) so_chung_minh: Cow<'a, str>,
    pub(crate) dia_chi_chi_tiet: Cow<'a, str>,
    pub(crate) so_dien_thoai: Cow<'a, str>,
    pub(crate) email: Cow<'a, str>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Process<'a> {
    pub(crate) ma_quy_trinh: &'a str,
    pub(crate) ten_quy_trinh: Cow<'a, str>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Parcel<'a> {
    pub(crate) so_thu_tu_thua: Cow<'a, str>,
    pub(crate) so_hieu_ban_do: Cow<'a, str>,
    pub(crate) dien_tich: &'a str,
    /// iLIS only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) dia_chi_chi_tiet: Option<Cow<'a, str>>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Paper<'a> {
    pub(crate) ten_giay_to: Cow<'a, str>,
    pub(crate) so_ban_chinh: u32,
    pub(crate) so_ban_sao: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) tap_tin: Option<File<'a>>,
}

/// The one object whose names are in lower case.
#[derive(Serialize)]
pub(crate) struct File<'a> {
    pub(crate) name: Cow<'a, str>,
    pub(crate) data: &'a str,
}

/// The papers asked for were handed in.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Supplement<'a> {
    pub(crate) so_bien_nhan: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) ngay_hen_tra_moi: Option<String>,
    pub(crate) ghi_chu: Cow<'a, str>,
    pub(crate) danh_sach_giay_to_bo_sung: Vec<Paper<'a>>,
}

/// The result was handed over.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Return<'a> {
    pub(crate) so_bien_nhan: &'a str,
    pub(crate) ngay_tra: String,
}

/// A wrong result.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Wrong<'a> {
    pub(crate) so_bien_nhan: &'a str,
    pub(crate) noi_dung: Cow<'a, str>,
    pub(crate) danh_sach_giay_to_dinh_kem: Vec<Paper<'a>>,
}
