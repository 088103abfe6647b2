//! `<DATA>` as GIP answers it, with its habits: month first in the date, one total a taxpayer, free text where numbers belong; it must not look anything up.

use jiff::Timestamp;
use jiff::tz::Offset;

use super::ledger::Debt;
use super::message::{HEADER, Header};
use super::options::{NotFound, Texts};
use super::taxpayers::Taxpayer;
use crate::net::xml::escaped;

/// What every answer's header says.
#[derive(Clone, Copy)]
pub(super) struct Stamp<'a> {
    pub(super) to: &'a Header,
    pub(super) now: Timestamp,
    /// Counts answers of the day.
    pub(super) turn: u64,
}

/// An element; empty ones are written short.
fn element(name: &str, text: &str) -> String {
    if text.is_empty() { format!("<{name}/>") } else { format!("<{name}>{}</{name}>", escaped(text)) }
}

fn data(stamp: Stamp<'_>, error: Option<(&str, &str)>, row: &str) -> String {
    let Stamp { to, now, turn } = stamp;
    let here = Offset::constant(7).to_datetime(now);
    let (code, words) = error.unwrap_or_default();
    let header: String = HEADER
        .iter()
        .map(|name| match *name {
            "VERSION" => element(name, "1"),
            "SENDER_CODE" | "ORIGINAL_CODE" => element(name, "GIP"),
            "SENDER_NAME" => element(name, "Hệ Thống GIP"),
            "RECEIVER_CODE" => element(name, &to.sender),
            "RECEIVER_NAME" => element(name, &to.sender_name),
            "TRAN_CODE" => element(name, "05011"),
            "MSG_ID" => element(name, &format!("GIP{}{turn:07}", here.strftime("%Y%m%d"))),
            "MSG_REFID" => element(name, &to.message_id),
            "SEND_DATE" => element(name, &here.strftime("%m-%d-%Y").to_string()),
            "ERROR_CODE" => element(name, code),
            "ERROR_DESC" => element(name, words),
            _empty => element(name, ""),
        })
        .collect();
    format!("<DATA><HEADER>{header}</HEADER><BODY>{row}</BODY></DATA>")
}

/// An error in the header, and nothing else.
pub(super) fn error(stamp: Stamp<'_>, code: &str, words: &str) -> String {
    data(stamp, Some((code, words)), "")
}

pub(super) fn taxpayer(stamp: Stamp<'_>, texts: &Texts, habit: NotFound, found: Option<&Taxpayer>) -> String {
    let inside = match (found, habit) {
        (Some(found), _) => described(found),
        (None, NotFound::EmptyRow) => "<THONGTINCHUNG/><DIACHI/>".to_owned(),
        (None, NotFound::ErrorHeader) => return error(stamp, &texts.no_taxpayer, "Không tìm thấy người nộp thuế"),
    };
    let kind = element("TYPE", &texts.taxpayer_answer);
    data(
        stamp,
        None,
        &format!("<ROW>{kind}<NAME>Kết quả truy vấn MST</NAME><THONGTIN_NNT>{inside}</THONGTIN_NNT></ROW>"),
    )
}

fn described(found: &Taxpayer) -> String {
    let Taxpayer { tax_code, name, kind, number, status, commune } = found;
    let closed = if *status == "01" { "31/12/2024" } else { "" };
    let row: String = [
        ("MST", tax_code.as_str()),
        ("TEN_NNT", name),
        ("LOAI_NNT", kind),
        ("SO", number),
        ("CHUONG", "754"),
        ("CAP_CHUONG", "3"),
        ("CQT_QL", "1054000"),
        ("NGAYCAP_MST", "01/01/2015"),
        ("CHAN_DATE", closed),
        ("TRANG_THAI", status),
    ]
    .iter()
    .map(|(name, text)| element(name, text))
    .collect();
    let place: String =
        [("MOTA_DIACHI", "Số 1 đường Mẫu"), ("MA_TINH", "38TTT"), ("MA_HUYEN", "380HH"), ("MA_XA", commune)]
            .iter()
            .map(|(name, text)| element(name, text))
            .collect();
    format!("<THONGTINCHUNG><ROW_NNT>{row}</ROW_NNT></THONGTINCHUNG><DIACHI><ROW_DIACHI>{place}</ROW_DIACHI></DIACHI>")
}

/// `00110`. `debts`: of one dossier; none means that nothing is owed or known, as `state` says.
pub(super) fn ledger(stamp: Stamp<'_>, state: (&str, &str), debts: &[Debt]) -> String {
    let (code, words) = state;
    let mut totals = String::new();
    // One total a taxpayer and decision, as the sample has two totals of one taxpayer.
    let mut decisions: Vec<&str> = Vec::new();
    for debt in debts {
        if !decisions.contains(&debt.decision.as_str()) {
            decisions.push(&debt.decision);
        }
    }
    for decision in decisions {
        let rows: Vec<&Debt> = debts.iter().filter(|debt| debt.decision == decision).collect();
        let sum: u64 = rows.iter().map(|debt| debt.amount).sum();
        let tax_code = rows.first().map_or("", |debt| debt.tax_code.as_str());
        totals.push_str(&format!(
            "<TONG_TIEN>{}{}",
            element("MA_SO_THUE", tax_code),
            element("TT_NNT", &sum.to_string())
        ));
        for debt in rows {
            totals.push_str(&row(debt));
        }
        totals.push_str("</TONG_TIEN>");
    }
    let head = format!("{}{}", element("TRANGTHAI", code), element("MOTA_TRANGTHAI", words));
    let kind = "<TYPE>00110</TYPE><NAME>Trả lời truy vấn sổ thuế nhà đất</NAME>";
    data(stamp, None, &format!("<ROW>{kind}<SOTHUE>{head}{totals}</SOTHUE></ROW>"))
}

fn row(debt: &Debt) -> String {
    let Debt { dossier, tax_code, owner_number, owner_name, decision, decided_on, item, item_name, amount, due } = debt;
    let (decided, due, amount) = (format!("{decided_on} 08:05:25.0"), format!("{due} 00:00:00.0"), amount.to_string());
    let fields = [
        ("MA_HS", dossier.as_str()),
        ("MA_GCN", ""),
        ("SO_THUADAT", "Thửa 35"),
        ("SO_TO_BANDO", "Bản đồ 45"),
        ("DIA_CHI_TS", "xã Mẫu, huyện Mẫu, tỉnh Đồng Nai"),
        ("MA_TINH_TS", "713"),
        ("TEN_TINH_TS", "Đồng Nai"),
        ("MA_HUYEN_TS", "71317"),
        ("TEN_HUYEN_TS", "Huyện Mẫu"),
        ("MA_XA_TS", "7131703"),
        ("TEN_XA_TS", "Xã Mẫu"),
        ("MA_DBHC", "26476"),
        ("MA_SO_THUE", tax_code),
        ("TEN_NNT", owner_name),
        ("SO", owner_number),
        ("MOTA_DIACHI", "Số 1"),
        ("MA_TINH", "713"),
        ("TEN_TINH", "Đồng Nai"),
        ("MA_HUYEN", "71301"),
        ("TEN_HUYEN", "Thành phố Mẫu"),
        ("MA_XA", "7130133"),
        ("TEN_XA", "Phường Mẫu"),
        ("SO_QUYET_DINH", decision),
        ("NGAY_QUYET_DINH", &decided),
        ("MA_CHUONG", "757"),
        ("MA_TMUC", item),
        ("TEN_TMUC", item_name),
        ("LOAI_TK_NSNN", "7111"),
        ("MA_CQUAN_THU", "1054367"),
        ("SO_CON_PHAI_NOP", &amount),
        ("HAN_NOP", &due),
        ("SHKB", "1769"),
    ];
    let inside: String = fields.iter().map(|(name, text)| element(name, text)).collect();
    format!("<ROW_SOTHUE>{inside}</ROW_SOTHUE>")
}

/// A slip was taken. INFERENCE: its answer is not public; this is the shape of the others.
pub(super) fn slip(stamp: Stamp<'_>, texts: &Texts, dossier: &str) -> String {
    let inside: String = [
        ("TYPE", texts.slip_answer.as_str()),
        ("NAME", "Trả lời tiếp nhận phiếu chuyển"),
        ("MA_HS", dossier),
        ("TRANGTHAI", "01"),
        ("MOTA_TRANGTHAI", "Tiếp nhận thành công"),
    ]
    .iter()
    .map(|(name, text)| element(name, text))
    .collect();
    data(stamp, None, &format!("<ROW>{inside}</ROW>"))
}

/// An answer of a type nobody asked for.
pub(super) fn other_type(stamp: Stamp<'_>) -> String {
    data(stamp, None, "<ROW><TYPE>00047</TYPE><NAME>Kết quả truy vấn sổ thuế LPTB</NAME><SOTHUE/></ROW>")
}
