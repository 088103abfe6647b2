//! What the land office pushes, in English. A time that is none and whatever has no place stay under their own names in `other`.

use std::collections::BTreeMap;

use lienthong_core::Timestamp;
use lienthong_core::secret::Personal;
use serde_json::Value;

use super::times::{self, Read};
use crate::config::Zone;
use crate::model::{
    DossierFinished, DossierForwarded, EndKind, LinkedFile, SupplementReceived, SupplementRequested, TaxNoticeLink,
    TaxResultReceived,
};
use crate::wire::inbound as wire;
use lienthong_kit::loose::{Many, Text};

/// Most files or notices of one push.
const ROWS: usize = 500;

/// Why an authenticated push cannot be read: where, and what is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Unreadable {
    pub(crate) pointer: &'static str,
    pub(crate) problem: &'static str,
}

const CODE: &str = "/SoBienNhan";
type Other = BTreeMap<String, Value>;

pub(crate) fn forwarded(push: wire::Forward, zone: Zone) -> Result<DossierForwarded, Unreadable> {
    let wire::Forward {
        so_bien_nhan,
        ma_can_bo_chuyen,
        ma_can_bo_nhan,
        ma_trang_thai,
        la_trang_thai_chuyen_lai,
        noi_dung_xu_ly,
        ngay_chuyen,
        han_xu_ly,
        danh_sach_tap_tin,
        mut other,
    } = push;
    Ok(DossierForwarded {
        code: code(so_bien_nhan)?,
        from_officer: some(ma_can_bo_chuyen),
        to_officer: some(ma_can_bo_nhan),
        status_code: some(ma_trang_thai),
        sent_back: flag(&la_trang_thai_chuyen_lai),
        content: some(noi_dung_xu_ly).map(Personal),
        forwarded_at: time("NgayChuyen", ngay_chuyen, zone, &mut other),
        due_at: time("HanXuLy", han_xu_ly, zone, &mut other),
        files: files(danh_sach_tap_tin, "/DanhSachTapTin")?,
        other,
    })
}

pub(crate) fn supplement_requested(
    push: wire::RequestSupplement,
    zone: Zone,
) -> Result<SupplementRequested, Unreadable> {
    let wire::RequestSupplement {
        so_bien_nhan,
        ngay_cho_bo_sung,
        ma_can_bo_xu_ly,
        la_tam_dung,
        ghi_chu,
        tap_tin,
        mut other,
    } = push;
    let files = asked_files(tap_tin, &mut other)?;
    Ok(SupplementRequested {
        code: code(so_bien_nhan)?,
        requested_at: time("NgayChoBoSung", ngay_cho_bo_sung, zone, &mut other),
        officer: some(ma_can_bo_xu_ly),
        paused: flag(&la_tam_dung),
        note: some(ghi_chu).map(Personal),
        files,
        other,
    })
}

pub(crate) fn supplement_received(
    push: wire::SupplementReceived,
    zone: Zone,
) -> Result<SupplementReceived, Unreadable> {
    let wire::SupplementReceived { so_bien_nhan, ngay_nhan_bo_sung, ngay_hen_tra_moi, mut other } = push;
    Ok(SupplementReceived {
        code: code(so_bien_nhan)?,
        received_at: time("NgayNhanBoSung", ngay_nhan_bo_sung, zone, &mut other),
        new_due_at: time("NgayHenTraMoi", ngay_hen_tra_moi, zone, &mut other),
        other,
    })
}

pub(crate) fn tax_result(push: wire::TaxResult, zone: Zone) -> Result<TaxResultReceived, Unreadable> {
    let wire::TaxResult {
        so_bien_nhan,
        nguoi_xu_ly,
        ngay_co_ket_qua_thue,
        ghi_chu,
        danh_sach_thong_bao_thue,
        mut other,
    } = push;
    const AT: &str = "/DanhSachThongBaoThue";
    let Many(rows) = danh_sach_thong_bao_thue;
    if rows.len() > ROWS {
        return Err(Unreadable { pointer: AT, problem: "holds too many notices" });
    }
    let notices: Option<Vec<TaxNoticeLink>> = rows.into_iter().map(notice).collect();
    Ok(TaxResultReceived {
        code: code(so_bien_nhan)?,
        officer: some(nguoi_xu_ly),
        received_at: time("NgayCoKetQuaThue", ngay_co_ket_qua_thue, zone, &mut other),
        note: some(ghi_chu).map(Personal),
        notices: notices.ok_or(Unreadable { pointer: AT, problem: "holds a notice without a number" })?,
        other,
    })
}

/// A notice without a number is nothing that anybody could pay or find.
fn notice(row: wire::TaxNotice) -> Option<TaxNoticeLink> {
    let wire::TaxNotice { ho_ten_chu, loai_thue, so_thong_bao_thue, duong_dan_thong_bao_thue } = row;
    Some(TaxNoticeLink {
        notice_number: some(so_thong_bao_thue)?,
        owner_name: some(ho_ten_chu).map(Personal),
        subject: some(loai_thue),
        link: as_given(duong_dan_thong_bao_thue),
    })
}

/// Without a readable end nobody can tell whether there is a result: then it is for a person.
pub(crate) fn finished(push: wire::Finished, zone: Zone) -> Result<DossierFinished, Unreadable> {
    let wire::Finished {
        so_bien_nhan,
        ngay_ket_thuc,
        ma_can_bo_xu_ly,
        trang_thai_ket_thuc,
        danh_sach_giay_to_ket_qua,
        mut other,
    } = push;
    let end = Unreadable { pointer: "/TrangThaiKetThuc", problem: "is no number" };
    let end_code = some(trang_thai_ket_thuc).ok_or(end)?;
    let number: i64 = end_code.parse().map_err(|_| end)?;
    Ok(DossierFinished {
        code: code(so_bien_nhan)?,
        finished_at: time("NgayKetThuc", ngay_ket_thuc, zone, &mut other),
        officer: some(ma_can_bo_xu_ly),
        end: if number == 0 { EndKind::Result } else { EndKind::ReturnedOrWithdrawn },
        end_code,
        results: files(danh_sach_giay_to_ket_qua, "/DanhSachGiayToKetQua")?,
        other,
    })
}

fn code(given: Text) -> Result<String, Unreadable> {
    some(given).ok_or(Unreadable { pointer: CODE, problem: "is missing" })
}

/// In NFC, so that one dossier has one key, and a name is the same name whoever typed it.
fn some(given: Text) -> Option<String> {
    as_given(given).map(|said| super::nfc(&said).into_owned())
}

/// An address leads to what its other side named so: it stays as it came.
fn as_given(Text(given): Text) -> Option<String> {
    let trimmed = given.trim();
    if trimmed.is_empty() { None } else { Some(trimmed.to_owned()) }
}

fn flag(Text(given): &Text) -> Option<bool> {
    match given.trim().to_ascii_lowercase().as_str() {
        "true" | "1" => Some(true),
        "false" | "0" => Some(false),
        _other => None,
    }
}

fn time(name: &str, given: Text, zone: Zone, other: &mut Other) -> Option<Timestamp> {
    match times::read(&given.0, zone) {
        Read::At(at) => Some(at),
        Read::Nothing => None,
        Read::Unreadable => {
            other.insert(name.to_owned(), Value::String(given.0));
            None
        }
    }
}

/// Papers without a link are no files: only what can be fetched is one.
fn files(Many(papers): Many<wire::Paper>, at: &'static str) -> Result<Vec<LinkedFile>, Unreadable> {
    if papers.len() > ROWS {
        return Err(Unreadable { pointer: at, problem: "holds too many files" });
    }
    Ok(papers.into_iter().filter_map(file).collect())
}

fn file(paper: wire::Paper) -> Option<LinkedFile> {
    let wire::Paper { ten_giay_to, kieu_file, link_file, so_ban_sao, so_ban_chinh } = paper;
    Some(LinkedFile {
        link: as_given(link_file)?,
        name: some(ten_giay_to).map(Personal),
        kind: some(kieu_file),
        originals: some(so_ban_chinh).and_then(|count| count.parse().ok()),
        copies: some(so_ban_sao).and_then(|count| count.parse().ok()),
    })
}

/// `TapTin` of a request for supplement: rows of papers are files; a text is a link; anything else is kept as it is.
fn asked_files(given: Value, other: &mut Other) -> Result<Vec<LinkedFile>, Unreadable> {
    const NAME: &str = "TapTin";
    if let Value::String(link) = &given {
        let file = |link: String| LinkedFile { name: None, link, kind: None, originals: None, copies: None };
        return Ok(as_given(Text(link.clone())).map(file).into_iter().collect());
    }
    let read: Option<Many<wire::Paper>> = serde_json::from_value(given.clone()).ok();
    let found = match read {
        Some(papers) => files(papers, "/TapTin")?,
        None => Vec::new(),
    };
    let nothing = matches!(&given, Value::Null) || given.as_array().is_some_and(Vec::is_empty);
    if found.is_empty() && !nothing {
        other.insert(NAME.to_owned(), given);
    }
    Ok(found)
}
