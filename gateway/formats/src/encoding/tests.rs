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
    assert_eq!(utf8(b"abc\xff"), Err(EncodingError { at: 3, looks_like: None }));
    assert_eq!(utf8(b"\xef\xbb\xbfabc\0"), Err(EncodingError { at: 6, looks_like: None }));
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
fn declared_windows_1258_is_read_whole() {
    assert_eq!(windows_1258(IN_1258).as_deref(), Ok("Nguyễn Văn Đạt, Hà Nội"));
    assert_eq!(windows_1258(b"abc").as_deref(), Ok("abc"));
    assert!(windows_1258(b"\xd2\xff\x8a").is_err());
}

proptest! {
    #[test]
    fn utf8_is_taken_as_it_is(text in "[^\\x00\u{feff}]\\PC*") {
        prop_assert_eq!(utf8(text.as_bytes()), Ok(text.as_str()));
    }

    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..100)) {
        let _read = (utf8(&bytes), windows_1258(&bytes), mistaken(&latin(&bytes)));
    }
}
