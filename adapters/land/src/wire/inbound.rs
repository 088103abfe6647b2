//! What the land office pushes, in its own names; what is not named here is kept beside it. It holds no rule.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use lienthong_kit::loose::{Many, Text};

/// The last part of each push's address, before the secret.
pub(crate) mod service {
    pub(crate) const FORWARD: &str = "ChuyenHoSo";
    pub(crate) const REQUEST_SUPPLEMENT: &str = "YeuCauBoSungHoSo";
    pub(crate) const SUPPLEMENT_RECEIVED: &str = "NhanBoSungHoSo";
    pub(crate) const TAX_RESULT: &str = "GuiKetQuaThue";
    pub(crate) const TAX_RESULT_ILIS: &str = "CapNhatKetQuaThongBaoThue";
    pub(crate) const FINISHED: &str = "KetThucHoSo";
    pub(crate) const RECEIVED_FOR_DESK: &str = "TiepNhanHoSoChoMotCua";
    pub(crate) const UPDATE_REQUESTED: &str = "YeuCauCapNhatHoSo";
    pub(crate) const WRONG_PROCEDURE: &str = "ThongBaoNhapSaiThuTuc";
    pub(crate) const TAX_SENT_BACK: &str = "ThueChuyenTraHoSoDoSai";
}

/// iLIS carries its secret under this name in the query.
pub(crate) const QUERY_SECRET: &str = "CodeGet";

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Forward {
    #[serde(default)]
    pub(crate) so_bien_nhan: Text,
    #[serde(default)]
    pub(crate) ma_can_bo_chuyen: Text,
    #[serde(default)]
    pub(crate) ma_can_bo_nhan: Text,
    #[serde(default)]
    pub(crate) ma_trang_thai: Text,
    #[serde(default)]
    pub(crate) la_trang_thai_chuyen_lai: Text,
    #[serde(default)]
    pub(crate) noi_dung_xu_ly: Text,
    #[serde(default)]
    pub(crate) ngay_chuyen: Text,
    #[serde(default)]
    pub(crate) han_xu_ly: Text,
    #[serde(default)]
    pub(crate) danh_sach_tap_tin: Many<Paper>,
    #[serde(flatten)]
    pub(crate) other: BTreeMap<String, Value>,
}

/// A paper with a link. `TapTin` of a request for supplement is seen by name only; it is read as one of these.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Paper {
    #[serde(default)]
    pub(crate) ten_giay_to: Text,
    #[serde(default)]
    pub(crate) kieu_file: Text,
    #[serde(default)]
    pub(crate) link_file: Text,
    #[serde(default)]
    pub(crate) so_ban_sao: Text,
    #[serde(default)]
    pub(crate) so_ban_chinh: Text,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct RequestSupplement {
    #[serde(default)]
    pub(crate) so_bien_nhan: Text,
    #[serde(default)]
    pub(crate) ngay_cho_bo_sung: Text,
    #[serde(default)]
    pub(crate) ma_can_bo_xu_ly: Text,
    #[serde(default)]
    pub(crate) la_tam_dung: Text,
    #[serde(default)]
    pub(crate) ghi_chu: Text,
    /// Its inside is not public: kept whole where it is none of [`Paper`].
    #[serde(default)]
    pub(crate) tap_tin: Value,
    #[serde(flatten)]
    pub(crate) other: BTreeMap<String, Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct SupplementReceived {
    #[serde(default)]
    pub(crate) so_bien_nhan: Text,
    #[serde(default)]
    pub(crate) ngay_nhan_bo_sung: Text,
    #[serde(default)]
    pub(crate) ngay_hen_tra_moi: Text,
    #[serde(flatten)]
    pub(crate) other: BTreeMap<String, Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct TaxResult {
    #[serde(default)]
    pub(crate) so_bien_nhan: Text,
    #[serde(default)]
    pub(crate) nguoi_xu_ly: Text,
    #[serde(default)]
    pub(crate) ngay_co_ket_qua_thue: Text,
    #[serde(default)]
    pub(crate) ghi_chu: Text,
    #[serde(default)]
    pub(crate) danh_sach_thong_bao_thue: Many<TaxNotice>,
    #[serde(flatten)]
    pub(crate) other: BTreeMap<String, Value>,
}

/// Two fields have one name in VBDLIS and another in iLIS: both are read.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct TaxNotice {
    #[serde(default, alias = "HoVaChu")]
    pub(crate) ho_ten_chu: Text,
    #[serde(default)]
    pub(crate) loai_thue: Text,
    #[serde(default)]
    pub(crate) so_thong_bao_thue: Text,
    #[serde(default, alias = "DuongDanTBT")]
    pub(crate) duong_dan_thong_bao_thue: Text,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Finished {
    #[serde(default)]
    pub(crate) so_bien_nhan: Text,
    #[serde(default)]
    pub(crate) ngay_ket_thuc: Text,
    #[serde(default)]
    pub(crate) ma_can_bo_xu_ly: Text,
    #[serde(default)]
    pub(crate) trang_thai_ket_thuc: Text,
    #[serde(default)]
    pub(crate) danh_sach_giay_to_ket_qua: Many<Paper>,
    #[serde(flatten)]
    pub(crate) other: BTreeMap<String, Value>,
}

/// Their answer: `{Result: 1|0, Message}`.
#[derive(serde::Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Reply<'a> {
    pub(crate) result: u8,
    pub(crate) message: &'a str,
}
