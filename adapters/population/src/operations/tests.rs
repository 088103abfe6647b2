//! Tests of the catalogue: nothing is offered without its code, everything reads, every personal field is marked.

use lienthong_formats::xml::Element;

use super::*;
use crate::map::citizen;

fn system() -> SystemId {
    SystemId::new("population").unwrap()
}

fn config(operations: Value) -> PopulationConfig {
    serde_json::from_value(json!({ "endpoints": [], "operations": operations })).unwrap()
}

fn whole() -> PopulationConfig {
    let code = json!({ "integration_code": "999" });
    config(json!({ "verify_citizen": code, "find_household": code, "confirm_marital_status": code }))
}

#[test]
fn an_operation_is_offered_where_its_code_is_configured() {
    let names = |config: &PopulationConfig| -> Vec<String> {
        all(&system(), config).unwrap().into_iter().map(|spec| spec.name.to_string()).collect()
    };
    assert_eq!(names(&config(json!({}))), ["population.find-citizen"]);
    assert_eq!(
        names(&whole()),
        [
            "population.find-citizen",
            "population.verify-citizen",
            "population.find-household",
            "population.confirm-marital-status"
        ]
    );
    assert_eq!(Asked::FindCitizen.integration_code(&config(json!({})).operations), Some("037"));
}

#[test]
fn everything_reads_and_can_be_called_synchronously() {
    for spec in all(&system(), &whole()).unwrap() {
        assert!(spec.is_callable() && spec.lookup.is_none() && !spec.snapshot, "{}", spec.name);
        assert!(spec.input["required"].as_array().unwrap().contains(&json!("purpose")), "{}", spec.name);
    }
}

/// Pointers of all scalars, with `*` for any element.
fn leaves(value: &Value, at: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => fields.iter().for_each(|(name, inner)| leaves(inner, &format!("{at}/{name}"), found)),
        Value::Array(values) => values.iter().for_each(|inner| leaves(inner, &format!("{at}/*"), found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => found.push(at.to_owned()),
    }
}

/// Somebody of whom everything is known, and of whom nothing is as it should be.
fn citizens() -> Vec<Citizen> {
    let text = include_str!("../../testdata/citizen.answer.xml")
        .replace("<ns1:SoSoHoKhau/>", "<ns1:SoSoHoKhau>1</ns1:SoSoHoKhau>");
    let text = text.replace("<ns1:SoDinhDanh/>", "<ns1:SoDinhDanh>038199000003</ns1:SoDinhDanh>");
    let text = text.replace("<ns1:SoCMND/>", "<ns1:SoCMND>170000003</ns1:SoCMND>").replace("NhomMau>00", "NhomMau>01");
    [text.clone(), text.replace("19990102", "19990230")].map(|text| citizen::read(&citizen_in(&text))).to_vec()
}

fn citizen_in(text: &str) -> Element {
    let root = lienthong_formats::xml::read(text.as_bytes(), &lienthong_formats::xml::Limits::MESSAGE).unwrap();
    root.at(&["Body", "CongdanCollection", "CongDan"]).unwrap().clone()
}

#[test]
fn every_field_of_a_person_is_marked_as_personal_and_nothing_else_is() {
    let specs = all(&system(), &whole()).unwrap();
    for (place, answer) in [(0, json!(citizens()[0])), (0, json!(citizens()[1])), (2, json!({ "members": citizens() }))]
    {
        let mut found = Vec::new();
        leaves(&answer, "", &mut found);
        assert!(found.len() > 40, "{found:?}");
        for pointer in found {
            assert!(specs[place].personal.iter().any(|known| *known == pointer), "{}: {pointer}", specs[place].name);
        }
    }
    let known = |spec: &OperationSpec, pointer: &str| {
        let mut schema = if QUESTION.contains(&pointer) { &spec.input } else { &spec.output };
        for part in pointer.split('/').skip(1) {
            schema = if part == "*" { &schema["items"] } else { &schema["properties"][part] };
            if let Some(either) = schema["anyOf"].as_array() {
                schema = either.iter().find(|one| one["type"] != "null").unwrap();
            }
        }
        schema.is_object()
    };
    for spec in &specs {
        for pointer in &spec.personal {
            assert!(known(spec, pointer), "{}: {pointer} is no field", spec.name);
        }
    }
}

#[test]
fn no_debug_of_a_person_shows_anything() {
    for citizen in citizens() {
        let shown = format!("{citizen:?}");
        for text in ["Mẫu", "0381", "1700", "1999", "CH01", "Male", "Married"] {
            assert!(!shown.contains(text), "{text} in {shown}");
        }
    }
}
