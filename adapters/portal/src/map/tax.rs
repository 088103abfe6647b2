//! Tax notices and receipts into English: the notice's XML is read without entities or DTD and within limits. Nothing is made up.

use lienthong_core::secret::Personal;
use quick_xml::Reader;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::Event;

use super::dates;
use crate::model::{Payer, TaxNotice, TaxNoticeReceived, TaxPayment, TaxReceiptReceived};
use crate::wire::inbound::{PaymentData, ReceiptData, Row, RowList};
use crate::wire::loose::Text;

#[cfg(test)]
mod tests;

/// Largest document, in bytes.
pub(crate) const XML_BYTES: usize = 8 * 1024 * 1024;
/// Deepest nesting; the document itself has five levels.
const DEPTH: usize = 16;
/// Most decisions of one document.
const ROWS: usize = 20_000;
/// Longest text of one element, in bytes.
const TEXT_BYTES: usize = 16 * 1024;

const ROW_LIST: [&str; 3] = ["DATA", "BODY", "ROW_LIST"];
const LIST: [&str; 4] = ["DATA", "BODY", "ROW_LIST", "LIST"];

/// The dossiers of `/DATA/BODY/ROW_LIST`, in order. The error says what is wrong, without the text.
pub(crate) fn read_notices(document: &[u8]) -> Result<Vec<RowList>, &'static str> {
    if document.len() > XML_BYTES {
        return Err("the document is larger than 8 MiB");
    }
    let text = std::str::from_utf8(lienthong_kit::fault::without_mark(document))
        .map_err(|_| "the document is not UTF-8; it may be in a legacy encoding")?;
    let mut reader = Reader::from_str(text);
    reader.config_mut().expand_empty_elements = true;
    let mut notices = Notices::default();
    loop {
        match reader.read_event().map_err(|_| "the document is not well-formed XML")? {
            Event::Start(start) => notices.open(start.local_name().as_ref())?,
            Event::End(_) => notices.close()?,
            Event::Text(text) => notices.text(&text.xml10_content())?,
            Event::CData(text) => notices.text(&text.xml10_content())?,
            Event::GeneralRef(reference) => match reference.resolve_char_ref() {
                Ok(Some(character)) => notices.text(character.encode_utf8(&mut [0; 4]))?,
                Ok(None) => {
                    notices.text(resolve_predefined_entity(&reference).ok_or("the document uses an entity")?)?
                }
                Err(_) => return Err("the document holds a bad character reference"),
            },
            Event::Decl(declaration) => match declaration.encoding() {
                None => {}
                Some(Ok(name)) if name.eq_ignore_ascii_case("utf-8") => {}
                Some(Ok(_) | Err(_)) => return Err("the document declares an encoding that is not UTF-8"),
            },
            Event::DocType(_) => return Err("the document holds a DTD"),
            Event::Empty(_) | Event::Comment(_) | Event::PI(_) => {}
            Event::Eof => return notices.finish(),
        }
    }
}

/// What was read so far.
#[derive(Default)]
struct Notices {
    path: Vec<String>,
    text: String,
    rows: usize,
    found: Vec<RowList>,
}

impl Notices {
    fn open(&mut self, name: &str) -> Result<(), &'static str> {
        if self.path.len() >= DEPTH {
            return Err("the document is nested too deeply");
        }
        if self.path.is_empty() && name != "DATA" {
            return Err("the document's root is not DATA");
        }
        self.path.push(name.to_owned());
        self.text.clear();
        if self.path == ROW_LIST {
            self.found.push(RowList::default());
        }
        if self.path == LIST {
            self.rows = self.rows.saturating_add(1);
            if self.rows > ROWS {
                return Err("the document holds too many decisions");
            }
            if let Some(dossier) = self.found.last_mut() {
                dossier.list.push(Row::default());
            }
        }
        Ok(())
    }

    fn text(&mut self, more: &str) -> Result<(), &'static str> {
        if self.text.len().saturating_add(more.len()) > TEXT_BYTES {
            return Err("an element's text is too long");
        }
        self.text.push_str(more);
        Ok(())
    }

    fn close(&mut self) -> Result<(), &'static str> {
        let Some(name) = self.path.pop() else { return Err("the document is not well-formed XML") };
        let text = super::nfc(self.text.trim()).into_owned();
        self.text.clear();
        let Some(dossier) = self.found.last_mut() else { return Ok(()) };
        if self.path == ROW_LIST && name == "MA_HSO" {
            keep(&mut dossier.ma_hso, text);
        } else if self.path == LIST
            && let Some(row) = dossier.list.last_mut()
        {
            match name.as_str() {
                "MA_SO_THUE" => keep(&mut row.ma_so_thue, text),
                "SO_QUYET_DINH" => keep(&mut row.so_quyet_dinh, text),
                "NGAY_QUYET_DINH" => keep(&mut row.ngay_quyet_dinh, text),
                // One of the two known receivers reads one spelling, one the other.
                "TEN_TIEU_MUC" | "TEN_TIEUMUC" => keep(&mut row.ten_tieu_muc, text),
                "SO_TIEN" => keep(&mut row.so_tien, text),
                _unknown => {}
            }
        }
        Ok(())
    }

    fn finish(self) -> Result<Vec<RowList>, &'static str> {
        if !self.path.is_empty() {
            return Err("the document breaks off");
        }
        if self.found.is_empty() {
            return Err("the document names no dossier");
        }
        let complete = |dossier: &RowList| {
            let RowList { ma_hso, list } = dossier;
            !ma_hso.is_empty() && !list.is_empty() && list.iter().all(|row| !row.so_quyet_dinh.is_empty())
        };
        if !self.found.iter().all(complete) {
            return Err("a ROW_LIST lacks its MA_HSO, its LIST or a SO_QUYET_DINH");
        }
        Ok(self.found)
    }
}

/// The first text that is not blank stays.
fn keep(field: &mut String, text: String) {
    if field.is_empty() {
        *field = text;
    }
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

/// A receipt, or what is missing.
pub(crate) fn receipt(data: ReceiptData, updating: Option<bool>) -> Result<TaxReceiptReceived, &'static str> {
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
        return Err("MaHoSo is missing");
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

fn payment(data: PaymentData) -> Result<TaxPayment, &'static str> {
    let PaymentData { ma_thong_bao_thue, thoi_gian_thanh_toan, so_tien, noi_dung_thanh_toan, trang_thai_thanh_toan } =
        data;
    let notice_number = plain(ma_thong_bao_thue);
    if notice_number.is_empty() {
        return Err("MaThongBaoThue is missing");
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
