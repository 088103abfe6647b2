//! What the portal pushes, in its own names. It authenticates and judges nothing.

use serde::Deserialize;

use super::loose::Text;

/// `data` of a tax notice push.
#[derive(Deserialize)]
pub(crate) struct NoticeData {
    /// Base64 of an XML document.
    #[serde(rename = "FileThongBaoThue")]
    pub(crate) file: String,
}

/// `data` of a tax receipt push.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ReceiptData {
    pub(crate) ma_ho_so: Text,
    #[serde(default)]
    pub(crate) ho_ten_nguoi_nop_tien: Text,
    #[serde(rename = "SoCMTNguoiNopTien", default)]
    pub(crate) so_cmt_nguoi_nop_tien: Text,
    #[serde(default)]
    pub(crate) dia_chi_nguoi_nop_tien: Text,
    #[serde(default)]
    pub(crate) tinh_nguoi_nop_tien: Text,
    #[serde(default)]
    pub(crate) huyen_nguoi_nop_tien: Text,
    #[serde(default)]
    pub(crate) xa_nguoi_nop_tien: Text,
    #[serde(default)]
    pub(crate) ma_so_thue: Text,
    #[serde(default)]
    pub(crate) url_file_chung_tu: Text,
    pub(crate) thong_tin_thanh_toan: PaymentData,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PaymentData {
    #[serde(default)]
    pub(crate) ma_thong_bao_thue: Text,
    #[serde(default)]
    pub(crate) thoi_gian_thanh_toan: Text,
    #[serde(default)]
    pub(crate) so_tien: Text,
    #[serde(default)]
    pub(crate) noi_dung_thanh_toan: Text,
    #[serde(default)]
    pub(crate) trang_thai_thanh_toan: Text,
}

/// One `ROW_LIST` of the notice document: a dossier and its decisions.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct RowList {
    pub(crate) ma_hso: String,
    pub(crate) list: Vec<Row>,
}

/// One `LIST`: a decision. Texts as sent.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) ma_so_thue: String,
    pub(crate) so_quyet_dinh: String,
    pub(crate) ngay_quyet_dinh: String,
    /// `TEN_TIEU_MUC` or `TEN_TIEUMUC`: both spellings are in use.
    pub(crate) ten_tieu_muc: String,
    pub(crate) so_tien: String,
}
