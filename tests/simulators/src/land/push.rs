//! What the office pushes to the one-stop desk, in its own names, dialect by dialect, and how the desk's reply is read; it must not send.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::options::{Desk, Dialect};

/// A paper with a link.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileLink {
    /// `TenGiayTo`
    pub name: String,
    /// `LinkFile`
    pub link: String,
}

/// A tax notice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    pub owner: String,
    /// `LoaiThue`
    pub tax: String,
    /// `SoThongBaoThue`: the number of the decision.
    pub number: String,
    pub link: String,
}

/// One push about one dossier.
#[derive(Clone, Debug, PartialEq)]
pub enum Push {
    /// `ChuyenHoSo`
    Forward {
        from: String,
        to: String,
        status: String,
        note: String,
        at: Timestamp,
        until: Timestamp,
        files: Vec<FileLink>,
    },
    /// `YeuCauBoSungHoSo`
    RequestSupplement { officer: String, at: Timestamp, note: String, file: Option<FileLink> },
    /// `NhanBoSungHoSo`
    SupplementReceived { at: Timestamp, due: Timestamp },
    /// `GuiKetQuaThue`, in iLIS `CapNhatKetQuaThongBaoThue`
    TaxResult { officer: String, at: Timestamp, note: String, notices: Vec<Notice> },
    /// `KetThucHoSo`. `outcome`: 0 is a result, anything else returned or withdrawn.
    Finished { officer: String, at: Timestamp, outcome: u8, files: Vec<FileLink> },
    /// Any other, with its fields beside `SoBienNhan`.
    Other { name: String, fields: Value },
}

impl Push {
    /// The last part of its address, before the secret.
    pub fn name(&self, dialect: Dialect) -> &str {
        match (self, dialect) {
            (Self::Forward { .. }, _) => "ChuyenHoSo",
            (Self::RequestSupplement { .. }, _) => "YeuCauBoSungHoSo",
            (Self::SupplementReceived { .. }, _) => "NhanBoSungHoSo",
            (Self::TaxResult { .. }, Dialect::Vbdlis) => "GuiKetQuaThue",
            (Self::TaxResult { .. }, Dialect::Ilis) => "CapNhatKetQuaThongBaoThue",
            (Self::Finished { .. }, _) => "KetThucHoSo",
            (Self::Other { name, .. }, _) => name,
        }
    }

    /// The body. `marked`: times end with `Z`; they are UTC either way.
    pub fn body(&self, code: &str, dialect: Dialect, marked: bool) -> Value {
        let utc = |at: &Timestamp| written(*at, marked);
        let mut body = match self {
            Self::Forward { from, to, status, note, at, until, files } => json!({
                "MaCanBoChuyen": from,
                "MaCanBoNhan": to,
                "MaTrangThai": status,
                "LaTrangThaiChuyenLai": false,
                "NoiDungXuLy": note,
                "NgayChuyen": utc(at),
                "HanXuLy": utc(until),
                "DanhSachTapTin": files.iter().map(paper).collect::<Vec<_>>(),
            }),
            Self::RequestSupplement { officer, at, note, file } => json!({
                "NgayChoBoSung": utc(at),
                "MaCanBoXuLy": officer,
                "LaTamDung": true,
                "GhiChu": note,
                "TapTin": file.as_ref().map(paper),
            }),
            Self::SupplementReceived { at, due } => json!({ "NgayNhanBoSung": utc(at), "NgayHenTraMoi": utc(due) }),
            Self::TaxResult { officer, at, note, notices } => json!({
                "NguoiXuLy": officer,
                "NgayCoKetQuaThue": utc(at),
                "GhiChu": note,
                "DanhSachThongBaoThue": notices.iter().map(|one| notice(one, dialect)).collect::<Vec<_>>(),
            }),
            Self::Finished { officer, at, outcome, files } => json!({
                "NgayKetThuc": utc(at),
                "MaCanBoXuLy": officer,
                "TrangThaiKetThuc": outcome,
                "DanhSachGiayToKetQua": files.iter().map(paper).collect::<Vec<_>>(),
            }),
            Self::Other { fields, .. } => fields.clone(),
        };
        if let Some(fields) = body.as_object_mut() {
            fields.insert("SoBienNhan".to_owned(), Value::from(code));
        }
        body
    }
}

impl Desk {
    /// Where a push of this name goes.
    pub(super) fn address(&self, dialect: Dialect, name: &str) -> String {
        let (base, secret) = (self.base.trim_end_matches('/'), escaped(&self.secret));
        match dialect {
            Dialect::Vbdlis => format!("{base}/VBDLIS/{name}/{secret}"),
            Dialect::Ilis => format!("{base}/{name}?CodeGet={secret}"),
        }
    }
}

fn paper(file: &FileLink) -> Value {
    let FileLink { name, link } = file;
    json!({ "TenGiayTo": name, "KieuFile": "pdf", "LinkFile": link, "SoBanSao": 0, "SoBanChinh": 1 })
}

fn notice(notice: &Notice, dialect: Dialect) -> Value {
    let Notice { owner, tax, number, link } = notice;
    let (owner_name, link_name) = match dialect {
        Dialect::Vbdlis => ("HoTenChu", "DuongDanThongBaoThue"),
        Dialect::Ilis => ("HoVaChu", "DuongDanTBT"),
    };
    json!({ owner_name: owner, "LoaiThue": tax, "SoThongBaoThue": number, link_name: link })
}

fn written(at: Timestamp, marked: bool) -> String {
    at.strftime(if marked { "%Y-%m-%dT%H:%M:%SZ" } else { "%Y-%m-%dT%H:%M:%S" }).to_string()
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

/// What the desk answered: `{Result: 1|0, Message}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PushReply {
    /// HTTP status.
    pub status: u16,
    /// `Result`; `None` where the answer cannot be read.
    pub result: Option<i64>,
    /// `Message`, or the beginning of what came instead.
    pub message: String,
}

impl PushReply {
    pub(super) fn read(status: u16, body: &str) -> Self {
        let read: Option<Value> = serde_json::from_str(body).ok();
        let field = |name: &str| read.as_ref().and_then(|read| read.get(name));
        let result = field("Result").and_then(|value| value.as_i64().or_else(|| value.as_str()?.parse().ok()));
        let message = field("Message").and_then(Value::as_str).map(str::to_owned);
        Self { status, result, message: message.unwrap_or_else(|| body.chars().take(200).collect()) }
    }

    /// Whether it is an answer at all: such clients read HTTP 200 and `Result`, and nothing else.
    pub(super) fn is_answer(&self) -> bool {
        self.status == 200 && self.result.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CODE: &str = "H56.14-250115-0007";

    fn tax_result() -> Push {
        let notice = Notice {
            owner: "Nguyễn Văn Mẫu".to_owned(),
            tax: "Lệ phí trước bạ".to_owned(),
            number: "LTB2512345-TK0000002/TB-CCT".to_owned(),
            link: "/files/tb.pdf".to_owned(),
        };
        let at = "2025-01-25T09:00:00+07:00".parse().unwrap();
        Push::TaxResult { officer: "canbo01".to_owned(), at, note: String::new(), notices: vec![notice] }
    }

    #[test]
    fn a_tax_result_has_its_own_names_in_each_dialect() {
        let push = tax_result();
        let vbdlis = push.body(CODE, Dialect::Vbdlis, true);
        assert_eq!(push.name(Dialect::Vbdlis), "GuiKetQuaThue");
        assert_eq!(vbdlis["NgayCoKetQuaThue"], "2025-01-25T02:00:00Z");
        assert_eq!(vbdlis["DanhSachThongBaoThue"][0]["DuongDanThongBaoThue"], "/files/tb.pdf");
        let ilis = push.body(CODE, Dialect::Ilis, false);
        assert_eq!(push.name(Dialect::Ilis), "CapNhatKetQuaThongBaoThue");
        assert_eq!((&ilis["NgayCoKetQuaThue"], &ilis["SoBienNhan"]), (&json!("2025-01-25T02:00:00"), &json!(CODE)));
        assert_eq!(ilis["DanhSachThongBaoThue"][0]["HoVaChu"], "Nguyễn Văn Mẫu");
        assert_eq!(ilis["DanhSachThongBaoThue"][0]["DuongDanTBT"], "/files/tb.pdf");
    }

    #[test]
    fn the_secret_stands_in_the_path_or_in_the_query() {
        let desk = Desk { base: "http://desk.test/in/land/".to_owned(), secret: "a/b c".to_owned() };
        assert_eq!(
            desk.address(Dialect::Vbdlis, "KetThucHoSo"),
            "http://desk.test/in/land/VBDLIS/KetThucHoSo/a%2Fb%20c"
        );
        assert_eq!(
            desk.address(Dialect::Ilis, "KetThucHoSo"),
            "http://desk.test/in/land/KetThucHoSo?CodeGet=a%2Fb%20c"
        );
    }

    #[test]
    fn only_a_result_with_200_is_an_answer() {
        assert_eq!(PushReply::read(200, r#"{"Result":"1","Message":"ok"}"#).result, Some(1));
        assert!(PushReply::read(200, r#"{"Result":0,"Message":"Không tìm thấy hồ sơ!"}"#).is_answer());
        assert!(!PushReply::read(503, r#"{"Result":0}"#).is_answer());
        assert!(!PushReply::read(200, "<html>").is_answer());
    }
}
