//! Tables: what is refused and where, look-ups by day in both directions, and their laws.

use jiff::civil::date;
use proptest::prelude::*;
use serde_json::json;

use super::*;

fn spec() -> TableSpec {
    let list = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    TableSpec {
        name: "provinces".to_owned(),
        file: "tables/tables.yaml".to_owned(),
        line: 3,
        key: list(&["code"]),
        values: list(&["name", "kind"]),
        ..TableSpec::default()
    }
}

fn built(spec: TableSpec, text: &str) -> Result<Arc<Table>, Vec<RouteProblem>> {
    let (name, text) = (spec.name.clone(), TableText { file: "tables/p.csv".to_owned(), text: text.to_owned() });
    Tables::build([(spec, text)]).map(|tables| Arc::clone(tables.get(&name).unwrap()))
}

fn refused(spec: TableSpec, text: &str) -> Vec<(usize, String)> {
    built(spec, text).unwrap_err().into_iter().map(|problem| (problem.line, problem.problem)).collect()
}

const ROWS: &str = "code,name,kind,valid_from,valid_to,note\n\
    15,Yên Bái,tỉnh,,2025-06-30,\n\
    10,Lào Cai,tỉnh,,2025-06-30,\n\
    15,Lào Cai,tỉnh,2025-07-01,,took over 10\n";

#[test]
fn the_day_decides_what_a_code_means() {
    let table = built(spec(), ROWS).unwrap();
    let name = |code: &str, day| table.lookup(&[code], day).map(|row| table.value(row, "name").unwrap());
    assert_eq!(name("15", date(2025, 6, 30)), Ok("Yên Bái"));
    assert_eq!(name("15", date(2025, 7, 1)), Ok("Lào Cai"));
    assert_eq!(name("10", date(2025, 6, 30)), Ok("Lào Cai"));
    assert_eq!(name("10", date(2025, 7, 1)), Err(Missing::OtherDay));
    assert_eq!(name("99", date(2025, 7, 1)), Err(Missing::Unknown));
}

#[test]
fn a_value_leads_back_to_the_code_of_that_day() {
    let table = built(TableSpec { one_to_one: vec!["name".to_owned()], ..spec() }, ROWS).unwrap();
    let code = |name: &str, day| table.lookup_back("name", name, day).map(Row::code);
    assert_eq!(code("Lào Cai", date(2025, 6, 30)), Ok("10".to_owned()));
    assert_eq!(code("Lào Cai", date(2025, 7, 1)), Ok("15".to_owned()));
    assert_eq!(code("La\u{300}o Cai", date(2025, 7, 1)), Ok("15".to_owned()));
    assert_eq!(code("Yên Bái", date(2025, 7, 1)), Err(Missing::OtherDay));
}

#[test]
fn the_header_must_have_the_declared_columns_and_no_others() {
    assert_eq!(
        refused(spec(), "code,nmae,kind,code\n1,a,b,2\n"),
        [
            (1, "column `nmae` is not known here".to_owned()),
            (1, "column `code` stands here twice".to_owned()),
            (1, "column `name` is missing".to_owned()),
        ]
    );
    assert!(refused(spec(), "")[0].1.contains("`code` is missing"));
}

#[test]
fn every_bad_row_is_told_by_its_line() {
    let text = "code,name,kind,valid_from,valid_to\n\
        1,a,b,2025-02-30,\n2,a,b,2025-07-01,2025-06-30\n,a,b,,\n3,a,b\n4, a,b,,\n5,a,b,01/07/2025,\n6,Ha\u{300},b,,\n7,Nguy\u{d4}n V\u{a8}n \u{a7}\u{b9}t,b,,\n";
    let lines: Vec<usize> = refused(spec(), text).iter().map(|(line, _)| *line).collect();
    assert_eq!(lines, [2, 3, 4, 5, 6, 7, 8, 9]);
}

#[test]
fn rows_of_one_code_must_not_overlap_or_repeat() {
    let text = "code,name,kind,valid_from,valid_to\n1,a,x,,2025-06-30\n1,b,x,2025-06-30,\n2,a,x,,\n2,a,x,,\n";
    let found = refused(spec(), text);
    assert_eq!(found[0], (3, "code 1 holds in line 2 too on some of these days".to_owned()));
    assert_eq!(found[1], (5, "this row stands in line 4 already".to_owned()));
}

#[test]
fn a_total_table_has_no_gaps_and_no_end() {
    let total = || TableSpec { total: true, ..spec() };
    let text = "code,name,kind,valid_from,valid_to\n1,a,x,,2025-06-30\n1,b,x,2025-07-02,\n2,a,x,,2025-06-30\n";
    assert_eq!(
        refused(total(), text),
        [
            (3, "code 1 has no row from 2025-07-01 until 2025-07-02".to_owned()),
            (4, "code 2 has no row after 2025-06-30".to_owned())
        ]
    );
    let whole = "code,name,kind,valid_from,valid_to\n1,a,x,,2025-06-30\n1,b,x,2025-07-01,\n";
    assert!(built(total(), whole).is_ok());
}

#[test]
fn a_one_to_one_table_has_one_code_per_value_on_each_day() {
    let both = || TableSpec { one_to_one: vec!["name".to_owned()], ..spec() };
    let found = refused(both(), "code,name,kind\n1,a,x\n2,a,x\n3,b,x\n");
    assert_eq!(found, [(3, "codes 2 and 1 (line 2) have one `name` on some of these days".to_owned())]);
    let text = "code,name,kind,valid_from,valid_to\n1,a,x,,2025-06-30\n2,a,x,2025-07-01,\n";
    assert!(built(both(), text).is_ok());
}

#[test]
fn a_declaration_that_contradicts_itself_is_refused_at_its_line() {
    let odd = TableSpec {
        name: "Provinces".to_owned(),
        values: vec!["code".to_owned(), "valid_from".to_owned()],
        one_to_one: vec!["nothing".to_owned()],
        personal: vec!["nobody".to_owned()],
        ..spec()
    };
    let problems = built(odd, "code\n").unwrap_err();
    let declared: Vec<_> = problems.iter().filter(|problem| problem.file == "tables/tables.yaml").collect();
    assert_eq!(declared.len(), 5, "{problems:#?}");
    assert!(declared.iter().all(|problem| problem.line == 3));
}

#[test]
fn a_code_of_several_columns_needs_all_of_them() {
    let pair = TableSpec {
        key: vec!["province".to_owned(), "district".to_owned()],
        values: vec!["name".to_owned()],
        ..spec()
    };
    let table = built(pair, "province,district,name\n01,001,a\n0,1001,b\n").unwrap();
    let day = date(2025, 1, 1);
    assert_eq!(table.lookup(&["01", "001"], day).unwrap().values, ["a"]);
    assert_eq!(table.lookup(&["0", "1001"], day).unwrap().values, ["b"]);
    assert_eq!(table.lookup(&["01001"], day), Err(Missing::Unknown));
}

#[test]
fn what_the_other_side_lacks_shows_before_it_fails() {
    let observed = ObservedSpec {
        operation: "land.list-received".parse().unwrap(),
        when: Some(("/list".to_owned(), "statuses".to_owned())),
        items: "/items".to_owned(),
        code: "/code".to_owned(),
        column: "code".to_owned(),
    };
    let message = json!({"list": "statuses", "items": [{"code": "15"}, {"code": 99}, {"name": "x"}]});
    let codes = observed.codes(&message).unwrap();
    assert_eq!(observed.codes(&json!({"list": "procedures", "items": []})), None);
    let table = built(TableSpec { observed: Some(observed), ..spec() }, ROWS).unwrap();
    let before = table.counterparts("code", &codes, date(2025, 1, 1));
    assert_eq!((before.unknown_there, before.unknown_here), (vec!["10".to_owned()], vec!["99".to_owned()]));
    assert!(table.counterparts("code", &codes, date(2025, 8, 1)).unknown_there.is_empty());
}

proptest! {
    /// Whatever the text, building tells problems or gives a table in which on no day two rows of a code hold.
    #[test]
    fn a_table_that_is_built_answers_one_row_a_day(
        rows in prop::collection::vec(("[12]", "[ab]", 1i8..28, 1i8..28), 0..6), day in 1i8..28
    ) {
        let mut text = "code,name,kind,valid_from,valid_to\n".to_owned();
        for (code, name, from, to) in &rows {
            text.push_str(&format!("{code},{name},x,2025-01-{from:02},2025-01-{to:02}\n"));
        }
        let Ok(table) = built(TableSpec { one_to_one: vec!["name".to_owned()], ..spec() }, &text) else { return Ok(()) };
        let day = date(2025, 1, day);
        for code in ["1", "2"] {
            let holding: Vec<_> = table.rows().iter().filter(|row| row.key == [code] && row.holds_on(day)).collect();
            prop_assert!(holding.len() <= 1);
            prop_assert_eq!(table.lookup(&[code], day).ok(), holding.first().copied());
            if let Some(row) = holding.first() {
                prop_assert_eq!(table.lookup_back("name", &row.values[0], day).map(Row::code), Ok(code.to_owned()));
            }
        }
    }

    #[test]
    fn no_text_panics(text in "(code,name,kind(,valid_to)?\n)?\\PC*") {
        let _built = built(spec(), &text);
    }
}
