//! Our own functions: what each gives, what is refused when loaded, and how a failure names table, code, day and field.

use lienthong_core::program::{Compiler, ProgramText};
use lienthong_core::{Fault, FaultCode, FaultKind};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::routing::Programs;
use crate::tables::{TableSpec, TableText};

fn table(name: &str, key: &[&str], values: &[&str], back: &[&str], rows: &str) -> (TableSpec, TableText) {
    let list = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    let spec = TableSpec {
        name: name.to_owned(),
        key: list(key),
        values: list(values),
        one_to_one: list(back),
        ..TableSpec::default()
    };
    (spec, TableText { file: format!("tables/{name}.csv"), text: rows.to_owned() })
}

fn programs() -> Programs {
    let provinces = "code,name,kind,valid_from,valid_to\n15,Yên Bái,tỉnh,,2025-06-30\n10,Lào Cai,tỉnh,,2025-06-30\n15,Lào Cai,tỉnh,2025-07-01,\n";
    let secret = table("people", &["number"], &["name"], &[], "number,name\n1,a\n");
    let tables = Tables::build([
        table("provinces", &["code"], &["name", "kind"], &["name"], provinces),
        table("statuses", &["status"], &["portal"], &["portal"], "status,portal\nreceived,2\nprocessing,4\n"),
        table("districts", &["province", "district"], &["name"], &["name"], "province,district,name\n01,001,Ba Đình\n"),
        table("organisation-ids", &["old"], &["new"], &["new"], "old,new\n000.00.32.H19,H19.132\n"),
        table("organisations", &["code"], &["by_structure"], &[], "code,by_structure\nH56,yes\nH19,no\n"),
        (TableSpec { personal: vec!["number".to_owned()], ..secret.0 }, secret.1),
    ]);
    Programs::over(&Arc::new(tables.unwrap_or_else(|problems| panic!("{problems:#?}"))))
}

fn run(text: &str, event: Value) -> Result<Value, Fault> {
    let text = ProgramText { place: "test".to_owned(), text: text.to_owned() };
    programs().compile(&text).unwrap_or_else(|problems| panic!("{problems:#?}")).run(event)
}

fn refused(text: &str) -> String {
    let text = ProgramText { place: "test".to_owned(), text: text.to_owned() };
    programs().compile(&text).err().unwrap_or_default().join("\n")
}

/// The value a program leaves in `.r`.
fn result(text: &str, event: Value) -> Value {
    run(text, event).unwrap_or_else(|fault| panic!("{fault}"))["r"].clone()
}

#[test]
fn every_offered_name_is_a_function_and_none_is_refused() {
    let offered = offered(&Arc::default());
    let names: Vec<&str> = offered.iter().map(|function| function.identifier()).collect();
    for name in OFFERED {
        assert!(names.contains(name), "{name} is no function of this VRL");
        assert!(REFUSED.iter().all(|row| row.0 != *name), "{name} is both offered and refused");
    }
    assert_eq!(names.len(), OFFERED.len() + OWN.len());
    for (name, usage) in own_functions() {
        assert!(names.contains(&name) && usage.ends_with('.'), "{name}");
        assert!(vrl::stdlib::all().iter().all(|theirs| theirs.identifier() != name), "{name} hides one of VRL's");
    }
}

#[test]
fn a_function_vrl_has_and_we_do_not_offer_is_told_from_a_misspelt_one() {
    assert!(refusal("now").is_some());
    assert!(refusal("parse_apache_log").is_some());
    assert_eq!(refusal("upcas"), None);
}

#[test]
fn lookup_reads_the_row_of_the_day() {
    let event = json!({"code": "15", "day": "2025-07-01", "at": "2025-06-30T17:00:00Z", "number": 15});
    assert_eq!(result(".r = lookup!(\"provinces\", .code, at: \"2025-06-30\").name", event.clone()), json!("Yên Bái"));
    assert_eq!(
        result(".r = lookup!(\"provinces\", .code, at: .day, column: \"name\")", event.clone()),
        json!("Lào Cai")
    );
    assert_eq!(
        result(".r = lookup!(\"provinces\", .code, at: .at, column: \"name\")", event.clone()),
        json!("Lào Cai"),
        "an evening in UTC is the next day here"
    );
    assert_eq!(
        result(".r = lookup!(\"provinces\", .number, at: .day)", event),
        json!({"name": "Lào Cai", "kind": "tỉnh"})
    );
    assert_eq!(result(".r = upcase(lookup!(\"statuses\", \"received\", at: \"2025-01-01\"))", json!({})), json!("2"));
    assert_eq!(
        result(".r = lookup!(\"districts\", [.p, .d], at: \"2025-01-01\")", json!({"p": "01", "d": "001"})),
        json!("Ba Đình")
    );
}

#[test]
fn lookup_back_gives_the_code_of_the_day() {
    let name = json!({"name": "Lào Cai"});
    let text = |day: &str| format!(".r = lookup_back!(\"provinces\", .name, at: \"{day}\")");
    assert_eq!(result(&text("2025-06-30"), name.clone()), json!("10"));
    assert_eq!(result(&text("2025-07-01"), name), json!("15"));
    assert_eq!(result(".r = lookup_back!(\"statuses\", 4, at: \"2025-01-01\")", json!({})), json!("processing"));
    assert_eq!(
        result(".r = lookup_back!(\"districts\", \"Ba Đình\", at: \"2025-01-01\")", json!({})),
        json!({"province": "01", "district": "001"})
    );
}

#[test]
fn a_code_without_a_row_names_table_code_day_and_field() {
    let text = ".x = 1\n.r = lookup!(\"provinces\", .owner.province, at: .day, column: \"name\")";
    let fault = run(text, json!({"owner": {"province": "99"}, "day": "2025-07-01"})).unwrap_err();
    assert_eq!((fault.kind, fault.code), (FaultKind::Mapping, FaultCode::CodeUnmapped));
    let problem = &fault.problems[0];
    assert_eq!(problem.pointer, "/owner/province");
    assert_eq!(problem.table.as_deref(), Some("provinces"));
    assert_eq!(problem.value_class.as_deref(), Some("99"));
    assert!(problem.problem.contains("2025-07-01"), "{}", problem.problem);
    assert!(fault.detail.starts_with("test:2:6: "), "{}", fault.detail);
}

#[test]
fn a_code_that_holds_on_other_days_only_says_so() {
    let fault = run(".r = lookup!(\"provinces\", .c, at: \"2025-07-01\")", json!({"c": "10"})).unwrap_err();
    assert!(fault.problems[0].problem.contains("only on other days"), "{:?}", fault.problems);
}

#[test]
fn the_field_behind_a_variable_and_inside_an_array_is_found() {
    let text = "code = string!(.owner.province)\n.r = lookup!(\"provinces\", code, at: \"2025-07-01\")";
    let fault = run(text, json!({"owner": {"province": "99"}})).unwrap_err();
    assert_eq!(fault.problems[0].pointer, "/owner/province");
    let text =
        ".r = map_values(array!(.papers)) -> |paper| {\n  lookup!(\"statuses\", paper.kind, at: \"2025-01-01\")\n}";
    let fault = run(text, json!({"papers": [{"kind": "received"}, {"kind": "lost"}]})).unwrap_err();
    assert!(fault.problems[0].pointer.starts_with("/papers"), "{:?}", fault.problems);
    assert_eq!(fault.problems[0].value_class.as_deref(), Some("lost"));
}

#[test]
fn the_field_is_found_in_a_program_that_makes_the_message_anew() {
    for text in [
        "name = lookup!(\"statuses\", .kind, at: \"2025-01-01\")\n. = {\"r\": name}",
        ".kind = lookup!(\"statuses\", .kind, at: \"2025-01-01\")",
        ". = {\"code\": .code,\n  \"r\": lookup!(\"statuses\", .kind, at: \"2025-01-01\")}",
    ] {
        let fault = run(text, json!({"kind": "lost"})).unwrap_err();
        assert_eq!(fault.problems[0].pointer, "/kind", "{text}");
    }
    let text = ". = {\"kind\": \"lost\"}\n.r = lookup!(\"statuses\", .kind, at: \"2025-01-01\")";
    assert_eq!(run(text, json!({"kind": "received"})).unwrap_err().problems[0].pointer, "", "the program made it");
}

#[test]
fn personal_codes_and_what_may_be_a_persons_number_never_show() {
    let fault = run(".r = lookup!(\"people\", .n, at: \"2025-07-01\")", json!({"n": "7"})).unwrap_err();
    assert_eq!(fault.problems[0].value_class.as_deref(), Some("personal"));
    let fault = run(".r = lookup!(\"statuses\", .n, at: \"2025-07-01\")", json!({"n": "038199000001"})).unwrap_err();
    assert_eq!(fault.problems[0].value_class.as_deref(), Some("number of 12 digits"));
    assert!(!serde_json::to_string(&fault).unwrap().contains("038199000001"));
    let name = json!({"n": "Nguyễn Thị Thử Nghiệm Mẫu"});
    let fault = run(".r = lookup!(\"statuses\", .n, at: \"2025-07-01\")", name).unwrap_err();
    assert!(!serde_json::to_string(&fault).unwrap().contains("Nguyễn"));
}

#[test]
fn a_missing_code_or_day_is_no_unmapped_code() {
    let fault = run(".r = lookup!(\"statuses\", .c, at: \"2025-07-01\")", json!({})).unwrap_err();
    assert_eq!((fault.code, fault.problems[0].pointer.as_str()), (FaultCode::Mapping, "/c"));
    assert_eq!(fault.problems[0].value_class.as_deref(), Some("missing"));
    for day in [json!("2014/02/30"), json!("2014-02-30"), json!(7), Value::Null] {
        let event = json!({"c": "received", "day": day});
        let fault = run(".r = lookup!(\"statuses\", .c, at: .day)", event).unwrap_err();
        assert_eq!((fault.code, fault.problems[0].pointer.as_str()), (FaultCode::Mapping, "/day"), "{day}");
    }
}

#[test]
fn an_author_may_say_what_happens_without_a_row() {
    assert_eq!(
        result(".r = lookup(\"statuses\", .c, at: \"2025-07-01\") ?? \"other\"", json!({"c": "x"})),
        json!("other")
    );
}

#[test]
fn what_is_wrong_whatever_the_message_is_refused_when_loaded() {
    for (text, expected) in [
        (".r = lookup!(\"provinecs\", .c, at: .d)", "there is no table provinecs"),
        (".r = lookup!(.t, .c, at: .d)", "`table` is not written out"),
        (".r = lookup!(\"provinces\", .c, at: .d, column: \"nmae\")", "no such column `nmae`"),
        (".r = lookup!(\"provinces\", .c)", "argument"),
        (".r = lookup(\"provinces\", .c, at: .d)", "say what happens on failure"),
        (".r = lookup_back!(\"people\", .c, at: .d)", "not declared one-to-one"),
        (".r = parse_date!(\"dd.MM.yyyy\", .d)", "is no form of dates"),
        (".r = %exchange.key", "belongs to no exchange"),
    ] {
        let told = refused(text);
        assert!(told.contains(expected) && told.starts_with("test:1:"), "{text}: {told}");
    }
    assert!(refused(".r = lookup!(\"provinecs\", .c, at: .d)").contains("the tables are districts,"));
}

#[test]
fn organisation_ids_follow_tables_first_and_structure_where_it_is_allowed() {
    let convert = |function: &str, id: &str| {
        run(&format!(".r = {function}!(.id, at: \"2025-01-01\")"), json!({"id": id})).map(|event| event["r"].clone())
    };
    assert_eq!(convert("organisation_new", "000.00.32.H19").unwrap(), json!("H19.132"));
    assert_eq!(convert("organisation_old", "H19.132").unwrap(), json!("000.00.32.H19"));
    assert_eq!(convert("organisation_new", "000.00.14.H56").unwrap(), json!("H56.14"));
    assert_eq!(convert("organisation_old", "H56.14").unwrap(), json!("000.00.14.H56"));
    assert_eq!(convert("organisation_new", "H56.14").unwrap(), json!("H56.14"));
    for (function, id) in
        [("organisation_new", "000.00.33.H19"), ("organisation_old", "H56.170"), ("organisation_old", "H26.17")]
    {
        let fault = convert(function, id).unwrap_err();
        assert_eq!(
            (fault.code, fault.problems[0].table.as_deref()),
            (FaultCode::CodeUnmapped, Some("organisation-ids"))
        );
        assert_eq!(fault.problems[0].value_class.as_deref(), Some(id));
    }
    assert_eq!(convert("organisation_new", "H56.").unwrap_err().code, FaultCode::Mapping);
}

#[test]
fn names_codes_and_texts_are_read_by_their_rules() {
    let event = json!({"name": "  Nguye\u{302}\u{303}n  Văn Đạt ", "code": "000.00.14.H56-250115-0007", "tax": "2800000002001"});
    assert_eq!(result(".r = ascii_name!(.name)", event.clone()), json!("NGUYENVANDAT"));
    assert_eq!(result(".r = normalise_name!(.name)", event.clone()), json!("Nguyễn Văn Đạt"));
    assert_eq!(result(".r = same_name!(.name, \"NGUYỄN VĂN ĐẠT\")", event.clone()), json!(true));
    assert_eq!(
        result(".r = dossier_code_parts!(.code)", event.clone()),
        json!({"organisation": "000.00.14.H56", "root": "H56", "form": "old", "date": "2025-01-15", "serial": "0007"})
    );
    assert_eq!(result(".r = valid_tax_code(string!(.tax))", event.clone()), json!(true));
    assert_eq!(result(".r = tax_code!(.tax)", event), json!("2800000002-001"));
    let fault = run(".r = checked_text!(.t)", json!({"t": "Nguy\u{d4}n V\u{a8}n \u{a7}\u{b9}t"})).unwrap_err();
    assert!(fault.problems[0].problem.contains("TCVN3"), "{:?}", fault.problems);
    let fault = run(".r = decode_base64_text!(.t)", json!({"t": "TmfGsA"})).unwrap_err();
    assert_eq!((fault.problems[0].pointer.as_str(), fault.code), ("/t", FaultCode::Mapping));
}

#[test]
fn a_text_inside_base64_is_read_in_the_encoding_it_is_declared_to_be_in() {
    // "Nguyễn Văn Đạt" in TCVN3.
    let event = json!({"t": "Tmd1edRuIFaobiCnuXQ=", "charset": "TCVN3"});
    for program in [
        ".r = decode_base64_text!(.t, encoding: \"tcvn3\")",
        ".r = decode_base64_text!(.t, encoding: string!(.charset))",
    ] {
        assert_eq!(result(program, event.clone()), json!("Nguyễn Văn Đạt"), "{program}");
    }
    let fault = run(".r = decode_base64_text!(.t)", event.clone()).unwrap_err();
    let problem = &fault.problems[0];
    assert_eq!(problem.pointer, "/t");
    assert!(problem.problem.contains("TCVN3: declare it"), "{}", problem.problem);
    let fault = run(".r = decode_base64_text!(.t, encoding: \"vni\")", event).unwrap_err();
    assert!(fault.problems[0].problem.contains("is not VNI"), "{:?}", fault.problems);
}

#[test]
fn dates_keep_their_precision_and_their_day() {
    assert_eq!(
        result(".r = parse_date!(\"yyyyMMddHHmmss\", .d)", json!({"d": "20250115083000"})),
        json!("2025-01-15T01:30:00Z")
    );
    assert_eq!(result(".r = parse_date!(\"dd/MM/yyyy|MM/yyyy|yyyy\", .d)", json!({"d": "01/1999"})), json!("1999-01"));
    assert_eq!(
        result(".r = format_date!(\"dd/MM/yyyy\", .d)", json!({"d": "2025-06-30T17:00:00Z"})),
        json!("01/07/2025")
    );
    assert_eq!(result(".r = format_date!(\"yyyyMMdd|yyyy\", .d)", json!({"d": "1999"})), json!("1999"));
    let at = ".at = parse_date!(\"iso\", \"2025-01-15T01:30:00\")\n.r = format_date!(\"yyyyMMddHHmmss\", .at)";
    assert_eq!(result(at, json!({})), json!("20250115083000"));
    for (text, value) in [
        (".r = parse_date!(\"yyyy/MM/dd\", .d)", "2014/02/30"),
        (".r = format_date!(\"yyyyMMddHHmmss\", .d)", "2025-01-15"),
        (".r = format_date!(\"dd/MM/yyyy\", .d)", "2025-01-15T01:30:00"),
    ] {
        let fault = run(text, json!({"d": value})).unwrap_err();
        assert_eq!((fault.code, fault.problems[0].pointer.as_str()), (FaultCode::Mapping, "/d"), "{text}");
        assert!(!serde_json::to_string(&fault).unwrap().contains(value));
    }
}

#[test]
fn xml_becomes_a_value_and_a_value_xml_in_its_order() {
    let event = json!({"x": "<DATA><ROW><A>1</A></ROW></DATA>", "bad": "<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>"});
    assert_eq!(result(".r = xml_to_value!(.x, [\"ROW\"])", event.clone()), json!({"DATA": {"ROW": [{"A": "1"}]}}));
    let text = ".r = value_to_xml!({\"R\": {\"B\": \"x<y\", \"A\": .n, \"Z\": 1}}, order: [\"Z\", \"B\"])";
    assert_eq!(
        result(text, json!({"n": 5})),
        json!("<?xml version=\"1.0\" encoding=\"UTF-8\"?><R><Z>1</Z><B>x&lt;y</B><A>5</A></R>")
    );
    let fault = run(".r = xml_to_value!(.bad)", event).unwrap_err();
    assert_eq!((fault.problems[0].pointer.as_str(), fault.code), ("/bad", FaultCode::Mapping));
    assert!(fault.problems[0].problem.contains("DTD"), "{:?}", fault.problems);
}

#[test]
fn a_program_of_no_exchange_needs_an_object_and_keeps_numbers() {
    assert_eq!(run(".r = 1", json!([1])).unwrap_err().problems[0].value_class.as_deref(), Some("array"));
    assert_eq!(
        run(".r = .a", json!({"a": 1.5, "b": 9_007_199_254_740_993_i64})).unwrap()["b"],
        json!(9_007_199_254_740_993_i64)
    );
    assert_eq!(run(".r = .a", json!({"a": u64::MAX})).unwrap_err().code, FaultCode::Mapping);
}

proptest! {
    #[test]
    fn no_value_panics(value in crate::routing::fixture::any_json(), which in 0_usize..8) {
        let text = [
            ".r = lookup!(\"provinces\", .v, at: .v)", ".r = lookup_back!(\"provinces\", .v, at: \"2025-01-01\")",
            ".r = organisation_new!(.v, at: \"2025-01-01\")", ".r = dossier_code_parts!(.v)", ".r = format_date!(\"dd/MM/yyyy\", .v)",
            ".r = parse_date!(\"yyyyMMdd|yyyy\", .v)", ".r = value_to_xml!(.v)", ".r = xml_to_value!(.v)",
        ][which];
        if let Err(fault) = run(text, json!({"v": value})) {
            prop_assert!(!fault.detail.contains("panicked"), "{}", fault.detail);
        }
    }
}
