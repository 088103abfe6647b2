//! Rules on whole files: length, the opening sentence, no leftovers, nothing that belongs to one machine.

use crate::tree::{files, none, shown};

const MOST_LINES: usize = 400;

#[test]
fn no_source_file_is_longer_than_400_lines() {
    let mut breaches = Vec::new();
    for path in files(&[".rs"]) {
        let lines = std::fs::read_to_string(&path).unwrap().lines().count();
        if lines > MOST_LINES {
            breaches.push(format!("{}: {lines} lines", shown(&path)));
        }
    }
    none("a file does one thing in at most 400 lines", &breaches);
}

#[test]
fn every_source_file_opens_by_saying_what_it_is() {
    let mut breaches = Vec::new();
    for path in files(&[".rs"]) {
        let text = std::fs::read_to_string(&path).unwrap();
        if !text.starts_with("//! ") {
            breaches.push(shown(&path));
        }
    }
    none("a file opens with one `//!` sentence", &breaches);
}

#[test]
fn nothing_is_left_over() {
    let marks = ["TO".to_owned() + "DO", "FIX".to_owned() + "ME", "XX".to_owned() + "X:", "HA".to_owned() + "CK:"];
    let mut breaches = Vec::new();
    for path in files(&[".rs", ".md", ".toml", ".yaml", ".proto", ".sql", ".vrl", ".csv"]) {
        for (number, line) in std::fs::read_to_string(&path).unwrap().lines().enumerate() {
            if marks.iter().any(|mark| line.contains(mark.as_str())) {
                breaches.push(format!("{}:{}", shown(&path), number + 1));
            }
        }
    }
    none("no leftover marks", &breaches);
}

#[test]
fn nothing_names_one_machine() {
    let places = ["/wo".to_owned() + "rk/", "/ro".to_owned() + "ot/", "/ho".to_owned() + "me/"];
    let mut breaches = Vec::new();
    for path in files(&[".rs", ".md", ".toml", ".yaml", ".proto", ".sql", ".vrl", ".csv", "/run"]) {
        for (number, line) in std::fs::read_to_string(&path).unwrap().lines().enumerate() {
            if places.iter().any(|place| line.contains(place.as_str())) {
                breaches.push(format!("{}:{}", shown(&path), number + 1));
            }
        }
    }
    none("no path of one machine", &breaches);
}
