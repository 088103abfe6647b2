//! Documents as systems send them, hostile ones, and the laws of reading and writing. Synthetic data only.

mod hostile;
mod laws;

use serde_json::json;

use super::*;

const NOTICE: &str = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<!-- one -->\n<DATA><BODY><ROW_LIST>\n <MA_HSO>H56.14-250115-0007</MA_HSO>\n <LIST><MA_SO_THUE>2800000002</MA_SO_THUE><SO_TIEN> 4634000 </SO_TIEN></LIST>\n</ROW_LIST></BODY></DATA>\n";

fn read_text(text: &str) -> Result<Element, XmlError> {
    read(text.as_bytes(), &Limits::default())
}

#[test]
fn a_document_becomes_a_tree() {
    let data = read_text(NOTICE).unwrap();
    let row = data.at(&["BODY", "ROW_LIST"]).unwrap();
    assert_eq!(row.child_text("MA_HSO"), Some("H56.14-250115-0007"));
    assert_eq!(row.text, "");
    assert_eq!(row.children_named("LIST").count(), 1);
    assert_eq!(row.at(&["LIST", "SO_TIEN"]).unwrap().text, " 4634000 ");
    assert_eq!(row.child("NOTHING"), None);
}

#[test]
fn a_single_element_is_an_array_where_it_is_declared_one() {
    let one = read_text(NOTICE).unwrap();
    let plain = to_value(&one, &Arrays::default());
    assert_eq!(plain.pointer("/DATA/BODY/ROW_LIST/LIST/SO_TIEN"), Some(&json!("4634000")));
    for declared in ["LIST", "DATA/BODY/ROW_LIST/LIST", "/DATA/BODY/ROW_LIST/LIST/"] {
        let value = to_value(&one, &Arrays::new([declared]));
        assert_eq!(value.pointer("/DATA/BODY/ROW_LIST/LIST/0/SO_TIEN"), Some(&json!("4634000")), "{declared}");
    }
}

#[test]
fn a_repeated_element_is_an_array_without_being_declared() {
    let value = to_value(&read_text("<A><B>1</B><C/><B>2</B></A>").unwrap(), &Arrays::default());
    assert_eq!(value, json!({"A": {"B": ["1", "2"], "C": ""}}));
}

#[test]
fn an_array_declared_by_path_is_there_when_it_is_empty() {
    let arrays = Arrays::new(["DATA/BODY/ROW", "ROW_NNT"]);
    let value = to_value(&read_text("<DATA><BODY/></DATA>").unwrap(), &arrays);
    assert_eq!(value, json!({"DATA": {"BODY": {"ROW": []}}}));
    assert_eq!(to_value(&read_text("<DATA/>").unwrap(), &arrays), json!({"DATA": ""}));
}

#[test]
fn texts_stay_texts() {
    let value = to_value(&read_text("<A><N>007</N><D>2014/02/30</D><B>true</B></A>").unwrap(), &Arrays::default());
    assert_eq!(value, json!({"A": {"N": "007", "D": "2014/02/30", "B": "true"}}));
}

#[test]
fn attributes_and_text_beside_children_have_names_of_their_own() {
    let value = to_value(&read_text("<A id=\"1\">x<B/></A>").unwrap(), &Arrays::default());
    assert_eq!(value, json!({"A": {"@id": "1", "#text": "x", "B": ""}}));
}

#[test]
fn namespaces_are_resolved_and_prefixes_do_not_matter() {
    let one = read_text("<s:E xmlns:s=\"urn:s\"><b xmlns=\"urn:b\" s:x=\"1\" y=\"2\"/></s:E>").unwrap();
    let other =
        read_text("<E xmlns=\"urn:s\"><q:b xmlns:q=\"urn:b\" xmlns:z=\"urn:s\" z:x=\"1\" y=\"2\"/></E>").unwrap();
    assert_eq!(one, other);
    assert_eq!((one.namespace.as_deref(), one.prefix.as_deref()), (Some("urn:s"), Some("s")));
    assert_eq!(one.children[0].attributes[0].namespace.as_deref(), Some("urn:s"));
    assert_eq!(one.children[0].attributes[1].namespace, None);
}

#[test]
fn a_soap_envelope_is_written_with_its_prefixes() {
    let soap = "http://schemas.xmlsoap.org/soap/envelope/";
    let envelope = Element::new("Envelope").prefixed("soapenv", soap).with_child(
        Element::new("Body").prefixed("soapenv", soap).with_child(
            Element::new("TraCuu")
                .prefixed("dan", "http://dancuquocgia.bca")
                .with_child(Element::leaf("MaYeuCau", "a<b&\"c\"").prefixed("dan", "http://dancuquocgia.bca")),
        ),
    );
    assert_eq!(
        write(&envelope),
        "<soapenv:Envelope xmlns:soapenv=\"http://schemas.xmlsoap.org/soap/envelope/\"><soapenv:Body>\
         <dan:TraCuu xmlns:dan=\"http://dancuquocgia.bca\"><dan:MaYeuCau>a&lt;b&amp;\"c\"</dan:MaYeuCau></dan:TraCuu>\
         </soapenv:Body></soapenv:Envelope>"
    );
    assert_eq!(read_text(&document(&envelope)).unwrap(), envelope);
}

#[test]
fn an_element_without_namespace_inside_a_default_one_says_so() {
    let tree = Element::new("A").in_namespace("urn:a").with_child(Element::new("B"));
    assert_eq!(write(&tree), "<A xmlns=\"urn:a\"><B xmlns=\"\"/></A>");
    assert_eq!(read_text(&write(&tree)).unwrap(), tree);
}

#[test]
fn cdata_and_escaped_content_read_as_the_text_they_are() {
    let inner = "<DATA><X>Tiền sử dụng đất & phí</X></DATA>";
    let cdata = read_text(&format!("<return><![CDATA[{inner}]]></return>")).unwrap();
    let escaped = read_text(&write(&Element::leaf("return", inner))).unwrap();
    assert_eq!(cdata.text, inner);
    assert_eq!(cdata, escaped);
}

#[test]
fn a_value_is_written_in_the_order_its_receiver_needs() {
    let value = json!({"R": {"@xmlns": "urn:r", "HoVaTen": "A", "MaYeuCau": 1, "NgaySinh": {"NgayThangNam": "19990102"}, "Rong": [], "Trong": null}});
    let order = Order::new(["MaYeuCau", "HoVaTen"]);
    let element = from_value(&value, &order).unwrap();
    assert_eq!(
        write(&element),
        "<R xmlns=\"urn:r\"><MaYeuCau>1</MaYeuCau><HoVaTen>A</HoVaTen><NgaySinh><NgayThangNam>19990102</NgayThangNam></NgaySinh><Trong/></R>"
    );
}

#[test]
fn a_value_that_is_no_document_is_refused_with_its_place() {
    for (value, pointer) in [
        (json!([1]), ""),
        (json!({}), ""),
        (json!({"A": 1, "B": 2}), ""),
        (json!({"A b": 1}), "/A b"),
        (json!({"A": {"1b": 1}}), "/A/1b"),
        (json!({"A": {"@b": {}}}), "/A/@b"),
        (json!({"A": {"B": [[1]]}}), "/A/B/0"),
        (json!({"A": {"B": "\u{0}"}}), "/A/B"),
    ] {
        let Err(XmlError::Value { pointer: told, .. }) = from_value(&value, &Order::default()) else {
            panic!("{value} was taken");
        };
        assert_eq!(told, pointer);
    }
}

#[test]
fn content_never_shows_in_debug_or_errors() {
    let element = read_text("<A id=\"038199000001\"><HoTen>Nguyễn Văn Mẫu</HoTen></A>").unwrap();
    let shown = format!("{element:?} {:?}", element.attributes);
    assert!(!shown.contains("038199000001") && !shown.contains("Nguyễn"), "{shown}");
    let error = read_text("<A><HoTen>Nguyễn Văn Mẫu</HoTe></A>").unwrap_err();
    assert!(!format!("{error} {error:?}").contains("Nguyễn"));
}
