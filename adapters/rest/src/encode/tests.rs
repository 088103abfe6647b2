//! Tests of encoders: each form's bytes, and what it cannot hold told by field.

use proptest::prelude::*;
use serde_json::json;

use super::*;

fn encoder(config: Value) -> Encoder {
    Encoder::new(&serde_json::from_value(config).unwrap()).unwrap()
}

fn text(encoded: &Encoded) -> &str {
    std::str::from_utf8(&encoded.bytes).unwrap()
}

fn pointers(problems: &[FieldProblem]) -> Vec<&str> {
    problems.iter().map(|problem| problem.pointer.as_str()).collect()
}

#[test]
fn json_goes_as_it_is_with_the_type_the_system_wants() {
    let encoded = encoder(json!({})).encode(&json!({ "b": 1, "a": "Đ" }), "r").unwrap();
    assert_eq!((encoded.content_type.as_str(), text(&encoded)), ("application/json", r#"{"a":"Đ","b":1}"#));
    let other = encoder(json!({ "content_type": "application/vnd.permits+json" })).encode(&json!([]), "r").unwrap();
    assert_eq!(other.content_type, "application/vnd.permits+json");
}

#[test]
fn a_form_holds_texts_numbers_and_lists_of_them() {
    let form = encoder(json!({ "as": "form" }));
    let encoded =
        form.encode(&json!({ "ten": "Nguyễn & Văn", "n": 2, "tags": ["a", "b"], "none": null }), "r").unwrap();
    assert_eq!(text(&encoded), "n=2&tags=a&tags=b&ten=Nguy%E1%BB%85n+%26+V%C4%83n");
    let problems = form.encode(&json!({ "owner": { "name": "x" }, "list": ["a", ["b"]] }), "r").unwrap_err();
    assert_eq!(pointers(&problems), ["/list/1", "/owner"]);
    assert_eq!(pointers(&form.encode(&json!([1]), "r").unwrap_err()), [""]);
}

#[test]
fn xml_is_written_below_its_root_and_escaped() {
    let xml = encoder(json!({ "as": "xml", "xml": { "root": "GiayPhep", "namespace": "urn:bo:giay-phep" } }));
    let encoded =
        xml.encode(&json!({ "Ma": "GP-1", "ChuSoHuu": { "Ten": "A & <B>" }, "Muc": ["1", "2"] }), "r").unwrap();
    let written = text(&encoded);
    assert!(written.contains("<GiayPhep xmlns=\"urn:bo:giay-phep\">"), "{written}");
    assert!(written.contains("<Ten>A &amp; &lt;B&gt;</Ten>"), "{written}");
    assert!(written.contains("<Muc>1</Muc><Muc>2</Muc>"), "{written}");
    assert_eq!(encoded.content_type, "application/xml; charset=utf-8");
}

#[test]
fn multipart_carries_files_from_base64_fields() {
    let multipart = encoder(json!({ "as": "multipart", "files": ["scan"] }));
    let body = json!({
        "code": "GP-1",
        "scan": [{ "name": "tờ \"khai\".pdf", "type": "application/pdf", "content": "JVBERg==" }]
    });
    let encoded = multipart.encode(&body, "0190.0.1").unwrap();
    let boundary = encoded.content_type.strip_prefix("multipart/form-data; boundary=").unwrap();
    assert_eq!(
        text(&encoded),
        format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"code\"\r\n\r\nGP-1\r\n\
             --{boundary}\r\nContent-Disposition: form-data; name=\"scan\"; filename=\"tờ %22khai%22.pdf\"\r\n\
             Content-Type: application/pdf\r\n\r\n%PDF\r\n--{boundary}--\r\n"
        )
    );
    assert_eq!(multipart.encode(&body, "0190.0.1").unwrap(), encoded, "the same attempt, the same bytes");
}

#[test]
fn a_file_that_is_none_is_told_by_field_and_never_shown() {
    let multipart = encoder(json!({ "as": "multipart", "files": ["scan"] }));
    let problems =
        multipart.encode(&json!({ "scan": { "name": "a.pdf", "type": "application/pdf", "content": "%%%" } }), "r");
    assert_eq!(pointers(&problems.unwrap_err()), ["/scan/content"]);
    let problems = multipart.encode(&json!({ "scan": "text" }), "r").unwrap_err();
    assert_eq!(pointers(&problems), ["/scan/name", "/scan/type", "/scan/content"]);
    let sneaky = json!({ "scan": { "name": "a", "type": "x\r\nX-Evil: 1", "content": "" } });
    assert_eq!(pointers(&multipart.encode(&sneaky, "r").unwrap_err()), ["/scan/type"]);
}

proptest! {
    #[test]
    fn no_content_holds_the_boundary_of_its_message(content in "[a-z0-9]{0,20}", number in 0_u32..3) {
        let hostile = format!("{content}lienthongr01x{number}{content}");
        let encoded = encoder(json!({ "as": "multipart" })).encode(&json!({ "a": hostile }), "r.0.1").unwrap();
        let boundary = encoded.content_type.rsplit('=').next().unwrap();
        let occurrences = text(&encoded).matches(boundary).count();
        prop_assert_eq!(occurrences, 2, "once before the part, once at the end");
    }
}
