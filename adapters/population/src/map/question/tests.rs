//! Tests of questions: the exact elements in their order, from testdata; what is missing or cannot be written is told field by field.

use lienthong_formats::xml::{self, Element, Limits};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::config::{BirthForm, FieldNames};

const REFERENCE: &str = "01994f3e-0000-7000-8000-000000000001.0.1";
const QUESTION: &str = include_str!("../../../testdata/question.input.json");

fn config(more: Value) -> PopulationConfig {
    let mut config = json!({ "endpoints": [] });
    config.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    serde_json::from_value(config).unwrap()
}

fn rules(more: Value) -> Rules {
    Rules::of(&config(more))
}

fn given(changes: Value) -> CitizenQuestion {
    let mut question: Value = serde_json::from_str(QUESTION).unwrap();
    for (field, value) in changes.as_object().unwrap() {
        match question.pointer_mut(&field.replace('.', "/")) {
            Some(place) if field.starts_with('.') => *place = value.clone(),
            Some(_) | None => question[field] = value.clone(),
        }
    }
    serde_json::from_value(question).unwrap()
}

fn asked(rules: &Rules, changes: Value) -> Request {
    let mut request = request(rules, &given(changes)).unwrap_or_else(|fault| panic!("{fault:?}"));
    request.ma_yeu_cau = crate::map::reference::request_id(REFERENCE);
    request.ma_tich_hop = "037".to_owned();
    request
}

fn refused(rules: &Rules, changes: Value) -> Fault {
    request(rules, &given(changes)).err().expect("must be refused")
}

fn pointers(fault: &Fault) -> Vec<&str> {
    fault.problems.iter().map(|problem| problem.pointer.as_str()).collect()
}

fn operation(request: &Request, form: BirthForm) -> Element {
    let envelope = request.soap("TraCuuThongTinCongDan", form);
    envelope.at(&["Body", "TraCuuThongTinCongDan"]).unwrap().clone()
}

#[test]
fn the_elements_stand_in_the_order_the_database_insists_on() {
    let rules = rules(json!({ "account": {} }));
    let written = xml::document(&asked(&rules, json!({})).soap("TraCuuThongTinCongDan", BirthForm::Nested));
    let read = |text: &str| xml::read(text.as_bytes(), &Limits::MESSAGE).unwrap();
    assert_eq!(read(&written), read(include_str!("../../../testdata/find-citizen.request.xml")));
}

#[test]
fn the_wrapper_has_the_same_names_flat_and_two_fields_for_the_birth_date() {
    let rules = rules(json!({ "unit": { "sent": "never" } }));
    let request = asked(&rules, json!({ "birth_date": "1999", ".purpose.procedure_code": "VPCP" }));
    let wanted: Value = serde_json::from_str(include_str!("../../../testdata/find-citizen.request.json")).unwrap();
    assert_eq!(request.json(FieldNames::Pascal, None), wanted);
    let day = asked(&rules, json!({})).json(FieldNames::Pascal, None);
    assert_eq!((day["NgayThangNam"].as_str(), day.get("Nam")), (Some("19990102"), None));
}

#[test]
fn another_provinces_wrapper_begins_its_names_with_small_letters() {
    let rules = rules(json!({ "unit": { "sent": "never" } }));
    let old = json!({ "identity_number": null, "old_identity_number": "170000001" });
    let sent = asked(&rules, old).json(FieldNames::Camel, Some("one-stop"));
    let names: Vec<&str> = sent.as_object().unwrap().keys().map(String::as_str).collect();
    for name in ["maYeuCau", "maDVC", "maCanBo", "soCMND", "hoVaTen", "ngayThangNam", "userNameService"] {
        assert!(names.contains(&name), "{name} is not in {names:?}");
    }
}

#[test]
fn what_is_absent_has_no_element() {
    let rules = rules(json!({}));
    let sent = operation(&asked(&rules, json!({ "birth_date": null, ".purpose.unit": null })), BirthForm::Nested);
    let names: Vec<&str> = sent.children.iter().map(|child| child.name.as_str()).collect();
    assert_eq!(names, ["MaYeuCau", "MaDVC", "MaTichHop", "MaCanBo", "SoDinhDanh", "HoVaTen"]);
}

#[test]
fn a_name_is_capitals_without_accents_blanks_and_marks() {
    let name = |rules: &Rules, name: &str| asked(rules, json!({ "name": name })).ho_va_ten;
    let plain = rules(json!({}));
    assert_eq!(name(&plain, " Đặng  Thị Ngọc-Ánh "), "DANGTHINGOCANH");
    let decomposed = "Nguye\u{302}\u{303}n Va\u{306}n Ma\u{302}\u{303}u";
    assert_eq!(name(&plain, decomposed), "NGUYENVANMAU");
    let accented = rules(json!({ "names": "accented" }));
    assert_eq!(name(&accented, decomposed), "NGUYỄN VĂN MẪU");
}

#[test]
fn a_name_that_cannot_be_written_is_refused_and_not_sent_without_the_letter() {
    let plain = rules(json!({}));
    for name in ["...", "   ", "王小明", "Łukasz Nowak", "NguyÔn V¨n §¹t", &"A".repeat(101)] {
        let fault = refused(&plain, json!({ "name": name }));
        assert_eq!(pointers(&fault)[0], "/name", "{name}");
        assert!(!format!("{fault:?}").contains(name.trim()) || name.trim().len() < 4, "{fault:?}");
    }
}

#[test]
fn a_birth_date_is_a_day_or_a_year_that_exists_and_is_written_as_configured() {
    let rules = rules(json!({}));
    let birth = |given: &str, form| {
        let sent = operation(&asked(&rules, json!({ "birth_date": given })), form);
        let birth = sent.child("NgayThangNamSinh").unwrap().clone();
        let part = birth.children.first().map(|child| (child.name.clone(), child.text.clone()));
        (birth.text, part)
    };
    let part = |name: &str, text: &str| (String::new(), Some((name.to_owned(), text.to_owned())));
    assert_eq!(birth("1999-01-02", BirthForm::Nested), part("NgayThangNam", "19990102"));
    assert_eq!(birth("1999", BirthForm::Nested), part("Nam", "1999"));
    assert_eq!(birth("1999-01-02", BirthForm::Flat), ("1999-01-02".to_owned(), None));
    assert_eq!(birth("1999", BirthForm::Flat), ("1999".to_owned(), None));
    for wrong in ["2014-02-30", "02/01/1999", "1999-1-2", "0000", "99", "1999-01-02T00:00:00", "hôm qua"] {
        assert_eq!(pointers(&refused(&rules, json!({ "birth_date": wrong }))), ["/birth_date"], "{wrong}");
    }
}

#[test]
fn a_number_is_needed_and_lost_zeros_are_noticed() {
    let rules = rules(json!({}));
    let fault = refused(&rules, json!({ "identity_number": null }));
    assert_eq!((fault.kind, pointers(&fault)), (FaultKind::Invalid, vec!["/identity_number"]));
    let fault = refused(&rules, json!({ "identity_number": "38199000001", "old_identity_number": "1700000" }));
    assert_eq!(pointers(&fault), ["/identity_number", "/old_identity_number"]);
    assert!(!format!("{fault:?}").contains("38199000001"));
    let both = asked(&rules, json!({ "old_identity_number": "170000001" }));
    assert_eq!((both.so_dinh_danh.as_deref(), both.so_cmnd.as_deref()), (Some("038199000001"), Some("170000001")));
}

#[test]
fn who_asks_and_what_for_must_be_named() {
    let strict = rules(json!({ "unit": { "sent": "required" } }));
    let nobody = json!({ ".purpose": { "procedure_code": " ", "officer": "" } });
    let fault = refused(&strict, nobody);
    assert_eq!((fault.kind, fault.code), (FaultKind::Invalid, FaultCode::Invalid));
    assert_eq!(pointers(&fault), ["/purpose/procedure_code", "/purpose/officer", "/purpose/unit"]);
    let checks: Vec<bool> = ["001", "003", "002"]
        .iter()
        .zip(&fault.problems)
        .map(|(check, problem)| problem.problem.contains(check) && problem.value_class.as_deref() == Some("missing"))
        .collect();
    assert_eq!(checks, [true; 3]);
    let long = refused(&strict, json!({ ".purpose.procedure_code": "1.000094.000.00.00.H56" }));
    assert_eq!(pointers(&long), ["/purpose/procedure_code"]);
}

#[test]
fn a_procedure_without_licence_is_refused_before_anything_is_sent() {
    let licensed = rules(json!({ "procedures": ["1.001193"] }));
    let fault = refused(&licensed, json!({}));
    assert_eq!((fault.kind, pointers(&fault)), (FaultKind::Forbidden, vec!["/purpose/procedure_code"]));
    assert!(fault.detail.contains("004"));
    asked(&licensed, json!({ ".purpose.procedure_code": "1.001193" }));
}

#[test]
fn a_unit_is_sent_as_configured() {
    let unit = |config: Value, given: Value| {
        asked(&rules(json!({ "unit": config })), json!({ ".purpose.unit": given })).ma_don_vi
    };
    assert_eq!(unit(json!({}), json!("000.00.14.H56")).as_deref(), Some("000.00.14.H56"));
    assert_eq!(unit(json!({ "default": "H56.14" }), Value::Null).as_deref(), Some("H56.14"));
    assert_eq!(unit(json!({}), Value::Null), None);
    assert_eq!(unit(json!({ "sent": "never" }), json!("H56")), None);
    let fault = refused(&rules(json!({})), json!({ ".purpose.unit": "Sở Tư pháp" }));
    assert_eq!(pointers(&fault), ["/purpose/unit"]);
}

#[test]
fn the_account_of_the_2025_client_is_sent_where_configured() {
    let with = |account: Value| asked(&rules(json!({ "account": account })), json!({}));
    let named = with(json!({ "name": "toaan", "phone": "0912000000" }));
    assert_eq!((named.tai_khoan.as_deref(), named.so_dien_thoai.as_deref()), (Some("toaan"), Some("0912000000")));
    let plain = asked(&rules(json!({})), json!({}));
    assert_eq!((plain.tai_khoan, plain.so_dien_thoai), (None, None));
}

#[test]
fn everything_personal_of_a_question_is_hidden_in_every_form_it_has() {
    let given = given(json!({}));
    let all = hidden(&given, &asked(&rules(json!({})), json!({})));
    for text in ["Nguyễn Văn Mẫu", "NGUYENVANMAU", "038199000001", "1999-01-02", "19990102"] {
        assert!(all.iter().any(|hidden| hidden == text), "{text}");
    }
}

proptest! {
    #[test]
    fn no_question_panics_and_what_is_sent_keeps_the_documents_limits(
        name in "\\PC{0,120}", number in "[0-9 ]{0,14}", birth in "[0-9/-]{0,10}", officer in "\\PC{0,24}",
    ) {
        let rules = rules(json!({}));
        let question = given(json!({
            "name": name, "identity_number": number, "birth_date": birth, ".purpose.officer": officer
        }));
        if let Ok(sent) = request(&rules, &question) {
            prop_assert!((1..=100).contains(&sent.ho_va_ten.len()) && sent.ho_va_ten.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit()));
            prop_assert_eq!(sent.so_dinh_danh.as_ref().map(String::len), Some(12));
            prop_assert!((1..=20).contains(&sent.ma_can_bo.chars().count()));
            let written = xml::document(&sent.soap("TraCuuThongTinCongDan", BirthForm::Nested));
            prop_assert!(xml::read(written.as_bytes(), &Limits::MESSAGE).is_ok());
        }
    }
}
