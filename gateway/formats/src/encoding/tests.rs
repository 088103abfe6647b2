//! Synthetic texts in the encodings that come, made byte by byte.

use proptest::prelude::*;

use super::*;

/// "Nguyễn Văn Đạt, Hà Nội" in windows-1258: letters with their shape, tones apart.
const IN_1258: &[u8] = b"Nguy\xea\xden V\xe3n \xd0a\xf2t, H\xe0 N\xf4\xf2i";
/// The same in TCVN3.
const IN_TCVN3: &[u8] = b"Nguy\xd4n V\xa8n \xa7\xb9t, H\xb5 N\xe9i";
/// The same in VNI.
const IN_VNI: &[u8] = b"Nguye\xe3n Va\xean \xd1a\xeft, Ha\xf8 No\xe4i";

fn latin(bytes: &[u8]) -> String {
    bytes.iter().map(|b| char::from(*b)).collect()
}

fn not_utf8_at(at: usize) -> EncodingError {
    EncodingError { at, declared: Encoding::Utf8, looks_like: None }
}

#[test]
fn a_legacy_encoding_is_named_and_not_read() {
    for (bytes, expected) in [(IN_1258, Legacy::Windows1258), (IN_TCVN3, Legacy::Tcvn3), (IN_VNI, Legacy::Vni)] {
        let error = utf8(bytes).unwrap_err();
        assert_eq!(error.looks_like, Some(expected));
        assert!(error.to_string().contains(expected.as_str()) && !error.to_string().contains("Nguy"), "{error}");
    }
    let sixteen: Vec<u8> = "Họ và tên".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(utf8(&sixteen).unwrap_err().looks_like, Some(Legacy::Utf16));
    assert_eq!(utf8(&[b"\xff\xfe".as_slice(), &sixteen].concat()).unwrap_err().looks_like, Some(Legacy::Utf16));
}

#[test]
fn bytes_that_look_like_nothing_are_only_not_utf8() {
    assert_eq!(utf8(b"abc\xff"), Err(not_utf8_at(3)));
    assert_eq!(utf8(b"\xef\xbb\xbfabc\0"), Err(not_utf8_at(6)));
}

#[test]
fn a_byte_order_mark_is_no_text() {
    assert_eq!(utf8("\u{feff}Đạt".as_bytes()), Ok("Đạt"));
    assert_eq!(utf8(b""), Ok(""));
}

#[test]
fn a_text_mistaken_for_latin_is_noticed() {
    assert_eq!(mistaken(&latin(IN_TCVN3)), Some(Legacy::Tcvn3));
    assert_eq!(mistaken(&latin(IN_VNI)), Some(Legacy::Vni));
    assert_eq!(mistaken(&latin(IN_1258)), Some(Legacy::Windows1258));
}

#[test]
fn honest_names_are_not_taken_for_a_legacy_encoding() {
    for name in [
        "Nguyễn Văn Đạt",
        "Lê Thị Hoà",
        "Tòa án nhân dân",
        "Lê Hoà, Lê Toàn, Lê Bảo",
        "Là à á ê ô",
        "Hoàng Hoà Toà Loá",
        "Müller",
        "Noël",
        "Muñoz",
        "Sørensen",
        "naïve",
        "Ü",
        "H'Hen",
        "100 m², 50 °C",
    ] {
        assert_eq!(mistaken(name), None, "{name}");
    }
}

#[test]
fn what_is_declared_is_read_whole() {
    for (encoding, bytes) in [(Encoding::Windows1258, IN_1258), (Encoding::Tcvn3, IN_TCVN3), (Encoding::Vni, IN_VNI)] {
        assert_eq!(encoding.read(bytes).as_deref(), Ok("Nguyễn Văn Đạt, Hà Nội"));
        assert_eq!(encoding.read(b"abc").as_deref(), Ok("abc"));
        let error = encoding.read(b"a\0").unwrap_err();
        assert_eq!((error.at, error.declared), (1, encoding));
    }
    assert!(Encoding::Windows1258.read(b"\xd2\xff\x8a").is_err());
    let error = Encoding::Vni.read(IN_TCVN3).unwrap_err().to_string();
    assert_eq!(error, "is not VNI (from byte 8); it looks like TCVN3: declare it, or convert it at the source");
}

/// Every letter with a tone, a shape or both; the first six rows as TCVN3 has them, small.
const LETTERS: &str = "àảãáạằẳẵắặầẩẫấậèẻẽéẹềểễếệìỉĩíịòỏõóọồổỗốộờởỡớợùủũúụừửữứựỳỷỹýỵăâêôơưđ";

#[test]
fn every_vietnamese_letter_is_read_in_each_encoding() {
    // By the standard's own table, from its first letter with a tone to its last.
    let tcvn3: Vec<u8> =
        (0xb5..=0xfe).filter(|byte| Encoding::Tcvn3.read(&[*byte]).is_ok()).chain(0xa8..=0xae).collect();
    assert_eq!(Encoding::Tcvn3.read(&tcvn3).as_deref(), Ok(LETTERS));
    let vni = b"a\xf8a\xfba\xf5a\xf9a\xefa\xe8a\xfaa\xfca\xe9a\xeba\xe0a\xe5a\xe3a\xe1a\xe4\
        e\xf8e\xfbe\xf5e\xf9e\xefe\xe0e\xe5e\xe3e\xe1e\xe4\xec\xe6\xf3\xed\xf2\
        o\xf8o\xfbo\xf5o\xf9o\xefo\xe0o\xe5o\xe3o\xe1o\xe4\xf4\xf8\xf4\xfb\xf4\xf5\xf4\xf9\xf4\xef\
        u\xf8u\xfbu\xf5u\xf9u\xef\xf6\xf8\xf6\xfb\xf6\xf5\xf6\xf9\xf6\xefy\xf8y\xfby\xf5y\xf9\xee\
        a\xeaa\xe2e\xe2o\xe2\xf4\xf6\xf1";
    assert_eq!(Encoding::Vni.read(vni).as_deref(), Ok(LETTERS));
    let capitals: Vec<u8> = vni.iter().map(|b| if b.is_ascii() { b.to_ascii_uppercase() } else { b - 0x20 }).collect();
    assert_eq!(Encoding::Vni.read(&capitals).unwrap(), LETTERS.to_uppercase());
}

#[test]
fn a_word_in_capitals_of_a_tcvn3_font_is_read_in_capitals() {
    for (bytes, text) in [
        (b"NGUY\xd4N V\xa1N \xa7\xb9T".as_slice(), "NGUYỄN VĂN ĐẠT"),
        (b"\xb8I V\xa8N", "ÁI VĂN"),
        (b"UBND x\xb7 H\xb9 Long", "UBND xã Hạ Long"),
        (b"<HO_TEN>L\xaa</HO_TEN>", "<HO_TEN>Lê</HO_TEN>"),
    ] {
        assert_eq!(Encoding::Tcvn3.read(bytes).as_deref(), Ok(text));
    }
}

#[test]
fn names_of_encodings_are_those_documents_use() {
    assert_eq!(Encoding::named("Windows-1258"), Some(Encoding::Windows1258));
    assert_eq!(Encoding::named("x-viet-vni"), Some(Encoding::Vni));
    assert_eq!(Encoding::named("TCVN3"), Some(Encoding::Tcvn3));
    assert_eq!(Encoding::named("iso-8859-1"), None);
}

proptest! {
    #[test]
    fn utf8_is_taken_as_it_is(text in "[^\\x00\u{feff}]\\PC*") {
        prop_assert_eq!(utf8(text.as_bytes()), Ok(text.as_str()));
    }

    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..100)) {
        let all = [Encoding::Utf8, Encoding::Windows1258, Encoding::Tcvn3, Encoding::Vni];
        let _read = (all.map(|encoding| encoding.read(&bytes).is_ok()), mistaken(&latin(&bytes)));
    }
}
