//! Tests of the catalogue: every operation is complete, documented and consistent with what mapping takes. No sockets.

use lienthong_core::{Adapter, Effect};
use serde_json::{Value, json};

use super::*;
use crate::tests::portal;

#[test]
fn every_operation_is_named_after_the_system_and_complete() {
    let system = SystemId::new("portal-2").unwrap();
    let all = all(&system, &FieldLimits::default()).unwrap();
    assert_eq!(all.len(), 8);
    for spec in all {
        assert_eq!(spec.name.system(), "portal-2");
        assert!(Asked::of(&system, &spec.name).is_some());
        assert!(spec.input.is_object() && spec.output.is_object() && spec.example.is_object(), "{}", spec.name);
        assert_eq!(spec.input["additionalProperties"], json!(false), "{}", spec.name);
        assert!(spec.lookup.is_none());
        assert_eq!(spec.splits, spec.name.as_str().ends_with("sync-progress"));
        assert_eq!(
            spec.key_field.is_some(),
            spec.input.pointer("/properties/code").is_some() && !spec.name.as_str().ends_with("get-procedure")
        );
    }
    assert!(super::all(&SystemId::new("a.b").unwrap(), &FieldLimits::default()).is_err());
}

#[test]
fn only_progress_must_not_happen_twice() {
    let all = all(&SystemId::new("portal").unwrap(), &FieldLimits::default()).unwrap();
    for spec in all {
        let (effect, snapshot) = match spec.name.as_str() {
            "portal.sync-progress" => (Effect::Once, false),
            "portal.sync-dossier" | "portal.sync-status" => (Effect::Upsert, true),
            _read => (Effect::Read, false),
        };
        assert_eq!((spec.effect, spec.snapshot), (effect, snapshot), "{}", spec.name);
    }
}

#[test]
fn every_example_passes_its_own_check() {
    let portal = portal();
    for spec in portal.operations() {
        portal.check(&spec.name, &spec.example).unwrap();
        let mut unknown = spec.example.clone();
        unknown["surprise"] = json!(1);
        let fault = portal.check(&spec.name, &unknown).unwrap_err();
        assert_eq!(fault.problems[0].pointer, "/surprise", "{}", spec.name);
    }
}

#[test]
fn the_door_refuses_what_the_schema_cannot_say() {
    let portal = portal();
    let name = |verb: &str| OperationName::new(&format!("portal.{verb}")).unwrap();
    let fault = portal.check(&name("find-dossier"), &json!({"code": "H56"})).unwrap_err();
    assert_eq!(fault.code.as_str(), "LT-DOSSIER-CODE");
    let mut dossier = dossier_example();
    dossier["owner"]["identities"][0]["number"] = json!("170000001");
    let fault = portal.check(&name("sync-dossier"), &dossier).unwrap_err();
    assert_eq!(fault.problems[0].pointer, "/owner/identities/0/number");
    dossier["owner"]["identities"][0]["kind"] = json!("passport");
    let fault = portal.check(&name("sync-dossier"), &dossier).unwrap_err();
    assert_eq!(fault.problems[0].pointer, "/owner/identities/0/kind");
    assert!(!format!("{fault:?}").contains("170000001"));
    let step = json!({"officer": "A", "at": "2025-01-15T08:30:00Z", "status": "received"});
    let steps = |count: usize| json!({"code": "H56-250115-0001", "steps": vec![step.clone(); count]});
    portal.check(&name("sync-progress"), &steps(640)).unwrap();
    assert_eq!(portal.check(&name("sync-progress"), &steps(641)).unwrap_err().problems[0].pointer, "/steps");
    assert!(portal.check(&name("sync-progress"), &steps(0)).is_err());
}

#[test]
fn configured_lengths_stand_in_the_schema() {
    let limits = FieldLimits { summary: 11, note: 12, paper_name: 13, result_name: 14, officer: 15, other: 16 };
    let all = all(&SystemId::new("portal").unwrap(), &limits).unwrap();
    let at = |verb: &str, pointer: &str| -> Option<u64> {
        let spec = all.iter().find(|spec| spec.name.as_str().ends_with(verb)).unwrap();
        spec.input.pointer(pointer).and_then(Value::as_u64)
    };
    assert_eq!(at("sync-dossier", "/properties/summary/maxLength"), Some(11));
    assert_eq!(at("sync-dossier", "/properties/note/maxLength"), Some(12));
    assert_eq!(at("sync-dossier", "/properties/papers/items/properties/file_name/maxLength"), Some(13));
    assert_eq!(at("sync-dossier", "/properties/results/items/properties/name/maxLength"), Some(14));
    assert_eq!(at("sync-progress", "/properties/steps/items/properties/officer/maxLength"), Some(15));
}

#[test]
fn personal_pointers_lead_to_fields_of_input_or_output() {
    for spec in all(&SystemId::new("portal").unwrap(), &FieldLimits::default()).unwrap() {
        for pointer in &spec.personal {
            let step = |segment: &str| match segment {
                "*" => "/items".to_owned(),
                name => format!("/properties/{name}"),
            };
            let schema: String = pointer.split('/').skip(1).map(step).collect();
            let known = spec.input.pointer(&schema).or_else(|| spec.output.pointer(&schema));
            assert!(known.is_some(), "{}: {pointer} ({schema})", spec.name);
        }
    }
}
