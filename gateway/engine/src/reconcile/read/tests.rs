//! Lists as provinces export them: right ones, wrong columns, legacy encodings, rows nobody can read.

use std::sync::Arc;

use lienthong_core::program::{Compiler as _, ProgramText};

use super::*;
use crate::reconcile::Told;
use crate::routing::Programs;

const PROGRAM: &str = r#"
status = { "4": "processing", "9": "finished", "10": "returned" }
known = get(status, [string!(."Trạng thái")]) ?? null
if known == null { abort "the status is not known" }
due = parse_date("dd/MM/yyyy", string!(."Hẹn trả")) ?? null
. = { "key": ."Mã hồ sơ", "body": { "code": ."Mã hồ sơ", "handling_unit": ."Đơn vị", "status": known, "due_at": due } }
"#;

fn spec(encoding: Encoding, delimiter: u8) -> ExportSpec {
    let text = ProgramText { place: "row.vrl".to_owned(), text: PROGRAM.to_owned() };
    let columns = ["Mã hồ sơ", "Đơn vị", "Trạng thái", "Hẹn trả"].map(str::to_owned).to_vec();
    ExportSpec { encoding, delimiter, columns, make: Programs::over(&Arc::default()).compile(&text).unwrap() }
}

fn fields() -> Fields {
    let at = |pointer: &str| Some(pointer.to_owned());
    Fields { unit: at("/handling_unit"), status: at("/status"), due: at("/due_at"), ..Fields::default() }
}

fn read(bytes: &[u8]) -> Result<Part, Fault> {
    part(&spec(Encoding::Utf8, b','), &fields(), Form::Csv, bytes, 1)
}

const LIST: &str = "Mã hồ sơ,Đơn vị,Trạng thái,Hẹn trả,Ghi chú\nH56.14-260115-0007,Một cửa,4,20/01/2026,\n\
                    H56.14-260115-0008,\"Một\ncửa\",11,,x\nH56.14-260115-0009,Một cửa,10,,y\n";

#[test]
fn rows_become_messages_and_a_bad_one_stops_no_other() {
    let part = read(LIST.as_bytes()).unwrap();
    let read: Vec<(u64, &str, Option<&str>, Told)> =
        part.rows.iter().map(|row| (row.line, row.key.as_str(), row.state.status.as_deref(), row.state.due)).collect();
    let due = Told::On(jiff::civil::date(2026, 1, 20));
    assert_eq!(
        read,
        [(2, "H56.14-260115-0007", Some("processing"), due), (5, "H56.14-260115-0009", Some("returned"), Told::Never)]
    );
    assert_eq!((part.refused, part.told[0].0), (1, 3));
    assert!(!part.told[0].1.contains("0008"), "no value of a row is repeated: {}", part.told[0].1);
}

#[test]
fn wrong_columns_are_named_with_those_that_are_there() {
    let fault = read(LIST.replace("Trạng thái", "Tình trạng").as_bytes()).unwrap_err();
    assert_eq!(fault.code, FaultCode::BadParameter);
    assert!(fault.detail.contains("no column `Trạng thái`") && fault.detail.contains("`Tình trạng`"), "{fault}");
    let fault = read(LIST.replace(',', ";").as_bytes()).unwrap_err();
    assert!(fault.detail.contains("delimiter"), "{fault}");
    assert!(read(b"").unwrap_err().detail.contains("empty"));
}

#[test]
fn a_legacy_encoding_is_read_where_it_is_declared_and_refused_where_it_is_not() {
    let text = "Mã hồ sơ,Đơn vị,Trạng thái,Hẹn trả\nH56.14-260115-0007,x,4,\n";
    let windows = in_windows_1258(text);
    let declared = part(&spec(Encoding::Windows1258, b','), &fields(), Form::Csv, &windows, 1).unwrap();
    assert_eq!(declared.rows.len(), 1, "{declared:?}");
    let fault = part(&spec(Encoding::Utf8, b','), &fields(), Form::Csv, &windows, 1).unwrap_err();
    assert!(fault.detail.contains("is not UTF-8"), "{fault}");
}

/// The header's letters in windows-1258: bases with combining marks where it has no letter of its own.
fn in_windows_1258(text: &str) -> Vec<u8> {
    let marks = [
        ('ã', &b"a\xde"[..]),
        ('ồ', b"\xf4\xcc"),
        ('ơ', b"\xf5"),
        ('Đ', b"\xd0"),
        ('ị', b"i\xf2"),
        ('ạ', b"a\xf2"),
        ('á', b"\xe1"),
        ('ẹ', b"e\xf2"),
        ('ả', b"a\xd2"),
    ];
    let mut bytes = Vec::new();
    for letter in text.chars() {
        match marks.iter().find(|(known, _)| *known == letter) {
            Some((_, written)) => bytes.extend_from_slice(written),
            None => bytes.push(u8::try_from(letter).unwrap()),
        }
    }
    bytes
}

#[test]
fn lines_of_json_are_read_the_same_way() {
    let list = "{\"Mã hồ sơ\":\"H56.14-260115-0007\",\"Đơn vị\":\"x\",\"Trạng thái\":\"9\",\"Hẹn trả\":\"\"}\n\nno JSON\n{\"Mã hồ sơ\":\"a\"}\n";
    let part = part(&spec(Encoding::Utf8, b','), &fields(), Form::JsonLines, list.as_bytes(), 11).unwrap();
    assert_eq!(part.rows.iter().map(|row| row.line).collect::<Vec<_>>(), [11]);
    let told: Vec<u64> = part.told.iter().map(|(line, _)| *line).collect();
    assert_eq!((part.refused, told), (2, vec![13, 14]));
    assert!(part.told[1].1.contains("no member `Đơn vị`"), "{:?}", part.told);
}
