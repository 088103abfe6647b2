//! Every problem at once, each where it stands.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::super::tree;
use super::*;

#[derive(Debug, Deserialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields)]
struct Farm {
    /// What it is called.
    name: String,
    /// How big it is, in hectares.
    size: u32,
    #[serde(default)]
    animals: Vec<Animal>,
    #[serde(default)]
    prices: BTreeMap<String, u32>,
}

#[derive(Debug, Deserialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields)]
struct Animal {
    kind: Sort,
    legs: u8,
    #[serde(default)]
    food: Option<Food>,
}

#[derive(Debug, Deserialize, JsonSchema, PartialEq)]
#[serde(rename_all = "kebab-case")]
enum Sort {
    Cow,
    WaterBuffalo,
}

#[derive(Debug, Deserialize, JsonSchema, PartialEq)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
enum Food {
    Grass,
    Bought { from: String, price: u32 },
}

fn problems(text: &str) -> Vec<(usize, String)> {
    let (tree, syntax) = tree::parse(text);
    assert!(syntax.is_empty(), "{syntax:?}");
    let (value, problems) = read::<Farm>(&tree.unwrap());
    assert!(!problems.is_empty(), "{value:?}");
    let mut found: Vec<_> =
        problems.into_iter().map(|p| (p.place.line, format!("{} | {}", p.problem, p.remedy))).collect();
    found.sort();
    found
}

#[test]
fn what_is_right_is_read() {
    let text = "name: 12\nsize: 3\nanimals:\n  - kind: water-buffalo\n    legs: 4\n    food:\n      bought: {from: a, price: 2}\n  - {kind: cow, legs: 4, food: grass}\nprices: {milk: 3}\n";
    let (tree, _) = tree::parse(text);
    let (farm, problems) = read::<Farm>(&tree.unwrap());
    assert!(problems.is_empty(), "{problems:?}");
    let farm = farm.unwrap();
    assert_eq!((farm.name.as_str(), farm.animals.len(), farm.prices.get("milk")), ("12", 2, Some(&3)));
    assert_eq!(farm.animals[0].food, Some(Food::Bought { from: "a".to_owned(), price: 2 }));
}

#[test]
fn every_problem_is_found_in_one_reading() {
    let text = "sise: 3\nanimals:\n  - kind: caw\n    legs: many\n  - kind: cow\n    food:\n      bought: {from: a, prise: 2}\n  - legs: 300\n    colour: red\nprices:\n  milk: dear\n  eggs: 1\n";
    let found = problems(text);
    let lines: Vec<usize> = found.iter().map(|(line, _)| *line).collect();
    assert_eq!(lines, [1, 1, 1, 3, 4, 5, 7, 7, 8, 8, 9, 11], "{found:#?}");
    let all = found.iter().map(|(line, text)| format!("{line} {text}\n")).collect::<String>();
    for expected in [
        "1 `name` is missing | add `name:` — What it is called.",
        "1 `size` is missing | add `size:` — How big it is, in hectares.",
        "1 `sise` is not known here | did you mean `size`?",
        "3 `kind`: `caw` is not one of the choices | did you mean `cow`?",
        "4 `legs`: a text stands here",
        "5 `legs` is missing",
        "7 `prise` is not known here | did you mean `price`?",
        "7 `price` is missing",
        "8 `kind` is missing",
        "9 `colour` is not known here | the keys here are kind, legs, food",
        "11 `milk`: a text stands here",
    ] {
        assert!(all.contains(expected), "{expected}\n---\n{all}");
    }
}

#[test]
fn unknown_keys_alone_leave_a_value_to_go_on_with() {
    let (tree, _) = tree::parse("name: a\nsize: 1\ncolour: red\n");
    let (farm, problems) = read::<Farm>(&tree.unwrap());
    assert_eq!((farm.unwrap().size, problems.len()), (1, 1));
}

#[test]
fn a_value_of_the_wrong_kind_is_not_repeated() {
    let found = problems("name: [hunter2]\nsize: hunter2\n");
    assert!(found.iter().all(|(_, text)| !text.contains("hunter2")), "{found:?}");
    assert_eq!(found.len(), 2);
}
