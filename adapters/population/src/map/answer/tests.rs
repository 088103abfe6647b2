//! Tests of answers from bytes: citizens, nobody in every way it is told, refusals, hostile documents. No bytes panic.

use lienthong_formats::xml;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::config::PopulationConfig;

const CITIZEN: &str = include_str!("../../../testdata/citizen.answer.xml");
const NOBODY: &str = include_str!("../../../testdata/nobody.answer.xml");
const FIND: &str = "TraCuuThongTinCongDan";
const NUMBER: Option<&str> = Some("038199000001");

fn judge() -> Judge {
    let config: PopulationConfig = serde_json::from_value(json!({
        "endpoints": [], "codes": { "-7": "throttled", "Client.Auth": "unauthenticated" },
        "phrases": { "not_found": ["không tìm thấy công dân"], "maintenance": ["đang bảo trì"] }
    }))
    .unwrap();
    Judge::new(&config)
}

fn envelope(inner: &str) -> String {
    format!(
        "<s:Envelope xmlns:s=\"{SOAP}\" xmlns:n=\"http://www.mic.gov.vn/dancu/1.0\"><s:Header/><s:Body>{inner}</s:Body></s:Envelope>"
    )
}

fn soap(answer: &str) -> Result<Element, Fault> {
    of_soap(&judge(), answer.as_bytes(), &[])
}

fn find(answer: &str) -> Result<Citizen, Fault> {
    found(&soap(answer)?, FIND, NUMBER)
}

fn find_in(inner: &str) -> Result<Citizen, Fault> {
    find(&envelope(inner))
}

fn kind<T>(outcome: Result<T, Fault>) -> FaultKind {
    outcome.err().expect("must be a fault").kind
}

fn value(model: &impl serde::Serialize) -> Value {
    serde_json::to_value(model).unwrap()
}

#[test]
fn a_citizen_is_read_from_bytes_with_the_whole_name_in_one_part() {
    let wanted: Value = serde_json::from_str(include_str!("../../../testdata/citizen.output.json")).unwrap();
    assert_eq!(value(&find(CITIZEN).unwrap()), wanted);
}

#[test]
fn a_name_in_three_parts_is_one_name_too() {
    let citizen = CITIZEN.replacen(
        "<ns1:Ho/><ns1:ChuDem/><ns1:Ten>Nguyễn Văn Mẫu",
        "<ns1:Ho>Nguyễn</ns1:Ho><ns1:ChuDem>Văn</ns1:ChuDem><ns1:Ten>Mẫu",
        1,
    );
    assert_eq!(value(&find(&citizen).unwrap())["name"], "Nguyễn Văn Mẫu");
}

#[test]
fn nobody_is_an_answer_with_nothing_inside() {
    let blank = "<n:CongDan><n:SoDinhDanh/><n:HoVaTen><n:Ho/><n:ChuDem/><n:Ten/></n:HoVaTen></n:CongDan>";
    let nameless =
        "<n:CongDan><n:SoDinhDanh>038199000001</n:SoDinhDanh><n:HoVaTen><n:Ten> </n:Ten></n:HoVaTen></n:CongDan>";
    let null = "<n:CongDan><n:HoVaTen><n:Ten xmlns:i=\"http://www.w3.org/2001/XMLSchema-instance\" i:nil=\"true\"/></n:HoVaTen></n:CongDan>";
    let cases = [
        String::new(),
        "<n:CongdanCollection/>".to_owned(),
        "<n:CongDanCollection> </n:CongDanCollection>".to_owned(),
        "<n:TraCuuThongTinCongDanResponse/>".to_owned(),
        format!("<n:CongdanCollection>{blank}</n:CongdanCollection>"),
        format!("<n:CongdanCollection>{nameless}</n:CongdanCollection>"),
        format!("<n:CongdanCollection>{null}</n:CongdanCollection>"),
    ];
    assert_eq!(kind(find(NOBODY)), FaultKind::NotFound);
    for inner in cases {
        assert_eq!(kind(find_in(&inner)), FaultKind::NotFound, "{inner}");
    }
}

#[test]
fn what_is_no_answer_to_this_question_is_not_nobody() {
    for inner in [
        "<n:CongdanCollection>Lỗi hệ thống</n:CongdanCollection>",
        "<n:CongdanCollection><n:Loi>500</n:Loi></n:CongdanCollection>",
        "<n:XacThucThongTinCongDanResponse/>",
        "<n:Loi/>",
        "<n:CongdanCollection/><n:CongdanCollection/>",
        "không có",
    ] {
        assert_eq!(kind(find_in(inner)), FaultKind::Unintelligible, "{inner}");
    }
    let other = [
        String::new(),
        " \r\n".to_owned(),
        "<a><b/></a>".to_owned(),
        "<Envelope><Body/></Envelope>".to_owned(),
        format!("<s:Envelope xmlns:s=\"{SOAP}\"/>"),
        format!("<s:Envelope xmlns:s=\"{SOAP}\"><s:Body/><s:Body/></s:Envelope>"),
        NOBODY.replace("soap/envelope/", "soap/other/"),
        CITIZEN[..CITIZEN.len() / 2].to_owned(),
    ];
    for answer in other {
        assert_eq!(kind(find(&answer)), FaultKind::Unintelligible, "{answer}");
    }
}

#[test]
fn somebody_elses_data_are_never_the_citizens() {
    let answer = CITIZEN.replace("038199000001", "038199000002");
    assert_eq!(kind(find(&answer)), FaultKind::Unintelligible);
    // Asked with the old number, the answer may tell any new one.
    let body = soap(&answer).unwrap();
    assert_eq!(value(&found(&body, FIND, None).unwrap())["identity_number"], "038199000002");
}

#[test]
fn several_who_fit_are_told_to_the_one_who_can_say_more() {
    let one = "<n:CongDan><n:HoVaTen><n:Ten>Nguyễn Văn Mẫu</n:Ten></n:HoVaTen></n:CongDan>";
    let fault = find_in(&format!("<n:CongdanCollection>{one}{one}</n:CongdanCollection>")).unwrap_err();
    assert_eq!((fault.kind, fault.problems[0].pointer.as_str()), (FaultKind::Rejected, "/identity_number"));
}

#[test]
fn codes_keep_their_zeros_and_unknown_ones_get_no_meaning() {
    let answer = CITIZEN
        .replace("<ns1:GioiTinh>1", "<ns1:GioiTinh>9")
        .replace("<ns1:DanToc>01", "<ns1:DanToc>07")
        .replace("<ns1:TinhTrangHonNhan>2", "<ns1:TinhTrangHonNhan>4")
        .replace("<ns1:NhomMau>00", "<ns1:NhomMau>03");
    let citizen = value(&find(&answer).unwrap());
    assert_eq!((citizen.get("sex"), &citizen["sex_code"]), (None, &json!("9")));
    assert_eq!((citizen.get("marital_status"), &citizen["marital_status_code"]), (None, &json!("4")));
    assert_eq!((&citizen["ethnicity_code"], &citizen["blood_group"]), (&json!("07"), &json!("AB")));
}

#[test]
fn a_birth_date_is_as_precise_as_it_is_known_and_a_bad_one_is_told_as_it_came() {
    let birth = |inner: &str| {
        let told = format!("<ns1:NgayThangNamSinh>{inner}</ns1:NgayThangNamSinh>");
        let old = "<ns1:NgayThangNamSinh><ns1:Nam>1999</ns1:Nam><ns1:NgayThangNam>19990102</ns1:NgayThangNam></ns1:NgayThangNamSinh>";
        value(&find(&CITIZEN.replace(old, &told)).unwrap()).get("birth").cloned()
    };
    let day = json!({ "date": "1999-01-02", "year": "1999" });
    assert_eq!(birth("<ns1:NgayThangNam>19990102</ns1:NgayThangNam>"), Some(day.clone()));
    assert_eq!(birth("1999-01-02"), Some(day));
    assert_eq!(birth("<ns1:Nam>1999</ns1:Nam><ns1:NgayThangNam/>"), Some(json!({ "year": "1999" })));
    assert_eq!(birth("<ns1:NgayThangNam>1999</ns1:NgayThangNam>"), Some(json!({ "year": "1999" })));
    assert_eq!(
        birth("<ns1:Nam>2014</ns1:Nam><ns1:NgayThangNam>20140230</ns1:NgayThangNam>"),
        Some(json!({ "year": "2014", "text": "20140230" }))
    );
    assert_eq!(birth("<ns1:NgayThangNam>00000000</ns1:NgayThangNam>"), Some(json!({ "text": "00000000" })));
    assert_eq!(birth(""), None);
}

#[test]
fn a_district_is_absent_where_there_is_none_any_more() {
    let answer = CITIZEN.replace("<ns1:MaQuanHuyen>380</ns1:MaQuanHuyen>", "<ns1:MaQuanHuyen/>");
    let citizen = value(&find(&answer).unwrap());
    assert_eq!(citizen["permanent_residence"].get("district_code"), None);
    assert_eq!(citizen["permanent_residence"]["commune_code"], "14758");
}

#[test]
fn a_decomposed_name_is_answered_composed() {
    let answer =
        CITIZEN.replace("<ns1:Ten>Nguyễn Văn Mẫu", "<ns1:Ten>Nguye\u{302}\u{303}n  Va\u{306}n Ma\u{302}\u{303}u");
    assert_eq!(value(&find(&answer).unwrap())["name"], "Nguyễn Văn Mẫu");
}

#[test]
fn existence_is_a_boolean_and_nothing_else() {
    let told = |inner: &str| verified(&soap(&envelope(inner)).unwrap(), "TonTai");
    for (inner, exists) in [
        ("<n:R><n:TonTai>true</n:TonTai></n:R>", true),
        ("<n:TonTai> FALSE </n:TonTai>", false),
        ("<n:R><n:D><n:TonTai>1</n:TonTai></n:D></n:R>", true),
    ] {
        assert_eq!(told(inner).unwrap().exists, Personal(exists), "{inner}");
    }
    for inner in
        ["", "<n:R/>", "<n:TonTai/>", "<n:TonTai>có</n:TonTai>", "<n:TonTai>true</n:TonTai><n:TonTai>false</n:TonTai>"]
    {
        assert_eq!(kind(told(inner)), FaultKind::Unintelligible, "{inner}");
    }
}

fn member(number: &str) -> String {
    format!(
        "<n:CongDan><n:SoDinhDanh>{number}</n:SoDinhDanh><n:HoVaTen><n:Ten>Người Mẫu</n:Ten></n:HoVaTen></n:CongDan>"
    )
}

#[test]
fn a_household_is_everybody_in_it_and_must_be_the_one_asked_about() {
    let asked =
        |inner: &str| household(&soap(&envelope(inner)).unwrap(), ("CungCapThongTinHoGiaDinh", "CongDan"), NUMBER);
    let two =
        format!("<n:CongdanCollection>{}{}</n:CongdanCollection>", member("038199000001"), member("038199000009"));
    assert_eq!(value(&asked(&two).unwrap())["members"].as_array().unwrap().len(), 2);
    assert_eq!(kind(asked(&two.replace("038199000001", "038199000008"))), FaultKind::Unintelligible);
    assert_eq!(kind(asked("<n:CongdanCollection/>")), FaultKind::NotFound);
    assert_eq!(
        kind(asked("<n:CongdanCollection><n:CongDan><n:HoVaTen/></n:CongDan></n:CongdanCollection>")),
        FaultKind::NotFound
    );
    assert_eq!(kind(asked("<n:HoGiaDinh><n:SoHo>1</n:SoHo></n:HoGiaDinh>")), FaultKind::Unintelligible);
}

#[test]
fn a_marital_status_keeps_its_code_and_names_the_spouse() {
    let asked = |inner: &str| {
        let names = ("CongDan", "TinhTrangHonNhan");
        marital_status(&soap(&envelope(inner)).unwrap(), "XacMinhTinhTrangHonNhan", names, NUMBER)
    };
    let spouse = "<n:TinhTrangHonNhan>2</n:TinhTrangHonNhan><n:VoChong><n:HoVaTen><n:Ten>Người Mẫu</n:Ten></n:HoVaTen></n:VoChong></n:CongDan>";
    let married = member("038199000001").replace("</n:CongDan>", spouse);
    assert_eq!(
        value(&asked(&married).unwrap()),
        json!({
            "identity_number": "038199000001", "name": "Người Mẫu", "marital_status": "married", "marital_status_code": "2",
            "spouse": { "name": "Người Mẫu" }
        })
    );
    assert_eq!(kind(asked(&member("038199000001"))), FaultKind::Unintelligible);
    assert_eq!(kind(asked(&format!("{married}{married}"))), FaultKind::Unintelligible);
    assert_eq!(kind(asked("<n:CongdanCollection/>")), FaultKind::NotFound);
    assert_eq!(kind(asked("<n:CongDan><n:HoVaTen><n:Ten/></n:HoVaTen></n:CongDan>")), FaultKind::NotFound);
}

#[test]
fn a_soap_fault_is_the_questions_or_the_servers() {
    let fault = |code: &str, words: &str| {
        let inner = format!("<s:Fault><faultcode>s:{code}</faultcode><faultstring>{words}</faultstring></s:Fault>");
        soap(&envelope(&inner)).unwrap_err()
    };
    for (code, words, kind) in [
        ("Client", "Bản tin không đúng cấu trúc", FaultKind::Rejected),
        ("Server", "Internal Error", FaultKind::Unintelligible),
        ("", "", FaultKind::Unintelligible),
        ("Client.Auth", "?", FaultKind::Unauthenticated),
        ("Client", "Thủ tục chưa được cấp phép khai thác CSDL dân cư", FaultKind::Forbidden),
        ("Client", "Không tìm thấy công dân", FaultKind::NotFound),
        ("Server", "Hệ thống đang bảo trì", FaultKind::Unavailable),
    ] {
        assert_eq!(fault(code, words).kind, kind, "{code} {words}");
    }
    assert_eq!(fault("Client", "Bản tin sai").system_code.as_deref(), Some("Client"));
}

fn wrapped(code: Value, message: &str) -> Result<Citizen, Fault> {
    let answer = json!({ "error_code": code, "message": message }).to_string();
    found(&of_wrapper(&judge(), &["0".to_owned()], answer.as_bytes(), &[])?, FIND, NUMBER)
}

#[test]
fn the_wrapper_returns_the_soap_as_a_text_and_its_code_as_either_type() {
    for code in [json!("0"), json!(0)] {
        assert_eq!(value(&wrapped(code.clone(), CITIZEN).unwrap())["name"], "Nguyễn Văn Mẫu");
        assert_eq!(kind(wrapped(code, NOBODY)), FaultKind::NotFound);
    }
}

#[test]
fn a_wrappers_code_zero_with_anything_else_inside_is_no_answer() {
    let failed =
        envelope("<s:Fault><faultcode>s:Server</faultcode><faultstring>Internal Error</faultstring></s:Fault>");
    for message in ["", "<html><body>Đăng nhập</body></html>", "OK", failed.as_str(), &CITIZEN[..400]] {
        assert_eq!(kind(wrapped(json!("0"), message)), FaultKind::Unintelligible, "{message}");
    }
    let page = wrapped(json!("0"), "<html><body>Hệ thống đang bảo trì</body></html>").unwrap_err();
    assert_eq!((page.kind, page.system_text), (FaultKind::Unavailable, None));
    assert_eq!(kind(wrapped(json!("0"), "Không tìm thấy công dân")), FaultKind::NotFound);
}

#[test]
fn a_wrappers_other_code_is_a_refusal_whatever_it_says() {
    for (code, message, kind_) in [
        (json!("-1"), "Bản tin không đúng cấu trúc", FaultKind::Rejected),
        (json!(-1), "Thành công", FaultKind::Rejected),
        (json!("-7"), "?", FaultKind::Throttled),
        (json!("500"), "Lỗi", FaultKind::Unintelligible),
        (json!("1"), CITIZEN, FaultKind::Unintelligible),
        (json!(""), CITIZEN, FaultKind::Unintelligible),
        (Value::Null, CITIZEN, FaultKind::Unintelligible),
        (json!({ "value": 0 }), CITIZEN, FaultKind::Unintelligible),
    ] {
        assert_eq!(kind(wrapped(code.clone(), message)), kind_, "{code} {message}");
    }
}

#[test]
fn a_fault_hides_what_the_question_held() {
    let words = "Công dân Nguyễn Văn Mẫu số 038199000001 sai";
    let answer = json!({ "error_code": "038199000001", "message": words }).to_string();
    let hidden = ["Nguyễn Văn Mẫu", "038199000001"];
    let fault = of_wrapper(&judge(), &["0".to_owned()], answer.as_bytes(), &hidden).unwrap_err();
    assert_eq!((fault.system_text.as_deref(), fault.system_code.as_deref()), (Some("Công dân *** số *** sai"), None));
}

#[test]
fn hostile_documents_are_refused_and_never_read_in_part() {
    let entity = CITIZEN.replacen("<soapenv:Envelope", "<!DOCTYPE a [<!ENTITY b \"c\">]><soapenv:Envelope", 1);
    let deep = envelope(&format!("{}{}", "<n:CongDan>".repeat(60), "</n:CongDan>".repeat(60)));
    let wide = envelope(&format!("<n:CongDan {}/>", (0..40).map(|n| format!("a{n}=\"\" ")).collect::<String>()));
    let huge = envelope(&format!("<n:CongDan a=\"{}\"/>", "x".repeat(5000)));
    let long = envelope(&format!("<n:CongDan>{}</n:CongDan>", "x".repeat(70_000)));
    let undefined = CITIZEN.replace("Số 1 đường Mẫu", "&b;");
    let declared = CITIZEN.replace("UTF-8", "windows-1258");
    for document in [entity, deep, wide, huge, long, undefined, declared] {
        assert_eq!(kind(find(&document)), FaultKind::Unintelligible, "{}", &document[..80]);
    }
    let legacy: Vec<u8> = CITIZEN.bytes().map(|byte| if byte == 0xBB { 0xE9 } else { byte }).collect();
    assert_eq!(kind(of_soap(&judge(), &legacy, &[])), FaultKind::Unintelligible);
}

/// What every reader makes of one document.
fn read_all(answer: &[u8]) {
    let judge = judge();
    let _tells = tells(&["0".to_owned()], answer);
    for body in [of_soap(&judge, answer, &["mẫu"]), of_wrapper(&judge, &["0".to_owned()], answer, &["mẫu"])]
        .into_iter()
        .flatten()
    {
        let _all = (
            found(&body, FIND, NUMBER),
            verified(&body, "TonTai"),
            household(&body, ("CungCapThongTinHoGiaDinh", "CongDan"), NUMBER),
            marital_status(&body, "XacMinhTinhTrangHonNhan", ("CongDan", "TinhTrangHonNhan"), NUMBER),
        );
    }
}

proptest! {
    #[test]
    fn no_bytes_make_a_reader_panic(answer in proptest::collection::vec(any::<u8>(), 0..600)) {
        read_all(&answer);
    }

    #[test]
    fn no_damage_to_a_good_answer_makes_a_reader_panic(at in 0usize..4000, with in "[<>&/a-z0-9\"; ]{0,12}", cut in 0usize..200) {
        let mut text = CITIZEN.to_owned();
        let at = (0..=at.min(text.len())).rev().find(|place| text.is_char_boundary(*place)).unwrap_or(0);
        let until = (at..=(at + cut).min(text.len())).rev().find(|place| text.is_char_boundary(*place)).unwrap_or(at);
        text.replace_range(at..until, &with);
        read_all(text.as_bytes());
        read_all(json!({ "error_code": "0", "message": text }).to_string().as_bytes());
    }

    #[test]
    fn no_tree_makes_the_reader_of_citizens_panic(name in "[A-Za-z]{1,8}", text in "\\PC{0,30}") {
        let inner = Element::leaf(name, text.clone());
        let birth = Element::new("NgayThangNamSinh").with_child(Element::leaf("NgayThangNam", text.clone())).with_child(Element::leaf("Nam", text));
        let _citizen = citizen::read(&Element::new("CongDan").with_child(inner).with_child(birth));
        let _written = xml::write(&Element::new("CongDan"));
    }
}
