//! Public JSON as text for tables. It knows shapes, not meanings; what is absent is an empty cell.

use serde_json::Value;

/// A member as a text; numbers and truth values are written out.
pub(crate) fn text(value: &Value, key: &str) -> String {
    match value.get(key) {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => lienthong_core::text::shown(text),
        Some(other) => other.to_string(),
    }
}

/// A member of a member.
pub(crate) fn inner(value: &Value, outer: &str, key: &str) -> String {
    value.get(outer).map(|value| text(value, key)).unwrap_or_default()
}

/// The items of a list member.
pub(crate) fn list<'v>(value: &'v Value, key: &str) -> &'v [Value] {
    value.get(key).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

/// An instant without its fraction of a second.
pub(crate) fn instant(value: &Value, key: &str) -> String {
    let full = text(value, key);
    match (full.find('.'), full.ends_with('Z')) {
        (Some(point), true) => format!("{}Z", full.get(..point).unwrap_or(&full)),
        (Some(_) | None, _) => full,
    }
}

/// Rows of a list, a cell per column.
pub(crate) fn rows(items: &[Value], cells: &[fn(&Value) -> String]) -> Vec<Vec<String>> {
    items.iter().map(|item| cells.iter().map(|cell| cell(item)).collect()).collect()
}

/// What went wrong, in one line: the code and the public English text.
pub(crate) fn fault(value: &Value) -> String {
    let Some(fault) = value.get("fault").filter(|fault| fault.is_object()) else { return String::new() };
    let said = text(fault, "text_en");
    format!("{} {said}", text(fault, "code")).trim().to_owned()
}

/// Why, as far as the caller may know: the fields, what the target said, what happened inside.
pub(crate) fn cause(value: &Value) -> String {
    let Some(fault) = value.get("fault").filter(|fault| fault.is_object()) else { return String::new() };
    let field = |problem: &Value| format!("{}: {}", text(problem, "pointer"), text(problem, "problem"));
    let mut parts: Vec<String> = list(fault, "field_problems").iter().map(field).collect();
    for (name, shown) in [("system_code", "their code"), ("system_text", "they say"), ("internal", "inside")] {
        let said = text(fault, name);
        if !said.is_empty() {
            parts.push(format!("{shown}: {said}"));
        }
    }
    parts.join("; ")
}
