//! A dossier as `DongBoHoSoMC` takes it: every value a text, blank for what is absent. It checks nothing.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value};

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Dossier<'a> {
    pub(crate) ma_ho_so: Cow<'a, str>,
    #[serde(rename = "MaTTHC")]
    pub(crate) ma_tthc: Cow<'a, str>,
    #[serde(rename = "TenTTHC")]
    pub(crate) ten_tthc: Cow<'a, str>,
    pub(crate) ma_linh_vuc: Cow<'a, str>,
    pub(crate) ten_linh_vuc: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) so_bien_nhan: Option<Cow<'a, str>>,
    pub(crate) kenh_thuc_hien: &'static str,
    /// Written among the dossier's own fields.
    #[serde(flatten)]
    pub(crate) owner: Owner<'a>,
    pub(crate) thong_tin_khac: Cow<'a, str>,
    pub(crate) trich_yeu_ho_so: Cow<'a, str>,
    pub(crate) ngay_tiep_nhan: String,
    pub(crate) ngay_hen_tra: String,
    pub(crate) trang_thai_ho_so: String,
    pub(crate) ngay_tra: String,
    pub(crate) thong_tin_tra: Cow<'a, str>,
    pub(crate) hinh_thuc: &'static str,
    pub(crate) ngay_ket_thuc_xu_ly: String,
    pub(crate) don_vi_xu_ly: Cow<'a, str>,
    pub(crate) ghi_chu: Cow<'a, str>,
    pub(crate) tai_lieu_nop: Vec<Paper<'a>>,
    pub(crate) danh_sach_le_phi: Vec<Fee<'a>>,
    pub(crate) danh_sach_tep_dinh_kem_khac: Vec<OtherPaper<'a>>,
    pub(crate) danh_sach_ho_so_bo_sung: Vec<Supplement<'a>>,
    pub(crate) danh_sach_giay_to_ket_qua: Vec<ResultPaper<'a>>,
    pub(crate) noi_nop_ho_so: Cow<'a, str>,
    pub(crate) ho_so_co_thanh_phan_so_hoa: &'static str,
    #[serde(rename = "TaiKhoanDuocXacThucVoiVNeID")]
    pub(crate) tai_khoan_duoc_xac_thuc: &'static str,
    pub(crate) duoc_thanh_toan_truc_tuyen: Cow<'a, str>,
    pub(crate) ngay_tu_choi: String,
    pub(crate) ngay_nop_ho_so: String,
    #[serde(rename = "DSKetNoiCSDL")]
    pub(crate) ds_ket_noi_csdl: Vec<Database<'a>>,
    /// Names that collide with a field above are refused before this is built.
    #[serde(flatten)]
    pub(crate) extensions: &'a BTreeMap<String, Value>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Owner<'a> {
    pub(crate) chu_ho_so: Cow<'a, str>,
    pub(crate) loai_doi_tuong: &'static str,
    pub(crate) ma_doi_tuong: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) so_giay_to_chu_ho_so: Option<Cow<'a, str>>,
    #[serde(rename = "DinhDanhCHS")]
    pub(crate) dinh_danh_chs: Vec<Identity<'a>>,
    pub(crate) email: Cow<'a, str>,
    pub(crate) fax: Cow<'a, str>,
    pub(crate) so_dien_thoai: Cow<'a, str>,
}

/// Names a dossier has of its own, so that no extension may take one.
pub(crate) const DOSSIER_FIELDS: [&str; 38] = [
    "MaHoSo",
    "MaTTHC",
    "TenTTHC",
    "MaLinhVuc",
    "TenLinhVuc",
    "SoBienNhan",
    "KenhThucHien",
    "ChuHoSo",
    "LoaiDoiTuong",
    "MaDoiTuong",
    "SoGiayToChuHoSo",
    "ThongTinKhac",
    "Email",
    "Fax",
    "SoDienThoai",
    "TrichYeuHoSo",
    "NgayTiepNhan",
    "NgayHenTra",
    "TrangThaiHoSo",
    "NgayTra",
    "ThongTinTra",
    "HinhThuc",
    "NgayKetThucXuLy",
    "DonViXuLy",
    "GhiChu",
    "TaiLieuNop",
    "DanhSachLePhi",
    "DanhSachTepDinhKemKhac",
    "DanhSachHoSoBoSung",
    "DanhSachGiayToKetQua",
    "NoiNopHoSo",
    "HoSoCoThanhPhanSoHoa",
    "TaiKhoanDuocXacThucVoiVNeID",
    "DuocThanhToanTrucTuyen",
    "NgayTuChoi",
    "NgayNopHoSo",
    "DinhDanhCHS",
    "DSKetNoiCSDL",
];

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Paper<'a> {
    pub(crate) tep_dinh_kem_id: Cow<'a, str>,
    pub(crate) ten_tep_dinh_kem: Cow<'a, str>,
    pub(crate) is_deleted: &'static str,
    pub(crate) ma_thanh_phan_ho_so: Cow<'a, str>,
    pub(crate) duong_dan_tai_tep_tin: Cow<'a, str>,
    pub(crate) duoc_so_hoa: &'static str,
    pub(crate) duoc_tai_su_dung: Cow<'a, str>,
    #[serde(rename = "DuocLayTuKhoDMQG")]
    pub(crate) duoc_lay_tu_kho_dmqg: &'static str,
    pub(crate) ma_ket_qua_thay_the: Cow<'a, str>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Fee<'a> {
    pub(crate) ten_phi_le_phi: Cow<'a, str>,
    pub(crate) ma_phi_le_phi: Cow<'a, str>,
    pub(crate) hinh_thuc_thu: Cow<'a, str>,
    pub(crate) gia: String,
    pub(crate) loai_phi_le_phi: Cow<'a, str>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct OtherPaper<'a> {
    pub(crate) ten_giay_to: Cow<'a, str>,
    pub(crate) so_luong: String,
    pub(crate) loai_giay_to: Cow<'a, str>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Supplement<'a> {
    pub(crate) ho_so_bo_sung_id: Cow<'a, str>,
    pub(crate) nguoi_yeu_cau_bo_sung: Cow<'a, str>,
    pub(crate) noi_dung_bo_sung: Cow<'a, str>,
    pub(crate) ngay_bo_sung: String,
    pub(crate) nguoi_tiep_nhan_bo_sung: Cow<'a, str>,
    pub(crate) thong_tin_tiep_nhan: Cow<'a, str>,
    pub(crate) ngay_tiep_nhan_bo_sung: String,
    pub(crate) trang_thai_bo_sung: Cow<'a, str>,
    pub(crate) danh_sach_giay_to_bo_sung: &'a [Map<String, Value>],
    pub(crate) danh_sach_le_phi_bo_sung: &'a [Map<String, Value>],
    pub(crate) ngay_hen_tra_truoc: String,
    pub(crate) ngay_hen_tra_moi: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ResultPaper<'a> {
    pub(crate) ten_giay_to: Cow<'a, str>,
    pub(crate) ma_thanh_phan_ho_so: Cow<'a, str>,
    pub(crate) giay_to_id: Cow<'a, str>,
    pub(crate) duong_dan_tep_tin_ket_qua: Cow<'a, str>,
    pub(crate) ma_giay_to_ket_qua: Cow<'a, str>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Identity<'a> {
    pub(crate) loai_dinh_danh: &'static str,
    pub(crate) so_dinh_danh: Cow<'a, str>,
}

#[derive(Serialize)]
pub(crate) struct Database<'a> {
    #[serde(rename = "MaCSDL")]
    pub(crate) ma_csdl: Cow<'a, str>,
}
