//! What the portal refuses in the data it is sent; it must change nothing.

use serde_json::{Map, Value};

use super::answers::Refusal;
use super::org::belongs_to;

const DOSSIER_REQUIRED: [&str; 4] = ["MaHoSo", "MaTTHC", "NgayTiepNhan", "TrangThaiHoSo"];
/// Required by this simulator; the guide's own list is not public (see the README).
const STEP_REQUIRED: [&str; 3] = ["MaHoSo", "ThoiDiemXuLy", "TrangThai"];
const STATUS_REQUIRED: [&str; 3] = ["MaHoSo", "MaHoSoDonVi", "TrangThai"];

const DATES: [&str; 14] = [
    "NgayTiepNhan",
    "NgayHenTra",
    "NgayTra",
    "NgayKetThucXuLy",
    "NgayNopHoSo",
    "NgayTuChoi",
    "NgayBoSung",
    "NgayTiepNhanBoSung",
    "NgayHenTraTruoc",
    "NgayHenTraMoi",
    "ThoiDiemXuLy",
    "NgayBatDau",
    "NgayKetThucTheoQuyDinh",
    "NgayXuLy",
];

/// Longest texts, in characters.
const LENGTHS: [(&str, usize); 4] =
    [("TrichYeuHoSo", 1000), ("GhiChu", 2000), ("NguoiXuLy", 50), ("TenTepDinhKem", 4000)];
/// `TenGiayTo` is bounded among the result papers only.
const RESULT_PAPERS: &str = "DanhSachGiayToKetQua";
const RESULT_PAPER_NAME: (&str, usize) = ("TenGiayTo", 2000);

/// Steps in one `CapNhatTienDoHoSoMC`.
pub(super) const MAX_STEPS: usize = 10;

/// A checked record: its dossier code and its status.
#[derive(Debug)]
pub(super) struct Checked<'a> {
    pub(super) code: &'a str,
    pub(super) status: u8,
}

pub(super) fn dossier<'a>(value: &'a Value, prefixes: &[String]) -> Result<Checked<'a>, Refusal> {
    let fields = object(value)?;
    common(fields, &DOSSIER_REQUIRED)?;
    let code = own_code(fields, "MaHoSo", prefixes)?;
    Ok(Checked { code, status: status(fields, "TrangThaiHoSo", 10)? })
}

pub(super) fn step<'a>(value: &'a Value, prefixes: &[String]) -> Result<Checked<'a>, Refusal> {
    let fields = object(value)?;
    common(fields, &STEP_REQUIRED)?;
    let code = own_code(fields, "MaHoSo", prefixes)?;
    Ok(Checked { code, status: status(fields, "TrangThai", 10)? })
}

/// Here `MaHoSo` is the portal's own code; ours is `MaHoSoDonVi`. Status 11 is seen for a refused promotion notice.
pub(super) fn status_push<'a>(value: &'a Value, prefixes: &[String]) -> Result<Checked<'a>, Refusal> {
    let fields = object(value)?;
    common(fields, &STATUS_REQUIRED)?;
    let code = own_code(fields, "MaHoSoDonVi", prefixes)?;
    Ok(Checked { code, status: status(fields, "TrangThai", 11)? })
}

fn object(value: &Value) -> Result<&Map<String, Value>, Refusal> {
    value.as_object().ok_or_else(|| Refusal::not_a_string("data"))
}

fn common(fields: &Map<String, Value>, required: &[&str]) -> Result<(), Refusal> {
    for name in required {
        // A value of another type is told as such below, not as missing.
        if matches!(fields.get(*name), None | Some(Value::Null)) || text(fields, name) == Some("") {
            return Err(Refusal::missing(name));
        }
    }
    fields_of(fields, "")
}

/// Walks the record: texts, or lists of records of the same kind.
fn fields_of(fields: &Map<String, Value>, list: &str) -> Result<(), Refusal> {
    for (name, value) in fields {
        match value {
            Value::String(text) => check_text(name, text, list)?,
            Value::Null => {}
            Value::Array(items) => {
                for item in items {
                    let inner = item.as_object().ok_or_else(|| Refusal::not_a_string(name))?;
                    fields_of(inner, name)?;
                }
            }
            Value::Bool(_) | Value::Number(_) | Value::Object(_) => {
                return Err(Refusal::not_a_string(name));
            }
        }
    }
    Ok(())
}

fn check_text(name: &str, text: &str, list: &str) -> Result<(), Refusal> {
    if DATES.contains(&name) && !text.is_empty() && !is_timestamp(text) {
        return Err(Refusal::bad_date(name));
    }
    let paper = (list == RESULT_PAPERS).then_some(RESULT_PAPER_NAME);
    let limit = LENGTHS.into_iter().chain(paper).find(|(field, _)| *field == name);
    match limit {
        Some((_, most)) if text.chars().count() > most => Err(Refusal::too_long(name, most)),
        Some(_) | None => Ok(()),
    }
}

fn text<'a>(fields: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    fields.get(name).and_then(Value::as_str)
}

fn own_code<'a>(fields: &'a Map<String, Value>, name: &str, prefixes: &[String]) -> Result<&'a str, Refusal> {
    let code = text(fields, name).ok_or_else(|| Refusal::missing(name))?;
    if belongs_to(code, prefixes) { Ok(code) } else { Err(Refusal::foreign_code(code)) }
}

fn status(fields: &Map<String, Value>, name: &str, last: u8) -> Result<u8, Refusal> {
    let raw = text(fields, name).ok_or_else(|| Refusal::missing(name))?;
    let digits = raw.bytes().all(|byte| byte.is_ascii_digit());
    match raw.parse::<u8>() {
        Ok(value) if digits && (1..=last).contains(&value) => Ok(value),
        Ok(_) | Err(_) => Err(Refusal::bad_status(raw)),
    }
}

/// `yyyyMMddHHmmss`, a moment that exists.
fn is_timestamp(text: &str) -> bool {
    if text.len() != 14 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return false;
    }
    let part = |from: usize, to: usize| text.get(from..to).and_then(|p| p.parse::<u32>().ok());
    let (Some(year), Some(month), Some(day)) = (part(0, 4), part(4, 6), part(6, 8)) else {
        return false;
    };
    let in_day = part(8, 10).is_some_and(|hour| hour < 24)
        && part(10, 12).is_some_and(|minute| minute < 60)
        && part(12, 14).is_some_and(|second| second < 60);
    in_day && (1900..2200).contains(&year) && (1..=days_in(year, month)).contains(&day)
}

/// 0 for a month that does not exist.
fn days_in(year: u32, month: u32) -> u32 {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::is_timestamp;

    #[test]
    fn only_moments_that_exist_are_dates() {
        for good in ["20250115083000", "20240229235959"] {
            assert!(is_timestamp(good), "{good}");
        }
        for bad in [
            "2025-01-15 08:30:00",
            "20250115",
            "20250229000000",
            "20251301000000",
            "20250100000000",
            "20250115240000",
            "20250115086000",
            "2025011508300x",
            "２０２５",
        ] {
            assert!(!is_timestamp(bad), "{bad}");
        }
    }
}
