//! Documents nobody should read.

use super::*;

#[test]
fn entities_and_dtds_are_refused() {
    assert_eq!(read_text("<!DOCTYPE A [<!ENTITY a \"aaaa\">]><A>&a;</A>"), Err(XmlError::Dtd));
    assert_eq!(read_text("<!DOCTYPE A SYSTEM \"http://198.51.100.1/a.dtd\"><A/>"), Err(XmlError::Dtd));
    assert!(matches!(read_text("<A>&a;</A>"), Err(XmlError::Entity { .. })));
    assert!(matches!(read_text("<A b=\"&a;\"/>"), Err(XmlError::Entity { .. })));
    assert_eq!(read_text("<A>&lt;&gt;&amp;&quot;&apos;&#7871;</A>").unwrap().text, "<>&\"'ế");
}

#[test]
fn every_limit_holds() {
    let limits =
        Limits { bytes: 1000, depth: 4, elements: 6, attributes: 2, attribute_bytes: 8, text_bytes: 8, name_bytes: 8 };
    let read = |text: &str| read(text.as_bytes(), &limits);
    assert_eq!(read(&format!("<A>{}</A>", " ".repeat(1000))), Err(XmlError::TooLarge { limit: 1000 }));
    assert_eq!(read("<A><A><A><A><A>"), Err(XmlError::TooDeep { limit: 4 }));
    assert!(read("<A><A><A><A/></A></A></A>").is_ok());
    assert_eq!(read("<A><B/><B/><B/><B/><B/><B/></A>"), Err(XmlError::TooManyElements { limit: 6 }));
    assert!(matches!(read("<A a='1' b='2' c='3'/>"), Err(XmlError::TooManyAttributes { limit: 2, .. })));
    assert!(matches!(read("<A a='123456789'/>"), Err(XmlError::AttributeTooLong { limit: 8, .. })));
    assert!(matches!(read("<A>1234<![CDATA[5678]]>9</A>"), Err(XmlError::TextTooLong { limit: 8, .. })));
    assert!(matches!(read("<ABCDEFGHI/>"), Err(XmlError::NameTooLong { limit: 8, .. })));
    assert!(matches!(read("<A ABCDEFGHI='1'/>"), Err(XmlError::NameTooLong { limit: 8, .. })));
}

#[test]
fn a_million_open_tags_cost_nothing() {
    assert_eq!(read_text(&"<A>".repeat(1_000_000)), Err(XmlError::TooDeep { limit: 32 }));
}

#[test]
fn an_encoding_is_read_where_it_is_declared_and_only_there() {
    let Err(XmlError::Encoding(error)) = read(b"<A>Nguy\xd4n V\xa8n \xa7\xb9t</A>", &Limits::default()) else {
        panic!("legacy bytes were read");
    };
    assert_eq!(error.looks_like, Some(crate::encoding::Legacy::Tcvn3));
    for (name, bytes) in [
        ("TCVN3", b"Nguy\xd4n V\xa8n \xa7\xb9t".as_slice()),
        ("x-viet-vni", b"Nguye\xe3n Va\xean \xd1a\xeft"),
        ("windows-1258", b"Nguy\xea\xden V\xe3n \xd0a\xf2t"),
    ] {
        let head = format!("<?xml version='1.0' encoding = \"{name}\" standalone='yes'?><HO_TEN>");
        let document = [head.as_bytes(), bytes, b"</HO_TEN>"].concat();
        assert_eq!(read(&document, &Limits::default()).unwrap().text, "Nguyễn Văn Đạt", "{name}");
    }
    assert!(read_text("\u{feff}<?xml version='1.0' encoding='UTF-8'?><A/>").is_ok());
    assert!(read_text("<?xml version='1.0' encoding='windows-1258'?><A>ASCII</A>").is_ok());
}

#[test]
fn a_document_that_could_be_read_in_two_ways_is_read_in_none() {
    // What was signed as UTF-8 must not read as something else.
    let both = "<?xml version=\"1.0\" encoding=\"windows-1258\"?><A>Đạt</A>";
    assert_eq!(read_text(both), Err(XmlError::DeclaredEncoding));
    let unknown = "<?xml version=\"1.0\" encoding=\"iso-8859-1\"?><A/>";
    assert_eq!(read_text(unknown), Err(XmlError::DeclaredEncoding));
    let lying = b"<?xml version=\"1.0\" encoding=\"VNI\"?><A>\xa7\xb9t</A>";
    assert!(matches!(read(lying, &Limits::default()), Err(XmlError::Encoding(_))));
}

#[test]
fn what_is_not_one_well_formed_document_is_refused() {
    for text in ["", "  ", "text", "<A>", "<A></B>", "</A>", "<A/><B/>", "<A/>x", "x<A/>", "<A", "<1/>", "<A b/>"] {
        assert!(read_text(text).is_err(), "{text}");
    }
    for text in [
        "<A b=1/>",
        "<A b='1' b='2'/>",
        "<A b='<'/>",
        "<p:A/>",
        "<A p:b='1'/>",
        "<A>&#0;</A>",
        "<A>\u{1}</A>",
        "<A>&</A>",
    ] {
        assert!(read_text(text).is_err(), "{text}");
    }
}
