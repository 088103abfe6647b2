//! The example's code tables: the traps of the mergers, the documented functions, and where problems of tables are told.

use lienthong_core::program::{Compiler, ProgramText};
use lienthong_engine::routing::{Programs, own_functions};
use lienthong_engine::tables::{Missing, Table};
use serde_json::Value;

use super::*;

fn tables() -> std::sync::Arc<lienthong_engine::tables::Tables> {
    match load(&example()) {
        Ok(loaded) => loaded.tables,
        Err(problems) => panic!("{:#?}", told(&problems)),
    }
}

fn day(text: &str) -> jiff::civil::Date {
    text.parse().unwrap()
}

fn cell<'t>(table: &'t Table, code: &str, on: &str, column: &str) -> Result<&'t str, Missing> {
    table.lookup(&[code], day(on)).map(|row| table.value(row, column).unwrap())
}

/// A code that kept its number and changed its province on 1 July 2025: before, after, and the code `after` had before.
fn trap(code: &str, before: &str, after: &str, old_code: &str) {
    let tables = tables();
    let (provinces, successors) = (tables.get("provinces").unwrap(), tables.get("province-successors").unwrap());
    assert_eq!(cell(provinces, code, "2025-06-30", "name"), Ok(before));
    assert_eq!(cell(provinces, code, "2025-07-01", "name"), Ok(after));
    assert_eq!(cell(provinces, old_code, "2025-06-30", "name"), Ok(after));
    assert_eq!(cell(provinces, old_code, "2025-07-01", "name"), Err(Missing::OtherDay));
    let back = |on: &str| provinces.lookup_back("name", after, day(on)).map(|row| row.code());
    assert_eq!((back("2025-06-30"), back("2025-07-01")), (Ok(old_code.to_owned()), Ok(code.to_owned())));
    for old in [code, old_code] {
        assert_eq!(cell(successors, old, "2025-07-01", "new_code"), Ok(code));
        assert_eq!(cell(successors, old, "2025-06-30", "new_code"), Err(Missing::OtherDay));
    }
}

#[test]
fn code_15_was_yen_bai_and_is_lao_cai() {
    trap("15", "Yên Bái", "Lào Cai", "10");
}

#[test]
fn code_24_was_bac_giang_and_is_bac_ninh() {
    trap("24", "Bắc Giang", "Bắc Ninh", "27");
}

#[test]
fn code_44_was_quang_binh_and_is_quang_tri() {
    trap("44", "Quảng Bình", "Quảng Trị", "45");
}

#[test]
fn code_52_was_binh_dinh_and_is_gia_lai() {
    trap("52", "Bình Định", "Gia Lai", "64");
}

#[test]
fn code_80_was_long_an_and_is_tay_ninh() {
    trap("80", "Long An", "Tây Ninh", "72");
}

#[test]
fn code_82_was_tien_giang_and_is_dong_thap() {
    trap("82", "Tiền Giang", "Đồng Tháp", "87");
}

#[test]
fn code_91_was_kien_giang_and_is_an_giang() {
    trap("91", "Kiên Giang", "An Giang", "89");
}

#[test]
fn code_75_is_a_city_from_30_april_2026() {
    let tables = tables();
    let provinces = tables.get("provinces").unwrap();
    assert_eq!(cell(provinces, "75", "2026-04-29", "kind"), Ok("Tỉnh"));
    assert_eq!(cell(provinces, "75", "2026-04-30", "kind"), Ok("Thành phố"));
    assert_eq!(cell(provinces, "46", "2024-12-31", "name"), Ok("Thừa Thiên Huế"));
    assert_eq!(cell(provinces, "46", "2025-01-01", "name"), Ok("Huế"));
}

#[test]
fn sixty_three_provinces_became_thirty_four_and_each_has_its_successor() {
    let tables = tables();
    let (provinces, successors) = (tables.get("provinces").unwrap(), tables.get("province-successors").unwrap());
    let on = |date: &str| provinces.rows().iter().filter(|row| row.holds_on(day(date))).count();
    assert_eq!((on("2025-06-30"), on("2025-07-01"), on("2026-04-30")), (63, 34, 34));
    for row in provinces.rows().iter().filter(|row| row.holds_on(day("2025-06-30"))) {
        let new = cell(successors, &row.key[0], "2025-07-01", "new_code").unwrap();
        assert!(provinces.lookup(&[new], day("2025-07-01")).is_ok(), "{} leads to {new}", row.key[0]);
    }
}

#[test]
fn dossier_statuses_lead_both_ways_and_ethnic_groups_are_fifty_four() {
    let tables = tables();
    let statuses = tables.get("dossier-statuses").unwrap();
    for row in statuses.rows() {
        let back = statuses.lookup_back("portal", &row.values[0], day("2025-01-15")).unwrap();
        assert_eq!(back, row);
    }
    assert_eq!(tables.get("ethnicities").unwrap().rows().len(), 54);
}

#[test]
fn every_function_of_ours_is_documented_with_an_example_that_runs() {
    let page = std::fs::read_to_string(example().join("../docs/mapping.md")).unwrap();
    let programs = Programs::over(&tables());
    for (name, _) in own_functions() {
        let section = page.split("\n### ").find(|section| section.lines().next() == Some(name));
        let section = section.unwrap_or_else(|| panic!("docs/mapping.md has no section on {name}"));
        let fence = |number: usize| section.split("```").nth(number * 2 + 1).unwrap().split_once('\n').unwrap();
        let [(_, input), (language, text), (_, output)] = [fence(0), fence(1), fence(2)];
        assert!(language == "coffee" && text.contains(name), "{name}");
        let text = ProgramText { place: format!("docs/mapping.md {name}"), text: text.to_owned() };
        let program = programs.compile(&text).unwrap_or_else(|problems| panic!("{name}: {problems:#?}"));
        let made = program.run(serde_json::from_str(input).unwrap()).unwrap_or_else(|fault| panic!("{name}: {fault}"));
        assert_eq!(made, serde_json::from_str::<Value>(output).unwrap(), "{name}");
    }
}

#[test]
fn problems_of_tables_are_told_where_they_stand() {
    let declared = "tables:\n  - name: a\n    file: a.csv\n    description: x\n    key: [code]\n    values: [name]\n    total: true\n  - name: b\n    file: missing.csv\n    description: x\n    key: [code]\n    values: [name]\n    one_to_noe: true\n";
    let rows = "code,name,valid_to\n1,x,2025-06-30\n2,y,2025-02-30\n";
    let base = files(&example()).into_iter().filter(|(path, _)| !path.starts_with("tables/"));
    let changed = [("tables/tables.yaml", declared), ("tables/a.csv", rows)];
    let folder = Folder::of(example(), base.chain(changed.map(|(path, text)| (path.to_owned(), text.to_owned()))));
    let found = told(&load_folder(&folder).err().unwrap_or_default());
    for start in [
        "tables/a.csv:3 `2025-02-30` is no day",
        "tables/tables.yaml:9 there is no file tables/missing.csv",
        "tables/tables.yaml:13 `one_to_noe` is not known here | did you mean `one_to_one`?",
    ] {
        assert!(found.iter().any(|line| line.starts_with(start)), "{start} {found:#?}");
    }
}

#[test]
fn a_file_no_table_names_and_a_table_no_program_finds_are_problems() {
    let found = told(&problems(&[("tables/left.csv", "a,b\n")]));
    assert_eq!(
        found,
        ["tables/left.csv:0 no table is declared for this file | name it in tables/tables.yaml, or remove it"]
    );
    let routes = files(&example()).remove("routes/10-portal.yaml").unwrap();
    let with = "transform: '.x = lookup!(\"provinecs\", .y, at: .z)'";
    let wrong = routes.replacen("transform: { file: handling-unit.vrl }", with, 1);
    let found = told(&problems(&[("routes/10-portal.yaml", &wrong)]));
    assert!(found.iter().any(|line| line.contains("there is no table provinecs")), "{found:#?}");
}

#[test]
fn a_misspelt_message_of_another_systems_list_is_a_problem() {
    let declared = files(&example()).remove("tables/tables.yaml").unwrap();
    let wrong = declared.replacen("land.list-received", "portal.list-received", 1);
    let found = told(&problems(&[("tables/tables.yaml", &wrong)]));
    assert!(found.len() == 1 && found[0].contains("there is no message portal.list-received"), "{found:#?}");
}

#[test]
fn a_changed_row_is_another_version() {
    let version = |folder: &Folder| load_folder(folder).map_err(|found| told(&found)).unwrap().version;
    let rows = files(&example()).remove("tables/land-fees.csv").unwrap();
    let more = format!("{rows}9999,other,Khác\n");
    assert_ne!(version(&altered(&[])), version(&altered(&[("tables/land-fees.csv", &more)])));
}
