//! Shapes of answers, every text as it stands: header, taxpayers, ledger rows. An element that stands twice where one belongs is refused; nothing else is judged.

use lienthong_formats::xml::{self, Element, Limits};

use super::envelope::Unread;

/// What of an answer's header tells anything.
#[derive(Default)]
pub(crate) struct AnswerHeader {
    pub(crate) message_id: String,
    pub(crate) reference: String,
    pub(crate) send_date: String,
    pub(crate) error_code: String,
    pub(crate) error_words: String,
}

/// `<DATA>` of an answer: its header, and the row where there is one.
pub(crate) struct Answer {
    pub(crate) header: AnswerHeader,
    pub(crate) row: Option<Row>,
}

/// `BODY/ROW`, its type read.
pub(crate) struct Row {
    pub(crate) kind: String,
    pub(crate) inside: Element,
}

/// `THONGTIN_NNT`
pub(crate) struct TaxpayerInfo {
    pub(crate) rows: Vec<TaxpayerRow>,
    pub(crate) addresses: Vec<AddressRow>,
}

/// `ROW_NNT`
pub(crate) struct TaxpayerRow {
    pub(crate) mst: String,
    pub(crate) ten_nnt: String,
    pub(crate) loai_nnt: String,
    pub(crate) so: String,
    pub(crate) chuong: String,
    pub(crate) cap_chuong: String,
    pub(crate) cqt_ql: String,
    pub(crate) ngaycap_mst: String,
    pub(crate) chan_date: String,
    pub(crate) trang_thai: String,
}

/// Three levels of the tax authority's areas, codes and names.
pub(crate) struct AreaFields {
    pub(crate) ma_tinh: String,
    pub(crate) ten_tinh: String,
    pub(crate) ma_huyen: String,
    pub(crate) ten_huyen: String,
    pub(crate) ma_xa: String,
    pub(crate) ten_xa: String,
}

/// `ROW_DIACHI`
pub(crate) struct AddressRow {
    pub(crate) mota_diachi: String,
    pub(crate) area: AreaFields,
}

/// `SOTHUE` of a land ledger.
pub(crate) struct Ledger {
    pub(crate) trangthai: String,
    pub(crate) mota_trangthai: String,
    pub(crate) totals: Vec<Total>,
}

/// `TONG_TIEN`
pub(crate) struct Total {
    pub(crate) ma_so_thue: String,
    pub(crate) tt_nnt: String,
    pub(crate) rows: Vec<LedgerRow>,
}

/// `ROW_SOTHUE` of a land ledger.
pub(crate) struct LedgerRow {
    pub(crate) ma_hs: String,
    pub(crate) ma_gcn: String,
    pub(crate) so_thuadat: String,
    pub(crate) so_to_bando: String,
    pub(crate) dia_chi_ts: String,
    /// `MA_TINH_TS` and so on: where the parcel lies.
    pub(crate) asset_area: AreaFields,
    pub(crate) ma_dbhc: String,
    pub(crate) ma_so_thue: String,
    pub(crate) ten_nnt: String,
    pub(crate) so: String,
    pub(crate) mota_diachi: String,
    /// `MA_TINH` and so on: where the owner lives.
    pub(crate) owner_area: AreaFields,
    pub(crate) so_quyet_dinh: String,
    pub(crate) ngay_quyet_dinh: String,
    pub(crate) ma_chuong: String,
    pub(crate) ma_tmuc: String,
    pub(crate) ten_tmuc: String,
    pub(crate) loai_tk_nsnn: String,
    pub(crate) ma_cquan_thu: String,
    pub(crate) so_con_phai_nop: String,
    pub(crate) han_nop: String,
    pub(crate) shkb: String,
}

/// `<DATA>` in a text.
pub(crate) fn read(message: &str) -> Result<Answer, Unread> {
    let root = xml::read(message.trim().as_bytes(), &Limits::MESSAGE)?;
    if root.name != "DATA" {
        return Err(Unread::shape("is no DATA"));
    }
    let header = one(&root, "HEADER")?.ok_or_else(|| Unread::shape("has no HEADER"))?;
    let row = match one(&root, "BODY")? {
        None => None,
        Some(body) => one(body, "ROW")?,
    };
    Ok(Answer {
        header: AnswerHeader {
            message_id: text(header, "MSG_ID")?,
            reference: text(header, "MSG_REFID")?,
            send_date: text(header, "SEND_DATE")?,
            error_code: text(header, "ERROR_CODE")?,
            error_words: text(header, "ERROR_DESC")?,
        },
        row: row.map(|row| Ok::<_, Unread>(Row { kind: text(row, "TYPE")?, inside: row.clone() })).transpose()?,
    })
}

impl Row {
    /// A text of the row itself.
    pub(crate) fn text(&self, name: &str) -> Result<String, Unread> {
        text(&self.inside, name)
    }

    /// `THONGTIN_NNT`, where it is there at all.
    pub(crate) fn taxpayers(&self) -> Result<Option<TaxpayerInfo>, Unread> {
        let Some(info) = one(&self.inside, "THONGTIN_NNT")? else { return Ok(None) };
        let below = |parent: &str, name: &str| -> Result<Vec<Element>, Unread> {
            let parent = one(info, parent)?;
            Ok(parent.map(|parent| parent.children_named(name).cloned().collect()).unwrap_or_default())
        };
        let rows = below("THONGTINCHUNG", "ROW_NNT")?.iter().map(taxpayer).collect::<Result<_, _>>()?;
        let addresses = below("DIACHI", "ROW_DIACHI")?.iter().map(address).collect::<Result<_, _>>()?;
        Ok(Some(TaxpayerInfo { rows, addresses }))
    }

    /// `SOTHUE`, where it is there at all.
    pub(crate) fn ledger(&self) -> Result<Option<Ledger>, Unread> {
        let Some(ledger) = one(&self.inside, "SOTHUE")? else { return Ok(None) };
        Ok(Some(Ledger {
            trangthai: text(ledger, "TRANGTHAI")?,
            mota_trangthai: text(ledger, "MOTA_TRANGTHAI")?,
            totals: ledger.children_named("TONG_TIEN").map(total).collect::<Result<_, _>>()?,
        }))
    }
}

fn taxpayer(row: &Element) -> Result<TaxpayerRow, Unread> {
    Ok(TaxpayerRow {
        mst: text(row, "MST")?,
        ten_nnt: text(row, "TEN_NNT")?,
        loai_nnt: text(row, "LOAI_NNT")?,
        so: text(row, "SO")?,
        chuong: text(row, "CHUONG")?,
        cap_chuong: text(row, "CAP_CHUONG")?,
        cqt_ql: text(row, "CQT_QL")?,
        ngaycap_mst: text(row, "NGAYCAP_MST")?,
        chan_date: text(row, "CHAN_DATE")?,
        trang_thai: text(row, "TRANG_THAI")?,
    })
}

fn address(row: &Element) -> Result<AddressRow, Unread> {
    Ok(AddressRow { mota_diachi: text(row, "MOTA_DIACHI")?, area: area(row, "")? })
}

fn total(row: &Element) -> Result<Total, Unread> {
    Ok(Total {
        ma_so_thue: text(row, "MA_SO_THUE")?,
        tt_nnt: text(row, "TT_NNT")?,
        rows: row.children_named("ROW_SOTHUE").map(ledger_row).collect::<Result<_, _>>()?,
    })
}

fn ledger_row(row: &Element) -> Result<LedgerRow, Unread> {
    Ok(LedgerRow {
        ma_hs: text(row, "MA_HS")?,
        ma_gcn: text(row, "MA_GCN")?,
        so_thuadat: text(row, "SO_THUADAT")?,
        so_to_bando: text(row, "SO_TO_BANDO")?,
        dia_chi_ts: text(row, "DIA_CHI_TS")?,
        asset_area: area(row, "_TS")?,
        ma_dbhc: text(row, "MA_DBHC")?,
        ma_so_thue: text(row, "MA_SO_THUE")?,
        ten_nnt: text(row, "TEN_NNT")?,
        so: text(row, "SO")?,
        mota_diachi: text(row, "MOTA_DIACHI")?,
        owner_area: area(row, "")?,
        so_quyet_dinh: text(row, "SO_QUYET_DINH")?,
        ngay_quyet_dinh: text(row, "NGAY_QUYET_DINH")?,
        ma_chuong: text(row, "MA_CHUONG")?,
        ma_tmuc: text(row, "MA_TMUC")?,
        ten_tmuc: text(row, "TEN_TMUC")?,
        loai_tk_nsnn: text(row, "LOAI_TK_NSNN")?,
        ma_cquan_thu: text(row, "MA_CQUAN_THU")?,
        so_con_phai_nop: text(row, "SO_CON_PHAI_NOP")?,
        han_nop: text(row, "HAN_NOP")?,
        shkb: text(row, "SHKB")?,
    })
}

fn area(row: &Element, suffix: &str) -> Result<AreaFields, Unread> {
    let field = |name: &str| text(row, &format!("{name}{suffix}"));
    Ok(AreaFields {
        ma_tinh: field("MA_TINH")?,
        ten_tinh: field("TEN_TINH")?,
        ma_huyen: field("MA_HUYEN")?,
        ten_huyen: field("TEN_HUYEN")?,
        ma_xa: field("MA_XA")?,
        ten_xa: field("TEN_XA")?,
    })
}

/// The only child of that name.
fn one<'e>(parent: &'e Element, name: &str) -> Result<Option<&'e Element>, Unread> {
    let mut all = parent.children_named(name);
    match (all.next(), all.next()) {
        (first, None) => Ok(first),
        (_, Some(_)) => Err(Unread::shape(format!("holds {name} twice where one belongs"))),
    }
}

/// The only child's text, trimmed; blank where there is none.
fn text(parent: &Element, name: &str) -> Result<String, Unread> {
    let Some(child) = one(parent, name)? else { return Ok(String::new()) };
    if !child.children.is_empty() {
        return Err(Unread::shape(format!("holds elements in {name} where a text belongs")));
    }
    Ok(child.text.trim().to_owned())
}
