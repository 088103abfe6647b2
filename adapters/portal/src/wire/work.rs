//! A progress step (`CapNhatTienDoHoSoMC`) and a status notice (`DongBoTrangThaiHoSo`) as the portal takes them. It checks nothing.

use std::borrow::Cow;

use serde::Serialize;

use super::dossier::Paper;

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Step<'a> {
    pub(crate) ma_ho_so: Cow<'a, str>,
    pub(crate) nguoi_xu_ly: Cow<'a, str>,
    pub(crate) chuc_danh: Cow<'a, str>,
    pub(crate) thoi_diem_xu_ly: String,
    pub(crate) phong_ban_xu_ly: Cow<'a, str>,
    pub(crate) noi_dung_xu_ly: Cow<'a, str>,
    pub(crate) trang_thai: String,
    pub(crate) ngay_bat_dau: String,
    pub(crate) ngay_ket_thuc_theo_quy_dinh: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Status<'a> {
    /// The portal's own code here, not ours.
    pub(crate) ma_ho_so: Cow<'a, str>,
    pub(crate) ma_ho_so_don_vi: Cow<'a, str>,
    pub(crate) ma_doi_tuong: Cow<'a, str>,
    pub(crate) noi_dung: Cow<'a, str>,
    pub(crate) ngay_xu_ly: String,
    pub(crate) trang_thai: String,
    pub(crate) tai_lieu_xu_ly: Vec<Paper<'a>>,
}
