//! Tests of mapping from stored bytes, both ways: callers' input to the portal's request, its answers to our output. No sockets.

use lienthong_core::{Body, Fault, FaultCode, FaultKind};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{Rules, answer, catalogue, dossier, input, work};
use crate::config::{AnswerCodes, CodeRule, FieldLimits};
use crate::model::{Dossier, Progress, Status, StatusUpdate};
use crate::wire::request::{Caller, Request};
use lienthong_kit::words::{Phrases, Words};

const CALLER: Caller<'_> = Caller { session: "5f0c6d0e", organisation: "000.00.00.H56" };

fn rules() -> Rules {
    Rules {
        codes: CodeRule::default(),
        limits: FieldLimits::default(),
        lossy_statuses: Default::default(),
        status_numbers: Default::default(),
        progress_steps: 10,
    }
}

fn read<T: serde::de::DeserializeOwned>(bytes: &'static [u8]) -> T {
    input::read(&Body::json(bytes)).unwrap()
}

fn wired(input: &Value) -> Result<Value, Fault> {
    let given: Dossier = input::read(&Body::json(serde_json::to_vec(input).unwrap()))?;
    dossier::to_wire(&rules(), &given).map(|wire| serde_json::to_value(wire).unwrap())
}

fn smallest() -> Value {
    serde_json::from_slice(include_bytes!("../../testdata/smallest-dossier.input.json")).unwrap()
}

fn expected(bytes: &[u8]) -> String {
    String::from_utf8(bytes.trim_ascii_end().to_vec()).unwrap()
}

#[test]
fn a_full_dossier_maps_field_by_field() {
    let given: Dossier = read(include_bytes!("../../testdata/dossier.input.json"));
    let wire = serde_json::to_value(dossier::to_wire(&rules(), &given).unwrap()).unwrap();
    let wanted: Value = serde_json::from_slice(include_bytes!("../../testdata/dossier.wire.json")).unwrap();
    assert_eq!(wire, wanted);
}

#[test]
fn the_smallest_dossier_is_these_bytes() {
    let given: Dossier = read(include_bytes!("../../testdata/smallest-dossier.input.json"));
    let data = dossier::to_wire(&rules(), &given).unwrap();
    let bytes = Request::Dossier { data: &data, updating: false }.enveloped(CALLER).unwrap();
    let wanted = expected(include_bytes!("../../testdata/smallest-dossier.request.json"));
    assert_eq!(String::from_utf8(bytes).unwrap(), wanted);
}

#[test]
fn every_field_a_dossier_has_is_reserved_from_extensions() {
    let given: Dossier = read(include_bytes!("../../testdata/dossier.input.json"));
    let wire = serde_json::to_value(dossier::to_wire(&rules(), &given).unwrap()).unwrap();
    let mut names: Vec<&str> = wire.as_object().unwrap().keys().map(String::as_str).collect();
    names.retain(|name| !given.extensions.contains_key(*name));
    let mut reserved = crate::wire::dossier::DOSSIER_FIELDS.to_vec();
    names.sort_unstable();
    reserved.sort_unstable();
    assert_eq!(names, reserved);
    let mut taken = smallest();
    taken["extensions"] = json!({"GhiChu": "x"});
    assert_eq!(wired(&taken).unwrap_err().problems[0].pointer, "/extensions/GhiChu");
}

#[test]
fn progress_steps_are_these_bytes_and_no_step_is_added() {
    let given: Progress = read(include_bytes!("../../testdata/progress.input.json"));
    let steps = work::steps_to_wire(&rules(), &given).unwrap();
    let bytes = Request::Progress(&steps).enveloped(CALLER).unwrap();
    assert_eq!(String::from_utf8(bytes).unwrap(), expected(include_bytes!("../../testdata/progress.request.json")));
}

#[test]
fn a_status_notice_is_these_bytes_with_a_single_object_and_type_2() {
    let given: StatusUpdate = read(include_bytes!("../../testdata/status.input.json"));
    let wire = work::status_to_wire(&rules(), &given).unwrap();
    let bytes = Request::Status(&wire).enveloped(CALLER).unwrap();
    assert_eq!(String::from_utf8(bytes).unwrap(), expected(include_bytes!("../../testdata/status.request.json")));
    let renumbered = Rules { status_numbers: [(Status::NotAccepted, 11)].into(), ..rules() };
    assert_eq!(work::status_to_wire(&renumbered, &given).unwrap().trang_thai, "11");
}

#[test]
fn a_procedure_with_numbers_as_texts_blanks_and_words_is_read() {
    let judge = answer::Judge { words: Words::new(&Phrases::default()), codes: AnswerCodes::default() };
    let bytes = include_bytes!("../../testdata/procedure.answer.json");
    let answer = answer::read(bytes, answer::Shapes::Envelope).unwrap();
    let mut rows: Vec<crate::wire::catalogue::Procedure> = judge.rows(&answer, &[]).unwrap();
    let procedure = catalogue::procedure(rows.pop().unwrap()).unwrap();
    let wanted: Value = serde_json::from_slice(include_bytes!("../../testdata/procedure.output.json")).unwrap();
    assert_eq!(serde_json::to_value(procedure).unwrap(), wanted);
}

#[test]
fn no_status_is_bent_and_a_loss_must_be_declared() {
    for status in Status::ALL {
        let mut given = smallest();
        given["status"] = json!(status.name());
        assert_eq!(wired(&given).unwrap()["TrangThaiHoSo"], status.number().to_string());
    }
    let lossy = Rules { lossy_statuses: [(Status::Stopped, Status::Finished)].into(), ..rules() };
    assert_eq!((lossy.sent(Status::Stopped), lossy.sent(Status::New)), (Status::Finished, Status::New));
}

#[test]
fn text_is_sent_in_nfc_and_measured_in_characters_of_nfc() {
    use unicode_normalization::UnicodeNormalization;
    let decomposed = |text: &str| text.nfd().collect::<String>();
    let mut given = smallest();
    given["owner"]["name"] = json!(decomposed("Đỗ Thị Mẫu"));
    given["note"] = json!(decomposed(&"ễ".repeat(2000)));
    let wire = wired(&given).unwrap();
    assert_eq!(wire["ChuHoSo"], "Đỗ Thị Mẫu");
    assert_eq!(wire["GhiChu"].as_str().unwrap().chars().count(), 2000);
}

#[test]
fn an_over_long_text_is_refused_by_name_and_never_cut() {
    let mut given = smallest();
    given["note"] = json!("ô".repeat(2001));
    given["summary"] = json!("ô".repeat(1001));
    given["papers"] = json!([{"id": "1", "file_name": "ô".repeat(4001), "url": "https://a.test"}]);
    given["results"] = json!([{"name": "ô".repeat(2001), "url": "https://a.test"}]);
    let fault = wired(&given).unwrap_err();
    let pointers: Vec<&str> = fault.problems.iter().map(|problem| problem.pointer.as_str()).collect();
    assert_eq!(pointers, ["/papers/0/file_name", "/results/0/name", "/summary", "/note"]);
    assert_eq!((fault.kind, fault.code), (FaultKind::Invalid, FaultCode::Invalid));
    let mut progress: Progress = read(include_bytes!("../../testdata/progress.input.json"));
    progress.steps[1].officer.0 = "ô".repeat(51);
    let fault = work::steps_to_wire(&rules(), &progress).err().unwrap();
    assert_eq!(fault.problems[0].pointer, "/steps/1/officer");
}

#[test]
fn an_identity_number_is_neither_made_up_nor_sent_malformed() {
    let wire = wired(&smallest()).unwrap();
    assert_eq!(wire["DinhDanhCHS"], json!([]));
    assert!(wire.get("SoGiayToChuHoSo").is_none() && wire.get("SoBienNhan").is_none());
    for (kind, number) in
        [("citizen_id", "170000001"), ("identity_card", "038199000001"), ("citizen_id", "03819900000x")]
    {
        let mut given = smallest();
        given["owner"]["identities"] = json!([{"kind": kind, "number": number}]);
        let fault = wired(&given).unwrap_err();
        assert_eq!(fault.problems[0].pointer, "/owner/identities/0/number");
        assert!(!format!("{fault:?}").contains(number));
    }
}

#[test]
fn every_problem_is_told_at_once_and_a_bad_code_names_the_fault() {
    let mut given = smallest();
    given["code"] = json!("0007");
    given["procedure_code"] = json!(" ");
    given["papers"] = json!([{"id": "", "file_name": "a", "url": "file:///etc/passwd"}]);
    let fault = wired(&given).unwrap_err();
    assert_eq!(fault.code, FaultCode::DossierCode);
    let pointers: Vec<&str> = fault.problems.iter().map(|problem| problem.pointer.as_str()).collect();
    assert_eq!(pointers, ["/code", "/procedure_code", "/papers/0/id", "/papers/0/url"]);
}

#[test]
fn debug_of_a_dossier_shows_nobody() {
    let given: Dossier = read(include_bytes!("../../testdata/dossier.input.json"));
    let shown = format!("{given:?}");
    for hidden in ["MẪU", "038199000001", "170000001", "mau@", "0900000000", "phố Mẫu", "Trần Thị Mẫu"] {
        assert!(!shown.contains(hidden), "{hidden}");
    }
}

proptest! {
    #[test]
    fn any_bytes_as_input_are_a_fault_or_a_model(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let body = Body::json(bytes);
        let _read = (input::read::<Dossier>(&body), input::read::<Progress>(&body), input::read::<StatusUpdate>(&body));
    }

    #[test]
    fn both_forms_of_a_code_arrive_unchanged(unit in 0u8..100, serial in "[0-9]{4,10}", old in any::<bool>()) {
        let code = match old {
            true => format!("000.00.{unit:02}.H56-250115-{serial}"),
            false => format!("H56.{unit:02}-250115-{serial}"),
        };
        let mut given = smallest();
        given["code"] = json!(code);
        prop_assert_eq!(&wired(&given).unwrap()["MaHoSo"], &json!(code));
    }

    #[test]
    fn split_steps_come_out_whole_and_in_order(count in 1usize..60) {
        let mut progress: Progress = read(include_bytes!("../../testdata/progress.input.json"));
        let step = progress.steps[0].clone();
        progress.steps = (0..count).map(|place| {
            let mut step = step.clone();
            step.content = Some(place.to_string());
            step
        }).collect();
        let body = super::json(&progress).unwrap();
        let parts = work::split(&rules(), &body, &progress).unwrap();
        let mut joined = Vec::new();
        for part in &parts {
            let part: Progress = input::read(part).unwrap();
            prop_assert!(part.steps.len() <= 10 && part.code == progress.code);
            joined.extend(part.steps);
        }
        prop_assert_eq!(joined, progress.steps);
    }
}
