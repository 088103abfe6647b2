//! Function length, counted from the signature to its closing brace. Formatting is rustfmt's, so braces stand where they should.

use crate::tree::{files, none, shown};

const MOST_LINES: usize = 70;

#[test]
fn no_function_is_longer_than_70_lines() {
    let mut breaches = Vec::new();
    for path in files(&[".rs"]) {
        for (line, name, length) in functions(&std::fs::read_to_string(&path).unwrap()) {
            if length > MOST_LINES {
                breaches.push(format!("{}:{line} {name}: {length} lines", shown(&path)));
            }
        }
    }
    none("a function fits on a screen", &breaches);
}

/// (first line, name, lines) of every function with a body.
fn functions(text: &str) -> Vec<(usize, String, usize)> {
    let lines: Vec<&str> = text.lines().collect();
    let mut found = Vec::new();
    for (start, line) in lines.iter().enumerate() {
        let Some(name) = function_name(line) else { continue };
        let indent = line.len() - line.trim_start().len();
        let end = lines[start..].iter().position(|later| {
            later.len() > indent && later.starts_with(&format!("{}}}", " ".repeat(indent)))
                || *later == format!("{}}}", " ".repeat(indent))
        });
        if let Some(length) = end {
            found.push((start + 1, name, length + 1));
        }
    }
    found
}

fn function_name(line: &str) -> Option<String> {
    let code = line.trim_start();
    let after = [
        "fn ",
        "pub fn ",
        "async fn ",
        "pub async fn ",
        "pub(crate) fn ",
        "pub(crate) async fn ",
        "pub(super) fn ",
        "pub(super) async fn ",
        "const fn ",
        "pub const fn ",
    ]
    .iter()
    .find_map(|start| code.strip_prefix(start))?;
    (!line.ends_with(';') && !line.ends_with("{}"))
        .then(|| after.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect())
}

#[test]
fn the_counter_counts() {
    let text =
        "impl A {\n    pub fn long(\n        &self,\n    ) {\n        x();\n    }\n}\nfn short() {}\nfn two() {\n}\n";
    assert_eq!(functions(text), vec![(2, "long".to_owned(), 5), (9, "two".to_owned(), 2)]);
}
