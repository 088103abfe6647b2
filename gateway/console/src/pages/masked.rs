//! The structure of a JSON content without its values. It shows none, whatever the content is.

use serde_json::Value;

/// Items shown of one list; what follows looks the same in all but hostile contents.
const ITEMS: usize = 5;
/// Lines shown in all.
const LINES: usize = 400;

/// The masked text; `None` for what is no JSON.
pub(super) fn masked(bytes: &[u8]) -> Option<String> {
    let value: Value = serde_json::from_slice(bytes).ok()?;
    let mut lines = Vec::new();
    write(&mut lines, 0, "", &value);
    if lines.len() > LINES {
        lines.truncate(LINES);
        lines.push("…".to_owned());
    }
    Some(lines.join("\n"))
}

fn write(lines: &mut Vec<String>, depth: usize, name: &str, value: &Value) {
    if lines.len() > LINES {
        return;
    }
    let indent = "  ".repeat(depth);
    match value {
        Value::Object(fields) => {
            lines.push(format!("{indent}{name}{{"));
            fields.iter().for_each(|(key, value)| write(lines, depth + 1, &format!("{key}: "), value));
            lines.push(format!("{indent}}}"));
        }
        Value::Array(items) => {
            lines.push(format!("{indent}{name}[ {}", items.len()));
            items.iter().take(ITEMS).for_each(|item| write(lines, depth + 1, "", item));
            if items.len() > ITEMS {
                lines.push(format!("{indent}  …"));
            }
            lines.push(format!("{indent}]"));
        }
        Value::String(text) => lines.push(format!("{indent}{name}\"•••\" ({})", text.chars().count())),
        Value::Number(_) => lines.push(format!("{indent}{name}•••")),
        Value::Bool(_) => lines.push(format!("{indent}{name}•")),
        Value::Null => lines.push(format!("{indent}{name}null")),
    }
}

#[cfg(test)]
mod unit {
    use super::*;

    #[test]
    fn no_value_of_any_kind_is_seen() {
        let body = br#"{"name":"NGUYEN","id":79123,"ok":true,"none":null,"list":["x1","x2","x3","x4","x5","x6"]}"#;
        let text = masked(body).unwrap();
        for value in ["NGUYEN", "79123", "true", "x1"] {
            assert!(!text.contains(value), "{text}");
        }
        assert!(text.contains("name: \"•••\" (6)") && text.contains("list: [ 6") && text.contains('…'), "{text}");
        assert_eq!(masked(b"<xml/>"), None);
    }

    #[test]
    fn a_long_structure_is_cut() {
        let many: serde_json::Map<String, Value> = (0..5000).map(|n| (n.to_string(), Value::Null)).collect();
        let text = masked(Value::from(many).to_string().as_bytes()).unwrap();
        assert_eq!(text.lines().count(), LINES + 1);
    }
}
