//! Tests of tax notices and receipts: both spellings, instalments, bad dates, hostile documents. No sockets.

use proptest::prelude::*;

use super::*;

const NOTICE: &[u8] = include_bytes!("../../../testdata/tax-notice.xml");

fn document(inside: &str) -> String {
    format!("<DATA><BODY><ROW_LIST>{inside}</ROW_LIST></BODY></DATA>")
}

fn row(inside: &str) -> String {
    document(&format!("<MA_HSO>H56-250115-0001</MA_HSO><LIST><SO_QUYET_DINH>Q</SO_QUYET_DINH>{inside}</LIST>"))
}

#[test]
fn both_spellings_of_the_tag_and_every_dossier_are_read() {
    let dossiers = read_notices(NOTICE).unwrap();
    let codes: Vec<&str> = dossiers.iter().map(|one| one.ma_hso.as_str()).collect();
    assert_eq!(codes, ["H56.14-250115-0007", "000.00.14.H56-250116-0001"]);
    let subjects: Vec<&str> = dossiers[0].list.iter().map(|row| row.ten_tieu_muc.as_str()).collect();
    let fee = "Lệ phí trước bạ nhà & đất";
    assert_eq!(subjects, ["Thuế thu nhập từ chuyển nhượng bất động sản", fee, fee]);
}

#[test]
fn two_equal_rows_are_two_instalments() {
    let mut dossiers = read_notices(NOTICE).unwrap();
    let read = notice(dossiers.remove(0), None, Some(false));
    assert_eq!(read.notices.len(), 3);
    assert_eq!(read.notices[1], read.notices[2]);
    assert_eq!(read.notices[0].amount.as_deref(), Some("4634000"));
    assert_eq!(read.notices[0].decision_date, Some(jiff::civil::date(2025, 1, 15)));
}

#[test]
fn a_bad_date_or_amount_stays_the_text_that_came() {
    let mut dossiers = read_notices(NOTICE).unwrap();
    let read = notice(dossiers.remove(1), None, None);
    let odd = &read.notices[0];
    assert_eq!((odd.decision_date, odd.decision_date_text.as_deref()), (None, Some("32-01-2025")));
    assert_eq!((odd.amount.as_deref(), odd.amount_text.as_deref()), (None, Some("1.158.500 đ")));
    assert_eq!(odd.subject, "Tiền sử dụng đất");
}

#[test]
fn hostile_documents_are_refused() {
    let refused = |document: &[u8]| read_notices(document).map(|dossiers| dossiers.len()).unwrap_err();
    let bomb = format!("<!DOCTYPE DATA [<!ENTITY a \"aaaa\">]>{}", row("<SO_TIEN>&a;</SO_TIEN>"));
    assert_eq!(refused(bomb.as_bytes()), "the document holds a DTD");
    assert!(refused(row("<SO_TIEN>&a;</SO_TIEN>").as_bytes()).starts_with("the document uses an entity"));
    let deep = format!("<DATA>{}", "<A>".repeat(50));
    assert_eq!(refused(deep.as_bytes()), "the document is nested deeper than 16 elements");
    let long = row(&format!("<SO_TIEN>{}</SO_TIEN>", "1".repeat(LIMITS.text_bytes + 1)));
    assert!(refused(long.as_bytes()).starts_with("an element's text is longer than"));
    let many =
        document(&format!("<MA_HSO>H</MA_HSO>{}", "<LIST><SO_QUYET_DINH>Q</SO_QUYET_DINH></LIST>".repeat(ROWS + 1)));
    assert_eq!(refused(many.as_bytes()), "the document holds too many decisions");
    assert!(refused(&vec![b' '; XML_BYTES + 1]).starts_with("the document is larger than"));
}

#[test]
fn what_lacks_its_dossier_its_decisions_or_a_number_is_taken_apart_and_the_rest_stays() {
    let of = |inner: &str| sorted(read_notices(document(inner).as_bytes()).unwrap().remove(0));
    for (inner, pointer) in [
        ("", "/code"),
        ("<LIST><SO_QUYET_DINH>Q</SO_QUYET_DINH></LIST>", "/code"),
        ("<MA_HSO>H</MA_HSO>", "/notices"),
        ("<MA_HSO>H</MA_HSO><LIST><SO_TIEN>1</SO_TIEN></LIST>", "/notices/0/decision_number"),
    ] {
        let Sorted { whole, broken } = of(inner);
        assert!(whole.is_none(), "{inner}");
        assert_eq!(broken.iter().map(|(_, at, _)| at.as_str()).collect::<Vec<_>>(), [pointer]);
    }
    let mixed = of("<MA_HSO>H</MA_HSO><LIST><SO_TIEN>1</SO_TIEN></LIST><LIST><SO_QUYET_DINH>Q</SO_QUYET_DINH></LIST>");
    assert_eq!(mixed.whole.unwrap().list.len(), 1);
    assert_eq!((mixed.broken.len(), mixed.broken[0].0.list[0].so_tien.as_str()), (1, "1"));
}

#[test]
fn what_cannot_be_trusted_is_refused_whole() {
    for broken in [
        "",
        "<DATA>",
        "<DATA></DATA>",
        "<HTML></HTML>",
        "<DATA><BODY></DATA></BODY>",
        &format!("<?xml version=\"1.0\" encoding=\"iso-8859-1\"?>{}", row("")),
    ] {
        assert!(read_notices(broken.as_bytes()).is_err(), "{broken}");
    }
    assert!(read_notices(&[b"<DATA>".as_slice(), &[0xc6, 0xa0, 0xff]].concat()).is_err());
    assert!(read_notices(format!("\u{feff}<?xml version=\"1.0\" encoding=\"utf-8\"?>{}", row("")).as_bytes()).is_ok());
}

#[test]
fn character_references_are_characters() {
    let read = read_notices(row("<TEN_TIEUMUC>Thu&#7871; &lt;x&gt;</TEN_TIEUMUC>").as_bytes()).unwrap();
    assert_eq!(read[0].list[0].ten_tieu_muc, "Thuế <x>");
}

proptest! {
    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _read = read_notices(&bytes);
    }

    #[test]
    fn a_damaged_notice_never_panics(at in 0usize..1500, byte in any::<u8>()) {
        let mut damaged = NOTICE.to_vec();
        if let Some(place) = damaged.get_mut(at) {
            *place = byte;
        }
        let _read = read_notices(&damaged);
        let _cut = read_notices(&NOTICE[..at.min(NOTICE.len())]);
    }
}
