//! What the one-stop desk sends, read and checked in the office's own names and types; it must not know what the office has.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde_json::{Map, Value, json};

use super::options::Dialect;
use crate::net::digest::{Digest, digest};

/// What is asked of the office.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verb {
    Receive,
    Supplement,
    Return,
    Wrong,
}

impl Verb {
    /// By the last part of the path, in any case as such servers take it. iLIS's name for a wrong result is not public.
    pub(super) fn of(dialect: Dialect, last: &str) -> Option<(&'static str, Self)> {
        let all: [(&'static str, Self); 4] = match dialect {
            Dialect::Vbdlis => [
                ("tiepnhan", Self::Receive),
                ("capnhattrangthaibosunghoso", Self::Supplement),
                ("capnhattrangthaitraketquahoso", Self::Return),
                ("phanhoihososaiketqua", Self::Wrong),
            ],
            Dialect::Ilis => [
                ("TiepNhanHoSo", Self::Receive),
                ("BoSungHoSo", Self::Supplement),
                ("CapNhatTrangThaiHoSo", Self::Return),
                ("PhanHoiHoSoSaiKetQua", Self::Wrong),
            ],
        };
        all.into_iter().find(|(name, _)| name.eq_ignore_ascii_case(last))
    }
}

/// Why a message is refused: the rule and, after a colon, the field; and what the desk is told.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) reason: String,
    pub(super) words: String,
}

impl Refusal {
    fn of(rule: &str, field: &str) -> Self {
        Self { reason: format!("{rule}: {field}"), words: format!("Trường {field} không hợp lệ") }
    }
}

/// A message that keeps the rules.
#[derive(Debug)]
pub(super) struct Message {
    /// `SoBienNhan`
    pub(super) code: String,
    /// Of the whole message, whatever the order of its fields.
    pub(super) digest: Digest,
    /// As it came, files as their names and sizes.
    pub(super) content: Value,
    pub(super) said: Said,
}

#[derive(Debug)]
pub(super) enum Said {
    Receive(Box<Receipt>),
    /// Everything in it that a person would read: the note and the papers' names.
    Supplement {
        words: String,
    },
    Return,
    Wrong,
}

/// What the office works with.
#[derive(Debug, Clone)]
pub(super) struct Receipt {
    pub(super) officer: String,
    pub(super) procedure: String,
    pub(super) received_at: Timestamp,
    pub(super) owner: String,
    pub(super) owner_number: String,
    pub(super) commune: String,
    pub(super) parcel: String,
    pub(super) sheet: String,
    pub(super) area: String,
}

pub(super) fn read(dialect: Dialect, verb: Verb, body: &[u8]) -> Result<Message, Refusal> {
    let value: Value = serde_json::from_slice(body).map_err(|_| Refusal::of("bad-json", "body"))?;
    let fields = Fields(value.as_object().ok_or_else(|| Refusal::of("bad-json", "body"))?);
    let code = fields.text("SoBienNhan")?.to_owned();
    let said = match verb {
        Verb::Receive => Said::Receive(Box::new(receipt(dialect, &fields)?)),
        Verb::Supplement => {
            fields.moment("NgayHenTraMoi", false)?;
            let mut words = fields.any_text("GhiChu").to_owned();
            for paper in fields.papers("DanhSachGiayToBoSung")? {
                words.push('\n');
                words.push_str(&paper);
            }
            Said::Supplement { words }
        }
        Verb::Return => {
            fields.moment("NgayTra", true)?;
            Said::Return
        }
        Verb::Wrong => {
            fields.text("NoiDung")?;
            fields.papers("DanhSachGiayToDinhKem")?;
            Said::Wrong
        }
    };
    let digest = digest(&value);
    Ok(Message { code, digest, content: without_files(value), said })
}

fn receipt(dialect: Dialect, fields: &Fields<'_>) -> Result<Receipt, Refusal> {
    if !fields.get("LaQuyTrinhCapTinh").is_some_and(Value::is_boolean) {
        return Err(Refusal::of("bad-form", "LaQuyTrinhCapTinh"));
    }
    fields.area("TinhId", dialect, true)?;
    // Districts are abolished since 1 July 2025; before, they were sent.
    fields.area("HuyenId", dialect, false)?;
    let commune = fields.area("XaId", dialect, true)?;
    fields.text("MaHoSoMotCua")?;
    let received_at = fields.moment("NgayTiepNhan", true)?.ok_or_else(|| Refusal::of("missing", "NgayTiepNhan"))?;
    fields.moment("NgayHenTra", false)?;
    let applicant = fields.object("ThongTinNguoiNopDon")?;
    let procedure = fields.object("ThongTinQuyTrinh")?;
    let parcels = fields.array("ThongTinThuaDat")?;
    let parcels: Vec<Fields<'_>> = parcels.iter().filter_map(Value::as_object).map(Fields).collect();
    if dialect == Dialect::Ilis && parcels.iter().any(|parcel| parcel.get("DiaChiChiTiet").is_none()) {
        return Err(Refusal::of("missing", "DiaChiChiTiet"));
    }
    fields.papers("DanhSachGiayToDinhKem")?;
    let of_parcel = |name: &str| parcels.first().map_or("", |parcel| parcel.any_text(name)).to_owned();
    Ok(Receipt {
        officer: fields.text("NguoiTiepNhan")?.to_owned(),
        procedure: procedure.text("MaQuyTrinh")?.to_owned(),
        received_at,
        owner: applicant.text("HoTen")?.to_owned(),
        owner_number: applicant.any_text("SoChungMinh").to_owned(),
        commune,
        parcel: of_parcel("SoThuTuThua"),
        sheet: of_parcel("SoHieuBanDo"),
        area: of_parcel("DienTich"),
    })
}

struct Fields<'a>(&'a Map<String, Value>);

impl<'a> Fields<'a> {
    fn get(&self, name: &str) -> Option<&'a Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }

    /// A text that is not blank.
    fn text(&self, name: &str) -> Result<&'a str, Refusal> {
        match self.get(name) {
            Some(Value::String(text)) if !text.trim().is_empty() => Ok(text),
            Some(Value::String(_)) | None => Err(Refusal::of("missing", name)),
            Some(_) => Err(Refusal::of("bad-form", name)),
        }
    }

    fn any_text(&self, name: &str) -> &'a str {
        self.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    fn object(&self, name: &str) -> Result<Fields<'a>, Refusal> {
        self.get(name).and_then(Value::as_object).map(Fields).ok_or_else(|| Refusal::of("missing", name))
    }

    /// Absent is empty.
    fn array(&self, name: &str) -> Result<&'a [Value], Refusal> {
        match self.get(name) {
            None => Ok(&[]),
            Some(Value::Array(items)) => Ok(items),
            Some(_) => Err(Refusal::of("bad-form", name)),
        }
    }

    /// VBDLIS holds whole numbers, so that 01 is 1; iLIS texts of digits.
    fn area(&self, name: &str, dialect: Dialect, needed: bool) -> Result<String, Refusal> {
        match (self.get(name), dialect) {
            (None, _) if needed => Err(Refusal::of("missing", name)),
            (None, _) => Ok(String::new()),
            (Some(Value::Number(number)), Dialect::Vbdlis) if number.as_u64().is_some_and(|n| n > 0) => {
                Ok(number.to_string())
            }
            (Some(Value::String(text)), Dialect::Ilis)
                if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) =>
            {
                Ok(text.clone())
            }
            (Some(_), Dialect::Vbdlis | Dialect::Ilis) => Err(Refusal::of("bad-form", name)),
        }
    }

    /// A time with its zone, or without: then it is UTC as all of the office's own.
    fn moment(&self, name: &str, needed: bool) -> Result<Option<Timestamp>, Refusal> {
        let text = self.any_text(name);
        if text.is_empty() {
            return if needed { Err(Refusal::of("missing", name)) } else { Ok(None) };
        }
        let unzoned = || text.parse::<DateTime>().ok()?.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp());
        match text.parse::<Timestamp>().ok().or_else(unzoned) {
            Some(at) => Ok(Some(at)),
            None => Err(Refusal::of("bad-form", name)),
        }
    }

    /// The papers' names. A file has a name and base64 that decodes.
    fn papers(&self, name: &str) -> Result<Vec<String>, Refusal> {
        let mut names = Vec::new();
        for paper in self.array(name)? {
            let paper = paper.as_object().map(Fields).ok_or_else(|| Refusal::of("bad-form", name))?;
            names.push(paper.text("TenGiayTo")?.to_owned());
            if paper.get("TapTin").is_some() {
                let file = paper.object("TapTin")?;
                file.text("name")?;
                STANDARD.decode(file.text("data")?).map_err(|_| Refusal::of("bad-form", "TapTin"))?;
            }
        }
        Ok(names)
    }
}

/// Each file's base64 becomes the number of its bytes.
fn without_files(mut value: Value) -> Value {
    for list in ["DanhSachGiayToDinhKem", "DanhSachGiayToBoSung"] {
        let papers = value.get_mut(list).and_then(Value::as_array_mut);
        for file in papers.into_iter().flatten().filter_map(|paper| paper.get_mut("TapTin")) {
            let bytes = file.get("data").and_then(Value::as_str).and_then(|data| STANDARD.decode(data).ok());
            if let (Some(bytes), Some(file)) = (bytes, file.as_object_mut()) {
                file.insert("data".to_owned(), json!(bytes.len()));
            }
        }
    }
    value
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A dossier as public clients send it.
    pub(in super::super) fn dossier(dialect: Dialect, code: &str) -> Value {
        let mut parcel = json!({ "SoThuTuThua": "35", "SoHieuBanDo": "45", "DienTich": "120.5" });
        let (province, commune) = match dialect {
            Dialect::Vbdlis => (json!(1), json!(4)),
            Dialect::Ilis => {
                parcel["DiaChiChiTiet"] = json!("Thôn Mẫu");
                (json!("01"), json!("00004"))
            }
        };
        json!({
            "LaQuyTrinhCapTinh": true, "TinhId": province, "HuyenId": null, "XaId": commune,
            "SoBienNhan": code, "MaHoSoMotCua": code, "NguoiTiepNhan": "canbo01",
            "NgayTiepNhan": "2025-01-15T01:30:00Z", "NgayHenTra": "2025-02-15T10:00:00Z", "DiaChiTaiSan": "xã Mẫu",
            "ThongTinNguoiNopDon": { "HoTen": "Nguyễn Văn Mẫu", "SoChungMinh": "038199000001" },
            "ThongTinQuyTrinh": { "MaQuyTrinh": "1.012786", "TenQuyTrinh": "Mẫu" },
            "ThongTinThuaDat": [parcel],
            "DanhSachGiayToDinhKem": [{ "TenGiayTo": "Đơn", "SoBanChinh": 1, "SoBanSao": 0, "TapTin": { "name": "don.pdf", "data": "JVBERi0=" } }],
        })
    }

    fn refused(dialect: Dialect, change: impl FnOnce(&mut Value)) -> String {
        let mut value = dossier(dialect, "H56.14-250115-0007");
        change(&mut value);
        read(dialect, Verb::Receive, value.to_string().as_bytes()).unwrap_err().reason
    }

    #[test]
    fn area_ids_are_numbers_in_one_dialect_and_texts_in_the_other() {
        for dialect in [Dialect::Vbdlis, Dialect::Ilis] {
            let value = dossier(dialect, "H56.14-250115-0007");
            assert!(read(dialect, Verb::Receive, value.to_string().as_bytes()).is_ok());
        }
        assert_eq!(refused(Dialect::Vbdlis, |value| value["XaId"] = json!("00004")), "bad-form: XaId");
        assert_eq!(refused(Dialect::Ilis, |value| value["TinhId"] = json!(1)), "bad-form: TinhId");
    }

    #[test]
    fn what_breaks_a_rule_is_named() {
        let vbdlis = |change: fn(&mut Value)| refused(Dialect::Vbdlis, change);
        assert_eq!(vbdlis(|value| value["SoBienNhan"] = json!(" ")), "missing: SoBienNhan");
        assert_eq!(vbdlis(|value| value["NgayTiepNhan"] = json!("2014/02/30")), "bad-form: NgayTiepNhan");
        assert_eq!(vbdlis(|value| value["LaQuyTrinhCapTinh"] = json!("true")), "bad-form: LaQuyTrinhCapTinh");
        assert_eq!(
            vbdlis(|value| value["DanhSachGiayToDinhKem"][0]["TapTin"]["data"] = json!("%%")),
            "bad-form: TapTin"
        );
        assert_eq!(
            refused(Dialect::Ilis, |value| {
                value["ThongTinThuaDat"][0].as_object_mut().unwrap().remove("DiaChiChiTiet");
            }),
            "missing: DiaChiChiTiet"
        );
        assert_eq!(read(Dialect::Vbdlis, Verb::Return, b"[]").unwrap_err().reason, "bad-json: body");
    }

    #[test]
    fn files_are_kept_as_sizes() {
        let value = dossier(Dialect::Vbdlis, "H56.14-250115-0007");
        let message = read(Dialect::Vbdlis, Verb::Receive, value.to_string().as_bytes()).unwrap();
        assert_eq!(message.content["DanhSachGiayToDinhKem"][0]["TapTin"]["data"], 5);
    }
}
