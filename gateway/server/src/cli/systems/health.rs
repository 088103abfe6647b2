//! `systems show`: one system's state, measures and backlog as text. It decides nothing about them.

use serde_json::Value;

use crate::cli::Out;
use crate::cli::show::{inner, instant, list, rows, text};

/// When its backlog will be drained, or why nobody can tell.
pub(super) fn drained(system: &Value) -> String {
    let Some(backlog) = system.get("condition").and_then(|condition| condition.get("backlog")) else {
        return String::new();
    };
    match text(backlog, "drained").as_str() {
        "at" => instant(backlog, "drained_at"),
        "unknown" => format!("unknown: {}", text(backlog, "unknown_because").replace('_', " ")),
        other => other.to_owned(),
    }
}

/// Prints who has stopped sending.
pub(super) fn silences(answer: &Value, out: &Out) {
    let silences = list(answer, "silences");
    if out.is_json() {
        silences.iter().for_each(|silence| out.value(silence));
        return;
    }
    let cells: [fn(&Value) -> String; 4] = [
        |row| text(row, "client"),
        |row| instant(row, "last"),
        |row| instant(row, "since"),
        |row| match text(row, "by").as_str() {
            "declared" => format!("longer than {} s", text(row, "after_seconds")),
            _learned => {
                format!("at least {} came in these hours of each of {} weeks", text(row, "least"), text(row, "weeks"))
            }
        },
    ];
    out.table(&["client", "last message", "silent since", "reported because"], rows(silences, &cells));
}

/// Prints the whole of it, or a table of facts.
pub(super) fn print(shown: &Value, out: &Out) {
    if out.is_json() {
        out.value(shown);
        return;
    }
    let none = Value::Null;
    let system = shown.get("system").unwrap_or(&none);
    let condition = system.get("condition").unwrap_or(&none);
    let recent = condition.get("recent").unwrap_or(&none);
    let backlog = condition.get("backlog").unwrap_or(&none);
    let looked = backlog.get("looked_at").unwrap_or(&none);
    let signs: Vec<String> = list(condition, "signs").iter().map(|sign| text(sign, "text")).collect();
    let known = |value: String| if value.is_empty() { "unknown".to_owned() } else { value };
    let latency = |name| inner(recent, "latency", name);
    let facts = [
        ("system", text(system, "name")),
        ("state", text(condition, "state")),
        ("since", instant(condition, "since")),
        ("because", if signs.is_empty() { "nothing speaks against it".to_owned() } else { signs.join("; ") }),
        ("gate", text(system, "gate")),
        ("session", text(condition, "session")),
        ("last success", instant(system, "last_success")),
        (
            "attempts lately",
            format!(
                "{} answered, {} refused the data, {} not served",
                text(recent, "answered"),
                text(recent, "refused"),
                text(recent, "failed")
            ),
        ),
        ("p50, p95, p99 in ms", [latency("p50_ms"), latency("p95_ms"), latency("p99_ms")].join(" ")),
        ("came, went a minute", format!("{} {}", text(recent, "came_a_minute"), text(recent, "went_a_minute"))),
        ("open, parked", format!("{} {}", text(backlog, "open"), text(system, "parked"))),
        ("drained", drained(system)),
        ("dates that will be missed", text(backlog, "will_miss")),
        ("overdue, near", format!("{} {}", text(looked, "overdue"), text(looked, "near"))),
        ("oldest", instant(looked, "oldest")),
    ];
    let facts = facts.into_iter().map(|(name, value)| vec![name.to_owned(), known(value.trim().to_owned())]).collect();
    out.table(&["", ""], facts);
}
