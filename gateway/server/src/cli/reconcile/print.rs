//! Runs, differences and what is configured as tables for people, or as JSON for programs. It asks nothing.

use serde_json::Value;

use super::super::Out;
use super::super::show::{inner, list, rows, text};

pub(super) fn print(run: &Value, out: &Out) {
    if out.is_json() {
        out.value(run);
        return;
    }
    let counts = [
        "keys",
        "equal",
        "different",
        "missing_there",
        "missing_here",
        "status",
        "due",
        "returned",
        "newer_there",
        "outside",
        "repeated",
        "conflicting",
        "unanswered",
    ];
    let mut facts: Vec<Vec<String>> = ["name", "state", "because", "from", "to", "by"]
        .iter()
        .map(|name| vec![(*name).to_owned(), text(run, name)])
        .collect();
    facts.extend(counts.iter().map(|name| vec![name.replace('_', " "), inner(run, "counts", name)]));
    facts.push(vec!["rows".to_owned(), inner(run, "here", "rows")]);
    facts.push(vec!["rows that could not be read".to_owned(), inner(run, "here", "refused")]);
    for sending in list(run, "sendings") {
        facts.push(vec![format!("sent by {}", text(sending, "by")), text(sending, "sent")]);
        facts.push(vec!["not sent".to_owned(), text(sending, "not_sent")]);
    }
    out.table(&["run", &text(run, "id")], facts);
    let problems = run.get("here").map(|here| list(here, "problems")).unwrap_or_default();
    if !problems.is_empty() {
        let cells: [fn(&Value) -> String; 2] = [|row| text(row, "line"), |row| text(row, "problem")];
        out.table(&["line", "why it could not be read"], rows(problems, &cells));
    }
}

pub(super) fn print_list(answer: &Value, out: &Out) {
    if out.is_json() {
        out.value(answer);
        return;
    }
    let cells: [fn(&Value) -> String; 4] =
        [|row| text(row, "name"), |row| text(row, "operation"), |row| text(row, "daily"), |row| text(row, "summary")];
    out.table(&["configured", "operation", "daily at", "compares"], rows(list(answer, "configured"), &cells));
    let cells: [fn(&Value) -> String; 7] = [
        |row| text(row, "id"),
        |row| text(row, "name"),
        |row| text(row, "from"),
        |row| text(row, "to"),
        |row| text(row, "state"),
        |row| inner(row, "counts", "different"),
        |row| text(row, "because"),
    ];
    let headings = ["run", "name", "from", "to", "state", "different", "because"];
    out.table(&headings, rows(list(answer, "runs"), &cells));
}

pub(super) fn print_differences(page: &Value, out: &Out) {
    let found = list(page, "differences");
    if out.is_json() {
        found.iter().for_each(|one| out.value(one));
    } else {
        let cells: [fn(&Value) -> String; 9] = [
            |row| text(row, "place"),
            |row| text(row, "key"),
            |row| list(row, "aspects").iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" "),
            |row| inner(row, "here", "status"),
            |row| inner(row, "there", "status"),
            |row| text(row, "newer"),
            |row| text(row, "why"),
            |row| text(row, "who_must_act"),
            |row| text(row, "sent_as") + &text(row, "not_sent"),
        ];
        let headings = ["place", "key", "differs in", "here", "there", "newer", "why", "who must act", "sent"];
        out.table(&headings, rows(found, &cells));
    }
    if let Some(cursor) = page.get("next_cursor").and_then(Value::as_str) {
        out.note(format_args!("there is more: --cursor {cursor}"));
    }
}
