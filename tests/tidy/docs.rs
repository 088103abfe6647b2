//! Documentation that must keep step with code: fault codes and the README's invariants.

use lienthong_core::{FaultCode, FaultKind};

use crate::tree::{none, root};

#[test]
fn every_public_fault_code_has_its_section() {
    let text = std::fs::read_to_string(root().join("docs/faults.md")).unwrap();
    let mut breaches = Vec::new();
    for code in FaultCode::all() {
        let heading = format!("## {}", code.as_str());
        let Some(section) = text.split("\n## ").find(|section| section.lines().next() == Some(code.as_str())) else {
            breaches.push(format!("{heading} is missing"));
            continue;
        };
        for part in ["**What happened.**", "**Who acts.**", "**What to do.**"] {
            if !section.contains(part) {
                breaches.push(format!("{heading} lacks {part}"));
            }
        }
    }
    none("each public code says what happened, who acts and what to do", &breaches);
}

#[test]
fn no_section_is_about_a_code_that_is_not() {
    let text = std::fs::read_to_string(root().join("docs/faults.md")).unwrap();
    let stray: Vec<String> = text
        .lines()
        .filter_map(|line| line.strip_prefix("## "))
        .filter(|heading| heading.starts_with("LT-") && heading.parse::<FaultCode>().is_err())
        .map(str::to_owned)
        .collect();
    none("no section for a code that does not exist", &stray);
}

#[test]
fn the_kinds_table_says_what_the_code_does() {
    let text = std::fs::read_to_string(root().join("docs/faults.md")).unwrap();
    let mut breaches = Vec::new();
    for kind in FaultKind::ALL {
        let row = format!("| `{}` | {} |", kind.as_str(), kind.http_status());
        if !text.contains(&row) {
            breaches.push(format!("no row `{row}`"));
        }
    }
    none("every fault kind stands in the table with its HTTP status", &breaches);
}

#[test]
fn every_invariant_names_a_test_that_exists() {
    let readme = std::fs::read_to_string(root().join("README.md")).unwrap();
    let sources: String =
        crate::tree::files(&[".rs"]).iter().map(|path| std::fs::read_to_string(path).unwrap()).collect();
    let invariants: Vec<&str> = readme.lines().filter(|line| line.contains("**Invariant:**")).collect();
    assert!(invariants.len() >= 8, "the README lists its invariants");
    let mut breaches = Vec::new();
    for line in invariants {
        let tests: Vec<&str> =
            line.split('`').skip(1).step_by(2).filter(|name| sources.contains(&format!("fn {name}("))).collect();
        if tests.is_empty() {
            breaches.push(line.to_owned());
        }
    }
    none("each invariant names, in backticks, a test that holds it", &breaches);
}
