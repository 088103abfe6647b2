//! Tests of what is sent, from bytes to bytes: both dialects, area ids, times, attachments within limits.

use lienthong_core::{FaultCode, FaultKind};
use serde::Serialize;
use serde_json::{Value, json};

use super::*;
use crate::config::{TimesConfig, Zone};

const INPUT: &str = include_str!("../../../testdata/receive.input.json");
const VBDLIS: &str = include_str!("../../../testdata/receive.vbdlis.json");
const ILIS: &str = include_str!("../../../testdata/receive.ilis.json");

fn rules(dialect: crate::config::Dialect) -> Rules {
    let ilis = dialect == crate::config::Dialect::Ilis;
    Rules {
        area_ids: if ilis { AreaIds::Text } else { AreaIds::Integer },
        parcel_addresses: ilis,
        times: TimesConfig::default(),
        attachments: AttachmentLimits { papers: 3, file_bytes: 40, total_bytes: 60 },
    }
}

fn vbdlis() -> Rules {
    rules(crate::config::Dialect::Vbdlis)
}

fn value(wire: impl Serialize) -> Value {
    serde_json::to_value(wire).unwrap()
}

fn given() -> NewDossier {
    serde_json::from_str(INPUT).unwrap()
}

fn refused(change: impl FnOnce(&mut Value)) -> Fault {
    let mut input: Value = serde_json::from_str(INPUT).unwrap();
    change(&mut input);
    let given: NewDossier = serde_json::from_value(input).unwrap();
    receive(&vbdlis(), &given).map(drop).unwrap_err()
}

#[test]
fn a_dossier_is_written_as_vbdlis_reads_it() {
    assert_eq!(value(receive(&vbdlis(), &given()).unwrap()), serde_json::from_str::<Value>(VBDLIS).unwrap());
}

#[test]
fn a_dossier_is_written_as_ilis_reads_it() {
    let rules = rules(crate::config::Dialect::Ilis);
    let mut given = given();
    given.parcels[0].address = Some(Personal("Số 1".into()));
    assert_eq!(value(receive(&rules, &given).unwrap()), serde_json::from_str::<Value>(ILIS).unwrap());
}

#[test]
fn a_district_that_is_abolished_is_left_out_and_never_made_up() {
    let mut given = given();
    given.area.district_code = None;
    assert!(value(receive(&vbdlis(), &given).unwrap()).get("HuyenId").is_none());
}

#[test]
fn times_may_be_configured_as_local() {
    let mut rules = vbdlis();
    rules.times.outgoing = Zone::Local;
    assert_eq!(value(receive(&rules, &given()).unwrap())["NgayTiepNhan"], "2025-01-15T08:30:00");
}

#[test]
fn attachments_are_base64_within_limits() {
    let file = |data: &str| json!([{ "name": "Đơn", "file": { "name": "a.pdf", "data": data } }]);
    for (data, pointer) in [
        ("%%%", "/papers/0/file/data"),
        ("JVBERi0xLjQK\nJVBERi0x", "/papers/0/file/data"),
        ("", "/papers/0/file/data"),
        (&"QUJD".repeat(14), "/papers/0/file/data"),
        (&"QUJD".repeat(4_000), "/papers/0/file/data"),
    ] {
        let fault = refused(|input| input["papers"] = file(data));
        assert_eq!(fault.kind, FaultKind::Invalid);
        assert_eq!(fault.problems[0].pointer, pointer, "{data:.20}");
    }
    let two = "QUJD".repeat(13);
    let fault = refused(|input| {
        input["papers"] = json!([
            { "name": "a", "file": { "name": "a", "data": two } }, { "name": "b", "file": { "name": "b", "data": two } }
        ]);
    });
    assert_eq!(fault.problems[0].pointer, "/papers");
    let fault = refused(|input| input["papers"] = json!(vec![json!({ "name": "a" }); 4]));
    assert_eq!(fault.problems[0].pointer, "/papers");
}

#[test]
fn everything_wrong_is_told_at_once_and_no_value_is_repeated() {
    let fault = refused(|input| {
        input["code"] = json!("H56/1");
        input["area"]["commune_code"] = json!("xã Mẫu");
        input["parcels"][0]["square_metres"] = json!("120,5");
        input["applicant"]["name"] = json!(" ");
    });
    let mut pointers: Vec<&str> = fault.problems.iter().map(|problem| problem.pointer.as_str()).collect();
    pointers.sort_unstable();
    assert_eq!(pointers, ["/applicant/name", "/area/commune_code", "/code", "/parcels/0/square_metres"]);
    assert_eq!(fault.code, FaultCode::DossierCode);
    assert!(!format!("{fault:?}").contains("120,5"));
}

#[test]
fn a_parcels_address_is_never_dropped_in_silence() {
    let fault = refused(|input| input["parcels"][0]["address"] = json!("Số 1"));
    assert_eq!(fault.problems[0].pointer, "/parcels/0/address");
}

#[test]
fn names_in_decomposed_unicode_are_sent_composed() {
    let mut given = given();
    given.applicant.name = Personal("Nguye\u{302}\u{303}n Văn Đạt".into());
    let wire = receive(&vbdlis(), &given).unwrap();
    assert_eq!(wire.thong_tin_nguoi_nop_don.ho_ten, "Nguyễn Văn Đạt");
}

#[test]
fn the_smaller_messages_are_written_in_their_shapes() {
    let at = "2025-02-12T09:00:00+07:00".parse().unwrap();
    let code = "H56.14-250115-0007".to_owned();
    let paper = Paper { name: "Trích đo".into(), originals: 1, copies: 0, file: None };
    assert_eq!(
        value(
            supplement(
                &vbdlis(),
                &Supplement { code: code.clone(), new_due_at: Some(at), note: None, papers: vec![paper.clone()] }
            )
            .unwrap()
        ),
        json!({
            "SoBienNhan": code, "NgayHenTraMoi": "2025-02-12T02:00:00Z", "GhiChu": "",
            "DanhSachGiayToBoSung": [{ "TenGiayTo": "Trích đo", "SoBanChinh": 1, "SoBanSao": 0 }]
        })
    );
    assert_eq!(
        value(returned(&vbdlis(), &ResultReturned { code: code.clone(), returned_at: at }).unwrap()),
        json!({ "SoBienNhan": code, "NgayTra": "2025-02-12T02:00:00Z" })
    );
    assert_eq!(
        value(
            wrong(
                &vbdlis(),
                &WrongDossier { code: code.clone(), content: Personal("Sai tên".into()), papers: vec![paper] }
            )
            .unwrap()
        ),
        json!({
            "SoBienNhan": code, "NoiDung": "Sai tên",
            "DanhSachGiayToDinhKem": [{ "TenGiayTo": "Trích đo", "SoBanChinh": 1, "SoBanSao": 0 }]
        })
    );
}
