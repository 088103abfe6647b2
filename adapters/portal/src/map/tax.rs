//! Tax notices and receipts into English: the notice's XML is read without entities or DTD and within limits. Nothing is made up.

use lienthong_core::secret::Personal;
use lienthong_formats::xml::{self, Element, Limits};

use super::dates;
use crate::model::{Payer, TaxNotice, TaxNoticeReceived, TaxPayment, TaxReceiptReceived};
use crate::wire::inbound::{PaymentData, ReceiptData, Row, RowList};
use crate::wire::loose::Text;

#[cfg(test)]
mod tests;

/// Largest document, in bytes.
pub(crate) const XML_BYTES: usize = 8 * 1024 * 1024;
/// The document itself has five levels.
const LIMITS: Limits =
    Limits { bytes: XML_BYTES, depth: 16, elements: 200_000, text_bytes: 16 * 1024, ..Limits::MESSAGE };
/// Most decisions of one document.
const ROWS: usize = 20_000;

/// The dossiers of `/DATA/BODY/ROW_LIST`, in order. The error says what is wrong, without the text.
pub(crate) fn read_notices(document: &[u8]) -> Result<Vec<RowList>, String> {
    let data = xml::read(document, &LIMITS).map_err(|error| error.to_string())?;
    if data.name != "DATA" {
        return Err("the document's root is not DATA".to_owned());
    }
    let lists = data.children_named("BODY").flat_map(|body| body.children_named("ROW_LIST"));
    let found: Vec<RowList> = lists.map(dossier).collect();
    if found.is_empty() {
        return Err("the document names no dossier".to_owned());
    }
    if found.iter().map(|dossier| dossier.list.len()).sum::<usize>() > ROWS {
        return Err("the document holds too many decisions".to_owned());
    }
    Ok(found)
}

/// A `ROW_LIST` taken apart.
pub(crate) struct Sorted {
    /// What can be understood, where anything can.
    pub(crate) whole: Option<RowList>,
    /// What cannot, each with what is wrong: (pointer into the notice, problem).
    pub(crate) broken: Vec<(RowList, String, &'static str)>,
}

/// Takes what lacks its dossier, its decisions or a decision's number apart from what is complete.
pub(crate) fn sorted(RowList { ma_hso, list }: RowList) -> Sorted {
    let alone = |list: Vec<Row>, pointer: &str, problem| {
        let broken = vec![(RowList { ma_hso: ma_hso.clone(), list }, pointer.to_owned(), problem)];
        Sorted { whole: None, broken }
    };
    if ma_hso.is_empty() {
        return alone(list, "/code", "is missing (MA_HSO)");
    }
    if list.is_empty() {
        return alone(list, "/notices", "is empty (LIST)");
    }
    let (numbered, unnumbered): (Vec<Row>, Vec<Row>) = list.into_iter().partition(|row| !row.so_quyet_dinh.is_empty());
    let broken = unnumbered.into_iter().map(|row| {
        let part = RowList { ma_hso: ma_hso.clone(), list: vec![row] };
        (part, "/notices/0/decision_number".to_owned(), "is missing (SO_QUYET_DINH)")
    });
    let broken = broken.collect();
    let whole = (!numbered.is_empty()).then_some(RowList { ma_hso: ma_hso.clone(), list: numbered });
    Sorted { whole, broken }
}

fn dossier(rows: &Element) -> RowList {
    RowList { ma_hso: text(rows, &["MA_HSO"]), list: rows.children_named("LIST").map(row).collect() }
}

fn row(list: &Element) -> Row {
    Row {
        ma_so_thue: text(list, &["MA_SO_THUE"]),
        so_quyet_dinh: text(list, &["SO_QUYET_DINH"]),
        ngay_quyet_dinh: text(list, &["NGAY_QUYET_DINH"]),
        // One of the two known receivers reads one spelling, one the other.
        ten_tieu_muc: text(list, &["TEN_TIEU_MUC", "TEN_TIEUMUC"]),
        so_tien: text(list, &["SO_TIEN"]),
    }
}

/// The first text of an element with one of these names that is not blank.
fn text(of: &Element, names: &[&str]) -> String {
    let named = of.children.iter().filter(|child| names.contains(&child.name.as_str()));
    let said = named.map(|child| child.text.trim()).find(|text| !text.is_empty());
    super::nfc(said.unwrap_or_default()).into_owned()
}

/// One dossier's notices.
pub(crate) fn notice(rows: RowList, day: Option<jiff::civil::Date>, updating: Option<bool>) -> TaxNoticeReceived {
    let RowList { ma_hso, list } = rows;
    TaxNoticeReceived { code: ma_hso, day, updating, notices: list.into_iter().map(decision).collect() }
}

fn decision(row: Row) -> TaxNotice {
    let Row { ma_so_thue, so_quyet_dinh, ngay_quyet_dinh, ten_tieu_muc, so_tien } = row;
    let decision_date = dates::read_notice_day(&ngay_quyet_dinh);
    let (amount, amount_text) = amount(so_tien);
    TaxNotice {
        tax_code: Personal(ma_so_thue),
        decision_number: so_quyet_dinh,
        decision_date,
        // A bad date stays the text that came: made into some date, it would be a lie.
        decision_date_text: unread(decision_date.is_some(), ngay_quyet_dinh),
        subject: ten_tieu_muc,
        amount,
        amount_text,
    }
}

/// Where a receipt names its dossier.
pub(crate) const RECEIPT_CODE: &str = "/MaHoSo";

/// A receipt, or what is wrong with it: (pointer into the receipt, problem).
pub(crate) fn receipt(
    data: ReceiptData,
    updating: Option<bool>,
) -> Result<TaxReceiptReceived, (&'static str, &'static str)> {
    let ReceiptData {
        ma_ho_so,
        ho_ten_nguoi_nop_tien,
        so_cmt_nguoi_nop_tien,
        dia_chi_nguoi_nop_tien,
        tinh_nguoi_nop_tien,
        huyen_nguoi_nop_tien,
        xa_nguoi_nop_tien,
        ma_so_thue,
        url_file_chung_tu,
        thong_tin_thanh_toan,
    } = data;
    let code = plain(ma_ho_so);
    if code.is_empty() {
        return Err((RECEIPT_CODE, "is missing"));
    }
    let receipt_url = plain(url_file_chung_tu);
    Ok(TaxReceiptReceived {
        code,
        updating,
        payer: Payer {
            name: Personal(plain(ho_ten_nguoi_nop_tien)),
            identity_number: Personal(plain(so_cmt_nguoi_nop_tien)),
            address: Personal(plain(dia_chi_nguoi_nop_tien)),
            province_code: plain(tinh_nguoi_nop_tien),
            district_code: plain(huyen_nguoi_nop_tien),
            commune_code: plain(xa_nguoi_nop_tien),
        },
        tax_code: Personal(plain(ma_so_thue)),
        receipt_url: (!receipt_url.is_empty()).then_some(receipt_url),
        payment: payment(thong_tin_thanh_toan)?,
    })
}

fn payment(data: PaymentData) -> Result<TaxPayment, (&'static str, &'static str)> {
    let PaymentData { ma_thong_bao_thue, thoi_gian_thanh_toan, so_tien, noi_dung_thanh_toan, trang_thai_thanh_toan } =
        data;
    let notice_number = plain(ma_thong_bao_thue);
    if notice_number.is_empty() {
        return Err(("/ThongTinThanhToan/MaThongBaoThue", "is missing"));
    }
    let paid_at_text = plain(thoi_gian_thanh_toan);
    let paid_at = dates::read_moment(&paid_at_text);
    let (amount, amount_text) = amount(plain(so_tien));
    let status_code = plain(trang_thai_thanh_toan);
    Ok(TaxPayment {
        notice_number,
        paid_at,
        paid_at_text: unread(paid_at.is_some(), paid_at_text),
        amount,
        amount_text,
        content: plain(noi_dung_thanh_toan),
        paid: status_code == "1",
        status_code,
    })
}

fn plain(Text(text): Text) -> String {
    super::nfc(text.trim()).into_owned()
}

/// Decimal digits are an amount; anything else stays text.
fn amount(text: String) -> (Option<String>, Option<String>) {
    let digits = !text.is_empty() && text.len() <= 18 && text.bytes().all(|byte| byte.is_ascii_digit());
    match digits {
        true => (Some(text), None),
        false => (None, unread(false, text)),
    }
}

/// The text, where it was not understood and is not blank.
fn unread(understood: bool, text: String) -> Option<String> {
    (!understood && !text.is_empty()).then_some(text)
}
