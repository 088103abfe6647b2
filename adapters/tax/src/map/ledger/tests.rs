//! Tests of the ledger's answer from bytes: one and many, instalments, free text, states, and what contradicts itself.

use lienthong_kit::loose::Many;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::wire::answer::read;

const CODE: &str = "000.00.32.H19-250108-0001";
const SINGLE: &str = include_str!("../../../testdata/ledger-single.answer.xml");

fn config() -> LedgerConfig {
    serde_json::from_value(json!({
        "type": "00109", "name": "x", "dossier_element": "MA_HS", "owner_element": "SO",
        "nothing_owed": ["02"], "unknown": ["03"]
    }))
    .unwrap()
}

fn judged(data: &str, asked: &str) -> Result<LandLedger, Fault> {
    let ledger = read(data).ok().unwrap().row.unwrap().ledger().ok().unwrap().unwrap();
    found(ledger, asked, &config(), Answered::default())
}

fn shown(data: &str) -> Value {
    serde_json::to_value(judged(data, CODE).unwrap()).unwrap()
}

/// The row of the answer, as it stands.
fn row() -> &'static str {
    let start = SINGLE.find("<ROW_SOTHUE>").unwrap();
    &SINGLE[start..SINGLE.find("</ROW_SOTHUE>").unwrap() + "</ROW_SOTHUE>".len()]
}

#[test]
fn one_row_and_one_total_are_arrays_as_many_are() {
    let one = shown(SINGLE);
    assert_eq!(one["totals"].as_array().unwrap().len(), 1);
    assert_eq!(one["totals"][0]["entries"].as_array().unwrap().len(), 1);
    let two = shown(&SINGLE.replace(row(), &row().repeat(2)));
    assert_eq!(two["totals"][0]["entries"].as_array().unwrap().len(), 2);
    assert_eq!(two["totals"][0]["entries"][0], one["totals"][0]["entries"][0], "the same shape");
    // What the national portal makes of the same answer: an object for one, an array for several. Both are lists for our readers.
    let listed: Many<Value> = serde_json::from_value(one["totals"][0]["entries"][0].clone()).unwrap();
    assert_eq!(listed.0.len(), 1);
}

#[test]
fn instalments_that_differ_in_their_due_date_alone_are_both_kept() {
    let later = row().replace("2025-02-10", "2025-05-12");
    let entries = shown(&SINGLE.replace(row(), &format!("{}{later}", row())))["totals"][0]["entries"].clone();
    let (mut first, second) = (entries[0].clone(), entries[1].clone());
    assert_eq!((&first["due_date"], &second["due_date"]), (&json!("2025-02-10"), &json!("2025-05-12")));
    first["due_date"] = second["due_date"].clone();
    assert_eq!(first, second);
    let same = shown(&SINGLE.replace(row(), &row().repeat(2)))["totals"][0]["entries"].clone();
    assert_eq!(same[0], same[1], "even two equal rows are two");
}

#[test]
fn names_of_two_people_junk_behind_numbers_and_free_text_stand_as_they_are() {
    let entry = shown(SINGLE)["totals"][0]["entries"][0].clone();
    assert_eq!(entry["owner"]["name"], "Ông Nguyễn Văn Mẫu và bà Trần Thị Mẫu");
    assert_eq!(entry["owner"]["number"], "038199000001 (CCCD)");
    assert_eq!(entry["owner"]["identity_number"], "038199000001");
    assert_eq!((&entry["parcel"]["number"], &entry["parcel"]["map_sheet"]), (&json!("Thửa 35"), &json!("Bản đồ 45")));
    for (text, number) in [
        ("038199000001", Some("038199000001")),
        ("171234567", Some("171234567")),
        ("171234567/CA Mẫu", Some("171234567")),
        ("2800000002", None),
        ("0381990000012", None),
        ("số 038199000001", None),
    ] {
        assert_eq!(identity_number(text), number, "{text}");
    }
}

#[test]
fn tax_area_codes_are_handed_on_beside_the_statistics_offices() {
    let parcel = shown(SINGLE)["totals"][0]["entries"][0]["parcel"].clone();
    assert_eq!(parcel["area"]["province"], json!({ "code": "713", "name": "Đồng Nai" }));
    assert_eq!(parcel["area"]["district"]["code"], "71317");
    assert_eq!(parcel["area"]["commune"]["code"], "7131703");
    assert_eq!(parcel["statistics_commune"], "26476");
}

#[test]
fn dates_say_the_day_and_the_moment_where_there_is_one() {
    let entry = shown(SINGLE)["totals"][0]["entries"][0].clone();
    assert_eq!((&entry["decision_date"], &entry["decided_at"]), (&json!("2025-01-10"), &json!("2025-01-10T01:05:25Z")));
    assert_eq!(entry["due_date"], "2025-02-10");
}

#[test]
fn a_day_or_amount_that_cannot_be_read_is_named_by_its_place() {
    for (from, to, pointer) in [
        ("<HAN_NOP>2025-02-10 00:00:00.0", "<HAN_NOP>2014/02/30", "/totals/0/entries/0/due_date"),
        ("<HAN_NOP>2025-02-10 00:00:00.0", "<HAN_NOP>2014-02-30 00:00:00.0", "/totals/0/entries/0/due_date"),
        ("<NGAY_QUYET_DINH>2025-01-10", "<NGAY_QUYET_DINH>2025-13-10", "/totals/0/entries/0/decision_date"),
        ("<SO_CON_PHAI_NOP>4634000", "<SO_CON_PHAI_NOP>4.634.000", "/totals/0/entries/0/amount"),
        ("<TT_NNT>4634000", "<TT_NNT>4634000đ", "/totals/0/amount"),
    ] {
        let fault = judged(&SINGLE.replace(from, to), CODE).unwrap_err();
        assert_eq!((fault.kind, fault.problems[0].pointer.as_str()), (FaultKind::Unintelligible, pointer));
    }
}

#[test]
fn only_configured_states_mean_anything() {
    let empty = |state: &str| {
        let start = SINGLE.find("<TONG_TIEN>").unwrap();
        let end = SINGLE.find("</TONG_TIEN>").unwrap() + "</TONG_TIEN>".len();
        let data = format!("{}{}", &SINGLE[..start], &SINGLE[end..]);
        data.replace("<TRANGTHAI>01</TRANGTHAI>", &format!("<TRANGTHAI>{state}</TRANGTHAI>"))
    };
    assert_eq!(judged(&empty("02"), CODE).unwrap().state, LedgerState::NothingOwed);
    assert_eq!(judged(&empty("03"), CODE).unwrap_err().kind, FaultKind::NotFound);
    for state in ["04", "", "1"] {
        assert_eq!(judged(&empty(state), CODE).unwrap_err().kind, FaultKind::Unintelligible, "{state}");
    }
    let contradiction = SINGLE.replace("<TRANGTHAI>01<", "<TRANGTHAI>02<");
    for data in [empty("01"), contradiction] {
        assert_eq!(judged(&data, CODE).unwrap_err().kind, FaultKind::Unintelligible);
    }
}

#[test]
fn debts_of_another_dossier_are_not_believed_and_the_other_form_of_the_code_is() {
    assert!(judged(SINGLE, "H19.32-250108-0001").is_ok());
    for other in ["000.00.32.H19-250108-0002", "000.00.33.H19-250108-0001", "H19.32-250109-0001"] {
        assert_eq!(judged(SINGLE, other).unwrap_err().kind, FaultKind::Unintelligible, "{other}");
    }
}

proptest! {
    #[test]
    fn no_answer_makes_the_mapper_panic(at in 0..SINGLE.len(), length in 0..80_usize, piece in "\\PC{0,12}") {
        let boundary = |mut at: usize| { while !SINGLE.is_char_boundary(at) { at += 1; } at };
        let (from, until) = (boundary(at), boundary((at + length).min(SINGLE.len())));
        let damaged = format!("{}{piece}{}", &SINGLE[..from], &SINGLE[until..]);
        let row = read(&damaged).ok().and_then(|answer| answer.row);
        if let Some(Ok(Some(ledger))) = row.map(|row| row.ledger()) {
            let _judged = found(ledger, CODE, &config(), Answered::default());
        }
    }
}
